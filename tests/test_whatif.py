"""The same traffic under several rulebooks: what each costs, which rules differ, and what would avoid it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.cli import whatif as command
from fsm.errors import BadComparison, UnknownRulebook
from fsm.events import Account, Event, micros, parse_instant, write_event
from fsm.ledger import Row
from fsm.rates import prices_of
from fsm.rulebooks.timeline import names
from fsm.service.accounting import ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log
from fsm.webhooks import Evidence
from fsm.whatif import (
    Answer,
    Assumptions,
    Comparison,
    Step,
    Suggestion,
    compare,
    comparison_picture,
    delivery_cells,
    what_if,
    write_answer,
)
from fsm.whatif.compare import pattern_words
from fsm.whatif.picture import short
from fsm.whatif.sides import Which, sides_of
from fsm.whatif.written import DELIVERY_COLUMNS

INDIA = "919812345678"
SPAIN = "34600111222"
BEFORE, AFTER = "pmp-2025-07", "pmp-2026-10"
MONDAY = parse_instant("2026-10-05T10:00:00Z")
MINUTE, HOUR, SECOND = 60_000_000, 3_600_000_000, 1_000_000
DAY = 24 * HOUR
NO_FREE_UNITS = Account(free_left=0)


# --- traffic --------------------------------------------------------------------
def asked(at: int, id: str, customer: str = INDIA, business: str = "100", **members: Any) -> Event:
    return Event(event="customer_message", at=at, business=business, customer=customer, id=id, **members)


def said(
    at: int,
    id: str,
    content: str = "free_form",
    category: str | None = None,
    customer: str = INDIA,
    business: str = "100",
) -> list[Event]:
    sent = Event(
        event="message_sent",
        at=at,
        business=business,
        customer=customer,
        id=id,
        content=content,
        category=category,
    )
    return [sent, attrs.evolve(sent, event="message_delivered", at=at + SECOND, content=None, category=None)]


def log_of(events: Iterable[Event]) -> Log:
    listed = list(events)
    return Log(events=listed, places=["hand-made"] * len(listed))


def asking(events: Iterable[Event], *rulebooks: str, account: Account = NO_FREE_UNITS, **members: Any) -> Answer:
    return what_if(log_of(events), (account,), shipped_prices(), shipped_markets(), rulebooks, **members)


def step_of(
    events: Iterable[Event], before: str = BEFORE, after: str = AFTER, account: Account = NO_FREE_UNITS
) -> Step:
    return asking(events, before, after, account=account, suggest=False).comparison.steps[0]


def suggestion(events: Iterable[Event], name: str, after: str = AFTER, account: Account = NO_FREE_UNITS) -> Suggestion:
    found = asking(events, AFTER if after == BEFORE else BEFORE, after, account=account).suggestions
    return next(one for one in found if one.name == name)


def cost(events: Iterable[Event], rulebook: str = AFTER, account: Account = NO_FREE_UNITS) -> Decimal:
    """What a ledger made by hand says: the other way to the same amount."""
    rows = ledger_of(
        log_of(events), (account,), shipped_prices(), shipped_markets(), rulebook=rulebook, partial=True
    ).rows
    assert all(row.amount is not None for row in rows)
    return sum((row.amount for row in rows if row.amount is not None), Decimal(0))


def bubbles(customer: str = INDIA, at: int = MONDAY) -> list[Event]:
    """A question, and an answer in three free-form messages."""
    return [
        asked(at, f"q{customer}", customer),
        *(
            event
            for n in range(3)
            for event in said(at + MINUTE + n * 20 * SECOND, f"b{n}{customer}", customer=customer)
        ),
    ]


def changes(step: Step) -> dict[str, int]:
    return {change.name: change.count for change in step.changes if change.count}


def days(step: Step) -> list[tuple[str, str, int]]:
    return [(pattern_words(p.before), pattern_words(p.after), p.days) for p in step.patterns]


def busy() -> list[Event]:
    """Something of everything: bubbles, every category inside and outside the window, an entry point, two numbers."""
    return [
        *bubbles(),
        *said(MONDAY + HOUR, "u", "template", "utility"),
        *said(MONDAY + 2 * HOUR, "m", "template", "marketing"),
        *said(MONDAY + 3 * HOUR, "a", "template", "authentication"),
        *said(MONDAY + 3 * DAY, "late", "template", "utility"),
        asked(MONDAY, "ad", SPAIN, entry="ad"),
        *said(MONDAY + MINUTE, "fep", customer=SPAIN),
        *said(MONDAY + 2 * DAY, "fepm", "template", "marketing", customer=SPAIN),
        asked(MONDAY, "other", SPAIN, "200"),
        *said(MONDAY + MINUTE, "x", "template", "newsletter", SPAIN, "200"),
        *said(MONDAY + HOUR, "react", "reaction", None, SPAIN, "200"),
    ]


# --- what became charged, and why --------------------------------------------------
@pytest.mark.parametrize(
    ("rulebook", "charged"),
    [
        ("cbp-2023-06", "1 service conversation"),
        ("cbp-2024-11", "1 free service conversation"),
        ("pmp-2025-07", "nothing charged"),
    ],
)
def test_one_answer_in_three_bubbles_becomes_three_service_messages(rulebook: str, charged: str) -> None:
    """PB-51: one conversation while those were charged, nothing afterwards, three messages since 2026-10-01."""
    assert days(step_of(bubbles(), rulebook)) == [(charged, "3 service messages", 1)]


def test_the_first_of_three_bubbles_carries_the_conversation_and_the_others_become_charged() -> None:
    step = step_of(bubbles(), "cbp-2023-06")
    assert changes(step) == {"became charged": 2, "price changed (rule)": 1}
    assert step.difference == cost(bubbles()) - cost(bubbles(), "cbp-2023-06") == step.rules
    assert step.rates == 0


def test_a_conversation_with_three_bubbles_becomes_one_charge_when_read_backwards() -> None:
    assert changes(step_of(bubbles(), AFTER, "cbp-2023-06")) == {"became free": 2, "price changed (rule)": 1}


def test_bubbles_inside_the_free_tier_stay_free() -> None:
    step = step_of(bubbles(), account=Account())
    assert changes(step) == {"unchanged": 3}
    assert (step.difference, step.causes, step.patterns) == (0, (), ())


def test_utility_inside_the_window_becomes_charged_and_the_rule_is_named() -> None:
    """PB-41: free while the window is open until 2026-09-30, charged inside it since."""
    step = step_of([asked(MONDAY, "q"), *said(MONDAY + HOUR, "u", "template", "utility")])
    (cause,) = step.causes
    assert cause.rules == ("P26-03",)
    assert cause.instead_of == ("PMP-03",)
    assert cause.says == ("Utility templates are charged inside the window too, and use nothing of the free tier.",)
    assert cause.changes == (("became charged", 1),)
    assert cause.difference == Decimal("0.0014") == step.rules


def test_utility_outside_the_window_is_charged_under_both() -> None:
    (delivery,) = step_of(said(MONDAY, "u", "template", "utility")).deliveries
    assert (delivery.before.state, delivery.after.state) == ("charged", "charged")
    assert delivery.rules == 0


def test_free_form_becomes_charged_only_beyond_the_free_units_of_its_number() -> None:
    """PB-42: two units are left on each number; five messages on one and two on the other."""
    events = [asked(MONDAY, "q"), asked(MONDAY, "q2", business="200")]
    events += [event for n in range(5) for event in said(MONDAY + HOUR + n * HOUR, f"a{n}")]
    events += [event for n in range(2) for event in said(MONDAY + HOUR + n * HOUR, f"b{n}", business="200")]
    step = step_of(events, account=Account(free_left=2))
    assert changes(step) == {"became charged": 3, "unchanged": 4}
    assert [cause.rules for cause in step.causes] == [("P26-01",)]
    assert {one.about.which.business for one in step.deliveries if one.change == "became charged"} == {"100"}


def test_what_an_entry_point_makes_free_stays_free() -> None:
    events = [
        asked(MONDAY, "q", entry="ad"),
        *said(MONDAY + HOUR, "a"),
        *said(MONDAY + 2 * HOUR, "u", "template", "utility"),
    ]
    assert changes(step_of(events)) == {"unchanged": 2}


def test_the_same_line_at_another_rate_is_a_difference_of_rates() -> None:
    events = said(MONDAY, "m", "template", "marketing", SPAIN)
    before = list(rows_under(events, BEFORE))
    after = [attrs.evolve(row, rate=Decimal("0.07"), amount=Decimal("0.07")) for row in before]
    step = compare([("a", before), ("b", after)], currency="USD", sentences={}).steps[0]
    assert changes(step) == {"price changed (rate)": 1}
    assert step.rates == Decimal("0.07") - before[0].amount == step.difference  # type: ignore[operator]
    assert step.causes == ()


def test_another_line_is_a_difference_of_rules_even_at_the_same_price() -> None:
    row = hand_row("m", line="utility", amount="0.01")
    step = compare(
        [("a", [row]), ("b", [attrs.evolve(row, line="marketing", because=("R",))])], currency="USD", sentences={}
    ).steps[0]
    assert changes(step) == {"price changed (rule)": 1}
    assert step.difference == 0
    assert step.causes[0].count == 1


def test_a_call_with_other_pulses_is_a_difference_of_rules() -> None:
    row = attrs.evolve(hand_row("c", line="calling", amount="0.01"), kind="call", units=2)
    step = compare(
        [("a", [row]), ("b", [attrs.evolve(row, units=3, amount=Decimal("0.015"))])], currency="USD", sentences={}
    ).steps[0]
    assert changes(step) == {"price changed (rule)": 1}
    assert (step.rules, step.rates) == (Decimal("0.005"), 0)


def rows_under(events: Iterable[Event], rulebook: str) -> tuple[Row, ...]:
    return ledger_of(
        log_of(events), (NO_FREE_UNITS,), shipped_prices(), shipped_markets(), rulebook=rulebook, partial=True
    ).rows


@cache
def busy_rows(rulebook: str) -> tuple[Row, ...]:
    return rows_under(busy(), rulebook)


def parts_add_up(comparison: Comparison) -> None:
    """What must be true of every comparison."""
    by_name = {priced.name: priced.total for priced in comparison.rulebooks}
    for step in comparison.steps:
        before, after = by_name[step.before], by_name[step.after]
        assert step.rules + step.rates + step.one_sided == after.amount - before.amount == step.difference
        assert sum(c.count for c in step.changes) == len(step.deliveries)
        assert sum(c.difference for c in step.changes) == step.rules + step.rates
        assert sum(c.difference for c in step.causes) == step.rules
        assert sum(p.difference for p in step.patterns) == step.rules + step.rates
        assert sum(r.difference for r in step.rises) == step.rules + step.rates
        assert sum(c.unknown for c in step.changes) == step.unknown
    for splits in comparison.splits.values():
        for place, priced in enumerate(comparison.rulebooks):
            assert sum(split.totals[place].amount for split in splits) == priced.total.amount
            assert sum(split.totals[place].deliveries for split in splits) == priced.total.deliveries
            assert sum(split.totals[place].unknown for split in splits) == priced.total.unknown
    for priced in comparison.rulebooks:
        assert priced.total.charged + priced.total.free + priced.total.undecided == priced.total.deliveries


@pytest.mark.parametrize("pair", list(permutations(names(), 2)), ids="-to-".join)
def test_every_pair_of_rulebooks_is_compared_and_adds_up(pair: tuple[str, str]) -> None:
    comparison = compare([(name, busy_rows(name)) for name in pair], currency="USD", sentences={})
    parts_add_up(comparison)
    assert [priced.total.deliveries for priced in comparison.rulebooks] == [11, 11]
    assert comparison_picture(comparison).clashes() == ()


def test_the_totals_are_the_sums_of_the_ledgers() -> None:
    comparison = asking(busy(), *names(), suggest=False).comparison
    for priced in comparison.rulebooks:
        rows = busy_rows(priced.name)
        assert priced.total.amount == sum(row.amount for row in rows if row.amount is not None)


# --- exact sums, whatever the rows ----------------------------------------------------
def hand_row(id: str, **members: Any) -> Row:
    amount = members.pop("amount", None)
    told: dict[str, Any] = {
        "kind": "message",
        "business": "100",
        "customer": INDIA,
        "at": MONDAY,
        "day": "2026-10-05",
        "period": "2026-10",
        "rulebook": "r",
        "edition": "r (2026)",
        "currency": "USD",
        "market": "India",
        "why": "regular",
    }
    return Row(id=id, amount=None if amount is None else Decimal(amount), **(told | members))


amounts = st.one_of(
    st.none(),
    st.just(Decimal(0)),
    st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=7),
    st.just(Decimal("1E-20")),
    st.just(Decimal("123456789012345678901234567890.123456789")),
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Row]:
    rows = []
    for n in range(6):
        if draw(st.booleans()):
            line = draw(st.sampled_from([None, "utility", "service", "marketing"]))
            why = draw(st.sampled_from(["regular", "free_tier", None])) if line is None else "regular"
            rows.append(
                hand_row(
                    f"m{n}",
                    customer=f"c{n % 3}",
                    kind=draw(st.sampled_from(["message", "conversation", "call"])),
                    line=line,
                    why=why,
                    amount=draw(amounts) if line else (None if why is None else 0),
                    because=tuple(draw(st.lists(st.sampled_from(["R-1", "R-2", "R-3"]), max_size=2, unique=True))),
                    market=draw(st.sampled_from(["India", None])),
                    units=draw(st.integers(1, 3)),
                )
            )
    return rows


@given(st.lists(ledgers(), min_size=2, max_size=4))
@settings(max_examples=150, deadline=None)
def test_rules_and_rates_and_what_one_side_knows_add_up_exactly(rows: list[list[Row]]) -> None:
    comparison = compare([(f"r{n}", mine) for n, mine in enumerate(rows)], currency="USD", sentences={})
    by_name = {priced.name: priced.total.amount for priced in comparison.rulebooks}
    from fsm.rates import total

    for step in comparison.steps:
        exact = total((by_name[step.after], by_name[step.before].copy_negate()))
        assert total((step.rules, step.rates, step.one_sided)) == exact
        assert total(cause.difference for cause in step.causes) == step.rules
        assert total(p.difference for p in step.patterns) == total((step.rules, step.rates))
        assert total(one.one_sided for one in step.deliveries if not one.unknown) == 0
        assert all(one.rules == one.rates == 0 for one in step.deliveries if one.unknown)
    assert comparison_picture(comparison).clashes() == ()


# --- what is not known -------------------------------------------------------------
def test_an_unknown_amount_is_counted_and_never_zero() -> None:
    known, unknown = hand_row("m", line="utility", amount="0.5"), hand_row("m", line="utility")
    step = compare([("a", [known]), ("b", [unknown])], currency="USD", sentences={}).steps[0]
    assert (step.rules, step.rates, step.one_sided, step.unknown) == (0, 0, Decimal("-0.5"), 1)
    assert changes(step) == {"cannot be told": 1}


def test_a_message_that_became_charged_at_an_unknown_rate_is_told_without_money() -> None:
    free, charged = hand_row("m", why="free_tier", amount=0), hand_row("m", line="service", because=("P26-01",))
    step = compare([("a", [free]), ("b", [charged])], currency="USD", sentences={}).steps[0]
    assert changes(step) == {"became charged": 1}
    assert (step.causes[0].difference, step.causes[0].unknown) == (0, 1)


def test_without_any_rate_card_the_answer_counts_and_states_no_money() -> None:
    answer = what_if(
        log_of(bubbles()), (NO_FREE_UNITS,), prices_of((), currency="EUR"), shipped_markets(), (BEFORE, AFTER)
    )
    after = answer.comparison.rulebooks[1].total
    assert (after.amount, after.unknown, after.charged) == (0, 3, 3)
    assert "0 EUR plus 3 messages without a known rate" in told(answer)
    assert all(one.saving == 0 for one in answer.suggestions)
    assert next(one for one in answer.suggestions if one.name == "bubbles").unknown == 2


def test_a_message_no_rulebook_covers_is_not_taken_for_free() -> None:
    """In 2018 no rulebook was in force: `auto` has no row, and a comparison with it no difference in money."""
    at = parse_instant("2018-05-01T10:00:00Z")
    answer = asking([asked(at, "q"), *said(at + MINUTE, "m", "template", "marketing")], "auto", AFTER, suggest=False)
    assert changes(answer.comparison.steps[0]) == {"cannot be told": 1}
    assert answer.comparison.rulebooks[0].total.deliveries == 0
    assert answer.problems


def test_what_meta_states_it_cost_prices_no_other_law() -> None:
    pricing = {"cost": {"amount": "9.99", "currency": "USD"}}
    log = log_of(said(MONDAY, "m", "template", "marketing"))
    log.evidence.append(
        Evidence(business="100", customer=INDIA, id="m", status="delivered", at=MONDAY + SECOND, pricing=pricing)
    )
    answer = what_if(log, (NO_FREE_UNITS,), shipped_prices(), shipped_markets(), (BEFORE, AFTER), suggest=False)
    assert max(priced.total.amount for priced in answer.comparison.rulebooks) < 1
    assert len(log.evidence) == 1


def test_a_day_that_no_rule_decides_is_not_told_as_free() -> None:
    """A template of a category that no rulebook knows."""
    step = step_of(said(MONDAY, "n", "template", "newsletter"), "cbp-2022-02", AFTER, Account())
    assert days(step) == [("1 free business-initiated conversation", "1 message that no rule decides", 1)]


def test_the_headline_keeps_what_is_known_on_one_side_apart() -> None:
    answer = asking([*busy(), *said(MONDAY, "n", "template", "marketing", "unknown-customer")], BEFORE, AFTER)
    text = unwrapped(told(answer))
    assert "Where both amounts are known: " in text
    assert "2 messages lack an amount on one side or both" in text


# --- what is refused ---------------------------------------------------------------
def test_one_rulebook_is_no_comparison() -> None:
    with pytest.raises(BadComparison, match="two rulebooks or more, and only 'pmp-2026-10' is named"):
        asking(bubbles(), AFTER)


def test_no_rulebook_is_no_comparison() -> None:
    with pytest.raises(BadComparison, match="none is named"):
        asking(bubbles())


def test_a_rulebook_is_not_compared_with_itself() -> None:
    with pytest.raises(BadComparison, match="'pmp-2026-10' is named twice"):
        asking(bubbles(), AFTER, BEFORE, AFTER)


@pytest.mark.parametrize("events", [(), tuple(bubbles())], ids=["empty", "traffic"])
def test_an_unknown_rulebook_is_named(events: Sequence[Event]) -> None:
    with pytest.raises(UnknownRulebook, match="pmp-2099"):
        asking(events, BEFORE, "pmp-2099")


def test_two_currencies_are_not_added() -> None:
    euros = attrs.evolve(hand_row("m", line="utility", amount=1), currency="EUR")
    with pytest.raises(BadComparison, match="EUR and in USD"):
        compare([("a", [euros]), ("b", [])], currency="USD", sentences={})


def test_a_ledger_with_corrections_is_refused() -> None:
    row = attrs.evolve(hand_row("m", amount=1), kind="correction", corrects="message/100/m/")
    with pytest.raises(BadComparison, match="correction of message/100/m/"):
        compare([("a", [row]), ("b", [])], currency="USD", sentences={})


# --- the parts -----------------------------------------------------------------------
def test_members_of_a_group_are_deliveries_of_their_own() -> None:
    rows = [attrs.evolve(hand_row("g", line="service", amount=1), participant=name) for name in ("x", "y")]
    sides, _ = sides_of(rows)
    assert set(sides) == {Which("100", "g", "x"), Which("100", "g", "y")}


def test_the_costliest_customers_are_ranked_under_each_rulebook() -> None:
    before = [hand_row(f"m{n}", customer=f"c{n}", line="utility", amount=n) for n in range(20)]
    after = [attrs.evolve(row, amount=Decimal(100 - int(row.id[1:]))) for row in before]
    groups = {
        group.name: (group.customers, group.amounts)
        for group in compare([("a", before), ("b", after)], currency="USD", sentences={}).groups
    }
    assert groups["costliest 1 %"] == (1, (19, 100))
    assert groups["costliest 10 %"] == (2, (19 + 18, 100 + 99))
    assert groups["customer in the middle"] == (1, (9, 90))
    assert groups["all"] == (20, (190, 1810))


def test_a_number_a_market_and_a_month_have_their_own_totals() -> None:
    comparison = asking(busy(), BEFORE, AFTER, suggest=False).comparison
    numbers = {split.name: split.totals[1].deliveries for split in comparison.splits["business number"]}
    assert numbers == {"100": 9, "200": 2}
    assert {split.name for split in comparison.splits["market"]} == {"India", "Spain"}
    assert [split.name for split in comparison.splits["month"]] == ["2026-10"]


def test_a_free_conversation_is_free_for_its_own_reason_and_its_messages_are_attached() -> None:
    comparison = asking(bubbles(), "cbp-2024-11", AFTER, suggest=False).comparison
    lines = {
        split.name: split.totals[0].deliveries for split in comparison.splits["line"] if split.totals[0].deliveries
    }
    assert lines == {"free: service free era": 1, "free: attached": 2}


def test_two_spellings_of_a_customer_are_one_customer() -> None:
    spelled = [attrs.evolve(event, customer=f"+{INDIA}") if event.id.startswith("b1") else event for event in bubbles()]
    assert write_answer(asking(spelled, BEFORE, AFTER)) == write_answer(asking(bubbles(), BEFORE, AFTER))


def test_the_order_of_the_log_does_not_matter() -> None:
    forwards, backwards = asking(busy(), BEFORE, AFTER), asking(reversed(busy()), BEFORE, AFTER)
    assert write_answer(forwards) == write_answer(backwards)


def test_duplicates_do_not_matter() -> None:
    assert write_answer(asking(busy() * 2, BEFORE, AFTER)) == write_answer(asking(busy(), BEFORE, AFTER))


# --- what would avoid it ------------------------------------------------------------
def test_bubbles_joined_save_what_a_ledger_without_them_costs_less() -> None:
    events = [*bubbles(), *bubbles(SPAIN, MONDAY + HOUR)]
    found = suggestion(events, "bubbles")
    without = [event for event in events if not event.id.startswith(("b1", "b2"))]
    assert found.saving == cost(events) - cost(without) > 0
    assert (found.found, found.changed, found.taken_back, found.unknown) == (4, 4, 0, 0)
    assert "2 answers" in found.says
    assert found.rules == ("P26-01",)


def test_a_free_unit_that_a_joined_bubble_does_not_use_is_used_by_another_message() -> None:
    """Two units are left; the six bubbles of two customers need six, their two answers two."""
    events, account = [*bubbles(), *bubbles(SPAIN, MONDAY + HOUR)], Account(free_left=2)
    found = suggestion(events, "bubbles", account=account)
    without = [event for event in events if not event.id.startswith(("b1", "b2"))]
    assert cost(without, account=account) == 0
    assert found.saving == cost(events, account=account) > 0
    assert set(found.rules) == {"P26-01", "P26-02"}


@pytest.mark.parametrize(("gap", "count"), [(59, 1), (60, 1), (61, 0)])
def test_bubbles_are_at_most_a_minute_apart(gap: int, count: int) -> None:
    events = [asked(MONDAY, "q"), *said(MONDAY + HOUR, "a"), *said(MONDAY + HOUR + gap * SECOND, "b")]
    assert suggestion(events, "bubbles").found == count


def test_how_far_apart_bubbles_are_is_an_assumption() -> None:
    from datetime import timedelta

    events = [asked(MONDAY, "q"), *said(MONDAY + HOUR, "a"), *said(MONDAY + HOUR + 90 * SECOND, "b")]
    assumed = Assumptions(bubble=timedelta(seconds=90))
    found = asking(events, BEFORE, AFTER, assumptions=assumed).suggestions
    assert next(one for one in found if one.name == "bubbles").found == 1


def test_a_word_of_the_customer_between_makes_two_answers() -> None:
    events = [
        asked(MONDAY, "q"),
        *said(MONDAY + HOUR, "a"),
        asked(MONDAY + HOUR + 10 * SECOND, "q2"),
        *said(MONDAY + HOUR + 20 * SECOND, "b"),
    ]
    assert suggestion(events, "bubbles").found == 0


def test_a_template_between_is_no_bubble() -> None:
    events = [
        asked(MONDAY, "q"),
        *said(MONDAY + HOUR, "a"),
        *said(MONDAY + HOUR + 10 * SECOND, "t", "template", "utility"),
        *said(MONDAY + HOUR + 20 * SECOND, "b"),
    ]
    assert suggestion(events, "bubbles").found == 0


def test_joining_bubbles_saves_nothing_while_free_form_is_free() -> None:
    found = suggestion(bubbles(), "bubbles", BEFORE)
    assert (found.found, found.saving) == (2, 0)


def late(hours_after_closing: int) -> list[Event]:
    return [asked(MONDAY, "q"), *said(MONDAY + DAY + hours_after_closing * HOUR, "u", "template", "utility")]


def test_utility_after_the_window_would_have_been_free_inside_it() -> None:
    found = suggestion(late(2), "utility-in-time", BEFORE)
    in_time = [asked(MONDAY, "q"), *said(MONDAY + DAY - MINUTE, "u", "template", "utility")]
    assert found.saving == cost(late(2), BEFORE) - cost(in_time, BEFORE) > 0
    assert found.changed == 1
    assert set(found.rules) == {"PMP-01", "PMP-03"}
    assert found.examples == ("u",)


@pytest.mark.parametrize(("hours", "count"), [(-1, 0), (0, 1), (23, 1), (24, 0)])
def test_too_late_is_less_than_a_day_after_the_window_closed(hours: int, count: int) -> None:
    assert suggestion(late(hours), "utility-in-time", BEFORE).found == count


@pytest.mark.parametrize(
    ("after_closing", "count"), [(-SECOND, 0), (0, 1), (DAY - SECOND, 1), (DAY, 0)], ids=["before", "at", "day", "over"]
)
def test_too_late_begins_at_the_second_at_which_the_window_closes(after_closing: int, count: int) -> None:
    sent_at = MONDAY + DAY + after_closing - SECOND
    events = [asked(MONDAY, "q"), *said(sent_at, "u", "template", "utility")]
    assert suggestion(events, "utility-in-time", BEFORE).found == count


def test_utility_in_time_saves_nothing_where_it_is_charged_inside_the_window_too() -> None:
    found = suggestion(late(2), "utility-in-time", AFTER)
    assert (found.found, found.changed, found.taken_back, found.saving) == (1, 0, 1, 0)


def test_free_form_instead_of_marketing_inside_the_window_saves_the_difference() -> None:
    events = [asked(MONDAY, "q"), *said(MONDAY + HOUR, "m", "template", "marketing")]
    found = suggestion(events, "free-form-for-marketing")
    otherwise = [asked(MONDAY, "q"), *said(MONDAY + HOUR, "m")]
    assert found.saving == cost(events) - cost(otherwise) > 0
    assert "P26-01" in found.rules


def test_free_form_is_not_suggested_outside_the_window() -> None:
    events = [asked(MONDAY, "q"), *said(MONDAY + 2 * DAY, "m", "template", "marketing")]
    assert suggestion(events, "free-form-for-marketing").found == 0


@pytest.mark.parametrize("kind", ["revoke", "reaction", "edit"])
def test_free_form_is_not_suggested_on_a_window_that_may_not_be_open(kind: str) -> None:
    events = [asked(MONDAY, "q", kind=kind), *said(MONDAY + HOUR, "m", "template", "marketing")]
    assert suggestion(events, "free-form-for-marketing").found == 0


@pytest.mark.parametrize("inferred", [False, True], ids=["recorded", "inferred"])
def test_free_form_that_the_rerun_finds_refused_is_taken_back(inferred: bool) -> None:
    """In 2023 a call opened no window; since 2025-07-01 it does. A sending that was only inferred is judged all the same."""
    sent, delivered = said(MONDAY + HOUR, "m", "template", "marketing")
    call = Event(event="customer_call", at=MONDAY, business="100", customer=INDIA)
    events = [call, attrs.evolve(sent, inferred=inferred), delivered]
    found = suggestion(events, "free-form-for-marketing", "cbp-2023-06")
    assert (found.found, found.changed, found.taken_back, found.saving) == (1, 0, 1, 0)
    since = suggestion(events, "free-form-for-marketing", "pmp-2025-07")
    assert (since.found, since.changed, since.taken_back) == (1, 1, 0)


def test_free_form_instead_of_utility_saves_nothing_beyond_the_free_units() -> None:
    events = [asked(MONDAY, "q"), *said(MONDAY + HOUR, "u", "template", "utility")]
    assert suggestion(events, "free-form-for-utility").saving == 0
    assert suggestion(events, "free-form-for-utility", account=Account()).saving == cost(events)


def two_numbers() -> list[Event]:
    events = []
    for n in range(6):
        customer = f"9198123456{n:02}"
        events += [asked(MONDAY, f"q{n}", customer), *said(MONDAY + n * HOUR + MINUTE, f"a{n}", customer=customer)]
    return [*events, asked(MONDAY, "q", SPAIN, "200"), *said(MONDAY + HOUR, "b", customer=SPAIN, business="200")]


def test_spare_free_units_of_another_number_save_what_the_moved_customers_cost() -> None:
    """P26-02: four units each; one number needs six and the other one. Two customers would write to the other."""
    account = Account(free_left=4)
    found = suggestion(two_numbers(), "spare-free-units", account=account)
    assert found.saving == cost(two_numbers(), account=account) == Decimal("0.0028")
    assert (found.found, found.changed) == (1, 2)
    assert "P26-02" in found.rules


def test_no_number_is_asked_for_more_than_it_can_spare() -> None:
    """The other number has one unit left, so one customer fits."""
    account = Account(free_left=2)
    found = suggestion(two_numbers(), "spare-free-units", account=account)
    assert (found.changed, found.saving) == (1, Decimal("0.0014"))


def test_a_customer_whom_the_other_number_knows_stays() -> None:
    """Two threads of one number would be one window: that is another question."""
    events = two_numbers()
    known = [asked(MONDAY - HOUR, f"k{n}", f"9198123456{n:02}", "200") for n in range(6)]
    assert suggestion([*events, *known], "spare-free-units", account=Account(free_left=4)).changed == 0


def test_a_rulebook_without_free_units_per_number_has_none_to_spare() -> None:
    assert suggestion(two_numbers(), "spare-free-units", BEFORE).found == 0


def test_an_entry_point_answered_would_have_made_the_rest_free() -> None:
    events = [asked(MONDAY, "q", entry="ad"), *said(MONDAY + 30 * HOUR, "m", "template", "marketing")]
    found = suggestion(events, "entry-points")
    answered = [*events, *said(MONDAY + MINUTE, "answer")]
    assert found.saving == cost(events) - cost(answered) > 0
    assert (found.found, found.changed) == (1, 1)


def test_an_answered_entry_point_is_not_suggested_again() -> None:
    events = [asked(MONDAY, "q", entry="ad"), *said(MONDAY + HOUR, "a"), asked(MONDAY + 2 * HOUR, "q2", entry="ad")]
    assert suggestion(events, "entry-points").found == 0


def test_an_entry_that_does_not_qualify_is_taken_back() -> None:
    events = [
        asked(MONDAY, "q", entry="ad", device="desktop"),
        *said(MONDAY + 30 * HOUR, "m", "template", "marketing"),
    ]
    found = suggestion(events, "entry-points")
    assert (found.found, found.changed, found.taken_back, found.saving) == (1, 0, 1, 0)


def test_suggestions_are_left_out_when_nobody_asks() -> None:
    answer = asking(busy(), BEFORE, AFTER, suggest=False)
    assert (answer.suggestions, answer.suggested_under) == ((), "")


# --- reports -----------------------------------------------------------------------
def told(answer: Answer) -> str:
    return "\n".join(command.story(answer, lambda text, meaning: text))


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_the_report_starts_with_the_totals_and_names_rules_and_savings() -> None:
    text = unwrapped(told(asking(bubbles(), BEFORE, AFTER)))
    assert text.startswith(
        "pmp-2025-07: 0 USD. pmp-2026-10: 0.0042 USD: 0.0042 more, of which +0.0042 by rules and 0 by rates."
    )
    assert "+0.0042 USD: P26-01: 3 became charged; no longer PMP-01. Each delivered service message" in text
    assert "1 time: nothing charged became 3 service messages" in text
    assert "Saves 0.0028 USD. Send one message instead of several in a row" in text
    assert "Not looked at: calls;" in text


def test_an_empty_log_costs_nothing_under_any_rulebook() -> None:
    answer = asking((), *names())
    assert told(answer) == "Nothing was delivered and nobody was called, so every rulebook costs nothing."
    assert answer.comparison.groups == ()
    parts_add_up(answer.comparison)


def test_json_has_amounts_as_text_and_reads_back() -> None:
    written = json.loads(json.dumps(write_answer(asking(busy(), BEFORE, AFTER, "auto"))))
    assert written["format"] == "fsm-whatif/1"
    assert [priced["name"] for priced in written["rulebooks"]] == [BEFORE, AFTER, "auto"]
    assert all(isinstance(priced["amount"], str) for priced in written["rulebooks"])
    step = written["steps"][0]
    parts = [Decimal(step[name]) for name in ("by_rules", "by_rates", "one_sided")]
    assert sum(parts) == Decimal(step["difference"])
    assert {one["name"] for one in written["suggestions"]["tried"]} >= {"bubbles", "entry-points"}


def test_json_keeps_what_only_one_side_knows_apart() -> None:
    step: Any = write_answer(asking(busy(), "nbp", AFTER, suggest=False))["steps"]
    assert Decimal(step[0]["one_sided"]) == Decimal(step[0]["difference"]) - Decimal(step[0]["by_rules"])
    assert Decimal(step[0]["one_sided"]) > 0 == Decimal(step[0]["by_rates"])


def test_every_delivery_is_a_line_whose_parts_add_up() -> None:
    comparison = asking(busy(), BEFORE, AFTER, suggest=False).comparison
    lines = [dict(zip(DELIVERY_COLUMNS, cells, strict=True)) for cells in delivery_cells(comparison)]
    assert len(lines) == 11
    for line in lines:
        if line["by_rules"] is not None:
            assert line["by_rules"] + line["by_rates"] == line["amount_after"] - line["amount_before"]  # type: ignore[operator]
    assert sum(line["by_rules"] is None for line in lines) == comparison.steps[0].unknown == 1


def asked_for(folder: Path, *arguments: str, events: Iterable[Event] | None = None) -> int:
    log = folder / "log.jsonl"
    listed = bubbles() if events is None else events
    log.write_text("".join(json.dumps(write_event(event)) + "\n" for event in listed), encoding="utf-8")
    parser = argparse.ArgumentParser()
    command.add(parser)
    return command.run(parser.parse_args([str(log), *arguments]))


BOTH = ("--rulebook", BEFORE, "--rulebook", AFTER)


def test_the_command_prints_the_report_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "p.svg"
    assert asked_for(tmp_path, *BOTH, "--svg", str(picture)) == 0
    assert capsys.readouterr().out.startswith("pmp-2025-07: 0 USD. pmp-2026-10: 0 USD: the same")
    assert ElementTree.fromstring(picture.read_text(encoding="utf-8")).tag.endswith("svg")


def test_the_command_writes_csv_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    evil = said(MONDAY, "=1+1", "template", "marketing")
    assert asked_for(tmp_path, *BOTH, "--format", "csv", "--out", str(out), events=evil) == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(DELIVERY_COLUMNS)
    assert "'=1+1" in lines[1]


def test_the_command_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked_for(tmp_path, *BOTH, "--format", "json", "--no-suggestions") == 0
    written = json.loads(capsys.readouterr().out)
    assert written["suggestions"]["under"] is None


@pytest.mark.parametrize("text", ["0", "-5", "ten", "1.5", "٣"])
def test_seconds_are_whole_and_positive(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked_for(tmp_path, *BOTH, f"--bubble-seconds={text}")
    assert "is not a number of seconds" in capsys.readouterr().err


# --- the picture --------------------------------------------------------------------
def hand_made() -> Comparison:
    """Amounts made up for the picture, so that no rate card moves it."""
    before = [
        hand_row("m", line="marketing", amount="12.50", because=("OLD-1",)),
        hand_row("u", line="utility", amount="3", because=("OLD-1",)),
        hand_row("f", why="free_customer_service", amount=0, because=("OLD-2",)),
        hand_row("g", line="authentication", amount="2.25", because=("OLD-1",)),
        hand_row("n", line="marketing", because=("OLD-1",)),
    ]
    after = [
        attrs.evolve(before[0], amount=Decimal("13")),
        attrs.evolve(before[1], amount=Decimal("4.75"), line="service", because=("NEW-1", "NEW-2")),
        attrs.evolve(before[2], amount=Decimal("6"), line="service", why="regular", because=("NEW-1",)),
        attrs.evolve(before[3], amount=Decimal(0), line=None, why="free_entry_point", because=("NEW-3",)),
        before[4],
    ]
    sentences = {
        ("r (2026)", f"NEW-{n}"): f"Made-up rule number {n} decides about this kind of message." for n in (1, 3)
    }
    return compare([("before", before), ("after", after)], currency="USD", sentences=sentences)


def test_the_picture_is_the_one_on_file(data: Path) -> None:
    expected = (data / "whatif" / "comparison.svg").read_text(encoding="utf-8")
    assert comparison_picture(hand_made()).svg == expected, "write the new picture there if the change is meant"


def scaled(factor: Decimal, count: int) -> list[Row]:
    lines = (
        "marketing",
        "utility",
        "service",
        "authentication",
        "user_initiated",
        "calling",
        "some_line_of_the_future",
    )
    return [
        hand_row(
            f"m{n}",
            line=lines[n % len(lines)],
            amount=factor * (n + 1),
            because=(f"A-RULE-WITH-A-VERY-LONG-IDENTIFIER-{n}",),
        )
        for n in range(count)
    ]


def cases() -> Iterator[tuple[str, Comparison]]:
    long = "a rulebook whose name is much longer than any label in this picture has room for, and then some more words"
    unbroken = "rulebook" * 40
    said = {("r (2026)", f"A-RULE-WITH-A-VERY-LONG-IDENTIFIER-{n}"): "A sentence " * 40 for n in range(30)}
    nothing, one = scaled(Decimal(1), 0), scaled(Decimal("0.0001"), 1)
    many, huge = scaled(Decimal("0.0123456789"), 30), scaled(Decimal("98765432109876543210.123456789"), 30)
    free = [attrs.evolve(row, line=None, why="free_tier", amount=Decimal(0), because=("X",)) for row in many]
    unknown = [attrs.evolve(row, amount=None) for row in many]
    for name, ledgers in {
        "no rows": [("a", nothing), ("b", nothing)],
        "one row": [("a", nothing), ("b", one)],
        "nothing charged": [("a", free), ("b", free)],
        "became charged": [("a", free), (long, many)],
        "negative difference": [(long, many), (unbroken, free)],
        "huge": [("a", free), ("b", huge)],
        "huge and tiny": [("a", one), ("b", huge)],
        "unknown": [("a", unknown), ("b", many)],
        "all unknown": [("a", unknown), ("b", unknown)],
        "twelve": [(f"{n} {long}", (many, free, huge, unknown)[n % 4]) for n in range(12)],
        "odd names": [('<&"a>', many), ("ルールブック " * 9, free)],
    }.items():
        yield name, compare(ledgers, currency="USD", sentences=said)


@pytest.mark.parametrize(("name", "comparison"), list(cases()), ids=[name for name, _ in cases()])
def test_no_text_of_the_picture_overlaps_or_leaves_it(name: str, comparison: Comparison) -> None:
    picture = comparison_picture(comparison)
    assert picture.clashes() == ()
    root = ElementTree.fromstring(picture.svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        left, top = float(rect.get("x", 0)), float(rect.get("y", 0))
        assert 0 <= left <= left + float(rect.attrib["width"]) <= width
        assert 0 <= top <= top + float(rect.attrib["height"]) <= height


def test_the_picture_says_every_total_and_the_difference() -> None:
    words = " ".join(ElementTree.fromstring(comparison_picture(hand_made()).svg).itertext())
    for text in ("17.75", "23.75", "marketing 12.5 (2)", "service 10.75 (2)", "+6", "-2.25", "+1.75", "+0.5"):
        assert text in words


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("-0.0042", "-0.0042"),
        ("12345678.123456", "12,345,678.123456"),
        ("123456789.123456789", "≈ 123,456,789.12"),
        ("0.00000000000000001", "≈ 1.0000E-17"),
        ("-1234567890123456789", "≈ -1.2346E+18"),
    ],
)
def test_an_amount_too_long_for_the_picture_is_marked_as_shortened(amount: str, text: str) -> None:
    assert short(Decimal(amount)) == text


def test_a_minute_is_what_this_file_takes_it_for() -> None:
    from datetime import timedelta

    assert micros(timedelta(minutes=1)) == MINUTE
