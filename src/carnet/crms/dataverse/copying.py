"""What must be known of an organisation, so that a run can be rehearsed with a copy of it? Read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from carnet.crms.dataverse import query
from carnet.crms.dataverse.client import DataverseClient, trouble
from carnet.crms.dataverse.detecting import CONDITION, RULE, SWITCHES
from carnet.crms.dataverse.multipart import Json, Reply
from carnet.crms.dataverse.organisation import KINDS_OF_TEXT, PERSON, Self, metadata
from carnet.crms.dataverse.translate import ANNOTATED, CREATED, MODIFIED, RUN, SETS, whole
from carnet.errors import NotAllowed, NotFound
from carnet.model.account import RecordKind
from carnet.ports.copied import Copied
from carnet.transport.calls import Part

PAGE = 5000
TOLD = ("ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "IsDuplicateDetectionEnabled")
"""What a table says of itself that matters to whoever writes."""
_ORGANISATION = ("organizationid", *SWITCHES, "fullnameconventioncode")
_WITHHELD = frozenset({400, 403, 404})


def copy(client: DataverseClient, known: Self) -> Copied:
    """What the organisation says of itself, in two requests; its records are asked for when they are taken."""
    texts = [(kind, of) for kind in RecordKind for of in KINDS_OF_TEXT]
    urls = [
        *(query.address(f"EntityDefinitions(LogicalName='{kind.value}')", select=("LogicalName", *TOLD)) for kind in RecordKind),
        *(metadata(kind, of) for kind, of in texts),
    ]
    told = [_body(reply) for reply in client.batch([Part(method="GET", url=url) for url in urls])]
    tables, columns = told[: len(RecordKind)], told[len(RecordKind) :]
    lengths = {
        (kind.value, str(each["LogicalName"])): int(each["MaxLength"])
        for (kind, _), body in zip(texts, columns, strict=True)
        for each in body.get("value", ())
        if each.get("MaxLength")
    }
    settings = _settings(client)
    return Copied(
        organisation=known.organisation,
        user=known.user,
        rights=known.rights,
        lengths=lengths,
        tables={kind.value: body for kind, body in zip(RecordKind, tables, strict=True)},
        settings=settings,
        rows=_rows(client, _compared(settings, lengths)),
    )


def _settings(client: DataverseClient) -> dict[str, tuple[Json, ...]]:
    """Who works there, and by which rules duplicates are looked for; no rules where the user may not read them."""
    people = query.address("systemusers", select=PERSON, filter="isdisabled eq false")
    rules = [
        query.address("organizations", select=_ORGANISATION),
        query.address("duplicaterules", select=(*RULE, "statuscode")),
        query.address("duplicateruleconditions", select=CONDITION),
    ]
    names = ("organization", "duplicaterule", "duplicaterulecondition", "systemuser")
    try:
        found = client.gather([*rules, people])
    except (NotAllowed, NotFound):
        found = [[], [], [], *client.gather([people])]
    return {name: tuple(rows) for name, rows in zip(names, found, strict=True)}


def _compared(settings: Mapping[str, Sequence[Json]], lengths: Mapping[tuple[str, str], int]) -> dict[str, set[str]]:
    """Table → the columns of text that a rule compares."""
    rules = {row["duplicateruleid"]: row for row in settings["duplicaterule"]}
    found: dict[str, set[str]] = {kind.value: set() for kind in RecordKind}
    for condition in settings["duplicaterulecondition"]:
        rule = rules.get(condition["_regardingobjectid_value"], {})
        for side in ("base", "matching"):
            table, column = str(rule.get(f"{side}entityname")), str(condition.get(f"{side}attributename"))
            if (table, column) in lengths:
                found[table].add(column)
    return found


def _rows(client: DataverseClient, compared: Mapping[str, set[str]]) -> Iterator[tuple[str, Json]]:
    """Every account and every contact, accounts first, page by page."""
    for kind in RecordKind:
        columns = dict.fromkeys([*whole(kind), "statuscode", CREATED, MODIFIED, RUN, *sorted(compared[kind.value])])
        url = query.address(SETS[kind], select=columns)
        for page in client.pages(url, prefer=f"odata.maxpagesize={PAGE},{ANNOTATED}"):
            yield from ((kind.value, row) for row in page.get("value", ()))


def _body(reply: Reply) -> Json:
    """The body; nothing where the user may not read it. Raises what `trouble` makes of another refusal."""
    if reply.is_success or reply.status in _WITHHELD:
        return reply.body if reply.is_success else {}
    raise trouble(reply)
