"""What can be seen of an Exchange server is asked read-only, with Microsoft's schema watching, and may be sent to anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from carnet.flows.examine import Part, examine
from carnet.model.examination import Measure, Observation, Subject
from carnet.ports.examined import Examined
from carnet.testing.emulators.ews import EwsEmulator, operation_of
from carnet.testing.emulators.ews_mailbox import OPENS
from gates.fixtures import one_exchange, watched_ews
from mailboxes.exchange import clients, exchange_of

MICROSOFT = "Integer {00020329-0000-0000-c000-000000000046} Name crmLinkState"
READS = {"ResolveNames", "GetFolder", "FindFolder", "SyncFolderItems", "GetItem"}


@pytest.fixture
def ews() -> Iterator[EwsEmulator]:
    with watched_ews(EwsEmulator(one_exchange())) as emulator:
        for number in range(20):
            emulator.mine.add(
                {"contacts:Surname": f"Vauquelin{number}", "contacts:EmailAddress/EmailAddress1": f"v{number}@x.example"}
            )
        emulator.mine.add({"contacts:Surname": "Suivi"}, extended={MICROSOFT: "2"})
        yield emulator


def _seen(emulator: EwsEmulator, *, password: str = OPENS) -> Mapping[Measure, Observation]:
    mailbox = exchange_of(emulator, password=password)
    assert isinstance(mailbox, Examined)
    (found,) = examine([Part(subject=Subject.EWS, examine=mailbox.examine)])
    mailbox.close()
    return {each.question: each for each in found.observations}


def test_a_server_is_measured(ews: EwsEmulator) -> None:
    found = _seen(ews)
    seen = {question: each.seen for question, each in found.items()}

    assert [each for each in found.values() if each.holds is False] == []
    assert seen == seen | {
        Measure.ANSWERED: "yes",
        Measure.EWS_IDENTITY: "yes",
        Measure.EWS_ALIASES: "1",
        Measure.EWS_SIGN_IN: "basic",
        Measure.EWS_FOLDERS: "2",
        Measure.EWS_CONTACTS: "28 / 26",
        Measure.EWS_IDLE: "0",
        Measure.EWS_PAGE: "26",
        Measure.EWS_GROUPS: "1",
        Measure.EWS_DAMAGED: "0",
        Measure.EWS_KEYS: "25 / 25",
        Measure.EWS_COPIES: "0",
        Measure.EWS_PRIVATE: "1",
        Measure.EWS_TRACKED: "1",
    }
    assert seen[Measure.EWS_VERSION].startswith("Exchange2016 15.")


def test_where_a_page_ends_is_told_only_where_another_one_follows(ews: EwsEmulator) -> None:
    assert _seen(ews)[Measure.EWS_PAGE].holds is None
    ews.largest_page = 7
    told = _seen(ews)[Measure.EWS_PAGE]
    assert (told.seen, told.holds) == ("7", False)


def test_what_is_copied_or_damaged_is_seen(ews: EwsEmulator) -> None:
    one, other, third = list(ews.mine.items.values())[:3]
    other.extended["Binary 0x300b"] = one.search_key
    third.is_damaged = True
    seen = _seen(ews)
    assert seen[Measure.EWS_COPIES].seen == "1"
    assert (seen[Measure.EWS_DAMAGED].seen, seen[Measure.EWS_DAMAGED].holds) == ("1", False)


def test_nothing_but_reading_is_asked_of_the_server(ews: EwsEmulator) -> None:
    before = ews.mine.tick
    _seen(ews)
    asked = [operation_of(exchange.asked) for exchange in ews.log if exchange.asked.body]
    assert set(asked) <= READS
    assert 5 < len(asked) < 25
    assert ews.mine.tick == before


def test_no_personal_datum_id_or_password_is_in_what_was_seen(ews: EwsEmulator) -> None:
    told = " ".join(f"{each.seen} {each.expected}" for each in _seen(ews).values()).casefold()
    hidden = {*ews.mine.items, *ews.mine.folders, ews.mine.address, ews.mine.user, "Clients", OPENS, "127.0.0.1", "@", "Durand"}
    hidden |= {str(value) for item in ews.mine.items.values() for value in item.values.values() if len(str(value)) > 3}
    assert len(hidden) > 60
    assert [each for each in hidden if each.casefold() in told] == []


def test_a_wrong_password_says_so_after_one_try(ews: EwsEmulator) -> None:
    found = _seen(ews, password="wrong")
    assert [(each.question, each.seen) for each in found.values()] == [(Measure.ANSWERED, "CA105")]


def test_somebody_whom_the_directory_does_not_name_is_examined_all_the_same(ews: EwsEmulator) -> None:
    ews.mine.is_listed = False
    seen = _seen(ews)
    assert (seen[Measure.EWS_IDENTITY].seen, seen[Measure.EWS_IDENTITY].holds) == ("CA102", False)
    assert seen[Measure.EWS_FOLDERS].seen == "2"
    assert clients(ews.mine)
