"""Snapshots small on the disk: the canonical text of an order, deflated against what such texts have in common.

The first one of an order leans on `WORDS`, every later one also on the first, so that it is little more than what has
changed. Hashes and readers see the canonical text alone. A text that does not come back whole is refused.
"""

import zlib

# A typical text without its values, the likeliest last (the nearer, the cheaper). What has been packed against these
# words is read against them for ever: another wording is another number in `_WORDS`.
WORDS = (
    b'"awaiting_payment""cancelled""returned""amended""shipped""delivered""packed""picking""held":{"at":1769,"by":"'
    b'"exceptions":["short_stock","amount_mismatch","unknown_sku"],"parcels":[["sf","SF1",1769]],"checklist":[['
    b'"\xe9\x99\x84\xe6\xa3\x80\xe9\xaa\x8c\xe6\x8a\xa5\xe5\x91\x8a",true],["'
    b'"tags":["\xe5\x8a\xa0\xe6\x80\xa5","\xe9\x81\xbf\xe5\x91\xa8\xe4\xb8\x80"],"terms":"monthly","priority":"urgent",'
    b'{"address":{"adcode":"310115","lat_e6":null,"lng_e6":null,"text":{"digest":"","ref":1}},"amount_fen":12800,'
    b'"channel":"manual","checklist":[],"customer":{"id":"C0001","name":{"digest":"","ref":1},"phone":{"digest":"",'
    b'"ref":1}},"exceptions":[],"external_no":null,"extra":null,"held":null,"lines":[{"line_no":1,"name":"","picked":0,'
    b'"price_fen":12800,"qty":1,"reserved":1,"short":0,"sku":"BP-","uom":"\xe4\xbb\xb6","warehouse":"SH"},{"line_no":2,"name":"",'
    b'"picked":0,"price_fen":"qty":2,"reserved":2,"short":0,"sku":"BP-","uom":"\xe4\xbb\xb6","warehouse":"SH"}],"note":{"digest":"",'
    b'"ref":1},"options":[],"order_no":"HD26","owner":"sales","paid_fen":12800,"parcels":[],"priority":"","state":"to_pick",'
    b'"tags":[],"terms":"prepaid","updated_at":1769,"version":1,"warehouse":"SH"}'
)
_WORDS = {1: WORDS}
_NEWEST = 1
# Raw deflate, quick. A small window for small texts: clearing a large one costs more than packing does.
_LEVEL, _MEMORY = 1, 5
_SMALL = 12


def packed(text: bytes, first: bytes = b"") -> bytes:
    """`first`: the canonical text of the order's first snapshot, for every later one."""
    words = _WORDS[_NEWEST] + first
    window = _SMALL if len(words) + len(text) < 1 << _SMALL else zlib.MAX_WBITS
    pack = zlib.compressobj(_LEVEL, zlib.DEFLATED, -window, _MEMORY, zlib.Z_DEFAULT_STRATEGY, words)
    return bytes((_NEWEST,)) + pack.compress(text) + pack.flush()


def unpacked(body: bytes, first: bytes = b"") -> bytes:
    """The text of before. Raises ValueError where the bytes are not what was packed."""
    words = _WORDS.get(body[0]) if body else None
    if words is None:
        raise ValueError("packed by a program that this one does not know")
    unpack = zlib.decompressobj(-zlib.MAX_WBITS, zdict=words + first)
    try:
        text = unpack.decompress(body[1:]) + unpack.flush()
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpack.eof or unpack.unused_data:
        raise ValueError("cut off, or something stands behind it")
    return text
