from __future__ import annotations

from pathlib import Path

import pytest

from carnet.errors import BadSettings, DamagedFile, NotFound, Refused, UnsupportedFile
from carnet.mailboxes.outlook_csv import CsvMailbox, open_mailbox, recognises
from carnet.model.contact import Contact
from carnet.model.reading import HeldBackReason, Page
from carnet.ports.mailbox import OpenOptions

NOTHING = OpenOptions()
_YES = "True Vrai Ein Oui Sì Tak Sim Verdadero Verdadeiro Prawda Ja 1 -1 yes x WAHR Privat Sand Vero Activado"


def opened(folder: Path, text: str | bytes, options: OpenOptions = NOTHING) -> CsvMailbox:
    path = folder / "contacts.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return open_mailbox(path, options)


def page(folder: Path, text: str | bytes, options: OpenOptions = NOTHING) -> Page:
    (only,) = opened(folder, text, options).read("all")
    return only


def contact(folder: Path, text: str | bytes, options: OpenOptions = NOTHING) -> Contact:
    (record,) = page(folder, text, options).records
    return record.contact


def test_a_row_gives_its_values_and_its_line(tmp_path: Path) -> None:
    text = 'First Name,Last Name,Business Street,Business Street 2,Notes,E-mail Address\n\nZoé," Roy ",1 rue A,Bât. B,"a ""b""\r\nc",z@roy.fr\n'
    (record,) = page(tmp_path, text).records
    assert record.place == "line 3"
    assert dict(record.contact.values) == {
        "given_name": "Zoé", "surname": "Roy", "business_street": "1 rue A\nBât. B", "notes": 'a "b"\nc', "email1": "z@roy.fr",
    }  # fmt: skip


def test_short_rows_are_read_and_longer_ones_reported(tmp_path: Path) -> None:
    found = page(tmp_path, "First Name,Last Name,E-mail Address\nA\nB,C,b@c.fr,,\nD,E,d@e.fr,surplus\n")
    assert [record.contact.get("given_name") for record in found.records] == ["A", "B", "D"]
    assert [(repair.place, repair.code) for repair in found.repairs] == [("line 4", "more-cells-than-titles")]


def test_a_line_that_is_separated_otherwise_is_skipped(tmp_path: Path) -> None:
    found = page(tmp_path, "Name\tCompany\tEmail\nA\tB\ta@b.fr\nC,D,c@d.fr\nE\tF\te@f.fr\n")
    assert [record.contact.get("full_name") for record in found.records] == ["A", "E"]
    assert [(skip.place, skip.code) for skip in found.skipped] == [("line 3", "CA301")]


def test_a_row_with_zero_bytes_is_skipped(tmp_path: Path) -> None:
    found = page(tmp_path, "First Name,Last Name\nA,B\nC\0,D\nE,F\n")
    assert [skip.place for skip in found.skipped] == ["line 3"]
    assert [record.place for record in found.records] == ["line 2", "line 4"]


def test_a_row_that_says_nothing_to_us_is_skipped(tmp_path: Path) -> None:
    found = page(tmp_path, "Name,Xandr\nA,b\n,c\n")
    assert [(skip.place, skip.code) for skip in found.skipped] == [("line 3", "CA302")]


def test_an_unclosed_quotation_mark_costs_one_row(tmp_path: Path) -> None:
    found = page(tmp_path, 'Name,Email\nA,"a@b.fr\nC,c@d.fr\nE,e@f.fr\n')
    assert [skip.place for skip in found.skipped] == ["line 2"]
    assert [record.contact.get("full_name") for record in found.records] == ["C", "E"]


def test_a_stray_quotation_mark_in_a_word_is_text(tmp_path: Path) -> None:
    assert contact(tmp_path, 'Name,Company\nA,disques 5" et "7"\n').get("company") == 'disques 5" et "7"'


def test_a_note_larger_than_the_usual_limit_is_read(tmp_path: Path) -> None:
    note = "n" * 400_000
    assert contact(tmp_path, f"Name,Notes\nA,{note}\n").get("notes") == note


@pytest.mark.parametrize(
    ("text", "title", "region", "expected"),
    [
        ("03/04/1970", "Birthday", "FR", "1970-04-03"),
        ("03/04/1970", "Birthday", "US", "1970-03-04"),
        ("3.4.70", "Geburtstag", "US", "1970-04-03"),
        ("1970-04-03", "Birthday", "US", "1970-04-03"),
        ("1970/4/3 00:00:00", "Birthday", "US", "1970-04-03"),
        ("--04-03", "Birthday", "FR", "--04-03"),
        ("0.0.00", "Geburtstag", "DE", ""),
        ("0/0/00", "Birthday", "US", ""),
    ],
)
def test_dates_go_by_language_and_region(tmp_path: Path, *, text: str, title: str, region: str, expected: str) -> None:
    first = "Vorname" if title == "Geburtstag" else "First Name"
    found = contact(tmp_path, f"{first},{title}\nA,{text}\n", OpenOptions(region=region))
    assert found.get("birthday") == expected


def test_a_date_that_can_only_be_month_first_decides_for_the_file(tmp_path: Path) -> None:
    found = page(tmp_path, "First Name,Birthday\nA,3/4/1970\nB,12/31/1970\n")
    assert [record.contact.get("birthday") for record in found.records] == ["1970-03-04", "1970-12-31"]


def test_a_date_that_is_none_is_kept_out_and_reported(tmp_path: Path) -> None:
    found = page(tmp_path, "First Name,Birthday\nA,31/02/1970\n")
    assert "birthday" not in found.records[0].contact.values
    assert [(repair.code, repair.detail) for repair in found.repairs] == [("unreadable-date", "31/02/1970")]


def test_thunderbirds_birth_parts_are_one_date(tmp_path: Path) -> None:
    head = "First Name,Primary Email,Birth Year,Birth Month,Birth Day\n"
    assert contact(tmp_path, f"{head}A,a@b.fr,1970,3,4\n").get("birthday") == "1970-03-04"
    assert contact(tmp_path, f"{head}A,a@b.fr,,3,4\n").get("birthday") == "--03-04"


@pytest.mark.parametrize(
    ("head", "cell", "expected"),
    [
        ("First Name,Last Name,Categories", '"Amis, proches;Clients"', ("Amis, proches", "Clients")),
        ("Name,Email,Tags", '"Amis, Clients"', ("Amis", "Clients")),
        ("Given Name,Family Name,Labels", '"Amis, proches ::: * myContacts ::: Clients"', ("Amis, proches", "Clients")),
    ],
)
def test_categories_are_split_as_each_program_joins_them(
    tmp_path: Path, *, head: str, cell: str, expected: tuple[str, ...]
) -> None:
    assert contact(tmp_path, f"{head}\nA,B,{cell}\n").categories == expected


def test_an_exchange_name_is_kept_apart_unless_the_display_name_tells_the_address(tmp_path: Path) -> None:
    head = "First Name,E-mail Address,E-mail Type,E-mail Display Name\n"
    lost = page(tmp_path, f"{head}A,/o=X/ou=Y/cn=a,EX,A B\n")
    assert lost.records[0].contact.unresolved == ("/o=X/ou=Y/cn=a",)
    assert lost.records[0].contact.emails == ()
    assert [repair.code for repair in lost.repairs] == ["ex_unresolved"]
    assert contact(tmp_path, f"{head}A,/o=X/ou=Y/cn=a,EX,A B (a@b.fr)\n").emails == ("a@b.fr",)


def test_a_display_name_is_no_address(tmp_path: Path) -> None:
    assert contact(tmp_path, "First Name,E-mail Address,E-mail Display Name\nA,,A Person\n").emails == ()


def test_more_than_three_addresses_are_all_kept(tmp_path: Path) -> None:
    found = contact(tmp_path, 'Name,Email,Work Email\nA,"a@x.fr, b@x.fr; c@x.fr",d@x.fr\n')
    assert (found.emails, found.more_emails) == (("a@x.fr", "b@x.fr", "c@x.fr", "d@x.fr"), ("d@x.fr",))


def test_what_is_no_address_is_reported_and_not_lost(tmp_path: Path) -> None:
    found = page(tmp_path, "Name,E-mail Address\nA,on request\n")
    assert found.records[0].contact.emails == ()
    assert "on request" in found.records[0].contact.extras.values()
    assert [repair.code for repair in found.repairs] == ["not_an_email"]


def test_googles_values_go_by_their_labels(tmp_path: Path) -> None:
    text = (
        "First Name,Last Name,Organization Name,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,"
        "Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Street,Address 1 - City,"
        "Relation 1 - Label,Relation 1 - Value,Event 1 - Label,Event 1 - Value\n"
        "A,B,Acme,Work,a@x.fr,* Home,b@x.fr,Mobile,061 ::: 062,Work Fax,03,Home,1 rue A,Lyon,Spouse,C,Anniversary,2001-02-03\n"
    )
    found = contact(tmp_path, text)
    assert dict(found.values) == {
        "given_name": "A", "surname": "B", "company": "Acme", "email1": "b@x.fr", "email2": "a@x.fr", "mobile_phone": "061",
        "other_phone": "062", "business_fax": "03", "home_street": "1 rue A", "home_city": "Lyon", "spouse": "C",
        "anniversary": "2001-02-03",
    }  # fmt: skip


def test_known_columns_without_a_field_go_to_the_extras_and_unknown_ones_are_named(tmp_path: Path) -> None:
    mailbox = opened(tmp_path, "First Name,Title,Car Phone,Xandr\nA,Dr.,07,x\n")
    (only,) = mailbox.read("all")
    assert dict(only.records[0].contact.extras) == {"prefix": "Dr.", "car_phone": "07"}
    assert [(column.title, column.field, column.samples) for column in mailbox.columns()][-1] == ("Xandr", "", ("x",))


def test_columns_can_be_mapped_and_ignored_by_hand(tmp_path: Path) -> None:
    options = OpenOptions(columns={"1": "company", "0": ""})
    assert dict(contact(tmp_path, "First Name,Xandr\nA,Acme\n", options).values) == {"company": "Acme"}


def test_a_table_without_titles_is_mapped_by_position(tmp_path: Path) -> None:
    text = "Zoé,z@roy.fr\nMax,m@roy.fr\n"
    mailbox = opened(tmp_path, text)
    assert [(column.position, column.title, column.field) for column in mailbox.columns()] == [(0, "1", ""), (1, "2", "")]
    assert [len(one.skipped) for one in mailbox.read("all")] == [2]
    found = page(tmp_path, text, OpenOptions(columns={"0": "given_name", "1": "email1"}))
    assert [record.contact.emails for record in found.records] == [("z@roy.fr",), ("m@roy.fr",)]


def test_a_column_can_be_confirmed_as_what_it_was_taken_for(tmp_path: Path) -> None:
    text = "Given Name,Family Name,E-mail 1 - Value\nA,B,a@b.fr\n"
    taken = {str(column.position): column.field for column in opened(tmp_path, text).columns()}
    assert contact(tmp_path, text, OpenOptions(columns=taken)).emails == ("a@b.fr",)


@pytest.mark.parametrize(
    "columns", [{"9": "company"}, {"9" * 5000: "company"}, {"x": "company"}, {"-1": "company"}, {"0": "no_such_field"}]
)
def test_a_mapping_to_nowhere_is_refused(tmp_path: Path, columns: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        opened(tmp_path, "First Name\nA\n", OpenOptions(columns=columns))


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3"])
def test_a_broken_byte_does_not_hide_the_privacy_column(tmp_path: Path, broken: bytes) -> None:
    content = (
        "Prénom;Nom;Société;Privé\nÉlodie;Secrète;Société générale;Vrai\nZoé;Roy;Épicerie;Faux\n".encode()
        + b"A"
        + broken
        + b";B;C;Faux"
    )
    found = page(tmp_path, content)
    assert len(found.held_back) == 1
    assert [record.contact.get("given_name") for record in found.records] == ["Zoé", "A\ufffd"]
    assert [repair.code for repair in found.repairs] == ["unknown-letters"]


@pytest.mark.parametrize("number", ["200", "9" * 5000, "7", "0200", "-1", "²"])
def test_a_cursor_that_no_page_had_is_refused(tmp_path: Path, number: str) -> None:
    mailbox = opened(tmp_path, "First Name\nA\nB\n")
    with pytest.raises(Refused):
        mailbox.read("all", f"{mailbox._digest}:{number}")


def test_an_encoding_by_hand_wins(tmp_path: Path) -> None:
    assert contact(tmp_path, "Name\n\xc3\xa9\n".encode("latin-1"), OpenOptions(encoding="cp1252")).get("full_name") == "Ã©"
    assert contact(tmp_path, "Name,Email\né,e@x.fr\n".encode("utf-16-le"), OpenOptions(encoding="utf-16")).get("full_name") == "é"


@pytest.mark.parametrize("encoding", ["klingon", "base64", "idna", "utf-7", "undefined"])
def test_an_encoding_that_is_none_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(BadSettings):
        opened(tmp_path, "Name\nA\n", OpenOptions(encoding=encoding))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n\r\n", b"\0" * 100])
def test_an_empty_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DamagedFile) as raised:
        opened(tmp_path, content)
    assert raised.value.hint


@pytest.mark.parametrize("content", [b"!BDN" + bytes(500), b"PK\x03\x04" + bytes(range(256)), bytes(range(256)) * 20])
def test_a_binary_file_is_refused_with_a_hint(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnsupportedFile) as raised:
        opened(tmp_path, content)
    assert "Export" in raised.value.hint


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_mailbox(tmp_path / "absent.csv", NOTHING)


def test_titles_without_rows_are_an_empty_folder(tmp_path: Path) -> None:
    mailbox = opened(tmp_path, "First Name,Last Name\r\n")
    assert mailbox.folders()[0].count == 0
    assert [one.records for one in mailbox.read("all")] == [()]


def test_a_file_that_changed_after_it_was_opened_is_refused(tmp_path: Path) -> None:
    mailbox = opened(tmp_path, "First Name\nA\n")
    (tmp_path / "contacts.csv").write_text("First Name\nA\nB\n")
    with pytest.raises(Refused):
        mailbox.read("all")


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"First Name,Last Name\nA,B\n", "export", True),
        (b"anything", "export.csv", True),
        ("Vorname;Nachname\r\nA;B\r\n".encode("utf-16"), "export", True),
        (b"BEGIN:VCARD\r\nVERSION:2.1\r\n", "cards.txt", False),
        (b"!BDN\0\0", "contacts.csv", False),
        (b"just some prose\nwithout a table\n", "letter", False),
        (bytes(range(256)), "blob", False),
    ],
)
def test_tables_are_recognised(head: bytes, name: str, expected: bool) -> None:
    assert recognises(head, name) is expected


def private_page(folder: Path, titles: str, *rows: str) -> Page:
    return page(folder, "\n".join((f"First Name,Last Name,{titles}", *rows)) + "\n")


@pytest.mark.parametrize("word", _YES.split())
def test_a_private_row_never_leaves(tmp_path: Path, word: str) -> None:
    found = private_page(tmp_path, "Private", f"Secret,Agent,{word}", "A,B,False")
    assert [held.reason for held in found.held_back] == [HeldBackReason.PRIVATE]
    assert "Secret" not in repr(found)
    assert [record.contact.get("given_name") for record in found.records] == ["A"]
    assert found.repairs == ()


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("Private", HeldBackReason.PRIVATE), ("Privat", HeldBackReason.PRIVATE), ("Privé", HeldBackReason.PRIVATE),
        ("Prywatne", HeldBackReason.PRIVATE), ("Particular", HeldBackReason.PRIVATE), ("2", HeldBackReason.PRIVATE),
        ("Personal", HeldBackReason.PERSONAL), ("Persönlich", HeldBackReason.PERSONAL), ("1", HeldBackReason.PERSONAL),
        ("Confidential", HeldBackReason.CONFIDENTIAL), ("Vertraulich", HeldBackReason.CONFIDENTIAL), ("3", HeldBackReason.CONFIDENTIAL),
    ],
)  # fmt: skip
def test_sensitivity_holds_back_with_its_reason(tmp_path: Path, word: str, reason: HeldBackReason) -> None:
    assert [held.reason for held in private_page(tmp_path, "Sensitivity", f"Secret,Agent,{word}").held_back] == [reason]


@pytest.mark.parametrize("word", ["False", "Falsch", "Aus", "Faux", "Non", "Falso", "Nie", "Não", "Nej", "0", ""])
def test_a_row_that_says_it_is_not_private_crosses(tmp_path: Path, word: str) -> None:
    assert len(private_page(tmp_path, "Private,Sensitivity", f"A,B,{word},Normal").records) == 1


def test_a_word_nobody_understands_holds_back_and_says_so_without_telling_it(tmp_path: Path) -> None:
    found = private_page(tmp_path, "Private", "Secret,Agent,Kwisatz")
    assert len(found.held_back) == 1
    assert [(repair.place, repair.code, repair.detail) for repair in found.repairs] == [("line 2", "private-not-understood", "")]


def test_a_row_whose_cells_have_shifted_is_held_back(tmp_path: Path) -> None:
    found = private_page(tmp_path, "Private", "Secret,Agent,,True")
    assert [repair.code for repair in found.repairs] == ["cells-shifted"]
    assert "Secret" not in repr(found)


def test_nothing_of_a_private_row_crosses_through_a_broken_quotation_mark(tmp_path: Path) -> None:
    rows = (
        'A,"open',
        "B,C,False",
        'Secret,"Agent",True',
        'Hidden,"said ""so""',
        'more secret text",True',
        'Covert,"bad "quote" here',
        'rest of it",True',
        "Z,Z,False",
    )
    found = private_page(tmp_path, "Private", *rows)
    assert [record.contact.get("given_name") for record in found.records] == ["B", "Z"]
    assert [word for word in ("Secret", "Hidden", "secret", "Covert", "rest") if word in repr(found)] == []


@pytest.mark.parametrize("end", ["", "Sec", "Secret,Ag", "Secret,Agent,", "Secret,Agent,,"])
def test_a_file_cut_short_does_not_lose_the_privacy_of_its_last_row(tmp_path: Path, end: str) -> None:
    found = page(tmp_path, f"First Name,Last Name,Private,Sensitivity\nA,B,False,Normal\n{end}")
    assert [record.contact.get("given_name") for record in found.records] == ["A"]
    assert [(skip.place, skip.code) for skip in found.skipped] == ([("line 3", "CA301")] if end else [])
    assert "Sec" not in repr(found)


def test_a_last_line_without_an_end_is_read_where_it_says_that_it_is_not_private(tmp_path: Path) -> None:
    assert len(page(tmp_path, "First Name,Private,Web Page\nA,False").records) == 1
    assert len(page(tmp_path, "First Name,Last Name,Company\nA").records) == 1


def test_samples_never_come_from_a_private_row(tmp_path: Path) -> None:
    mailbox = opened(tmp_path, "First Name,Sensitivity,Xandr\nSecret,Private,classified\nA,Normal,open\n")
    assert "Secret" not in repr(mailbox.columns())
    assert "classified" not in repr(mailbox.columns())
    assert mailbox.columns()[2].samples == ("open",)


@pytest.mark.parametrize("key", ["", "notes"])
def test_mapping_a_privacy_column_away_releases_nothing(tmp_path: Path, key: str) -> None:
    found = page(tmp_path, "First Name,Private\nSecret,True\nA,False\n", OpenOptions(columns={"1": key}))
    assert len(found.held_back) == 1
    assert "Secret" not in repr(found)


def test_a_column_wrongly_taken_for_private_can_be_mapped_by_hand(tmp_path: Path) -> None:
    found = contact(tmp_path, "Vorname,Nachname,Privat\nA,B,+49 30 123456\n", OpenOptions(columns={"2": "home_phone"}))
    assert found.get("home_phone") == "+49 30 123456"


def test_equal_titles_keep_every_value_of_theirs(tmp_path: Path) -> None:
    found = contact(tmp_path, "First Name,Business Phone,Company,Company,Business Phone,Company\nA,01,x,y,02,x\n")
    assert (found.get("company"), found.extras["company2"]) == ("x", "y")
    assert (found.get("business_phone"), found.get("business_phone2")) == ("01", "02")
