"""What does a vault look like that keeps secrets in memory?"""

from __future__ import annotations


class MemoryVault:
    """Secrets of this process alone, for rehearsals and tests (`carnet.ports.vault.Vault`)."""

    def __init__(self) -> None:
        """Begin empty."""
        self._secrets: dict[str, str] = {}

    def __repr__(self) -> str:
        """Nothing secret."""
        return "MemoryVault()"

    def get(self, name: str) -> str | None:
        """The secret of that name, None where there is none."""
        return self._secrets.get(name)

    def put(self, name: str, secret: str) -> None:
        """Keep it, in the place of the one before."""
        self._secrets[name] = secret

    def forget(self, name: str) -> None:
        """Leave no trace of it."""
        self._secrets.pop(name, None)
