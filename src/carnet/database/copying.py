"""How is the database kept safe, and how does it come back?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from carnet.database.engine import check, copy_into, copy_over, peek
from carnet.database.migrating import Branch, refuse_unknown, version_of
from carnet.errors import DamagedFile, NotFound, Refused


def backup(path: Path, target: Path) -> None:
    """Write a consistent copy of the database, which may be in use, to a file that is not there yet."""
    if not path.exists():
        raise NotFound("There is no database at {path}", "Start Carnet once, or name its folder with --home", path=path)
    if target.exists():
        raise Refused("{path} is there already", "Choose another name: a backup never overwrites a file", path=target)
    with _beside(target) as copy:
        copy_into(path, copy)
        copy.replace(target)


def restore(source: Path, path: Path, branches: Sequence[Branch]) -> Path | None:
    """Put a backup in the place of the database, after checking it; where the replaced one was kept, or None.

    A backup that is damaged, not Carnet's, or of a revision that none of `branches` knows is refused and changes nothing.
    """
    if not source.is_file():
        raise NotFound("There is no backup at {path}", "Check the name of the file", path=source)
    check(source)
    with _beside(path) as copy:
        copy_into(source, copy)
        check(copy)
        _refuse_newer(copy, source, branches)
        if not path.exists():
            copy.replace(path)
            return None
        return _replace(path, copy)


def _refuse_newer(copy: Path, source: Path, branches: Sequence[Branch]) -> None:
    with peek(copy) as connection:
        revisions = {branch: version_of(connection, branch) for branch in branches}
    if not any(revisions.values()):
        raise DamagedFile("The backup {path} holds no data of Carnet", "Choose another backup", path=source)
    for branch, revision in revisions.items():
        refuse_unknown(source, revision, branch)


def _replace(path: Path, copy: Path) -> Path:
    """Keep the present database aside, then put the copy in its place: through SQLite, unless the present one is beyond it."""
    kept = _free(path.with_name(f"{path.name}.before-restore.bak"))
    try:
        copy_into(path, kept)
        copy_over(copy, path)
    except DamagedFile:
        for ending in ("", "-wal", "-shm"):
            damaged = path.with_name(path.name + ending)
            if damaged.exists():
                damaged.replace(kept.with_name(kept.name + ending))
        copy.replace(path)
    return kept


def _free(path: Path) -> Path:
    """That name, or the next one that is not taken."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A temporary name in the same folder, so that the last step is one rename; gone at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
