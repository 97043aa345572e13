-- name: claim_external
-- A channel's number is one order for ever.
INSERT INTO externals (channel, external_no, order_no) VALUES (:channel, :external_no, :order_no);

-- name: external
-- The order of a channel's number.
SELECT order_no FROM externals WHERE channel = :channel AND external_no = :external_no;

-- name: point_external
-- The channel's number follows the order to its next version.
UPDATE externals SET order_no = :order_no WHERE channel = :channel AND external_no = :external_no;

-- name: insert
-- A new order.
INSERT INTO orders (order_no, root_no, version, state, held, troubled, channel, external_no, customer, tier, terms,
  name_ref, phone_ref, address_ref, note_ref, extra_ref, adcode, lng_e6, lat_e6, owner, picker, warehouse,
  amount_fen, paid_fen, priority, rest, snapshot, paid_at, moved_at, created_at, updated_at)
VALUES (:order_no, :root_no, :version, :state, :held, :troubled, :channel, :external_no, :customer, :tier, :terms,
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
UPDATE lines SET name = :name, warehouse = :warehouse, reserved = :reserved, picked = :picked, short = :short,
  carried = :carried, kept = :kept, consumed = :consumed, returned = :returned
WHERE order_no = :order_no AND line_no = :line_no;

-- name: tag
-- An order is found by its tags.
INSERT INTO order_tags (tag, order_no) VALUES (:tag, :order_no);

-- name: untag
-- All tags of an order, before they are written anew.
DELETE FROM order_tags WHERE order_no = :order_no;

-- name: order
-- One order with its personal values.
SELECT o.*, n.value AS name, p.value AS phone, a.value AS address, t.value AS note, x.value AS extra
FROM orders o
LEFT JOIN private n ON n.id = o.name_ref LEFT JOIN private p ON p.id = o.phone_ref
LEFT JOIN private a ON a.id = o.address_ref LEFT JOIN private t ON t.id = o.note_ref
LEFT JOIN private x ON x.id = o.extra_ref
WHERE o.order_no = :order_no;

-- name: lines
-- An order's lines.
SELECT line_no, sku, name, qty, uom, price_fen, warehouse, reserved, picked, short, carried, kept, consumed, returned
FROM lines WHERE order_no = :order_no ORDER BY line_no;

-- name: page
-- Orders newest first, by filters that an index serves or that are cheap on a row.
SELECT o.id, o.order_no FROM orders o
WHERE o.id < :before
  AND (:state = '' OR o.state = :state)
  AND (:warehouse = '' OR o.warehouse = :warehouse)
  AND (:channel = '' OR o.channel = :channel)
  AND (:customer = '' OR o.customer = :customer OR o.customer IN (SELECT id FROM customers WHERE name = :customer))
  AND (:since < 0 OR o.updated_at >= :since)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_no = o.order_no))
  AND (:colour = ''
    OR (:colour = 'red' AND o.state NOT IN ('delivered', 'cancelled', 'returned', 'amended')
        AND (o.held = 1 OR o.troubled = 1
          OR (o.state IN ('paid', 'to_pick', 'picking', 'packed') AND o.moved_at <= :stalled)))
    OR (:colour <> 'red'
        AND ((:colour = 'green' AND o.state IN ('paid', 'to_pick'))
          OR (:colour = 'yellow' AND o.state IN ('picking', 'packed'))
          OR (:colour = 'blue' AND o.state IN ('shipped', 'delivered'))
          OR (:colour = 'grey' AND o.state IN ('awaiting_payment', 'cancelled', 'returned', 'amended')))
        AND (o.state IN ('delivered', 'cancelled', 'returned', 'amended')
          OR (o.held = 0 AND o.troubled = 0
            AND NOT (o.state IN ('paid', 'to_pick', 'picking', 'packed') AND o.moved_at <= :stalled)))))
ORDER BY o.id DESC LIMIT :count;

-- name: found
-- Orders by the beginning of an order number, an external number, a SKU, or a customer's name or phone, filtered.
SELECT o.id, o.order_no FROM orders o
WHERE o.id < :before AND o.order_no IN (
  SELECT order_no FROM orders WHERE order_no >= :text AND order_no < :beyond
  UNION SELECT order_no FROM externals WHERE external_no >= :text AND external_no < :beyond
  UNION SELECT order_no FROM lines WHERE sku >= :text AND sku < :beyond
  UNION SELECT f.order_no FROM orders f JOIN customers c ON c.id = f.customer
    WHERE c.name >= :text AND c.name < :beyond
  UNION SELECT f.order_no FROM orders f JOIN customers c ON c.id = f.customer
    WHERE :phones = 1 AND c.phone >= :text AND c.phone < :beyond)
  AND (:state = '' OR o.state = :state)
  AND (:warehouse = '' OR o.warehouse = :warehouse)
  AND (:channel = '' OR o.channel = :channel)
  AND (:customer = '' OR o.customer = :customer OR o.customer IN (SELECT id FROM customers WHERE name = :customer))
  AND (:since < 0 OR o.updated_at >= :since)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_no = o.order_no))
  AND (:colour = ''
    OR (:colour = 'red' AND o.state NOT IN ('delivered', 'cancelled', 'returned', 'amended')
        AND (o.held = 1 OR o.troubled = 1
          OR (o.state IN ('paid', 'to_pick', 'picking', 'packed') AND o.moved_at <= :stalled)))
    OR (:colour <> 'red'
        AND ((:colour = 'green' AND o.state IN ('paid', 'to_pick'))
          OR (:colour = 'yellow' AND o.state IN ('picking', 'packed'))
          OR (:colour = 'blue' AND o.state IN ('shipped', 'delivered'))
          OR (:colour = 'grey' AND o.state IN ('awaiting_payment', 'cancelled', 'returned', 'amended')))
        AND (o.state IN ('delivered', 'cancelled', 'returned', 'amended')
          OR (o.held = 0 AND o.troubled = 0
            AND NOT (o.state IN ('paid', 'to_pick', 'picking', 'packed') AND o.moved_at <= :stalled)))))
ORDER BY o.id DESC LIMIT :count;

-- name: snapshot
-- The whole order at a change of state.
INSERT INTO snapshots (order_no, at, state, actor, hash, body) VALUES (:order_no, :at, :state, :actor, :hash, :body);

-- name: snapshots
-- An order's snapshots, oldest first.
SELECT at, state, actor, hash FROM snapshots WHERE order_no = :order_no ORDER BY id;

-- name: snapshot_body
-- One snapshot by its hash.
SELECT at, state, actor, hash, body FROM snapshots WHERE order_no = :order_no AND hash = :hash ORDER BY id LIMIT 1;

-- name: waiting_for
-- Paid orders that wait for stock of these places, in the order in which they came.
SELECT DISTINCT o.id, o.order_no FROM orders o JOIN lines l ON l.order_no = o.order_no
WHERE o.state = 'paid' AND l.sku = :sku ORDER BY o.id;

-- name: troubled_by
-- Orders with an exception that have this SKU.
SELECT DISTINCT o.id, o.order_no FROM orders o JOIN lines l ON l.order_no = o.order_no
WHERE l.sku = :sku AND o.troubled = 1 ORDER BY o.id;

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
-- All versions of one order.
SELECT order_no, version, state FROM orders WHERE root_no = :root_no ORDER BY version;

-- name: versions_above
-- The newest version of a root order.
SELECT order_no, version FROM orders WHERE root_no = :root_no AND version > 1 ORDER BY version DESC LIMIT 1;

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
SELECT body FROM ops WHERE order_no = :order_no ORDER BY id;

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

-- name: snapshots_marked
-- What an entry names by its hash; more than one only where nothing changed within a millisecond.
SELECT at, state, actor, body FROM snapshots WHERE order_no = :order_no AND hash = :hash ORDER BY id;

-- name: snapshots_count
-- How many snapshots there are.
SELECT COUNT(*) FROM snapshots;

-- name: snapshot_unnamed
-- The first snapshot that none of its order's entries names; read only where the counts differ.
SELECT s.order_no FROM snapshots s
WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.subject = 'order:' || s.order_no AND j.body LIKE '%' || s.hash || '%')
ORDER BY s.id LIMIT 1;

-- name: attachment_content
-- A file with the digest that its entry names.
SELECT digest, size, content FROM attachments WHERE id = :id;

-- name: customer_of
-- Whose order this is.
SELECT customer FROM orders WHERE order_no = :order_no;
