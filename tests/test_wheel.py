"""The wheel works by itself: built, unpacked elsewhere, and run from outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without isolation so that nothing is downloaded."""
    into = tmp_path_factory.mktemp("dist")
    uv = Path(sys.executable).with_name("uv")
    command = (
        [str(uv), "build", "--wheel", "--no-build-isolation", "--offline", "-o", str(into)]
        if uv.is_file()
        else [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    )
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (found,) = into.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's own files in a folder, as `pip install --target --no-deps` lays them out."""
    target = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Gives a function that runs Python from an empty folder with the wheel's files in front."""
    (tmp_path / "empty").mkdir()

    def python(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path / "empty",
            env=os.environ | {"PYTHONPATH": str(installed)},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    return python


def test_what_is_not_code_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for path in (ROOT / "prompts").rglob("*"):
        if path.is_file():
            assert f"companion/_data/{path.relative_to(ROOT).as_posix()}" in names
    assert "companion/_data/streamlit_app.py" in names
    assert "companion/memory/migrations/versions/0001_first.py" in names
    for name in ("weights/embedder.onnx", "weights/tokenizer.json", "weights/embedder.json"):
        assert f"companion/{name}" in names
    for name in ("o200k_base.tiktoken.xz", "cl100k_base.tiktoken.xz", "encodings.json"):
        assert f"companion/weights/encodings/{name}" in names
    assert {"companion/reader/weights/heads.npz", "companion/reader/weights/heads.json"} <= names
    assert {"companion/ui/style.css", "companion/ui/page.js", "companion/ui/icon.svg"} <= names


def test_what_does_not_ship_is_not_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"companion"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".env")]


def test_licences_ship_with_what_they_cover(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(n for n in names if n.endswith("/METADATA"))).decode()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    for covered in ("all-MiniLM-L6-v2", "tiktoken"):
        assert any(name.endswith(f"licenses/companion/weights/LICENSE-{covered}") for name in names)
    assert "License-Expression: Apache-2.0" in metadata


def test_the_code_that_runs_is_the_wheel_s(run, installed: Path) -> None:
    code = "import companion, companion.prompts as p; print(companion.__file__); print(p.folder())"
    lines = run("-c", code).stdout.splitlines()
    assert lines == [
        str(installed / "companion" / "__init__.py"),
        str(installed / "companion" / "_data" / "prompts"),
    ]


def test_the_command_explains_itself(run) -> None:
    result = run("-c", "from companion.cli import main; main(['--help'])")
    assert result.returncode == 0, result.stderr
    assert "companion app" in result.stdout


def test_it_reads_and_answers_from_the_wheel(run) -> None:
    code = "from companion.cli import main; main(['talk', '--jsonl'])"
    line = {"id": 1, "turns": ["My boss told everyone I'm lazy because I left at five."]}
    result = run("-c", code, given=json.dumps(line) + "\n")
    assert result.returncode == 0, result.stderr
    answered = json.loads(result.stdout)
    assert answered["replies"][0]["mode"] == "boundary"
    assert answered["replies"][0]["text"]


def test_its_weights_and_its_journal_work_from_the_wheel(run, tmp_path: Path) -> None:
    code = (
        "from companion.integrity import damaged; from companion.launch import script; "
        "from companion.memory.journal import open_journal; from pathlib import Path; "
        f"journal = open_journal(Path({str(tmp_path / 'd')!r}), Path({str(tmp_path / 'k')!r})); "
        "print(damaged(), script().is_file(), bool(journal.person().id)); journal.close()"
    )
    result = run("-c", code)
    assert result.stdout.split("\n")[0] == "() True True", result.stderr
