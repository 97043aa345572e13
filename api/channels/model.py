"""A channel as a user edits it, and as the hub keeps it."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.channels.keywords import Keyword
from api.channels.mapping import Mapping

# A text, a map of texts or a list of them, GET's form `{"set": true, "at": …}` that PUT passes over, or null that removes.
SecretIn = str | dict[str, str | bool | None] | list[str] | None


def is_shown(value: SecretIn) -> bool:
    """Is this how GET shows a secret?"""
    return isinstance(value, dict) and isinstance(value.get("set"), bool)


class ChannelIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`for`: a payment channel names the channel whose orders it speaks of. Of a channel that exists, what is
    not named stays. Read-only fields of GET are ignored. `replaces`: the version that was looked at, so that nobody's
    change in between is lost."""

    label: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    scheme: Annotated[str, Meta(min_length=1, max_length=40)] | UnsetType = UNSET
    mapping: dict[str, Any] | UnsetType = UNSET
    keywords: Annotated[list[Keyword], Meta(max_length=100)] | UnsetType = UNSET
    secrets: dict[str, SecretIn] = {}
    enabled: bool | UnsetType = UNSET
    owner: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    of: Annotated[str, Meta(max_length=40)] | UnsetType | None = msgspec.field(name="for", default=UNSET)
    replaces: int | UnsetType = UNSET
    code: str | UnsetType = UNSET
    changed_at: str | UnsetType | None = UNSET
    path: str | UnsetType = UNSET
    version: int | UnsetType = UNSET
    health: Any = None


class Body(msgspec.Struct, frozen=True):
    """The editable part as it is stored."""

    mapping: dict[str, Any]
    keywords: list[Keyword]
    of: str | None = None


class Channel(msgspec.Struct, frozen=True):
    """Ready for use: the mapping read, the secrets open."""

    code: str
    label: str
    scheme: str
    body: Body
    mapping: Mapping | None
    secrets: dict[str, str]
    enabled: bool
    owner: str

    @property
    def order_channel(self) -> str:
        return self.body.of or self.code


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message: as a value, or as the text that somebody pasted (JSON or XML)."""

    payload: msgspec.Raw | UnsetType = UNSET
    text: Annotated[str, Meta(max_length=2_000_000)] | UnsetType = UNSET


class Try(Sample, frozen=True, forbid_unknown_fields=True):
    """`message`: one that lies in the inbox, instead of a sample. `mapping`, `keywords`: a draft that is not saved yet; the
    channel need not exist then."""

    message: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")] | UnsetType = UNSET

    mapping: dict[str, Any] | UnsetType = UNSET
    keywords: Annotated[list[Keyword], Meta(max_length=100)] | UnsetType = UNSET


class Rehearsal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the channel would be; what is not named stays as it is."""

    mapping: dict[str, Any] | UnsetType = UNSET
    keywords: Annotated[list[Keyword], Meta(max_length=100)] | UnsetType = UNSET


class ReplayAll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`channel`: empty for all. `after`: where the answer before said `next`."""

    channel: Annotated[str, Meta(max_length=40)] = ""
    after: Annotated[str, Meta(max_length=20)] = ""
