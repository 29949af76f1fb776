"""What does a vCard say in our words?"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from carnet.mailboxes.vcard import telephones
from carnet.mailboxes.vcard.cards import RawCard, raw_cards
from carnet.mailboxes.vcard.lines import physical_lines
from carnet.mailboxes.vcard.properties import Card, Property, card_of
from carnet.mailboxes.vcard.text import clean, iso_date, split, unescaped
from carnet.mailboxes.vcard.words import (
    EMAIL_PROPERTIES,
    EXTRA_BY_PROPERTY,
    FIELD_BY_DATE,
    FIELD_BY_PROPERTY,
    FIELD_BY_RELATION,
    KINDS,
    MEMBERS,
    TECHNICAL,
)
from carnet.model.contact import Contact
from carnet.model.field import EMAIL_KEYS, MAILING, MAILING_KINDS, PHONE_KEYS
from carnet.model.reading import HeldBackReason, Repair

_REASONS = {"CONFIDENTIAL": HeldBackReason.CONFIDENTIAL, "PERSONAL": HeldBackReason.PERSONAL}
_PARTS = ("po_box", "extended", "street", "city", "state", "postcode", "country")
_APPLE_LABEL = "_$!<"


def held_back(card: Card) -> HeldBackReason | None:
    """Why this card must not cross: its CLASS is something other than PUBLIC; the strictest of several counts."""
    said = {unescaped(each.text, old=card.old).upper() or "PUBLIC" for each in card.named("CLASS")} - {"PUBLIC"}
    reasons = {_REASONS.get(each, HeldBackReason.PRIVATE) for each in said}
    strictest = (HeldBackReason.PRIVATE, HeldBackReason.CONFIDENTIAL, HeldBackReason.PERSONAL)
    return next((reason for reason in strictest if reason in reasons), None)


def is_list(card: Card) -> bool:
    """Whether the card is a contact group."""
    return any(each.text.strip().lower() == "group" for each in card.named(*KINDS))


def list_of(card: Card) -> tuple[str, int]:
    """The name of a contact group and its number of members."""
    names = [unescaped(each.text, old=card.old) for each in card.named("FN")]
    parts = [part for each in card.named("N") for part in split(each.text, ";", old=card.old)]
    return next((name for name in (*names, *parts) if name), ""), sum(1 for _ in card.named(*MEMBERS))


def uid_of(card: Card) -> str:
    """The card's UID, "" where it has none."""
    return next((found for each in card.named("UID") if (found := unescaped(each.text, old=card.old))), "")


def contact_of(card: Card) -> tuple[Contact, tuple[Repair, ...]]:
    """The contact, and what had to be mended in it."""
    writer = _Writer(card)
    writer.write()
    contact = Contact(
        values=writer.values,
        categories=tuple(dict.fromkeys(writer.categories)),
        extras=writer.extras(),
        more_emails=writer.more_emails,
        unresolved=writer.unresolved,
    )
    return contact, (*card.repairs, *writer.repairs)


class _Writer:
    """Writes the properties of one card into fields; what finds its field taken goes to the extras, nothing is lost."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._labels = {each.group: clean(each.text) for each in card.named("X-ABLABEL") if each.group}
        self._generic: dict[str, dict[str, None]] = {}
        self._past: dict[str, dict[str, None]] = {}
        self.values: dict[str, str] = {}
        self.categories: list[str] = []
        self.more_emails: tuple[str, ...] = ()
        self.unresolved: tuple[str, ...] = ()
        self.repairs: list[Repair] = []

    def write(self) -> None:
        self._names()
        self._organisation()
        self._emails()
        self._telephones()
        self._addresses()
        self._pages()
        for each in self._card.properties:
            if isinstance(each.value, bytes):
                self._picture(each, each.value)
            else:
                self._single(each)
        self._agents()

    def _text(self, each: Property) -> str:
        return unescaped(each.text, old=self._card.old)

    def _split(self, each: Property, separator: str = ";") -> list[str]:
        return list(split(each.text, separator, old=self._card.old))

    def _ordered(self, *names: str) -> list[Property]:
        return sorted(self._card.named(*names), key=lambda each: each.preference)

    def _put(self, key: str, value: str) -> None:
        """Into the field; into the extras where the field already says something else."""
        if value and self.values.setdefault(key, value) != value:
            self._extra(key, value)

    def _extra(self, key: str, value: str) -> None:
        if value:
            self._past.setdefault(key, {})[value] = None

    def extras(self) -> dict[str, str]:
        """What found no field: key, key2, key3 … past the names of fields that are taken."""
        found: dict[str, str] = {}
        for key, values in self._past.items():
            names = (name for count in itertools.count(1) if (name := f"{key}{count if count > 1 else ''}") not in self.values)
            found |= dict(zip(names, values, strict=False))
        return found | {key: "\n".join(texts) for key, texts in self._generic.items()}

    def _label(self, each: Property) -> str:
        """What an Apple address book calls this value ("_$!<Anniversary>!$_", or the person's own word)."""
        return self._labels.get(each.group, "").removeprefix(_APPLE_LABEL).removesuffix(">!$_").lower()

    # names

    def _names(self) -> None:
        for each in self._card.named("N"):
            surname, given, middle, prefix, suffix, *more = [*self._split(each), "", "", "", "", ""]
            parts = {"surname": surname, "given_name": given, "middle_name": middle, "suffix": suffix}
            for key, value in parts.items():
                self._put(key, value)
            self._extra("prefix", prefix)
            for value in more:
                self._extra("suffix2", value)
        for each in self._ordered("FN"):
            self._put("full_name", self._text(each))
        if "full_name" not in self.values:
            keys = ("given_name", "middle_name", "surname", "suffix")
            self._put("full_name", " ".join(self.values[key] for key in keys if key in self.values))

    def _organisation(self) -> None:
        for each in self._ordered("ORG"):
            company, *units = self._split(each)
            department = ", ".join(unit for unit in units if unit)
            self._put("company", company)
            self._put("department", department)
        if "surname" not in self.values and "given_name" not in self.values and self._names_a_company():
            self._put("company", self.values.pop("full_name", ""))

    def _names_a_company(self) -> bool:
        """Whether FN repeats the company, as it must in a card of version 3 that names nobody."""
        shown_as = {each.text.strip().lower() for each in self._card.named("KIND", "X-ABSHOWAS")}
        return bool(shown_as & {"org", "company"}) or self.values.get("full_name") == self.values.get("company")

    # addresses, numbers and pages

    def _emails(self) -> None:
        found = [self._text(each) for each in self._ordered(*EMAIL_PROPERTIES)]
        written = [_without(each, "mailto:") for each in found if each]
        unresolved = dict.fromkeys(each for each in written if each.lower().startswith("/o="))
        once: dict[str, str] = {}
        for each in written:
            if each not in unresolved:
                once.setdefault(each.casefold(), each)
        emails = list(once.values())
        self.values |= dict(zip(EMAIL_KEYS, emails, strict=False))
        self.more_emails = tuple(emails[len(EMAIL_KEYS) :])
        self.unresolved = tuple(unresolved)

    def _telephones(self) -> None:
        numbers = []
        for each in self._ordered("TEL", "X-MS-TEL"):
            number = _without(self._text(each), "tel:")
            types = each.types or frozenset({self._label(each)})
            if number:
                numbers.append((telephones.kind_of(types), number))
        values, past = telephones.placed(numbers)
        self.values |= values
        for kind, number in past:
            self._extra(kind, number)

    def _addresses(self) -> None:
        for each in self._ordered("ADR"):
            kind = self._free_address(_address_kind(each))
            parts = self._address_parts(each, kind)
            if each.preference == 1 and kind in MAILING_KINDS.values() and any(parts.values()):
                self._generic.setdefault(MAILING, {kind: None})
            for part, value in parts.items():
                if kind in ("business", "home", "other"):
                    self._put(f"{kind}_{part}", value)
            if kind not in ("business", "home", "other"):
                self._extra(kind, "\n".join(value for value in parts.values() if value))
        for each in self._ordered("LABEL"):
            kind = _address_kind(each)
            if not self._has_address(kind):
                self._put(f"{kind}_street", self._text(each))

    def _has_address(self, kind: str) -> bool:
        return any(f"{kind}_{part}" in self.values for part in _PARTS)

    def _free_address(self, kind: str) -> str:
        """The first address of its kind that is free; one from home never stands as another, it would pass for professional."""
        if not self._has_address(kind):
            return kind
        if kind == "business" and not self._has_address("other"):
            return "other"
        return f"{kind}_address2"

    def _address_parts(self, each: Property, kind: str) -> dict[str, str]:
        given = self._split(each)
        if len(given) == 1:
            return {"street": given[0]}
        parts = dict(zip(_PARTS, [*given, *[""] * len(_PARTS)], strict=False))
        extended = parts.pop("extended")
        if self._card.old and kind == "business":
            self._extra("office_location", extended)  # Outlook writes the office there
            extended = ""
        street = [parts["street"], extended, *given[len(_PARTS) :]]
        return parts | {"street": "\n".join(line for line in street if line)}

    def _pages(self) -> None:
        order = {"work": 0, "home": 2}
        pages = sorted(self._ordered("URL"), key=lambda each: min([order.get(kind, 1) for kind in each.types] or [1]))
        for each in pages:
            self._put("web_page", self._text(each))

    # everything else

    def _single(self, each: Property) -> None:
        text = self._text(each)
        if not text or each.name in _WRITTEN_ELSEWHERE:
            return
        if each.name == "CATEGORIES":
            self.categories += [part for part in self._split(each, ",") if part]
        elif each.name in FIELD_BY_DATE:
            self._date(FIELD_BY_DATE[each.name], text, each)
        elif each.name in FIELD_BY_PROPERTY:
            self._put(FIELD_BY_PROPERTY[each.name], text)
        elif each.name in EXTRA_BY_PROPERTY:
            self._extra(EXTRA_BY_PROPERTY[each.name], text)
        else:
            self._labelled(each, text)

    def _labelled(self, each: Property, text: str) -> None:
        words = each.types | {self._label(each)}
        if each.name in ("X-ABRELATEDNAMES", "RELATED") and not text.lower().startswith("urn:"):
            self._related(words, text)
        elif each.name == "X-ABDATE" and "anniversary" in words:
            self._date("anniversary", text, each)
        elif each.name == "PHOTO":
            self._extra("photo_address", text)
        elif each.name != "X-ABLABEL" or not text.startswith(_APPLE_LABEL):
            self._generic.setdefault(_key(each), {})[text] = None

    def _related(self, words: frozenset[str], text: str) -> None:
        field = next((FIELD_BY_RELATION[word] for word in sorted(words) if word in FIELD_BY_RELATION), "")
        if field:
            self._put(field, text)
        else:
            self._generic.setdefault("related", {})[text] = None

    def _date(self, key: str, text: str, each: Property) -> None:
        found = iso_date(text)
        if found is None:
            self._extra(f"{key}_text", text)
            self.repairs.append(Repair(place=f"line {each.line}", code="unreadable-date", detail=text))
        else:
            self._put(key, found)

    def _picture(self, each: Property, content: bytes) -> None:
        """Bytes do not cross, their digest does: it tells whether a picture has changed."""
        if content and each.name not in TECHNICAL:
            self._extra(_key(each), hashlib.sha256(content).hexdigest())

    def _agents(self) -> None:
        """A card inside the card is the assistant's; of a private one nothing crosses."""
        for agent in (*self._card.agents, *self._written_agents()):
            if held_back(agent) is None:
                name, number = _Writer(agent).name_and_number()
                self._put("assistant_name", name)
                self._put("assistant_phone", number)

    def name_and_number(self) -> tuple[str, str]:
        """All that an assistant's card is read for."""
        self._names()
        self._telephones()
        return self.values.get("full_name", ""), next((self.values[key] for key in PHONE_KEYS if key in self.values), "")

    def _written_agents(self) -> Iterator[Card]:
        """AGENT cards that stand in the card as escaped text; an agent that is only named goes to the extras."""
        for each in self._card.named("AGENT"):
            text = self._text(each)
            if "BEGIN:VCARD" in text.upper():
                inner = raw_cards(physical_lines([text.encode()]))
                yield from (card_of(raw, one_charset=True) for raw in inner if isinstance(raw, RawCard))
            else:
                self._extra("agent", text)


_WRITTEN_ELSEWHERE = TECHNICAL | {"N", "FN", "ORG", *EMAIL_PROPERTIES, "TEL", "X-MS-TEL", "ADR", "LABEL", "URL", "AGENT"}


def _key(each: Property) -> str:
    return each.name.lower().replace("-", "_")


def _address_kind(each: Property) -> str:
    return "business" if "work" in each.types else "home" if "home" in each.types else "other"


def _without(text: str, scheme: str) -> str:
    return text[len(scheme) :].strip() if text[: len(scheme)].lower() == scheme else text
