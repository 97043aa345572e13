"""How fast and how right the hub is, measured: the bare limits, single-order ingest, a replay of real orders.

Every figure is printed with the load average beside it, reference and hub run in turns within one command,
and nothing is called fast before the journal and the stock sums have been checked afterwards.
"""
