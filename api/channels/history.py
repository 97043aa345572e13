"""What a channel's mapping was: one version for each body that differed, with who and when. Going back to one is a
change like any other: it is put again, as the newest.
"""

from collections.abc import Callable
from typing import Any

from api.channels.store import Q, read_body
from api.db.tx import Tx

MOST = 200


def versions(tx: Tx, code: str, show_at: Callable[[int], str | None]) -> list[dict[str, Any]]:
    """Newest first; `by` is empty where the hub was older than its history."""
    found = []
    for row in tx.all(Q.versions, channel=code, count=MOST):
        body = read_body(row["body"])
        found.append(
            {
                "version": row["version"], "at": show_at(row["at"]), "by": row["who"],
                "mapping": body.mapping, "keywords": body.keywords, "for": body.of,
            }
        )  # fmt: skip
    return found
