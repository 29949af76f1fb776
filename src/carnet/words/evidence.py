"""Why may a card and a CRM record be the same, or why not?"""

from __future__ import annotations

from carnet.model.match import Evidence
from carnet.words.catalogue import Words, msgid
from carnet.words.fields import field_label

EVIDENCE = {
    "same_email": msgid("Same e-mail address: {email}"),
    "shared_email": msgid("Same shared address: {email}"),
    "same_name": msgid("Same name: {theirs}"),
    "similar_name": msgid("Similar name: {ours} and {theirs}"),
    "other_name": msgid("Another name: {ours}, not {theirs}"),
    "same_phone": msgid("Same phone number: {phone}"),
    "same_company": msgid("Same company: {company}"),
    "same_domain": msgid("Same e-mail domain: {domain}"),
    "field_changed": msgid("{field}: “{before}” became “{after}”"),
    "gone": msgid("The record is no longer in the CRM"),
}


def evidence(words: Words, item: Evidence) -> str:
    """One reason in words."""
    values: dict[str, object] = dict(item.values)
    if "field" in item.values:
        values["field"] = field_label(words, item.values["field"])
    return words.t(EVIDENCE[item.code], **values)
