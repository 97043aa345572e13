"""The signature that a call to 高德 (Amap) must carry once its key has a private key. Nothing here calls anybody.

Pairs are signed as they are, before they are escaped for the address. Facts: lbs.amap.com, "数字签名" (faq/quota-key).
"""

import hashlib
from collections.abc import Mapping


def signed_text(params: Mapping[str, str], private_key: str) -> str:
    """Every parameter of the call (also `key`, never `sig`) sorted by name, then the private key with nothing between."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params)) + private_key


def sig(params: Mapping[str, str], private_key: str) -> str:
    """Lower-case hex MD5; a wrong one is refused by the platform as 10007."""
    text = signed_text(params, private_key).encode("utf-8", "surrogatepass")
    return hashlib.md5(text, usedforsecurity=False).hexdigest()
