"""Does the mailbox of an Exchange server tell the truth, whatever goes wrong?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from carnet.errors import NotFound, NotSignedIn, Refused, Throttled, Unavailable
from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.testing.emulators.ews import EwsEmulator, asks, busy, operation_of
from carnet.testing.emulators.ews_mailbox import OPENS
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.live_suite import read_all
from carnet.transport.gate import Gate
from mailboxes.exchange import exchange_of

FAULTS: dict[str, Callable[[], Fault]] = {
    "busy in the middle": lambda: busy("GetItem", seconds=7),
    "busy, without saying for how long": lambda: busy("SyncFolderItems", times=2),
    "throttled by the web server": lambda: Fault(
        trouble=Trouble.STATUS, when=asks("GetItem"), status=503, headers={"Retry-After": "7"}
    ),
    "broken": lambda: Fault(trouble=Trouble.STATUS, when=asks("SyncFolderItems"), status=502),
    "hung up": lambda: Fault(trouble=Trouble.HANG_UP, when=asks("SyncFolderItems"), times=2),
    "hung up after": lambda: Fault(trouble=Trouble.HANG_UP_AFTER, when=asks("GetItem"), times=2),
    "hung up at the door": lambda: Fault(trouble=Trouble.HANG_UP),
    "a row twice": lambda: Fault(trouble=Trouble.DUPLICATE_ROWS, when=asks("SyncFolderItems")),
    "another order": lambda: Fault(trouble=Trouble.REORDERED_ROWS, when=asks("SyncFolderItems")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_or_doubled_when_the_server_stumbles(name: str, ews: EwsEmulator, opened: Adapter) -> None:
    ews.faults.add(FAULTS[name]())
    records, laters = read_all(opened)
    assert sorted(record.contact.get("surname") for record in records.values()) == [
        "Durand",
        "Lefèvre",
        "Martin",
        "Petit",
        "Renard",
    ]
    ews.mine.add({"contacts:Surname": "Nouveau"})
    assert [record.contact.get("surname") for record in opened.changes(laters).records] == ["Nouveau"]
    assert ews.faults.left == 0


def test_a_busy_server_is_left_alone_for_exactly_as_long_as_it_says(ews: EwsEmulator) -> None:
    now, asked_at = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    ews.watch(lambda exchange: asked_at.append((now[0], operation_of(exchange.asked))))
    ews.faults.add(busy("FindFolder", seconds=37))
    adapter = exchange_of(ews, gate=Gate(clock=lambda: now[0], sleep=sleep))
    adapter.folders()
    adapter.close()
    assert asked_at[-1] == (37.0, "FindFolder")
    ews.faults.add(busy("FindFolder", seconds=3600))
    impatient = exchange_of(ews, gate=Gate(clock=lambda: now[0], sleep=sleep))
    with pytest.raises(Throttled, match="3600"):
        impatient.folders()
    impatient.close()


def test_a_part_that_the_server_was_too_busy_for_is_asked_for_again_when_it_says(ews: EwsEmulator) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    ews.mine.within(ews.mine.default)[1].busy = 2
    adapter = exchange_of(ews, gate=Gate(clock=lambda: now[0], sleep=sleep))
    assert len(read_all(adapter)[0]) == 5
    adapter.close()
    assert now == [6.0]


def test_a_wrong_password_is_tried_once_and_told(ews: EwsEmulator) -> None:
    adapter = exchange_of(ews, password="wrong")
    with pytest.raises(NotSignedIn):
        adapter.identity()
    assert [exchange.said.status for exchange in ews.log] == [401, 401]  # the first is asked without a password
    assert "Authorization".lower() not in ews.log[0].asked.headers
    adapter.close()


def test_a_server_that_stays_away_is_told(ews: EwsEmulator, opened: Adapter) -> None:
    ews.faults.add(Fault(trouble=Trouble.HANG_UP, times=99))
    with pytest.raises(Unavailable):
        opened.identity()


def test_a_server_that_is_no_exchange_is_told(ews: EwsEmulator) -> None:
    ews.faults.add(Fault(trouble=Trouble.STATUS, status=404))
    adapter = exchange_of(ews)
    with pytest.raises(NotFound):
        adapter.identity()
    adapter.close()


def test_one_damaged_item_is_skipped_with_its_place(ews: EwsEmulator, opened: Adapter) -> None:
    ews.mine.items[ews.mine.within(ews.mine.default)[0].id].is_damaged = True
    pages = list(opened.read(ews.mine.default))
    assert sum(len(page.records) for page in pages) == 2
    assert [each.code for page in pages for each in page.skipped] == ["CA301"]


def test_no_secret_and_no_name_is_written_down(ews: EwsEmulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    adapter = exchange_of(ews)
    ews.faults.add(busy("GetItem"), Fault(trouble=Trouble.HANG_UP, when=asks("GetItem")))
    read_all(adapter)
    said = caplog.text + repr(adapter) + repr(vars(adapter))
    adapter.close()
    assert not [text for text in (OPENS, "Durand", "camille@", "U8Op") if text in said]


def test_an_older_server_is_spoken_to_in_its_own_version(ews: EwsEmulator) -> None:
    ews.versions = ("Exchange2013_SP1", "Exchange2013")
    adapter = exchange_of(ews)
    assert adapter.identity().address == "camille@contoso.com"
    assert len(read_all(adapter)[0]) == 5
    adapter.close()


def test_a_server_that_is_too_old_is_told(ews: EwsEmulator, opened: Adapter) -> None:
    ews.versions = ("Exchange2010_SP2",)
    with pytest.raises(Refused, match="2013"):
        opened.folders()
