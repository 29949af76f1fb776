"""Which rows of the groups are shown, in which order, and what do the ticks mean?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.normalise import fold
from carnet.model.account import Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices
from carnet.model.group import NONE_KEY, Group, Mode

PAGE = 50
SORTS = ("title", "count", "coverage")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a person looks at: a search, an order ("-count" descends) and a page from 1."""

    query: str = ""
    sort: str = ""
    page: int = 1

    def address(self) -> dict[str, str]:
        """The view as parameters of an address."""
        return {"q": self.query, "sort": self.sort, "page": str(self.page) if self.page > 1 else ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One page of rows out of `found`, of `pages`."""

    groups: tuple[Group, ...]
    found: int
    pages: int
    view: View


def wanted(groups: Sequence[Group], query: str) -> list[Group]:
    """The groups whose title or hosts hold the search, case and accents aside."""
    return [group for group in groups if not query or fold(query) in fold(" ".join((group.title, *group.hosts)))]


def show(groups: Sequence[Group], view: View) -> Shown:
    """The groups that the view wants, a page of them."""
    found = wanted(groups, view.query)
    key = view.sort.lstrip("-")
    if key == "title":
        found.sort(key=lambda group: (group.key == NONE_KEY, fold(group.title)), reverse=view.sort.startswith("-"))
    elif key == "count":
        found.sort(key=lambda group: group.coverage.total, reverse=view.sort.startswith("-"))
    elif key == "coverage":
        found.sort(key=lambda group: group.coverage.present / group.coverage.total, reverse=view.sort.startswith("-"))
    pages = max(1, math.ceil(len(found) / PAGE))
    page = min(max(1, view.page), pages)
    start = (page - 1) * PAGE
    return Shown(groups=tuple(found[start : start + PAGE]), found=len(found), pages=pages, view=replace(view, page=page))


def next_sort(current: str, column: str) -> str:
    """The order after a click on that column's title."""
    return f"-{column}" if current == column else column


def switch_mode(choices: Choices, mode: Mode) -> Choices:
    """Group otherwise: what was said of the group without a value was said of another one."""
    if mode is choices.mode:
        return choices
    return replace(
        choices,
        mode=mode,
        excluded_groups=choices.excluded_groups - {NONE_KEY},
        no_communications=choices.no_communications - {NONE_KEY},
        account_by_group={key: choice for key, choice in choices.account_by_group.items() if key != NONE_KEY},
    )


def tick(excluded: frozenset[str], *, shown: Sequence[str], ticked: Sequence[str]) -> frozenset[str]:
    """What is excluded after a page of ticks: rows that were not shown keep theirs."""
    return (excluded - set(shown)) | (set(shown) - set(ticked))


def parse_parent(value: str, name: str = "") -> Parent | None:
    """The parent in "account:<id>" or "contact:<id>"."""
    kind, _, identity = value.partition(":")
    if kind not in {"account", "contact"} or not identity:
        return None
    return Parent(kind=RecordKind(kind), id=identity, name=name)


def effective(settings: Mapping[str, AccountChoice], key: str, *, company_account: bool) -> AccountSetting:
    """What Set Account shows for a row: its own setting, else the box "use company name"."""
    if key in settings:
        return settings[key].setting
    return AccountSetting.COMPANY if company_account else AccountSetting.NOT_SET


def set_accounts(
    settings: Mapping[str, AccountChoice], sent: Mapping[str, str], *, company_account: bool
) -> dict[str, AccountChoice]:
    """Take the rows whose Set Account was changed; `company_account` is how the box stood when the page was shown.

    "Pick Existing Account" changes nothing until an account is picked.
    """
    kept = dict(settings)
    for key, value in sent.items():
        if value == effective(settings, key, company_account=company_account):
            continue
        if value in {AccountSetting.COMPANY, AccountSetting.NOT_SET}:
            kept[key] = AccountChoice(setting=AccountSetting(value))
    return kept


def unpicked(settings: Mapping[str, AccountChoice], sent: Mapping[str, str]) -> str:
    """The first row that asks for an existing account and has none yet, "" where there is none."""
    waiting = (key for key, value in sent.items() if value == AccountSetting.PICKED and not _is_picked(settings, key))
    return next(waiting, "")


def _is_picked(settings: Mapping[str, AccountChoice], key: str) -> bool:
    return key in settings and settings[key].parent is not None
