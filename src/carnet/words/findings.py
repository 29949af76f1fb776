"""What was found in the mailbox, and what is a person told to do about it?"""

from __future__ import annotations

from carnet.model.finding import Finding, FindingKind
from carnet.words.catalogue import Words, msgid
from carnet.words.fields import field_label
from carnet.words.reasons import place
from carnet.words.spreadsheet import as_csv

TITLES = {
    FindingKind.NO_NAME: msgid("Contacts without a name"),
    FindingKind.UNREACHABLE: msgid("Contacts without e-mail and phone"),
    FindingKind.TWINS: msgid("People on several cards"),
    FindingKind.EMAIL_AS_NAME: msgid("E-mail address in a name field"),
    FindingKind.NO_ACCOUNT: msgid("Companies without an account"),
    FindingKind.VARIANTS: msgid("Companies in several spellings"),
    FindingKind.DOUBLED_PHONE: msgid("Doubled phone numbers"),
}
ADVICE = {
    FindingKind.NO_NAME: msgid("Give them a name in Outlook, or in the review; without one they are held."),
    FindingKind.UNREACHABLE: msgid("They can be added, but hardly found again: complete them in Outlook, or leave them out."),
    FindingKind.TWINS: msgid("One contact is made of the cards of one person; the review asks where it is not sure."),
    FindingKind.EMAIL_AS_NAME: msgid("Write the person's name in its place: it becomes the name in the CRM."),
    FindingKind.NO_ACCOUNT: msgid("Give company and account the same spelling, or let the run create the account."),
    FindingKind.VARIANTS: msgid("Join them on the page of the groups; Outlook itself is not changed."),
    FindingKind.DOUBLED_PHONE: msgid("Leave each number once, one in each field."),
}
_TITLES = (msgid("Finding"), msgid("Name"), msgid("Company or person"), msgid("Values"), msgid("Place"))


def values(words: Words, finding: Finding) -> str:
    """The values at fault, each with its field."""
    return " · ".join(
        words.t("{field}: {value}", field=field_label(words, key), value=value) for key, value in finding.fields.items()
    )


def findings_csv(words: Words, findings: list[Finding]) -> str:
    """The findings as a table for a spreadsheet, one line a card."""
    rows = (
        (words.t(TITLES[each.kind]), each.title, each.about, values(words, each), place(words, each.place)) for each in findings
    )
    return as_csv(words, _TITLES, rows)
