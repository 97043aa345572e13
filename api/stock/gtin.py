"""GTIN-8, -12, -13 and -14: digits of which the last one checks the others (GS1 General Specifications, 7.9)."""

from api.kernel.errors import Why

LENGTHS = (8, 12, 13, 14)
NOT_DIGITS = Why("条码只能是数字。", "A barcode has digits only.")
WRONG_LENGTH = Why("条码要 8、12、13 或 14 位。", "A barcode has 8, 12, 13 or 14 digits.")
WRONG_CHECK = Why(
    "条码的校验位不对，少了或错了一位。",
    "The barcode's check digit is wrong: a digit is missing or mistyped.",
)


def fault(gtin: str) -> Why | None:
    """Why this is no GTIN; None where it is one."""
    if not (gtin.isascii() and gtin.isdigit()):
        return NOT_DIGITS
    if len(gtin) not in LENGTHS:
        return WRONG_LENGTH
    return None if check_digit(gtin[:-1]) == gtin[-1] else WRONG_CHECK


def check_digit(body: str) -> str:
    """Weights 3, 1, 3, … from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)
