"""A reply as it comes: the text that may be shown now, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from companion.contacts import Contacts
from companion.domain import Contact, CrisisKind, CrisisLevel
from companion.events import (
    Crisis,
    Event,
    Finished,
    Offer,
    Reading,
    Recalled,
    Replaced,
    Sentence,
    TakenOver,
)
from companion.usage import NOTHING_SPENT, Usage

DISCLOSURE = (
    "This is Companion: software, not a person and not a therapist. It can't send help by itself; "
    "if anyone is in danger, call your emergency number."
)


@dataclass
class Reply:
    """Hand it each event with `hear`. What `hear` gives, joined, is `text`.

    `first` is whether nothing was answered before; `introduce` whether the reply then begins with
    the disclosure. `country` is whose helplines are pointed out when danger cannot be ruled out.
    """

    first: bool = False
    introduce: bool = False
    country: str | None = None
    ignored: tuple[str, ...] = ()
    usage: Usage = NOTHING_SPENT
    _pieces: list[str] = field(default_factory=list)
    _withheld: list[str] = field(default_factory=list)
    _about: dict[str, Any] = field(
        default_factory=lambda: {
            "situation": None,
            "mode": None,
            "crisis": CrisisLevel.NONE.value,
            "contacts": [],
            "help_near": False,
            "recalled": [],
            "voice": "",
            "taken_over": None,
            "host": None,
            "offer": None,
        }
    )

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def about(self) -> dict[str, Any]:
        """Give what is known of the reply, as plain JSON values."""
        withheld = {"count": len(self._withheld), "reasons": list(self._withheld)}
        told = {**self._about, "withheld": withheld, "ignored": list(self.ignored)}
        return told | ({"disclosure": DISCLOSURE} if self.first else {})

    def hear(self, event: Event) -> str | None:
        """Take in an event; give the text that it adds, or None."""
        match event:
            case Crisis():
                self._about["crisis"] = event.state.level.value
                self._about["contacts"] = _listed(event.contacts)
                # Nothing stands before help.
                return self._add(in_words(event))
            case Sentence():
                introduced = self.first and self.introduce and not self._pieces
                return self._add(f"{DISCLOSURE}\n\n{event.text}" if introduced else event.text)
            case Replaced():
                self._withheld.append(event.reason)
            case Finished():
                self.usage = event.usage
                self._about |= {"voice": event.voice, "host": event.host}
            case _:
                self._note(event)
        return None

    def _note(self, event: Event) -> None:
        match event:
            case Reading():
                self._about |= {"situation": event.situation.value, "mode": event.mode.value}
                if event.help_near:
                    self._about["help_near"] = True
                    near = Contacts().of(self.country, CrisisKind.SELF)
                    self._about["contacts"] = _listed(near)
            case Recalled():
                self._about["recalled"] = [one.id for one in event.reflections]
            case TakenOver():
                self._about["taken_over"] = event.reason
            case Offer():
                self._about["offer"] = event.text
            case _:
                pass

    def _add(self, text: str) -> str:
        piece = f" {text}" if self._pieces else text
        self._pieces.append(piece)
        return piece


def in_words(crisis: Crisis) -> str:
    """Give vetted text and contacts as a text: in an emergency the contacts come first."""
    # A list, since front ends that draw Markdown would run bare lines together.
    people = "\n".join(f"- {c.name}: {c.value}  {c.hours}".rstrip() for c in crisis.contacts)
    parts = [people, crisis.text] if crisis.contacts_first else [crisis.text, people]
    return "\n\n".join(part for part in parts if part)


def _listed(contacts: Iterable[Contact]) -> list[dict[str, str]]:
    return [{"name": c.name, "how": c.how, "value": c.value, "hours": c.hours} for c in contacts]
