-- name: row
-- One order as the board sees it: whom it is for, where it is, how far its lines are.
SELECT o.order_no, o.state, o.customer, n.value AS name, o.tier, o.owner, o.picker, o.warehouse, w.name AS house,
  o.amount_fen, o.priority, o.rest, o.moved_at, o.updated_at, l.qty, l.lines, l.closed
FROM orders o
CROSS JOIN (SELECT COALESCE(SUM(qty), 0) AS qty, COUNT(*) AS lines,
    COALESCE(SUM(CASE WHEN picked + short >= qty THEN 1 ELSE 0 END), 0) AS closed
  FROM lines WHERE order_no = :order_no) l
LEFT JOIN private n ON n.id = o.name_ref LEFT JOIN warehouses w ON w.code = o.warehouse
WHERE o.order_no = :order_no;

-- name: waiting
-- Orders of up to two states that are not red, urgent ones first, then those that wait longest.
SELECT o.order_no FROM orders o
WHERE o.state IN (:one, :other) AND o.held = 0 AND o.troubled = 0
  AND (o.state = 'shipped' OR o.moved_at > :stalled)
  AND (:warehouse = '' OR o.warehouse = :warehouse)
  AND (:customer = '' OR o.customer = :customer) AND (:priority = '' OR o.priority = :priority)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_id = o.id))
ORDER BY CASE WHEN o.priority = 'urgent' THEN 0 ELSE 1 END, o.moved_at, o.order_no LIMIT :count;

-- name: flagged
-- Orders that are red by a hold or an exception.
SELECT o.order_no FROM orders o
WHERE o.state IN ('awaiting_payment', 'paid', 'to_pick', 'picking', 'packed', 'shipped')
  AND (o.held = 1 OR o.troubled = 1)
  AND (:warehouse = '' OR o.warehouse = :warehouse)
  AND (:customer = '' OR o.customer = :customer) AND (:priority = '' OR o.priority = :priority)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_id = o.id))
ORDER BY o.moved_at, o.order_no LIMIT :count;

-- name: stalled
-- Orders that are red by the passing of time alone, the longest first; `after`: only those that turned since.
SELECT o.order_no, o.moved_at FROM orders o
WHERE o.state IN ('paid', 'to_pick', 'picking', 'packed') AND o.held = 0 AND o.troubled = 0
  AND o.moved_at > :after AND o.moved_at <= :stalled
  AND (:warehouse = '' OR o.warehouse = :warehouse)
  AND (:customer = '' OR o.customer = :customer) AND (:priority = '' OR o.priority = :priority)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_id = o.id))
ORDER BY o.moved_at, o.order_no LIMIT :count;

-- name: delivered
-- What was delivered today, newest first. The state is wrapped so that the walk begins at today's rows
-- rather than at everything that was ever delivered.
SELECT o.order_no FROM orders o
WHERE o.updated_at >= :today AND o.moved_at >= :today AND COALESCE(o.state, '') = 'delivered'
  AND (:warehouse = '' OR o.warehouse = :warehouse)
  AND (:customer = '' OR o.customer = :customer) AND (:priority = '' OR o.priority = :priority)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_id = o.id))
ORDER BY o.moved_at DESC, o.order_no DESC LIMIT :count;

-- name: counts
-- How many orders that have not ended stand where, of all warehouses; `flag` 1: red.
SELECT o.warehouse, o.state, o.priority,
  CASE WHEN o.held = 1 OR o.troubled = 1
    OR (o.state IN ('paid', 'to_pick', 'picking', 'packed') AND o.moved_at <= :stalled) THEN 1 ELSE 0 END AS flag,
  COUNT(*) AS count, MIN(o.moved_at) AS oldest
FROM orders o
WHERE o.state IN ('awaiting_payment', 'paid', 'to_pick', 'picking', 'packed', 'shipped')
  AND (:customer = '' OR o.customer = :customer) AND (:priority = '' OR o.priority = :priority)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_id = o.id))
GROUP BY 1, 2, 3, 4;

-- name: delivered_counts
-- How many were delivered today, by warehouse.
SELECT o.warehouse, COUNT(*) AS count FROM orders o
WHERE o.updated_at >= :today AND o.moved_at >= :today AND COALESCE(o.state, '') = 'delivered'
  AND (:customer = '' OR o.customer = :customer) AND (:priority = '' OR o.priority = :priority)
  AND (:tag = '' OR EXISTS (SELECT 1 FROM order_tags t WHERE t.tag = :tag AND t.order_id = o.id))
GROUP BY o.warehouse;

-- name: changed
-- Orders with entries in a stretch of the journal, each with its last one; a look changes nothing.
SELECT SUBSTR(subject, 7) AS order_no, MAX(pos) AS pos FROM journal
WHERE pos > :after AND pos <= :upto AND subject >= 'order:' AND subject < 'order;' AND kind <> 'order.viewed'
GROUP BY subject ORDER BY MAX(pos);

-- name: forgotten
-- Has somebody been erased in a stretch of the journal? Rows that were told before may hold the name.
SELECT 1 FROM journal WHERE pos > :after AND pos <= :upto AND kind = 'customer.forgotten' LIMIT 1;

-- name: homes
-- Where orders stand whose warehouse may still change.
SELECT order_no, warehouse FROM orders
WHERE state IN ('awaiting_payment', 'paid', 'to_pick', 'picking', 'packed');
