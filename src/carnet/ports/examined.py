"""What does Carnet need from a service, to tell what can be seen of it only where it is?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from carnet.model.examination import Observation


@runtime_checkable
class Examined(Protocol):
    """Promises.

    - Examining writes nothing, on the other side or on ours, and asks for a bounded number of things.
    - An observation holds no name, address, id or secret, so that it may be sent to whoever mends Carnet.
    - What the other side refuses is an observation as well; only a sign-in that no longer holds, and a service that does not
      answer, are raised.
    """

    def examine(self) -> Iterator[Observation]:
        """What was seen, question by question."""
        ...
