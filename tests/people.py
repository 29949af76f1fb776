"""Who are the people that the tests know by name, and what is the trap in each?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from carnet.core.blocking import candidate_of
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.match import Candidate

REGION = "FR"


def contact(*, file_as: str = "", **values: str) -> Contact:
    """A contact with those field values; blank ones are absent, as in a reading."""
    return Contact(values={key: value for key, value in values.items() if value}, extras={"file_as": file_as} if file_as else {})


def record(identity: str, *, of: Contact | None = None, categories: Sequence[str] = (), **values: str) -> Record:
    """A card of the default folder, of that contact or with those values."""
    made = contact(**values)
    return Record(
        id=identity,
        folder="contacts",
        place=f"item {identity}",
        keys=(SourceKey(strength=KeyStrength.IMMUTABLE, key=identity),),
        version="1",
        contact=of or replace(made, categories=tuple(categories)),
    )


def crm_contact(identity: str, *, company: str = "", active: bool = True, **values: str) -> CrmRecord:
    """A contact of the CRM, under an account of that name if one is given."""
    parent = Parent(kind=RecordKind.ACCOUNT, id=f"account-{company.casefold()}", name=company) if company else None
    full = " ".join(filter(None, (values.get("given_name"), values.get("surname"))))
    return CrmRecord(
        kind=RecordKind.CONTACT, id=identity, values={"full_name": full, **values}, parent=parent, active=active, version="1"
    )


def crm_account(identity: str, name: str, *, active: bool = True, **values: str) -> CrmRecord:
    """An account of the CRM."""
    return CrmRecord(kind=RecordKind.ACCOUNT, id=identity, values={"name": name, **values}, active=active, version="1")


def candidate(identity: str, *, company: str = "", active: bool = True, **values: str) -> Candidate:
    """A contact of the CRM as the candidate index holds it."""
    return candidate_of(crm_contact(identity, company=company, active=active, **values), REGION)[0]


def account(identity: str, name: str, *, active: bool = True, **values: str) -> Candidate:
    """An account of the CRM as the candidate index holds it."""
    return candidate_of(crm_account(identity, name, active=active, **values), REGION)[0]


PLAIN = contact(
    given_name="Amina",
    surname="Haddad",
    full_name="Amina Haddad",
    company="Fabrikam",
    email1="amina.haddad@fabrikam.com",
    business_phone="01 99 00 12 34",
)
MAIDEN_NAME = contact(given_name="Claire", surname="Martin", company="Fabrikam", email1="claire@fabrikam.com")
"""The CRM knows her at the same address as Claire Dubois."""
NAMESAKE = contact(given_name="Jean", surname="Martin", company="Fabrikam", email1="jean.martin2@fabrikam.com")
"""There is another Jean Martin at Fabrikam, jean.martin@fabrikam.com."""
FRONT_DESK = contact(given_name="Paul", surname="Roux", company="Fabrikam", email1="info@fabrikam.com")
"""Writes from the address of a desk."""
NO_NAME = contact(email1="someone@fabrikam.com")
UMLAUTS = contact(given_name="Jürgen", surname="Größmüller", company="Müller & Söhne GmbH", email1="j.groessmueller@web.de")
CAPITALS = contact(full_name="LE GOFF Yann", company="Brasserie du Port")
"""The surname first and in capitals, as in many French files."""
COMPANY_CARD = contact(full_name="Adventure Works SARL", company="Adventure Works SARL", business_phone="01 99 00 55 55")
ADDRESS_AS_NAME = contact(full_name="jean.dupont@fabrikam.com", email1="jean.dupont@fabrikam.com")
GIVEN_ONLY = contact(given_name="Zoé", mobile_phone="06 99 00 11 22")
FILED_ONLY = contact(company="Fabrikam", file_as="Fabrikam (de La Tour, Anne)")
LONG_NOTE = contact(given_name="Noël", surname="Prévost", notes="Très long. " * 400)
LONG_SURNAME = contact(given_name="Ana", surname="de Souza " * 8 + "Lima")
DOUBLED_PHONE = contact(given_name="Kim", surname="Weber", home_phone="(925)599-3355(925)599-3355")
BIRTHDAY_WITHOUT_YEAR = contact(given_name="Lou", surname="Petit", birthday="--02-29")
EXCHANGE_ONLY = Contact(values={"given_name": "Eva", "surname": "Lind"}, unresolved=("/o=Fabrikam/ou=EU/cn=Recipients/cn=elind",))

CAST = {
    "plain": PLAIN,
    "maiden name": MAIDEN_NAME,
    "namesake": NAMESAKE,
    "front desk": FRONT_DESK,
    "no name": NO_NAME,
    "umlauts": UMLAUTS,
    "capitals": CAPITALS,
    "company card": COMPANY_CARD,
    "address as name": ADDRESS_AS_NAME,
    "given only": GIVEN_ONLY,
    "filed only": FILED_ONLY,
    "long note": LONG_NOTE,
    "long surname": LONG_SURNAME,
    "doubled phone": DOUBLED_PHONE,
    "birthday without year": BIRTHDAY_WITHOUT_YEAR,
    "exchange only": EXCHANGE_ONLY,
}
