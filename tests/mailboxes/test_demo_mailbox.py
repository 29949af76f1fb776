"""Does the demonstration show every case that Carnet tells apart? Read back from its file, and set against its CRM."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from carnet.core.mapping import to_crm
from carnet.core.normalise import fold, is_free_mail, is_role_address
from carnet.flows.group import Grouping, group
from carnet.flows.plan import Planned, plan
from carnet.flows.read import read
from carnet.flows.seed import seed
from carnet.mailboxes.pst import open_mailbox
from carnet.model.account import RecordKind
from carnet.model.choices import Choices
from carnet.model.contact import Contact, Record
from carnet.model.decision import QuestionKind
from carnet.model.folder import Folder
from carnet.model.group import NONE_KEY, Colour, Mode
from carnet.model.match import Confidence
from carnet.model.reading import ContactList, HeldBackReason, Page
from carnet.ports.mailbox import OpenOptions
from carnet.testing.demo_crm import DEMO_ACCOUNTS, DEMO_CONTACTS, demo_rows
from carnet.testing.demo_mailbox import write_demo
from flows.rehearsal import ME, rehearse


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The demonstration's mailbox as read, its groups in each mode and its plan."""

    folders: tuple[Folder, ...]
    pages: tuple[Page, ...]
    groupings: dict[Mode, Grouping]
    planned: Planned

    @property
    def records(self) -> list[Record]:
        return [record for page in self.pages for record in page.records]

    @property
    def contacts(self) -> list[Contact]:
        return [record.contact for record in self.records]

    def named(self, name: str) -> list[Contact]:
        return [contact for contact in self.contacts if contact.get("full_name") == name]

    def one(self, name: str) -> Contact:
        (contact,) = self.named(name)
        return contact

    def confidence(self, name: str) -> set[Confidence]:
        ids = [record.id for record in self.records if record.contact.get("full_name") == name]
        return {self.groupings[Mode.COMPANY].confidence.get(id_, Confidence.NONE) for id_ in ids}

    def colours(self, mode: Mode = Mode.COMPANY) -> dict[str, Colour]:
        return {each.title: each.coverage.colour for each in self.groupings[mode].groups}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home = tmp_path_factory.mktemp("demo")
    write_demo(home / "demo.pst")
    world = rehearse(home).world
    mailbox = open_mailbox(home / "demo.pst", OpenOptions())
    try:
        seed(world, user=ME.id, source="demo", rows=demo_rows())
        folders = mailbox.folders()
        reading = read(world, mailbox, user=ME.id, source="demo.pst", digest="").id
        yield Demo(
            folders=folders,
            pages=tuple(page for folder in folders for page in mailbox.read(folder.id)),
            groupings={mode: group(world, user=ME.id, reading=reading, choices=Choices(mode=mode)) for mode in Mode},
            planned=plan(world, user=ME.id, reading=reading, choices=Choices()),
        )
    finally:
        mailbox.close()
        world.store.close()


def test_the_file_is_the_same_every_time(tmp_path: Path) -> None:
    digests = []
    for name in ("a.pst", "b.pst"):
        write_demo(tmp_path / name)
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_about_four_hundred_people_are_in_it(demo: Demo) -> None:
    assert 380 <= len(demo.records) <= 420
    assert sum(folder.count for folder in demo.folders) == len(demo.records) + 4
    assert not any(page.skipped for page in demo.pages)


def test_folders_have_subfolders_and_the_default_is_found(demo: Demo) -> None:
    assert [(folder.path, folder.is_default) for folder in demo.folders] == [
        (("Contacts",), True),
        (("Contacts", "Clients"), False),
        (("Contacts", "Clients", "Salon 2025"), False),
        (("Contacts", "Fournisseurs"), False),
        (("À trier",), False),
    ]


def test_recent_and_deleted_addresses_are_not_offered(demo: Demo) -> None:
    assert not demo.named("Adresse Récente")
    assert not demo.named("Personne Supprimée")


def test_a_folder_of_another_class_that_holds_contacts_is_offered(demo: Demo) -> None:
    assert {folder.name: folder.count for folder in demo.folders}["À trier"] == 9


def test_companies_are_spelled_in_several_ways(demo: Demo) -> None:
    spelled = {contact.get("company") for contact in demo.contacts}
    assert {"Contoso", "CONTOSO", "contoso", "Contoso Ltd", "CONTOSO, Ltd."} <= spelled
    assert {"Épicerie fine Lefèvre", "EPICERIE FINE LEFEVRE"} <= spelled
    groups = {each.title: each.coverage.total for each in demo.groupings[Mode.COMPANY].groups}
    assert groups["Contoso"] > 24
    assert groups["Épicerie fine Lefèvre"] == 7
    assert groups["Contoso Ltd"] == 6


def test_all_four_colours_occur(demo: Demo) -> None:
    colours = demo.colours()
    assert colours["Fabrikam"] is Colour.GREEN
    assert colours["Contoso"] is Colour.YELLOW
    assert colours["Northwind Traders"] is Colour.RED
    assert colours["Tailspin Toys"] is Colour.NONE
    assert set(demo.colours(Mode.DOMAIN).values()) >= {Colour.GREEN, Colour.RED, Colour.NONE}


def test_a_domain_has_several_hosts(demo: Demo) -> None:
    (contoso,) = (each for each in demo.groupings[Mode.DOMAIN].groups if each.title == "contoso.com")
    assert contoso.hosts == ("contoso.com", "mail.contoso.com", "paris.contoso.com")


def test_personal_mail_stays_apart(demo: Demo) -> None:
    personal = {each.title for each in demo.groupings[Mode.DOMAIN].groups if each.personal}
    assert personal == {"gmail.com", "orange.fr", "outlook.com"}
    assert any(is_free_mail(address.rpartition("@")[2]) for contact in demo.contacts for address in contact.emails[1:])


def test_every_mode_has_contacts_without_a_value(demo: Demo) -> None:
    for grouping in demo.groupings.values():
        assert {each.key: each.coverage.total for each in grouping.groups}[NONE_KEY] > 1


def test_contacts_have_several_categories_and_are_counted_in_each(demo: Demo) -> None:
    assert max(len(contact.categories) for contact in demo.contacts) == 4
    categories = demo.groupings[Mode.CATEGORY]
    assert categories.memberships > categories.contacts
    assert {each.title for each in categories.groups} >= {"Client", "Fournisseur", "Prospect", "VIP", "Presse", "Salon 2025"}


LATER = {QuestionKind.CONFLICT, QuestionKind.COMPANIES, QuestionKind.CHANGED, QuestionKind.TRACKED}


@pytest.mark.parametrize("kind", [kind for kind in QuestionKind if kind not in LATER])
def test_every_kind_of_question_occurs(demo: Demo, kind: QuestionKind) -> None:
    """Conflicting groups come of what a person chooses, changed records of what happens after the plan.

    What Microsoft's own app tracks stands in tests/flows/test_marks. A person whose cards name two companies stands in tests/flows/test_twins.
    """
    assert any(question.kind is kind for question in demo.planned.plan.questions)


def test_two_accounts_of_one_name_are_a_question(demo: Demo) -> None:
    assert Counter(row["name"] for row in DEMO_ACCOUNTS)["Adventure Works"] == 2
    assert accounts_in_question(demo) >= {"Adventure Works"}


def test_an_account_equal_only_without_its_form_is_a_question(demo: Demo) -> None:
    assert accounts_in_question(demo) >= {"Contoso Ltd", "CONTOSO, Ltd.", "Müller & Söhne GmbH", "Boulangerie Martin SARL"}


def accounts_in_question(demo: Demo) -> set[str]:
    return {question.about for question in demo.planned.plan.questions if question.kind is QuestionKind.ACCOUNT}


def test_some_companies_are_missing_from_the_crm(demo: Demo) -> None:
    missing = {each.title for each in demo.planned.plan.missing_accounts}
    assert missing >= {"Tailspin Toys", "Trey Research"}
    assert not missing & {row["name"] for row in DEMO_ACCOUNTS}


def test_a_company_with_an_account_and_nobody_in_it_has_a_link_and_no_colour(demo: Demo) -> None:
    (importers,) = (each for each in demo.groupings[Mode.COMPANY].groups if each.title == "Wide World Importers")
    assert importers.account
    assert importers.coverage.colour is Colour.NONE


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("Hélène d'Halluin", Confidence.CERTAIN),
        ("Claire Vasseur-Fontenay", Confidence.CERTAIN),
        ("Gaspard Toussaint", Confidence.CERTAIN),
        ("Nadia Benali", Confidence.LIKELY),
        ("Pauline Marchal", Confidence.LIKELY),
        ("Sam Rivers", Confidence.DOUBTFUL),
        ("Thibault Lenoir", Confidence.NONE),
    ],
)
def test_matches_of_every_confidence_occur(demo: Demo, name: str, confidence: Confidence) -> None:
    assert demo.confidence(name) == {confidence}


def test_a_name_differs_from_the_crm_s_by_case_accents_and_spaces_alone(demo: Demo) -> None:
    theirs = {fold(f"{row.get('given_name')} {row.get('surname')}") for row in DEMO_CONTACTS}
    assert fold(demo.one("Hélène d'Halluin").get("full_name")) in theirs


def test_an_address_conflicts_with_the_crm_s_name(demo: Demo) -> None:
    (row,) = (row for row in DEMO_CONTACTS if row.get("email1") == demo.one("Pauline Marchal").get("email1"))
    assert row["surname"] == "Lemaire"


def test_namesakes_work_in_one_company(demo: Demo) -> None:
    first, second = demo.named("Jean Martin")
    assert first.get("company") == second.get("company") == "Contoso"
    assert first.emails != second.emails


def test_a_desk_s_address_alone_is_never_certain(demo: Demo) -> None:
    assert is_role_address(demo.one("Inès Roche").emails[0])
    assert Confidence.CERTAIN not in demo.confidence("Inès Roche")


def test_a_company_card_names_a_company_and_no_person(demo: Demo) -> None:
    card = next(contact for contact in demo.contacts if contact.get("company") == "School of Fine Art")
    assert not card.get("surname")
    assert not card.get("given_name")


def test_cards_have_neither_name_nor_company(demo: Demo) -> None:
    nameless = [contact for contact in demo.contacts if not contact.get("full_name") and not contact.get("company")]
    assert [sorted(contact.values) for contact in nameless] == [["email1"], ["mobile_phone", "notes"]]


def test_a_person_has_a_phone_only(demo: Demo) -> None:
    assert set(demo.one("Maurice Perret").values) == {"full_name", "given_name", "surname", "mobile_phone"}


def test_a_phone_number_is_doubled(demo: Demo) -> None:
    phone = demo.one("Odile Bastien").get("home_phone")
    assert phone[: len(phone) // 2] * 2 == phone


@pytest.mark.parametrize(("name", "key"), [("Solange Berthier", "job_title"), ("Thibault Lenoir", "notes")])
def test_a_value_is_too_long_for_the_crm(demo: Demo, name: str, key: str) -> None:
    assert key in repr(to_crm(demo.one(name)).too_long)


def test_private_personal_and_confidential_contacts_stay_behind(demo: Demo) -> None:
    reasons = Counter(held.reason for page in demo.pages for held in page.held_back)
    assert reasons == {HeldBackReason.PRIVATE: 2, HeldBackReason.PERSONAL: 1, HeldBackReason.CONFIDENTIAL: 1}
    assert not any(name in repr(demo.pages) for name in ("Docteur Secret", "Tante", "Source Confidentielle", "Ami Discret"))


def test_contact_groups_are_counted(demo: Demo) -> None:
    lists: list[ContactList] = [each for page in demo.pages for each in page.lists]
    assert [(each.name, each.members) for each in lists] == [
        ("Comité de direction", 3),
        ("Partenaires", 2),
        ("Exhibitors 2025", 1),
    ]


def test_exchange_addresses_are_resolved_but_for_one(demo: Demo) -> None:
    assert demo.one("Rachid Amrani").emails == ("rachid.amrani@contoso.com",)
    assert demo.one("Lena Hoffmann").emails == ("lena.hoffmann@contoso.com",)
    assert demo.one("Victor Blanc").emails == ()
    assert len(demo.one("Victor Blanc").unresolved) == 1
    assert [repair.code for page in demo.pages for repair in page.repairs].count("ex_unresolved") == 1


def test_photos_are_there(demo: Demo) -> None:
    photos = [contact.extras["photo"] for contact in demo.contacts if "photo" in contact.extras]
    assert len(set(photos)) >= 5


def test_names_have_a_reading_umlauts_or_a_maiden_name(demo: Demo) -> None:
    hanako = demo.one("花子 田中")
    assert (hanako.get("yomi_given_name"), hanako.get("yomi_surname")) == ("ハナコ", "タナカ")
    assert demo.one("Jürgen Großmann").get("surname") == "Großmann"
    assert "née Fontenay" in demo.one("Claire Vasseur-Fontenay").extras["file_as"]
    assert demo.one("Zoë Ångström").get("company") == "VanArsdel"


def test_one_person_fills_most_fields(demo: Demo) -> None:
    isabelle = demo.one("Isabelle Grandjean")
    assert len(isabelle.emails) == 3
    assert {"birthday", "anniversary", "spouse", "children", "home_street", "web_page"} <= set(isabelle.values)
    assert demo.one("Émile Chastain").get("birthday") == "--02-29"


def test_a_card_was_pasted_into_a_second_folder(demo: Demo) -> None:
    first, second = (record for record in demo.records if record.contact.get("full_name") == "Marius Duclos")
    assert first.folder != second.folder
    assert second.id == f"{first.id}~2"


def test_only_made_up_domains_are_used(demo: Demo) -> None:
    microsoft = {
        *("contoso.com", "fabrikam.com", "northwindtraders.com", "litware.com", "wideworldimporters.com", "adventure-works.com"),
        *("alpineskihouse.com", "tailspintoys.com", "treyresearch.net", "proseware.com", "relecloud.com", "vanarsdelltd.com"),
        *("woodgrovebank.com", "lucernepublishing.com", "cohowinery.com", "fourthcoffee.com"),
    }
    domains = {each.title for each in demo.groupings[Mode.DOMAIN].groups if each.title and not each.personal}
    assert {domain for domain in domains - microsoft if not domain.endswith(".example")} == set()


def test_an_account_and_a_contact_of_the_crm_are_inactive() -> None:
    assert any(row.get("active") == "no" for row in DEMO_ACCOUNTS)
    assert any(row.get("active") == "no" for row in DEMO_CONTACTS)


def test_the_crm_s_rows_make_as_many_records(tmp_path: Path) -> None:
    rehearsal = rehearse(tmp_path)
    seed(rehearsal.world, user=ME.id, source="demo", rows=demo_rows())
    assert len(rehearsal.accounts()) == len(DEMO_ACCOUNTS)
    assert len(rehearsal.contacts()) == len(DEMO_CONTACTS)
    found, _ = rehearsal.world.crm.search(RecordKind.CONTACT, "Gaspard")
    assert [each.active for each in found] == [False]
    rehearsal.world.store.close()
