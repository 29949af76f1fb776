"""When do two texts mean the same: names, addresses, phone numbers, companies, domains?"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from publicsuffixlist import PublicSuffixList

from carnet.core.freemail import COMPANIES, DOMAINS, FAMILIES

_CACHE = 1 << 17

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"})
_ACCENT = re.compile("[\u0300-\u036f]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_APOSTROPHE = re.compile("['’‘`´]")
_NOT_WORD = re.compile(r"[\W_]+")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@(?:\[[0-9a-fA-F.:]+\]|[\w-]+(?:\.[\w-]+)*)")
_IN_ANGLES = re.compile(r"<([^<>]*)>")
_IP = re.compile(r"\[.*\]|\d+(?:\.\d+){3}")
_SHARED_BY_TENANTS = ("mail.onmicrosoft.com", "onmicrosoft.com", "onmicrosoft.de", "onmicrosoft.us")

_ROLE_WORDS = """
abuse accounting accounts accueil achat achats admin administratie administration administrator administrateur agence
agency ap assistance atelier billing boutique bureau buchhaltung bewerbung bookings booking careers client clients
comercial commandes commande commercial communication compta comptabilite comptable contact contacto contacts contabilita
courrier customer customercare customerservice devis direccion direction donotreply einkauf email empfang enquiries
enquiry events facturacion facturation factures feedback finance formation general gestion hello help helpdesk hostmaster
hotel hotline hr info infos information informations informatique inquiries invoice invoices investors it jobs juridique
kontakt kundenservice legal location logistique mail mailbox mailer mairie marketing media moderator news newsletter
noreply notification notifications office officemanager order orders pay payment payments personal personnel post
postmaster presse press privacy production purchasing rechnung rechnungen reception recrutement redaction rgpd relations
reservation reservations rh root sales sav secretariat secretary sekretariat service serviceclient services shop spam
standard studio subscribe support team technik technique tickets unsubscribe urgence ventas vente ventes verkauf versand
vertrieb verwaltung webmaster welcome zentrale
"""
_ROLES = frozenset(_ROLE_WORDS.split())


@lru_cache(maxsize=_CACHE)
def fold(text: str) -> str:
    """The text without case, accents, invisible marks and doubled spaces; punctuation stays. Folding twice changes nothing."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text)).casefold()
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", plain)).translate(_LETTERS)
    return " ".join(unicodedata.normalize("NFC", plain).split())


@lru_cache(maxsize=_CACHE)
def email_key(address: str) -> str:
    """The SMTP address as it is compared (no mailto:, no angle brackets, no case), or "" if it is none."""
    text = _INVISIBLE.sub("", address).strip()
    if found := _IN_ANGLES.search(text):
        text = found[1]
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    text = unicodedata.normalize("NFKC", text).strip(" \t'\"").rstrip(".,;").casefold()
    if not _ADDRESS.fullmatch(text):
        return ""
    local, _, host = text.rpartition("@")
    return f"{local}@{_readable(host)}"


def _readable(host: str) -> str:
    """The host with its xn-- labels in letters, where they can be read."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def email_host(address: str) -> str:
    """What stands after the "@", or "" if it is no SMTP address."""
    return email_key(address).rpartition("@")[2]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=_CACHE)
def registrable_domain(host: str) -> str:
    """The domain somebody registered (mail.contoso.co.uk → contoso.co.uk); the host itself where there is none."""
    name = _readable(host.strip().strip(".").casefold())
    if "." not in name or _IP.fullmatch(name):
        return name
    for shared in _SHARED_BY_TENANTS:
        if name.endswith("." + shared):
            return name.removesuffix("." + shared).rpartition(".")[2] + "." + shared.removeprefix("mail.")
    return _suffixes().privatesuffix(name) or name


@lru_cache(maxsize=_CACHE)
def is_free_mail(domain: str) -> bool:
    """Whether the domain is a mail provider's, whose addresses say nothing about an employer."""
    registered = registrable_domain(domain)
    if registered in COMPANIES:
        return False
    return registered in DOMAINS or registered.partition(".")[0] in FAMILIES


@lru_cache(maxsize=_CACHE)
def is_role_address(address: str) -> bool:
    """Whether the address is a desk's rather than a person's (info@, sales.emea@, no-reply@)."""
    local = fold(email_key(address).rpartition("@")[0])
    words = [word for word in re.split(r"[\W_\d]+", local) if word]
    return bool(words) and (words[0] in _ROLES or "".join(words) in _ROLES)


def phone_key(text: str, region: str) -> str:
    """The first number in E.164, without an extension, or "" if there is none (see `phone_numbers`)."""
    return next(iter(phone_numbers(text, region)), "").partition(_EXTENSION)[0]


def main_number(number: str) -> str:
    """The number of `phone_numbers` without its extension."""
    return number.partition(_EXTENSION)[0]


@lru_cache(maxsize=_CACHE)
def phone_numbers(text: str, region: str) -> tuple[str, ...]:
    """The numbers in E.164, an extension after "x" (+33199001234x12); `region` (FR, DE …, "" if unknown) is the country's.

    A cell may hold two numbers, and Outlook files hold values written twice over.
    """
    written = _written_once(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip())
    written = _INTERNAL.sub(r" ext. \1", written)
    if number := _parsed(written, region) or _parsed_abroad(written):
        return (number,)
    parts = [found for part in _SEVERAL.split(written) if (found := _parsed(part, region) or _parsed_abroad(part))]
    return tuple(dict.fromkeys(parts or _numbers_in(written, region)))


_SHORTEST = 6
_EXTENSION = "x"
_SEVERAL = re.compile(r"[;,/|\n]|\s(?:ou|or|oder|et|and|und)\s", re.IGNORECASE)
_INTERNAL = re.compile(r"[\s,(]*\b(?:poste|durchwahl|dw|apparat|app|nebenstelle)\b[\s.:]*(\d{1,6})\)?$", re.IGNORECASE)


def _written_once(text: str) -> str:
    """A number that is written twice over, once."""
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    digits, half = "".join(text[place] for place in places), len(places) // 2
    if half < _SHORTEST or digits[:half] != digits[-half:] or len(digits) % 2:
        return text
    start = places[half] - places[0]
    return text[:start] if text[start:].startswith(text[0]) else text[: places[half - 1] + 1]


def _parsed(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    return _e164(number)


def _e164(number: phonenumbers.PhoneNumber) -> str:
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    if len(phonenumbers.national_significant_number(number)) < _SHORTEST:
        return ""
    if len(number.extension or "") > _SHORTEST:
        return ""
    main = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{main}{_EXTENSION}{number.extension}" if number.extension else main


def _parsed_abroad(text: str) -> str:
    """A number dialled with 00, which few regions of the world but all of Europe would read."""
    return _parsed("+" + text.strip()[2:], "") if text.strip().startswith("00") else ""


def _numbers_in(text: str, region: str) -> list[str]:
    found = phonenumbers.PhoneNumberMatcher(text, region.upper() or None, leniency=phonenumbers.Leniency.POSSIBLE)
    return [key for match in found if (key := _e164(match.number))]


def company_key(name: str) -> str:
    """The company's name as it is compared: equal after compatibility forms, case, accents and spacing; nothing else."""
    return fold(name)


@lru_cache(maxsize=_CACHE)
def name_tokens(text: str) -> tuple[str, ...]:
    """The words of a person's name, folded, in their order; what stands in brackets is no part of it."""
    bare = _BRACKETED.sub(" ", text)
    return tuple(_NOT_WORD.sub(" ", _APOSTROPHE.sub("", fold(bare if bare.strip() else text))).split())
