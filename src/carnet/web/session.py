"""Which browser has been let in?"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

from carnet.ports.clock import Clock
from carnet.ports.ids import Ids

LASTING = timedelta(days=7)


def digest(secret: str) -> str:
    """What is kept of a secret: enough to know it again, not to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Sessions:
    """One-time entry tokens, kept in memory, and the sessions they were exchanged for, kept as digests in a file.

    The file is readable by its owner only, so that a browser stays signed in when the server starts again. A session
    lasts seven days.
    """

    def __init__(self, home: Path, *, clock: Clock, ids: Ids) -> None:
        """Keep the sessions under `home`."""
        self._path = home / "sessions.json"
        self._clock = clock
        self._ids = ids
        self._entries: set[str] = set()
        self._lock = threading.Lock()
        self.cookie = f"carnet_{digest(str(home.resolve()))[:8]}"

    def entry(self) -> str:
        """A new token that opens one session, once."""
        token = self._ids.token()
        with self._lock:
            self._entries.add(digest(token))
        return token

    def exchange(self, token: str) -> str | None:
        """A session for an entry token, which is spent; None for a token that is spent or was never given."""
        with self._lock:
            if digest(token) not in self._entries:
                return None
            self._entries.discard(digest(token))
            session = self._ids.token()
            until = (self._clock.now() + LASTING).isoformat()
            self._write({**self._read(), digest(session): until})
        return session

    def knows(self, session: str) -> bool:
        """Whether that session was given here and still lasts."""
        mine = digest(session)
        return any(hmac.compare_digest(mine, kept) for kept in self._read())

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        now = self._clock.now()
        return {key: until for key, until in kept.items() if datetime.fromisoformat(until) > now}

    def _write(self, sessions: dict[str, str]) -> None:
        beside = self._path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(sessions, file)
        beside.replace(self._path)


def csrf_token(session: str) -> str:
    """What every form of a session carries; another site cannot know it."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest()


def csrf_matches(session: str, given: str) -> bool:
    """Whether a form carries its session's token."""
    return hmac.compare_digest(csrf_token(session).encode(), given.encode())
