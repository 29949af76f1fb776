"""Can the store and the embedded CRM share one file, and travel in one backup?"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from carnet.crms import embedded
from carnet.database import Database
from carnet.errors import Refused
from carnet.model.account import CrmUser
from carnet.ports.clock import Clock
from carnet.store import SqlStore, backup, open_store, restore
from carnet.testing.crm_suite import contact, held, one

ME = CrmUser(id="camille", name="Camille Martin", address="camille@carnet.example")


def test_store_and_crm_share_a_file_and_a_backup(file: Path, store: SqlStore, clock: Clock) -> None:
    crm = embedded.open_crm(file, user=ME, clock=clock)
    store.people.introduce(ME)
    one(crm, contact("Durand"))
    target = file.with_name("carnet.bak")
    backup(file, target)
    one(crm, contact("Aubert"))
    store.people.introduce(CrmUser(id="alex", name="Alex", address=""))
    restore(target, file, others=[embedded.BRANCH])
    assert store.people.me() == ME
    assert held(crm, "Durand").name == "Durand"
    assert crm.search(held(crm, "Durand").kind, "")[1] == 1
    crm.close()


def test_a_backup_with_a_newer_crm_is_refused(file: Path, store: SqlStore, clock: Clock) -> None:
    embedded.open_crm(file, user=ME, clock=clock).close()
    database = Database(file)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version_embedded SET version_num = '9999'"))
    database.close()
    target = file.with_name("carnet.bak")
    backup(file, target)
    with pytest.raises(Refused, match="newer version"):
        restore(target, file, others=[embedded.BRANCH])
    assert store.people.me() is None


@pytest.mark.parametrize("name", ["Élodie & Zoé's contacts", "100%25 #1 ?", "a;b=c"])
def test_a_folder_may_be_called_anything(tmp_path: Path, clock: Clock, name: str) -> None:
    file = tmp_path / name / "carnet.sqlite"
    store = open_store(file, clock=clock)
    crm = embedded.open_crm(file, user=ME, clock=clock)
    store.people.introduce(ME)
    backup(file, file.with_name("copy of carnet.bak"))
    assert restore(file.with_name("copy of carnet.bak"), file, others=[embedded.BRANCH]) is not None
    assert store.people.me() == ME
    crm.close()
    store.close()
