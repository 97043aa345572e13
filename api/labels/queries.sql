-- name: devices
-- Every device, for its card.
SELECT device, label, warehouse FROM devices ORDER BY device;
