"""Are two cards of one source the same person, and is that sure enough to say so without asking?

Sure are: an e-mail of one's own with names that do not differ; the same full name with the same number of one's own, where
neither an e-mail nor a home's number leaves room for a namesake or a relative; and a copy that can be reached or placed.
Everything else that may be one person is for a person to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from carnet.core.blocking import own_phones
from carnet.core.comparing import Card, weigh
from carnet.core.completing import Nature, complete
from carnet.core.identity import fingerprint
from carnet.core.normalise import email_host, email_key, is_role_address, phone_numbers
from carnet.core.spelling import Likeness, Spelt, likeness, spelling
from carnet.model.account import RecordKind
from carnet.model.contact import Contact, Record
from carnet.model.match import Candidate, Evidence

_LIKE = {"same_name", "nickname", "similar_name"}
_ANOTHERS = {"other_name", "other_given", "other_surname"}
_BESIDE_A_NAME = {"same_email", "shared_email", "same_phone", "same_birthday"}
_NAMESAKE = {"same_company", "same_domain", "similar_company", "main_phone"}
_PLACED = ("business_street", "home_street", "other_street", "birthday", "notes", "web_page")

Tie = tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two cards that may be one person, the smaller id first, and what speaks for it and against it."""

    records: tuple[str, str]
    evidence: tuple[Evidence, ...]

    @property
    def key(self) -> str:
        """The key of the question about them."""
        return pair_key(*self.records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Cards that are one person: at least two ids, sorted, and the pairs that tie them together."""

    records: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Who is who in a selection.

    `likely` are pairs to be asked about, at most one for two people; `crowded` the keys (`core.blocking`) that too many
    different people share to be compared.
    """

    clusters: tuple[Cluster, ...] = ()
    likely: tuple[Pair, ...] = ()
    crowded: tuple[str, ...] = ()


def pair_key(one: str, other: str) -> str:
    """The key of the question whether two cards are one person."""
    return f"twins:{min(one, other)}|{max(one, other)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A card as it is compared with others of its source.

    `own` are the keys of e-mails and numbers that are the person's alone, `signature` is name, generation and birthday where
    the name is a full one, `claims` all that may contradict another card, `copy` the whole content where it says enough.
    """

    id: str
    contact: Contact
    personal: bool
    candidate: Candidate
    name: Spelt
    keys: tuple[str, ...]
    names: frozenset[str]
    own: tuple[str, ...]
    mobile: frozenset[str]
    signature: tuple[str, ...]
    claims: tuple[object, ...]
    copy: str


def kin_of(record: Record, *, region: str, keys: tuple[str, ...] = ()) -> Kin:
    """The card in the form it is compared in, with the keys by which it meets others (`core.acquainting`)."""
    contact = record.contact
    completed = complete(contact)
    person = completed.nature is Nature.PERSON
    name = spelling(completed.values if person else {})
    names = frozenset(key for key in keys if key.startswith("n:"))
    candidate = _candidate(record, completed.values, region)
    emails = tuple(f"e:{each}" for each in candidate.emails if not is_role_address(each))
    numbers = tuple(f"p:{number}" for number in candidate.phones)
    birthday = contact.get("birthday")
    full = name.forms and all(len(word) > 1 for word in name.forms[0]) and len(name.forms[0]) > 1
    return Kin(
        id=record.id,
        contact=contact,
        personal=completed.nature is not Nature.COMPANY,
        candidate=candidate,
        name=name,
        keys=keys,
        names=names,
        own=(*emails, *numbers),
        mobile=frozenset(f"p:{number}" for number in phone_numbers(contact.get("mobile_phone"), region)),
        signature=(" ".join(name.forms[0]), name.generation, birthday) if full else (),
        claims=(name, birthday),
        copy=fingerprint(contact) if person and _says_enough(contact) else "",
    )


def ties(one: Card, other: Kin) -> Tie:
    """What speaks for the two being one person, and against it (codes of `core.comparing`)."""
    return weigh(one, other.candidate)


def contradict(one: Kin, other: Kin) -> bool:
    """Whether they cannot be one person by what they say of themselves: name, generation or birthday."""
    if one.name.forms and other.name.forms:
        near = likeness(one.name, other.name)
        if near in {Likeness.OTHER, Likeness.OTHER_GIVEN, Likeness.OTHER_SURNAME}:
            return True
    birthdays = [each.contact.get("birthday") for each in (one, other)]
    return all(birthdays) and _day(birthdays[0], birthdays[1]) != _day(birthdays[1], birthdays[0])


def sure(one: Kin, other: Kin, tie: Tie) -> bool:
    """Whether the two are one person without asking."""
    codes = {each.code for each in tie}
    if contradict(one, other) or not codes.isdisjoint(_ANOTHERS):
        return False
    if one.copy and one.copy == other.copy:
        return True
    if "same_email" in codes:
        return True
    if "same_phone" not in codes or not one.signature or one.signature[:2] != other.signature[:2]:
        return False
    return _no_room_for_a_namesake(one, other)


def worth_asking(one: Kin, other: Kin, tie: Tie) -> bool:
    """Whether a person is to say: a like name beside anything shared, or an e-mail shared under another name."""
    codes = {each.code for each in tie}
    if "other_birthday" in codes or _other_generation(one, other):
        return False
    if "same_email" in codes:
        return True
    if "other_surname" in codes:
        return "same_phone" in codes
    if codes.isdisjoint(_LIKE):
        return False
    if not codes.isdisjoint(_BESIDE_A_NAME):
        return True
    return "similar_name" not in codes and not codes.isdisjoint(_NAMESAKE)


def _no_room_for_a_namesake(one: Kin, other: Kin) -> bool:
    """A number is proof beside a name where it is a mobile, or where not both have e-mails that are all different."""
    if one.mobile & other.mobile:
        return not _hosts(one) & _hosts(other)
    return not (one.candidate.emails and other.candidate.emails)


def _hosts(kin: Kin) -> set[str]:
    """Where its own e-mails are: two different ones at one host are two mailboxes."""
    return {email_host(each) for each in kin.candidate.emails}


def _other_generation(one: Kin, other: Kin) -> bool:
    return bool(one.name.generation and other.name.generation) and one.name.generation != other.name.generation


def _day(date: str, beside: str) -> str:
    """The date, without its year where the other has none."""
    return date.removeprefix("--")[-len("02-29") :] if date.startswith("--") or beside.startswith("--") else date


def _says_enough(contact: Contact) -> bool:
    """Whether a copy of the card is surely a copy: it can be reached, or says more than a name and a company."""
    return bool(contact.emails or contact.phones or any(contact.get(key) for key in _PLACED))


def _candidate(record: Record, values: Mapping[str, str], region: str) -> Candidate:
    """The card in the place of a CRM record."""
    given, surname = values.get("given_name", ""), values.get("surname", "")
    return Candidate(
        kind=RecordKind.CONTACT,
        id=record.id,
        name=values.get("full_name", "") or " ".join(filter(None, (given, surname))),
        given_name=given,
        surname=surname,
        emails=tuple(dict.fromkeys(key for each in record.contact.emails if (key := email_key(each)))),
        phones=own_phones(values, region),
        birthday=values.get("birthday", ""),
        company=record.contact.get("company"),
    )
