"""When will it be there: a window of days for goods that are still here, learnt from the deliveries of this company.

The pure half: `forecast` is asked, `effects` says what each fact costs, `pace` how fast things go just now, `spread` how
far from the expected day they end. Nothing here reads a clock, a database or a map; it refuses to learn from nothing.
"""
