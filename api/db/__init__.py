"""The database: one writer that commits in groups, readers on snapshots, named SQL, forward migrations.

Nothing above writes SQL outside a `queries.sql`, and nothing here knows an order from a bin.
"""
