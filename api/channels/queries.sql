-- name: channel
-- One channel.
SELECT code, label, scheme, body, enabled, owner FROM channels WHERE code = :code;

-- name: channels_all
-- Every channel.
SELECT code, label, scheme, body, enabled, owner FROM channels ORDER BY code;

-- name: save_channel
-- New, or changed.
INSERT INTO channels (code, label, scheme, body, enabled, owner, changed_at)
VALUES (:code, :label, :scheme, :body, :enabled, :owner, :at)
ON CONFLICT (code) DO UPDATE SET label = excluded.label, scheme = excluded.scheme, body = excluded.body,
  enabled = excluded.enabled, owner = excluded.owner, changed_at = excluded.changed_at;

-- name: secrets
-- A channel's sealed secrets.
SELECT name, sealed, at FROM channel_secrets WHERE channel = :channel ORDER BY name;

-- name: save_secret
-- One sealed secret.
INSERT INTO channel_secrets (channel, name, sealed, at) VALUES (:channel, :name, :sealed, :at)
ON CONFLICT (channel, name) DO UPDATE SET sealed = excluded.sealed, at = excluded.at;

-- name: drop_secret
-- A secret goes.
DELETE FROM channel_secrets WHERE channel = :channel AND name = :name;

-- name: has_orders
-- Any order that a channel numbered.
SELECT 1 FROM externals WHERE channel = :channel LIMIT 1;

-- name: last_id
-- The last message's number.
SELECT MAX(id) FROM inbox;

-- name: take_in
-- A message as it came, and what became of it.
INSERT INTO inbox (id, channel, at, ip, method, query, headers, raw, payload, status, code, zh, en, event, external_no, order_no, done_at)
VALUES (:id, :channel, :at, :ip, :method, :query, :headers, :raw, :payload, :status, :code, :zh, :en, :event, :external_no,
  :order_no, :done_at);

-- name: judge
-- What became of a message, judged again.
UPDATE inbox SET status = :status, code = :code, zh = :zh, en = :en, event = :event, external_no = :external_no,
  order_no = :order_no, done_at = :done_at WHERE id = :id;

-- name: see
-- A message id counts once within its channel.
INSERT INTO inbox_seen (channel, message_id, inbox_id) VALUES (:channel, :message_id, :inbox_id);

-- name: seen
-- Which message had each of these ids first.
SELECT w.column1, w.column2, (SELECT inbox_id FROM inbox_seen
  WHERE channel = w.column1 AND message_id = w.column2) FROM (VALUES (:channel, :message_id)) w;

-- name: message
-- One message, whole.
SELECT id, channel, at, ip, method, query, headers, raw, status, code, zh, en, event, external_no, order_no, payload
FROM inbox WHERE id = :id;

-- name: inbox
-- Messages, newest first.
SELECT id, channel, at, ip, status, code, zh, en, event, external_no, order_no, raw FROM inbox
WHERE id < :before AND (:status = '' OR status = :status) AND (:channel = '' OR channel = :channel)
ORDER BY id DESC LIMIT :count;

-- name: is_waiting
-- Whether any waits for each of these orders.
SELECT w.column1, w.column2, (SELECT 1 FROM inbox
  WHERE status = 'waiting' AND channel = w.column1 AND external_no = w.column2 LIMIT 1)
FROM (VALUES (:channel, :external_no)) w;

-- name: waiting
-- What waits for this order, in the order in which it came.
SELECT id, channel, payload FROM inbox
WHERE status = 'waiting' AND channel = :channel AND external_no = :external_no ORDER BY id;

-- name: keep_payload
-- What a message says, once its origin is proven.
UPDATE inbox SET payload = :payload WHERE id = :id;

-- name: last_version
-- What a channel was when it was last changed.
SELECT version, body, who, at FROM channel_versions WHERE channel = :channel ORDER BY version DESC LIMIT 1;

-- name: keep_version
-- What it is from now on.
INSERT INTO channel_versions (channel, version, body, who, at) VALUES (:channel, :version, :body, :who, :at);

-- name: versions
-- What it was, newest first.
SELECT version, body, who, at FROM channel_versions WHERE channel = :channel ORDER BY version DESC LIMIT :count;

-- name: troubled
-- How many messages lie unread, by channel and reason.
SELECT channel, status, code, COUNT(*) AS n FROM inbox WHERE status IN ('dead', 'waiting')
GROUP BY channel, status, code;

-- name: last_message
-- When a channel was last heard.
SELECT at, status FROM inbox WHERE channel = :channel ORDER BY id DESC LIMIT 1;

-- name: last_payloads
-- A channel's last messages that proved their origin.
SELECT id, at, status, external_no, order_no, payload FROM inbox
WHERE channel = :channel AND payload IS NOT NULL ORDER BY id DESC LIMIT :count;

-- name: sheet_mapping
-- How a person joined columns of this shape.
SELECT mapping FROM sheet_mappings WHERE channel = :channel AND shape = :shape;

-- name: keep_sheet_mapping
-- The same, kept for the next sheet of this shape.
INSERT INTO sheet_mappings (channel, shape, mapping, who, at) VALUES (:channel, :shape, :mapping, :who, :at)
ON CONFLICT (channel, shape) DO UPDATE SET mapping = excluded.mapping, who = excluded.who, at = excluded.at;

-- name: dead
-- Dead messages after one, oldest first.
SELECT id FROM inbox WHERE status = 'dead' AND id > :after AND (:channel = '' OR channel = :channel)
ORDER BY id LIMIT :count;

-- name: oldest
-- The first messages of a status.
SELECT id, at FROM inbox WHERE status = :status ORDER BY id LIMIT :count;

-- name: sweep_inbox
-- Messages of a status up to one go, if they are old. The newest stays: its number must not be given again.
DELETE FROM inbox WHERE status = :status AND id <= :last AND at < :before AND id < (SELECT MAX(id) FROM inbox);

-- name: sweep_nonces
-- Nonces of a time that no message can come back from.
DELETE FROM inbox_seen WHERE channel = :channel AND message_id >= 'nonce:' AND message_id < :until;
