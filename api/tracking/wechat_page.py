"""The signature under which a page inside WeChat's browser may call the phone (`wx.config`: share, show a place, scan).

Whoever signs has looked that the address is one of the company's own; nothing here asks WeChat for a ticket, which lives 7,200 s.
Facts: WeChat JS-SDK documentation, appendix 1.
"""

import hashlib


def signed_text(ticket: str, nonce: str, at_s: int, address: str) -> str:
    """`address` as the page was loaded, with every parameter that WeChat put there; what stands behind `#` does not count."""
    return f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={at_s}&url={address.partition('#')[0]}"


def signature(ticket: str, nonce: str, at_s: int, address: str) -> str:
    """Lower-case hex SHA-1; `wx.config` wants it beside `timestamp` and the same nonce, there spelled `nonceStr`."""
    text = signed_text(ticket, nonce, at_s, address).encode("utf-8", "surrogatepass")
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()
