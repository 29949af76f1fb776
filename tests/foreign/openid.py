"""How does an OpenID provider that nobody here wrote come up, and how does a person sign in at it?"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2

from certificates import LOCALHOST, Signer, certified
from shared_data import present
from web.visitor import forms_of

HERE = Path(__file__).parent
PATIENCE = 60.0


@dataclass(slots=True, kw_only=True)
class OpenId:
    """The provider: its issuer, and the file of the authority that vouches for it."""

    issuer: str
    certificates: Path

    def tokens_asked(self) -> int:
        """How many times a token was asked for."""
        with Browser(self) as browser:
            browser.go(self.issuer.removesuffix("contoso") + "asked")
            asked: list[str] = browser.page.json()
        return asked.count("POST /contoso/token")

    def whose(self, token: str) -> Mapping[str, Any]:
        """What the provider says of a token."""
        known = {"client_id": "organisation", "client_secret": "the secret of the organisation"}
        with Browser(self) as browser:
            answer = browser.ask(f"{self.issuer}/token/introspection", {**known, "token": token})
        said: Mapping[str, Any] = answer.json()
        return said


@contextmanager
def provider(folder: Path, *scopes: str, signers: Sequence[Signer] = ()) -> Iterator[OpenId]:
    """The provider, on a port of its own, with an authority made for it; it knows those scopes beside Microsoft Graph's.

    The application "certified" proves who it is with the key of one of the signers.
    """
    present(HERE / "node_modules" / "oidc-provider", "run make foreign")
    node = shutil.which("node")
    assert node is not None
    key, certificate, authority = certified(folder)
    program = [node, str(HERE / "provider.mjs"), str(key), str(certificate), *scopes]
    known = {"CERTIFIED": json.dumps([each.public for each in signers])}
    process = subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=HERE, env={**os.environ, **known}
    )
    assert process.stdout is not None
    told: list[str] = []
    try:
        for line in process.stdout:
            told.append(line.strip())
            if found := re.fullmatch(r"port (\d+)", told[-1]):
                break
        else:
            raise AssertionError("\n".join(told))
        yield OpenId(issuer=f"https://{LOCALHOST}:{found[1]}/contoso", certificates=authority)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


class Browser:
    """A browser nobody has signed in with: it follows links and sends forms, and stops where it is to answer Carnet."""

    def __init__(self, openid: OpenId) -> None:
        self._http = httpx2.Client(
            verify=ssl.create_default_context(cafile=str(openid.certificates)), timeout=PATIENCE, trust_env=False
        )
        self.page: httpx2.Response
        self.came_back: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, address: str, form: Mapping[str, str]) -> httpx2.Response:
        return self._http.post(address, data=dict(form))

    def go(self, address: str) -> None:
        self._follow(self._http.get(address))

    def _follow(self, answer: httpx2.Response) -> None:
        while answer.next_request is not None:
            answer = self._http.send(answer.next_request)
        self.page = answer
        forms = forms_of(answer.text)
        if forms and forms[0].action.startswith("http://localhost"):
            self.came_back = dict(forms[0].values)
        else:
            assert answer.is_success, answer.text

    def send(self, **filled: str) -> None:
        """Send the page's form."""
        (form,) = forms_of(self.page.text)
        self._follow(self._http.post(str(self.page.url.join(form.action)), data=dict(form.values) | filled))

    def decline(self) -> None:
        """Follow the page's way out."""
        found = re.search(r'href="([^"]+/abort)"', self.page.text)
        assert found
        self.go(str(self.page.url.join(found[1])))

    def sign_in(self, who: str) -> None:
        """Say who one is, and agree to what is asked for."""
        self.send(login=who, password="any")
        self.send()

    def type_code(self, address: str, code: str) -> None:
        """Type a device code where one is told to; the page then shows it, to be compared."""
        self.go(address)
        self.send(user_code=code)
        assert code in self.page.text
