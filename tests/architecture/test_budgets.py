"""Do exceptions to the rules only become fewer?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from architecture.sources import PACKAGE, ROOT, modules

BUDGETS = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text(encoding="utf-8"))
PATTERNS = {
    "type-ignore": r"#\s*type:\s*ignore",
    "noqa": r"#\s*(?:ruff:\s*)?noqa",
    "no-cover": r"#\s*pragma:\s*no cover",
    "format-off": r"#\s*fmt:\s*(?:off|skip)",
    "todo": r"\b(?:TODO|FIXME|XXX|HACK)\b",
    "skip": r"pytest\.(?:mark\.)?(?:skip|xfail)",
}
FOLDERS = {"src": (PACKAGE,), "tests": (ROOT / "tests",)}


def count(where: str, what: str) -> int:
    """How often the exception is made."""
    paths = (path for path in modules(*FOLDERS[where]) if path.name != Path(__file__).name)
    return sum(len(re.findall(PATTERNS[what], path.read_text(encoding="utf-8"), re.MULTILINE)) for path in paths)


@pytest.mark.parametrize(("where", "what"), [(where, what) for where in FOLDERS for what in BUDGETS[where]])
def test_an_exception_is_not_made_more_often_than_before(where: str, what: str) -> None:
    found = count(where, what)
    assert found <= BUDGETS[where][what], "make fewer exceptions, or say in the change why one more is right"
    assert found == BUDGETS[where][what], f"fewer than before: write {found} into budgets.toml, so that it stays so"
