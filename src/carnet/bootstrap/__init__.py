"""Who is behind which port? The only place that knows."""

from __future__ import annotations

import gc
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from carnet import store
from carnet.bootstrap.network import Network
from carnet.crms import embedded
from carnet.errors import DamagedFile, NotFound, Refused, told
from carnet.flows.connect import EMBEDDED, connection_of, crm_of
from carnet.flows.read import digest
from carnet.flows.refresh import LIVE
from carnet.flows.retain import expire
from carnet.jobs.inline import ThreadJobs
from carnet.mailboxes import outlook_csv, pst, unsupported, vcard
from carnet.model.account import CrmUser
from carnet.model.connection import Connection
from carnet.model.run import Run
from carnet.ports.crm import Crm
from carnet.ports.jobs import Jobs
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import Mailbox, OpenOptions
from carnet.ports.vault import Vault
from carnet.ports.world import World
from carnet.settings import Settings, owns_policy, read_policy

_NAMESPACE = uuid.UUID("6b1f0c52-6a0e-5d0b-9c3e-0d8f5f1d7a34")
_HEAD = 8192


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """The machine's randomness."""

    def run_number(self) -> int:
        """A random integer in 1 … 2**31-1."""
        return secrets.randbelow(2**31 - 1) + 1

    def token(self) -> str:
        """An unguessable text, safe in an address."""
        return secrets.token_urlsafe(32)

    def record_key(self, *parts: str) -> str:
        """A UUIDv5 made of the parts."""
        return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running Carnet: what every door holds."""

    settings: Settings
    world: World
    jobs: Jobs
    network: Network

    def open_connection(self, connection: Connection) -> LiveMailbox:
        """The mailbox behind a connection. Raises NotSignedIn or Deferred when it is used."""
        return self.network.mailbox(connection)

    def open_mailbox(self, path: Path, options: OpenOptions | None = None, name: str = "") -> Mailbox:
        """Open a file with the reader that recognises it; `name` is what the person called it. Raises Refused."""
        return open_file(path, options or OpenOptions(region=self.settings.region), name or path.name)

    def facing(self, key: str) -> App:
        """The same Carnet in front of the CRM of that key, for a run that went there; its CRM is closed apart.

        Raises NotFound where it is no longer connected.
        """
        if key == self.world.crm.key:
            return self
        me = self.world.store.people.me()
        connections = self.world.store.connections.all(me.id) if me else ()
        if key != EMBEDDED and key not in {each.key for each in connections}:
            raise NotFound("The CRM of this run is no longer connected.", "Connect it again.")
        crm = _crm(self.settings, crm_of(connections, key), network=self.network, me=me)
        return replace(self, world=replace(self.world, crm=crm))

    def reopen(self, run: Run, options: OpenOptions | None = None) -> Callable[[], Mailbox] | None:
        """How to open a run's source again where it may have changed since the plan; None where it has not, or is gone.

        A connected mailbox is always asked: it tells at once what has changed.
        """
        if run.source.startswith(LIVE):
            connection = connection_of(self.world, user=run.user, source=run.source)
            return lambda: self.open_connection(connection)
        path = Path(run.source)
        if not run.digest or not path.is_file() or digest(path) == run.digest:
            return None
        confirmed = OpenOptions(region=self.settings.region, consents=frozenset({"password"}))
        return lambda: self.open_mailbox(path, options or confirmed, run.label)

    def close(self) -> None:
        """Wait for jobs and let go of the database."""
        self.jobs.close()
        self.network.close()
        self.world.crm.close()
        self.world.store.close()


def calm_collector() -> None:
    """Let Python look for cycles of garbage less often.

    A run makes hundreds of thousands of frozen values that hold no cycles; looking through them took a fifth of its time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def build(settings: Settings, *, user: CrmUser | None = None, crm: str = "") -> App:
    """Open the store, and the chosen CRM or the one called `crm`, under the policy of the settings' home.

    What was kept long enough is forgotten. `user` introduces the person, where none is known. Raises BadSettings for a wrong
    policy, NotFound where no CRM of that name is connected.
    """
    policy = read_policy(settings.home)
    calm_collector()
    clock = SystemClock()
    rows = store.open_store(settings.database, clock=clock)
    me = rows.people.me()
    if me is None and user is not None:
        rows.people.introduce(user)
        me = user
    ids = SystemIds()
    network = network_of(settings)
    try:
        connected = crm_of(rows.connections.all(me.id) if me else (), crm)
    except NotFound:
        rows.close()
        raise
    world = World(
        store=rows,
        crm=_crm(settings, connected, network=network, me=me),
        clock=clock,
        ids=ids,
        region=settings.region,
        policy=policy,
    )
    expire(world)
    return App(settings=settings, world=world, jobs=ThreadJobs(_report), network=network)


def network_of(settings: Settings) -> Network:
    """What opens connections, with the secrets of the settings' home."""
    return Network(vault=lambda: _vault(settings), clock=SystemClock(), ids=SystemIds(), region=settings.region)


def _vault(settings: Settings) -> Vault:
    """Where secrets are; loaded when one is first needed."""
    found: Vault = import_module("carnet.vault").open_vault(
        settings.home, keys=settings.keys, passphrase=settings.vault_key, keyring=settings.keyring
    )
    return found


def _crm(settings: Settings, connected: Connection | None, *, network: Network, me: CrmUser | None) -> Crm:
    """The CRM behind a connection, else the embedded one; nothing is asked of it yet."""
    if connected is not None:
        return network.crm(connected)
    user = replace(me or CrmUser(id="", name="", address=""), administrator=owns_policy(settings.home))
    return embedded.open_crm(settings.database, user=user, clock=SystemClock())


def _report(key: str, error: BaseException) -> None:
    """Log that a job failed: its key, the kind of error and its place, for a message may hold personal data."""
    logs = import_module("structlog")  # loaded late: it is large, and few jobs fail
    logs.get_logger("carnet.jobs").error("job_failed", job=key, error=told(error))


def open_file(path: Path, options: OpenOptions, name: str) -> Mailbox:
    """The mailbox behind a file, by its first bytes. Raises NotFound, DamagedFile or UnsupportedFile."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        raise NotFound("There is no file {name}.", "Check the path.", name=name) from None
    except OSError as error:
        raise Refused(
            "{name} cannot be opened: {why}.",
            "Close it elsewhere, or check its permissions.",
            name=name,
            why=error.strerror or "",
        ) from error
    if not head:
        raise DamagedFile("{name} is empty.", "Export it again.", name=name)
    options = replace(options, name=name)
    if pst.recognises(head):
        return pst.open_mailbox(path, options)
    if vcard.recognises(head):
        return vcard.open_mailbox(path, options)
    if not unsupported.is_known(head, name) and outlook_csv.recognises(head, name):
        return outlook_csv.open_mailbox(path, options)
    raise unsupported.refusal(head, name)


def backup(settings: Settings, target: Path) -> None:
    """Copy the database to `target`, also while it is in use. Raises Refused."""
    store.backup(settings.database, target)


def restore(settings: Settings, source: Path) -> Path | None:
    """Put a backup in the place of the database; returns where the one before it was kept. Raises Refused."""
    return store.restore(source, settings.database, others=[embedded.BRANCH])
