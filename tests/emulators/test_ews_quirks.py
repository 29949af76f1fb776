"""Does the emulator of Exchange do what an Exchange server does, fact by fact?"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from lxml import etree

from carnet.testing.emulators.ews import EwsEmulator, busy
from carnet.testing.emulators.ews_mailbox import OPENS, PHOTO, EwsMailbox
from emulators.ews_talk import (
    CONTACTS,
    Told,
    ask,
    create,
    delete,
    folders,
    get_items,
    more,
    put,
    resolve,
    send,
    sync,
    update,
)
from gates.fixtures import one_exchange, watched_ews

SEARCH_KEY = '<t:ExtendedFieldURI PropertyTag="0x300b" PropertyType="Binary"/>'
GOVERNMENT = '<t:ExtendedFieldURI PropertyTag="0x3A07" PropertyType="String"/>'


@pytest.fixture
def ews() -> Iterator[EwsEmulator]:
    with watched_ews(EwsEmulator(one_exchange(), EwsMailbox("hugo", name="Camille Hugo"))) as emulator:
        yield emulator


def everything(ews: EwsEmulator) -> Told:
    return ask(ews, sync())


def state(told: Told) -> str:
    return told.text("m:SyncState")


def changes(told: Told) -> list[str]:
    return [each.tag.rpartition("}")[2] for each in told.all("m:Changes")[0]]


@pytest.mark.parametrize("login", ["camille", "CONTOSO\\camille", "camille@contoso.com", "CAMILLE@contoso.com"])
def test_one_signs_in_by_name_with_or_without_domain_or_by_address(ews: EwsEmulator, login: str) -> None:
    assert ask(ews, sync(), user=login).status == 200


@pytest.mark.parametrize(("user", "password"), [("", ""), ("camille", "wrong"), ("nobody", OPENS)])
def test_who_is_not_known_is_asked_for_a_password(ews: EwsEmulator, user: str, password: str) -> None:
    assert ask(ews, sync(), user=user, password=password).status == 401
    assert [exchange.said.status for exchange in ews.log] == [401]
    assert ews.log[0].said.headers["WWW-Authenticate"].startswith("Basic")


def test_another_version_of_the_interface_is_refused(ews: EwsEmulator) -> None:
    ews.versions = ("Exchange2013_SP1",)
    told = ask(ews, sync())
    assert (told.status, told.codes) == (500, ["ErrorInvalidServerVersion"])


def test_a_sync_goes_page_by_page_and_says_when_it_is_through(ews: EwsEmulator) -> None:
    told, seen, ends = ask(ews, sync(most=2)), list[str](), list[str]()
    while True:
        seen += told.ids
        ends.append(told.text("m:IncludesLastItemInRange"))
        if ends[-1] == "true":
            break
        told = ask(ews, sync(state=state(told), most=2))
    assert ends == ["false", "false", "true"]
    assert sorted(seen) == sorted(item.id for item in ews.mine.within(ews.mine.default))
    assert ask(ews, sync(state=state(told))).ids == []


def test_a_page_holds_at_most_512_changes_whatever_is_there(ews: EwsEmulator) -> None:
    for number in range(600):
        ews.mine.add({"contacts:Surname": f"N{number}"})
    assert len(everything(ews).ids) == 512


def test_no_page_of_more_than_512_can_be_asked_for() -> None:
    with EwsEmulator(one_exchange()) as unwatched:
        assert ask(unwatched, sync(most=513)).codes == ["ErrorSchemaValidation"]


def test_what_changed_is_told_by_its_kind_and_once(ews: EwsEmulator) -> None:
    first = everything(ews)
    kept, edited, gone, flagged = first.ids[:4]
    ews.mine.edit(edited, {"contacts:JobTitle": "A"})
    ews.mine.delete(gone)
    ews.mine.read(flagged)
    new = ews.mine.add({"contacts:Surname": "Neuve"})
    told = ask(ews, sync(state=state(first)))
    assert (changes(told), told.ids) == (["Update", "Delete", "ReadFlagChange", "Create"], [edited, gone, flagged, new])
    assert kept not in told.ids
    assert changes(ask(ews, sync(state=state(told)))) == []


def test_what_came_and_went_between_two_looks_is_not_told(ews: EwsEmulator) -> None:
    first = everything(ews)
    ews.mine.delete(ews.mine.add({"contacts:Surname": "Éphémère"}))
    assert changes(ask(ews, sync(state=state(first)))) == []


def test_a_moved_item_has_another_id_and_the_same_search_key(ews: EwsEmulator) -> None:
    first = everything(ews)
    moved = first.ids[0]
    key = ask(ews, get_items(moved, more=more(SEARCH_KEY))).text("t:Value")
    now = ews.mine.move(moved, next(each.id for each in ews.mine.folders.values() if each.name == "Clients"))
    assert now != moved
    told = ask(ews, sync(state=state(first)))
    assert (changes(told), told.ids) == (["Delete"], [moved])
    assert ask(ews, get_items(moved)).codes == ["ErrorItemNotFound"]
    assert ask(ews, get_items(now, more=more(SEARCH_KEY))).text("t:Value") == key


def test_a_copy_shares_the_search_key(ews: EwsEmulator) -> None:
    first = everything(ews).ids[0]
    copied = ews.mine.copy(first, ews.mine.default)
    keys = ask(ews, get_items(first, copied, more=more(SEARCH_KEY))).all("t:Value")
    assert keys[0].text == keys[1].text


@pytest.mark.parametrize("bad", ["forgotten", "of another folder", "garbage"])
def test_a_sync_state_that_is_not_good_is_named(ews: EwsEmulator, bad: str) -> None:
    known = state(everything(ews))
    if bad == "forgotten":
        ews.mine.expire()
    elif bad == "garbage":
        known = "H4sI"
    folder = '<t:DistinguishedFolderId Id="inbox"/>' if bad == "of another folder" else CONTACTS
    told = ask(ews, sync(folder, known))
    assert (told.status, told.codes, state(told)) == (200, ["ErrorInvalidSyncStateData"], "")


def test_a_sync_tells_neither_body_nor_extended_properties(ews: EwsEmulator) -> None:
    asked = more("contacts:Surname", "item:Body", GOVERNMENT)
    told = ask(ews, sync(more=asked))
    assert (told.text("t:Surname"), told.all("t:Body"), told.all("t:ExtendedProperty")) == ("Durand", [], [])
    whole = ask(ews, get_items(told.ids[0], more=more("contacts:Surname", "item:TextBody", GOVERNMENT)))
    assert (whole.text("t:TextBody"), whole.text("t:Value")) == ("Vu à Lyon.\nRappeler.", "FR1")


def test_a_distribution_list_is_seen_with_its_members(ews: EwsEmulator) -> None:
    (named,) = everything(ews).all("t:DistributionList")
    told = ask(ews, get_items(named[0].get("Id"), more=more("contacts:DisplayName", "distributionlist:Members")))
    assert told.text("t:DisplayName") == "L’équipe"
    assert [each.text for each in told.all("t:EmailAddress")] == ["durand1@contoso.com", "martin2@contoso.com"]


def test_an_old_change_key_is_a_conflict_where_nobody_may_overwrite(ews: EwsEmulator) -> None:
    (named, *_) = everything(ews).all("t:ItemId")
    identity, old = named.get("Id"), named.get("ChangeKey")
    ews.mine.edit(identity, {"contacts:JobTitle": "Meanwhile"})
    told = ask(ews, update(identity, old, put("JobTitle", "Ours")))
    assert told.codes == ["ErrorIrresolvableConflict"]
    assert ews.mine.items[identity].values["contacts:JobTitle"] == "Meanwhile"
    assert ask(ews, update(identity, old, put("JobTitle", "Ours"), resolution="AutoResolve")).codes == ["NoError"]
    assert ews.mine.items[identity].values["contacts:JobTitle"] == "Ours"


def test_an_old_change_key_keeps_nothing_from_being_deleted(ews: EwsEmulator) -> None:
    identity = everything(ews).ids[0]
    ews.mine.edit(identity, {"contacts:JobTitle": "Meanwhile"})
    assert ask(ews, delete(identity)).codes == ["NoError"]
    assert identity not in ews.mine.items


def test_what_is_deleted_softly_lies_in_the_deleted_items(ews: EwsEmulator) -> None:
    identity = everything(ews).ids[0]
    ask(ews, delete(identity, kind="MoveToDeletedItems"))
    assert [item.folder for item in ews.mine.items.values() if item.values.get("contacts:Surname") == "Durand"] == [
        ews.mine.deleted
    ]
    assert ask(ews, get_items(identity)).codes == ["ErrorItemNotFound"]


def test_one_index_is_written_without_the_others(ews: EwsEmulator) -> None:
    (named, *_) = everything(ews).all("t:ItemId")
    uri = '<t:IndexedFieldURI FieldURI="contacts:PhoneNumber" FieldIndex="{}"/>'
    entry = '<t:Contact><t:PhoneNumbers><t:Entry Key="BusinessPhone2">2</t:Entry></t:PhoneNumbers></t:Contact>'
    sets = f"<t:SetItemField>{uri.format('BusinessPhone2')}{entry}</t:SetItemField>"
    clears = f"<t:DeleteItemField>{uri.format('Pager')}</t:DeleteItemField>"
    assert ask(ews, update(named.get("Id"), named.get("ChangeKey"), sets, clears)).codes == ["NoError"]
    values = ews.mine.items[named.get("Id")].values
    numbers = {path.partition("/")[2]: text for path, text in values.items() if path.startswith("contacts:PhoneNumber/")}
    assert numbers == {"BusinessPhone": "+33 4 72 00 00 01", "BusinessFax": "+33 4 72 00 01 01", "BusinessPhone2": "2"}


def test_a_create_is_not_idempotent_and_an_extended_property_finds_what_was_made(ews: EwsEmulator) -> None:
    uri = '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="mark" PropertyType="String"/>'
    contact = f"<t:ExtendedProperty>{uri}<t:Value>once</t:Value></t:ExtendedProperty><t:Surname>Double</t:Surname>"
    made = [*ask(ews, create(contact)).ids, *ask(ews, create(contact)).ids]
    condition = f'<t:IsEqualTo>{uri}<t:FieldURIOrConstant><t:Constant Value="once"/></t:FieldURIOrConstant></t:IsEqualTo>'
    shape = "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>"
    where = f"<m:Restriction>{condition}</m:Restriction><m:ParentFolderIds>{CONTACTS}</m:ParentFolderIds>"
    assert sorted(ask(ews, f'<m:FindItem Traversal="Shallow">{shape}{where}</m:FindItem>').ids) == sorted(made)
    assert len(set(made)) == 2


@pytest.mark.parametrize(("name", "uri"), [("Notes", ""), ("PhoneticFirstName", ""), ("TextBody", "item:TextBody")])
def test_what_the_server_alone_writes_is_refused(ews: EwsEmulator, name: str, uri: str) -> None:
    (named, *_) = everything(ews).all("t:ItemId")
    text = (
        put(name, "X", uri) if name != "TextBody" else put(name, "X", uri).replace("<t:TextBody>", '<t:TextBody BodyType="Text">')
    )
    assert ask(ews, update(named.get("Id"), named.get("ChangeKey"), text)).codes == ["ErrorInvalidPropertySet"]


def test_each_part_of_a_request_has_an_answer_of_its_own(ews: EwsEmulator) -> None:
    known = everything(ews).ids[0]
    assert ask(ews, get_items(known, known[:-8] + "XXXXXAA=", "AAMk")).codes == [
        "NoError",
        "ErrorItemNotFound",
        "ErrorInvalidIdMalformed",
    ]


def test_a_server_may_be_too_busy_for_one_part_alone(ews: EwsEmulator) -> None:
    first, second = everything(ews).ids[:2]
    ews.mine.items[second].busy = 1
    told = ask(ews, get_items(first, second))
    assert (told.status, told.codes, told.text("t:Value")) == (200, ["NoError", "ErrorServerBusy"], "3000")
    assert ask(ews, get_items(first, second)).codes == ["NoError", "NoError"]


PICTURES = more("item:Attachments", "contacts:HasPicture")


def attachment(*ids: str) -> str:
    named = "".join(f'<t:AttachmentId Id="{each}"/>' for each in ids)
    return f"<m:GetAttachment><m:AttachmentIds>{named}</m:AttachmentIds></m:GetAttachment>"


def test_a_photo_is_a_file_that_says_so_and_is_fetched_by_its_own_id(ews: EwsEmulator) -> None:
    item = next(iter(ews.mine.items.values()))
    assert ask(ews, get_items(item.id, more=PICTURES)).text("t:HasPicture") == "false"
    ews.mine.attach(item.id, "contract.pdf", b"%PDF")
    ews.mine.attach(item.id, PHOTO, b"\xff\xd8one")
    told = ask(ews, get_items(item.id, more=PICTURES))
    assert told.text("t:HasPicture") == "true"
    assert [each.text for each in told.all("t:IsContactPhoto")] == ["false", "true"]
    assert told.all("t:Content") == []
    ids = [str(each.get("Id")) for each in told.all("t:AttachmentId")]
    given = ask(ews, attachment(*ids, "unknown"))
    assert [base64.b64decode(each.text) for each in given.all("t:Content")] == [b"%PDF", b"\xff\xd8one"]
    assert given.codes == ["NoError", "NoError", "ErrorItemNotFound"]
    moved = ews.mine.move(item.id, ews.mine.inbox)
    assert ask(ews, attachment(ids[1])).codes == ["ErrorItemNotFound"]
    assert len(ask(ews, get_items(moved, more=PICTURES)).all("t:AttachmentId")) == 2


def test_neither_a_sync_nor_a_search_tells_the_files_of_an_item(ews: EwsEmulator) -> None:
    item = next(iter(ews.mine.items.values()))
    ews.mine.attach(item.id, PHOTO, b"\xff\xd8one")
    shape = f"<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>{PICTURES}</m:ItemShape>"
    find = f'<m:FindItem Traversal="Shallow">{shape}<m:ParentFolderIds>{CONTACTS}</m:ParentFolderIds></m:FindItem>'
    for told in (ask(ews, sync(more=PICTURES)), ask(ews, find)):
        assert "true" in {each.text for each in told.all("t:HasPicture")}
        assert told.all("t:Attachments") == []


def configuration(folder: str = "calendar", name: str = "CategoryList", what: str = "XmlData") -> str:
    named = f'<m:UserConfigurationName Name="{name}"><t:DistinguishedFolderId Id="{folder}"/></m:UserConfigurationName>'
    said = f"<m:UserConfigurationProperties>{what}</m:UserConfigurationProperties>"
    return f"<m:GetUserConfiguration>{named}{said}</m:GetUserConfiguration>"


def test_the_list_of_categories_lies_with_the_calendar_as_xml_within_xml_with_colours_as_numbers(ews: EwsEmulator) -> None:
    assert ask(ews, configuration()).codes == ["ErrorItemNotFound"]
    ews.mine.categories = {"VIP & Cie": "preset0", "Sans": "none", "Presse": "preset24"}
    told = ask(ews, configuration())
    listed = etree.fromstring(base64.b64decode(told.text("t:XmlData")))
    assert listed.tag == "{CategoryList.xsd}categories"
    assert [(each.get("name"), each.get("color")) for each in listed] == [("VIP & Cie", "0"), ("Sans", "-1"), ("Presse", "24")]
    assert ask(ews, configuration(what="Id")).all("t:XmlData") == []
    for other in (configuration("contacts"), configuration(name="OWA.UserOptions")):
        assert ask(ews, other).codes == ["ErrorItemNotFound"]
    assert ask(ews, configuration("drafts")).codes == ["ErrorFolderNotFound"]


def test_a_busy_server_says_for_how_long_to_leave_it_alone(ews: EwsEmulator) -> None:
    ews.faults.add(busy("SyncFolderItems", seconds=3.5))
    told = everything(ews)
    assert (told.status, told.codes, told.text("t:Value")) == (500, ["ErrorServerBusy"], "3500")
    assert everything(ews).status == 200


def test_folders_are_found_all_the_way_down_hidden_ones_too(ews: EwsEmulator) -> None:
    hidden = more('<t:ExtendedFieldURI PropertyTag="0x10F4" PropertyType="Boolean"/>', "folder:FolderClass")
    top = '<t:DistinguishedFolderId Id="msgfolderroot"/>'
    flat, deep = (ask(ews, folders("FindFolder", top, more=hidden, traversal=how)) for how in ("Shallow", "Deep"))
    assert [each.text for each in flat.all("t:DisplayName")] == ["Contacts", "Inbox", "Calendar", "Deleted Items"]
    assert {each.text for each in deep.all("t:DisplayName")} >= {"Clients", "Recipient Cache"}
    assert [each.text for each in deep.all("t:Value")].count("true") == 1


def test_somebody_elses_folder_needs_to_be_shared_and_gives_fewer_rights(ews: EwsEmulator) -> None:
    other = '<t:DistinguishedFolderId Id="contacts"><t:Mailbox><t:EmailAddress>{}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>'
    asked = folders("GetFolder", other.format("hugo@contoso.com"), other.format("nobody@contoso.com"))
    assert ask(ews, asked).codes == ["ErrorAccessDenied", "ErrorNonExistentMailbox"]
    ews.mailboxes["hugo"].shared_with = frozenset({"camille"})
    told = ask(ews, folders("GetFolder", other.format("hugo@contoso.com"), CONTACTS, more=more("folder:EffectiveRights")))
    assert [each.text for each in told.all("t:Modify")] == ["false", "true"]
    named = f'<t:FolderId Id="{ews.mailboxes["hugo"].default}"/>'
    assert ask(ews, create("<t:Surname>X</t:Surname>", named)).codes == ["ErrorAccessDenied"]


def test_a_folder_of_ones_own_has_one_id_with_or_without_the_address(ews: EwsEmulator) -> None:
    mine = '<t:DistinguishedFolderId Id="contacts"><t:Mailbox><t:EmailAddress>c.roche@contoso.com</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>'
    first, second = ask(ews, folders("GetFolder", CONTACTS, mine)).all("t:FolderId")
    assert first.get("Id") == second.get("Id")


def test_a_name_may_mean_several_people_and_the_primary_address_stands_in_capitals(ews: EwsEmulator) -> None:
    several = ask(ews, resolve("Camille"))
    assert (several.codes, len(several.all("t:Resolution"))) == (["ErrorNameResolutionMultipleResults"], 2)
    one = ask(ews, resolve("camille@contoso.com"))
    assert [each.text for each in one.all("t:Entry")] == ["SMTP:camille@contoso.com", "smtp:c.roche@contoso.com"]
    assert ask(ews, resolve("Personne")).codes == ["ErrorNameResolutionNoResults"]


def test_folders_that_came_and_went_are_told(ews: EwsEmulator) -> None:
    shape = "<m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>"
    first = ask(ews, f"<m:SyncFolderHierarchy>{shape}</m:SyncFolderHierarchy>")
    gone = next(each.id for each in ews.mine.folders.values() if each.name == "Clients")
    ews.mine.delete_folder(gone)
    new = ews.mine.add_folder("Presse")
    told = ask(ews, f"<m:SyncFolderHierarchy>{shape}<m:SyncState>{state(first)}</m:SyncState></m:SyncFolderHierarchy>")
    assert [each.get("Id") for each in told.all("t:FolderId")] == [new, gone]
    assert "Renard" not in {item.values.get("contacts:Surname") for item in ews.mine.items.values()}


@pytest.mark.parametrize("body", [b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><x>&e;</x>", b"<x", b"<x/>"])
def test_what_is_no_request_is_refused_and_no_entity_is_read(body: bytes) -> None:
    headers = {"Content-Type": "text/xml", "Authorization": "Basic Y2FtaWxsZTpTw6lzYW1lIDc="}
    with EwsEmulator(one_exchange()) as unwatched:
        told = send(unwatched.url, body, headers)
    assert told.status == 500
    assert told.codes[0] in {"ErrorSchemaValidation", "ErrorInvalidRequest"}
