-- The ground: what the first schema lacked to be fast and tamper-evident. One section a topic.

-- journal: append-only ------------------------------------------------------------------------------------
-- Whoever rebuilds one of these tables makes its triggers anew: keep this section behind such a rebuild.
-- `INSERT OR REPLACE` fires no delete trigger, so an insert looks for the row that it would take the place of, by
-- both keys (2 µs an entry). Without a given `pos` NEW.pos is -1, which no entry has.

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM journal WHERE pos = NEW.pos)
  OR EXISTS (SELECT 1 FROM journal WHERE subject = NEW.subject AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

CREATE TRIGGER checkpoints_no_replace BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

-- How far each robot's chat has come: the size of the newest checkpoint that it holds, and when it may be tried
-- again. `robot` is its kind and a digest of its address, never the address: that is its secret.
CREATE TABLE anchors (
  robot TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  next_at INTEGER NOT NULL
) WITHOUT ROWID;

-- private: numbers of the erased ------------------------------------------------------------------------------
-- The first program gave the number of the value erased last to the next one, which was then read in its place.
INSERT INTO private (id, owner, salt, value)
SELECT MAX(id) + 100000, '', x'', '' FROM private HAVING COUNT(*) > 0;

-- people: what all processes of a server must know ---------------------------------------------------------
-- Guesses at passwords and codes; `who` is a hash of a user's name and address.
CREATE TABLE tries (
  id INTEGER PRIMARY KEY,
  who BLOB NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX tries_who ON tries (who, at);

-- When a device was last heard, to a quarter of a minute.
ALTER TABLE devices ADD COLUMN heard_at INTEGER;

-- orders: lists in their own order --------------------------------------------------------------------------
-- What an order is found by names it by its number of arrival: every such index then gives orders newest first.

CREATE TABLE order_tags_new (
  tag TEXT NOT NULL,
  order_id INTEGER NOT NULL,
  PRIMARY KEY (tag, order_id)
) WITHOUT ROWID;
INSERT INTO order_tags_new (tag, order_id)
SELECT t.tag, o.id FROM order_tags t JOIN orders o ON o.order_no = t.order_no ORDER BY t.tag, o.id;
DROP TABLE order_tags;
ALTER TABLE order_tags_new RENAME TO order_tags;

CREATE TABLE order_skus (
  sku TEXT NOT NULL,
  order_id INTEGER NOT NULL,
  PRIMARY KEY (sku, order_id)
) WITHOUT ROWID;
INSERT INTO order_skus (sku, order_id)
SELECT DISTINCT l.sku, o.id FROM lines l JOIN orders o ON o.order_no = l.order_no ORDER BY l.sku, o.id;
DROP INDEX lines_sku;

-- One for state, warehouse, channel, colour and any mix of them: a list merges the few stretches that there are.
DROP INDEX orders_state;
CREATE INDEX orders_state ON orders (state, warehouse, channel, id);
CREATE INDEX orders_flagged ON orders (state, id) WHERE held = 1 OR troubled = 1;

-- orders: what they hold on the disk -------------------------------------------------------------------------
-- Rows that are inserted in the order in which orders come, in one tree each: an index in another order makes every
-- commit touch a page a row. Digests are 32 bytes instead of 71 letters (`from_hex` is the migration's own).

CREATE TABLE externals_new (
  external_no TEXT NOT NULL,
  channel TEXT NOT NULL,
  order_no TEXT NOT NULL,
  PRIMARY KEY (external_no, channel)
) WITHOUT ROWID;
INSERT INTO externals_new (external_no, channel, order_no)
SELECT external_no, channel, order_no FROM externals ORDER BY external_no, channel;
DROP TABLE externals;
ALTER TABLE externals_new RENAME TO externals;

-- `n` counts an order's snapshots. A body that is no text is packed (`orders.packing`).
CREATE TABLE snapshots_new (
  order_no TEXT NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  actor TEXT NOT NULL,
  hash BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (order_no, n)
) WITHOUT ROWID;
INSERT INTO snapshots_new (order_no, n, at, state, warehouse, actor, hash, body)
SELECT order_no, ROW_NUMBER() OVER (PARTITION BY order_no ORDER BY id), at, state,
  COALESCE(json_extract(body, '$.warehouse'), ''), actor, from_hex(SUBSTR(hash, 8)), body
FROM snapshots ORDER BY order_no, id;
DROP TABLE snapshots;
ALTER TABLE snapshots_new RENAME TO snapshots;

UPDATE orders SET snapshot = from_hex(SUBSTR(snapshot, 8)) WHERE snapshot <> '';

CREATE TABLE reservations_new (
  order_no TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  qty INTEGER NOT NULL CHECK (qty > 0),
  tier INTEGER NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  release_when TEXT NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (order_no, line_no, warehouse)
) WITHOUT ROWID;
INSERT INTO reservations_new (order_no, line_no, warehouse, sku, qty, tier, actor, at, release_when, expires_at)
SELECT order_no, line_no, warehouse, MIN(sku), SUM(qty), MIN(tier), MIN(actor), MIN(at), MIN(release_when), MIN(expires_at)
FROM reservations GROUP BY order_no, line_no, warehouse ORDER BY order_no, line_no, warehouse;
DROP TABLE reservations;
ALTER TABLE reservations_new RENAME TO reservations;

-- The ledger is summed as a whole, never asked for one SKU.
DROP INDEX moves_stock;

-- journal: where somebody works from, told once ---------------------------------------------------------------
-- The entry (`origin.seen`) that names this person's address and device; what follows names the entry.
CREATE TABLE origins (
  actor TEXT NOT NULL,
  ip INTEGER NOT NULL,
  device INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  PRIMARY KEY (actor, ip, device)
) WITHOUT ROWID;
