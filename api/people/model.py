"""The shapes of people."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.journal.service import Ref

Name = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Short = Annotated[str, Meta(max_length=120)]
Role = Literal["owner", "supervisor", "sales", "finance", "picker"]


class User(msgspec.Struct, frozen=True):
    name: str
    display: str
    role: str
    phone: str
    warehouse: str
    active: bool = True


class Customer(msgspec.Struct, frozen=True):
    """`terms` prepaid or monthly (月结); the refs stand for name and phone within hashed texts."""

    id: str
    name: str
    phone: str
    tier: str
    terms: str
    credit_fen: int
    salesperson: str
    name_ref: Ref
    phone_ref: Ref


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user: Annotated[str, Meta(min_length=1, max_length=60)]
    password: Annotated[str, Meta(min_length=1, max_length=1000)]


class UserIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`password` only to set or change it; a phone, a warehouse or `active` that is not named stays. Who is not active
    cannot sign in any more."""

    display: Annotated[str, Meta(min_length=1, max_length=60)]
    role: Role
    phone: Short | UnsetType = UNSET
    warehouse: Short | UnsetType = UNSET
    password: Annotated[str, Meta(max_length=1000)] = ""
    name: str = ""
    active: bool | UnsetType = UNSET


class PasswordIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    current: Annotated[str, Meta(min_length=1, max_length=1000)]
    password: Annotated[str, Meta(min_length=1, max_length=1000)]


class CustomerAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a customer's goods go; an order that names no address goes to the default."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    label: Annotated[str, Meta(max_length=40)] = ""
    default: bool = False


class CustomerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`addresses` that are not named stay; the first is the default where none says so."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    phone: Annotated[str, Meta(max_length=40)] = ""
    tier: Literal["vip", "normal"] = "normal"
    terms: Literal["prepaid", "monthly"] = "prepaid"
    credit_fen: Annotated[int, Meta(ge=0, le=10**14)] = 0
    salesperson: Short = ""
    id: str = ""
    addresses: Annotated[list[CustomerAddress], Meta(max_length=50)] | UnsetType = UNSET


class DeviceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: Annotated[str, Meta(min_length=1, max_length=60)]
    warehouse: Annotated[str, Meta(min_length=1, max_length=20)]


class Enrol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`public_key`: ECDSA P-256, SPKI in base64; the private key never leaves the device."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    public_key: Annotated[str, Meta(max_length=400)] = ""
