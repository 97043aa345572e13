-- name: houses
-- Warehouses that a WMS keeps, or kept.
SELECT warehouse, body, enabled, sealed, key_at, state, reconcile_at FROM wms_houses ORDER BY warehouse;

-- name: house
-- One of them.
SELECT warehouse, body, enabled, sealed, key_at, state, reconcile_at FROM wms_houses WHERE warehouse = :warehouse;

-- name: any_on
-- Is a warehouse kept by a WMS just now?
SELECT 1 FROM wms_houses WHERE enabled = 1 LIMIT 1;

-- name: save_house
-- How it is spoken to.
INSERT INTO wms_houses (warehouse, body, enabled, waits, sealed, key_at)
VALUES (:warehouse, :body, :enabled, :waits, :sealed, :key_at)
ON CONFLICT (warehouse) DO UPDATE SET body = excluded.body, enabled = excluded.enabled, waits = excluded.waits,
  sealed = excluded.sealed, key_at = excluded.key_at;

-- name: keep_state
-- What its lane knows now.
UPDATE wms_houses SET state = :state WHERE warehouse = :warehouse;

-- name: ask_reconcile
-- Somebody wants both ledgers compared.
UPDATE wms_houses SET reconcile_at = :at WHERE warehouse = :warehouse;

-- name: take_lane
-- One machine at a time sends a warehouse's calls.
UPDATE wms_houses SET lane = :lane, lane_until = :until
WHERE warehouse = :warehouse AND (lane = :lane OR lane_until < :now);

-- name: open_calls
-- What a WMS is to be told, and what is stuck.
SELECT id, kind, warehouse, lock_id, sku, qty, order_no, whole, state, tries, sent_at, next_at, at FROM wms_calls
WHERE warehouse = :warehouse AND done_at IS NULL ORDER BY id;

-- name: call
-- One call.
SELECT id, kind, warehouse, lock_id, sku, qty, order_no, whole, state, tries, sent_at, next_at, at FROM wms_calls
WHERE id = :id;

-- name: first_ready
-- The first call that may go out: its time has come, and nothing stands before it at its lock.
SELECT id, kind, warehouse, lock_id, sku, qty, order_no, whole, state, tries, sent_at, next_at, at FROM wms_calls c
WHERE warehouse = :warehouse AND done_at IS NULL AND state = 'waiting' AND next_at <= :now
  AND NOT EXISTS (SELECT 1 FROM wms_calls b
    WHERE b.lock_id = c.lock_id AND b.id < c.id AND b.done_at IS NULL)
ORDER BY id LIMIT 1;

-- name: sent
-- From now on it may have been heard.
UPDATE wms_calls SET sent_at = COALESCE(sent_at, :now), tries = tries + 1 WHERE id = :id;

-- name: again
-- It goes out once more, later; or a person has to look.
UPDATE wms_calls SET state = :state, next_at = :next_at, said = :said WHERE id = :id;

-- name: anew
-- A person sends it once more, as if it had come about now.
UPDATE wms_calls SET state = 'waiting', said = '', tries = 0, next_at = :at, at = :at WHERE id = :id;

-- name: drop_releases
-- What was never locked need not be freed.
UPDATE wms_calls SET state = 'dropped', done_at = :now
WHERE lock_id = :lock_id AND kind = 'release' AND done_at IS NULL;

-- name: of_lock
-- Reservations that a lock stands for.
SELECT order_no, line_no, sku, qty FROM reservations WHERE lock_id = :lock_id ORDER BY order_no, line_no;

-- name: locked
-- Reservations of a warehouse by lock, with how the lock stands.
SELECT r.lock_id, r.sku, MIN(r.order_no) AS order_no, SUM(r.qty) AS qty, COALESCE(MIN(c.state), 'done') AS state
FROM reservations r LEFT JOIN wms_calls c ON c.lock_id = r.lock_id AND c.kind = 'lock'
WHERE r.warehouse = :warehouse AND r.lock_id <> '' GROUP BY r.lock_id, r.sku;

-- name: came_about
-- When a lock was asked for.
SELECT at FROM wms_calls WHERE lock_id = :lock_id AND kind = 'lock';

-- name: lying
-- What the ledger here has of a warehouse.
SELECT sku, on_hand, reserved FROM stock WHERE warehouse = :warehouse;

-- name: calls
-- A page of calls, the newest first.
SELECT id, kind, warehouse, lock_id, sku, qty, order_no, state, tries, at, sent_at, next_at, done_at, said FROM wms_calls
WHERE (:warehouse = '' OR warehouse = :warehouse) AND (:state = '' OR state = :state) AND id < :before
ORDER BY id DESC LIMIT :count;

-- name: call_shown
-- One of them.
SELECT id, kind, warehouse, lock_id, sku, qty, order_no, state, tries, at, sent_at, next_at, done_at, said FROM wms_calls
WHERE id = :id;

-- name: counts
-- How many calls of each warehouse wait, may have been heard, are stuck; since when the oldest waits.
SELECT warehouse, state, COUNT(*) AS n, COUNT(sent_at) AS doubted, MIN(at) AS oldest FROM wms_calls
WHERE done_at IS NULL GROUP BY warehouse, state;

-- name: sweep
-- Calls that are long done and stand for nothing any more.
DELETE FROM wms_calls WHERE done_at < :before
  AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.lock_id = wms_calls.lock_id AND r.lock_id <> '');
