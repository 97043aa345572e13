"""What is there and who holds it: SKUs, bins, warehouses, reservations and the ledger of moves.

At all times `0 <= reserved <= on_hand`, `reserved` is the sum of the open reservations, the bins sum to
`on_hand`, and `on_hand` is the sum of the moves. Nothing here knows an order beyond its number.
"""
