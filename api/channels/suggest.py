"""A first mapping for a payload or a sheet that nobody has mapped: by names in Chinese and English, and by
shapes.

It proposes, a person decides. Money with a decimal point is yuan, whole numbers in JSON are fen, in a sheet
yuan, unless the name says otherwise; ten digits are seconds, thirteen milliseconds; short dates say which
country only where a value proves it. What is not recognised is left out, so it stays in `extra`.
"""

import re
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

from api.channels.paths import Path, column, written
from api.sheets.convert import Fault, number, plain, to_date
from api.sheets.sheet import Sheet

# Best name first. Names are compared without case, blanks and punctuation; a parent's name counts as a prefix.
NAMES: dict[str, str] = {
    "external_no": "externalno outtradeno outorderid orderid orderno ordernumber ordersn ordercode invoiceno tradeno "
    "渠道单号 外部单号 订单编号 订单号 订单id 平台单号 商户单号 交易订单号 交易单号 商家订单号 单据编号 单号 "
    "messagesid",
    "paid_at": "paidat paytime paidtime timepaid paymenttime paiddate paymentdate orderapprovedat 支付时间 付款时间 "
    "付款日期 支付日期 收款时间",
    "created_at": "createdat createtime createdtime creationtime ordertime orderdate placedat invoicedate "
    "orderpurchasetimestamp 下单时间 创建时间 订单时间 订单日期 下单日期 订购日期 交易时间 日期 "
    "messagestimestamp",
    "paid_fen": "paidfen paidamount payamount paymentvalue paymentamount amountpaid payeramount actualamount amount totalfee totalamount total "
    "grandtotal 实付金额 实付款 实付 实收金额 付款金额 支付金额 订单金额 总金额 总价 金额",
    "customer.name": "customername buyername receivername consigneename recipientname contactname shopname consignee "
    "customer buyer receiver recipient contact 客户名称 客户名 客户 收货人姓名 收货人 收件人 买家 联系人 门店 姓名 "
    "profilename",
    "customer.phone": "customerphone buyerphone receiverphone consigneephone receivermobile buyermobile phonenumber "
    "phone mobile mobilephone telephone tel 联系电话 手机号码 手机号 手机 收货电话 收货人电话 收件人电话 联系方式 电话 "
    "messagesfrom waid",
    "address.text": "fulladdress shippingaddress deliveryaddress receiveraddress addresstext addressdetail addressfull "
    "address addr 收货地址 详细地址 送货地址 收件地址 配送地址 客户地址 地址",
    "address.lng": "lng lon longitude 经度",
    "address.lat": "lat latitude 纬度",
    "note": "buyerremark buyermessage customernote ordernote orderremark remark remarks note notes comment comments memo "
    "message instructions 买家留言 客户备注 订单备注 备注 留言 说明 ordertext",
    "options": "options extras addons services requirements 选项 附加要求 增值服务 特殊要求 要求",
}
LINE_NAMES: dict[str, str] = {
    "sku": "sku skucode skuno skuid itemcode itemno productcode productno goodscode goodsno materialcode stockcode "
    "partno partnumber articleno productretailerid productid goodsid itemid code 货号 sku编码 商品编码 商品货号 商品编号 产品编码 产品编号 "
    "物料编码 物料号 配件号 零件号 料号 编码 型号",
    "qty": "qty quantity orderqty qtyordered quantityordered skunum goodsnum buynum num count pieces pcs number 数量 件数 "
    "购买数量 订购数量 订货数量 采购数量 需求数量 商品数量 下单数量 订购件数",
    "price_fen": "pricefen unitprice saleprice skuprice itemprice price 单价 商品单价 销售单价 含税单价 折后单价 成交价 价格 售价",
    "name": "productname goodsname itemname skuname name title description 商品名称 货品名称 产品名称 物料名称 品名 商品 "
    "名称",
    "uom": "uom unit measureunit 单位 计量单位",
}
_IN_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]\s*$")
WEAK_IDS = ("id", "no", "number", "编号")
EVENT_NAMES = ("event", "eventtype", "eventname", "type", "topic", "action", "msgtype", "消息类型", "事件")
VERBS: tuple[dict[str, str], ...] = (
    {"created": "create", "paid": "pay", "cancelled": "cancel", "canceled": "cancel", "refunded": "refund"},
    {"new": "create", "create": "create", "pay": "pay", "cancel": "cancel", "refund": "refund"},
    {"创建": "create", "支付": "pay", "取消": "cancel", "退款": "refund"},
    {"order": "create"},  # a chat's message that is an order, among others that are none
)
# What a sheet says became of an order; an empty one is over, and nobody picks it again.
STATUS_NAMES = ("订单状态", "交易状态", "当前状态", "状态", "orderstatus", "tradestatus", "status")
STATUS: dict[str, str] = {
    word: event
    for event, words in {
        "create": "待付款 未付款 待支付 未支付 等待买家付款 created pending unpaid",
        "pay": "已付款 已支付 待发货 等待卖家发货 买家已付款 支付成功 paid approved processing invoiced",
        "cancel": "已取消 已关闭 交易关闭 订单关闭 canceled cancelled closed",
        "refund": "已退款 退款成功 refunded",
        "": "已发货 待收货 已签收 已完成 交易成功 交易完成 shipped delivered completed unavailable",
    }.items()
    for word in words.split()
}
# A line's own sum is called so, too.
WEAK_SUMS = ("金额", "总价", "总金额", "amount", "total", "totalamount")
# What such a column says of a row is which one it is, not how many.
_COUNT = re.compile(r"\d[\d,]{0,8}(?:\.0+)?\s*[^\W\d]{0,3}")  # `1,200`, `200.0`, `12 pcs`
_NUMBERING = re.compile(r"(?:id|no|code|number|index|seq|year|month|[号码序年月日])$")
TIMES, MONEY, LISTS = ("paid_at", "created_at"), ("paid_fen", "price_fen"), ("options",)
DEEPEST = 12


def suggest(payload: Any) -> dict[str, Any]:
    """A mapping that `read_mapping` accepts; fields that nothing speaks for are missing."""
    leaves = dict(_leaves(payload, ()))
    each, line = _lines(payload)
    outer = {p: v for p, v in leaves.items() if each is None or p[: len(each)] != each}
    mapping: dict[str, Any] = {}
    found, event = _match(NAMES, outer), _event(outer)
    # A kind that says no more than "order" must not hide that this one is paid.
    if event and not ("paid_at" in found and set(event["is"].values()) == {"create"}):
        mapping["event"] = event
    if "external_no" not in found and (weak := _weak_id(outer, each)):
        found["external_no"] = weak
    for field, path in found.items():
        group, _, inner = field.partition(".")
        value = _value(field, written(path), [outer[path]], is_sheet=False)
        if inner:
            mapping.setdefault(group, {})[inner] = value
        else:
            mapping[field] = value
    if each is not None:
        chosen = _match(LINE_NAMES, dict(_leaves(line, ())))
        mapping["lines"] = {"each": written(each)} | {
            field: _value(field, written(path), [_at(line, path)], is_sheet=False)
            for field, path in chosen.items()
        }
    return mapping


def suggest_sheet(sheet: Sheet) -> dict[str, Any]:
    """The same for a sheet: columns are the paths, each row is a line, and all its values decide on
    shapes."""
    columns: dict[Path, list[str]] = {
        (name,): [row.cells[name] for row in sheet.rows[:500] if name in row.cells] for name in sheet.header
    }
    lines = _match(LINE_NAMES, columns)
    rest = {path: values for path, values in columns.items() if path not in lines.values()}
    mapping: dict[str, Any] = {}
    found = _match(NAMES, rest)
    if "qty" in lines and _is_a_lines(sheet, found):
        del found["paid_fen"]
    if event := _status(columns, len(sheet.rows[:500]), has_goods="sku" in lines):
        mapping["event"] = event
    for field, path in found.items():
        group, _, inner = field.partition(".")
        value = _value(field, column(str(path[0])), rest[path], is_sheet=True)
        if inner:
            mapping.setdefault(group, {})[inner] = value
        else:
            mapping[field] = value
    mapping["lines"] = {
        field: _value(field, column(str(path[0])), columns[path], is_sheet=True)
        for field, path in lines.items()
    }
    if not {"sku", "qty"} & set(lines) and "paid_fen" in mapping:
        # A statement: its rows are payments of orders that are there, whatever it says of goods.
        mapping |= {"event": {"const": "pay"}, "lines": {}}
        if "created_at" in mapping and "paid_at" not in mapping:
            mapping["paid_at"] = mapping.pop("created_at")
    unknown = columns.keys() - {*lines.values(), *_match(NAMES, rest).values()}
    if "sku" in lines and "qty" not in lines and not any(_counts(columns, path) for path in unknown):
        mapping["lines"]["qty"] = {"const": 1}  # a row is a piece, where nobody counts
    return mapping


def _is_a_lines(sheet: Sheet, found: dict[str, Path]) -> bool:
    """Rows of one order that name different sums tell of their goods, not of what was paid for the order."""
    number, money = (str(found[name][0]) if name in found else "" for name in ("external_no", "paid_fen"))
    if not number or _key(money) not in WEAK_SUMS:
        return False
    sums: dict[str, set[str]] = {}
    for row in sheet.rows[:500]:
        sums.setdefault(row.cells.get(number, ""), set()).add(row.cells.get(money, ""))
    return any(len(some) > 1 for some in sums.values())


def _status(columns: dict[Path, list[str]], count: int, *, has_goods: bool) -> dict[str, Any] | None:
    """The column that tells of every row what became of its order, where all that it says is known: what is cancelled or
    over must not be picked. Without goods it speaks of orders that are there, and what is over was paid."""
    for name in STATUS_NAMES:
        for path, values in columns.items():
            said = {text.strip() for text in values if text.strip()}
            if (
                _key(str(path[0])) == name
                and len(values) == count
                and said
                and all(one.casefold() in STATUS for one in said)
            ):
                events = {one: STATUS[one.casefold()] or ("" if has_goods else "pay") for one in sorted(said)}
                known = {one: event for one, event in events.items() if event}
                return {"path": column(str(path[0])), "is": known or {"待发货": "pay"}}
    return None


def _counts(columns: dict[Path, list[str]], path: Path) -> bool:
    """May be how many, under a name unknown here: then a person says so, for 200 pieces must not become one."""
    texts = [plain(text) for text in columns[path] if text.strip()]
    counts = sum(_COUNT.fullmatch(text) is not None for text in texts)
    return 0 < len(texts) <= 2 * counts and not _NUMBERING.search(_key(str(path[0])))


def _is_wrapped(value: Any) -> bool:
    """A list of one object: as some platforms wrap what a message is about (`entry[0].changes[0]`)."""
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Scalars and lists of scalars; lists of several objects are lines, not fields."""
    if len(path) >= DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif _is_wrapped(value):
        yield from _leaves(value[0], (*path, 0))
    elif path and not (isinstance(value, list) and any(isinstance(v, dict | list) for v in value)):
        yield path, value


def _lists(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Lists of objects, each with its first; single objects too, for XML's lists of one."""
    if isinstance(value, dict) and len(path) < DEEPEST:
        if path:
            yield path, value
        for key, inner in value.items():
            yield from _lists(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield path, value[0]
        if len(value) == 1 and len(path) < DEEPEST:
            yield from _lists(value[0], (*path, 0))


def _lines(payload: Any) -> tuple[Path | None, dict[str, Any]]:
    best: tuple[Path | None, dict[str, Any]] = (None, {})
    most = 1
    for path, first in _lists(payload, ()):
        # A single object counts by what stands in itself: a parent must not win by its child's lines.
        deep = 2 if isinstance(_at(payload, path), list) else 1
        near = {p: v for p, v in _leaves(first, ()) if len(p) <= deep}
        found = _match(LINE_NAMES, near)
        if "qty" in found and len(found) > most:
            best, most = (path, first), len(found)
    return best


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _spoken(path: Path) -> list[str]:
    """The names that a place answers to: with its parent, alone, and without a unit at the end or in brackets."""
    own, *parents = [_key(part) for part in reversed(path) if isinstance(part, str)]
    names = [parents[0] + own, own] if parents else [own]
    names.append(_key(_IN_BRACKETS.sub("", str(path[-1]))))
    bare = [re.sub(r"(?:fen|cents?|yuan|cny|rmb|元|分)$", "", name) for name in names]
    return [*names, *(b for b in bare if b)]


def _match(table: dict[str, str], leaves: dict[Path, Any]) -> dict[str, Path]:
    """Field to place, best names first over the whole table, no place twice."""
    ranked: list[tuple[int, int, str, Path]] = []
    for field, names in table.items():
        order = {name: i for i, name in enumerate(names.split())}
        for path, value in leaves.items():
            rank = min((order[name] for name in _spoken(path) if name in order), default=-1)
            if rank >= 0 and _suits(field, value):
                ranked.append((rank, len(path), field, path))
    found: dict[str, Path] = {}
    for _rank, _depth, field, path in sorted(ranked, key=lambda r: (r[0], r[1])):
        if field not in found and path not in found.values():
            found[field] = path
    return {field: found[field] for field in table if field in found}


def _suits(field: str, value: Any) -> bool:
    """A list is no name, and `customer: {…}` no text; in a sheet the values are all texts."""
    if field in LISTS:
        return isinstance(value, list | str)
    if isinstance(value, bool | dict):
        return False
    # A sheet's column comes as the list of its texts; a list of one message's field suits options only.
    return not isinstance(value, list) or all(isinstance(v, str) for v in value)


def _weak_id(leaves: dict[Path, Any], each: Path | None) -> Path | None:
    """`id` beside the lines is the order's."""
    for path in leaves:
        if each is not None and path[:-1] == each[:-1] and _key(str(path[-1])) in WEAK_IDS:
            return path
    return None


def _event(leaves: dict[Path, Any]) -> dict[str, Any] | None:
    """`order.paid` speaks for its family: created, paid, cancelled, refunded, in the same way of writing."""
    named = [(EVENT_NAMES.index(_key(str(p[-1]))), p) for p in leaves if _key(str(p[-1])) in EVENT_NAMES]
    for _, path in sorted(named):
        text = leaves[path]
        word = (
            re.search(r"[A-Z]?[a-z]+$|[A-Z]+$|[\u4e00-\u9fff]{2}$", text) if isinstance(text, str) else None
        )
        family = next((f for f in VERBS if word and word[0].lower() in f), None)
        if word is None or family is None:
            continue
        stem = text[: word.start()]
        style = str.upper if word[0].isupper() else str.capitalize if word[0][0].isupper() else str.lower
        return {"path": written(path), "is": {stem + style(verb): event for verb, event in family.items()}}
    return None


def _value(field: str, path: str, values: list[Any], *, is_sheet: bool) -> Any:
    if field in LISTS:
        return {"path": path, "as": "list"}
    if field in TIMES:
        return {"path": path, "as": _time(values)}
    return {"path": path, "as": _money(path, values, is_sheet=is_sheet)} if field in MONEY else path


def _time(values: list[Any]) -> str:
    texts = [str(v).strip() for v in values if v not in (None, "")]
    for name, digits in (("epoch_s", 10), ("epoch_ms", 13)):
        if texts and all(t.isascii() and t.isdigit() and len(t) == digits for t in texts):
            return name
    faults = [f.code for t in texts if isinstance(f := to_date(t, UTC), Fault)]
    if "ambiguous_date" not in faults:
        return "date"
    pairs = [(int(m[1]), int(m[2])) for t in texts if (m := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]", t))]
    if any(a > 12 for a, _ in pairs):
        return "date_dmy"
    return "date_mdy" if any(b > 12 for _, b in pairs) else "date"


def _money(path: str, values: list[Any], *, is_sheet: bool) -> str:
    name = path.casefold().rstrip('")）')
    if re.search(r"(?:fen|cents?|分)$", name):
        return "fen"
    # WhatsApp's `item_price` counts in the currency's own unit, also where it is whole.
    if re.search(r"(?:yuan|元|item_price)$", name):
        return "yuan"
    if is_sheet or any(isinstance(v, Decimal | float) or (isinstance(v, str) and "." in v) for v in values):
        return "yuan"
    return "fen" if all(not isinstance(number(v), Fault) for v in values) else "yuan"


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
