"""Under which keys do a card and a CRM record find each other without comparing all with all?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from carnet.core.completing import Nature, complete
from carnet.core.nicknames import formal_names
from carnet.core.normalise import (
    company_key,
    email_host,
    email_key,
    is_free_mail,
    main_number,
    phone_numbers,
    registrable_domain,
)
from carnet.core.organisations import company_core
from carnet.core.spelling import Spelt, spelling
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Contact
from carnet.model.field import EMAIL_KEYS, PHONE_KEYS
from carnet.model.match import Candidate

_NOT_THE_PERSONS = frozenset({"company_phone", "business_fax", "assistant_phone"})
OWN_PHONES = tuple(key for key in PHONE_KEYS if key not in _NOT_THE_PERSONS)
"""The fields of numbers that are the person's own."""
_SCHEME = "://"
_PART = 3
"""Letters of a surname, and of a company, that stand for it: a misspelling seldom touches both ends."""
_MOST_SURNAMES = 3


def contact_keys(contact: Contact, region: str) -> tuple[str, ...]:
    """The keys of a card, each once.

    "e:<address>", "p:<E.164>", "n:<name's words in order of the alphabet>", and for who works somewhere "i:<company>|<initials>"
    and "s:" or "t:", the start or the end of the surname with the given name's initial and the company's start.
    """
    emails = (f"e:{key}" for address in contact.emails if (key := email_key(address)))
    phones = (f"p:{main_number(number)}" for number in own_phones(contact.values, region))
    named = complete(contact)
    names = name_keys(spelling(named.values), contact.get("company")) if named.nature is Nature.PERSON else ()
    return tuple(dict.fromkeys([*emails, *phones, *names]))


def candidate_of(record: CrmRecord, region: str) -> tuple[Candidate, tuple[str, ...]]:
    """The slim form of a CRM record, and its keys; an account's are "a:<name>", "o:<name without its type>", "d:<domain>"."""
    emails = tuple(dict.fromkeys(key for slot in EMAIL_KEYS if (key := email_key(record.values.get(slot, "")))))
    phones = own_phones(record.values, region)
    candidate = Candidate(
        kind=record.kind,
        id=record.id,
        name=record.name or " ".join(filter(None, map(record.values.get, ("given_name", "surname")))),
        given_name=record.values.get("given_name", ""),
        surname=record.values.get("surname", ""),
        emails=emails,
        phones=phones,
        birthday=record.values.get("birthday", ""),
        company=record.parent.name if record.parent else "",
        parent=record.parent.id if record.parent else "",
        owner=record.owner,
        active=record.active,
        version=record.version,
    )
    if record.kind is RecordKind.ACCOUNT:
        return candidate, _account_keys(candidate.name, [*emails, record.values.get("website", "")])
    reachable = [*(f"e:{email}" for email in emails), *(f"p:{main_number(phone)}" for phone in phones)]
    return candidate, tuple(dict.fromkeys([*reachable, *name_keys(spelling(record.values), candidate.company)]))


def company_keys(name: str) -> tuple[str, str]:
    """The keys under which the accounts of a company are found: by its name, and without its organisation type."""
    return f"a:{company_key(name)}", f"o:{company_core(name)}"


def own_phones(values: Mapping[str, str], region: str) -> tuple[str, ...]:
    """The numbers (`phone_numbers`) that are the person's own: not the company's main line, a fax or the assistant's."""
    numbers = (number for key in OWN_PHONES if key in values for number in phone_numbers(values[key], region))
    return tuple(dict.fromkeys(numbers))


def name_keys(name: Spelt, company: str) -> Iterator[str]:
    """The keys of a person's name, and of it beside the company, as `contact_keys` describes them; one may come twice."""
    yield from (f"n:{' '.join(words)}" for words in (*name.forms, *name.longer))
    core = company_core(company) if company else ""
    if not core or not name.given:
        return
    initials = sorted({given[0] for given in formal_names(name.given)})
    for surname in name.surnames[:_MOST_SURNAMES]:
        for initial in initials:
            yield f"i:{core}|{min(initial, surname[0])}{max(initial, surname[0])}"
            yield f"s:{surname[:_PART]}{initial}{core[:_PART]}"
            yield f"t:{surname[-_PART:]}{initial}{core[:_PART]}"


def _account_keys(name: str, places: Iterable[str]) -> tuple[str, ...]:
    domains = (f"d:{domain}" for place in places if (domain := _domain(place)) and not is_free_mail(domain))
    return tuple(dict.fromkeys([*company_keys(name), *domains]))


def _domain(place: str) -> str:
    """The registrable domain of an e-mail or a web address, "" if it names none."""
    host = email_host(place) or place.rpartition(_SCHEME)[2].partition("/")[0].partition(":")[0].strip()
    return registrable_domain(host) if "." in host and " " not in host else ""
