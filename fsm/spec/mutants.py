"""Every way to change one cell of the law."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

import attrs

from fsm import terms
from fsm.rules import acts, facts
from fsm.rules.tables import (
    EXTENDS,
    JOINS,
    OWN_CATEGORY,
    RESTARTS,
    STAYS,
    Calls,
    Charge,
    Clause,
    Ladder,
    Lane,
    Permission,
    Row,
    Rulebook,
    State,
    Tariff,
)
from fsm.spec.lines import CHARGES, CLAUSE, LANE, Key, rules_of

SECOND = timedelta(seconds=1)
Change = Callable[[Rulebook], Rulebook]


@attrs.frozen(kw_only=True)
class Touch:
    """
    What a scenario must have asked of the tables, or it cannot notice that a cell is another.

    Attributes:
        row: the row must have been found, as the answer about `about` (an act or a message; empty for any), and
            for lanes in the state `state`.
        lane: this lane must have been in the state `state`.
        ledger: the scenario must ask about amounts or labels.
    """

    row: Key | None = None
    about: str = ""
    state: str = ""
    lane: str = ""
    ledger: bool = False


ANYTHING: Final = Touch()
"""Any scenario under the law of that time may notice."""


@attrs.frozen(kw_only=True)
class Mutant:
    """
    One changed cell.

    Attributes:
        place: which table, row and cell, for a report.
        change: what was done to it.
        books: the editions it stands in: a row that later editions inherit is one cell of the law.
        rules: ids of the rules that the cell cites.
        touches: what a scenario must ask of the tables to be able to notice.
        apply: gives the changed edition.
        starts: or, for a date: how much later (or earlier) the edition begins, in microseconds.
    """

    place: str
    change: str
    books: tuple[int, ...]
    rules: tuple[str, ...] = ()
    touches: Touch = ANYTHING
    apply: Change | None = None
    starts: int = 0


def mutants(books: Sequence[Rulebook]) -> Iterator[Mutant]:
    """
    Every mutant of the law.

    A row, clock or list that several editions share is changed in all of them at once,
    as an editor of the law would change it. Tariffs are changed edition by edition: what an
    amount follows from must be told under every law.
    """
    yield from _grouped(books, _rows, "row")
    yield from _grouped(books, _clocks, "clock")
    yield from _grouped(books, _permissions, "permission")
    yield from _grouped(books, _charges, "charge")
    yield from _grouped(books, _lists, "list")
    yield from _tariffs(books)
    for number, book in enumerate(books):
        if number:
            for sign, word in ((1, "later"), (-1, "earlier")):
                yield Mutant(
                    place=f"date {book.since} ({book.name})",
                    change=f"begins one second {word}",
                    books=(number,),
                    starts=sign * 1_000_000,
                )


Changed = tuple[str, Any, tuple[str, str]]
"""What is done to a cell, what stands there then, and the act or message and the state that it is about."""
_ANY: Final = ("", "")


def _grouped(
    books: Sequence[Rulebook], cells: Callable[[Rulebook], Iterator[tuple[str, Any, list[Changed]]]], kind: str
) -> Iterator[Mutant]:
    seen: dict[tuple[str, Any], tuple[list[int], list[Changed]]] = {}
    for number, book in enumerate(books):
        for place, cell, changes in cells(book):
            numbers, _ = seen.setdefault((place, cell), ([], changes))
            numbers.append(number)
    for (place, cell), (numbers, changes) in seen.items():
        for change, replacement, about in changes:
            yield Mutant(
                place=f"{kind} {place} [{books[numbers[0]].edition}]",
                change=change,
                books=tuple(dict.fromkeys(numbers)),
                rules=_rules(kind, place, cell, books[numbers[0]]),
                touches=_touch(kind, place, cell, about),
                apply=_replacing(kind, place, cell, replacement),
            )


def _rules(kind: str, place: str, cell: Any, book: Rulebook) -> tuple[str, ...]:
    if kind in _KINDS:
        return rules_of(cell)
    if kind == "clock" or place == "allowance":
        return (cell.rule,) if cell.rule else ()
    asking = _ASKED_THROUGH.get(place, frozenset())
    rows: list[Row | Permission | Charge] = [
        *(row for lane in book.lanes for row in lane.rows),
        *(line for clause in book.clauses for line in clause.rows),
        *book.charges,
    ]
    cited = [id for row in rows if asking.intersection(row.needs) for id in rules_of(row)]
    return tuple(dict.fromkeys(id for id in (*_LISTED.get(place, ()), *cited) if id in book.rules))


_LISTED: Final = {
    "opens_window": ("CSW-05",),
    "may_open_window": ("CSW-06",),
    "undocumented_kinds": ("CSW-06",),
    "template_states": ("TPL-02",),
    "international_markets": ("INTL-04",),
    "limit_looks_back": ("LIM-01",),
    "without_marketing_limit": ("MKT-02",),
}
"""The rules that say what stands in a list, which itself cites none."""

_ASKED_THROUGH: Final[Mapping[str, frozenset[str]]] = {
    "entries": frozenset({facts.THROUGH_ENTRY}),
    "devices": frozenset({facts.THROUGH_ENTRY}),
    "answered_at": frozenset({facts.ANSWERS_ENTRY}),
    "ai_markets": frozenset({facts.AI_MARKET}),
    "international_markets": frozenset({facts.INTERNATIONAL_RATE}),
    "billing_currencies": frozenset({facts.CURRENCY_REFUSED}),
    "template_states": frozenset(
        {facts.TEMPLATE_APPROVED, facts.TEMPLATE_PAUSED, facts.TEMPLATE_DISABLED, facts.TEMPLATE_UNUSABLE}
    ),
}
"""The facts that are answered from a list: the rows that ask them are the rules it belongs to."""


def _touch(kind: str, place: str, cell: Any, about: tuple[str, str]) -> Touch:
    table = place.partition(":")[0]
    if kind in _KINDS:
        return Touch(row=(_KINDS[kind], CHARGES if kind == "charge" else table, cell), about=about[0], state=about[1])
    return Touch(lane=table, state=cell.name) if kind == "clock" else ANYTHING


_KINDS: Final = {"row": LANE, "permission": CLAUSE, "charge": CHARGES}


def _replacing(kind: str, place: str, cell: Any, replacement: Any) -> Change:
    def change(book: Rulebook) -> Rulebook:
        if kind == "row":
            return attrs.evolve(book, lanes=tuple(_lane_with(lane, place, cell, replacement) for lane in book.lanes))
        if kind == "clock":
            return attrs.evolve(book, lanes=tuple(_state_with(lane, place, cell, replacement) for lane in book.lanes))
        if kind == "permission":
            return attrs.evolve(
                book,
                clauses=tuple(
                    attrs.evolve(clause, rows=_swapped(clause.rows, cell, replacement))
                    if clause.name in place
                    else clause
                    for clause in book.clauses
                ),
            )
        if kind == "charge":
            return attrs.evolve(book, charges=_swapped(book.charges, cell, replacement))
        name = place
        if name == "allowance":
            return attrs.evolve(book, allowance=replacement)
        return attrs.evolve(book, readings=attrs.evolve(book.readings, **{name: replacement}))

    return change


_T = TypeVar("_T")


def _swapped(rows: tuple[_T, ...], old: _T, new: tuple[_T, ...]) -> tuple[_T, ...]:
    return tuple(each for row in rows for each in (new if row == old else (row,)))


def _lane_with(lane: Lane, place: str, cell: Row, replacement: tuple[Row, ...]) -> Lane:
    return (
        attrs.evolve(lane, rows=_swapped(lane.rows, cell, replacement)) if place.startswith(f"{lane.name}:") else lane
    )


def _state_with(lane: Lane, place: str, cell: State, replacement: State) -> Lane:
    if place != f"{lane.name}: {cell.name}":
        return lane
    return attrs.evolve(lane, states=_swapped(lane.states, cell, (replacement,)))


# --- lanes ------------------------------------------------------------------
def _rows(book: Rulebook) -> Iterator[tuple[str, Row, list[Changed]]]:
    """Per act and source state of a row: another destination. Per condition: dropped or turned round."""
    for lane in book.lanes:
        for row in lane.rows:
            changes: list[Changed] = []
            for act in row.on:
                for source in row.source:
                    rest = _without(row, act, source)
                    mine = attrs.evolve(row, on=(act,), source=(source,))
                    changes += [
                        (
                            f"{act} in {source}: {row.dest} -> {dest}",
                            (*rest, attrs.evolve(mine, dest=dest, adds=None)),
                            (act, source),
                        )
                        for dest in _other_destinations(lane, row, source, act)
                    ]
            if row.adds is not None:
                changes += [
                    (f"adds one second {word}", (attrs.evolve(row, adds=row.adds + sign * SECOND),), _ANY)
                    for sign, word in ((1, "more"), (-1, "less"))
                ]
            yield f"{lane.name}: {row.rule} {'/'.join(row.on)[:40]} in {'/'.join(row.source)}", row, changes


def _without(row: Row, act: str, source: str) -> tuple[Row, ...]:
    """The row without one act in one state."""
    others = tuple(each for each in row.on if each != act)
    sources = tuple(each for each in row.source if each != source)
    kept = []
    if others:
        kept.append(attrs.evolve(row, on=others))
    if sources:
        kept.append(attrs.evolve(row, on=(act,), source=sources))
    return tuple(kept)


def _other_destinations(lane: Lane, row: Row, source: str, act: str) -> list[str]:
    has_clock = lane.state(source).lasts is not None
    keeps = [STAYS]
    if lane.conversation and lane.state(source).open and act in acts.DELIVERY_ACTS:
        keeps.append(JOINS)
    if has_clock:
        keeps.append(RESTARTS)
    states = [
        state.name for state in lane.states if state.name != source and state.name not in ("boundary", "in_doubt")
    ]
    same = {RESTARTS} if row.dest == EXTENDS else {row.dest}
    return [dest for dest in (*keeps, *states) if dest not in same]


def _clocks(book: Rulebook) -> Iterator[tuple[str, State, list[Changed]]]:
    for lane in book.lanes:
        for state in lane.states:
            if state.lasts is None:
                continue
            changes: list[Changed] = [
                (f"lasts one second {word}", attrs.evolve(state, lasts=state.lasts + sign * SECOND), _ANY)
                for sign, word in ((1, "longer"), (-1, "shorter"))
                if state.lasts + sign * SECOND > timedelta(0)
            ]
            others = [other.name for other in lane.states if other.name not in (state.name, state.then)]
            changes += [(f"runs out to {name}", attrs.evolve(state, then=name), _ANY) for name in others]
            if (
                state.counted_from in ("event", "sending")
                and lane.name == terms.FREE_ENTRY_POINT
                and state.name == "open"
            ):
                other = {"event": "sending", "sending": "event"}[state.counted_from]
                changes.append((f"counted from {other}", attrs.evolve(state, counted_from=other), _ANY))
            if state.at_most is not None:
                changes.append(("at most a second longer", attrs.evolve(state, at_most=state.at_most + SECOND), _ANY))
            yield f"{lane.name}: {state.name}", state, changes


# --- permissions and charges ------------------------------------------------
def _permissions(book: Rulebook) -> Iterator[tuple[str, Permission, list[Changed]]]:
    for clause in book.clauses:
        for line in clause.rows:
            changes: list[Changed] = []
            for message in line.messages:
                rest, about = _rest(line, message), (message, "")
                mine = attrs.evolve(line, messages=(message,))
                for verdict in terms.VERDICTS:
                    if verdict != line.verdict and not line.advises_against:
                        error = 1 if verdict == terms.REFUSED else None
                        other = attrs.evolve(mine, verdict=verdict, error=error, assume="refused")
                        changes.append((f"{message}: {line.verdict} -> {verdict}", (*rest, other), about))
                if line.error is not None:
                    changes.append(
                        (f"{message}: error {line.error} + 1", (*rest, attrs.evolve(mine, error=line.error + 1)), about)
                    )
                if _advises(clause):
                    # Advice is told by its rules, so a line that begins to advise needs one to be heard.
                    rules = mine.rules or ("OPT-05",)
                    turned = attrs.evolve(mine, advises_against=not line.advises_against, rules=rules)
                    changes.append((f"{message}: advice turned round", (*rest, turned), about))
            yield f"{clause.name}: {_told(line)}", line, changes


def _advises(clause: Clause) -> bool:
    return any(line.advises_against for line in clause.rows)


def _charges(book: Rulebook) -> Iterator[tuple[str, Charge, list[Changed]]]:
    for line in book.charges:
        changes: list[Changed] = []
        for message in line.messages:
            rest, about = _rest(line, message), (message, "")
            mine = attrs.evolve(line, messages=(message,))
            if line.line is not None:
                other_line = "service" if line.line in ("utility", OWN_CATEGORY) else "utility"
                changes.append(
                    (f"{message}: charged as {other_line}", (*rest, attrs.evolve(mine, line=other_line)), about)
                )
                changes.append((f"{message}: free", (*rest, attrs.evolve(mine, line=None, why="not_billable")), about))
            else:
                changes.append(
                    (f"{message}: charged", (*rest, attrs.evolve(mine, line="service", why="regular")), about)
                )
                why = "attached" if line.why != "attached" else "free_tier"
                changes.append((f"{message}: another reason", (*rest, attrs.evolve(mine, why=why)), about))
            if line.unspecified:
                changes.append(
                    (f"{message}: no longer contested", (*rest, attrs.evolve(mine, unspecified=False)), about)
                )
            if book.allowance is not None and (line.uses_allowance or line.why == "regular"):
                turned = attrs.evolve(mine, uses_allowance=not line.uses_allowance)
                changes.append((f"{message}: use of the allowance turned round", (*rest, turned), about))
        yield _told(line), line, changes


_Line = TypeVar("_Line", Permission, Charge)


def _rest(line: _Line, message: str) -> tuple[_Line, ...]:
    others = tuple(each for each in line.messages if each != message)
    return (attrs.evolve(line, messages=others),) if others else ()


def _told(line: Permission | Charge) -> str:
    conditions = ", ".join((*line.needs, *(f"not {fact}" for fact in line.unless)))
    return f"{'/'.join(line.messages)[:60]} ({conditions}) {' '.join(line.rules)}"


# --- lists ------------------------------------------------------------------
def _lists(book: Rulebook) -> Iterator[tuple[str, Any, list[Changed]]]:
    for place, cell, changes in _lists_of(book):
        yield place, cell, [(change, replacement, _ANY) for change, replacement in changes]


def _lists_of(book: Rulebook) -> Iterator[tuple[str, Any, list[tuple[str, Any]]]]:
    readings = book.readings
    for name in ("opens_window", "may_open_window", "undocumented_kinds"):
        yield name, getattr(readings, name), _each(getattr(readings, name), terms.KINDS)
    if any(lane.name == terms.FREE_ENTRY_POINT for lane in book.lanes):
        yield "entries", readings.entries, _each(readings.entries, terms.ENTRIES)
        yield "devices", readings.devices, _each(readings.devices, terms.DEVICES)
        other = {"delivery": "sending", "sending": "delivery"}[readings.answered_at]
        yield "answered_at", readings.answered_at, [(f"answered at {other}", other)]
    if readings.ai_markets:
        yield (
            "ai_markets",
            readings.ai_markets,
            [(f"without {each}", readings.ai_markets - {each}) for each in sorted(readings.ai_markets)],
        )
    if readings.international_markets:
        listed = readings.international_markets
        yield "international_markets", listed, [(f"without {each}", listed - {each}) for each in sorted(listed)]
    currencies = readings.billing_currencies
    if currencies:
        without = [(f"without {each}", {k: v for k, v in currencies.items() if k != each}) for each in currencies]
        yield "billing_currencies", _Hashable(currencies), without
    if readings.limit_looks_back is not None:
        looks_back = readings.limit_looks_back
        yield (
            "limit_looks_back",
            looks_back,
            [(f"one second {word}", looks_back + sign * SECOND) for sign, word in ((1, "longer"), (-1, "shorter"))],
        )
    unlimited = readings.without_marketing_limit
    if unlimited:
        yield (
            "without_marketing_limit",
            unlimited,
            [
                *((f"without {each}", unlimited - {each}) for each in sorted(unlimited)),
                *((f"with {each}", unlimited | {each}) for each in ("IN", "CH", "US")),
            ],
        )
    states = readings.template_states
    changes = [(f"without {state}", {key: value for key, value in states.items() if key != state}) for state in states]
    yield "template_states", _Hashable(states), changes
    if book.allowance is not None:
        allowance = book.allowance
        per = {"account": "business", "business": "account"}[allowance.per]
        yield (
            "allowance",
            allowance,
            [
                ("one unit more", attrs.evolve(allowance, units=allowance.units + 1)),
                ("one unit less", attrs.evolve(allowance, units=allowance.units - 1)),
                (f"per {per}", attrs.evolve(allowance, per=per)),
            ],
        )


# --- tariffs ----------------------------------------------------------------
def _tariffs(books: Sequence[Rulebook]) -> Iterator[Mutant]:
    for number, book in enumerate(books):
        for change, replacement, rules in _tariff_changes(book.tariff):
            yield Mutant(
                place=f"tariff [{book.edition}]",
                change=change,
                books=(number,),
                rules=rules,
                touches=Touch(ledger=True),
                apply=_with_tariff(replacement),
            )


def _with_tariff(tariff: Tariff) -> Change:
    return lambda book: attrs.evolve(book, tariff=tariff)


def _tariff_changes(tariff: Tariff) -> Iterator[tuple[str, Tariff, tuple[str, ...]]]:
    """Every cell of a tariff but the rules it cites, with those rules."""
    for unit in ("notification", "conversation", "message"):
        if unit != tariff.charged:
            yield f"charged by the {unit}", attrs.evolve(tariff, charged=unit), ()
    for place, ladder in enumerate(tariff.ladders):
        rest = (tariff.ladders[:place], tariff.ladders[place + 1 :])
        yield f"ladder {ladder.name}: gone", attrs.evolve(tariff, ladders=(*rest[0], *rest[1])), ladder.rules
        for change, other in _ladder_changes(ladder, tariff):
            ladders = (*rest[0], other, *rest[1])
            yield f"ladder {ladder.name}: {change}", attrs.evolve(tariff, ladders=ladders), ladder.rules
    if tariff.calls is not None:
        rules = (*tariff.calls.rules, *tariff.calls.ladder.rules)
        yield "calls: gone", attrs.evolve(tariff, calls=None), rules
        for change, calls in _calls_changes(tariff.calls, tariff):
            yield f"calls: {change}", attrs.evolve(tariff, calls=calls), rules
    for change, same_rate in _same_rate_changes(tariff.same_rate):
        yield f"same rate: {change}", attrs.evolve(tariff, same_rate=same_rate), ()


def _ladder_changes(ladder: Ladder, tariff: Tariff) -> Iterator[tuple[str, Ladder]]:
    taken = {line for each in tariff.ladders for line in each.lines} | set(ladder.lines)
    for line in ladder.lines:
        yield f"without {line}", attrs.evolve(ladder, lines=tuple(each for each in ladder.lines if each != line))
    for line in ("marketing", *tariff.same_rate):
        if line not in taken:
            yield f"with {line}", attrs.evolve(ladder, lines=(*ladder.lines, line))
    for other in tariff.ladders:
        if other.name != ladder.name:
            yield f"counted with {other.name}", attrs.evolve(ladder, name=other.name)
    yield "whole turned round", attrs.evolve(ladder, whole=not ladder.whole)
    yield "groups turned round", attrs.evolve(ladder, groups=not ladder.groups)


def _calls_changes(calls: Calls, tariff: Tariff) -> Iterator[tuple[str, Calls]]:
    for sign, word in ((1, "longer"), (-1, "shorter")):
        yield f"a pulse one second {word}", attrs.evolve(calls, pulse=calls.pulse + sign * SECOND)
        yield f"a rate for one pulse {word}", attrs.evolve(calls, rate_for=calls.rate_for + sign * calls.pulse)
    for direction in ("user_initiated", "business_initiated"):
        if direction in calls.free:
            yield (
                f"{direction} charged",
                attrs.evolve(calls, free=tuple(each for each in calls.free if each != direction)),
            )
        else:
            yield f"{direction} free", attrs.evolve(calls, free=(*calls.free, direction))
    yield "charged as utility", attrs.evolve(calls, line="utility")
    for change, ladder in _ladder_changes(calls.ladder, tariff):
        yield f"ladder: {change}", attrs.evolve(calls, ladder=ladder)


def _same_rate_changes(same_rate: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for line in same_rate:
        yield f"{line} without one", {each: other for each, other in same_rate.items() if each != line}
        yield f"{line} as marketing", {**same_rate, line: "marketing"}


def _each(chosen: frozenset[str], words: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
    return [
        (f"without {word}", chosen - {word}) if word in chosen else (f"with {word}", chosen | {word}) for word in words
    ]


def _sorted_items(mapping: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(mapping.items()))


@attrs.frozen
class _Hashable:
    """A mapping that can be compared and hashed by its content."""

    items: tuple[tuple[str, str], ...] = attrs.field(converter=_sorted_items)
