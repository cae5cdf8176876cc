"""The domain in the app's plain words. No term of art reaches the page."""

from __future__ import annotations

from collections.abc import Mapping

from companion.domain import Mode, OldRule, ReflectionKind, Situation

WHAT_HAPPENED: Mapping[Situation, str] = {
    Situation.MEANING_ATTACKED: "Someone, or a voice like someone’s, put a meaning on you "
    "or stepped over a limit of yours.",
    Situation.IDENTITY_SHAMED: "Shame tried to say who you are.",
    Situation.SAFETY_MISSING: "Something you need was not there: safety, company, "
    "somebody to lean on.",
    Situation.LOVE_REVOKED: "Shame tried to take away that you are loved.",
    Situation.EVERYDAY: "An ordinary moment: news, a plan, a question, good company.",
}

SAID_BY_THE_PERSON: Mapping[Situation, str] = {
    Situation.MEANING_ATTACKED: "Someone put something on me, or overstepped",
    Situation.IDENTITY_SHAMED: "I felt ashamed of who I am",
    Situation.SAFETY_MISSING: "Something I needed was missing",
    Situation.LOVE_REVOKED: "I was afraid of losing love",
    Situation.EVERYDAY: "It was just an everyday moment",
}

WHAT_THE_REPLY_DOES: Mapping[Mode, str] = {
    Mode.BOUNDARY: "The reply closes a boundary",
    Mode.OPENNESS: "The reply stays open and keeps company",
}

OLD_RULES: Mapping[OldRule, str] = {
    OldRule.SAFETY_REQUIRES_COMPLIANCE: "To be safe, I have to give in.",
    OldRule.LOVE_CAN_BE_REVOKED: "Love can be taken away for one mistake.",
    OldRule.BOUNDARIES_MEAN_ABANDONMENT: "If I say no, I will be left.",
    OldRule.OPENNESS_INVITES_PUNISHMENT: "If I open up, it will be used against me.",
}

KINDS: Mapping[ReflectionKind, str] = {
    ReflectionKind.AUTHORSHIP: "Something I decided",
    ReflectionKind.CONNECTION: "I was held",
    ReflectionKind.MOMENT: "A moment",
}

STEPS: Mapping[str, str] = {
    "triage": "Looking for danger",
    "classify": "Reading what is happening",
    "recall": "Looking through your reflections",
    "respond": "Answering, each sentence looked at first",
    "offer": "Looking for something worth keeping",
    "first": "Until the first words",
    "total": "Altogether",
}

READERS: Mapping[str, str] = {"embedded": "the reader that comes with Companion"}
VOICES: Mapping[str, str] = {
    "embedded": "the voice that comes with Companion, on this computer",
    "vetted text": "fixed text written for such moments; no model speaks there",
}
