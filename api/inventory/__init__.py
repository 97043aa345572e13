"""Stock and master data as people handle them: lists, moves by hand, who holds what, SKUs, bins, warehouses.

Stands above orders, because a move can take a reservation away or feed an order that waits.
"""
