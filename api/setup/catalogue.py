"""What the demo company sells: about 400 SKUs of auto parts, made of part kinds, positions and car models.

Codes are FAMILY-NUMBER; `BP-1023`, the plain front pad of the docs and samples, is the first in every order of
listing. GTINs are thirteen digits of the range that shops keep for internal use (prefix 20) with a right check
digit, so none of them can be anybody's article.
"""

import msgspec


class Sku(msgspec.Struct, frozen=True):
    """`price_fen` is one `uom`'s list price; `weight_g` one uom's weight."""

    code: str
    name: str
    gtin: str
    uom: str
    weight_g: int
    price_fen: int


class Family(msgspec.Struct, frozen=True):
    """One kind of part: `fits` are positions or sizes; a fitted family comes once for each car model too."""

    prefix: str
    first: int
    part: str
    fits: tuple[str, ...]
    uom: str
    weight_g: int
    price_fen: int
    is_fitted: bool = True


MODELS = (
    "朗逸", "速腾", "帕萨特", "途观", "卡罗拉", "凯美瑞", "汉兰达", "雅阁", "思域", "CR-V",
    "轩逸", "天籁", "英朗", "君威", "科鲁兹", "福克斯", "哈弗H6", "博越", "逸动", "秦PLUS",
)  # fmt: skip

FAMILIES = (
    Family("BP", 1024, "刹车片", ("前", "后"), "件", 1850, 11800),
    Family("BR", 2010, "刹车盘", ("前", "后"), "片", 7400, 19800),
    Family("CF", 3005, "空调滤芯", ("",), "只", 260, 3200),
    Family("DG", 4001, "大灯总成", ("左", "右"), "只", 4300, 68000),
    Family("EB", 5012, "发动机皮带", ("",), "条", 310, 7600),
    Family("FF", 5601, "燃油滤清器", ("",), "只", 420, 4800),
    Family("GF", 6003, "空气滤芯", ("",), "只", 380, 3900),
    Family("JL", 6410, "减震器", ("前", "后"), "支", 3900, 32500),
    Family("KP", 6800, "火花塞", ("铜芯", "镍合金", "铂金", "双铂金", "铱金", "双铱金"), "支", 60, 1900, False),
    Family("MY", 7001, "机油", ("0W-20 4L", "5W-30 4L", "5W-40 4L"), "桶", 3700, 12800, False),
    Family("MY", 7011, "机油", ("0W-20 1L", "5W-30 1L", "5W-40 1L"), "瓶", 940, 3600, False),
    Family("QL", 7205, "机油滤清器", ("",), "只", 330, 2600),
    Family("RB", 7608, "下摆臂", ("",), "支", 3100, 23600),
    Family("SX", 8001, "蓄电池", ("45Ah", "55Ah", "60Ah", "70Ah", "80Ah", "EFB 60Ah"), "只", 15500, 33800, False),
    Family("TY", 8205, "雨刮片", ("14寸", "16寸", "18寸", "20寸", "22寸", "24寸", "26寸"), "支", 190, 2400, False),
    Family("WD", 8400, "尾灯", ("左", "右"), "只", 1600, 28600),
    Family("XH", 8801, "点火线圈", ("",), "只", 290, 9800),
    Family("ZC", 9003, "轮毂轴承", ("前", "后"), "只", 1450, 15600),
)  # fmt: skip


def catalogue() -> tuple[Sku, ...]:
    """All SKUs by code."""
    skus = [Sku("BP-1023", "前刹车片", gtin13(1023), "件", 1850, 12800)]
    for order, family in enumerate(FAMILIES):
        models = MODELS if family.is_fitted else ("",)
        number = family.first
        for rank, model in enumerate(models):
            for place, fit in enumerate(family.fits):
                name = f"{fit}{family.part}" if family.is_fitted else f"{family.part}"
                name = f"{name} {model or fit}"
                step = rank * 7 % 11 + place * (3 if family.is_fitted else 9)  # dearer cars, bigger sizes
                skus.append(
                    Sku(
                        f"{family.prefix}-{number}",
                        name,
                        gtin13(10_000 + order * 1_000 + rank * len(family.fits) + place),
                        family.uom,
                        family.weight_g * (100 + step) // 100,
                        family.price_fen * (100 + 3 * step) // 10_000 * 100,
                    )
                )
                number += 1
    return tuple(skus)


def gtin13(number: int) -> str:
    """An internal-use GTIN-13 of an article number below ten thousand million."""
    body = f"20{number:010d}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return f"{body}{-total % 10}"
