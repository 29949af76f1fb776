"""Do the pages that are made from the code say what the code says?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from carnet import errors
from carnet.cli.door import DEFERRED, REFUSED, WITH_SKIPS
from carnet.model.field import FIELDS
from carnet.testing.reference import EXIT_CODES, main, pages

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(("name", "made"), pages().items())
def test_reference_pages_are_those_that_the_code_makes(name: str, made: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")

    assert written == made, "run python -m carnet.testing.reference"


def test_the_pages_are_written_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "new")]) == 0

    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "new").iterdir()} == pages()
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "new" / name) for name in pages()]


def test_the_page_of_fields_names_every_field_once() -> None:
    named = re.findall(r"^\| [^|]+ \| `(\w+)` \|", pages()["fields.md"], re.MULTILINE)

    assert sorted(named) == sorted(field.key for field in FIELDS)


def test_the_page_of_errors_names_every_error_with_its_code() -> None:
    named = dict(re.findall(r"^\| `(CA\d+)` \| (\w+) \|", pages()["errors.md"], re.MULTILINE))
    known = {
        each.code: name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, errors.CarnetError) and each is not errors.CarnetError
    }

    assert named == known


def test_the_exit_codes_are_those_of_the_terminal() -> None:
    assert {errors.Refused: REFUSED, errors.Deferred: DEFERRED, errors.Skipped: WITH_SKIPS} == EXIT_CODES
