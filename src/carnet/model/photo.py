"""What does a contact look like?"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A contact's photo: its bytes, their media type, and their SHA-256 in hex, which tells whether it has changed."""

    content: bytes = field(repr=False)
    media: str
    digest: str
