"""The board: what stands where right now, in four colours, and every change of it as it happens."""
