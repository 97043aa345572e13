"""A device on the floor: enrolled, with a key of its own, that writes ops and pushes them."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def spki(key: ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


class Device:
    """`Device(company)` is added and enrolled in SH."""

    def __init__(self, company: Any, warehouse: str = "SH") -> None:
        self.client, self.warehouse, self.n = company.client, warehouse, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        card = company.supervisor.post("/api/devices", {"label": "PDA", "warehouse": warehouse}).json()
        body = {"code": card["code"], "public_key": spki(self.key)}
        enrolled = self.client.post("/api/devices/enrol", json=body).json()
        self.id = enrolled["device"]
        self.head = {"Authorization": f"Bearer {enrolled['token']}"}

    def op(self, order_no: str, line_no: int, kind: str, qty: int, **change: Any) -> dict[str, Any]:
        self.n += 1
        return {
            "id": f"{self.id}:{self.n}",
            "hlc": f"001769047600000-{self.n:04X}-{self.id}",
            "at": "2026-01-22T10:06:40+08:00",
            "actor": "picker",
            "order_no": order_no,
            "line_no": line_no,
            "kind": kind,
            "qty": qty,
            "bin": "",
            "code": "",
            "v": 1,
            **change,
        }

    def pick(self, order_no: str, line_no: int, qty: int, **change: Any) -> dict[str, Any]:
        return self.op(order_no, line_no, "pick", qty, **change)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=raw, headers={**self.head, **headers})

    def send(self, *ops: Any, device: str = "") -> Any:
        return self.post("/sync/push", {"device": device or self.id, "ops": list(ops)})

    def push(self, *ops: Any) -> list[dict[str, Any]]:
        answer = self.send(*ops)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def pull(self, cursor: str = "") -> dict[str, Any]:
        query = {"warehouse": self.warehouse, "cursor": cursor}
        answer = self.client.get("/sync/pull", params=query, headers=self.head)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settle(self, conflict: str, choice: str, actor: str = "picker", **more: Any) -> Any:
        return self.post("/sync/settle", {"id": conflict, "choice": choice, "actor": actor, **more})

    def bundle(self, *ops: Any) -> dict[str, str]:
        """This device's queue, signed, for another one to carry."""
        raw = json.dumps({"device": self.id, "ops": list(ops)}).encode()
        r, s = utils.decode_dss_signature(self.key.sign(raw, ec.ECDSA(hashes.SHA256())))
        sig = r.to_bytes(32) + s.to_bytes(32)
        return {"bundle": base64.b64encode(raw).decode(), "sig": base64.b64encode(sig).decode()}
