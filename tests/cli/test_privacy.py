"""Does what is private stay out of every output, the database and its backup?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from carnet.testing.pst_writer import Card
from cli.terminal import Terminal, card, write_csv, write_pst, write_vcf

MARKER = "Quetzalcoatl"
"""A text that stands in private contacts alone."""


def private_pst(folder: Path) -> Path:
    """Sensitivity 1, 2 and 3, the tick alone, and a private contact group beside an open contact."""

    def secret(name: str, sensitivity: int = 0) -> Card:
        return card(
            f"{MARKER} {name}",
            f"{MARKER} category",
            sensitivity=sensitivity,
            company=f"{MARKER} SA",
            email1=f"{MARKER}@example.com",
            notes=f"{MARKER} notes",
        )

    return write_pst(
        folder / "private.pst",
        {
            "Contacts": [
                *(secret(f"S{number}", number) for number in (1, 2, 3)),
                replace(secret("Tick"), private=True),
                card("Ada Lovelace", company="Contoso", email1="ada@contoso.com"),
            ]
        },
    )


def private_vcf(folder: Path) -> Path:
    private = f"N:{MARKER};Secret|FN:Secret {MARKER}|ORG:{MARKER}|EMAIL:{MARKER}@example.com|NOTE:{MARKER}|CLASS:"
    return write_vcf(
        folder / "private.vcf",
        *(private + word for word in ("PRIVATE", "CONFIDENTIAL", "private", "X-OTHER")),
        "N:Lovelace;Ada|FN:Ada Lovelace|ORG:Contoso|EMAIL:ada@contoso.com|CLASS:PUBLIC",
    )


def private_csv(folder: Path) -> Path:
    """Private by its tick or by its sensitivity, with a column that no reader knows."""
    row = f"Secret,{MARKER},{MARKER},{MARKER}@example.com"
    return write_csv(
        folder / "private.csv",
        f"{row},True,Normal,{MARKER}",
        f"{row},False,Private,{MARKER}",
        f"{row},False,Confidential,{MARKER}",
        f"{row},False,Personal,{MARKER}",
        "Ada,Lovelace,Contoso,ada@contoso.com,False,Normal,41",
        titles="First Name,Last Name,Company,E-mail Address,Private,Sensitivity,Shoe size",
    )


@pytest.mark.parametrize("write", [private_pst, private_vcf, private_csv], ids=["pst", "vcard", "csv"])
def test_a_private_contact_is_counted_and_goes_no_further(
    terminal: Terminal, tmp_path: Path, *, write: Callable[[Path], Path]
) -> None:
    source = write(tmp_path)
    assert MARKER.encode() in source.read_bytes().replace(b"\0", b"")
    said: list[str] = []

    def type_(*arguments: object) -> None:
        for each in (terminal(*arguments), terminal(*arguments, "--json")):
            assert each.code == 0, each
            said.append(each.out + each.err)

    type_("folders", source)
    for by in ("company", "domain", "category"):
        type_("groups", source, "--by", by)
    plan = terminal.json("plan", source, "--create-accounts")
    for command in ("questions", "show"):
        type_(command, plan["run"])
    done = terminal.apply(plan)
    for arguments in (("runs",), ("show", plan["run"]), ("crm", "contacts"), ("crm", "accounts")):
        type_(*arguments)
    terminal.json("crm", "import", source)
    backup = tmp_path / "copy" / "backup.sqlite"
    terminal.json("backup", backup)
    said.append(str(terminal.json("undo", plan["run"], "--dry-run")))

    assert plan["counts"]["held_back"] == done["counts"]["left_out"] == 4
    assert done["counts"]["added"] == 1
    assert not [text for text in said if MARKER.lower() in text.lower()]
    kept = [path for path in (*terminal.home.rglob("*"), backup) if path.is_file()]
    assert backup in kept
    assert len(kept) >= 2
    for path in kept:
        content = path.read_bytes().lower()
        assert MARKER.lower().encode() not in content, path
        assert MARKER.lower().encode("utf-16-le") not in content, path
