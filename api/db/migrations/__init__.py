"""Numbered SQL files; `api.db.migrate` applies them. A released file never changes."""
