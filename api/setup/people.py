"""Who works at the demo company and who buys there.

One user stands for each role and is named as the role; more sales and pickers share the work. The 217 customers
bear invented names at invented house numbers in real districts; phones follow a pattern (1380000…) that no one
has. `C0042` 浦东宝诚4S店 is the customer of the docs and samples.
"""

import msgspec

from api.places import place_of
from api.setup.draw import Draw


class Staff(msgspec.Struct, frozen=True):
    """`warehouse` is empty for those who belong to none."""

    name: str
    display: str
    role: str
    phone: str
    warehouse: str


class Customer(msgspec.Struct, frozen=True):
    """`terms` is "prepaid" or "monthly" (月结, owing at most `credit_fen`); `adcode` is the address's district."""

    id: str
    name: str
    phone: str
    tier: str
    terms: str
    credit_fen: int
    salesperson: str
    address: str
    adcode: str


CUSTOMERS = 217

_STAFF = (
    ("owner", "周启明", "owner", ""),
    ("supervisor", "沈国华", "supervisor", "SH"),
    ("sales", "陈静", "sales", ""),
    ("finance", "许慧敏", "finance", ""),
    ("picker", "王建军", "picker", "SH"),
    ("supervisor_sz", "陆文斌", "supervisor", "SZ"),
    ("supervisor_hz", "方志强", "supervisor", "HZ"),
    ("sales_2", "顾晓峰", "sales", ""),
    ("sales_3", "徐雅琴", "sales", ""),
    ("sales_4", "潘立新", "sales", ""),
    ("sales_5", "吴佳怡", "sales", ""),
    ("finance_2", "金玉兰", "finance", ""),
    ("picker_sh2", "李大勇", "picker", "SH"),
    ("picker_sh3", "赵小燕", "picker", "SH"),
    ("picker_sh4", "孙志刚", "picker", "SH"),
    ("picker_sz1", "钱伟", "picker", "SZ"),
    ("picker_sz2", "郑红梅", "picker", "SZ"),
    ("picker_sz3", "冯涛", "picker", "SZ"),
    ("picker_hz1", "何明亮", "picker", "HZ"),
    ("picker_hz2", "朱丽君", "picker", "HZ"),
)

# Districts and how many customers of a round they have: near the warehouses many, farther out few.
_DISTRICTS = {
    "310115": 5, "310117": 4, "310112": 4, "310114": 4, "310113": 3, "310118": 3, "310120": 3, "310116": 2,
    "310104": 2, "310105": 1, "310107": 2, "310110": 2, "310109": 1, "310106": 2, "310101": 1, "310151": 1,
    "320506": 3, "320508": 2, "320507": 2, "320505": 2, "320509": 2, "320583": 4, "320585": 2, "320581": 2,
    "320582": 2, "320211": 2, "320281": 2, "320282": 1, "320402": 1, "320411": 1, "320602": 1, "320106": 1,
    "330110": 3, "330109": 3, "330106": 2, "330108": 2, "330105": 2, "330402": 2, "330483": 1, "330481": 1,
    "330502": 1, "330602": 2, "330604": 1, "330212": 2, "330203": 1, "330206": 1, "330702": 1, "330782": 2,
    "340104": 1, "340202": 1,
}  # fmt: skip
_FIRST = "宝鑫恒骏瑞佳顺鸿嘉盛腾凯博诚捷安泰永亿联众"
_SECOND = "诚驰达安通隆捷远兴源丰泽辉航畅德"
_KINDS = ("4S店", "汽修厂", "汽车维修", "快修店", "汽车养护中心", "钣喷中心", "汽车服务站", "轮胎店")
_ROADS = (
    "云桂", "澜石", "栖梧", "景澄", "望舟", "榆青", "听泉", "砚池", "杉林", "汀兰", "麦田", "鹿鸣", "苇塘", "月湾", "织锦",
)  # fmt: skip


def staff() -> tuple[Staff, ...]:
    return tuple(
        Staff(name, display, role, f"13900000{number:03d}", warehouse)
        for number, (name, display, role, warehouse) in enumerate(_STAFF, start=1)
    )


def customers(sellers: tuple[str, ...], seed: int) -> tuple[Customer, ...]:
    """C0001 … C0217; every name and phone once."""
    draw = Draw(seed, "customers")
    codes = [code for code, weight in _DISTRICTS.items() for _ in range(weight)]
    taken = {"浦东宝诚4S店"}
    found = []
    for number in range(1, CUSTOMERS + 1):
        code = codes[(number * 7) % len(codes)]
        found.append(_docs_customer() if number == 42 else _customer(number, code, sellers, taken, draw))
    return tuple(found)


def _docs_customer() -> Customer:
    address = "上海市浦东新区云桂路1288号"
    return Customer("C0042", "浦东宝诚4S店", "13800000000", "vip", "prepaid", 0, "sales", address, "310115")


def _customer(number: int, adcode: str, sellers: tuple[str, ...], taken: set[str], draw: Draw) -> Customer:
    place = place_of(adcode)
    if place is None:
        raise KeyError(adcode)
    kind = draw.pick(_KINDS)
    district = place.path[-1].removesuffix("新区")
    district = district[:-1] if len(district) > 2 and district[-1] in "区市县" else district
    name = ""
    while not name or name in taken:
        name = f"{district}{draw.pick(_FIRST)}{draw.pick(_SECOND)}{kind}"
    taken.add(name)
    tier = "vip" if kind == "4S店" and draw.chance(60) else "normal"
    monthly = draw.chance(55 if tier == "vip" else 25)
    credit_fen = draw.between(4, 30) * 1_000_000 if monthly else 0
    address = f"{place.name}{draw.pick(_ROADS)}路{draw.between(11, 1999)}号"
    return Customer(
        f"C{number:04d}",
        name,
        f"13800000{number:03d}",
        tier,
        "monthly" if monthly else "prepaid",
        credit_fen,
        sellers[number % len(sellers)],
        address,
        adcode,
    )
