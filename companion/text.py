"""Plain text handling that several steps share: normalising, sentences, clauses, quotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from companion.domain import Span
from companion.errors import BadInput

MAX_MESSAGE = 8_000
"""Characters. Longer messages are refused with one sentence and kept in the box."""

_SAME_LENGTH = {0x2018: "'", 0x2019: "'", 0x201B: "'", 0x201C: '"', 0x201D: '"', 0x00A0: " "}
_SENTENCE_END = re.compile(r"([.!?…][\"'”’)\]]*)\s+(?=\S)|\n+")
_CLAUSE_END = re.compile(
    r"[.!?…;:,\n()\"“”]+|\s[-–—]+\s|—"
    r"|\s(?=(?:and|but|because|so|cos|cuz|bc|when|while|if|then|like|plus|except|although)\s)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"(?:(?:and|but|because|so|cos|cuz|bc|that|when|while|then|like|plus|also|well|anyway|lol|ok"
    r"|okay|i mean)\b(?!['’])\s*)+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|(?<!\w)‘[^’]*’(?!\w)|(?<!\w)'[^']{3,}'(?!\w)")
_WORD = re.compile(r"[\w'’]+")


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if ord(character) in _SAME_LENGTH:
        return _SAME_LENGTH[ord(character)]
    if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character != "\n":
        return " "
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


def plain(text: str) -> str:
    """Straighten quotes, styled letters and control characters; the length never changes."""
    return "".join(map(_plain_character, text))


def clean_message(text: str) -> str:
    """Give what is kept and read of a message: line ends unified, control characters dropped."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def checked(text: str) -> str:
    """Give the message as it will be kept. Raises BadInput when there is nothing to answer."""
    message = clean_message(text)
    if not message:
        raise BadInput("There is nothing written yet; write a few words and send them.")
    if len(message) > MAX_MESSAGE:
        raise BadInput(
            f"That is {len(message):,} characters and one message can hold {MAX_MESSAGE:,}; "
            "shorten it or send it in parts. Your text is still here."
        )
    return message


def words(text: str) -> list[str]:
    """Give the words, lower case, quotes straightened."""
    return _WORD.findall(plain(text).casefold())


def stretches(text: str, wanted: Sequence[str], shortest: int) -> list[Span]:
    """Give where `text` holds `shortest` or more words in a row of `wanted`, from left to right.

    Case, quotation marks and punctuation do not matter. `wanted` is as `words` gives it.
    """
    found = list(_WORD.finditer(plain(text)))
    said = [word.group().casefold() for word in found]
    runs = {tuple(wanted[i : i + shortest]) for i in range(len(wanted) - shortest + 1)}
    spans: list[Span] = []
    for i in range(len(said) - shortest + 1):
        if tuple(said[i : i + shortest]) not in runs:
            continue
        start, end = found[i].start(), found[i + shortest - 1].end()
        if spans and start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return spans


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))


def sentences(text: str) -> list[str]:
    """Split a reply into sentences, without their white space; none is empty."""
    pieces, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end(1) if match.group(1) else match.start()
        pieces.append(text[start:end].strip())
        start = match.end()
    return [piece for piece in [*pieces, text[start:].strip()] if piece]


def clauses(text: str) -> list[Span]:
    """Give the clauses of a message, without leading connectives; each holds a word."""
    spans, start = [], 0
    ends = [(match.start(), match.end()) for match in _CLAUSE_END.finditer(text)]
    for left, right in [*ends, (len(text), len(text))]:
        span = _trimmed(text, start, left)
        leading = _LEADING.match(text, span.start, span.end)
        if leading and leading.end() < span.end:
            span = _trimmed(text, leading.end(), span.end)
        if span.end > span.start and _WORD.search(text, span.start, span.end):
            spans.append(span)
        start = right
    return spans


def without_quotations(text: str) -> str:
    """Replace what is quoted by “…”: a quoted word is mentioned, not used."""
    return _QUOTED.sub("“…”", text)


SHORT = 6
"""Words. A shorter message is read together with the one before it."""


def in_context(message: str, before: str | None) -> str:
    """Give the text by which a message is read; the message stands at its end, length unchanged.

    "and then she called again" means little alone, so a short message brings the one before it.
    """
    if before and len(words(message)) < SHORT:
        return f"{plain(before)[-300:]}\n{plain(message)}"
    return plain(message)


_AGE = re.compile(
    r"\b(?:i'?m|i am) (?:only )?(?:9|1[0-7])\b"
    r"(?! (?:weeks|months|days|years (?:sober|clean|in|into)|stone|miles|minutes|hours|st|kg|k\b))"
    r"|\b(?:i'?m|i am) in (?:year (?:[5-9]|1[0-2])|(?:[5-9]|1[0-2])th grade)\b",
    re.IGNORECASE,
)


def sounds_under_18(message: str) -> bool:
    return bool(_AGE.search(plain(message)))
