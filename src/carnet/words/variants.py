"""What does a remembered answer say, and why may spellings be one company?"""

from __future__ import annotations

from carnet.flows.rules import Standing
from carnet.model.match import Confidence, Evidence
from carnet.model.rule import Rule, RuleKind
from carnet.words.catalogue import Words, msgid
from carnet.words.evidence import evidence

RULES = {
    RuleKind.VARIANTS: msgid("One company"),
    RuleKind.APART: msgid("Not one company"),
    RuleKind.NOT_SAME: msgid("Not the same person"),
}
SURE = {
    Confidence.CERTAIN: msgid("Almost certain"),
    Confidence.LIKELY: msgid("Likely"),
    Confidence.DOUBTFUL: msgid("Doubtful"),
}


def variant_evidence(words: Words, item: Evidence) -> str:
    """One reason why spellings may be one company."""
    if item.code == "colleagues_linked":
        n = int(item.values["n"])
        return words.n(
            "The CRM has {n} colleague under {account}",
            "The CRM has {n} colleagues under {account}",
            n,
            account=item.values["account"],
        )
    return evidence(words, item)


def rule_said(words: Words, rule: Rule) -> str:
    """A rule as a sentence."""
    names = words.listed([words.t("“{name}”", name=rule.labels.get(key, key)) for key in rule.members])
    if rule.kind is RuleKind.NOT_SAME:
        return words.t("{names} are not the same person.", names=names)
    if rule.kind is RuleKind.APART:
        return words.t("{names} are not one company.", names=names)
    if len(rule.members) == 1:
        return words.t("{names} is called “{name}”.", names=names, name=rule.name)
    return words.t("{names} are one company, called “{name}”.", names=names, name=rule.name)


def dropping(words: Words, stands: Standing) -> str:
    """What changes where a rule is dropped."""
    if stands.rule.kind is RuleKind.NOT_SAME:
        return words.t("They may be taken for the same person again.")
    if stands.rule.kind is RuleKind.APART:
        return words.t("They may be proposed as one company again.")
    file, spellings, contacts = stands.label, stands.effect.spellings, stands.effect.contacts
    if not file:
        return words.t("In the next file that is read, each spelling is a row of its own again.")
    if not spellings:
        return words.t("Nothing changes in {file}, which names none of them.", file=file)
    if len(spellings) == 1:
        return words.n(
            "In {file}, {n} contact is under “{name}” again.",
            "In {file}, {n} contacts are under “{name}” again.",
            contacts,
            file=file,
            name=spellings[0].title,
        )
    return words.n(
        "In {file}, {n} contact stands in {rows} rows again.",
        "In {file}, {n} contacts stand in {rows} rows again.",
        contacts,
        file=file,
        rows=len(spellings),
    )
