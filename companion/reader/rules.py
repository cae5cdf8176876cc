"""The few rules of the reader. They add certainty to a reading and never take any away.

Each stands for words that mean one thing whoever writes them, so that no statistical reading is
allowed to miss them. The list is not meant to grow: what it misses, the reader has to learn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from companion.domain import CrisisLevel, ShamingCategory
from companion.text import plain

_EMERGENCY = (
    r"\bi(?:'?m| am|'ll) (?:going to|gonna|about to) (?:kill|hang|shoot|drown) myself\b",
    r"\b(?:i|i've|i have|she|he|they)(?: just)? (?:took|taken|swallowed)"
    r" (?:all|the whole|every|too many) (?:(?:my|the|her|his) )?"
    r"(?:pills|tablets|meds|packet|bottle)\b",
    r"\bi (?:just )?(?:tried to|attempted to) (?:kill myself|end my life)\b(?!.*\byears? ago\b)",
    r"\b(?:he|she|they|my (?:\w+ )?\w+)(?:'s| has)? (?:hit|punched|choked|strangled|beat|kicked) me"
    r" (?:again|tonight|just now|now|today)\b",
    r"\b(?:he|she|they)(?:'s| is| are) (?:trying to|going to|gonna) kill (?:me|us)\b",
)
_CONCERN = (
    r"\b(?:want|wanna|wanted|wish) (?:to )?(?:die|be dead|kill myself|end my life|end it all)\b",
    r"\bkill(?:ing)? myself\b(?! laughing)",
    r"\b(?:suicidal|wish i was dead|wish i were dead|unalive myself|kms)\b",
    r"\bbetter off without me\b",
    r"\bi(?:'?m| am|'d be) worth (?:a (?:good )?(?:bit|lot) )?more (?:to \w+ )?"
    r"(?:dead|gone|in (?:a|the|my) (?:box|coffin|ground|grave))\b",
    r"\b(?:cut|cutting|hurt|hurting|harm|harming) myself (?:again|tonight|to|because|so)\b",
)


def certain_crisis(message: str) -> CrisisLevel:
    """Give the level that a message states in so many words."""
    text = " ".join(plain(message).casefold().split())
    if any(re.search(pattern, text) for pattern in _EMERGENCY):
        return CrisisLevel.EMERGENCY
    if any(re.search(pattern, text) for pattern in _CONCERN):
        return CrisisLevel.CONCERN
    return CrisisLevel.NONE


_LABEL = (
    r"(?:burden|failure|disgrace|monster|mistake|problem|joke|nuisance|idiot|coward|fraud|waste of"
    r" space|too much|broken|lazy|selfish|stupid|crazy|weak|worthless|disgusting|unlovable"
    r"|bad (?:mother|father|mum|mom|dad|person|friend|son|daughter))"
)
_MENTIONS = (
    rf"^you(?:'re| are) not (?:a |an )?{_LABEL}[.,!]?$",
    r"^(?:she|he|they|your \w+) (?:called|calls) you [\w' ]{1,25}\.?$",
)


def only_mentions(sentence: str) -> bool:
    """Say whether a sentence plainly refuses or reports a label: mention, not use."""
    text = plain(sentence).casefold().strip()
    return any(re.search(pattern, text) for pattern in _MENTIONS)


_NEVER_SAID: Mapping[str, ShamingCategory] = {
    "no wonder they left": ShamingCategory.REVOKING,
    "people get tired of this": ShamingCategory.REVOKING,
    "oh, poor you": ShamingCategory.CONTEMPT,
    "you're being selfish": ShamingCategory.LABELLING,
    "that's just needy": ShamingCategory.LABELLING,
    "that's your disorder talking": ShamingCategory.PATHOLOGISING,
    "you sound unstable": ShamingCategory.PATHOLOGISING,
    "you let this happen": ShamingCategory.BLAMING,
    "what did you expect": ShamingCategory.BLAMING,
    "i can be here for you if you calm down": ShamingCategory.CONDITIONAL_CARE,
    "just apologise and keep the peace": ShamingCategory.COMPLIANCE,
    "you owe them forgiveness": ShamingCategory.COMPLIANCE,
    "you should be grateful": ShamingCategory.MORALISING,
    "you need to love yourself first": ShamingCategory.MORALISING,
    "you're overreacting": ShamingCategory.INVALIDATING,
    "i'm sure she meant well": ShamingCategory.INVALIDATING,
    "it's not that bad": ShamingCategory.MINIMISING,
    "others have it worse": ShamingCategory.MINIMISING,
    "look on the bright side": ShamingCategory.FORCED_POSITIVITY,
    "everything happens for a reason": ShamingCategory.FORCED_POSITIVITY,
}
"""The table of `docs/domain.md`, word for word: what must never be said is never left to chance."""


def never_said(sentence: str) -> ShamingCategory | None:
    """Give the category of a sentence that the domain names as one never to be said."""
    text = " ".join(plain(sentence).casefold().split()).rstrip(".!?… ")
    return _NEVER_SAID.get(re.sub(r"\b(you|it|that|i) (?:are|is|am)\b", _short, text))


def _short(match: re.Match[str]) -> str:
    ending = {"you": "'re", "i": "'m"}.get(match[1], "'s")
    return match[1] + ending
