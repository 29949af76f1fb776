"""Under which keys do a card and a CRM record find each other without comparing all with all?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from carnet.core.completing import Nature, complete, split_name
from carnet.core.normalise import company_key, email_host, email_key, is_free_mail, name_tokens, phone_key, registrable_domain
from carnet.core.organisations import company_core
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Contact
from carnet.model.field import EMAIL_KEYS, PHONE_KEYS
from carnet.model.match import Candidate

_NOT_THE_PERSONS = frozenset({"company_phone", "business_fax", "assistant_phone"})
_OWN_PHONES = tuple(key for key in PHONE_KEYS if key not in _NOT_THE_PERSONS)
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa", "ø": "oe", "Ø": "Oe"}
)
_SCHEME = "://"


def contact_keys(contact: Contact, region: str) -> tuple[str, ...]:
    """The keys of a card: "e:<address>", "p:<E.164>", "n:<name's words in order of the alphabet>"; each once."""
    emails = (f"e:{key}" for address in contact.emails if (key := email_key(address)))
    phones = (f"p:{number}" for number in own_phones(contact.values, region))
    named = complete(contact)
    names = _name_keys(named.values) if named.nature is Nature.PERSON else ()
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
        company=record.parent.name if record.parent else "",
        parent=record.parent.id if record.parent else "",
        owner=record.owner,
        active=record.active,
        version=record.version,
    )
    if record.kind is RecordKind.ACCOUNT:
        return candidate, _account_keys(candidate.name, [*emails, record.values.get("website", "")])
    reachable = [*(f"e:{email}" for email in emails), *(f"p:{phone}" for phone in phones)]
    return candidate, tuple(dict.fromkeys([*reachable, *_name_keys(record.values)]))


def company_keys(name: str) -> tuple[str, str]:
    """The keys under which the accounts of a company are found: by its name, and without its organisation type."""
    return f"a:{company_key(name)}", f"o:{company_core(name)}"


def own_phones(values: Mapping[str, str], region: str) -> tuple[str, ...]:
    """The E.164 numbers that are the person's own: not the company's main line, a fax or the assistant's; each once."""
    keys = (phone_key(values[key], region) for key in _OWN_PHONES if key in values)
    return tuple(dict.fromkeys(filter(None, keys)))


def name_forms(values: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The folded words of a name, sorted, in each form it may be written in.

    By its parts and by the full name, with and without the middle name, and with umlauts as two letters (Müller, Mueller).
    """
    given, middle, surname = (values.get(key, "") for key in ("given_name", "middle_name", "surname"))
    written = [f"{given} {middle} {surname}", f"{given} {surname}"] if surname else []
    if whole := values.get("full_name", ""):
        written.append(" ".join(split_name(whole)[:2]))
    spelled = (form for name in written for form in (name, name.translate(_UMLAUTS)))
    return tuple(dict.fromkeys(tokens for form in spelled if (tokens := tuple(sorted(name_tokens(form))))))


def _name_keys(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"n:{' '.join(tokens)}" for tokens in name_forms(values))


def _account_keys(name: str, places: Iterable[str]) -> tuple[str, ...]:
    domains = (f"d:{domain}" for place in places if (domain := _domain(place)) and not is_free_mail(domain))
    return tuple(dict.fromkeys([*company_keys(name), *domains]))


def _domain(place: str) -> str:
    """The registrable domain of an e-mail or a web address, "" if it names none."""
    host = email_host(place) or place.rpartition(_SCHEME)[2].partition("/")[0].partition(":")[0].strip()
    return registrable_domain(host) if "." in host and " " not in host else ""
