"""What a person may choose from when setting up a channel: schemes with their secrets, fields, conversions. One list for
the screen, made from the registries themselves, so that nothing is written down twice.
"""

from typing import Any

from api.channels.keywords import PRIORITIES
from api.channels.mapping import FIELDS, LABELS, LINE_FIELDS, Field
from api.channels.schemes import SCHEMES
from api.channels.tons import CHARGES, GRAMS, ROUNDS
from api.kernel.errors import Why
from api.sheets.convert import CONVERSIONS

# As people say them; what a conversion does exactly stands at its function.
SAID: dict[str, Why] = {
    "text": Why("原样文字", "As text"),
    "int": Why("整数", "Whole number"),
    "epoch_s": Why("秒 → 时间", "Seconds → time"),
    "epoch_ms": Why("毫秒 → 时间", "Milliseconds → time"),
    "date": Why("认时间", "Read a date"),
    "date_mdy": Why("月/日/年", "Month/day/year"),
    "date_dmy": Why("日/月/年", "Day/month/year"),
    "fen": Why("分", "Fen"),
    "yuan": Why("元 → 分", "Yuan → fen"),
    "list": Why("每项一个", "One each"),
    "micro": Why("经纬度", "Degrees"),
    "dozen": Why("打 → 件", "Dozens → pieces"),
    "wan": Why("万 → 件", "Ten thousands → pieces"),
    "g": Why("克", "Grams"),
    "jin": Why("斤 → 克", "Jin → grams"),
    "kg": Why("公斤 → 克", "Kilograms → grams"),
    "ton": Why("吨 → 克", "Tons → grams"),
}
_TIMES = ("date", "epoch_s", "epoch_ms", "date_mdy", "date_dmy")
# What is offered first for a field read by default as this; others may still be written by hand.
FITTING: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "list": ("list",),
    "micro": ("micro",),
    "date": _TIMES,
    "fen": ("fen", "yuan"),
    "int": ("int", "dozen", "wan"),
}


def catalogue() -> dict[str, Any]:
    fields = [_field(name, name, field) for name, field in FIELDS.items()]
    lines = [_field(f"lines.{name}", name, field) for name, field in LINE_FIELDS.items()]
    return {
        "schemes": [_scheme(name) for name in SCHEMES],
        "fields": fields + lines,
        "conversions": [{"name": name, **_both(SAID[name])} for name in CONVERSIONS],
        "units": list(GRAMS), "rounds": list(ROUNDS), "charges": list(CHARGES), "priorities": list(PRIORITIES),
    }  # fmt: skip


def _both(why: Why) -> dict[str, str]:
    return {"zh": why.zh, "en": why.en}


def _field(name: str, label: str, field: Field) -> dict[str, Any]:
    return {
        "name": name, **_both(LABELS[label]), "kind": field.kind, "default": field.default, "blocks": field.blocks,
        "fitting": FITTING[field.default],
    }  # fmt: skip


def _scheme(name: str) -> dict[str, Any]:
    scheme = SCHEMES[name]
    return {
        "name": name, **_both(scheme.label), "has_path_key": any(one.name == "path_key" for one in scheme.secrets),
        "secrets": [
            {"name": one.name, "is_required": one.is_required, "form": one.form, **_both(one.meaning)}
            for one in scheme.secrets
        ],
    }  # fmt: skip
