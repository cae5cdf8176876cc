"""Prompt files: front matter that says what a prompt is for, and a Jinja2 template.

A value that is missing is an error, and a person's text can neither close a tag nor speak for a
chat template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from companion.prompts import folder

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_CONTROL = re.compile(
    r"<\|[^<>|]{0,60}\|>|<｜[^<>｜]{0,60}｜>|</?s>|</?(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\]|<<?/?SYS>>?",
    re.IGNORECASE,
)
_ANGLES = {ord("<"): "‹", ord(">"): "›"}


@dataclass(frozen=True)
class PromptFile:
    """One prompt. `mode` is empty in the parts that belong to every mode."""

    name: str
    mode: str
    variant: str
    version: int
    template: Template

    def render(self, **values: Any) -> str:
        """Give the text. Raises jinja2.UndefinedError for a value that was not given."""
        return self.template.render(values).strip()


@cache
def prompt(name: str) -> PromptFile:
    """Give a prompt by its file's name without ending. Read once."""
    text = (folder() / f"{name}.md").read_text(encoding="utf-8")
    front = _FRONT.match(text)
    about = yaml.safe_load(front.group(1)) if front else {}
    template = _environment().from_string(text[front.end() :] if front else text)
    return PromptFile(
        name=about.get("name", name),
        mode=about.get("mode", ""),
        variant=about.get("variant", ""),
        version=about.get("version", 1),
        template=template,
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        # These are prompts, not pages: an apostrophe must stay one.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def uncontrolled(text: str) -> str:
    """Give a text without the marks by which chat templates tell who speaks."""
    before = None
    while before != text:
        before, text = text, _CONTROL.sub(" ", text)
    return text


def in_tags(text: str) -> str:
    """Give a text for between tags, its lines kept, with nothing in it that opens or closes one."""
    return uncontrolled(text).translate(_ANGLES)


def as_data(text: str) -> str:
    """Give a text for between tags: on one line, with nothing in it that opens or closes a tag."""
    return " ".join(in_tags(text).split())
