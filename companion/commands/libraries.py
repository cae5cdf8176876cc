"""Are the libraries here the ones this version was made for? Against our own distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version

from companion.finding import Finding

DISTRIBUTION = "companion-reflective"


def libraries(required: Sequence[str] | None = None) -> Iterator[Finding]:
    """Yield a finding for each library that is missing or of another version, else one fine one.

    `required` is as in a distribution's metadata, by default our own.
    """
    try:
        from packaging.requirements import Requirement

        lines = (requires(DISTRIBUTION) or []) if required is None else required
    except ModuleNotFoundError as error:
        said = f"{error.name or DISTRIBUTION} is not installed; install Companion again."
        yield Finding("wrong", "libraries", said)
        return
    # What belongs to an extra is only needed by who asked for it.
    wanted = [one for one in map(Requirement, lines) if not one.marker or one.marker.evaluate()]
    wrong = 0
    for one in wanted:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            found = None
        if found is None or not one.specifier.contains(found, prereleases=True):
            wrong += 1
            here = f"{found} is here" if found else "it is missing"
            said = f"Companion needs {_plain(one)} and {here}; run: pip install '{_plain(one)}'"
            yield Finding("wrong", f"library {one.name}", said)
    if not wrong:
        yield Finding("fine", "libraries", f"all {len(wanted)} are as required")


def _plain(one: object) -> str:
    return str(one).partition(";")[0].strip()
