"""Whom a customer can call once the parcel is on the road: the hotline that a carrier itself publishes.

A carrier that is not in the table has no number on the page; none is guessed. `source` is the carrier's own site, on
whose pages the number stands; a house that finds one changed mends its row here.
"""

from typing import NamedTuple


class Carrier(NamedTuple):
    """`words`: how people write it, each found anywhere in what was typed as the carrier."""

    words: tuple[str, ...]
    hotline: str
    source: str


# Short numbers of five or six digits: nationwide, from any phone in mainland China.
CARRIERS: tuple[Carrier, ...] = (
    Carrier(("顺丰", "SF"), "95338", "sf-express.com"),
    Carrier(("德邦",), "95353", "deppon.com"),
    Carrier(("京东",), "950616", "jdl.com"),
    Carrier(("中通",), "95311", "zto.com"),
    Carrier(("跨越",), "95324", "ky-express.com"),
    Carrier(("圆通",), "95554", "yto.net.cn"),
    Carrier(("申通",), "95543", "sto.cn"),
    Carrier(("韵达",), "95546", "yundaex.com"),
    Carrier(("邮政", "EMS"), "11183", "ems.com.cn"),
)


def hotline(name: str) -> str:
    """Empty where the carrier is unknown, or the name could mean two of them."""
    said = name.upper()
    hits = {one.hotline for one in CARRIERS if any(word in said for word in one.words)}
    return hits.pop() if len(hits) == 1 else ""
