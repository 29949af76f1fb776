"""Does our client sign in by NTLM where a server that nobody here wrote decides?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carnet.errors import NotSignedIn
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.faults import Asked, Said
from carnet.testing.live_suite import read_all
from gates.fixtures import one_exchange, watched_ews
from mailboxes.exchange import exchange_of

pytestmark = pytest.mark.foreign

spnego = pytest.importorskip("spnego")
BEGINS = 1
"""The number of the first message of a handshake."""


class NtlmExchange(EwsEmulator):
    """An Exchange server that offers NTLM beside Basic; pyspnego takes the password or refuses it."""

    def __init__(self, *mailboxes: Any) -> None:
        super().__init__(*mailboxes)
        self.handshakes = 0
        self._context: Any = None
        self._challenge = ""

    def user_of(self, authorization: str) -> str:
        kind, _, sealed = authorization.partition(" ")
        self._challenge = ""
        if kind != "NTLM":
            return ""
        message = base64.b64decode(sealed)
        if message[8] == BEGINS:
            self._context = spnego.server(protocol="ntlm")
            self._challenge = base64.b64encode(self._context.step(message)).decode()
            return ""
        try:
            self._context.step(message)
        except spnego.exceptions.SpnegoError:
            return ""
        self.handshakes += 1
        return str(self._context.client_principal).rpartition("\\")[2].lower()

    def refuse(self, asked: Asked) -> Said:
        offered = f"NTLM {self._challenge}" if self._challenge else 'NTLM, Basic realm="contoso"'
        return Said(status=401, headers={**super().refuse(asked).headers, "WWW-Authenticate": offered})


@pytest.fixture
def ews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NtlmExchange]:
    people = tmp_path / "people"
    people.write_text("CONTOSO:camille:Printemps 7\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(people))
    emulator = NtlmExchange(one_exchange())
    with watched_ews(emulator):
        yield emulator


def test_ntlm_is_taken_before_basic_and_the_password_never_travels(ews: NtlmExchange) -> None:
    adapter = exchange_of(ews, password="Printemps 7")
    assert adapter.identity().address == "camille@contoso.com"
    assert len(read_all(adapter)[0]) == 5
    adapter.close()
    assert ews.handshakes > 0
    sent = [exchange.asked.headers.get("authorization", "") for exchange in ews.log]
    assert {each.partition(" ")[0] for each in sent} == {"", "NTLM"}
    assert not [each for each in sent if b"Printemps" in base64.b64decode(each.partition(" ")[2]).replace(b"\0", b"")]


def test_a_wrong_password_is_refused(ews: NtlmExchange) -> None:
    adapter = exchange_of(ews, password="Automne 8")
    with pytest.raises(NotSignedIn):
        adapter.identity()
    adapter.close()
    assert ews.handshakes == 0
