"""Does every request and reply of Exchange Web Services fit Microsoft's schema?"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from lxml import etree

from carnet.testing.emulators.ews_words import MESSAGES, SOAP, TYPES
from carnet.testing.emulators.server import Exchange
from shared_data import shared

Element: TypeAlias = Any
REFUSED, UNKNOWN, BROKEN = 401, 404, 500
SPOKEN = "Exchange2016"
"""The version whose schema we have."""
_XSD = "{http://www.w3.org/2001/XMLSchema}"


@cache
def schema() -> Element:
    """Microsoft's messages, with the types that they are made of."""
    return etree.XMLSchema(etree.parse(str(shared("contracts", "ews-xsd", "messages.xsd")), _parser()))


@cache
def operations() -> frozenset[str]:
    """The names of all that can be asked for."""
    root = etree.parse(str(shared("contracts", "ews-xsd", "messages.xsd")), _parser()).getroot()
    names = {str(each.get("name")) for each in root.findall(f"{_XSD}element")}
    return frozenset(name for name in names if f"{name}Response" in names)


@cache
def values_of(kind: str) -> frozenset[str]:
    """The values that a type of the schema may have."""
    for file in ("messages.xsd", "types.xsd"):
        root = etree.parse(str(shared("contracts", "ews-xsd", file)), _parser()).getroot()
        if (named := root.find(f"{_XSD}simpleType[@name='{kind}']")) is not None:
            return frozenset(str(each.get("value")) for each in named.iter(f"{_XSD}enumeration"))
    raise LookupError(kind)


def check(exchange: Exchange) -> None:
    """Raise AssertionError where the request or the reply does not fit."""
    asked, said = exchange.asked, exchange.said
    if said.status in {REFUSED, UNKNOWN}:
        assert not said.body
        return
    assert asked.headers.get("content-type", "").startswith("text/xml"), "request: it is no SOAP"
    check_envelope(asked.body, "request")
    if said.status == BROKEN:
        _check_fault(said.body)
    else:
        check_envelope(said.body, "reply")


def check_envelope(content: bytes, what: str) -> None:
    """Raise AssertionError where an envelope, its headers or its body do not fit."""
    envelope = etree.fromstring(content, _parser())
    assert envelope.tag == f"{{{SOAP}}}Envelope", f"{what}: no envelope"
    for header in envelope.findall(f"{{{SOAP}}}Header/*"):
        _fits(header, what)
    body = envelope.find(f"{{{SOAP}}}Body")
    assert body is not None, f"{what}: no body"
    assert len(body) == 1, f"{what}: one operation, not {len(body)}"
    name = etree.QName(body[0])
    assert (name.namespace, name.localname.removesuffix("Response")) in {(MESSAGES, each) for each in operations()}, (
        f"{what}: {name} is no operation"
    )
    assert name.localname.endswith("Response") == (what == "reply"), f"{what}: {name.localname}"
    _fits(body[0], what)


def _check_fault(content: bytes) -> None:
    envelope = etree.fromstring(content, _parser())
    detail = envelope.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault/detail")
    assert detail is not None, "reply: no fault"
    code = detail.findtext("{http://schemas.microsoft.com/exchange/services/2006/errors}ResponseCode")
    assert code in values_of("ResponseCodeType"), f"reply: {code} is no response code"
    for value in detail.iter(f"{{{TYPES}}}Value"):
        assert value.get("Name"), "reply: a value without name"


def _fits(element: Element, what: str) -> None:
    alone = etree.fromstring(etree.tostring(element), _parser())
    if alone.tag == f"{{{TYPES}}}RequestServerVersion":
        # the file is that of one version, which it takes alone; an older server has a file of its own
        assert alone.get("Version") in values_of("ExchangeVersionType"), f"{what}: there is no version {alone.get('Version')}"
        alone.set("Version", SPOKEN)
    if alone.tag == f"{{{MESSAGES}}}GetUserConfigurationResponse" and len(alone.findall(f"{{{MESSAGES}}}ResponseMessages")):
        # the schema calls this answer a message by itself; Microsoft's page, and servers, put it among messages as all others
        alone.tag = f"{{{MESSAGES}}}GetItemResponse"
    found = schema()
    assert found.validate(alone), f"{what}: {[each.message[:200] for each in found.error_log][:3]}"


def _parser() -> Element:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
