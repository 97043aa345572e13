"""The gateway: raw bytes from a shop, a till or a sheet become drafts of orders.

Pure rooms: `schemes` (is it from whom it says), `payload` (bytes to a value), `mapping` (value to draft, as
data), `convert` (one value, exactly), `keywords`, `suggest`, `sheet`. None of them sees the database, the
clock or the network; what they cannot read they hand back with a reason, never dropped.
"""
