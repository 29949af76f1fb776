"""Every sentence in both languages, with the typography of each."""

from __future__ import annotations

import ast
import re
import string
from datetime import UTC, date, datetime
from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from carnet.errors import Refused
from carnet.model.decision import Option, QuestionKind
from carnet.model.group import Coverage
from carnet.model.match import Evidence
from carnet.words import Words, negotiate
from carnet.words.evidence import EVIDENCE, evidence
from carnet.words.fields import field_value
from carnet.words.problems import hint, message
from carnet.words.questions import KINDS, option_label
from carnet.words.reasons import REASONS, place
from carnet.words.runs import coverage
from web.messages import SOURCE, messages

FR, EN = Words("fr"), Words("en")
GAP = "[\u00a0\u202f]"


@pytest.fixture(scope="module")
def french() -> Catalog:
    source = files("carnet.words").joinpath("locale", "fr", "LC_MESSAGES", "carnet.po").read_bytes()
    return read_po(BytesIO(source), locale="fr")


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_of_the_source_is_said_in_french(french: Catalog) -> None:
    said = {_texts(entry.id)[0]: entry for entry in french if entry.id}
    wanted = messages()
    untold = sorted(key for key in wanted if key not in said or not all(_texts(said[key].string)))
    assert not untold
    assert [key for key, plural in wanted.items() if plural and len(_texts(said[key].string)) != 2] == []


def test_no_french_sentence_is_fuzzy_or_left_from_before(french: Catalog) -> None:
    assert [entry.id for entry in french if entry.id and entry.fuzzy] == []
    assert {_texts(entry.id)[0] for entry in french if entry.id} - set(messages()) == set()


def test_a_translation_fills_the_same_placeholders(french: Catalog) -> None:
    for entry in french:
        if entry.id:
            for text in _texts(entry.string):
                assert _placeholders(text) == _placeholders(_texts(entry.id)[0]), entry.id


def test_french_typography_is_kept(french: Catalog) -> None:
    for entry in french:
        for text in _texts(entry.string) if entry.id else ():
            assert not re.search(f"(?<!{GAP})[;!?»]", text), text
            assert not re.search(rf"(?<!{GAP}):(?![\d/]|ID\b)", text), text
            assert not re.search(f"«(?!{GAP})", text), text
            assert "'" not in text, text
            assert "Pourboire" not in text


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Use Company Name to be the Account", "Utiliser le nom de la société comme nom de compte"),
        ("Track all communications for added contacts", "Suivre toutes les communications pour les contacts ajoutés"),
        ("Set Account", "Définir un compte"),
        ("Include Communication", "Inclure les communications"),
        ("Not Set", "Non défini"),
        ("Use Company Name", "Utiliser le nom de la société"),
        ("Pick Existing Account", "Sélectionner un compte existant"),
        ("Number of Contacts", "Nombre de contacts"),
        ("Email Domain", "Domaine de messagerie"),
        ("Categories", "Catégories"),
        ("Company Name", "Nom de la société"),
        ("Add Contacts", "Ajouter des contacts"),
        ("Add Contacts wizard", "Assistant Ajouter des contacts"),
        ("Import Contacts", "Importer des contacts"),
        ("Summary", "Résumé"),
        ("Close", "Fermer"),
        ("Next", "Suivant"),
        ("Advanced", "Avancé"),
        ("Tip", "Conseil"),
        ("OK", "OK"),
    ],
)
def test_w44_a_label_is_the_seeds(english: str, french: str) -> None:
    assert FR.t(english) == french
    assert EN.t(english) == english


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("de, fr;q=0.5, en;q=0.7", "en"),
        ("fr;q=0", "en"),
        ("fr_CH.UTF-8", "fr"),
        ("C.UTF-8", "en"),
        ("de;q=x", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_the_first_that_carnet_speaks(header: str | None, language: str) -> None:
    assert negotiate(header) == language


def test_zero_is_singular_in_french_and_plural_in_english() -> None:
    assert FR.n("{n} contact", "{n} contacts", 0) == "0 contact"
    assert EN.n("{n} contact", "{n} contacts", 0) == "0 contacts"
    assert FR.n("{n} contact", "{n} contacts", 2) == "2 contacts"
    assert EN.n("{n} contact", "{n} contacts", 1) == "1 contact"


def test_numbers_and_dates_are_written_as_each_language_writes_them() -> None:
    moment = datetime(2026, 11, 24, 22, 5, tzinfo=UTC)
    assert FR.number(12345) == "12\u202f345"
    assert EN.number(12345) == "12,345"
    assert FR.percent(0.5) == "50\xa0%"
    assert FR.date(date(2026, 11, 24)) == "24 novembre 2026"
    assert EN.date(date(2026, 11, 24)) == "24 November 2026"
    assert FR.datetime(moment, "Europe/Paris") == "24 nov. 2026, 23:05:00"
    assert FR.duration(95) == "2 minutes"
    assert EN.duration(0.2) == "1 second"
    assert FR.listed(["a", "b", "c"]) == "a, b et c"


def test_a_birthday_without_its_year_is_told_without_one() -> None:
    assert field_value(FR, "birthday", "--02-29") == "29 février"
    assert field_value(EN, "birthday", "1980-04-01") == "1 April 1980"
    assert field_value(FR, "birthday", "in spring") == "in spring"
    assert field_value(FR, "job_title", "2020-01-01") == "2020-01-01"


def test_coverage_is_told_in_words_and_as_a_fraction() -> None:
    assert coverage(FR, Coverage(total=4, linked=1, known=2)) == "Plus de 50\xa0% présents (3/4)"
    assert coverage(EN, Coverage(total=4, known=2)) == "At least one present (2/4)"
    assert coverage(FR, Coverage(total=1, linked=1)) == "Tous déjà présents (1/1)"
    assert coverage(FR, Coverage(total=1)) == "Aucun présent (0/1)"


def test_an_error_is_told_with_its_hint_in_the_readers_language() -> None:
    error = Refused("There is no run {run}", "Undo it with: carnet undo {run}", run=1234567)
    assert message(FR, error) == "Il n’y a pas d’exécution 1234567"
    assert hint(FR, error) == "Annulez-la avec\u00a0: carnet undo 1234567"
    assert hint(FR, Refused("{name} is empty.", name="x")) == ""


def test_every_reason_question_and_evidence_of_the_core_has_words() -> None:
    core = [ast.parse(path.read_text("utf-8")) for folder in ("core", "flows") for path in (SOURCE / folder).rglob("*.py")]
    calls = [node for tree in core for node in ast.walk(tree) if isinstance(node, ast.Call)]

    def texts(call: ast.Call, name: str) -> set[str]:
        found = [word.value for word in call.keywords if word.arg == name]
        return {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)}

    codes = {code for call in calls if getattr(call.func, "id", "") == "Evidence" for code in texts(call, "code")}
    reasons = {code for call in calls for code in texts(call, "reason")} - {""}
    assert codes
    assert codes - set(EVIDENCE) == set()
    assert reasons
    assert reasons - set(REASONS) == set()
    assert set(QuestionKind) - set(KINDS) == set()
    assert set(QuestionKind) - set(REASONS) - {"question"} == set()


def test_evidence_names_the_field_in_the_readers_language() -> None:
    changed = Evidence(code="field_changed", supports=False, values={"field": "job_title", "before": "A", "after": "B"})
    assert evidence(FR, changed) == "Fonction\u00a0: «\u00a0A\u00a0» est devenu «\u00a0B\u00a0»"


@pytest.mark.parametrize(
    ("kind", "option", "words"),
    [
        (QuestionKind.PERSON, Option(value="link:1", label="Zoé"), "Lier à Zoé"),
        (QuestionKind.PERSON, Option(value="create"), "Créer un nouveau contact"),
        (QuestionKind.COMPANY_CARD, Option(value="create"), "L’ajouter comme contact"),
        (QuestionKind.COMPANY_CARD, Option(value="account", label="Contoso"), "Ajouter Contoso comme compte"),
        (QuestionKind.ACCOUNT, Option(value="new", label="Contoso"), "Créer le compte Contoso"),
        (QuestionKind.ACCOUNT, Option(value="none"), "Ajouter sans compte"),
        (QuestionKind.CONFLICT, Option(value="none"), "Non défini"),
        (QuestionKind.CONFLICT, Option(value="company"), "Utiliser le nom de la société"),
        (QuestionKind.CONFLICT, Option(value="contact:7", label="Zoé"), "Sous Zoé"),
        (QuestionKind.CHANGED, Option(value="again"), "Décider de nouveau dans la situation actuelle"),
        (QuestionKind.NO_NAME, Option(value="skip"), "Ne pas ajouter"),
    ],
)
def test_an_answer_is_put_in_words(kind: QuestionKind, option: Option, words: str) -> None:
    assert option_label(FR, kind, option) == words


def test_the_place_of_a_record_is_told_in_words() -> None:
    assert place(FR, "line 12") == "ligne 12"
    assert place(EN, "item 2097796") == "item 2097796"
    assert place(FR, "Clients") == "Clients"


@pytest.mark.parametrize(("name", "place"), [("glossary.md", 0), ("glossaire.md", 1)])
def test_the_glossary_says_what_the_pages_say(name: str, place: int) -> None:
    wizard = (SOURCE.parents[1] / "docs" / name).read_text("utf-8").split("\n## ")[1]
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in wizard.splitlines() if line.startswith("|")]
    known = messages()
    labels = {row[place]: row[1 - place] for row in rows if row[place] in known}
    assert len(labels) >= 13
    for english, french in labels.items():
        assert FR.t(english) == french
