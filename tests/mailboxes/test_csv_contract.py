"""Does a table file keep every promise of a mailbox?"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.mailboxes.outlook_csv import CsvMailbox, open_mailbox
from carnet.ports.mailbox import OpenOptions
from carnet.testing.mailbox_suite import Expected, MailboxSuite

_TITLES = ["Prénom", "Nom", "Société", "Titre", "Adresse de messagerie", "Notes", "Privé", "Critère de diffusion"]


class TestCsvMailbox(MailboxSuite):
    @pytest.fixture
    def mailbox(self, tmp_path: Path) -> Iterator[CsvMailbox]:
        path = tmp_path / "contacts.csv"
        with path.open("w", encoding="cp1252", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(_TITLES)
            for number in range(450):
                writer.writerow(["Zoé", f"Nº {number % 440}", "Acmé", "", f"z{number % 440}@acme.fr", "", "Faux", "Normal"])
            writer.writerow(["Secret", "Agent", "", "", "agent@secret.fr", "cachée", "Vrai", "Normal"])
            writer.writerow(["Autre", "Agent", "", "", "autre@secret.fr", "", "Faux", "Confidentiel"])
            file.write('Rompu;"jamais fermé;;;;;;\r\n')
            writer.writerow(["Fin", "Dernière", "", "", "fin@acme.fr", "deux\r\nlignes", "Faux", "Normal"])
        mailbox = open_mailbox(path, OpenOptions())
        yield mailbox
        mailbox.close()

    @pytest.fixture
    def expected(self) -> Expected:
        return Expected(records={"all": 451}, held_back=2, skipped=1, private=("Secret", "secret.fr", "cachée", "Autre"))
