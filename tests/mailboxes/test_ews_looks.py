"""Are photos and the colours of categories read from an Exchange server as Outlook keeps them?"""

from __future__ import annotations

import pytest

from carnet.errors import NotFound
from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.mailboxes.ews.looks import colours_in
from carnet.testing.emulators.ews import EwsEmulator, asks, busy
from carnet.testing.emulators.ews_mailbox import PHOTO
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.live_suite import read_all
from mailboxes.exchange import Outlook, of_name


def test_a_file_that_is_no_photo_is_none(ews: EwsEmulator, opened: Adapter, hands: Outlook) -> None:
    record = of_name(opened, "Durand")
    ews.mine.attach(hands.item(record.id), "contract.pdf", b"%PDF")
    assert opened.photos([record]) == {}
    assert not [each for each in ews.log if asks("GetAttachment")(each.asked)]


def test_fifty_photos_are_fetched_in_pieces(ews: EwsEmulator, opened: Adapter) -> None:
    for number in range(50):
        ews.mine.attach(ews.mine.add({"contacts:Surname": f"N{number}"}), PHOTO, b"%d" % number)
    records = list(read_all(opened)[0].values())
    before = ews.requests
    assert len(set(opened.photos(records).values())) == 50
    assert ews.requests - before == 1 + 3  # the items, and their photos


def test_a_photo_is_fetched_though_the_server_stumbles(ews: EwsEmulator, opened: Adapter, hands: Outlook) -> None:
    record = of_name(opened, "Durand")
    hands.portray(record.id, b"\xff\xd8")
    ews.faults.add(busy("GetAttachment"), Fault(trouble=Trouble.HANG_UP_AFTER, when=asks("GetAttachment")))
    assert set(opened.photos([record])) == {record.id}
    assert ews.faults.left == 0


LIST = "<categories xmlns='CategoryList.xsd'>{}</categories>"
ODD = "<category name='A' color='25'/><category name=' ' color='1'/><category name='B'/><category name=' C ' color='24'/>"
ENTITY = "<!DOCTYPE c [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
USUAL = LIST.format("<category name='A' color='3'/><category name='R&amp;D' color='-1'/>")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("\ufeff" + USUAL, {"A": "preset3", "R&D": "none"}),
        (LIST.format(""), {}),
        (LIST.format(ODD), {"A": "none", "B": "none", "C": "preset24"}),
        (ENTITY + LIST.format("<category name='A' color='1'>&x;</category>"), {"A": "preset1"}),
    ],
)
def test_a_list_of_categories_is_read_as_outlook_writes_it(said: str, wanted: dict[str, str]) -> None:
    assert colours_in(said.encode()) == wanted


@pytest.mark.parametrize("said", [b"", b"no list", b"\x00"])
def test_a_list_that_is_none_is_told(said: bytes) -> None:
    with pytest.raises(NotFound):
        colours_in(said)
