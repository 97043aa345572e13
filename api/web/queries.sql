-- name: answered
-- The stored first answer to this key.
SELECT body, status, answer FROM idempotency
WHERE actor = :actor AND path = :path AND key = :key AND at > :since;

-- name: store_answer
-- The first answer to this key; a lapsed one makes room.
INSERT INTO idempotency (actor, path, key, body, status, answer, at)
VALUES (:actor, :path, :key, :body, :status, :answer, :at)
ON CONFLICT (actor, path, key) DO UPDATE SET
  body = excluded.body, status = excluded.status, answer = excluded.answer, at = excluded.at;

-- name: drop_answers
-- Answers that have lapsed.
DELETE FROM idempotency WHERE at <= :since;
