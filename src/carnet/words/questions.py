"""What is asked about a contact, and what can be answered?"""

from __future__ import annotations

from carnet.model.decision import Option, QuestionKind
from carnet.words.catalogue import Words, msgid

KINDS = {
    QuestionKind.PERSON: msgid("Is it the same person?"),
    QuestionKind.INACTIVE: msgid("The matching CRM record is inactive. What should be done?"),
    QuestionKind.TRACKED: msgid(
        "Dynamics 365 App for Outlook tracks this contact as a record that is not here. What should be done?"
    ),
    QuestionKind.ACCOUNT: msgid("Which account is this company?"),
    QuestionKind.CONFLICT: msgid("The groups of this contact ask for different accounts. Which one?"),
    QuestionKind.COMPANY_CARD: msgid("The card names a company and no person. Add it as an account?"),
    QuestionKind.NO_NAME: msgid("The card has neither a name nor a company. What is it called?"),
    QuestionKind.DUPLICATE: msgid("The CRM takes this contact for a duplicate. What should be done?"),
    QuestionKind.TWINS: msgid("Are these cards one person?"),
    QuestionKind.COMPANIES: msgid("The cards of this person name different companies. Which one?"),
    QuestionKind.CHANGED: msgid("The contact or its CRM record changed after the review. What should be done?"),
}

_BY_KIND = {
    (QuestionKind.CONFLICT, "none"): msgid("Not Set"),
    (QuestionKind.COMPANY_CARD, "create"): msgid("Add it as a contact"),
    (QuestionKind.DUPLICATE, "create"): msgid("Create it all the same"),
    (QuestionKind.CONFLICT, "company"): msgid("Use Company Name"),
}
_OPTIONS = {
    "one": msgid("One person"),
    "different": msgid("Different persons"),
    "create": msgid("Create a new contact"),
    "skip": msgid("Do not add"),
    "again": msgid("Decide again as things are now"),
    "none": msgid("Add without account"),
}
_NAMED = {
    "company": msgid("Under {name}"),
    "link": msgid("Link to {name}"),
    "account": msgid("Under {name}"),
    "contact": msgid("Under {name}"),
}


def question_kind(words: Words, kind: QuestionKind) -> str:
    """The question itself, one sentence for each kind."""
    return words.t(KINDS[kind])


def option_label(words: Words, kind: QuestionKind, option: Option) -> str:
    """An answer in words."""
    if option.value == "new":
        return words.t("Create the account {name}", name=option.label)
    if option.value == "account":
        return words.t("Add {name} as an account", name=option.label)
    if (kind, option.value) in _BY_KIND:
        return words.t(_BY_KIND[kind, option.value])
    if option.value in _OPTIONS:
        return words.t(_OPTIONS[option.value])
    return words.t(_NAMED[option.value.partition(":")[0]], name=option.label or "…")


def bulk_label(words: Words, value: str) -> str:
    """An answer to all questions of a kind: "first" is the best suggestion of each."""
    if value == "first":
        return words.t("Take the best suggestion of each")
    if value == "new":
        return words.t("Create a new account for each")
    if value == "account":
        return words.t("Add each as an account")
    return words.t(_OPTIONS[value])
