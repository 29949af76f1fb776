"""What does a duplicate rule compare, in words?"""

from __future__ import annotations

from carnet.model.account import RecordKind
from carnet.model.duplicate_rule import ANY_EMAIL, Condition, DuplicateRule, Sameness
from carnet.words.catalogue import Words, msgid
from carnet.words.fields import field_label

KINDS = {RecordKind.ACCOUNT: msgid("Account"), RecordKind.CONTACT: msgid("Contact")}
FIRST_RULES = (
    msgid("Contacts with the same e-mail address"),
    msgid("Contacts with the same first and last name"),
    msgid("Contacts with the same mobile phone"),
    msgid("Accounts with the same name"),
    msgid("Accounts with the same website"),
)
"""The names of the rules that a CRM of ours begins with; those that a person has added are shown as they were typed."""
SAMENESS = {
    Sameness.WHOLE: msgid("the whole field"),
    Sameness.FIRST: msgid("the first characters"),
    Sameness.LAST: msgid("the last characters"),
}


def compared_field(words: Words, field: str) -> str:
    """What a condition looks at."""
    return words.t("Any e-mail address") if field == ANY_EMAIL else field_label(words, field)


def condition(words: Words, each: Condition) -> str:
    """One condition: the field, and how much of it."""
    field = compared_field(words, each.field)
    if each.sameness is Sameness.FIRST:
        return words.t("{field} (first {length} characters)", field=field, length=each.length)
    if each.sameness is Sameness.LAST:
        return words.t("{field} (last {length} characters)", field=field, length=each.length)
    return field


def options(words: Words, rule: DuplicateRule) -> list[str]:
    """What else the rule says; a single condition ignores blanks in any case."""
    single = len(rule.conditions) == 1
    said = [
        words.t("without inactive records") if rule.exclude_inactive else words.t("inactive records too"),
        words.t("capitals count") if rule.case_sensitive else words.t("capitals do not count"),
        words.t("blanks are ignored") if rule.ignore_blanks or single else words.t("two blanks are the same"),
    ]
    if rule.matching is not rule.base:
        said.append(words.t("compared with: {kind}", kind=words.t(KINDS[rule.matching])))
    return said
