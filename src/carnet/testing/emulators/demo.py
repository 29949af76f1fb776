"""What do the mailbox and the CRM of the demonstration look like at Microsoft?"""

from __future__ import annotations

from carnet.model.contact import Contact
from carnet.testing.demo_mailbox import LISTS, demo_cards
from carnet.testing.demo_people import CLIENTS, CONTACTS, FAIR, SUPPLIERS, TO_SORT
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.filling import extended_of, resource_of
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.pst.cards import Card

USER, ADDRESS = "sample", "sample@contoso.com"
_COLOURS = {"Client": "preset4", "VIP": "preset0", "Presse": "preset7", "Newsletter": "preset3"}


def demo_outlook() -> GraphMailbox:
    """About 400 people in five folders, private ones and contact groups: the same ones, under the same ids, every time."""
    mailbox = GraphMailbox(USER, address=ADDRESS, name="Sample user")
    clients = mailbox.add_folder(CLIENTS)
    folders = {
        CONTACTS: mailbox.default,
        CLIENTS: clients,
        SUPPLIERS: mailbox.add_folder(SUPPLIERS),
        FAIR: mailbox.add_folder(FAIR, parent=clients),
        TO_SORT: mailbox.add_folder(TO_SORT),
    }
    for folder, card in demo_cards():
        contact = Contact(values=card.values, categories=tuple(card.categories))
        mailbox.add_contact(folders[folder], extended=extended_of(contact) | _sensitivity(card), **resource_of(contact))
    for folder, name in LISTS:
        mailbox.add_list(name, folders[folder])
    mailbox.categories = dict(_COLOURS)
    return mailbox


def demo_colleague() -> GraphMailbox:
    """Somebody who shares her contacts with the owner of that mailbox: they are shown, and only she may add them."""
    mailbox = GraphMailbox("lou", address="lou.marchal@contoso.com", name="Lou Marchal", shared_with=(USER,))
    mailbox.add_folder(CLIENTS)
    mailbox.add_contact(givenName="Ombeline", surname="Petit", companyName="Fabrikam")
    return mailbox


def demo_dynamics() -> DataverseOrganisation:
    """An organisation of Dynamics 365 in which the owner of that mailbox works, and is an administrator."""
    organisation = DataverseOrganisation()
    organisation.add_user(ADDRESS, name="Sample user", administrator=True)
    return organisation


def _sensitivity(card: Card) -> dict[str, str]:
    held = card.sensitivity or (2 if card.private else 0)
    return {"Integer 0x36": str(held)} if held else {}
