"""What do Carnet's own files say?"""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "carnet"


def modules(*folders: Path) -> list[Path]:
    """Every Python file below those folders, migrations included."""
    return sorted(path for folder in folders or (PACKAGE,) for path in folder.rglob("*.py") if ".ruff_cache" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    """How a failure names a file."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The full name of everything a module of the package imports, `from x import y` as "x.y"."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


IGNORED = {".git", ".venv", ".demo", "node_modules", "__pycache__", "build", "dist"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that belongs to the project, as git says; where it is not installed, all but what is made by tools."""
    if git := shutil.which("git"):
        asked = [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        return tuple(path for name in listed if name and (path := ROOT / name).is_file())
    return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and not _made(path.relative_to(ROOT)))


def _made(path: Path) -> bool:
    return any(part in IGNORED or part.endswith(("_cache", ".egg-info")) or part == ".hypothesis" for part in path.parts)


def texts(paths: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Those of the files that are text, with it."""
    for path in paths:
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
