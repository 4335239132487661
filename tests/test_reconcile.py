"""Reconciliation: every line on each side ends in exactly one outcome, and a difference names its rule."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm import terms
from fsm.cli import reconcile as command
from fsm.errors import BadExport, UnknownRulebook
from fsm.events import instant_of
from fsm.ledger import Recipient, Row, Stated
from fsm.reconcile import (
    OUTCOMES,
    Entry,
    Export,
    Line,
    Reconciliation,
    against_export,
    against_webhook,
    countries_by,
    is_analytics,
    meaning,
    read_analytics,
    read_invoice,
)
from fsm.reconcile.naming import label_of
from fsm.reconcile.report import COLUMNS, record_of, report_lines, write_reconciliation
from fsm.rulebooks import editions
from fsm.rulebooks.labels import UNKNOWN_CONVERSATION, one_spelling
from fsm.rulebooks.timeline import in_force
from fsm.rules.tables import OWN_CATEGORY, Label, Rulebook
from fsm.service.accounting import Ledger, ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log, read_all
from tests.reconcile_months import ACCOUNT, BUSINESS, FOLDER, NUMBER, PLANTED, ZONE, files
from tests.worked_examples import entries

SAMPLES = Path(__file__).parent / "data" / "webhooks" / "_constructed"
BOOKS = editions()
SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
DAY = 24 * HOUR


def _at(text: str) -> int:
    return instant_of(datetime.fromisoformat(text).replace(tzinfo=UTC))


def _row(at: str, /, **members: Any) -> Row:
    """A row of a message at an instant, under the law of that day."""
    instant = _at(at)
    book = in_force(date.fromisoformat(at[:10]))
    values: dict[str, Any] = {
        "kind": "message",
        "business": "b",
        "customer": "5511900000010",
        "id": "m",
        "at": instant,
        "day": at[:10],
        "period": at[:7],
        "rulebook": book.name,
        "edition": book.edition,
        "content": "template",
        "currency": "USD",
        "amount": Decimal(0),
        "market": "Brazil",
    }
    return Row(**(values | members))


def _utility(at: str, /, **members: Any) -> Row:
    usual: dict[str, Any] = {"category": "utility", "line": "utility", "why": "regular", "amount": Decimal("0.0068")}
    return _row(at, **(usual | members))


def _service(at: str, /, **members: Any) -> Row:
    return _row(at, **({"content": "free_form", "why": "free_customer_service"} | members))


def _conversation(at: str, category: str, /, **members: Any) -> Row:
    ends = {"ends_at": _at(at) + DAY, "conversation": members.get("id", "m")}
    usual: dict[str, Any] = {
        "kind": "conversation",
        "content": "",
        "category": category,
        "line": category,
        "why": "regular",
    }
    return _row(at, **(usual | ends | members))


def _stated(at: str = "2026-10-05T09:59:57", **members: Any) -> Stated:
    return Stated(**({"status": "sent", "at": _at(at)} | members))


def _pmp(type: str, category: str, **members: Any) -> Stated:
    return _stated(**({"model": "PMP", "type": type, "category": category, "billable": type == "regular"} | members))


def _cbp(at: str, category: str, id: str, ends_at: int | None = None, **members: Any) -> Stated:
    said = {"model": "CBP", "category": category, "origin": category, "conversation": id, "expires_at": ends_at}
    return _stated(at, **(said | members))


def _the_line(result: Reconciliation, name: str) -> Line:
    return next(line for line in result.lines if name in line.name)


def _members(line: Line) -> dict[str, tuple[str, str]]:
    return {difference.member: (difference.ours, difference.theirs) for difference in line.differences}


# --- labels ---------------------------------------------------------------------
def _possible_rows(book: Rulebook) -> Iterable[Row]:
    """A row for every charge of an edition that gives a reason."""
    for charge in book.charges:
        for message in charge.messages if charge.why is not None else ():
            content = next((c for c in ("template", "direct_send") if message.endswith(c)), message)
            category = message.removesuffix(f"_{content}") if content != message else ""
            line = category if charge.line == OWN_CATEGORY else charge.line
            yield _row(
                f"{book.since}T12:00:00",
                edition=book.edition,
                content=content,
                category=category,
                line=line,
                why=charge.why,
            )


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.edition)
def test_every_charge_with_a_reason_has_a_label(book: Rulebook) -> None:
    for row in _possible_rows(book):
        opened = None
        if book.tariff.charged == "conversation" and row.why in ("regular", "free_tier", "service_free_era"):
            category = row.line or ("service" if "service" in {lane.name for lane in book.lanes} else "user_initiated")
            category = "authentication" if category == terms.AUTHENTICATION_INTERNATIONAL else category
            opened = attrs.evolve(row, kind="conversation", category=category, id="m")
            row = attrs.evolve(row, why="attached", line=None, conversation="m")
        assert label_of(row, opened) is not None, row


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.edition)
def test_a_label_cites_rules_that_exist_and_reasons_that_are_words(book: Rulebook) -> None:
    assert book.labels
    for label in book.labels:
        cited = {*label.rules, *label.stated_by, *label.counted_by}
        assert cited
        assert cited <= set(book.rules)
        assert set(label.why) <= set(terms.REASONS)
        assert set(label.lines) <= set(terms.RATE_LINES)


def _words(label: Label) -> Iterable[str]:
    yield from (label.model, label.subtype, *label.types, *label.categories, *label.directions)
    yield from (*label.analytics_types, *label.analytics_categories)


def test_labels_are_kept_in_one_spelling() -> None:
    for book in BOOKS:
        for label in book.labels:
            assert all(one_spelling(word) == word for word in _words(label))


def test_no_two_labels_fit_one_row() -> None:
    for book in BOOKS:
        places = [
            (name, why, line, label.group)
            for label in book.labels
            for name in label.of
            for why in label.why
            for line in label.lines or ("any",)
        ]
        assert max(Counter(places).values()) == 1, book.edition


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("FREE_ENTRY", "free_entry_point"),
        ("FREE_ENTRY_POINT", "free_entry_point"),
        ("authentication-international", "authentication_international"),
        ("AUTHENTICATION_INTERNATIONAL", "authentication_international"),
        ("Marketing Lite", "marketing_lite"),
        ("AI_BOT", "ai_bot"),
    ],
)
def test_spellings_of_one_word_are_one_word(word: str, wanted: str) -> None:
    assert one_spelling(word) == wanted


def test_p26_webhook_meaning_change() -> None:
    example = next(example for example in entries("ingest") if example["id"] == "p26-webhook-meaning-change")
    for case in example["cases"]:
        found = meaning(case["type"], case["category"], date.fromisoformat(case["delivered_on"]))
        assert found == case["meaning"], case


@pytest.mark.parametrize(
    ("type", "category", "on", "possible"),
    [
        ("free_customer_service", "utility", date(2026, 9, 30), True),
        ("free_customer_service", "utility", date(2026, 10, 1), False),
        ("regular", "service", date(2026, 9, 30), False),
        ("regular", "service", date(2026, 10, 1), True),
        ("", "user_initiated", date(2023, 5, 31), True),
        ("", "user_initiated", date(2023, 6, 1), False),
        ("", "utility", date(2025, 7, 14), True),
        ("", "utility", date(2025, 7, 15), False),
        ("regular", "utility", date(2025, 6, 30), False),
    ],
)
def test_a_label_is_possible_only_under_the_law_that_has_it(type: str, category: str, on: date, possible: bool) -> None:
    assert meaning(type, category, on).startswith("impossible") != possible


def test_a_row_of_an_unknown_law_is_refused() -> None:
    with pytest.raises(UnknownRulebook, match="Make the ledger again"):
        against_webhook([_utility("2026-10-05T10:00:00", edition="cbp-1999")])


# --- statuses: labels ---------------------------------------------------------------
LABELLED = [
    ("2025-08-05", {"content": "template", "category": "utility", "why": "free_customer_service"}, "free_customer_service",
     "utility"),
    ("2025-08-05", {"content": "free_form", "why": "free_customer_service"}, "free_customer_service", "service"),
    ("2025-08-05", {"category": "utility", "line": "utility", "why": "regular"}, "regular", "utility"),
    ("2025-08-05", {"category": "marketing_lite", "line": "marketing", "why": "regular"}, "regular", "marketing_lite"),
    ("2025-08-05", {"category": "utility", "why": "free_entry_point"}, "free_entry_point", "referral_conversion"),
    ("2025-11-05", {"category": "authentication", "line": "authentication_international", "why": "regular"}, "regular",
     "authentication-international"),
    ("2025-11-05", {"category": "utility", "line": "utility", "why": "regular", "participant": "p"}, "regular",
     "group_utility"),
    ("2025-11-05", {"content": "free_form", "why": "free_customer_service", "participant": "p"},
     "free_group_customer_service", "group_service"),
    ("2026-03-05", {"content": "free_form", "line": "general_purpose_ai", "why": "regular"}, "regular",
     "general_purpose_ai"),
    ("2026-10-05", {"content": "free_form", "why": "free_tier"}, "free_customer_service", "service"),
    ("2026-10-05", {"content": "free_form", "line": "service", "why": "regular"}, "regular", "service"),
    ("2026-10-05", {"category": "utility", "line": "utility", "why": "regular"}, "regular", "utility"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "members", "type", "category"), LABELLED, ids=[f"{c[0]}-{c[2]}-{c[3]}" for c in LABELLED]
)
def test_a_price_in_the_words_of_its_time_matches(
    day: str, members: Mapping[str, Any], type: str, category: str
) -> None:
    row = _row(f"{day}T10:00:00", **members, stated=_pmp(type, category))
    line = against_webhook([row]).lines[0]
    assert line.outcome == "matched", line.differences
    assert line.flags == ()


@pytest.mark.parametrize(
    ("day", "members", "type", "category"), LABELLED, ids=[f"{c[0]}-{c[2]}-{c[3]}" for c in LABELLED]
)
def test_a_price_with_the_other_type_differs(day: str, members: Mapping[str, Any], type: str, category: str) -> None:
    other = "regular" if type != "regular" else "free_entry_point"
    line = against_webhook([_row(f"{day}T10:00:00", **members, stated=_pmp(other, category))]).lines[0]
    assert line.outcome == "differs"
    assert _members(line)["type"] == (type, other)
    assert "LBL-04" in line.explained_by


def test_an_exempt_sender_has_a_subtype() -> None:
    row = _row("2026-10-05T10:00:00", content="free_form", why="exempt")
    assert against_webhook([attrs.evolve(row, stated=_pmp("regular", "service", subtype="paid_exempt"))]).agrees
    line = against_webhook([attrs.evolve(row, stated=_pmp("regular", "service"))]).lines[0]
    assert _members(line) == {"subtype": ("paid_exempt", "none")}
    assert "P26-06" in line.explained_by


def test_utility_labelled_as_before_october_is_impossible_and_says_why() -> None:
    row = _utility("2026-10-05T10:00:00", because=("P26-03",), stated=_pmp("free_customer_service", "utility"))
    line = against_webhook([row]).lines[0]
    assert line.outcome == "differs"
    assert {"P26-03", "P26-13"} <= set(line.explained_by)
    assert "evidence_impossible_for_era" in line.flags
    assert "impossible under pmp-2026-10" in line.states


def test_a_price_stated_just_before_the_switch_is_told_apart_from_an_impossible_one() -> None:
    """Sent on 30 September under the old words, delivered on 1 October."""
    old = _pmp("free_customer_service", "utility", at="2026-09-30T23:59:58")
    line = against_webhook([_utility("2026-10-01T00:00:03", stated=old)]).lines[0]
    assert line.outcome == "differs"
    assert line.flags == ("stated_before_the_switch",)


def test_billable_is_expected_while_service_conversations_cost_nothing() -> None:
    """`billable: true` on what is free is what captures show; it is no charge and no difference."""
    opened = _conversation("2025-03-01T10:00:03", "service", line=None, why="service_free_era")
    said = _cbp("2025-03-01T10:00:00", "service", "c1", billable=True)
    message = _service("2025-03-01T10:00:03", why="attached", conversation="m", stated=said)
    result = against_webhook([message, opened])
    assert [line.outcome for line in result.lines] == ["matched", "matched"]
    line = against_webhook([attrs.evolve(message, stated=attrs.evolve(said, billable=False)), opened]).lines[0]
    assert _members(line) == {"billable": ("true", "false")}
    assert line.explained_by == ("LBL-06",)


def test_what_meta_does_not_state_is_no_difference() -> None:
    """`billable` will go, `origin` and `contacts` are often absent (PB-38, PB-40)."""
    rows = [
        _utility(
            "2026-10-05T10:00:00", id=str(number), stated=attrs.evolve(_pmp("regular", "utility"), **{member: absent})
        )
        for number, (member, absent) in enumerate((("billable", None), ("type", ""), ("category", ""), ("model", "")))
    ]
    assert {line.outcome for line in against_webhook(rows).lines} == {"matched"}


def test_a_row_that_no_rule_names_agrees_with_nothing() -> None:
    """A template of an unknown category: we cannot say what it costs, so whatever Meta says is news."""
    row = _row("2026-10-05T10:00:00", category="newsletter", why=None, because=("TPL-05",), amount=None)
    line = against_webhook([attrs.evolve(row, stated=_pmp("regular", "marketing"))]).lines[0]
    assert _members(line) == {"label": ("no rule says", "PMP + regular + marketing")}
    assert line.explained_by == ("TPL-05",)
    point = _point("2026-10-05", pricing_type="REGULAR", pricing_category="MARKETING", volume=1, cost=1)
    counted = against_export([row], _pricing(point)).lines
    assert sorted(line.outcome for line in counted) == ["only_ours", "only_theirs"]
    assert against_export([row], _invoice("2026-10,Brazil,Utility,1,1,USD")).left_out == ()


def test_a_word_nobody_knows_is_kept_and_flagged() -> None:
    """PB-39: new words of Meta's are news, not rubbish."""
    line = against_webhook([_utility("2026-10-05T10:00:00", stated=_pmp("regular", "Hologram"))]).lines[0]
    assert _members(line)["category"] == ("utility", "Hologram")
    assert line.flags == ("unknown_word",)


@pytest.mark.parametrize(
    ("day", "type", "category"),
    [("2025-07-15", "free_customer_service", "utility"), ("2026-10-12", "regular", "utility")],
)
def test_utility_in_the_window_is_called_by_the_law_of_its_day(day: str, type: str, category: str) -> None:
    """PB-41; before July 2025 it opens a conversation or joins one, which the captures below are about."""
    said = _pmp(type, category)
    rows = [
        _row(f"{day}T10:00:00", id="free", category="utility", why="free_customer_service", stated=said),
        _utility(f"{day}T10:00:00", id="charged", stated=said),
    ]
    right = "free" if type != "regular" else "charged"
    outcomes = {line.name: line.outcome for line in against_webhook(rows).lines}
    assert outcomes[f"message {right}"] == "matched"
    assert sorted(outcomes.values()) == ["differs", "matched"]


def test_billable_that_contradicts_its_own_type_differs() -> None:
    """PB-39."""
    line = against_webhook([_utility("2026-10-05T10:00:00", stated=_pmp("regular", "utility", billable=False))]).lines[
        0
    ]
    assert _members(line) == {"billable": ("true", "false")}


def test_a_billable_that_follows_from_a_differing_type_is_one_difference() -> None:
    line = against_webhook([_service("2026-10-05T10:00:00", why="free_tier", stated=_pmp("regular", "service"))]).lines[
        0
    ]
    assert set(_members(line)) == {"type"}


def test_a_category_that_meta_changed_is_reported_as_drift() -> None:
    """PB-44: Meta's word wins in the ledger, and the drift is told."""
    row = _row(
        "2025-09-05T10:00:00",
        category="marketing",
        line="marketing",
        why="regular",
        flags=("category_drift",),
        stated=_pmp("regular", "marketing"),
    )
    line = against_webhook([row]).lines[0]
    assert line.outcome == "differs"
    assert line.explained_by == ("PMP-11",)


def test_a_message_without_any_price_is_only_ours() -> None:
    charged = against_webhook([_utility("2026-10-05T10:00:00")])
    assert charged.lines[0].outcome == "only_ours"
    assert "no status states a price" in charged.lines[0].says
    assert not charged.agrees
    assert against_webhook([_service("2026-10-05T10:00:00", why="free_tier")]).agrees


@pytest.mark.parametrize(("status", "normal"), [("failed", True), ("sent", True), ("delivered", False)])
def test_a_statement_about_an_undelivered_message_is_only_theirs(status: str, normal: bool) -> None:
    result = against_webhook([], {Recipient("b", "m", ""): _pmp("regular", "utility", status=status)})
    assert result.lines[0].outcome == "only_theirs"
    assert result.lines[0].because == ("PMP-12",)
    assert result.agrees == normal


@pytest.mark.parametrize(
    ("at", "rule"),
    [("2022-06-01T10:00:00", "CBP1-12"), ("2024-06-01T10:00:00", "CBP2-19"), ("2026-06-01T10:00:00", "PMP-12")],
)
def test_the_rule_on_undelivered_messages_is_that_of_the_time(at: str, rule: str) -> None:
    result = against_webhook(
        [], {Recipient("b", "m", ""): _stated(at, model="CBP", category="utility", status="failed")}
    )
    assert result.lines[0].because == (rule,)


def test_calls_and_corrections_are_left_out_by_name() -> None:
    rows = [_row("2026-10-05T10:00:00", kind=kind, id=kind) for kind in ("call", "correction")]
    result = against_webhook(rows)
    assert result.lines == ()
    assert [group.why for group in result.left_out] == [
        "corrections of settled months stand in no webhook",
        "webhooks state no price for calls",
    ]


# --- statuses: cost -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cost", "currency", "member"),
    [("0.0068", "USD", None), ("0.0069", "USD", "cost"), ("0.0068", "EUR", "currency of the cost")],
)
def test_a_stated_cost_is_compared_with_the_card(cost: str, currency: str, member: str | None) -> None:
    said = _pmp("regular", "utility", cost=Decimal(cost), currency=currency)
    row = _utility("2026-10-05T10:00:00", rate=Decimal("0.0068"), because=("P26-03",), stated=said)
    line = against_webhook([row]).lines[0]
    assert list(_members(line)) == ([member] if member else [])
    assert line.their_amount == (Decimal(cost) if currency == "USD" else None)


def test_a_stated_cost_of_a_free_message_is_a_difference() -> None:
    said = _pmp("free_customer_service", "service", cost=Decimal("0.01"), currency="USD")
    line = against_webhook([_service("2026-10-05T10:00:00", why="free_tier", stated=said)]).lines[0]
    assert _members(line) == {"cost": ("0", "0.01 USD")}


# --- statuses: conversations ------------------------------------------------------------
CAPTURED = [
    (1672720505, 1672806960, True),
    (1714985417, 1715071860, True),
    (1743081616, 1743168060, True),
    (1750030073, 1750116480, True),
    (1725047266, 1725127260, False),
    (1698266945, 1698339900, False),
]


def _captured(sent: int, expiry: int, *, opens: bool) -> Reconciliation:
    """A captured pair of sending and end, beside a ledger that says the message opens, or joins."""
    day = datetime.fromtimestamp(sent, UTC)
    category = "service" if day.year > 2023 or day.month > 5 else "user_initiated"
    at = sent * SECOND + 2 * SECOND
    said = attrs.evolve(_cbp("2026-01-01T00:00:00", category, "c1", expiry * SECOND), at=sent * SECOND)
    message = _service(day.isoformat()[:19], at=at, why="attached", id="m", stated=said)
    opener_at = at if opens else (expiry * SECOND - DAY)
    opener = "m" if opens else "earlier"
    opened = _conversation(
        day.isoformat()[:19], category, id=opener, at=opener_at, ends_at=opener_at + DAY, conversation=opener,
        facts=(("message_sent", opener_at - 2 * SECOND),),
    )  # fmt: skip
    return against_webhook([attrs.evolve(message, conversation=opener), opened])


@pytest.mark.parametrize(("sent", "expiry", "opens"), CAPTURED)
def test_captured_ends_tell_openings_from_joinings(sent: int, expiry: int, opens: bool) -> None:
    right = _captured(sent, expiry, opens=opens)
    assert _the_line(right, "message m").outcome == "matched", right.lines
    wrong = _the_line(_captured(sent, expiry, opens=not opens), "message m")
    assert "opening" in _members(wrong)
    assert "LBL-02" in wrong.explained_by


@pytest.mark.parametrize(
    ("off", "outcome"), [(-MINUTE, "differs"), (0, "matched"), (MINUTE, "differs"), (HOUR, "differs"), (1, "differs")]
)
def test_the_end_of_a_conversation_is_compared_to_the_minute(off: int, outcome: str) -> None:
    """Sent at 10:00:30, so it ends at 10:01 of the next day; our own end is counted from the delivery."""
    ends_at = _at("2024-05-02T10:01:00") + off
    said = _cbp("2024-05-01T10:00:30", "marketing", "c1", ends_at)
    common: dict[str, Any] = {"facts": (("message_sent", said.at),)}
    opened = _conversation("2024-05-01T10:00:35", "marketing", because=("CBP2-01",), **common)
    message = _row("2024-05-01T10:00:35", category="marketing", why="attached", conversation="m", stated=said, **common)
    line = _the_line(against_webhook([message, opened]), "conversation opened by m")
    assert line.outcome == outcome
    if outcome == "differs":
        assert _members(line)["end"][0] == "2024-05-02T10:01:00Z"
        assert line.explained_by == ("CBP2-01", "LBL-02")


def test_an_end_is_bounded_only_from_above_where_the_sending_is_not_known() -> None:
    for hours, outcome in ((-3, "matched"), (0, "matched"), (1, "differs")):
        ends_at = _at("2024-05-02T10:01:00") + hours * HOUR
        said = _cbp("2024-05-01T10:00:35", "marketing", "c1", ends_at, status="delivered")
        opened = _conversation("2024-05-01T10:00:35", "marketing")
        message = _row("2024-05-01T10:00:35", category="marketing", why="attached", conversation="m", stated=said)
        assert _the_line(against_webhook([message, opened]), "opened by").outcome == outcome, hours


def test_a_message_that_meta_counts_to_another_conversation_differs() -> None:
    first = _conversation("2024-05-01T10:00:03", "marketing", id="one", because=("CBP2-01",))
    rows = [first]
    for number, (id, conversation) in enumerate((("one", "c1"), ("two", "c1"), ("three", "c2"))):
        at = f"2024-05-01T1{number}:00:03"
        said = _cbp(f"2024-05-01T1{number}:00:00", "marketing", conversation)
        rows.append(_row(at, id=id, category="marketing", why="attached", conversation="one", stated=said))
    result = against_webhook(rows)
    assert [_the_line(result, f"message {id}").outcome for id in ("one", "two", "three")] == [
        "matched",
        "matched",
        "differs",
    ]
    assert "conversation" in _members(_the_line(result, "message three"))
    assert _the_line(result, "conversation c2").outcome == "only_theirs"
    assert not result.agrees


def test_a_conversation_that_no_status_names_is_only_ours() -> None:
    message = _row("2024-05-01T10:00:03", category="marketing", why="attached", conversation="m")
    line = _the_line(against_webhook([message, _conversation("2024-05-01T10:00:03", "marketing")]), "opened by m")
    assert line.outcome == "only_ours"
    assert "no status of its messages names a conversation" in line.says


def test_conversation_ids_of_2025_mean_nothing() -> None:
    """Every message had an id of its own, and an end that repeats the status (RB-15)."""
    rows = [
        _service(
            f"2025-09-05T10:00:0{second}",
            id=f"m{second}",
            stated=_pmp(
                "free_customer_service", "service", conversation=f"c{second}", expires_at=_at("2025-09-05T10:00:00")
            ),
        )
        for second in range(3)
    ]
    result = against_webhook(rows)
    assert [line.about for line in result.lines] == ["message"] * 3
    assert result.agrees


def test_a_free_entry_point_is_one_conversation_under_every_law() -> None:
    ends_at = _at("2026-01-04T12:03:20")
    common: dict[str, Any] = {"model": "PMP", "type": "free_entry_point", "category": "referral_conversion"}
    said = _stated(
        "2026-01-01T12:03:20",
        **common,
        conversation="c",
        origin="referral_conversion",
        expires_at=_at("2026-01-04T12:04:00"),
    )
    opened = _conversation(
        "2026-01-01T12:03:22", "free_entry_point", line=None, why="free_entry_point", ends_at=ends_at
    )
    message = _service("2026-01-01T12:03:22", why="free_entry_point", conversation="m", stated=said)
    assert [line.outcome for line in against_webhook([message, opened]).lines] == ["matched", "matched"]
    late = attrs.evolve(said, expires_at=_at("2026-01-04T13:04:00"))
    result = against_webhook([attrs.evolve(message, stated=late), opened])
    assert "end" in _members(_the_line(result, "opened by m"))


def test_a_message_whose_conversation_no_rule_tells_is_compared_by_model_alone() -> None:
    row = _service("2024-05-01T10:00:03", why="attached", stated=_cbp("2024-05-01T10:00:00", "marketing", "c1"))
    assert label_of(row) is not None
    assert UNKNOWN_CONVERSATION in label_of(row).of  # type: ignore[union-attr]
    assert _the_line(against_webhook([row]), "message m").outcome == "matched"


def test_a_conversation_of_2022_keeps_its_words_after_the_switch() -> None:
    opened = _conversation("2023-05-31T20:00:03", "business_initiated", id="one")
    said = _cbp("2023-06-01T08:00:00", "business_initiated", "c1")
    message = _row(
        "2023-06-01T08:00:03", id="two", category="marketing", why="attached", conversation="one", stated=said
    )
    assert _the_line(against_webhook([opened, message]), "message two").outcome == "matched"


# --- analytics: reading ---------------------------------------------------------------------
def _answer(kind: str, *points: Mapping[str, Any]) -> str:
    return json.dumps({kind: {"data": [{"data_points": list(points)}]}, "id": "1"})


def _point(day: str, **members: Any) -> dict[str, Any]:
    start = _at(f"{day}T00:00:00") // SECOND
    return {"start": start, "end": start + 86_400, **members}


def _pricing(*points: Mapping[str, Any]) -> Export:
    return read_analytics(_answer("pricing_analytics", *points), "analytics.json")[0]


def test_costs_of_analytics_are_read_as_written() -> None:
    text = '{"pricing_analytics": {"data": [{"data_points": [{"start": 0, "end": 86400, "volume": 3, "cost": 0.1}]}]}}'
    assert read_analytics(text, "a")[0].entries[0].amount == Decimal("0.1")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "holds neither"),
        ('{"pricing_analytics": {}}', "no list 'data'"),
        ('{"pricing_analytics": {"data": [{}]}}', "no list 'data_points'"),
        ('{"pricing_analytics": {"data": [{"data_points": [1]}]}}', "no object"),
        ('{"pricing_analytics": {"data": [{"data_points": [{"start": "x", "end": 1}]}]}}', "start"),
        (
            '{"pricing_analytics": {"data": [{"data_points": [{"start": 0, "end": 1, "volume": 1.5}]}]}}',
            "counts nothing",
        ),
        ('{"pricing_analytics": {"data": [{"data_points": [{"start": 0, "end": 1, "cost": "1"}]}]}}', "no amount"),
        ('{"pricing_analytics": {"data": []}, "pricing_analytics": {"data": []}}', "twice"),
        ('{"pricing_analytics": NaN}', "NaN"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadExport, match=why):
        read_analytics(text, "analytics.json")


def test_an_answer_that_does_not_name_itself_is_told_by_its_points() -> None:
    bare = json.dumps({"data": [{"data_points": [_point("2024-05-01", conversation=1, conversation_type="REGULAR")]}]})
    assert read_analytics(bare, "a")[0].kind == "conversation_analytics"
    assert is_analytics(bare)


def test_overlapping_times_are_refused() -> None:
    month = {"start": _at("2026-10-01T00:00:00") // SECOND, "end": _at("2026-11-01T00:00:00") // SECOND, "volume": 1}
    with pytest.raises(BadExport, match="overlap"):
        against_export([], _pricing(month, _point("2026-10-05", volume=1)))


# --- analytics: comparing -----------------------------------------------------------------------
COUNTED = [
    # what we have, what webhooks call it, how analytics count it
    ("2025-08-05", {"category": "utility", "why": "free_customer_service"}, "FREE_CUSTOMER_SERVICE", "SERVICE"),
    ("2025-08-05", {"content": "free_form", "why": "free_customer_service"}, "FREE_CUSTOMER_SERVICE", "SERVICE"),
    ("2025-08-05", {"category": "utility", "line": "utility", "why": "regular"}, "REGULAR", "UTILITY"),
    ("2025-08-05", {"category": "utility", "why": "free_entry_point"}, "FREE_ENTRY_POINT", "SERVICE"),
    ("2025-08-05", {"category": "utility", "why": "free_entry_point"}, "FREE_ENTRY", "REFERRAL_CONVERSION"),
    ("2025-08-05", {"category": "marketing_lite", "line": "marketing", "why": "regular"}, "REGULAR", "MARKETING_LITE"),
    ("2025-11-05", {"category": "authentication", "line": "authentication_international", "why": "regular"}, "REGULAR",
     "AUTHENTICATION_INTERNATIONAL"),
    ("2025-11-05", {"category": "utility", "line": "utility", "why": "regular", "participant": "p"}, "REGULAR",
     "GROUP_UTILITY"),
    ("2025-11-05", {"content": "free_form", "why": "free_customer_service", "participant": "p"},
     "FREE_GROUP_CUSTOMER_SERVICE", "GROUP_SERVICE"),
    ("2026-03-05", {"content": "free_form", "line": "general_purpose_ai", "why": "regular"}, "REGULAR", "AI_BOT"),
    ("2026-10-05", {"content": "free_form", "why": "free_tier"}, "FREE_CUSTOMER_SERVICE", "SERVICE"),
    ("2026-10-05", {"content": "free_form", "line": "service", "why": "regular"}, "REGULAR", "SERVICE"),
    ("2026-10-05", {"category": "utility", "line": "utility", "why": "regular"}, "REGULAR", "UTILITY"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "members", "type", "category"), COUNTED, ids=[f"{place}-{c[2]}-{c[3]}" for place, c in enumerate(COUNTED)]
)
def test_a_row_is_counted_where_analytics_count_it(
    day: str, members: Mapping[str, Any], type: str, category: str
) -> None:
    export = _pricing(_point(day, pricing_type=type, pricing_category=category, volume=1, cost=0))
    result = against_export([_row(f"{day}T10:00:00", **members)], export)
    assert [line.outcome for line in result.lines] == ["matched"], result.lines


def test_free_utility_that_analytics_count_as_service_is_the_same_utility() -> None:
    """The trap: three of the four services are free utility templates by their webhooks."""
    rows = [_row("2025-08-05T10:00:00", id=f"u{n}", category="utility", why="free_customer_service") for n in range(3)]
    rows.append(_service("2025-08-05T11:00:00", id="s"))
    service = {"pricing_type": "FREE_CUSTOMER_SERVICE", "pricing_category": "SERVICE"}
    result = against_export(rows, _pricing(_point("2025-08-05", **service, volume=4, cost=0)))
    assert result.agrees
    assert result.lines[0].our_volume == 4
    assert {"PMP-03", "PMP-01", "LBL-05"} <= set(result.lines[0].because)


def test_a_charged_message_that_they_count_as_free_service_is_found_on_the_other_side() -> None:
    rows = [_utility("2026-10-05T10:00:00", id=f"u{n}", because=("P26-03",)) for n in range(3)]
    free = {"pricing_type": "FREE_CUSTOMER_SERVICE", "pricing_category": "SERVICE"}
    export = _pricing(
        _point("2026-10-05", pricing_type="REGULAR", pricing_category="UTILITY", volume=2, cost=0.0136),
        _point("2026-10-05", **free, volume=1, cost=0),
    )
    result = against_export(rows, export)
    differs, theirs = result.lines
    assert (differs.outcome, theirs.outcome) == ("differs", "only_theirs")
    assert set(_members(differs)) == {"volume", "cost"}
    assert {"P26-03", "LBL-05"} <= set(differs.explained_by) & set(theirs.explained_by)
    assert "as many more under 2026-10-05 FREE_CUSTOMER_SERVICE SERVICE" in differs.says


def test_a_message_of_midnight_counted_on_the_next_day_is_found_there() -> None:
    marketing = {"pricing_type": "REGULAR", "pricing_category": "MARKETING"}
    rows = [
        _row(f"2026-10-{day}T{time}", id=day, category="marketing", line="marketing", why="regular", amount=Decimal(1))
        for day, time in (("05", "23:59:59"), ("06", "10:00:00"))
    ]
    result = against_export(rows, _pricing(_point("2026-10-06", **marketing, volume=2, cost=2)))
    assert sorted(line.outcome for line in result.lines) == ["differs", "only_ours"]
    assert "as many fewer under 2026-10-05" in next(line.says for line in result.lines if line.outcome == "differs")


def test_what_lies_outside_the_log_is_theirs_and_normal() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY"}
    export = _pricing(
        _point("2026-10-04", **utility, volume=7, cost=1), _point("2026-10-05", **utility, volume=1, cost=0.0068)
    )
    result = against_export([_utility("2026-10-05T10:00:00")], export)
    assert [line.outcome for line in result.lines] == ["only_theirs", "matched"]
    assert "Outside the log" in result.lines[0].says
    assert result.agrees


def test_a_day_that_the_export_leaves_out_counts_nothing() -> None:
    """Analytics have no data point for what did not happen, so a row on such a day is a difference."""
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 1, "cost": 0.0068}
    rows = [_utility(f"2026-10-0{day}T10:00:00", id=str(day)) for day in (4, 5, 6, 7)]
    export = _pricing(*(_point(f"2026-10-0{day}", **utility) for day in (4, 6)))
    result = against_export(rows, export)
    only = {line.day: line.normal for line in result.lines if line.outcome == "only_ours"}
    assert only == {"2026-10-05": False, "2026-10-07": False}
    assert result.missing == ()


def test_free_rows_outside_the_time_of_an_export_are_as_expected() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 1, "cost": 0.0068}
    rows = [_utility("2026-10-04T10:00:00"), _service("2026-10-07T10:00:00", id="free", why="free_tier")]
    result = against_export(rows, _pricing(_point("2026-10-04", **utility)))
    assert [(line.outcome, line.normal) for line in result.lines] == [("matched", False), ("only_ours", True)]
    assert result.agrees


def test_cost_that_is_withheld_is_not_compared() -> None:
    export = _pricing(_point("2026-10-05", pricing_type="REGULAR", pricing_category="UTILITY", volume=1))
    result = against_export([_utility("2026-10-05T10:00:00")], export)
    assert result.agrees
    assert "Cost is withheld" in result.lines[0].says


def test_rows_without_an_amount_are_counted_and_their_cost_is_not_compared() -> None:
    export = _pricing(_point("2026-10-05", pricing_type="REGULAR", pricing_category="UTILITY", volume=2, cost=5))
    rows = [_utility("2026-10-05T10:00:00"), _utility("2026-10-05T11:00:00", id="n", amount=None)]
    line = against_export(rows, export).lines[0]
    assert line.outcome == "matched"
    assert line.our_unknown == 1
    assert "1 row of ours have no known amount" in line.says


@pytest.mark.parametrize(("cost", "outcome"), [(0.0068000000000000005, "matched"), (0.00681, "differs")])
def test_noise_of_binary_fractions_is_no_difference(cost: float, outcome: str) -> None:
    export = _pricing(_point("2026-10-05", pricing_type="REGULAR", pricing_category="UTILITY", volume=1, cost=cost))
    assert against_export([_utility("2026-10-05T10:00:00")], export).lines[0].outcome == outcome


def test_days_of_another_zone_are_noticed() -> None:
    export = _pricing(_point("2026-10-05", pricing_type="REGULAR", pricing_category="UTILITY", volume=1, cost=0.0068))
    row = _utility("2026-10-05T10:00:00")
    assert against_export([row], export).notes == ()
    notes = against_export([row], export, zones={"": ZoneInfo("Asia/Kolkata")}).notes
    assert len(notes) == 1
    assert "check the zone of the account" in notes[0]


def test_volume_tiers_take_the_rows_of_their_own_range() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY"}
    export = _pricing(
        _point("2026-10-05", **utility, tier="0:100", volume=1, cost=0.0068),
        _point("2026-10-05", **utility, tier="101:MAX", volume=1, cost=0.0068),
    )
    rows = [_utility("2026-10-05T10:00:00", id=str(volume), volume=volume) for volume in (100, 101)]
    result = against_export(rows, export)
    assert [line.ours for line in result.lines] == [("message/b/100/",), ("message/b/101/",)]
    assert result.agrees


def test_marketing_has_a_tier_without_a_ladder() -> None:
    marketing = {"pricing_type": "REGULAR", "pricing_category": "MARKETING", "tier": "0:MAX", "volume": 1, "cost": 1}
    row = _row("2026-10-05T10:00:00", category="marketing", line="marketing", why="regular", amount=Decimal(1))
    assert against_export([row], _pricing(_point("2026-10-05", **marketing))).agrees


def test_countries_come_from_the_calling_code_and_the_scoped_id() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 1, "cost": 0.0068}
    export = _pricing(*(_point("2026-10-05", **utility, country=country) for country in ("BR", "IN")))
    rows = [_utility("2026-10-05T10:00:00", id="one"), _utility("2026-10-05T10:00:00", id="two", customer="IN.123")]
    result = against_export(rows, export, countries=countries_by(shipped_markets()))
    assert [line.ours for line in result.lines] == [("message/b/one/",), ("message/b/two/",)]


def test_countries_that_share_a_calling_code_are_compared_together() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "cost": 0}
    export = _pricing(
        _point("2026-10-05", **utility, country="US", volume=2), _point("2026-10-05", **utility, country="CA", volume=1)
    )
    rows = [_utility("2026-10-05T10:00:00", id=str(n), customer="12125550100", amount=Decimal(0)) for n in range(3)]
    result = against_export(rows, export, countries=countries_by(shipped_markets()))
    assert len(result.lines) == 1
    assert len(result.lines[0].theirs) == 2
    assert result.agrees


def test_a_recipient_of_no_known_country_is_told_and_could_explain_the_difference() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 2, "cost": 0.0136}
    rows = [_utility("2026-10-05T10:00:00", id="one"), _utility("2026-10-05T10:00:00", id="two", customer="unknown")]
    export = _pricing(_point("2026-10-05", **utility, country="BR"))
    result = against_export(rows, export, countries=countries_by(shipped_markets()))
    assert [line.outcome for line in result.lines] == ["differs", "only_ours"]
    assert "1 message of ours without a known country could belong here" in result.lines[0].says
    assert "country is not known" in result.lines[1].says


def test_business_numbers_are_matched_through_the_link_or_not_at_all() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 1, "cost": 0.0068}
    export = _pricing(
        *(_point("2026-10-05", **utility, phone_number=number) for number in ("15550100001", "15550100002"))
    )
    rows = [_utility("2026-10-05T10:00:00", business=business) for business in ("1001", "1002")]
    linked = against_export(rows, export, phones={"1001": "15550100001", "1002": "+1 555 010 0002"})
    assert [len(line.ours) for line in linked.lines] == [1, 1]
    assert linked.notes == ()
    unlinked = against_export(rows, export)
    assert [(len(line.ours), len(line.theirs)) for line in unlinked.lines] == [(2, 2)]
    assert "numbers are not compared" in unlinked.notes[0]


@pytest.mark.parametrize(
    ("type", "category", "says"),
    [
        ("FREE_CUSTOMER_SERVICE", "UTILITY", "Under pmp-2026-10 no delivery is counted so"),
        ("REGULAR", "HOLOGRAM", "Nobody knows the word HOLOGRAM"),
        ("REGULAR", "MARKETING", "We count none of these"),
    ],
)
def test_a_data_point_that_no_row_explains_says_what_is_odd(type: str, category: str, says: str) -> None:
    export = _pricing(_point("2026-10-05", pricing_type=type, pricing_category=category, volume=3, cost=1))
    result = against_export([_utility("2026-10-05T10:00:00")], export)
    line = next(line for line in result.lines if line.theirs)
    assert line.outcome == "only_theirs"
    assert says in line.says


def test_what_no_text_says_how_to_count_is_left_out_with_its_rule() -> None:
    row = _row("2025-07-01T10:00:00", category="utility", why="transition_cbp", because=("PMP-07",))
    result = against_export([row], _pricing())
    assert result.lines == ()
    assert "PMP-07" in result.left_out[0].rules


@pytest.mark.parametrize(
    ("day", "category", "why", "type", "direction"),
    [
        ("2022-06-01", "user_initiated", "regular", "REGULAR", "USER_INITIATED"),
        ("2022-06-01", "business_initiated", "free_tier", "FREE_TIER", "BUSINESS_INITIATED"),
        ("2024-06-01", "service", "free_tier", "FREE_TIER", "USER_INITIATED"),
        ("2024-12-01", "service", "service_free_era", "REGULAR", "UNKNOWN"),
        ("2024-06-01", "marketing", "regular", "REGULAR", "BUSINESS_INITIATED"),
        ("2024-06-01", "free_entry_point", "free_entry_point", "FREE_ENTRY", "USER_INITIATED"),
    ],
)
def test_conversations_are_counted_by_category_direction_and_type(
    day: str, category: str, why: str, type: str, direction: str
) -> None:
    labels = {"conversation_type": type, "conversation_direction": direction}
    if category in terms.CATEGORIES or category == "service":
        labels["conversation_category"] = category.upper()
    point = _point(day, **labels, conversation=1, cost=0)
    export = read_analytics(_answer("conversation_analytics", point), "a")[0]
    conversation = _conversation(f"{day}T10:00:00", category, line=category if why == "regular" else None, why=why)
    message = _row(f"{day}T10:00:00", category="", why="attached", conversation="m")
    result = against_export([conversation, message], export)
    assert [line.outcome for line in result.lines] == ["matched"], result.lines
    assert result.left_out[0].rows == (message.key,)
    wrong = {**point, "conversation_type": "FREE_TIER" if type != "FREE_TIER" else "REGULAR"}
    export = read_analytics(_answer("conversation_analytics", wrong), "a")[0]
    assert sorted(line.outcome for line in against_export([conversation], export).lines) == ["only_ours", "only_theirs"]


# --- invoices ---------------------------------------------------------------------------------------
def _invoice(*lines: str, headings: str = "Month,Market,Category,Quantity,Amount,Currency") -> Export:
    return read_invoice("\n".join([headings, *lines]), "invoice.csv")


@pytest.mark.parametrize(
    ("line", "outcome", "member"),
    [
        ("2026-10,Brazil,Utility,2,0.0136,USD", "matched", None),
        ("2026-10,BRAZIL,UTILITY,2,0.0136,", "matched", None),
        ("2026-10,Brazil,Utility,3,0.0136,USD", "differs", "volume"),
        ("2026-10,Brazil,Utility,2,0.01360000001,USD", "differs", "cost"),
        ("2026-10,Brazil,Utility,,0.0136,USD", "matched", None),
    ],
)
def test_an_invoice_line_is_compared_exactly(line: str, outcome: str, member: str | None) -> None:
    rows = [_utility("2026-10-05T10:00:00", id=str(n)) for n in range(2)]
    result = against_export(rows, _invoice(line))
    assert [line.outcome for line in result.lines] == [outcome]
    assert list(_members(result.lines[0])) == ([member] if member else [])


@pytest.mark.parametrize("rest", ["9.9999,EUR", ",EUR", "9.9999,EUR\n2026-10,Brazil,Marketing,2,0.0136,USD"])
def test_an_invoice_in_another_currency_is_refused(rest: str) -> None:
    rows = [_utility("2026-10-05T10:00:00", id=str(n)) for n in range(2)]
    invoice = _invoice(*f"2026-10,Brazil,Utility,2,{rest}".split("\n"))
    with pytest.raises(BadExport, match=r"invoice\.csv, line 2: .* EUR .* USD.*in EUR"):
        against_export(rows, invoice)


def test_an_invoice_in_two_currencies_is_refused_also_beside_an_empty_ledger() -> None:
    with pytest.raises(BadExport, match=r"line 3: .* EUR .* USD"):
        against_export([], _invoice("2026-10,Brazil,Utility,2,1,USD", "2026-10,Brazil,Marketing,2,1,EUR"))
    alone = against_export([], _invoice("2026-10,Brazil,Utility,2,1,EUR"))
    assert (alone.currency, alone.tallies["only_theirs"].their_amount) == ("EUR", Decimal(1))


UNCOVERED = {
    "header only": _invoice(),
    "another month": _invoice("2026-09,Brazil,Utility,2,0.0136,USD"),
    "months around it": _invoice("2026-09,Brazil,Utility,2,0.0136,USD", "2026-11,Brazil,Utility,2,0.0136,USD"),
    "no data points": _pricing(),
    "data points of another month": _pricing(_point("2026-09-05", pricing_type="REGULAR", volume=2, cost=0.0136)),
}


@pytest.mark.parametrize("export", UNCOVERED.values(), ids=UNCOVERED)
def test_charged_rows_of_a_month_that_a_file_leaves_out_do_not_agree(export: Export) -> None:
    result = against_export([_utility("2026-10-05T10:00:00", id=str(n)) for n in range(2)], export)
    assert not result.agrees
    assert result.missing == ("2026-10",)
    ours = [line for line in result.lines if line.outcome == "only_ours"]
    assert [(line.our_volume, line.normal) for line in ours] == [(2, False)]
    text = list(report_lines(result))
    assert "they do not agree" in text[0]
    assert "the file has no entry for 2026-10" in text[1]
    assert write_reconciliation(result)["missing"] == ["2026-10"]


@pytest.mark.parametrize("export", UNCOVERED.values(), ids=UNCOVERED)
def test_free_rows_of_a_month_that_a_file_leaves_out_are_as_expected(export: Export) -> None:
    result = against_export([_service("2026-10-05T10:00:00", why="free_tier")], export)
    assert result.missing == ()
    assert all(line.normal for line in result.lines if line.ours)


def test_what_no_rule_prices_does_not_agree_with_an_empty_file() -> None:
    row = _row("2026-10-05T10:00:00", category="newsletter", why=None, amount=None)
    assert not against_export([row], _pricing()).agrees


def test_a_file_of_the_wrong_kind_that_counts_nothing_does_not_agree() -> None:
    """Charged conversations beside empty pricing analytics: nothing at all was compared."""
    opened = _conversation("2024-06-01T10:00:00", "marketing", amount=Decimal("0.0625"))
    result = against_export([opened], _pricing())
    assert (result.lines, result.missing, result.agrees) == ((), ("2024-06",), False)


def test_a_month_that_begins_in_another_day_of_the_account_is_covered() -> None:
    """Midnight in Sao Paulo is three hours into the UTC day."""
    start = _at("2026-10-01T03:00:00") // SECOND
    point = {"start": start, "end": start + 31 * 86_400, "pricing_type": "REGULAR", "volume": 1, "cost": 0.0068}
    row = _utility("2026-11-01T02:00:00", day="2026-10-31", period="2026-10")
    assert against_export([row], _pricing(point), zones={"": ZoneInfo("America/Sao_Paulo")}).agrees


def test_days_and_rates_of_an_invoice_are_used() -> None:
    headings = "date;country;category;quantity;unit price;total"
    invoice = _invoice("2026-10-05;BR;utility;1;0.0070;0.0070", headings=headings)
    row = _utility("2026-10-05T10:00:00", rate=Decimal("0.0068"))
    line = against_export([row], invoice, countries=countries_by(shipped_markets())).lines[0]
    assert set(_members(line)) == {"cost", "rate"}
    assert "GEO-01" in line.explained_by


def test_free_rows_are_compared_only_where_the_invoice_tells_them() -> None:
    free = _service("2026-10-05T10:00:00", why="free_tier")
    without = against_export([free], _invoice("2026-10,Brazil,Utility,1,0.05,USD"))
    assert without.left_out[0].rows == (free.key,)
    headings = "Month,Category,Type,Quantity,Amount"
    listed = against_export([free], _invoice("2026-10,Service,FREE_CUSTOMER_SERVICE,1,0", headings=headings))
    assert listed.agrees
    assert listed.left_out == ()


def test_thousands_commas_are_read_only_where_they_group_by_three() -> None:
    assert _invoice('2026-10,Brazil,Utility,"1,000","1,234.50",USD').entries[0].amount == Decimal("1234.50")
    with pytest.raises(BadExport, match="line 2"):
        _invoice('2026-10,Brazil,Utility,1,"1,23",USD')


def test_columns_that_are_not_understood_are_kept() -> None:
    invoice = read_invoice("Month,Category,Amount,Cost centre\n2026-10,utility,1,Sales\n", "i")
    assert dict(invoice.entries[0].extra) == {"Cost centre": "Sales"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("Day,Amount\n2026-10-01,1\n", "no column for category"),
        ("Day,Category,Amount,Total\n", "both the column 'amount'"),
        ("Day,Category,Amount\n2026-13,utility,1\n", "neither a day"),
        ("Day,Category,Amount\n2026-10,utility\n", "2 cells under 3 headings"),
        ("Day,Category,Amount,Quantity\n2026-10,utility,1,1.5\n", "whole number"),
        ("Day,Category,Amount\n2026-10,utility,1e3\n", "not an amount"),
        ("Day,Category,Amount,Currency\n2026-10,utility,1,dollars\n", "no currency"),
        ('Day,Category,Amount\n2026-10,"utility,1\n', "line"),
    ],
)
def test_an_invoice_that_cannot_be_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadExport, match=why):
        read_invoice(text, "invoice.csv")


def test_a_refused_invoice_lists_the_headings_that_are_understood() -> None:
    with pytest.raises(BadExport, match=r"pricing_category.*unit_price"):
        read_invoice("a,b\n1,2\n", "invoice.csv")


# --- what always holds --------------------------------------------------------------------------------
_AMOUNTS = st.one_of(st.none(), st.decimals(min_value=0, max_value=9, places=4))
_KINDS = st.sampled_from(["message", "message", "message", "conversation", "call", "correction"])
_WHYS = st.sampled_from([None, *terms.REASONS])


@st.composite
def _rows(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        book = draw(st.sampled_from(BOOKS))
        day = draw(st.integers(1, 4))
        stated = draw(
            st.one_of(
                st.none(),
                st.builds(
                    Stated,
                    model=st.sampled_from(["CBP", "PMP", ""]),
                    type=st.sampled_from(["", "regular", "free_customer_service", "new_word"]),
                    category=st.sampled_from(["", "utility", "service", "marketing", "referral_conversion"]),
                    conversation=st.sampled_from(["", "c1", "c2"]),
                    cost=_AMOUNTS,
                    currency=st.sampled_from(["USD", "EUR"]),
                    expires_at=st.one_of(st.none(), st.integers(0, 10**16)),
                    status=st.sampled_from(["sent", "delivered"]),
                    at=st.just(_at(f"2026-10-0{day}T09:00:00")),
                ),
            )
        )
        rows.append(
            _row(
                f"2026-10-0{day}T10:00:00",
                id=f"m{number}",
                kind=draw(_KINDS),
                edition=book.edition,
                rulebook=book.name,
                content=draw(st.sampled_from(["template", "free_form", "reaction", "app", "business_agent"])),
                category=draw(
                    st.sampled_from(["utility", "marketing", "authentication", "service", "", "free_entry_point"])
                ),
                line=draw(st.sampled_from([None, "utility", "marketing", "service"])),
                why=draw(_WHYS),
                amount=draw(_AMOUNTS),
                conversation=draw(st.sampled_from(["", "m0", "m1", f"m{number}"])),
                customer=draw(st.sampled_from(["5511900000010", "12125550100", "IN.1", "nobody"])),
                corrects=f"x{number}",
                stated=stated,
            )
        )
    return rows


@st.composite
def _exports(draw: st.DrawFn) -> Export:
    kind = draw(st.sampled_from(["pricing_analytics", "conversation_analytics", "invoice"]))
    made = []
    for number in range(draw(st.integers(0, 8))):
        day = draw(st.integers(1, 5))
        labels = {
            name: word
            for name, words in (
                ("country", ["BR", "US", "CA"]),
                ("type", ["regular", "free_customer_service", "odd"]),
                ("category", ["utility", "service", "marketing"]),
                ("tier", ["0:MAX", "0:10"]),
                ("phone", ["b", "15550100001"]),
            )
            if (word := draw(st.sampled_from([None, *words]))) is not None
        }
        begins = _at(f"2026-10-0{day}T00:00:00")
        time: dict[str, Any] = (
            {"begins": begins, "ends": begins + DAY} if kind != "invoice" else {"when": f"2026-10-0{day}"}
        )
        volume = draw(st.one_of(st.none(), st.integers(0, 4)))
        made.append(Entry(place=str(number), labels=labels, said=labels, volume=volume, amount=draw(_AMOUNTS), **time))
    return Export(name="export", kind=kind, entries=tuple(made))


def _check_partition(rows: list[Row], result: Reconciliation) -> None:
    ours = [key for line in result.lines for key in line.ours] + [
        key for group in result.left_out for key in group.rows
    ]
    assert Counter(ours) == Counter(row.key for row in rows)
    known = sum((row.amount for row in rows if row.amount is not None), Decimal(0))
    tallies = result.tallies.values()
    assert sum(tally.our_amount for tally in tallies) + sum(group.amount for group in result.left_out) == known
    assert sum(tally.lines for tally in tallies) == len(result.lines)
    assert {line.outcome for line in result.lines} <= set(OUTCOMES)
    for line in result.lines:
        assert bool(line.differences) == (line.outcome == "differs")
        assert bool(line.ours) or bool(line.theirs)
        assert line.outcome != "only_ours" or not line.theirs
        assert line.outcome != "only_theirs" or not line.ours


@given(rows=_rows(), export=_exports())
def test_every_row_and_every_entry_is_in_exactly_one_place_and_sums_are_kept(rows: list[Row], export: Export) -> None:
    result = against_export(rows, export, countries=countries_by(shipped_markets()))
    _check_partition(rows, result)
    theirs = Counter(place for line in result.lines for place in line.theirs)
    assert theirs == Counter(entry.place for entry in export.entries)
    known = sum((entry.amount for entry in export.entries if entry.amount is not None), Decimal(0))
    assert sum(tally.their_amount for tally in result.tallies.values()) == known


@given(rows=_rows(), undelivered=st.integers(0, 3))
def test_every_message_conversation_and_statement_is_in_exactly_one_line(rows: list[Row], undelivered: int) -> None:
    extra = {
        Recipient("b", f"x{number}", ""): _stated(model="CBP", category="utility", conversation="c9", status="failed")
        for number in range(undelivered)
    }
    result = against_webhook(rows, extra)
    _check_partition(rows, result)
    theirs = Counter(place for line in result.lines for place in line.theirs)
    assert max(theirs.values(), default=1) == 1
    stated = sum(row.kind == "message" and row.stated is not None and row.stated != Stated(
        status=row.stated.status, at=row.stated.at, expires_at=row.stated.expires_at, currency=row.stated.currency
    ) for row in rows)  # fmt: skip
    assert sum("conversation" not in place for place in theirs) == stated + undelivered


@given(rows=_rows(), export=_exports())
def test_the_order_of_rows_changes_no_outcome(rows: list[Row], export: Export) -> None:
    one, other = (against_export(each, export).tallies for each in (rows, rows[::-1]))
    assert one == other


# --- from real shapes -----------------------------------------------------------------------------------
def _ledger(*names: Path, account: bool = False) -> Ledger:
    log = read_all((str(name), name.read_text(encoding="utf-8")) for name in names)
    return _ledger_of(log, account)


def _ledger_of(log: Log, account: bool) -> Ledger:
    from fsm.service.account_files import account_of

    accounts = [account_of(str(FOLDER / "account.toml") if account else None)]
    return ledger_of(log, accounts, shipped_prices(), shipped_markets())


SAMPLE_READINGS = {
    "doc_pmp_2025_authentication_regular_delivered": ("matched", "authentication charged"),
    "doc_pmp_2025_utility_outside_window_regular_delivered": ("matched", "utility charged, outside the window"),
    # The sample is one status; nothing in it says that the customer wrote, so to us the window is closed.
    "doc_pmp_2025_utility_in_window_free_delivered": ("differs", "utility inside the window, free"),
    "doc_pmp_2026_10_service_free_tier_delivered": ("matched", "service inside the free tier"),
    # Nor does it hold the thousand messages before it.
    "doc_pmp_2026_10_service_regular_delivered": ("differs", "service beyond the free tier"),
    "doc_pmp_2026_10_utility_in_window_regular_delivered": ("matched", "utility charged, inside or outside the window"),
    "doc_pmp_marketing_max_price_delivered_with_cost": ("differs", "marketing charged"),
    "doc_pmp_read_only_no_delivered": ("matched", "marketing charged"),
    "obs_pmp_v23_service_free_delivered": ("matched", "any non-template"),
    "obs_cbp2022_business_initiated_delivered": ("matched", "belongs to a business initiated conversation"),
}


@pytest.mark.parametrize(("name", "expected"), SAMPLE_READINGS.items(), ids=SAMPLE_READINGS)
def test_a_constructed_sample_means_what_its_name_says(name: str, expected: tuple[str, str]) -> None:
    ledger = _ledger(SAMPLES / f"{name}.json")
    line = next(line for line in against_webhook(ledger.rows, ledger.undelivered).lines if line.about == "message")
    assert line.outcome == expected[0], line
    assert line.states.endswith(expected[1])


def test_every_constructed_sample_is_reconciled_without_loss() -> None:
    for sample in sorted(SAMPLES.glob("*.json")):
        ledger = _ledger(sample)
        result = against_webhook(ledger.rows, ledger.undelivered)
        _check_partition(list(ledger.rows), result)
        stated = sum(row.kind == "message" and row.stated is not None for row in ledger.rows) + len(ledger.undelivered)
        assert sum("conversation" not in place for line in result.lines for place in line.theirs) == stated, sample.name


# --- two months ---------------------------------------------------------------------------------------------
ZONES = {ACCOUNT: ZONE}
PHONES = {BUSINESS: NUMBER}


def _months() -> dict[str, Reconciliation]:
    """Both months beside everything that is known of them."""
    october = _ledger(FOLDER / "2026-10.jsonl", account=True)
    june = _ledger(FOLDER / "2025-06.jsonl", account=True)
    countries = countries_by(shipped_markets())
    common: dict[str, Any] = {"zones": ZONES, "phones": PHONES, "countries": countries}
    pricing = read_analytics((FOLDER / "2026-10-pricing.json").read_text(encoding="utf-8"), "pricing")[0]
    conversations = read_analytics(
        (FOLDER / "2025-06-conversations.json").read_text(encoding="utf-8"), "conversations"
    )[0]
    invoice = read_invoice((FOLDER / "2026-10-invoice.csv").read_text(encoding="utf-8"), "invoice")
    return {
        "october": against_webhook(october.rows, october.undelivered, ZONES),
        "pricing": against_export(october.rows, pricing, **common),
        "invoice": against_export(october.rows, invoice, **common),
        "june": against_webhook(june.rows, june.undelivered, ZONES),
        "conversations": against_export(june.rows, conversations, **common),
    }


@pytest.fixture(scope="module")
def months() -> dict[str, Reconciliation]:
    return _months()


FOUND = {
    # planted: against what, outcome, words of the line's name, rule, member
    "utility-as-before": ("october", "differs", "utility-as-before", "P26-13", "type"),
    "service-beyond-the-tier": ("october", "differs", "service-beyond-the-tier", "P26-02", "type"),
    "max-price": ("october", "differs", "max-price", "PMP-02", "cost"),
    "no-price": ("october", "only_ours", "no-price", "PMP-02", None),
    "failed": ("october", "only_theirs", "failed", "PMP-12", None),
    "counted-as-service": ("pricing", "only_theirs", "2026-10-08", "P26-03", None),
    "counted-a-day-later": ("pricing", "only_theirs", "2026-10-16", "LBL-05", None),
    "before-the-log": ("pricing", "only_theirs", "2026-09-30", None, None),
    "wrong-rate": ("invoice", "differs", "India Utility", "GEO-01", "rate"),
    "unknown-fee": ("invoice", "only_theirs", "Platform Fee", None, None),
    "not-invoiced": ("invoice", "only_ours", "AUTHENTICATION", "PMP-02", None),
    "late-end": ("june", "differs", "late-end", "LBL-02", "end"),
    "reopened": ("june", "differs", "message wamid.reopened", "CBP2-02", "opening"),
    "not-attached": ("june", "differs", "not-attached", "PMP-07", "model"),
    "one-conversation-more": ("conversations", "differs", "2025-06-12", "CBP2-01", "volume"),
}


def test_every_planted_difference_has_its_test() -> None:
    assert set(FOUND) == set(PLANTED)


@pytest.mark.parametrize("planted", FOUND)
def test_a_planted_difference_is_found_with_its_rule(planted: str, months: dict[str, Reconciliation]) -> None:
    against, outcome, name, rule, member = FOUND[planted]
    lines = [line for line in months[against].lines if name in line.name and line.outcome == outcome]
    assert len(lines) == 1, [line for line in months[against].lines if line.outcome != "matched"]
    assert rule is None or rule in lines[0].explained_by
    assert member is None or member in _members(lines[0])


def test_nothing_else_differs(months: dict[str, Reconciliation]) -> None:
    counts = {
        name: {outcome: tally.lines for outcome, tally in result.tallies.items() if outcome != "matched"}
        for name, result in months.items()
    }
    assert counts == {
        "october": {"differs": 3, "only_ours": 1, "only_theirs": 1},
        # A message moved to another place is missing in one and one too many in the other;
        # the cost that beats the card is the card's again in analytics and invoice.
        "pricing": {"differs": 1, "only_ours": 2, "only_theirs": 3},
        "invoice": {"differs": 2, "only_ours": 1, "only_theirs": 1},
        "june": {"differs": 3, "only_ours": 0, "only_theirs": 1},
        "conversations": {"differs": 1, "only_ours": 0, "only_theirs": 0},
    }


def test_each_line_that_needs_attention_names_a_rule_or_an_unknown_word(months: dict[str, Reconciliation]) -> None:
    for result in months.values():
        for line in result.lines:
            if line.outcome != "matched" and not line.normal:
                assert line.explained_by or "Nobody knows" in line.says, line


def test_the_files_of_the_months_are_what_their_script_writes() -> None:
    for name, text in files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run tests/reconcile_months.py"


# --- reports -------------------------------------------------------------------------------------------------
def test_a_report_tells_counts_then_money_then_examples(months: dict[str, Reconciliation]) -> None:
    text = "\n".join(report_lines(months["pricing"], examples=1))
    order = [
        "they do not agree",
        "our rows",
        "USD",
        "Explained by",
        "Differs",
        "Only ours, 1 of 2",
        "Only theirs, 1 of 3",
    ]
    assert sorted(order, key=text.index) == order
    assert max(map(len, text.splitlines())) <= 130
    assert "P26-03" in text


def test_amounts_that_nobody_states_are_not_shown_as_zero() -> None:
    utility = {"pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 1}
    row = _utility("2026-10-05T10:00:00")

    def shown(**cost: object) -> list[str]:
        text = list(report_lines(against_export([row], _pricing(_point("2026-10-05", **utility, **cost)))))
        return [line for line in text if line.startswith("matched")][1].split()

    assert shown() == "matched 0.0068 not stated 1 entry without an amount".split()
    assert shown(cost=0.0068) == ["matched", "0.0068", "0.0068"]
    assert " 0 " not in " ".join(shown())


def test_a_report_of_what_agrees_is_short() -> None:
    row = _utility("2026-10-05T10:00:00", stated=_pmp("regular", "utility"))
    assert "they agree" in next(report_lines(against_webhook([row])))
    assert "Explained by" not in "\n".join(report_lines(against_webhook([row])))


def test_programs_get_every_line_with_exact_amounts(months: dict[str, Reconciliation]) -> None:
    for result in months.values():
        plain = write_reconciliation(result)
        assert json.loads(json.dumps(plain)) == plain
        assert len(plain["lines"]) == len(result.lines)  # type: ignore[arg-type]
        assert all(len(record_of(result, line)) == len(COLUMNS) for line in result.lines)
    lines = write_reconciliation(months["invoice"])["lines"]
    assert {"25.00"} <= {line["their_amount"] for line in lines}  # type: ignore[attr-defined]


# --- the command ----------------------------------------------------------------------------------------------
def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser)
    return command.run(parser.parse_args(arguments))


def test_the_command_compares_with_everything_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    log, account = str(FOLDER / "2026-10.jsonl"), str(FOLDER / "account.toml")
    against = [
        part for name in ("pricing.json", "invoice.csv") for part in ("--against", str(FOLDER / f"2026-10-{name}"))
    ]
    arguments = [log, "--account", account, "--against", "webhook", *against, "--phone", f"{BUSINESS}={NUMBER}"]
    assert _run(*arguments) == 0
    text = capsys.readouterr().out
    assert text.count("they do not agree") == 3
    assert _run(*arguments, "--check") == 1
    capsys.readouterr()
    assert _run(*arguments, "--format", "json") == 0
    assert [result["kind"] for result in json.loads(capsys.readouterr().out)] == [
        "webhook",
        "pricing_analytics",
        "invoice",
    ]
    assert _run(*arguments, "--format", "csv") == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == ",".join(COLUMNS)
    assert len(table) > 60


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["--against", "missing.csv"], "cannot be read"), (["--phone", "123"], "links nothing")],
)
def test_the_command_refuses_what_it_cannot_read(arguments: list[str], why: str) -> None:
    with pytest.raises(BadExport, match=why):
        _run(str(FOLDER / "2026-10.jsonl"), *arguments)
