"""Answers as columns of results: outcome numbers looked up, nothing worked out again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa

from fsm import terms
from fsm.bulk.bucket import BY_ROW, Answers
from fsm.bulk.fill import ABOUT_COLUMNS, ALL_TIES, BECAUSE, CHARGE, JOINS, OPENED, OUTCOME_COLUMNS, WHY
from fsm.bulk.layout import BITS, CONTESTED, FLAG_BIT, LEFT, NONE, USES, USES_NONE
from fsm.bulk.memory import NO_ID
from fsm.bulk.program import Program, grown
from fsm.bulk.settle import Decision, Pending, Settler
from fsm.columns.names import lanes, result_words
from fsm.columns.schema import DEADLINE, result_schema

TIE: Final = FLAG_BIT["tie_sensitive"]


@attrs.define(kw_only=True)
class Settled:
    """
    Answers whose every member is known, but for the open rows.

    Attributes:
        answers: what they were made from.
        outcomes: int64, number of the outcome, see `Program.outcomes`.
        flags: int64, bits of all flags.
        open: rows (places in `answers`) that the allowance decides once all buckets are counted.
        pending: the same for the settler; None if there are none.
        place, whole: int64, the unit of the month's allowance that was used, and how many there are; 0 for none.
    """

    answers: Answers
    outcomes: Any
    flags: Any
    open: Any
    pending: Pending | None
    place: Any
    whole: Any

    def part(self, places: Any) -> Settled:
        """Some of the rows, without the others' memory; nothing of it is open."""
        answers = self.answers
        rows = answers.rows[places]
        few = {
            name: getattr(answers, name)[places] if len(getattr(answers, name)) else getattr(answers, name)
            for name in BY_ROW
        }
        few["rows"] = np.arange(len(places))
        return Settled(
            answers=attrs.evolve(answers, encoded=answers.encoded.part(rows), **few),
            outcomes=self.outcomes[places],
            flags=self.flags[places],
            open=np.zeros(0, np.int64),
            pending=None,
            place=self.place[places],
            whole=self.whole[places],
        )


def joined(parts: Sequence[Settled]) -> list[Settled]:
    """Settled rows of several buckets as one, where customers and ids are numbers; as they are where they are texts."""
    first = parts[0].answers
    if len(parts) == 1 or first.encoded.customers is not None or first.encoded.texts is not None:
        return list(parts)
    encoded = [part.answers.encoded for part in parts]
    before = np.cumsum([0, *(len(each.records) for each in encoded)]).tolist()
    states = any(len(each.ends) for each in encoded)
    rows = attrs.evolve(
        first.encoded,
        records=np.concatenate([each.records for each in encoded]),
        ends=np.concatenate(
            [each.ends if len(each.ends) else np.zeros(len(each.records), np.int64) for each in encoded]
        )
        if states
        else first.encoded.ends,
        odd={place + row: told for each, place in zip(encoded, before, strict=False) for row, told in each.odd.items()},
    )
    columns: dict[str, Any] = {name: np.concatenate([getattr(part.answers, name) for part in parts]) for name in BY_ROW}
    columns["rows"] = np.concatenate([part.answers.rows + place for part, place in zip(parts, before, strict=False)])
    return [
        Settled(
            answers=attrs.evolve(first, encoded=rows, **columns),
            open=np.zeros(0, np.int64),
            pending=None,
            **{
                name: np.concatenate([getattr(part, name) for part in parts])
                for name in ("outcomes", "flags", "place", "whole")
            },
        )
    ]


def settled(answers: Answers, program: Program, settler: Settler, fill: ModuleType, bucket: int = 0) -> Settled:
    """Give every answer its outcome, as far as it is known before all buckets are counted."""
    tables, count = program.tables, len(answers.cells)
    outcomes, flags, concerned = (np.empty(count, np.int64) for _ in range(3))
    metered = np.where(settler.units > 0, 1 + settler.per_business, 0).astype(np.uint8)
    begins, used_up = settler.used_up()
    few = fill.decided(
        answers.cells,
        answers.raised,
        _first_ties(answers.ties),
        answers.editions,
        answers.rows,
        answers.encoded.records,
        metered,
        begins,
        used_up,
        tables.cells,
        tables.flags,
        TIE,
        outcomes,
        flags,
        concerned,
    )
    concerned = concerned[:few].copy()
    pending = None
    still_open = np.zeros(0, np.int64)
    if few:
        encoded = answers.encoded
        rows = answers.rows[concerned]
        at = encoded.at[rows]
        bits = tables.cells[answers.cells[concerned], BITS]
        uses = (bits & USES) != 0
        with settler.lock:
            keys = settler.keys_of(at, answers.editions[concerned], encoded.business_of(rows))
            undecided = settler.add(keys, at, uses)
        still_open = concerned[undecided]
        if len(still_open):
            at_rows = answers.rows[still_open]
            pending = Pending(
                key=keys[undecided],
                at=at[undecided],
                uses=uses[undecided],
                uses_none=((bits & USES_NONE) != 0)[undecided],
                most=answers.most[still_open],
                ties=answers.ties[still_open],
                bucket=bucket,
                rows=still_open,
                order=lambda place: encoded.order(int(at_rows[place])),
            )
    return Settled(
        answers=answers,
        outcomes=outcomes,
        flags=flags,
        open=still_open,
        pending=pending,
        place=np.zeros(count, np.int64),
        whole=np.zeros(count, np.int64),
    )


def _first_ties(ties: Any) -> Any:
    """Ties as numbers of 16 bits: the reference may have told more, of which only the first and whether all are asked."""
    if ties.dtype != object:
        return ties
    return np.array([int(tie) if tie <= ALL_TIES else 2 | (int(tie) & 1) for tie in ties], np.uint16)


def close(rows: Settled, decision: Decision, program: Program) -> None:
    """Write a decision into the open rows."""
    tables, places = program.tables, decision.rows
    cells = rows.answers.cells[places]
    rows.outcomes[places] = np.where(decision.left, tables.cells[cells, LEFT], tables.cells[cells, NONE])
    rows.flags[places] = (
        tables.flags[rows.outcomes[places]] | rows.answers.raised[places] | np.where(decision.tied, TIE, 0)
    )
    rows.place[places], rows.whole[places] = decision.place, decision.whole


class Lookup:
    """
    The members of outcomes, by number, as arrays that columns are taken from. They only ever grow.

    Attributes:
        all, matters: uint8, by cell: 1; and whether a ledger hangs on it.
        of_cells, of_outcomes: see `fsm.bulk.fill`; by cell and by outcome.
        contents, categories, because: the words behind their codes.
    """

    def __init__(self) -> None:
        self.outcomes = self.cells = 0
        self.contents: dict[str, int] = {}
        self.categories: dict[str, int] = {}
        self.because: dict[str, int] = {}
        self.delivers = np.zeros(0, bool)
        self.all, self.matters = np.zeros(0, np.uint8), np.zeros(0, np.uint8)
        self.of_cells = np.zeros((0, ABOUT_COLUMNS), np.int16)
        self.of_outcomes = np.zeros((0, OUTCOME_COLUMNS), np.int32)
        self.verdict, self.error, self.uses = np.zeros(0, np.int8), np.zeros(0, np.int32), np.zeros(0, bool)
        self.refreshes, self.closes = np.zeros(0, np.int16), np.zeros(0, np.int16)

    def learn(self, program: Program) -> None:
        """Take in what the program has come to know since."""
        words = result_words()
        for outcome in program.outcomes[self.outcomes :]:
            number = self.outcomes
            self._room(number + 1, "of_outcomes", "verdict", "error", "uses", "refreshes", "closes")
            because = self.because.setdefault(" ".join(outcome.because), len(self.because))
            charge, why, joins = (_code(getattr(outcome, name), words[name]) for name in ("charge", "why", "joins"))
            self.of_outcomes[number] = (because, charge, why, joins, _mask(outcome.opens))
            self.verdict[number], self.error[number] = _code(outcome.verdict, words["verdict"]), outcome.error or 0
            self.uses[number] = outcome.uses_allowance
            self.refreshes[number], self.closes[number] = _mask(outcome.refreshes), _mask(outcome.closes)
            self.outcomes += 1
        for about in program.about[self.cells :]:
            number = self.cells
            self._room(number + 1, "delivers", "all", "matters", "of_cells")
            content, category = about or ("", None)
            self.of_cells[number] = (
                self.contents.setdefault(content, len(self.contents)) if content else -1,
                -1 if category is None else self.categories.setdefault(category, len(self.categories)),
            )
            self.all[number], self.delivers[number] = 1, about is not None
            counts = program.tables.cells[number, BITS] & (CONTESTED | USES | USES_NONE)
            self.matters[number] = about is not None or counts != 0
            self.cells += 1

    def _room(self, length: int, *names: str) -> None:
        for name in names:
            setattr(self, name, grown(getattr(self, name), length))


def _code(word: str | None, words: Sequence[str]) -> int:
    return -1 if word is None else words.index(word)


def _mask(names: Iterable[str]) -> int:
    return sum(1 << terms.REPORTED.index(name) for name in names)


def result_columns(rows: Settled, program: Program, chosen: Any = None) -> Any:
    """
    The results as a record batch of `fsm.columns.result_schema`.

    Args:
        rows: answers with their outcomes.
        program: that gave them.
        chosen: places of the answers that are wanted; all of them in the order of `rows` if None.
    """
    answers, encoded = rows.answers, rows.answers.encoded
    places = np.arange(len(rows.outcomes)) if chosen is None else chosen
    source = answers.rows[places]
    outcomes = rows.outcomes[places]
    look = program.lookup()
    told = look.of_outcomes[outcomes]
    words = result_words()
    editions = answers.editions[places]
    names = [edition.book.name for edition in program.editions]
    books = np.array([words["rulebook"].index(name) for name in names], np.int8)
    whole = np.array([words["edition"].index(edition.book.edition) for edition in program.editions], np.int8)
    symbols = program.tables.symbols[encoded.symbols_of(source), 0].astype(np.int8)
    columns: dict[str, Any] = {
        "event": symbols,
        "at": encoded.at[source],
        "business": pa.DictionaryArray.from_arrays(
            pa.array(encoded.business_of(source).astype(np.int32)), pa.array(encoded.businesses, pa.string())
        ),
        "customer": customer_texts(encoded, source),
        "id": id_texts(encoded, source),
        "participant": _participants(encoded, source),
        "rulebook": books[editions],
        "edition": whole[editions],
        "verdict": _maybe(look.verdict[outcomes], pa.int8()),
        "error": pa.array(look.error[outcomes], mask=look.error[outcomes] == 0),
        "because": pa.DictionaryArray.from_arrays(pa.array(told[:, BECAUSE]), pa.array(look.because, pa.string())),
        "opens": told[:, OPENED].astype(np.int16),
        "refreshes": look.refreshes[outcomes],
        "closes": look.closes[outcomes],
        "joins": _maybe(told[:, JOINS].astype(np.int8), pa.int8()),
        "charge": _maybe(told[:, CHARGE].astype(np.int8), pa.int8()),
        "why": _maybe(told[:, WHY].astype(np.int8), pa.int8()),
        "flags": rows.flags[places].astype(np.int32),
        "uses_allowance": look.uses[outcomes],
    }
    where = {lane: np.full(len(program.editions), -1, np.int64) for lane in lanes()}
    for number, edition in enumerate(program.editions):
        for lane, place in edition.places.items():
            where[lane][number] = place
    for lane in lanes():
        lane_place = where[lane][editions]
        if len(answers.clocks):
            clocks = answers.clocks[places, np.maximum(lane_place, 0)]
            columns[DEADLINE + lane] = pa.array(clocks, mask=(lane_place < 0) | (clocks == 0))
        else:
            columns[DEADLINE + lane] = pa.nulls(len(places), pa.int64())
    schema = result_schema()
    return pa.record_batch([_as(columns[field.name], field.type) for field in schema], schema=schema)


def _as(column: Any, kind: Any) -> Any:
    return column if isinstance(column, pa.Array) else pa.array(column, type=kind)


def _maybe(codes: Any, kind: Any) -> Any:
    return pa.array(codes, type=kind, mask=codes < 0)


BOTH: Final = ("verdict", "error", "because", "charge", "why", "flags", "uses_allowance")
"""The members of a result that can hang on the allowance."""


def both_columns(answers: Answers, program: Program, settler: Settler) -> Any:
    """
    Results with both answers, for an engine that counts the allowance itself: a record batch.

    To the columns of `result_schema`, which hold if no unit is left, come the same members with `left_` before them,
    which hold if one is; and of rows that the allowance may decide:

    - `counter`: the rule, the month (months since year 0) and the business (-1 for all) whose units count; else null;
    - `uses`, `uses_anyway`: whether the row uses a unit if one is left, and if none is;
    - `ties`: bit n is set if another order within the instant changes the answer while n units are left before it
      (bit 15: or more); then the flag `tie_sensitive` belongs to the row. Rows without a counter bear it already.
    """
    tables = program.tables
    bits = tables.cells[answers.cells, BITS]
    ties = answers.ties
    counted = (bits & (CONTESTED | USES | USES_NONE)) != 0
    counted |= (settler.units[answers.editions] > 0) & np.asarray((ties != 0) & (ties != 0xFFFF), bool)
    marks = np.where(~counted & np.asarray(ties != 0, bool), TIE, 0)
    sides = []
    for side in (NONE, LEFT):
        outcomes = tables.cells[answers.cells, side]
        rows = Settled(
            answers=answers,
            outcomes=outcomes,
            flags=tables.flags[outcomes] | answers.raised | marks,
            open=np.zeros(0, np.int64),
            pending=None,
            place=np.zeros(len(outcomes), np.int64),
            whole=np.zeros(len(outcomes), np.int64),
        )
        sides.append(result_columns(rows, program))
    none, left = sides
    keys = np.full((len(bits), 3), -1, np.int64)
    places = np.flatnonzero(counted)
    if len(places):
        encoded, source = answers.encoded, answers.rows[places]
        with settler.lock:
            numbers = settler.keys_of(encoded.at[source], answers.editions[places], encoded.business_of(source))
            keys[places] = np.array(settler.counters, np.int64)[numbers]
        scope = keys[places, 2]
        names = np.array(["", *encoded.businesses], object)[scope + 1]
    counter = np.full(len(bits), None, object)
    for place, name in zip(places.tolist(), names.tolist() if len(places) else [], strict=True):
        counter[place] = f"{keys[place, 0]} {keys[place, 1]} {name}"
    extra: dict[str, Any] = {
        **{f"left_{name}": left.column(name) for name in BOTH},
        "counter": pa.array(counter, pa.string()),
        "uses": pa.array((bits & USES) != 0),
        "uses_anyway": pa.array((bits & USES_NONE) != 0),
        "ties": pa.array([int(value) & 0xFFFF for value in ties], pa.int32()),
    }
    columns = {**dict(zip(none.schema.names, none.columns, strict=True)), **extra}
    schema = pa.schema([pa.field(name, column.type) for name, column in columns.items()], metadata=none.schema.metadata)
    return pa.record_batch(list(columns.values()), schema=schema)


def customer_texts(encoded: Any, source: Any) -> Any:
    """The customers of some rows, as texts."""
    keys = encoded.customer[source]
    if encoded.customers is None:
        return pa.array(keys.view(np.uint64)).cast(pa.string())
    return pa.array(encoded.customers, pa.string()).take(pa.array(keys))


def id_texts(encoded: Any, source: Any) -> Any:
    """The message ids of some rows, as texts; null where there is none."""
    keys = encoded.ids[source]
    if encoded.texts is None:
        numbers = pa.array(keys.view(np.uint64) ^ np.uint64(1 << 63), mask=keys == NO_ID)
        return pa.compute.utf8_lpad(numbers.cast(pa.string()), 20, "0")
    return pa.array(encoded.texts, pa.string()).take(pa.array(keys, mask=keys == NO_ID))


def _participants(encoded: Any, source: Any) -> Any:
    if not encoded.odd:
        return pa.nulls(len(source), pa.string())
    return pa.array([encoded.odd.get(int(row), ("", ""))[0] or None for row in source], pa.string())
