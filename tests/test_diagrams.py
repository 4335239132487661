"""The diagrams: readable, complete, the same everywhere, and what the rules say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import attrs
import pytest

from fsm import terms
from fsm.diagrams import (
    BadScenario,
    Picture,
    all_files,
    lane_mermaid,
    lane_picture,
    scenario_files,
    stale,
    status_mermaid,
    status_picture,
    statuses,
    timeline_picture,
    timeline_svg,
    write,
)
from fsm.diagrams.canvas import Box, Canvas
from fsm.diagrams.timelines import told
from fsm.errors import BadEvent
from fsm.events import Account, Event, instant_of, micros
from fsm.machine import Law
from fsm.rulebooks.knobs import policy_of
from fsm.rulebooks.timeline import editions, in_force
from fsm.rules.tables import STAYS, Lane, Rulebook

ROOT = Path(__file__).resolve().parents[1]
SVG = "{http://www.w3.org/2000/svg}"
NINE = instant_of(datetime(2023, 9, 11, 9, tzinfo=UTC))
HOUR = micros(timedelta(hours=1))
MINUTE = micros(timedelta(minutes=1))
SECOND = micros(timedelta(seconds=1))


@cache
def files() -> dict[str, str]:
    return all_files()


def last_editions() -> dict[str, Rulebook]:
    return {book.name: book for book in editions()}


def lanes() -> list[tuple[Rulebook, Lane]]:
    return [(book, lane) for book in editions() for lane in book.lanes]


def happens(event: str, at: int, **members: object) -> Event:
    return Event(event=event, at=at, business="bakery", customer="ana", **members)  # type: ignore[arg-type]


def sent(id: str, at: int, content: str, category: str | None = None, delivered_after: int = 0) -> list[Event]:
    return [
        happens("message_sent", at, id=id, content=content, category=category),
        happens("message_delivered", at + delivered_after, id=id),
    ]


def crowded() -> list[Event]:
    """Many events within minutes, then long gaps, every lane in use."""
    events = [happens("customer_message", NINE, id="c0")]
    for place, (content, category) in enumerate(
        [
            ("free_form", None),
            ("template", "utility"),
            ("template", "marketing"),
            ("free_form", None),
            ("template", "authentication"),
            ("reaction", None),
        ]
    ):
        events += sent(f"b{place}", NINE + (place + 1) * MINUTE, content, category, place % 2 * 30 * SECOND)
    day = NINE + 23 * HOUR
    events += [
        happens("customer_message", day, id="c1", kind="reaction"),
        happens("customer_message", day + MINUTE, id="c2", entry="ad"),
        happens("opted_in", day + 2 * MINUTE),
        happens("marketing_stopped", day + 2 * MINUTE),
        *sent("b7", NINE + 24 * HOUR, "free_form"),
        happens("message_sent", NINE + 49 * HOUR, id="b8", content="free_form"),
        happens("message_failed", NINE + 49 * HOUR + MINUTE, id="b8", error=131047),
    ]
    return events


def words_of(svg: str) -> str:
    """All that a picture says, as one text."""
    return " ".join(text for text in ElementTree.fromstring(svg).itertext())


# --- every picture can be read ------------------------------------------------
def pictures() -> dict[str, Picture]:
    found = {f"{book.edition} {lane.name}": lane_picture(book, lane) for book, lane in lanes()}
    found |= {f"{name} status": status_picture(book) for name, book in last_editions().items()}
    rolling = editions(policy_of((("fep_model", "rolling_24h_cap_7d"),)))[-1]
    found["rolling entry point"] = lane_picture(rolling, rolling.lane(terms.FREE_ENTRY_POINT))
    return found


def test_no_text_overlaps_another_or_a_line_and_none_leaves_its_picture() -> None:
    assert {name: picture.clashes() for name, picture in pictures().items() if picture.clashes()} == {}


def test_the_overlap_test_would_notice() -> None:
    canvas = Canvas()
    canvas.text(10, 20, "here")
    canvas.text(12, 22, "there")
    canvas.text(90, 60, "beyond")
    canvas.line(((0, 18), (50, 18)))
    said = " ".join(canvas.finished(100, 100, "t", "d").clashes())
    assert "'here' overlaps 'there'" in said
    assert "'beyond' leaves the picture" in said
    assert "a line crosses 'here'" in said


def test_boxes_that_only_touch_do_not_overlap() -> None:
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 20, 10))


# By the names of those that are committed, for drawing them takes a while; that they are the same is tested as well.
PICTURES = [path.relative_to(ROOT / "diagrams").as_posix() for path in (ROOT / "diagrams").rglob("*.svg")]


@pytest.mark.parametrize("path", sorted(path for path in PICTURES if not path.startswith("scenarios/")))
def test_a_picture_is_well_formed_and_described_and_runs_nothing(path: str) -> None:
    root = ElementTree.fromstring(files()[path])
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert [child.tag for child in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert all(root.findtext(f"{SVG}{name}") for name in ("title", "desc"))
    assert {node.tag for node in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "g", "rect", "text", "polyline", "polygon", "circle")
    }
    assert not [name for node in root.iter() for name in node.attrib if name.startswith("on") or "href" in name]


def test_open_is_told_by_more_than_colour() -> None:
    """A state that only waits has a dashed edge, a clock a dashed arrow: both survive a black and white printer."""
    book = last_editions()["cbp-2023-06"]
    root = ElementTree.fromstring(lane_picture(book, book.lane(terms.FREE_ENTRY_POINT)).svg)
    assert len([box for box in root.iter(f"{SVG}rect") if box.get("stroke-dasharray")]) == 1
    assert len([line for line in root.iter(f"{SVG}polyline") if line.get("stroke-dasharray")]) == 2


# --- lanes: complete ------------------------------------------------------------
@pytest.mark.parametrize("name", last_editions())
def test_every_row_and_clock_is_named_by_its_rule_beside_its_picture(name: str) -> None:
    book, page = last_editions()[name], files()[f"{name}/README.md"]
    sections = re.split(r"^## ", page, flags=re.MULTILINE)
    for lane in book.lanes:
        section = next(text for text in sections if f"({lane.name}.svg)" in text)
        rules = {row.rule for row in lane.rows} | {state.rule for state in lane.states if state.lasts}
        assert {rule for rule in rules if f"| {rule} |" not in section} == set()
        assert len([line for line in section.splitlines() if line.startswith("| ")]) == 2 + len(lane.rows) + len(
            [state for state in lane.states if state.lasts]
        )


def test_what_moves_a_lane_is_in_its_picture_with_its_rule() -> None:
    for book, lane in lanes():
        said = words_of(lane_picture(book, lane).svg)
        missing = {row.rule for row in lane.rows if row.dest != STAYS and row.rule not in said}
        assert not missing, (book.edition, lane.name)


def test_a_wait_for_an_answer_is_drawn_from_idle_only_where_sending_in_time_is_enough() -> None:
    def from_idle(book: Rulebook) -> bool:
        return "s_idle --> s_open" in lane_mermaid(book, book.lane(terms.FREE_ENTRY_POINT))

    assert not from_idle(in_force(date(2023, 9, 11)))
    assert from_idle(in_force(date(2025, 9, 11)))


def test_the_service_lane_in_mermaid_is_what_the_rules_say() -> None:
    """Written by hand from CBP2-03, CBP2-04 and CBP2-13."""
    book = in_force(date(2023, 9, 11))
    assert lane_mermaid(book, book.lane("service")).splitlines() == [
        "stateDiagram-v2",
        "    direction LR",
        '    state "idle" as s_idle',
        '    state "service open (24 h clock)" as s_service_open',
        "    [*] --> s_idle",
        "    s_idle --> s_service_open: (1) free-form",
        "    s_service_open --> s_service_open: (2) free-form",
        "    s_service_open --> s_idle: (3) answer to an ad<br>(4) 24 h later",
    ]


def test_mermaid_gets_nothing_that_it_would_read_as_its_own_syntax() -> None:
    blocks = [lane_mermaid(book, lane) for book, lane in lanes()]
    blocks += [status_mermaid(book) for book in last_editions().values()]
    for line in "".join(blocks).splitlines()[0:]:
        label = line.partition(": ")[2] if "-->" in line else line.partition('"')[2].rpartition('"')[0]
        assert not set(label.replace("<br>", "")) & set('"<>#;:{}'), line


# --- the thread status ------------------------------------------------------------
IDLE, SERVICE, BUSINESS, BOTH, ENTRY = (
    "idle",
    "service-open",
    "business-open",
    "service-open + business-open",
    "free-entry-point-open",
)
PER_CONVERSATION = (IDLE, SERVICE, BUSINESS, ENTRY)
PER_CATEGORY = (IDLE, SERVICE, BUSINESS, BOTH, ENTRY)
PER_MESSAGE = (IDLE, ENTRY)

EXPECTED = {
    "nbp": (IDLE,),
    # At most one conversation is open (CBP1-04), so never service and business together.
    "cbp-2022-02": PER_CONVERSATION,
    "cbp-2023-04": PER_CONVERSATION,
    # A template opens its category beside an open service conversation (CBP2-06).
    "cbp-2023-06": PER_CATEGORY,
    "cbp-2024-11": PER_CATEGORY,
    # There are no conversations (PMP-04).
    "pmp-2025-07": PER_MESSAGE,
    "pmp-2026-08": PER_MESSAGE,
    "pmp-2026-10": PER_MESSAGE,
}
OLD_ARROWS = {
    (IDLE, SERVICE),
    (SERVICE, IDLE),
    (IDLE, BUSINESS),
    (BUSINESS, IDLE),
    (IDLE, ENTRY),
    (ENTRY, IDLE),
}
ARROWS = {
    "nbp": set(),
    # An open conversation keeps the free entry point from opening (CBP1-10).
    "cbp-2022-02": OLD_ARROWS,
    "cbp-2023-04": OLD_ARROWS,
    "cbp-2023-06": (
        new := OLD_ARROWS
        | {(SERVICE, BOTH), (BOTH, SERVICE), (BOTH, BUSINESS)}
        | {(SERVICE, ENTRY), (BUSINESS, ENTRY), (BOTH, ENTRY)}
    ),
    "cbp-2024-11": new,
    "pmp-2025-07": {(IDLE, ENTRY), (ENTRY, IDLE)},
    "pmp-2026-08": {(IDLE, ENTRY), (ENTRY, IDLE)},
    "pmp-2026-10": {(IDLE, ENTRY), (ENTRY, IDLE)},
}


def test_every_rulebook_has_its_expected_statuses_written_down() -> None:
    assert set(EXPECTED) == set(ARROWS) == set(last_editions())


@pytest.mark.parametrize("name", EXPECTED)
def test_the_thread_status_picture_has_the_states_that_the_rules_give(name: str) -> None:
    book = last_editions()[name]
    assert statuses(book) == EXPECTED[name]
    drawn = re.findall(r'state "([^"(]+?)(?: \([^"]*)?" as', status_mermaid(book))
    assert tuple(drawn) == EXPECTED[name]
    texts = {text.text for text in status_picture(book).texts}
    assert {status for status in PER_CATEGORY if status in texts} == set(EXPECTED[name])


@pytest.mark.parametrize("name", ARROWS)
def test_the_thread_status_changes_as_the_rules_say_and_not_otherwise(name: str) -> None:
    ids = {"s_" + re.sub("[^a-z]+", "_", status): status for status in PER_CATEGORY}
    arrows = re.findall(r"(s_\w+) --> (s_\w+)", status_mermaid(last_editions()[name]))
    assert {(ids[source], ids[dest]) for source, dest in arrows} == ARROWS[name]


@pytest.mark.parametrize("name", ["pmp-2025-07", "pmp-2026-08", "pmp-2026-10"])
def test_a_per_message_rulebook_says_that_it_has_no_conversations(name: str) -> None:
    assert "There are no conversations under this rulebook" in words_of(files()[f"{name}/status.svg"])


def test_in_2022_the_window_decides_which_conversation_opens() -> None:
    said = status_mermaid(last_editions()["cbp-2022-02"])
    assert "s_idle --> s_service_open: (1) any message, window open" in said
    assert "s_idle --> s_business_open: (2) any message, window closed" in said


# --- changes ------------------------------------------------------------------------
CHANGES = [(before, after) for before, after in pairwise(editions())]
BY_DATE = pytest.mark.parametrize(("before", "after"), CHANGES, ids=[after.since.isoformat() for _, after in CHANGES])


def page_of(book: Rulebook) -> str:
    return files()[f"changes/{book.since.isoformat()}.md"]


@BY_DATE
def test_a_change_page_says_what_changed_and_names_every_added_rule_and_its_sources(
    before: Rulebook, after: Rulebook
) -> None:
    page = page_of(after)
    assert f"# {after.since.isoformat()}: {after.changed}" in page
    for id, rule in after.rules.items():
        if id not in before.rules:
            assert f"| **{id}** | {rule.says}" in page


@BY_DATE
def test_a_change_page_says_something_beyond_its_heading(before: Rulebook, after: Rulebook) -> None:
    assert "\n## " in page_of(after)


@BY_DATE
def test_links_of_a_change_page_lead_somewhere(before: Rulebook, after: Rulebook) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page_of(after)):
        if not target.startswith("http"):
            assert os.path.normpath(f"changes/{target}") in files(), target


def test_links_of_the_other_pages_lead_somewhere() -> None:
    for path, text in files().items():
        if path.endswith("README.md"):
            for target in re.findall(r"\]\(([^)#]+)\)", text):
                place = os.path.normpath(Path(path).parent / target)
                # The pictures of the scenarios are drawn apart: they are looked for where they are committed.
                known = place in files() or (ROOT / "diagrams" / place).is_file()
                assert known or target.startswith("http"), (path, target)


def test_the_longer_free_entry_point_of_march_2023_is_told_as_a_clock() -> None:
    page = page_of(in_force(date(2023, 3, 1)))
    assert "- “open” becomes “idle” 72 h later (CBP1-10). Until then: 24 h later." in page
    assert "removed desktop and web (now android and ios)" in page


def test_the_four_categories_of_june_2023_are_told_once_for_those_that_are_alike() -> None:
    page = page_of(in_force(date(2023, 6, 1)))
    assert "### New: marketing conversation, utility conversation and authentication conversation" in page
    assert page.count("template delivered (no free entry point open") == 1
    assert "Nothing opens it any more; what is open runs to its end." in page


def test_lanes_that_fall_away_and_new_prices_are_told() -> None:
    page = page_of(in_force(date(2025, 7, 15)))
    assert "### Falls away: marketing conversation, utility conversation" in page
    page = page_of(in_force(date(2026, 10, 1)))
    assert "The first 1,000 service messages of a business phone number in a calendar month are free (P26-02)." in page
    assert "| otherwise | charged: service | P26-01 |" in page


def test_only_countries_changed_in_march_2026() -> None:
    page = page_of(in_force(date(2026, 3, 11)))
    assert re.findall("^## .*", page, flags=re.MULTILINE) == ["## Lists and readings"]
    assert "BR" in page


# --- timelines ------------------------------------------------------------------------
def test_a_crowded_timeline_has_no_overlapping_text() -> None:
    assert timeline_picture("A crowded day", crowded(), Law()).clashes() == ()


@pytest.mark.parametrize("seed", range(40))
def test_no_timeline_has_overlapping_text(seed: int) -> None:
    random = Random(seed)
    at = instant_of(datetime(2022, 1, 1, tzinfo=UTC)) + random.randrange(1700) * 24 * HOUR
    events: list[Event] = []
    for place in range(random.randrange(1, 45)):
        at += random.choice(
            (0, SECOND, MINUTE, HOUR, 5 * HOUR, 24 * HOUR, 24 * HOUR, 90 * HOUR, random.randrange(HOUR))
        )
        match random.randrange(6):
            case 0:
                events.append(happens("customer_message", at, id=f"c{place}", entry=random.choice((None, "ad"))))
            case 1:
                events.append(happens("customer_message", at, id=f"c{place}", kind=random.choice(terms.KINDS)))
            case 2:
                events.append(happens(random.choice(terms.PREFERENCE_EVENTS), at))
            case 3:
                events += sent(f"b{place}", at, random.choice(("free_form", "reaction", "app", "direct_send")))
            case _:
                category = random.choice((*terms.CATEGORIES, "newsletter"))
                events += sent(f"b{place}", at, "template", category, random.choice((0, MINUTE)))
    assert timeline_picture("Whatever happens " * random.randrange(1, 12), events, Law()).clashes() == ()


def test_a_timeline_of_one_instant_can_be_drawn() -> None:
    picture = timeline_picture("One opt-in", [happens("opted_in", NINE)], Law())
    assert picture.clashes() == ()
    assert "Consent is noted." in words_of(picture.svg)


def test_a_hostile_title_is_escaped() -> None:
    title = '<script>&"\x00 ]]>'
    svg = timeline_svg(title, crowded(), Law())
    assert "<script" not in svg
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == '<script>&"� ]]>'


def test_hostile_members_of_events_are_escaped() -> None:
    event = happens("message_sent", NINE, id="x", content="template", category="<b>", template_status="<i>&")
    assert "<i>" not in timeline_svg("t", [event], Law())


def test_bars_begin_and_end_when_lanes_do() -> None:
    """A window ends 24 hours after the last message, and the second of doubt follows it."""
    events = [happens("customer_message", NINE, id="a"), happens("customer_message", NINE + 5 * HOUR, id="b")]
    story = told(events, Law())
    assert [(span.lane, span.state.name, span.begins - NINE, span.ends - NINE) for span in story.spans] == [
        (terms.CUSTOMER_SERVICE_WINDOW, "open", 0, 29 * HOUR),
        (terms.CUSTOMER_SERVICE_WINDOW, "boundary", 29 * HOUR, 29 * HOUR + SECOND),
    ]
    assert story.spans[0].renewed == (NINE + 5 * HOUR,)
    assert story.lanes == (terms.CUSTOMER_SERVICE_WINDOW,)


def test_a_clock_that_runs_out_at_the_instant_of_an_event_is_seen() -> None:
    events = [happens("customer_message", NINE, id="a"), *sent("b", NINE + 24 * HOUR, "free_form")]
    said = words_of(timeline_svg("At exactly 24 hours", events, Law()))
    assert "Not documented; opens a service conversation" in said
    assert "a clock ran out at this very instant" in said


def test_sending_and_delivery_in_one_instant_are_one_entry_and_otherwise_two() -> None:
    together = told(sent("a", NINE, "template", "utility"), Law()).entries
    assert [entry.what for entry in together] == ["Utility template is sent and delivered"]
    assert together[0].then == "Allowed; opens a utility conversation; charged: utility."
    apart = told(sent("a", NINE, "template", "utility", SECOND), Law()).entries
    assert [entry.what for entry in apart] == ["Utility template is sent", "Utility template is delivered"]


def test_the_free_allowance_is_counted() -> None:
    events = [
        happens("customer_message", NINE, id="a"),
        *sent("b", NINE + HOUR, "free_form"),
        happens("customer_message", NINE + 30 * HOUR, id="c"),
        *sent("d", NINE + 31 * HOUR, "free_form"),
    ]
    said = [entry.then for entry in told(events, Law(Account(free_left=1))).entries]
    assert "free, within the free units of the month" in said[1]
    assert "charged: service" in said[3]


def test_a_change_of_the_law_is_marked_at_local_midnight() -> None:
    at = instant_of(datetime(2023, 5, 31, 20, tzinfo=UTC))
    events = [happens("customer_message", at, id="a"), *sent("b", at + MINUTE, "free_form")]
    story = told(events, Law(Account(time_zone=timezone(timedelta(hours=-6)))))
    assert [(when - at, book.name) for when, book in story.switches] == [(10 * HOUR, "cbp-2023-06")]
    assert "2023-06-01: Conversations have four categories" in words_of(timeline_svg("t", events, Law()))


def test_order_and_duplicates_of_events_do_not_matter() -> None:
    events = crowded()
    expected = timeline_svg("t", events, Law())
    assert timeline_svg("t", [*reversed(events), *events], Law()) == expected


def test_events_of_several_threads_are_refused() -> None:
    events = [happens("opted_in", NINE), attrs.evolve(happens("opted_in", NINE), customer="bea")]
    with pytest.raises(BadEvent, match="one thread"):
        timeline_svg("t", events, Law())
    with pytest.raises(BadEvent, match="0 events"):
        timeline_svg("t", [], Law())


# --- files --------------------------------------------------------------------------
def test_every_rulebook_has_its_page_its_status_and_a_picture_of_every_lane() -> None:
    wanted = {"README.md"} | {f"changes/{after.since.isoformat()}.md" for _, after in CHANGES}
    for name, book in last_editions().items():
        wanted |= {f"{name}/README.md", f"{name}/status.svg", *(f"{name}/{lane.name}.svg" for lane in book.lanes)}
        page = files()[f"{name}/README.md"]
        assert page.count("```mermaid\n") == 1 + len(book.lanes)
    assert set(files()) == wanted


SCRIPT = """
import hashlib, sys
from datetime import UTC, datetime
from fsm.diagrams import all_files, scenario_files
from fsm.events import Account, Event, instant_of
at = instant_of(datetime(2023, 9, 11, 9, tzinfo=UTC))
events = [
    Event(event="customer_message", at=at, business="b", customer="c", id="1", entry="ad"),
    Event(event="message_sent", at=at, business="b", customer="c", id="2", content="free_form"),
    Event(event="message_delivered", at=at, business="b", customer="c", id="2"),
]
files = all_files() | scenario_files([("one", "One", events, Account())])
for path in files:
    print(path, hashlib.sha256(files[path].encode()).hexdigest())
"""


def test_the_files_do_not_depend_on_the_hash_seed() -> None:
    def written(seed: str) -> str:
        # S603: the script is the text above, run by this very interpreter.
        return subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "1" else "UTC"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout

    assert written("1") == written("2")


def test_files_are_written_compared_and_named_when_stale(tmp_path: Path) -> None:
    given = {"README.md": "one\n", "changes/2023-06-01.md": "two\n"}
    assert stale(tmp_path, given) == ["missing: README.md", "missing: changes/2023-06-01.md"]
    assert write(tmp_path, given) == ["README.md", "changes/2023-06-01.md"]
    assert stale(tmp_path, given) == []
    assert write(tmp_path, given) == []
    (tmp_path / "README.md").write_bytes(b"one\r\n")
    (tmp_path / "old.svg").write_text("", encoding="utf-8")
    assert stale(tmp_path, given) == ["different: README.md", "extra: old.svg"]


def test_without_scenarios_given_those_on_disk_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "one.svg").write_text("", encoding="utf-8")
    assert stale(tmp_path) == []


def test_scenarios_become_timelines_with_a_page_that_lists_them() -> None:
    drawn = scenario_files([("crowded-day", "A [crowded] day", crowded(), Account())])
    assert set(drawn) == {"scenarios/crowded-day.svg", "scenarios/README.md"}
    assert "- [A \\[crowded\\] day](crowded-day.svg)" in drawn["scenarios/README.md"]


@pytest.mark.parametrize("slug", ["../escape", "Upper", "", "a/b", "-x"])
def test_a_scenario_that_is_no_file_name_is_refused(slug: str) -> None:
    with pytest.raises(BadScenario, match="file name"):
        scenario_files([(slug, "t", crowded(), Account())])


def test_two_scenarios_of_one_name_are_refused() -> None:
    twice = ("one", "t", crowded(), Account())
    with pytest.raises(BadScenario, match="two scenarios"):
        scenario_files([twice, twice])
