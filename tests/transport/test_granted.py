"""Which rights did the authority grant, as far as the tokens in the vault say?"""

from __future__ import annotations

import msal

from carnet.testing.memory_vault import MemoryVault
from carnet.transport.signin import Application, SignIn

TOKEN = "a-very-secret-token"


def _vault(*scopes: str) -> MemoryVault:
    cache = msal.SerializableTokenCache()
    cache.add(
        {
            "client_id": "carnet",
            "scope": list(scopes),
            "token_endpoint": "https://login.microsoftonline.com/contoso/oauth2/v2.0/token",
            "response": {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"},
        }
    )
    vault = MemoryVault()
    vault.put("one", cache.serialize())
    return vault


def _granted(vault: MemoryVault) -> frozenset[str]:
    application = Application(
        client_id="carnet", authority="https://login.microsoftonline.com/contoso", scopes=("User.Read", "Contacts.Read")
    )
    return SignIn(application, vault=vault, name="one").granted()


def test_what_was_granted_is_told_even_where_it_is_less_than_was_asked_for() -> None:
    assert _granted(_vault("User.Read")) == {"User.Read"}
    assert _granted(_vault("User.Read", "Contacts.Read", "profile")) == {"User.Read", "Contacts.Read", "profile"}


def test_nobody_who_is_not_signed_in_was_granted_anything() -> None:
    assert _granted(MemoryVault()) == frozenset()
