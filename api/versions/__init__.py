"""An order's past: snapshots, the difference between two, and its journal. Reads only; amending is an order's
own command.
"""
