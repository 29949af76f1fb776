"""How does Carnet say it, in English and in French?"""

from carnet.words.catalogue import LANGUAGES, Words, msgid, negotiate

__all__ = ["LANGUAGES", "Words", "msgid", "negotiate"]
