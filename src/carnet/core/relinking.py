"""Which link made earlier belongs to which record read now?"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from carnet.model.contact import KeyStrength, Record, SourceKey
from carnet.model.link import Link


def known_links(records: Sequence[Record], links: Sequence[Link]) -> dict[str, Link]:
    """Record id → its link.

    A record of the same id keeps its link. Another is found by the strongest key it shares with a link whose own record is not
    among these: the source was exported again and ids have changed. A link is given away once.
    """
    by_record = {link.record: link for link in links}
    present = {record.id for record in records}
    by_key: defaultdict[SourceKey, deque[Link]] = defaultdict(deque)
    for link in links:
        if link.record not in present:
            for key in link.keys:
                by_key[key].append(link)
    found: dict[str, Link] = {}
    given: set[str] = set()
    for record in records:
        if record.id in by_record:
            found[record.id] = by_record[record.id]
            continue
        for key in record.keys:
            waiting = by_key.get(key, deque())
            while waiting and waiting[0].record in given:
                waiting.popleft()
            if waiting and _trusted(record, waiting[0], key):
                found[record.id] = waiting[0]
                given.add(waiting[0].record)
                break
    return found


def _trusted(record: Record, link: Link, key: SourceKey) -> bool:
    """Weak keys are not trusted alone: a node id may name another card in another export, so the name must agree too."""
    if key.strength is not KeyStrength.NODE:
        return True
    name = record.contact.get("surname") or record.contact.get("full_name")
    return bool(name) and name == (link.base.get("surname") or link.base.get("full_name"))
