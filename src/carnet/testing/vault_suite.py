"""Does a vault keep the promises of `carnet.ports.vault`?

For authors of vaults: subclass `VaultSuite` and give it a pytest fixture `vault`, an empty one.
"""

from __future__ import annotations

from carnet.ports.vault import Vault

SECRET = "s3cret-token-é-" + "x" * 5000
"""Longer than one entry of any keyring."""


class VaultSuite:
    """The promises of the port, one test each."""

    def test_what_was_put_is_got_back(self, vault: Vault) -> None:
        """Whole, and the last one put."""
        assert vault.get("one") is None
        vault.put("one", "first")
        vault.put("one", SECRET)
        vault.put("two", "")
        assert vault.get("one") == SECRET
        assert vault.get("two") == ""
        vault.put("one", "short")
        assert vault.get("one") == "short"

    def test_forgetting_is_final_and_may_be_said_twice(self, vault: Vault) -> None:
        """And touches no other secret."""
        vault.put("one", SECRET)
        vault.put("two", "other")
        vault.forget("one")
        vault.forget("one")
        assert vault.get("one") is None
        assert vault.get("two") == "other"

    def test_a_secret_stands_in_no_repr(self, vault: Vault) -> None:
        """Of the vault, nor of what it holds."""
        vault.put("one", SECRET)
        assert SECRET[:8] not in repr(vault) + repr(vars(vault).keys())
