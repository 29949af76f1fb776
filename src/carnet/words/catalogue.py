"""What is this sentence, number or date called in the reader's language?"""

from __future__ import annotations

import datetime as dt
import gettext
import io
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta, get_timezone
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES = ("fr", "en")
_LOCALES = {"fr": Locale("fr"), "en": Locale("en", "GB")}


def msgid(text: str) -> str:
    """Mark a sentence for translation where it stands in a table; it is translated where it is shown."""
    return text


def negotiate(wanted: str | None) -> str:
    """The language of an Accept-Language header or of LANG ("fr_CH.UTF-8"): the first of ours by weight, else English."""
    weighed = []
    for position, item in enumerate((wanted or "").split(",")):
        tag, _, weight = item.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), position, tag.split(".")[0].replace("_", "-")))
        except ValueError:
            continue
    for minus_weight, _, tag in sorted(weighed):
        found = negotiate_locale([tag], LANGUAGES, sep="-")
        if found and minus_weight < 0:
            return found
    return "en"


@cache
def _translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, made in memory from its .po file; English stands in the source."""
    if language == "en":
        return gettext.NullTranslations()
    source = files("carnet.words").joinpath("locale", language, "LC_MESSAGES", "carnet.po")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Words:
    """Sentences, numbers, dates and plurals of one language ("fr" or "en")."""

    def __init__(self, language: str) -> None:
        """Speak that language; an unknown one is English."""
        self.language = language if language in LANGUAGES else "en"
        self.locale = _LOCALES[self.language]
        self._catalogue = _translations(self.language)

    def t(self, message: str, /, **values: object) -> str:
        """The sentence, its `{placeholders}` filled; numbers are written as the language writes them."""
        if not message:
            return ""
        return self._fill(self._catalogue.gettext(message), values)

    def n(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """The sentence for that number; `{n}` is the number."""
        return self._fill(self._catalogue.ngettext(singular, plural, n), {"n": n, **values})

    def _fill(self, text: str, values: dict[str, object]) -> str:
        if not values:
            return text
        shown = {key: self.number(value) if isinstance(value, int) else value for key, value in values.items()}
        return text.format(**shown)

    def number(self, value: float) -> str:
        """12,345 or 12 345."""
        return format_decimal(value, locale=self.locale)

    def percent(self, share: float) -> str:
        """A share of 1, without decimals."""
        return format_percent(share, locale=self.locale)

    def date(self, day: dt.date) -> str:
        """24 November 2026."""
        return format_date(day, "long", locale=self.locale)

    def day(self, day: dt.date) -> str:
        """24 November, where the year is not known."""
        return format_skeleton("MMMMd", day, locale=self.locale)

    def datetime(self, moment: dt.datetime, zone: str | None = None) -> str:
        """Date and time in that zone, the computer's own by default."""
        return format_datetime(moment, "medium", tzinfo=get_timezone(zone), locale=self.locale)

    def duration(self, seconds: float) -> str:
        """About how long, in one unit."""
        return format_timedelta(dt.timedelta(seconds=max(1, round(seconds))), threshold=1.5, locale=self.locale)

    def listed(self, items: Sequence[str]) -> str:
        """A, B and C."""
        return format_list(list(items), locale=self.locale)
