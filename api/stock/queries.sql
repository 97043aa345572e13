-- name: sku
-- One SKU.
SELECT code, name, gtin, uom, weight_g, price_fen, price_uom, picture, active, lots FROM skus WHERE code = :code;

-- name: skus_all
-- A page of SKUs.
SELECT code, name, gtin, uom, weight_g, price_fen, price_uom, picture, active, lots FROM skus WHERE code > :after ORDER BY code LIMIT :count;

-- name: skus_like
-- SKUs by code, name or barcode: whose code begins so, whose name begins so, the rest that hold it.
SELECT code, name, gtin, uom, weight_g, price_fen, price_uom, picture, active, lots FROM skus
WHERE code LIKE :code_part ESCAPE '\' OR LOWER(name) LIKE LOWER(:part) ESCAPE '\' OR gtin = :code
ORDER BY active DESC, CASE WHEN code = :code OR gtin = :code THEN 0 WHEN code >= :code AND code < :code_beyond THEN 1
  WHEN name >= :text AND name < :beyond OR name >= :code AND name < :code_beyond THEN 2 ELSE 3 END, code LIMIT :count;

-- name: save_sku
-- New, or changed.
INSERT INTO skus (code, name, gtin, uom, weight_g, price_fen, price_uom, active)
VALUES (:code, :name, :gtin, :uom, :weight_g, :price_fen, :price_uom, :active)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, gtin = excluded.gtin, uom = excluded.uom,
  weight_g = excluded.weight_g, price_fen = excluded.price_fen, price_uom = excluded.price_uom, active = excluded.active;

-- name: sku_alike
-- A SKU whose code differs in the case of its letters at most.
SELECT code FROM skus WHERE UPPER(code) = UPPER(:code) ORDER BY code LIMIT 1;

-- name: bin_alike
-- A bin whose code differs so.
SELECT code FROM bins WHERE UPPER(code) = UPPER(:code) ORDER BY code LIMIT 1;

-- name: sku_by_gtin
-- Another SKU with this barcode.
SELECT code FROM skus WHERE gtin = :gtin AND gtin <> '' AND code <> :code ORDER BY code LIMIT 1;

-- name: sku_in_use
-- Do pieces lie anywhere, or does an order that has not ended count in them?
SELECT 1 FROM stock WHERE sku = :sku AND (on_hand > 0 OR reserved > 0)
UNION ALL
SELECT 1 FROM order_skus s JOIN orders o ON o.id = s.order_id
WHERE s.sku = :sku AND o.state NOT IN ('delivered', 'cancelled', 'returned', 'amended') LIMIT 1;

-- name: keep_picture
-- The same bytes are kept once.
INSERT INTO pictures (digest, media, content, at) VALUES (:digest, :media, :content, :at) ON CONFLICT DO NOTHING;

-- name: give_picture
-- Which picture a SKU has; empty: none.
UPDATE skus SET picture = :digest WHERE code = :code;

-- name: drop_picture
-- One that no SKU has any more.
DELETE FROM pictures WHERE digest = :digest AND NOT EXISTS (SELECT 1 FROM skus WHERE picture = :digest);

-- name: picture
-- Its bytes.
SELECT media, content FROM pictures WHERE digest = :digest;

-- name: units_of
-- A SKU's units beside its own.
SELECT uom, pieces, per, round FROM units WHERE sku = :sku ORDER BY uom;

-- name: units_between
-- The units of a page of SKUs.
SELECT sku, uom, pieces, per, round FROM units WHERE sku >= :first AND sku <= :last ORDER BY sku, uom;

-- name: drop_units
-- They are stated anew.
DELETE FROM units WHERE sku = :sku;

-- name: add_unit
-- One unit of a SKU.
INSERT INTO units (sku, uom, pieces, per, round) VALUES (:sku, :uom, :pieces, :per, :round);

-- name: warehouses
-- All warehouses, the company's default first.
SELECT code, name, adcode, lng_e6, lat_e6, cutoff,
  COALESCE((SELECT enabled + enabled * waits FROM wms_houses WHERE warehouse = code), 0) AS wms
FROM warehouses ORDER BY rank, code;

-- name: save_warehouse
-- New, or changed; the first one is the default.
INSERT INTO warehouses (code, name, adcode, lng_e6, lat_e6, cutoff, rank)
VALUES (:code, :name, :adcode, :lng_e6, :lat_e6, :cutoff, (SELECT COUNT(*) FROM warehouses))
ON CONFLICT (code) DO UPDATE SET name = excluded.name, adcode = excluded.adcode, lng_e6 = excluded.lng_e6,
  lat_e6 = excluded.lat_e6, cutoff = excluded.cutoff;

-- name: bin
-- One bin.
SELECT code, warehouse, sku, body FROM bins WHERE code = :code;

-- name: bin_by_body
-- The bin of a scanned code.
SELECT code, warehouse, sku, body FROM bins WHERE body = :body;

-- name: bins_all
-- A page of bins.
SELECT code, warehouse, sku, body FROM bins
WHERE code > :after AND (:warehouse = '' OR warehouse = :warehouse) ORDER BY code LIMIT :count;

-- name: bins_found
-- The same of those whose code or SKU begins so.
SELECT code, warehouse, sku, body FROM bins
WHERE code > :after AND (:warehouse = '' OR warehouse = :warehouse)
  AND (code >= :text AND code < :beyond OR sku >= :text AND sku < :beyond) ORDER BY code LIMIT :count;

-- name: bin_stock_list
-- What lies in which bin, also what lies in none.
SELECT b.warehouse, b.bin, b.sku, COALESCE(k.name, '') AS name, b.qty FROM bin_stock b LEFT JOIN skus k ON k.code = b.sku
WHERE b.qty <> 0 AND (:warehouse = '' OR b.warehouse = :warehouse)
  AND (:text = '' OR b.bin >= :text AND b.bin < :beyond OR b.sku >= :text AND b.sku < :beyond)
  AND (b.warehouse, b.bin, b.sku) > (:after_warehouse, :after_bin, :after_sku)
ORDER BY b.warehouse, b.bin, b.sku LIMIT :count;

-- name: bins_for
-- Where a SKU lies in a warehouse, the fullest first.
SELECT b.code, COALESCE(s.qty, 0) AS qty FROM bins b
LEFT JOIN bin_stock s ON s.warehouse = b.warehouse AND s.sku = b.sku AND s.bin = b.code
WHERE b.sku = :sku AND b.warehouse = :warehouse ORDER BY qty DESC, b.code;

-- name: save_bin
-- New, or changed.
INSERT INTO bins (code, warehouse, sku, body) VALUES (:code, :warehouse, :sku, :body)
ON CONFLICT (code) DO UPDATE SET warehouse = excluded.warehouse, sku = excluded.sku;

-- name: give_bin
-- An empty bin takes the first SKU that is put there.
UPDATE bins SET sku = :sku WHERE code = :code AND sku = '';

-- name: reserve
-- The scarcity: only what is there and free can be reserved.
UPDATE stock SET reserved = reserved + w.column3 FROM (VALUES (:warehouse, :sku, :qty)) w
WHERE stock.warehouse = w.column1 AND stock.sku = w.column2 AND on_hand - reserved >= w.column3;

-- name: unreserve
-- Reserved pieces become free again.
UPDATE stock SET reserved = reserved - :qty WHERE warehouse = :warehouse AND sku = :sku;

-- name: consume
-- Pieces leave: held ones out of the reservation, all out of the house.
UPDATE stock SET reserved = reserved - :held, on_hand = on_hand - :qty
WHERE warehouse = :warehouse AND sku = :sku;

-- name: open_stock
-- A place for a SKU in a warehouse. (An upsert with a negative number would fail its CHECK before it met the row.)
INSERT INTO stock (warehouse, sku, on_hand, reserved) VALUES (:warehouse, :sku, 0, 0) ON CONFLICT DO NOTHING;

-- name: change_on_hand
-- Pieces came or went.
UPDATE stock SET on_hand = on_hand + :qty WHERE warehouse = :warehouse AND sku = :sku;

-- name: open_bin
-- A place for a SKU in a bin.
INSERT INTO bin_stock (warehouse, sku, bin, qty) VALUES (:warehouse, :sku, :bin, 0) ON CONFLICT DO NOTHING;

-- name: change_bin
-- Pieces came to a bin or left it.
UPDATE bin_stock SET qty = qty + :qty WHERE warehouse = :warehouse AND sku = :sku AND bin = :bin;

-- name: stock
-- One SKU in one warehouse.
SELECT on_hand, reserved FROM stock WHERE warehouse = :warehouse AND sku = :sku;

-- name: free
-- How many pieces nobody holds, of each of these.
SELECT w.column1, w.column2, (SELECT on_hand - reserved FROM stock
  WHERE warehouse = w.column1 AND sku = w.column2) FROM (VALUES (:warehouse, :sku)) w;

-- name: lapses
-- When the first reservation with an end lapses, of each of these.
SELECT w.column1, (SELECT MIN(expires_at) FROM reservations
  WHERE sku = w.column1 AND expires_at IS NOT NULL) FROM (VALUES (:sku)) w;

-- name: lapsed
-- Who holds a SKU in a warehouse though the time is over.
SELECT DISTINCT order_no FROM reservations
WHERE sku = :sku AND warehouse = :warehouse AND expires_at <= :now ORDER BY order_no;

-- name: any_free
-- A warehouse that has a piece which nobody holds.
SELECT 1 FROM stock WHERE sku = :sku AND on_hand > reserved LIMIT 1;

-- name: stock_list
-- Stock by SKU and warehouse, filtered. A reservation that has lapsed holds nothing, swept or not.
SELECT s.warehouse, s.sku, COALESCE(k.name, '') AS name, s.on_hand, s.reserved, s.on_hand - s.reserved AS available
FROM (SELECT warehouse, sku, on_hand, reserved - COALESCE((SELECT SUM(r.qty) FROM reservations r
  WHERE r.sku = stock.sku AND r.warehouse = stock.warehouse AND r.expires_at <= :now), 0) AS reserved FROM stock) s
LEFT JOIN skus k ON k.code = s.sku
WHERE (:warehouse = '' OR s.warehouse = :warehouse) AND (:most < 0 OR s.on_hand - s.reserved <= :most)
  AND (s.sku > :after_sku OR (s.sku = :after_sku AND s.warehouse > :after_warehouse))
ORDER BY s.sku, s.warehouse LIMIT :count;

-- name: stock_of
-- One SKU in every warehouse, or in one; the same.
SELECT s.warehouse, s.sku, COALESCE(k.name, '') AS name, s.on_hand, s.reserved, s.on_hand - s.reserved AS available
FROM (SELECT warehouse, sku, on_hand, reserved - COALESCE((SELECT SUM(r.qty) FROM reservations r
  WHERE r.sku = stock.sku AND r.warehouse = stock.warehouse AND r.expires_at <= :now), 0) AS reserved FROM stock) s
LEFT JOIN skus k ON k.code = s.sku
WHERE s.sku = :sku AND (:warehouse = '' OR s.warehouse = :warehouse) ORDER BY s.warehouse;

-- name: free_where
-- How many pieces of a SKU nobody holds, in each warehouse that has one; the same.
SELECT f.warehouse, f.free FROM (SELECT warehouse, on_hand - reserved + COALESCE((SELECT SUM(r.qty) FROM reservations r
  WHERE r.sku = stock.sku AND r.warehouse = stock.warehouse AND r.expires_at <= :now), 0) AS free
  FROM stock WHERE sku = :sku) f WHERE f.free > 0;

-- name: substitutes
-- What may take the place of a SKU, the first choice first.
SELECT other FROM substitutes WHERE sku = :sku ORDER BY rank;

-- name: drop_substitutes
-- Before they are written anew.
DELETE FROM substitutes WHERE sku = :sku;

-- name: add_substitute
-- One of them.
INSERT INTO substitutes (sku, rank, other) VALUES (:sku, :rank, :other);

-- name: bin_qty
-- How many lie in one bin.
SELECT qty FROM bin_stock WHERE warehouse = :warehouse AND sku = :sku AND bin = :bin;

-- name: lies_beside
-- Pieces of another SKU in a bin.
SELECT sku, qty FROM bin_stock WHERE warehouse = :warehouse AND bin = :bin AND sku <> :sku AND qty > 0 ORDER BY sku LIMIT 1;

-- name: bins_with
-- Bins of one warehouse that hold the SKU, the fullest first.
SELECT bin, qty FROM bin_stock WHERE warehouse = :warehouse AND sku = :sku AND qty > 0 ORDER BY qty DESC, bin;

-- name: move
-- The ledger: every change of `on_hand`, signed.
INSERT INTO moves (at, kind, warehouse, sku, bin, qty, order_no, actor, why, lot)
VALUES (:at, :kind, :warehouse, :sku, :bin, :qty, :order_no, :actor, :why, :lot);

-- name: by_lots
-- SKUs that are kept by lots.
SELECT code FROM skus WHERE lots = 1;

-- name: switch_lots
-- From here on by lots, or not.
UPDATE skus SET lots = :lots WHERE code = :sku;

-- name: lot_lies
-- A place where a lot of a SKU lies.
SELECT warehouse, lot, qty FROM lot_stock WHERE sku = :sku AND lot <> '' AND qty > 0 ORDER BY warehouse, lot LIMIT 1;

-- name: begin_lot_stock
-- What lies there is of no lot that anybody knows.
INSERT INTO lot_stock (warehouse, sku, bin, lot, qty)
SELECT warehouse, sku, bin, '', qty FROM bin_stock WHERE sku = :sku AND qty > 0;

-- name: drop_lot_stock
-- A SKU that is no longer kept by lots.
DELETE FROM lot_stock WHERE sku = :sku;

-- name: know_lot
-- A lot came; its last day is told once.
INSERT INTO lots (sku, lot, expires, at) VALUES (:sku, :lot, :expires, :at)
ON CONFLICT (sku, lot) DO UPDATE SET
  expires = CASE lots.expires WHEN '' THEN excluded.expires ELSE lots.expires END;

-- name: open_lot
-- A place for a lot in a bin.
INSERT INTO lot_stock (warehouse, sku, bin, lot, qty) VALUES (:warehouse, :sku, :bin, :lot, 0) ON CONFLICT DO NOTHING;

-- name: change_lot
-- Pieces of a lot came to a bin or left it.
UPDATE lot_stock SET qty = qty + :qty WHERE warehouse = :warehouse AND sku = :sku AND bin = :bin AND lot = :lot;

-- name: lot_qty
-- How many of a lot lie in one bin.
SELECT qty FROM lot_stock WHERE warehouse = :warehouse AND sku = :sku AND bin = :bin AND lot = :lot;

-- name: lots_in
-- The lots of a bin, the first to leave first: by date, then those without one as they came, then what has expired.
SELECT s.lot, s.qty FROM lot_stock s LEFT JOIN lots l ON l.sku = s.sku AND l.lot = s.lot
WHERE s.warehouse = :warehouse AND s.sku = :sku AND s.bin = :bin AND s.qty > 0
ORDER BY CASE WHEN l.expires <> '' AND l.expires < :day THEN 1 ELSE 0 END, COALESCE(l.expires, '') = '', l.expires, s.lot <> '', l.at, s.lot;

-- name: expired
-- SKUs of which pieces lie there whose last day is over.
SELECT DISTINCT l.sku FROM lots l JOIN lot_stock s ON s.sku = l.sku AND s.lot = l.lot AND s.qty > 0
WHERE l.expires <> '' AND l.expires < :day ORDER BY l.sku;

-- name: moved_since
-- Has anything moved in this place but for this reason?
SELECT 1 FROM moves WHERE sku = :sku AND warehouse = :warehouse AND bin = :bin AND (:lot = '' OR lot = :lot) AND why <> :why LIMIT 1;

-- name: hold
-- Who holds how much, for what, until when.
INSERT INTO reservations (warehouse, sku, order_no, line_no, qty, tier, actor, at, release_when, expires_at, lock_id)
VALUES (:warehouse, :sku, :order_no, :line_no, :qty, :tier, :actor, :at, :release_when, :expires_at, :lock_id);

-- name: held_by
-- What an order holds.
SELECT warehouse, sku, line_no, qty, actor, at, lock_id FROM reservations WHERE order_no = :order_no
ORDER BY sku, warehouse, line_no;

-- name: drop_hold
-- One reservation ends.
DELETE FROM reservations WHERE order_no = :order_no AND line_no = :line_no AND warehouse = :warehouse;

-- name: shrink_hold
-- Part of a reservation ends.
UPDATE reservations SET qty = :qty WHERE order_no = :order_no AND line_no = :line_no AND warehouse = :warehouse;

-- name: released
-- The ledger: a reservation, or a part of it, that ended.
INSERT INTO releases (at, warehouse, sku, order_no, line_no, qty, how, actor, held_at, held_by)
VALUES (:at, :warehouse, :sku, :order_no, :line_no, :qty, :how, :actor, :held_at, :held_by);

-- name: keep_holds
-- What had an end has none any more.
UPDATE reservations SET expires_at = NULL, release_when = 'shipped'
WHERE order_no = :order_no AND expires_at IS NOT NULL;

-- name: holders
-- Who holds a SKU, the first to give way first: whose time is over, then nothing in hand yet, then the lowest tier, then
-- the youngest. A walk over what open orders hold: an index in another order than theirs costs every order more than this
-- costs who asks.
SELECT r.warehouse, r.order_no, r.line_no, r.qty, r.tier, r.actor, r.at, r.release_when, r.expires_at
FROM reservations r LEFT JOIN lines l ON l.order_no = r.order_no AND l.line_no = r.line_no
WHERE r.sku = :sku AND (:warehouse = '' OR r.warehouse = :warehouse)
ORDER BY CASE WHEN r.expires_at <= :now THEN 0 ELSE 1 END, COALESCE(l.picked, 0) > 0, r.tier, r.at DESC, r.order_no DESC, r.line_no DESC;

-- name: todo
-- A task for the floor; the cause makes it once.
INSERT INTO todos (kind, warehouse, sku, bin, qty, order_no, cause, at)
VALUES (:kind, :warehouse, :sku, :bin, :qty, :order_no, :cause, :at)
ON CONFLICT (kind, cause) DO UPDATE SET qty = excluded.qty WHERE todos.done_at IS NULL;

-- name: todos_of
-- Open tasks of one order and kind; their causes begin with its number and a slash.
SELECT id, cause FROM todos
WHERE kind = :kind AND cause >= :first AND cause < :beyond AND done_at IS NULL;

-- name: drop_todo
-- The cause of a task is gone.
DELETE FROM todos WHERE id = :id;

-- name: todos_open
-- Open tasks of a warehouse, of one kind or all.
SELECT t.id, t.kind, t.warehouse, t.sku, COALESCE(k.name, '') AS name, t.bin, t.qty, t.order_no, t.at
FROM todos t LEFT JOIN skus k ON k.code = t.sku
WHERE done_at IS NULL AND (:warehouse = '' OR warehouse = :warehouse) AND (:kind = '' OR kind = :kind) AND id > :after
ORDER BY id LIMIT :count;

-- name: finish_counts
-- A count of the bin settles its open count tasks, also one for goods that lie there no more.
UPDATE todos SET done_at = :at, done_by = :by
WHERE kind = 'count' AND warehouse = :warehouse AND bin = :bin AND (bin <> '' OR sku = :sku) AND done_at IS NULL;

-- name: drift_reserved
-- Where `reserved` is not the sum of its reservations (must be nowhere).
SELECT s.warehouse, s.sku, s.reserved, COALESCE(r.qty, 0) AS should FROM stock s
LEFT JOIN (SELECT warehouse, sku, SUM(qty) AS qty FROM reservations GROUP BY warehouse, sku) r
  ON r.warehouse = s.warehouse AND r.sku = s.sku
WHERE s.reserved <> COALESCE(r.qty, 0);

-- name: drift_on_hand
-- Where `on_hand` is not the sum of its moves (must be nowhere).
SELECT s.warehouse, s.sku, s.on_hand, COALESCE(m.qty, 0) AS should FROM stock s
LEFT JOIN (SELECT warehouse, sku, SUM(qty) AS qty FROM moves GROUP BY warehouse, sku) m
  ON m.warehouse = s.warehouse AND m.sku = s.sku
WHERE s.on_hand <> COALESCE(m.qty, 0);

-- name: drift_bins
-- Where the bins do not sum to `on_hand` (must be nowhere).
SELECT s.warehouse, s.sku, s.on_hand, COALESCE(SUM(b.qty), 0) AS should FROM stock s
LEFT JOIN bin_stock b ON b.warehouse = s.warehouse AND b.sku = s.sku
GROUP BY s.warehouse, s.sku, s.on_hand HAVING s.on_hand <> COALESCE(SUM(b.qty), 0);

-- name: drift_lots
-- Where the lots of a bin do not sum to it (must be nowhere); a SKU without lots has none.
SELECT b.warehouse, b.sku, b.qty, COALESCE(SUM(l.qty), 0) AS should FROM bin_stock b JOIN skus k ON k.code = b.sku AND k.lots = 1
LEFT JOIN lot_stock l ON l.warehouse = b.warehouse AND l.sku = b.sku AND l.bin = b.bin
GROUP BY b.warehouse, b.sku, b.bin, b.qty HAVING b.qty <> COALESCE(SUM(l.qty), 0);

-- name: moves_of_place
-- The moves of one SKU in one warehouse, the oldest first.
SELECT at, qty FROM moves WHERE warehouse = :warehouse AND sku = :sku ORDER BY id;

-- name: told_of
-- What the journal says of a place, the oldest first.
SELECT at, body FROM journal WHERE subject = :subject ORDER BY seq;

-- name: ledger_moves
-- What came and went of a SKU, newest first. A walk: an index in another order than theirs costs every parcel.
SELECT id, at, kind, warehouse, bin, lot, qty, order_no, actor, why FROM moves
WHERE sku = :sku AND (:warehouse = '' OR warehouse = :warehouse) AND id < :before ORDER BY id DESC LIMIT :count;

-- name: ledger_releases
-- Reservations that ended, newest first.
SELECT id, at, 'release' AS kind, warehouse, qty, order_no, line_no, actor, how, held_at, held_by FROM releases
WHERE sku = :sku AND (:warehouse = '' OR warehouse = :warehouse) AND id < :before ORDER BY id DESC LIMIT :count;

-- name: ledger_holds
-- Reservations that stand, newest first.
SELECT at, 'reserve' AS kind, warehouse, qty, order_no, line_no, actor, release_when, expires_at FROM reservations
WHERE sku = :sku AND (:warehouse = '' OR warehouse = :warehouse) AND (at < :until OR at = :until AND (order_no < :order_no OR order_no = :order_no AND line_no < :line_no))
ORDER BY at DESC, order_no DESC, line_no DESC LIMIT :count;

-- name: on_hand_of
-- How many there are of a SKU, in one warehouse or in all.
SELECT COALESCE(SUM(on_hand), 0) FROM stock WHERE sku = :sku AND (:warehouse = '' OR warehouse = :warehouse);

-- name: lies
-- Where a SKU lies: by bin, and by lot where it is kept so; what is to go first stands first.
SELECT b.warehouse, b.bin, COALESCE(s.lot, '') AS lot, COALESCE(l.expires, '') AS expires, COALESCE(s.qty, b.qty) AS qty
FROM bin_stock b LEFT JOIN lot_stock s ON s.warehouse = b.warehouse AND s.sku = b.sku AND s.bin = b.bin AND s.qty > 0
LEFT JOIN lots l ON l.sku = s.sku AND l.lot = s.lot
WHERE b.sku = :sku AND b.qty > 0 AND (:warehouse = '' OR b.warehouse = :warehouse)
ORDER BY b.warehouse, COALESCE(l.expires, '') = '', l.expires, b.bin, s.lot;

-- name: lot
-- One lot.
SELECT sku, lot, expires, at FROM lots WHERE sku = :sku AND lot = :lot;

-- name: lot_orders
-- Which orders got pieces of a lot, and how many came back.
SELECT order_no, warehouse, -SUM(CASE kind WHEN 'consume' THEN qty ELSE 0 END) AS qty,
  SUM(CASE kind WHEN 'return' THEN qty ELSE 0 END) AS returned, MIN(at) AS at
FROM moves WHERE sku = :sku AND lot = :lot AND lot <> '' AND order_no <> '' AND kind IN ('consume', 'return')
GROUP BY order_no, warehouse ORDER BY MIN(at), order_no;

-- name: lots_out
-- Pieces of a SKU that are still out with an order, by lot. A walk: no parcel pays for an index that serves inspections alone.
SELECT lot, -SUM(qty) AS qty FROM moves
WHERE sku = :sku AND order_no = :order_no AND kind IN ('consume', 'return') GROUP BY lot ORDER BY lot;

-- name: todo_by_id
-- One task.
SELECT id, kind, warehouse, sku, bin, qty, order_no, done_at, done_by FROM todos WHERE id = :id;

-- name: shrink_todo
-- A part of it is done.
UPDATE todos SET qty = :qty WHERE id = :id;

-- name: finish_todo
-- A task is done; said: how many were good and bad, where they went.
UPDATE todos SET done_at = :at, done_by = :by, said = :said WHERE id = :id;

-- name: counts_due
-- Bins that nobody counted since a moment, the most moved first.
SELECT b.code, b.sku, COUNT(m.id) AS moved FROM bins b
LEFT JOIN moves m ON m.warehouse = b.warehouse AND m.bin = b.code AND m.at >= :since
WHERE b.warehouse = :warehouse AND b.sku <> ''
  AND NOT EXISTS (SELECT 1 FROM todos t WHERE t.kind = 'count' AND t.warehouse = b.warehouse AND t.bin = b.code AND t.done_at IS NULL)
GROUP BY b.code, b.sku HAVING COALESCE(SUM(CASE WHEN m.kind = 'count' THEN 1 ELSE 0 END), 0) = 0
ORDER BY COUNT(m.id) DESC, b.code LIMIT :count;

-- name: is_count_asked
-- Is a bin to be counted already?
SELECT 1 FROM todos WHERE kind = 'count' AND warehouse = :warehouse AND bin = :bin AND done_at IS NULL;

-- name: lock_call
-- How a lock at a WMS came about.
SELECT id, qty, state, sent_at FROM wms_calls WHERE lock_id = :lock_id AND kind = 'lock';

-- name: spare_lock
-- A lock that is to be given back whole and nobody was told so.
SELECT id, lock_id FROM wms_calls
WHERE warehouse = :warehouse AND sku = :sku AND qty = :qty AND kind = 'release' AND whole = 1 AND done_at IS NULL
  AND state = 'waiting' AND sent_at IS NULL ORDER BY id LIMIT 1;

-- name: add_call
-- A WMS is to be told this.
INSERT INTO wms_calls (id, warehouse, kind, lock_id, sku, qty, whole, order_no, next_at, at)
VALUES (:id, :warehouse, :kind, :lock_id, :sku, :qty, :whole, :order_no, :next_at, :at);

-- name: end_call
-- Nothing is to be told any more, or it was told.
UPDATE wms_calls SET state = :state, said = :said, done_at = :now WHERE id = :id;

-- name: shrink_call
-- Fewer pieces, before anybody was told of more.
UPDATE wms_calls SET qty = :qty WHERE id = :id;

-- name: unconfirmed
-- A lock of an order or a promise that its WMS has not confirmed.
SELECT 1 FROM reservations r JOIN wms_calls c ON c.lock_id = r.lock_id AND c.kind = 'lock'
WHERE r.order_no = :order_no AND r.lock_id <> '' AND c.done_at IS NULL LIMIT 1;

-- name: unlocked
-- Reservations of a warehouse that no WMS knows of.
SELECT sku, order_no, line_no, qty FROM reservations WHERE warehouse = :warehouse AND lock_id = ''
ORDER BY at, order_no, line_no;

-- name: set_lock
-- Another lock stands for this reservation.
UPDATE reservations SET lock_id = :lock_id
WHERE order_no = :order_no AND line_no = :line_no AND warehouse = :warehouse;

-- name: wms_figures
-- How many warehouses' systems are left alone for now, calls that wait, calls that are stuck.
SELECT (SELECT COUNT(*) FROM wms_houses WHERE enabled = 1 AND state LIKE '%"state":"open"%') AS broken,
  (SELECT COUNT(*) FROM wms_calls WHERE done_at IS NULL AND state = 'waiting') AS waiting,
  (SELECT COUNT(*) FROM wms_calls WHERE done_at IS NULL AND state = 'stuck') AS stuck;
