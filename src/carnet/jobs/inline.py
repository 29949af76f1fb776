"""How is work done in this process while nobody waits for it?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from carnet.errors import Unavailable

WORKERS = 2
"""Jobs that run at once: SQLite takes one writer anyway, and a person has one mailbox."""


class ThreadJobs:
    """A bounded pool of threads (`carnet.ports.jobs.Jobs`).

    What a job raises is handed to `on_error` with the job's key, before a job of that key can be started again.
    """

    def __init__(self, on_error: Callable[[str, BaseException], None], *, workers: int = WORKERS) -> None:
        """Start with nothing to do."""
        self._on_error = on_error
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="carnet-job")
        self._keys: set[str] = set()
        self._lock = Lock()
        self._closed = False

    def start(self, key: str, work: Callable[[], None]) -> bool:
        """Run `work` soon; False where a job of that key is already waiting or running. Unavailable once closed."""
        with self._lock:
            if self._closed:
                raise Unavailable("Carnet is closing", "Start it again, then go on where you were")
            if key in self._keys:
                return False
            self._keys.add(key)
            future = self._pool.submit(work)
        future.add_done_callback(lambda done: self._finish(key, done))
        return True

    def running(self, key: str) -> bool:
        """Whether a job of that key is waiting or running here."""
        with self._lock:
            return key in self._keys

    def close(self) -> None:
        """Wait for what runs and waits, and take nothing new; closing twice is fine."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True)

    def _finish(self, key: str, done: Future[None]) -> None:
        try:
            if (error := done.exception()) is not None:
                self._on_error(key, error)
        finally:
            with self._lock:
                self._keys.discard(key)
