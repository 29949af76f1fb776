"""Every sentence that the source can show, for the tests of the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import typer
from babel.messages.extract import extract_from_dir

import carnet
from carnet import errors
from carnet.cli.app import application
from carnet.model.field import FIELDS

SOURCE = Path(carnet.__file__).parent
_KEYWORDS = {"t": None, "n": (1, 2), "msgid": None, "phrase": None}
_METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.CarnetError)}


def messages() -> dict[str, str]:
    """Each msgid with its plural ("" where it has none)."""
    found: dict[str, str] = {field.label: "" for field in FIELDS}
    for _, _, message, _, _ in extract_from_dir(SOURCE, method_map=_METHODS, keywords=_KEYWORDS):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        found[singular] = plural
    for path in SOURCE.rglob("*.py"):
        found |= dict.fromkeys(_raised(ast.parse(path.read_text("utf-8"))), "")
    found |= dict.fromkeys(_helps(typer.main.get_command(application)), "")
    found.pop("", None)
    return found


def _helps(command: object) -> Iterator[str]:
    """What the commands of the terminal say of themselves."""
    for each in (command, *getattr(command, "params", ())):
        yield getattr(each, "help", None) or ""
    for child in getattr(command, "commands", {}).values():
        yield from _helps(child)


def _raised(tree: ast.AST) -> Iterator[str]:
    """Messages and hints of errors, messages of failures, and reasons of skipped records, where they stand."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = (
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        )
        if called in _ERRORS:
            yield from _texts(node.args[:2])
        elif called == "Failure" or (called == "replace" and any(word.arg == "code" for word in node.keywords)):
            yield from _texts([word.value for word in node.keywords if word.arg == "message"])
        elif called == "SkippedRecord":
            yield from _texts([word.value for word in node.keywords if word.arg == "reason"])


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for each in [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value
