"""Where does each of Google's numbered values belong, going by its label?

Google exports "E-mail 1 - Label" beside "E-mail 1 - Value": what a number is for stands in the row, not in the title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

SEVERAL = ":::"

Put = Callable[[str, str], None]

_KEY = re.compile(r"(email|phone|address|organization|relation|website|event|im|custom)(\d+)\.(\w+)")
_PHONES = {
    "work": ("business_phone", "business_phone2"),
    "home": ("home_phone", "home_phone2"),
    "mobile": ("mobile_phone",),
    "workmobile": ("mobile_phone",),
    "main": ("company_phone",),
    "workfax": ("business_fax",),
    "fax": ("business_fax",),
    "homefax": ("home_fax",),
    "otherfax": ("other_fax",),
    "pager": ("pager",),
    "workpager": ("pager",),
    "car": ("car_phone",),
    "callback": ("callback",),
    "assistant": ("assistant_phone",),
    "": ("business_phone", "business_phone2"),
}
_SPARE_PHONES = ("other_phone", "business_phone2", "home_phone2")
_RELATIONS = {
    "spouse": "spouse",
    "partner": "spouse",
    "domesticpartner": "spouse",
    "child": "children",
    "manager": "manager_name",
    "assistant": "assistant_name",
}
_STREET = ("street", "street2", "po_box", "city", "state", "postcode", "country")

Groups = Mapping[str, list[dict[str, str]]]


def is_numbered(key: str) -> bool:
    """Whether that key is one of a numbered group."""
    return _KEY.fullmatch(key) is not None


def grouped(cells: Mapping[str, str]) -> Groups:
    """The numbered cells of a row, by kind, then by number; several values in one cell make several groups."""
    numbered: dict[tuple[str, int], dict[str, str]] = {}
    for key, text in cells.items():
        if (match := _KEY.fullmatch(key)) and text:
            numbered.setdefault((match[1], int(match[2])), {})[match[3]] = text
    groups: dict[str, list[dict[str, str]]] = {}
    for (kind, _), parts in sorted(numbered.items()):
        groups.setdefault(kind, []).extend(_apart(parts))
    return groups


def place(groups: Groups, put: Put, taken: Mapping[str, str]) -> None:
    """Put every value where it belongs, e-mails under "email"; `taken` is what has been put so far."""
    for parts in _primary_first(groups.get("email", [])):
        put("email", parts.get("value", ""))
    for parts in groups.get("phone", []):
        put(_free(_phone_keys(parts), taken), parts.get("value", ""))
    for parts in groups.get("address", []):
        _address(parts, put, taken)
    for parts in groups.get("organization", []):
        for key in parts.keys() - {"type"}:
            put(key, parts[key])
    for key, text in _others(groups):
        put(key, text)


def _apart(parts: dict[str, str]) -> Iterator[dict[str, str]]:
    split = {key: [part.strip() for part in text.split(SEVERAL)] for key, text in parts.items()}
    for number in range(max(len(values) for values in split.values())):
        one = {key: values[number] for key, values in split.items() if number < len(values) and values[number]}
        if one.keys() - {"type"}:
            yield {**({"type": split["type"][0]} if "type" in split else {}), **one}


def _label(parts: Mapping[str, str]) -> str:
    return "".join(each for each in parts.get("type", "").casefold() if each.isalnum())


def _primary_first(emails: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(emails, key=lambda parts: not parts.get("type", "").startswith("*"))


def _phone_keys(parts: Mapping[str, str]) -> tuple[str, ...]:
    return (*_PHONES.get(_label(parts), ()), *_SPARE_PHONES, "more_phone")


def _free(keys: tuple[str, ...], taken: Mapping[str, str]) -> str:
    return next((key for key in keys if key not in taken), keys[-1])


def _address(parts: Mapping[str, str], put: Put, taken: Mapping[str, str]) -> None:
    wanted = {"work": "business", "home": "home", "other": "other"}.get(
        _label(parts), "business" if not _label(parts) else "other"
    )
    kinds = dict.fromkeys((wanted, "other", "business", "home"))
    kind = next((each for each in kinds if not any(f"{each}_{part}" in taken for part in _STREET)), "more_address")
    if "fax" in parts:
        put("home_fax" if kind == "home" else "business_fax", parts["fax"])
    if "formatted" in parts and not parts.keys() & set(_STREET):
        put(f"{kind}_street", parts["formatted"])
    for part in _STREET:
        if part in parts:
            put(f"{kind}_{part}", parts[part])


def _others(groups: Groups) -> Iterator[tuple[str, str]]:
    for parts in groups.get("relation", []):
        yield _RELATIONS.get(_label(parts), f"relation_{_label(parts) or 'other'}"), parts.get("value", "")
    for parts in groups.get("website", []):
        yield "web_page", parts.get("value", "")
    for parts in groups.get("event", []):
        yield "anniversary" if _label(parts) == "anniversary" else f"event_{_label(parts) or 'other'}", parts.get("value", "")
    for parts in groups.get("im", []):
        yield "im_address", ": ".join(filter(None, (parts.get("service"), parts.get("value"))))
    for parts in groups.get("custom", []):
        yield f"custom_{_label(parts) or 'field'}", parts.get("value", "")
