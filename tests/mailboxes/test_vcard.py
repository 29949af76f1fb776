"""Does a vCard file keep the promises of a mailbox?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from carnet.errors import DamagedFile, NotAllowed, NotFound, Refused, UnsupportedFile
from carnet.mailboxes.vcard import VcardMailbox, cards, lines, mailbox, open_mailbox, recognises
from carnet.model.contact import KeyStrength
from carnet.model.reading import HeldBackReason, Page
from carnet.ports.mailbox import Mailbox, OpenOptions
from carnet.testing.mailbox_suite import Expected, MailboxSuite

ANNA = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Berg\r\nUID:anna-1\r\nEMAIL:anna@example.org\r\nEND:VCARD\r\n"
PRIVATE = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Secret Santa\r\nTEL:555-0199\r\nNOTE:a surprise\r\nCLASS:PRIVATE\r\nEND:VCARD\r\n"
TEAM = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:The team\r\nMEMBER:urn:uuid:1\r\nMEMBER:urn:uuid:2\r\nEND:VCARD\r\n"
NOBODY = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:nobody\r\nREV:2020-01-01\r\nEND:VCARD\r\n"
CUT = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cut Off\r\n"


def opened(folder: Path, content: str | bytes, options: OpenOptions | None = None) -> VcardMailbox:
    path = folder / "Friends.vcf"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_mailbox(path, options or OpenOptions())


def only_page(folder: Path, content: str | bytes, options: OpenOptions | None = None) -> Page:
    (page,) = opened(folder, content, options).read("all")
    return page


def people(count: int) -> str:
    return "".join(f"BEGIN:VCARD\nVERSION:3.0\nFN:Person {number}\nEND:VCARD\n" for number in range(count))


class TestVcardFile(MailboxSuite):
    @pytest.fixture
    def mailbox(self, tmp_path: Path) -> Mailbox:
        return opened(tmp_path, ANNA + PRIVATE + TEAM + NOBODY + people(450) + ANNA + CUT)

    @pytest.fixture
    def expected(self) -> Expected:
        return Expected(
            records={"all": 452}, held_back=1, lists=1, skipped=2, private=("Secret", "Santa", "555-0199", "surprise")
        )


def test_all_files_of_a_person_are_one_address_book_named_after_the_file(tmp_path: Path) -> None:
    identity = opened(tmp_path, ANNA).identity()
    assert (identity.key, identity.label, identity.kind, identity.address) == ("vcard", "Friends.vcf", "vcard", None)


def test_the_folder_counts_private_contacts_and_no_lists(tmp_path: Path) -> None:
    (folder,) = opened(tmp_path, ANNA + PRIVATE + TEAM).folders()
    assert (folder.id, folder.name, folder.count) == ("all", "Friends", 2)


def test_a_uid_is_the_strongest_key_and_a_card_without_one_is_named_by_its_content(tmp_path: Path) -> None:
    anna, bare = only_page(tmp_path, ANNA + people(1)).records
    assert [key.strength for key in anna.keys] == [KeyStrength.SEARCH, KeyStrength.FINGERPRINT]
    assert anna.id == "s:anna-1"
    assert [key.strength for key in bare.keys] == [KeyStrength.FINGERPRINT]


def test_a_very_long_uid_still_names_its_card(tmp_path: Path) -> None:
    (record,) = only_page(tmp_path, ANNA.replace("anna-1", "u" * 5000)).records
    assert len(record.id) < 100


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("PRIVATE", HeldBackReason.PRIVATE),
        ("private", HeldBackReason.PRIVATE),
        ("CONFIDENTIAL", HeldBackReason.CONFIDENTIAL),
        ("Personal", HeldBackReason.PERSONAL),
        ("X-SECRET", HeldBackReason.PRIVATE),
    ],
)
def test_a_private_card_never_crosses(tmp_path: Path, said: str, reason: HeldBackReason) -> None:
    page = only_page(tmp_path, ANNA + PRIVATE.replace("CLASS:PRIVATE", f"item1.class;X=1:{said} ") + "stray")
    (held,) = page.held_back
    assert held.reason == reason
    assert "Santa" not in repr(page)
    assert len(page.records) == 1


@pytest.mark.parametrize("line", ["CLASS:PUBLIC", "CLASS:public", "CLASS:", ""])
def test_a_public_card_crosses(tmp_path: Path, line: str) -> None:
    assert len(only_page(tmp_path, PRIVATE.replace("CLASS:PRIVATE", line)).records) == 1


def test_the_strictest_of_several_classes_counts(tmp_path: Path) -> None:
    page = only_page(tmp_path, PRIVATE.replace("CLASS:PRIVATE", "CLASS:PUBLIC\r\nCLASS:CONFIDENTIAL"))
    assert [held.reason for held in page.held_back] == [HeldBackReason.CONFIDENTIAL]


def test_a_private_list_and_a_private_card_with_mistakes_are_not_told_of(tmp_path: Path) -> None:
    team = TEAM.replace("MEMBER", "CLASS:PRIVATE\r\nMEMBER", 1)
    santa = PRIVATE.replace("TEL:555-0199", "TEL:555-0199\r\nSanta's other number\r\nBDAY:Christmas, says Santa")
    page = only_page(tmp_path, ANNA + team + santa)
    assert (len(page.held_back), page.lists, page.repairs) == (2, (), ())


def test_a_soft_line_break_does_not_hide_that_a_card_is_private(tmp_path: Path) -> None:
    note = "NOTE;ENCODING=QUOTED-PRINTABLE:a surprise="
    page = only_page(tmp_path, PRIVATE.replace("NOTE:a surprise", note).replace("3.0", "2.1"))
    assert [held.reason for held in page.held_back] == [HeldBackReason.PRIVATE]


def test_a_contact_list_is_named_and_its_members_counted(tmp_path: Path) -> None:
    apple = TEAM.replace("KIND", "X-ADDRESSBOOKSERVER-KIND").replace("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
    page = only_page(tmp_path, TEAM + apple)
    assert [(each.name, each.members) for each in page.lists] == [("The team", 2)] * 2
    assert page.records == ()


def test_a_card_about_nobody_is_skipped_with_its_line(tmp_path: Path) -> None:
    (skipped,) = only_page(tmp_path, ANNA + NOBODY).skipped
    assert (skipped.place, skipped.code) == ("line 7", "CA302")


def test_a_card_that_the_file_ends_in_is_skipped_because_it_may_be_private(tmp_path: Path) -> None:
    page = only_page(tmp_path, ANNA + CUT)
    assert [(each.place, each.code) for each in page.skipped] == [("line 7", "CA301")]
    assert "Cut Off" not in repr(page)


def test_a_card_that_is_not_closed_before_the_next_is_read_and_told(tmp_path: Path) -> None:
    page = only_page(tmp_path, CUT + ANNA)
    assert [record.contact.get("full_name") for record in page.records] == ["Cut Off", "Anna Berg"]
    assert [(repair.place, repair.code) for repair in page.repairs] == [("line 1", "card-not-closed")]


def test_a_card_without_a_beginning_is_skipped_and_the_next_one_read(tmp_path: Path) -> None:
    page = only_page(tmp_path, ANNA.replace("BEGIN", "--BEGIN") + ANNA)
    assert len(page.records) == 1
    assert [(each.place, each.code) for each in page.skipped] == [("line 6", "CA301")]


@pytest.mark.parametrize("content", ["", "hello", CUT, ANNA[:60], ANNA.replace("BEGIN", "--BEGIN")])
def test_a_file_without_a_whole_card_is_refused_with_a_hint(tmp_path: Path, content: str) -> None:
    with pytest.raises(DamagedFile) as refusal:
        opened(tmp_path, content)
    assert "Export" in refusal.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.vcf"):
        open_mailbox(tmp_path / "gone.vcf", OpenOptions())


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        open_mailbox(tmp_path, OpenOptions())


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.vcf"
    path.touch()
    os.truncate(path, mailbox.LARGEST_FILE + 1)
    with pytest.raises(UnsupportedFile, match="512 MB"):
        open_mailbox(path, OpenOptions())


def test_a_file_that_changed_since_it_was_opened_is_refused(tmp_path: Path) -> None:
    source = opened(tmp_path, people(500))
    (cursor, *_) = (page.cursor for page in source.read("all"))
    again = opened(tmp_path, ANNA + people(500))
    with pytest.raises(Refused, match="changed"):
        source.read("all")
    with pytest.raises(Refused, match="changed"):
        again.read("all", cursor)


def test_a_file_that_is_gone_while_it_is_read_is_refused(tmp_path: Path) -> None:
    source = opened(tmp_path, people(5))
    pages = source.read("all")
    (tmp_path / "Friends.vcf").unlink()
    with pytest.raises(NotFound):
        next(pages)


def test_one_enormous_card_is_skipped_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "LARGEST_CARD", 10_000)
    large = ANNA.replace("EMAIL", f"NOTE:{'x' * 20_000}\r\nEMAIL")
    page = only_page(tmp_path, ANNA + large + people(1))
    assert len(page.records) == 2
    assert [(each.place, each.reason) for each in page.skipped] == [("line 7", "The card is too large.")]


def test_an_enormous_line_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 100)
    assert [len(line) for line in lines.physical_lines([b"a" * 80, b"b" * 80, b"c\nd"])] == [101, 1]


def test_many_mistakes_are_summed_up(tmp_path: Path) -> None:
    source = opened(tmp_path, "".join(f"noise {number}\n{ANNA}" for number in range(700)))
    repairs = [repair for page in source.read("all") for repair in page.repairs]
    assert len(repairs) == mailbox.MOST_REPAIRS + 1
    assert (repairs[-1].code, repairs[-1].detail) == ("more-repairs", "200")


@pytest.mark.parametrize(
    "content",
    [
        ANNA.encode(),
        b"\xef\xbb\xbf\r\n\r\n" + ANNA.encode(),
        ANNA.encode("utf-16"),
        ANNA.encode("utf-16-be"),
        ANNA.replace("\r\n", "\r").encode(),
        ANNA.lower().encode(),
        b"ENCODING:UTF-8\r\n" + ANNA.encode(),
        b"--" + ANNA.encode(),
    ],
)
def test_a_vcard_is_recognised_by_its_first_bytes(content: bytes) -> None:
    assert recognises(content[:64])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nDate: today\r\n\r\n" + ANNA.encode(),
        b"First Name,Last Name\r\nAnna,Berg\r\n",
        b"PK\x03\x04",
        bytes(100),
    ],
)
def test_another_file_is_not_recognised(content: bytes) -> None:
    assert not recognises(content)


def test_the_encoding_can_be_given_by_hand(tmp_path: Path) -> None:
    cyrillic = ANNA.replace("Anna Berg", "Анна").encode("cp1251")
    (record,) = only_page(tmp_path, cyrillic, OpenOptions(encoding="cp1251")).records
    assert record.contact.get("full_name") == "Анна"
