"""The schema on PostgreSQL, forward only; it begins where SQLite's stood when PostgreSQL came."""
