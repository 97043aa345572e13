"""Words that every floor shares: errors, time, ids, canonical JSON, actors, conditions. Nothing here does I/O."""
