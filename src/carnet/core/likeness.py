"""How alike are two names of companies, and what keeps them apart however alike they are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from carnet.core.organisations import company_core, organisation_types
from carnet.core.places import with_places

_GENERIC_TEXT = """
group groupe gruppe grupo gruppo holding holdings international global worldwide europe europa asia africa services service
solutions solution systems system systemes industries industry industrie enterprises enterprise entreprise consulting conseil
consultants partners partner associates technologies technology technologie technologien tech software management investments
investment capital finance financial fund trust bank banque banco banca bancorp insurance assurance energy energie engineering
construction constructions trading import export logistics logistik transport transports media marketing design studio studios
digital network networks communications communication telecom products production national federal general united royal
institute institut university universite foundation fondation stiftung association organisation corporation company centre
zentrum agency agence office bureau development real estate properties immobilier immobilien property resources
materials equipment electric electronics electronic motor motors auto automotive pharma pharmaceuticals medical health
healthcare hotel hotels restaurant restaurants foods food sons fils brothers freres de la le les du des der die das von van of
for the and
"""
_GENERIC = frozenset(_GENERIC_TEXT.split())
_LIGHT_TEXT = """
group groupe gruppe grupo gruppo holding holdings europe global worldwide de la le les du des der die das von van of for the
in at corporation company
"""
_LIGHT = frozenset(_LIGHT_TEXT.split())
_WRITTEN_OTHERWISE_TEXT = """
organization=organisation labor=labour center=centre intl=international int=international natl=national mfg=manufacturing
bros=brothers tech=technology svcs=services mgmt=management assoc=associates univ=university dept=department gov=government
govt=government one=1 two=2 three=3 four=4 fourty=40 five=5 six=6 seven=7 eight=8 nine=9 ten=10 first=1 1st=1 second=2 2nd=2
third=3 3rd=3 groupe=group gruppe=group grupo=group gruppo=group
"""
_WRITTEN_OTHERWISE = dict(pair.split("=") for pair in _WRITTEN_OTHERWISE_TEXT.split())
_ROMAN_TEXT = """
i=1 ii=2 iii=3 iv=4 v=5 vi=6 vii=7 viii=8 ix=9 x=10 xi=11 xii=12
"""
_ROMAN = dict(pair.split("=") for pair in _ROMAN_TEXT.split())
_LATIN_TEXT = """
а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e
ю=yu я=ya і=i є=e α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o
"""
_LATIN = str.maketrans(dict(pair.split("=") for pair in _LATIN_TEXT.split()))
_LOOSE_TYPES = frozenset({"co", "corp", "inc", "ltd"})
"""Types that people write for one another."""
_LOOSELY, _STRICTLY = 0.95, 0.75
_TYPE_WORDS = (
    "aktiengesellschaft",
    "gesellschaft",
    "incorporated",
    "corporation",
    "company",
    "limited",
    "liability",
    "joint",
    "stock",
)
_SHORT, _LONG = 4, 7
_ACRONYM = range(2, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A name taken apart: its words without the type, in one spelling each; which of them are places; its numbers; its type."""

    words: tuple[str, ...]
    places: frozenset[str]
    numbers: frozenset[str]
    types: frozenset[str]

    @property
    def own(self) -> tuple[str, ...]:
        """The words that name this company and few others."""
        return tuple(word for word in self.words if word not in _GENERIC and word not in self.places)


@lru_cache(maxsize=1 << 16)
def parts(name: str) -> Parts:
    """The name taken apart as it is compared."""
    raw = [word for word in company_core(name).translate(_LATIN).split() if word != "&"]
    marked = list(with_places(raw))
    words = [word if placed else _usual(word, last=at == len(marked) - 1 > 0) for at, (word, placed) in enumerate(marked)]
    return Parts(
        words=tuple(words),
        places=frozenset(word for word, placed in marked if placed),
        numbers=frozenset(word for word in words if any(map(str.isdigit, word))),
        types=organisation_types(name),
    )


def _usual(word: str, *, last: bool) -> str:
    if word in _ROMAN and (last or len(word) > 1):
        return _ROMAN[word]
    meant = (each for each in _TYPE_WORDS if len(word) >= _SHORT and OSA.distance(word, each, score_cutoff=1) <= 1)
    return _WRITTEN_OTHERWISE.get(word) or next(meant, word)


def apart(one: str, other: str) -> bool:
    """Whether numbers, places or words of their own on both sides say that these are two companies, however alike."""
    ours, theirs = parts(one), parts(other)
    if ours.numbers != theirs.numbers or ours.places != theirs.places:
        return True
    left, right = set(ours.words) - set(theirs.words), set(theirs.words) - set(ours.words)
    if not left or not right or _close("".join(sorted(left)), "".join(sorted(right))):
        return False
    if _acronym(ours.words, theirs.words) or _acronym(theirs.words, ours.words):
        return False
    return "".join(ours.words) != "".join(theirs.words) and not any(_close(a, b) for a in left for b in right)


def contains(one: str, other: str) -> bool:
    """Whether one name is the other with more words (Renault, Renault Trucks), and what they share names a company."""
    ours, theirs = parts(one), parts(other)
    shared = set(ours.words) & set(theirs.words)
    named = any(word in ours.own and len(word) >= _SHORT - 1 for word in shared)
    return named and (shared == set(ours.words) or shared == set(theirs.words))


def likeness(one: str, other: str) -> float:
    """How alike two companies are called, from 0 to 1 for the same words; the type of organisation counts a little."""
    ours, theirs = parts(one), parts(other)
    if "".join(ours.words) == "".join(theirs.words):
        score = 1.0
    else:
        score = max(_shared(ours, theirs), _acronym(ours.words, theirs.words), _acronym(theirs.words, ours.words))
    numbered = 1.0 if bool(ours.numbers) == bool(theirs.numbers) else 0.85
    return score * numbered * _same_type(ours.types, theirs.types)


def _same_type(ours: frozenset[str], theirs: frozenset[str]) -> float:
    if ours <= theirs or theirs <= ours:
        return 1.0
    return _LOOSELY if (ours - theirs) <= _LOOSE_TYPES or (theirs - ours) <= _LOOSE_TYPES else _STRICTLY


def _acronym(short: Sequence[str], long: Sequence[str]) -> float:
    if len(short) != 1 or len(short[0]) not in _ACRONYM:
        return 0.0
    initials = {"".join(word[0] for word in long), "".join(word[0] for word in long if word not in _LIGHT)}
    return 0.9 if short[0] in initials and len(long) > 1 else 0.0


def _weight(word: str, places: frozenset[str]) -> float:
    if word in _LIGHT or word in _TYPE_WORDS:
        return 0.2
    if word in places or any(map(str.isdigit, word)):
        return 1.0
    return 0.6 if word in _GENERIC else 1.0


def _shared(ours: Parts, theirs: Parts) -> float:
    """The weight of the words on both sides, a misspelt one for less, in that of all."""
    total = sum(_weight(word, ours.places) for word in ours.words) + sum(_weight(word, theirs.places) for word in theirs.words)
    left, right = list(ours.words), list(theirs.words)
    found = 0.0
    for word in ours.words:
        if word in right:
            left.remove(word)
            right.remove(word)
            found += 2 * _weight(word, ours.places)
    places = ours.places | theirs.places
    pairs = sorted(
        ((-_close(a, b), a, b) for a in left for b in right if a not in places and b not in places and _close(a, b)),
    )
    for close, a, b in pairs:
        if a in left and b in right:
            left.remove(a)
            right.remove(b)
            found += -close * (_weight(a, places) + _weight(b, places))
    if left and right and _close("".join(left), "".join(right)):
        found += sum(_weight(word, places) for word in [*left, *right]) * _close("".join(left), "".join(right))
    return found / total if total else 0.0


def _close(one: str, other: str) -> float:
    """How close two words are, 0 for more than a slip of the pen."""
    if any(map(str.isdigit, one + other)):
        return float(one == other)
    longest = max(len(one), len(other))
    allowed = 0 if longest < _SHORT else 1 if longest < _LONG else 2
    slips = OSA.distance(one, other, score_cutoff=allowed)
    return 0.0 if slips > allowed else 1.0 - slips / longest
