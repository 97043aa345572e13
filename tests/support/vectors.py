"""What platforms and other people's libraries published: requests, signatures, ciphertexts, positions, each with its source."""

import json
from pathlib import Path
from typing import Any

FILES: dict[str, list[dict[str, Any]]] = {
    file.name: json.loads(file.read_text("utf-8"))["vectors"]
    for file in sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
}
KNOWN: dict[str, dict[str, Any]] = {one["id"]: one for found in FILES.values() for one in found}
"""By id."""
