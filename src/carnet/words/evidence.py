"""Why may a card and a CRM record be the same, or why not?"""

from __future__ import annotations

from carnet.model.match import Evidence
from carnet.words.catalogue import Words, msgid
from carnet.words.fields import field_label

EVIDENCE = {
    "tracked_by_app": msgid("Tracked by Dynamics 365 App for Outlook as this record already"),
    "tracked_elsewhere": msgid("Tracked by Dynamics 365 App for Outlook in another organisation"),
    "tracked_and_gone": msgid("Tracked by Dynamics 365 App for Outlook as a record that was deleted, or that you may not see"),
    "same_email": msgid("Same e-mail address: {email}"),
    "shared_email": msgid("Same shared address: {email}"),
    "same_name": msgid("Same name: {theirs}"),
    "nickname": msgid("Short form of one name: {ours} and {theirs}"),
    "similar_name": msgid("Similar name: {ours} and {theirs}"),
    "other_name": msgid("Another name: {ours}, not {theirs}"),
    "other_surname": msgid("Same given name, another last name: {ours} and {theirs}"),
    "other_given": msgid("The given names are not quite the same: {ours} and {theirs}"),
    "frequent_name": msgid("Frequent name: {count} contacts of the CRM are called so"),
    "same_phone": msgid("Same phone number: {phone}"),
    "main_phone": msgid("Same phone number, but only one side has an extension: {phone}"),
    "other_extension": msgid("Same phone number with another extension: {phone}"),
    "same_birthday": msgid("Same birthday: {theirs}"),
    "other_birthday": msgid("Another birthday: {ours}, not {theirs}"),
    "same_company": msgid("Same company: {company}"),
    "similar_company": msgid("Similar company: {ours} and {theirs}"),
    "same_domain": msgid("Same e-mail domain: {domain}"),
    "same_core": msgid("The same name without its organisation type: {core}"),
    "account_site": msgid("{domain} is the site of the account {account}"),
    "colleagues_linked": msgid("Colleagues are in the CRM under {account}"),
    "duplicate_rule": msgid("Duplicate rule: {rule}"),
    "created_meanwhile": msgid("Added to the CRM by somebody else at the same moment"),
    "field_changed": msgid("{field}: “{before}” became “{after}”"),
    "gone": msgid("The record is no longer in the CRM"),
}


def evidence(words: Words, item: Evidence) -> str:
    """One reason in words."""
    values: dict[str, object] = dict(item.values)
    if "rule" in item.values:
        values["rule"] = words.t(item.values["rule"])
    if "field" in item.values:
        values["field"] = field_label(words, item.values["field"])
    return words.t(EVIDENCE[item.code], **values)
