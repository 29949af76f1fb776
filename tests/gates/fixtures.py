"""Emulators with their owners' contracts watching: a test that breaks one fails at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.transport.client import Client
from carnet.transport.gate import Gate
from gates import dataverse_gate, ews_gate, graph_gate
from gates.dataverse_contract import contract


@contextmanager
def watched_graph(emulator: GraphEmulator) -> Iterator[GraphEmulator]:
    """The emulator, started, with the gate watching."""
    emulator.watch(graph_gate.check)
    with emulator:
        yield emulator
    assert not emulator.violations, "\n".join(emulator.violations)


@contextmanager
def watched_ews(emulator: EwsEmulator) -> Iterator[EwsEmulator]:
    """The emulator, started, with the gate watching."""
    emulator.watch(ews_gate.check)
    with emulator:
        yield emulator
    assert not emulator.violations, "\n".join(emulator.violations)


def one_exchange(user: str = "camille") -> EwsMailbox:
    """A mailbox with a second folder and six contacts, one of them private, and a distribution list."""
    mailbox = EwsMailbox(user, address="camille@contoso.com", name="Camille Roche", aliases=("c.roche@contoso.com",))
    second = mailbox.add_folder("Clients")
    for number, (given, name) in enumerate((("Zoé", "Durand"), ("Hugo", "Martin"), ("Inès", "Lefèvre")), start=1):
        values: dict[str, str | tuple[str, ...]] = {
            "contacts:GivenName": given,
            "contacts:Surname": name,
            "contacts:DisplayName": f"{given} {name}",
            "contacts:CompanyName": "Contoso",
            "contacts:EmailAddress/EmailAddress1": f"{name.lower()}{number}@contoso.com",
            "contacts:PhoneNumber/BusinessPhone": f"+33 4 72 00 00 {number:02}",
            "contacts:PhoneNumber/Pager": "pager",
            "contacts:PhoneNumber/BusinessFax": f"+33 4 72 00 01 {number:02}",
            "contacts:PhysicalAddress:Street/Business": "1 rue du Bac",
            "contacts:PhysicalAddress:City/Business": "Lyon",
            "contacts:PhysicalAddress:CountryOrRegion/Business": "France",
            "contacts:Birthday": f"198{number}-02-28T11:59:00Z",
            "item:Body": "Vu à Lyon.\nRappeler.",
            "item:Categories": ("Clients",),
        }
        mailbox.add(values, extended={"String 0x3a07": f"FR{number}"})
    mailbox.add({"contacts:GivenName": "Alix", "contacts:Surname": "Renard"}, folder=second)
    mailbox.add({"contacts:GivenName": "Noé", "contacts:Surname": "Petit"}, folder=second)
    mailbox.add({"contacts:Surname": "Confidence", "item:Sensitivity": "Private"})
    mailbox.add_list("L’équipe", ["durand1@contoso.com", "martin2@contoso.com"])
    return mailbox


def one_mailbox(user: str = "me") -> GraphMailbox:
    """A mailbox with a second folder and six contacts, one of them private, and a distribution list."""
    mailbox = GraphMailbox(user, address="camille@contoso.com", name="Camille Roche", aliases=("c.roche@contoso.com",))
    second = mailbox.add_folder("Clients")
    for number, (given, name) in enumerate((("Zoé", "Durand"), ("Hugo", "Martin"), ("Inès", "Lefèvre")), start=1):
        mailbox.add_contact(
            givenName=given,
            surname=name,
            companyName="Contoso",
            emailAddresses=[{"name": name, "address": f"{name.lower()}{number}@contoso.com"}],
            businessPhones=[f"+33 4 72 00 00 {number:02}"],
            businessAddress={"street": "1 rue du Bac", "city": "Lyon", "countryOrRegion": "France"},
            birthday=f"198{number}-02-28T11:59:00Z",
            categories=["Clients"],
            extended={"String 0x3a21": "pager", "String 0x3a24": f"+33 4 72 00 01 {number:02}"},
        )
    mailbox.add_contact(second, givenName="Alix", surname="Renard")
    mailbox.add_contact(second, givenName="Noé", surname="Petit")
    mailbox.add_contact(surname="Confidence", extended={"Integer 0x36": "2"})
    mailbox.add_list("L’équipe")
    return mailbox


@contextmanager
def watched_dataverse(emulator: DataverseEmulator) -> Iterator[DataverseEmulator]:
    """The emulator, started, with the gate watching; a test without the contract is skipped before."""
    contract()
    emulator.watch(dataverse_gate.check)
    with emulator:
        yield emulator
    assert not emulator.violations, "\n".join(emulator.violations)


def one_organisation() -> DataverseOrganisation:
    """An organisation with two users, two accounts and five contacts, three of them of an account."""
    organisation = DataverseOrganisation()
    organisation.add_user("camille@contoso.com", name="Camille Roche", administrator=True)
    organisation.add_user("hugo@contoso.com", name="Hugo Martin")
    contoso = organisation.add_account(name="Contoso", websiteurl="https://contoso.com", address1_city="Lyon")
    organisation.add_account(name="Fabrikam")
    for number, (given, name) in enumerate((("Zoé", "Durand"), ("Inès", "Lefèvre"), ("Léa", "Aubert")), start=1):
        organisation.add_contact(
            parent=("account", contoso),
            firstname=given,
            lastname=name,
            emailaddress1=f"{name.lower()}{number}@contoso.com",
            telephone1=f"+33 4 72 00 00 {number:02}",
            birthdate=f"198{number}-02-28",
        )
    organisation.add_contact(firstname="Alix", lastname="Renard", emailaddress1="alix@fabrikam.com")
    organisation.add_contact(lastname="Petit", statecode=1, statuscode=2)
    return organisation


def client_of(emulator: GraphEmulator | DataverseEmulator, *, user: str = "me", gate: Gate | None = None) -> Client:
    """A client that never waits long."""
    return Client(emulator.url, token=lambda: user, gate=gate or quick_gate(), sleep=lambda _: None)


def quick_gate() -> Gate:
    """A gate whose time passes at once."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Gate(clock=lambda: now[0], sleep=sleep)
