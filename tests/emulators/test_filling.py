"""Does a contact come out of an emulated mailbox as it was put in?"""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from carnet.mailboxes.graph.translate import contact_of
from carnet.model.contact import Contact
from carnet.model.field import FIELDS, Field, Shape
from carnet.testing.emulators.filling import extended_of, resource_of
from carnet.testing.emulators.graph_mailbox import PHONES, GraphMailbox, resource, told_by

WORD = st.text(alphabet="aéßЖ東 -'/;0", min_size=1, max_size=12).map(str.split).map(" ".join).filter(bool)
DAY = st.dates(date(1901, 1, 1), date(2030, 12, 31)).map(str).filter(lambda day: not day.startswith("1604"))


def value_of(field: Field) -> st.SearchStrategy[str]:
    if field.shape is Shape.DATE:
        return DAY | DAY.map(lambda day: f"--{day[5:]}")
    if field.shape is Shape.EMAIL:
        return WORD.map(lambda word: f"{word.replace(' ', '')}@example.com")
    if field.shape is Shape.LINES:
        return st.lists(WORD, min_size=1, max_size=3).map("\n".join)
    return st.lists(WORD, min_size=1, max_size=3).map(", ".join) if field.key == "children" else WORD


CONTACTS = st.builds(
    Contact,
    values=st.fixed_dictionaries({}, optional={field.key: value_of(field) for field in FIELDS}),
    categories=st.lists(WORD, max_size=3, unique=True).map(tuple),
    extras=st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("prefix", "initials", "file_as", "im_address"), WORD),
            "mailing_address": st.sampled_from(["home", "business", "other"]),
        },
    ),
    more_emails=st.lists(WORD.map(lambda word: f"{word.replace(' ', '')}@example.org"), max_size=2).map(tuple),
    unresolved=st.lists(WORD, max_size=2).map(tuple),
)


@given(CONTACTS)
def test_what_is_put_in_comes_out_as_it_was(contact: Contact) -> None:
    mailbox = GraphMailbox("me")
    made = mailbox.add_contact(extended=extended_of(contact), **{"displayName": "made up", **resource_of(contact)})
    item = mailbox.items[made]
    shown = resource(item, immutable=True) | {"displayName": contact.get("full_name")}
    told = {name: told_by(item, name) for name in (*item.extended, *PHONES)}
    shown["singleValueExtendedProperties"] = [{"id": name, "value": value} for name, value in told.items() if value]

    assert contact_of(shown) == contact
