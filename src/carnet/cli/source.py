"""How does a file or a connected mailbox named on the command line become a reading?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.door import Door, existing, user_of
from carnet.errors import BadSettings, NeedsConsent, NotAllowed
from carnet.flows.connect import connected
from carnet.flows.pair import pair
from carnet.flows.read import digest, read
from carnet.flows.refresh import fork, refresh
from carnet.model.connection import Connection
from carnet.model.folder import Folder
from carnet.model.reading import Reading
from carnet.ports.mailbox import Mailbox, OpenOptions

Source = Annotated[
    Path,
    typer.Argument(
        metavar="SOURCE",
        help="An Outlook data file (.pst, .ost), vCards (.vcf), a .csv file, or the address of a connected mailbox.",
    ),
]
Only = Annotated[list[str] | None, typer.Option("--folder", metavar="FOLDER", help="Read this folder only (name, path or id).")]
Not = Annotated[list[str] | None, typer.Option("--no-folder", metavar="FOLDER", help="Leave this folder out.")]
Mine = Annotated[bool, typer.Option("--mine", help="The password-protected file is mine: read it.")]
Columns = Annotated[
    list[str] | None, typer.Option("--column", metavar="N=FIELD", help="Take column N (from 1) of a table for that field.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Which folders were named, and how the file is opened."""

    folders: Sequence[str] = ()
    without: Sequence[str] = ()
    options: OpenOptions = field(default_factory=OpenOptions)


def ticks(
    folders: Sequence[str] | None, without: Sequence[str] | None, *, mine: bool = False, columns: Sequence[str] | None = None
) -> Ticks:
    """The options of a command line; raises BadSettings for a column that is not N=FIELD."""
    chosen: dict[str, str] = {}
    for column in columns or ():
        number, found, name = column.partition("=")
        if not found or not number.isdecimal() or int(number) < 1:
            raise BadSettings("{column} is not a column.", "Write --column 3=email1, counting from 1.", column=column)
        chosen[str(int(number) - 1)] = name
    consents = frozenset({"password"}) if mine else frozenset()
    return Ticks(folders=folders or (), without=without or (), options=OpenOptions(columns=chosen, consents=consents))


@contextmanager
def opened(door: Door, app: App, source: Path, *, options: OpenOptions) -> Iterator[Mailbox]:
    """The mailbox behind the file; a question that a person can answer on the spot is asked."""
    path = existing(source)
    try:
        mailbox = app.open_mailbox(path, options)
    except NeedsConsent as error:
        if door.as_json or not sys.stdin.isatty():
            raise NeedsConsent(error.message, "Add --mine once you are sure that it is yours.", **error.values) from error
        door.err.print(door.words.t(error.message), markup=False)
        typer.confirm(door.words.t("Is this file yours, and shall it be read?"), abort=True)
        consents = options.consents | {str(error.values.get("consent", ""))}
        mailbox = app.open_mailbox(path, OpenOptions(columns=options.columns, consents=consents))
    try:
        yield mailbox
    finally:
        mailbox.close()


@contextmanager
def shown(door: Door, app: App, source: Path, *, options: OpenOptions) -> Iterator[Mailbox]:
    """The file, or the connected mailbox once its address is known to be the person's: nothing is read from it yet."""
    connection = mailbox_of(app, source)
    if connection is None:
        with opened(door, app, source, options=options) as file:
            yield file
        return
    mailbox = app.open_connection(connection)
    try:
        pair(app.world, mailbox.identity())
        yield mailbox
    finally:
        mailbox.close()


def selected(folders: Sequence[Folder], chosen: Ticks) -> frozenset[str] | None:
    """The ids of the ticked folders, None for all; raises BadSettings for one that is not there."""
    if not chosen.folders and not chosen.without:
        return None
    named = {name for folder in folders for name in _names(folder)}
    for wanted in (*chosen.folders, *chosen.without):
        if wanted not in named:
            known = ", ".join("/".join(folder.path) for folder in folders)
            raise BadSettings("There is no folder {folder}.", "Folders: {known}.", folder=wanted, known=known)
    for wanted in chosen.folders:
        if not any(folder.selectable for folder in folders if wanted in _names(folder)):
            raise NotAllowed("This folder belongs to somebody else.", "Choose a folder of your own.")
    ticked = [folder for folder in folders if folder.selectable and (not chosen.folders or _names(folder) & set(chosen.folders))]
    return frozenset(folder.id for folder in ticked if not _names(folder) & set(chosen.without))


def _names(folder: Folder) -> set[str]:
    return {folder.id, folder.name, "/".join(folder.path)}


def mailbox_of(app: App, source: Path) -> Connection | None:
    """The connected mailbox of that address or name; None where SOURCE is a file."""
    return None if source.exists() else connected(app.world, user=user_of(app), name=str(source))


def reading_of(door: Door, app: App, source: Path, *, chosen: Ticks) -> Reading:
    """Read the ticked folders of the file, or take them of the connected mailbox as it is now."""
    connection = mailbox_of(app, source)
    if connection is not None:
        connection = refreshed(door, app, connection)
        offered = app.world.store.readings.get(connection.user, connection.reading).folders
        return fork(app.world, connection, folders=selected(offered, chosen))
    path = existing(source)
    with opened(door, app, source, options=chosen.options) as mailbox, door.progress() as watch:
        folders = selected(mailbox.folders(), chosen)
        return read(app.world, mailbox, user=user_of(app), source=str(path), digest=digest(path), folders=folders, watch=watch)


def refreshed(door: Door, app: App, connection: Connection) -> Connection:
    """The connection, its reading brought to where the mailbox is now."""
    mailbox = app.open_connection(connection)
    try:
        with door.progress() as watch:
            return refresh(app.world, connection, mailbox, watch=watch)
    finally:
        mailbox.close()
