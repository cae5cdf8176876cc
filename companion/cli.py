"""The command line. Every command explains itself with --help; an error is one sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any
from uuid import uuid4

import click

from companion import __version__
from companion.domain import Reflection, ReflectionKind
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

    \b
    With --jsonl, one conversation a line, in a memory of its own:
      {"id": 1, "turns": ["…"], "reflections": [{"id","kind","text","date"}],
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


@main.group()
def reflections() -> None:
    """What you chose to keep: list, keep, forget, export, import."""


@reflections.command("list")
def list_reflections() -> None:
    """List every reflection, oldest first."""
    companion, person = _own()
    for kept in companion.memory.reflections(person):
        click.echo(f"{kept.id}  {kept.kept_at:%Y-%m-%d}  {kept.kind:<10}  {kept.text}")


@reflections.command()
@click.argument("text")
@click.option("--kind", type=click.Choice([k.value for k in ReflectionKind]), default="moment")
def keep(text: str, kind: str) -> None:
    """Keep TEXT, in your own words, dated now."""
    from companion.text import checked

    companion, person = _own()
    now = companion.workflow.use.clock()
    kept = Reflection(uuid4().hex, ReflectionKind(kind), checked(text), now)
    companion.memory.keep(person, kept)
    click.echo(f"Kept as {kept.id}.")


@reflections.command()
@click.argument("ids", nargs=-1, required=True)
def forget(ids: tuple[str, ...]) -> None:
    """Destroy the text of these reflections for good."""
    companion, person = _own()
    known = {kept.id for kept in companion.memory.reflections(person)}
    missing = [name for name in ids if name not in known]
    if missing:
        raise CompanionError(f"There is no {missing[0]}; `companion reflections list` shows them.")
    companion.memory.forget(person, ids)
    click.echo(f"Forgotten: {len(ids)}.")


@reflections.command()
def export() -> None:
    """Write every reflection to stdout as JSONL, readable by anyone who has the file."""
    companion, person = _own()
    for kept in companion.memory.reflections(person):
        row = {"id": kept.id, "kind": kept.kind.value, "text": kept.text}
        row["date"] = kept.kept_at.isoformat()
        click.echo(json.dumps(row, ensure_ascii=False))


@reflections.command("import")
def import_reflections() -> None:
    """Keep the reflections of a JSONL export on stdin; those already there are left as they are."""
    companion, person = _own()
    known = {kept.id for kept in companion.memory.reflections(person)}
    added = 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            moment = datetime.fromisoformat(row["date"]).astimezone()
            kept = Reflection(str(row["id"]), ReflectionKind(row["kind"]), str(row["text"]), moment)
        except (ValueError, KeyError, TypeError) as error:
            raise CompanionError(
                f"Line {number} is not a reflection with id, kind, text and date; "
                f"{added} were imported before it."
            ) from error
        if kept.id not in known:
            companion.memory.keep(person, kept)
            added += 1
    click.echo(f"Imported: {added}.")


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
def doctor() -> None:
    """Look at everything this needs and say what is wrong and what to do."""
    from companion.doctor import examine

    findings = examine(load_settings())
    for finding in findings:
        click.echo(f"{finding.mark:<5} {finding.about}: {finding.said}")
    raise SystemExit(int(any(finding.mark == "wrong" for finding in findings)))


def _own() -> tuple[Any, str]:
    """Give the Companion of this computer and the person's id."""
    from companion.build import build

    companion = build(load_settings())
    return companion, companion.journal.person().id


def _batch(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    from companion import batch

    raise SystemExit(int(batch.run(sys.stdin, sys.stdout, answer) > 0))


if __name__ == "__main__":
    main()
