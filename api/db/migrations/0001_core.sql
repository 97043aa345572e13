-- The first schema. Times are milliseconds since 1970 UTC, money is fen, quantities are base units.
-- Shared dialect: INTEGER PRIMARY KEY, INTEGER, TEXT, BLOB; an engine's adapter translates these four words only.

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- journal ------------------------------------------------------------------------------------------------

CREATE TABLE journal (
  pos INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL,
  UNIQUE (subject, seq)
);

CREATE TABLE chains (
  subject TEXT PRIMARY KEY,
  length INTEGER NOT NULL,
  head BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  frontier TEXT NOT NULL
);

-- Personal values stand outside every hashed text; deleting a row leaves all hashes valid.
CREATE TABLE private (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  salt BLOB NOT NULL,
  value TEXT NOT NULL
);
CREATE INDEX private_owner ON private (owner);

-- web ----------------------------------------------------------------------------------------------------

CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  status INTEGER NOT NULL,
  answer BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (actor, path, key)
);
CREATE INDEX idempotency_at ON idempotency (at);

-- people -------------------------------------------------------------------------------------------------

CREATE TABLE users (
  name TEXT PRIMARY KEY,
  display TEXT NOT NULL,
  role TEXT NOT NULL,
  phone TEXT NOT NULL DEFAULT '',
  warehouse TEXT NOT NULL DEFAULT '',
  password TEXT NOT NULL DEFAULT '',
  demo INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  csrf TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX sessions_name ON sessions (name);

CREATE TABLE devices (
  device TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  code_hash BLOB NOT NULL,
  code_expires_at INTEGER NOT NULL,
  public_key TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  enrolled_at INTEGER
);
CREATE UNIQUE INDEX devices_code ON devices (code_hash);

CREATE TABLE customers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  tier TEXT NOT NULL DEFAULT 'normal',
  terms TEXT NOT NULL DEFAULT 'prepaid',
  credit_fen INTEGER NOT NULL DEFAULT 0,
  salesperson TEXT NOT NULL DEFAULT '',
  name_ref INTEGER NOT NULL,
  phone_ref INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX customers_phone ON customers (phone, name);
CREATE INDEX customers_name ON customers (name);

-- stock --------------------------------------------------------------------------------------------------

CREATE TABLE warehouses (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  adcode TEXT NOT NULL DEFAULT '',
  lng_e6 INTEGER,
  lat_e6 INTEGER,
  cutoff TEXT NOT NULL DEFAULT '17:00',
  rank INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE skus (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  gtin TEXT NOT NULL DEFAULT '',
  uom TEXT NOT NULL DEFAULT '件',
  weight_g INTEGER NOT NULL DEFAULT 0,
  price_fen INTEGER
);

CREATE TABLE bins (
  code TEXT PRIMARY KEY,
  warehouse TEXT NOT NULL REFERENCES warehouses (code),
  sku TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL UNIQUE
);
CREATE INDEX bins_warehouse ON bins (warehouse, code);

CREATE TABLE stock (
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  on_hand INTEGER NOT NULL DEFAULT 0,
  reserved INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (warehouse, sku),
  CHECK (reserved >= 0 AND reserved <= on_hand)
) WITHOUT ROWID;
CREATE INDEX stock_sku ON stock (sku);

CREATE TABLE bin_stock (
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  bin TEXT NOT NULL,
  qty INTEGER NOT NULL,
  PRIMARY KEY (warehouse, sku, bin),
  CHECK (qty >= 0)
) WITHOUT ROWID;

CREATE TABLE moves (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  bin TEXT NOT NULL,
  qty INTEGER NOT NULL,
  order_no TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL,
  why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX moves_stock ON moves (sku, warehouse);

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  order_no TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  qty INTEGER NOT NULL CHECK (qty > 0),
  tier INTEGER NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  release_when TEXT NOT NULL,
  expires_at INTEGER
);
CREATE INDEX reservations_stock ON reservations (sku, warehouse);
CREATE INDEX reservations_order ON reservations (order_no);

CREATE TABLE todos (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  bin TEXT NOT NULL DEFAULT '',
  qty INTEGER NOT NULL DEFAULT 0,
  order_no TEXT NOT NULL DEFAULT '',
  cause TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  done_at INTEGER,
  UNIQUE (kind, cause)
);

-- orders -------------------------------------------------------------------------------------------------

CREATE TABLE numbers (
  day TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  order_no TEXT NOT NULL UNIQUE,
  root_no TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  held INTEGER NOT NULL DEFAULT 0,
  troubled INTEGER NOT NULL DEFAULT 0,
  channel TEXT NOT NULL,
  external_no TEXT,
  customer TEXT NOT NULL,
  tier TEXT NOT NULL,
  terms TEXT NOT NULL,
  name_ref INTEGER NOT NULL,
  phone_ref INTEGER NOT NULL,
  address_ref INTEGER,
  note_ref INTEGER,
  extra_ref INTEGER,
  adcode TEXT NOT NULL DEFAULT '',
  lng_e6 INTEGER,
  lat_e6 INTEGER,
  owner TEXT NOT NULL,
  picker TEXT NOT NULL DEFAULT '',
  warehouse TEXT NOT NULL,
  amount_fen INTEGER NOT NULL,
  paid_fen INTEGER NOT NULL,
  priority TEXT NOT NULL DEFAULT '',
  rest TEXT NOT NULL,
  snapshot TEXT NOT NULL DEFAULT '',
  paid_at INTEGER,
  moved_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX orders_state ON orders (state, id);
CREATE INDEX orders_customer ON orders (customer, id);
CREATE INDEX orders_updated ON orders (updated_at);
CREATE INDEX orders_root ON orders (root_no) WHERE version > 1;

CREATE TABLE externals (
  channel TEXT NOT NULL,
  external_no TEXT NOT NULL,
  order_no TEXT NOT NULL,
  PRIMARY KEY (channel, external_no)
) WITHOUT ROWID;
CREATE INDEX externals_no ON externals (external_no);

CREATE TABLE lines (
  order_no TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  sku TEXT NOT NULL,
  name TEXT NOT NULL,
  qty INTEGER NOT NULL,
  uom TEXT NOT NULL,
  price_fen INTEGER NOT NULL,
  warehouse TEXT NOT NULL,
  reserved INTEGER NOT NULL DEFAULT 0,
  picked INTEGER NOT NULL DEFAULT 0,
  short INTEGER NOT NULL DEFAULT 0,
  carried INTEGER NOT NULL DEFAULT 0,
  kept INTEGER NOT NULL DEFAULT 0,
  consumed INTEGER NOT NULL DEFAULT 0,
  returned INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (order_no, line_no)
) WITHOUT ROWID;
CREATE INDEX lines_sku ON lines (sku, order_no);

CREATE TABLE order_tags (
  tag TEXT NOT NULL,
  order_no TEXT NOT NULL,
  PRIMARY KEY (tag, order_no)
) WITHOUT ROWID;

CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY,
  order_no TEXT NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  actor TEXT NOT NULL,
  hash TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX snapshots_order ON snapshots (order_no, id);

CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  order_no TEXT NOT NULL,
  kind TEXT NOT NULL,
  name_ref INTEGER NOT NULL,
  media TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest TEXT NOT NULL,
  content BLOB NOT NULL,
  paid_on TEXT,
  amount_fen INTEGER,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX attachments_order ON attachments (order_no);

CREATE TABLE looks (
  actor TEXT NOT NULL,
  order_no TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (actor, order_no)
) WITHOUT ROWID;

-- picking ------------------------------------------------------------------------------------------------

CREATE TABLE ops (
  id TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  n INTEGER NOT NULL,
  order_no TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  actor TEXT NOT NULL,
  body BLOB NOT NULL,
  carrier TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  known INTEGER NOT NULL
);
CREATE INDEX ops_order ON ops (order_no);
CREATE INDEX ops_unknown ON ops (known) WHERE known = 0;

CREATE TABLE op_results (
  id TEXT NOT NULL,
  body BLOB NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (id, body)
);

CREATE TABLE op_counts (
  device TEXT PRIMARY KEY,
  have INTEGER NOT NULL,
  beyond TEXT NOT NULL
);

CREATE TABLE parked (
  id INTEGER PRIMARY KEY,
  carrier TEXT NOT NULL,
  op_id TEXT NOT NULL,
  raw BLOB NOT NULL,
  code TEXT NOT NULL,
  zh TEXT NOT NULL,
  en TEXT NOT NULL,
  at INTEGER NOT NULL
);

CREATE TABLE settlements (
  seq INTEGER PRIMARY KEY,
  conflict TEXT NOT NULL,
  order_no TEXT NOT NULL,
  choice TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX settlements_order ON settlements (order_no);

CREATE TABLE conflicts (
  id TEXT PRIMARY KEY,
  order_no TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
);
CREATE INDEX conflicts_open ON conflicts (is_open, changed_at);
CREATE INDEX conflicts_order ON conflicts (order_no);

-- channels -----------------------------------------------------------------------------------------------

CREATE TABLE channels (
  code TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  scheme TEXT NOT NULL,
  body TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  owner TEXT NOT NULL DEFAULT '',
  changed_at INTEGER NOT NULL
);

CREATE TABLE channel_secrets (
  channel TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (channel, name)
) WITHOUT ROWID;

CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  ip TEXT NOT NULL,
  method TEXT NOT NULL,
  query TEXT NOT NULL,
  headers TEXT NOT NULL,
  raw BLOB NOT NULL,
  status TEXT NOT NULL,
  code TEXT NOT NULL DEFAULT '',
  zh TEXT NOT NULL DEFAULT '',
  en TEXT NOT NULL DEFAULT '',
  event TEXT NOT NULL DEFAULT '',
  external_no TEXT NOT NULL DEFAULT '',
  order_no TEXT NOT NULL DEFAULT '',
  payload BLOB,
  done_at INTEGER
);
CREATE INDEX inbox_status ON inbox (status, id);
CREATE INDEX inbox_waiting ON inbox (channel, external_no) WHERE status = 'waiting';

CREATE TABLE inbox_seen (
  channel TEXT NOT NULL,
  message_id TEXT NOT NULL,
  inbox_id INTEGER NOT NULL,
  PRIMARY KEY (channel, message_id)
) WITHOUT ROWID;

-- tracking -----------------------------------------------------------------------------------------------

CREATE TABLE tracking_links (
  root_no TEXT PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,
  generation INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL
);
