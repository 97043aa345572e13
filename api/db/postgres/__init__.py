"""PostgreSQL as the second engine: the same statements, the same laws, over psycopg (the extra `postgres`).

Loaded only where an address is given, so that a company on SQLite needs no driver.
"""

import psycopg

from api.db import storage

storage.ERRORS.append(psycopg.Error)
