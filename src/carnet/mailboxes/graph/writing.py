"""How are contacts of a Microsoft 365 mailbox created, changed and deleted, each once?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from carnet.errors import Unanswered
from carnet.mailboxes.graph.client import GraphClient, Json, Reply
from carnet.mailboxes.graph.translate import EXPAND, OPERATION, contact_of, resource_of
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.transport.calls import Part

_MISSING, _TRIES = 404, 3
_REFUSED = "refused"


def write(client: GraphClient, writes: Sequence[CardWrite]) -> tuple[CardReceipt, ...]:
    """Write them, in order; one receipt each. One that fails does not stop the others."""
    receipts: dict[int, CardReceipt] = {}
    creates = {number: each for number, each in enumerate(writes) if each.operation is Operation.CREATE}
    receipts |= _create(client, creates)
    others = {number: each for number, each in enumerate(writes) if number not in creates}
    present = client.batch([Part(method="GET", url=f"{_path(client, each)}?$expand={EXPAND}") for each in others.values()])
    parts: dict[int, Part] = {}
    for (number, each), found in zip(others.items(), present, strict=True):
        settled = _settled_before(each, found)
        if settled:
            receipts[number] = settled
        else:
            parts[number] = _change(client, each, found.body)
    for number, reply in zip(parts, _sent(client, list(parts.values())), strict=True):
        receipts[number] = _receipt(writes[number], reply)
    receipts |= _looked_at_again(
        client, {number: writes[number] for number in parts if receipts[number].outcome is Outcome.STALE}
    )
    return tuple(receipts[number] for number in range(len(writes)))


def _create(client: GraphClient, creates: dict[int, CardWrite]) -> dict[int, CardReceipt]:
    """Create what is not there yet: an operation key on each contact tells what an unanswered try has made."""
    receipts: dict[int, CardReceipt] = {}
    open_, lost = dict(creates), None
    for attempt in range(_TRIES + 1):
        receipts |= _looked_up(client, open_)
        open_ = {number: each for number, each in open_.items() if number not in receipts}
        if not open_ or attempt == _TRIES:  # it looks once more after its last try
            break
        parts = [Part(method="POST", url=_folder(client, each), body=_new(each)) for each in open_.values()]
        try:
            replies = client.batch(parts)
        except Unanswered as unanswered:
            lost = unanswered
            continue
        lost = None
        done = dict(zip(open_, replies, strict=True))
        receipts |= {number: _receipt(creates[number], reply) for number, reply in done.items() if not reply.waits}
        open_ = {number: each for number, each in open_.items() if number not in receipts}
        if not open_:
            break
    if open_ and lost is not None:
        raise lost
    return receipts | {number: CardReceipt(outcome=Outcome.FAILED, code=_REFUSED) for number in open_}


def _looked_up(client: GraphClient, creates: dict[int, CardWrite]) -> dict[int, CardReceipt]:
    """What earlier tries have made of those, by their operation keys."""
    url = "{}?$filter=singleValueExtendedProperties/any(ep: ep/id eq '{}' and ep/value eq '{}')&$top=1"
    parts = [
        Part(method="GET", url=url.format(_folder(client, each), OPERATION, each.key.replace("'", "''")))
        for each in creates.values()
    ]
    found: dict[int, CardReceipt] = {}
    for number, reply in zip(creates, client.batch(parts), strict=True):
        if rows := reply.body.get("value"):
            found[number] = CardReceipt(outcome=Outcome.ALREADY, id=f"i:{rows[0]['id']}", version=_version(rows[0]))
    return found


def _sent(client: GraphClient, parts: Sequence[Part]) -> list[Reply]:
    """The replies to changes; an unanswered try goes again, since If-Match keeps what it did from being done twice."""
    for _ in range(_TRIES - 1):
        with suppress(Unanswered):
            return client.batch(parts)
    return client.batch(parts)


def _looked_at_again(client: GraphClient, stale: dict[int, CardWrite]) -> dict[int, CardReceipt]:
    """Whether those that have moved say by now what was to be written: it was our own try, whose answer was lost."""
    updates = {number: each for number, each in stale.items() if each.operation is Operation.UPDATE}
    parts = [Part(method="GET", url=f"{_path(client, each)}?$expand={EXPAND}") for each in updates.values()]
    receipts: dict[int, CardReceipt] = {}
    for (number, each), reply in zip(updates.items(), client.batch(parts), strict=True):
        if reply.is_success and _says(reply.body, each):
            receipts[number] = CardReceipt(outcome=Outcome.ALREADY, id=each.id, version=_version(reply.body))
    return receipts


def _says(resource: Json, each: CardWrite) -> bool:
    contact = contact_of(resource)
    same = all(contact.get(key) == (value or "") for key, value in each.values.items())
    return same and (each.categories is None or set(contact.categories) == set(each.categories))


def _new(each: CardWrite) -> Json:
    body = resource_of(each.values, {}, categories=each.categories)
    mark = {"id": OPERATION, "value": each.key}
    return body | {"singleValueExtendedProperties": [*body.get("singleValueExtendedProperties", []), mark]}


def _change(client: GraphClient, each: CardWrite, present: Json) -> Part:
    headers = {"If-Match": str(present["@odata.etag"])}
    if each.operation is Operation.DELETE:
        return Part(method="DELETE", url=_path(client, each), headers=headers)
    body = resource_of(each.values, present, categories=each.categories)
    return Part(method="PATCH", url=_path(client, each), headers=headers, body=body)


def _settled_before(each: CardWrite, found: Reply) -> CardReceipt | None:
    """What is known before anything is sent: the contact is gone, or has moved since it was decided on."""
    if found.status == _MISSING:
        gone = Outcome.ALREADY if each.operation is Operation.DELETE else Outcome.FAILED
        return CardReceipt(outcome=gone, id=each.id, code="" if gone is Outcome.ALREADY else "gone")
    if not found.is_success:
        return CardReceipt(outcome=Outcome.FAILED, id=each.id, code=found.code or _REFUSED)
    if each.expects and _version(found.body) != each.expects:
        return CardReceipt(outcome=Outcome.STALE, id=each.id, version=_version(found.body))
    return None


def _receipt(each: CardWrite, reply: Reply) -> CardReceipt:
    if reply.is_conflict and each.operation is not Operation.CREATE:
        return CardReceipt(outcome=Outcome.STALE, id=each.id)
    if each.operation is Operation.DELETE and reply.status == _MISSING:
        return CardReceipt(outcome=Outcome.ALREADY, id=each.id)
    if not reply.is_success:
        return CardReceipt(outcome=Outcome.FAILED, id=each.id, code=reply.code or _REFUSED)
    if each.operation is Operation.DELETE:
        return CardReceipt(outcome=Outcome.DONE, id=each.id)
    return CardReceipt(outcome=Outcome.DONE, id=f"i:{reply.body['id']}", version=_version(reply.body))


def _version(resource: Json) -> str:
    return f"{resource.get('id', '')}:{resource.get('@odata.etag', '')}"


def _folder(client: GraphClient, each: CardWrite) -> str:
    return f"{client.path}/contactFolders/{each.folder or 'contacts'}/contacts"


def _path(client: GraphClient, each: CardWrite) -> str:
    return f"{client.path}/contacts/{each.id.removeprefix('i:')}"
