"""Is everything small enough to be read at one sitting?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

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


def test_a_module_can_be_read_at_one_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert [f"{named(path)}: {length}" for path, length in lengths.items() if length > longest(path)] == []


def longest(path: Path) -> int:
    return LONGEST_CORE_MODULE if path.is_relative_to(PACKAGE / "core") else LONGEST_MODULE


def test_no_function_is_longer_than_a_screen() -> None:
    sizes = [(named(path), node.name, lines(node)) for path in MODULES for node in functions(path)]
    assert [each for each in sizes if each[2] > LONGEST_FUNCTION] == []


def test_nine_functions_in_ten_are_short() -> None:
    sizes = [lines(node) for path in modules() for node in functions(path)]
    assert sum(size < USUAL_FUNCTION for size in sizes) >= 0.9 * len(sizes)


def test_what_is_passed_by_position_can_be_counted_on_one_hand() -> None:
    assert [f"{named(path)}: {name}" for path in modules() for name in crowded(path)] == []


def crowded(path: Path) -> Iterator[str]:
    """The functions of a module that take too much by position."""
    methods = {id(each) for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef) for each in node.body}
    for node in functions(path):
        count = len(node.args.posonlyargs) + len(node.args.args)
        bound = id(node) in methods and not any(
            isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list
        )
        if count - bound > POSITIONAL:
            yield node.name


def test_no_module_has_a_name_that_could_hold_anything() -> None:
    assert [named(path) for path in MODULES if path.stem in FORBIDDEN or path.parent.name in FORBIDDEN] == []


def test_a_module_says_which_question_it_answers() -> None:
    assert [named(path) for path in modules() if not asks(path)] == []


def asks(path: Path) -> bool:
    docstring = ast.get_docstring(tree(path)) or ""
    named_by_its_place = path.name == "__init__.py" or "versions" in path.parts
    return bool(docstring) and (named_by_its_place or "?" in docstring.split("\n\n")[0])


def test_no_two_test_modules_share_a_name() -> None:
    """Collected together, the second of them would be taken for the first."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
