"""Codes and label sheets: the pure outbuilding that knows nobody above it.

From below: `codes` (grammar and check character) and `font`, then `matrix`, `marks`, `items`, `papers`, `layout` (pure
boxes), `draw` (two engines) and `sheet`, which the hub calls. No I/O but reading the shipped font.
"""
