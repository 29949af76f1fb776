"""Does the embedded CRM keep the promises of the port, and those of its own?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from carnet.crms.embedded import EmbeddedCrm, open_crm
from carnet.crms.embedded.tables import activity, activity_party, metadata
from carnet.crms.embedded.tables import contact as contact_table
from carnet.crms.rules import LENGTHS
from carnet.database import Database
from carnet.model.account import CrmUser, Dependents, Parent, RecordKind
from carnet.model.change import Operation, Outcome, Write
from carnet.ports.clock import Clock
from carnet.testing.crm_suite import ACCOUNT, CONTACT, CrmSuite, account, contact, delete, held, id_of, one, seen, update
from carnet.testing.duplicates_suite import DuplicatesSuite
from carnet.testing.snapshot_suite import SnapshotSuite

PARTS = ("city", "state", "postcode", "country", "po_box")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "carnet.db"


@pytest.fixture
def crm(file: Path, me: CrmUser, clock: Clock) -> Iterator[EmbeddedCrm]:
    opened = open_crm(file, user=me, clock=clock)
    yield opened
    opened.close()


class TestEmbeddedCrm(CrmSuite):
    """Every promise, on a file."""


class TestEmbeddedSnapshots(SnapshotSuite):
    """Every promise about snapshots, on a file."""


class TestEmbeddedDuplicates(DuplicatesSuite):
    """Every promise about duplicates, on a file."""


@pytest.mark.usefixtures("crm")
def test_the_migrations_add_up_to_the_tables(file: Path) -> None:
    database = Database(file)
    options = {"version_table": "alembic_version_embedded", "compare_type": True}
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    database.close()


def test_what_was_written_is_there_after_reopening(file: Path, crm: EmbeddedCrm, clock: Clock) -> None:
    one(crm, contact("Durand"))
    cursor = seen(crm)[2]
    crm.close()
    again = open_crm(file, user=crm.whoami(), clock=clock)
    assert held(again, "Durand").name == "Durand"
    assert one(again, contact("Aubert")).version != held(again, "Durand").version
    assert set(seen(again, cursor)[0]) == {id_of("Aubert")}
    again.close()


def test_another_process_that_comes_and_goes_leaves_the_file_whole(file: Path, crm: EmbeddedCrm, clock: Clock) -> None:
    """A door that opens the file again drops no lock of this process: what another one writes and leaves is not overwritten."""
    one(crm, contact("Aubert"))
    again = open_crm(file, user=crm.whoami(), clock=clock)
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('UPDATE contact SET jobtitle = 1'); c.commit()"
    subprocess.run([sys.executable, "-c", f"{script}; c.close()", str(file)], check=True)
    again.apply([contact(f"Durand{number}") for number in range(50)])
    again.close()
    database = Database(file)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    database.close()
    assert file.with_name(f"{file.name}-wal").exists()
    assert crm.search(CONTACT, "")[1] == 51


def test_a_street_lies_in_three_columns_and_comes_back_in_lines(file: Path, crm: EmbeddedCrm) -> None:
    one(crm, contact("Durand", business_street="Bâtiment B\n3e étage\n12 rue de la Paix\nBP 4", home_street="1 rue X"))
    with Database(file).read() as connection:
        row = connection.execute(sa.select(contact_table)).mappings().one()
    assert [row[f"address1_line{number}"] for number in (1, 2, 3)] == ["Bâtiment B", "3e étage", "12 rue de la Paix, BP 4"]
    assert [row[f"address2_line{number}"] for number in (1, 2, 3)] == ["1 rue X", "", ""]
    assert held(crm, "Durand").values["business_street"] == "Bâtiment B\n3e étage\n12 rue de la Paix, BP 4"
    assert held(crm, "Durand").values["home_street"] == "1 rue X"


def test_a_street_written_again_as_it_was_changes_nothing(crm: EmbeddedCrm) -> None:
    one(crm, contact("Durand", business_street="a\nb\nc\nd"))
    assert one(crm, update("Durand", business_street="a\nb\nc\nd")).outcome is Outcome.ALREADY


def test_a_record_can_be_made_inactive_and_is_still_found(crm: EmbeddedCrm) -> None:
    one(crm, contact("Durand", active="0"))
    assert not held(crm, "Durand").active
    assert crm.search(CONTACT, "durand")[1] == 1
    receipt = one(crm, update("Durand", active="1"))
    assert (receipt.outcome, receipt.before) == (Outcome.DONE, {"active": "0"})
    assert held(crm, "Durand").active
    assert one(crm, update("Durand", active="maybe")).code == "bad_value"


def test_a_date_is_a_date(crm: EmbeddedCrm) -> None:
    assert one(crm, contact("Aubert", birthday="1970-02-28")).outcome is Outcome.DONE
    assert one(crm, contact("Bernard", birthday="--02-29")).outcome is Outcome.DONE
    assert one(crm, contact("Colin", birthday="28/02/1970")).code == "bad_value"


def test_an_account_can_belong_to_an_account_but_not_to_a_contact(crm: EmbeddedCrm) -> None:
    one(crm, account("Contoso"))
    one(crm, contact("Durand"))
    above = Parent(kind=ACCOUNT, id=id_of("Contoso"))
    child = Write(operation=Operation.CREATE, kind=ACCOUNT, id=id_of("Fabrikam"), values={"name": "Fabrikam"}, parent=above)
    assert one(crm, child).outcome is Outcome.DONE
    assert crm.dependents(ACCOUNT, [id_of("Contoso")]) == {id_of("Contoso"): Dependents(children=1)}
    wrong = Write(
        operation=Operation.UPDATE,
        kind=ACCOUNT,
        id=id_of("Fabrikam"),
        parent=Parent(kind=CONTACT, id=id_of("Durand")),
        sets_parent=True,
    )
    assert one(crm, wrong).code == "unknown_parent"
    assert one(crm, delete(ACCOUNT, "Contoso")).code == "has_children"


def test_owners_are_users_of_the_crm(crm: EmbeddedCrm, me: CrmUser) -> None:
    somebody = CrmUser(id="8b3c2a10-0000-4000-8000-000000000002", name="Alex", address="alex@carnet.example")
    theirs = Write(operation=Operation.CREATE, kind=CONTACT, id="1", values={"surname": "Durand"}, owner=somebody.id)
    assert one(crm, theirs).code == "unknown_owner"
    crm.introduce(somebody)
    assert one(crm, theirs).outcome is Outcome.DONE
    assert crm.get(CONTACT, ["1"])["1"].owner == somebody.id
    assert crm.users() == (somebody, me)


def test_nobody_can_read_but_owns_nothing(file: Path, crm: EmbeddedCrm, clock: Clock) -> None:
    one(crm, contact("Durand"))
    nobody = open_crm(file, user=CrmUser(id="", name="", address=""), clock=clock)
    assert held(nobody, "Durand").name == "Durand"
    assert one(nobody, contact("Aubert")).code == "unknown_owner"
    assert nobody.users() == (crm.whoami(),)
    nobody.close()


def test_activities_are_counted_and_keep_a_contact(file: Path, crm: EmbeddedCrm, me: CrmUser) -> None:
    crm.apply([contact("Durand"), contact("Aubert")])
    database = Database(file)
    common = {"ownerid": me.id, "versionnumber": 0, "createdon": "", "modifiedon": ""}
    with database.write() as connection:
        about = {"regardingobjectid": id_of("Durand"), "regardingobjectidtype": "contact"}
        connection.execute(sa.insert(activity), [{"id": "mail", **about, **common}])
        connection.execute(sa.insert(activity), [{"id": "call", **common}])
        party = {"participationtypemask": 1, "partyid": id_of("Durand"), "partyidtype": "contact"}
        parties = [{"activityid": which, "position": 0, **party} for which in ("mail", "call")]
        connection.execute(sa.insert(activity_party), parties)
    database.close()
    assert crm.dependents(CONTACT, [id_of("Durand"), id_of("Aubert")]) == {id_of("Durand"): Dependents(activities=2)}
    assert one(crm, delete(CONTACT, "Durand")).code == "has_activities"


def test_a_chunk_of_creations_takes_a_handful_of_statements(crm: EmbeddedCrm) -> None:
    statements: list[str] = []
    sa.event.listen(crm._file._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    receipts = crm.apply([contact(f"Durand{number}") for number in range(crm.capabilities.chunk)])
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    assert len(statements) <= 15


def test_a_cursor_beyond_the_present_starts_from_nothing(crm: EmbeddedCrm) -> None:
    one(crm, contact("Durand"))
    for cursor in ("99", "somebody else's"):
        assert set(seen(crm, cursor)[0]) == {id_of("Durand")}


def test_an_account_keeps_every_field_it_has(crm: EmbeddedCrm) -> None:
    values = {key: "x" * (length or 0) for key, length in LENGTHS[RecordKind.ACCOUNT].items() if key != "business_street"}
    assert set(values) == {"name", "website", "email1", "business_phone", *(f"business_{part}" for part in PARTS)}
    values["business_street"] = "1 rue X\nBP 4"
    assert one(crm, Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id="1", values=values)).outcome is Outcome.DONE
    assert crm.get(RecordKind.ACCOUNT, ["1"])["1"].values == values
