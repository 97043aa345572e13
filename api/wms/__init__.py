"""Warehouses that an outside system (WMS) keeps: what the ledger locks, frees and uses there is told to it, over HTTP.

`protocol` and `breaker` are pure; `client` speaks; `service` is one unit of work a function; `lanes` runs one lane a
warehouse beside the requests. An order never waits for any of it.
"""
