"""Which link made earlier belongs to which record read now?"""

from __future__ import annotations

from collections.abc import Sequence

from carnet.core.identity import content_marks
from carnet.core.returning import recognise, trace, trace_of
from carnet.model.contact import Contact, Record
from carnet.model.link import Link


def known_links(records: Sequence[Record], links: Sequence[Link]) -> dict[str, Link]:
    """Record id → its link, which may have been made under another id: the source was exported again. Given away once."""
    by_record = {link.record: link for link in links}
    known = [trace(link.record, link.keys, marks=content_marks(Contact(values=link.base)).key) for link in links]
    return {card: by_record[own] for card, own in recognise([trace_of(record) for record in records], known).items()}


def renames(records: Sequence[Record], links: Sequence[Link]) -> dict[str, Record]:
    """Record id in a link → the record that it belongs to now, where its id or its keys are others."""
    by_id = {record.id: record for record in records}
    found = known_links(records, links)
    return {link.record: by_id[now] for now, link in found.items() if now != link.record or by_id[now].keys != link.keys}
