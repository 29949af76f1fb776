"""Do model and core keep out of the world?"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from architecture.sources import PACKAGE, imports, modules, named, tree

COMPUTES_ONLY = {
    "__future__", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib", "heapq", "html", "itertools",
    "json", "math", "operator", "re", "string", "textwrap", "types", "typing", "unicodedata", "zlib",
}  # fmt: skip
PURE_LIBRARIES = {"rapidfuzz", "phonenumbers", "publicsuffixlist"}
OF_URLLIB = "urllib.parse"

WORLD = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "globals"}
WORLD_METHODS = {
    "now",
    "today",
    "utcnow",
    "uuid1",
    "uuid4",
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "getenv",
    "sleep",
}

MODEL = modules(PACKAGE / "model")
CORE = modules(PACKAGE / "core")


def foreign(path: Path, allowed: set[str]) -> list[str]:
    """What a module imports beyond Carnet and those allowed."""
    outside = (name for name in imports(path) if not name.startswith("carnet."))
    return sorted({name for name in outside if name.split(".")[0] not in allowed and not name.startswith(OF_URLLIB)})


@pytest.mark.parametrize("path", [PACKAGE / "errors.py", *MODEL], ids=named)
def test_the_model_needs_the_standard_library_alone(path: Path) -> None:
    assert foreign(path, COMPUTES_ONLY) == []


@pytest.mark.parametrize("path", CORE, ids=named)
def test_the_core_needs_what_only_computes(path: Path) -> None:
    assert foreign(path, COMPUTES_ONLY | PURE_LIBRARIES) == []


@pytest.mark.parametrize("path", [*MODEL, *CORE], ids=named)
def test_nothing_pure_opens_prints_or_looks_at_the_clock(path: Path) -> None:
    called = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORLD:
            called.append(f"{node.func.id}() in line {node.lineno}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WORLD_METHODS:
            called.append(f".{node.func.attr}() in line {node.lineno}")
    assert called == []


@pytest.mark.parametrize("path", MODEL, ids=named)
def test_every_value_of_the_model_is_frozen(path: Path) -> None:
    thawed = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef) and not any(
            isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases
        ):
            told = {
                keyword.arg
                for each in node.decorator_list
                if isinstance(each, ast.Call)
                for keyword in each.keywords
                if isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            }
            if not {"frozen", "slots", "kw_only"} <= told:
                thawed.append(node.name)
    assert thawed == []
