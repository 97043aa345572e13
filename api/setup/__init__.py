"""The demo company and its last two days, as values that the features' own services load."""
