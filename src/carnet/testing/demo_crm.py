"""What does the demonstration's CRM hold, so that every colour and every kind of question occurs?

Rows are plain: field keys (`carnet.model.field`), for an account `name` and `website`, for a contact `account`, the name of
its account; `active` is "no" for an inactive record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from carnet.flows.seed import SeedRow
from carnet.model.contact import Contact
from carnet.testing.demo_people import people

Row = Mapping[str, str]

DEMO_ACCOUNTS: tuple[Row, ...] = (
    {"name": "Contoso", "website": "https://www.contoso.com", "business_phone": "+33 1 99 00 10 10", "business_city": "Paris"},
    {"name": "Fabrikam", "website": "https://www.fabrikam.com", "business_city": "London"},
    {"name": "Northwind Traders", "website": "https://www.northwindtraders.com", "business_city": "Leeds"},
    {"name": "Litware", "website": "https://www.litware.com", "business_city": "Lyon"},
    {"name": "Wide World Importers", "website": "https://www.wideworldimporters.com"},
    {"name": "Adventure Works", "business_city": "Grenoble", "email1": "grenoble@adventure-works.com"},
    {"name": "Adventure Works", "business_city": "Leeds", "email1": "leeds@adventure-works.com"},
    {"name": "Alpine Ski House", "business_city": "Annecy", "active": "no"},
    {"name": "Épicerie fine Lefèvre", "business_city": "Dijon"},
    {"name": "Müller & Söhne", "business_city": "Köln"},
    {"name": "Boulangerie Martin", "business_city": "Nantes"},
    {"name": "Proseware", "website": "https://www.proseware.com"},
    {"name": "Woodgrove Bank", "website": "https://www.woodgrovebank.com"},
)
"""Missing are, among others, Tailspin Toys and Trey Research; Contoso Ltd and Boulangerie Martin SARL differ by their form."""

_CAST: tuple[Row, ...] = (
    # The address of a card under another person's name.
    {"given_name": "Paul", "surname": "Lemaire", "email1": "p.marchal@litware.com", "account": "Litware"},
    # The same name and company, another address.
    {"given_name": "Nadia", "surname": "Benali", "email1": "nadia.benali@woodgrovebank.com", "account": "Woodgrove Bank"},
    # The same person, inactive.
    {
        "given_name": "Gaspard",
        "surname": "Toussaint",
        "email1": "gaspard.toussaint@contoso.com",
        "account": "Contoso",
        "active": "no",
    },
    # Before she married.
    {"given_name": "Claire", "surname": "Fontenay", "email1": "claire.fontenay@contoso.com", "account": "Contoso"},
    # Equal but for case, accents and spacing.
    {
        "given_name": "HELENE",
        "surname": "D'HALLUIN",
        "email1": "Helene.Dhalluin@NorthwindTraders.com",
        "account": "Northwind Traders",
    },
    # A desk's address, which says nothing about the person.
    {"given_name": "Accueil", "surname": "Proseware", "email1": "info@proseware.com", "account": "Proseware"},
    # One of two namesakes.
    {"given_name": "Jean", "surname": "Martin", "email1": "jean.martin2@contoso.com", "account": "Contoso"},
    # The same name, nothing else.
    {"given_name": "Sam", "surname": "Rivers", "email1": "sam.rivers@relecloud.com"},
)
_KEPT = ("given_name", "surname", "email1")

DEMO_CONTACTS: tuple[Row, ...] = (
    *({key: person.values[key] for key in _KEPT} | {"account": person.account} for person in people() if person.known),
    *_CAST,
)


def demo_rows() -> Sequence[SeedRow]:
    """The same as rows for `carnet.flows.seed.seed`."""
    accounts = [_row(row, company=row["name"], website=row.get("website", "")) for row in DEMO_ACCOUNTS]
    return [*accounts, *(_row(row, company=row.get("account", "")) for row in DEMO_CONTACTS)]


def _row(row: Row, *, company: str, website: str = "") -> SeedRow:
    values = {key: value for key, value in row.items() if key not in {"name", "account", "active", "website"}}
    contact = Contact(values={**values, **({"company": company} if company else {})})
    return SeedRow(contact=contact, active=row.get("active") != "no", website=website)
