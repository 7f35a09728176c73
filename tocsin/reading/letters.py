"""Letters as people leave them out: words are compared without accents and, mostly, in lower case."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ACCENTED = re.compile("[À-ɏ]")


def unaccented(text: str) -> str:
    """The text without accents on Latin letters, of the same length; other scripts stay ("ё" is written "е")."""
    if text.isascii():
        return text
    plain = _ACCENTED.sub(lambda found: unicodedata.normalize("NFD", found.group())[0], text)
    return plain.replace("ё", "е").replace("Ё", "Е")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text in lower case and without accents; "ß" is "ss"."""
    return unaccented(text.casefold())


def compiled(pattern: str, *, folded: bool = False) -> re.Pattern[str]:
    """A pattern to be searched in `unaccented` text (``folded``: in `fold`-ed text)."""
    plain = unaccented(pattern)
    return re.compile(plain.replace("ß", "ss")) if folded else re.compile(plain, re.IGNORECASE)
