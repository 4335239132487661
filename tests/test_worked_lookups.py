"""The worked examples that are no timelines: one-row decisions, sums over a month, readings of webhooks."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fsm import CustomerThread
from fsm.events import Account, Event, format_instant, instant_of, read_account
from fsm.machine import Law
from fsm.replay import Result, replay
from fsm.webhooks import read_body
from tests.worked_examples import CUSTOMER, entries

HOUR = 3_600_000_000
PHONES = {"ID": "6281234567890", "IN": "919812345678"}

LATER = {
    "pmp-tier-graduated": "volume tiers",
    "pmp-tier-authint-mid-month": "volume tiers",
    "pmp-tier-three-wabas-month-change": "volume tiers",
    "pmp-tier-two-partners": "volume tiers",
    "pmp-official-tier-webhook": "volume tiers",
    "pmp-call-pulses": "call minutes",
    "pmp-call-crossing-tier": "call minutes",
    "pmp-portfolio-limit-counts-outside-window": "limits over many customers",
    "pmp-per-user-limit-excluded-regions": "a limit that no thread can know",
    "p26-group-service-units": "units of group messages",
    "p26-webhook-meaning-change": "the meaning of prices in webhooks",
    "p26-service-no-tiers": "volume tiers",
    "p26-kazakhstan-standalone": "markets of rate cards",
}
"""Examples that belong to the ledger, with what they are about."""


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


def test_every_example_is_run_here_or_named_as_later() -> None:
    """An example in neither place would be forgotten; one in both would be a lie."""
    named = {example["id"] for kind in ("lookup", "aggregate", "ingest") for example in entries(kind)}
    here = set(re.findall(r'"((?:cbp|pmp|p26|authint)[\w-]+)"', Path(__file__).read_text(encoding="utf-8"))) & named
    run = here - set(LATER)
    assert run | set(LATER) == named
    assert len(run) >= 16


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
