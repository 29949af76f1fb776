"""Is everything small enough to be read at one sitting?"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from architecture.sources import PACKAGE, ROOT, functions, modules, named, tree

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "handler", "handlers"}
LONGEST_MODULE = 400
LONGEST_CORE_MODULE = 250
LONGEST_FUNCTION = 50
USUAL_FUNCTION = 25
POSITIONAL = 3

MODULES = modules(PACKAGE, ROOT / "tests")


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is, decorators and docstring apart."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1 + (body[0].lineno > node.lineno)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_can_be_read_at_one_sitting(path: Path) -> None:
    longest = LONGEST_CORE_MODULE if path.is_relative_to(PACKAGE / "core") else LONGEST_MODULE
    assert len(path.read_text(encoding="utf-8").splitlines()) <= longest


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    assert [f"{node.name}: {lines(node)}" for node in functions(path) if lines(node) > LONGEST_FUNCTION] == []


def test_nine_functions_in_ten_are_short() -> None:
    sizes = [lines(node) for path in modules() for node in functions(path)]
    assert sum(size < USUAL_FUNCTION for size in sizes) >= 0.9 * len(sizes)


@pytest.mark.parametrize("path", modules(), ids=named)
def test_what_is_passed_by_position_can_be_counted_on_one_hand(path: Path) -> None:
    methods = {id(each) for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef) for each in node.body}
    crowded = []
    for node in functions(path):
        count = len(node.args.posonlyargs) + len(node.args.args)
        bound = id(node) in methods and not any(
            isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list
        )
        if count - bound > POSITIONAL:
            crowded.append(node.name)
    assert crowded == []


def test_no_module_has_a_name_that_could_hold_anything() -> None:
    assert [named(path) for path in MODULES if path.stem in FORBIDDEN or path.parent.name in FORBIDDEN] == []


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_says_which_question_it_answers(path: Path) -> None:
    docstring = ast.get_docstring(tree(path)) or ""
    assert docstring
    if path.name != "__init__.py" and "versions" not in path.parts:
        assert "?" in docstring.split("\n\n")[0]


def test_no_two_test_modules_share_a_name() -> None:
    """Collected together, the second of them would be taken for the first."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
