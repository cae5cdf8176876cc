"""What `companion models check` finds in each set-up that was run here, written to docs/models.md.

    python -m evals.models.setups [--address LABEL=http://127.0.0.1:8080/v1#model …]

The file in process is always tried; addresses are of servers that were started beforehand.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from companion.build import tried
from companion.connection import Connection, VoiceKind
from evals.models.proof import settings, smollm2
from evals.said import table
from training.report import write_between

DOCUMENT = Path(__file__).parents[2] / "docs" / "models.md"
MARKS = ("<!-- setups: written by evals.models.setups -->", "<!-- end of setups -->")
MARK_SAID = {"fine": "works", "note": "note", "wrong": "does not work"}


def findings(connection: Connection, file: Path) -> dict[str, str]:
    """Give what was found, by what it is about."""
    return {
        one.about: f"{MARK_SAID[one.mark]}: {one.said}" for one in tried(settings(file), connection)
    }


def as_table(found: Mapping[str, Mapping[str, str]]) -> str:
    """Give set-ups side by side, a row for each thing looked at."""
    about = dict.fromkeys(name for one in found.values() for name in one)
    rows = [(name, *(one.get(name, "") for one in found.values())) for name in about]
    return table(("", *found), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Try each set-up and write what was found.")
    parser.add_argument("--address", action="append", default=[], metavar="LABEL=ADDRESS#MODEL")
    given = parser.parse_args()
    file = smollm2()
    setups = {"a file, in process": Connection(VoiceKind.FILE, model=file.stem, path=file)}
    for one in given.address:
        label, _, place = one.partition("=")
        address, _, model = place.partition("#")
        setups[label] = Connection(VoiceKind.ADDRESS, address, model)
    found = as_table({label: findings(one, file) for label, one in setups.items()})
    print(found)
    write_between(DOCUMENT, *MARKS, found)


if __name__ == "__main__":
    main()
