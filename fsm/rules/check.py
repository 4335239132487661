"""
Checks that a rulebook must pass before anything runs on it.

Each refusal names the two clashing rows, or the cell that has none, and their rule ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import product
from typing import Protocol, TypeVar

from fsm import terms
from fsm.errors import BadRulebook
from fsm.rules import acts, facts
from fsm.rules.tables import EXTENDS, JOINS, OWN_CATEGORY, RESTARTS, STAYS, Lane, Rulebook, State


class _Asks(Protocol):
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def unless(self) -> tuple[str, ...]: ...
    def holds(self, facts: frozenset[str], /) -> bool: ...


_Line = TypeVar("_Line", bound=_Asks)


def check(book: Rulebook) -> Rulebook:
    """
    The rulebook itself, if its tables are sound.

    Raises:
        BadRulebook: an unknown state, act, fact or word; a cell with no row, or with two; a clock on a state that
            cannot run out; a rule id that no rule has.
    """
    _once((lane.name for lane in book.lanes), f"{book.edition}: lane")
    for lane in book.lanes:
        _check_lane(book, lane)
    _once((clause.name for clause in book.clauses), f"{book.edition}: clause")
    if book.allowance is not None:
        where = f"{book.edition}, allowance"
        _known([book.allowance.rule], tuple(book.rules), f"{where}: rule")
        _known([book.allowance.per], ("account", "business"), f"{where}: per")
    _check_tariff(book)
    for label in book.labels:
        where = f"{book.edition}, label of {', '.join(label.of)}"
        _known(label.why, terms.REASONS, f"{where}: reason")
        _known(label.lines, terms.RATE_LINES, f"{where}: rate line")
        _known((*label.rules, *label.stated_by, *label.counted_by), tuple(book.rules), f"{where}: rule")
    for clause in book.clauses:
        for line in clause.rows:
            where = f"{book.edition}, clause {clause.name}"
            _known(line.messages, acts.MESSAGES, f"{where}: message")
            _known([line.verdict], terms.VERDICTS, f"{where}: verdict")
            _check_asks(book, line, line.rules, where, facts.ASKS)
            if (line.verdict == terms.REFUSED) != (line.error is not None):
                raise BadRulebook(f"{where}: a refusal carries an error code, and nothing else does. Row: {line}.")
            if (line.verdict == terms.UNSPECIFIED) != bool(line.assume):
                raise BadRulebook(
                    f"{where}: 'unspecified' says what may be assumed, and nothing else does. Row: {line}."
                )
        for message in clause.messages:
            mine = [line for line in clause.rows if message in line.messages]
            _exactly_one(mine, f"{book.edition}, clause {clause.name}, {acts.words(message)}", lambda line: line.rules)
    for message in acts.MESSAGES:
        lines = [line for line in book.charges if message in line.messages]
        _exactly_one(lines, f"{book.edition}, charges, {acts.words(message)}", lambda line: line.rules)
    for charge in book.charges:
        where = f"{book.edition}, charges"
        _known(charge.messages, acts.MESSAGES, f"{where}: message")
        _known([charge.line] if charge.line else [], (*terms.RATE_LINES, OWN_CATEGORY), f"{where}: rate line")
        _known([charge.why] if charge.why else [], terms.REASONS, f"{where}: reason")
        _known([charge.flag] if charge.flag else [], tuple(terms.FLAGS), f"{where}: flag")
        _check_asks(book, charge, charge.rules, where, facts.ASKS)
    return book


def _check_tariff(book: Rulebook) -> None:
    where, tariff = f"{book.edition}, tariff", book.tariff
    _known([tariff.charged], ("notification", "conversation", "message"), f"{where}: charged")
    _known([*tariff.same_rate, *tariff.same_rate.values()], terms.RATE_LINES, f"{where}: rate line")
    ladders = (*tariff.ladders, *((tariff.calls.ladder,) if tariff.calls else ()))
    _once((ladder.name for ladder in ladders), f"{where}: ladder")
    _once((line for ladder in ladders for line in ladder.lines), f"{where}: rate line with a ladder")
    for ladder in ladders:
        _known(ladder.lines, terms.RATE_LINES, f"{where}, ladder {ladder.name}: rate line")
        _known(ladder.rules, tuple(book.rules), f"{where}, ladder {ladder.name}: rule")
    if tariff.calls is not None:
        _known(tariff.calls.rules, tuple(book.rules), f"{where}, calls: rule")
        _known([tariff.calls.line], terms.RATE_LINES, f"{where}, calls: rate line")
        if tariff.calls.pulse <= timedelta(0) or tariff.calls.rate_for % tariff.calls.pulse:
            raise BadRulebook(
                f"{where}: the rate of calls is for {tariff.calls.rate_for}, which holds no whole pulses."
            )


def _check_lane(book: Rulebook, lane: Lane) -> None:
    where = f"{book.edition}, lane {lane.name}"
    names = [state.name for state in lane.states]
    _once(names, f"{where}: state")
    for state in lane.states:
        _known([state.reported] if state.reported else [], terms.REPORTED, f"{where}: reported name")
        _check_clock(book, lane, state, where)
    for row in lane.rows:
        _known(row.on, acts.ACTS, f"{where}: act")
        _known(row.source, names, f"{where}: state")
        if row.dest not in (STAYS, JOINS, RESTARTS, EXTENDS):
            _known([row.dest], names, f"{where}: state")
        for name in row.source:
            if row.dest in (RESTARTS, EXTENDS) and lane.state(name).lasts is None:
                raise BadRulebook(f"{where}: rule {row.rule} {row.dest} a clock in state {name!r}, which has none.")
        if (row.dest == EXTENDS) != (row.adds is not None):
            raise BadRulebook(f"{where}: rule {row.rule}: 'extends' says how much it adds, and nothing else does.")
        _check_asks(book, row, (row.rule,), where, facts.GUARDS)
    for act, state in product(lane.acts, lane.states):
        mine = [row for row in lane.rows if act in row.on and state.name in row.source]
        _exactly_one(mine, f"{where}, {acts.words(act)} in state {state.name!r}", lambda row: (row.rule,))


def _check_clock(book: Rulebook, lane: Lane, state: State, where: str) -> None:
    if state.lasts is None:
        if state.then:
            raise BadRulebook(
                f"{where}: state {state.name!r} goes to {state.then!r} but has no clock to send it there."
            )
        return
    _known([state.rule], tuple(book.rules), f"{where}: rule")
    if state.lasts <= timedelta(0):
        raise BadRulebook(
            f"{where}: the clock of state {state.name!r} runs for {state.lasts}; it must run for a while."
        )
    if state.then not in {other.name for other in lane.states} or state.then == state.name:
        raise BadRulebook(
            f"{where}: state {state.name!r} has a clock but cannot run out: it goes to {state.then!r}. "
            f"Name one of the other states: {', '.join(other.name for other in lane.states if other is not state)}."
        )
    _known([state.counted_from], ("event", "sending", "opening"), f"{where}: counted_from")
    enters = any(row.dest == state.name for row in lane.rows) or any(other.then == state.name for other in lane.states)
    if not enters and state is not lane.states[0] and not lane.runs_out:
        raise BadRulebook(f"{where}: state {state.name!r} has a clock, but no row leads into it.")


def _check_asks(book: Rulebook, line: _Asks, rules: Sequence[str], where: str, known: Iterable[str]) -> None:
    _known((*line.needs, *line.unless), tuple(known), f"{where}: fact")
    _known(rules, tuple(book.rules), f"{where}: rule")


def _exactly_one(lines: Sequence[_Line], where: str, rules: Callable[[_Line], Sequence[str]]) -> None:
    if _are_exact(tuple((line.needs, line.unless) for line in lines)):
        return
    for true in _valuations(lines):
        hits = [line for line in lines if line.holds(true)]
        if len(hits) == 1:
            continue
        given = f"with {', '.join(sorted(true))}" if true else "with no fact true"
        if not hits:
            raise BadRulebook(
                f"{where}: no row says what happens {given}. Add a row, or drop a condition from one of "
                f"{'; '.join(', '.join(rules(line)) for line in lines)}."
            )
        clash = " and ".join(", ".join(rules(line)) for line in hits)
        raise BadRulebook(f"{where}: {len(hits)} rows say what happens {given}: {clash}. Exactly one must.")


@lru_cache(maxsize=4096)
def _are_exact(conditions: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]) -> bool:
    """
    Whether exactly one of several conditions (facts needed, facts excluded) holds, whatever is true.

    Many cells of many editions ask the same facts in the same way, so each way is gone through once.
    """
    asked = sorted({fact for needs, unless in conditions for fact in (*needs, *unless)})
    for answers in product((False, True), repeat=len(asked)):
        true = {fact for fact, answer in zip(asked, answers, strict=True) if answer}
        if sum(true.issuperset(needs) and true.isdisjoint(unless) for needs, unless in conditions) != 1:
            return False
    return True


def _valuations(lines: Sequence[_Asks]) -> Iterator[frozenset[str]]:
    asked = sorted({fact for line in lines for fact in (*line.needs, *line.unless)})
    for answers in product((False, True), repeat=len(asked)):
        yield frozenset(fact for fact, true in zip(asked, answers, strict=True) if true)


def _once(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadRulebook(f"{what} {name!r} stands twice.")
        seen.add(name)


def _known(names: Iterable[str], known: Sequence[str], what: str) -> None:
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f" Did you mean {close[0]!r}?" if close else f" Known are: {', '.join(known)}."
            raise BadRulebook(f"{what} {name!r} does not exist.{hint}")
