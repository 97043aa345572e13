-- name: epoch
-- Which life of the database this is; a restore begins another.
SELECT value FROM meta WHERE name = 'epoch';

-- name: known
-- The op of this id in the record, and the stored first answer to it with this body, which comes first. In the record
-- and without a stored answer: it was applied.
SELECT id, '' AS order_no, 0 AS line_no, '' AS actor, '' AS said, result FROM op_results WHERE id = :id AND body = :body
UNION ALL SELECT id, order_no, line_no, actor, said, '' AS result FROM ops WHERE id = :id
ORDER BY result DESC;

-- name: store_result
-- One answer per id and body, for ever, where it says more than that the op was applied.
INSERT INTO op_results (id, body, result) VALUES (:id, :body, :result) ON CONFLICT DO NOTHING;

-- name: is_order
-- Is there such an order?
SELECT 1 FROM orders WHERE order_no = :order_no;

-- name: add_op
-- An op enters the record.
INSERT INTO ops (id, order_no, line_no, actor, carrier, received_at, known, said)
VALUES (:id, :order_no, :line_no, :actor, :carrier, :at, :known, :said);

-- name: park
-- What cannot be taken is kept as it came, and shown.
INSERT INTO parked (carrier, op_id, raw, code, zh, en, at) VALUES (:carrier, :op_id, :raw, :code, :zh, :en, :at);

-- name: parked
-- What was parked, newest first.
SELECT id, carrier, op_id, raw, code, zh, en, at FROM parked WHERE id < :before ORDER BY id DESC LIMIT :count;

-- name: reach
-- How far a device's numbers have come.
SELECT have, beyond FROM op_counts WHERE device = :device;

-- name: save_reach
-- How far they have come now.
INSERT INTO op_counts (device, have, beyond) VALUES (:device, :have, :beyond)
ON CONFLICT (device) DO UPDATE SET have = excluded.have, beyond = excluded.beyond;

-- name: tasks
-- What a warehouse has to pick.
SELECT order_no FROM orders
WHERE state IN ('to_pick', 'picking') AND held = 0 AND warehouse = :warehouse ORDER BY order_no;

-- name: held
-- What is out of a warehouse's queue by a hold.
SELECT order_no FROM orders
WHERE state IN ('paid', 'to_pick', 'picking') AND held = 1 AND warehouse = :warehouse ORDER BY order_no;

-- name: changed
-- Orders with entries after a position that say more than who looked.
SELECT DISTINCT SUBSTR(subject, 7) AS order_no FROM journal
WHERE pos > :pos AND subject LIKE 'order:%' AND kind <> 'order.viewed';

-- name: left
-- Orders that left a queue after a position: moved on, or put on hold, from where they could be picked.
SELECT DISTINCT SUBSTR(subject, 7) AS order_no FROM journal
WHERE pos > :pos AND subject LIKE 'order:%'
  AND (body LIKE '%"from":"to_pick"%' OR body LIKE '%"from":"picking"%');

-- name: was_here
-- Has this order ever stood in this warehouse?
SELECT 1 FROM snapshots WHERE order_no = :order_no AND warehouse = :warehouse LIMIT 1;

-- name: mover
-- Whose command made the last snapshot.
SELECT actor FROM snapshots WHERE order_no = :order_no ORDER BY n DESC LIMIT 1;

-- name: last_move
-- Where the ledger of stock stands.
SELECT COALESCE(MAX(id), 0) FROM moves;

-- name: moved
-- SKUs whose bins may have another order of fullness since a move.
SELECT DISTINCT sku FROM moves WHERE id > :id AND warehouse = :warehouse;

-- name: last_pos
-- Where the journal stands.
SELECT COALESCE(MAX(pos), 0) FROM journal;

-- name: master_changed
-- Have bins, or what SKUs are called, changed after a position?
SELECT 1 FROM journal WHERE pos > :pos AND kind IN ('bin.saved', 'sku.saved') LIMIT 1;

-- name: bins
-- A warehouse's bins and what lies there.
SELECT b.code, b.sku, b.body, COALESCE(k.name, '') AS name, COALESCE(k.gtin, '') AS gtin
FROM bins b LEFT JOIN skus k ON k.code = b.sku WHERE b.warehouse = :warehouse ORDER BY b.code;

-- name: conflicts_open
-- Open conflicts of a warehouse.
SELECT id, order_no, kind, body FROM conflicts WHERE is_open = 1 AND warehouse = :warehouse ORDER BY id;

-- name: conflicts_of
-- All conflicts of one order, as one warehouse is told.
SELECT id, order_no, kind, body FROM conflicts WHERE order_no = :order_no AND warehouse = :warehouse ORDER BY id;

-- name: conflicts_page
-- Conflicts, open ones first told.
SELECT id, order_no, warehouse, kind, body, is_open, changed_at FROM conflicts
WHERE id > :after AND (:is_open < 0 OR is_open = :is_open) ORDER BY id LIMIT :count;

-- name: conflict
-- One conflict.
SELECT id, order_no, kind, body, is_open FROM conflicts WHERE id = :id;

-- name: actors_of
-- Whose picks an order's ops are.
SELECT id, actor FROM ops WHERE order_no = :order_no;

-- name: settle
-- A person's answer, numbered by the server.
INSERT INTO settlements (conflict, order_no, choice, actor, at, body)
VALUES (:conflict, :order_no, :choice, :actor, :at, :body) RETURNING seq;

-- name: count_known
-- A count that came, and what became of it.
SELECT id, device, actor, warehouse, bin, sku, qty, at, verdict, code, was, said FROM counts WHERE id = :id;

-- name: add_count
-- A count enters the record, before anybody judges it.
INSERT INTO counts (id, device, actor, warehouse, bin, sku, qty, at, device_at, received_at, verdict, code, said)
VALUES (:id, :device, :actor, :warehouse, :bin, :sku, :qty, :at, :device_at, :received_at, :verdict, :code, :said);

-- name: judge_count
-- What became of it.
UPDATE counts SET verdict = :verdict, code = :code, was = :was WHERE id = :id;

-- name: counted_after
-- A count of a bin that was made later and is applied.
SELECT id, device, warehouse, sku FROM counts WHERE bin = :bin AND at > :at AND verdict = 'applied' ORDER BY at DESC LIMIT 1;

-- name: move_at
-- The last move until a moment.
SELECT id FROM moves WHERE at <= :at ORDER BY id DESC LIMIT 1;

-- name: moves_since
-- What moved in a bin after a move.
SELECT kind, qty, order_no FROM moves WHERE id > :id AND warehouse = :warehouse AND sku = :sku AND bin = :bin;

-- name: ops_since
-- An order's ops that came after a moment.
SELECT id, order_no, line_no, actor, said FROM ops WHERE order_no = :order_no AND received_at > :at ORDER BY id;

-- name: counts_asked
-- Bins of a warehouse that are to be counted.
SELECT DISTINCT t.bin, t.sku, COALESCE(k.name, '') AS name FROM todos t LEFT JOIN skus k ON k.code = t.sku
WHERE t.kind = 'count' AND t.done_at IS NULL AND t.warehouse = :warehouse AND t.bin <> '' ORDER BY t.bin LIMIT :count;

-- name: counts_care
-- Counts that were not applied and whose bin nobody has counted again, newest first; what the record has there now.
SELECT c.id, c.device, c.actor, c.warehouse, c.bin, c.sku, c.qty, c.at, c.received_at, c.code,
  b.sku AS holds, COALESCE(k.name, '') AS name, COALESCE(s.qty, 0) AS lies
FROM counts c JOIN bins b ON b.code = c.bin
LEFT JOIN bin_stock s ON s.warehouse = b.warehouse AND s.sku = b.sku AND s.bin = b.code
LEFT JOIN skus k ON k.code = b.sku
JOIN todos t ON t.kind = 'count' AND t.cause = 'count/' || c.id AND t.done_at IS NULL
WHERE c.verdict = 'conflict' AND (:warehouse = '' OR c.warehouse = :warehouse) ORDER BY c.received_at DESC, c.id;
