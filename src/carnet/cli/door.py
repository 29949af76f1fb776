"""What does every command hold in its hands?"""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from carnet.bootstrap import App, build
from carnet.errors import Refused
from carnet.flows.events import Progress as Step
from carnet.flows.events import Watcher, nobody
from carnet.model.account import CrmUser
from carnet.settings import Settings
from carnet.words import Words, msgid

DONE, BUG, REFUSED, DEFERRED, WITH_SKIPS, USAGE = 0, 1, 2, 3, 4, 64

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RunNumber = Annotated[int, typer.Argument(metavar="RUN", help="The number of a run.")]

PHASES = {
    "copy": msgid("Copying the CRM"),
    "index": msgid("Learning what the CRM holds"),
    "read": msgid("Reading contacts"),
    "match": msgid("Comparing with the CRM"),
    "look": msgid("Looking again"),
    "write": msgid("Adding contacts"),
    "examine": msgid("Looking at what is connected"),
    "undo": msgid("Taking back"),
}


@dataclass
class Door:
    """The terminal: settings, the reader's language, where words and where trouble is printed."""

    settings: Settings
    words: Words
    out: Console = field(default_factory=lambda: _console(sys.stdout))
    err: Console = field(default_factory=lambda: _console(sys.stderr))
    as_json: bool = False
    crm: str = ""

    @contextmanager
    def app(self, *, as_json: bool = False, crm: str = "", run: int | None = None) -> Iterator[App]:
        """A running Carnet; the first time it asks who the person is.

        It stands before the CRM of that `run`, or the one called `crm`, or the one of the command line, or the chosen one.
        """
        self.as_json = as_json
        self.settings.prepare()
        app = facing = build(self.settings, crm=crm or self.crm)
        try:
            if app.world.store.people.me() is None:
                app = facing = self._introduced(app)
            if run is not None:
                facing = app.facing(app.world.store.runs.get(user_of(app), run).crm)
            yield facing
        finally:
            if facing is not app:
                facing.world.crm.close()
            app.close()

    def introduce(self, app: App, *, name: str, address: str) -> CrmUser:
        """Keep the person's name and address; records that runs create belong to them."""
        known = app.world.store.people.me()
        user = CrmUser(id=known.id if known else app.world.ids.token(), name=name, address=address, administrator=True)
        app.world.store.people.introduce(user)
        return user

    def _introduced(self, app: App) -> App:
        """Ask where somebody can answer; elsewhere take the computer's user, and say so."""
        if sys.stdin.isatty() and not self.as_json:
            name = typer.prompt(self.words.t("Your name"))
            address = typer.prompt(self.words.t("Your e-mail address"))
        else:
            name, address = getpass.getuser(), ""
            told = self.words.t("Records will belong to {name}; carnet init sets your name and address.", name=name)
            self.err.print(told, style="dim")
        self.introduce(app, name=name, address=address)
        app.close()
        return build(self.settings)

    def print_json(self, value: object) -> None:
        """One JSON document on standard output."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
        """A table; the columns are msgids."""
        table = Table(title=title or None, title_justify="left", header_style="bold")
        for column in columns:
            table.add_column(self.words.t(column), overflow="fold")
        for row in rows:
            table.add_row(*map(str, row))
        self.out.print(table)

    def phrase(self, message: str, /, **values: object) -> None:
        """A sentence on standard output, markup off: values may hold brackets."""
        self.out.print(self.words.t(message, **values), markup=False)

    @contextmanager
    def progress(self) -> Iterator[Watcher]:
        """A watcher that draws a bar, where somebody can see it."""
        if self.as_json or not self.err.is_terminal:
            yield nobody
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.err, transient=True) as bars:
            tasks: dict[str, TaskID] = {}

            def watch(step: Step) -> None:
                if step.phase not in tasks:
                    tasks[step.phase] = bars.add_task(self.words.t(PHASES.get(step.phase, step.phase)), total=None)
                bars.update(tasks[step.phase], completed=step.done, total=step.total or None)

            yield watch


_WIDE = 240


def _console(stream: TextIO) -> Console:
    """A console on the stream; where no person sits before it, lines are not broken and tables are as wide as they need."""
    if stream.isatty():
        return Console(file=stream, highlight=False)
    return Console(file=stream, highlight=False, soft_wrap=True, width=None if "COLUMNS" in os.environ else _WIDE)


def user_of(app: App) -> str:
    """The id of the person whose data these are, whichever CRM they are written to."""
    me = app.world.store.people.me()
    if me is None:
        raise RuntimeError("nobody was introduced")
    return me.id


def door_of(context: typer.Context) -> Door:
    """The door that the application hung on the context."""
    door = context.find_object(Door)
    if door is None:
        raise RuntimeError("the command was called without its application")
    return door


def existing(path: Path) -> Path:
    """The absolute path of a file, so that a run finds it again from another folder."""
    return path.expanduser().absolute()


def write_new(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """A new file; one that is there is not written over. Raises Refused."""
    try:
        with path.open("x", encoding=encoding, newline="") as file:
            file.write(text)
    except FileExistsError:
        raise Refused("{file} is there already.", "Choose another name.", file=path) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refused("{file} cannot be written: {why}.", "Choose another folder.", file=path, why=why) from error
