"""The merge room: what happens to picks that many devices make while they cannot see each other.

A set of immutable ops and one fold. `merge` is union by id, `project` is the only place with a policy; both exist a
second time in JavaScript (`pwa/src/sync`), and `sync/vectors/*.json` is the specification that both run.
Pure: no I/O, no clock, no random numbers, and nobody above this room is known to it.
"""
