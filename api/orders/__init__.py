"""The one aggregate: an order, its lines, its state, and everything that hangs on it.

`machine` is the law (pure); `store` reads and writes; `service` holds one unit of work a function. State
changes only through `machine.step`.
"""
