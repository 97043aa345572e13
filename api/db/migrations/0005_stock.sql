-- expand
-- Stock, master data and promises. One section a topic.

-- promises -------------------------------------------------------------------------------------------------------
-- `state`: open, used (by `order_no`), returned, lapsed. `said`: lines, dates and reasons as they were answered.
-- What it holds are reservations under its id, which end at `expires_at`.
CREATE TABLE promises (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  actor TEXT NOT NULL,
  customer TEXT NOT NULL DEFAULT '',
  address_ref INTEGER,
  warehouse TEXT NOT NULL,
  order_no TEXT NOT NULL DEFAULT '',
  said TEXT NOT NULL
);
CREATE INDEX promises_state ON promises (state, expires_at);

-- days -----------------------------------------------------------------------------------------------------------
-- What a person says of a day, over what the calendar knows: `works` 1 or 0.
CREATE TABLE days (
  day TEXT PRIMARY KEY,
  works INTEGER NOT NULL,
  name TEXT NOT NULL,
  who TEXT NOT NULL,
  at INTEGER NOT NULL
);

-- learned --------------------------------------------------------------------------------------------------------
-- What was learned from past orders, by name: the lanes' delivery times.
CREATE TABLE learned (
  name TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
);

-- units ----------------------------------------------------------------------------------------------------------
-- One `uom` of a SKU is `pieces` / `per` of its base unit, exactly; 0: by weight; `round`: which way a count of pieces goes.
CREATE TABLE units (
  sku TEXT NOT NULL,
  uom TEXT NOT NULL,
  pieces INTEGER NOT NULL,
  per INTEGER NOT NULL,
  round TEXT NOT NULL,
  PRIMARY KEY (sku, uom),
  CHECK (pieces >= 0 AND per > 0)
) WITHOUT ROWID;

-- The unit that the price list's price is for; empty: the base unit.
ALTER TABLE skus ADD COLUMN price_uom TEXT NOT NULL DEFAULT '';

-- master data ----------------------------------------------------------------------------------------------------

-- lots, inspection, counts ---------------------------------------------------------------------------------------

-- allocation -----------------------------------------------------------------------------------------------------

-- warehouses of others -------------------------------------------------------------------------------------------
