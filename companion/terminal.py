"""A conversation in the terminal, kept in the same journal as the app's."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import click

from companion.build import build, speaking_through, warm
from companion.choosing import chosen, speaking
from companion.connection import EMBEDDED
from companion.core import Companion
from companion.errors import BadInput, SettingsError
from companion.events import Crisis, Reading, Recalled, Sentence, TakenOver
from companion.prompts import document
from companion.settings import Settings
from companion.sitting import reminders


def converse(settings: Settings) -> None:
    """Read messages and print replies, sentence by sentence, until an empty line or Ctrl-D.

    The voice is the environment's, else the one chosen in the app, once words may go there.
    """
    companion = _opened(settings)
    # While the person reads the opening and writes.
    Thread(target=warm, args=(companion,), daemon=True).start()
    try:
        _converse(companion, settings)
    finally:
        if companion.retire:
            companion.retire()


def _opened(settings: Settings) -> Companion:
    if settings.connection != EMBEDDED:
        return build(settings)
    companion = build(settings, connection=EMBEDDED)
    person = companion.journal.person()
    wanted, voice = chosen(person, EMBEDDED), speaking(person, EMBEDDED)
    if wanted != voice:
        _quietly(
            f"{wanted.name} speaks once you agree in the app that words go to {wanted.host}; "
            "until then the built-in voice does."
        )
    if voice == EMBEDDED:
        return companion
    try:
        return speaking_through(companion, settings, voice)
    except SettingsError as error:
        _quietly(f"{error} The built-in voice speaks.")
        return companion


def _converse(companion: Companion, settings: Settings) -> None:
    person = companion.journal.person()
    if settings.country and not person.country:
        person = replace(person, country=settings.country)
        companion.journal.save_person(person)
    conversation = companion.journal.start_conversation(person.id, companion.workflow.use.clock())
    click.echo(f"{' '.join(document('identity')['opening'].split())}\n")
    if host := companion.workflow.use.voice.host:
        click.echo(f"Words go to {host}.\n")
    while True:
        try:
            text = click.prompt(">", prompt_suffix=" ", default="", show_default=False)
        except (click.Abort, EOFError):
            text = ""
        if not text.strip():
            click.echo("")
            return
        _remind(companion, conversation)
        try:
            for event in companion.reply(person.id, conversation, text):
                _show(event)
        except BadInput as error:
            click.echo(str(error))
        click.echo("\n")


def _remind(companion: Companion, conversation: str) -> None:
    """Say again what this is where a message comes three hours into one sitting."""
    asked = [turn.asked_at for turn in companion.journal.turns(conversation)]
    places = reminders(asked, companion.workflow.use.clock())
    if len(asked) in places:
        lines = document("identity")["reminder"]
        _quietly(lines[(len(places) - 1) % len(lines)])


def _quietly(said: str) -> None:
    click.echo(click.style(f"({said})", dim=True))


def _show(event: object) -> None:
    match event:
        case Crisis():
            lines = [f"  {c.name}: {c.value}  {c.hours}".rstrip() for c in event.contacts]
            parts = [event.text, "\n".join(lines)]
            click.echo("\n\n".join(reversed(parts) if event.contacts_first else parts))
        case Reading(help_near=True):
            click.echo(click.style("(People you can reach: companion contacts)", dim=True))
        case Recalled(reflections=kept) if kept:
            click.echo(click.style(f"(from what you kept on {kept[0].kept_at:%d %B %Y})", dim=True))
        case Sentence():
            click.echo(event.text + " ", nl=False)
        case TakenOver():
            click.echo(click.style(f"\n({event.reason} The built-in voice goes on.)", dim=True))
        case _:
            pass
