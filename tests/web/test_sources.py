"""Where contacts come from: files as they are uploaded, refused, confirmed, mapped and forgotten."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from carnet.bootstrap import App, build
from carnet.settings import Settings
from shared_data import shared
from web.test_wizard import ME, ZOE, draft_of, upload, vcards
from web.visitor import ORIGIN, Visitor

TABLE = "First Name,Last Name,Company,E-mail Address,Shoe Size,Motto\nZoé,Nouvelle,Nouvelle Société,zoe@nouvelle.example,38,Oser\nYan,Ancien,,yan@autre.example,,\n"


def test_an_upload_lies_on_the_disk_for_its_owner_alone(visitor: Visitor) -> None:
    upload(visitor, ZOE)
    (file,) = visitor.app.settings.uploads.iterdir()
    assert file.read_bytes() == vcards(ZOE)[1]
    assert "contacts" not in file.name
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(visitor.app.settings.uploads.stat().st_mode) == 0o700


def test_no_file_is_asked_for(visitor: Visitor) -> None:
    visitor.start().press("Suivant")
    assert visitor.page.status_code == 422
    assert "Choisissez d’abord un fichier." in visitor.text


def test_an_empty_file_is_told_so(visitor: Visitor) -> None:
    visitor.start().press("Suivant", upload=("vide.vcf", b""))
    assert "Le fichier vide.vcf est vide." in visitor.text
    assert list(visitor.app.settings.uploads.iterdir()) == []


def test_a_file_that_carnet_does_not_read_is_refused_with_what_to_do(visitor: Visitor) -> None:
    visitor.start().press("Suivant", upload=("archive.olm", b"PK\x03\x04" + b"\0" * 100))
    assert "Le fichier n’a pas pu être lu" in visitor.text
    assert "Extrayez-le d’abord" in visitor.text or "Exportez" in visitor.text or "exportez" in visitor.text
    assert visitor.press("back").at.endswith("/welcome")


def test_another_file_takes_the_place_of_the_first(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("back")
    first = draft_of(visitor).reading
    visitor.press("Suivant", change={"source": "file"}, upload=vcards(ZOE, ZOE.replace("Zoé", "Léa")))
    assert "2 contacts ont été lus" in visitor.text
    assert len(list(visitor.app.settings.uploads.iterdir())) == 1
    assert visitor.app.world.store.readings.records(first) == ()


def test_an_upload_without_its_token_leaves_nothing(visitor: Visitor) -> None:
    action = next(form.action for form in visitor.start().forms() if form.multipart)
    files = {"file": vcards(ZOE)}
    answer = visitor.client.post(action, data={"csrf": "wrong"}, files=files, headers={"origin": ORIGIN})
    assert answer.status_code == 409
    assert list(visitor.app.settings.uploads.iterdir()) == []


def test_a_form_that_breaks_off_leaves_nothing(visitor: Visitor) -> None:
    action = next(form.action for form in visitor.start().forms() if form.multipart)
    headers = {"origin": ORIGIN, "content-type": "multipart/form-data; boundary=x"}
    answer = visitor.client.post(action, content=b"--y\r\nnot a form", headers=headers)
    assert answer.status_code == 409
    assert list(visitor.app.settings.uploads.iterdir()) == []


def test_an_upload_is_kept_for_24_hours_at_most(visitor: Visitor) -> None:
    upload(visitor, ZOE)
    (file,) = visitor.app.settings.uploads.iterdir()
    old = (visitor.app.world.clock.now() - timedelta(hours=25)).timestamp()
    visitor.go("/")
    assert file.exists()
    os.utime(file, (old, old))
    visitor.go("/")
    assert not file.exists()


def test_the_file_of_the_sample_mailbox_stays_when_the_wizard_is_cancelled(visitor: Visitor) -> None:
    visitor.open_demo()
    source = Path(draft_of(visitor).source)
    visitor.press("cancel")
    assert source.is_file()


def test_columns_that_nobody_knows_are_shown_with_their_values_and_mapped_by_hand(visitor: Visitor) -> None:
    visitor.start().press("Suivant", upload=("contacts.csv", TABLE.encode()))
    assert visitor.at.endswith("/columns")
    assert "2 colonnes de contacts.csv ne sont pas connues." in visitor.text
    assert "Shoe Size 38" in visitor.text
    assert "Oser" in visitor.text
    visitor.press("next", change={"column:5": "nickname"}).settle()
    assert "2 contacts ont été lus dans contacts.csv." in visitor.text
    records = visitor.app.world.store.readings.records(draft_of(visitor).reading)
    assert {record.contact.get("nickname") for record in records} == {"Oser", ""}


def test_a_table_whose_columns_are_known_is_read_at_once(visitor: Visitor) -> None:
    table = "First Name,Last Name,E-mail Address\nZoé,Nouvelle,zoe@nouvelle.example\n"
    assert visitor.start().press("Suivant", upload=("contacts.csv", table.encode())).at.endswith("/folders")


@pytest.mark.real
def test_a_data_file_with_a_password_is_read_only_once_it_is_confirmed(visitor: Visitor) -> None:
    path = shared("data", "pst", "aspose_passwordprotectedPST.pst")
    visitor.open(path)
    assert visitor.at.endswith("/consent")
    assert "Ce fichier a un mot de passe" in visitor.text
    assert draft_of(visitor).reading == ""
    visitor.press("mine")
    assert visitor.at.endswith("/folders")


@pytest.mark.real
def test_a_real_data_file_goes_from_upload_to_summary(visitor: Visitor) -> None:
    visitor.open(shared("data", "pst", "aspose_SampleContacts.pst"))
    assert visitor.at.endswith("/folders"), visitor.text
    visitor.press("next").press("next")
    assert re.search(r"[1-9]\d* contacts? à (créer|décider)", visitor.text)
    visitor.press("add")
    assert "Résumé" in visitor.text


def test_the_first_start_asks_for_a_name_and_an_address(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new")
    settings.prepare()
    app = build(settings)
    with Visitor(app) as visitor:
        visitor.enter()
        assert visitor.at == "/start"
        assert visitor.go("/history").at == "/start"
        visitor.press("Suivant", change={"name": "", "address": "nobody"})
        assert visitor.page.status_code == 422
        assert "Indiquez votre nom et une adresse e-mail." in visitor.text
        visitor.press("Suivant", change={"name": "Zoé Nouvelle", "address": "zoe@nouvelle.example"})
        assert visitor.at == "/"
        assert "zoe@nouvelle.example" in visitor.text
        now: App = visitor.web.state.door.app
        assert now.world.crm.whoami().name == "Zoé Nouvelle"
        # who owns the home is its administrator, which is looked up and not kept
        me = now.world.store.people.me()
        assert me is not None
        assert replace(me, administrator=True) == now.world.crm.whoami()
        assert now.world.crm.whoami().id != ME
        now.close()
