"""The shape that docs/architecture.md promises, read from the imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.workflow import STEPS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "companion"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
LONGEST = 250

CORE = {"cache", "domain", "errors", "events", "language", "ports", "prompts", "text"}
CORE |= {"choosing", "connection", "finding", "own_words", "sitting", "staying", "usage"}
BESIDE_STEPS = CORE | {"contacts", "examples", "people", "steps"}
ADAPTERS = {"reader", "voice", "memory", "models"}
BESIDE_ADAPTERS = CORE | {"embedder", "examples", "people", "settings", "vectors"}
ASSEMBLED = {"build", "batch", "cli", "core", "diagram", "doctor", "launch", "terminal", "turns"}
ASSEMBLED |= {"commands", "serving", "ui", "workflow", "__main__"}

# A language model's voice needs the model's own counting and prompts beside its port.
NEIGHBOURS = {
    "voice/llm.py": {f"companion.models.{name}" for name in ("budget", "metered", "prompt")}
}
# Two commands that read one text start in a blink because they build the reader and nothing else.
READERS = {"build.py", "cli.py"}
# What a module picks beside the composition root, and nothing more.
PICKED = {
    # The doctor opens the journal alone: what else is broken must not keep it from looking.
    "doctor.py": {"companion.memory.journal", "companion.models.keyring"},
    "commands/reaching.py": {"companion.models.keyring", "companion.models.prices"},
    # So does whoever asks which voices there are, also while the app holds the index.
    "commands/configured.py": {"companion.memory.journal"},
    "commands/corrections.py": {"companion.memory.journal"},
    # What ships with the embedded voice is authored text as well as an adapter.
    "shipped.py": {"companion.voice.exchanges", "companion.voice.intents"},
}

ONE_PLACE = {
    "langgraph": ["workflow.py"],
    "langchain_core": [],
    "chromadb": ["memory/"],
    "sqlalchemy": ["memory/"],
    "alembic": ["memory/"],
    "cryptography": ["memory/"],
    "bm25s": ["memory/"],
    "openai": ["models/"],
    "tiktoken": ["models/"],
    "xllamacpp": ["models/"],
    "onnxruntime": ["embedder.py"],
    "tokenizers": ["embedder.py", "reader/encoder.py"],
    "streamlit": ["ui/", "launch.py"],
    "starlette": ["serving/"],
    "uvicorn": ["serving/"],
    "py3langid": ["language.py", "voice/intents.py"],
    "click": ["cli.py", "commands/", "terminal.py"],
    "packaging": ["commands/libraries.py"],
    "platformdirs": ["cache.py", "settings.py"],
}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Give the dotted names a module imports anywhere in it, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from inside if node.module in PACKAGES else [str(node.module)]


PACKAGES = {
    ".".join(("companion", *path.relative_to(PACKAGE).parent.parts)).rstrip(".")
    for path in MODULES
    if path.name == "__init__.py"
}
"""Importing a name from one of these may be importing a module."""


def ours(path: Path) -> dict[str, str]:
    """Give the top-level part of the package by each of our dotted names that a module imports."""
    return {
        dotted: dotted.split(".")[1]
        for dotted in imports(path)
        if dotted.startswith("companion.") and dotted != "companion.__version__"
    }


def foreign(path: Path) -> set[str]:
    roots = {dotted.split(".")[0] for dotted in imports(path)}
    return roots - set(sys.stdlib_module_names) - {"companion"}


def under(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def test_the_modules_are_found() -> None:
    assert len(MODULES) > 50
    assert ours(PACKAGE / "workflow.py")["companion.steps.guard"] == "steps"
    assert "langgraph" in foreign(PACKAGE / "workflow.py")


def test_the_domain_rests_on_the_standard_library_only() -> None:
    assert foreign(PACKAGE / "domain.py") == set()
    assert ours(PACKAGE / "domain.py") == {}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("errors", set()),
        ("usage", set()),
        ("connection", set()),
        ("finding", set()),
        ("events", {"domain", "usage"}),
        ("ports", {"domain", "usage"}),
        ("staying", {"domain", "errors", "ports", "text"}),
        ("choosing", {"connection", "ports"}),
        ("text", {"domain", "errors"}),
    ],
)
def test_the_core_points_to_the_domain_only(module: str, allowed: set[str]) -> None:
    path = PACKAGE / f"{module}.py"
    assert set(ours(path).values()) <= allowed
    assert foreign(path) <= {"numpy"}


@pytest.mark.parametrize("path", under("steps"), ids=name)
def test_a_step_knows_no_adapter(path: Path) -> None:
    assert set(ours(path).values()) <= BESIDE_STEPS
    assert foreign(path) == set()


def test_the_workflow_knows_the_steps_and_no_adapter() -> None:
    assert set(ours(PACKAGE / "workflow.py").values()) <= CORE | {"steps"}
    assert set(ours(PACKAGE / "core.py").values()) <= CORE | {"workflow"}
    assert set(ours(PACKAGE / "turns.py").values()) <= CORE | {"core"}


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
def test_an_adapter_knows_no_other(adapter: str) -> None:
    for path in under(adapter):
        neighbours = NEIGHBOURS.get(name(path), set())
        known = {part for dotted, part in ours(path).items() if dotted not in neighbours}
        assert known <= BESIDE_ADAPTERS | {adapter}, name(path)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_composition_root_picks_adapters(path: Path) -> None:
    home = name(path).split("/")[0]
    for dotted, part in ours(path).items():
        if part in ADAPTERS and part != home and dotted not in NEIGHBOURS.get(name(path), ()):
            allowed = READERS if part == "reader" else {"build.py"}
            assert name(path) in allowed or dotted in PICKED.get(name(path), ()), dotted


def test_only_what_people_start_asks_for_a_whole_companion() -> None:
    asking = {name(path) for path in MODULES if "build" in ours(path).values()}
    started = {f"{one}.py" for one in ("batch", "cli", "doctor", "launch", "terminal")}
    assert asking <= started | {name(path) for at in ("commands", "ui") for path in under(at)}


def test_nothing_below_knows_what_is_above() -> None:
    for path in MODULES:
        if name(path).split("/")[0].removesuffix(".py") not in ASSEMBLED:
            assert not set(ours(path).values()) & ASSEMBLED, name(path)


@pytest.mark.parametrize("path", [*MODULES, ROOT / "streamlit_app.py"], ids=lambda p: p.name)
def test_a_library_is_known_in_one_place(path: Path) -> None:
    if path.name == "streamlit_app.py":
        assert foreign(path) <= {"streamlit"}
        return
    for library in foreign(path) & set(ONE_PLACE):
        assert name(path).startswith(tuple(ONE_PLACE[library])), library


def test_the_package_never_imports_evals_or_training_or_tests() -> None:
    for path in [*MODULES, ROOT / "streamlit_app.py"]:
        assert not foreign(path) & {"evals", "training", "tests"}, path


def test_what_trains_does_not_ship() -> None:
    for path in MODULES:
        unwanted = {
            "sklearn",
            "scipy",
            "onnx",
            "safetensors",
            "torch",
            "inspect_ai",
            "transformers",
        }
        assert not foreign(path) & unwanted, name(path)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_small_or_says_why_it_is_not(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if len(text.splitlines()) <= LONGEST:
        return
    assert "long" in (ast.get_docstring(ast.parse(text)) or ""), "say in the docstring why"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body


def test_every_step_has_a_file_a_test_and_a_place_in_the_graph() -> None:
    files = {path.stem for path in under("steps")} - {"__init__"}
    # The guard runs inside the node that responds: a sentence is judged before the next is drawn.
    assert files == set(STEPS) | {"guard"}
    assert {path.stem for path in (ROOT / "tests" / "steps").glob("test_*.py")} >= {
        f"test_{step}" for step in files
    }


def test_nothing_mentions_the_folder_it_was_designed_in() -> None:
    written = [
        path
        for folder in ("companion", "prompts", "training", "evals", "tests", "docs", ".github")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".jsonl", ".css", ".js"}
        and "_data" not in path.parts
    ]
    written += [path for path in ROOT.iterdir() if path.suffix in {".md", ".toml", ".py"}]
    written.append(ROOT / "Makefile")
    unwanted = ("../" + "shared", "work/" + "shared")
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert not any(where in text for where in unwanted), path
