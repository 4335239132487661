"""Columns of events become rows of numbers: what happened as one symbol, ids as keys that rise as they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from threading import RLock
from types import ModuleType
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.bulk.memory import (
    AT,
    AT_BITS,
    BUSINESS_BITS,
    CUSTOMER,
    ID,
    LOW,
    NARROW,
    NO_ID,
    RECORD,
    SYMBOL_BITS,
    WHAT,
    WORD,
)
from fsm.bulk.program import Meaning, Program
from fsm.columns.checks import NEEDS_ID, check_instants
from fsm.columns.hashing import hash_of
from fsm.columns.names import DEFAULTS
from fsm.columns.schema import ALWAYS, names_of
from fsm.errors import BadColumns, FsmError
from fsm.events import Event, read_event, write_event
from fsm.rules.words import counted
from fsm.service.account_files import check_claimed

MILLISECOND: Final = 1_000
_WIDTHS: Final = {"event": 4, "kind": 5, "entry": 3, "device": 4, "content": 4, "category": 8, "template_status": 8}
_ERROR_BITS: Final = 12
_TABLE: Final = 1 << 14
_EVERYWHERE: Final = np.frombuffer(b"", np.uint8)
_SMALL: Final = (1 << 31) - 1
TOP: Final = -(1 << 63)
"""Turns an unsigned number into a signed one that is ordered alike."""
_LOCK: Final = RLock()
"""Held by whoever adds a word; looking words up needs none."""


@attrs.frozen(kw_only=True)
class Encoded:
    """
    Events as rows of numbers, in any order.

    Attributes:
        records: int64 by row: customer, instant (milliseconds since 1970, UTC), id, and business and symbol together.
            Customers are equal where their keys are, see `customers`; ids rise as their keys do, `NO_ID` for none;
            businesses are places in `businesses`; symbols those of `Program.symbol`.
        ends: int64, the stated end of a free entry point, 0 for none; empty if no row has one.
        businesses: the names of the business numbers.
        customers: the texts behind customers; None where the key is the digits of the customer's number.
        texts: the ids behind their keys, in order; None where a key is the id itself, a number.
        odd: participant and addressee of rows that only the reference understands: messages to groups, customers
            known by other names.
        program: whose symbols they are.
    """

    records: Any
    ends: Any
    businesses: Sequence[str]
    customers: Sequence[str] | None
    texts: Any
    odd: Mapping[int, tuple[str, str]]
    program: Program

    @property
    def at(self) -> Any:
        """int64, milliseconds since 1970 (UTC)."""
        return self.records[:, AT]

    @property
    def customer(self) -> Any:
        """int64, keys of customers."""
        return self.records[:, CUSTOMER]

    @property
    def ids(self) -> Any:
        """int64, keys of ids."""
        return self.records[:, ID]

    @property
    def business(self) -> Any:
        """int64, numbers of businesses."""
        return self.records[:, WHAT] >> WORD

    @property
    def symbols(self) -> Any:
        """int64, symbols."""
        return self.records[:, WHAT] & LOW

    def business_of(self, rows: Any) -> Any:
        """The numbers of the businesses of some rows."""
        return self.records[rows, WHAT] >> WORD

    def symbols_of(self, rows: Any) -> Any:
        """The symbols of some rows."""
        return self.records[rows, WHAT] & LOW

    def customer_of(self, row: int) -> str:
        """The id of a row's customer."""
        key = int(self.records[row, CUSTOMER])
        return self.customers[key] if self.customers is not None else str(key)

    def id_of(self, row: int) -> str:
        """The message id of a row; empty if it is about none."""
        key = int(self.records[row, ID])
        if key == NO_ID:
            return ""
        return number_text(key) if self.texts is None else str(self.texts[key])

    def event(self, row: int) -> Event:
        """A row as the event it stands for."""
        participant, addressee = self.odd.get(row, ("", ""))
        ends = int(self.ends[row]) if len(self.ends) else 0
        return Event(
            **self.program.meanings[int(self.records[row, WHAT]) & LOW]._asdict(),
            at=int(self.records[row, AT]) * MILLISECOND,
            business=self.businesses[int(self.records[row, WHAT]) >> WORD],
            customer=self.customer_of(row),
            id=self.id_of(row),
            entry_point_ends_at=ends * MILLISECOND if ends else None,
            participant=participant,
            addressee=addressee,
        )

    def part(self, rows: Any) -> Encoded:
        """Some of the rows; their texts are copied, so that the others can be forgotten."""
        records, customers, texts = self.records[rows], self.customers, self.texts
        if customers is not None:
            kept, places = np.unique(records[:, CUSTOMER], return_inverse=True)
            customers = [customers[key] for key in kept.tolist()]
            records[:, CUSTOMER] = places
        if texts is not None:
            named = records[:, ID] != NO_ID
            kept, places = np.unique(records[named, ID], return_inverse=True)
            texts = [texts[key] for key in kept.tolist()]
            records[named, ID] = places
        odd = {place: self.odd[row] for place, row in enumerate(rows.tolist()) if row in self.odd}
        ends = self.ends[rows] if len(self.ends) else self.ends
        return attrs.evolve(self, records=records, ends=ends, customers=customers, texts=texts, odd=odd)

    def order(self, row: int) -> tuple[int, int, str, str, str, str, str]:
        """The place of a row in the canonical order of a log."""
        return self.event(row).order


def number_text(key: int) -> str:
    """
    The text of an id that is a number: 20 digits, so that texts are ordered as the numbers are.

    >>> number_text(7 - 2**63)
    '00000000000000000007'
    """
    return f"{key + 2**63:020}"


def encode(columns: Any, program: Program, shape: ModuleType, businesses: list[str] | None = None) -> Encoded:
    """
    Columns of events as rows of numbers, in the order in which they stand.

    Args:
        columns: a record batch or table of `fsm.columns.event_schema`; columns of nothing may be left out.
        program: gives the symbols.
        shape: the functions of `fsm.bulk.shape`, compiled or not.
        businesses: names that have a number already; new ones are added.

    Raises:
        BadColumns: a code without a word, a column that holds nothing where it must, an instant outside 1970 to 9998,
            or an id that is the number 0, which stands for none.
    """
    return encode_parted(columns, program, shape, [] if businesses is None else businesses, 1)[0]


def encode_parted(
    columns: Any,
    program: Program,
    shape: ModuleType,
    businesses: list[str],
    buckets: int,
    room: Callable[[int], Any] | None = None,
) -> tuple[Encoded, Any]:
    """
    The same, parted by thread: the rows of one bucket beside one another, in the order in which they stand.

    Where customers are numbers a thread has the same bucket whoever parts its rows.

    Args:
        buckets: how many: a power of two, at most 65,536.
        room: gives memory for the rows, int64[n or more, width], of the least width into which they fit: `NARROW` or
            `RECORD`. Fresh memory for whole records if None.

    Returns:
        The rows, and where each bucket begins (and the end of the last).
    """
    if isinstance(columns, pa.Table):
        columns = columns.combine_chunks().to_batches()[0] if columns.num_rows else _empty(columns.schema)
    count = columns.num_rows
    for name in ALWAYS:
        if name in columns.schema.names and columns.column(name).null_count:
            raise BadColumns(
                f"'{name}' is empty in {columns.column(name).null_count:,} of {count:,} rows. It never may be."
            )
    check_instants(columns)
    customers, customer = _customers(columns.column("customer"))
    texts, ids, valid, flip = _ids(columns.column("id")) if "id" in columns.schema.names else _no_ids(count)
    codes, numbers = _businesses(columns.column("business"), businesses)
    account = program.law.account
    if account.numbers and not account.numbers.issuperset(businesses):
        # A dictionary may hold words that no row uses.
        check_claimed(account, (businesses[number] for number in numbers[np.unique(codes)].tolist()))
    symbols = symbols_of(columns, program, shape)
    _check_ids(columns, valid)
    ends = _ends(columns)
    odd = _odd(columns)
    keys = np.zeros(count, np.uint16)
    if buckets > 1:
        # By their names: whoever parts another piece of the log may have met the businesses in another order.
        scattered = np.array([hash_of(businesses[number]) & _SMALL for number in numbers.tolist()], np.int64)
        shape.buckets_of(customer, codes, scattered, buckets.bit_length() - 1, keys)
    starts = np.zeros(buckets + 2, np.int64)
    at = columns.column("at").to_numpy(zero_copy_only=False)
    if room is None:
        records = np.empty((count, RECORD), np.int64)
    else:
        records = room(NARROW if _is_narrow(at, symbols, numbers) else RECORD)[:count]
    row = shape.to_records(keys, customer, at, ids, valid, flip, symbols, codes, numbers, starts, records)
    if row < count:
        raise BadColumns("an 'id' is the number 0, which stands for no id. Hash ids to 1 and above.")
    if buckets > 1 and (len(ends) or odd):
        order = np.argsort(keys, kind="stable")
        ends = ends[order] if len(ends) else ends
        places = np.empty(count, np.int64)
        places[order] = np.arange(count)
        odd = {int(places[row]): members for row, members in odd.items()}
    encoded = Encoded(
        records=records,
        ends=ends,
        businesses=businesses,
        customers=customers,
        texts=texts,
        odd=odd,
        program=program,
    )
    return encoded, starts[: buckets + 1]


def _check_ids(columns: Any, valid: Any) -> None:
    """
    Raises:
        BadColumns: an event that always has an id has none.
    """
    if "id" in columns.schema.names and not len(valid):
        return
    needs = NEEDS_ID[columns.column("event").to_numpy(zero_copy_only=False)]
    lacks = np.count_nonzero(needs & (valid == 0) if len(valid) else needs)
    if lacks:
        raise BadColumns(f"'id' is empty in {counted(int(lacks), 'row')} of events that always have one.")


def _is_narrow(at: Any, symbols: Any, numbers: Any) -> bool:
    """Whether instants, symbols and businesses fit into one number together."""
    return bool(symbols.max() < 1 << SYMBOL_BITS and numbers.max() < 1 << BUSINESS_BITS and at.max() < 1 << AT_BITS)


def _says(columns: Any, name: str) -> bool:
    """Whether a column is there and holds anything."""
    return name in columns.schema.names and columns.column(name).null_count < columns.num_rows


def _empty(schema: Any) -> Any:
    return pa.record_batch([pa.array([], type=field.type) for field in schema], schema=schema)


def _ends(columns: Any) -> Any:
    """The stated ends, 0 for none; empty if there are none at all."""
    if not _says(columns, "entry_point_ends_at"):
        return np.zeros(0, np.int64)
    ends = np.array(pc.fill_null(columns.column("entry_point_ends_at"), 0).to_numpy(zero_copy_only=False))
    return ends if ends.any() else np.zeros(0, np.int64)


def _odd(columns: Any) -> dict[int, tuple[str, str]]:
    told = {name: columns.column(name) for name in ("participant", "addressee") if _says(columns, name)}
    if not told:
        return {}
    either = reduce(pc.or_, (pc.is_valid(column) for column in told.values()))
    return {
        row: (
            told["participant"][row].as_py() or "" if "participant" in told else "",
            told["addressee"][row].as_py() or "" if "addressee" in told else "",
        )
        for row in np.flatnonzero(either.to_numpy(zero_copy_only=False)).tolist()
    }


def _businesses(column: Any, known: list[str]) -> tuple[Any, Any]:
    """The business of every row as a place in a list of numbers, and that list."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    names = column.dictionary.to_pylist()
    with _LOCK:
        numbers = {name: number for number, name in enumerate(known)}
        for name in names:
            if name not in numbers:
                numbers[name] = len(known)
                known.append(name)
    codes = column.indices.cast(pa.int32()).to_numpy(zero_copy_only=False)
    return codes, np.array([numbers[name] for name in names], np.int64)


def _customers(column: Any) -> tuple[list[str] | None, Any]:
    if pa.types.is_integer(column.type):
        return None, column.to_numpy(zero_copy_only=False).view(np.int64)
    coded = column.dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _ids(column: Any) -> tuple[Any, Any, Any, int]:
    """The texts of the ids (None for numbers), their numbers, where there are any, and what makes a number a key."""
    if pa.types.is_integer(column.type):
        return None, *_values(column, np.int64), TOP
    coded = column.dictionary_encode()
    sorted_places = pc.array_sort_indices(coded.dictionary).to_numpy(zero_copy_only=False)
    ranks = np.empty(len(sorted_places) + 1, np.int64)
    ranks[sorted_places] = np.arange(len(sorted_places))
    ranks[-1] = NO_ID
    places = pc.fill_null(coded.indices, len(sorted_places)).to_numpy(zero_copy_only=False)
    return coded.dictionary.take(pa.array(sorted_places)).to_pylist(), ranks[places], _EVERYWHERE, 0


def _no_ids(count: int) -> tuple[Any, Any, Any, int]:
    return None, np.full(count, NO_ID, np.int64), _EVERYWHERE, 0


def _values(column: Any, kind: Any) -> tuple[Any, Any]:
    """The numbers of a column, and 1 for each that is there and 0 for each that is not; empty if all are there."""
    bits, data = column.buffers()
    values = np.frombuffer(data, kind, len(column), column.offset * np.dtype(kind).itemsize)
    if bits is None or not column.null_count:
        return values, _EVERYWHERE
    first, skipped = divmod(column.offset, 8)
    bytes_ = np.frombuffer(bits, np.uint8, (skipped + len(column) + 7) >> 3, first)
    return values, np.unpackbits(bytes_, count=skipped + len(column), bitorder="little")[skipped:]


class Symbols:
    """What rows are, packed into a number, and the symbols they stand for; for one list of words."""

    def __init__(self, words: Mapping[str, Sequence[str]], program: Program) -> None:
        self.words, self.program = words, program
        self.keys = np.full(_TABLE, -1, np.int64)
        self.values = np.zeros(_TABLE, np.int32)
        self.errors: list[int | None] = [None]
        self._known = 0

    def add(self, key: int) -> None:
        """Give a new key its symbol. Others may look keys up meanwhile: a key stands only once its symbol does."""
        with _LOCK:
            self._add(key)

    def _add(self, key: int) -> None:
        mask = len(self.keys) - 1
        place = (key ^ (key >> 11) ^ (key >> 23)) & mask
        while self.keys[place] >= 0:
            if self.keys[place] == key:
                return
            place = (place + 1) & mask
        self._known += 1
        if 2 * self._known > len(self.keys):
            raise BadColumns(
                f"more than {self._known - 1:,} different kinds of event. Check that 'error', 'category' and "
                "'template_status' hold what their names say."
            )
        self.values[place] = self.program.symbol(self._meaning(key))
        self.keys[place] = key

    def _meaning(self, key: int) -> Meaning:
        members: dict[str, Any] = {}
        for name, width in _WIDTHS.items():
            code = (key & ((1 << width) - 1)) - 1
            key >>= width
            if code >= len(self.words[name]):
                raise BadColumns(f"'{name}' holds the code {code}; there are {len(self.words[name])} words.")
            members[name] = self.words[name][code] if code >= 0 else DEFAULTS.get(name)
        if members["event"] is None:
            raise BadColumns("a row has no 'event'.")
        members["inferred"] = bool(key & 1)
        members["error"] = self.errors[key >> 1]
        try:
            read_event(write_event(Event(at=0, business="b", customer="c", id="m", **members)))
        except FsmError as bad:
            raise BadColumns(f"a row is no event: {bad}") from None
        return Meaning(**members)

    def pack(self, columns: Any, shape: ModuleType) -> Any:
        """What each row is, packed into a number."""
        same, shift, told = 0, 0, []
        for name, width in _WIDTHS.items():
            words, default = self.words[name], DEFAULTS.get(name)
            filler = words.index(default) if default in words else -1
            if _says(columns, name):
                told.append((name, filler, shift, min(len(words), (1 << width) - 1)))
            same |= (filler + 1) << shift
            shift += width
        packed = np.full(columns.num_rows, same, np.int64)
        for name, filler, place, most in told:
            codes, valid = _values(columns.column(name), np.int8)
            if not shape.add_codes(packed, codes, valid, filler, place, most):
                wrong = ((codes < 0) | (codes >= most)) & (valid == 1 if len(valid) else True)
                raise BadColumns(f"'{name}' holds the code {codes[wrong][0]}; there are {len(self.words[name])} words.")
        if _says(columns, "inferred") and columns.column("inferred").true_count:
            packed |= (
                columns.column("inferred").cast(pa.int8()).to_numpy(zero_copy_only=False).astype(np.int64) << shift
            )
        if _says(columns, "error"):
            rows = np.flatnonzero(columns.column("error").is_valid().to_numpy(zero_copy_only=False))
            coded = columns.column("error").drop_null().dictionary_encode()
            codes = np.array([self._error(code) for code in coded.dictionary.to_pylist()], np.int64)
            packed[rows] |= codes[coded.indices.to_numpy(zero_copy_only=False)] << (shift + 1)
        return packed

    def _error(self, code: int) -> int:
        with _LOCK:
            return self._error_number(code)

    def _error_number(self, code: int) -> int:
        if code not in self.errors:
            if len(self.errors) >= 1 << _ERROR_BITS:
                raise BadColumns(
                    f"more than {len(self.errors) - 1:,} different codes in 'error'. Check that they are Meta's; "
                    "--engine table takes any number of them."
                )
            self.errors.append(code)
        return self.errors.index(code)


def symbols_of(columns: Any, program: Program, shape: ModuleType) -> Any:
    """The symbol of every row."""
    words = names_of(columns.schema).words
    key = tuple(sorted((name, tuple(listed)) for name, listed in words.items()))
    with _LOCK:
        table = program.packed.get(key)
        if table is None:
            table = program.packed[key] = Symbols(words, program)
    packed = table.pack(columns, shape)
    symbols = np.zeros(len(packed), np.int32)
    row = shape.intern(packed, table.keys, table.values, symbols, 0)
    while row < len(packed):
        table.add(int(packed[row]))
        row = shape.intern(packed, table.keys, table.values, symbols, row)
    return symbols


def classes_of(encoded: Encoded, rows: Iterable[int], program: Program) -> Any:
    """The class of the customer of some rows."""
    chosen = np.asarray(rows, np.int64)
    keys = encoded.records[chosen, CUSTOMER]
    if encoded.customers is not None:
        known = np.full(len(encoded.customers), -1, np.int32)
        for key in np.unique(keys):
            known[key] = program.class_of(encoded.customers[key])
        return known[keys].astype(np.int32)
    return program.classes_of_numbers(keys)
