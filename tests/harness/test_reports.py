"""Reports: what they say, and that nothing of the tested system can do harm in them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fsm.harness.conform.adapters.python import Adapter, PythonDriver, python_driver
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import OUTCOMES, Report
from fsm.harness.conform.reports import comparison
from fsm.harness.conform.reports.badge import badge_text, write_badge
from fsm.harness.conform.reports.cucumber import NoFormatter, find_formatter, write_cucumber_page
from fsm.harness.conform.reports.junit import write_junit
from fsm.harness.conform.reports.messages import write_messages
from fsm.harness.conform.reports.page import write_page
from fsm.harness.conform.reports.saved import BadReport, read_json, write_json
from fsm.harness.conform.reports.terminal import summary
from fsm.harness.conform.vectors import all_vectors, select
from fsm.replay.story import plain

NASTY = "<script>alert(1)</script>\x1b[31m\x00\u202e]]>&\"' {{x}}"
VECTORS = select(all_vectors(), concepts=["windows", "opt-in"])


class Nasty(Adapter):
    """Puts markup and control characters wherever it can."""

    name = f"evil{NASTY}"
    version = NASTY
    can_answer = ("permission", "status", "doubts")

    def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if event["event"] == "message_failed":
            raise ValueError(NASTY)
        if event["event"] == "message_sent" and event["content"] == "template":
            return {"verdict": NASTY}
        return {"verdict": "allowed", "flags": [NASTY], "error": None}

    def question(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {"status": NASTY}


class Silent(Adapter):
    """Claims permission, and answers only what is free-form."""

    can_answer = ("permission",)

    def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {"verdict": "allowed", "error": None} if event.get("content") == "free_form" else None


@pytest.fixture(scope="module")
def nasty() -> Report:
    """A run in which everything goes wrong."""
    return grade(PythonDriver(Nasty), VECTORS, smoke=False, known_gaps={"CSW-12": NASTY})


@pytest.fixture(scope="module")
def right() -> Report:
    """A run in which everything passes."""
    return grade(python_driver("fsm.harness.conform.adapters.reference:Reference"), VECTORS)


def test_the_run_that_is_reported_has_every_outcome_but_one(nasty: Report) -> None:
    assert {name for name, count in nasty.counts.items() if count} == set(OUTCOMES) - {"gap closed"}


# --- terminal -----------------------------------------------------------------------
def test_the_summary_fits_a_screen_and_moves_no_terminal(nasty: Report) -> None:
    lines = list(summary(nasty, plain, failures=1))
    assert len(lines) < 60
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 500 for line in lines)
    text = "\n".join(lines)
    assert "does not follow all of them" in text
    assert "not claimed, so not graded: windows, conversations" in text
    assert "more that fail" in text


def test_the_summary_of_a_right_one_is_short(right: Report) -> None:
    lines = list(summary(right, plain))
    assert "follows the documented rules" in lines[0]
    assert len(lines) < 25
    assert not any("most likely" in line for line in lines)


# --- the page -------------------------------------------------------------------------
class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.scripts = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            if name in ("src", "href") and value:
                self.links.append(f"{tag} {value}")
            assert not name.startswith("on") or (tag, name) == ("form", "onsubmit")
        if tag not in ("meta", "input", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def test_nothing_on_the_page_comes_from_the_tested_system_as_markup(nasty: Report) -> None:
    page = write_page(nasty)
    assert "<script>alert" not in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", page)
    assert _read(page).scripts == 1


def test_the_page_asks_nobody_for_anything(nasty: Report) -> None:
    page = write_page(nasty)
    reader = _read(page)
    assert all(link.startswith(("a #", "a https://", "img data:image/svg+xml")) for link in reader.links), reader.links[
        :5
    ]
    assert {"link", "iframe", "object"}.isdisjoint(reader.tags)
    assert "default-src 'none'" in page


def test_the_page_shows_scenarios_in_both_languages_pictures_sources_and_differences(nasty: Report) -> None:
    page = write_page(nasty)
    for part in ("Español", "Dado", "data:image/svg+xml", "Our reading:", "<td>verdict of event", "for review"):
        assert part in page
    assert f"{len(VECTORS):,}" in page
    assert page.count("data-outcome=") >= len(VECTORS)


def test_a_page_where_everything_fails_is_still_one_that_opens() -> None:
    class Fails(Adapter):
        can_answer = ("permission", "windows", "conversations", "charges")

        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            return {
                "verdict": "unspecified",
                "opens": ["marketing_lite"],
                "refreshes": ["marketing_lite"],
                "closes": ["utility"],
                "joins": "utility",
                "charge": "calling",
                "why": "exempt",
                "deadlines": {},
            }

    page = write_page(grade(PythonDriver(Fails), smoke=False))
    assert len(page.encode()) < 8_000_000


# --- other forms ----------------------------------------------------------------------
def test_a_report_in_json_is_read_back(nasty: Report) -> None:
    text = write_json(nasty)
    saved = read_json(text, "a.json")
    assert saved.counts == nasty.counts
    assert saved.outcomes == {each.vector.id: each.outcome for each in nasty.grades}
    assert "\x1b" not in text
    assert json.loads(text)["levels"]["permission"] == nasty.levels["permission"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"report": 2}', '{"report": 1}', '{"report": 1, "implementation": 5, "vectors": []}']
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(BadReport, match=r"a\.json"):
        read_json(text, "a.json")


def test_a_report_with_an_unknown_outcome_is_refused(nasty: Report) -> None:
    with pytest.raises(BadReport, match="splendid"):
        read_json(write_json(nasty).replace('"outcome": "failed"', '"outcome": "splendid"'), "a.json")


def test_junit_counts_what_failed_errored_and_was_skipped(nasty: Report) -> None:
    root = ElementTree.fromstring(write_junit(nasty))
    counts = nasty.counts
    assert int(root.get("tests", "")) == len(VECTORS)
    assert int(root.get("failures", "")) == counts["failed"] + counts["gap closed"]
    assert int(root.get("errors", "")) == counts["errored"]
    assert int(root.get("skipped", "")) == counts["known gap"] + counts["review"] + counts["unsupported"]
    assert len(root.findall("testsuite/testcase/failure")) == counts["failed"]
    assert {suite.get("name") for suite in root} == {"windows", "opt-in"}


def test_a_badge_names_the_levels_and_the_rulebooks(nasty: Report, right: Report) -> None:
    left, told = badge_text(right)
    assert "nbp to pmp-2026-10" in left
    assert re.fullmatch(r"(\d+) of \1 levels right", told)
    assert "%" not in left + told
    assert len(left + told) < 60
    few = grade(PythonDriver(Silent), VECTORS, smoke=False)
    assert re.fullmatch(r"permission \d+/\d+, \d+ errored", badge_text(few)[1])
    for report in (nasty, right):
        svg = ElementTree.fromstring(write_badge(report))
        assert svg.get("aria-label") == ": ".join(badge_text(report))


def test_the_stream_of_messages_tells_every_scenario_once(nasty: Report) -> None:
    messages = [json.loads(line) for line in write_messages(nasty).splitlines()]
    kinds = [next(iter(message)) for message in messages]
    assert kinds[0] == "meta"
    assert kinds[-1] == "testRunFinished"
    assert kinds.count("pickle") == kinds.count("testCase") == kinds.count("testCaseStarted")
    assert kinds.count("pickle") >= len({each.vector.title for each in nasty.grades}) - 5
    ids = [message["pickle"]["id"] for message in messages if "pickle" in message]
    assert len(ids) == len(set(ids))


def test_the_official_formatter_gets_the_stream_and_nothing_ends_its_script(nasty: Report, tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@cucumber" / "html-formatter"
    (package / "dist" / "src").mkdir(parents=True)
    with pytest.raises(NoFormatter, match="npm install"):
        find_formatter(tmp_path)
    (package / "dist" / "main.js").write_text("show('{{title}}')")
    (package / "dist" / "main.css").write_text("b {}")
    (package / "dist" / "src" / "icon.url").write_text("data:,")
    with pytest.raises(NoFormatter, match=r"index\.mustache"):
        write_cucumber_page(nasty, package)
    template = (
        "<title>{{title}}</title><script>M = [{{messages}}];</script><script>{{script}}{{custom_script}}</script>"
    )
    (package / "dist" / "src" / "index.mustache").write_text(template)
    (tmp_path / "below").mkdir()
    page = write_cucumber_page(nasty, find_formatter(tmp_path / "below"))
    assert page.count("</script>") == 2
    assert page.endswith("show('{{title}}')</script>")
    messages = json.loads(page.partition("M = ")[2].partition(";</script>")[0])
    assert messages == [json.loads(line) for line in write_messages(nasty).splitlines()]


# --- side by side ---------------------------------------------------------------------
def test_two_runs_are_laid_side_by_side(nasty: Report, right: Report) -> None:
    runs = [read_json(write_json(report), "x") for report in (right, nasty)]
    text = "\n".join(comparison.write_text(runs))
    assert "rules on which they differ" in text
    assert re.search(r"CSW-03 +(\d+) of \1", text)
    assert all(line.isprintable() for line in text.splitlines())
    page = comparison.write_page(runs)
    assert "<script>" not in page
    assert _read(page).links == []


def test_a_run_beside_itself_differs_in_nothing(right: Report) -> None:
    run = read_json(write_json(right), "x")
    assert "They differ on no rule that all were asked." in list(comparison.write_text([run, run]))
    assert list(comparison.only_one_passes([run, run])) == []
