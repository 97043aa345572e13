"""What each route answers, for the API's description: schemas by operation, by hand, because handlers write bytes.

A route that is not listed answers a JSON object. The schemathesis journey holds every answer against this table.
"""

from typing import Any

Schema = dict[str, Any]
KINDS = ("skus", "bins", "warehouses", "customers", "users", "stock")  # of master data

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
BOOL: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
MAYBE_TIME: Schema = {"anyOf": [TIME, {"type": "null"}]}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}


def a(**fields: Schema) -> Schema:
    """An object with these fields, more may come."""
    return {"type": "object", "required": sorted(fields), "properties": fields}


def many(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def listed(item: Schema) -> Schema:
    return a(items=many(item), next=MAYBE_TEXT)


PERSON: Schema = {"anyOf": [a(name=TEXT, phone=TEXT), {"type": "null"}]}
PLACE: Schema = {"anyOf": [a(adcode=TEXT, names=many(TEXT), level=TEXT), {"type": "null"}]}
DEGREES: Schema = {"type": ["number", "null"]}
# Prices, sums, terms and `extra` are there for those who may see them.
ORDER: Schema = a(
    order_no=TEXT,
    version=WHOLE,
    state=TEXT,
    held={"anyOf": [a(reason=TEXT, by=TEXT, at=TIME), {"type": "null"}]},
    exceptions=many(a(code=TEXT, why=TEXT, at=TIME)),
    colour=a(
        code={"enum": ["green", "yellow", "red", "blue", "grey"]},
        shape={"enum": ["solid", "hollow", "dashed"]},
        why=TEXT,
        since=TIME,
    ),
    channel=TEXT,
    external_no=MAYBE_TEXT,
    customer=a(id=TEXT, name=TEXT, phone=TEXT, tier=TEXT),
    address=a(text=TEXT, adcode=TEXT, lng=DEGREES, lat=DEGREES, datum={"const": "gcj02"}),
    owner=PERSON,
    handler=PERSON,
    warehouse=TEXT,
    lines=many(
        a(
            line_no=WHOLE,
            sku=TEXT,
            name=TEXT,
            qty=WHOLE,
            uom=TEXT,
            warehouse=TEXT,
            reserved=WHOLE,
            picked=WHOLE,
            short=WHOLE,
        )
    ),
    priority=TEXT,
    note=TEXT,
    options=many(TEXT),
    tags=many(a(tag=TEXT, why=TEXT, **{"from": TEXT})),
    promise={
        "anyOf": [
            a(
                id=TEXT,
                ship_by=TIME,
                eta_from=TIME,
                eta_to=TIME,
                confidence={"type": "number"},
                because=many(TEXT),
                moved={"anyOf": [a(eta_from=TIME, eta_to=TIME, why=TEXT, at=TIME), {"type": "null"}]},
            ),
            {"type": "null"},
        ]
    },
    checklist=many(a(item=TEXT, done={"type": "boolean"})),
    shipments=many(a(carrier=TEXT, waybill=TEXT, at=TIME)),
    paid_at=MAYBE_TIME,
    created_at=TIME,
    updated_at=TIME,
    snapshot=TEXT,
)
PROMISE = a(
    id=TEXT,
    state={"enum": ["open", "used", "returned", "lapsed", "lost"]},
    warehouse=TEXT,
    ship_by=TIME,
    eta_from=TIME,
    eta_to=TIME,
    confidence={"type": "number", "minimum": 0, "maximum": 1},
    because=many(TEXT),
    expires_at=TIME,
    at=TIME,
    by=a(user=TEXT, name=TEXT),
    customer={"anyOf": [a(id=TEXT, name=TEXT), {"type": "null"}]},
    address=a(text=TEXT, adcode=TEXT),
    lines=many(a(sku=TEXT, qty=WHOLE)),
    order_no=MAYBE_TEXT,
)
ORDER_REF: Schema = {"$ref": "#/components/schemas/Order"}
DAY = a(day=TEXT, works=BOOL, name=TEXT, said=BOOL)
STOCK = a(warehouse=TEXT, sku=TEXT, on_hand=WHOLE, reserved=WHOLE, available=WHOLE)
CUSTOMER = a(id=TEXT, name=TEXT, phone=TEXT, tier=TEXT, salesperson=TEXT)
USER = a(name=TEXT, display=TEXT, role=TEXT, phone=TEXT, warehouse=TEXT, active={"type": "boolean"})
SKU = a(code=TEXT, name=TEXT, gtin=TEXT, uom=TEXT, weight_g=WHOLE, picture=TEXT, active={"type": "boolean"})
BIN = a(code=TEXT, warehouse=TEXT, sku=TEXT)
WAREHOUSE = a(code=TEXT, name=TEXT, adcode=TEXT, cutoff=TEXT, lng=DEGREES, lat=DEGREES)
DEVICE = a(device=TEXT, label=TEXT, warehouse=TEXT, created_at=TIME, enrolled_at=MAYBE_TIME)
CONFLICT = a(id=TEXT, kind=TEXT, ops=many(TEXT), settled={"type": ["object", "null"]})
ATTACHMENT = a(id=TEXT, kind=TEXT, size=WHOLE, digest=TEXT)
SNAPSHOT = a(hash=TEXT, at=TIME, state=TEXT, by=TEXT)
ENTRY = a(pos=WHOLE, seq=WHOLE, at=TIME, kind=TEXT, actor=TEXT, body=TEXT, prev=TEXT, hash=TEXT,
          ip=MAYBE_TEXT, device=MAYBE_TEXT)  # fmt: skip
TODO = a(id=TEXT, kind=TEXT, warehouse=TEXT, sku=TEXT, bin=TEXT, qty=WHOLE, order_no=TEXT, at=TIME)
COUNT = a(
    id=TEXT, bin=TEXT, sku=TEXT, qty=WHOLE, holds=TEXT, name=TEXT, lies=WHOLE, at=TIME, code=TEXT, why=TEXT
)
HOLD = a(
    reservation=TEXT, order_no=TEXT, qty=WHOLE, by=TEXT, at=TIME, release_when=TEXT, expires_at=MAYBE_TIME
)
PUSHED = a(
    results=many(a(id=TEXT, verdict=TEXT, again={"type": "boolean"})),
    have={"type": "object"},
    holes={"type": "object"},
    server_time=TIME,
    epoch=TEXT,
)
WMS = a(warehouse=TEXT, url=TEXT, enabled={"type": "boolean"}, key={"type": "object"})
WMS_CALL = a(id=TEXT, kind=TEXT, warehouse=TEXT, sku=TEXT, qty=WHOLE, order_no=TEXT, state=TEXT, at=TIME)
OK = a(ok={"type": "boolean"})
IMPORT = a(id=TEXT, kind=TEXT, channel=TEXT, name=TEXT, at=TIME, total=WHOLE, done=WHOLE, status=TEXT)
TAKEN = a(
    taken=WHOLE, changed=WHOLE, same=WHOLE, refused=many(a(row=WHOLE, path=TEXT, column=TEXT, why=TEXT)),
    notes=many(TEXT),
)  # fmt: skip
MESSAGE = a(id=TEXT, status=TEXT, code=TEXT, why=TEXT, order_no=TEXT)

JSON: dict[tuple[str, str], Schema] = {
    ("GET", "/api/orders"): listed(ORDER_REF),
    ("POST", "/api/orders"): ORDER_REF,
    ("GET", "/api/orders/{order_no}"): ORDER_REF,
    ("POST", "/api/orders/{order_no}/{name}"): ORDER_REF,
    ("POST", "/api/orders/batch"): a(results=many(a(status=WHOLE))),
    ("GET", "/api/orders/{order_no}/attachments"): listed(ATTACHMENT),
    ("POST", "/api/orders/{order_no}/attachments"): ATTACHMENT,
    ("GET", "/api/orders/{order_no}/ways"): listed(a(kind=TEXT, why=TEXT, command=TEXT, parcels=WHOLE)),
    ("GET", "/api/orders/{order_no}/history"): listed(SNAPSHOT),
    ("GET", "/api/orders/{order_no}/journal"): listed(ENTRY),
    ("POST", "/api/orders/{order_no}/tracking-link"): a(url=TEXT, expires_at=TIME),
    ("GET", "/api/promises"): listed(PROMISE),
    ("POST", "/api/promises"): PROMISE,
    ("GET", "/api/promises/{number}"): PROMISE,
    ("DELETE", "/api/promises/{number}"): PROMISE,
    ("GET", "/api/stock"): listed(STOCK),
    ("POST", "/api/stock/moves"): a(**STOCK["properties"], lost=many(TEXT)),
    ("GET", "/api/stock/{sku}/holds"): listed(HOLD),
    ("GET", "/api/stock/{sku}/ledger"): listed(
        a(kind=TEXT, at=TIME, warehouse=TEXT, qty=WHOLE, by=TEXT, why=TEXT)
    ),
    ("GET", "/api/stock/{sku}/bins"): listed(a(warehouse=TEXT, bin=TEXT, lot=TEXT, expires=TEXT, qty=WHOLE)),
    ("GET", "/api/lots/{sku}/{lot}"): a(
        sku=TEXT,
        lot=TEXT,
        expires=TEXT,
        lies=many(a(bin=TEXT, qty=WHOLE)),
        orders=many(a(order_no=TEXT, qty=WHOLE, at=TIME)),
    ),
    ("GET", "/api/todos"): listed(TODO),
    ("POST", "/api/todos/{number}/finish"): a(
        id=TEXT, done={"type": "boolean"}, served=many(TEXT), lost=many(TEXT)
    ),
    ("POST", "/api/counts/plan"): a(warehouse=TEXT, bins=many(TEXT)),
    ("GET", "/api/skus"): listed(SKU),
    ("GET", "/api/skus/{code}"): SKU,
    ("PUT", "/api/skus/{code}"): SKU,
    ("GET", "/api/skus/{code}/substitutes"): a(sku=TEXT, others=many(TEXT)),
    ("PUT", "/api/skus/{code}/substitutes"): a(sku=TEXT, others=many(TEXT)),
    ("PUT", "/api/skus/{code}/picture"): SKU,
    ("DELETE", "/api/skus/{code}/picture"): SKU,
    **{("POST", f"/api/{kind}/import"): TAKEN for kind in KINDS},
    ("GET", "/api/imports"): listed(IMPORT),
    ("GET", "/api/imports/{number}/refused"): listed(a(row=WHOLE, path=TEXT, why=TEXT)),
    ("GET", "/api/bins"): listed(BIN),
    ("GET", "/api/bins/{code}"): BIN,
    ("PUT", "/api/bins/{code}"): BIN,
    ("GET", "/api/days"): a(year=WHOLE, is_known=BOOL, weekly=many(DAY), items=many(DAY), next=MAYBE_TEXT),
    ("PUT", "/api/days/{day}"): DAY,
    ("DELETE", "/api/days/{day}"): DAY,
    ("GET", "/api/warehouses"): listed(WAREHOUSE),
    ("GET", "/api/warehouses/{code}"): WAREHOUSE,
    ("PUT", "/api/warehouses/{code}"): WAREHOUSE,
    ("GET", "/api/warehouses/{code}/wms"): WMS,
    ("PUT", "/api/warehouses/{code}/wms"): WMS,
    ("POST", "/api/warehouses/{code}/wms/try"): a(ok={"type": "boolean"}, why=TEXT, raw=TEXT),
    ("POST", "/api/warehouses/{code}/wms/reconcile"): a(warehouse=TEXT, asked={"type": "boolean"}),
    ("GET", "/api/wms"): listed(a(warehouse=TEXT, enabled={"type": "boolean"}, waiting=WHOLE, stuck=WHOLE)),
    ("GET", "/api/wms/calls"): listed(WMS_CALL),
    ("POST", "/api/wms/calls/{number}/{choice}"): WMS_CALL,
    ("GET", "/api/customers"): listed(CUSTOMER),
    ("GET", "/api/customers/{customer}"): CUSTOMER,
    ("PUT", "/api/customers/{customer}"): CUSTOMER,
    ("POST", "/api/lines/price"): a(lines=many(a(line_no=WHOLE, sku=TEXT, qty=WHOLE)), amount_fen=WHOLE),
    ("POST", "/api/places/read"): a(place=PLACE, warehouses=many(TEXT)),
    ("POST", "/api/me/password"): a(user=TEXT),
    ("GET", "/api/salespeople"): listed(a(name=TEXT, display=TEXT)),
    ("GET", "/api/stock/bins"): listed(a(warehouse=TEXT, bin=TEXT, sku=TEXT, name=TEXT, qty=WHOLE)),
    ("GET", "/api/users"): listed(USER),
    ("GET", "/api/users/{name}"): USER,
    ("PUT", "/api/users/{name}"): USER,
    ("GET", "/api/devices"): listed(DEVICE),
    ("POST", "/api/devices"): a(device=TEXT, code=TEXT, expires_at=TIME),
    ("POST", "/api/devices/enrol"): a(device=TEXT, token=TEXT, warehouse=TEXT),
    ("POST", "/api/login"): a(token=TEXT, user=a(name=TEXT, role=TEXT)),
    ("GET", "/api/me"): a(user=a(name=TEXT, role=TEXT), rights=many(TEXT)),
    ("GET", "/api/channels"): listed(a(code=TEXT)),
    ("GET", "/api/channels/{code}"): a(code=TEXT, scheme=TEXT, secrets={"type": "object"}),
    ("PUT", "/api/channels/{code}"): a(code=TEXT, scheme=TEXT, secrets={"type": "object"}),
    ("GET", "/api/channels/{code}/versions"): listed(a(version=WHOLE, at=TIME, by=TEXT)),
    ("GET", "/api/channels/{code}/samples"): listed(a(id=TEXT, at=TIME, status=TEXT)),
    ("GET", "/api/channels/{code}/imports"): listed(IMPORT),
    ("GET", "/api/imports/{number}"): IMPORT,
    ("POST", "/api/channels/{code}/rehearse"): a(count=WHOLE, same=WHOLE, mended=WHOLE, broken=WHOLE),
    ("GET", "/api/inbox"): listed(MESSAGE),
    ("POST", "/api/inbox/{number}/replay"): MESSAGE,
    ("POST", "/api/inbox/replay"): a(replayed={"type": "integer"}, became={"type": "object"}),
    ("GET", "/api/conflicts"): listed(CONFLICT),
    ("POST", "/api/conflicts/{order_no}/{line}/{kind}/settle"): CONFLICT,
    ("GET", "/api/parked"): listed(a(id=TEXT, carrier=TEXT, code=TEXT, why=TEXT, raw=TEXT, at=TIME)),
    ("POST", "/sync/push"): PUSHED,
    ("POST", "/sync/carry"): PUSHED,
    ("POST", "/sync/settle"): CONFLICT,
    ("POST", "/sync/counts"): a(results=many(a(id=TEXT, verdict=TEXT)), server_time=TIME, epoch=TEXT),
    ("GET", "/api/counts"): listed(COUNT),
    ("GET", "/qr/papers"): listed({"type": "object"}),
    ("GET", "/healthz"): OK,
    ("GET", "/readyz"): OK,
}
# Routes that answer something else than JSON. A platform is answered in its own form.
OTHER: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/api/orders/{order_no}/attachments/{number}"): ("application/octet-stream",),
    ("GET", "/api/pictures/{digest}"): ("image/jpeg", "image/png", "image/webp"),
    ("GET", "/api/board/events"): ("text/event-stream",),
    ("GET", "/t/{token}"): ("text/html",),
    ("GET", "/qr/{name}"): ("application/pdf", "image/png", "text/plain", "application/zip"),
    ("GET", "/in/{code}"): ("*/*",),
    ("POST", "/in/{code}"): ("*/*",),
    ("POST", "/in/{code}/{path_key}"): ("*/*",),
}
