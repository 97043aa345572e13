-- name: claim_external
-- A channel's number is one order for ever.
INSERT INTO externals (channel, external_no, order_no) VALUES (:channel, :external_no, :order_no);

-- name: external
-- The order of a channel's number.
SELECT w.column1, w.column2, (SELECT order_no FROM externals
  WHERE channel = w.column1 AND external_no = w.column2) FROM (VALUES (:channel, :external_no)) w;

-- name: point_external
-- The channel's number follows the order to its next version.
UPDATE externals SET order_no = :order_no WHERE channel = :channel AND external_no = :external_no;

-- name: insert
-- A new order.
INSERT INTO orders (id, order_no, root_no, version, state, held, troubled, channel, external_no, customer, tier, terms,
  name_ref, phone_ref, address_ref, note_ref, extra_ref, adcode, lng_e6, lat_e6, owner, picker, warehouse,
  amount_fen, paid_fen, priority, rest, snapshot, paid_at, moved_at, created_at, updated_at)
VALUES (:id, :order_no, :root_no, :version, :state, :held, :troubled, :channel, :external_no, :customer, :tier, :terms,
  :name_ref, :phone_ref, :address_ref, :note_ref, :extra_ref, :adcode, :lng_e6, :lat_e6, :owner, :picker, :warehouse,
  :amount_fen, :paid_fen, :priority, :rest, :snapshot, :paid_at, :moved_at, :created_at, :updated_at);

-- name: orders_of
-- A customer's orders, every version.
SELECT order_no FROM orders WHERE customer = :customer ORDER BY id;

-- name: update
-- What may change of an order.
UPDATE orders SET state = :state, held = :held, troubled = :troubled, picker = :picker, warehouse = :warehouse,
  amount_fen = :amount_fen, paid_fen = :paid_fen, priority = :priority, rest = :rest, snapshot = :snapshot,
  paid_at = :paid_at, moved_at = :moved_at, updated_at = :updated_at
WHERE order_no = :order_no;

-- name: insert_line
-- A line of a new order.
INSERT INTO lines (order_no, line_no, sku, name, qty, uom, price_fen, warehouse, reserved, picked, short, carried,
  kept, consumed, returned)
VALUES (:order_no, :line_no, :sku, :name, :qty, :uom, :price_fen, :warehouse, :reserved, :picked, :short, :carried,
  :kept, :consumed, :returned);

-- name: update_line
-- What may change of a line.
UPDATE lines SET name = :name, qty = :qty, warehouse = :warehouse, reserved = :reserved, picked = :picked, short = :short,
  carried = :carried, kept = :kept, consumed = :consumed, returned = :returned
WHERE order_no = :order_no AND line_no = :line_no;

-- name: tag
-- An order is found by its tags.
INSERT INTO order_tags (tag, order_id) VALUES (:tag, :order_id);

-- name: add_tag
-- The same, later on.
INSERT INTO order_tags (tag, order_id) SELECT :tag, id FROM orders WHERE order_no = :order_no;

-- name: untag
-- No more by this one.
DELETE FROM order_tags WHERE tag = :tag AND order_id = (SELECT id FROM orders WHERE order_no = :order_no);

-- name: has_sku
-- An order is found by its SKUs, which never change.
INSERT INTO order_skus (sku, order_id) VALUES (:sku, :order_id);

-- name: unpaid
-- A channel's orders that wait for their money, oldest first.
SELECT external_no FROM orders WHERE state = 'awaiting_payment' AND channel = :channel AND external_no IS NOT NULL
  AND created_at >= :since AND created_at < :before ORDER BY id LIMIT :count;

-- name: last_order
-- The newest order's own number, by which lists are in order.
SELECT COALESCE(MAX(id), 0) FROM orders;

-- name: order
-- One order with its personal values.
SELECT o.id, o.order_no, o.root_no, o.version, o.state, o.held, o.troubled, o.channel, o.external_no, o.customer, o.tier,
  o.terms, o.name_ref, o.phone_ref, o.address_ref, o.note_ref, o.extra_ref, o.adcode, o.lng_e6, o.lat_e6, o.owner, o.picker,
  o.warehouse, o.amount_fen, o.paid_fen, o.priority, o.rest, o.snapshot, o.paid_at, o.moved_at, o.created_at, o.updated_at,
  n.value AS name, p.value AS phone, a.value AS address, t.value AS note, x.value AS extra
FROM orders o
LEFT JOIN private n ON n.id = o.name_ref LEFT JOIN private p ON p.id = o.phone_ref
LEFT JOIN private a ON a.id = o.address_ref LEFT JOIN private t ON t.id = o.note_ref
LEFT JOIN private x ON x.id = o.extra_ref
WHERE o.order_no = :order_no;

-- name: lines
-- An order's lines.
SELECT line_no, sku, name, qty, uom, price_fen, warehouse, reserved, picked, short, carried, kept, consumed, returned
FROM lines WHERE order_no = :order_no ORDER BY line_no;

-- name: list_all
-- Orders newest first.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE o.id < :before ORDER BY o.id DESC LIMIT :count;

-- name: list_one
-- One of a list, by its own number.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE o.id = :id;

-- name: list_last
-- The newest order.
SELECT o.id FROM orders o WHERE o.id > 0 ORDER BY o.id DESC LIMIT 1;

-- name: places
-- Each warehouse and channel that has an order in this state, by two looks into the index each, and the newest there.
WITH RECURSIVE place (id, warehouse, channel) AS (
  SELECT f.id, f.warehouse, f.channel FROM (SELECT o.id, o.warehouse, o.channel FROM orders o
    WHERE o.state = :state ORDER BY o.warehouse, o.channel, o.id LIMIT 1) f
  UNION ALL
  SELECT n.id, n.warehouse, n.channel FROM place p JOIN orders n ON n.id = COALESCE(
    (SELECT o.id FROM orders o WHERE o.state = :state AND o.warehouse = p.warehouse AND o.channel > p.channel
      ORDER BY o.channel, o.id LIMIT 1),
    (SELECT o.id FROM orders o WHERE o.state = :state AND o.warehouse > p.warehouse
      ORDER BY o.warehouse, o.channel, o.id LIMIT 1))
)
SELECT p.warehouse, p.channel, (SELECT o.id FROM orders o WHERE o.state = :state AND o.warehouse = p.warehouse
  AND o.channel = p.channel AND o.id < :before ORDER BY o.id DESC LIMIT 1) AS head FROM place p;

-- name: list_place
-- Those of one state, warehouse and channel.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE o.state = :state AND o.warehouse = :warehouse AND o.channel = :channel AND o.id < :before
ORDER BY o.id DESC LIMIT :count;

-- name: list_flagged
-- Those of one state with a hold or an exception.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE (o.held = 1 OR o.troubled = 1) AND o.state = :state AND o.id < :before ORDER BY o.id DESC LIMIT :count;

-- name: list_customer
-- One customer's.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE o.customer = :customer AND o.id < :before ORDER BY o.id DESC LIMIT :count;

-- name: list_tag
-- Those with a tag.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM order_tags t JOIN orders o ON o.id = t.order_id WHERE t.tag = :tag AND t.order_id < :before
ORDER BY t.order_id DESC LIMIT :count;

-- name: list_sku
-- Those with a SKU.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM order_skus t JOIN orders o ON o.id = t.order_id WHERE t.sku = :sku AND t.order_id < :before
ORDER BY t.order_id DESC LIMIT :count;

-- name: list_since
-- The numbers of those that changed since then, in no order.
SELECT o.id FROM orders o WHERE o.updated_at >= :since LIMIT :count;

-- name: list_external
-- The numbers of those whose external number begins so, in no order.
SELECT o.id FROM externals e JOIN orders o ON o.order_no = e.order_no
WHERE e.external_no >= :text AND e.external_no < :beyond LIMIT :count;

-- name: list_numbers
-- Orders whose number begins so, whichever come first.
SELECT o.id FROM orders o WHERE o.order_no >= :text AND o.order_no < :beyond LIMIT :count;

-- name: number_span
-- From where to where first versions with such numbers lie.
SELECT MIN(o.id) AS first, MAX(o.id) AS last FROM orders o
WHERE o.order_no >= :text AND o.order_no < :beyond AND o.order_no NOT LIKE '%-V%' AND o.order_no NOT LIKE '%-P%';

-- name: list_numbered
-- First versions among them, within a stretch.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE o.id < :before AND o.id >= :first AND o.root_no = '' AND o.order_no >= :text AND o.order_no < :beyond
ORDER BY o.id DESC LIMIT :count;

-- name: number_last
-- The last one of a stretch.
SELECT o.order_no FROM orders o WHERE o.order_no >= :text AND o.order_no < :beyond ORDER BY o.order_no DESC LIMIT 1;

-- name: number_below
-- The number of the newest first version below a cursor.
SELECT o.order_no FROM orders o WHERE o.id < :before AND o.root_no = '' ORDER BY o.id DESC LIMIT 1;

-- name: list_versions
-- Later versions and parts of orders whose number begins so.
SELECT o.id FROM orders o WHERE o.root_no <> '' AND o.root_no >= :text AND o.root_no < :beyond;

-- name: list_having
-- Those of a stretch of numbers that have something which begins so.
SELECT o.id, o.order_no, o.state, o.warehouse, o.channel, o.customer, o.held, o.troubled, o.moved_at, o.updated_at
FROM orders o WHERE o.id < :before AND o.id >= :after AND (
  (o.order_no >= :text AND o.order_no < :beyond)
  OR (o.external_no >= :text AND o.external_no < :beyond AND EXISTS (SELECT 1 FROM externals e
    WHERE e.external_no = o.external_no AND e.channel = o.channel AND e.order_no = o.order_no))
  OR EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer
    AND ((c.name >= :text AND c.name < :beyond) OR (:phones = 1 AND c.phone >= :text AND c.phone < :beyond)))
  OR EXISTS (SELECT 1 FROM lines l WHERE l.order_no = o.order_no AND l.sku >= :text AND l.sku < :beyond))
ORDER BY o.id DESC;

-- name: skus_from
-- SKUs of orders that begin so, by one look into the index each (the stock need not know them), and the newest order of each.
WITH RECURSIVE found (sku) AS (
  SELECT f.sku FROM (SELECT sku FROM order_skus WHERE sku >= :text AND sku < :beyond ORDER BY sku LIMIT 1) f
  UNION ALL
  SELECT n.sku FROM found p JOIN order_skus n ON (n.sku, n.order_id) = (SELECT s.sku, s.order_id FROM order_skus s
    WHERE s.sku > p.sku AND s.sku < :beyond ORDER BY s.sku, s.order_id LIMIT 1)
)
SELECT p.sku, (SELECT s.order_id FROM order_skus s WHERE s.sku = p.sku AND s.order_id < :before
  ORDER BY s.order_id DESC LIMIT 1) AS head FROM found p LIMIT :count;

-- name: customers_from
-- Customers whose name begins so, and the newest order of each.
SELECT c.id AS customer, (SELECT o.id FROM orders o WHERE o.customer = c.id AND o.id < :before ORDER BY o.id DESC LIMIT 1) AS head
FROM customers c WHERE c.name >= :text AND c.name < :beyond LIMIT :count;

-- name: customers_called_from
-- The same by phone.
SELECT c.id AS customer, (SELECT o.id FROM orders o WHERE o.customer = c.id AND o.id < :before ORDER BY o.id DESC LIMIT 1) AS head
FROM customers c WHERE c.phone >= :text AND c.phone < :beyond LIMIT :count;

-- name: customers_of_name
-- Customers of exactly this name or number.
SELECT c.id AS customer, (SELECT o.id FROM orders o WHERE o.customer = c.id AND o.id < :before ORDER BY o.id DESC LIMIT 1) AS head
FROM customers c WHERE c.name = :name OR c.id = :name;

-- name: has_tag
-- Has an order a tag?
SELECT 1 FROM order_tags WHERE tag = :tag AND order_id = :id;

-- name: snapshot
-- The whole order at a change of state.
INSERT INTO snapshots (order_no, n, at, state, warehouse, actor, body)
VALUES (:order_no, :n, :at, :state, :warehouse, :actor, :body);

-- name: snapshots
-- When an order came to which state, oldest first.
SELECT at, state FROM snapshots WHERE order_no = :order_no ORDER BY n;

-- name: first_snapshot
-- The first of an order's snapshots, and how many there are.
SELECT body, (SELECT MAX(n) FROM snapshots WHERE order_no = :order_no) AS last FROM snapshots
WHERE order_no = :order_no AND n = 1;

-- name: snapshots_whole
-- An order's snapshots, oldest first.
SELECT n, at, state, actor, body FROM snapshots WHERE order_no = :order_no ORDER BY n;

-- name: snapshots_at
-- Those of one moment.
SELECT n, at, state, actor, body FROM snapshots WHERE order_no = :order_no AND at = :at ORDER BY n;

-- name: waiting_for
-- Paid orders that wait for stock of these places, in the order in which they came. Few orders are paid and no more:
-- they are asked for the SKU, rather than all that ever had it for their state.
SELECT o.id, o.order_no, o.tier, o.rest FROM orders o
WHERE o.state = 'paid' AND EXISTS (SELECT 1 FROM lines l WHERE l.order_no = o.order_no AND l.sku = :sku) ORDER BY o.id;

-- name: wanted
-- How many pieces of a SKU each paid order that waits wants.
SELECT l.order_no, SUM(l.qty) AS qty FROM lines l JOIN orders o ON o.order_no = l.order_no
WHERE l.sku = :sku AND o.state = 'paid' GROUP BY l.order_no;

-- name: troubled_by
-- Orders with an exception that have this SKU.
SELECT o.id, o.order_no FROM orders o
WHERE (o.held = 1 OR o.troubled = 1) AND o.troubled = 1
  AND EXISTS (SELECT 1 FROM lines l WHERE l.order_no = o.order_no AND l.sku = :sku) ORDER BY o.id;

-- name: owed
-- What a customer on monthly terms owes: cleared, not cancelled or returned, not paid.
SELECT COALESCE(SUM(amount_fen - paid_fen), 0) AS fen FROM orders
WHERE customer = :customer AND terms = 'monthly'
  AND state IN ('paid', 'to_pick', 'picking', 'packed', 'shipped', 'delivered') AND paid_fen < amount_fen;

-- name: addresses_of
-- Where a customer's newest orders went, the newest first.
SELECT a.value AS text, o.created_at AS at FROM orders o JOIN private a ON a.id = o.address_ref
WHERE o.customer = :customer ORDER BY o.id DESC LIMIT :count;

-- name: versions
-- All versions of one order or one part, by the number that they have in common.
SELECT order_no, version, state FROM orders WHERE order_no = :stem
UNION ALL SELECT order_no, version, state FROM orders
WHERE order_no > :stem || '-V' AND order_no < :stem || '-W' AND version > 1 ORDER BY version;

-- name: family
-- All parts of a root order in all their versions; the first of all names no root, being it.
SELECT order_no, version, state, warehouse FROM orders WHERE order_no = :root_no
UNION ALL SELECT order_no, version, state, warehouse FROM orders WHERE root_no = :root_no AND root_no <> '' ORDER BY version;

-- name: attach
-- A file on an order.
INSERT INTO attachments (order_no, kind, name_ref, media, size, digest, content, paid_on, amount_fen, actor, at)
VALUES (:order_no, :kind, :name_ref, :media, :size, :digest, :content, :paid_on, :amount_fen, :actor, :at)
RETURNING id;

-- name: attachments
-- An order's files, without their content.
SELECT f.id, f.kind, n.value AS name, f.media, f.size, f.digest, f.paid_on, f.amount_fen, f.actor, f.at
FROM attachments f LEFT JOIN private n ON n.id = f.name_ref WHERE f.order_no = :order_no ORDER BY f.id;

-- name: attachment
-- One file.
SELECT f.order_no, f.kind, n.value AS name, f.media, f.content FROM attachments f
LEFT JOIN private n ON n.id = f.name_ref WHERE f.id = :id AND f.order_no = :order_no;

-- name: ops_of
-- The ops of one order.
SELECT id, order_no, line_no, actor, said FROM ops WHERE order_no = :order_no ORDER BY id;

-- name: unknown_orders
-- Orders that ops came for before they did.
SELECT DISTINCT order_no FROM ops WHERE known = 0;

-- name: know_ops
-- Their order is here now.
UPDATE ops SET known = 1 WHERE order_no = :order_no AND known = 0;

-- name: settlements_of
-- People's answers to an order's conflicts, in the order that the server gave them.
SELECT seq, conflict, choice, actor, at, body FROM settlements WHERE order_no = :order_no ORDER BY seq;

-- name: conflicts_of
-- What is known of an order's conflicts.
SELECT id, body, is_open, warehouse FROM conflicts WHERE order_no = :order_no;

-- name: save_conflict
-- A conflict as the fold sees it now.
INSERT INTO conflicts (id, order_no, warehouse, kind, body, is_open, changed_at)
VALUES (:id, :order_no, :warehouse, :kind, :body, :is_open, :at)
ON CONFLICT (id) DO UPDATE SET body = excluded.body, is_open = excluded.is_open, changed_at = excluded.changed_at,
  warehouse = excluded.warehouse;

-- name: drop_conflict
-- The fold sees this conflict no more.
DELETE FROM conflicts WHERE id = :id;

-- name: snapshots_count
-- How many snapshots there are.
SELECT COUNT(*) FROM snapshots;

-- name: snapshots_all
-- The orders that have snapshots; read only where the counts differ.
SELECT DISTINCT order_no FROM snapshots ORDER BY order_no;

-- name: entries_naming
-- How many entries of this subject hold this text.
SELECT COUNT(*) FROM journal WHERE subject = :subject AND body LIKE :part;

-- name: attachment_content
-- A file with the digest that its entry names.
SELECT digest, size, content FROM attachments WHERE id = :id;

-- name: customer_of
-- Whose order this is.
SELECT customer FROM orders WHERE order_no = :order_no;

-- name: days
-- What people say of days, over what the calendar knows.
SELECT day, works, name, who, at FROM days ORDER BY day;

-- name: save_day
-- A person's word of a day.
INSERT INTO days (day, works, name, who, at) VALUES (:day, :works, :name, :who, :at)
ON CONFLICT (day) DO UPDATE SET works = excluded.works, name = excluded.name, who = excluded.who, at = excluded.at;

-- name: drop_day
-- Back to the calendar.
DELETE FROM days WHERE day = :day;

-- name: learned_mark
-- Which version of what was learned stands.
SELECT mark FROM learned WHERE name = :name;

-- name: learned_at
-- When it was learned.
SELECT at FROM learned WHERE name = :name;

-- name: learned
-- What was learned.
SELECT body FROM learned WHERE name = :name;

-- name: save_learned
-- What was learned, over what stood.
INSERT INTO learned (name, at, mark, body) VALUES (:name, :at, :mark, :body)
ON CONFLICT (name) DO UPDATE SET at = excluded.at, mark = excluded.mark, body = excluded.body;

-- name: ways
-- Orders of a state, the newest first: from where to where they went, and what they weigh.
SELECT o.id, o.state, o.warehouse, o.adcode, o.lng_e6, o.lat_e6, o.moved_at, o.rest,
  (SELECT SUM(l.qty * s.weight_g) FROM lines l JOIN skus s ON s.code = l.sku WHERE l.order_no = o.order_no) AS weight_g
FROM orders o WHERE o.state = :state AND o.id < :before ORDER BY o.id DESC LIMIT :count;

-- name: ahead
-- How many orders a warehouse has still to pick, of so many that wait anywhere.
SELECT COUNT(*) AS waiting FROM (SELECT o.warehouse FROM orders o WHERE o.state IN ('to_pick', 'picking')
  LIMIT :most) w WHERE w.warehouse = :warehouse;

-- name: promise
-- One promise.
SELECT id, at, expires_at, state, actor, customer, address_ref, warehouse, order_no, said FROM promises WHERE id = :id;

-- name: promises
-- A page of them, the newest first, filtered by how they stand at this moment.
SELECT id, at, expires_at, state, actor, customer, address_ref, warehouse, order_no, said FROM promises
WHERE (at < :before_at OR (at = :before_at AND id < :before_id)) AND (:actor = '' OR actor = :actor)
  AND (:state = '' OR :state = CASE WHEN state = 'taken' THEN 'used'
    WHEN state = 'open' AND expires_at <= :now THEN 'lapsed' ELSE state END)
ORDER BY at DESC, id DESC LIMIT :count;

-- name: promises_open
-- The same of those that hold something now: few among all that ever were.
SELECT id, at, expires_at, state, actor, customer, address_ref, warehouse, order_no, said FROM promises
WHERE state = 'open' AND expires_at > :now AND (at < :before_at OR (at = :before_at AND id < :before_id))
  AND (:actor = '' OR actor = :actor) ORDER BY at DESC, id DESC LIMIT :count;

-- name: promises_due
-- Those that have lapsed and were not swept, the oldest first.
SELECT id, at, expires_at, state, actor, customer, address_ref, warehouse, order_no, said FROM promises
WHERE state IN ('open', 'taken') AND expires_at <= :now ORDER BY expires_at, id LIMIT :count;

-- name: make_promise
-- A new one.
INSERT INTO promises (id, at, expires_at, state, actor, customer, address_ref, warehouse, order_no, said)
VALUES (:id, :at, :expires_at, :state, :actor, :customer, :address_ref, :warehouse, :order_no, :said);

-- name: change_promise
-- How it stands, and whose it became.
UPDATE promises SET state = :state, order_no = :order_no, said = :said WHERE id = :id;

-- name: promises_followed
-- Promises that an order was made from which has not ended.
SELECT id, order_no FROM promises WHERE followed = 1 AND order_no <> '' AND id > :after ORDER BY id LIMIT :count;

-- name: promise_left
-- Nobody waits for it any more.
UPDATE promises SET followed = 0 WHERE id = :id;

-- name: held_by_closed
-- Reservations that nobody will ever release (must be none).
SELECT r.order_no, r.warehouse, r.sku, r.qty, COALESCE(o.state, p.state, '?') AS state FROM reservations r
LEFT JOIN orders o ON o.order_no = r.order_no LEFT JOIN promises p ON p.id = r.order_no
WHERE o.state IN ('shipped', 'delivered', 'cancelled', 'returned', 'amended')
  OR o.order_no IS NULL AND COALESCE(p.state, '') <> 'open' ORDER BY r.order_no, r.line_no;
