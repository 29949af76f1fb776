"""By which keys does a contact find the CRM records worth comparing?"""

from __future__ import annotations

from carnet.core.normalise import company_key, email_host, email_key, is_free_mail, name_tokens, phone_key, registrable_domain
from carnet.core.organisations import company_core
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Contact
from carnet.model.field import EMAIL_KEYS, PHONE_KEYS
from carnet.model.match import Candidate


def contact_keys(contact: Contact, region: str) -> tuple[str, ...]:
    """Keys by e-mail ("e:"), phone ("p:") and name ("n:"), none twice."""
    keys = [f"e:{key}" for address in contact.emails if (key := email_key(address))]
    keys += [f"p:{key}" for phone in contact.phones if (key := phone_key(phone, region))]
    keys += [f"n:{key}" for key in _names(contact)]
    return tuple(dict.fromkeys(keys))


def _names(contact: Contact) -> list[str]:
    parts = " ".join(contact.get(key) for key in ("given_name", "surname"))
    found = [_name(parts)] if contact.get("surname") else []
    found.append(_name(contact.get("full_name")))
    return [name for name in found if name]


def _name(text: str) -> str:
    return " ".join(sorted(name_tokens(text)))


def candidate_of(record: CrmRecord, region: str) -> tuple[Candidate, tuple[str, ...]]:
    """The slim form of a CRM record for the candidate index, and its blocking keys."""
    emails = tuple(key for each in EMAIL_KEYS if (key := email_key(record.values.get(each, ""))))
    phones = tuple(dict.fromkeys(key for each in PHONE_KEYS if (key := phone_key(record.values.get(each, ""), region))))
    candidate = Candidate(
        kind=record.kind,
        id=record.id,
        name=record.name,
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
    return candidate, _account_keys(record) if record.kind is RecordKind.ACCOUNT else _person_keys(candidate)


def _person_keys(candidate: Candidate) -> tuple[str, ...]:
    names = (_name(f"{candidate.given_name} {candidate.surname}"), _name(candidate.name))
    keys = [f"e:{each}" for each in candidate.emails] + [f"p:{each}" for each in candidate.phones]
    return tuple(dict.fromkeys(keys + [f"n:{each}" for each in names if each]))


def _account_keys(record: CrmRecord) -> tuple[str, ...]:
    host = record.values.get("website", "").removeprefix("https://").removeprefix("http://").partition("/")[0]
    hosts = (host.removeprefix("www."), email_host(record.values.get("email1", "")))
    domains = [domain for each in hosts if each and (domain := registrable_domain(each)) and not is_free_mail(domain)]
    return tuple(dict.fromkeys([*company_keys(record.name), *(f"d:{domain}" for domain in domains)]))


def company_keys(name: str) -> tuple[str, str]:
    """The keys of a company name: as written ("a:"), and without its organisation type ("o:")."""
    return f"a:{company_key(name)}", f"o:{company_core(name)}"
