"""The hub, floor by floor; a floor uses only those beneath it (import-linter holds it).

cli                  commands of the shell
app | worker         wiring only
channels … setup     edges: none knows another
orders               the one aggregate
stock | tags         what an order asks
people               who: users, devices, sessions, rights
journal              what happened
web                  problem+json, CSRF, headers, idempotency
db | settings
places               where things are in China
kernel               words: ids, time, canonical JSON, errors, conditions
"""
