"""The journal on a disk: durable, private, and clear about what is wrong."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companion.domain import Reflection, ReflectionKind
from companion.errors import JournalError
from companion.memory import store
from companion.memory.journal import open_journal

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "the heron and the seventh lighthouse"


@pytest.fixture
def places(tmp_path):
    return tmp_path / "data", tmp_path / "keys"


@pytest.fixture
def journal(places):
    made = open_journal(*places)
    yield made
    made.close()


def kept(key="one", text=SECRET):
    return Reflection(key, ReflectionKind.MOMENT, text, NOON)


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sealed(path, query):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchone()[0]


def run(code, *arguments, prefix=()):
    """Run Python in a process of its own, at the checkout."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_everything_is_there_after_reopening(places):
    journal = open_journal(*places)
    person = replace(journal.person(), country="NZ")
    journal.save_person(person)
    journal.keep(person.id, kept())
    revision = journal.revision(person.id)
    journal.close()
    journal = open_journal(*places)
    assert journal.person() == person
    assert journal.reflections(person.id) == (kept(),)
    assert journal.revision(person.id) == revision
    journal.close()


def test_no_word_is_readable_on_the_disk(places, journal):
    person = journal.person()
    journal.save_person(replace(person, country="NZ", settings={"name": "Seventh Lighthouse"}))
    conversation = journal.start_conversation(person.id, NOON)
    journal.ask(conversation, SECRET, NOON)
    (turn,) = journal.turns(conversation)
    journal.answer(replace(turn, reply=SECRET, trace={"text": SECRET}))
    journal.keep(person.id, kept())
    for content in files(places[0]).values():
        assert b"lighthouse" not in content.lower()


def test_only_the_owner_may_look(places, journal):
    journal.keep("anna", kept())
    assert stat.S_IMODE(places[0].stat().st_mode) == 0o700
    for path in files(places[0]):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_sqlite_is_set_for_durability_and_erasure(journal):
    with journal._store.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_a_message_survives_a_kill_before_its_answer(places):
    process = run(
        "import sys, time; from pathlib import Path; from datetime import datetime, UTC\n"
        "from companion.memory.journal import open_journal\n"
        "journal = open_journal(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "conversation = journal.start_conversation(journal.person().id, datetime.now(UTC))\n"
        "journal.ask(conversation, 'are you there?', datetime.now(UTC))\n"
        "print(conversation, flush=True); time.sleep(600)",
        *places,
    )
    conversation = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    journal = open_journal(*places)
    (turn,) = journal.turns(conversation)
    assert (turn.message, turn.reply) == ("are you there?", None)
    journal.close()


def test_what_was_forgotten_is_in_no_file(places, journal):
    for number in range(40):
        journal.keep("anna", kept(str(number), f"{SECRET} {number} " + "long " * 200))
    conversation = journal.start_conversation("anna", NOON)
    journal.ask(conversation, "hello", NOON)
    (turn,) = journal.turns(conversation)
    journal.answer(replace(turn, reply=f"You wrote: {SECRET} 7 " + "long " * 200))
    path = places[0] / "journal.db"
    old = [
        sealed(path, "SELECT text FROM reflections WHERE id = '7'"),
        sealed(path, "SELECT reply FROM turns"),
    ]
    pieces = [piece[start : start + 16] for piece in old for start in (1, 100, len(piece) - 16)]
    assert all(any(piece in data for data in files(places[0]).values()) for piece in pieces)
    journal.forget("anna", ["7"])
    assert journal.turns(conversation)[0].reply == "You wrote: (forgotten) "
    for content in files(places[0]).values():
        assert not any(piece in content for piece in pieces)


def test_a_forgotten_conversation_is_in_no_file(places, journal):
    conversation = journal.start_conversation("anna", NOON)
    journal.ask(conversation, SECRET, NOON)
    piece = sealed(places[0] / "journal.db", "SELECT message FROM turns")
    journal.forget_conversation("anna", conversation)
    assert all(piece[1:17] not in content for content in files(places[0]).values())


def test_swapped_texts_are_refused(places):
    journal = open_journal(*places)
    journal.keep("anna", kept("one", "hers"))
    journal.keep("anna", kept("two", "other"))
    journal.close()
    with closing(sqlite3.connect(places[0] / "journal.db")) as connection:
        (one,), (two,) = connection.execute("SELECT text FROM reflections ORDER BY id")
        connection.execute("UPDATE reflections SET text = ? WHERE id = 'one'", (two,))
        connection.execute("UPDATE reflections SET text = ? WHERE id = 'two'", (one,))
        connection.commit()
    journal = open_journal(*places)
    with pytest.raises(JournalError, match="cannot be opened"):
        journal.reflections("anna")
    journal.close()


def test_another_key_is_said_at_once(places, tmp_path):
    journal = open_journal(*places)
    journal.person()
    journal.close()
    open_journal(tmp_path / "other", tmp_path / "other keys").close()
    with pytest.raises(JournalError, match="the key is another one"):
        open_journal(places[0], tmp_path / "other keys")


def test_a_missing_key_is_said_and_not_remade(places):
    open_journal(*places).close()
    shutil.rmtree(places[1])
    with pytest.raises(JournalError, match="is missing"):
        open_journal(*places)
    assert not places[1].exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"not a database at all, but long enough to look at" * 40,
        lambda data: data[:5000],
        lambda data: data[:100] + b"\x55" * (len(data) - 100),
        lambda data: data[:4096] + os.urandom(len(data) - 4096),
    ],
    ids=["emptied", "other file", "cut short", "overwritten", "pages gone"],
)
def test_a_damaged_journal_is_said_and_never_overwritten(places, damage):
    journal = open_journal(*places)
    journal.keep("anna", kept())
    journal.close()
    path = places[0] / "journal.db"
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"journal\.db is damaged"):
        open_journal(*places)
    assert path.read_bytes() == before


def test_a_log_without_its_journal_is_said(places):
    open_journal(*places).close()
    (places[0] / "journal.db").unlink()
    (places[0] / "journal.db-wal").write_bytes(b"x" * 5000)
    with pytest.raises(JournalError, match="is missing"):
        open_journal(*places)


def test_a_locked_journal_is_said(places, monkeypatch):
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 50)
    journal = open_journal(*places)
    conversation = journal.start_conversation("anna", NOON)
    with closing(sqlite3.connect(places[0] / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="in use by another program"):
            journal.ask(conversation, "hello", NOON)
    assert journal.turns(conversation) == ()
    journal.close()


OPEN_AND_ASK = (
    "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
    "from companion.errors import JournalError\n"
    "from companion.memory.journal import open_journal\n"
    "try:\n"
    "    journal = open_journal(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    "    journal.start_conversation(journal.person().id, datetime.now(UTC))\n"
    "except JournalError as error:\n"
    "    print(error)\n"
)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is missing, to drop root")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to drop")
@pytest.mark.parametrize("new", [True, False])
def test_a_folder_that_cannot_be_written_is_said(tmp_path, new):
    nobody = 65534
    data, keys = tmp_path / "data", tmp_path / "keys"
    if not new:
        open_journal(data, keys).close()
    else:
        data.mkdir()
        keys.mkdir()
    for path in (data, keys, *data.iterdir(), *keys.iterdir()):
        os.chown(path, nobody, nobody)
    data.chmod(0o500)
    for parent in (tmp_path, *tmp_path.parents[:3]):
        if parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)
    drop = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"]
    said, trouble = run(OPEN_AND_ASK, data, keys, prefix=drop).communicate()
    assert not trouble
    assert "cannot be opened for writing" in said
    assert str(data) in said


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=False)


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk, tmp_path):
    journal = open_journal(small_disk / "data", tmp_path / "keys")
    conversation = journal.start_conversation("anna", NOON)
    asked = []

    def write_on():
        for _ in range(1000):
            asked.append(journal.ask(conversation, "x" * 7000, NOON))

    with pytest.raises(JournalError, match=r"disk that holds the journal .* is full"):
        write_on()
    written = len(asked)
    assert written
    assert len(journal.turns(conversation)) == written
    journal.close()
    journal = open_journal(small_disk / "data", tmp_path / "keys")
    assert len(journal.turns(conversation)) == written
    journal.close()


def test_a_disk_too_full_to_start_leaves_nothing_half_made(small_disk, tmp_path):
    (small_disk / "filler").write_bytes(b"x" * 380_000)
    with pytest.raises(JournalError, match="is full"):
        open_journal(small_disk / "data", tmp_path / "keys")
    (small_disk / "filler").unlink()
    open_journal(small_disk / "data", tmp_path / "keys").close()


def test_threads_write_side_by_side(journal):
    conversation = journal.start_conversation("anna", NOON)
    wrong = []

    def work(name):
        try:
            for number in range(15):
                journal.ask(conversation, f"{name} {number}", NOON)
                journal.keep("anna", kept(f"{name}-{number}"))
                journal.turns(conversation)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(journal.turns(conversation)) == 60
    assert len(journal.reflections("anna")) == 60


def test_processes_that_start_together_share_one_journal(places):
    code = OPEN_AND_ASK + "print(journal.person().id)\n"
    people = {run(code, *places).communicate()[0] for _ in range(1)}
    together = [run(code, *places) for _ in range(3)]
    people |= {process.communicate()[0] for process in together}
    assert len(people) == 1


def test_first_starts_that_race_share_one_journal(places):
    code = OPEN_AND_ASK + "print(journal.person().id)\n"
    together = [run(code, *places) for _ in range(3)]
    people = {process.communicate()[0] for process in together}
    assert len(people) == 1
    assert "\n" in people.pop()
