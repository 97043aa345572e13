-- name: last_number
-- Where a row of numbers stands: a day's orders, customers, personal values.
SELECT last FROM numbers WHERE day = :name;

-- name: set_number
-- It goes on; none of its numbers comes back.
INSERT INTO numbers (day, last) VALUES (:name, :last) ON CONFLICT (day) DO UPDATE SET last = excluded.last;

-- name: change
-- A slow-moving table is changed by this unit of work.
INSERT INTO numbers (day, last) VALUES ('changes', 1)
ON CONFLICT (day) DO UPDATE SET last = numbers.last + 1;

-- name: changes
-- How often a slow-moving table was changed, and the lowest schema of a program that may serve.
SELECT (SELECT last FROM numbers WHERE day = 'changes') AS changes,
  (SELECT last FROM numbers WHERE day = 'oldest') AS oldest;

-- name: probe
-- Can a row be stored?
INSERT INTO meta (name, value) VALUES ('probed_at', :now) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: fact
-- A fact about this database.
SELECT value FROM meta WHERE name = :name;

-- name: set_fact
-- A fact about this database, told anew.
INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: drop_fact
-- No fact any more.
DELETE FROM meta WHERE name = :name;

-- name: clear_facts
-- What a server left that was started on a database without a company; the schema's number stays.
DELETE FROM meta WHERE name <> 'schema';
