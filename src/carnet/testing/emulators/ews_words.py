"""How does Exchange say things in SOAP?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from lxml import etree

from carnet.testing.emulators.faults import Said

Element: TypeAlias = Any
"""An element as lxml has it."""
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
SPACES = {"s": SOAP, "m": MESSAGES, "t": TYPES, "e": ERRORS}
LARGEST = 10_000_000
"""A request is no larger, in bytes."""
_SERVER = {"MajorVersion": "15", "MinorVersion": "2", "MajorBuildNumber": "2562", "MinorBuildNumber": "17"}


class Refusal(Exception):
    """The whole request is refused, as a SOAP fault, or one part of it (`soap` False) as an error of its own."""

    def __init__(self, code: str, text: str, *, soap: bool = False, values: Mapping[str, str] | None = None) -> None:
        """Refuse with that response code; `values` are details by name."""
        super().__init__(text)
        self.code = code
        self.text = text
        self.soap = soap
        self.values = dict(values or {})


def name_of(prefixed: str) -> str:
    """The name as lxml wants it, of one as in "t:ItemId"."""
    prefix, _, local = prefixed.partition(":")
    return f"{{{SPACES[prefix]}}}{local}"


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)


def made(prefixed: str, *inside: Element | str | None, **attributes: str) -> Element:
    """An element with what is inside; None is left out."""
    element = etree.Element(name_of(prefixed), attributes, nsmap={"m": MESSAGES, "t": TYPES})
    for each in inside:
        if isinstance(each, str):
            element.text = each
        elif each is not None:
            element.append(each)
    return element


def inside(element: Element, *names: str) -> Element | None:
    """The element that those names lead to, None where it is not there."""
    for each in names:
        if element is None:
            return None
        element = element.find(name_of(each))
    return element


def required(element: Element, *names: str) -> Element:
    """The element that those names lead to. Raises Refusal where the schema is not kept."""
    if (found := inside(element, *names)) is None:
        raise Refusal("ErrorSchemaValidation", "The request failed schema validation.", soap=True)
    return found


def text_of(element: Element, *names: str) -> str:
    """The text that those names lead to, "" where there is none."""
    found = inside(element, *names)
    return "" if found is None else (found.text or "")


def request_of(body: bytes) -> tuple[Element, str]:
    """The operation that is asked for, and the version of the interface that is spoken.

    Neither entities nor anything of another place are read. Raises Refusal for what is no request.
    """
    if len(body) > LARGEST or b"<!DOCTYPE" in body:
        raise Refusal("ErrorSchemaValidation", "The request failed schema validation.", soap=True)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        envelope = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Refusal("ErrorSchemaValidation", "The request failed schema validation.", soap=True) from None
    version = inside(envelope, "s:Header", "t:RequestServerVersion")
    operation = inside(envelope, "s:Body")
    if operation is None or len(operation) != 1:
        raise Refusal("ErrorInvalidRequest", "The request is invalid.", soap=True)
    return operation[0], version.get("Version", "") if version is not None else ""


def reply(operation: str, messages: Iterable[Element]) -> Said:
    """The answer to an operation: one message for each part."""
    body = made(f"m:{operation}Response", made("m:ResponseMessages", *messages))
    return _said(200, body)


def message(operation: str, *parts: Element | None, code: str = "NoError", text: str = "", kind: str = "") -> Element:
    """One message: a success, or the error of that code; in an error of a sync its parts stand all the same."""
    kind = kind or ("Success" if code == "NoError" else "Error")
    said = made("m:MessageText", text) if text else None
    link = made("m:DescriptiveLinkKey", "0") if kind != "Success" else None
    response = made("m:ResponseCode", code)
    return made(f"m:{operation}ResponseMessage", said, response, link, *parts, ResponseClass=kind)


def refused(operation: str, refusal: Refusal, *parts: Element | None) -> Element:
    """The message of one part that is refused."""
    said = message(operation, *parts, code=refusal.code, text=refusal.text)
    if refusal.values:
        place = said.index(inside(said, "m:DescriptiveLinkKey")) + 1
        said.insert(place, made("m:MessageXml", *_values(refusal)))
    return said


def _values(refusal: Refusal) -> list[Element]:
    return [made("t:Value", value, Name=name) for name, value in refusal.values.items()]


def fault(refusal: Refusal) -> Said:
    """A SOAP fault, which Exchange sends as a 500."""
    element = etree.Element(name_of("s:Fault"), nsmap={"s": SOAP, "e": ERRORS, "t": TYPES})
    code = etree.SubElement(element, "faultcode")
    code.text = f"a:{refusal.code}"
    text = etree.SubElement(element, "faultstring")
    text.text = refusal.text
    detail = etree.SubElement(element, "detail")
    detail.append(made("e:ResponseCode", refusal.code))
    detail.append(made("e:Message", refusal.text))
    if refusal.values:
        detail.append(made("t:MessageXml", *_values(refusal)))
    return _said(500, element)


def _said(status: int, body: Element) -> Said:
    envelope = etree.Element(name_of("s:Envelope"), nsmap={"s": SOAP})
    header = etree.SubElement(envelope, name_of("s:Header"))
    header.append(made("t:ServerVersionInfo", **_SERVER, Version="V2017_07_11"))
    etree.SubElement(envelope, name_of("s:Body")).append(body)
    content = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return Said(status=status, headers={"content-type": "text/xml; charset=utf-8"}, body=content)
