"""What speaks for and against a card and a CRM record being one person?"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import JaroWinkler

from carnet.core.blocking import name_forms, own_phones
from carnet.core.completing import NAME_KEYS, Nature, complete, split_name
from carnet.core.normalise import email_host, email_key, fold, is_free_mail, is_role_address, phone_key, registrable_domain
from carnet.core.organisations import company_core
from carnet.model.contact import Contact
from carnet.model.match import Candidate, Evidence

_ALIKE = 0.9
"""Jaro-Winkler similarity of two words from which one may be the other misspelt: Jon and John 0.93, Tim and Tom 0.8."""
_FEMININE = frozenset({"a", "e", "ne", "le", "te", "ine", "ette", "elle"})
"""Endings that make another given name of one: Paul and Paula, Jean and Jeanne, Daniel and Danielle."""


def compare(contact: Contact, candidate: Candidate, region: str) -> tuple[Evidence, ...]:
    """Evidence, the strongest first: e-mail, name, phone, company, domain.

    Codes: same_email or shared_email (a desk's address), same_name, similar_name or other_name (which speaks against),
    same_phone, same_company, same_domain. Where one side has no name, nothing is said of it.
    """
    kinds = (_email(contact, candidate), _name(contact, candidate), _phone(contact, candidate, region))
    found = (*kinds, _company(contact, candidate), _domain(contact, candidate))
    return tuple(evidence for evidence in found if evidence)


def _email(contact: Contact, candidate: Candidate) -> Evidence | None:
    theirs = set(candidate.emails)
    same = [key for address in contact.emails if (key := email_key(address)) and key in theirs]
    own = [key for key in same if not is_role_address(key)]
    if own:
        return Evidence(code="same_email", values={"email": own[0]})
    return Evidence(code="shared_email", values={"email": same[0]}) if same else None


def _name(contact: Contact, candidate: Candidate) -> Evidence | None:
    completed = complete(contact)
    ours = name_forms(completed.values) if completed.nature is Nature.PERSON else ()
    theirs = name_forms({"given_name": candidate.given_name, "surname": candidate.surname, "full_name": candidate.name})
    if not ours or not theirs:
        return None
    parts = " ".join(part for key in NAME_KEYS if (part := completed.values.get(key, "")))
    values = {"ours": contact.get("full_name") or parts, "theirs": candidate.name or " ".join(theirs[0])}
    if _generations_differ(completed.values.get("suffix", ""), candidate.name):
        return Evidence(code="other_name", supports=False, values=values)
    if set(ours) & set(theirs):
        return Evidence(code="same_name", values=values)
    if any(_similar(our, their) for our in ours for their in theirs):
        return Evidence(code="similar_name", values=values)
    return Evidence(code="other_name", supports=False, values=values)


def _generations_differ(suffix: str, name: str) -> bool:
    """Whether one is Jr. and the other Sr."""
    theirs = split_name(name)[2] if name else ""
    return bool(suffix and theirs) and fold(suffix).rstrip(".") != fold(theirs).rstrip(".")


def _similar(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether one name may be the other: a part of it, with initials, run together or misspelt."""
    left, right = _beyond(ours, theirs), _beyond(theirs, ours)
    if not left or not right:
        return True
    if len(left) == len(ours) or len(right) == len(theirs):
        return len(left) == len(right) > 1 and all(map(_alike, left, right))
    run_together = {"".join(left), "".join(reversed(left))} & {"".join(right), "".join(reversed(right))}
    return bool(run_together) or (len(left) == len(right) and all(map(_alike, left, right)))


def _beyond(ours: tuple[str, ...], theirs: tuple[str, ...]) -> list[str]:
    """Our words that they have not."""
    return [word for word in ours if word not in theirs]


def _alike(ours: str, theirs: str) -> bool:
    short, long = sorted((ours, theirs), key=len)
    if len(short) == 1:
        return long.startswith(short)
    if long.startswith(short) and long.removeprefix(short) in _FEMININE:
        return False
    return JaroWinkler.similarity(short, long) >= _ALIKE


def _phone(contact: Contact, candidate: Candidate, region: str) -> Evidence | None:
    shared = [number for number in own_phones(contact.values, region) if number in candidate.phones]
    if not shared:
        return None
    written = next((text for text in contact.phones if phone_key(text, region) == shared[0]), shared[0])
    return Evidence(code="same_phone", values={"phone": written})


def _company(contact: Contact, candidate: Candidate) -> Evidence | None:
    ours = contact.get("company")
    if not ours or not candidate.company or company_core(ours) != company_core(candidate.company):
        return None
    return Evidence(code="same_company", values={"company": candidate.company})


def _domain(contact: Contact, candidate: Candidate) -> Evidence | None:
    shared = _domains(contact.emails) & _domains(candidate.emails)
    return Evidence(code="same_domain", values={"domain": min(shared)}) if shared else None


def _domains(addresses: Iterable[str]) -> set[str]:
    """The registrable domains behind the addresses, mail providers aside."""
    found = {registrable_domain(host) for address in addresses if (host := email_host(address))}
    return {domain for domain in found if not is_free_mail(domain)}
