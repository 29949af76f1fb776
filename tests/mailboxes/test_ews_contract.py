"""Does the mailbox of an Exchange server keep the promises of the ports, with Microsoft's schema watching?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from carnet.errors import NotAllowed, Refused
from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.mailboxes.ews import open_mailbox, require_on_premises
from carnet.model.reading import HeldBackReason
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import Mailbox
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.live_suite import LiveMailboxSuite
from carnet.testing.mailbox_suite import Expected, MailboxSuite
from carnet.transport.gate import Gate
from gates.fixtures import one_exchange, watched_ews
from mailboxes.exchange import Outlook, clients, exchange_of, of_name

THEIRS = "shared:owner@contoso.com"


@pytest.fixture
def ews() -> Iterator[EwsEmulator]:
    other = EwsMailbox("owner", name="Camille Renaud", shared_with=("camille",))
    with watched_ews(EwsEmulator(one_exchange(), other)) as emulator:
        yield emulator


@pytest.fixture
def opened(ews: EwsEmulator) -> Iterator[Adapter]:
    adapter = exchange_of(ews, shared=["owner@contoso.com"])
    yield adapter
    adapter.close()


def _closed(ews: EwsEmulator) -> frozenset[str]:
    """The row of the other mailbox, and that of its folder where there is such a mailbox."""
    owner = ews.mailboxes.get("owner")
    return frozenset({THEIRS, f"{THEIRS}:{owner.default}"} if owner else {THEIRS})


class TestEwsMailbox(MailboxSuite):
    @pytest.fixture
    def mailbox(self, opened: Adapter) -> Mailbox:
        return opened

    @pytest.fixture
    def expected(self, ews: EwsEmulator) -> Expected:
        return Expected(
            records={ews.mine.default: 3, clients(ews.mine): 2},
            held_back=1,
            lists=1,
            private=("Confidence",),
            closed=_closed(ews),
        )


class TestEwsMailboxInPages(TestEwsMailbox):
    @pytest.fixture
    def ews(self) -> Iterator[EwsEmulator]:
        with watched_ews(EwsEmulator(one_exchange(), largest_page=2)) as emulator:
            yield emulator


class TestLiveEwsMailbox(LiveMailboxSuite):
    @pytest.fixture
    def mailbox(self, opened: Adapter) -> LiveMailbox:
        return opened

    @pytest.fixture
    def hands(self, hands: Outlook) -> Outlook:
        return hands


def test_the_contact_is_read_whole(opened: Adapter) -> None:
    found = of_name(opened, "Durand").contact
    wanted = {
        "given_name": "Zoé",
        "full_name": "Zoé Durand",
        "company": "Contoso",
        "email1": "durand1@contoso.com",
        "business_phone": "+33 4 72 00 00 01",
        "business_street": "1 rue du Bac",
        "business_city": "Lyon",
        "business_country": "France",
        "birthday": "1981-02-28",
        "pager": "pager",
        "business_fax": "+33 4 72 00 01 01",
        "government_id": "FR1",
        "notes": "Vu à Lyon.\nRappeler.",
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert found.categories == ("Clients",)


def test_what_microsofts_own_app_tracks_is_recognised(ews: EwsEmulator, opened: Adapter) -> None:
    named = "{00020329-0000-0000-c000-000000000046} Name"
    extended = {f"Integer {named} crmLinkState": "2", f"String {named} crmid": "an-id", f"String {named} crmorgid": "an-org"}
    ews.mine.add({"contacts:Surname": "Suivi"}, extended=extended)
    extras = of_name(opened, "Suivi").contact.extras
    assert {key: extras[key] for key in ("crm_state", "crm_id", "crm_org")} == {
        "crm_state": "2",
        "crm_id": "an-id",
        "crm_org": "an-org",
    }


@pytest.mark.parametrize(("said", "kind"), [("Home", "home"), ("Business", "business"), ("Other", "other"), ("None", None)])
def test_the_address_that_outlook_marks_as_the_mailing_one_is_known(
    ews: EwsEmulator, opened: Adapter, *, said: str, kind: str | None
) -> None:
    ews.mine.add({"contacts:Surname": "Marquée", "contacts:PostalAddressIndex": said})
    assert of_name(opened, "Marquée").contact.extras.get("mailing_address") == kind


@pytest.mark.parametrize(
    ("values", "extended", "reason"),
    [
        ({"item:Sensitivity": "Personal"}, {}, HeldBackReason.PERSONAL),
        ({"item:Sensitivity": "Private"}, {}, HeldBackReason.PRIVATE),
        ({"item:Sensitivity": "Confidential"}, {}, HeldBackReason.CONFIDENTIAL),
        ({}, {"Boolean {00062008-0000-0000-c000-000000000046} Id 0x8506": "true"}, HeldBackReason.PRIVATE),
    ],
)
def test_private_contacts_and_lists_never_leave_the_mailbox(
    values: dict[str, Any], extended: dict[str, str], reason: HeldBackReason
) -> None:
    mailbox = EwsMailbox("camille")
    mailbox.add({"contacts:Surname": "Secret", **values}, extended=extended)
    mailbox.add(
        {"contacts:DisplayName": "Secret", **values}, kind="DistributionList", extended=extended, members=["secret@contoso.com"]
    )
    with watched_ews(EwsEmulator(mailbox)) as emulator:
        adapter = exchange_of(emulator)
        (page,) = adapter.read(adapter.folders()[0].id)
        adapter.close()
    assert [each.reason for each in page.held_back] == [reason, reason]
    assert (page.records, page.lists) == ((), ())
    assert "ecret" not in repr(page)


def test_a_distribution_list_is_counted_and_named(ews: EwsEmulator, opened: Adapter) -> None:
    lists = [each for page in opened.read(ews.mine.default) for each in page.lists]
    assert [(each.name, each.members) for each in lists] == [("L’équipe", 2)]


def test_p07_w06_somebody_elses_folder_is_shown_and_never_read(opened: Adapter, ews: EwsEmulator) -> None:
    ews.mailboxes["owner"].add({"contacts:Surname": "Ailleurs"})
    shown = opened.folders()[-1]
    assert (shown.selectable, shown.reason) == (False, "delegate")
    with pytest.raises(NotAllowed):
        list(opened.read(shown.id))
    bodies = [each.asked.body for each in ews.log if ews.mailboxes["owner"].default.encode() in each.asked.body]
    assert bodies
    assert all(b"FindFolder" in body for body in bodies)


def test_folders_below_others_hidden_ones_and_deleted_ones(ews: EwsEmulator, opened: Adapter) -> None:
    archive = ews.mine.add_folder("Archives", parent=ews.mine.top, kind="IPF.Note")
    old = ews.mine.add_folder("Anciens", parent=archive)
    ews.mine.add_folder("2019", parent=old)
    ews.mine.add_folder("Jetés", parent=ews.mine.deleted)
    ews.mine.add_folder("Cachés", hidden=True)
    ews.mine.add_folder("Messagerie", kind="IPF.Contact.MOC.QuickContacts")
    offered = [(folder.path, folder.is_default, bool(folder.parent)) for folder in opened.folders() if folder.selectable]
    assert offered == [
        (("Contacts",), True, False),
        (("Archives", "Anciens"), False, False),
        (("Archives", "Anciens", "2019"), False, True),
        (("Contacts", "Clients"), False, True),
    ]


@pytest.mark.parametrize("user", ["camille", "CONTOSO\\camille", "camille@contoso.com"])
def test_p01_the_identity_is_the_primary_address_of_who_signed_in_and_aliases_stand_apart(ews: EwsEmulator, user: str) -> None:
    adapter = exchange_of(ews, user=user)
    identity = adapter.identity()
    adapter.close()
    assert (identity.address, identity.aliases) == ("camille@contoso.com", ("c.roche@contoso.com",))


def test_the_identity_is_never_somebody_else_of_that_name(ews: EwsEmulator) -> None:
    """Whoever may open another mailbox is not its owner."""
    stranger = EwsMailbox("cam", name="Camille Zola")
    ews.mailboxes["cam"] = stranger
    ews.mine.shared_with = frozenset({"cam"})
    adapter = exchange_of(ews, user="cam")
    assert adapter.identity().address == "cam@contoso.com"
    adapter.close()


def test_who_has_no_address_in_the_directory_is_not_guessed(ews: EwsEmulator) -> None:
    adapter = exchange_of(ews)
    ews.mine.is_listed = False
    with pytest.raises(NotAllowed, match="camille"):
        adapter.identity()
    adapter.close()


@pytest.mark.parametrize(
    "url",
    ["https://outlook.office365.com/EWS/Exchange.asmx", "https://OUTLOOK.OFFICE.COM/x", "https://contoso.mail.office365.com./"],
)
def test_exchange_online_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(Refused, match="Exchange Online") as raised:
        open_mailbox(url, user="camille", password=lambda: pytest.fail("the password was asked for"), gate=Gate())
    assert "Microsoft 365" in raised.value.hint
    require_on_premises("https://mail.contoso.com/EWS/Exchange.asmx")
    require_on_premises("https://notoffice365.com/EWS/Exchange.asmx")
