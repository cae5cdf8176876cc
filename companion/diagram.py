"""Draw the workflow into a Markdown file, between its markers: `make diagram`."""

from __future__ import annotations

import sys
from pathlib import Path

from companion.workflow import diagram

BEGIN, END = "<!-- workflow: drawn by make diagram -->", "<!-- end of workflow -->"


def drawn(text: str) -> str:
    """Give the document with the present diagram in it."""
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n```mermaid\n{diagram().strip()}\n```\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(drawn(path.read_text(encoding="utf-8")), encoding="utf-8")
