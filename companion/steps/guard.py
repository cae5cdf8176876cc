"""Guard: is this sentence fit to be shown? Every sentence is asked, whichever voice said it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from companion.domain import Mode, PastTurn, Reflection, ShamingCategory
from companion.language import other_language
from companion.own_words import echoes, of_a_life, of_its_instructions
from companion.ports import Draft, Reader, SentenceJudgement
from companion.prompts import document, lines
from companion.text import plain, without_quotations, words

_MARKUP = re.compile(
    r"!\[|\[[^\]]*\][(\[]|\w+://|\b(?:data|javascript|mailto):\S|www\.|<[a-z/!][^>]*>|```|^#{1,6}\s"
    r"|\b[\w-]+\.(?:com|org|net|io|co|app|dev|info|uk|me)\b",
    re.IGNORECASE | re.MULTILINE,
)
_PROFESSION = r"(?:therapist|doctor|psychologist|counsellor|counselor)"
_HUMAN = re.compile(
    rf"\bi(?:'m| am) (?:a |an |your )?(?:real|actual|human|person|woman|man|{_PROFESSION})\b"
    rf"|\bas (?:a|your) (?:human|{_PROFESSION})\b"
    r"|\bi (?:really |truly |do |will always )?love you\b"
    r"|\bi(?:'ll| will) (?:always|never) (?:be here|be with|stay|leave)"
    r"|\bi(?:'ve| have) (?:been there|felt that)\b"
    r"|\bwhen i was (?:young|a child|your age)\b",
    re.IGNORECASE,
)
_CLINICAL = (
    r"(?:depress\w*|anxiety disorder|bipolar|borderline|bpd|adhd|autis\w+|ocd|ptsd|c-ptsd"
    r"|narcissis\w+|psycho\w+|schizo\w+|codependen\w+|personality disorder|anorexi\w+"
    r"|bulimi\w+|delusion\w*|paranoi\w+|histrionic|hypochondri\w*|trauma response"
    r"|attachment (?:style|issues))"
)
_DIAGNOSIS = re.compile(
    r"\b(?:you(?:'re| are| have| (?:may|might|could|probably) have| seem| sound)"
    r"|this is|that's|it's|sounds like|signs? of|symptoms? of|your)"
    rf" (?:\w+ ){{0,3}}{_CLINICAL}",
    re.IGNORECASE,
)
_OVERSTEPS = re.compile(
    r"\bi promise\b|\bi(?: won't| will not|'ll never| will never| would never) tell\b"
    r"|\b(?:our|your) secret(?:'s| is) safe\b|\b\d+ ?(?:mg|mcg|ml)\b"
    r"|\bmy (?:instructions|guidelines|system prompt)\b"
    r"|\b(?:they|he|she)(?:'re| are|'s| is) (?:really )?(?:watching|following|spying on) you\b",
    re.IGNORECASE,
)
"""Secrets promised, doses named, a persecution confirmed."""
_PAST = re.compile(
    r"\b(?:you (?:once |already )?(?:told me|mentioned|said|wrote|shared|kept|described)"
    r"|last (?:time|week|month|year|night) you|the other day you|remember (?:when|how|that)"
    r"|you(?:'ve| have) (?:said|told|written|mentioned|been here|done this|shared|talked)"
    r"|earlier you|as you said|our last"
    r"|we(?:'ve| have)? (?:talked|spoken|spoke|discussed|been here)"
    r"|you(?:'ve| have) come (?:so far|a long way)|you (?:always|used to)|since we (?:first|last)"
    r"|(?:the )?last time (?:you|we)|when we (?:first|last))\b",
    re.IGNORECASE,
)
_ARGUES = re.compile(
    r"^(?:no[.,!] |that(?:'s| is) (?:not true|wrong|a lie)|you(?:'re| are) wrong|actually,"
    r"|but the truth is|look on)|\bdon't (?:feel|cry|be sad|be scared|worry)\b|\bcheer up\b",
    re.IGNORECASE,
)
_LABELS = (
    r"(?:worthless|disgusting|useless|stupid|lazy|selfish|broken|pathetic|unlovable|weak|crazy|bad"
    r"|a (?:bad|burden|failure|monster|fraud|joke|loser|waste|mess|coward|liar)|too much|nothing)"
)
_CONCEDES = re.compile(
    r"\b(?:they|he|she|your \w+) (?:(?:may|might|could|does|do|probably) )?"
    r"(?:have|has|had) a (?:good |fair )?point\b"
    r"|\b(?:they|he|she|your \w+) (?:is|are|was|were|may be|might be) right about you\b"
    r"|\b(?:you'?re|you are) right[,.:;]? (?:that )?you (?:are|were|do|did)\b"
    r"|^(?:(?:maybe|perhaps|okay|fine|yes|well|true),? )?you(?:'re| are) right[.!]*$|^you win[.!]*$"
    r"|\b(?:yes|okay|fine|maybe|perhaps|i agree|it'?s true|true)[,:]? (?:that )?you(?:'re| are) "
    rf"(?:\w+ ){{0,2}}{_LABELS}\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    """
    the a an and or but so to of in on at for with from that this it its is was were be been am are
    you your yours i my me he she they them his her their we our not no do did does have has had
    when how what who said told wrote before once day time as by up out if there here just about
    into over than then one again yesterday today earlier dated january february march april may
    june july august september october november december
    """.split()
)


@dataclass(frozen=True)
class Verdict:
    """`reason` is None when the sentence may be shown; else plain words for *Why this reply*."""

    reason: str | None = None
    category: ShamingCategory | None = None
    score: float = 0.0
    ungrounded: bool = False


def fingerprint(wording: str, context: str = "") -> str:
    """Give the exact hash by which an authored wording is known, with what it was written for."""
    return hashlib.sha256(f"{wording.strip()}{context.strip()}".encode()).hexdigest()[:16]


_SAID = {
    ShamingCategory.REVOKING: "It could sound as if others' love were taken away.",
    ShamingCategory.CONTEMPT: "It could sound like looking down on you.",
    ShamingCategory.LABELLING: "It could put a label on you.",
    ShamingCategory.PATHOLOGISING: "It could sound like a diagnosis.",
    ShamingCategory.BLAMING: "It could sound like blame.",
    ShamingCategory.CONDITIONAL_CARE: "It could sound like care on conditions.",
    ShamingCategory.COMPLIANCE: "It could sound like telling you to give in.",
    ShamingCategory.MORALISING: "It could sound like a lecture.",
    ShamingCategory.INVALIDATING: "It could sound like telling you what you feel is wrong.",
    ShamingCategory.MINIMISING: "It could make what happened smaller.",
    ShamingCategory.FORCED_POSITIVITY: "It could sound like cheering you up.",
}
_NEUTRAL = {
    "words": "“…”",
    "earlier": "“…”",
    "memory": "“…”",
    "when": "3 May",
    "speaker": "your mother",
    "speakers": "your mother’s",
}


def neutral(wording: str) -> str:
    """Give an authored wording with its slots filled by what stands for any filling."""
    for slot, filling in _NEUTRAL.items():
        wording = wording.replace(f"{{{slot}}}", filling)
    return wording


def _not_a_reply(text: str, used: str, message: str, history: Sequence[PastTurn]) -> str | None:
    """Give why a model's sentence is no reply at all, or None."""
    if other_language(used):
        return "It was not in English, which is all that can be checked."
    if of_its_instructions(text):
        return "It spoke of its instructions and not to you."
    if of_a_life(text):
        return "It spoke as if it had a life of its own."
    if echoes(text, message) or any(echoes(text, turn.message) for turn in history[-1:]):
        return "It only gave your words back."
    return None


class Guard:
    """Asks the rules first, then the reader.

    Not covered: a shaming idea spread over two sentences, languages other than English, irony.
    """

    def __init__(
        self,
        reader: Reader,
        cleared: frozenset[str] | None = None,
        audited: frozenset[str] | None = None,
    ) -> None:
        self._reader = reader
        self._cleared = frozenset(document("cleared") or ()) if cleared is None else cleared
        self._audited = lines("audited") if audited is None else audited
        self._judge_authored = lru_cache(maxsize=8192)(self._judge)

    def check(
        self,
        draft: Draft,
        message: str,
        *,
        mode: Mode | None = None,
        recalled: Sequence[Reflection] = (),
        history: Sequence[PastTurn] = (),
    ) -> Verdict:
        """Judge one sentence. `mode` None skips mode fidelity, for text of unknown stance."""
        text = plain(draft.text)
        used = plain(without_quotations(draft.text))
        if _MARKUP.search(text):
            return Verdict("It held a link, a picture or markup.")
        if draft.source is None and (reason := _not_a_reply(draft.text, used, message, history)):
            return Verdict(reason)
        if _HUMAN.search(used):
            return Verdict("It claimed to be a person.")
        if _DIAGNOSIS.search(used):
            return Verdict("It used a clinical word for you.", ShamingCategory.PATHOLOGISING, 1.0)
        if mode is Mode.OPENNESS and draft.source is None and _ARGUES.search(used):
            return Verdict("It argued with what you feel.")
        if draft.source is None and _OVERSTEPS.search(used):
            return Verdict("It promised, prescribed or confirmed what no program can.")
        if mode is not None and self.concedes(draft.text):
            return Verdict("It gave in to the reading it was meant to refuse.")
        judgement = self._judgement(draft, message)
        if judgement.category is not None:
            return Verdict(_SAID[judgement.category], judgement.category, judgement.score)
        # Authored wordings speak of this message only, or carry the reflection in their slots.
        if draft.source is None and self.ungrounded(draft.text, recalled, history, message):
            reason = "It spoke of a past it was not given."
            return Verdict(reason, score=judgement.score, ungrounded=True)
        return Verdict(score=judgement.score)

    def concedes(self, text: str) -> bool:
        """Say whether a sentence gives in, in so many words, to a shaming reading."""
        return bool(_CONCEDES.search(plain(without_quotations(text))))

    def _judgement(self, draft: Draft, message: str) -> SentenceJudgement:
        if draft.source is None:
            return self._judge(draft.text, message)
        # Authored wordings are judged as they were written, so that what a test has read and
        # cleared is what a person gets; what fills the slots is quoted, and so only mentioned.
        # What ships was judged when it shipped, by this reader: `make audit`, and a test.
        context = draft.context or ""
        if fingerprint(draft.source, context) in self._audited:
            return SentenceJudgement(None, 0.0)
        if fingerprint(draft.source) in self._cleared:
            return SentenceJudgement(None, 0.0)
        return self._judge_authored(neutral(draft.source), context)

    def _judge(self, sentence: str, message: str) -> SentenceJudgement:
        return self._reader.judge([sentence], message)[0]

    def ungrounded(
        self,
        text: str,
        recalled: Sequence[Reflection],
        history: Sequence[PastTurn],
        message: str = "",
    ) -> bool:
        """Say whether a sentence speaks of the past without resting on what it was given."""
        if not _PAST.search(plain(text)):
            return False
        given = [r.text for r in recalled] + [turn.message for turn in history] + [message]
        known = {word for source in given for word in words(source)} - _COMMON
        told = {word for word in words(_PAST.sub(" ", plain(text))) if len(word) > 2} - _COMMON
        told = {word for word in told if not word.isdigit()}
        if not told:
            return not (recalled or history)
        return len(told & known) / len(told) < 0.4
