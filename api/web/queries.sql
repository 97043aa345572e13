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

-- name: begin_import
-- A sheet comes in; one of the same id begins anew.
INSERT INTO imports (id, channel, name, who, at, total, done, status) VALUES (:id, :channel, :name, :who, :at, :total, 0, 'running')
ON CONFLICT (id) DO UPDATE SET name = excluded.name, at = excluded.at, total = excluded.total, done = 0, status = 'running', report = '';

-- name: count_import
-- How far it has come.
UPDATE imports SET at = :at, done = :done, status = :status, report = :report WHERE id = :id;

-- name: import_
-- One import.
SELECT id, channel, name, who, at, total, done, status, report FROM imports WHERE id = :id;

-- name: imports
-- A channel's imports, newest first.
SELECT id, channel, name, who, at, total, done, status, report FROM imports
WHERE channel = :channel ORDER BY at DESC, id LIMIT :count;

-- name: refuse_row
-- A row that an import did not take.
INSERT INTO import_rows (import_id, number, path, zh, en) VALUES (:import_id, :number, :path, :zh, :en)
ON CONFLICT (import_id, number) DO UPDATE SET path = excluded.path, zh = excluded.zh, en = excluded.en;

-- name: refused_rows
-- Those of one import.
SELECT number, path, zh, en FROM import_rows WHERE import_id = :import_id AND number > :after
ORDER BY number LIMIT :count;

-- name: drop_refused
-- An import begins anew; of those that stand on no list any more, nothing is kept.
DELETE FROM import_rows WHERE import_id = :import_id OR import_id IN (
  SELECT id FROM imports WHERE channel = :channel ORDER BY at DESC, id LIMIT 1000 OFFSET 19);
