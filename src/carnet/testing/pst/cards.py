"""Which properties does Outlook write for a contact and for a contact group (MS-OXOCNTC)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from carnet.model.field import EMAIL_KEYS, FIELDS, PSETID_ADDRESS, Field, Shape
from carnet.testing.pst.values import Key, Properties, Property, Type

PSETID_COMMON = "00062008-0000-0000-c000-000000000046"
PS_PUBLIC_STRINGS = "00020329-0000-0000-c000-000000000046"
_WRITTEN = datetime(2024, 3, 1, 12, tzinfo=UTC)
_PARIS_IN_WINTER = timedelta(hours=1)
_PRIVATE = 2
_NO_YEAR = "1604"
_ONE_OFF = bytes.fromhex("812b1fa4bea310199d6e00dd010f5402")
_WRAPPED = bytes.fromhex("c091add3519dcf11a4a900aa0047faa4")
_EXTRAS: Mapping[str, Key] = {
    "prefix": 0x3A45,
    "initials": 0x3A0A,
    "office_location": 0x3A19,
    "profession": 0x3A46,
    "primary_phone": 0x3A1A,
    "home_fax": 0x3A25,
    "personal_web_page": 0x3A50,
    "file_as": (PSETID_ADDRESS, 0x8005),
    "im_address": (PSETID_ADDRESS, 0x8062),
    "yomi_company": (PSETID_ADDRESS, 0x802E),
    "business_address": (PSETID_ADDRESS, 0x801B),
}
_LOCAL_DATES = {"birthday": 0x80DE, "anniversary": 0x80DF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A contact to write.

    `values` as in `Contact.values`, with a date as ISO text; `exchange` gives e-mail fields an address of type EX: number →
    (legacy address, original display name, display name, SMTP address in the one-off entry id), each "" for none.
    `private` is Outlook's tick, by default it follows the sensitivity. `rtf` (compressed) and `html` are notes without plain
    text. `eight_bit` writes texts as STRING8, as an ANSI file would. `raw` adds or replaces properties.
    """

    values: Mapping[str, str]
    categories: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    sensitivity: int = 0
    private: bool | None = None
    photo: bytes = b""
    exchange: Mapping[int, tuple[str, str, str, str]] = field(default_factory=dict)
    rtf: bytes = b""
    html: bytes = b""
    eight_bit: bool = False
    search_key: bool = True
    written: datetime = _WRITTEN
    raw: Mapping[Key, Property] = field(default_factory=dict)


def card_properties(card: Card, *, search_key: bytes) -> Properties:
    """Everything Outlook would write for the card."""
    text = Type.STRING8 if card.eight_bit else Type.UNICODE
    display = _display(card.values)
    properties: dict[Key, Property] = {
        0x0017: (Type.LONG, 1),
        0x001A: (Type.UNICODE, "IPM.Contact"),
        0x0036: (Type.LONG, card.sensitivity),
        0x0037: (text, display),
        0x0E07: (Type.LONG, 1),
        0x0E1D: (text, display),
        0x3001: (text, display),
        0x3007: (Type.TIME, card.written),
        0x3008: (Type.TIME, card.written),
        (PSETID_COMMON, 0x8506): (Type.BOOLEAN, card.sensitivity == _PRIVATE if card.private is None else card.private),
    }
    if search_key:
        properties[0x300B] = (Type.BINARY, search_key)
    for known in FIELDS:
        if known.key in card.values:
            properties.update(_field(known, card.values[known.key], text))
    properties.update({_EXTRAS[key]: (text, value) for key, value in card.extras.items()})
    for number, key in enumerate(EMAIL_KEYS, 1):
        if key in card.values or number in card.exchange:
            properties.update(_email(card, number, text))
    properties.update(_rest(card))
    return {**properties, **card.raw}


def _display(values: Mapping[str, str]) -> str:
    name = values.get("full_name") or " ".join(filter(None, (values.get("given_name"), values.get("surname"))))
    return name or values.get("company", "")


def _field(known: Field, value: str, text: Type) -> Mapping[Key, Property]:
    if known.mapi is None or known.shape is Shape.EMAIL:
        return {}
    if known.shape is Shape.DATE:
        return _date(known, value)
    if known.key == "children":
        return {known.mapi: (Type.UNICODES, value.split(", "))}
    return {known.mapi: (text, value.replace("\n", "\r\n"))}


def _date(known: Field, value: str) -> Mapping[Key, Property]:
    """Midnight where the person sits, in UTC, and the local date beside it (MS-OXOCNTC 2.2.1.5)."""
    day = datetime.fromisoformat(_NO_YEAR + value[1:] if value.startswith("--") else value).replace(tzinfo=UTC)
    if known.mapi is None:
        return {}
    return {
        known.mapi: (Type.TIME, day - _PARIS_IN_WINTER),
        (PSETID_ADDRESS, _LOCAL_DATES[known.key]): (Type.TIME, day),
    }


def _email(card: Card, number: int, text: Type) -> Mapping[Key, Property]:
    """One e-mail field (MS-OXOCNTC 2.2.1.2): display name, type, address, original display name, entry id."""
    base = 0x8080 + 0x10 * (number - 1)
    address = card.values.get(EMAIL_KEYS[number - 1], "")
    kind, original, entry = "SMTP", address, address
    display = f"{_display(card.values)} ({address})"
    if number in card.exchange:
        kind = "EX"
        address, original, display, entry = card.exchange[number]
    properties: dict[Key, Property] = {
        (PSETID_ADDRESS, base): (text, display),
        (PSETID_ADDRESS, base + 2): (text, kind),
        (PSETID_ADDRESS, base + 3): (text, address),
        (PSETID_ADDRESS, base + 4): (text, original),
    }
    if entry:
        properties[PSETID_ADDRESS, base + 5] = (Type.BINARY, one_off(display, entry))
    return properties


def _rest(card: Card) -> Mapping[Key, Property]:
    properties: dict[Key, Property] = {}
    if card.categories:
        properties[PS_PUBLIC_STRINGS, "Keywords"] = (Type.UNICODES, card.categories)
    if card.photo:
        properties[PSETID_ADDRESS, 0x8015] = (Type.BOOLEAN, True)
    if card.rtf:
        properties[0x1009] = (Type.BINARY, card.rtf)
    if card.html:
        properties[0x1013] = (Type.BINARY, card.html)
    return properties


def one_off(name: str, address: str) -> bytes:
    """A one-off entry id (MS-OXCDATA 2.2.5.1) for an SMTP address."""
    texts = f"{name}\0SMTP\0{address}\0".encode("utf-16-le")
    return bytes(4) + _ONE_OFF + (0).to_bytes(2, "little") + (0x9001).to_bytes(2, "little") + texts


def list_properties(name: str, members: Sequence[int | tuple[str, str]], *, store: bytes, sensitivity: int) -> Properties:
    """A contact group (MS-OXOCNTC 2.2.2): a wrapped entry id and a one-off name for each member."""
    entries = [_member(member, store) for member in members]
    names = [one_off("", "") if isinstance(member, int) else one_off(*member) for member in members]
    return {
        0x001A: (Type.UNICODE, "IPM.DistList"),
        0x0036: (Type.LONG, sensitivity),
        0x0037: (Type.UNICODE, name),
        0x3001: (Type.UNICODE, name),
        (PSETID_ADDRESS, 0x8053): (Type.UNICODE, name),
        (PSETID_ADDRESS, 0x8054): (Type.BINARIES, names),
        (PSETID_ADDRESS, 0x8055): (Type.BINARIES, entries),
    }


def _member(member: int | tuple[str, str], store: bytes) -> bytes:
    """A contact of this file as a wrapped entry id (MS-OXOCNTC 2.2.2.4.1.1), anybody else as a one-off one."""
    if isinstance(member, tuple):
        return one_off(*member)
    contact_email1 = b"\xb3"
    return bytes(4) + _WRAPPED + contact_email1 + bytes(4) + store + member.to_bytes(4, "little")
