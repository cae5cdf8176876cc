"""The command line. Every command explains itself with --help; an error is one sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import click

from companion import __version__
from companion.commands.corrections import corrections
from companion.commands.models import models
from companion.commands.reflections import reflections
from companion.commands.serve import serve
from companion.errors import CompanionError, SettingsError
from companion.settings import load_settings


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CompanionError as error:
            click.echo(str(error), err=True)
            ctx.exit(2 if isinstance(error, SettingsError) else 1)
        except BrokenPipeError:
            ctx.exit(0)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="companion")
def main() -> None:
    """A reflective companion for people who live with shame.

    It runs on this computer alone, with no key and no account. Start with `companion app`, or stay
    in the terminal with `companion talk`.
    """


@main.command()
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def app(no_browser: bool) -> None:
    """Open the app in the browser, on 127.0.0.1 only.

    Another port: COMPANION_PORT=8600 companion app
    """
    from companion.launch import launch

    raise SystemExit(launch(load_settings(), open_browser=not no_browser))


@main.command()
@click.option("--jsonl", is_flag=True, help="Conversations on stdin, replies on stdout.")
def talk(jsonl: bool) -> None:
    """Talk in the terminal; an empty line or Ctrl-D ends it.

    The voice is the one the environment names, else the one you chose in the app.

    \b
    With --jsonl, one conversation a line, in a memory of its own:
      {"id": 1, "turns": ["…"], "reflections": [{"id","kind","text","date","stays"}],
       "country": "IE", "now": "2026-03-09"}
    """
    from companion import batch
    from companion.terminal import converse

    if jsonl:
        _batch(batch.talking(load_settings()))
    converse(load_settings())


@main.command()
@click.argument("text", required=False)
def read(text: str | None) -> None:
    """Say which situation a TEXT is; without TEXT, read JSONL from stdin.

    \b
    A line:  {"id": 1, "text": "…", "history": [{"role": "user", "text": "…"}]}
    """
    from companion import batch
    from companion.reader import EmbeddedReader

    answer = batch.reading(EmbeddedReader())
    if text is None:
        _batch(answer)
    click.echo(json.dumps(answer({"text": text}), ensure_ascii=False, indent=2))


@main.command()
@click.argument("reply", required=False)
@click.option("--user", default="", help="The message that the reply answers.")
def check(reply: str | None, user: str) -> None:
    """Say whether a REPLY shames; without REPLY, read JSONL from stdin. Exit code 1 if it does.

    \b
    A line:  {"id": 1, "reply": "…", "user": "…", "reflections": [{"id","text","date"}]}
    """
    from companion import batch
    from companion.reader import EmbeddedReader
    from companion.steps.guard import Guard

    answer = batch.checking(Guard(EmbeddedReader()))
    if reply is None:
        _batch(answer)
    result = answer({"reply": reply, "user": user})
    click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    raise SystemExit(int(result["shames"]))


@main.command("eval", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def evaluate(options: tuple[str, ...]) -> None:
    """Run the evaluations and hold them to their floors (extra `evals`, in a checkout)."""
    found = entry_points(group="companion.evals")
    try:
        runner: Callable[[list[str]], int] = next(iter(found)).load()
    except (StopIteration, ModuleNotFoundError) as error:
        raise SettingsError("No evaluations here; in a checkout run `make evals`.") from error
    raise SystemExit(runner(list(options)))


@main.command()
@click.argument("country", required=False)
def contacts(country: str | None) -> None:
    """Show people to reach in a COUNTRY (a code such as IE), or where to find them."""
    from companion.contacts import Contacts
    from companion.domain import CrisisKind

    chosen = (country or load_settings().country or "").upper()
    for contact in Contacts().of(chosen, CrisisKind.SELF):
        click.echo(f"{contact.name}: {contact.value}  {contact.hours}".rstrip())


@main.command()
@click.option("--offline", is_flag=True, help="Do not try the voices you configured.")
def doctor(offline: bool) -> None:
    """Look at everything this needs and say what is wrong and what to do. Exit code 1 if so.

    The voices you configured are tried; nothing you wrote is sent.
    """
    from companion.doctor import examine

    wrong = False
    for finding in examine(load_settings(), offline=offline):
        click.echo(f"{finding.mark:<5} {finding.about}: {finding.said}")
        wrong = wrong or finding.mark == "wrong"
    raise SystemExit(int(wrong))


main.add_command(corrections)
main.add_command(models)
main.add_command(reflections)
main.add_command(serve)


def _batch(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    from companion import batch

    raise SystemExit(int(batch.run(sys.stdin, sys.stdout, answer) > 0))


if __name__ == "__main__":
    main()
