"""Bodies of the Cloud API, of every era, read into events."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import terms
from fsm.errors import BadBody, FsmError
from fsm.events import Event, read_event, write_event
from fsm.webhooks import Evidence, Reading, Unread, implied_content, implied_opening, in_free_entry_point, read_body

DATA = Path(__file__).parent / "data" / "webhooks"
SAMPLES = sorted(DATA.glob("*/*.json"))
SECOND = 1_000_000

BUSINESS = "100000000000001"
ANA = "15550100099"
ANA_BY_ID = "US.10000000000000000099"


def sample(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def body(field: str = "messages", **value: object) -> dict[str, Any]:
    """A body with one change, about the business number unless told otherwise."""
    value.setdefault("metadata", {"phone_number_id": BUSINESS})
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}],
    }


def message(**members: object) -> dict[str, object]:
    return {"id": "wamid.A", "from": ANA, "timestamp": "1767269299", "type": "text", **members}


def status(**members: object) -> dict[str, object]:
    return {"id": "wamid.B", "status": "delivered", "recipient_id": ANA, "timestamp": "1767269305", **members}


def only_event(reading: Reading) -> Event:
    assert reading.unknown == ()
    (event,) = reading.events
    return event


def only_unknown(reading: Reading) -> Unread:
    assert reading.events == ()
    (unread,) = reading.unknown
    return unread


def ours(event: str, seconds: int, number: int, customer: str = ANA, **more: Any) -> Event:
    """An event of one of our own samples: all of them share the business, and number their messages."""
    return Event(
        event=event,
        at=seconds * SECOND,
        business=BUSINESS,
        customer=customer,
        id=f"wamid.CONSTRUCTED{number:04}",
        **more,
    )


def told(content: str, category: str | None = None) -> dict[str, Any]:
    return {"content": content, "category": category, "inferred": True}


# --- the samples with a stated right reading ---------------------------------
SENT, DELIVERED, READ = "message_sent", "message_delivered", "message_read"
FREE_ENTRY_END = 1767528240 * SECOND
UTILITY = ours(DELIVERED, 1767269305, 30, **told("template", "utility"))
WROTE = ours("customer_message", 1767269299, 31)

CBP, PMP = "CBP", "PMP"
READINGS: dict[str, tuple[list[Event], dict[str, int], list[tuple[str | None, object, bool | None]]]] = {
    # file: events; notes; per evidence: pricing model, billable, opened its conversation
    "obs_cbp2022_business_initiated_sent": (
        [ours(SENT, 1672720505, 1, **told("template"))],
        {},
        [(CBP, True, True)],
    ),
    "obs_cbp2022_business_initiated_delivered": (
        [ours(DELIVERED, 1672720506, 1, **told("template"))],
        {},
        [(CBP, True, None)],
    ),
    "obs_cbp2022_business_initiated_read_bare": ([ours(READ, 1672720560, 1)], {}, [(None, None, None)]),
    "obs_cbp2023_marketing_sent": (
        [ours(SENT, 1714985417, 2, **told("template", "marketing"))],
        {},
        [(CBP, True, True)],
    ),
    "obs_cbp2024_service_joined_sent": (
        [ours(SENT, 1725047266, 3, **told("free_form"))],
        {},
        [(CBP, True, False)],
    ),
    "obs_pmp_v23_service_free_sent": (
        [ours(SENT, 1757949796, 4, **told("free_form"))],
        {},
        [(PMP, False, None)],
    ),
    "obs_pmp_v23_service_free_delivered": (
        [ours(DELIVERED, 1757949797, 4, **told("free_form"))],
        {},
        [(PMP, False, None)],
    ),
    "obs_pmp_v24_2026_05_service_free_sent_contacts_without_profile": (
        [ours(SENT, 1779000000, 5, **told("free_form"))],
        {},
        [(PMP, False, None)],
    ),
    "doc_pmp_2025_utility_in_window_free_delivered": (
        [ours(DELIVERED, 1767268800, 6, **told("template", "utility"))],
        {},
        [(PMP, False, None)],
    ),
    "doc_pmp_2025_utility_outside_window_regular_delivered": (
        [ours(DELIVERED, 1767268900, 7, **told("template", "utility"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_pmp_2025_authentication_regular_delivered": (
        [ours(DELIVERED, 1767268950, 8, **told("template", "authentication"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_pmp_v24_free_entry_point_sent": (
        [ours(SENT, 1767269000, 9, entry_point_ends_at=FREE_ENTRY_END, **told("free_form"))],
        {},
        [(PMP, False, None)],
    ),
    "guess_pmp_v24_free_entry_point_second_message_sent": (
        [ours(SENT, 1767270000, 10, entry_point_ends_at=FREE_ENTRY_END, **told("template", "marketing"))],
        {},
        [(PMP, False, None)],
    ),
    "guess_pmp_2025_07_transition_utility_still_cbp_sent": (
        [ours(SENT, 1751340000, 11, **told("template", "utility"))],
        {},
        [(CBP, False, False)],
    ),
    "doc_pmp_2026_10_service_free_tier_delivered": (
        [ours(DELIVERED, 1790848800, 12, **told("free_form"))],
        {},
        [(PMP, False, None)],
    ),
    "doc_pmp_2026_10_service_regular_delivered": (
        [ours(DELIVERED, 1790848860, 13, **told("free_form"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_pmp_2026_10_utility_in_window_regular_delivered": (
        [ours(DELIVERED, 1790848920, 14, **told("template", "utility"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_pmp_marketing_max_price_delivered_with_cost": (
        [ours(DELIVERED, 1782000000, 15, **told("template", "marketing"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_pmp_read_only_no_delivered": (
        [ours(READ, 1767269300, 16, **told("template", "marketing"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_failed_reengagement_131047": (
        [ours("message_failed", 1790503200, 17, error=131047)],
        {},
        [(None, None, None)],
    ),
    "doc_sent_to_bsuid_only": (
        [ours(SENT, 1783000000, 18, customer=ANA_BY_ID, **told("template", "marketing"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_inbound_bsuid_only": ([ours("customer_message", 1783000100, 19, customer=ANA_BY_ID)], {}, []),
    "doc_system_user_changed_user_id": ([], {"system_message": 1}, []),
    "doc_user_id_update_field_withdrawn_2026_08": ([], {"user_id_update": 1}, []),
    "obs_standby_inbound_text": ([ours("customer_message", 1787000000, 21)], {}, []),
    "obs_standby_status_delivered": (
        [ours(DELIVERED, 1787000060, 22, **told("template", "utility"))],
        {},
        [(PMP, True, None)],
    ),
    "doc_standby_echo_template": (
        [ours(SENT, 1787000050, 22, content="template", category="marketing")],
        {},
        [],
    ),
    "obs_messaging_handovers_control_passed": ([], {"messaging_handovers": 1}, []),
    "robust_batch_unordered_duplicated_unknown_field": (
        # Messages come before statuses within one value; here they stand in two.
        [ours(READ, 1767269310, 30), UTILITY, UTILITY, WROTE, WROTE],
        {"sent_without_evidence": 1},
        [(None, None, None), (PMP, True, None), (PMP, True, None), (None, None, None)],
    ),
    "robust_history_thread_must_not_open_window": ([], {"history_message": 1}, []),
    "robust_smb_echo_must_not_open_anything": ([ours(SENT, 1767269500, 33, content="app")], {}, []),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_with_a_stated_right_reading_has_that_reading(name: str) -> None:
    events, notes, evidence = READINGS[name]
    reading = read_body(sample(f"_constructed/{name}"))
    assert list(reading.events) == events
    assert dict(reading.notes) == notes
    assert [
        (
            None if one.pricing is None else one.pricing["pricing_model"],
            None if one.pricing is None else one.pricing["billable"],
            implied_opening(one),
        )
        for one in reading.evidence
    ] == evidence
    unknown = [unread.where for unread in reading.unknown]
    assert unknown == (["entry[1].changes[0]"] if "unknown_field" in name else [])


def test_every_sample_of_our_own_has_a_stated_right_reading() -> None:
    assert set(READINGS) == {path.stem for path in (DATA / "_constructed").glob("*.json")}


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("_constructed/obs_cbp2022_business_initiated_sent", True),
        ("_constructed/obs_cbp2023_marketing_sent", True),
        ("_constructed/obs_cbp2024_service_joined_sent", False),
        ("Softlivery__whatsapp-cloud-api-client/WebhookStatusEvent", True),
        ("david-lev__pywa/message_status__sent", False),
        ("yvfl__api-whatsapp-docs/status__0", None),
    ],
)
def test_a_conversation_ending_a_day_later_rounded_up_to_the_minute_was_opened_by_this_message(
    name: str, opened: bool | None
) -> None:
    """Pairs seen in traffic. The last is Meta's own example: new pricing model, so the rule has nothing to say."""
    (evidence,) = read_body(sample(name)).evidence
    assert implied_opening(evidence) is opened


# --- all samples -------------------------------------------------------------
ITEM_LISTS = ("messages", "statuses", "message_echoes", "calls", "user_preferences")
ITEM_PATH = re.compile(rf"\.({'|'.join(ITEM_LISTS)})\[\d+\]")
ITEM_NOTES = {
    "history_message",
    "sent_without_evidence",
    "system_message",
    "standby_echo",
    "app_echo_of_change",
    "call",
    "call_status",
}


def items_within(value: object) -> int:
    """How many messages, statuses, echoes, calls and preferences there are, by looking at every list of such a name."""
    if isinstance(value, list):
        return sum(items_within(element) for element in value)
    if isinstance(value, dict):
        return sum(
            len(held) if key in ITEM_LISTS and isinstance(held, list) else items_within(held)
            for key, held in value.items()
        )
    return 0


def item_outcomes(reading: Reading) -> int:
    unknown = sum(1 for unread in reading.unknown if ITEM_PATH.search(unread.where[unread.where.rfind(".") :]))
    return len(reading.events) + unknown + sum(n for name, n in reading.notes if name in ITEM_NOTES)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_in_a_sample_is_lost(path: Path) -> None:
    """Each item has exactly one outcome, and a change that holds none is itself noted or kept."""
    raw = json.loads(path.read_bytes())
    reading = read_body(path.read_bytes())
    assert item_outcomes(reading) == items_within(raw)

    changes = [change for entry in raw["entry"] for change in entry["changes"]]
    bare = [c for c in changes if not items_within(c) and "errors" not in c["value"]]
    noted = sum(n for name, n in reading.notes if name not in ITEM_NOTES and name != "account_error")
    kept = sum(1 for unread in reading.unknown if unread.where.endswith("]") and ".changes[" in unread.where)
    kept -= sum(1 for unread in reading.unknown if ".value" in unread.where and unread.where.endswith("]"))
    assert noted + kept == len(bare)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_event_of_a_sample_speaks_the_vocabulary_of_the_log(path: Path) -> None:
    for event in read_body(path.read_bytes()).events:
        assert_speakable(event)


def assert_speakable(event: Event) -> None:
    assert event.business
    assert event.customer
    if event.event != "message_sent":
        # Deliveries carry what their price implies; a written log says it on `message_sent` alone.
        event = attrs.evolve(event, content=None)
    again, unknown = read_event(write_event(event))
    assert (again, unknown) == (event, ())


def test_there_are_samples() -> None:
    assert len(SAMPLES) == 239


def test_bytes_text_and_a_decoded_body_read_the_same() -> None:
    for path in SAMPLES:
        raw = path.read_bytes()
        assert read_body(raw) == read_body(raw.decode()) == read_body(json.loads(raw)), path.name


# --- what customers do -------------------------------------------------------
@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("text", "text"),
        ("image", "media"),
        ("audio", "media"),
        ("voice", "media"),
        ("video", "media"),
        ("document", "media"),
        ("sticker", "media"),
        ("button", "button"),
        ("interactive", "interactive"),
        ("order", "order"),
        ("location", "location"),
        ("contacts", "contacts"),
        ("reaction", "reaction"),
        ("edit", "edit"),
        ("revoke", "revoke"),
        ("system", "system"),
        ("unsupported", "unsupported"),
    ],
)
def test_each_type_of_message_has_its_kind(type_: str, kind: str) -> None:
    event = only_event(read_body(body(messages=[message(type=type_)])))
    assert (event.event, event.kind, event.entry, event.device) == ("customer_message", kind, None, "android")
    assert kind in terms.KINDS


@pytest.mark.parametrize("type_", ["ephemeral", "unknown", "hologram", "", None, 7, ["text"]])
def test_a_message_of_a_type_we_do_not_know_is_kept_and_is_no_event(type_: object) -> None:
    """Whether it opens the window is not for us to guess."""
    raw = message(type=type_)
    unread = only_unknown(read_body(body(messages=[raw])))
    assert unread.where == "entry[0].changes[0].value.messages[0]"
    assert unread.raw == raw
    assert "not a message type we know" in unread.why


def test_a_request_for_a_welcome_is_an_event_of_its_own() -> None:
    event = only_event(read_body(body(messages=[message(type="request_welcome")])))
    assert (event.event, event.id) == ("welcome_requested", "wamid.A")


@pytest.mark.parametrize(
    ("referral", "entry"),
    [
        ({"source_type": "ad"}, "ad"),
        ({"source_type": "post"}, "ad"),
        ({"source_type": "AD"}, "ad"),
        ({"source_type": "something later", "ctwa_clid": "Aff-n8"}, "ad"),
        (None, None),
    ],
)
def test_a_referral_from_an_ad_marks_the_entry(referral: object, entry: str | None) -> None:
    assert only_event(read_body(body(messages=[message(referral=referral)]))).entry == entry


@pytest.mark.parametrize("referral", [{"source_type": "newspaper"}, {}, "ad", 7])
def test_a_referral_that_is_not_known_to_be_an_ad_makes_nothing_free_and_is_kept(referral: object) -> None:
    reading = read_body(body(messages=[message(referral=referral)]))
    assert [event.entry for event in reading.events] == [None]
    assert [unread.where for unread in reading.unknown] == ["entry[0].changes[0].value.messages[0].referral"]


def test_meta_s_example_of_an_ad_is_an_ad() -> None:
    event = only_event(read_body(sample("facebook__openapi/Text-Message-from-Click-to-WhatsApp-Ad")))
    assert (event.entry, event.kind) == ("ad", "text")


def test_a_call_by_the_customer_is_an_event_and_one_by_the_business_is_not_yet() -> None:
    event = only_event(read_body(sample("david-lev__pywa/call_connect__user_initiated")))
    assert (event.event, event.customer, event.at) == ("customer_call", "972987654321", 1752583107 * SECOND)
    dialled = read_body(sample("david-lev__pywa/call_connect__business_initiated"))
    assert (dialled.events, dict(dialled.notes)) == ((), {"call": 1})


@pytest.mark.parametrize(
    ("word", "events", "notes"),
    [
        ("ACCEPTED", ["call_accepted"], {}),
        ("RINGING", [], {"call_status": 1}),
        ("REJECTED", [], {"call_status": 1}),
    ],
)
def test_a_business_call_counts_when_the_customer_accepts_it(
    word: str, events: list[str], notes: dict[str, int]
) -> None:
    reading = read_body(body("calls", statuses=[status(id="wacid.A", type="call", status=word)]))
    assert [event.event for event in reading.events] == events
    assert dict(reading.notes) == notes
    assert reading.unknown == ()
    assert reading.evidence == ()


def test_a_status_of_a_call_that_we_do_not_know_is_kept() -> None:
    only_unknown(read_body(body("calls", statuses=[status(type="call", status="ON_HOLD")])))


@pytest.mark.parametrize(
    "call",
    [
        {"event": "connect", "direction": "SIDEWAYS"},
        {"event": "connect"},
        {"event": "CALL_CONNECT", "direction": "USER_INITIATED"},
        {},
    ],
)
def test_a_call_we_cannot_place_is_kept(call: dict[str, object]) -> None:
    raw = {"id": "wacid.A", "from": ANA, "timestamp": "1767269299", **call}
    assert only_unknown(read_body(body("calls", calls=[raw]))).raw == raw


@pytest.mark.parametrize(
    ("value", "event"), [("stop", "marketing_stopped"), ("resume", "marketing_resumed"), ("STOP", "marketing_stopped")]
)
def test_a_marketing_preference_is_an_event(value: str, event: str) -> None:
    raw = {"wa_id": ANA, "category": "marketing_messages", "value": value, "timestamp": 1767269299}
    read = only_event(read_body(body("user_preferences", user_preferences=[raw])))
    assert (read.event, read.customer, read.at, read.id) == (event, ANA, 1767269299 * SECOND, "")


def test_a_preference_we_do_not_know_is_kept() -> None:
    """Signing up through a link is in a public SDK, but what it does to earlier wishes is not documented."""
    unread = only_unknown(read_body(sample("david-lev__pywa/user_marketing_preferences__signup")))
    assert "'signup'" in unread.why


def test_a_preference_about_something_else_than_marketing_is_kept() -> None:
    raw = {"wa_id": ANA, "category": "calls", "value": "stop", "timestamp": 1767269299}
    assert "'calls'" in only_unknown(read_body(body("user_preferences", user_preferences=[raw]))).why


def test_a_number_change_belongs_to_the_thread_that_wrote_it() -> None:
    event = only_event(read_body(sample("yvfl__api-whatsapp-docs/system__0")))
    assert (event.kind, event.customer) == ("system", "16505551234")


# --- whose thread ------------------------------------------------------------
@pytest.mark.parametrize(
    ("raw", "contacts", "customer"),
    [
        ({"from": ANA}, [], ANA),
        ({"from": f"+{ANA}"}, [], ANA),
        ({"from": ANA, "from_user_id": "1"}, [], ANA),
        ({"from": ANA, "from_user_id": ANA_BY_ID}, [{"wa_id": "1", "user_id": ANA_BY_ID}], ANA),
        ({"from_user_id": ANA_BY_ID}, [], ANA_BY_ID),
        ({"from_user_id": ANA_BY_ID}, [{"wa_id": ANA, "user_id": ANA_BY_ID}], ANA),
        ({"from_user_id": ANA_BY_ID}, [{"wa_id": "1", "user_id": "US.2"}], ANA_BY_ID),
        ({"from": ANA_BY_ID}, [{"wa_id": ANA_BY_ID, "user_id": ANA_BY_ID}], ANA_BY_ID),
        ({}, [{"wa_id": ANA, "user_id": ANA_BY_ID}], ANA),
        ({}, [{"user_id": ANA_BY_ID}], ANA_BY_ID),
        ({"from": "", "from_user_id": None}, [{"wa_id": ANA}], ANA),
        ({"from": ANA, "group_id": "GROUP1"}, [{"wa_id": ANA}], "GROUP1"),
    ],
)
def test_the_customer_is_the_phone_number_where_the_body_gives_it(
    raw: dict[str, object], contacts: list[object], customer: str
) -> None:
    given = {key: value for key, value in message(**{"from": None, **raw}).items() if value is not None}
    assert only_event(read_body(body(messages=[given], contacts=contacts))).customer == customer


@pytest.mark.parametrize(
    ("raw", "contacts"),
    [
        ({"from": None}, []),
        ({"from": None}, [{"wa_id": "1"}, {"wa_id": "2"}]),
        ({"from": 15550100099}, []),
        ({"from": "1555\N{FULLWIDTH DIGIT ONE}"}, []),
        ({"from": " "}, []),
        ({"from": ANA, "group_id": 7}, []),
    ],
)
def test_a_message_whose_sender_cannot_be_told_is_kept(raw: dict[str, object], contacts: list[object]) -> None:
    only_unknown(read_body(body(messages=[message(**raw)], contacts=contacts)))


def test_a_status_to_a_group_belongs_to_the_group_and_keeps_the_message_id() -> None:
    """Each participant has a status of the one message."""
    event = only_event(read_body(sample("david-lev__pywa/message_status__group")))
    assert (event.event, event.customer, event.id) == ("message_read", "fowefinoewcnw", "<WHATSAPP_MESSAGE_ID>")
    assert only_event(read_body(body(statuses=[status(group_id="GROUP1")]))).customer == "GROUP1"
    raw = status(recipient_type="group", recipient_id="GROUP1", recipient_user_id=ANA_BY_ID)
    contacts = [{"wa_id": ANA, "user_id": ANA_BY_ID}]
    assert only_event(read_body(body(statuses=[raw], contacts=contacts))).customer == "GROUP1"


# --- what statuses say -------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "content", "category"),
    [
        ("marketing", "template", "marketing"),
        ("utility", "template", "utility"),
        ("authentication", "template", "authentication"),
        ("authentication-international", "template", "authentication_international"),
        ("authentication_international", "template", "authentication_international"),
        ("marketing_lite", "template", "marketing_lite"),
        ("MARKETING", "template", "marketing"),
        ("service", "free_form", None),
        ("business_initiated", "template", None),
        ("user_initiated", "free_form", None),
        ("referral_conversion", "free_form", None),
        ("general_purpose_ai", "free_form", None),
        ("group_marketing", "template", "marketing"),
        ("group_utility", "template", "utility"),
        ("group_service", "free_form", None),
    ],
)
@pytest.mark.parametrize("name", ["sent", "delivered", "read", "played"])
@pytest.mark.parametrize("place", ["pricing", "conversation"])
def test_a_category_implies_what_was_sent(word: str, content: str, category: str | None, name: str, place: str) -> None:
    said = {"pricing": {"category": word}} if place == "pricing" else {"conversation": {"origin": {"type": word}}}
    event = only_event(read_body(body(statuses=[status(status=name, **said)])))
    assert (event.event, event.content, event.category, event.inferred) == (f"message_{name}", content, category, True)


def test_the_category_of_the_price_outweighs_the_origin_of_the_conversation() -> None:
    """Inside a free entry point the origin is the same for every message."""
    raw = status(pricing={"category": "utility"}, conversation={"origin": {"type": "referral_conversion"}})
    assert only_event(read_body(body(statuses=[raw]))).category == "utility"


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        ({}, {}),
        ({"pricing": {"category": "newsletter"}}, {"unknown_pricing_category: newsletter": 1}),
        (
            {"pricing": {"category": 7}, "conversation": {"origin": {"type": "marketing"}}},
            {"unknown_pricing_category: 7": 1},
        ),
        ({"pricing": {"type": "regular"}}, {}),
        ({"pricing": {"type": "free_customer_service"}}, {}),
        ({"conversation": {"id": "c"}}, {}),
        ({"conversation": {"origin": "marketing"}}, {}),
    ],
)
def test_where_nothing_is_implied_no_sending_is_invented(said: dict[str, object], notes: dict[str, int]) -> None:
    """A record of sending must say what was sent. The evidence stays; a delivery stands without content."""
    sent = read_body(body(statuses=[status(status="sent", **said)]))
    assert (sent.events, sent.unknown, dict(sent.notes)) == ((), (), {"sent_without_evidence": 1, **notes})
    assert len(sent.evidence) == 1
    delivered = read_body(body(statuses=[status(**said)]))
    assert dict(delivered.notes) == notes
    event = only_event(delivered)
    assert (event.content, event.category, event.inferred) == (None, None, False)


def test_a_free_entry_point_named_by_the_price_alone_implies_the_weakest() -> None:
    event = only_event(read_body(body(statuses=[status(status="sent", pricing={"type": "free_entry_point"})])))
    assert (event.content, event.category) == ("free_form", None)


@pytest.mark.parametrize("word", ["deleted", "warning", "DELIVERED_TO_MARS", "", None, 1])
def test_a_status_we_do_not_know_is_kept(word: object) -> None:
    raw = status(status=word)
    reading = read_body(body(statuses=[raw]))
    assert only_unknown(reading).raw == raw
    assert reading.evidence == ()


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([{"code": 131047}, {"code": 1}], 131047),
        ([{"code": "131049"}], 131049),
        ([], None),
        (None, None),
    ],
)
def test_a_failure_carries_the_code_of_its_first_error(errors: object, code: int | None) -> None:
    event = only_event(read_body(body(statuses=[status(status="failed", errors=errors)])))
    assert (event.event, event.error) == ("message_failed", code)


@pytest.mark.parametrize("errors", [[{"code": True}], [{"code": "13_1047"}], [None], ["x"], 131047, [{}]])
def test_an_unreadable_error_does_not_hide_the_failure(errors: object) -> None:
    reading = read_body(body(statuses=[status(status="failed", errors=errors)]))
    assert [(event.event, event.error) for event in reading.events] == [("message_failed", None)]
    assert [unread.where for unread in reading.unknown] == ["entry[0].changes[0].value.statuses[0].errors"]


def test_a_failure_implies_nothing_about_content_though_its_price_is_kept() -> None:
    reading = read_body(body(statuses=[status(status="failed", pricing={"category": "marketing"})]))
    assert (reading.events[0].content, reading.events[0].inferred) == (None, False)
    assert reading.evidence[0].pricing == {"category": "marketing"}


def test_evidence_is_kept_word_for_word() -> None:
    pricing = {"billable": True, "pricing_model": "PMP", "category": "Marketing", "new": [{"deep": None}]}
    conversation = {"id": "c1", "origin": {"type": "marketing"}, "expiration_timestamp": "1767269305"}
    (evidence,) = read_body(body(statuses=[status(pricing=pricing, conversation=conversation)])).evidence
    assert evidence == Evidence(
        business=BUSINESS,
        customer=ANA,
        id="wamid.B",
        status="delivered",
        at=1767269305 * SECOND,
        pricing=pricing,
        conversation=conversation,
        account="1",
        via="messages",
    )


@pytest.mark.parametrize("part", ["pricing", "conversation"])
@pytest.mark.parametrize("odd", [[], "free", 7, True])
def test_a_price_that_is_no_object_is_kept_beside_the_status(part: str, odd: object) -> None:
    reading = read_body(body(statuses=[status(**{part: odd})]))
    assert [event.event for event in reading.events] == ["message_delivered"]
    assert [(u.where, u.raw) for u in reading.unknown] == [(f"entry[0].changes[0].value.statuses[0].{part}", odd)]


# --- the end of a free entry point -------------------------------------------
@pytest.mark.parametrize(
    ("origin", "type_", "expiry", "ends_at"),
    [
        ("referral_conversion", None, "1767528240", FREE_ENTRY_END),
        ("service", "free_entry_point", 1767528240, FREE_ENTRY_END),
        ("REFERRAL_CONVERSION", "regular", "1767528240", FREE_ENTRY_END),
        ("referral_conversion", None, "1767269306", 1767269306 * SECOND),
        ("referral_conversion", None, "1767269305", None),
        ("referral_conversion", None, "1767269304", None),
        ("referral_conversion", None, None, None),
        ("marketing", "regular", "1767528240", None),
        ("service", "free_customer_service", "1767528240", None),
        (None, None, "1767528240", None),
    ],
)
@pytest.mark.parametrize("name", ["sent", "delivered", "read", "played"])
def test_an_expiry_is_believed_in_a_free_entry_point_only_and_only_if_it_lies_ahead(
    origin: str | None, type_: str | None, expiry: object, ends_at: int | None, name: str
) -> None:
    """Before July 2025 it ends a billed conversation; in 2025 it repeats the time of the status."""
    conversation = {"origin": {"type": origin}, "expiration_timestamp": expiry}
    raw = status(status=name, pricing={"category": "service", "type": type_}, conversation=conversation)
    assert only_event(read_body(body(statuses=[raw]))).entry_point_ends_at == ends_at


def test_an_unreadable_end_of_a_free_entry_point_is_kept_beside_the_status() -> None:
    conversation = {"origin": {"type": "referral_conversion"}, "expiration_timestamp": "1767528240000"}
    reading = read_body(body(statuses=[status(conversation=conversation)]))
    assert [event.entry_point_ends_at for event in reading.events] == [None]
    assert [unread.where for unread in reading.unknown] == [
        "entry[0].changes[0].value.statuses[0].conversation.expiration_timestamp"
    ]


# --- the minute rule ---------------------------------------------------------
def evidence_of(
    sent: int, expiry: object, model: str = "CBP", status: str = "sent", origin: str = "utility"
) -> Evidence:
    return Evidence(
        business=BUSINESS,
        customer=ANA,
        id="wamid.B",
        status=status,
        at=sent * SECOND,
        pricing={"pricing_model": model, "category": origin},
        conversation={"origin": {"type": origin}, "expiration_timestamp": expiry},
    )


@pytest.mark.parametrize(
    ("sent", "expiry", "opened"),
    [
        (1672720505, 1672806960, True),
        (1672720505, 1672806900, False),
        (1672720505, 1672807020, None),
        (1672720500, 1672806900, True),
        (1672720501, 1672806960, True),
        (1672720500, 1672806960, None),
        (1672720505, 1672720560, False),
        (1672720505, 1672720505, None),
        (1672720505, 1672720500, None),
        (1672720505, None, None),
        (1672720505, "tomorrow", None),
    ],
)
def test_the_minute_rule_on_each_side_of_its_edges(sent: int, expiry: object, opened: bool | None) -> None:
    assert implied_opening(evidence_of(sent, expiry)) is opened


@pytest.mark.parametrize(
    "other", [{"model": "PMP"}, {"model": "NBP"}, {"status": "delivered"}, {"origin": "referral_conversion"}]
)
def test_the_minute_rule_is_silent_outside_sent_messages_of_conversation_pricing(other: dict[str, str]) -> None:
    """A free entry point lasts for days, so its end would be read as a contradiction."""
    assert implied_opening(evidence_of(1672720505, 1672806960, **other)) is None


def test_the_minute_rule_is_silent_without_price_or_conversation() -> None:
    bare = Evidence(business=BUSINESS, customer=ANA, id="wamid.B", status="sent", at=0)
    assert (implied_opening(bare), implied_content(bare), in_free_entry_point(bare)) == (None, None, False)


# --- echoes and history ------------------------------------------------------
def test_an_echo_under_standby_that_is_no_template_does_not_say_who_wrote_it() -> None:
    echo = {"id": "wamid.C", "timestamp": "1767269299", "message": {"to": ANA, "type": "text"}}
    reading = read_body(body("standby", standby={"message_echoes": [echo]}))
    assert (reading.events, reading.unknown, dict(reading.notes)) == ((), (), {"standby_echo": 1})


@pytest.mark.parametrize(
    ("sent", "template", "customer", "category", "template_status"),
    [
        ({"to": ANA, "type": "template"}, None, ANA, None, "APPROVED"),
        ({"to": ANA, "recipient": ANA_BY_ID}, {"category": "UTILITY", "status": "paused"}, ANA, "utility", "PAUSED"),
        ({"recipient": ANA_BY_ID}, {"category": "UTILITY"}, ANA_BY_ID, "utility", "APPROVED"),
        ({"to": "GROUP1", "recipient_type": "group"}, {"category": "MARKETING"}, "GROUP1", "marketing", "APPROVED"),
    ],
)
def test_an_echo_of_a_template_is_a_record_of_sending(
    sent: dict[str, object],
    template: dict[str, object] | None,
    customer: str,
    category: str | None,
    template_status: str,
) -> None:
    echo = {"id": "wamid.C", "timestamp": "1767269299", "message": sent, "template": template}
    event = only_event(read_body(body("standby", standby={"message_echoes": [echo]})))
    assert event == Event(
        event="message_sent",
        at=1767269299 * SECOND,
        business=BUSINESS,
        customer=customer,
        id="wamid.C",
        content="template",
        category=category,
        template_status=template_status,
    )


@pytest.mark.parametrize("type_", ["edit", "revoke"])
def test_an_edit_in_the_phone_app_sends_nothing(type_: str) -> None:
    echo = {"id": "wamid.C", "to": ANA, "timestamp": "1767269299", "type": type_}
    reading = read_body(body("smb_message_echoes", message_echoes=[echo]))
    assert (reading.events, dict(reading.notes)) == ((), {"app_echo_of_change": 1})


def test_an_echo_in_an_unexpected_field_is_kept() -> None:
    echo = {"id": "wamid.C", "to": ANA, "timestamp": "1767269299", "type": "text"}
    only_unknown(read_body(body("messages", message_echoes=[echo])))


@pytest.mark.parametrize("name", ["history__0", "history__1"])
def test_history_opens_nothing(name: str) -> None:
    """The second shape has its messages where live ones stand."""
    reading = read_body(sample(f"yvfl__api-whatsapp-docs/{name}"))
    assert (reading.events, reading.unknown, reading.evidence) == ((), (), ())
    assert dict(reading.notes)["history_message"] > 0


def test_a_declined_history_is_noted_as_an_error_of_the_account() -> None:
    reading = read_body(body("history", errors=[{"code": 2593109}]))
    assert (reading.events, reading.unknown, dict(reading.notes)) == ((), (), {"account_error": 1})


@pytest.mark.parametrize("category", [7, "", "caf\u00e9"])
def test_an_echo_whose_category_cannot_be_read_is_kept(category: object) -> None:
    echo = {"id": "wamid.C", "timestamp": "1767269299", "message": {"to": ANA}, "template": {"category": category}}
    only_unknown(read_body(body("standby", standby={"message_echoes": [echo]})))


def test_an_echo_in_a_field_of_its_own_is_another_handler_s() -> None:
    echo = {"id": "wamid.C", "to": ANA, "timestamp": "1767269299", "type": "template"}
    assert only_event(read_body(body("message_echoes", message_echoes=[echo]))).content == "template"


# --- the envelope ------------------------------------------------------------
LATER: dict[str, Any] = {"later on": {"a": 1}}


def test_every_entry_change_message_and_status_is_read() -> None:
    """Parsers that look at the first of each lose what Meta batches."""
    value = {
        "metadata": {"phone_number_id": BUSINESS},
        "messages": [message(id="m1"), message(id="m2")],
        "statuses": [status(id="s1"), status(id="s2")],
        "standby": {"messages": [message(id="m3")], "statuses": [status(id="s3")]},
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}, {"field": "standby", "value": value}]}
    reading = read_body({"entry": [entry, entry]})
    assert [event.id for event in reading.events] == ["m1", "m2", "s1", "s2", "m3", "s3"] * 4
    assert reading.unknown == ()


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ([], "$"),
        (None, "$"),
        ("text", "$"),
        ({}, "$"),
        ({"object": "instagram", "entry": []}, "$"),
        ({"object": ["whatsapp_business_account"], "entry": []}, "$"),
        ({"entry": 7}, "entry"),
        ({"entry": {}}, "entry"),
        ({"entry": None}, "entry"),
        ({"entry": [{"changes": None}]}, "entry[0].changes"),
        ({"entry": [None]}, "entry[0]"),
        ({"entry": [7]}, "entry[0]"),
        ({"entry": [{}]}, "entry[0]"),
        ({"entry": [{"changes": "x"}]}, "entry[0].changes"),
        ({"entry": [{"changes": [None]}]}, "entry[0].changes[0]"),
        ({"entry": [{"changes": [{}]}]}, "entry[0].changes[0]"),
        ({"entry": [{"changes": [{"field": "messages"}]}]}, "entry[0].changes[0]"),
        ({"entry": [{"changes": [{"field": "messages", "value": [1]}]}]}, "entry[0].changes[0]"),
        ({"entry": [{"changes": [{"field": 7, "value": {}}]}]}, "entry[0].changes[0]"),
        ({"entry": [{"changes": [{"field": "account_update", "value": 7}]}]}, "entry[0].changes[0]"),
        ({"entry": [{"changes": [{"field": "account_update", "value": {"messages": [1]}}]}]}, "entry[0].changes[0]"),
        ({"entry": [], "messages": [{}]}, "messages"),
        ({"entry": [{"changes": [], "standby": [{}]}]}, "entry[0].standby"),
        (body(messages=7), "entry[0].changes[0].value.messages"),
        (body(messages=[None]), "entry[0].changes[0].value.messages[0]"),
        (body(statuses=[[]]), "entry[0].changes[0].value.statuses[0]"),
        (body(standby=[1]), "entry[0].changes[0].value.standby"),
        (body(standby={"standby": {"messages": [{}]}}), "entry[0].changes[0].value.standby.standby"),
        (body(contacts=[1]), "entry[0].changes[0].value.contacts[0]"),
        (body(history=[1]), "entry[0].changes[0].value.history[0]"),
        (body(history=[{"threads": [1]}]), "entry[0].changes[0].value.history[0].threads[0]"),
        (
            body(history=[{"threads": [{"messages": [1]}]}]),
            "entry[0].changes[0].value.history[0].threads[0].messages[0]",
        ),
        (body("messages", **LATER), 'entry[0].changes[0].value["later on"]'),
    ],
)
def test_whatever_is_odd_is_kept_with_its_place(raw: object, where: str) -> None:
    given: Any = raw if not isinstance(raw, str) else json.dumps(raw)
    assert only_unknown(read_body(given)).where == where


def test_the_name_of_the_body_stands_before_every_path() -> None:
    assert only_unknown(read_body({"entry": [7]}, where="log.jsonl, line 7")).where == "log.jsonl, line 7: entry[0]"
    both = read_body({"entry": [], "x": [1]}, where="log.jsonl, line 7")
    assert only_unknown(both).where == "log.jsonl, line 7: x"


@pytest.mark.parametrize("metadata", [None, 7, [], {}, {"phone_number_id": ""}, {"phone_number_id": 100000000000001}])
def test_without_the_business_number_each_item_is_kept(metadata: object) -> None:
    reading = read_body(body(metadata=metadata, messages=[message(), message()], statuses=[status()]))
    assert reading.events == ()
    assert len(reading.unknown) == 3
    assert reading.evidence == ()
    assert all("phone_number_id" in u.why or "metadata" in u.why for u in reading.unknown)


def test_one_odd_item_does_not_cost_the_others_of_its_batch() -> None:
    reading = read_body(body(messages=[message(id="m1"), None, message(timestamp="soon"), message(id="m2")]))
    assert [event.id for event in reading.events] == ["m1", "m2"]
    assert len(reading.unknown) == 2


def test_null_lists_and_labels_of_providers_are_no_loss() -> None:
    raw = body(messages=None, statuses=None, contacts=None, provider="x")
    raw["gs_app_id"] = "app"
    reading = read_body(raw)
    assert (reading.events, reading.unknown, dict(reading.notes)) == ((), (), {"empty_change": 1})


# --- ids and times -----------------------------------------------------------
@pytest.mark.parametrize(
    ("timestamp", "at"),
    [("0", 0), (0, 0), ("1767269299", 1767269299), (1767269299, 1767269299), ("253370764799", 253370764799)],
    ids=lambda value: type(value).__name__ + str(value),
)
def test_a_time_is_whole_seconds_as_text_or_number(timestamp: object, at: int) -> None:
    assert only_event(read_body(body(messages=[message(timestamp=timestamp)]))).at == at * SECOND


@pytest.mark.parametrize(
    "timestamp",
    [
        None,
        "",
        True,
        False,
        1767269299.0,
        float("nan"),
        -1,
        "-1",
        "+1767269299",
        "1_767_269_299",
        " 1767269299",
        "1767269299\n",
        "\uff11\uff17\uff16\uff17",
        "\u0661\u0667",
        "1767269299000",
        1767269299000,
        "253402300800",
        999999999999,
        10**5000,
        "0x10",
        "1e9",
        "2026-01-01T12:00:00Z",
        ["1767269299"],
        {},
    ],
    ids=lambda value: "huge" if isinstance(value, int) and value > 10**20 else ascii(value)[:30],
)
def test_any_other_time_is_refused_by_name(timestamp: object) -> None:
    """Python's int() would take blanks, underscores and the digits of every script."""
    for raw in (body(messages=[message(timestamp=timestamp)]), body(statuses=[status(timestamp=timestamp)])):
        assert "'timestamp'" in only_unknown(read_body(raw)).why


@pytest.mark.parametrize("timestamp", ["1767269299000", 1767269299000], ids=["text", "number"])
def test_milliseconds_are_named_as_such(timestamp: object) -> None:
    assert "milliseconds" in only_unknown(read_body(body(messages=[message(timestamp=timestamp)]))).why


@pytest.mark.parametrize("id_", [None, "", " ", 7, True, "a\n", "wamid.\u00e9", "\ud800", "a\x00", ["a"], {}])
def test_an_id_that_is_not_printable_ascii_is_refused_by_name(id_: object) -> None:
    """Ids tie events together and go into logs and paths."""
    for raw in (body(messages=[message(id=id_)]), body(statuses=[status(id=id_)])):
        assert "'id'" in only_unknown(read_body(raw)).why


# --- bytes that are not JSON -------------------------------------------------
@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"entry=1", "JSON"),
        (b'{"entry": []} {}', "something follows its end"),
        (b'{"entry": [],}', "JSON"),
        (b'{"entry": [], "entry": []}', "twice"),
        (b'{"entry": [{"id": "1", "id": "1"}]}', "twice"),
        (b'{"entry": NaN}', "NaN"),
        (b'{"entry": Infinity}', "Infinity"),
        (b'{"entry": -Infinity}', "-Infinity"),
        (b'{"entry": 1e999}', "too large"),
        (b'{"entry": ' + b"9" * 5000 + b"}", "JSON"),
        (b'{"entry": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"entry": ["\\uD83D x"]}', "surrogate"),
        ('{"entry": "\ud800"}', "UTF-8"),
        (b'{"entry": "\xff"}', "UTF-8"),
        ('{"entry": []}'.encode("utf-16"), "UTF-8"),
        (b"\xef\xbb\xbf{}", "JSON"),
        (b'{"entry": "\n"}', "JSON"),
        (b"[" * 65 + b"]" * 65, "65 deep"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "65 deep"),
        (b"[" * 1_000_000, "deep"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_body_that_is_not_strict_json_is_refused_and_says_what_to_do(raw: bytes | str, hint: str) -> None:
    with pytest.raises(BadBody, match=re.escape(hint)) as refusal:
        read_body(raw, where="request 7")
    assert isinstance(refusal.value, FsmError)
    assert refusal.value.where == "request 7"
    assert str(refusal.value).startswith("request 7: ")
    assert str(refusal.value).count(". ") >= 1


def test_nesting_up_to_the_limit_and_brackets_inside_texts_are_fine() -> None:
    assert only_unknown(read_body(b"[" * 64 + b"]" * 64)).where == "$"
    assert read_body(json.dumps({"entry": [], "note": '[{"\\' * 200})).unknown == ()
    assert read_body(b'{"entry": [], "emoji": "\\ud83d\\udc4d"}') == Reading()


@pytest.mark.parametrize("end", [b"", b"\\"], ids=["open", "escaping"])
def test_an_unclosed_text_full_of_quotes_is_refused_quickly(end: bytes) -> None:
    """The scan for depth must stay linear on anything a stranger can post."""
    started = time.process_time()
    with pytest.raises(BadBody):
        read_body(b"[" * 64 + b"{" + b'"' + b'\\"' * 50_000 + end)
    assert time.process_time() - started < 2


# --- anything at all ---------------------------------------------------------
words = st.sampled_from(
    [
        "messages",
        "statuses",
        "standby",
        "sent",
        "1767269299",
        "17672692990000",
        "system",
        "referral_conversion",
        "\u0661",
    ]
)
anything_written = st.text(st.characters(exclude_categories=()), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words | anything_written
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=4)
)
mutations = st.lists(st.tuples(st.lists(st.integers(0, 40), max_size=9), values), min_size=1, max_size=4)


def mutated(raw: Any, steps: list[int], value: object) -> Any:
    """The body with the value in place of whatever the steps lead to."""
    if not steps or not isinstance(raw, dict | list) or not raw:
        return value
    key = sorted(raw)[steps[0] % len(raw)] if isinstance(raw, dict) else steps[0] % len(raw)
    raw[key] = mutated(raw[key], steps[1:], value)
    return raw


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SAMPLES), mutations)
def test_no_content_ever_raises_and_all_events_speak_the_vocabulary(
    path: Path, changes: list[tuple[list[int], object]]
) -> None:
    raw = json.loads(path.read_bytes())
    for steps, value in changes:
        raw = mutated(raw, steps, value)
    if isinstance(raw, dict):
        before = deepcopy(raw)
        reading = read_body(raw)
        assert repr(raw) == repr(before)
        check(reading)
    try:
        check(read_body(json.dumps(raw).encode()))
    except BadBody:
        # Mutations put in NaN and half surrogate pairs; json.dumps writes both.
        assert re.search(r"NaN|Infinity|\\ud[89a-f]", json.dumps(raw))


def check(reading: Reading) -> None:
    for event in reading.events:
        assert_speakable(event)
    for evidence in reading.evidence:
        assert implied_opening(evidence) in (True, False, None)
        assert evidence.status in {"sent", "delivered", "read", "played", "failed"}
    for unread in reading.unknown:
        assert unread.where
        assert unread.why.isascii()
    assert all(count > 0 for _, count in reading.notes)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes | str) -> None:
    with suppress(BadBody):
        check(read_body(raw))


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "place",
    [
        lambda odd: {"entry": odd},
        lambda odd: body(messages=odd),
        lambda odd: body(messages=[message(type=odd)]),
        lambda odd: body(statuses=[status(pricing={"category": odd, "type": odd}, conversation={"origin": odd})]),
        lambda odd: body(statuses=[status(status="failed", errors=odd)]),
    ],
    ids=["entry", "messages", "type", "price", "errors"],
)
def test_a_decoded_body_may_hold_what_json_cannot(place: Callable[[object], dict[str, Any]]) -> None:
    """Numbers that Python refuses to print, nesting that recursion cannot follow, objects of any class."""
    for odd in (10**5000, nested(100_000), object(), b"bytes", {1: 2}, ("tuple",), float("inf")):
        check(read_body(place(odd)))
