-- Lean rows: nothing is written down that a row beside it says. One section a topic.
-- `rest_listed` and `op_listed` are the migration's own (`db.rewriting`).

-- journal: an entry's `prev` is the hash of the entry before it in its chain, and the hash covers it ----------------
-- The rows are rewritten where they lie: positions, the index of the chains and the triggers stay as they are.
ALTER TABLE journal DROP COLUMN prev;

-- snapshots: a hash is what the text gives, and stands in the entry --------------------------------------------------
ALTER TABLE snapshots DROP COLUMN hash;

-- orders: `rest` as lists in a fixed order; `root_no` is empty where it is the order's own number -------------------
UPDATE orders SET rest = rest_listed(rest), root_no = CASE root_no WHEN order_no THEN '' ELSE root_no END;

-- ops: what stands in a column stands there alone, the rest is a list ------------------------------------------------
-- An op without a row in `op_results` was applied.
CREATE TABLE ops_new (
  id TEXT PRIMARY KEY,
  order_no TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  actor TEXT NOT NULL,
  carrier TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  known INTEGER NOT NULL,
  said TEXT NOT NULL
);
INSERT INTO ops_new (id, order_no, line_no, actor, carrier, received_at, known, said)
SELECT id, order_no, line_no, actor, carrier, received_at, known, op_listed(body) FROM ops ORDER BY rowid;
DROP TABLE ops;
ALTER TABLE ops_new RENAME TO ops;
CREATE INDEX ops_order ON ops (order_no);
CREATE INDEX ops_unknown ON ops (known) WHERE known = 0;
