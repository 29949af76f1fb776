"""What speaks for and against a contact and a CRM record being one person?"""

from __future__ import annotations

from carnet.core.normalise import (
    company_key,
    email_host,
    email_key,
    is_free_mail,
    is_role_address,
    name_tokens,
    phone_key,
    registrable_domain,
)
from carnet.model.contact import Contact
from carnet.model.match import Candidate, Evidence


def compare(contact: Contact, candidate: Candidate, region: str) -> tuple[Evidence, ...]:
    """Evidence, the strongest first: e-mail, name, phone, company, domain."""
    found = [*_email(contact, candidate), *_name(contact, candidate), *_phone(contact, candidate, region)]
    return (*found, *_company(contact, candidate))


def _email(contact: Contact, candidate: Candidate) -> list[Evidence]:
    same = [key for address in contact.emails if (key := email_key(address)) in candidate.emails and key]
    personal = [key for key in same if not is_role_address(key)]
    if personal:
        return [Evidence(code="same_email", values={"email": personal[0]})]
    return [Evidence(code="shared_email", values={"email": same[0]})] if same else []


def _name(contact: Contact, candidate: Candidate) -> list[Evidence]:
    ours = set(name_tokens(f"{contact.get('given_name')} {contact.get('surname')}")) or set(name_tokens(contact.get("full_name")))
    theirs = set(name_tokens(f"{candidate.given_name} {candidate.surname}")) or set(name_tokens(candidate.name))
    if not ours or not theirs:
        return []
    values = {"ours": contact.get("full_name") or " ".join(sorted(ours)), "theirs": candidate.name}
    if ours == theirs:
        return [Evidence(code="same_name", values=values)]
    if ours < theirs or theirs < ours or _initials(ours, theirs):
        return [Evidence(code="similar_name", values=values)]
    return [Evidence(code="other_name", supports=False, values=values)]


def _initials(ours: set[str], theirs: set[str]) -> bool:
    """One token in common, and the others begin with the same letter where one side has only that letter."""
    left, right = sorted(ours - theirs), sorted(theirs - ours)
    short = len(left) == len(right) == 1 and min(len(left[0]), len(right[0])) == 1
    return bool(ours & theirs) and short and left[0][0] == right[0][0]


def _phone(contact: Contact, candidate: Candidate, region: str) -> list[Evidence]:
    same = [phone for phone in contact.phones if phone_key(phone, region) in candidate.phones]
    return [Evidence(code="same_phone", values={"phone": same[0]})] if same else []


def _company(contact: Contact, candidate: Candidate) -> list[Evidence]:
    if candidate.company and company_key(candidate.company) == company_key(contact.get("company")):
        return [Evidence(code="same_company", values={"company": candidate.company})]
    ours = {registrable_domain(email_host(each)) for each in contact.emails}
    theirs = {registrable_domain(email_host(each)) for each in candidate.emails}
    shared = sorted(domain for domain in ours & theirs if domain and not is_free_mail(domain))
    return [Evidence(code="same_domain", values={"domain": shared[0]})] if shared else []
