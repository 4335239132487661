"""The worked examples that are no timelines: one-row decisions, sums over a month, readings of webhooks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fsm import CustomerThread
from fsm.events import Account, Event, format_instant, instant_of, read_account
from fsm.ledger import Row, TierSwitch, portfolio_limit_use
from fsm.ledger.volume import ladder_of, official
from fsm.machine import Law
from fsm.rates import Prices
from fsm.reconcile.naming import meaning
from fsm.replay import Result, replay
from fsm.rulebooks.limits import per_user_limit_active
from fsm.rulebooks.timeline import in_force
from fsm.service.rate_files import shipped_markets
from fsm.webhooks import Call, read_body
from tests.ledger.making import instant, ledger, prices, rows_of, sent, tiers
from tests.worked_examples import CUSTOMER, entries

HOUR = 3_600_000_000
PHONES = {"ID": "6281234567890", "IN": "919812345678"}

ELSEWHERE: dict[str, str] = {}
"""Examples that no code of ours can run, each with the reason. There is none."""


def _example(id: str) -> dict[str, Any]:
    kinds = ("lookup", "aggregate", "ingest")
    return next(example for kind in kinds for example in entries(kind) if example["id"] == id)


def _delivered(at: int, number: int, content: str, category: str | None = None, business: str = "b") -> list[Event]:
    common: dict[str, Any] = {"business": business, "customer": CUSTOMER, "id": f"out-{number}"}
    return [
        Event(event="message_sent", at=at, content=content, category=category, **common),
        Event(event="message_delivered", at=at + 1, **common),
    ]


def _wrote(at: int, number: int = 0, business: str = "b", customer: str = CUSTOMER) -> Event:
    return Event(event="customer_message", at=at, business=business, customer=customer, id=f"in-{number}")


def _charged(results: list[Result]) -> Counter[str]:
    return Counter(result.outcome.charge for result in results if result.outcome.charge)


def test_every_example_is_run_here_or_argued_away() -> None:
    """An example in neither place would be forgotten; one in both would be a lie."""
    named = {example["id"] for kind in ("lookup", "aggregate", "ingest") for example in entries(kind)}
    run = set(re.findall(r'"((?:cbp|pmp|p26|authint)[\w-]+)"', Path(__file__).read_text(encoding="utf-8"))) & named
    assert run | set(ELSEWHERE) == named
    assert not run & set(ELSEWHERE)


def test_cbp1_free_tier_bic_april_2023() -> None:
    for case in _example("cbp1-free-tier-bic-april-2023")["cases"]:
        at = instant_of(datetime.fromisoformat(f"{case['opened_on']}T12:00:00+00:00"))
        category = "marketing" if case["conversation"] == "marketing" else None
        events = _delivered(at, 1, "template", category)
        if case["conversation"] == "UIC":
            events.insert(0, _wrote(at - HOUR))
        results = list(replay(Law(Account(integration=case["integration"])), events))
        assert any(result.outcome.uses_allowance for result in results) == case["counts_to_free_tier"], case


@pytest.mark.parametrize("id", ["authint-table-indonesia-pbl", "authint-pbl-unverified"])
def test_authentication_international(id: str) -> None:
    at = instant_of(datetime(2024, 9, 2, 12, tzinfo=UTC))
    for case in _example(id)["cases"]:
        members: dict[str, Any] = {}
        if case.get("pbl_status") != "unverified":
            members["primary_location"] = case["pbl"]
        if case["eligible"] or case["user"] == case["pbl"]:
            start = at - HOUR if case["started"] or case["started"] is None else at + HOUR
            members["authentication_international"] = {case["user"]: format_instant(start)}
        customer = PHONES[case["user"]]
        common: dict[str, Any] = {"business": "b", "customer": customer, "id": "out"}
        events = [
            Event(event="message_sent", at=at, content="template", category="authentication", **common),
            Event(event="message_delivered", at=at + 1, **common),
        ]
        assert _charged(list(replay(Law(read_account(members)), events))) == {case["rate"]: 1}, case


def test_pmp_fep_table() -> None:
    for case in _example("pmp-fep-table")["cases"]:
        now = datetime(2025, 8, 11, 12, tzinfo=UTC)
        wrote = now - timedelta(hours=case["since_last_user_msg_h"])
        thread = CustomerThread("b", CUSTOMER)
        thread.customer_message(entry="ad" if case["fep_active"] else None, at=wrote)
        if case["fep_active"]:
            reply = thread.message_sent("free_form", at=wrote + timedelta(minutes=5))
            thread.message_delivered(reply.event.id, at=wrote + timedelta(minutes=5))
        assert thread.may_send("free_form", at=now).verdict == case["free_form"]
        template = thread.may_send("template", "marketing", at=now)
        assert template.verdict == case["template"]
        assert template.charge == (None if case["charge"] == "none" else "marketing")


def test_pmp_same_instant_two_wabas() -> None:
    for case in _example("pmp-same-instant-two-wabas")["cases"]:
        law = Law(read_account({"time_zone": case["waba_tz"]}))
        at = instant_of(datetime.fromisoformat(case["utc"]))
        assert law.edition_at(at).book.name == case["rulebook"]


def test_pmp_opt_in_verdict() -> None:
    for case in _example("pmp-opt-in-verdict")["cases"]:
        if case["opt_in"] == "general" and case["policy"] == "warn":
            continue  # a general consent of that date was not enough: no `opted_in` is recorded for it (OPT-02)
        now = datetime.fromisoformat(f"{case.get('on', '2025-08-11')}T12:00:00+00:00")
        thread = CustomerThread("b", CUSTOMER)
        if case["opt_in"] != "none":
            thread.opted_in(at=now - timedelta(days=30))
        if case["window_open"]:
            thread.customer_message(at=now - timedelta(hours=1))
        content, _, category = case["send"].partition(":")
        verdict = thread.may_send(content, category or None, at=now)
        assert verdict.verdict == "allowed"
        assert bool(verdict.advice) == (case["policy"] == "warn"), case


def test_p26_inr_cutoff() -> None:
    for case in _example("p26-inr-cutoff")["cases"]:
        account = Account(sold_to=case["sold_to"], currency=case["waba_currency"])
        thread = CustomerThread("b", CUSTOMER, account)
        verdict = thread.may_send("template", "utility", at=f"{case['on']}T00:00:00Z")
        assert verdict.allowed == case["delivers"], case


def test_cbp1_free_tier_1000() -> None:
    inputs, expect = (_example("cbp1-free-tier-1000")[part] for part in ("inputs", "expect"))
    at = instant_of(datetime(2022, 6, 2, tzinfo=UTC))
    events = []
    for number in range(inputs["uic"] + inputs["bic"]):
        business, customer = f"number-{number % inputs['numbers']}", f"customer-{number}"
        if number < inputs["uic"]:
            events.append(_wrote(at, number, business, customer))
        common: dict[str, Any] = {"business": business, "customer": customer, "id": f"out-{number}"}
        events.append(Event(event="message_sent", at=at + 1, content="template", **common))
        events.append(Event(event="message_delivered", at=at + 2 + number, **common))
    results = list(replay(Law(), events))
    assert sum(result.outcome.why == "free_tier" for result in results) == expect["free"]
    assert _charged(results).total() == expect["charged"]


def test_cbp2_nov24_unlimited() -> None:
    example = _example("cbp2-nov24-unlimited")
    at = instant_of(datetime(2024, 12, 2, tzinfo=UTC))
    events = []
    for number in range(example["inputs"]["service"]):
        common: dict[str, Any] = {"business": "b", "customer": f"customer-{number}"}
        events.append(Event(event="customer_message", at=at, id="in", **common))
        events.append(Event(event="message_sent", at=at + 1, id="out", content="free_form", **common))
        events.append(Event(event="message_delivered", at=at + 2, id="out", **common))
    results = list(replay(Law(), events))
    assert _charged(results) == example["expect"]["charged"]
    assert sum(result.outcome.why == "service_free_era" for result in results) == example["inputs"]["service"]


def _service_messages(count: int, account: Account) -> list[Result]:
    at = instant_of(datetime(2026, 10, 12, tzinfo=UTC))
    events = [_wrote(at)]
    for number in range(count):
        events += _delivered(at + HOUR + 10 * number, number, "free_form")
    return list(replay(Law(account), events))


@pytest.mark.parametrize("id", ["p26-free-tier-1001", "p26-free-tier-3350", "p26-free-tier-1500"])
def test_free_tier_of_october_2026(id: str) -> None:
    example = _example(id)
    results = _service_messages(example["inputs"]["service_delivered"], Account())
    assert sum(result.outcome.why == "free_tier" for result in results) == example["expect"]["free"]
    assert _charged(results) == example["expect"]["charged"]


def test_p26_no_payment_method() -> None:
    example = _example("p26-no-payment-method")
    results = _service_messages(example["inputs"]["service_attempts"], Account(payment_method=False))
    verdicts = Counter(result.outcome.verdict for result in results if result.event.event == "message_sent")
    assert (verdicts["allowed"], verdicts["refused"]) == (example["expect"]["delivered"], example["expect"]["refused"])


def test_pmp_group_window_any_participant() -> None:
    example = _example("pmp-group-window-any-participant")
    message = {"from": "5215550002222", "group_id": "G1", "id": "wamid.G", "timestamp": "1754899200", "type": "text"}
    value = {"metadata": {"phone_number_id": "b"}, "messages": [message]}
    body = {"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
    (event,) = read_body(body).events
    thread = CustomerThread("b", "G1")
    thread.record(event)
    verdict = thread.may_send("free_form", at=1754899200 + 60)
    assert verdict.verdict == example["expect"]["verdict"]
    assert verdict.charge is None


def _ingested(id: str) -> tuple[list[Result], dict[str, Any]]:
    example = _example(id)
    priced = set(example["inputs"].get("pricing_on", example["inputs"]["statuses"][:1]))
    statuses: list[dict[str, Any]] = []
    for second, word in enumerate(example["inputs"]["statuses"]):
        status: dict[str, Any] = {
            "id": "wamid.X",
            "status": word,
            "recipient_id": CUSTOMER,
            "timestamp": str(1754899200 + second),
        }
        if word in priced:
            status["pricing"] = {"pricing_model": "PMP", "category": "marketing", "type": "regular", "billable": True}
        statuses.append(status)
    value = {"metadata": {"phone_number_id": "b"}, "statuses": statuses}
    body = {"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
    return list(replay(Law(), read_body(body).events)), example["expect"]


def test_pmp_read_implies_delivered() -> None:
    results, expect = _ingested("pmp-read-implies-delivered")
    assert _charged(results).total() == expect["charges"]


def test_pmp_sent_then_failed() -> None:
    results, expect = _ingested("pmp-sent-then-failed")
    assert _charged(results).total() == expect["charges"]


# --- volume -----------------------------------------------------------------
A, B = 100, 250
LIST, TIER_1, TIER_2 = "0.0014", "0.0013", "0.0012"
TIERS = {1: LIST, A + 1: TIER_1, B + 1: TIER_2}
"""A list rate and two tier rates, as in Meta's examples; so the third tier has tier rate 2."""


def _many(count: int, at: str, line: str = "authentication", business: str = "b", start: int = 0) -> list[Event]:
    begins, story = instant(at), []
    for number in range(start, start + count):
        story += sent(f"{business}-{number}", begins + number, line, PHONES["IN"], business, delivered=0)
    return story


def _rates(rows: Iterable[Row]) -> Counter[str]:
    return Counter(str(row.rate) for row in rows)


def _in_india(*lines: str, rates: dict[int, str] = TIERS) -> Prices:
    return prices(tiers("2025-07-01", {("India", line): rates for line in lines}))


def test_pmp_tier_graduated() -> None:
    example = _example("pmp-tier-graduated")
    given, expect = example["inputs"], example["expect"]
    assert (given["A"], given["B"]) == (A, B)
    rows = rows_of(_many(given["sent"], "2025-08-11 10:00", given["category"]), prices=_in_india("authentication"))
    assert {row.market for row in rows} == {given["market"]}
    assert _rates(rows) == {LIST: expect["list_rate"], TIER_1: expect["tier_1"]}


def test_pmp_tier_authint_mid_month() -> None:
    given = _example("pmp-tier-authint-mid-month")["inputs"]
    day = given["authint_start_day"]
    international = {first: rate.replace("0.00", "0.03") for first, rate in TIERS.items()}
    table = tiers(
        "2025-07-01",
        {("India", "authentication"): TIERS, ("India", "authentication_international"): international},
    )
    members = {"primary_location": "US", "authentication_international": {"IN": f"2025-08-{day}T00:00:00Z"}}
    story = _many(B, f"2025-08-{day - 1} 10:00") + _many(3, f"2025-08-{day} 00:00", start=B)
    rows = rows_of(story, read_account(members), prices=prices(table))
    assert _rates(row for row in rows if row.line == "authentication") == {LIST: A, TIER_1: B - A}
    later = [row for row in rows if row.line == "authentication_international"]
    assert [row.rate for row in later] == [Decimal(list(international.values())[given["tier_on_day_15"]])] * 3


def test_pmp_tier_three_wabas_month_change() -> None:
    example = _example("pmp-tier-three-wabas-month-change")
    months = {"July": "2025-07", "August": "2025-08"}
    zones = {"July": "-05:00", "August": "+03:00"}
    accounts = [
        read_account({"name": name, "numbers": [name], "time_zone": zones[month]})
        for name, month in example["inputs"]["wabas"].items()
    ]
    # At 22:00 UTC of 31 July: A has one message left in July's first rate, and sends three more.
    story = _many(A - 1, "2025-07-20 10:00", business="A")
    for name in ("B", "C", "A"):
        story += _many(3, "2025-07-31 22:00", business=name, start=1000)
    rows = rows_of(story, *accounts, prices=_in_india("authentication"))
    late = [row for row in rows if row.at >= instant("2025-07-31 22:00")]
    assert {row.account: row.period for row in late} == {
        name: months[month] for name, month in example["expect"]["accrue"].items()
    }
    assert [row.volume for row in late if row.account == "A"] == [A, A + 1, A + 2]
    # The rest of July costs the next tier's rate for A, and August begins at the list rate for the others.
    assert [str(row.rate) for row in late if row.account == "A"] == [LIST, TIER_1, TIER_1]
    assert {str(row.rate) for row in late if row.account != "A"} == {LIST}


def test_pmp_tier_two_partners() -> None:
    assert _example("pmp-tier-two-partners")["inputs"]["provider_2_starts_in"] == "tier 3"
    accounts = [
        read_account({"name": name, "numbers": [name], "integration": "partner"}) for name in ("first", "second")
    ]
    story = _many(B, "2025-08-11 10:00", business="first") + _many(5, "2025-08-12 10:00", business="second")
    rows = rows_of(story, *accounts, prices=_in_india("authentication"))
    assert _rates(row for row in rows if row.account == "first") == {LIST: A, TIER_1: B - A}
    assert _rates(row for row in rows if row.account == "second") == {TIER_2: 5}


def test_pmp_official_tier_webhook() -> None:
    example = _example("pmp-official-tier-webhook")
    notices = []
    for webhook in example["inputs"]["webhooks"]:
        info = {
            "pricing_category": "UTILITY",
            "tier": "101:250",
            "effective_month": "2025-08",
            "region": "IN",
            **webhook,
        }
        value = {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": info}
        body = {"entry": [{"id": "1", "time": 1743460000, "changes": [{"field": "account_update", "value": value}]}]}
        notices += read_body(body).notices
    switches = [
        TierSwitch(
            market="India", ladder="utility", period="2025-08", first=101, last=250, at=notice.members["updated_at"]
        )
        for notice in notices
    ]
    (one,) = official(switches)
    assert one.at == example["expect"]["official_tier_update_time"] * 1_000_000


def test_p26_service_no_tiers() -> None:
    book = in_force(date(2026, 10, 12))
    for case in _example("p26-service-no-tiers")["cases"]:
        ladder = ladder_of(book.tariff, case["category"], to_group=False)
        assert (ladder is not None) == case["tiered"], case
    every = prices(tiers("2026-10-01", {("India", line): {1: "2", 2: "1"} for line in ("service", "utility")}))
    at = instant("2026-10-12 09:00")
    story = [_wrote(at, customer=PHONES["IN"]), *_many(2, "2026-10-12 10:00", "free_form")]
    story += _many(2, "2026-10-12 11:00", "utility", start=10)
    found = [(row.line, row.tier) for row in rows_of(story, Account(free_left=0), prices=every)]
    assert found == [("service", ""), ("service", ""), ("utility", "1:1"), ("utility", "2:MAX")]


# --- calls ------------------------------------------------------------------
def _call(id: str, seconds: int, direction: str, at: str) -> Call:
    return Call(
        business="b",
        customer=PHONES["IN"],
        id=id,
        direction=direction,
        event="terminate",
        status="COMPLETED",
        at=instant(at),
        seconds=seconds,
    )


def test_pmp_call_pulses() -> None:
    example = _example("pmp-call-pulses")
    seconds = example["inputs"]["seconds"]
    calls = [
        _call(direction, seconds, direction, "2025-08-11 10:00")
        for direction in ("business_initiated", "user_initiated")
    ]
    rows = ledger([], calls=calls, prices=_in_india("calling", rates={1: "0.0100"})).rows
    assert {row.id: (row.line, row.units, row.amount) for row in rows} == {
        "business_initiated": ("calling", example["expect"]["pulses"], Decimal("0.0100")),
        "user_initiated": (None, example["expect"]["pulses"], Decimal(0)),
    }


def test_pmp_call_crossing_tier() -> None:
    for case in _example("pmp-call-crossing-tier")["cases"]:
        ends = [int(case[end].split("-")[0]) for end in ("tier_from", "tier_to", "whole_call_rate")]
        rates = {max(ends[0], 1): "0.0100", ends[1]: "0.0090"}
        before = _call("before", (ends[1] - 2) * 60, "business_initiated", "2025-08-11 10:00")
        crossing = _call("crossing", 180, "business_initiated", "2025-08-12 10:00")
        rows = ledger([], calls=[before, crossing], prices=_in_india("calling", rates=rates)).rows
        (row,) = [row for row in rows if row.id == "crossing"]
        assert row.volume == ends[1] + 1
        assert (row.tier, row.amount) == (f"{ends[2]}:MAX", 3 * Decimal("0.0090"))


# --- limits -----------------------------------------------------------------
def test_pmp_portfolio_limit_counts_outside_window() -> None:
    example = _example("pmp-portfolio-limit-counts-outside-window")
    outside, inside = example["inputs"]["users_outside_window"], example["inputs"]["users_inside_window"]
    now, law, story = instant("2025-08-11 12:00"), Law(engine="table"), []
    for number in range(outside + inside):
        customer, business = f"5215550{number:06}", f"number-{number % 2}"
        if number >= outside:
            story.append(_wrote(now - 2 * HOUR, number, business, customer))
        # Twice to each: it is customers that are counted.
        for time in (1, 2):
            story += sent(f"out-{number}-{time}", now - HOUR, "marketing", customer, business, delivered=time)
    used = partial(portfolio_limit_use, law, list(replay(law, story)))
    assert used(now) == example["expect"]["used"] < example["inputs"]["limit"]
    # The last 24 hours: a delivery counts from its own instant until 24 hours after it.
    assert [used(now - HOUR + wait) for wait in (0, 1, 24 * HOUR + 1, 24 * HOUR + 2)] == [0, outside, outside, 0]
    assert portfolio_limit_use(law, [], instant("2025-06-30 12:00")) is None


def test_one_customer_of_two_numbers_in_two_spellings_counts_once_for_the_limit() -> None:
    now, law = instant("2025-08-11 12:00"), Law(engine="table")
    story = sent("a", now - HOUR, "marketing", "5215550000001", "one")
    story += sent("b", now - HOUR, "marketing", "+52 555 000 0001", "two")
    assert portfolio_limit_use(law, replay(law, story), now) == 1


def test_pmp_per_user_limit_excluded_regions() -> None:
    book = in_force(date(2025, 8, 11))
    phones = {"IN": "919812345678", "GB": "447700900123", "JP": "819012345678", "KR": "821012345678"}
    for case in _example("pmp-per-user-limit-excluded-regions")["cases"]:
        for customer in (phones[case["user"]], f"{case['user']}.1234"):
            active = per_user_limit_active(book, case["business_number"], customer)
            assert active == case["limit_active"], case
    assert per_user_limit_active(in_force(date(2025, 6, 30)), "IN", "IN.1") is None


# --- groups, labels, markets ------------------------------------------------
def test_p26_group_service_units() -> None:
    example = _example("p26-group-service-units")
    members = tuple(f"52155500000{number:02}" for number in range(example["inputs"]["group_delivered"]))
    story = [_wrote(instant("2026-10-12 09:00"), customer="G1")]
    story += sent("m", "2026-10-12 10:00", "free_form", "G1", "b", members=members)
    rows = rows_of(story, Account(free_left=example["inputs"]["free_tier_left"]))
    assert sum(row.why == "free_tier" for row in rows) == example["expect"]["free"]
    assert Counter(row.line for row in rows if row.line) == example["expect"]["charged"]


def test_p26_webhook_meaning_change() -> None:
    for case in _example("p26-webhook-meaning-change")["cases"]:
        means = meaning(case["type"], case["category"], date.fromisoformat(case["delivered_on"]))
        assert means == case["meaning"], case


def test_p26_kazakhstan_standalone() -> None:
    phones = {"KZ": ("77011234567", "76001234567"), "RU": ("79161234567", "73431234567")}
    for case in _example("p26-kazakhstan-standalone")["cases"]:
        on = date.fromisoformat(case["on"])
        for customer in (*phones[case["iso"]], f"{case['iso']}.1"):
            found = shipped_markets().market_of(customer, on)
            assert found is not None
            assert found.name == case["market"], customer
        before = shipped_markets().market_of(phones[case["iso"]][0], on - timedelta(days=1))
        assert before is not None
        assert before.name != "Kazakhstan"
