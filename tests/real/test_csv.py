from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from carnet.mailboxes.outlook_csv import CsvMailbox, open_mailbox, recognises
from carnet.model.contact import Record
from carnet.model.reading import HeldBackReason
from carnet.ports.mailbox import OpenOptions
from shared_data import ROOT, shared

pytestmark = pytest.mark.real

FILES = sorted(path.name for path in (ROOT / "data" / "csv").glob("*.csv")) or ["projopen_contacts.csv"]
BY_HAND = {"tb_tab_comma_mixed.csv": {"0": "given_name", "1": "surname", "2": "full_name", "3": "nickname", "4": "email1"}}
ENCODINGS = {"projopen_contacts.csv": "cp1252", "tb_utf16_addressbook.csv": "utf-16"}
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")


def opened(name: str) -> CsvMailbox:
    return open_mailbox(shared("data", "csv", name), OpenOptions(columns=BY_HAND.get(name, {})))


def records(name: str) -> list[Record]:
    return [record for page in opened(name).read("all") for record in page.records]


def text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode(ENCODINGS.get(path.name, "utf-8")).lstrip("\ufeff")
    except UnicodeDecodeError:
        return content.decode("cp1252")


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_accounted_for(name: str) -> None:
    path = shared("data", "csv", name)
    mailbox = opened(name)
    text = text_of(path)
    rows = [
        row
        for row in csv.reader(text.splitlines(keepends=True), delimiter=mailbox.dialect.delimiter)
        if any(cell.strip() for cell in row)
    ]
    pages = list(mailbox.read("all"))
    crossed = sum(len(page.records) + len(page.held_back) + len(page.skipped) for page in pages)
    assert crossed == len(rows) - (name not in BY_HAND)
    assert recognises(path.read_bytes()[:4096], name)
    assert mailbox.folders()[0].count == crossed


@pytest.mark.parametrize("name", FILES)
def test_every_address_of_the_file_is_found(name: str) -> None:
    path = shared("data", "csv", name)
    lines = text_of(path).splitlines()
    pages = list(opened(name).read("all"))
    contacts = [record.contact for page in pages for record in page.records]
    said = "\n".join([text for each in contacts for text in (*each.emails, *each.values.values(), *each.extras.values())])
    kept_in = {"projopen_contacts.csv": {"frank.bergmann@project-open.com"}, "tb_tab_comma_mixed.csv": {"1@host.invalid"}}
    missing = {address for line in lines for address in ADDRESS.findall(line) if address not in said}
    assert missing == kept_in.get(name, set())


@pytest.mark.parametrize("name", sorted(set(FILES) - {"tb_tab_comma_mixed.csv"}))
def test_only_a_broken_row_is_skipped(name: str) -> None:
    assert [skip for page in opened(name).read("all") for skip in page.skipped] == []


def test_outlook_in_german_with_its_umlauts_lost() -> None:
    mailbox = opened("tine_adb_outlook2007_default_de.csv")
    assert (mailbox.dialect.language, mailbox.dialect.header.hits, len(mailbox.columns())) == ("de", 92, 92)
    firm, person = records("tine_adb_outlook2007_default_de.csv")
    assert dict(firm.contact.values) == {"company": "The Firm", "business_phone": "+4983242332"}
    assert dict(person.contact.values) == {
        "given_name": "Vorname", "surname": "Nachname", "company": "Firma", "job_title": "Pressestelle", "email1": "email@example.org",
        "business_fax": "+4923782112", "business_phone": "tel_work", "home_phone": "tel_home", "mobile_phone": "tel_cell",
    }  # fmt: skip
    assert person.contact.categories == ("Partner",)
    assert person.contact.extras["office_location"] == "123"


def test_the_private_contact_of_project_open_stays_in_its_file() -> None:
    mailbox = opened("projopen_contacts.csv")
    (page,) = mailbox.read("all")
    assert page.records == ()
    assert [held.reason for held in page.held_back] == [HeldBackReason.PRIVATE]
    assert all(column.samples == () for column in mailbox.columns())
    assert "ergmann" not in repr((page, mailbox.columns()))


def test_google_contacts_old_format() -> None:
    mailbox = opened("rc_gmail.csv")
    assert mailbox.dialect.header.layout.family == "google"
    (record,) = records("rc_gmail.csv")
    contact = record.contact
    assert contact.emails == ("home@aaa.pl", "work@email.pl", "unknown@email.com", "other@email.com")
    assert contact.categories == ("Test",)
    assert (contact.get("company"), contact.get("job_title"), contact.get("birthday")) == ("company", "jobtitle", "1975-12-12")
    assert (contact.get("home_po_box"), contact.get("business_postcode"), contact.get("spouse")) == (
        "home_pobox",
        "work_zip",
        "spouse",
    )
    assert contact.get("notes") == 'note"note'
    assert [each.contact.categories for each in records("tine_google_contacts.csv")][3] == ("kunden",)


def test_thunderbird() -> None:
    (record,) = records("rc_tb_plain.csv")
    assert record.contact.get("birthday") == "1970-11-15"
    assert record.contact.get("home_street") == "Priv address"
    assert record.contact.extras["web_page2"] == "http://webpage.tld"
    first, second = records("tb_export.csv")
    assert (first.place, second.place) == ("line 2", "line 3")
    assert second.contact.get("notes") == "here's some unicode text…"


def test_utf16_tabs_and_semicolons() -> None:
    assert opened("tb_utf16_addressbook.csv").dialect.encoding == "utf-16"
    assert records("tb_utf16_addressbook.csv")[0].contact.emails == ("johndoe@host.invalid",)
    assert opened("tine_adb_mac_import.csv").dialect.delimiter == "\t"
    assert records("tine_adb_mac_import.csv")[0].contact.get("business_street") == "Musterstraße 1"
    assert opened("tb_csv_semicolon.csv").dialect.delimiter == ";"
    assert records("tine_importtest_win1252.csv")[2].contact.get("surname") == "Üglü"


def test_a_table_without_titles_waits_for_a_person() -> None:
    mailbox = open_mailbox(shared("data", "csv", "tb_tab_comma_mixed.csv"), OpenOptions())
    assert {column.field for column in mailbox.columns()} == {""}
    assert [record for page in mailbox.read("all") for record in page.records] == []
    assert [record.contact.emails for record in records("tb_tab_comma_mixed.csv")] == [(f"{n}@host.invalid",) for n in (2, 3, 4)]


def test_people_with_companies_are_read_in_pages() -> None:
    pages = list(opened("tine_out1000.csv").read("all"))
    assert [len(page.records) for page in pages] == [200, 200, 200, 82]
    assert all(record.contact.get("company") for page in pages for record in page.records)
