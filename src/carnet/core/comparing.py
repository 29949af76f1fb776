"""What speaks for and against a card and a CRM record being one person?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from carnet.core.blocking import own_phones
from carnet.core.completing import NAME_KEYS, Nature, complete
from carnet.core.normalise import (
    company_key,
    email_host,
    email_key,
    is_free_mail,
    is_role_address,
    main_number,
    phone_numbers,
    registrable_domain,
)
from carnet.core.organisations import company_core
from carnet.core.spelling import Likeness, Spelt, likeness, spelling
from carnet.model.contact import Contact
from carnet.model.match import Candidate, Evidence

_CODES = {
    Likeness.SAME: "same_name",
    Likeness.NICKNAME: "nickname",
    Likeness.SIMILAR: "similar_name",
    Likeness.OTHER_SURNAME: "other_surname",
    Likeness.OTHER_GIVEN: "other_given",
    Likeness.OTHER: "other_name",
}
_LIKE = {Likeness.SAME, Likeness.NICKNAME, Likeness.SIMILAR}
_ENOUGH = 5
"""Letters of a company's name in which one may be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as it is compared, so that it is understood once for all its candidates.

    `name` has no form where the card names no person; `called` is the name as it is written; `personal` is false for a
    company's card.
    """

    name: Spelt
    called: str
    personal: bool
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    written: tuple[tuple[str, str], ...]
    birthday: str
    company: str
    core: str
    domains: frozenset[str]


def understand(contact: Contact, region: str) -> Card:
    """The card in the form it is compared in."""
    completed = complete(contact)
    person = completed.nature is Nature.PERSON
    parts = " ".join(part for key in NAME_KEYS if (part := completed.values.get(key, "")))
    company = contact.get("company")
    written = ((number, text) for text in contact.phones for number in phone_numbers(text, region))
    return Card(
        name=spelling(completed.values if person else {}),
        called=contact.get("full_name") or parts,
        personal=completed.nature is not Nature.COMPANY,
        emails=tuple(dict.fromkeys(key for address in contact.emails if (key := email_key(address)))),
        phones=own_phones(contact.values, region),
        written=tuple(written),
        birthday=contact.get("birthday"),
        company=company,
        core=company_core(company) if company else "",
        domains=_domains(contact.emails),
    )


def compare(contact: Contact, candidate: Candidate, region: str) -> tuple[Evidence, ...]:
    """Evidence, the strongest first: e-mail, name, phone, birthday, company, domain.

    Codes: same_email or shared_email (a desk's address); same_name, nickname, similar_name, or against it other_surname,
    other_given, other_name; same_phone, main_phone (one side has no extension) or against it other_extension; same_birthday or
    other_birthday; same_company or similar_company; same_domain. Where one side has no name, nothing is said of it.
    """
    return weigh(understand(contact, region), candidate)


def weigh(card: Card, candidate: Candidate) -> tuple[Evidence, ...]:
    """The evidence between a card that is understood and a candidate."""
    kinds = (_email(card, candidate), _name(card, candidate), *_phone(card, candidate), _birthday(card, candidate))
    return tuple(filter(None, (*kinds, _company(card, candidate), _domain(card, candidate))))


def may_be(card: Card, candidate: Candidate) -> bool:
    """Whether it is worth weighing at all: a like name, or an address or number in common."""
    if not set(card.emails).isdisjoint(candidate.emails):
        return True
    if card.phones and not set(map(main_number, card.phones)).isdisjoint(map(main_number, candidate.phones)):
        return True
    theirs = _their_name(candidate)
    return bool(card.name.forms and theirs.forms) and likeness(card.name, theirs) in _LIKE


def _their_name(candidate: Candidate) -> Spelt:
    return spelling({"given_name": candidate.given_name, "surname": candidate.surname, "full_name": candidate.name})


def _email(card: Card, candidate: Candidate) -> Evidence | None:
    same = [key for key in card.emails if key in candidate.emails]
    own = [key for key in same if not is_role_address(key)]
    if own:
        return Evidence(code="same_email", values={"email": own[0]})
    return Evidence(code="shared_email", values={"email": same[0]}) if same else None


def _name(card: Card, candidate: Candidate) -> Evidence | None:
    theirs = _their_name(candidate)
    if not card.name.forms or not theirs.forms:
        return None
    found = likeness(card.name, theirs)
    values = {"ours": card.called, "theirs": candidate.name or " ".join(theirs.forms[0])}
    return Evidence(code=_CODES[found], supports=found in _LIKE, values=values)


def _phone(card: Card, candidate: Candidate) -> tuple[Evidence | None, ...]:
    for number in card.phones:
        if number in candidate.phones:
            return (Evidence(code="same_phone", values={"phone": dict(card.written).get(number, number)}),)
    theirs = {main_number(number): number for number in candidate.phones}
    for number in card.phones:
        other = theirs.get(main_number(number))
        if other is not None:
            both = number != main_number(number) and other != main_number(other)
            values = {"phone": dict(card.written).get(number, number)}
            return (Evidence(code="other_extension" if both else "main_phone", supports=not both, values=values),)
    return ()


def _birthday(card: Card, candidate: Candidate) -> Evidence | None:
    """Dates are ISO; one without its year ("--02-29") is compared by day and month."""
    ours, theirs = card.birthday, candidate.birthday
    if not ours or not theirs:
        return None
    if ours.startswith("--") or theirs.startswith("--"):
        ours, theirs = (date.removeprefix("--")[-len("02-29") :] for date in (ours, theirs))
    same = ours == theirs
    values = {"ours": card.birthday, "theirs": candidate.birthday}
    return Evidence(code="same_birthday" if same else "other_birthday", supports=same, values=values)


def _company(card: Card, candidate: Candidate) -> Evidence | None:
    if not card.core or not candidate.company:
        return None
    if card.core == company_core(candidate.company):
        return Evidence(code="same_company", values={"company": candidate.company})
    if _companies_alike(card.company, candidate.company):
        return Evidence(code="similar_company", values={"ours": card.company, "theirs": candidate.company})
    return None


@lru_cache(maxsize=1 << 14)
def _companies_alike(ours: str, theirs: str) -> bool:
    """Whether one name is the other misspelt by a letter or begins with all of the other's words (Contoso, Contoso France)."""
    for short, long in (sorted(map(company_core, (ours, theirs)), key=len), sorted(map(company_key, (ours, theirs)), key=len)):
        if len(short) >= _ENOUGH and (OSA.distance(short, long, score_cutoff=1) <= 1 or long.startswith(f"{short} ")):
            return True
    return False


def _domain(card: Card, candidate: Candidate) -> Evidence | None:
    shared = card.domains & _domains(candidate.emails) if card.domains else None
    return Evidence(code="same_domain", values={"domain": min(shared)}) if shared else None


def _domains(addresses: Iterable[str]) -> frozenset[str]:
    """The registrable domains behind the addresses, mail providers aside."""
    found = {registrable_domain(host) for address in addresses if (host := email_host(address))}
    return frozenset(domain for domain in found if not is_free_mail(domain))
