"""What happened: one append-only table, a hash chain for each subject, checkpoints over all of it.

An order, a stock place, a customer and the system are subjects. Entries are written in the transaction of
the change they tell of, through `service.record` alone. Personal values stand outside the hashed text
(`service.keep`), so that erasing a person leaves every hash valid.
"""
