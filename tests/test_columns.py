"""Events and results as columns: exactly what they were, or refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import terms
from fsm.columns import Names, event_schema, extra, from_events, names_of, packed, readable, result_schema, to_events
from fsm.columns.hashing import hash_of, hashes, mixed, mixed_number
from fsm.columns.instants import millis_of, texts_of
from fsm.columns.lines import csv_lines, json_lines
from fsm.columns.names import EVENT_WORDS
from fsm.columns.profiles import recoded, unpacked
from fsm.columns.results import from_results, to_results
from fsm.errors import BadColumns, MissingExtra
from fsm.events import Event, parse_instant, read_account, read_event, write_event
from fsm.events.event import RANK
from fsm.machine import Law
from fsm.replay import replay, write_result
from tests.parity.histories import history

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
INSTANT = st.integers(0, 253_370_764_799_000).map(lambda millis: millis * 1000)


@st.composite
def events(draw: Any) -> Event:
    """Any event that a log can hold, with its instant in whole milliseconds."""
    name = draw(st.sampled_from(terms.EVENTS))
    members: dict[str, Any] = {"event": name, "at": draw(INSTANT), "business": draw(TEXT), "customer": draw(TEXT)}
    if name in terms.NEEDS_ID or draw(st.booleans()):
        members["id"] = draw(TEXT)
    if name == "customer_message":
        members["kind"] = draw(st.sampled_from(terms.KINDS))
        members["entry"] = draw(st.sampled_from((None, *terms.ENTRIES)))
        members["device"] = draw(st.sampled_from(terms.DEVICES))
    if name == "message_sent" or (name in terms.DELIVERY_EVENTS and draw(st.booleans())):
        members["content"] = draw(st.sampled_from(terms.CONTENTS))
    if draw(st.booleans()):
        members["category"] = draw(st.sampled_from((*terms.CATEGORIES, "newsletter", "é,\n\"'")))
        members["template_status"] = draw(st.sampled_from(("APPROVED", "PAUSED", "ODD")))
    if draw(st.booleans()):
        members["error"] = draw(st.integers(-(2**31), 2**31 - 1))
        members["entry_point_ends_at"] = draw(INSTANT)
        members["inferred"] = draw(st.booleans())
    if name in terms.STATUS_EVENTS and draw(st.booleans()):
        members["participant"] = draw(TEXT)
    return Event(**members)


@given(st.lists(events(), max_size=8))
def test_columns_give_back_exactly_the_events_they_were_made_of(told: list[Event]) -> None:
    assert list(to_events(from_events(told))) == told


@given(st.lists(events(), max_size=8))
def test_json_lines_of_columns_are_those_of_the_events(told: list[Event]) -> None:
    written = "".join(json.dumps(write_event(event), ensure_ascii=False) + "\n" for event in told)
    assert json_lines(from_events(told)).decode() == written


def test_every_event_made_here_is_one_that_a_log_can_hold() -> None:
    """Else the properties above would say nothing about logs."""

    @settings(max_examples=50, database=None)
    @given(events())
    def check(event: Event) -> None:
        assert read_event(write_event(event)) == (event, ())

    check()


def test_an_addressee_survives_columns_though_no_log_holds_it() -> None:
    event = Event(event="message_read", at=0, business="b", customer="c", id="m", addressee="+34 600")
    assert list(to_events(from_events([event]))) == [event]
    assert b"addressee" not in json_lines(from_events([event]))


def test_codes_of_events_rise_with_the_canonical_order() -> None:
    ranks = [RANK[word] for word in EVENT_WORDS["event"]]
    assert ranks == sorted(ranks)
    assert set(EVENT_WORDS["event"]) == set(RANK)


def test_what_is_default_is_null_and_stands_first_in_its_list() -> None:
    batch = from_events([Event(event="customer_message", at=0, business="b", customer="c", id="m")])
    for name in ("kind", "device", "template_status"):
        assert batch.column(name).to_pylist() == [None]
        assert EVENT_WORDS[name][0] == getattr(Event(event="opted_in", at=0), name)


def test_an_instant_finer_than_a_millisecond_is_refused() -> None:
    event = Event(event="opted_in", at=1_001, business="b", customer="c")
    with pytest.raises(BadColumns, match=r"1970-01-01T00:00:00\.001001Z, finer than the millisecond"):
        from_events([event])
    ending = Event(event="opted_in", at=0, business="b", customer="c", entry_point_ends_at=1)
    with pytest.raises(BadColumns, match="'entry_point_ends_at'"):
        from_events([ending])


def test_a_word_nobody_knows_keeps_a_place_in_the_metadata() -> None:
    event = Event(event="message_sent", at=0, business="b", customer="c", id="m", content="template", category="news")
    batch = from_events([event])
    assert names_of(batch.schema).words["category"] == (*EVENT_WORDS["category"], "news")
    assert batch.column("category").to_pylist() == [len(EVENT_WORDS["category"])]


def test_a_closed_list_takes_no_new_word() -> None:
    with pytest.raises(BadColumns, match="'content' is 'fax', which is none of free_form"):
        from_events([Event(event="message_sent", at=0, business="b", customer="c", id="m", content="fax")])


def test_more_words_than_a_code_can_count_are_refused() -> None:
    names = Names()
    for number in range(127 - len(EVENT_WORDS["category"])):
        names.code("category", f"word {number}")
    with pytest.raises(BadColumns, match="more than 127 different words"):
        names.code("category", "one more")


def test_an_error_code_of_more_than_32_bits_is_refused() -> None:
    with pytest.raises(BadColumns, match="must fit 32 bits"):
        from_events([Event(event="message_failed", at=0, business="b", customer="c", id="m", error=2**31)])


@pytest.mark.parametrize("code", [-1, 13, 127])
def test_a_code_without_a_word_is_refused(code: int) -> None:
    batch = from_events([Event(event="opted_in", at=0, business="b", customer="c")])
    columns = [pa.array([code], type=pa.int8()), *batch.columns[1:]]
    with pytest.raises(BadColumns, match=f"holds the code {code}; there are 13 words"):
        list(to_events(pa.record_batch(columns, schema=batch.schema)))


def test_codes_without_their_names_mean_nothing() -> None:
    with pytest.raises(BadColumns, match="the codes mean nothing"):
        names_of(event_schema().remove_metadata())
    with pytest.raises(BadColumns, match="version '0'"):
        names_of(event_schema().with_metadata({**event_schema().metadata, b"fsm.version": b"0"}))


@given(st.lists(events(), min_size=1, max_size=8))
def test_readable_columns_say_the_same_in_words(told: list[Event]) -> None:
    words = readable(from_events(told))
    assert words.column("event").to_pylist() == [event.event for event in told]
    assert [None if word is None else word for word in words.column("category").to_pylist()] == [
        event.category for event in told
    ]
    stamps = words.column("at").cast(pa.int64()).to_pylist()
    assert [stamp * 1000 for stamp in stamps] == [event.at for event in told]


@given(st.lists(st.integers(0, 10**19 - 1), min_size=1, max_size=8))
def test_phone_numbers_in_digits_come_back_exactly_from_packed_columns(numbers: list[int]) -> None:
    batch = from_events([Event(event="opted_in", at=0, business="b", customer=str(number)) for number in numbers])
    small = packed(batch)
    assert small.column("customer").to_pylist() == numbers
    assert unpacked(small).column("customer") == batch.column("customer")
    assert packed(small) == small


@pytest.mark.parametrize("customer", ["+5215550001111", "0123", "ana", "BR.123", "12345678901234567890", "५५"])
def test_what_a_number_could_not_give_back_is_not_packed(customer: str) -> None:
    batch = from_events([Event(event="opted_in", at=0, business="b", customer=customer)])
    with pytest.raises(BadColumns, match="is not a phone number in plain digits"):
        packed(batch)


def test_hashed_ids_cannot_become_events_or_lines() -> None:
    batch = packed(from_events([Event(event="message_read", at=0, business="b", customer="1", id="m")]))
    for write in (json_lines, csv_lines, lambda columns: list(to_events(columns)), readable):
        with pytest.raises(BadColumns, match="hashes"):
            write(batch)


@given(st.lists(st.none() | st.text(max_size=40), max_size=30), st.integers(0, 5))
def test_hashes_of_columns_are_those_of_single_texts(texts: list[str | None], start: int) -> None:
    texts = [None if text is None else text.encode(errors="replace").decode() for text in texts]
    column = pa.array(texts, type=pa.string())
    want = [None if text is None else hash_of(text) for text in texts]
    assert hashes(column).to_pylist() == want
    assert hashes(column[start:]).to_pylist() == want[start:]
    assert hashes(column.dictionary_encode()).to_pylist() == want


def test_the_hash_is_the_same_for_ever() -> None:
    """Files of last year hold it."""
    assert [hex(hash_of(text)) for text in ("", "wamid.A", "wamid.ABCDEFGHIJ")] == HASHES
    assert int(mixed(np.array([1], dtype=np.uint64))[0]) == mixed_number(1)


HASHES = ["0xe220a8397b1dcdaf", "0x9c0bf7b3a2ae7304", "0x29ad395d4a0105da"]


def test_recoding_adds_the_words_that_the_other_lists_lack() -> None:
    one, other = Names(), Names()
    one.code("category", "first")
    sent = Event(event="message_sent", at=0, business="b", customer="c", id="m", content="template", category="second")
    batch = recoded(from_events([sent], other), one)
    assert list(to_events(batch)) == [sent]
    assert one.words["category"][-2:] == ("first", "second")


@given(INSTANT)
def test_instants_of_columns_are_written_as_those_of_events(at: int) -> None:
    event = Event(event="opted_in", at=at, business="b", customer="c")
    assert texts_of(pa.array([at // 1000])).to_pylist() == [write_event(event)["at"]]


ODD_INSTANTS = (
    "2023-06-01T10:00:00Z",
    "2023-06-01t10:00:00z",
    "2023-06-01 10:00:00+02:00",
    "2023-06-01T10:00:00-23:59",
    "2023-06-01T10:00:00+24:00",
    "2023-06-01T10:00:00.250Z",
    "2023-06-01T10:00:00.25Z",
    "2023-06-01T10:00:00",
    "2023-02-29T10:00:00Z",
    "2024-02-29T10:00:00Z",
    "2023-13-01T10:00:00Z",
    "2023-00-10T10:00:00Z",
    "2023-01-00T10:00:00Z",
    "2023-06-01T24:00:00Z",
    "2023-06-01T23:60:00Z",
    "2023-06-01T23:59:60Z",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+01:00",
    "9999-01-01T00:00:00Z",
    "2023-06-01T10:00:0aZ",
    "٢٠٢٣-06-01T10:00Z",
    "",
)


ANY_INSTANT = (
    r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|\.[0-9]{3}Z|[+-][0-2][0-9]:[0-6][0-9])"
)


@settings(max_examples=300)
@given(st.sampled_from(ODD_INSTANTS) | st.from_regex(ANY_INSTANT, fullmatch=True))
def test_an_instant_that_columns_read_is_read_alike_by_events(text: str) -> None:
    millis, read = millis_of(pa.array([text]))
    if read[0]:
        assert millis[0] * 1000 == parse_instant(text)


def test_columns_read_the_usual_forms_and_leave_the_others_to_the_events() -> None:
    _, read = millis_of(pa.array(ODD_INSTANTS))
    assert [text for text, good in zip(ODD_INSTANTS, read, strict=True) if good] == [
        "2023-06-01T10:00:00Z",
        "2023-06-01t10:00:00z",
        "2023-06-01 10:00:00+02:00",
        "2023-06-01T10:00:00-23:59",
        "2023-06-01T10:00:00.250Z",
        "2024-02-29T10:00:00Z",
    ]


@pytest.mark.parametrize("seed", range(60))
def test_results_in_columns_are_the_results(seed: int) -> None:
    log, account = history(seed)
    results = list(replay(Law(read_account(account)), [read_event(line)[0] for line in log]))
    batch = from_results(results)
    assert batch.schema.equals(result_schema(), check_metadata=True)
    assert list(to_results(batch)) == [write_result(result) for result in results]
    assert batch.column("uses_allowance").to_pylist() == [result.outcome.uses_allowance for result in results]
    editions = names_of(batch.schema).words["edition"]
    assert [editions[code] for code in batch.column("edition").to_pylist()] == [result.edition for result in results]


def test_a_bit_of_a_result_without_a_word_is_refused() -> None:
    log, account = history(1)
    batch = from_results(replay(Law(read_account(account)), [read_event(line)[0] for line in log]))
    place = batch.schema.get_field_index("opens")
    columns = list(batch.columns)
    columns[place] = pa.array([1 << len(terms.REPORTED)] * batch.num_rows, type=pa.int16())
    with pytest.raises(BadColumns, match="'opens' holds the bits 1000000000; there are 9 words"):
        list(to_results(pa.record_batch(columns, schema=batch.schema)))


def test_missing_libraries_are_named_with_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "pyarrow" else object())
    with pytest.raises(MissingExtra, match=r"columns need pyarrow, which is not installed.*\[columns\]"):
        extra.require()
