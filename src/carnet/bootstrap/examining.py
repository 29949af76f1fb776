"""What is there to examine here: this computer, the database, the CRM and every connection?"""

from __future__ import annotations

import locale
import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from carnet.core.consenting import scopes_for, wanted
from carnet.core.examining import NO, NONE, YES, observe
from carnet.errors import CarnetError
from carnet.flows.connect import crm_of
from carnet.flows.examine import Part
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.examination import Measure, Observation, Subject
from carnet.ports.examined import Examined

if TYPE_CHECKING:
    from carnet.bootstrap import App
    from carnet.settings import Settings

SUBJECTS: Mapping[Service, Subject] = {Service.GRAPH: Subject.GRAPH, Service.EWS: Subject.EWS}
"""The mailboxes that can be examined."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_OWNER_ONLY, _LITTLE, _SOON = "700", 1.0, 14


def parts_of(app: App, *, user: str, environment: Mapping[str, str] = os.environ) -> list[Part]:
    """The computer, the database, the embedded CRM where contacts go there, and what this person has connected."""
    parts = [Part(subject=Subject.COMPUTER, examine=partial(_computer, app, environment))]
    if isinstance(store := app.world.store, Examined):
        parts.append(Part(subject=Subject.STORE, examine=store.examine))
    connections = app.world.store.connections.all(user)
    if crm_of(connections) is None and isinstance(crm := app.world.crm, Examined):
        parts.append(Part(subject=Subject.EMBEDDED, examine=crm.examine))
    for each in connections:
        if each.service in SUBJECTS:
            parts.append(Part(subject=SUBJECTS[each.service], examine=partial(_mailbox, app, each)))
        elif each.service is Service.DATAVERSE:
            parts.append(Part(subject=Subject.DATAVERSE, examine=partial(_crm, app, each)))
    return parts


def _crm(app: App, connection: Connection) -> Iterator[Observation]:
    crm = app.network.crm(connection)
    try:
        if isinstance(crm, Examined):
            yield from crm.examine()
    finally:
        crm.close()
    yield from _granted(app, connection)


def _mailbox(app: App, connection: Connection) -> Iterator[Observation]:
    mailbox = app.open_connection(connection)
    try:
        if isinstance(mailbox, Examined):
            yield from mailbox.examine()
    finally:
        mailbox.close()
    yield from _granted(app, connection)


def _granted(app: App, connection: Connection) -> Iterator[Observation]:
    """The rights that somebody who signed in as a person was granted, without the address that they are for.

    Of an application: for how long it can still sign in, where it does so with a certificate.
    """
    if (days := app.network.certificate_days(connection)) is not None:
        yield observe(Measure.CERTIFICATE_DAYS, days, expected=f"≥ {_SOON}", holds=days >= _SOON)
    if connection.sign_in is SignInKind.PERSON:
        asked = scopes_for(connection.service, connection.url, wanted(connection))
        needed, granted = (
            sorted(scope.rpartition("/")[2] for scope in some) for some in (asked, app.network.granted(connection))
        )
        holds = set(needed) <= set(granted)
        yield observe(Measure.GRANTED, ", ".join(granted) or NONE, expected=", ".join(needed), holds=holds)


def _computer(app: App, environment: Mapping[str, str]) -> Iterator[Observation]:
    """Nothing here names the person: no folder, no host."""
    settings = app.settings
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    yield observe(Measure.SYSTEM, system)
    told = f"{settings.language or NONE} / {settings.locale or NONE} / {settings.region} / {locale.getpreferredencoding()}"
    yield observe(Measure.LANGUAGE, told)
    if sys.platform != "win32":
        yield observe(Measure.HOME_RIGHTS, f"{stat.S_IMODE(settings.home.stat().st_mode):o}", expected=_OWNER_ONLY)
    free = shutil.disk_usage(settings.home).free / 1e9
    yield observe(Measure.FREE_SPACE, f"{free:.1f} GB", expected=f"{_LITTLE} GB", holds=free >= _LITTLE)
    yield _vault(app, settings)
    yield observe(Measure.PROXY, _named(environment, _PROXIES))
    yield observe(Measure.CERTIFICATES, _trusted(environment))


def _vault(app: App, settings: Settings) -> Observation:
    """Which vault keeps secrets, and whether it opens; no secret is asked for."""
    try:
        vault = app.network.vault
        vault.get("examination")
    except CarnetError as error:
        return observe(Measure.VAULT, error.code, holds=False)
    kind = "passphrase" if settings.vault_key else type(vault).__name__.removesuffix("Vault").lower()
    return observe(Measure.VAULT, kind, holds=True)


def _named(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Which of those variables are set; what they say may hold a password, and is left out."""
    found = [name for name in names if environment.get(name) or environment.get(name.lower())]
    return ", ".join(found) or NONE


def _trusted(environment: Mapping[str, str]) -> str:
    """The variables that name further authorities, each with whether its file is there."""
    found = {name: environment[name] for name in _CERTIFICATES if environment.get(name)}
    return ", ".join(f"{name} {YES if Path(path).exists() else NO}" for name, path in found.items()) or NONE
