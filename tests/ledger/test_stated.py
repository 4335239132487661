"""What Meta's statuses state beside our own reckoning: price, conversation, cost, and when they differ."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from fsm.ledger import Row, Stated
from fsm.service.accounting import stated_by
from tests.ledger.making import ANA, instant, ledger, row_of, sent, status, wrote

AT = "2026-08-15 12:00"
PRICE = {"pricing_model": "PMP", "type": "regular", "category": "marketing", "billable": True}
RATE = Decimal("0.0305")


def costs(amount: object, currency: str = "USD") -> dict[str, object]:
    return {**PRICE, "cost": {"amount": amount, "currency": currency}}


def row(*pricings: Mapping[str, object] | None, what: str = "marketing", **more: Any) -> Row:
    """The row of one message with a `sent`, `delivered` and `read` that state these prices."""
    names = ("sent", "delivered", "read")
    told = [status("a", f"2026-08-15 12:0{n}", names[n], pricing=pricing) for n, pricing in enumerate(pricings)]
    return row_of("a", ledger(sent("a", AT, what), evidence=told, **more).rows)


def test_the_words_of_a_status_are_kept_as_meta_writes_them() -> None:
    stated = row({**PRICE, "category": "Something-New", "type": "odd", "subtype": "paid_exempt"}).stated
    assert stated is not None
    assert (stated.model, stated.type, stated.category, stated.subtype, stated.billable) == (
        "PMP",
        "odd",
        "Something-New",
        "paid_exempt",
        True,
    )


@pytest.mark.parametrize(
    ("written", "read"), [(True, True), (False, False), ("false", None), (1, None), (None, None)], ids=repr
)
def test_billable_is_true_false_or_not_told_and_never_a_text_that_looks_like_it(
    written: object, read: bool | None
) -> None:
    """PB-38 and PB-39: the text "false" is not false, and what is absent is unknown."""
    stated = row({**PRICE, "billable": written}).stated
    assert stated is not None
    assert stated.billable is read


@pytest.mark.parametrize("billable", [True, False, None])
def test_billable_moves_no_money(billable: bool | None) -> None:
    assert row({**PRICE, "billable": billable}).amount == RATE


# --- cost -------------------------------------------------------------------
@pytest.mark.parametrize("written", ["0.0305", 0.0305, "0.03050"], ids=["text", "number", "longer"])
def test_a_cost_that_agrees_with_the_card_prices_the_row_without_a_doubt(written: object) -> None:
    found = row(costs(written))
    assert (found.amount, found.priced_by, found.flags) == (RATE, "cost", ())
    assert found.rate == RATE


@pytest.mark.parametrize("written", ["0.0300", 0, "0"], ids=["less", "zero", "zero as text"])
def test_a_cost_that_differs_beats_the_card_and_is_flagged(written: object) -> None:
    found = row(costs(written))
    assert (found.amount, found.priced_by, found.flags) == (Decimal(str(written)), "cost", ("cost_differs",))


def test_a_cost_in_another_currency_is_kept_beside_the_card() -> None:
    found = row(costs("2.50", "INR"))
    assert (found.amount, found.priced_by, found.flags) == (RATE, "card", ("cost_in_another_currency",))
    assert found.stated is not None
    assert (found.stated.cost, found.stated.currency) == (Decimal("2.50"), "INR")


def test_a_cost_of_what_the_rules_make_free_is_a_contradiction_and_no_charge() -> None:
    told = [status("a", AT, "sent", pricing=costs("0.0085"))]
    made = ledger(wrote("2026-08-15 11:00") + sent("a", AT, "utility"), evidence=told)
    (found,) = made.rows
    assert (found.amount, found.line, found.flags) == (Decimal(0), None, ("cost_of_a_free_message",))
    free = ledger(
        wrote("2026-08-15 11:00") + sent("a", AT, "utility"),
        evidence=[status("a", AT, "sent", pricing=costs("0"))],
    )
    assert free.rows[0].flags == ()


def test_a_cost_prices_what_no_card_knows() -> None:
    made = ledger(
        sent("a", "2027-03-01 12:00", "marketing"),
        evidence=[status("a", "2027-03-01 12:00", "sent", pricing=costs("0.0400"))],
    )
    (found,) = made.rows
    assert (found.amount, found.priced_by, found.rate, found.flags) == (Decimal("0.0400"), "cost", None, ())


@pytest.mark.parametrize("written", [None, True, [], {}, "abc", "1e3", "NaN", "٣"], ids=repr)
def test_a_cost_that_is_no_amount_is_left_out(written: object) -> None:
    found = row(costs(written))
    assert (found.amount, found.priced_by) == (RATE, "card")


@pytest.mark.parametrize("cost", ["0.03", 0.03, [], None], ids=repr)
def test_a_cost_that_is_no_object_is_left_out(cost: object) -> None:
    assert row({**PRICE, "cost": cost}).priced_by == "card"


# --- several statuses -------------------------------------------------------
def test_statuses_that_state_one_price_raise_no_doubt() -> None:
    found = row(PRICE, PRICE, PRICE)
    assert found.stated is not None
    assert (found.stated.status, found.stated.differs, found.flags) == ("sent", False, ())


def test_statuses_that_state_different_prices_are_flagged_and_the_delivery_counts() -> None:
    found = row(costs("0.01"), costs("0.02"), costs("0.03"))
    assert (found.amount, "evidence_differs" in found.flags) == (Decimal("0.02"), True)


def test_a_status_without_a_price_neither_counts_nor_contradicts() -> None:
    told = [
        status("a", AT, "sent", conversation={"id": "conv"}),
        status("a", "2026-08-15 12:01", "delivered", pricing=PRICE),
        status("a", "2026-08-15 12:02", "read", conversation={"id": "conv"}),
    ]
    found = row_of("a", ledger(sent("a", AT, "marketing"), evidence=told).rows)
    assert found.stated is not None
    assert (found.stated.type, found.stated.conversation, found.flags) == ("regular", "conv", ())


def test_what_only_a_later_status_says_of_the_conversation_is_kept() -> None:
    told = [
        status("a", AT, "sent", pricing=PRICE),
        status("a", "2026-08-15 12:01", "delivered", pricing=PRICE, conversation={"id": "conv"}),
    ]
    for evidence in (told, told[::-1], [*told, *told]):
        found = row_of("a", ledger(sent("a", AT, "marketing"), evidence=evidence).rows)
        assert found.stated is not None
        assert (found.stated.conversation, found.stated.status, found.flags) == ("conv", "sent", ())


def test_a_later_status_without_end_or_origin_does_not_erase_them() -> None:
    """PB-40."""
    ends = instant("2025-06-03 12:01") // 1_000_000
    first = {"id": "conv", "origin": {"type": "marketing"}, "expiration_timestamp": str(ends)}
    told = [
        status("a", "2025-06-02 12:00", "sent", pricing=PRICE, conversation=first),
        status("a", "2025-06-02 12:01", "delivered", pricing={**PRICE, "type": "x"}, conversation={"id": "conv"}),
    ]
    made = ledger(sent("a", "2025-06-02 12:00", "marketing"), evidence=told)
    for found in made.rows:
        assert found.stated is not None
        assert (found.stated.expires_at, found.stated.origin) == (ends * 1_000_000, "marketing")


@pytest.mark.parametrize(
    "conversation", [{"id": "conv"}, {"id": "conv", "origin": {"type": "marketing"}}], ids=["id", "id and origin"]
)
def test_statuses_give_one_answer_in_any_order_and_number(conversation: dict[str, object]) -> None:
    ends = {"id": "conv", "expiration_timestamp": "1786881600"}
    told = [
        status("a", AT, "sent", pricing=PRICE),
        status("a", "2026-08-15 12:01", "delivered", pricing=PRICE, conversation=conversation),
        status("a", "2026-08-15 12:01", "read", pricing=costs("0.02"), conversation=ends),
    ]
    stories = [order for extra in ([], told[:1], told[1:]) for order in permutations([*told, *extra])]
    found = {ledger(sent("a", AT, "marketing"), evidence=order).rows for order in stories}
    assert len(found) == 1


def test_a_status_in_one_second_with_another_counts_in_the_order_in_which_they_happen() -> None:
    told = [status("a", AT, name, pricing=PRICE) for name in ("read", "delivered", "sent")]
    found = row_of("a", ledger(sent("a", AT, "marketing"), evidence=told).rows)
    assert found.stated is not None
    assert found.stated.status == "sent"


# --- what has no row --------------------------------------------------------
def test_what_is_stated_of_a_message_that_was_never_delivered_is_kept_and_prices_nothing() -> None:
    """A `sent` with a price is no delivery: never bill on it."""
    made = ledger(
        sent("a", AT, "marketing", delivered=None), evidence=[status("a", AT, "sent", pricing=costs("0.0305"))]
    )
    assert made.rows == ()
    assert [(which.id, said.cost) for which, said in made.undelivered.items()] == [("a", RATE)]


def test_a_conversation_row_is_not_priced_by_the_cost_of_a_message() -> None:
    made = ledger(
        sent("a", "2025-06-02 12:00", "marketing"),
        evidence=[status("a", "2025-06-02 12:00", "sent", pricing=costs("9.99"))],
    )
    assert row_of("a", made.rows, "conversation").priced_by == "card"
    assert row_of("a", made.rows).amount == Decimal(0)


@pytest.mark.parametrize(
    ("written", "read"),
    [("1754985600", 1_754_985_600_000_000), (1_754_985_600, 1_754_985_600_000_000), (0, 0), ("0", 0)],
    ids=["text", "number", "zero", "zero as text"],
)
def test_an_end_is_read_as_text_or_number(written: object, read: int) -> None:
    assert _end(written).expires_at == read


@pytest.mark.parametrize("written", [True, -1, 1.5, "1e9", "٣", "", None, 10**40, "9" * 30, []], ids=repr)
def test_an_end_that_is_no_instant_is_left_out(written: object) -> None:
    assert _end(written).expires_at is None


def _end(written: object) -> Stated:
    return stated_by(status("a", AT, "sent", ANA, conversation={"expiration_timestamp": written}))
