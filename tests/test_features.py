"""The specification: every scenario of every feature, in both languages, run by pytest-bdd on live threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache

import attrs
import pytest
from pytest_bdd import scenarios

from fsm.events import Event, datetime_of, read_account
from fsm.harness import bill, live
from fsm.harness.booked import LEDGER
from fsm.harness.compile import compile_folder
from fsm.harness.live import LiveWorld
from fsm.harness.places import features_folder
from fsm.harness.script import Script, failures
from fsm.ledger import Row
from fsm.machine import Law
from fsm.rulebooks import editions
from fsm.rules.tables import Rulebook, Tariff

scenarios(str(features_folder()))


# --- a wrong ledger fails: in a table ------------------------------------------
@cache
def _money() -> tuple[Script, ...]:
    """The compiled scenarios of the ledger."""
    return tuple(script for script in compile_folder(features_folder(), "en") if script.id.startswith("ledger/"))


def _fails(feature: str, books: tuple[Rulebook, ...] | None = None) -> bool:
    """Whether some scenario of a feature fails."""
    return any(
        failures(script, Law(read_account(script.account), books=books))
        for script in _money()
        if script.id.startswith(f"ledger/{feature}.feature")
    )


def _ladders(**members: object) -> Callable[[Tariff], Tariff]:
    return lambda tariff: attrs.evolve(
        tariff, ladders=tuple(attrs.evolve(ladder, **members) for ladder in tariff.ladders)
    )


def _calls(**members: object) -> Callable[[Tariff], Tariff]:
    return lambda tariff: (
        tariff if tariff.calls is None else attrs.evolve(tariff, calls=attrs.evolve(tariff.calls, **members))
    )


WRONG_TABLES = {
    "nothing has tiers": (lambda tariff: attrs.evolve(tariff, ladders=()), "volume-tiers"),
    "everything counts together": (_ladders(name="utility"), "volume-tiers"),
    "the international rate has no tiers": (
        lambda tariff: attrs.evolve(
            tariff,
            ladders=tuple(attrs.evolve(ladder, lines=ladder.lines[:1]) for ladder in tariff.ladders),
        ),
        "volume-tiers",
    ),
    "groups have tiers": (_ladders(groups=True), "groups"),
    "a pulse is three seconds": (_calls(pulse=timedelta(seconds=3)), "calls"),
    "the rate of a call is for two minutes": (_calls(rate_for=timedelta(minutes=2)), "calls"),
    "customers pay for their calls": (_calls(free=()), "calls"),
    "nobody pays for a call": (_calls(free=("user_initiated", "business_initiated")), "calls"),
    "a message is charged like a conversation": (
        lambda tariff: attrs.evolve(tariff, charged="conversation"),
        "amounts",
    ),
    "a conversation is charged like a message": (lambda tariff: attrs.evolve(tariff, charged="message"), "amounts"),
    "service has no rate": (lambda tariff: attrs.evolve(tariff, same_rate={}), "amounts"),
}


@pytest.mark.parametrize("wrong", WRONG_TABLES)
def test_a_ledger_with_a_wrong_table_fails_a_scenario(wrong: str) -> None:
    change, feature = WRONG_TABLES[wrong]
    assert _fails(feature, tuple(attrs.evolve(book, tariff=change(book.tariff)) for book in editions()))


# --- a wrong ledger fails: in what it does --------------------------------------
def _amounts(change: Callable[[Row], Decimal | None]) -> Callable[[Sequence[Row]], list[Row]]:
    return lambda rows: [attrs.evolve(row, amount=change(row)) for row in rows]


def _each_message_once(rows: Sequence[Row]) -> list[Row]:
    """A group's message is charged for the first member only."""
    first: dict[str, Row] = {}
    return [row for row in rows if first.setdefault(f"{row.kind} {row.id}", row) is row]


def _rounded_down(row: Row) -> Decimal | None:
    """Only whole minutes of a call are charged."""
    if row.kind != "call" or row.amount is None or row.rate is None:
        return row.amount
    return row.rate * (row.units // 10)


WRONG_WAYS = {
    "what is unknown is zero": (_amounts(lambda row: row.amount or Decimal(0)), "amounts"),
    "amounts are rounded to a cent": (_amounts(lambda row: row.amount and round(row.amount, 2)), "amounts"),
    "calls are charged by whole minutes": (_amounts(_rounded_down), "calls"),
    "a message to a group is charged once": (_each_message_once, "groups"),
    "what joins a conversation is charged again": (
        lambda rows: [attrs.evolve(row, line="utility") if row.why == "attached" else row for row in rows],
        "amounts",
    ),
    "Kazakhstan is Russia": (
        lambda rows: [attrs.evolve(row, market="Russia") if row.market == "Kazakhstan" else row for row in rows],
        "markets",
    ),
    "who is nowhere is in Other": (
        lambda rows: [attrs.evolve(row, market=row.market or "Other") for row in rows],
        "markets",
    ),
    "days are those of UTC": (
        lambda rows: [attrs.evolve(row, day=_day_in_utc(row)) for row in rows],
        "labels",
    ),
    "doubts are kept to oneself": (lambda rows: [attrs.evolve(row, flags=()) for row in rows], "metered-order"),
    "the ledger is empty": (lambda rows: [], "calls"),
}


def _day_in_utc(row: Row) -> str:
    return datetime_of(row.at).date().isoformat()


@pytest.mark.parametrize("wrong", WRONG_WAYS)
def test_a_ledger_that_does_wrong_fails_a_scenario(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil, feature = WRONG_WAYS[wrong]

    def spoilt(events: Sequence[Event], law: Law, told: bill.Bill) -> tuple[Row, ...]:
        return tuple(spoil(bill.ledger_rows(events, law, told)))

    monkeypatch.setattr("fsm.harness.script.ledger_rows", spoilt)
    assert _fails(feature)


def test_the_right_ledger_fails_none() -> None:
    assert [script.id for script in _money() if failures(script)] == []


# --- live threads ----------------------------------------------------------------
def _charged_on_live_threads() -> LiveWorld:
    world = LiveWorld(set_clock=lambda at: None)
    world.it_is("2025-08-11", "10:00")
    world.number("Ana", "+91 98123 45678")
    world.rate("2025-07-01", "0.0118", "a marketing message", "India")
    world.sends(who="Ana", business="the bakery", message="a marketing template", ago="1 min")
    return world


def test_a_live_scenario_asks_the_ledger_that_its_threads_have_recorded() -> None:
    world = _charged_on_live_threads()
    world.ledger_charges("0.0118", "a marketing message")
    with pytest.raises(AssertionError, match=r"0\.0118"):
        world.ledger_charges("0.0119", "a marketing message")
    with pytest.raises(AssertionError, match="market"):
        world.market_is("Italy")


def test_a_live_scenario_does_not_pass_when_its_threads_recorded_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _charged_on_live_threads()
    monkeypatch.setattr(world, "_threads", {})
    with pytest.raises(AssertionError, match="rows"):
        world.ledger_charges("0.0118", "a marketing message")


def test_a_live_scenario_notices_a_wrong_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    right = live.ledger_of

    def wrong(*given: object) -> object:
        made = right(*given)  # type: ignore[arg-type]
        return attrs.evolve(made, rows=tuple(attrs.evolve(row, amount=Decimal(0)) for row in made.rows))

    monkeypatch.setattr(live, "ledger_of", wrong)
    with pytest.raises(AssertionError, match="rows"):
        _charged_on_live_threads().ledger_charges("0.0118", "a marketing message")


def test_every_question_to_the_ledger_is_asked_by_some_scenario() -> None:
    assert {each.about for script in _money() for each in script.expectations} >= set(LEDGER)
