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

-- name: take_in
-- A message as it came, before anybody understands it.
INSERT INTO inbox (channel, at, ip, method, query, headers, raw, status, payload)
VALUES (:channel, :at, :ip, :method, :query, :headers, :raw, 'waiting', :payload) RETURNING id;

-- name: judge
-- What became of a message.
UPDATE inbox SET status = :status, code = :code, zh = :zh, en = :en, event = :event, external_no = :external_no,
  order_no = :order_no, done_at = :at WHERE id = :id;

-- name: see
-- A message id counts once within its channel.
INSERT INTO inbox_seen (channel, message_id, inbox_id) VALUES (:channel, :message_id, :inbox_id)
ON CONFLICT (channel, message_id) DO NOTHING RETURNING inbox_id;

-- name: seen
-- Which message had this id first.
SELECT inbox_id FROM inbox_seen WHERE channel = :channel AND message_id = :message_id;

-- name: message
-- One message, whole.
SELECT id, channel, at, ip, method, query, headers, raw, status, code, zh, en, event, external_no, order_no, payload
FROM inbox WHERE id = :id;

-- name: inbox
-- Messages, newest first.
SELECT id, channel, at, ip, status, code, zh, en, event, external_no, order_no, raw FROM inbox
WHERE id < :before AND (:status = '' OR status = :status) AND (:channel = '' OR channel = :channel)
ORDER BY id DESC LIMIT :count;

-- name: waiting
-- What waits for this order, in the order in which it came.
SELECT id, channel, payload FROM inbox
WHERE status = 'waiting' AND channel = :channel AND external_no = :external_no ORDER BY id;

-- name: keep_payload
-- What a message says, once its origin is proven.
UPDATE inbox SET payload = :payload WHERE id = :id;
