"""The commands about voices: which there are, whether one works, and how they compare."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from companion.errors import CompanionError, SettingsError
from companion.settings import load_settings

# What each command needs is imported when it runs: the others must not wait for it.
if TYPE_CHECKING:
    from companion.commands.comparing import Contender
    from companion.connection import Connection
    from companion.core import Companion

_VOICE = """VOICE is "embedded", the path of a .gguf file, ADDRESS#MODEL such as
http://127.0.0.1:11434/v1#llama3.2, or a name from `companion models list`."""

_KINDS = {"embedded": "built in", "file": "file", "address": "address"}


@click.group()
def models() -> None:
    """The voices that can speak: list, check, compare."""


@models.command("list")
@click.option("--nearby", is_flag=True, help="Also look for model servers on this computer.")
def list_voices(nearby: bool) -> None:
    """List the voices you configured or chose before.

    The one that speaks in the app is marked with a star.
    """
    from companion.commands.configured import configured, place

    settings = load_settings()
    mine = configured(settings)
    voices = list(mine.voices)
    if nearby:
        from companion import build

        voices = list(dict.fromkeys((*voices, *build.nearby())))
    for line in _table(voices, mine.speaking):
        click.echo(line)
    if mine.speaking != mine.wanted:
        click.echo(
            f"{mine.wanted.name or place(mine.wanted)} speaks in the app once you agree there "
            f"that words go to {mine.wanted.host}."
        )
    if nearby and len(voices) == len(mine.voices):
        click.echo("No other model server was found on this computer.")
    elif len(voices) == 1:
        click.echo("With --nearby, model servers on this computer are looked for too.")


def _table(voices: Sequence[Connection], speaking: Connection) -> Iterator[str]:
    from companion.commands.configured import goes, place

    rows = [
        ("*" if one == speaking else " ", one.name or "–", _KINDS[one.kind.value], goes(one))
        for one in voices
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for cells, one in zip(rows, voices):
        said = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths))
        yield f"{said}  {place(one)}" if one.kind.value != "embedded" else said.rstrip()


@models.command(epilog=_VOICE)
@click.argument("voice", required=False)
@click.option("--no-reading", is_flag=True, help="Do not try whether it reads messages well.")
def check(voice: str | None, no_reading: bool) -> None:
    """Try what works over VOICE and what does not. Exit code 1 if something is wrong.

    Without VOICE it is the environment's, else the one chosen in the app. Nothing you wrote is
    sent.
    """
    from companion import build
    from companion.commands.configured import configured, place, voice_named

    settings = load_settings()
    chosen = voice_named(voice, settings) if voice else configured(settings).first
    click.echo(f"Trying {place(chosen)}", err=True)
    wrong = False
    for finding in build.tried(settings, chosen, reads=not no_reading):
        click.echo(f"{finding.mark:<5} {finding.about}: {finding.said}")
        wrong = wrong or finding.mark == "wrong"
    raise SystemExit(int(wrong))


@models.command(epilog=_VOICE)
@click.argument("voices", nargs=-1, metavar="[VOICE]...")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many messages.")
@click.option("--jsonl", is_flag=True, help="One JSON object for each message and voice.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a Markdown page to FILE instead.",
)
@click.option("--yes", is_flag=True, help="Do not ask before sending the messages to a host.")
def compare(
    voices: tuple[str, ...], limit: int | None, jsonl: bool, markdown: Path | None, yes: bool
) -> None:
    """Set voices side by side on the same twelve authored messages.

    By default all that `companion models list` shows. Only what comes with Companion is sent,
    nothing of yours; before it is sent to a host you are asked.
    """
    from companion import build
    from companion.commands import side_by_side
    from companion.commands.comparing import compare as compared
    from companion.commands.comparing import messages
    from companion.commands.configured import configured, voice_named

    if markdown and not markdown.absolute().parent.is_dir():
        raise SettingsError(f"There is no folder for {markdown}; make it, or name another file.")
    settings = load_settings()
    if voices:
        named = [voice_named(voice, settings) for voice in voices]
    else:
        named = list(configured(settings).voices)
    asked, progress = messages(limit), _progress()

    # Here people look at what a model says, also at one that would not pass its trial.
    untried = settings.model_copy(update={"model_trial": False})

    def make(connection: Connection) -> Companion:
        made = build.build_in_memory(untried, connection)
        # Else the first message of the first voice would wait for what all of them need.
        build.warm(made)
        return made

    answers = compared(
        _contenders(named, len(asked), yes),
        asked,
        make,
        progress,
    )
    if jsonl:
        for row in side_by_side.as_rows(answers):
            progress("")
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    done = list(answers)
    progress("")
    if markdown:
        try:
            markdown.write_text(side_by_side.as_markdown(done), encoding="utf-8")
        except OSError as error:
            raise CompanionError(f"{markdown} could not be written ({error.strerror}).") from error
        click.echo(f"Written to {markdown}.", err=True)
        return
    click.echo(side_by_side.as_text(done, shutil.get_terminal_size().columns), nl=False)


def _contenders(connections: Sequence[Connection], count: int, yes: bool) -> list[Contender]:
    from companion.commands.comparing import Contender
    from companion.commands.configured import labelled

    answered: dict[str, bool] = {}
    contenders = []
    for connection, label in labelled(connections).items():
        host, refused = connection.host, None
        if host and host not in answered:
            answered[host] = yes or _agrees(host, count)
        if host and not answered[host]:
            refused = f"Nothing was sent to {host}, since you did not say yes."
        contenders.append(Contender(label, connection, refused))
    return contenders


def _agrees(host: str, count: int) -> bool:
    what = "one authored message" if count == 1 else f"the {count} authored messages"
    asked = f"Send {what}, and eight it is first tried on, to {host}? Nothing you wrote is sent."
    try:
        return click.confirm(asked, err=True)
    except click.Abort:
        click.echo("", err=True)
        return False


def _progress() -> Callable[[str], None]:
    """Give what writes over one line of a terminal, and a line for each step elsewhere.

    An empty text wipes the line.
    """
    if not sys.stderr.isatty():
        return lambda said: click.echo(said, err=True) if said else None
    return lambda said: click.echo(f"\r\x1b[K{said}", err=True, nl=False)
