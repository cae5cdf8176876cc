"""The scorecard's page and the comparison of two runs, on small made-up results."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from math import isnan, nan
from pathlib import Path

import pytest
from browser.conftest import browser  # noqa: F401
from ui.test_theme import contrast

from evals import card
from evals.card import page, verdict
from evals.comparing import compare, gained, markdown, read_run, seen
from evals.drawing import bar, shade
from evals.gate import Check, held, shown
from evals.metrics import Bin, Measure, share
from evals.results import Calibration, Case, Confusion, SuiteResult, Table, as_json

NASTY = "<script>window.hit = 1</script></script></style></pre><img src=https://a.invalid/x> & “ok”"
FLOORS = {"kind": {"recall": 0.9}}


def case(id, right=True, **more):
    given = {"shown": f"message {id}", "expected": "yes", "got": "yes" if right else "no"}
    return Case(id, right, **{**given, "facts": {}, "trace": {"why": f"of {id}"}, **more})


def measures(cases):
    return {"recall": share(one.right for one in cases)}


def result(*cases, **more):
    made = SuiteResult("kind", "Is it kind?", "success", len(cases), cases, measures(cases))
    return replace(made, **more)


def shown_page(*results, floors=FLOORS, about=None, compared=()):
    checks = [check for one in results for check in held(one, floors)]
    return Read(page(results, checks, about or {"voice": "embedded"}, compared))


class Read(HTMLParser):
    """What a browser makes of the page: its tags, and the text right inside each kind of them."""

    def __init__(self, source):
        super().__init__()
        self.source, self.tags, self.open, self.texts, self.words = source, [], [], [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "wbr"}:
            self.texts.append([tag, ""])
            self.open.append(self.texts[-1])

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, f"</{tag}> closes another"

    def handle_data(self, data):
        self.words.append(data)
        if self.open:
            self.open[-1][1] += data

    def of(self, tag):
        return [text.strip() for name, text in self.texts if name == tag]

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture
def wrong():
    return case("w", False, shown=NASTY, got=NASTY, trace={"reply": NASTY})


def test_what_a_case_says_stays_text(wrong):
    read = shown_page(
        result(replace(wrong, id=NASTY), error=NASTY, asks=NASTY, status="error"),
        about={NASTY: NASTY},
    )
    assert [tag for tag, _ in read.tags if tag in {"script", "style"}] == ["style", "script"]
    assert "img" not in {tag for tag, _ in read.tags}
    assert json.dumps({"reply": NASTY}, ensure_ascii=False, indent=2) in read.of("pre")
    assert not read.open, "every tag is closed"


def test_the_page_asks_for_nothing_outside_itself(wrong):
    figures = (
        Confusion("c", ("a", "b"), ((1, 2), (0, 3))),
        Calibration("d", (Bin(0.5, 0.4, 9),)),
        Table("t", ("a",), (("https://a.invalid",),)),
    )
    read = shown_page(result(wrong, case("r"), figures=figures))
    for tag, attrs in read.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "style", "action", "xlink:href"} & set(attrs)
        assert attrs.get("href", "#").startswith("#")
    own = "".join(read.of("style") + read.of("script"))
    own += "".join(str(attrs) for _, attrs in read.tags)
    assert not re.search(r"https?:|url\(|@import|src=", own)


def test_only_the_page_s_own_script_and_style_are_let_run(wrong):
    read = shown_page(result(wrong))
    policy = next(a["content"] for _, a in read.tags if "Policy" in a.get("http-equiv", ""))
    assert policy.startswith("default-src 'none';")
    for tag, name in (("script", "script-src"), ("style", "style-src")):
        text = re.search(f"<{tag}>(.*?)</{tag}>", read.source, re.DOTALL)[1]
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy


def test_every_failed_case_is_there_with_its_whole_trace_before_the_right_ones():
    cases = [case(f"n{n}", right=n % 2 == 0) for n in range(8)]
    read = shown_page(result(*cases))
    for one in cases:
        assert any(f'"why": "of {one.id}"' in pre for pre in read.of("pre"))
    order = [attrs["id"] for tag, attrs in read.tags if "case" in attrs.get("class", "").split()]
    assert order == [f"kind/n{n}" for n in (1, 3, 5, 7, 0, 2, 4, 6)]


def test_a_page_too_large_leaves_out_the_traces_of_right_cases_and_says_so(monkeypatch):
    cases = [case("w", False, trace="w" * 999), case("r", trace="r" * 999)]
    assert "r" * 999 in shown_page(result(*cases)).source
    assert "too large" not in shown_page(result(*cases)).text
    monkeypatch.setattr(card, "LARGEST", 1_000)
    read = shown_page(result(*cases))
    assert "r" * 999 not in read.source
    assert "w" * 999 in read.source
    assert "The cases that were right stand here without theirs" in read.text


def test_a_failed_floor_is_said_in_words():
    read = shown_page(result(case("a"), case("b", False)))
    assert "1 of 3 checks failed." in read.text
    assert "kind, recall: 0.500, below its floor of 0.900" in read.text
    assert "Failed below its floor of 0.900" in read.text


def test_a_suite_without_cases_and_a_value_that_is_not_there():
    read = shown_page(result())
    assert "No case was judged." in read.text
    assert "recall: –, not measured; its floor is 0.900" in read.text
    assert "nan" not in read.text.casefold()
    assert "success" in read.text


def test_a_run_that_broke_off_says_why():
    read = shown_page(result(case("a"), status="error", error="The voice went away.", expected=3))
    assert "kind, status: error The voice went away." in read.text
    assert "kind, cases: 1 of 3" in read.text


@pytest.mark.parametrize(
    ("checks", "headline"),
    [
        ([], "Nothing was run, so nothing was held"),
        (held(result(case("a")), FLOORS), "Everything held: 3 of 3 checks passed"),
        (shown(result(case("a"))), "Every case was judged; no floor was held in this run"),
        ([Check("kind", "recall", Measure(nan), 0.5, False)], "1 of 1 checks failed"),
    ],
)
def test_the_headline(checks, headline):
    assert verdict(checks) == headline
    assert f"{headline}." in Read(page([], checks, {})).text


def test_a_case_is_called_right_or_wrong_by_its_judgement_not_by_its_labels():
    cases = [case("same", False, got="yes"), case("other", True, got="maybe")]
    read = shown_page(result(*cases))
    assert "same wrong expected yes, got yes" in read.text
    assert "other right expected yes, got maybe" in read.text


def test_half_a_surrogate_pair_does_not_keep_the_page_from_being_written(tmp_path):
    broken = case("\ud83d", False, shown="cut \ud83d off", trace=["\ude00"])
    made = shown_page(result(broken)).source
    (tmp_path / "page.html").write_text(made, encoding="utf-8")
    assert "cut \ufffd off" in made


def test_figures_have_their_numbers_in_tables():
    figures = (
        Confusion("Levels", ("calm", "danger"), ((7, 1), (2, 11))),
        Calibration("Sureness", (Bin(0.25, 0.5, 4), Bin(0.95, 1.0, 40))),
        Table("By kind", ("kind", "F1"), (("calm_one", "0.871"),)),
    )
    read = shown_page(result(case("a"), figures=figures))
    assert [text for text in read.of("td") if text.isdecimal()][:6] == "7 1 8 2 11 13".split()
    assert "0.250" in read.of("td")
    assert "0.871" in read.of("td")
    assert sum(tag == "circle" for tag, _ in read.tags) == 2
    assert any("Sureness" in attrs.get("aria-label", "") for _, attrs in read.tags)


def test_a_bar_shows_value_interval_and_floor_and_nothing_without_a_scale():
    drawn = str(bar(Measure(0.5, 0.25, 0.75), 0.9))
    assert 'class="value" x="4.0" y="4" width="96.0"' in drawn
    assert "M52.0 10H148.0" in drawn
    assert 'class="floor" x="175.8"' in drawn
    assert "floor" not in str(bar(Measure(0.5), None))
    assert bar(Measure(nan), 0.5) == bar(Measure(12.0, unit="ms"), None) == ""
    assert 'width="0.0"' in bar(Measure(-0.2), None), "a kappa below 0 stays in its box"


def test_a_cell_is_deeper_the_more_of_its_row_it_holds():
    assert [shade(count, (0, 1, 10, 89)) for count in (0, 1, 10, 89)] == [0, 1, 1, 5]
    assert shade(0, (0, 0)) == 0


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_every_text_reaches_aa_on_every_ground(side):
    css = (Path(card.__file__).parent / "card.css").read_text("utf-8")
    found = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", css)
    colour = {name: pair[side] for name, *pair in found}
    for text in ("ink", "quiet", "link", "good", "bad"):
        for ground in ("ground", "raised"):
            assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    deep = int(re.search(r"\.shade5 \{ --deep: (\d+)%", css)[1]) / 100
    for tint in ("good", "bad"):
        assert contrast(colour["ink"], _mixed(colour[tint], colour["ground"], deep)) >= 4.5, tint


def _mixed(over, under, part):
    channels = [(int(over[at : at + 2], 16), int(under[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part * a + (1 - part) * b):02X}" for a, b in channels)


BEFORE = result(*[case(f"c{n}", right=n < 20) for n in range(40)])
AFTER = result(*[case(f"c{n}", right=n < 30 and n != 3) for n in range(40)])


def test_a_gain_has_the_flips_of_both_ways_and_an_interval_that_holds_it():
    found = compare(BEFORE, AFTER, measures)
    gain = found.gains["recall"]
    assert (found.before["recall"].value, found.after["recall"].value) == (20 / 40, 29 / 40)
    assert gain.value == pytest.approx(9 / 40)
    assert 0 < gain.low < gain.value < gain.high
    assert [flip.id for flip in found.flipped_right] == [f"c{n}" for n in range(20, 30)]
    (lost,) = found.flipped_wrong
    assert (lost.id, lost.before, lost.after, lost.expected) == ("c3", "yes", "no", "yes")


def test_cases_are_paired_by_id_whatever_their_order():
    shuffled = replace(AFTER, cases=AFTER.cases[::-1])
    assert compare(BEFORE, shuffled, measures).gains["recall"].value == pytest.approx(9 / 40)


def test_what_only_one_run_has_or_expects_otherwise_now_is_left_out_and_named():
    before = result(case("a"), case("gone"), case("b", False, expected="no"))
    after = result(case("a"), case("new"), case("b", True))
    found = compare(before, after, measures)
    assert (found.cases, found.only_before, found.only_after) == (1, ("gone",), ("new",))
    assert found.relabelled == ("b",)
    assert found.flipped_right == ()
    assert "Left out: 1 only in the earlier run, 1 only in this one, 1 with another" in markdown(
        [found]
    )


def test_two_runs_without_a_case_in_common_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="The two runs of kind have no case in common"):
        compare(result(case("a")), result(case("b")), measures)


def test_a_pair_is_drawn_whole_so_that_its_measure_s_interval_holds_the_gain():
    def pairs(cases):
        found = {}
        for one in cases:
            found.setdefault(one.facts["pair"], []).append(one)
        return {"pairs": share(len(p) > 1 and all(o.right for o in p) for p in found.values())}

    def run(right):
        return result(*[case(f"c{n}", n < right, facts={"pair": f"p{n // 2}"}) for n in range(40)])

    gain = compare(run(20), run(40), pairs).gains["pairs"]
    assert gain.value == pytest.approx(0.5)
    assert gain.low < 0.5 < gain.high


@pytest.mark.parametrize(
    ("gain", "words", "number"),
    [
        (Measure(0.1, 0.02, 0.2), "better", "+0.100"),
        (Measure(-0.1, -0.2, -0.02), "worse", "-0.100"),
        (Measure(0.1, -0.02, 0.2), "no difference can be seen", "+0.100"),
        (Measure(0.1, 0.0, 0.2), "no difference can be seen", "+0.100"),
        (Measure(-0.0001, 0.0, 0.0), "no difference can be seen", "+0.000"),
        (Measure(12.34, 2.0, 20.0, "ms"), "slower", "+12.3 ms"),
        (Measure(-12.34, -20.0, -2.0, "ms"), "faster", "-12.3 ms"),
        (Measure(nan, nan, nan), "too little to tell", "–"),
        (Measure(0.5, nan, nan), "too little to tell", "+0.500"),
    ],
)
def test_a_gain_is_said_in_words(gain, words, number):
    assert (seen(gain), gained(gain)) == (words, number)


def test_one_case_is_too_little_to_tell():
    found = compare(result(case("a", False)), result(case("a")), measures)
    assert isnan(found.gains["recall"].low)
    assert seen(found.gains["recall"]) == "too little to tell"


def test_the_markdown_has_a_row_a_measure_and_a_line_a_flip():
    text = markdown([compare(BEFORE, AFTER, measures)])
    assert re.search(r"\| recall +\| 0\.500 +\| 0\.725 +\| \+0\.225 +\| 0\.\d{3} to", text)
    assert "40. 10 became right, 1 became wrong." in text
    assert "- c3: should be yes, was yes, is now no. message c3" in text.splitlines()
    assert text.index("Became wrong") < text.index("Became right")
    assert markdown([]) == ""
    assert "###" not in markdown([compare(BEFORE, BEFORE, measures)])
    assert "no difference can be seen" in markdown([compare(BEFORE, BEFORE, measures)])


def test_in_the_markdown_a_case_makes_no_link_tag_or_row():
    nasty = "![x](https://a.invalid/y) <b>bold</b>\n| a `row` |\n# head " + "long " * 99
    before, after = result(case("a", False, shown=nasty)), result(case("a", shown=nasty))
    line = markdown([compare(before, after, measures)]).splitlines()[-1]
    assert line.startswith("- a: should be yes, was no, is now yes. !\\[x](https://a.invalid/y)")
    assert "\\<b>bold\\</b> \\| a \\`row\\` \\| # head long" in line
    assert len(line) < 260


def test_the_page_shows_what_was_gained_and_links_to_the_cases_that_flipped():
    read = shown_page(AFTER, compared=[compare(BEFORE, AFTER, measures)])
    assert "+0.225" in read.of("td")
    assert "better" in read.of("td")
    links = {attrs["href"][1:] for tag, attrs in read.tags if tag == "a"}
    ids = {attrs["id"] for _, attrs in read.tags if "id" in attrs}
    assert {"kind/c3", "kind/c20", "compared"} <= links
    assert links - {"top"} <= ids


def test_a_kept_run_is_read_again_by_its_file_or_its_folder(tmp_path):
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"suites": [as_json(BEFORE)]}), encoding="utf-8")
    assert read_run(file) == read_run(tmp_path) == {"kind": BEFORE}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"suites": [{"name": 1}]}', '{"suites": [3]}'])
def test_what_is_not_a_run_is_refused_in_a_sentence(tmp_path, text):
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.json is not a run of `companion eval`"):
        read_run(file)


def test_a_run_that_is_not_there_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        read_run(tmp_path / "none.json")


@pytest.mark.xdist_group("browser")
def test_in_a_browser_it_asks_for_nothing_and_opens_by_keyboard(browser, tmp_path, wrong):  # noqa: F811
    file = tmp_path / "page.html"
    made = shown_page(result(wrong, *AFTER.cases), compared=[compare(BEFORE, AFTER, measures)])
    file.write_text(made.source, encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    sheet, asked, complaints = context.new_page(), [], []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.on("console", lambda message: complaints.append(message.text))
    sheet.on("pageerror", lambda error: complaints.append(str(error)))
    sheet.goto(file.as_uri())

    sheet.get_by_role("searchbox").focus()
    sheet.keyboard.press("Tab")
    sheet.keyboard.press("Tab")
    sheet.keyboard.press("Enter")
    assert sheet.locator(".case.wrong[open]").count() == 1
    assert sheet.locator(".case[open] pre").inner_text().count("<script>window.hit") == 1
    sheet.get_by_label("Wrong only").check()
    assert sheet.locator("output").inner_text() == "12 of 41 cases"
    sheet.get_by_role("searchbox").fill("message C3")
    assert sheet.locator("output").inner_text() == "11 of 41 cases"
    assert sheet.evaluate("document.documentElement.scrollWidth") == 390
    assert asked == [file.as_uri()]
    assert complaints == []

    sheet.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        "{textContent: 'window.hit = 1'}))"
    )
    assert sheet.evaluate("window.hit") is None
    context.close()
