-- expand
-- Stock, master data and promises. One section a topic.

-- promises -------------------------------------------------------------------------------------------------------
-- `state`: open, taken (by the order `order_no`, not known to be paid), used (by it, for good), returned, lapsed, lost.
-- `said`: lines, dates and reasons as they were answered. What it holds are reservations under its id (then under its
-- order's number), which end at `expires_at`.
CREATE TABLE promises (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  actor TEXT NOT NULL,
  customer TEXT NOT NULL DEFAULT '',
  address_ref BIGINT,
  warehouse TEXT NOT NULL,
  order_no TEXT NOT NULL DEFAULT '',
  said TEXT NOT NULL
);
CREATE INDEX promises_state ON promises (state, expires_at);
CREATE INDEX promises_at ON promises (at, id);
-- Few reservations have an end: those of promises that no paid order has taken.
CREATE INDEX reservations_end ON reservations (sku, warehouse, expires_at) WHERE expires_at IS NOT NULL;

-- days -----------------------------------------------------------------------------------------------------------
-- What a person says of a day, over what the calendar knows: `works` 1 or 0.
CREATE TABLE days (
  day TEXT PRIMARY KEY,
  works BIGINT NOT NULL,
  name TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- learned --------------------------------------------------------------------------------------------------------
-- What was learned from past orders, by name: the lanes' delivery times. `mark` is another one for each time that it was learned.
CREATE TABLE learned (
  name TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  mark TEXT NOT NULL,
  body TEXT NOT NULL
);

-- dates that move -------------------------------------------------------------------------------------------------
-- Whether somebody still waits for what was promised: until its order has ended.
ALTER TABLE promises ADD COLUMN followed BIGINT NOT NULL DEFAULT 1;
CREATE INDEX promises_followed ON promises (id) WHERE followed = 1 AND order_no <> '';

-- units ----------------------------------------------------------------------------------------------------------
-- One `uom` of a SKU is `pieces` / `per` of its base unit, exactly; 0: by weight; `round`: which way a count of pieces goes.
CREATE TABLE units (
  sku TEXT NOT NULL,
  uom TEXT NOT NULL,
  pieces BIGINT NOT NULL,
  per BIGINT NOT NULL,
  round TEXT NOT NULL,
  PRIMARY KEY (sku, uom),
  CHECK (pieces >= 0 AND per > 0)
);

-- The unit that the price list's price is for; empty: the base unit.
ALTER TABLE skus ADD COLUMN price_uom TEXT NOT NULL DEFAULT '';

-- master data ----------------------------------------------------------------------------------------------------
-- Of a sheet's rows those that were not taken: the row's number and why, in both languages, never its values.
CREATE TABLE import_rows (
  import_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  path TEXT NOT NULL,
  zh TEXT NOT NULL,
  en TEXT NOT NULL,
  PRIMARY KEY (import_id, number)
);

-- A customer's addresses; `n` 1 is the one that an order without an address goes to. The text is a private value.
CREATE TABLE customer_addresses (
  customer TEXT NOT NULL,
  n BIGINT NOT NULL,
  label TEXT NOT NULL,
  ref BIGINT NOT NULL,
  PRIMARY KEY (customer, n)
);

-- Pictures by their SHA-256; a SKU names one.
CREATE TABLE pictures (
  digest TEXT PRIMARY KEY,
  media TEXT NOT NULL,
  content BYTEA NOT NULL,
  at BIGINT NOT NULL
);
ALTER TABLE skus ADD COLUMN picture TEXT NOT NULL DEFAULT '';

-- A barcode, or a code however its letters are typed, is one SKU's or bin's.
CREATE INDEX skus_gtin ON skus (gtin) WHERE gtin <> '';
CREATE INDEX skus_alike ON skus (UPPER(code));
CREATE INDEX bins_alike ON bins (UPPER(code));

-- What is used no more stays where orders name it: 0.
ALTER TABLE skus ADD COLUMN active BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN active BIGINT NOT NULL DEFAULT 1;

-- lots, inspection, counts ---------------------------------------------------------------------------------------
-- A SKU of `lots` 1 is received by lots: its `lot_stock` sums to `bin_stock`. Lot "": pieces that were there before.
ALTER TABLE skus ADD COLUMN lots BIGINT NOT NULL DEFAULT 0;
ALTER TABLE moves ADD COLUMN lot TEXT NOT NULL DEFAULT '';
-- Which orders a lot went to; only moves of lots stand in it.
CREATE INDEX moves_lot ON moves (sku, lot) WHERE lot <> '';

-- `expires`: the last day on which it may be used, YYYY-MM-DD; empty: none is known.
CREATE TABLE lots (
  sku TEXT NOT NULL,
  lot TEXT NOT NULL,
  expires TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  PRIMARY KEY (sku, lot)
);

CREATE TABLE lot_stock (
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  bin TEXT NOT NULL,
  lot TEXT NOT NULL,
  qty BIGINT NOT NULL,
  PRIMARY KEY (warehouse, sku, bin, lot),
  CHECK (qty >= 0)
);

-- Reservations, or parts of them, that ended: who had it since when, who gave it back and why. Open ones stand in
-- `reservations`, so a reservation is on record from its first moment and written down twice at no time.
CREATE TABLE releases (
  id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  at BIGINT NOT NULL,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  order_no TEXT NOT NULL,
  line_no BIGINT NOT NULL,
  qty BIGINT NOT NULL,
  how TEXT NOT NULL,
  actor TEXT NOT NULL,
  held_at BIGINT NOT NULL,
  held_by TEXT NOT NULL
);

-- Who finished a task of the floor, and with which words.
ALTER TABLE todos ADD COLUMN done_by TEXT NOT NULL DEFAULT '';
ALTER TABLE todos ADD COLUMN said TEXT NOT NULL DEFAULT '';

-- Counts from devices, as they came (`said`) and what became of them: verdict applied, conflict, refused. `at` is the
-- moment of the count by the server's clock, `device_at` what the device's said.
CREATE TABLE counts (
  id TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  actor TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  bin TEXT NOT NULL,
  sku TEXT NOT NULL,
  qty BIGINT NOT NULL,
  at BIGINT NOT NULL,
  device_at TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  verdict TEXT NOT NULL,
  code TEXT NOT NULL,
  was BIGINT,
  said BYTEA NOT NULL
);
CREATE INDEX counts_bin ON counts (bin, at);
CREATE INDEX counts_care ON counts (warehouse, received_at) WHERE verdict = 'conflict';

-- The ledger is append-only, as the journal is and by the same means.
REVOKE UPDATE, DELETE, TRUNCATE ON moves, releases FROM CURRENT_USER;

-- allocation -----------------------------------------------------------------------------------------------------
-- Versions and parts of an order by its root; `root_no` is empty where it is the order's own number.
CREATE INDEX orders_family ON orders (root_no) WHERE root_no <> '';
-- What may take the place of a SKU that is short, the first choice first.
CREATE TABLE substitutes (
  sku TEXT NOT NULL,
  rank BIGINT NOT NULL,
  other TEXT NOT NULL,
  PRIMARY KEY (sku, rank)
);

-- warehouses of others -------------------------------------------------------------------------------------------
-- The lock at the warehouse's own system (WMS) that stands for a reservation; empty: the ledger here keeps the warehouse.
ALTER TABLE reservations ADD COLUMN lock_id TEXT NOT NULL DEFAULT '';
CREATE INDEX reservations_lock ON reservations (lock_id) WHERE lock_id <> '';

-- A warehouse that a WMS keeps. `body`: how it is spoken to; `sealed`: its key; `state`: what the lane knows of it; `lane`:
-- who sends its calls, until when; `reconcile_at`: when somebody asked for a comparison.
CREATE TABLE wms_houses (
  warehouse TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  waits BIGINT NOT NULL,
  sealed BYTEA,
  key_at BIGINT,
  state TEXT NOT NULL DEFAULT '',
  lane TEXT NOT NULL DEFAULT '',
  lane_until BIGINT NOT NULL DEFAULT 0,
  reconcile_at BIGINT NOT NULL DEFAULT 0
);

-- What a WMS is told, in order by lock: kind lock, release, confirm; state waiting, done, refused, dropped, stuck.
-- `sent_at`: since when it may have been heard; `whole`: a release that ends its lock.
CREATE TABLE wms_calls (
  id BIGINT PRIMARY KEY,
  warehouse TEXT NOT NULL,
  kind TEXT NOT NULL,
  lock_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  qty BIGINT NOT NULL,
  whole BIGINT NOT NULL DEFAULT 1,
  order_no TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  tries BIGINT NOT NULL DEFAULT 0,
  sent_at BIGINT,
  next_at BIGINT NOT NULL,
  at BIGINT NOT NULL,
  done_at BIGINT,
  said TEXT NOT NULL DEFAULT ''
);
CREATE INDEX wms_calls_open ON wms_calls (warehouse, id) WHERE done_at IS NULL;
CREATE INDEX wms_calls_lock ON wms_calls (lock_id);
