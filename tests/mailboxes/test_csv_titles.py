from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path

import pytest

from carnet.mailboxes.outlook_csv.detect import Dialect, detect
from carnet.mailboxes.outlook_csv.titles import layouts, understand
from carnet.mailboxes.outlook_csv.translate import ROLES
from carnet.model.field import BY_KEY
from shared_data import shared

LOCALES = ("en", "en_GB", "da", "de", "es", "fr", "it", "pl", "pt_BR", "en_unknown")
ANSI = {"pl": "cp1250"}
THEIRS = {
    "namePrefix": "prefix", "firstName": "given_name", "middleName": "middle_name", "lastName": "surname", "nameSuffix": "suffix",
    "firstName,middleName,lastName": "full_name", "company": "company", "department": "department", "jobTitle": "job_title",
    "workCity": "business_city", "workState": "business_state", "workPostalCode": "business_postcode",
    "workCountry": "business_country", "homeCity": "home_city", "homeState": "home_state", "homePostalCode": "home_postcode",
    "homeCountry": "home_country", "otherCity": "other_city", "otherState": "other_state", "otherPostalCode": "other_postcode",
    "otherCountry": "other_country", "assistant": "assistant_phone", "workFax": "business_fax", "workPhone": "business_phone",
    "workPhone2": "business_phone2", "callbackPhone": "callback", "companyPhone": "company_phone", "homePhone": "home_phone",
    "homePhone2": "home_phone2", "mobilePhone": "mobile_phone", "otherPhone": "other_phone", "pager": "pager",
    "anniversary": "anniversary", "assistantName": "assistant_name", "birthday": "birthday", "children": "children",
    "email": "email1", "email2": "email2", "email3": "email3", "governmentId": "government_id", "managerName": "manager_name",
    "notes": "notes", "sensitivity": "sensitivity", "spouse": "spouse", "workURL": "web_page", "homeFax": "home_fax",
    "office": "office_location", "profession": "profession", "initials": "initials", "carPhone": "car_phone",
}  # fmt: skip


def outlook_titles(locale: str) -> list[tuple[str, str | None]]:
    facts = json.loads(shared("data", "csv", "outlook-headers.json").read_text(encoding="utf-8"))
    return [(title, field) for title, field, _ in facts[locale]]


def keys_of(*titles: str, family: str = "outlook", language: str = "fr") -> tuple[str, ...]:
    layout = next(each for each in layouts() if (each.family, each.language) == (family, language))
    return understand(titles, layout).keys


def detected(folder: Path, text: str, *, encoding: str, region: str = "FR") -> Dialect:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return detect(path, encoding="", region=region)


@pytest.mark.real
@pytest.mark.parametrize("locale", LOCALES)
def test_every_title_of_outlook_means_its_field(locale: str) -> None:
    layout = next(
        each for each in layouts() if (each.family, each.language) == ("outlook", "en" if locale == "en_unknown" else locale)
    )
    titles = outlook_titles(locale)
    header = understand([title for title, _ in titles], layout)
    wrong = [
        (title, key, field)
        for (title, field), key in zip(titles, header.keys, strict=True)
        if field in THEIRS and key != THEIRS[field]
    ]
    assert wrong == []
    assert header.hits >= len(titles) - (3 if locale == "da" else 0)  # "Adresse, postboks …" stands there in two parts
    assert [key for key in ("private", "sensitivity", "categories") if header.keys.count(key) != 1] == []


@pytest.mark.real
@pytest.mark.parametrize("locale", LOCALES)
def test_language_delimiter_and_encoding_are_found(locale: str, tmp_path: Path) -> None:
    titles = [title for title, _ in outlook_titles(locale)]
    for delimiter, encoding in itertools.product(
        ",;\t|", (ANSI.get(locale, "cp1252"), "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
    ):
        table = io.StringIO()
        csv.writer(table, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([titles, [""] * len(titles)])
        dialect = detected(tmp_path, table.getvalue(), encoding=encoding)
        assert dialect.language == ("en" if locale.startswith("en") else locale)
        assert dialect.delimiter == delimiter
        assert table.getvalue().encode(encoding).decode(dialect.encoding).lstrip("\ufeff") == table.getvalue()
        assert dialect.titles == tuple(title.strip() for title in titles)


def test_the_first_french_titre_is_the_civility_and_the_second_the_job() -> None:
    assert keys_of("Titre", "Prénom", "Nom", "Société", "Service", "Titre") == (
        "prefix", "given_name", "surname", "company", "department", "job_title",
    )  # fmt: skip


def test_a_lone_titre_goes_by_its_neighbours() -> None:
    assert keys_of("Prénom", "Nom", "Société", "Service", "Titre")[-1] == "job_title"
    assert keys_of("Titre", "Prénom", "Deuxième prénom")[0] == "prefix"


@pytest.mark.parametrize(
    ("titles", "language", "expected"),
    [
        (("Prénom", "Nom"), "fr", ("given_name", "surname")),
        (("Nom", "Prénom", "Société"), "fr", ("surname", "given_name", "company")),
        (("Nome", "Secondo nome", "Cognome", "Nome"), "it", ("given_name", "middle_name", "surname", "full_name")),
        (("Nombre", "Segundo nombre", "Apellidos"), "es", ("given_name", "middle_name", "surname")),
    ],
)
def test_nom_nome_and_nombre_are_told_apart(titles: tuple[str, ...], language: str, expected: tuple[str, ...]) -> None:
    assert keys_of(*titles, language=language) == expected


def test_a_name_without_first_name_is_the_full_name() -> None:
    assert keys_of("Nom", "Téléphone", "Courriel", family="plain") == ("full_name", "business_phone", "email")


@pytest.mark.parametrize(
    ("title", "language", "key"),
    [
        ("Telefon (privat)", "de", "home_phone"),
        ("TELEFON PRIVAT", "de", "home_phone"),
        ("Assistent(in)", "de", "assistant_name"),
        ("Name des/r Vorgesetzten", "de", "manager_name"),
        ("Bundesland/Kanton geschäftlich", "de", "business_state"),
        ("Stra\ufffde gesch\ufffdftlich", "de", "business_street"),
        ("Stra\ufffd\ufffde gesch\ufffd\ufffdftlich 2", "de", "business_street2"),
        ("Business Country/Region", "en", "business_country"),
        ("Société ", "fr", "company"),
        ("Imie", "pl", "given_name"),
    ],
)
def test_titles_that_drift_are_still_known(title: str, language: str, key: str) -> None:
    assert keys_of(title, language=language) == (key,)


@pytest.mark.parametrize("title", ["Privé", "Gevoeligheid", "Частное", "Yksityinen", "Privat", "Känslighet", "非公開"])
def test_a_privacy_column_of_another_language_is_taken_for_one(title: str) -> None:
    assert keys_of("First Name", title, language="en")[1] in {"private", "sensitivity"}


def test_a_word_that_means_something_else_in_this_language_is_no_privacy_column() -> None:
    assert keys_of("Particular", language="es") == ("home_phone",)
    assert keys_of("Particular", language="pt_BR") == ("private",)


def test_thousands_of_lost_characters_are_no_title_and_take_no_time() -> None:
    assert keys_of("\ufffd" * 10_000, "\ufffd" * 30 + "x" * 20) == ("", "")


def test_every_key_is_a_field_a_role_or_an_extra_spelt_like_one() -> None:
    keys = {key for layout in layouts() for _, key in layout.entries}
    assert {"given_name", "email1", "categories"} <= keys & (BY_KEY.keys() | ROLES)
    assert all(key.replace("#", "_").isidentifier() for key in keys)


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
def test_thunderbird_tells_home_from_work(locale: str) -> None:
    layout = next(each for each in layouts() if (each.family, each.language) == ("thunderbird", locale))
    assert len(layout.entries) == len({key for _, key in layout.entries})


def test_a_polish_ansi_file_is_told_from_a_western_one(tmp_path: Path) -> None:
    assert detected(tmp_path, "Imię;Nazwisko;Dział\r\nŁucja;Żak;Księgowość\r\n", encoding="cp1250").encoding == "cp1250"


def test_english_titles_leave_the_page_to_the_bytes_and_the_region(tmp_path: Path) -> None:
    table = "First Name,Last Name,Company\r\n太郎,山田,会社\r\n"
    assert detected(tmp_path, table, encoding="cp932", region="JP").encoding == "cp932"
    table = "First Name,Last Name,Company\r\nИван,Иванов,Завод\r\n"
    assert detected(tmp_path, table, encoding="cp1251", region="RU").encoding == "cp1251"


def test_one_damaged_byte_does_not_turn_a_western_file_into_a_cyrillic_one(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"First Name,Company\r\n" + "Zoé,Société générale\r\n".encode("cp1252") * 20 + b"A\x81,B\r\n")
    assert detect(path, encoding="", region="FR").encoding == "cp1252"


def test_a_separator_line_of_excel_is_obeyed(tmp_path: Path) -> None:
    dialect = detected(tmp_path, "sep=|\r\nName|Email\r\nA, B|a@b.fr\r\n", encoding="utf-8")
    assert (dialect.delimiter, dialect.titles, dialect.first) == ("|", ("Name", "Email"), 3)


def test_a_header_nobody_knows_is_a_header_all_the_same(tmp_path: Path) -> None:
    dialect = detected(tmp_path, "Xandr,Ytrel,Zwono\r\nA,B,a@b.fr\r\n", encoding="utf-8")
    assert dialect.titles == ("Xandr", "Ytrel", "Zwono")


def test_a_first_row_with_an_address_is_no_header(tmp_path: Path) -> None:
    assert detected(tmp_path, "A,B,a@b.fr\r\nC,D,c@d.fr\r\n", encoding="utf-8").titles == ()
