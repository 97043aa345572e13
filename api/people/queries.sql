-- name: user
-- One user.
SELECT name, display, role, phone, warehouse, password, demo, active FROM users WHERE name = :name;

-- name: users_all
-- Users by name, those whose name or other name begins so.
SELECT name, display, role, phone, warehouse, active FROM users
WHERE name > :after AND (:text = '' OR name >= :text AND name < :beyond OR display >= :text AND display < :beyond)
ORDER BY name LIMIT :count;

-- name: sellers
-- Whom a customer may have as salesperson.
SELECT name, display FROM users WHERE role IN ('sales', 'supervisor', 'owner') AND active = 1 ORDER BY role = 'sales' DESC, name;

-- name: users_called
-- The users of a name that people call them by; two at most are of interest.
SELECT name FROM users WHERE display = :display ORDER BY name LIMIT 2;

-- name: save_user
-- New, or changed but for the password.
INSERT INTO users (name, display, role, phone, warehouse, password, demo, active, created_at)
VALUES (:name, :display, :role, :phone, :warehouse, :password, :demo, :active, :at)
ON CONFLICT (name) DO UPDATE SET display = excluded.display, role = excluded.role, phone = excluded.phone,
  warehouse = excluded.warehouse, active = excluded.active,
  password = CASE WHEN excluded.password = '' THEN users.password ELSE excluded.password END,
  demo = CASE WHEN excluded.password = '' THEN users.demo ELSE excluded.demo END;

-- name: set_password
-- A person's own change.
UPDATE users SET password = :password, demo = 0 WHERE name = :name AND password = :before;

-- name: close_others
-- All sessions of a person but the one that asks.
DELETE FROM sessions WHERE name = :name AND hash <> :but;

-- name: open_session
-- A session of a browser, a bearer token, or a device.
INSERT INTO sessions (hash, name, kind, csrf, created_at, expires_at)
VALUES (:hash, :name, :kind, :csrf, :at, :expires_at);

-- name: session
-- Whose token this is.
SELECT hash, name, kind, csrf, expires_at FROM sessions WHERE hash = :hash AND expires_at > :now;

-- name: close_session
-- One session ends.
DELETE FROM sessions WHERE hash = :hash;

-- name: close_sessions
-- All sessions of one name end.
DELETE FROM sessions WHERE name = :name;

-- name: sweep_sessions
-- Lapsed sessions go.
DELETE FROM sessions WHERE expires_at <= :now;

-- name: tries
-- How many guesses count still, and the oldest of them.
SELECT COUNT(*) AS count, MIN(at) AS at FROM tries WHERE who = :who AND at > :since;

-- name: add_try
-- A guess.
INSERT INTO tries (who, at) VALUES (:who, :at) RETURNING id;

-- name: drop_try
-- One that was right.
DELETE FROM tries WHERE id = :id AND who = :who;

-- name: drop_tries
-- All of one who was right.
DELETE FROM tries WHERE who = :who;

-- name: sweep_tries
-- Those that do not count any more.
DELETE FROM tries WHERE at <= :since;

-- name: add_device
-- A device that may enrol once with its code.
INSERT INTO devices (device, label, warehouse, code_hash, code_expires_at, created_by, created_at)
VALUES (:device, :label, :warehouse, :code_hash, :code_expires_at, :created_by, :at)
ON CONFLICT DO NOTHING RETURNING device;

-- name: enrol_device
-- The code works once and before it lapses.
UPDATE devices SET enrolled_at = :now, public_key = :public_key
WHERE code_hash = :code_hash AND enrolled_at IS NULL AND code_expires_at > :now
RETURNING device, warehouse, label;

-- name: device
-- One device.
SELECT device, label, warehouse, public_key, enrolled_at FROM devices WHERE device = :device;

-- name: devices_all
-- Every device.
SELECT device, label, warehouse, created_at, enrolled_at, code_expires_at, heard_at FROM devices
WHERE device > :after ORDER BY device LIMIT :count;

-- name: device_heard
-- A request of the device came.
UPDATE devices SET heard_at = :at WHERE device = :device;

-- name: device_reach
-- How far a device's op numbers have come.
SELECT have, beyond FROM op_counts WHERE device = :device;

-- name: op_at
-- When an op came.
SELECT received_at FROM ops WHERE id = :id;

-- name: device_session
-- Has a device a token that still counts?
SELECT 1 FROM sessions WHERE name = :name AND kind = 'device' AND expires_at > :now LIMIT 1;

-- name: pickers
-- Who may pick in a warehouse (no warehouse: anywhere).
SELECT name, display, role FROM users
WHERE active = 1 AND role IN ('picker', 'supervisor', 'owner') AND (warehouse = '' OR warehouse = :warehouse) ORDER BY name;

-- name: lead
-- Whom a picker in a warehouse calls: its own supervisor before one of all, one with a phone before one without.
SELECT display, phone FROM users WHERE active = 1 AND role = 'supervisor' AND (warehouse = '' OR warehouse = :warehouse)
ORDER BY phone = '', warehouse DESC, name LIMIT 1;

-- name: customer
-- By id.
SELECT id, name, phone, tier, terms, credit_fen, salesperson, name_ref, phone_ref FROM customers WHERE id = :id;

-- name: called
-- Whose phone and name each of these is.
SELECT w.column1, w.column2, (SELECT id FROM customers WHERE phone = w.column1 AND name = w.column2)
FROM (VALUES (:phone, :name)) w;

-- name: taken
-- Which of these ids somebody has.
SELECT w.column1, (SELECT name FROM customers WHERE id = w.column1) FROM (VALUES (:id)) w;

-- name: customer_by_phone
-- By phone and name, as a draft names them.
SELECT id, name, phone, tier, terms, credit_fen, salesperson, name_ref, phone_ref FROM customers
WHERE phone = :phone AND name = :name;

-- name: customers_all
-- A page of customers.
SELECT id, name, phone, tier, terms, credit_fen, salesperson FROM customers
WHERE id > :after ORDER BY id LIMIT :count;

-- name: customers_named
-- Customers whose name begins so.
SELECT id, name, phone, tier, terms, credit_fen, salesperson FROM customers
WHERE name >= :text AND name < :beyond ORDER BY name, id LIMIT :count;

-- name: customers_called
-- Customers whose phone begins so.
SELECT id, name, phone, tier, terms, credit_fen, salesperson FROM customers
WHERE phone >= :text AND phone < :beyond ORDER BY phone, name LIMIT :count;

-- name: customers_partly
-- Customers with this part in their name; ends at the first that are enough, walks the index of names where few are.
SELECT id, name, phone, tier, terms, credit_fen, salesperson FROM customers
WHERE LOWER(name) LIKE LOWER(:part) ESCAPE '\' ORDER BY name, id LIMIT :count;

-- name: save_customer
-- New, or changed.
INSERT INTO customers (id, name, phone, tier, terms, credit_fen, salesperson, name_ref, phone_ref, created_at)
VALUES (:id, :name, :phone, :tier, :terms, :credit_fen, :salesperson, :name_ref, :phone_ref, :at)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, phone = excluded.phone, tier = excluded.tier,
  terms = excluded.terms, credit_fen = excluded.credit_fen, salesperson = excluded.salesperson,
  name_ref = excluded.name_ref, phone_ref = excluded.phone_ref;

-- name: addresses
-- Where a customer's goods go, the default first.
SELECT a.n, a.label, p.value AS text FROM customer_addresses a JOIN private p ON p.id = a.ref
WHERE a.customer = :customer ORDER BY a.n;

-- name: default_address
-- Where an order goes that names no place.
SELECT p.value FROM customer_addresses a JOIN private p ON p.id = a.ref WHERE a.customer = :customer AND a.n = 1;

-- name: drop_addresses
-- They are written anew, or forgotten.
DELETE FROM customer_addresses WHERE customer = :customer;

-- name: add_address
-- One of them.
INSERT INTO customer_addresses (customer, n, label, ref) VALUES (:customer, :n, :label, :ref);

-- name: forget_customer
-- The readable copy of a person's name and phone goes (the id keeps the pair unique).
UPDATE customers SET name = :name, phone = :id WHERE id = :id;

-- name: warehouse_known
-- Is there such a warehouse?
SELECT 1 FROM warehouses WHERE code = :code;

-- name: owners
-- How many there are who may sign in.
SELECT COUNT(*) FROM users WHERE role = 'owner' AND active = 1;

-- name: lapse_code
-- A code that was not used yet opens nothing any more.
UPDATE devices SET code_expires_at = :now WHERE device = :device AND code_expires_at > :now;
