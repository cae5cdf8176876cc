"""The index on a disk: one owner, nothing left of what was erased, no damage ever opened."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import chromadb
import numpy as np
import pytest

from companion.domain import ReflectionKind
from companion.errors import IndexUnavailable
from companion.memory import manifest
from companion.memory.chroma import Collections, RefusesToEmbed
from companion.memory.index import ChromaIndex
from companion.ports import Entry

ROOT = Path(__file__).parents[2]
COUNT = 1200  # above Chroma's threshold, so that graph files are on the disk, and the queue too
GENERATOR = np.random.default_rng(11)
MADE = GENERATOR.standard_normal((COUNT, 384)).astype(np.float32)
MADE /= np.linalg.norm(MADE, axis=1, keepdims=True)


def entries(vectors, start=0):
    kind = ReflectionKind.CONNECTION
    return [Entry(f"r{start + i}", row, kind, "2026-03-01") for i, row in enumerate(vectors)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "index"
    index = ChromaIndex(folder)
    index.put("anna", entries(MADE))
    index.mark("anna", "encoder 1")
    index.close()
    return folder


@pytest.fixture
def folder(made, tmp_path):
    shutil.copytree(made, tmp_path / "index")
    return tmp_path / "index"


def contents(folder):
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def opened(folder):
    index = ChromaIndex(folder)
    try:
        return index.marked("anna"), index.ids("anna")
    finally:
        index.close()


def test_a_whole_index_is_there_after_reopening(folder):
    assert opened(folder) == ("encoder 1", {f"r{i}" for i in range(COUNT)})
    index = ChromaIndex(folder)
    assert index.search("anna", MADE[77], 1)[0].id == "r77"
    index.close()


def test_searching_leaves_a_killed_index_whole(folder):
    code = (
        "import os, signal, sys; from pathlib import Path; import numpy as np\n"
        "from companion.memory.index import ChromaIndex\n"
        "index = ChromaIndex(Path(sys.argv[1]))\n"
        "index.search('anna', np.ones(384, dtype=np.float32) / 384 ** 0.5, 1000)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    # Killed, it owns nothing any more; and what it did leaves nothing that looks like damage.
    assert opened(folder)[0] == "encoder 1"
    assert opened(folder)[0] == "encoder 1"


def test_a_kill_between_a_change_and_its_mark_empties_the_index(folder):
    code = (
        "import os, signal, sys; from pathlib import Path; import numpy as np\n"
        "from companion.domain import ReflectionKind; from companion.ports import Entry\n"
        "from companion.memory.index import ChromaIndex\n"
        "index = ChromaIndex(Path(sys.argv[1]))\n"
        "one = np.ones(384, dtype=np.float32) / 384 ** 0.5\n"
        "index.put('anna', [Entry('new', one, ReflectionKind.MOMENT, '2026-03-01')])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=False)
    assert opened(folder) == (None, frozenset())


def test_a_second_owner_is_refused_until_the_first_lets_go(folder):
    code = (
        "import sys; from pathlib import Path; from companion.memory.index import ChromaIndex\n"
        "index = ChromaIndex(Path(sys.argv[1])); index.ids('anna')\n"
        "print('mine', flush=True); sys.stdin.readline(); index.close()\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout.readline() == "mine\n"
    index = ChromaIndex(folder)
    with pytest.raises(IndexUnavailable, match="another Companion is using it"):
        index.ids("anna")
    first.communicate("\n")
    assert index.marked("anna") == "encoder 1"
    index.close()


def test_two_in_one_process_are_kept_apart_too(folder):
    index = ChromaIndex(folder)
    index.ids("anna")
    with pytest.raises(IndexUnavailable):
        ChromaIndex(folder).ids("anna")
    index.close()
    assert opened(folder)[0] == "encoder 1"


def _of(folder, name):
    return next(folder.rglob(name))


def _cut(name, keep):
    def damage(folder):
        path = _of(folder, name)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])

    return damage


def _flip(name):
    def damage(folder):
        path = _of(folder, name)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)

    return damage


DAMAGE = {
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "no sense in the manifest": lambda folder: (folder / "manifest.json").write_text("[1]"),
    "manifest leads elsewhere": lambda folder: (folder / "manifest.json").write_text(
        (folder / "manifest.json").read_text().replace("chroma-", "../chroma-")
    ),
    "no chroma folder": lambda folder: shutil.rmtree(_of(folder, "chroma-*")),
    "no graph folder": lambda folder: shutil.rmtree(_of(folder, "data_level0.bin").parent),
    "no sqlite": lambda folder: _of(folder, "chroma.sqlite3").unlink(),
    "sqlite emptied": _cut("chroma.sqlite3", 0),
    "sqlite cut": _cut("chroma.sqlite3", 0.5),
    "sqlite altered": _flip("chroma.sqlite3"),
    "vectors emptied": _cut("data_level0.bin", 0),
    "vectors cut": _cut("data_level0.bin", 0.3),
    "vectors altered": _flip("data_level0.bin"),
    "no vectors": lambda folder: _of(folder, "data_level0.bin").unlink(),
    "header cut": _cut("header.bin", 0.5),
    "links altered": _flip("link_lists.bin"),
    "a file too many": lambda folder: (_of(folder, "chroma-*") / "more").write_text("x"),
    "another chroma": lambda folder: (folder / "manifest.json").write_text(
        (folder / "manifest.json").read_text().replace(chromadb.__version__, "0.4.0")
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_leaves_an_empty_index_that_works(folder, damage):
    damage(folder)
    index = ChromaIndex(folder)
    assert index.marked("anna") is None
    assert index.ids("anna") == frozenset()
    index.put("anna", entries(MADE[:5]))
    index.mark("anna", "encoder 2")
    assert index.search("anna", MADE[3], 1)[0].id == "r3"
    index.close()
    assert opened(folder)[0] == "encoder 2"
    assert len(list(folder.glob("chroma-*"))) == 1


def test_moved_and_copied_files_are_whole(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "elsewhere", copy_function=shutil.copy)
    assert opened(tmp_path / "elsewhere")[0] == "encoder 1"


@pytest.mark.parametrize("place", [0, COUNT - 1], ids=["in the graph", "in the queue"])
def test_no_byte_of_an_erased_vector_is_left(folder, place):
    index = ChromaIndex(folder)
    index.put("anna", entries(MADE[:1], start=5000))
    vector = MADE[place].tobytes()
    pieces = [vector[start : start + 24] for start in (0, 400, 1512)]
    held = [piece for piece in pieces for content in contents(folder) if piece in content]
    index.erase("anna", ["r0", "r5000", f"r{place}"])
    assert held, "the test must have seen the vector before"
    for content in contents(folder):
        assert not any(piece in content for piece in pieces)
        assert b"r5000" not in content
    index.mark("anna", "encoder 1")
    index.close()
    for content in contents(folder):
        assert not any(piece in content for piece in pieces)
    assert len(opened(folder)[1]) == len({f"r{i}" for i in range(COUNT)} - {"r0", f"r{place}"})


def test_only_ids_vectors_kind_and_date_are_held(folder):
    with closing(sqlite3.connect(_of(folder, "chroma.sqlite3"))) as connection:
        keys = {row[0] for row in connection.execute("SELECT key FROM embedding_metadata")}
        names = [row[0] for row in connection.execute("SELECT name FROM collections")]
    assert keys == {"kind", "kept_on"}
    assert len(names) == 1
    assert "anna" not in names[0]


def test_chroma_cannot_embed_anything(tmp_path):
    with pytest.raises(RuntimeError, match="only ever given vectors"):
        RefusesToEmbed()(["text"])
    collections = Collections(tmp_path / "chroma")
    collections.put("person-1", entries(MADE[:1]))
    with pytest.raises(RuntimeError):
        collections._collection("person-1").query(query_texts=["text"])
    collections.close()


def test_telemetry_is_off_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "true")
    monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://192.0.2.1")
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("ANONYMIZED_TELEMETRY=true\nSOMETHING=else\n")
    collections = Collections(tmp_path / "chroma")
    settings = collections._client.get_settings()
    assert settings.anonymized_telemetry is False
    assert settings.chroma_otel_collection_endpoint == ""
    collections.close()


def test_the_folder_is_for_its_owner_only(folder):
    folder.chmod(0o755)
    opened(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexUnavailable, match="cannot be used"):
        ChromaIndex(tmp_path / "file" / "index").ids("anna")


def test_an_interrupted_erasure_leaves_no_second_folder(folder):
    shutil.copytree(_of(folder, "chroma-*"), folder / "chroma-left")
    assert opened(folder)[0] == "encoder 1"
    assert len(list(folder.glob("chroma-*"))) == 1


def test_a_survey_trusts_times_only_when_told(tmp_path):
    (tmp_path / "a").write_text("one")
    known = manifest.survey(tmp_path, {}, trust_times=False)
    times = (tmp_path / "a").stat()
    (tmp_path / "a").write_text("two")
    os.utime(tmp_path / "a", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert manifest.same(known, manifest.survey(tmp_path, known, trust_times=True))
    assert not manifest.same(known, manifest.survey(tmp_path, known, trust_times=False))
