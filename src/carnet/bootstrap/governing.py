"""How does an administrator lay down which way fields go, in `policy.toml`?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from carnet.bootstrap import App
from carnet.errors import BadSettings, Refused
from carnet.flows.administer import require_administrator
from carnet.model.direction import Addresses, Direction
from carnet.model.policy import Policy
from carnet.settings import POLICY_FILE, policy_of, read_policy

_SECTION = re.compile(r"\s*\[")
_DIRECTIONS = re.compile(r"""\s*\[\s*["']?directions["']?\s*\]""")


def govern(app: App, *, directions: Mapping[str, Direction], addresses: Addresses) -> App:
    """The same Carnet under those directions (rows that are not named stay), written into `policy.toml`.

    Raises NotAllowed for anybody but the administrator, BadSettings where the file cannot be written, and Refused where it is
    written in a way that is not understood line by line.
    """
    require_administrator(app.world)
    path = app.settings.home / POLICY_FILE
    before = read_policy(app.settings.home)
    moved = {row: each for row, each in directions.items() if each is not before.direction(row)}
    wanted = replace(before, directions={**before.directions, **moved}, addresses=addresses)
    if wanted != before:
        _write(path, wanted, moved=moved, addresses=addresses if addresses is not before.addresses else None)
    return replace(app, world=replace(app.world, policy=wanted))


def _write(path: Path, wanted: Policy, *, moved: Mapping[str, Direction], addresses: Addresses | None) -> None:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = text.splitlines()
        if addresses is not None:
            lines = _set(lines, "addresses", addresses, end=_end_of_head(lines))
        for row, direction in moved.items():
            lines = _set_direction(lines, row, direction)
        after = "\n".join(lines) + "\n"
        if not _says(after, path, wanted):
            raise Refused("{file} is written in a way that Carnet cannot change.", "Change it by hand.", file=path)
        beside = path.with_name(f"{path.name}.new")
        beside.write_text(after, encoding="utf-8", newline="\n")
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadSettings("{file} cannot be written: {why}.", "Check its permissions.", file=path, why=why) from error


def _says(text: str, path: Path, wanted: Policy) -> bool:
    """Whether that text lays down just what is wanted."""
    try:
        return policy_of(text, path) == wanted
    except (BadSettings, ValueError):
        return False


def _set_direction(lines: list[str], row: str, direction: Direction) -> list[str]:
    """The lines with the direction of a row, in the table of directions, which is added at the end where there is none."""
    start = next((number for number, line in enumerate(lines) if _DIRECTIONS.match(line)), None)
    if start is None:
        return [*lines, *([""] if lines else []), "[directions]", f'{row} = "{direction}"']
    inside = lines[start + 1 :]
    return [*lines[: start + 1], *_set(inside, row, direction, end=_end_of_head(inside))]


def _end_of_head(lines: list[str]) -> int:
    """Where the first table begins; behind the last line that says something before it."""
    end = next((number for number, line in enumerate(lines) if _SECTION.match(line)), len(lines))
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _set(lines: list[str], key: str, value: str, *, end: int) -> list[str]:
    """The lines with that value: in the line of the key, its comment kept, or in a new one at the end."""
    named = re.compile(rf"""(\s*["']?{re.escape(key)}["']?\s*=\s*)(?:"[^"]*"|'[^']*')(.*)""")
    for number, line in enumerate(lines[:end]):
        if found := named.fullmatch(line):
            return [*lines[:number], f'{found[1]}"{value}"{found[2]}', *lines[number + 1 :]]
    return [*lines[:end], f'{key} = "{value}"', *lines[end:]]
