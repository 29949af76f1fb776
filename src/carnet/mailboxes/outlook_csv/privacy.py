"""May this row leave the file, going by its Private and Sensitivity columns?

A word that is not understood holds the row back: what cannot be read as "not private" is private.
"""

from __future__ import annotations

from collections.abc import Iterable

from carnet.mailboxes.outlook_csv.titles import fold
from carnet.model.reading import HeldBackReason

_REASONS = {
    HeldBackReason.PRIVATE: (
        "private 2 privat privé privée privato privata privado privada particular prywatne prywatny prywatna "
        "true yes y 1 x on wahr ja ein an vrai oui o activé actif vero sì s attivato attivo "
        "verdadero sí activado verdadeiro sim ativado ligado tak prawda t włączone wł sand sandt til "
        "да истина yksityinen soukromé"
    ),
    HeldBackReason.PERSONAL: "personal persönlich personnel personnelle personale personlig personligt osobiste osobisty pessoal",
    HeldBackReason.CONFIDENTIAL: (
        "confidential 3 companyconfidential vertraulich confidentiel confidentielle confidencial confidenziale riservato "
        "riservata fortrolig fortroligt poufne poufny"
    ),
}
_REASON_OF = {fold(word): reason for reason, words in _REASONS.items() for word in words.split()}
_NOT_PRIVATE_WORDS = (
    "false no n 0 off falsch nein aus faux non désactivé inactif falso disattivato disattivo desactivado não desativado "
    "desligado nie fałsz wyłączone wył falsk nej fra нет ложь"
)
_NOT_SENSITIVE_WORDS = (
    "normal 0 none normale normalne normalny normalna public öffentlich publik publique pubblico público publiczne"
)
_NOT_PRIVATE = frozenset(map(fold, _NOT_PRIVATE_WORDS.split()))
_NOT_SENSITIVE = frozenset(map(fold, _NOT_SENSITIVE_WORDS.split()))


def held_back(cells: Iterable[tuple[str, str]]) -> tuple[HeldBackReason | None, bool]:
    """Why a row stays, None where it may cross; and whether every one of its (key, text) cells was understood."""
    reasons: set[HeldBackReason] = set()
    understood = True
    for key, text in cells:
        word = fold(text)
        if not text.strip():
            continue
        if key == "sensitivity" and word == "1":
            reasons.add(HeldBackReason.PERSONAL)
        elif word in _REASON_OF:
            reasons.add(_REASON_OF[word])
        elif word not in (_NOT_PRIVATE if key == "private" else _NOT_SENSITIVE):
            reasons.add(HeldBackReason.PRIVATE)
            understood = False
    first = next((reason for reason in HeldBackReason if reason in reasons), None)
    return first, understood


def says_private(text: str) -> bool:
    """Whether this text is a word for private, personal or confidential."""
    return fold(text) in _REASON_OF
