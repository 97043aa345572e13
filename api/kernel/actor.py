"""Who does something, and from where: the four words that stand on every journal entry.

`name` is a user, a device id, a channel code or `system`; `role` is a role of the contract, `device`,
`channel` or `system`. `ip` and `device` (the browser's own words about itself) are personal data.
"""

import msgspec


class Actor(msgspec.Struct, frozen=True):
    name: str
    role: str
    display: str = ""
    ip: str = ""
    device: str = ""
    warehouse: str = ""

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF


STAFF = ("owner", "supervisor", "sales", "finance", "picker")
SYSTEM = Actor(name="system", role="system", display="系统")


def channel_actor(code: str, ip: str = "") -> Actor:
    """A verified channel speaks with the right to say that money came."""
    return Actor(name=f"channel:{code}", role="channel", display=code, ip=ip)
