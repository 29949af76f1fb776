"""Are the import rules kept, those too that need a look at every module?"""

from __future__ import annotations

import configparser
import subprocess
import sys

from architecture.sources import PACKAGE, ROOT, imports, modules, named

ADAPTERS = ("mailboxes", "crms", "store", "jobs", "vault")
TRANSPORT = {"httpx", "httpx2", "msal", "requests", "urllib3", "aiohttp"}


def test_the_import_contracts_are_kept() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    run = subprocess.run([sys.executable, "-c", program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr


def test_every_top_level_module_has_its_layer() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    placed = {
        name.strip(" ()") for line in contracts["importlinter:contract:layers"]["layers"].splitlines() for name in line.split("|")
    }
    present = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert present - {"__init__"} <= placed


def test_what_translates_never_talks() -> None:
    talking = [
        f"{named(path)} imports {name}"
        for path in modules()
        if path.stem == "translate"
        for name in imports(path)
        if "client" in name.split(".") or name.split(".")[0] in TRANSPORT
    ]
    assert talking == []


def test_the_network_libraries_live_in_transport() -> None:
    elsewhere = [path for path in modules() if not path.is_relative_to(PACKAGE / "transport")]
    assert [named(path) for path in elsewhere for name in imports(path) if name.split(".")[0] in TRANSPORT] == []


def test_ports_and_flows_know_no_adapter() -> None:
    known = [
        f"{named(path)} imports {name}"
        for path in modules(PACKAGE / "ports", PACKAGE / "flows", PACKAGE / "core", PACKAGE / "words", PACKAGE / "testing")
        for name in imports(path)
        if name.startswith(tuple(f"carnet.{adapter}" for adapter in ADAPTERS))
    ]
    assert known == []
