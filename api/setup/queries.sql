-- name: set_once
-- A fact about this database, told once.
INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING;

-- name: any_user
-- Has a company been set up?
SELECT 1 FROM users LIMIT 1;

-- name: demo_device
-- The device that the demo's picks came from; its code opens nothing.
INSERT INTO devices (device, label, warehouse, code_hash, code_expires_at, created_by, created_at, enrolled_at)
VALUES (:device, '演示 PDA', :warehouse, :code_hash, 0, 'system', :at, :at) ON CONFLICT DO NOTHING;

-- name: forget_messages
-- What the platforms sent about a customer's orders, as it came; what still waited is nobody's any more.
UPDATE inbox SET raw = :empty, payload = NULL, headers = '{}', query = '{}', ip = '',
  status = CASE WHEN status IN ('dead', 'waiting') THEN 'ignored' ELSE status END
WHERE order_no IN (SELECT order_no FROM orders WHERE customer = :customer)
  OR (channel, external_no) IN (SELECT channel, external_no FROM orders WHERE customer = :customer);

-- name: untied_messages
-- Messages that came to no order.
SELECT id, raw, payload FROM inbox WHERE order_no = '' AND id > :after ORDER BY id LIMIT :count;

-- name: forget_message
-- One of them.
UPDATE inbox SET raw = :empty, payload = NULL, headers = '{}', query = '{}', ip = '',
  status = CASE WHEN status IN ('dead', 'waiting') THEN 'ignored' ELSE status END
WHERE id = :id;

-- name: forget_places
-- Where a customer's orders went, but for the district.
UPDATE orders SET lng_e6 = NULL, lat_e6 = NULL WHERE customer = :customer;

-- name: forget_files
-- What was attached to a customer's orders; name, size and digest's rows stay.
UPDATE attachments SET content = :empty
WHERE order_no IN (SELECT order_no FROM orders WHERE customer = :customer);

-- name: a_shipped_order
-- An order on its way, to show a customer's page; in the order of the index, so that a start reads one row.
SELECT order_no FROM orders WHERE state = 'shipped' ORDER BY warehouse DESC, channel DESC, id DESC LIMIT 1;

-- name: newest_order
-- The last one placed.
SELECT order_no FROM orders ORDER BY id DESC LIMIT 1;

-- name: newest_entry
-- The newest entry.
SELECT pos, at, hash FROM journal ORDER BY pos DESC LIMIT 1;

-- name: newest_entries
-- The newest entries, each with the hash before it, for a quick look.
SELECT e.pos, e.subject, e.seq, e.at, e.kind, e.actor, e.body, e.hash, b.hash AS before
FROM journal e LEFT JOIN journal b ON b.subject = e.subject AND b.seq = e.seq - 1 ORDER BY e.pos DESC LIMIT :count;

-- name: chained_entries
-- How many entries there are, and how many the chains say.
SELECT (SELECT COUNT(*) FROM journal) AS entries, COALESCE(SUM(length), 0) AS counted FROM chains;

-- name: dead_messages
-- Messages that came to nothing.
SELECT COUNT(*) FROM inbox WHERE status = 'dead';

-- name: beginnings
-- What there is for a first order: 1 or NULL of each.
SELECT (SELECT 1 FROM orders LIMIT 1) AS orders,
  (SELECT 1 FROM skus WHERE price_fen IS NOT NULL LIMIT 1) AS priced,
  (SELECT 1 FROM bins LIMIT 1) AS bins,
  (SELECT 1 FROM stock WHERE on_hand > 0 LIMIT 1) AS lying,
  (SELECT 1 FROM customers LIMIT 1) AS customers,
  (SELECT 1 FROM users WHERE role = 'sales' AND active = 1 LIMIT 1) AS sellers,
  (SELECT 1 FROM users WHERE role = 'picker' AND active = 1 LIMIT 1) AS pickers;
