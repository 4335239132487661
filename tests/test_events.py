"""Events and accounts: how instants, log lines and account files are read, and what is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import terms
from fsm.errors import BadAccount, BadEvent, FsmError, NaiveInstant, UnreadableInstant
from fsm.events import (
    Account,
    Event,
    datetime_of,
    format_instant,
    instant_of,
    micros,
    parse_instant,
    read_account,
    read_event,
    write_event,
)
from fsm.events.account import write_account, zone
from fsm.events.event import RANK

TEN = 1_685_613_600_000_000
"""2023-06-01T10:00:00Z."""
LAST_SECOND = 253_370_764_799
"""9998-12-31T23:59:59Z: the last year is left free, so that every clock ends within the calendar."""

STEADY = settings(deadline=None, derandomize=True)
"""The same examples in every run: a gate that fails on another day than the change helps nobody."""


# --- instants ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2023-06-01T10:00:00Z", TEN),
        ("2023-06-01t10:00:00z", TEN),
        ("2023-06-01 10:00:00Z", TEN),
        ("2023-06-01T10:00:00+00:00", TEN),
        ("2023-06-01T10:00:00-00:00", TEN),
        ("2023-06-01T12:00:00+02:00", TEN),
        ("2023-06-01T04:30:00-05:30", TEN),
        ("2023-06-02T09:59:00+23:59", TEN),
        ("2023-05-31T10:01:00-23:59", TEN),
        ("2023-06-01T10:00:00.5Z", TEN + 500_000),
        ("2023-06-01T10:00:00.000001Z", TEN + 1),
        ("2023-06-01T10:00:00.999999+00:00", TEN + 999_999),
        ("2023-06-01T10:00:00.000000Z", TEN),
        (1_685_613_600, TEN),
        (0, 0),
        ("1970-01-01T00:00:00Z", 0),
        (LAST_SECOND, LAST_SECOND * 1_000_000),
        ("9998-12-31T23:59:59Z", LAST_SECOND * 1_000_000),
    ],
)
def test_an_instant_is_rfc_3339_with_an_offset_or_whole_epoch_seconds(written: object, instant: int) -> None:
    assert parse_instant(written) == instant


@pytest.mark.parametrize("written", ["2023-06-01T10:00:00", "2023-06-01 10:00:00", "2023-06-01T10:00:00.25"])
def test_a_time_without_an_offset_is_refused_by_name(written: str) -> None:
    with pytest.raises(NaiveInstant) as refusal:
        parse_instant(written)
    assert repr(written) in str(refusal.value)
    assert f"{written}Z for UTC" in str(refusal.value)


@pytest.mark.parametrize(
    "moment",
    [datetime(2023, 6, 1, 10), datetime(2023, 6, 1, 10, tzinfo=None)],  # noqa: DTZ001 (naive on purpose)
)
def test_a_naive_datetime_is_refused_by_name(moment: datetime) -> None:
    with pytest.raises(NaiveInstant, match="has no time zone, so it names no instant"):
        instant_of(moment)


@pytest.mark.parametrize(
    "milliseconds", [1_685_613_600_000, LAST_SECOND + 1], ids=["a time in milliseconds", "one past the last second"]
)
def test_milliseconds_are_refused_and_not_taken_for_seconds(milliseconds: int) -> None:
    with pytest.raises(UnreadableInstant, match=r"looks like milliseconds\. Divide by 1,000"):
        parse_instant(milliseconds)


@pytest.mark.parametrize(
    "value",
    [True, False, None, 1_685_613_600.0, [], {}, b"2023-06-01T10:00:00Z", datetime(2023, 6, 1, tzinfo=UTC)],
    ids=lambda value: type(value).__name__ + str(value)[:5],
)
def test_what_is_neither_text_nor_a_whole_number_is_no_time(value: object) -> None:
    """True is 1 to Python; as a time it would silently mean one second past midnight in 1970."""
    with pytest.raises(UnreadableInstant, match="is not a time"):
        parse_instant(value)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "1685613600",
        "2023-06-01",
        "2023-06-01T10:00Z",
        "2023-06-01T10Z",
        "20230601T100000Z",
        "2023-W22-4T10:00:00Z",
        "2023-6-1T10:00:00Z",
        "23-06-01T10:00:00Z",
        "2023-06-01T10:00:00+0200",
        "2023-06-01T10:00:00+02",
        "2023-06-01T10:00:00+02:00:30",
        "2023-06-01T10:00:00 Z",
        " 2023-06-01T10:00:00Z",
        "2023-06-01T10:00:00Z\n",
        "2023-06-01T10:00:00.Z",
        "2023-06-01T10:00:00,5Z",
        "2023-06-01T10:00:00.1234567Z",
        "２０２３-06-01T10:00:00Z",
        "2023-06-01T10:00:00Z2023-06-01T10:00:00Z",
        "-2023-06-01T10:00:00Z",
    ],
)
def test_other_ways_to_write_a_time_are_refused_with_an_example(written: str) -> None:
    """More than six digits of a fraction are refused too: rounding them could move an event over an edge."""
    with pytest.raises(UnreadableInstant, match="Write it like 2023-06-01T10:00:00Z"):
        parse_instant(written)


@pytest.mark.parametrize(
    "written",
    [
        "2016-12-31T23:59:60Z",
        "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-00-01T00:00:00Z",
        "2023-06-31T00:00:00Z",
        "2023-06-01T10:60:00Z",
        "2023-06-01T10:00:00+24:00",
        "0000-01-01T00:00:00Z",
    ],
)
def test_a_date_and_time_that_does_not_exist_is_refused(written: str) -> None:
    """
    The first is a leap second that did happen.

    Epoch seconds have no number for it, and taking a neighbour's would be a guess.
    """
    with pytest.raises(UnreadableInstant, match="is not a date and time that exists"):
        parse_instant(written)


@pytest.mark.parametrize("written", ["2023-06-01T10:00:00+00:60", "2023-06-01T10:00:00-01:99"])
def test_an_offset_with_sixty_minutes_is_refused(written: str) -> None:
    """RFC 3339 ends the minutes of an offset at 59, like those of the time."""
    with pytest.raises(UnreadableInstant):
        parse_instant(written)


@pytest.mark.parametrize(
    "written",
    [
        -1,
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:59:59+01:00",
        "0001-01-01T00:00:00+23:59",
        "9998-12-31T23:59:59-00:01",
        "9998-12-31T23:59:59.000001Z",
        "9999-01-01T00:00:00Z",
    ],
)
def test_an_instant_before_1970_or_after_9998_is_refused(written: object) -> None:
    with pytest.raises(UnreadableInstant, match="lies outside 1970 to 9998"):
        parse_instant(written)


def test_an_instant_of_a_datetime_outside_the_range_is_refused() -> None:
    with pytest.raises(UnreadableInstant, match="lies outside"):
        instant_of(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))


def test_a_local_time_that_occurs_twice_is_told_apart_by_its_fold() -> None:
    """The clocks of Madrid show 02:30 twice on the last Sunday of October."""
    first = datetime(2023, 10, 29, 2, 30, tzinfo=ZoneInfo("Europe/Madrid"))
    assert instant_of(first.replace(fold=1)) - instant_of(first) == micros(timedelta(hours=1))


@STEADY
@given(at=st.integers(0, LAST_SECOND * 1_000_000))
def test_writing_an_instant_and_reading_it_gives_the_same_instant(at: int) -> None:
    assert parse_instant(format_instant(at)) == at
    assert instant_of(datetime_of(at)) == at


@STEADY
@given(at=st.integers(0, 4_102_444_800_000_000), minutes=st.integers(-1439, 1439))
def test_the_offset_in_which_an_instant_is_written_does_not_matter(at: int, minutes: int) -> None:
    local = datetime_of(at + 86_400_000_000).astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_instant(local.isoformat()) == at + 86_400_000_000


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (TEN, "2023-06-01T10:00:00Z"),
        (TEN + 250_000, "2023-06-01T10:00:00.250000Z"),
        (TEN + 1, "2023-06-01T10:00:00.000001Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_a_fraction_only_where_there_is_one(at: int, written: str) -> None:
    assert format_instant(at) == written


@pytest.mark.parametrize(
    ("length", "expected"),
    [(timedelta(hours=24), 86_400_000_000), (timedelta(microseconds=1), 1), (timedelta(days=7), 604_800_000_000)],
)
def test_a_length_is_whole_microseconds(length: timedelta, expected: int) -> None:
    assert micros(length) == expected


# --- reading events ---------------------------------------------------------
def _members(name: str = "customer_message", /, **members: object) -> dict[str, object]:
    every: dict[str, object] = {"event": name, "at": 1_685_613_600, "business": "b", "customer": "c", "id": "m"}
    if name == "message_sent":
        every["content"] = "free_form"
    return {member: value for member, value in {**every, **members}.items() if value is not ...}


def test_what_an_event_leaves_out_gets_the_documented_default() -> None:
    event, unknown = read_event(_members())
    assert event == Event(
        event="customer_message",
        at=TEN,
        business="b",
        customer="c",
        id="m",
        kind="text",
        entry=None,
        device="android",
        content=None,
        category=None,
        template_status="APPROVED",
        error=None,
        entry_point_ends_at=None,
        inferred=False,
    )
    assert unknown == ()


@pytest.mark.parametrize("name", terms.EVENTS)
def test_every_event_of_the_vocabulary_is_read(name: str) -> None:
    event, _ = read_event(_members(name))
    assert event.event == name
    assert event.thread == ("b", "c")


@pytest.mark.parametrize("missing", ["event", "at", "business", "customer", "id"])
@pytest.mark.parametrize("name", ["customer_message", *terms.MESSAGE_EVENTS])
def test_a_missing_member_is_refused_by_name(name: str, missing: str) -> None:
    with pytest.raises(BadEvent) as refusal:
        read_event(_members(name, **{missing: ...}))
    assert f"'{missing}'" in str(refusal.value)


@pytest.mark.parametrize("name", [name for name in terms.EVENTS if name not in terms.NEEDS_ID])
def test_an_event_about_no_message_needs_no_id(name: str) -> None:
    event, _ = read_event(_members(name, id=...))
    assert event.id == ""
    assert event.key != attrs.evolve(event, at=event.at + 1).key
    # An id that reads like the instant is another event.
    assert event.key != attrs.evolve(event, id="2023-06-01T10:00:00Z").key


def test_an_id_that_ends_like_the_name_of_a_member_is_another_message() -> None:
    event, _ = read_event(_members("message_read", id="m"))
    assert attrs.evolve(event, participant="p").key != attrs.evolve(event, id="m to p").key


def test_a_category_that_is_empty_is_refused_as_that() -> None:
    with pytest.raises(BadEvent, match=r"'category' is empty, which says nothing. Leave it out"):
        read_event(_members("message_sent", content="template", category=""))


def test_nothing_ended_in_1970() -> None:
    event, _ = read_event(_members("message_read", entry_point_ends_at=0))
    assert event.entry_point_ends_at is None
    assert event == attrs.evolve(event, entry_point_ends_at=0)


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("member", ["business", "customer", "id"])
def test_an_empty_id_is_a_missing_one(member: str, empty: object) -> None:
    with pytest.raises(BadEvent, match=f"has no '{member}'. It is needed to tell events apart"):
        read_event(_members(**{member: empty}))


@pytest.mark.parametrize("value", [5, 5.0, True, ["c"], {"wa_id": "c"}], ids=str)
@pytest.mark.parametrize("member", ["business", "customer", "id"])
def test_an_id_that_is_not_text_is_refused(member: str, value: object) -> None:
    """A number loses leading zeros, and 5 and '5' would be two threads."""
    with pytest.raises(BadEvent, match=f"'{member}' is .* it must be text. Put it in quotes"):
        read_event(_members(**{member: value}))


def test_a_missing_content_of_a_message_sent_is_refused_with_the_choices() -> None:
    with pytest.raises(BadEvent, match=r"this message_sent has no 'content'.*free_form, template"):
        read_event(_members("message_sent", content=...))


@pytest.mark.parametrize(
    ("event", "member", "wrong", "meant"),
    [
        ("customer_message", "event", "customer_mesage", "customer_message"),
        ("customer_message", "event", "message_deliverd", "message_delivered"),
        ("customer_message", "kind", "txt", "text"),
        ("customer_message", "kind", "reactions", "reaction"),
        ("customer_message", "entry", "page-cta", "page_cta"),
        ("customer_message", "device", "Android", "android"),
        ("message_sent", "content", "free-form", "free_form"),
        ("message_sent", "content", "templates", "template"),
        ("message_delivered", "content", "freeform", "free_form"),
    ],
)
def test_a_misspelt_word_is_refused_with_the_word_that_was_meant(
    event: str, member: str, wrong: str, meant: str
) -> None:
    with pytest.raises(BadEvent) as refusal:
        read_event(_members(event, **{member: wrong}))
    assert f"'{member}' is {wrong!r}" in str(refusal.value)
    assert f"Did you mean {meant!r}?" in str(refusal.value)


@pytest.mark.parametrize(("member", "event"), [("event", "opted_in"), ("kind", "customer_message")])
@pytest.mark.parametrize("wrong", ["zzzzzz", 7, True, ["text"], {}], ids=str)
def test_a_word_that_resembles_none_is_refused_with_the_list(member: str, event: str, wrong: object) -> None:
    with pytest.raises(BadEvent) as refusal:
        read_event(_members(event, **{member: wrong}))
    assert "which is none of" in str(refusal.value)
    assert "Did you mean" not in str(refusal.value)


@pytest.mark.parametrize(
    ("event", "member", "value", "owner"),
    [
        *(
            (event, member, value, "customer_message")
            for event in terms.EVENTS
            if event != "customer_message"
            for member, value in (("kind", "text"), ("entry", "ad"), ("device", "ios"))
        ),
        *(
            (event, "content", "free_form", "message_sent")
            for event in terms.EVENTS
            if event != "message_sent" and event not in terms.DELIVERY_EVENTS
        ),
    ],
)
def test_a_member_is_refused_where_it_does_not_belong(event: str, member: str, value: str, owner: str) -> None:
    with pytest.raises(BadEvent, match=f"'{member}' belongs to {owner}, not to {event}. Leave it out here."):
        read_event(_members(event, **{member: value}))


@pytest.mark.parametrize("event", ["message_sent", *terms.DELIVERY_EVENTS])
def test_content_belongs_to_a_sending_and_to_a_delivery(event: str) -> None:
    """A delivery may tell what was sent, for want of a record of sending."""
    assert read_event(_members(event, content="app"))[0].content == "app"


def test_members_nobody_knows_are_reported_and_not_refused() -> None:
    event, unknown = read_event(_members(zeta=1, alpha=None, profile={"name": "Ana"}))
    assert event == read_event(_members())[0]
    assert unknown == ("alpha", "profile", "zeta")


@pytest.mark.parametrize("category", ["newsletter", "MARKETING", "authentication-international"])
@pytest.mark.parametrize("status", ["APPROVED", "FLAGGED", "whatever"])
def test_categories_and_template_states_nobody_knows_are_read(category: str, status: str) -> None:
    """Meta adds to both; a rulebook that does not know one answers 'unspecified'."""
    event, _ = read_event(_members("message_sent", content="template", category=category, template_status=status))
    assert (event.category, event.template_status) == (category, status)


@pytest.mark.parametrize("member", ["category", "template_status"])
@pytest.mark.parametrize("value", [5, True, ["marketing"]], ids=str)
def test_a_category_or_template_state_that_is_not_text_is_refused(member: str, value: object) -> None:
    with pytest.raises(BadEvent, match=f"'{member}' is .* it must be text"):
        read_event(_members("message_sent", content="template", **{member: value}))


@pytest.mark.parametrize("value", ["131047", 131047.0, True, [131047]], ids=repr)
def test_an_error_code_that_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(BadEvent, match="must be Meta's code as a whole number"):
        read_event(_members("message_failed", error=value))


def test_a_null_is_the_same_as_a_member_left_out() -> None:
    nothing = {"kind": None, "entry": None, "device": None, "content": None, "category": None, "error": None}
    more = {"template_status": None, "entry_point_ends_at": None, "inferred": None}
    assert read_event(_members(**nothing, **more)) == read_event(_members())


@pytest.mark.parametrize("value", ["2023-06-01T10:00:00", "soon", True], ids=str)
@pytest.mark.parametrize("member", ["at", "entry_point_ends_at"])
def test_a_bad_time_in_an_event_is_refused_like_any_other(member: str, value: object) -> None:
    with pytest.raises((NaiveInstant, UnreadableInstant)):
        read_event(_members("message_delivered", **{member: value}))


@pytest.mark.parametrize("value", ["true", "yes", 1, []], ids=repr)
def test_an_inferred_that_is_neither_true_nor_false_is_refused(value: object) -> None:
    """A value that nobody knows could change an answer: this one decides whether a refusal is flagged."""
    with pytest.raises(BadEvent):
        read_event(_members("message_sent", inferred=value))


@STEADY
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in attrs.fields(Event)]),
        st.one_of(
            st.sampled_from([*terms.EVENTS, *terms.KINDS, *terms.CONTENTS, "ad", "ios", "b", "", 0, True, None, 1.5]),
            st.integers(),
            st.text(max_size=5),
            st.lists(st.integers(), max_size=1),
        ),
    )
)
def test_any_object_is_an_event_or_is_refused_with_an_error_of_ours(members: dict[str, object]) -> None:
    try:
        event, unknown = read_event(members)
    except FsmError:
        return
    assert read_event(write_event(event)) == (event, ())
    assert unknown == ()


IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
INSTANTS = st.integers(0, LAST_SECOND * 1_000_000)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event that can be read."""
    name = draw(st.sampled_from(terms.EVENTS))
    members: dict[str, Any] = {
        "event": name,
        "at": draw(INSTANTS),
        "business": draw(IDS),
        "customer": draw(IDS),
        "id": draw(IDS if name in terms.NEEDS_ID else st.just("") | IDS),
        "error": draw(st.none() | st.integers()),
        "category": draw(st.none() | IDS),
        "template_status": draw(st.just("APPROVED") | IDS),
        "entry_point_ends_at": draw(st.none() | INSTANTS),
        "inferred": draw(st.booleans()),
    }
    if name == "customer_message":
        members["kind"] = draw(st.sampled_from(terms.KINDS))
        members["entry"] = draw(st.none() | st.sampled_from(terms.ENTRIES))
        members["device"] = draw(st.sampled_from(terms.DEVICES))
    if name == "message_sent":
        members["content"] = draw(st.sampled_from(terms.CONTENTS))
    if name in terms.DELIVERY_EVENTS:
        members["content"] = draw(st.none() | st.sampled_from(terms.CONTENTS))
    return Event(**members)


@STEADY
@given(events())
def test_writing_an_event_as_json_and_reading_it_gives_the_same_event(event: Event) -> None:
    written = json.loads(json.dumps(write_event(event)))
    assert read_event(written) == (event, ())


@STEADY
@given(events())
def test_an_event_is_written_without_what_is_default(event: Event) -> None:
    written = write_event(event)
    assert list(written)[:2] == ["event", "at"]
    assert None not in written.values()
    for member, default in (("kind", "text"), ("device", "android"), ("template_status", "APPROVED"), ("id", "")):
        assert written.get(member, "left out") != default
    assert written.get("inferred", True) is True


# --- identity and order -----------------------------------------------------
def test_the_key_of_an_event_is_its_thread_its_name_and_its_id() -> None:
    event = Event(event="message_read", at=TEN, business="b", customer="c", id="m")
    assert event.key == ("b", "c", "message_read", "m")
    assert attrs.evolve(event, at=TEN + 1, error=5).key == event.key


@pytest.mark.parametrize("change", [{"business": "x"}, {"customer": "x"}, {"id": "x"}, {"event": "message_played"}])
def test_events_that_differ_in_thread_name_or_id_are_different_events(change: dict[str, str]) -> None:
    event = Event(event="message_read", at=TEN, business="b", customer="c", id="m")
    assert attrs.evolve(event, **change).key != event.key  # type: ignore[arg-type]


def test_the_same_preference_at_two_instants_is_two_events() -> None:
    one = Event(event="opted_in", at=TEN, business="b", customer="c")
    assert attrs.evolve(one, at=TEN + 1).key != one.key


def test_within_an_instant_customers_come_first_then_preferences_then_the_message_and_its_statuses() -> None:
    expected = [
        *sorted(terms.CUSTOMER_EVENTS),
        *sorted(terms.PREFERENCE_EVENTS),
        "message_sent",
        "message_failed",
        "message_delivered",
        "message_read",
        "message_played",
    ]
    every = [Event(event=name, at=TEN, business="b", customer="c", id="m") for name in terms.EVENTS]
    assert [event.event for event in sorted(every, key=lambda event: event.order)] == expected
    assert set(RANK) == set(terms.EVENTS)


def test_an_earlier_instant_comes_before_any_kind_and_an_earlier_kind_before_any_id() -> None:
    played = Event(event="message_played", at=TEN, business="b", customer="c", id="z")
    written = Event(event="customer_message", at=TEN + 1, business="b", customer="c", id="a")
    assert played.order < written.order
    sent = Event(event="message_sent", at=TEN, business="b", customer="c", id="z")
    assert sent.order < attrs.evolve(sent, event="message_delivered", id="a").order
    assert attrs.evolve(sent, id="a").order < sent.order


@STEADY
@given(st.lists(events(), max_size=6))
def test_the_canonical_order_leaves_no_two_different_events_tied(several: list[Event]) -> None:
    """Whoever sorts them gets one answer, whatever the order in which they came."""
    by_key = {event.key: event for event in several}
    orders = [event.order for event in by_key.values()]
    assert len(set(orders)) == len(orders)


# --- accounts ---------------------------------------------------------------
def test_an_account_file_that_says_nothing_is_an_ordinary_business_in_utc() -> None:
    assert read_account({}) == Account()
    account = Account()
    assert (account.time_zone, account.sender, account.integration) == (UTC, "business", "direct")
    assert (account.direct_send, account.payment_method, account.free_left) == (False, True, None)


def test_every_key_of_an_account_file_is_read() -> None:
    account = read_account(
        {
            "time_zone": "America/Mexico_City",
            "sender": "ai_provider",
            "integration": "partner",
            "direct_send": True,
            "payment_method": False,
            "sold_to": "IN",
            "currency": "INR",
            "allowances": {"free_left": 12},
            "customers": {"in_experiment": ["ana", "luis"]},
            "policy": {"boundary": "closed", "csw_inbound_kinds": ["reaction"]},
        }
    )
    assert account == Account(
        time_zone=ZoneInfo("America/Mexico_City"),
        sender="ai_provider",
        integration="partner",
        direct_send=True,
        payment_method=False,
        sold_to="IN",
        currency="INR",
        free_left=12,
        in_experiment=frozenset({"ana", "luis"}),
        policy=(("boundary", "closed"), ("csw_inbound_kinds", ("reaction",))),
    )


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"time_zome": "UTC"}, "has no key 'time_zome'.*Did you mean 'time_zone'"),
        ({"colour": "green"}, "has no key 'colour'; known are name, numbers, time_zone, sender"),
        ({"sender": "goverment"}, "'sender' is 'goverment', which is none of business, ai_provider, government"),
        ({"sender": True}, "'sender' is True, which is none of"),
        ({"sender": ["business"]}, "'sender' is .*which is none of"),
        ({"integration": "agency"}, "'integration' is 'agency', which is none of direct, partner"),
        ({"direct_send": "yes"}, "'direct_send' is 'yes'; it must be true or false"),
        ({"direct_send": 1}, "'direct_send' is 1; it must be true or false"),
        ({"payment_method": None}, "'payment_method' is None; it must be true or false"),
        ({"sold_to": 91}, "'sold_to' is 91; it must be 2 capital letters"),
        ({"currency": ["INR"]}, "'currency' is .*; it must be 3 capital letters"),
        ({"allowances": 5}, "'allowances' is 5; it must be a table: write .allowances. and its keys below it"),
        ({"allowances": {"left": 5}}, ".allowances. has no key 'left'; known are free_left"),
        ({"allowances": {"free_left": -1}}, "allowances.free_left is -1; it must be a whole number, 0 or more"),
        ({"allowances": {"free_left": 1.5}}, "allowances.free_left is 1.5; it must be a whole number"),
        ({"allowances": {"free_left": True}}, "allowances.free_left is True; it must be a whole number"),
        ({"allowances": {"free_left": "5"}}, "allowances.free_left is '5'; it must be a whole number"),
        ({"customers": ["ana"]}, "'customers' is .*; it must be a table"),
        ({"customers": {"in_experiment": "ana"}}, "in_experiment is 'ana'; it must be a list of customer ids"),
        ({"customers": {"in_experiment": [5]}}, "in_experiment is .5.; it must be a list of customer ids"),
        ({"customers": {"in_experimnt": []}}, "has no key 'in_experimnt'.*Did you mean 'in_experiment'"),
        ({"policy": "closed"}, "'policy' is 'closed'; it must be a table"),
        ({"time_zone": 3}, "'time_zone' is 3; it must be text"),
        ({"time_zone": None}, "'time_zone' is None; it must be text"),
    ],
)
def test_a_bad_value_in_an_account_file_is_refused_with_what_it_must_be(members: dict[str, object], says: str) -> None:
    with pytest.raises(BadAccount, match=says):
        read_account(members)


@pytest.mark.parametrize("name", ["UTC", "utc", "Z", "z", "+00:00"])
def test_utc_has_several_names(name: str) -> None:
    assert zone(name).utcoffset(None) == timedelta(0)


@pytest.mark.parametrize(
    ("name", "minutes"), [("+03:00", 180), ("-03:30", -210), ("+05:45", 345), ("-00:30", -30), ("+23:59", 1439)]
)
def test_a_fixed_offset_is_a_time_zone(name: str, minutes: int) -> None:
    assert zone(name).utcoffset(None) == timedelta(minutes=minutes)
    account = read_account({"time_zone": name})
    assert write_account(account) == {"time_zone": name}


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "", " UTC", "+3:00", "+0300", "3", "Europe", "..", "zone.tab", "\0", "Europe/Madrid\n", "UTC+3"],
    ids=repr,
)
def test_a_time_zone_this_machine_does_not_know_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(BadAccount, match=r"not known on this machine. Use a name such as 'Europe/Madrid'.*tzdata"):
        zone(name)


@pytest.mark.parametrize("name", ["+24:00", "-24:00", "+99:00"])
def test_an_offset_of_a_day_or_more_is_refused(name: str) -> None:
    with pytest.raises(BadAccount, match="a day or more away from UTC"):
        zone(name)


@pytest.mark.parametrize("name", ["+03:60", "-03:99"])
def test_an_offset_with_sixty_minutes_is_no_time_zone(name: str) -> None:
    """A slip of the finger here moves every local midnight, and with it dates of law and months."""
    with pytest.raises(BadAccount):
        zone(name)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any account that a file can describe."""
    names = st.sampled_from(["Europe/Madrid", "America/Mexico_City", "Asia/Kolkata", "UTC", "+05:45", "-03:00"])
    return Account(
        time_zone=zone(draw(names)),
        sender=draw(st.sampled_from(terms.SENDERS)),
        integration=draw(st.sampled_from(terms.INTEGRATIONS)),
        direct_send=draw(st.booleans()),
        payment_method=draw(st.booleans()),
        sold_to=draw(st.sampled_from(["", "IN", "BR"])),
        currency=draw(st.sampled_from(["", "INR", "USD"])),
        free_left=draw(st.none() | st.integers(0, 1000)),
        in_experiment=draw(st.frozensets(IDS, max_size=3)),
        policy=draw(
            st.sampled_from([(), (("boundary", "closed"),), (("boundary", "closed"), ("csw_inbound_kinds", ("edit",)))])
        ),
    )


@STEADY
@given(accounts())
def test_writing_an_account_as_json_and_reading_it_gives_the_same_account(account: Account) -> None:
    assert read_account(json.loads(json.dumps(write_account(account)))) == account


def test_an_ordinary_account_is_written_as_nothing() -> None:
    assert write_account(Account()) == {}


def test_a_free_allowance_of_zero_is_not_the_same_as_none_stated() -> None:
    assert write_account(Account(free_left=0)) == {"allowances": {"free_left": 0}}
    assert read_account({"allowances": {"free_left": 0}}).free_left == 0
    assert read_account({"allowances": {}}).free_left is None


def test_a_zone_that_no_account_file_can_name_is_refused_when_written() -> None:
    """Offsets in a file end at minutes. Dropping the seconds would move every local midnight in silence."""
    with pytest.raises(BadAccount):
        write_account(Account(time_zone=timezone(timedelta(seconds=30))))


def test_events_and_accounts_are_frozen() -> None:
    event = Event(event="opted_in", at=0)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.at = 5  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Account().sender = "government"  # type: ignore[misc]
