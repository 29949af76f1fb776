"""A terminal with an empty home, and a small mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.terminal import Terminal, card, write_pst


@pytest.fixture
def terminal(home: Path) -> Terminal:
    return Terminal(home)


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    """Five people in two folders, and a private one: two companies, three domains, categories."""
    return write_pst(
        tmp_path / "mailbox.pst",
        {
            "Contacts": [
                card("Ada Lovelace", "Client", "VIP", company="Contoso", email1="ada@contoso.com"),
                card("Grace Hopper", "Client", company="Contoso", email1="grace@CONTOSO.com"),
                card("Secret Person", company="Contoso", email1="secret@contoso.com", sensitivity=2),
            ],
            "Contacts/Suppliers": [
                card("Alan Turing", company="Fabrikam", email1="alan@fabrikam.com"),
                card("Zoé Petit", company="Fabrikam", email1="zoe@gmail.com"),
                card("Maurice Perret", mobile_phone="+33 6 39 98 80 02"),
            ],
        },
    )
