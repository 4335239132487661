"""A settled month stays as it was written; what becomes known later is a correction in the first open month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.errors import BadSettlement
from fsm.events import Account, Event
from fsm.ledger import Row, corrected, ledger_hash, settle, sum_of, sums_by, write_row
from fsm.ledger.saved import read_rows
from fsm.service.accounting import ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log
from fsm.webhooks import Alias, Call
from tests.ledger.making import ANA, BAKERY, DAY, HOUR, RAVI, card, instant, prices, rows_of, sent, status, wrote

SEPTEMBER = sent("s", "2026-09-10 12:00", "marketing") + sent("t", "2026-09-11 12:00", "utility", RAVI)
OCTOBER = sent("o", "2026-10-10 12:00", "marketing")
KNOWN = [*SEPTEMBER, *OCTOBER]
RATE, UTILITY = Decimal("0.0305"), Decimal("0.0014")


def settled_of(rows: Sequence[Row], through: str = "2026-09") -> tuple[Row, ...]:
    """The settled rows, written to a file and read back: what the next run begins with."""
    kept = [write_row(row) for row in settle(rows, through) if row.status == "settled"]
    return read_rows(json.dumps({"rows": kept}), "september.json")


def later(story: Sequence[Event], settled: Sequence[Row], **more: Any) -> tuple[Row, ...]:
    return rows_of(story, settled=settled, **more)


def corrections(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.kind == "correction"]


def delivery(id: str, at: str, name: str = "message_delivered", customer: str = ANA, **more: Any) -> Event:
    return Event(event=name, at=instant(at), business=BAKERY, customer=customer, id=id, **more)


DRIFTED = delivery(
    "t", "2026-09-11 12:00", "message_read", RAVI, content="template", category="marketing", inferred=True
)
"""Meta's status, which names another category than our own record, and is the first to report the delivery."""


# --- settling ---------------------------------------------------------------
def test_settling_marks_the_month_and_those_before_it_and_changes_nothing_else() -> None:
    rows = rows_of(KNOWN)
    done = settle(rows, "2026-09")
    assert [row.status for row in done] == ["settled", "settled", "provisional"]
    assert [attrs.evolve(row, status="provisional") for row in done] == list(rows)


def test_a_month_without_rows_cannot_be_settled() -> None:
    with pytest.raises(BadSettlement, match="no row of 2026-08 or before"):
        settle(rows_of(KNOWN), "2026-08")


def test_without_a_late_fact_there_is_no_correction() -> None:
    settled = settled_of(rows_of(KNOWN))
    rows = later([*KNOWN, *KNOWN], settled)
    assert not corrections(rows)
    assert rows == settle(rows_of(KNOWN), "2026-09")


def test_settled_rows_stay_byte_for_byte() -> None:
    settled = settled_of(rows_of(KNOWN))
    late = [*KNOWN, *sent("late", "2026-09-12 12:00", "marketing"), delivery("s", "2026-09-10 11:00", "message_read")]
    rows = later(late, settled, prices=prices(card("2026-07-01", {("Mexico", "marketing"): "9"})))
    kept = [row for row in rows if row.status == "settled"]
    assert ledger_hash(kept) == ledger_hash(settled)


# --- each kind of late fact -------------------------------------------------
def test_a_late_delivery_in_a_settled_month_is_a_correction_in_the_next() -> None:
    rows = later([*KNOWN, *sent("late", "2026-09-12 12:00", "marketing")], settled_of(rows_of(KNOWN)))
    (row,) = corrections(rows)
    assert (row.period, row.day, row.amount, row.units) == ("2026-10", "2026-09-12", RATE, 1)
    assert (row.corrects, row.status) == ("message/100000000000001/late/", "provisional")
    assert "was not there" in row.reason


def test_a_late_failure_beside_a_delivery_changes_no_money_and_makes_no_correction() -> None:
    late = [*KNOWN, delivery("s", "2026-09-10 12:05", "message_failed")]
    assert not corrections(later(late, settled_of(rows_of(KNOWN))))


def test_a_category_that_drifts_late_corrects_by_the_difference() -> None:
    rows = later([*KNOWN, DRIFTED], settled_of(rows_of(KNOWN)))
    back, row = sorted(corrections(rows), key=lambda row: row.units)
    assert (back.line, back.units, back.amount) == ("utility", -1, -UTILITY)
    assert (row.line, row.units, row.amount) == ("marketing", 1, Decimal("0.0118"))
    assert "line: utility became marketing" in row.reason
    assert "amount: 0.0014 became 0.0118" in row.reason


def test_what_moves_to_another_line_is_taken_back_there_and_booked_here_so_that_sums_by_line_are_right() -> None:
    rows = later([*KNOWN, DRIFTED], settled_of(rows_of(KNOWN)))
    now, then = (sums_by(found, lambda row: str(row.line)) for found in (rows, rows_of([*KNOWN, DRIFTED])))
    assert {line: (total.amount, total.units) for line, total in now.items() if total.units} == {
        line: (total.amount, total.units) for line, total in then.items() if total.units
    }
    assert now["utility"].amount == 0


def test_another_account_that_pays_is_told_by_a_correction() -> None:
    settled = settled_of(rows_of(KNOWN, Account(name="W")))
    moved = corrections(rows_of(KNOWN, Account(name="X"), settled=settled))
    assert {row.account for row in moved} == {"W", "X"}
    assert sum_of(moved).amount == 0


def test_two_names_that_turn_out_to_be_one_customer_make_no_correction_where_no_money_changes() -> None:
    settled = settled_of(rows_of(KNOWN))
    alias = Alias(business=BAKERY, ids=(ANA, "MX.77"))
    log = Log(events=list(KNOWN), places=[""] * len(KNOWN), aliases=[alias])
    rows = ledger_of(log, [Account()], shipped_prices(), shipped_markets(), settled=settled).rows
    assert not corrections(rows)


def test_an_earlier_delivery_that_moves_a_row_into_an_open_month_keeps_it_where_it_was_settled() -> None:
    """The clock of a log was wrong: what was settled in September was delivered in October."""
    settled = settled_of(rows_of(KNOWN))
    story = [*sent("s", "2026-09-10 12:00", "marketing", delivered="2026-10-02 12:00"), *SEPTEMBER[2:], *OCTOBER]
    rows = later(story, settled)
    (row,) = corrections(rows)
    assert "day: 2026-09-10 became 2026-10-02" in row.reason
    assert row.amount == Decimal("0.0397") - RATE
    assert [each.kind for each in rows if each.id == "s"] == ["message", "correction"]


def test_an_earlier_delivery_that_moves_a_row_out_of_an_open_month_is_a_correction() -> None:
    before = [*SEPTEMBER, *sent("x", "2026-09-29 12:00", "marketing", delivered="2026-10-01 12:00")]
    settled = settled_of(rows_of(before))
    rows = later([*before, delivery("x", "2026-09-30 12:00", "message_read")], settled)
    (row,) = corrections(rows)
    assert (row.period, row.day, row.amount) == ("2026-10", "2026-09-30", RATE)
    assert [each.kind for each in rows if each.id == "x"] == ["correction"]


def test_what_disappears_is_taken_back_under_its_rate_line() -> None:
    rows = later(SEPTEMBER[2:] + OCTOBER, settled_of(rows_of(KNOWN)))
    (row,) = corrections(rows)
    assert (row.line, row.amount, row.units) == ("marketing", -RATE, -1)
    assert sum_of(rows).amount == sum_of(rows_of(SEPTEMBER[2:] + OCTOBER)).amount


def test_what_was_free_and_disappears_is_said_too() -> None:
    story = wrote("2026-09-10 11:00") + sent("f", "2026-09-10 12:00", "free_form")
    rows = later(OCTOBER, settled_of(rows_of([*story, *OCTOBER])))
    assert [(row.id, row.amount, row.units) for row in corrections(rows)] == [("f", Decimal(0), 0)]


def test_a_late_customer_message_makes_a_settled_utility_message_free() -> None:
    settled = settled_of(rows_of(KNOWN))
    rows = later([*wrote("2026-09-11 11:00", RAVI), *KNOWN], settled)
    back, row = sorted(corrections(rows), key=lambda row: row.units)
    assert (back.id, back.amount, back.units, back.line) == ("t", -UTILITY, -1, "utility")
    assert (row.id, row.amount, row.units, row.line) == ("t", Decimal(0), 0, None)
    assert "why: regular became free_customer_service" in row.reason


def test_a_cost_that_arrives_late_corrects_the_amount() -> None:
    settled = settled_of(rows_of(KNOWN))
    told = {"category": "marketing", "cost": {"amount": "0.0300", "currency": "USD"}}
    rows = later(KNOWN, settled, evidence=[status("s", "2026-09-10 12:00", "sent", pricing=told)])
    assert [(row.id, row.amount) for row in corrections(rows)] == [("s", Decimal("0.0300") - RATE)]


def test_a_call_that_was_longer_than_settled_is_corrected_in_units_though_no_rate_is_known() -> None:
    def call(seconds: int) -> Call:
        return Call(
            business=BAKERY,
            customer=ANA,
            id="call",
            direction="business_initiated",
            event="terminate",
            status="COMPLETED",
            at=instant("2026-09-10 12:00"),
            seconds=seconds,
        )

    settled = settled_of(rows_of(KNOWN, calls=[call(6)]))
    (row,) = corrections(later(KNOWN, settled, calls=[call(6), call(56)]))
    assert (row.id, row.units, row.amount, row.reason) == ("call", 9, None, "units charged: 1 became 10")


# --- unknown amounts --------------------------------------------------------
def test_a_rate_that_becomes_known_is_paid_by_a_correction_once() -> None:
    unpriced = prices()
    settled = settled_of(rows_of(KNOWN, prices=unpriced))
    assert sum_of(settled).unknown == 2
    rows = later(KNOWN, settled)
    assert {row.id: row.amount for row in corrections(rows)} == {"s": RATE, "t": UTILITY}
    again = later([*KNOWN, *sent("n", "2026-11-02 12:00", "marketing")], settled_of(rows, "2026-10"))
    assert len(corrections(again)) == 2


def test_a_rate_that_is_not_known_any_more_gives_a_correction_without_an_amount_once() -> None:
    settled = settled_of(rows_of(KNOWN))
    lost = prices()
    rows = later(KNOWN, settled, prices=lost)
    assert [row.amount for row in corrections(rows)] == [None, None]
    again = later([*KNOWN, *sent("n", "2026-11-02 12:00", "marketing")], settled_of(rows, "2026-10"), prices=lost)
    assert len(corrections(again)) == 2
    found = later([*KNOWN, *sent("n", "2026-11-02 12:00", "marketing")], settled_of(rows, "2026-10"))
    assert sum(row.amount or 0 for row in found if row.id in "st" and row.kind == "correction") == Decimal(0)


# --- settling again ---------------------------------------------------------
def test_a_correction_that_is_settled_is_not_made_again() -> None:
    """Each run begins with everything that was settled: a late delivery is paid once, however often we settle."""
    late = [*KNOWN, *sent("late", "2026-09-12 12:00", "marketing")]
    rows = later(late, settled_of(rows_of(KNOWN)))
    november = [*late, *sent("n", "2026-11-02 12:00", "marketing")]
    rows = later(november, settled_of(later(november, settled_of(rows_of(KNOWN))), "2026-10"))
    assert [row.id for row in corrections(rows)] == ["late"]
    december = [*november, *sent("d", "2026-12-02 12:00", "marketing")]
    rows = later(december, settled_of(later(december, settled_of(rows, "2026-10")), "2026-11"))
    assert [row.id for row in corrections(rows)] == ["late"]
    assert sum_of(rows).amount == sum_of(rows_of(december)).amount


@pytest.mark.parametrize("moved", ["2026-09-20 12:00", "2026-10-02 12:00"])
def test_a_row_that_moved_is_not_moved_again_at_every_settlement(moved: str) -> None:
    story = [*sent("s", "2026-09-10 12:00", "marketing", delivered=moved), *SEPTEMBER[2:], *OCTOBER]
    rows = later(story, settled_of(rows_of(KNOWN)))
    assert len(corrections(rows)) == 1
    november = [*story, *sent("n", "2026-11-02 12:00", "marketing")]
    assert len(corrections(later(november, settled_of(rows, "2026-10")))) == 1


def test_a_correction_is_corrected_by_what_is_left() -> None:
    november = sent("n", "2026-11-02 12:00", "marketing")
    first = later([*KNOWN, DRIFTED, *november], settled_of(rows_of(KNOWN)))
    free = [*wrote("2026-09-11 11:00", RAVI), *KNOWN, *november]
    second = later(free, settled_of(first, "2026-10"))
    about = [row for row in corrections(second) if row.id == "t"]
    assert sorted((row.period, row.line, row.amount) for row in about if row.amount) == [
        ("2026-10", "marketing", Decimal("0.0118")),
        ("2026-10", "utility", -Decimal("0.0014")),
        ("2026-11", "marketing", -Decimal("0.0118")),
    ]
    assert any("line: marketing became nothing" in row.reason for row in about)
    assert sum_of(second).amount == sum_of(rows_of(free)).amount
    assert sum_of(second).units == sum_of(rows_of(free)).units


def test_what_disappears_and_comes_back_is_taken_back_and_paid_again() -> None:
    november = sent("n", "2026-11-02 12:00", "marketing")
    gone = later([*SEPTEMBER[2:], *OCTOBER, *november], settled_of(rows_of(KNOWN)))
    still = later([*SEPTEMBER[2:], *OCTOBER, *november], settled_of(gone, "2026-10"))
    assert len([row for row in corrections(still) if row.id == "s"]) == 1
    back = later([*KNOWN, *november], settled_of(gone, "2026-10"))
    assert [row.amount for row in corrections(back) if row.id == "s"] == [-RATE, RATE]
    assert sum_of(back).amount == sum_of(rows_of([*KNOWN, *november])).amount


def test_corrections_stand_in_january_after_december() -> None:
    known = sent("a", "2026-12-10 12:00", "marketing") + sent("b", "2027-01-10 12:00", "marketing")
    rows = later([*known, *sent("late", "2026-12-11 12:00", "marketing")], settled_of(rows_of(known), "2026-12"))
    assert [row.period for row in corrections(rows)] == ["2027-01"]


# --- what cannot be settled -------------------------------------------------
def test_two_settlements_of_one_row_are_refused() -> None:
    settled = settled_of(rows_of(KNOWN))
    with pytest.raises(BadSettlement, match="two settled rows are about the same thing"):
        corrected(rows_of(KNOWN), [*settled, *settled])


def test_rows_whose_ids_repeat_cannot_be_settled_against() -> None:
    """Which of the two changed could not be told; taking them for one would lose one of them."""
    twice = [*KNOWN, *sent("s", "2026-09-12 12:00", "utility", RAVI)]
    with pytest.raises(BadSettlement, match="two rows are about the same thing"):
        corrected(rows_of(twice), settled_of(rows_of(KNOWN)))


def test_another_currency_is_refused() -> None:
    settled = [attrs.evolve(row, currency="EUR") for row in settled_of(rows_of(KNOWN))]
    with pytest.raises(BadSettlement, match="EUR and USD"):
        corrected(rows_of(KNOWN), settled)


# --- always -----------------------------------------------------------------
_KINDS = ("marketing", "utility", "authentication", "free_form")


@st.composite
def _facts(draw: st.DrawFn) -> list[Event]:
    """A few messages, answers and statuses between August and October 2026; some tell of the same message."""
    story: list[Event] = []
    for _ in range(draw(st.integers(0, 6))):
        number = draw(st.integers(0, 6))
        at = instant("2026-08-28 00:00") + number * 7 * DAY + draw(st.integers(0, 47)) * HOUR
        customer = draw(st.sampled_from((ANA, RAVI)))
        if draw(st.booleans()):
            story += wrote(at, customer)
        # A status that comes more than thirty days late finds its message forgotten, and has no amount.
        delay = draw(st.one_of(st.none(), st.integers(0, 25 * 24)))
        what, delivered = draw(st.sampled_from(_KINDS)), None if delay is None else delay * HOUR
        story += sent(f"{customer}-{number}", at, what, customer, delivered=delivered)
    return story


@settings(max_examples=60, deadline=None)
@given(first=_facts(), second=_facts(), third=_facts())
def test_settled_and_corrections_together_are_what_is_known_now(
    first: list[Event], second: list[Event], third: list[Event]
) -> None:
    settled: tuple[Row, ...] = ()
    known: list[Event] = []
    for facts, through in ((first, "2026-08"), (second, "2026-09"), (third, "2026-10")):
        known += facts
        rows = later(known, settled)
        fresh = rows_of(known)
        assert all(row.amount is not None for row in fresh)
        assert sum_of(rows).amount == sum_of(fresh).amount
        assert sum_of(rows).units == sum_of(fresh).units
        kept = [row for row in rows if row.status == "settled"]
        assert ledger_hash(kept) == ledger_hash(settled)
        assert len({row.key for row in rows}) == len(rows)
        if any(row.period <= through for row in rows):
            settled = settled_of(rows, through)
            # Nothing new: nothing changes.
            assert len(later(known, settled)) == len(rows)
