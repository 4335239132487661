"""Files of columns: every format gives back what went in, damage is told with its place, memory stays bounded."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsm.bulk import bulk_replay
from fsm.cli.main import main
from fsm.columns import (
    EventReader,
    EventWriter,
    FolderWriter,
    from_events,
    packed,
    read_events,
    to_events,
    write_events,
)
from fsm.columns.blocks import LineReader
from fsm.columns.names import Names
from fsm.columns.writing import kind_of, whole_folder
from fsm.errors import BadColumns, BadLog, FsmError
from fsm.events import Event, changed, write_event
from fsm.machine import Law
from fsm.service.folders import files_of
from fsm.service.reading import Log, read_all
from tests.parity.histories import history
from tests.test_columns import events

FILES = ("log.parquet", "log.arrow", "log.csv", "log.jsonl", "log.csv.gz", "log.jsonl.gz", "log.jsonl.zst")
OPTED_IN = Event(event="opted_in", at=1_685_613_600_000_000, business="b", customer="c")


def template(category: str, number: int = 0) -> Event:
    """A template of a category, sent."""
    return Event(
        event="message_sent",
        at=number * 1_000_000,
        business=f"b{number % 3}",
        customer="c",
        id=f"m{number}",
        content="template",
        category=category,
    )


def log_lines(count: int) -> list[str]:
    """Lines of plausible logs, at least so many."""
    lines: list[str] = []
    seed = 0
    while len(lines) < count:
        lines += [json.dumps(line) for line in history(seed)[0]]
        seed += 1
    return lines


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("profile", ["coded", "readable"])
def test_a_file_gives_back_the_events_that_were_written(name: str, profile: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)

    @settings(max_examples=25, database=None, deadline=None)
    @given(st.lists(st.lists(events(), max_size=4), max_size=3))
    def check(told: list[list[Event]]) -> None:
        write_events([from_events(some) for some in told], path, profile=profile)
        assert list(to_events(read_events([path]))) == [event for some in told for event in some]

    check()


@pytest.mark.parametrize("name", FILES)
def test_words_met_late_are_kept_in_every_format(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow files name their words at the front, Parquet files at the end."""
    monkeypatch.setattr("fsm.columns.writing.ROWS_TOGETHER", 1)
    path = str(tmp_path / name)
    told = [template("utility"), template("late", 1), template("marketing", 2), template("later", 3)]
    write_events([from_events([event]) for event in told], path)
    assert list(to_events(read_events([path]))) == told
    reader = EventReader([path])
    assert [event for batch in reader for event in to_events(batch)] == told
    assert reader.names.words["category"][-2:] == ("late", "later")


def test_files_with_other_lists_are_read_into_one(tmp_path: Path) -> None:
    for number, word in enumerate(("one", "two", "one", "three")):
        write_events([from_events([template(word, number)])], str(tmp_path / f"{number}.parquet"))
    table = read_events([str(tmp_path)])
    assert [event.category for event in to_events(table)] == ["one", "two", "one", "three"]


def test_packed_files_give_numbers_back_as_text_and_keep_hashes(tmp_path: Path) -> None:
    event = Event(event="message_read", at=0, business="b", customer="5215550001111", id="m")
    batch = from_events([event])
    path = str(tmp_path / "log.parquet")
    write_events([batch], path, profile="packed")
    table = read_events([path])
    assert table.column("customer").to_pylist() == ["5215550001111"]
    assert table.column("id").to_pylist() == packed(batch).column("id").to_pylist()


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_events_is_a_file(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    assert write_events([], path) == 0
    assert read_events([path]).num_rows == 0


def test_a_file_stands_under_its_name_only_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    with EventWriter(str(path)) as writer:
        writer.write(from_events([OPTED_IN]))
        assert not path.exists()
    assert path.exists()
    path.unlink()
    with pytest.raises(BadColumns), EventWriter(str(path), profile="packed") as writer:
        writer.write(from_events([OPTED_IN]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "why"), [("log.txt", "ending"), ("log", "ending"), ("log.parquet.gz", "packed inside")]
)
def test_an_ending_that_says_nothing_is_refused(path: str, why: str) -> None:
    with pytest.raises(BadColumns, match=why):
        kind_of(path)


# --- JSON Lines: the fast way and the full way ------------------------------------
def both_ways(text: str, *, name: str = "log.jsonl") -> tuple[EventReader, list[Event], Log]:
    """What columns make of a log, and what the objects' reader does."""
    path = Path(name)
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    reader = EventReader([str(path)], keep_going=True)
    return reader, [event for batch in reader for event in to_events(batch)], read_all([(name, text)], keep_going=True)


def same(text: str) -> None:
    """Hold one way to the other."""
    reader, told, log = both_ways(text)
    assert told == log.events
    assert [str(problem) for problem in reader.problems] == [str(problem) for problem in log.problems]
    assert reader.log.unknown_members == log.unknown_members
    assert reader.log.notes == log.notes
    assert reader.log.aliases == log.aliases


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_plain_lines_never_become_objects(here: Path) -> None:
    """That is what makes the fast way fast."""
    reader = LineReader("log", Log(), Names())
    rows = sum(batch.num_rows for batch in reader.read("\n".join(log_lines(500)).encode()))
    assert rows >= 500
    assert reader.slow_lines == 0


@pytest.mark.parametrize("damage", ["{", '{"event": "opted_in"}', "null", '"x"'])
def test_a_damaged_line_sends_only_its_neighbours_the_full_way(damage: str) -> None:
    lines = log_lines(2_000)
    lines.insert(777, damage)
    log = Log()
    reader = LineReader("log", log, Names(), keep_going=True)
    rows = sum(batch.num_rows for batch in reader.read("\n".join(lines).encode()))
    assert rows == len(lines) - 1
    assert [problem.where for problem in log.problems] == ["log, line 778"]
    assert reader.slow_lines <= 64


ODD_LINES = (
    "",
    "   ",
    "\t\r",
    "\ufeff",
    "{}",
    "[]",
    "null",
    "not json",
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c"',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c"}}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c"}{"event": "opted_in"}',
    '{"event": "opted_in", "at": 1, "business": "b", "customer": "c"} {"event": "opted_in", "at": 0, "business": "b"}',
    '  {"event": "opted_in", "at": 2, "business": "b", "customer": "c"}  ',
    '{"event": "opted_in", "at": 3, "business": "b", "customer": "c"}\r',
    '\ufeff{"event": "opted_in", "at": 4, "business": "b", "customer": "c"}',
    '[{"event": "opted_in", "at": 5, "business": "b", "customer": "c"}, 7]',
    '{"event": "opted_in", "at": "2023-06-01T10:00:00Z", "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": "2023-06-01T10:00:00", "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": "2023-06-01T10:00:00.000001Z", "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": 1685613600000, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": 1.5, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": 1e3, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": true, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": null, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": -1, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": -0, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": 0123, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": NaN, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": 0, "at": 1, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "\\u0061t": 0, "business": "b", "customer": "c"}',
    '{"event": "opted_in", "at": 0, "business": "", "customer": "c"}',
    '{"event": "opted_in", "at": 0, "business": 7, "customer": "c"}',
    '{"event": "opted_in", "at": 0, "business": null, "customer": "c"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "\\ud800"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "\\ud83d\\ude00"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "a\\u0000b"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "tab\there"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "id": ""}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": ""}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c"}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", "participant": ""}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", "participant": "p"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "participant": "p"}',
    '{"event": "message_sent", "at": 0, "business": "b", "customer": "c", "id": "m"}',
    '{"event": "message_sent", "at": 0, "business": "b", "customer": "c", "id": "m", "content": "template", "category": ""}',
    '{"event": "message_sent", "at": 0, "business": "b", "customer": "c", "id": "m", "content": "template", "category": "new"}',
    '{"event": "message_sent", "at": 0, "business": "b", "customer": "c", "id": "m", "content": "fax"}',
    '{"event": "message_sent", "at": 0, "business": "b", "customer": "c", "id": "m", "content": "app", "kind": "text"}',
    '{"event": "customer_message", "at": 0, "business": "b", "customer": "c", "id": "m", "kind": null}',
    '{"event": "customer_message", "at": 0, "business": "b", "customer": "c", "id": "m", "kind": "texd"}',
    '{"event": "customer_message", "at": 0, "business": "b", "customer": "c", "id": "m", "content": "app"}',
    '{"event": "message_failed", "at": 0, "business": "b", "customer": "c", "id": "m", "error": 131047}',
    '{"event": "message_failed", "at": 0, "business": "b", "customer": "c", "id": "m", "error": "131047"}',
    '{"event": "message_failed", "at": 0, "business": "b", "customer": "c", "id": "m", "error": 131047.0}',
    '{"event": "message_failed", "at": 0, "business": "b", "customer": "c", "id": "m", "error": null}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", "inferred": true}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", "inferred": "true"}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", "inferred": null}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", "entry_point_ends_at": 86400}',
    '{"event": "message_read", "at": 0, "business": "b", "customer": "c", "id": "m", '
    '"entry_point_ends_at": "1971-01-01T00:00:00Z"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "note": "x"}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "note": null}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "note": 1e999}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "note": {"a": 1, "a": 2}}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "note": [1, "x"]}',
    '{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "addressee": "x"}',
    '{"event": "no such event", "at": 0, "business": "b", "customer": "c"}',
    '{"at": 0, "business": "b", "customer": "c"}',
    '{"entry": [{"id": "1", "changes": [{"field": "messages", "value": {"metadata": {"phone_number_id": "1"}, "statuses": '
    '[{"id": "w", "status": "read", "timestamp": "1685613600", "recipient_id": "15550100099"}]}}]}]}',
    '{"entry": [{"changes": [{"field": "messages", "value": {"metadata": {"phone_number_id": "1"}, "messages": '
    '[{"from": "1", "id": "w", "timestamp": "1685613600", "type": "text"}, '
    '{"from": "1", "id": "x", "timestamp": "1685613601", "type": "odd"}, '
    '{"from": "1", "id": "y", "timestamp": "1685613602", "type": "image"}]}}]}]}',
)


@pytest.mark.parametrize("odd", ODD_LINES)
def test_an_odd_line_among_others_is_read_or_refused_alike(odd: str, here: Path) -> None:
    lines = log_lines(120)
    expected_finer = "000001Z" in odd
    lines.insert(61, odd)
    text = "\n".join(lines)
    if expected_finer:
        reader, told, log = both_ways(text)
        assert [event for event in log.events if event.at % 1000 == 0] == told
        assert [problem.where for problem in reader.problems] == ["log.jsonl, line 62"]
        return
    same(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(ODD_LINES[:18] + ODD_LINES[19:]), max_size=60), st.integers(0, 2**32))
def test_any_mixture_of_odd_lines_is_read_or_refused_alike(here: Path, odd: list[str], seed: int) -> None:
    lines = log_lines(40) + odd
    random.Random(seed).shuffle(lines)
    same("\n".join(["{}", *lines]).replace("000001Z", "000Z"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_lines_with_bytes_changed_are_read_or_refused_alike(here: Path, seed: int) -> None:
    chance = random.Random(seed)
    text = list("\n".join(log_lines(60)))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(text))
        text[place] = chance.choice(["", "{", "}", '"', ",", ":", "\n", "\\", "0", "é", " ", text[place] * 2])
    same("{}\n" + "".join(text))


def test_blocks_give_the_same_wherever_they_are_cut(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = log_lines(150)
    lines[20:20] = ["", "{", "  " + lines[0]]
    text = "\n".join(lines) + "\n"
    for size in (200, 777, 4_096):
        monkeypatch.setattr("fsm.columns.reading.BLOCK", size)
        same(text)


def test_without_keep_going_the_first_bad_line_is_told(here: Path) -> None:
    lines = log_lines(300)
    lines[200] = '{"event": "opted_inn", "at": 0, "business": "b", "customer": "c"}'
    lines[100] = lines[100].replace('"at": ', '"at": x')
    Path("log.jsonl").write_text("\n".join(lines))
    with pytest.raises(BadLog, match=r"log\.jsonl, line 101: it is not JSON"):
        list(EventReader(["log.jsonl"]))


def test_what_is_no_log_at_all_is_given_up(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm.columns.blocks.MOST_PROBLEMS", 50)
    Path("log.jsonl").write_text("{}\n" * 60)
    Path("log.csv").write_text(HEADER + "x,0,b,c,,,\n" * 60)
    for name in ("log.jsonl", "log.csv"):
        with pytest.raises(BadLog, match="more than 50 places cannot be read"):
            list(EventReader([name], keep_going=True))


def test_what_webhooks_leave_open_fills_no_memory(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm.columns.blocks.MOST_PROBLEMS", 5)
    Path("log.jsonl").write_text((ODD_LINES[-1] + "\n") * 9)
    reader = EventReader(["log.jsonl"])
    assert sum(batch.num_rows for batch in reader) == 18
    assert len(reader.log.unread) == 5
    assert reader.log.notes == {"not understood, and not kept": 4}


def test_a_line_that_is_not_utf8_is_told_with_its_number(here: Path) -> None:
    lines = [line.encode() for line in log_lines(60)]
    lines[30] = lines[30].replace(b"the bakery", b"the b\xe9kery")
    Path("log.jsonl").write_bytes(b"\n".join(lines))
    reader = EventReader(["log.jsonl"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == len(lines) - 1
    assert [str(problem) for problem in reader.problems] == ["log.jsonl, line 31: it is not UTF-8. Save it as UTF-8."]


@pytest.mark.parametrize(
    "text", ['[\n{"event": "opted_in", "at": 0, "business": "b", "customer": "c"}\n]', "[{}]", "[7]", ""]
)
def test_documents_are_read_as_the_objects_reader_reads_them(text: str, here: Path) -> None:
    same(text)
    same(json.dumps(json.loads(text), indent=2) if text else "\n")


def test_a_pretty_printed_webhook_body_is_read(here: Path) -> None:
    same(json.dumps(json.loads(ODD_LINES[-1]), indent=2))


# --- CSV ----------------------------------------------------------------------------
HEADER = "event,at,business,customer,id,error,inferred\n"


def test_csv_rows_are_read_in_any_order_of_columns_and_either_form_of_time(here: Path) -> None:
    Path("log.csv").write_text(
        "customer,at,event,business,id,note\nc,1685613600,opted_in,b,,x\nc,2023-06-01T12:00:01+02:00,message_read,b,m,\n"
    )
    reader = EventReader(["log.csv"])
    told = [event for batch in reader for event in to_events(batch)]
    assert [(event.event, event.at) for event in told] == [
        ("opted_in", 1_685_613_600_000_000),
        ("message_read", 1_685_613_601_000_000),
    ]
    assert reader.log.unknown_members == {"note": 1}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("opted_inn,0,b,c,,,", "'event' is 'opted_inn'"),
        ("opted_in,2023-06-01T10:00:00,b,c,,,", "has no offset"),
        ("opted_in,,b,c,,,", "has no 'at'"),
        ("message_read,0,b,c,,,", "has no 'id'"),
        ("message_failed,0,b,c,m,many,", "'error' is 'many'"),
        ("message_read,0,b,c,m,,perhaps", "'inferred' is 'perhaps'"),
        ("opted_in,0,b,c", "4 cells instead of 7"),
        ("opted_in,1685613600000,b,c,,,", "looks like milliseconds"),
    ],
)
def test_a_bad_row_of_csv_is_told_with_its_number(row: str, why: str, here: Path) -> None:
    good = "opted_in,0,b,c,,,\n"
    Path("log.csv").write_text(HEADER + good + "opted_in,0\n" + good + row + "\n" + good)
    reader = EventReader(["log.csv"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 3
    # The header is row 1, as in every spreadsheet.
    assert sorted(problem.where for problem in reader.problems) == ["log.csv, row 3", "log.csv, row 5"]
    assert any(re.search(why, str(problem)) for problem in reader.problems)
    with pytest.raises(BadLog, match=r"row 3"):
        list(EventReader(["log.csv"]))


@pytest.mark.parametrize("name", ["customer", "business", "id"])
def test_a_number_that_a_spreadsheet_rounded_is_refused(name: str, here: Path) -> None:
    row = {"event": "message_read", "at": "0", "business": "b", "customer": "c", "id": "m"}
    rounded = row | {name: "5.51E+12"}
    lines = [",".join(each.values()) for each in (dict(zip(row, row, strict=True)), row, rounded, row | {"id": "E+1"})]
    Path("log.csv").write_text("\n".join(lines) + "\n")
    reader = EventReader(["log.csv"], keep_going=True)
    assert [event.id for batch in reader for event in to_events(batch)] == ["m", "E+1"]
    (problem,) = reader.problems
    assert str(problem).startswith(f"log.csv, row 3: '{name}' is '5.51E+12', which a spreadsheet made of it.")
    with pytest.raises(BadLog, match="row 3"):
        list(EventReader(["log.csv"]))


@pytest.mark.parametrize("customer", ["5.51e+12", '"5,51E+12"', "5E12", "5215550001.0", "#NAME?", "########"])
def test_other_things_that_spreadsheets_make_of_numbers_are_refused(customer: str, here: Path) -> None:
    Path("log.csv").write_text(f"event,at,business,customer\nopted_in,0,b,{customer}\nopted_in,0,b,US.1e5\n")
    reader = EventReader(["log.csv"], keep_going=True)
    assert [event.customer for batch in reader for event in to_events(batch)] == ["US.1e5"]
    (problem,) = reader.problems
    assert "row 2: 'customer' is '" in str(problem)


@pytest.mark.parametrize("name", ["5.5E+12", "0E0", "1e5", "5215550001.0", "#NAME?", "'5E1", "+52", "=1+1", "5E1\n"])
def test_what_a_spreadsheet_would_change_is_written_so_that_it_does_not(name: str, here: Path) -> None:
    event = changed(OPTED_IN, customer=name)
    write_events([from_events([event])], "log.csv")
    assert f"'{name}" in Path("log.csv").read_bytes().decode()
    assert list(to_events(read_events(["log.csv"]))) == [event]


def test_blank_rows_of_csv_are_passed_over_and_counted(here: Path) -> None:
    Path("log.csv").write_text(HEADER + "\nopted_in,0,b,c,,,\n,,,,,,\n  \nopted_in,yesterday,b,c,,,\n\n")
    reader = EventReader(["log.csv"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 1
    assert [problem.where for problem in reader.problems] == ["log.csv, row 6"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (HEADER.replace(",", ";").encode(), "parted by semicolons"),
        (HEADER.replace(",", "\t").encode(), "parted by tabs"),
        (HEADER.encode("utf-16"), "it is UTF-16"),
        (HEADER.encode("utf-16-le"), "it is UTF-16"),
        (HEADER.encode("utf-16-be"), "it is UTF-16"),
        (gzip.compress(HEADER.encode(), mtime=0), r"it is packed by gzip. Let its name end in \.gz"),
        (b"PK\x03\x04\x14\x00", "it is a workbook"),
        (b"sep=;\n" + HEADER.replace(",", ";").encode(), "'sep=;', is a note for a spreadsheet"),
        (b"sep=,\n" + HEADER.encode(), "'sep=,', is a note for a spreadsheet"),
        (HEADER.upper().encode(), "names a column 'EVENT', which nobody knows. Write 'event'"),
        (HEADER.replace(",", ", ").encode(), "names a column ' at', which nobody knows. Write 'at'"),
        (HEADER.replace("customer", "custommer").encode(), "names a column 'custommer', .* Write 'customer'"),
        (b"opted_in,0,b,c,,,\n", "the header is missing"),
        (b"event,event,at\n", "names 'event' twice"),
        (b"at,business\n", "names no column 'event'"),
    ],
    ids=[
        *(
            "semicolons",
            "tabs",
            "UTF-16",
            "UTF-16-LE",
            "UTF-16-BE",
            "gzip",
            "zip",
            "sep=;",
            "sep=,",
            "capitals",
            "blanks",
        ),
        *("slip", "no header", "twice", "no event"),
    ],
)
def test_what_a_spreadsheet_may_have_written_instead_is_named(raw: bytes, why: str, here: Path) -> None:
    Path("log.csv").write_bytes(raw)
    with pytest.raises(BadLog, match=why):
        list(EventReader(["log.csv"]))


def test_a_quote_that_is_never_closed_swallows_no_row(here: Path) -> None:
    rows = "".join(f"customer_message,168561360{number},b,in{number},c\n" for number in range(9))
    for name in ("customer", "participant"):
        Path("log.csv").write_text(f'event,at,business,id,{name}\ncustomer_message,1685613600,b,in-1,"c\n{rows}')
        with pytest.raises(BadLog, match=r"log.csv, row 2: a cell of it holds rows that follow: a quote is opened"):
            list(EventReader(["log.csv"]))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\nevent,at,business,customer\n", "its first line is blank"),
        (HEADER + "message_failed,0,b,c,m,--5,\n", "row 2"),
        (HEADER.replace("inferred", "at2") + "opted_in,--5,b,c,,,\n", "row 2"),
    ],
)
def test_odd_rows_of_csv_are_told_and_not_traced(text: str, says: str, here: Path) -> None:
    Path("log.csv").write_text(text)
    with pytest.raises(BadLog, match=says):
        list(EventReader(["log.csv"]))


def test_a_log_is_never_written_over_by_what_is_made_of_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_events([from_events([OPTED_IN])], "log.jsonl")
    Path("link.jsonl").symlink_to("log.jsonl")
    before = Path("log.jsonl").read_bytes()
    for arguments in (
        ("columns", "convert", "log.jsonl", "log.jsonl"),
        ("columns", "convert", "link.jsonl", "log.jsonl"),
        ("ledger", "log.jsonl", "--out", "log.jsonl"),
        ("ledger", "log.jsonl", "--facts", "link.jsonl"),
    ):
        assert main(list(arguments)) == 2
        assert "is the log that is read, and would be lost" in capsys.readouterr().err
        assert Path("log.jsonl").read_bytes() == before
    assert main(["ledger", ".", "--out", "l.csv", "--format", "csv"]) == 2
    assert "l.csv would lie in ., which is read" in capsys.readouterr().err


def test_what_is_packed_is_never_empty_and_a_link_leads_somewhere(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("e.jsonl.gz", "e.jsonl.zst", "e.csv.gz"):
        Path(name).touch()
        for more in ((), ("--out", "ledger")):
            assert main(["replay", name, *more]) == 2
            assert "it is empty, which nothing that is packed ever is" in capsys.readouterr().err
    Path("log").mkdir()
    write_events([from_events([OPTED_IN])], "log/a.jsonl")
    Path("log/b.jsonl").symlink_to("nowhere")
    for more in ((), ("--out", "ledger")):
        assert main(["replay", "log", *more]) == 2
        assert re.search("b.jsonl: .*No such file or directory", capsys.readouterr().err)


def test_problems_of_csv_are_told_in_the_order_of_its_rows(here: Path) -> None:
    rows = [
        "opted_in,0,b,c,,,",
        "opted_in,yesterday,b,c,,,",
        "opted_in,0",
        "opted_in,0,b,5.5E+12,,,",
        "opted_in,now,b,c,,,",
    ]
    Path("log.csv").write_text(HEADER + "\n".join(rows) + "\n")
    reader = EventReader(["log.csv"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 1
    assert [problem.where for problem in reader.problems] == [f"log.csv, row {row}" for row in (3, 4, 5, 6)]


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.arrow"])
def test_a_row_that_contradicts_the_name_of_its_folder_is_told(name: str, here: Path) -> None:
    told = [changed(OPTED_IN, business=business, customer=f"c{business}") for business in ("100", "200", "100")]
    folder = Path("log/business=100/day=2026-10-01")
    folder.mkdir(parents=True)
    write_events([from_events(told)], str(folder / name))
    reader = EventReader(["log"], keep_going=True)
    assert [event.customer for batch in reader for event in to_events(batch)] == ["c100", "c100"]
    row = 3 if name == "x.csv" else 2
    assert [str(problem) for problem in reader.problems] == [
        f"log/business=100/day=2026-10-01/{name}, row {row}: 'business' is '200', but its folder is named business=100. "
        "Move the file where it belongs, or leave that column out."
    ]
    with pytest.raises(BadLog, match=rf"row {row}: 'business' is '200'"):
        list(EventReader(["log"]))


def test_codes_and_words_may_be_said_by_a_folder(here: Path) -> None:
    told = [template("utility", 1), template("marketing", 2)]
    Path("log/category=utility/event=message_sent/at=now").mkdir(parents=True)
    write_events([from_events(told)], "log/category=utility/event=message_sent/at=now/x.parquet")
    reader = EventReader(["log"], keep_going=True)
    assert [event.category for batch in reader for event in to_events(batch)] == ["utility"]
    assert [problem.why.partition(",")[0] for problem in reader.problems] == ["'category' is 'marketing'"]


def test_a_packed_log_does_not_contradict_its_folders(here: Path) -> None:
    told = [changed(OPTED_IN, business=business, customer="5511999990000") for business in ("100", "200")]
    for business in ("100", "300"):
        Path(f"{business}/business={business}").mkdir(parents=True)
        write_events([from_events(told[:1])], f"{business}/business={business}/x.parquet", profile="packed")
    law = Law(engine="table")
    assert bulk_replay(["100"], law, "out").rows == 1
    with pytest.raises(BadLog, match=r"x\.parquet: 'business' is '100', but its folder is named business=300"):
        bulk_replay(["300"], law, "other")
    assert not Path("other").exists()


def _words(**columns: Any) -> pa.Table:
    """Three events as anybody's columns of words."""
    usual = {
        "event": ["opted_in"] * 3,
        "at": pa.array([1_685_613_600] * 3, pa.timestamp("s", "UTC")),
        "business": ["100"] * 3,
        "customer": ["a", "b", "c"],
    }
    return pa.table({**usual, **columns})


def _saved(table: pa.Table, name: str) -> str:
    if name.endswith(".parquet"):
        pq.write_table(table, name)
    else:
        with pa.ipc.new_file(name, table.schema) as file:
            file.write_table(table)
    return name


FILES_OF_WORDS = ["x.parquet", "x.arrow"]


@pytest.mark.parametrize("name", FILES_OF_WORDS)
@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (pa.array([0, 10**15, 0], pa.timestamp("s", "UTC")), "seconds since 1970, which lies before it or beyond"),
        (pa.array([0, -(2**62), 0], pa.timestamp("ms", "UTC")), "milliseconds since 1970, which lies before it"),
        (pa.array([0, 5_000_000_001, 0], pa.timestamp("ns", "UTC")), "finer than the millisecond"),
        (pa.array([0, 5_000_001, 0], pa.timestamp("us", "UTC")), "finer than the millisecond"),
        (pa.array([0, 2**63 + 5, 0], pa.uint64()), "beyond the year 9998"),
    ],
)
def test_an_instant_that_no_event_can_have_costs_its_row(name: str, odd: Any, why: str, here: Path) -> None:
    reader = EventReader([_saved(_words(at=odd), name)], keep_going=True)
    assert [event.customer for batch in reader for event in to_events(batch)] == ["a", "c"]
    (problem,) = reader.problems
    assert problem.where == f"{name}, row 2"
    assert why in problem.why


def test_seconds_that_would_overflow_into_a_day_of_2026_are_none(here: Path) -> None:
    odd = pa.array([0, (2**64 + 1_793_613_599_384) // 1_000, 0], pa.timestamp("s", "UTC"))
    reader = EventReader([_saved(_words(at=odd), "x.arrow")], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 2
    assert [problem.where for problem in reader.problems] == ["x.arrow, row 2"]


@pytest.mark.parametrize("name", FILES_OF_WORDS)
def test_an_error_that_no_code_can_be_costs_its_row(name: str, here: Path) -> None:
    table = _words(event=["message_failed"] * 3, id=["1", "2", "3"], error=pa.array([1, 2**64 - 1, None], pa.uint64()))
    reader = EventReader([_saved(table, name)], keep_going=True)
    assert [event.error for batch in reader for event in to_events(batch)] == [1, None]
    assert [problem.where for problem in reader.problems] == [f"{name}, row 2"]


@pytest.mark.parametrize("name", FILES_OF_WORDS)
def test_columns_that_stand_twice_or_are_slips_are_refused_as_in_csv(name: str, here: Path) -> None:
    usual = _words()
    twice = pa.table([*usual.columns, pa.array(["999"] * 3)], names=[*usual.column_names, "business"])
    with pytest.raises(BadLog, match=r"its schema names 'business' twice"):
        list(EventReader([_saved(twice, name)]))
    with pytest.raises(BadLog, match=r"its schema names a column 'Category', which nobody knows. Write 'category'"):
        list(EventReader([_saved(_words(Category=["utility"] * 3), name)]))


@pytest.mark.parametrize("lines", [2, 20, 40])
def test_seconds_are_no_text_in_json_however_many_lines_there_are(lines: int, here: Path) -> None:
    odd = {"event": "opted_in", "at": "1793613600", "business": "100", "customer": "x"}
    Path("log.jsonl").write_text(
        "".join(json.dumps({**odd, "at": 1_793_613_600 + n}) + "\n" for n in range(lines)) + json.dumps(odd) + "\n"
    )
    reader = EventReader(["log.jsonl"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == lines
    assert [problem.where for problem in reader.problems] == [f"log.jsonl, line {lines + 1}"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("place", range(5))
def test_a_quote_that_is_never_closed_is_told_whatever_ends_the_lines(place: int, end: str, here: Path) -> None:
    rows = [["opted_in", str(1_780_000_000 + number), "b", f"c{number}", f"m{number}"] for number in range(30)]
    rows[3][place] = '"' + rows[3][place]
    lines = [",".join(row) for row in (["event", "at", "business", "customer", "id"], *rows)]
    Path("log.csv").write_bytes((end.join(lines) + end).encode())
    reader = EventReader(["log.csv"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 3
    (problem,) = reader.problems
    assert str(problem).startswith("log.csv, row 5: a cell of it holds rows that follow: a quote is opened")


def test_a_quote_that_another_row_happens_to_close_is_told(here: Path) -> None:
    Path("log.csv").write_text(
        'event,at,business,customer,id\nopted_in,5,"b,c,1\nopted_in,6,"b",d,2\nopted_in,7,b,e,3\n'
    )
    reader = EventReader(["log.csv"], keep_going=True)
    assert [event.customer for batch in reader for event in to_events(batch)] == ["e"]
    assert [problem.where for problem in reader.problems] == ["log.csv, row 2"]


def test_a_row_of_csv_longer_than_a_block_is_told_with_its_place(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm.columns.spreadsheets.BLOCK", 400)
    rows = [f"opted_in,{number},b,c,m{number},,\n" for number in range(100)]
    rows[50] = '"' + rows[50]
    Path("log.csv").write_text(HEADER + "".join(rows))
    with pytest.raises(BadLog, match=r"row [0-9]+: a row behind it is longer than 400 bytes: most likely a quote"):
        list(EventReader(["log.csv"]))


def test_a_line_that_ends_otherwise_costs_no_file_for_one_byte(here: Path) -> None:
    Path("log.csv").write_bytes(b"event,at,business,customer\ropted_in,0,b,c\ropted_in,0,b,\xff\ropted_in,0,b,d\r")
    reader = EventReader(["log.csv"], keep_going=True)
    assert [event.customer for batch in reader for event in to_events(batch)] == ["c", "d"]
    assert [problem.where for problem in reader.problems] == ["log.csv, row 3"]


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.parquet", "log.arrow"])
def test_a_file_that_is_written_anew_keeps_who_may_read_it(name: str, here: Path) -> None:
    Path(name).touch(mode=0o600)
    write_events([from_events([OPTED_IN])], name)
    assert Path(name).stat().st_mode & 0o777 == 0o600
    assert read_events([name]).num_rows == 1


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system names no open files")
def test_a_file_that_is_open_already_is_not_replaced(here: Path) -> None:
    with Path("kept.csv").open("w+") as kept:
        kept.write("before")
        kept.flush()
        with pytest.raises(OSError, match="what stands there would be lost; write - for standard output"):
            write_events([from_events([OPTED_IN])], f"/dev/fd/{kept.fileno()}", format="csv")
    assert Path("kept.csv").read_text() == "before"
    assert [path.name for path in here.iterdir()] == ["kept.csv"]


def test_a_kind_of_text_that_arrow_cannot_take_is_taken(here: Path) -> None:
    Path("log/business=100").mkdir(parents=True)
    ids = pa.array(["1", "2", "3"]).cast(pa.string_view())
    _saved(_words(id=ids, business=["100", "200", "100"]), "log/business=100/x.arrow")
    reader = EventReader(["log"], keep_going=True)
    assert [event.id for batch in reader for event in to_events(batch)] == ["1", "3"]
    assert [problem.where for problem in reader.problems] == ["log/business=100/x.arrow, row 2"]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_a_header_alone_is_a_log_of_nothing_however_it_ends(end: str, here: Path) -> None:
    Path("log.csv").write_bytes(f"event,at,business,customer{end}".encode())
    assert not list(EventReader(["log.csv"]))
    assert read_events(["log.csv"]).num_rows == 0


def test_a_quote_that_is_opened_in_the_middle_of_csv_tells_of_the_rows_behind_it(here: Path) -> None:
    rows = [f"opted_in,{number},b,c,m{number},,\n" for number in range(40)]
    rows[4] = 'opted_in,4,b,c,"m4,,\n'
    Path("log.csv").write_text(HEADER + "".join(rows))
    reader = EventReader(["log.csv"], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 4
    (problem,) = reader.problems
    assert str(problem).startswith("log.csv, row 6: a cell of it holds rows that follow: a quote is opened")


def test_folders_that_say_nothing_or_contradict_one_another(here: Path) -> None:
    text = "event,at,customer\nopted_in,0,c\n"
    for folder in ("log/business=__HIVE_DEFAULT_PARTITION__", "odd/business=1/business=2"):
        Path(folder).mkdir(parents=True)
        Path(folder, "x.csv").write_text(text)
    with pytest.raises(BadLog, match=r"row 2: .* has no 'business'"):
        list(EventReader(["log"]))
    with pytest.raises(BadLog, match=r"x\.csv: its folders say business=1 and business=2"):
        list(EventReader(["odd"]))


def test_files_whose_names_say_nothing_are_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("log").mkdir()
    write_events([from_events([OPTED_IN])], "log/a.jsonl")
    for name in ("a.jsonl.1", "a.jsonl.2.gz", "a.log", "README.md", ".hidden", "_SUCCESS"):
        Path("log", name).touch()
    for more in ([], ["--out", "ledger"]):
        assert main(["replay", "log", *more]) == 0
        assert "for names that do not end as a log's do: log/a.jsonl.1 (and 2 more)\n" in capsys.readouterr().err


ODD_ROWS = {
    3: b"opted_in,yesterday,b,c,,,",
    6: b"opted_in,0",
    9: b"opted_in,0,b,5.5E+12,,,",
    12: b"opted_in,0,b,caf\xe9,,,",
    13: b"caf\xe9,0",
    14: b"",
    21: b"opted_in,0,b,c,\xc3",
    27: b"opted_in,0,b,\xff\xfe,,,",
    40: b"opted_in,now,b,c,,,",
    41: b"opted_in",
}


@pytest.mark.parametrize("size", [100, 101, 102, 103, 250, 1 << 21])
def test_a_row_of_csv_that_cannot_be_meant_costs_that_row_wherever_blocks_are_cut(
    size: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsm.columns.spreadsheets.BLOCK", size)
    rows = [ODD_ROWS.get(number, f"opted_in,{number},b,é{number}ü,,,".encode()) for number in range(2, 42)]
    Path("log.csv").write_bytes(HEADER.encode() + b"\n".join(rows) + b"\n")
    reader = EventReader(["log.csv"], keep_going=True)
    customers = [event.customer for batch in reader for event in to_events(batch)]
    assert customers == [f"é{number}ü" for number in range(2, 42) if number not in ODD_ROWS]
    told = [int(problem.where.removeprefix("log.csv, row ")) for problem in reader.problems]
    assert told == [number for number, row in ODD_ROWS.items() if row]
    assert {number for number, problem in zip(told, reader.problems, strict=True) if "UTF-8" in problem.why} == {12, 27}
    first = EventReader(["log.csv"])
    with pytest.raises(BadLog, match=r"log\.csv, row 3: "):
        list(first)


def test_the_row_before_the_first_bad_one_of_csv_is_given(here: Path) -> None:
    Path("log.csv").write_bytes(HEADER.encode() + b"opted_in,0,b,c,,,\nopted_in,0,b,\xff,,,\nopted_in,0\n")
    batches = iter(EventReader(["log.csv"]))
    assert next(batches).num_rows == 1
    with pytest.raises(BadLog, match=r"row 3: it is not UTF-8"):
        next(batches)


def test_a_header_that_is_not_utf8_is_told(here: Path) -> None:
    Path("log.csv").write_bytes(b"event,at,business,customer,n\xe3o\nopted_in,0,b,c,\n")
    with pytest.raises(BadLog, match=r"log\.csv, row 1: it is not UTF-8"):
        list(EventReader(["log.csv"]))


def test_a_folder_is_not_called_like_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_events([from_events([OPTED_IN])], "log.parquet")
    assert main(["columns", "convert", "log.parquet", "parts.parquet", "--by", "business"]) == 2
    assert "parts.parquet is called like a file" in capsys.readouterr().err
    assert not Path("parts.parquet").exists()
    assert main(["columns", "convert", "log.parquet", "parts.parquet/", "--by", "business"]) == 0
    assert read_events(["parts.parquet"]).num_rows == 1


@pytest.mark.parametrize("name", ["full.parquet", "full.arrow", "full.csv"])
def test_a_disk_that_is_full_leaves_no_file(
    name: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_events([from_events([OPTED_IN])], "log.parquet")
    Path(name).write_bytes(b"what stood there")

    def full(*_: object, **__: object) -> None:
        raise OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")

    monkeypatch.setattr("fsm.columns.writing.EventWriter._write_columns", full)
    monkeypatch.setattr("fsm.columns.writing.csv_lines", full)
    assert main(["columns", "convert", "log.parquet", name]) == 2
    assert capsys.readouterr().err.endswith("the disk is full. Free some space, or write somewhere else.\n")
    assert sorted(path.name for path in here.iterdir()) == [name, "log.parquet"]
    assert Path(name).read_bytes() == b"what stood there"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_what_is_no_plain_file_is_written_to_directly(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_events([from_events([OPTED_IN])], "log.parquet")
    assert main(["columns", "convert", "log.parquet", "/dev/full", "--format", "csv"]) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert Path("/dev/full").is_char_device()
    Path("aim.csv").touch()
    Path("link.csv").symlink_to("aim.csv")
    assert main(["columns", "convert", "log.parquet", "link.csv"]) == 0
    assert Path("link.csv").is_symlink()
    assert read_events(["aim.csv"]).num_rows == 1


def test_columns_under_the_name_of_lines_are_named(here: Path) -> None:
    for format, name in (("parquet", "Parquet"), ("ipc", "Arrow")):
        write_events([from_events([OPTED_IN])], f"log.{format}", format=format)
        for ending in ("csv", "jsonl"):
            Path(f"log.{ending}").write_bytes(Path(f"log.{format}").read_bytes())
            with pytest.raises(BadLog, match=f"it is {name}. Let its name end in"):
                list(EventReader([f"log.{ending}"]))


def test_a_column_of_another_name_is_passed_over_and_counted(here: Path) -> None:
    Path("log.csv").write_text("event,at,business,customer,campaign\nopted_in,0,b,c,spring\n")
    reader = EventReader(["log.csv"])
    assert [batch.num_rows for batch in reader] == [1]
    assert reader.log.unknown_members == {"campaign": 1}


def test_what_a_replay_gave_is_no_log(here: Path) -> None:
    for name, schema in (("ledger", "fsm.ledger"), ("results", "fsm.results")):
        pq.write_table(pa.table({"event": [1]}).replace_schema_metadata({"fsm.schema": schema}), f"{name}.parquet")
        reader = EventReader([f"{name}.parquet"])
        with pytest.raises(BadLog, match=rf"holds what a replay gave \({schema}\), not a log"):
            list(reader)
        assert not reader.log.unknown_members


@pytest.mark.parametrize("text", ["event,event,at\n", "at,business\n"])
def test_a_header_that_cannot_be_used_is_refused(text: str, here: Path) -> None:
    Path("log.csv").write_text(text)
    with pytest.raises(BadLog, match="its first line names"):
        list(EventReader(["log.csv"]))


@pytest.mark.parametrize("customer", ["+34600", "=1+1", "'+34", "-1", "@x", "a'+", "\t1", 'q"uote', "new\nline"])
def test_no_cell_of_csv_runs_as_a_formula_and_each_comes_back(customer: str, here: Path) -> None:
    event = Event(event="opted_in", at=0, business="b", customer=customer)
    write_events([from_events([event])], "log.csv")
    cells = Path("log.csv").read_text().partition("\n")[2].partition(",b,")[2]
    assert not cells.startswith(("+", "=", "-", "@", "\t"))
    assert list(to_events(read_events(["log.csv"]))) == [event]


# --- columns of others ----------------------------------------------------------------
def foreign(**columns: Any) -> str:
    """A Parquet file that knows nothing of this kit."""
    pq.write_table(pa.table(columns), "theirs.parquet")
    return "theirs.parquet"


def test_columns_of_words_are_read_from_any_parquet_file(here: Path) -> None:
    path = foreign(
        event=pa.array(["opted_in", "message_sent"]).dictionary_encode(),
        at=pa.array([1_685_613_600_000_000] * 2, pa.timestamp("us", "UTC")),
        business=["b", "b"],
        customer=pa.array([5215550001111, 2], pa.int64()),
        id=[None, "m"],
        content=[None, "template"],
        category=[None, "own"],
        note=[1, 2],
    )
    reader = EventReader([path])
    told = [event for batch in reader for event in to_events(batch)]
    assert told[0] == Event(event="opted_in", at=1_685_613_600_000_000, business="b", customer="5215550001111")
    assert told[1].category == "own"
    assert reader.log.unknown_members == {"note": 2}


def test_times_without_a_zone_are_refused_by_name(here: Path) -> None:
    path = foreign(event=["opted_in"], at=pa.array([0], pa.timestamp("ms")), business=["b"], customer=["c"])
    with pytest.raises(BadLog, match="'at' holds times without a zone"):
        list(EventReader([path]))


def test_codes_of_others_are_refused(here: Path) -> None:
    path = foreign(event=pa.array([3], pa.int8()), at=[0], business=["b"], customer=["c"])
    with pytest.raises(BadColumns, match="the codes mean nothing"):
        list(EventReader([path]))


def test_a_bad_row_of_columns_is_told_with_its_number(here: Path) -> None:
    path = foreign(
        event=["opted_in", "opted_in", "message_read"], at=[0, 1, 2], business=["b"] * 3, customer=["c", "", "c"]
    )
    reader = EventReader([path], keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 1
    assert [str(problem)[:40] for problem in reader.problems] == [
        "theirs.parquet, row 2: this opted_in has",
        "theirs.parquet, row 3: this message_read",
    ]


def test_a_coded_file_with_a_row_that_is_no_event_is_told(here: Path) -> None:
    bad = from_events([OPTED_IN, Event(event="message_read", at=0, business="b", customer="c")])
    write_events([bad], "log.parquet")
    with pytest.raises(BadLog, match=r"log\.parquet, row 2: this message_read has no 'id'"):
        list(EventReader(["log.parquet"]))


@pytest.mark.parametrize("size", [1, 4, 7])
def test_rows_are_counted_through_all_batches_of_a_file(size: int, here: Path) -> None:
    rows = [changed(OPTED_IN, customer=f"c{number}") for number in range(12)]
    table = pa.Table.from_batches([from_events(rows)])
    place = table.schema.get_field_index("customer")
    names = ["" if number == 11 else f"c{number}" for number in range(12)]
    pq.write_table(table.set_column(place, table.schema.field(place), pa.array(names, pa.string())), "log.parquet")
    reader = EventReader(["log.parquet"], rows=size, keep_going=True)
    assert sum(batch.num_rows for batch in reader) == 11
    assert [problem.where for problem in reader.problems] == ["log.parquet, row 12"]


@pytest.mark.parametrize("code", [-1, 99])
def test_a_damaged_code_is_told_beside_good_ones(code: int, here: Path) -> None:
    batch = from_events([OPTED_IN] * 6)
    place = batch.schema.get_field_index("kind")
    codes = pa.array([code, None, None, 2, None, None], pa.int8())
    pq.write_table(pa.Table.from_batches([batch.set_column(place, batch.schema.field(place), codes)]), "log.parquet")
    with pytest.raises(BadColumns, match=rf"log\.parquet: 'kind' holds the code {code}"):
        list(EventReader(["log.parquet"]))


def test_damaged_codes_are_told(here: Path) -> None:
    batch = from_events([OPTED_IN])
    columns = [pa.array([99], type=pa.int8()), *batch.columns[1:]]
    pq.write_table(pa.Table.from_batches([pa.record_batch(columns, schema=batch.schema)]), "log.parquet")
    with pytest.raises(BadColumns, match=r"log\.parquet: 'event' holds the code 99"):
        list(EventReader(["log.parquet"]))


@pytest.mark.parametrize("name", ["log.parquet", "log.arrow", "log.jsonl.gz", "log.jsonl.zst"])
def test_a_file_that_is_cut_off_is_told(name: str, here: Path) -> None:
    write_events([from_events([template("utility", number) for number in range(2_000)])], name)
    whole = Path(name).read_bytes()
    Path(name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadLog, match=re.escape(name)):
        list(EventReader([name]))


@pytest.mark.parametrize("name", ["log.parquet", "log.arrow", "log.jsonl.gz", "log.jsonl.zst"])
def test_a_file_that_is_something_else_is_told(name: str, here: Path) -> None:
    Path(name).write_text("something else, and long enough not to be taken for a broken header" * 10)
    with pytest.raises(BadLog, match=re.escape(name)):
        list(EventReader([name]))


def test_a_missing_file_is_told(here: Path) -> None:
    for name in ("log.parquet", "log.jsonl", "log.csv", "log.jsonl.gz", "log.arrow", "log.jsonl.zst"):
        with pytest.raises(FsmError, match=f"{re.escape(name)}: it cannot be read: No such file"):
            list(EventReader([name]))


# --- folders, and how much memory they take -----------------------------------------------
def test_folders_made_by_members_are_read_back(here: Path) -> None:
    told = [template("utility", number) for number in range(90)]
    with FolderWriter("parts", by=("business", "day")) as writer:
        for start in range(0, 90, 30):
            writer.write(from_events(told[start : start + 30]))
    files = sorted(str(path) for path in Path("parts").rglob("*.parquet"))
    assert files == [f"parts/business=b{number}/day=1970-01-01/part-00000.parquet" for number in range(3)]
    key = Event.order.fget  # type: ignore[attr-defined]
    assert sorted(to_events(read_events(["parts"])), key=key) == sorted(told, key=key)


def test_a_folder_name_gives_the_column_that_its_files_lack(here: Path) -> None:
    folder = Path("parts/business=a%20b/day=1")
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"event": ["opted_in"], "at": [0], "customer": ["c"]}), folder / "x.parquet")
    (folder / "y.csv").write_text("event,at,customer\nopted_out,0,c\n")
    assert [event.business for event in to_events(read_events(["parts"]))] == ["a b", "a b"]


def test_folders_of_many_kinds_are_opened_up_and_hidden_files_passed_over(here: Path) -> None:
    for name in ("a/log.parquet", "b/log.jsonl.gz", "b/.hidden.csv", "_tmp/x.csv", "c/log.arrow"):
        Path(name).parent.mkdir(exist_ok=True)
        write_events([from_events([OPTED_IN])], name)
    assert read_events(["."]).num_rows == 3


def test_linked_folders_are_read_once_whoever_reads_them(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON and columns alike: one event behind a link, another hidden; links lead round in a circle and to one twice."""
    for ending in ("jsonl", "parquet"):
        for name in (f"{ending}/real/log.{ending}", f"{ending}/log/_tmp/log.{ending}", f"{ending}/log/.x/log.{ending}"):
            Path(name).parent.mkdir(parents=True)
            write_events([from_events([OPTED_IN])], name)
        for link, target in (("one", "../real"), ("two", "../real"), ("round", "..")):
            Path(ending, "log", link).symlink_to(target)
        passed: list[Path] = []
        assert [path.as_posix() for path in files_of(f"{ending}/log", passed)] == [f"{ending}/log/one/log.{ending}"]
        assert [path.as_posix() for path in passed] == [f"{ending}/log/{name}/log.{ending}" for name in (".x", "_tmp")]
        assert main(["replay", f"{ending}/log", "--format", "jsonl"]) == 0
        out, err = capsys.readouterr()
        assert len(out.splitlines()) == 1
        assert f"begin with a dot or an underscore: {passed[0]} (and 1 more)" in err
        assert read_events([f"{ending}/log"]).num_rows == 1
        for out in (f"{ending}/real/out", f"{ending}/log/one/out.parquet"):
            assert main(["columns", "convert", f"{ending}/log", out]) == 2
            assert f"{out} would lie in {ending}/log, which is read" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError):
        files_of("nowhere")


@pytest.mark.parametrize("profile", ["readable", "coded", "packed"])
def test_a_replay_to_a_folder_tells_what_names_hide(
    profile: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("log/a.parquet", "log/_old/b.parquet"):
        Path(name).parent.mkdir()
        write_events([from_events([changed(OPTED_IN, customer="5215550001111")])], name, profile=profile)
    assert main(["replay", "log", "--out", "ledger"]) == 0
    assert "begin with a dot or an underscore: log/_old/b.parquet\n" in capsys.readouterr().err


def test_an_empty_folder_and_a_full_one_are_refused(here: Path) -> None:
    with pytest.raises(BadLog, match="the folder holds no"):
        list(EventReader(["."]))
    Path("parts").mkdir()
    Path("parts/old.parquet").touch()
    with pytest.raises(BadColumns, match="is not empty"):
        FolderWriter("parts")
    with pytest.raises(BadColumns, match="cannot be made by 'customer'"):
        FolderWriter("new", by=("customer",))


def test_a_folder_gets_its_files_once_all_are_whole(here: Path) -> None:
    told = from_events([template("utility", number) for number in range(9)])

    def interrupted() -> None:
        with FolderWriter("parts", by=("business",)) as writer:
            writer.write(told)
            assert not Path("parts").exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(here.iterdir()) == []
    with FolderWriter("parts", by=("business",)) as writer:
        writer.write(told)
    assert [path.name for path in here.iterdir()] == ["parts"]


def test_of_two_that_fill_one_folder_the_second_is_told(here: Path) -> None:
    for there in (False, True):
        if there:
            Path("full").mkdir()
        with (  # noqa: PT012
            pytest.raises(BadColumns, match="full is not empty"),
            whole_folder("full") as outer,
        ):
            (outer / "a").write_text("outer")
            with whole_folder("full") as inner:
                (inner / "a").write_text("inner")
        assert [path.read_text() for path in Path("full").iterdir()] == ["inner"]
        assert [path.name for path in here.iterdir()] == ["full"]
        (here / "full" / "a").unlink()
        (here / "full").rmdir()


def test_more_folders_than_may_be_open_are_written_in_turns(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm.columns.writing._MOST_OPEN", 2)
    told = [template("utility", number) for number in range(12)]
    with FolderWriter("parts", by=("business",), format="jsonl", rows=3) as writer:
        for start in range(0, 12, 6):
            writer.write(from_events(told[start : start + 6]))
    assert writer.files > 3
    assert sorted(event.id for event in to_events(read_events(["parts"]))) == sorted(event.id for event in told)


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl", "log.csv"])
def test_memory_does_not_grow_with_the_file(name: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm.columns.writing.ROWS_TOGETHER", 5_000)
    for reads in ("reading", "spreadsheets"):
        monkeypatch.setattr(f"fsm.columns.{reads}.BLOCK", 256 * 1024)
    batch = from_events([template("utility", number) for number in range(5_000)])
    peaks = []
    for times in (4, 40):
        write_events([batch] * times, name)
        before, most = pa.total_allocated_bytes(), 0
        for piece in EventReader([name], rows=5_000):
            most = max(most, pa.total_allocated_bytes() - before)
            del piece
        peaks.append(most)
    assert peaks[1] < 1.5 * peaks[0]


# --- the command -----------------------------------------------------------------------
def test_a_log_goes_through_columns_and_comes_out_the_same(
    here: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    lines = [
        json.dumps(write_event(event), ensure_ascii=False)
        for event in read_all([("x", "\n".join(log_lines(200)))]).events
    ]
    Path("log.jsonl").write_text("\n".join(lines) + "\n")
    assert main(["columns", "convert", "log.jsonl", "log.parquet", "--profile", "readable"]) == 0
    assert main(["columns", "convert", "log.parquet", "parts", "--by", "event,business"]) == 0
    assert main(["columns", "convert", "log.parquet", "-"]) == 0
    assert capfdbinary.readouterr().out == Path("log.jsonl").read_bytes()
    assert read_events(["parts"]).num_rows == len(lines)


def test_the_command_tells_what_it_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("log.jsonl").write_text('{"event": "opted_in", "at": 0, "business": "b", "customer": "c", "x": 1}\nnothing\n')
    assert main(["columns", "convert", "log.jsonl", "log.parquet", "--keep-going"]) == 2
    told = capsys.readouterr().err
    assert "1 event\n" in told
    assert "log.jsonl, line 2" in told
    assert "Members nobody knows, passed over: x" in told
    assert main(["columns", "convert", "log.jsonl", "other.parquet"]) == 2
    assert not Path("other.parquet").exists()


def test_standard_input_is_what_it_is_said_to_be(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events([from_events([OPTED_IN])], "log.csv")
    given = io.TextIOWrapper(io.BytesIO(Path("log.csv").read_bytes()))
    monkeypatch.setattr("sys.stdin", given)
    assert main(["columns", "convert", "-", "log.parquet", "--from", "csv"]) == 0
    assert list(to_events(read_events(["log.parquet"]))) == [OPTED_IN]
    assert main(["columns", "convert", "-", "other.parquet", "--from", "parquet"]) == 2
    assert "standard input: Parquet cannot be read from it" in capsys.readouterr().err


def test_nothing_is_written_into_a_folder_that_is_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("log").mkdir()
    write_events([from_events([OPTED_IN])], "log/a.parquet")
    Path("link").symlink_to("log")
    for source, out in (("log", "log/parts"), ("log", "log/b.parquet"), (".", "parts"), ("link", "log/parts")):
        assert main(["columns", "convert", source, out]) == 2
        assert f"{out} would lie in {source}, which is read" in capsys.readouterr().err
        assert main(["replay", source, "--out", out]) == 2
        assert f"{out} would lie in {source}, which is read" in capsys.readouterr().err
        assert main(["replay", source, "--out", str(here.parent / "ledger"), "--volumes", out]) == 2
        assert f"{out} would lie in {source}, which is read" in capsys.readouterr().err
    assert sorted(path.name for path in here.rglob("*")) == ["a.parquet", "link", "log"]
    assert main(["columns", "convert", "log", "-", "--by", "day"]) == 2
    assert "--by makes folders" in capsys.readouterr().err
    for out in ("logs", "log/_parts"):
        assert main(["columns", "convert", "log", out]) == 0
    assert read_events(["log"]).num_rows == 1


def test_lines_have_no_profile(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_events([from_events([OPTED_IN])], "log.jsonl")
    for arguments in (["log.csv"], ["-"], ["parts", "--format", "jsonl"], ["log", "--by", "day", "--format", "csv"]):
        assert main(["columns", "convert", "log.jsonl", *arguments, "--profile", "coded"]) == 2
        assert "--profile coded is about the columns of Parquet and Arrow" in capsys.readouterr().err
    assert main(["columns", "convert", "log.jsonl", "parts", "--profile", "coded"]) == 0


def test_a_log_is_not_written_under_a_name_that_says_something_else(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_events([from_events([OPTED_IN])], "log.jsonl")
    for name, format in (("log.parquet", "csv"), ("log.csv.gz", "jsonl"), ("log.json", "ipc")):
        assert main(["columns", "convert", "log.jsonl", name, "--format", format]) == 2
        assert f"{name} ends like something else than --format {format} writes" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["log.jsonl"]
    assert main(["columns", "convert", "log.jsonl", "log.v2", "--format", "csv"]) == 0


def test_events_behind_bad_rows_keep_their_own_numbers(here: Path) -> None:
    good, reader = "opted_in,0,b,c,,,\n", EventReader([], keep_going=True)
    Path("log.csv").write_text(HEADER + good + "\nnothing,0,b,c,,,\n" + good + "opted_in,0\n" + good)
    assert [list(reader.numbers) for _ in reader.file("log.csv", {})] == [[2], [5, 7]]
    row = {"event": "opted_in", "at": 0, "business": "b", "customer": "c"}
    pq.write_table(pa.Table.from_pylist([row, row | {"event": "nothing"}, row]), "log.parquet")
    assert [list(reader.numbers) for _ in reader.file("log.parquet", {})] == [[1], [3]]


def test_what_stays_behind_of_webhooks_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status: dict[str, Any] = {
        "id": "m",
        "status": "delivered",
        "timestamp": "1790812800",
        "recipient_id": "5215550001111",
    }
    status |= {"pricing": {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": [status]}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}],
    }
    for raw in (json.dumps(body), json.dumps(body, indent=1)):
        Path("hooks.json").write_text(raw + "\n")
        assert main(["columns", "convert", "hooks.json", "log.parquet"]) == 0
        assert "1 price that Meta states and 0 reports of calls stay behind" in capsys.readouterr().err
    assert main(["columns", "convert", "log.parquet", "log.jsonl"]) == 0
    assert "stay behind" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--profile", "packed"], ["--profile", "readable"], ["--results"]])
def test_the_schema_is_told_for_people(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["columns", "schema", *arguments]) == 0
    told = capsys.readouterr().out
    assert "instant, milliseconds since 1970 (UTC)" in told
    assert "None" not in told


def test_gzip_files_of_other_programs_are_read(here: Path) -> None:
    with gzip.open("log.jsonl.gz", "wt") as stream:
        stream.write(json.dumps(write_event(OPTED_IN)))
    assert list(to_events(read_events(["log.jsonl.gz"]))) == [OPTED_IN]
