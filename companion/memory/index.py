"""The index on Chroma: one owner, no text, erased for good, and never opened when damaged.

Layout of its folder: `owner.lock`; `manifest.json`, there only while everything is whole; and one
folder with Chroma's files. Chroma's own delete leaves vectors behind in its files, so erasing
copies the survivors to a fresh folder and removes the old one. Opening damaged files can bring the
whole process down, so files that differ from the manifest are thrown away unopened: the journal
can always remake them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from filelock import FileLock, Timeout

from companion.errors import IndexUnavailable
from companion.memory import manifest as manifests
from companion.memory.manifest import Files, Manifest
from companion.memory.reserved import blank_reserved
from companion.ports import Entry, Hit, Vectors

if TYPE_CHECKING:
    from companion.memory.chroma import Collections

LOCK_FILE = "owner.lock"
MANIFEST_FILE = "manifest.json"
_PREFIX = "chroma-"


class ChromaIndex:
    """An Index in a folder of its own. Thread-safe; opened, and owned, from the first use on.

    Every method raises IndexUnavailable when another process owns the folder or it cannot be used.
    Damage is not an error: the index is then empty and unmarked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest_path = folder / MANIFEST_FILE
        self._lock = threading.RLock()
        # Whichever thread closes the index must be able to give the folder up.
        self._owner = FileLock(folder / LOCK_FILE, timeout=0, thread_local=False, mode=0o600)
        self._collections: Collections | None = None
        self._place = folder
        self._marks: dict[str, str] = {}
        self._files: Files = {}
        self._changed = False

    def ids(self, person: str) -> frozenset[str]:
        with self._using() as collections:
            return collections.ids(_name(person))

    def put(self, person: str, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        with self._using() as collections:
            self._about_to_change(person)
            collections.put(_name(person), entries)

    def search(self, person: str, vector: Vectors, limit: int) -> tuple[Hit, ...]:
        with self._using() as collections:
            return collections.search(_name(person), vector, limit)

    def erase(self, person: str, ids: Sequence[str]) -> None:
        """Remove entries and every byte of their vectors; costs as much as writing what is left."""
        with self._using() as collections:
            gone = collections.ids(_name(person)).intersection(ids)
            if not gone:
                return
            self._about_to_change(person)
            place = self._fresh_place()
            survivors = _opened(place)
            try:
                for name in collections.names():
                    left = [
                        entry
                        for entry in collections.entries(name)
                        if name != _name(person) or entry.id not in gone
                    ]
                    if left:
                        survivors.put(name, left)
            except BaseException:
                survivors.close()
                shutil.rmtree(place, ignore_errors=True)
                raise
            old, self._place, self._collections = self._place, place, survivors
            collections.close()
            shutil.rmtree(old)
            self._write_manifest()

    def marked(self, person: str) -> str | None:
        with self._using():
            return self._marks.get(_name(person))

    def mark(self, person: str, of: str) -> None:
        with self._using():
            self._marks[_name(person)] = of
            self._write_manifest()

    def close(self) -> None:
        """Give the folder up. The next use opens it again."""
        with self._lock:
            if self._collections is not None:
                changed = self._changed
                self._let_go()
                if changed:
                    with suppress(OSError):
                        self._write_manifest()
            self._owner.release(force=True)

    @contextmanager
    def _using(self) -> Iterator[Collections]:
        with self._lock:
            try:
                yield self._collections or self._open()
            except IndexUnavailable:
                raise
            except BaseException as error:
                # A Rust panic is no Exception, and says nothing that should end a turn.
                if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                    raise
                self._abandon()
                raise IndexUnavailable(
                    f"The search index {self._folder} cannot be used ({_reason(error)}). Check "
                    "that its disk has free space and that you may write there; it is then remade."
                ) from error

    def _open(self) -> Collections:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and self._folder.stat().st_mode & 0o077:
            self._folder.chmod(0o700)
        try:
            self._owner.acquire()
        except Timeout as error:
            raise IndexUnavailable(
                f"The search index {self._folder} is busy: another Companion is using it. Close "
                "that one and try again."
            ) from error
        from companion.memory.chroma import VERSION

        found = manifests.read(self._manifest_path)
        whole = found is not None and found.version == VERSION and self._matches(found)
        for path in self._folder.glob(f"{_PREFIX}*"):
            if not (whole and found and path.name == found.folder):
                shutil.rmtree(path)
        if whole and found:
            self._place, self._marks = self._folder / found.folder, dict(found.marks)
            self._files = found.files
        else:
            self._manifest_path.unlink(missing_ok=True)
            self._place, self._marks, self._files = self._fresh_place(), {}, {}
        self._collections = _opened(self._place)
        self._changed = not whole
        if whole:
            # Chroma writes a row each time it is opened, and nothing more until a change.
            self._write_manifest()
        return self._collections

    def _matches(self, found: Manifest) -> bool:
        place = self._folder / found.folder
        if not found.folder.startswith(_PREFIX) or place.parent != self._folder:
            return False
        return manifests.same(found.files, manifests.survey(place, {}, trust_times=False))

    def _fresh_place(self) -> Path:
        place = self._folder / f"{_PREFIX}{uuid4().hex}"
        place.mkdir(mode=0o700)
        return place

    def _about_to_change(self, person: str) -> None:
        self._changed = True
        self._marks.pop(_name(person), None)
        self._manifest_path.unlink(missing_ok=True)

    def _write_manifest(self) -> None:
        from companion.memory.chroma import VERSION

        blank_reserved(self._place)
        self._files = manifests.survey(self._place, self._files, trust_times=True)
        manifests.write(
            self._manifest_path, Manifest(self._place.name, VERSION, self._marks, self._files)
        )
        self._changed = False

    def _let_go(self) -> None:
        collections, self._collections = self._collections, None
        if collections is not None:
            collections.close()

    def _abandon(self) -> None:
        """Leave nothing that a later opening would take for whole."""
        with suppress(Exception):
            self._manifest_path.unlink(missing_ok=True)
        with suppress(Exception):
            self._let_go()
        self._collections = None


def _opened(place: Path) -> Collections:
    from companion.memory.chroma import Collections

    return Collections(place)


def _name(person: str) -> str:
    """Give a person's collection a name that Chroma takes and that says nothing of them."""
    return f"person-{hashlib.blake2b(person.encode(), digest_size=16).hexdigest()}"


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).rstrip(".")
