"""Every cell of every edition: machine, compiled table and independent predicate agree."""

from __future__ import annotations

from itertools import product
from typing import TypeVar

import pytest

from fsm.machine.judging import price_line
from fsm.machine.lanes import CLOCK, Machines
from fsm.machine.table import Table, true_of
from fsm.rulebooks.timeline import editions
from fsm.rules import acts, facts
from fsm.rules.tables import EXTENDS, JOINS, STAYS, Charge, Permission, Rulebook
from tests.parity import independent

BOOKS = editions()
IDS = [book.edition for book in BOOKS]


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_machine_and_table_agree_on_every_cell(book: Rulebook) -> None:
    machines = Machines(book)
    table = Table(machines)
    cells = 0
    for number, states in enumerate(table.configurations):
        known = facts.facts_of(book, states)
        for place, symbol in enumerate(table.symbols):
            if symbol.act == CLOCK:
                lane = next(i for i, each in enumerate(book.lanes) if each.name == symbol.lane)
                runs = book.lanes[lane].state(states[lane]).lasts is not None
                expected = machines.ran_out(states, lane) if runs else states
                assert table.configurations[table.dense[place][number]] == expected
            else:
                expected, fired = machines.move(states, symbol.act, true_of(known, symbol))
                assert table.configurations[table.dense[place][number]] == expected
                assert table.cell(number, place) == (expected, fired)
            cells += 1
    assert cells == len(table.configurations) * len(table.symbols)


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_the_independent_predicate_agrees_on_every_cell(book: Rulebook) -> None:
    table = Table(Machines(book))
    lanes = [lane.name for lane in book.lanes]
    for number, states in enumerate(table.configurations):
        named = dict(zip(lanes, states, strict=True))
        for place, symbol in enumerate(table.symbols):
            after, fired = table.cell(number, place)
            if symbol.act == CLOCK and book.lane(symbol.lane).state(named[symbol.lane]).lasts is None:
                continue
            if facts.ANSWERS_ENTRY in symbol.true and not _can_occur(book, named, symbol.act):
                continue
            said = _said(book, named, symbol.act, symbol.true, symbol.lane)
            ours = dict(zip(lanes, after, strict=True))
            assert {lane: state for lane, (state, _) in said.items()} == ours, (named, str(symbol))
            restarted = {lanes[index] for index, row in fired if row.dest not in (STAYS, JOINS, EXTENDS)}
            for lane, (state, clock) in said.items():
                if symbol.act == CLOCK or book.lane(lane).state(state).lasts is None:
                    continue
                assert (clock == "starts") == (lane in restarted), (named, str(symbol), lane)


def _said(
    book: Rulebook, named: dict[str, str], act: str, true: frozenset[str], lane: str
) -> dict[str, tuple[str, str]]:
    content, category = content_of(act.removesuffix("_delivered")) if act.endswith("_delivered") else (None, None)
    counts = "yes" if facts.COUNTS in true else "doubtful" if facts.MAY_COUNT in true else "no"
    happening = f"clock:{lane}" if act == CLOCK else "delivered" if act.endswith("_delivered") else act
    return independent.next_states(
        book.since,
        dict(named),
        happening,
        content=content,
        category=category,
        counts=counts,
        through_entry=facts.THROUGH_ENTRY in true,
        answers=_answers(book, named, true),
    )


def _answers(book: Rulebook, named: dict[str, str], true: frozenset[str]) -> bool:
    return facts.ANSWERS_ENTRY in true and named.get("free_entry_point") != "open"


def content_of(message: str) -> tuple[str, str | None]:
    """Content and category of a message of the tables, as a log would write them."""
    for content in ("template", "direct_send"):
        if message.endswith(f"_{content}"):
            category = message.removesuffix(f"_{content}")
            return content, None if category == acts.UNCATEGORISED else category
    return message, None


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_the_independent_predicate_agrees_on_every_charge(book: Rulebook) -> None:
    table = Table(Machines(book))
    lanes = [lane.name for lane in book.lanes]
    circumstances = list(
        product((False, True), (False, True), ("business", "ai_provider", "government"), (False, True), (False, True))
    )
    for states in _asked_configurations(book, table):
        named = dict(zip(lanes, states, strict=True))
        known = facts.facts_of(book, states)
        for message, (answers, left, sender, listed, partner) in product(acts.MESSAGES, circumstances):
            if answers and not _could_answer(book, named, message):
                continue
            true = set(known)
            true |= {facts.ANSWERS_ENTRY} if answers else set()
            true |= {facts.ALLOWANCE_LEFT} if left and book.allowance else set()
            true |= {facts.AI_PROVIDER} if sender == "ai_provider" else set()
            true |= {facts.EXEMPT_SENDER} if sender == "government" else set()
            listed = listed and bool(book.readings.ai_markets)
            true |= {facts.AI_MARKET} if listed and sender == "ai_provider" else set()
            true |= {facts.BILLED_THROUGH_PARTNER} if partner else set()
            line = _only(book.charges, message, frozenset(true))
            content, category = content_of(message)
            expected = independent.charge_of(
                book.since,
                named,
                content,
                category,
                answers=answers,
                allowance_left=left,
                sender=sender,
                ai_market_listed=listed,
                partner=partner,
            )
            assert (price_line(line, content, category), line.why) == expected, (named, message, sorted(true))


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_the_independent_predicate_agrees_on_every_permission(book: Rulebook) -> None:
    table = Table(Machines(book))
    lanes = [lane.name for lane in book.lanes]
    for states in _asked_configurations(book, table):
        named = dict(zip(lanes, states, strict=True))
        known = facts.facts_of(book, states)
        for message in acts.MESSAGES:
            statuses = (
                ("APPROVED", "PAUSED", "DISABLED", "REJECTED", "WEIRD") if message in acts.TEMPLATES else ("APPROVED",)
            )
            areas = ("yes", "no", "unspecified") if message in acts.MARKETING_TEMPLATES else ("no",)
            # Only the questions that some clause asks of this message; the others cannot matter to either side.
            flags = product(
                (False, True) if message in acts.DIRECT_SENDS else (False,),
                (False, True) if message in acts.MARKETING_TEMPLATES else (False,),
                (False, True),
                (False, True) if book.allowance else (False,),
                (False, True) if book.readings.billing_currencies else (False,),
            )
            for status, area, (direct, holdout, pays, left, refused_currency) in product(statuses, areas, flags):
                _check_permission(
                    book, named, known, message, status, area, direct, holdout, pays, left, refused_currency
                )


def _check_permission(
    book: Rulebook,
    named: dict[str, str],
    known: frozenset[str],
    message: str,
    status: str,
    area: str,
    direct: bool,
    holdout: bool,
    pays: bool,
    left: bool,
    refused_currency: bool,
) -> None:
    refused_currency = refused_currency and bool(book.readings.billing_currencies)
    true = set(known)
    if named.get("free_entry_point") == "eligible" and _could_answer(book, named, message):
        true.add(facts.ANSWERS_ENTRY)
    if left and book.allowance:
        true.add(facts.ALLOWANCE_LEFT)
    charge = _only(book.charges, message, frozenset(true))
    true |= {book.readings.template_states[status]} if status in book.readings.template_states else set()
    true |= {facts.US_AREA_CODE} if area == "yes" else {facts.US_AREA_CODE_IN_DOUBT} if area == "unspecified" else set()
    true |= {facts.DIRECT_SEND_ENABLED} if direct else set()
    true |= {facts.IN_EXPERIMENT} if holdout else set()
    true |= set() if pays else {facts.NO_PAYMENT_METHOD}
    true |= {facts.CURRENCY_REFUSED} if refused_currency else set()
    true |= {facts.WOULD_BE_CHARGED} if charge.line else set()
    lines = [_only(clause.rows, message, frozenset(true)) for clause in book.clauses if message in clause.messages]
    refusals = [line.error for line in lines if line.verdict == "refused"]
    doubts = charge.unspecified or any(line.verdict == "unspecified" for line in lines)
    ours = ("refused", refusals[0]) if refusals else ("unspecified", None) if doubts else ("allowed", None)
    content, category = content_of(message)
    expected = independent.verdict_of(
        book.since,
        named,
        content,
        category,
        template_status=status,
        us_number=area,
        direct_send=direct,
        in_experiment=holdout,
        payment_method=pays,
        allowance_left=left,
        sender="business",
        ai_market_listed=False,
        partner=False,
        billing_currency_refused=refused_currency,
    )
    assert ours == expected, (named, message, sorted(true))


_Line = TypeVar("_Line", bound=Charge | Permission)


def _only(lines: tuple[_Line, ...], message: str, true: frozenset[str]) -> _Line:
    found = [line for line in lines if message in line.messages and line.holds(true)]
    assert len(found) == 1
    return found[0]


def _asked_configurations(book: Rulebook, table: Table) -> list[tuple[str, ...]]:
    """The configurations that differ in some fact: consent, which only advises, is left at its start."""
    consent = [lane.name for lane in book.lanes].index("opt_in")
    return [states for states in table.configurations if states[consent] == "unknown"]


def _can_occur(book: Rulebook, named: dict[str, str], act: str) -> bool:
    """Before July 2025 only an eligible entry point can be answered; other cells are in the table and never reached."""
    return named["free_entry_point"] == "open" or _could_answer(book, named, act.removesuffix("_delivered"))


def _could_answer(book: Rulebook, named: dict[str, str], message: str) -> bool:
    state = named.get("free_entry_point")
    if message == acts.APP or state in (None, "open"):
        return False
    return state == "eligible" or book.readings.answered_at == "sending"
