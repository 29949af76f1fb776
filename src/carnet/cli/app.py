"""Which commands are there, and what does the shell learn from their end?"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer

from carnet import __version__
from carnet.cli import (
    add,
    ask,
    check,
    connections,
    crm,
    doctor,
    fields,
    files,
    history,
    keep,
    look,
    rehearse,
    rules,
    serve,
    track,
    undo,
)
from carnet.cli.door import BUG, DEFERRED, DONE, REFUSED, USAGE, Door
from carnet.errors import BadSettings, CarnetError, Deferred, unforeseen
from carnet.settings import read_settings
from carnet.words import Words, negotiate
from carnet.words.problems import hint, message

application = typer.Typer(
    name="carnet", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
for register in (
    serve,
    look,
    check,
    rehearse,
    add,
    track,
    ask,
    undo,
    keep,
    rules,
    fields,
    history,
    crm,
    connections,
    doctor,
    files,
):
    register.register(application)


_NO, _WRONG, _INTERRUPTED = 1, 2, 130
_CODES = {_NO: REFUSED, _WRONG: USAGE, _INTERRUPTED: REFUSED}


@application.callback()
def carnet(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option("--home", help="Where Carnet keeps its data (or CARNET_HOME).")] = None,
    language: Annotated[str | None, typer.Option("--language", help="fr or en; otherwise that of LANG.")] = None,
    *,
    crm: Annotated[str, typer.Option("--crm", help="Where contacts go this time: embedded, or a connected CRM.")] = "",
) -> None:
    """Bring Outlook contacts into the CRM: groups, review, one run, undo."""
    settings = read_settings(home=home, language=language)
    context.obj = Door(settings=settings, words=Words(settings.language or negotiate(settings.locale)), crm=crm)


@application.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code: 0 done, 1 bug, 2 refused, 3 deferred, 4 done with skips, 64 usage."""
    try:
        _translated(arguments)(arguments)
    except SystemExit as ended:
        # Typer ends with 2 for a wrong command line, with 1 where a person says no, and with 130 for Ctrl+C.
        code = ended.code if isinstance(ended.code, int) else DONE
        return _CODES.get(code, code)
    except CarnetError as error:
        _tell(error, arguments)
        return DEFERRED if isinstance(error, Deferred) else REFUSED
    return DONE


def _translated(arguments: list[str]) -> Callable[[list[str]], object]:
    """The application with its help in the reader's language."""
    settings = read_settings(language=_asked(arguments))
    return _commands(settings.language or negotiate(settings.locale))


@cache
def _commands(language: str) -> Callable[[list[str]], object]:
    command = typer.main.get_command(application)
    _translate(command, Words(language))
    return partial(command, prog_name="carnet")


def _asked(arguments: list[str]) -> str | None:
    """The language of the command line: help is translated, and errors are told, before or without its being parsed."""
    for place, argument in enumerate(arguments):
        if argument == "--language":
            return next(iter(arguments[place + 1 :]), None)
        if argument.startswith("--language="):
            return argument.partition("=")[2]
    return None


def _translate(command: object, words: Words) -> None:
    for each in (command, *getattr(command, "params", ())):
        if text := getattr(each, "help", None):
            each.help = words.t(text)
    for child in getattr(command, "commands", {}).values():
        _translate(child, words)


def _tell(error: CarnetError, arguments: list[str]) -> None:
    try:
        settings = read_settings(language=_asked(arguments))
    except BadSettings:  # the very thing that is told: a wrong setting silences nobody
        settings = read_settings({"LANG": os.environ.get("LANG", "")}, home=Path())
    door = Door(settings=settings, words=Words(settings.language or negotiate(settings.locale)))
    said, todo = message(door.words, error), hint(door.words, error)
    if "--json" in arguments:
        door.print_json({"error": {"code": error.code, "message": said, "hint": todo}})
        return
    door.err.print(f"{said} ({error.code})", style="bold red", markup=False)
    if todo:
        door.err.print(todo, markup=False)


def _stumbled(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    """In the place of Python's own last words, which hold whatever the error was about."""
    _tell(unforeseen(error), sys.argv[1:])


def _stumbled_aside(what: threading.ExceptHookArgs) -> None:
    """The same of a thread."""
    if what.exc_value is not None:
        _tell(unforeseen(what.exc_value), sys.argv[1:])


def main() -> None:
    """The `carnet` command."""
    sys.excepthook, threading.excepthook = _stumbled, _stumbled_aside
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = REFUSED
    except BrokenPipeError:
        code = BUG
    sys.exit(code)
