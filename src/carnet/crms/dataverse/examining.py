"""What does an organisation of Dataverse answer, where only a real one can tell? Nothing is written."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median

from carnet.core.examining import NONE, YES, answer, observe, unsure
from carnet.crms.dataverse import organisation, query
from carnet.crms.dataverse.client import DataverseClient
from carnet.crms.dataverse.detecting import SWITCHES, Rules
from carnet.crms.dataverse.multipart import Json, Reply
from carnet.crms.dataverse.organisation import Self
from carnet.crms.dataverse.translate import COLUMNS, KEYS, SETS
from carnet.crms.rules import LENGTHS
from carnet.model.account import CrmUser, RecordKind
from carnet.model.examination import Measure, Observation
from carnet.transport.calls import Part

PAGE, MANY = 5000, 10_000
"""Rows that a page is said to hold at most, and rows that are asked for to see it."""
MESSAGES = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")
ACTIVITIES = ("email", "appointment", "task", "phonecall")
_ACCEPTED, _REFUSED = "200", "400"
_CLOCKS_APART = 120
_QUOTA = {
    "requests": "x-ms-ratelimit-burst-remaining-xrm-requests",
    "seconds": "x-ms-ratelimit-time-remaining-xrm-requests",
    "parallel": "x-ms-dop-hint",
}
_NOT_TOLD = "not told"
_NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(slots=True, kw_only=True)
class _Asking:
    """Asks, and counts and times what it asks; `quota` is what an answer's headers said of what is left."""

    client: DataverseClient
    seconds: list[float] = field(default_factory=list)
    quota: Mapping[str, str] = field(default_factory=dict)

    def get(self, url: str, *, prefer: str = "") -> Reply:
        began = time.monotonic()
        reply = self.client.ask(Part(method="GET", url=url, headers={"Prefer": prefer} if prefer else {}))
        self.seconds.append(time.monotonic() - began)
        self.quota = {name: reply.headers[header] for name, header in _QUOTA.items() if header in reply.headers} or self.quota
        return reply


def examine(client: DataverseClient) -> Iterator[Observation]:
    """Every question, in about two dozen requests. Raises NotSignedIn, NotAllowed or Deferred."""
    asking = _Asking(client=client)
    who = asking.get("WhoAmI")
    yield observe(Measure.DATAVERSE_WHO, _status(who), expected=_ACCEPTED)
    if said := who.headers.get("date"):
        apart = abs(round((datetime.now(UTC) - parsedate_to_datetime(said)).total_seconds()))
        yield observe(Measure.CLOCK, f"{apart} s", expected=f"≤ {_CLOCKS_APART} s", holds=apart <= _CLOCKS_APART)
    if who.is_success:
        known = organisation.look_at(client)
        yield from _rights(known)
        yield from _person(asking, known.user)
        yield from _tables(asking)
        yield from _reading(asking)
        yield from _messages(asking)
        yield from _duplicates(asking)
        yield from _batch(asking)
    yield observe(Measure.DATAVERSE_QUOTA, ", ".join(f"{name} {left}" for name, left in asking.quota.items()) or NONE)
    usual, longest = (round(1000 * each) for each in (median(asking.seconds), max(asking.seconds)))
    yield observe(Measure.SPEED, f"{len(asking.seconds)} / {usual} ms / {longest} ms")


def _rights(known: Self) -> Iterator[Observation]:
    """What the user may do, whether their address is there, and who brings their Outlook contacts in step."""
    yield observe(Measure.DATAVERSE_PRIMARY, bool(known.user.address), expected=YES)
    yield observe(Measure.DATAVERSE_ADMINISTRATOR, known.user.administrator)
    if known.rights is None:
        yield unsure(Measure.DATAVERSE_MISSING, _NOT_TOLD, expected=NONE)
    else:
        yield observe(Measure.DATAVERSE_MISSING, ", ".join(organisation.missing(known, accounts=True)) or NONE, expected=NONE)
        yield observe(Measure.DATAVERSE_READS_ALL, known.reads_all, expected=YES)
    yield observe(Measure.DATAVERSE_SYNCHRONISED, known.user.synchronised)
    shorter = [
        f"{kind.value}.{COLUMNS[kind].get(key, key)} {length} / {usual}"
        for kind in RecordKind
        for key, usual in LENGTHS[kind].items()
        if usual is not None and (length := known.lengths[kind].get(key)) is not None and length < usual
    ]
    yield observe(Measure.DATAVERSE_SHORTER, ", ".join(shorter) or NONE, expected=NONE)


def _person(asking: _Asking, user: CrmUser) -> Iterator[Observation]:
    """How the user's mailbox is served, and how names are compared: the user's own is asked for, and not told."""
    columns = ("actdeliverymethod", "incomingemaildeliverymethod", "outgoingemaildeliverymethod")
    boxes = asking.get(query.address("mailboxes", select=columns, filter=f"_regardingobjectid_value eq {user.id}"))
    said = [" / ".join(str(each.get(name, NONE)) for name in columns) for each in boxes.body.get("value") or ()]
    yield observe(Measure.DATAVERSE_DELIVERY, ", ".join(said) or (NONE if boxes.is_success else _status(boxes)))
    for measure, other in ((Measure.DATAVERSE_CASE, user.name.swapcase()), (Measure.DATAVERSE_ACCENTS, _plain(user.name))):
        if other == user.name:
            yield unsure(measure, NONE)
            continue
        same = f"systemuserid eq {user.id} and fullname eq {query.text(other)}"
        found = asking.get(query.address("systemusers", select=("systemuserid",), filter=same))
        yield observe(measure, bool(found.body.get("value")) if found.is_success else _status(found))


def _plain(name: str) -> str:
    """The name without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))


def _tables(asking: _Asking) -> Iterator[Observation]:
    """What an administrator has switched on for each table."""
    names = ("LogicalName", "ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "IsDuplicateDetectionEnabled")
    found = [asking.get(query.address(f"EntityDefinitions(LogicalName='{kind.value}')", select=names)) for kind in RecordKind]
    if refused := next((each for each in found if not each.is_success), None):
        yield observe(Measure.DATAVERSE_TRACKS, _status(refused), holds=False)
        return
    for measure, name in zip((Measure.DATAVERSE_TRACKS, Measure.DATAVERSE_OPTIMISTIC), names[1:3], strict=True):
        yield observe(measure, _each(bool(each.body.get(name)) for each in found), expected=f"{YES} / {YES}")
    detects = (bool((each.body.get(names[3]) or {}).get("Value")) for each in found)
    yield observe(Measure.DATAVERSE_DETECTS, _each(detects))


def _reading(asking: _Asking) -> Iterator[Observation]:
    """How large a page is, how far one counts, and what change tracking does not take."""
    contacts, key = SETS[RecordKind.CONTACT], KEYS[RecordKind.CONTACT]
    counted = asking.get(query.address(contacts, select=(key,), count="true", top=1))
    total = int(counted.body.get("@odata.count") or 0)
    yield observe(Measure.DATAVERSE_COUNTED, total if counted.is_success else _status(counted))
    page = asking.get(query.address(contacts, select=(key,)), prefer=f"odata.track-changes,odata.maxpagesize={MANY}")
    rows = len(page.body.get("value") or ())
    if page.is_success and rows < PAGE and "@odata.nextLink" not in page.body:
        yield unsure(Measure.DATAVERSE_TRACKED_PAGE, rows, expected=PAGE)
    else:
        yield observe(Measure.DATAVERSE_TRACKED_PAGE, rows if page.is_success else _status(page), expected=PAGE)
    if later := page.body.get("@odata.deltaLink"):
        idle = asking.get(str(later))
        told = f"{_status(idle)}, {len(idle.body.get('value') or ())}"
        yield observe(Measure.DATAVERSE_IDLE, told, expected=f"{_ACCEPTED}, 0")
    filtered = query.address(contacts, select=(key,), filter="statecode eq 0")
    refused = asking.get(filtered, prefer="odata.track-changes")
    yield observe(Measure.DATAVERSE_TRACKED_FILTER, _status(refused), expected=_REFUSED, holds=refused.status == int(_REFUSED))
    one = query.address(contacts, select=(key,), filter=query.among(key, [_NOBODY]))
    yield observe(Measure.DATAVERSE_IN, _status(asking.get(one)), expected=_ACCEPTED)


def _messages(asking: _Asking) -> Iterator[Observation]:
    """Which tables take many rows in one message."""
    for measure, tables, expected in (
        (Measure.DATAVERSE_BULK, tuple(kind.value for kind in RecordKind), ", ".join(kind.value for kind in RecordKind)),
        (Measure.DATAVERSE_BULK_ACTIVITIES, ACTIVITIES, ""),
    ):
        for message in MESSAGES:
            found = [_takes(asking, message, table) for table in tables]
            if None in found:
                yield unsure(measure, f"{message}: {NONE}", expected=f"{message}: {expected}" if expected else "")
                continue
            known = ", ".join(table for table, takes in zip(tables, found, strict=True) if takes) or NONE
            yield observe(measure, f"{message}: {known}", expected=f"{message}: {expected}" if expected else "")


def _takes(asking: _Asking, message: str, table: str) -> bool | None:
    """Whether a table knows a message; None where the user may not see."""
    filter_ = f"sdkmessageid/name eq '{message}' and primaryobjecttypecode eq '{table}'"
    reply = asking.get(query.address("sdkmessagefilters", select=("sdkmessagefilterid",), filter=filter_))
    return bool(reply.body.get("value")) if reply.is_success else None


def _duplicates(asking: _Asking) -> Iterator[Observation]:
    """Whether the organisation looks for duplicates, by how many rules, and what else it has chosen."""
    chosen = (*SWITCHES, "expirechangetrackingindays", "fullnameconventioncode")
    reply = asking.get(query.address("organizations", select=chosen))
    rows: Sequence[Json] = reply.body.get("value") or ({},)
    if not reply.is_success:
        yield observe(Measure.DETECTION, _status(reply))
        return
    yield observe(Measure.DETECTION, _each(bool(rows[0].get(name)) for name in SWITCHES))
    yield observe(Measure.DATAVERSE_TRACKING_DAYS, rows[0].get("expirechangetrackingindays") or NONE)
    yield observe(Measure.DATAVERSE_FULL_NAME, rows[0].get("fullnameconventioncode") or 0)
    rules = Rules(client=asking.client)
    published = [rule for rule in rules.read().rules if rule.published]
    counts = [sum(rule.base is kind for rule in published) for kind in RecordKind]
    yield observe(Measure.PUBLISHED, " / ".join(map(str, counts)))
    yield observe(Measure.DATAVERSE_STRANGE, sum(rule.id in rules.strange for rule in published), expected=0)


def _batch(asking: _Asking) -> Iterator[Observation]:
    """Whether a part that fails stops the others."""
    fine = query.address(SETS[RecordKind.CONTACT], select=(KEYS[RecordKind.CONTACT],), top=1)
    parts = [Part(method="GET", url=url) for url in (fine, f"{SETS[RecordKind.CONTACT]}({_NOBODY})", fine)]
    seen = ", ".join(str(reply.status) for reply in asking.client.batch(parts))
    yield observe(Measure.DATAVERSE_BATCH, seen, expected=f"{_ACCEPTED}, 404, {_ACCEPTED}")


def _each(said: Iterator[bool]) -> str:
    return " / ".join(YES if each else "no" for each in said)


def _status(reply: Reply) -> str:
    return answer(reply.status, reply.code)
