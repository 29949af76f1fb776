"""Every list, with hundreds of rows behind it: turned, searched, and on pages of a bounded size, through the door (M02)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.draft import Draft, Step
from carnet.model.folder import Folder
from carnet.model.known import KnownMailbox
from carnet.model.reading import MailboxIdentity, Page, Reading
from carnet.model.rule import Rule, RuleKind
from web.test_extremes import LIST, many
from web.test_wizard import ME, ZOE, card, draft_of, upload
from web.visitor import Visitor

LARGEST = 200_000


def add_all(visitor: Visitor, *, missing: str = "without") -> str:
    """From the groups to the summary; its address."""
    visitor.press("next").press("save", change={"missing": missing}).press("add")
    assert visitor.at.startswith("/runs/"), visitor.text
    return visitor.at


def is_turned_and_searched(visitor: Visitor, path: str, *, found: int, query: str) -> None:
    """The list has several pages, each of its own rows, and a search that finds one of them."""
    visitor.go(path)
    first = visitor.text
    assert f"{found} lignes" in first
    assert "Page 1 sur" in first
    assert len(visitor.page.content) < LARGEST
    assert visitor.go(f"{path}?page=2").text != first
    assert "Page 2 sur" in visitor.text
    assert "1 ligne " in visitor.press("Chercher", change={"q": query}).text
    assert query in visitor.text
    assert "Rien ne porte ce nom." in visitor.press("Chercher", change={"q": "zzz"}).text


def test_every_list_of_a_summary_and_of_an_undo_is_turned_and_searched(visitor: Visitor) -> None:
    long = [f"{each[:-13]}\r\nTITLE:{'x' * 900}\r\nEND:VCARD\r\n" for each in many(210, companies=210)]
    upload(visitor, *long).press("next")
    run = add_all(visitor, missing="create")
    assert "210 comptes créés" in visitor.text
    assert "210 contacts à compléter" in visitor.text
    assert visitor.page.text.count("<li>") < 150
    assert len(visitor.page.content) < LARGEST
    is_turned_and_searched(visitor, f"{run}/lists/created", found=210, query="Société 0209")
    is_turned_and_searched(visitor, f"{run}/lists/too_long", found=210, query="Nom00209")
    assert "420 modifications sont annulées" in visitor.go(f"{run}/undo").text
    assert len(visitor.page.content) < LARGEST
    assert "Voir tout (420), et chercher" in visitor.text
    is_turned_and_searched(visitor, f"{run}/lists/taken", found=420, query="Nom00209")
    assert visitor.go(f"{run}/lists/nothing").page.status_code == 404


def test_what_was_left_without_account_is_turned_and_searched(visitor: Visitor) -> None:
    upload(visitor, *many(210, companies=210)).press("next")
    run = add_all(visitor)
    assert "210 sociétés n’ont pas de compte" in visitor.text
    is_turned_and_searched(visitor, f"{run}/lists/missing", found=210, query="Société 0209")


def test_what_an_undo_keeps_is_turned_and_searched(visitor: Visitor) -> None:
    upload(visitor, *many(210, companies=1)).press("next")
    run = add_all(visitor)
    crm = visitor.app.world.crm
    people = [each for each in crm.search(RecordKind.CONTACT, "", limit=10_000)[0] if each.name.startswith("Prénom")]
    writes = [
        Write(operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=each.id, values={"job_title": "Chef"}) for each in people
    ]
    crm.apply(writes)
    assert "210 enregistrements sont conservés" in visitor.go(f"{run}/undo").text
    is_turned_and_searched(visitor, f"{run}/lists/staying", found=210, query="Nom00209")


def test_the_history_is_turned_and_searched(visitor: Visitor) -> None:
    runs = visitor.app.world.store.runs
    (demo,) = runs.all(ME)
    for number in range(205):
        runs.save(replace(demo, number=number + 1, label=f"boîte {number:03}"))
    assert "206 exécutions" in visitor.go("/history").text
    assert "Page 1 sur 9" in visitor.text
    assert visitor.go("/history?page=9").text.count("boîte") + visitor.text.count("demo") >= 6
    assert "1 exécution " in visitor.press("Chercher", change={"q": "boite 204"}).text
    assert "Rien ne porte ce nom." in visitor.press("Chercher", change={"q": "zzz"}).text


def test_the_companies_without_account_of_a_review_are_turned_searched_and_set_on_each_page(visitor: Visitor) -> None:
    upload(visitor, *many(210, companies=210)).press("next").press("next")
    assert "210 sociétés n’ont pas de compte dans le CRM" in visitor.text
    assert len(visitor.page.content) < LARGEST
    first = re.findall(r'name="company:([^"]+)"', visitor.page.text)
    visitor.press("missing:2", change={f"company:{first[0]}": "company"})
    second = re.findall(r'name="company:([^"]+)"', visitor.page.text)
    assert len(first) == len(second) == 50
    assert not set(first) & set(second)
    visitor.press("missing:1", change={"company": "SOCIETE 0209", f"company:{second[0]}": "company"})
    assert re.findall(r'name="company:([^"]+)"', visitor.page.text) == ["societe 0209"]
    assert set(draft_of(visitor).choices.account_by_company) == {first[0], second[0]}
    assert "Rien ne porte ce nom." in visitor.press("missing:1", change={"company": "zzz"}).text
    assert "2 comptes à créer" in visitor.press("save").text


def test_the_questions_of_a_review_are_turned_and_searched_and_answered_on_every_page(visitor: Visitor) -> None:
    upload(visitor, *unnamed(210))
    visitor.press("next").press("next")
    assert "La fiche n’a ni nom ni société. Comment s’appelle-t-elle ? 210" in visitor.text
    assert len(visitor.page.content) < LARGEST
    first = re.findall(r'name="q:([^"]+)" value="skip"', visitor.page.text)
    assert len(first) == 10
    visitor.press("page:no_name:2")
    assert not set(first) & set(re.findall(r'name="q:([^"]+)" value="skip"', visitor.page.text))
    visitor.press("page::1", change={"ask": "98 02 09"})
    assert "La recherche trouve 1 question." in visitor.text
    assert "bulk:no_name" not in visitor.page.text
    assert "Rien ne porte ce nom." in visitor.press("page::1", change={"ask": "zzz"}).text
    visitor.press("page::1", change={"ask": ""}).press("bulk:no_name", change={"bulk:no_name": "skip"})
    assert "210 questions ont une réponse." in visitor.text


def unnamed(count: int) -> list[str]:
    """Cards with nothing but a number."""
    lines = (f"TEL:+33 6 39 98 {number // 100:02} {number % 100:02}" for number in range(count))
    return [f"BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:\r\n{line}\r\nEND:VCARD\r\n" for line in lines]


def test_what_stays_out_of_a_file_is_turned_and_searched(visitor: Visitor) -> None:
    groups = [LIST.replace("Liste", f"Liste {number:03}") for number in range(210)]
    upload(visitor, ZOE, *groups)
    assert "210 groupes de contacts ne sont pas ajoutés" in visitor.text
    assert "Liste 019" in visitor.text
    assert "Liste 020" not in visitor.text
    is_turned_and_searched(visitor, f"/wizard/{draft_of(visitor).id}/out/lists", found=210, query="Liste 209")


def test_the_preparation_and_the_names_since_the_last_run_are_turned_and_searched(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next").press("add").press("close")
    upload(visitor, ZOE, *many(210, companies=210)).press("next").press("next")
    base = f"/wizard/{draft_of(visitor).id}"
    assert "211 contacts." in visitor.go(f"{base}/preparation?kind=no_account").text
    assert "Page 1 sur 3" in visitor.text
    assert "1 contact." in visitor.press("Chercher", change={"q": "nom00209"}).text
    assert "Page 1 sur 3" in visitor.go(f"{base}/since?kind=new").text
    assert "Prénom00209 Nom00209" in visitor.press("Chercher", change={"q": "nom00209"}).text
    assert "Nom00001" not in visitor.text
    assert "Rien ne porte ce nom." in visitor.press("Chercher", change={"q": "zzz"}).text


def test_the_known_mailboxes_are_turned_and_searched(visitor: Visitor) -> None:
    store = visitor.app.world.store
    day = visitor.app.world.clock.now()
    for number in range(205):
        known = KnownMailbox(key=f"mailbox{number}", label=f"Boîte {number:03}", kind="vcard", seen_at=day)
        store.mailboxes.remember(ME, known, source=f"source{number}", seen=(), read=None)
    upload(visitor, ZOE)
    assert visitor.at.endswith("/mailbox")
    assert "Page 1 sur 5" in visitor.text
    assert len(re.findall(r'name="mailbox" value="mailbox\d+"', visitor.page.text)) == 50
    visitor.press("Chercher", change={"q": "boite 204"})
    assert re.findall(r'name="mailbox" value="(mailbox\d+)"', visitor.page.text) == ["mailbox204"]
    assert visitor.press("next", change={"mailbox": "mailbox204"}).at.endswith("/folders")


def test_rules_are_turned_and_searched(visitor: Visitor) -> None:
    for number in range(210):
        labels = {f"a{number}": f"Alpha {number:03}", f"b{number}": f"Beta {number:03}"}
        rule = Rule(id=f"rule{number}", kind=RuleKind.APART, members=tuple(labels), labels=labels)
        visitor.app.world.store.rules.save(ME, rule)
    assert "210 règles" in visitor.go("/rules").text
    assert "Page 1 sur 5" in visitor.text
    assert "1 règle " in visitor.press("Chercher", change={"q": "alpha 209"}).text


def test_lines_of_a_run_and_records_of_the_crm_are_turned_and_searched(visitor: Visitor) -> None:
    upload(visitor, *many(210, companies=1)).press("next")
    run = add_all(visitor)
    is_turned_and_searched(visitor, f"{run}/entries", found=210, query="Nom00209")
    assert "Page 1 sur" in visitor.go("/crm/contacts").text
    assert "1 contact dans le CRM" in visitor.press("Chercher", change={"q": "Nom00209"}).text


PEOPLE, GROUPS, WITHOUT = 5_000, 500, 2_000


def made_up(number: int) -> Record:
    """One of very many people; the first have no company."""
    values = {"given_name": f"Prénom{number:05}", "surname": f"Nom{number:05}", "email1": f"p{number}@mail{number}.example"}
    if number >= WITHOUT:
        values["company"] = f"Société {number % (GROUPS - 1):04}"
    key = SourceKey(strength=KeyStrength.SEARCH, key=f"{number:032x}")
    contact = Contact(values=values)
    return Record(id=f"record{number}", folder="c", place=str(number), keys=(key,), version=str(number), contact=contact)


@pytest.fixture
def crowded(visitor: Visitor) -> Visitor:
    """A draft over 5,000 contacts in 500 groups, 2,000 of them without a company."""
    world = visitor.app.world
    folder = Folder(id="c", name="Contacts", path=("Contacts",), count=PEOPLE, is_default=True)
    identity = MailboxIdentity(key="crowd", label="Foule", kind="vcard")
    now = world.clock.now()
    reading = Reading(
        id="crowd", user=ME, identity=identity, source="crowd", digest="", read_at=now, complete=False, folders=(folder,)
    )
    world.store.readings.start(reading)
    world.store.readings.add("crowd", "c", Page(records=tuple(map(made_up, range(PEOPLE)))))
    world.store.readings.finish("crowd")
    world.store.drafts.save(Draft(id="crowd", user=ME, created_at=now, reading="crowd", step=Step.GROUPS))
    return visitor


def test_a_crowd_is_counted_turned_and_ticked_on_pages_of_a_bounded_size(crowded: Visitor) -> None:
    crowded.go("/wizard/crowd/groups").settle(120)
    assert len(crowded.page.content) < LARGEST
    assert "5 000 contacts trouvés" in crowded.text.replace("\u202f", " ")
    assert "500 groupes sont cochés, sur 500 dans toutes les pages." in crowded.text
    assert "Page 1 sur 10" in crowded.text
    assert len(crowded.press("advanced").page.content) < LARGEST
    crowded.go("/wizard/crowd/names?key=none")
    assert len(crowded.page.content) < LARGEST
    assert "Page 1 sur 40" in crowded.text
    assert "2 000 noms sont cochés, sur 2 000" in crowded.text.replace("\u202f", " ")
    crowded.press("none").press("search", change={"q": "nom01999"}).press("all").press("groups")
    assert "3 001 contacts sont sélectionnés." in crowded.text.replace("\u202f", " ")
    crowded.press("next").settle(120)
    assert crowded.at.endswith("/review")
    assert len(crowded.page.content) < LARGEST
    assert "3 001 contacts à créer" in crowded.text.replace("\u202f", " ")
    assert "499 sociétés n’ont pas de compte" in crowded.text
    number = draft_of(crowded).run
    crowded.go(f"/runs/{number}/entries")
    assert len(crowded.page.content) < LARGEST


def test_the_names_of_people_whom_the_crm_may_have_are_a_page_of_a_bounded_size(visitor: Visitor) -> None:
    crm = visitor.app.world.crm
    for host in ("un", "deux", "trois", "quatre"):
        crm.apply(
            [
                Write(
                    operation=Operation.CREATE,
                    kind=RecordKind.CONTACT,
                    id=f"{host}{number}",
                    values={"given_name": "Camille", "surname": f"Nom{number:05}", "email1": f"c{number}@{host}.example"},
                )
                for number in range(100)
            ]
        )
    people = [card(f"Camille Nom{number:05}", "ORG:Société Une", f"NOTE:{'x' * 6000}") for number in range(100)]
    upload(visitor, *people).press("next").press("advanced")
    visitor.press(re.findall(r'value="(names:[^"]+)"', visitor.page.text)[0])
    assert visitor.page.text.count("<details>") == 50
    assert visitor.page.text.count("/crm/contacts/") >= 100
    assert len(visitor.page.content) < LARGEST
    visitor.press("groups").press("next")
    assert len(visitor.page.content) < LARGEST
    assert len(visitor.press("add").page.content) < LARGEST
    assert "100 contacts à vérifier" in visitor.text
    run = visitor.at
    is_turned_and_searched(visitor, f"{run}/lists/to_check", found=100, query="Nom00099")
    assert len(visitor.go(f"{run}/entries").page.content) < LARGEST
