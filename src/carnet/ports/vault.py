"""What does Carnet need to keep a secret?"""

from __future__ import annotations

from typing import Protocol


class Vault(Protocol):
    """Promises.

    - What was put is got back until it is forgotten; forgetting is final, and forgetting twice is fine.
    - A secret never stands in a log, a repr or the message of an error.
    - Where secrets cannot be kept, every method raises Refused and says what to do.
    """

    def get(self, name: str) -> str | None:
        """The secret of that name, None where there is none."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Keep it, in the place of the one before."""
        ...

    def forget(self, name: str) -> None:
        """Leave no trace of it."""
        ...
