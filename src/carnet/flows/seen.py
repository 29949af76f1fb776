"""What was already worked out of a reading, and does it still hold as the CRM, the links and the rules stand now?

Working out takes long where a reading is large, and a wizard shows it on many pages. Whatever is the same until the world
moves is worked out once and kept with the reading:

    sight = look(world, user=user, reading=reading, folders=choices.folders)
    counts = sight.kept("preparation", Preparation, lambda: prepare(observe(world, user=user, reading=reading)))

The kind is a frozen dataclass of the model, or a tuple or dict of such; its mappings are dicts. What a large reading needs
on a page should be worked out before the page is shown: `carnet.web.looking.WORK` does so behind a progress bar.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from carnet import __version__
from carnet.flows.events import Watcher, nobody
from carnet.flows.index import refresh
from carnet.model.reading import Reading
from carnet.ports.store import Scope
from carnet.ports.world import World

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A reading, or those folders of it, as the world stands now.

    `stamp` is another one whenever the CRM (`cursor`), a link of the mailbox or a rule of the user moves.
    """

    world: World
    user: str
    reading: Reading
    folders: frozenset[str] | None
    cursor: str
    stamp: str

    @property
    def scope(self) -> Scope:
        """Whose links count."""
        return Scope(user=self.user, mailbox=self.reading.identity.key, crm=self.world.crm.key)

    def kept(self, name: str, kind: type[T], compute: Callable[[], T], *, hangs_on: str = "") -> T:
        """What was kept under that name and still holds, else what `compute` returns, kept from here on.

        `hangs_on` is what else it depends on, as text; under one name only the last is kept.
        """
        found = self.recall(name, kind, hangs_on=hangs_on)
        if found is None:
            found = compute()
            self.keep(name, kind, found, hangs_on=hangs_on)
        return found

    def recall(self, name: str, kind: type[T], *, hangs_on: str = "") -> T | None:
        """What was kept under that name, if it still holds."""
        return self.world.store.kept.get(self.reading.id, name, stamp=self._stamp(hangs_on), kind=kind)

    def keep(self, name: str, kind: type[T], value: T, *, hangs_on: str = "") -> None:
        """Keep it under that name, in the place of what was kept there."""
        self.world.store.kept.put(self.reading.id, name, value, stamp=self._stamp(hangs_on), kind=kind)

    def has(self, name: str, *, hangs_on: str = "") -> bool:
        """Whether it need not be worked out."""
        return self.world.store.kept.has(self.reading.id, name, stamp=self._stamp(hangs_on))

    def _stamp(self, hangs_on: str) -> str:
        return f"{self.stamp}:{_digest(hangs_on)}" if hangs_on else self.stamp


def look(world: World, *, user: str, reading: str, folders: frozenset[str] | None = None, watch: Watcher = nobody) -> Sight:
    """How that reading stands now; the candidate index is brought up to date first."""
    cursor = refresh(world, watch=watch)
    header = world.store.readings.get(user, reading)
    scope = Scope(user=user, mailbox=header.identity.key, crm=world.crm.key)
    stands = {
        "version": __version__,
        "region": world.region,
        "scope": [scope.user, scope.mailbox, scope.crm],
        "folders": None if folders is None else sorted(folders),
        "cursor": cursor,
        "links": world.store.kept.ties(scope),
        "rules": [repr(rule) for rule in world.store.rules.all(user)],
    }
    return Sight(
        world=world, user=user, reading=header, folders=folders, cursor=cursor, stamp=_digest(json.dumps(stands, sort_keys=True))
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
