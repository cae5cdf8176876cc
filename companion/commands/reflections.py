"""The commands about what a person chose to keep."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any
from uuid import uuid4

import click

from companion.domain import Reflection, ReflectionKind
from companion.errors import CompanionError
from companion.settings import load_settings


@click.group()
def reflections() -> None:
    """What you chose to keep: list, keep, forget, export, import."""


@reflections.command("list")
def list_reflections() -> None:
    """List every reflection, oldest first."""
    companion, person = _own()
    for kept in companion.memory.reflections(person):
        stays = "  (never leaves this computer)" if kept.stays else ""
        click.echo(f"{kept.id}  {kept.kept_at:%Y-%m-%d}  {kept.kind:<10}  {kept.text}{stays}")


@reflections.command()
@click.argument("text")
@click.option("--kind", type=click.Choice([k.value for k in ReflectionKind]), default="moment")
@click.option("--stays", is_flag=True, help="Never let it leave this computer.")
def keep(text: str, kind: str, stays: bool) -> None:
    """Keep TEXT, in your own words, dated now."""
    from companion.text import checked

    companion, person = _own()
    now = companion.workflow.use.clock()
    kept = Reflection(uuid4().hex, ReflectionKind(kind), checked(text), now, stays)
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
        row |= {"date": kept.kept_at.isoformat(), "stays": kept.stays}
        click.echo(json.dumps(row, ensure_ascii=False))


@reflections.command("import")
def import_reflections() -> None:
    """Keep the reflections of a JSONL export on stdin; those already there are left as they are."""
    from companion.batch import stays_of

    companion, person = _own()
    known = {kept.id for kept in companion.memory.reflections(person)}
    added = 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            moment = datetime.fromisoformat(row["date"]).astimezone()
            kind, stays = ReflectionKind(row["kind"]), stays_of(row)
            kept = Reflection(str(row["id"]), kind, str(row["text"]), moment, stays)
        except (ValueError, KeyError, TypeError) as error:
            raise CompanionError(
                f"Line {number} is not a reflection with id, kind, text and date; "
                f"{added} were imported before it."
            ) from error
        if kept.id not in known:
            companion.memory.keep(person, kept)
            added += 1
    click.echo(f"Imported: {added}.")


def _own() -> tuple[Any, str]:
    """Give the Companion of this computer and the person's id."""
    from companion.build import build

    companion = build(load_settings())
    return companion, companion.journal.person().id
