"""Does the gate of Exchange know every operation, and refuse what breaks Microsoft's schema?"""

from __future__ import annotations

from contextlib import nullcontext
from xml.sax.saxutils import escape

import pytest

from carnet.model.card import CardWrite
from carnet.model.change import Operation
from carnet.testing.emulators.ews import OPERATIONS, EwsEmulator, operation_of
from carnet.testing.emulators.ews_mailbox import PHOTO
from carnet.testing.emulators.ews_words import MESSAGES, SPACES, TYPES
from carnet.testing.live_suite import read_all
from emulators.ews_talk import ask, create, sync
from gates import ews_gate
from gates.fixtures import one_exchange, watched_ews
from mailboxes.exchange import exchange_of


def envelope(inside: str) -> bytes:
    """An envelope around something."""
    spaces = f'xmlns:s="{SPACES["s"]}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}"'
    return f"<s:Envelope {spaces}><s:Body>{inside}</s:Body></s:Envelope>".encode()


def test_every_operation_that_is_served_stands_in_the_schema() -> None:
    assert set(OPERATIONS) <= ews_gate.operations()
    assert "GetItemResponse" not in ews_gate.operations()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_schema_of_a_request_refuses_something(operation: str) -> None:
    with pytest.raises(AssertionError, match="request: "):
        ews_gate.check_envelope(envelope(f"<m:{operation}><m:NoSuchName/></m:{operation}>"), "request")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_schema_of_a_reply_refuses_something(operation: str) -> None:
    said = f'<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoSuchCode</m:ResponseCode></m:{operation}ResponseMessage>'
    body = f"<m:{operation}Response><m:ResponseMessages>{said}</m:ResponseMessages></m:{operation}Response>"
    with pytest.raises(AssertionError, match="reply: "):
        ews_gate.check_envelope(envelope(body), "reply")


@pytest.mark.parametrize("operation", ["<m:GetTheMoon/>", "<t:ItemId Id='x'/>", "", "<m:GetItemResponse/>"])
def test_what_is_no_operation_is_refused(operation: str) -> None:
    with pytest.raises(AssertionError, match="request: "):
        ews_gate.check_envelope(envelope(operation), "request")


@pytest.mark.parametrize(
    "request_",
    [
        sync(most=513),
        sync(folder='<t:DistinguishedFolderId Id="kontakte"/>'),
        create("<t:Surname>A</t:Surname><t:GivenName>before</t:GivenName>"),
        create("<t:Birthday>28/02/1981</t:Birthday>"),
        create("<t:Sensitivity>Secret</t:Sensitivity>"),
        create('<t:PhoneNumbers><t:Entry Key="Bureau">1</t:Entry></t:PhoneNumbers>'),
        create("<t:ExtendedProperty><t:Value>1</t:Value></t:ExtendedProperty>"),
    ],
)
def test_the_gate_refuses_what_breaks_the_schema(request_: str) -> None:
    emulator = EwsEmulator(one_exchange())
    emulator.watch(ews_gate.check)
    with emulator:
        ask(emulator, request_)
    assert emulator.violations


@pytest.mark.parametrize(("version", "fits"), [("Exchange2016", True), ("Exchange2013_SP1", True), ("Exchange2015_SP1", False)])
def test_a_version_that_there_is_not_is_refused(version: str, fits: bool) -> None:
    emulator = EwsEmulator(one_exchange())
    emulator.watch(ews_gate.check)
    emulator.versions = (version,)
    with emulator:
        assert (ask(emulator, sync(), version=version).status == 200) == fits
    assert bool(emulator.violations) != fits


SENT = {
    "CreateItem",
    "DeleteItem",
    "FindFolder",
    "FindItem",
    "GetAttachment",
    "GetFolder",
    "GetItem",
    "GetUserConfiguration",
    "ResolveNames",
    "SyncFolderItems",
    "UpdateItem",
}
"""Every operation that our mailbox sends."""


def test_our_mailbox_sends_no_other_operation_than_those_listed() -> None:
    with watched_ews(EwsEmulator(one_exchange())) as emulator:
        mailbox = exchange_of(emulator)
        mailbox.identity()
        mailbox.categories()
        records, later = read_all(mailbox)
        emulator.mine.attach(next(iter(emulator.mine.items)), PHOTO, b"\xff\xd8")
        mailbox.photos(list(records.values()))
        emulator.mine.add({"contacts:Surname": "Nouveau"})
        mailbox.changes(later)
        first, second = sorted(records)[:2]
        mailbox.write(
            [
                CardWrite(operation=Operation.CREATE, key="k", values={"surname": "Neuve"}),
                CardWrite(operation=Operation.UPDATE, id=first, values={"pager": "9"}),
                CardWrite(operation=Operation.DELETE, id=second),
            ]
        )
        mailbox.close()
        assert {operation_of(each.asked) for each in emulator.log} - {""} == SENT
    assert set(OPERATIONS) >= SENT


@pytest.mark.parametrize(("data", "fits"), [("PGE+", True), ("<a>", False)])
@pytest.mark.parametrize("among_messages", [True, False], ids=["as servers say it", "as the schema says it"])
def test_a_configuration_is_checked_as_servers_say_it_and_as_the_schema_does(data: str, fits: bool, among_messages: bool) -> None:
    name = '<t:UserConfigurationName Name="CategoryList"><t:DistinguishedFolderId Id="calendar"/></t:UserConfigurationName>'
    said = f"<m:ResponseCode>NoError</m:ResponseCode><m:UserConfiguration>{name}<t:XmlData>{escape(data)}</t:XmlData></m:UserConfiguration>"
    message = f'<m:GetUserConfigurationResponseMessage ResponseClass="Success">{said}</m:GetUserConfigurationResponseMessage>'
    whole = (
        f"<m:GetUserConfigurationResponse><m:ResponseMessages>{message}</m:ResponseMessages></m:GetUserConfigurationResponse>"
        if among_messages
        else f'<m:GetUserConfigurationResponse ResponseClass="Success">{said}</m:GetUserConfigurationResponse>'
    )
    with nullcontext() if fits else pytest.raises(AssertionError, match="reply: "):
        ews_gate.check_envelope(envelope(whole), "reply")


def test_an_answer_that_breaks_the_schema_is_refused() -> None:
    mailbox = one_exchange()
    mailbox.add({"contacts:Birthday": "28 février"})
    emulator = EwsEmulator(mailbox)
    emulator.watch(ews_gate.check)
    with emulator:
        shape = "<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>"
        folder = '<m:SyncFolderId><t:DistinguishedFolderId Id="contacts"/></m:SyncFolderId>'
        ask(emulator, f"<m:SyncFolderItems>{shape}{folder}<m:MaxChangesReturned>9</m:MaxChangesReturned></m:SyncFolderItems>")
    assert "reply: " in emulator.violations[0]
