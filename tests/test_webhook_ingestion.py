"""Everything a webhook carries leaves as a value: who is who, calls, notices, group members, provenance."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.errors import BadBody
from fsm.service.reading import Log, read_all
from fsm.webhooks import Alias, Call, Evidence, Notice, Reading, implied_opening, read_body
from fsm.webhooks.envelope import CONVERSING, IDLE, ITEMS

DATA = Path(__file__).parent / "data" / "webhooks"
SAMPLES = sorted(DATA.glob("*/*.json"))
SECOND = 1_000_000

ACCOUNT, BUSINESS = "200000000000001", "100000000000001"
ANA, ANA_ANEW = "15550100099", "15550100098"
ANA_BY_ID, ANA_BY_NEW_ID = "US.10000000000000000099", "US.10000000000000000100"
ANA_AS_PARENT = "US.ENT.10000000000000000099"
BEN, BEN_BY_ID = "15550100077", "US.10000000000000000077"
NOON = 1767269299


def sample(name: str) -> Reading:
    return read_body((DATA / f"{name}.json").read_bytes())


def body(field: str = "messages", *, account: object = ACCOUNT, time: object = None, **value: object) -> dict[str, Any]:
    value.setdefault("metadata", {"phone_number_id": BUSINESS, "display_phone_number": "+1 555-010-0001"})
    entry: dict[str, object] = {"id": account, "changes": [{"field": field, "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry if time is None else {**entry, "time": time}]}


def notice_body(field: str, value: dict[str, object], time: object = NOON) -> dict[str, Any]:
    return {"entry": [{"id": ACCOUNT, "time": time, "changes": [{"field": field, "value": value}]}]}


def message(**members: object) -> dict[str, object]:
    return {"id": "wamid.A", "from": ANA, "timestamp": str(NOON), "type": "text", **members}


def status(**members: object) -> dict[str, object]:
    return {"id": "wamid.B", "status": "delivered", "recipient_id": ANA, "timestamp": str(NOON), **members}


def call(**members: object) -> dict[str, object]:
    given = {"id": "wacid.A", "from": ANA, "to": "15550100001", "timestamp": str(NOON), **members}
    return {"direction": "USER_INITIATED", **given}


def names(reading: Reading) -> list[tuple[str, ...]]:
    return [alias.ids for alias in reading.aliases]


def only_notice(reading: Reading) -> Notice:
    assert reading.unknown == ()
    (notice,) = reading.notices
    return notice


def briefly(value: object) -> str:
    return "huge" if isinstance(value, int) and value > 10**20 else ascii(value)[:30]


# --- who is who --------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ({"messages": [message(from_user_id=ANA_BY_ID)]}, (ANA, ANA_BY_ID)),
        ({"messages": [message(**{"from": f"+{ANA}", "from_user_id": ANA_BY_ID})]}, (ANA, ANA_BY_ID)),
        (
            {"messages": [message(from_user_id=ANA_BY_ID, from_parent_user_id=ANA_AS_PARENT)]},
            (ANA, ANA_BY_ID, ANA_AS_PARENT),
        ),
        ({"messages": [message()], "contacts": [{"wa_id": ANA, "user_id": ANA_BY_ID}]}, (ANA, ANA_BY_ID)),
        (
            {"messages": [message()], "contacts": [{"wa_id": ANA, "user_id": ANA_BY_ID, "parent_user_id": "US.ENT.1"}]},
            (ANA, ANA_BY_ID, "US.ENT.1"),
        ),
        ({"messages": [message()], "contacts": [{"wa_id": ANA, "input": "+1 (555) 010-0098"}]}, (ANA_ANEW, ANA)),
        ({"statuses": [status(recipient_user_id=ANA_BY_ID)]}, (ANA, ANA_BY_ID)),
        (
            {"statuses": [status(recipient_user_id=ANA_BY_ID, recipient_parent_user_id=ANA_AS_PARENT)]},
            (ANA, ANA_BY_ID, ANA_AS_PARENT),
        ),
        (
            {"statuses": [status(recipient_user_id=ANA_BY_ID, parent_recipient_user_id=ANA_AS_PARENT)]},
            (ANA, ANA_BY_ID, ANA_AS_PARENT),
        ),
        ({"statuses": [status()], "contacts": [{"wa_id": ANA_ANEW, "user_id": ANA_BY_ID}]}, (ANA_ANEW, ANA_BY_ID)),
        ({"contacts": [{"wa_id": ANA, "user_id": ANA_BY_ID}]}, (ANA, ANA_BY_ID)),
        ({"contacts": [{"wa_id": ANA, "user_id": ANA_BY_ID}], "messages": [{"type": "?"}]}, (ANA, ANA_BY_ID)),
    ],
)
def test_the_ids_that_a_body_gives_one_person_are_one_alias(value: dict[str, Any], ids: tuple[str, ...]) -> None:
    alias, *less = read_body(body(**value)).aliases
    assert (alias.business, alias.ids) == (BUSINESS, tuple(sorted(ids)))
    # A contact that an item adds to may say its own part again.
    assert all(set(one.ids) < set(ids) for one in less)


def test_a_message_about_changed_ids_says_the_same_whatever_contact_stands_beside_it() -> None:
    """Found by permuting worlds: a contact packed beside it made one larger saying, and a suspicion of another size."""
    change = {"type": "user_changed_user_id", "user_id": ANA_BY_ID, "previous_user_id": "US.0"}
    told = {"type": "system", "id": "wamid.S", "timestamp": str(NOON), "system": change}
    alone = read_body(body(messages=[told]))
    beside = read_body(body(messages=[told], contacts=[{"wa_id": ANA, "user_id": ANA_BY_ID}]))
    assert names(alone) == [tuple(sorted(("US.0", ANA_BY_ID)))]
    assert names(beside) == [*names(alone), (ANA, ANA_BY_ID)]


def test_a_contact_that_shares_no_id_with_the_only_message_beside_it_is_not_taken_for_its_sender() -> None:
    """Meta packs as it likes: with a second message beside them the two could not be told from two customers."""
    assert names(read_body(body(messages=[message()], contacts=[{"wa_id": ANA_ANEW}]))) == []


def test_a_system_message_without_a_sender_is_not_given_to_the_only_contact_beside_it() -> None:
    """Found by permuting worlds: packed beside another customer's message it landed in that customer's thread."""
    change = {"type": "system", "id": "wamid.S", "timestamp": str(NOON), "system": {"type": "user_changed_user_id"}}
    reading = read_body(body(messages=[change], contacts=[{"wa_id": ANA}]))
    assert reading.events == ()
    assert dict(reading.notes)["system_message"] == 1


@pytest.mark.parametrize(
    "value",
    [
        {"messages": [message()]},
        {"messages": [message()], "contacts": [{"wa_id": ANA}]},
        {"messages": [message()], "contacts": [{"wa_id": f"+{ANA}"}]},
        {"statuses": [status()], "contacts": [{"profile": {"name": "Ana"}}]},
        # Which of the two is hers is not said.
        {"messages": [message()], "contacts": [{"wa_id": ANA_ANEW}, {"wa_id": BEN}]},
        {"messages": [message(), message(**{"id": "wamid.C", "from": BEN})], "contacts": [{"wa_id": ANA_ANEW}]},
        # Two user ids are two people, whatever stands beside them.
        {"messages": [message(**{"from": None, "from_user_id": ANA_BY_ID})], "contacts": [{"user_id": BEN_BY_ID}]},
        # The sender is the business itself.
        {"messages": [message(**{"from": "15550100001", "from_user_id": ANA_BY_ID})]},
        {"metadata": None, "messages": [message(from_user_id=ANA_BY_ID)]},
        {"messages": [message(type="system", system={"type": "customer_identity_changed", "wa_id": BEN})]},
        # Prose is not read.
        {"messages": [message(type="system", system={"type": "user_changed_user_id", "body": f"from {ANA} to {BEN}"})]},
    ],
)
def test_ids_that_a_body_does_not_link_are_not_linked(value: dict[str, Any]) -> None:
    assert read_body(body(**value)).aliases == ()


def test_two_people_in_one_value_stay_two() -> None:
    contacts = [{"wa_id": ANA, "user_id": ANA_BY_ID}, {"wa_id": BEN, "user_id": BEN_BY_ID}]
    messages = [message(), message(**{"id": "wamid.C", "from": None, "from_user_id": BEN_BY_ID})]
    assert names(read_body(body(messages=messages, contacts=contacts))) == [(ANA, ANA_BY_ID), (BEN, BEN_BY_ID)]


@pytest.mark.parametrize(
    ("system", "sender", "ids", "why"),
    [
        ({"type": "user_changed_number", "wa_id": ANA_ANEW}, ANA, (ANA, ANA_ANEW), "user_changed_number"),
        ({"type": "user_changed_number", "new_wa_id": ANA_ANEW}, ANA, (ANA, ANA_ANEW), "user_changed_number"),
        (
            {"type": "user_changed_number", "customer": ANA, "wa_id": ANA_ANEW},
            None,
            (ANA, ANA_ANEW),
            "user_changed_number",
        ),
        (
            {"type": "customer_changed_number", "customer": ANA, "new_wa_id": ANA_ANEW},
            ANA,
            (ANA, ANA_ANEW),
            "user_changed_number",
        ),
        (
            {"type": "user_changed_number", "wa_id": ANA_ANEW, "user_id": ANA_BY_NEW_ID},
            ANA,
            (ANA, ANA_ANEW, ANA_BY_NEW_ID),
            "user_changed_number",
        ),
        (
            {"type": "user_changed_user_id", "user_id": ANA_BY_NEW_ID, "previous_user_id": ANA_BY_ID},
            None,
            (ANA_BY_ID, ANA_BY_NEW_ID),
            "user_changed_user_id",
        ),
        (
            {"type": "user_changed_user_id", "user_id": ANA_BY_NEW_ID, "wa_id": ANA},
            None,
            (ANA, ANA_BY_NEW_ID),
            "user_changed_user_id",
        ),
    ],
)
def test_a_change_of_number_or_user_id_links_old_and_new_and_keeps_its_instant(
    system: dict[str, object], sender: str | None, ids: tuple[str, ...], why: str
) -> None:
    """The old number may get another owner later: whoever joins needs to know since when."""
    raw = {key: held for key, held in message(**{"from": sender, "type": "system", "system": system}).items() if held}
    (alias,) = read_body(body(messages=[raw])).aliases
    assert alias == Alias(business=BUSINESS, ids=tuple(sorted(ids)), at=NOON * SECOND, why=why)


def test_the_withdrawn_field_links_the_old_and_the_new_user_id() -> None:
    (alias,) = sample("_constructed/doc_user_id_update_field_withdrawn_2026_08").aliases
    assert (alias.ids, alias.why) == ((ANA, ANA_BY_ID, ANA_BY_NEW_ID), "user_id_update")


def test_a_group_and_its_members_are_never_linked() -> None:
    told = {"group_id": "GROUP1", "from_user_id": ANA_BY_ID}
    assert names(read_body(body(messages=[message(**told)]))) == [(ANA, ANA_BY_ID)]
    shared = {"recipient_type": "group", "recipient_id": "GROUP1"}
    statuses = [
        status(**shared, recipient_participant_id=ANA, recipient_participant_user_id=ANA_BY_ID),
        status(**shared, recipient_participant_id=BEN, recipient_participant_user_id=BEN_BY_ID),
    ]
    contacts = [{"wa_id": ANA, "user_id": ANA_BY_ID}, {"wa_id": BEN, "user_id": BEN_BY_ID}]
    assert names(read_body(body(statuses=statuses, contacts=contacts))) == [(ANA, ANA_BY_ID), (BEN, BEN_BY_ID)]


def test_members_of_a_group_have_aliases_of_their_own_and_none_with_each_other() -> None:
    added = [{"input": "+1 555 010 0098", "wa_id": int(ANA)}, {"wa_id": BEN, "user_id": BEN_BY_ID}, {"wa_id": "1"}]
    group = {"group_id": "GROUP1", "type": "group_participants_add", "timestamp": NOON, "added_participants": added}
    reading = read_body(body("group_participants_update", groups=[group]))
    assert names(reading) == [(ANA_ANEW, ANA), (BEN, BEN_BY_ID)]
    assert {alias.at for alias in reading.aliases} == {NOON * SECOND}


def test_the_same_saying_is_kept_once_with_the_earliest_of_its_instants() -> None:
    later = message(id="wamid.C", timestamp=str(NOON + 5), from_user_id=ANA_BY_ID)
    sooner = message(from_user_id=ANA_BY_ID)
    for messages in ([later, sooner], [sooner, later]):
        (alias,) = read_body(body(messages=messages)).aliases
        assert alias.at == NOON * SECOND


def test_an_unreadable_id_of_a_contact_is_kept_and_the_message_is_read() -> None:
    reading = read_body(body(messages=[message()], contacts=[{"wa_id": ANA, "user_id": ["US.1"]}]))
    assert [event.customer for event in reading.events] == [ANA]
    assert [unread.where for unread in reading.unknown] == ["entry[0].changes[0].value.contacts[0].user_id"]


def test_the_echo_of_another_handler_names_its_recipient_twice() -> None:
    echo = {"id": "wamid.C", "timestamp": str(NOON), "message": {"to": ANA, "recipient": ANA_BY_ID, "type": "text"}}
    assert names(read_body(body("standby", standby={"message_echoes": [echo]}))) == [(ANA, ANA_BY_ID)]


# --- calls -------------------------------------------------------------------
def test_an_ended_call_tells_its_start_end_and_length() -> None:
    """Calls are priced by their length, so it must leave this room."""
    (ended,) = sample("david-lev__pywa/call_terminate__call_terminate").calls
    assert ended == Call(
        business="37489742",
        customer="16315553601",
        id="wacid.ABGGFjFVU2AfAgo6V-Hc5eCgK5Gh",
        direction="business_initiated",
        event="terminate",
        status="COMPLETED",
        at=1671644824 * SECOND,
        started_at=1671644824 * SECOND,
        ended_at=1671644944 * SECOND,
        seconds=120,
        account="47389759353",
    )


@pytest.mark.parametrize(
    ("members", "direction", "event", "word", "seconds", "events"),
    [
        ({"event": "connect"}, "user_initiated", "connect", "", None, ["customer_call"]),
        ({"event": "connect", "direction": "BUSINESS_INITIATED"}, "business_initiated", "connect", "", None, []),
        ({"event": "terminate", "status": "Failed"}, "user_initiated", "terminate", "FAILED", None, ["customer_call"]),
        (
            {"event": "terminate", "status": ["COMPLETED"], "duration": "0"},
            "user_initiated",
            "terminate",
            "COMPLETED",
            0,
            ["customer_call"],
        ),
        ({"event": "terminate", "direction": None, "duration": 61}, "", "terminate", "", 61, []),
    ],
)
def test_each_webhook_about_a_call_gives_a_call(
    members: dict[str, object], direction: str, event: str, word: str, seconds: int | None, events: list[str]
) -> None:
    reading = read_body(body("calls", calls=[call(**members)]))
    (told,) = reading.calls
    assert (told.direction, told.event, told.status, told.seconds) == (direction, event, word, seconds)
    assert told.at == NOON * SECOND
    assert [one.event for one in reading.events] == events
    assert dict(reading.notes) == ({} if events else {"call": 1})


def test_the_customer_of_a_call_is_the_other_end() -> None:
    business_calls = call(event="connect", direction="BUSINESS_INITIATED", **{"from": "15550100001", "to": ANA})
    assert [one.customer for one in read_body(body("calls", calls=[business_calls])).calls] == [ANA]
    unsaid = call(event="terminate", direction=None, **{"from": None, "to": None})
    assert [one.customer for one in read_body(body("calls", calls=[unsaid])).calls] == [""]
    named = read_body(body("calls", calls=[unsaid], contacts=[{"wa_id": ANA}]))
    assert [one.customer for one in named.calls] == [ANA]


@pytest.mark.parametrize("word", ["RINGING", "ACCEPTED", "REJECTED"])
def test_a_status_of_a_call_is_a_call_too(word: str) -> None:
    reading = read_body(body("calls", statuses=[status(id="wacid.A", type="call", status=word)]))
    (told,) = reading.calls
    assert (told.event, told.status, told.direction) == ("status", word, "business_initiated")


@pytest.mark.parametrize("member", ["start_time", "end_time", "duration"])
@pytest.mark.parametrize("odd", ["soon", -1, 1.5, True, 10**5000, "\u0661", [], "1767269299000"], ids=briefly)
def test_an_unreadable_part_of_a_call_is_kept_beside_it(member: str, odd: object) -> None:
    reading = read_body(body("calls", calls=[call(event="terminate", **{member: odd})]))
    (told,) = reading.calls
    assert (told.at, told.ended_at, told.seconds) == (NOON * SECOND, None, None)
    assert [unread.where for unread in reading.unknown] == [f"entry[0].changes[0].value.calls[0].{member}"]


def test_a_word_about_the_end_of_a_call_that_nobody_knows_is_kept_and_counted() -> None:
    reading = read_body(body("calls", calls=[call(event="terminate", status="HUNG_UP")]))
    assert [one.status for one in reading.calls] == ["HUNG_UP"]
    assert dict(reading.notes)["unknown_call_status: HUNG_UP"] == 1


# --- notices -----------------------------------------------------------------
TEMPLATE: dict[str, object] = {
    "message_template_id": 278077987957091,
    "message_template_name": "welcome_template",
    "message_template_language": "en-US",
}
READ_TEMPLATE = {"template_id": "278077987957091", "template_name": "welcome_template", "language": "en_US"}
TIER: dict[str, object] = {
    "tier_update_time": NOON,
    "pricing_category": "UTILITY",
    "tier": "25000001:50000000",
    "effective_month": "2025-11",
    "region": "India",
}


@pytest.mark.parametrize(
    ("field", "value", "kind", "members"),
    [
        (
            "template_category_update",
            {
                **TEMPLATE,
                "new_category": "UTILITY",
                "correct_category": "MARKETING",
                "category_update_timestamp": 1746169200,
            },
            "template_category",
            {**READ_TEMPLATE, "current": "utility", "future": "marketing", "takes_effect_at": 1746169200 * SECOND},
        ),
        (
            "template_category_update",
            {**TEMPLATE, "previous_category": "UTILITY", "new_category": "MARKETING"},
            "template_category",
            {**READ_TEMPLATE, "previous": "utility", "current": "marketing"},
        ),
        (
            "template_category_update",
            {**TEMPLATE, "new_category": "MARKETING"},
            "template_category",
            {**READ_TEMPLATE, "current": "marketing"},
        ),
        (
            "template_correct_category_detection",
            {**TEMPLATE, "category": "UTILITY", "correct_category": "MARKETING"},
            "template_correct_category_detection",
            {**READ_TEMPLATE, "current": "utility", "future": "marketing"},
        ),
        (
            "message_template_status_update",
            {
                **TEMPLATE,
                "event": "disabled",
                "reason": None,
                "message_template_category": "UTILITY",
                "disable_info": {"disable_date": "January 31, 2021"},
            },
            "template_status",
            {**READ_TEMPLATE, "status": "DISABLED", "category": "utility", "disable_date": "January 31, 2021"},
        ),
        (
            "message_template_status_update",
            {**TEMPLATE, "event": "DISABLED", "disable_info": {"disable_date": str(NOON)}},
            "template_status",
            {**READ_TEMPLATE, "status": "DISABLED", "disable_date": NOON * SECOND},
        ),
        (
            "message_template_quality_update",
            {**TEMPLATE, "previous_quality_score": "GREEN", "new_quality_score": "YELLOW"},
            "template_quality",
            {**READ_TEMPLATE, "previous": "GREEN", "current": "YELLOW"},
        ),
        (
            # Meta's own example of a change of quality stands under the wrong field.
            "message_template_status_update",
            {**TEMPLATE, "previous_quality_score": "GREEN", "new_quality_score": "YELLOW"},
            "template_quality",
            {**READ_TEMPLATE, "previous": "GREEN", "current": "YELLOW"},
        ),
        (
            "account_update",
            {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": TIER},
            "tier",
            {
                "category": "utility",
                "tier": (25_000_001, 50_000_000),
                "region": "India",
                "effective_month": "2025-11",
                "updated_at": NOON * SECOND,
            },
        ),
        (
            "account_update",
            {
                "event": "VOLUME_BASED_PRICING_TIER_UPDATE",
                "volume_tier_info": {"tier": "0:MAX", "pricing_category": "CALLING", "tier_update_time": str(NOON)},
            },
            "tier",
            {"category": "calling", "tier": (0, None), "updated_at": NOON * SECOND},
        ),
        (
            "account_update",
            {
                "event": "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
                "auth_international_rate_eligibility": {
                    "start_time": NOON,
                    "exception_countries": [{"country_code": "ID", "start_time": NOON + 1}],
                },
            },
            "auth_international",
            {"starts_at": NOON * SECOND, "exceptions": (("ID", (NOON + 1) * SECOND),)},
        ),
        (
            "account_update",
            {"event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "IN"},
            "primary_location",
            {"country": "IN"},
        ),
        (
            "account_update",
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [
                    {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": NOON},
                    {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": "March 1"},
                    {"restriction_type": "RESTRICTED_USER_INITIATED_CALLING"},
                ],
            },
            "restriction",
            {
                "restrictions": (
                    ("RESTRICTED_BIZ_INITIATED_MESSAGING", NOON * SECOND),
                    ("RESTRICTED_ADD_PHONE_NUMBER_ACTION", "March 1"),
                    ("RESTRICTED_USER_INITIATED_CALLING", None),
                )
            },
        ),
        (
            "account_update",
            {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}},
            "account",
            {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}},
        ),
        (
            "business_capability_update",
            {"max_daily_conversation_per_phone": 1000},
            "capability",
            {"max_daily_conversation_per_phone": 1000, "limit": 1000},
        ),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": "TIER_2K", "max_phone_numbers_per_waba": 25},
            "capability",
            {"max_daily_conversations_per_business": 2000, "limit": 2000, "max_phone_numbers_per_waba": 25},
        ),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": 2000, "max_daily_conversation_per_phone": 250},
            "capability",
            {"max_daily_conversations_per_business": 2000, "max_daily_conversation_per_phone": 250, "limit": 2000},
        ),
        (
            "phone_number_quality_update",
            {"display_phone_number": "1", "event": "UPGRADE", "current_limit": "TIER_10K", "old_limit": "TIER_250"},
            "number_quality",
            {
                "display_phone_number": "1",
                "event": "UPGRADE",
                "current_limit": 10_000,
                "limit": 10_000,
                "old_limit": 250,
            },
        ),
        (
            "phone_number_quality_update",
            {"event": "THROUGHPUT_UPGRADE", "current_limit": "TIER_UNLIMITED"},
            "number_quality",
            {"event": "THROUGHPUT_UPGRADE", "current_limit": "unlimited", "limit": "unlimited"},
        ),
        (
            "phone_number_name_update",
            {"decision": "APPROVED", "requested_verified_name": "Bakery"},
            "number_name",
            {"decision": "APPROVED", "requested_verified_name": "Bakery"},
        ),
        (
            "flows",
            {"event": "FLOW_STATUS_CHANGE", "flow_id": "1"},
            "flow",
            {"event": "FLOW_STATUS_CHANGE", "flow_id": "1"},
        ),
    ],
)
def test_a_fact_about_an_account_leaves_decoded(
    field: str, value: dict[str, object], kind: str, members: dict[str, object]
) -> None:
    before = deepcopy(value)
    reading = read_body(notice_body(field, value))
    assert only_notice(reading) == Notice(
        kind=kind,
        account=ACCOUNT,
        at=NOON * SECOND,
        members=members,
        where="entry[0].changes[0].value",
    )
    assert dict(reading.notes) == {field: 1}
    assert value == before


def test_the_notice_of_a_change_to_come_is_not_read_as_a_change_that_is_done() -> None:
    """Both name a `new_category`; in the first it is the category in force."""
    to_come = only_notice(sample("yvfl__api-whatsapp-docs/template_category_update__0"))
    done = only_notice(sample("yvfl__api-whatsapp-docs/template_category_update__1"))
    assert (to_come.members["current"], to_come.members["future"]) == ("utility", "marketing")
    assert (done.members["previous"], done.members["current"]) == ("utility", "marketing")
    assert to_come.members["takes_effect_at"] == done.at


@pytest.mark.parametrize(
    ("field", "value", "note", "members"),
    [
        (
            "message_template_status_update",
            {"event": "Hologram"},
            "unknown_template_status: Hologram",
            {"status": "Hologram"},
        ),
        (
            "template_category_update",
            {"new_category": "Gossip"},
            "unknown_template_category: Gossip",
            {"current": "Gossip"},
        ),
        (
            "account_update",
            {"event": "ACCOUNT_SPLIT"},
            "unknown_account_event: ACCOUNT_SPLIT",
            {"event": "ACCOUNT_SPLIT"},
        ),
        (
            "account_update",
            {"event": "ACCOUNT_RESTRICTION", "restriction_info": {"restriction_type": "NO_FUN"}},
            "unknown_restriction: NO_FUN",
            {"restrictions": (("NO_FUN", None),)},
        ),
        (
            "phone_number_quality_update",
            {"current_limit": "TIER_NOT_SET"},
            "unknown_limit: TIER_NOT_SET",
            {"current_limit": "TIER_NOT_SET", "limit": "TIER_NOT_SET"},
        ),
    ],
)
def test_a_word_nobody_knows_is_kept_as_received_and_counted(
    field: str, value: dict[str, object], note: str, members: dict[str, object]
) -> None:
    reading = read_body(notice_body(field, value))
    assert only_notice(reading).members == members
    assert dict(reading.notes) == {field: 1, note: 1}


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("message_template_status_update", {}, ""),
        ("message_template_status_update", {"event": 7}, ".event"),
        ("message_template_quality_update", {"previous_quality_score": "GREEN"}, ""),
        ("template_category_update", {"correct_category": 7}, ".correct_category"),
        ("template_correct_category_detection", {"category": "UTILITY"}, ""),
        ("account_update", {}, ""),
        ("account_update", {"event": "VOLUME_BASED_PRICING_TIER_UPDATE"}, ""),
        ("account_update", {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": []}, ""),
        (
            "account_update",
            {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": {**TIER, "tier": "50:1"}},
            ".volume_tier_info.tier",
        ),
        (
            "account_update",
            {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": {**TIER, "tier": "\u0660:MAX"}},
            ".volume_tier_info.tier",
        ),
        ("account_update", {"event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "in"}, ".country"),
        ("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [7]}, ".restriction_info"),
    ],
)
def test_a_fact_that_cannot_be_read_is_kept_and_gives_no_notice(
    field: str, value: dict[str, object], where: str
) -> None:
    reading = read_body(notice_body(field, value))
    assert reading.notices == ()
    assert dict(reading.notes)[field] == 1
    assert f"entry[0].changes[0].value{where}" in [unread.where for unread in reading.unknown]


@pytest.mark.parametrize(
    ("member", "odd"),
    [
        ("tier_update_time", "1743451903000"),
        ("tier_update_time", True),
        ("effective_month", "2025-13"),
        ("effective_month", 202511),
        ("region", ["India"]),
    ],
)
def test_an_unreadable_part_of_a_fact_is_kept_beside_the_notice(member: str, odd: object) -> None:
    value: dict[str, object] = {
        "event": "VOLUME_BASED_PRICING_TIER_UPDATE",
        "volume_tier_info": {**TIER, member: odd},
    }
    reading = read_body(notice_body("account_update", value))
    (notice,) = reading.notices
    assert notice.members["tier"] == (25_000_001, 50_000_000)
    assert {"tier_update_time": "updated_at"}.get(member, member) not in notice.members
    assert [u.where for u in reading.unknown] == [f"entry[0].changes[0].value.volume_tier_info.{member}"]


@pytest.mark.parametrize(("time", "at"), [(NOON, NOON), (str(NOON), NOON), (None, None)], ids=["number", "text", "no"])
def test_the_time_of_an_entry_is_that_of_its_facts(time: object, at: int | None) -> None:
    notice = only_notice(read_body(notice_body("security", {"event": "PIN_RESET_REQUEST"}, time)))
    assert notice.at == (None if at is None else at * SECOND)


@pytest.mark.parametrize("time", [True, -1, "soon", NOON * 1000, 1.0, 10**5000, "\u0661"], ids=briefly)
def test_an_unreadable_time_of_an_entry_is_kept(time: object) -> None:
    reading = read_body(notice_body("security", {"event": "PIN_RESET_REQUEST"}, time))
    assert [notice.at for notice in reading.notices] == [None]
    assert [unread.where for unread in reading.unknown] == ["entry[0].time"]


def test_each_group_and_each_automatic_event_is_a_notice_with_its_own_time() -> None:
    groups = [{"group_id": f"G{n}", "type": "group_suspend", "timestamp": str(NOON + n)} for n in range(2)]
    reading = read_body(body("group_status_update", time=1, groups=[*groups, {"type": "group_suspend"}, 7]))
    assert [(notice.at, notice.members["group"]) for notice in reading.notices] == [
        (NOON * SECOND, "G0"),
        ((NOON + 1) * SECOND, "G1"),
    ]
    assert [unread.where for unread in reading.unknown] == [
        "entry[0].changes[0].value.groups[2]",
        "entry[0].changes[0].value.groups[3]",
    ]
    (lead,) = sample("yvfl__api-whatsapp-docs/automatic_events_api__0").notices
    assert (lead.kind, lead.at, lead.members["event_name"]) == (
        "automatic_event",
        1749069089 * SECOND,
        "LeadSubmitted",
    )


def test_what_is_not_decoded_stands_in_a_notice_as_received() -> None:
    group = {"group_id": "G1", "metadata": {"a": [1]}, "business": "theirs", "new": None}
    reading = read_body(body("group_settings_update", groups=[group], added=[1], label="x"))
    (notice,) = reading.notices
    assert notice.members == {"business": BUSINESS, "group": "G1", "metadata": {"a": [1]}, "new": None}
    # The number is named beside the list, so a member of the same name has no place of its own.
    assert [unread.where for unread in reading.unknown] == [
        "entry[0].changes[0].value.groups[0].business",
        "entry[0].changes[0].value.added",
    ]


def test_a_handover_names_its_number_without_metadata() -> None:
    notice = only_notice(sample("_constructed/obs_messaging_handovers_control_passed"))
    assert (notice.kind, notice.members["business"], notice.members["type"]) == ("handover", BUSINESS, "control_passed")


# --- groups ------------------------------------------------------------------
GROUP: dict[str, object] = {"recipient_type": "group", "recipient_id": "GROUP1"}


@pytest.mark.parametrize("member", ["recipient_participant_id", "participant_recipient_id"])
def test_one_webhook_about_a_group_has_an_event_and_evidence_for_each_participant(member: str) -> None:
    """One message and one status, and a bill for every member who received it. The price hides in the conversation."""
    pricing = {"billable": True, "pricing_model": "PMP", "category": "group_marketing"}
    conversation = {"id": "c1", "origin": {"type": "group_marketing"}, "pricing": pricing}
    statuses = [status(**GROUP, **{member: who}, conversation=conversation) for who in (ANA, f"+{BEN}", "US.1")]
    reading = read_body(body(statuses=statuses))
    assert [(e.customer, e.id, e.participant) for e in reading.events] == [
        ("GROUP1", "wamid.B", ANA),
        ("GROUP1", "wamid.B", BEN),
        ("GROUP1", "wamid.B", "US.1"),
    ]
    assert len({event.key for event in reading.events}) == 3
    assert [(e.participant, e.pricing, e.conversation) for e in reading.evidence] == [
        (who, pricing, conversation) for who in (ANA, BEN, "US.1")
    ]
    assert {(event.content, event.category) for event in reading.events} == {("template", "marketing")}


def test_a_participant_is_named_by_the_phone_number_of_the_contact() -> None:
    raw = status(**GROUP, recipient_participant_user_id=BEN_BY_ID)
    contacts = [{"wa_id": ANA, "user_id": ANA_BY_ID}, {"wa_id": BEN, "user_id": BEN_BY_ID}]
    assert [e.participant for e in read_body(body(statuses=[raw], contacts=contacts)).events] == [BEN]
    assert [e.participant for e in read_body(body(statuses=[raw])).events] == [BEN_BY_ID]


def test_a_status_to_a_group_without_participant_is_one_event_without_participant() -> None:
    reading = read_body(body(statuses=[status(**GROUP)], contacts=[{"wa_id": ANA}]))
    assert [(e.customer, e.participant) for e in reading.events] == [("GROUP1", "")]
    assert [e.participant for e in reading.evidence] == [""]


def test_a_message_to_a_group_is_sent_once_whoever_it_is_for() -> None:
    raw = status(**GROUP, status="sent", participant_recipient_id=ANA, pricing={"category": "group_service"})
    reading = read_body(body(statuses=[raw]))
    assert [(e.event, e.participant) for e in reading.events] == [("message_sent", "")]
    assert [e.participant for e in reading.evidence] == [ANA]


def test_a_participant_that_cannot_be_read_keeps_the_whole_status() -> None:
    """Without its participant it would count as a delivery to the group, and hide those of others."""
    reading = read_body(body(statuses=[status(**GROUP, recipient_participant_id=7)]))
    assert (reading.events, reading.evidence) == ((), ())
    assert [unread.where for unread in reading.unknown] == ["entry[0].changes[0].value.statuses[0]"]


# --- evidence and where it came from ------------------------------------------
def test_evidence_says_which_account_and_which_way_it_came() -> None:
    (plain,) = read_body(body(statuses=[status()])).evidence
    assert (plain.account, plain.via) == (ACCOUNT, "messages")
    (waiting,) = read_body(body("standby", standby={"statuses": [status()]})).evidence
    assert (waiting.account, waiting.via) == (ACCOUNT, "standby")
    (nested,) = read_body(body(standby={"statuses": [status()]})).evidence
    assert nested.via == "standby"
    (bare,) = read_body(body(account=None, statuses=[status()])).evidence
    assert bare.account == ""


def test_the_accounts_of_a_body_are_the_pairs_that_stand_together() -> None:
    one, other = body(statuses=[status()]), body(account="2", messages=[message()])
    other["entry"][0]["changes"] *= 2
    assert read_body({"entry": one["entry"] + other["entry"]}).accounts == ((BUSINESS, ACCOUNT), (BUSINESS, "2"))
    assert read_body(body(account=None, statuses=[status()])).accounts == ()
    assert read_body(body(metadata=None, statuses=[status()])).accounts == ()


@pytest.mark.parametrize("account", [7, True, ["1"], " ", "caf\u00e9"])
def test_an_unreadable_account_is_kept_and_costs_no_item(account: object) -> None:
    reading = read_body(body(account=account, statuses=[status()]))
    assert [unread.where for unread in reading.unknown] == ["entry[0].id"]
    assert [evidence.account for evidence in reading.evidence] == [""]
    assert len(reading.events) == 1


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        ({"pricing": {"category": "foo"}}, ["unknown_pricing_category: foo"]),
        ({"pricing": {"category": "MARKETING", "type": "Regular", "pricing_model": "pmp"}}, []),
        ({"pricing": {"type": "free_lunch"}}, ["unknown_pricing_type: free_lunch"]),
        ({"pricing": {"pricing_model": "XMP"}}, ["unknown_pricing_model: XMP"]),
        ({"pricing": {"billable": "false"}}, ["unknown_billable: false"]),
        ({"pricing": {"billable": 0}}, ["unknown_billable: 0"]),
        ({"pricing": {"category": ["x"]}}, ["unknown_pricing_category: a list"]),
        ({"pricing": {"category": "\u00e9" * 99}}, ["unknown_pricing_category: '" + r"\xe9" * 40 + "'..."]),
        ({"conversation": {"origin": {"type": "gossip"}}}, ["unknown_conversation_origin: gossip"]),
    ],
)
@pytest.mark.parametrize("name", ["delivered", "failed"])
def test_a_word_about_the_price_that_nobody_knows_is_counted_and_the_evidence_stays(
    said: dict[str, Any], notes: list[str], name: str
) -> None:
    reading = read_body(body(statuses=[status(status=name, **said)]))
    assert [note for note, _ in reading.notes] == notes
    assert [event.event for event in reading.events] == [f"message_{name}"]
    (evidence,) = reading.evidence
    assert (evidence.pricing, evidence.conversation) == (said.get("pricing"), said.get("conversation"))


# --- mistakes of others --------------------------------------------------------
def test_two_messages_and_two_statuses_in_two_changes_are_all_read() -> None:
    """PB-12."""
    first = body(messages=[message(id="m1"), message(id="m2")])["entry"][0]["changes"]
    second = body(statuses=[status(id="s1"), status(id="s2", status="read")])["entry"][0]["changes"]
    reading = read_body({"entry": [{"id": ACCOUNT, "changes": first + second}]})
    assert [event.id for event in reading.events] == ["m1", "m2", "s1", "s2"]
    assert [evidence.id for evidence in reading.evidence] == ["s1", "s2"]
    assert reading.unknown == ()


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [("1767269299", NOON), (1767269299, NOON), (1767269299000, None), ("2026-01-01T12:08:19", None)],
    ids=["text", "number", "milliseconds", "without a zone"],
)
def test_a_time_is_read_or_refused_by_name_and_never_shifted(timestamp: object, at: int | None) -> None:
    """PB-20."""
    reading = read_body(body(messages=[message(timestamp=timestamp)]))
    assert [event.at for event in reading.events] == ([] if at is None else [at * SECOND])
    assert len(reading.unknown) == (at is None)


@pytest.mark.parametrize(
    "pricing",
    [
        {"pricing_model": "PMP", "type": "regular", "category": "service"},
        {"pricing_model": "PMP", "type": "free_entry_point", "category": "service", "billable": True},
        {"pricing_model": "PMP", "category": "service", "billable": "false"},
        {"category": "service", "type": "Free_Lunch"},
    ],
)
def test_what_a_price_says_is_kept_as_it_is_said(pricing: dict[str, object]) -> None:
    """PB-38 and PB-39: nothing is filled in, set right or turned into another type."""
    (evidence,) = read_body(body(statuses=[status(pricing=pricing)])).evidence
    assert evidence.pricing == pricing
    assert evidence.pricing is pricing


def test_a_status_without_contacts_origin_or_expiry_is_read() -> None:
    """PB-40: each status has its own evidence, so a later one without an end erases nothing."""
    first = status(status="sent", conversation={"id": "c", "expiration_timestamp": "1767355740"})
    later = status(conversation={"id": "c"})
    reading = read_body(body(statuses=[first, later]))
    assert [evidence.conversation for evidence in reading.evidence] == [first["conversation"], later["conversation"]]
    assert [implied_opening(evidence) for evidence in reading.evidence] == [None, None]
    assert reading.unknown == ()


def test_the_time_of_a_message_is_its_own_and_not_that_of_the_entry() -> None:
    """RB-05."""
    reading = read_body(body(time=NOON + 18_000, messages=[message()]))
    assert [event.at for event in reading.events] == [NOON * SECOND]


def test_statuses_of_another_number_in_the_same_body_belong_to_that_number() -> None:
    """RB-11: the number is named in each value, not by the address that received the body."""
    other = {"phone_number_id": "100000000000002"}
    ours, theirs = body(statuses=[status()]), body(metadata=other, statuses=[status()])
    changes = ours["entry"][0]["changes"] + theirs["entry"][0]["changes"]
    reading = read_body({"entry": [{"id": ACCOUNT, "changes": changes}]})
    assert [event.business for event in reading.events] == [BUSINESS, "100000000000002"]
    assert reading.accounts == ((BUSINESS, ACCOUNT), ("100000000000002", ACCOUNT))


def test_a_body_means_the_same_whether_its_letters_are_escaped_or_not() -> None:
    """RB-14: Meta signs the escaped form, so the bytes are what counts; the meaning is one."""
    raw = body(messages=[message(text={"body": "Gr\u00fc\u00dfe \U0001f44d"})])
    escaped, plain = json.dumps(raw).encode(), json.dumps(raw, ensure_ascii=False).encode()
    assert escaped != plain
    assert read_body(escaped) == read_body(plain)


# --- strict JSON on every path ---------------------------------------------------
STATUS_LINE = json.dumps(body(statuses=[status()]))
BROKEN: list[tuple[str, str]] = [
    ('{"entry": [], "n": ' + "9" * 401 + "}", "401 digits"),
    ('{"entry": [], "n": -' + "9" * 5000 + "}", "digits"),
    ('{"entry": [], "n": 1e400}', "too large"),
    ('{"entry": [], "n": -1e400}', "too large"),
    ('{"entry": [], "n": 01}', "JSON"),
    ('{"entry": [], "n": +1}', "JSON"),
    ('{"entry": [], "n": .5}', "JSON"),
    ('{"entry": [], "n": 1_000}', "JSON"),
    ('{"entry": [], "n": \u0661}', "JSON"),
    ('{"entry": [], "n": NaN}', "NaN"),
    ('{"entry": [], "n": "\\ud83d"}', "surrogate"),
    ('{"entry": [], "n": "\\udc4d\\ud83d"}', "surrogate"),
    ('{"entry": [], "entry": []}', "twice"),
    ('{"entry": [], "\\u0065ntry": []}', "twice"),
    ('{"entry": [], "n": ' + "[" * 65 + "]" * 65 + "}", "deep"),
    ('{"entry": [], "n": "\x00"}', "JSON"),
    ('{"entry": []}\x00', "something follows its end"),
    ('{"entry": []} trailing', "something follows its end"),
    ("{'entry': []}", "JSON"),
]


@pytest.mark.parametrize(("line", "hint"), BROKEN, ids=lambda text: ascii(text)[:30])
def test_a_line_that_is_not_strict_json_is_set_aside_and_the_rest_of_the_file_is_read(line: str, hint: str) -> None:
    with pytest.raises(BadBody, match=re.escape(hint)):
        read_body(line)
    log = read_all([("log.jsonl", f"{STATUS_LINE}\n{line}\n{STATUS_LINE}\n")], keep_going=True)
    assert [problem.where for problem in log.problems] == ["log.jsonl, line 2"]
    assert hint in str(log.problems[0])
    assert len(log.events) == len(log.evidence) == 2


def test_numbers_that_are_odd_but_sound_are_read() -> None:
    assert read_body('{"entry": [], "n": -0, "m": 1e-400, "k": ' + "9" * 400 + "}") == Reading()
    (event,) = read_body(
        json.dumps(body(messages=[message(timestamp=0)])).replace('"timestamp": 0', '"timestamp": -0')
    ).events
    assert event.at == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_bytes_of_another_encoding_are_refused(encoding: str) -> None:
    with pytest.raises(BadBody):
        read_body(STATUS_LINE.encode(encoding))


def test_a_mark_of_byte_order_is_no_part_of_a_body_and_is_passed_over_in_a_file() -> None:
    with pytest.raises(BadBody):
        read_body("\ufeff" + STATUS_LINE)
    assert len(read_all([("log.jsonl", "\ufeff" + STATUS_LINE)]).events) == 1


# --- the log ---------------------------------------------------------------------
def test_a_log_collects_who_is_who_calls_notices_and_accounts() -> None:
    bodies = [body(messages=[message(timestamp=str(NOON + at), from_user_id=ANA_BY_ID)]) for at in (5, 0, 9)]
    bodies += [body("calls", calls=[call(event="terminate", duration=7)])]
    bodies += [notice_body("security", {"event": "PIN_RESET_REQUEST"})]
    forwards = read_all([("a", "\n".join(json.dumps(one) for one in bodies))])
    backwards = read_all([("a", "\n".join(json.dumps(one) for one in reversed(bodies)))])
    for log in (forwards, backwards):
        assert log.problems == []
        assert log.aliases == [
            Alias(business=BUSINESS, ids=(ANA, ANA_BY_ID), at=NOON * SECOND, why="sender"),
        ]
        assert [one.seconds for one in log.calls] == [7]
        assert [notice.kind for notice in log.notices] == ["security"]
        assert log.accounts == [(BUSINESS, ACCOUNT)]
    assert Log().aliases == []


# --- every sample, looked at twice -------------------------------------------------
PAIRS = (
    ("wa_id", "user_id", "parent_user_id"),
    ("from", "from_user_id", "from_parent_user_id"),
    ("to", "to_user_id", "to_parent_user_id"),
    ("recipient_user_id", "recipient_parent_user_id", "parent_recipient_user_id"),
    ("recipient_participant_id", "recipient_participant_user_id", "recipient_participant_parent_user_id"),
)


def objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for held in value.values():
            yield from objects(held)
    elif isinstance(value, list):
        for held in value:
            yield from objects(held)


def digits(name: object) -> str:
    return str(name).removeprefix("+")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_about_people_calls_and_accounts_in_a_sample_is_lost(path: Path) -> None:
    """A second, dumb look: whatever object holds two names of one person, an alias holds them too."""
    raw = json.loads(path.read_bytes())
    reading = read_body(path.read_bytes())
    linked = [set(alias.ids) for alias in reading.aliases]
    expected_calls = expected_notices = 0
    for entry in raw["entry"]:
        for change in entry["changes"]:
            value = change["value"]
            metadata = value.get("metadata") or {}
            number = metadata.get("phone_number_id")
            own = re.sub("[^0-9]", "", str(metadata.get("display_phone_number")))
            if change.get("field") in CONVERSING and number:
                assert (number, entry["id"]) in reading.accounts
                for one in objects(value):
                    for pair in PAIRS:
                        told = {digits(one[m]) for m in pair if isinstance(one.get(m), str) and one[m]} - {own}
                        if len(told) > 1 and not isinstance(one.get("user_id"), dict):
                            assert any(told <= ids for ids in linked), told
                    new = one.get("wa_id") or one.get("new_wa_id")
                    if one.get("type") == "user_changed_number":
                        assert any(new in ids and len(ids) > 1 for ids in linked)
            told_calls = [c for c in value.get("calls") or () if c.get("event") in ("connect", "terminate")]
            expected_calls += len(told_calls)
            expected_calls += sum(s.get("type") == "call" for s in value.get("statuses") or ())
            if change.get("field") in IDLE:
                expected_notices += len(value.get("groups") or value.get("automatic_events") or [0])
    assert len(reading.calls) == expected_calls
    assert len(reading.notices) == expected_notices
    assert all(len(ids) > 1 for ids in linked)


def sound_items(raw: object) -> int:
    """How many items a body holds, by walking down where items can be; whatever is odd there is one item too."""
    total = 0
    if not isinstance(raw, dict) or raw.get("object") not in (None, "whatsapp_business_account"):
        return 0
    for entry in listed(raw.get("entry")):
        for change in listed(entry.get("changes") if isinstance(entry, dict) else None):
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                if not isinstance(change.get("field"), str) or change["field"] not in CONVERSING:
                    continue
                total += items_of(change["value"])
                standby = change["value"].get("standby")
                total += items_of(standby) if isinstance(standby, dict) else 0
    return total


def items_of(value: dict[str, Any]) -> int:
    total = sum(len(listed(value.get(part))) for part in ITEMS)
    for chunk in listed(value.get("history")):
        for thread in listed(chunk.get("threads") if isinstance(chunk, dict) else None):
            total += len(listed(thread.get("messages") if isinstance(thread, dict) else None))
    return total


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


OUTCOME_NOTES = (
    "account_error",
    "app_echo_of_change",
    "call",
    "call_status",
    "history_message",
    "sent_without_evidence",
    "standby_echo",
    "system_message",
    "user_id_update",
)
ITEM_PLACE = re.compile(rf"\.value(\.standby)?(\.history\[\d+\]\.threads\[\d+\])?\.({'|'.join(ITEMS)})\[\d+\]$")


def outcomes(reading: Reading) -> int:
    kept = sum(1 for unread in reading.unknown if ITEM_PLACE.search(unread.where))
    return len(reading.events) + kept + sum(n for name, n in reading.notes if name in OUTCOME_NOTES)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*at, key))


ODDITIES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    -0.0,
    1e308,
    10**400,
    10**5000,
    "",
    " ",
    "\x00",
    "\ud800",
    "\u0661",
    "messages",
    "17672692990000000000",
    "US.1",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"id": {}},
    {"type": "system"},
    "x" * 5000,
)


def damage(raw: Any, dice: random.Random) -> None:
    """Delete, replace or retype one member, or put one twice."""
    found = list(places(raw))
    if not found:
        return
    *steps, last = dice.choice(found)
    holder = raw
    for step in steps:
        holder = holder[step]
    held, act = holder[last], dice.randrange(5)
    if act == 0:
        del holder[last]
    elif act == 1:
        holder[last] = deepcopy(dice.choice(ODDITIES))
    elif act == 2:
        # Retyped: a number as text, a text as a number, one thing as a list of it, a list as its first thing.
        if isinstance(held, list):
            holder[last] = held[0] if held else {}
        elif isinstance(held, str) and held.isascii() and held.isdigit() and dice.random() < 0.7:
            holder[last] = int(held)
        elif isinstance(held, int) and held.bit_length() <= 64:
            holder[last] = str(held)
        else:
            holder[last] = [held]
    elif act == 3 and isinstance(holder, list):
        holder.insert(last, deepcopy(held))
    elif isinstance(holder, dict):
        holder[dice.choice(["standby", "messages", "statuses", "wa_id", "from_user_id", "group_id", "x"])] = deepcopy(
            held
        )


def check(raw: Any) -> None:
    before = deepcopy(raw)
    reading = read_body(raw)
    assert raw == before
    assert outcomes(reading) == sound_items(raw)
    for alias in reading.aliases:
        assert alias.business
        assert len(alias.ids) > 1
        assert list(alias.ids) == sorted(set(alias.ids))
        assert all(name.isascii() and name.isprintable() for name in alias.ids)
    for one in reading.calls:
        assert one.id
        assert one.direction in ("", "user_initiated", "business_initiated")
        assert one.seconds is None or 0 <= one.seconds < 10**9
    for evidence in reading.evidence:
        assert isinstance(evidence, Evidence)
        assert evidence.account.isascii()
    for unread in reading.unknown:
        assert unread.where
        assert unread.why.isascii()
        assert len(unread.why) < 300


@pytest.mark.parametrize("seed", range(24))
def test_no_damage_to_a_sample_raises_or_loses_an_item(seed: int) -> None:
    """Thousands of bodies, each a little wrong; the seed makes a failure repeatable."""
    dice = random.Random(seed)
    for path in SAMPLES:
        raw = json.loads(path.read_bytes())
        for _ in range(dice.randint(1, 4)):
            damage(raw, dice)
        check(raw)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False), st.integers(1, 12))
def test_no_amount_of_damage_raises_or_loses_an_item(path: Path, dice: random.Random, times: int) -> None:
    raw = json.loads(path.read_bytes())
    for _ in range(times):
        damage(raw, dice)
    check(raw)
