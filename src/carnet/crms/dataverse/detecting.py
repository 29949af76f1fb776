"""By which duplicate rules does the CRM hold a new record, and for which records would it be taken?

The CRM itself holds what is written. Beforehand, and to name the records, its rules are read and followed: one question for
many records, where the CRM's own function takes one for each.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from carnet.crms.dataverse import query
from carnet.crms.dataverse.client import DataverseClient
from carnet.crms.dataverse.multipart import Json
from carnet.crms.dataverse.translate import COLUMNS, KEYS, RUN, SETS, record_of
from carnet.crms.duplicates import codes
from carnet.crms.writing import new_values
from carnet.errors import NotAllowed, NotFound
from carnet.model.account import RecordKind
from carnet.model.change import Duplicate, Write
from carnet.model.duplicate_rule import Condition, Detection, DuplicateRule, Sameness
from carnet.model.field import BY_KEY, EMAIL_KEYS, PHONE_KEYS

PUBLISHED = 2
"""The status of a rule that holds anything."""
MOST = 5
"""How many duplicates a receipt names."""
_SAMENESS = {0: Sameness.WHOLE, 1: Sameness.FIRST, 2: Sameness.LAST}
"""The operators that are followed; the others compare dates and choices."""
_AT_ONCE = 100
"""Conditions in one question."""
_KEYS = {kind: {column: key for key, column in COLUMNS[kind].items()} for kind in RecordKind}
RULE = ("duplicateruleid", "name", "baseentityname", "matchingentityname", "iscasesensitive", "excludeinactiverecords")
CONDITION = (
    *("baseattributename", "matchingattributename", "operatorcode", "operatorparam", "ignoreblankvalues"),
    "_regardingobjectid_value",
)
SWITCHES = ("isduplicatedetectionenabled", "isduplicatedetectionenabledforonlinecreateupdate")
"""The columns of an organisation that say whether it looks for duplicates at all, and in what is written one by one."""
_KINDS = {kind.value: kind for kind in RecordKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a create is taken for; `own`: there is one that the same run has made."""

    duplicates: tuple[Duplicate, ...] = ()
    own: bool = False


@dataclass(slots=True, kw_only=True)
class Rules:
    """The CRM's duplicate rules; read when first needed, and again when a plan asks."""

    client: DataverseClient
    _known: Detection | None = field(default=None, repr=False)
    _strange: frozenset[str] = frozenset()

    def read(self) -> Detection:
        """Whether the CRM looks for duplicates, and by which rules; off where the user may not read them."""
        urls = [
            query.address("organizations", select=SWITCHES),
            query.address("duplicaterules", select=(*RULE, "statuscode"), orderby="name"),
            query.address("duplicateruleconditions", select=CONDITION),
        ]
        try:
            (organisation,), found, conditions = self.client.gather(urls)
        except (NotAllowed, NotFound):
            return self._keep(Detection(on=False), frozenset())
        of: defaultdict[str, list[Json]] = defaultdict(list)
        for each in conditions:
            of[str(each.get("_regardingobjectid_value")).lower()].append(each)
        made = [(row, of[str(row["duplicateruleid"]).lower()]) for row in found if _is_known(row)]
        rules = tuple(sorted((_rule(row, some) for row, some in made), key=lambda each: (each.name, each.id)))
        strange = frozenset(str(row["duplicateruleid"]).lower() for row, some in made if not all(map(_is_followed, some)))
        return self._keep(Detection(on=all(organisation.get(name, True) for name in SWITCHES), rules=rules), strange)

    @property
    def strange(self) -> frozenset[str]:
        """The rules, as last read, that compare what cannot be followed here: their ids."""
        return self._strange

    def duplicates(self, writes: Sequence[Write]) -> dict[str, tuple[Duplicate, ...]]:
        """What creates would be held for, by their ids."""
        return {id_: told.duplicates for id_, told in self.taken_for(writes).items() if told.duplicates}

    def taken_for(self, writes: Sequence[Write]) -> dict[str, Told]:
        """What each create is taken for by the rules that can be followed."""
        detection = self._known or self.read()
        found: defaultdict[str, dict[tuple[RecordKind, str], Duplicate]] = defaultdict(dict)
        own: set[str] = set()
        asked = [each for write in writes for each in _Question.of(detection, write) if each.rule.id not in self._strange]
        for question, row in _answers(self.client, asked):
            kind = question.rule.matching
            identity = str(row[KEYS[kind]]).lower()
            if question.write.run and row.get(RUN) == question.write.run and identity != question.write.id:
                own.add(question.write.id)
            else:
                told = Duplicate(kind=kind, id=identity, rule=question.rule.name)
                found[question.write.id].setdefault((kind, identity), told)
        told_of = {id_: tuple(some[key] for key in sorted(some))[:MOST] for id_, some in found.items()}
        return {write.id: Told(duplicates=told_of.get(write.id, ()), own=write.id in own) for write in writes}

    def asked_of_the_crm(self, write: Write, body: Json) -> tuple[Duplicate, ...]:
        """What the CRM itself takes a create for, that it has held by a rule which is not followed here."""
        detection = self._known or self.read()
        strange = [rule for rule in detection.published(write.kind) if rule.id in self._strange]
        found: dict[tuple[RecordKind, str], Duplicate] = {}
        for rule in strange:
            for row in self.client.get(_function(rule, body)).get("value", ()):
                identity = str(row[KEYS[rule.matching]]).lower()
                found[rule.matching, identity] = Duplicate(kind=rule.matching, id=identity, rule=rule.name)
        return tuple(found[key] for key in sorted(found))[:MOST]

    def _keep(self, detection: Detection, strange: frozenset[str]) -> Detection:
        self._known, self._strange = detection, strange
        return detection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One create against one rule, asked by that of its conditions in which fewest records agree."""

    write: Write
    rule: DuplicateRule
    condition: Condition
    text: str
    codes: frozenset[str]

    @classmethod
    def of(cls, detection: Detection, write: Write) -> list[_Question]:
        values = new_values(write)
        made = []
        for rule in detection.published(write.kind):
            ours = codes(rule, values)
            said = [each for each in rule.conditions if values.get(each.field, "").strip()]
            if ours and said:
                asked = min(said, key=_commonness)
                made.append(cls(write=write, rule=rule, condition=asked, text=_part(asked, values[asked.field]), codes=ours))
        return made


def _commonness(condition: Condition) -> int:
    """How many records may agree in a field: few in an address, many in a first name."""
    for place, keys in enumerate((EMAIL_KEYS, PHONE_KEYS, ("name", "website", "surname"))):
        if condition.field in keys:
            return place
    return len(BY_KEY)


def _part(condition: Condition, text: str) -> str:
    text = text.strip()
    if condition.sameness is Sameness.WHOLE:
        return text
    return text[: condition.length] if condition.sameness is Sameness.FIRST else text[-condition.length :]


def _answers(client: DataverseClient, asked: Sequence[_Question]) -> list[tuple[_Question, Json]]:
    """The rows that agree with a question, all questions put in one batch."""
    together: defaultdict[tuple[str, Condition], list[_Question]] = defaultdict(list)
    for each in asked:
        together[each.rule.id, each.condition].append(each)
    put = [(some, filter_) for some in together.values() for filter_ in _filters(some[0], [each.text for each in some])]
    found = client.gather([_address(some[0].rule, filter_) for some, filter_ in put])
    told = (each for (some, _), rows in zip(put, found, strict=True) for each in _agreeing(some, rows))
    return list(
        {(question.write.id, question.rule.id, str(row["@odata.etag"])): (question, row) for question, row in told}.values()
    )


def _agreeing(asked: Sequence[_Question], rows: Iterable[Json]) -> Iterator[tuple[_Question, Json]]:
    """Each question, of one rule, with the rows that share a code with it."""
    rule, by_code = asked[0].rule, defaultdict[str, list[_Question]](list)
    for question in asked:
        for code in question.codes:
            by_code[code].append(question)
    for row in rows:
        record = record_of(row, rule.matching)
        for code in codes(rule, record.values) if record.active or not rule.exclude_inactive else ():
            yield from ((question, row) for question in by_code[code])


def _filters(question: _Question, texts: Sequence[str]) -> list[str]:
    column = COLUMNS[question.rule.matching][question.condition.field]
    if question.condition.sameness is Sameness.WHOLE:
        return [query.among(column, some) for some in query.lists(texts)]
    test = query.begins if question.condition.sameness is Sameness.FIRST else query.ends
    once = list(dict.fromkeys(texts))
    pieces = [once[start : start + _AT_ONCE] for start in range(0, len(once), _AT_ONCE)]
    return [query.either(test(column, text) for text in some) for some in pieces]


def _address(rule: DuplicateRule, filter_: str) -> str:
    columns = [COLUMNS[rule.matching][each.field] for each in rule.conditions]
    select = dict.fromkeys([KEYS[rule.matching], *columns, "statecode", RUN])
    return query.address(SETS[rule.matching], select=select, filter=filter_)


def _function(rule: DuplicateRule, body: Json) -> str:
    """The address of the CRM's own function for one record."""
    described = {"@odata.type": f"Microsoft.Dynamics.CRM.{rule.base.value}", **body}
    described = {name: value for name, value in described.items() if not name.endswith("@odata.bind")}
    given = {"@p1": json.dumps(described), "@p2": query.text(rule.matching.value), "@p3": '{"PageNumber":1,"Count":5}'}
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    return f"RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)?{asked}"


def _is_known(row: Json) -> bool:
    return row.get("baseentityname") in _KINDS and row.get("matchingentityname") in _KINDS


def _is_followed(condition: Json) -> bool:
    """Whether a condition compares one column of text, that we know, with itself."""
    column = condition.get("baseattributename")
    known = any(column in keys for keys in _KEYS.values())
    return known and column == condition.get("matchingattributename") and condition.get("operatorcode") in _SAMENESS


def _rule(row: Json, conditions: Sequence[Json]) -> DuplicateRule:
    base = _KINDS[str(row["baseentityname"])]
    made = DuplicateRule(
        id=str(row["duplicateruleid"]).lower(),
        name=str(row.get("name") or ""),
        conditions=tuple(_condition(each, base) for each in conditions),
        base=base,
        matching=_KINDS[str(row["matchingentityname"])],
        exclude_inactive=bool(row.get("excludeinactiverecords")),
        case_sensitive=bool(row.get("iscasesensitive")),
        ignore_blanks=all(each.get("ignoreblankvalues", True) for each in conditions),
        published=row.get("statuscode") == PUBLISHED,
    )
    return replace(made, ignore_blanks=made.ignore_blanks or len(conditions) == 1)


def _condition(row: Json, base: RecordKind) -> Condition:
    column = str(row.get("baseattributename") or "")
    sameness = _SAMENESS.get(int(row.get("operatorcode") or 0), Sameness.WHOLE)
    length = 0 if sameness is Sameness.WHOLE else int(row.get("operatorparam") or 0)
    return Condition(field=_KEYS[base].get(column, column), sameness=sameness, length=length)
