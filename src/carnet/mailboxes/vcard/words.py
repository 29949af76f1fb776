"""Which property of a vCard goes to which field, whoever wrote the card?"""

from __future__ import annotations

FIELD_BY_PROPERTY: dict[str, str] = {
    "TITLE": "job_title",
    "NICKNAME": "nickname",
    "NOTE": "notes",
    "X-DEPARTMENT": "department",
    "X-KADDRESSBOOK-X-DEPARTMENT": "department",
    "X-MS-MANAGER": "manager_name",
    "X-MANAGER": "manager_name",
    "X-OUTLOOK-MANAGER-NAME": "manager_name",
    "X-EVOLUTION-MANAGER": "manager_name",
    "X-KADDRESSBOOK-X-MANAGERSNAME": "manager_name",
    "MANNAME": "manager_name",
    "X-MS-ASSISTANT": "assistant_name",
    "X-ASSISTANT": "assistant_name",
    "X-EVOLUTION-ASSISTANT": "assistant_name",
    "X-KADDRESSBOOK-X-ASSISTANTSNAME": "assistant_name",
    "ASSNAME": "assistant_name",
    "X-MS-SPOUSE": "spouse",
    "X-SPOUSE": "spouse",
    "X-OUTLOOK-SPOUSE-NAME": "spouse",
    "X-EVOLUTION-SPOUSE": "spouse",
    "X-KADDRESSBOOK-X-SPOUSESNAME": "spouse",
    "SPOUSNAME": "spouse",
    "X-MS-CHILD": "children",
    "X-MS-FTP": "ftp_site",
    "X-PHONETIC-FIRST-NAME": "yomi_given_name",
    "X-PHONETIC-LAST-NAME": "yomi_surname",
}

EXTRA_BY_PROPERTY: dict[str, str] = {
    "ROLE": "profession",
    "X-KADDRESSBOOK-X-PROFESSION": "profession",
    "X-PHONETIC-ORG": "yomi_company",
    "X-EVOLUTION-FILE-AS": "file_as",
    "X-OUTLOOK-INITIALS": "initials",
    "X-OUTLOOK-OFFICE-LOCATION": "office_location",
    "X-KADDRESSBOOK-X-OFFICE": "office_location",
    "OFFICE": "office_location",
    "X-MAIDENNAME": "maiden_name",
    **dict.fromkeys(
        (
            *("X-MS-IMADDRESS", "X-OUTLOOK-IM-ADDRESS", "X-KADDRESSBOOK-X-IMADDRESS", "IMPP", "X-AIM", "X-ICQ", "X-JABBER"),
            *("X-MSN", "X-SKYPE", "X-SKYPE-USERNAME", "X-YAHOO", "X-YAHOO-ID", "X-GTALK", "X-QQ"),
        ),
        "im_address",
    ),
}

FIELD_BY_DATE: dict[str, str] = {
    "BDAY": "birthday",
    "ANNIVERSARY": "anniversary",
    "X-MS-ANNIVERSARY": "anniversary",
    "X-ANNIVERSARY": "anniversary",
    "X-EVOLUTION-ANNIVERSARY": "anniversary",
    "X-KADDRESSBOOK-X-ANNIVERSARY": "anniversary",
    "X-OUTLOOK-WEDDING-ANNIVERSARY": "anniversary",
}

EMAIL_PROPERTIES = ("EMAIL", "X-OUTLOOK-EMAIL-2", "X-OUTLOOK-EMAIL-3")

FIELD_BY_RELATION: dict[str, str] = {
    "assistant": "assistant_name",
    "agent": "assistant_name",
    "manager": "manager_name",
    "spouse": "spouse",
    "partner": "spouse",
    "child": "children",
}

MEMBERS = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
KINDS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")

TECHNICAL = frozenset(
    {
        *("BEGIN", "END", "VERSION", "PRODID", "REV", "UID", "CLASS", "NAME", "PROFILE", "SOURCE", "MAILER", "ENCODING"),
        *("CLIENTPIDMAP", "METHOD", "X-MS-OL-DESIGN", "X-MS-OL-DEFAULT-POSTAL-ADDRESS", "X-MOZILLA-HTML", "X-MOZILLA-CPT"),
        *("X-ABADR", "X-ABUID", "X-ABSHOWAS", "X-RADICALE-NAME", "X-ETAG", "X-ID", "X-COUCHDB-APPLICATION-ANNOTATIONS"),
        *("X-OUTLOOK-CREATE-TIME", "X-OUTLOOK-EMAIL-FLAG", "X-OUTLOOK-EMAIL-DISPLAY", "X-OUTLOOK-EMAIL-2-DISPLAY"),
        *("X-OUTLOOK-EMAIL-3-DISPLAY", "X-KADDRESSBOOK-CRYPTOSIGNPREF", "X-KADDRESSBOOK-CRYPTOPROTOPREF"),
        *("X-KADDRESSBOOK-CRYPTOENCRYPTPREF", *KINDS, *MEMBERS),
    }
)
"""Properties that say something about the card or about a program, nothing about the person."""
