"""What is a company called without the type of its organisation: Acme for Acme S.A.R.L., 東芝 for 株式会社東芝?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from carnet.core.normalise import fold

_TYPES_BY_COUNTRY = {
    "US": "inc|incorporated|corp|corporation|co|company|companies|llc|llp|lllp|lp|pllc|pc|limited liability company|na"
    "|joint stock company|open joint stock company|public joint stock company|closed joint stock company|jsc|ojsc|pjsc|cjsc"
    "|company limited",
    "GB": "ltd|limited|plc|unlimited|cic|public limited company|private limited|private limited company|in liquidation"
    "|in administration",
    "IE": "dac|clg|uc|designated activity company",
    "FR": "sa|sas|sasu|sarl|eurl|sci|scop|scic|sca|snc|gie|selarl|selas|selafa|scm|scp|cie|et cie|ei|eirl|societe anonyme"
    "|societe par actions simplifiee|societe par actions simplifiee unipersonnelle|societe a responsabilite limitee"
    "|societe civile immobiliere|societe en nom collectif|entreprise individuelle|association loi 1901|en liquidation",
    "DE": "ag|akg|gmbh|mbh|ggmbh|ug|ug haftungsbeschrankt|haftungsbeschrankt|kg|kgaa|ohg|gbr|ek|ekfr|ekfm|ev|eg|partg|partgmbb|se"
    "|aktiengesellschaft|kommanditgesellschaft|gesellschaft mit beschrankter haftung|kommanditgesellschaft auf aktien"
    "|offene handelsgesellschaft|eingetragener verein|in liquidation|il|stiftung & co",
    "AT": "gesmbh|ges mbh|gesellschaft mbh|eu|og|keg|oeg",
    "CH": "sagl|gmbh|sa|ag|genossenschaft|in liq",
    "BE": "sprl|bvba|srl|bv|nv|sa|scrl|cvba|asbl|vzw|comm v|snc",
    "LU": "sarl|sa rl|sarls|sarl s|sa rl s|sca|scs|scsp|sc sp|secs|soparfi",
    "NL": "bv|nv|vof|cv|besloten vennootschap|naamloze vennootschap|stichting|ua|holding bv",
    "IT": "spa|srl|srls|sas|snc|sapa|soc coop|scarl|scrl|& c|societa per azioni|societa a responsabilita limitata"
    "|a responsabilita limitata|societa a responsabilita limitata semplificata|semplificata"
    "|responsabilita limitata|in liquidazione",
    "ES": "sl|slu|sa|sau|sll|slne|scoop|sociedad limitada|sociedad anonima|sociedad anonima unipersonal"
    "|sociedad limitada unipersonal|sociedad unipersonal|unipersonal",
    "PT": "lda|ltda|sa|sgps|unipessoal|unipessoal lda|sociedade anonima|limitada|eirl",
    "BR": "ltda|eireli|me|epp|sa|mei",
    "MX": "sa de cv|s de rl de cv|sapi de cv|de cv|sab de cv|sofom|ac",
    "SE": "ab|aktiebolag|publ|ab publ|hb|kb|handelsbolag|kommanditbolag|i likvidation",
    "NO": "as|asa|ans|ks|da|aksjeselskap|allmennaksjeselskap",
    "DK": "as|aps|ivs|is|ks|ps|aktieselskab|anpartsselskab|amba|under konkurs",
    "FI": "oy|oyj|ab|ky|tmi|ry|osuuskunta|osakeyhtio|oy ab",
    "IS": "hf|ehf|ohf|sf",
    "PL": "sp zoo|sp z oo|sp k|spk|sp j|spj|spolka akcyjna|spolka z ograniczona odpowiedzialnoscia"
    "|spolka komandytowa|spolka jawna|komandytowa|jawna|psa|sa|w likwidacji|sc|sp k a|spolka cywilna",
    "CZ": "sro|s ro|as|spol sro|spol s ro|vos|ks|akciova spolecnost|v likvidaci",
    "SK": "sro|s ro|as|spol sro|v likvidacii",
    "HU": "kft|zrt|nyrt|bt|rt|kkt",
    "RO": "srl|sa|srl d|pfa|societatea cu raspundere limitata",
    "BG": "ood|eood|ad|ead|оод|еоод|ад|еад",
    "HR": "doo|dd|jdoo|d o o|obrt",
    "BALTIC": "sia|as|uab|ab|ou|mb|ii|vsi",
    "RU": "ooo|oao|zao|pao|ao|ано|ип|ооо|оао|зао|пао|ао|тоо|тов|акционерное общество|общество с ограниченной ответственностью",
    "GR": "ae|epe|ike|αε|επε|ικε|οε|εε",
    "TR": "as|anonim sirketi|ltd sti|limited sirketi|sti",
    "IL": "בעמ|בע מ",
    "IN": "pvt|pvt ltd|private limited|llp|p ltd",
    "AU": "pty|pty ltd|proprietary limited",
    "SG": "pte|pte ltd",
    "MY": "sdn bhd|bhd|sdn",
    "ID": "tbk|persero",
    "JP": "kk|gk|yk|kabushiki kaisha|kabushikigaisha|godo kaisha|yugen kaisha|co kk",
    "ZA": "pty|rf|npc|soc ltd",
    "AE": "fze|fzco|fz llc|fzc|wll|saog|psc|pjsc|qsc|ksc",
}
_AT_START = (
    "sarl|sas|sasu|eurl|sci|scop|snc|ets|etablissements|ste|societe|gie|firma|fa|ооо|зао|оао|пао|ао|ано|ип|тоо|тов|ooo|oao|zao|pao|ano"
    "|pt|uab|sia|ud|srl|jsc|ojsc|pjsc|cjsc|joint stock company|open joint stock company|limited liability company"
    "|public joint stock company|акционерное общество|общество с ограниченной ответственностью|societatea cu raspundere limitata"
)
_NAMES_AS_WELL = frozenset({"sas", "pt", "ud", "sia", "fa", "sci", "societe"})
"""Types at the start that are a name as well, or a part of one."""
_SAY_WHAT_IT_IS_TEXT = """
airline airlines automotive bank banque company consulting cruiser dynamics foundation generale global group groupe holding
hospital industries institut institute international labs limited nationale school service services software solutions systems
technologies technology telecom trucks university
"""
_SAY_WHAT_IT_IS = frozenset(_SAY_WHAT_IT_IS_TEXT.split())
"""Words that name nothing without the one before them: SAS in SAS Institute is no type."""
_EAST_ASIAN = re.compile(
    "株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|公益社団法人|一般財団法人|公益財団法人"
    r"|\(株\)|\(有\)|\(同\)|\(주\)|\(유\)|주식회사|유한회사|유한책임회사"
    "|股份有限公司|有限责任公司|有限責任公司|股份公司|有限公司|無限公司|有限合伙"
)
_INVERTED = re.compile(r"(.+),\s*(the|die|der|das|les|le|la|el|il|de|het)", re.IGNORECASE)
_INITIALS = re.compile(r"(?<![\w.])(?:\w\.){2,}\w?(?!\w)")
_SLASHED = re.compile(r"(?<!\w)(\w)/(\w)(?!\w)")
_AND = re.compile(r"[&+]")
_QUOTES = re.compile(r"['’‘`´\"«»“”„]")
_NOT_WORD = re.compile(r"[^\w&]+")
_CONNECTORS = frozenset({"and", "et", "und", "y", "e", "en", "og", "och", "i", "и", "ve", "ja", "plus"})

_UNMISTAKABLE = frozenset(
    {"inc", "ltd", "llc", "llp", "gmbh", "sarl", "eurl", "sasu", "limited", "corporation", "incorporated", "plc", "company"}
)

_Words = tuple[str, ...]


def _table(types: str) -> set[_Words]:
    return {tuple(words.split()) for words in types.split("|")}


_TYPES: frozenset[_Words] = frozenset(form for types in _TYPES_BY_COUNTRY.values() for form in _table(types))
_LONGEST = max(map(len, _TYPES))
_LEADING = frozenset(_table(_AT_START))
_SAME = (
    "ltd|limited|private limited|private limited company|company limited|pvt ltd|pte ltd|pty ltd|co ltd",
    "plc|public limited company",
    "inc|incorporated",
    "corp|corporation",
    "co|company|companies",
    "llc|limited liability company|ooo|ооо|общество с ограниченной ответственностью",
    "ag|akg|aktiengesellschaft",
    "gmbh|mbh|gesmbh|ges mbh|gesellschaft mbh|gesellschaft mit beschrankter haftung",
    "kg|kommanditgesellschaft",
    "sa|societe anonyme|sociedad anonima|sociedade anonima",
    "sas|sasu|societe par actions simplifiee|societe par actions simplifiee unipersonnelle",
    "sarl|sa rl|eurl|societe a responsabilite limitee",
    "srl|societa a responsabilita limitata|societatea cu raspundere limitata",
    "spa|societa per azioni",
    "sl|slu|sociedad limitada",
    "ab|aktiebolag|ab publ",
    "bv|besloten vennootschap",
    "nv|naamloze vennootschap",
    (
        "jsc|ojsc|pjsc|cjsc|joint stock company|open joint stock company|public joint stock company|oao|pao|zao|ao|оао|пао|зао|ао"
        "|акционерное общество"
    ),
    "sro|s ro|spol sro|spol s ro",
    "sp zoo|sp z oo|spolka z ograniczona odpowiedzialnoscia",
    "kk|kabushiki kaisha|株式会社|(株)",
)
_GROUPS: tuple[set[_Words], ...] = tuple(map(_table, _SAME))
_ONE_TYPE = {form: " ".join(min(group)) for group in _GROUPS for form in group}
"""Type → the one that stands for it and all that are written for it."""


@lru_cache(maxsize=1 << 16)
def company_core(name: str) -> str:
    """The name without its organisation type, folded; "" only for a blank name: one word is always left.

    "&", "and", "et" and "und" are one; initials are one word (A.B.C. and ABC); country words stay.
    """
    words, _ = _parted(_words(name))
    return " ".join(words) or fold(name)


@lru_cache(maxsize=1 << 16)
def organisation_types(name: str) -> frozenset[str]:
    """The types of organisation in the name, folded, each in one form ("co" and "kg"); none where it has none."""
    if found := _EAST_ASIAN.search(unicodedata.normalize("NFKC", name)):
        return frozenset({found[0]})
    _, types = _parted(_words(name))
    return frozenset(_ONE_TYPE.get(each, " ".join(each)) for each in types)


@lru_cache(maxsize=1 << 16)
def is_organisation(name: str) -> bool:
    """Whether the name ends in an organisation type written as nobody writes a surname: Acme GmbH, Acme S.A., not Luísa Sá."""
    if _EAST_ASIAN.search(unicodedata.normalize("NFKC", name)):
        return True
    last = (name.rsplit(maxsplit=1) or [""])[-1].strip(",;()")
    dotted = "." in last.strip(".")
    typed = sum(map(str.isupper, last)) > 1 and not name.isupper()
    return (dotted or typed or fold(last).strip(".") in _UNMISTAKABLE) and bool(_type_at_end(_words(name)))


def _words(name: str) -> _Words:
    text = _EAST_ASIAN.sub(" ", unicodedata.normalize("NFKC", name).strip())
    if inverted := _INVERTED.fullmatch(text.strip()):
        text = f"{inverted[2]} {inverted[1]}"
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), _QUOTES.sub("", text))
    text = _AND.sub(" & ", _SLASHED.sub(r"\1\2", text))
    words = _NOT_WORD.sub(" ", fold(text).replace("_", " ")).split()
    while len(words) > 1 and words[0] == "the":
        del words[0]
    last = len(words) - 1
    return _joined_initials("&" if word in _CONNECTORS and 0 < place < last else word for place, word in enumerate(words))


def _joined_initials(words: Iterable[str]) -> _Words:
    """Runs of single letters as one word: "s a" is "sa"."""
    joined: list[str] = []
    in_run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and in_run:
            joined[-1] += word
        else:
            joined.append(word)
        in_run = single
    return tuple(joined)


def _parted(words: _Words) -> tuple[_Words, tuple[_Words, ...]]:
    """The words without the types of organisation, and those types: at the end from the outside in, then at the start."""
    types = []
    while size := _type_at_end(words):
        types.append(words[-size:])
        words = words[:-size]
        while len(words) > 1 and words[-1] == "&":
            words = words[:-1]
    while size := _type_at_start(words):
        types.append(words[:size])
        words = words[size:]
    return words, tuple(types)


def _type_at_start(words: _Words) -> int:
    """How many words at the start are an organisation type; never all of them."""
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        if words[:size] in _LEADING:
            return 0 if words[0] in _NAMES_AS_WELL and words[size] in _SAY_WHAT_IT_IS else size
    return 0


def _type_at_end(words: _Words) -> int:
    """How many words at the end are an organisation type; never all of them."""
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        if words[-size:] in _TYPES:
            return size
    return 0
