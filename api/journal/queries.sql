-- name: chain
-- How far a subject's chain has come.
SELECT length, head FROM chains WHERE subject = :subject;

-- name: extend_chain
-- The head moves to the new entry.
INSERT INTO chains (subject, length, head) VALUES (:subject, :length, :head)
ON CONFLICT (subject) DO UPDATE SET length = excluded.length, head = excluded.head;

-- name: append
-- One entry, at the next global position.
INSERT INTO journal (pos, subject, seq, at, kind, actor, body, hash)
VALUES (:pos, :subject, :seq, :at, :kind, :actor, :body, :hash);

-- name: entries_of
-- A subject's entries in order.
SELECT pos, subject, seq, at, kind, actor, body, hash FROM journal
WHERE subject = :subject ORDER BY seq;

-- name: entries_headed
-- All entries by global position, each with its chain's head.
SELECT j.pos, j.subject, j.seq, j.at, j.kind, j.actor, j.body, j.hash, c.length, c.head
FROM journal j LEFT JOIN chains c ON c.subject = j.subject
WHERE j.pos > :pos ORDER BY j.pos LIMIT :count;

-- name: hashes_after
-- What a checkpoint has not covered yet.
SELECT pos, hash FROM journal WHERE pos > :pos ORDER BY pos LIMIT :count;

-- name: entries_count
-- How many entries there are.
SELECT COUNT(*) FROM journal;

-- name: last_pos
-- Where the journal stands.
SELECT COALESCE(MAX(pos), 0) AS pos FROM journal;

-- name: heads_without_entry
-- Chains whose last entry is not there.
SELECT subject, length FROM chains c
WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.subject = c.subject AND j.seq = c.length) ORDER BY subject;

-- name: origin
-- The entry that told a person's address and device.
SELECT pos FROM origins WHERE actor = :actor AND ip = :ip AND device = :device;

-- name: know_origin
-- It stands there now.
INSERT INTO origins (actor, ip, device, pos) VALUES (:actor, :ip, :device, :pos);

-- name: entry_at
-- One entry by its position.
SELECT kind, body FROM journal WHERE pos = :pos;

-- name: keep
-- A personal value outside the hashed texts.
INSERT INTO private (id, owner, salt, value) VALUES (:id, :owner, :salt, :value);

-- name: last_kept
-- The newest personal value of a company that counted them by their table.
SELECT COALESCE(MAX(id), 0) FROM private;

-- name: kept
-- One personal value with its salt.
SELECT id, salt, value FROM private WHERE id = :id;

-- name: kept_by
-- All personal values of one owner.
SELECT id, salt, value FROM private WHERE owner = :owner;

-- name: erase
-- A person's values go; every hash stays valid.
DELETE FROM private WHERE owner = :owner;

-- name: last_checkpoint
-- The newest checkpoint and the tree's edge at that point.
SELECT size, at, text, frontier FROM checkpoints ORDER BY size DESC LIMIT 1;

-- name: checkpoints_all
-- Every checkpoint kept in the database.
SELECT size, at, text, frontier FROM checkpoints ORDER BY size;

-- name: checkpoints_after
-- Checkpoints that may not lie outside yet.
SELECT size, text FROM checkpoints WHERE size > :size ORDER BY size;

-- name: life
-- The database's life: another one after each restore.
SELECT value FROM meta WHERE name = 'epoch';

-- name: add_checkpoint
-- The next one, unless another process has signed since `base`: of two that found one due, one signs.
INSERT INTO checkpoints (size, at, text, frontier)
SELECT :size, :at, :text, :frontier WHERE :base = (SELECT COALESCE(MAX(size), 0) FROM checkpoints);

-- name: seen_before
-- The last time this person looked at this order, moved to now unless that was a moment ago.
INSERT INTO looks (actor, order_no, at) VALUES (:actor, :order_no, :at)
ON CONFLICT (actor, order_no) DO UPDATE SET at = excluded.at WHERE looks.at <= excluded.at - :span
RETURNING at;

-- name: anchor
-- How far a robot's chat has come, a message on its way included.
SELECT size, tries FROM anchors WHERE robot = :robot;

-- name: anchor_free
-- May it be tried now? A time too far ahead was written before a clock went back.
SELECT 1 FROM anchors WHERE robot = :robot AND (next_at <= :now OR next_at > :beyond);

-- name: new_anchor
-- A robot's first time.
INSERT INTO anchors (robot, size, tries, next_at) VALUES (:robot, 0, 0, 0) ON CONFLICT (robot) DO NOTHING;

-- name: claim_anchor
-- One of several processes takes it on; from here on nobody else sends this one.
UPDATE anchors SET size = :size, next_at = :until
WHERE robot = :robot AND size < :size AND (next_at <= :now OR next_at > :beyond);

-- name: anchored
-- The chat has it.
UPDATE anchors SET tries = 0, next_at = :next_at WHERE robot = :robot AND size = :size;

-- name: anchor_failed
-- The chat has not taken it, or nobody knows; a later one on its way is left alone.
UPDATE anchors SET size = :stands, tries = :tries, next_at = :next_at WHERE robot = :robot AND size = :size;
