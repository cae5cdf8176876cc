"""A conversation in the terminal, kept in the same journal as the app's."""

from __future__ import annotations

from dataclasses import replace

import click

from companion.build import build
from companion.errors import BadInput
from companion.events import Crisis, Reading, Recalled, Sentence, TakenOver
from companion.prompts import document
from companion.settings import Settings


def converse(settings: Settings) -> None:
    """Read messages and print replies, sentence by sentence, until an empty line or Ctrl-D."""
    companion = build(settings)
    person = companion.journal.person()
    if settings.country and not person.country:
        person = replace(person, country=settings.country)
        companion.journal.save_person(person)
    conversation = companion.journal.start_conversation(person.id, companion.workflow.use.clock())
    click.echo(f"{' '.join(document('identity')['opening'].split())}\n")
    while True:
        try:
            text = click.prompt(">", prompt_suffix=" ", default="", show_default=False)
        except (click.Abort, EOFError):
            text = ""
        if not text.strip():
            click.echo("")
            return
        try:
            for event in companion.reply(person.id, conversation, text):
                _show(event)
        except BadInput as error:
            click.echo(str(error))
        click.echo("\n")


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
