"""Is a message in a language the companion does not read? Then danger cannot be ruled out."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from companion.text import plain, words

CERTAIN = 0.97
"""Probability from which another language is believed, whatever English words there are."""
LIKELY = 0.6
"""The same for a message without any of the commonest English words."""

_COMMONEST = frozenset(
    """
    the a an i i'm im i've it it's is was are am be been to of in on at for with and but or so if my
    me you your he she they we his her their this that what why how who when not no don't dont can't
    cant do did does have has had just like all up out about from because as there than then will
    would could should really still one get got
    """.split()
)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def other_language(message: str) -> str | None:
    """Give the ISO 639-1 code of a message that is not English, "und" if unknown, or None."""
    letters = [c for c in message if c.isalpha()]
    said = words(message)
    if len(letters) < 4:
        return None
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters) / len(letters)
    if latin >= 0.5 and len(said) < 4:
        return None
    code, certainty = _identifier().classify(plain(message).replace("\n", " "))
    if latin < 0.5:
        return str(code) if code != "en" else "und"
    english = sum(word in _COMMONEST for word in said) / len(said)
    if code == "en" or english > 0.3:
        return None
    return str(code) if certainty >= (LIKELY if english < 0.15 else CERTAIN) else None
