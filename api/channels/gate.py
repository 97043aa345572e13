"""What the gateway needs of the hub: the key of its secrets, its time zone, and what waits for new orders."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.channels import store
from api.channels.inbox import Gate, wake
from api.web.hub import Arrived, Hub

_sealing: dict[bytes, AESGCM] = {}


def gate_of(hub: Hub) -> Gate:
    key = _sealing.get(hub.secret)
    if key is None:
        key = _sealing[hub.secret] = store.sealing_key(hub.secret)
    return Gate(key, hub.timezone)


def arrivals(hub: Hub) -> Arrived:
    """What the order API tells of new orders: messages that waited for them are applied."""
    gate = gate_of(hub)
    return lambda tx, channel, external_no, now: wake(tx, channel, external_no, gate, now)
