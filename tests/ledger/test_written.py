"""Ledgers as files: JSON that is read back whole, CSV that no spreadsheet runs, Parquet with exact amounts."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.cli.ledger import _COLUMNS, _cells
from fsm.cli.tables import safe, write_csv, write_parquet
from fsm.errors import BadSettlement, FsmError
from fsm.events import Account
from fsm.ledger import Row, Stated, ledger_hash, settle, write_row
from fsm.ledger.provenance import calendar_fingerprint, rulebook_fingerprint
from fsm.ledger.saved import read_rows
from fsm.machine import Law
from fsm.rulebooks import editions
from tests.ledger.making import ledger, rows_of, sent, status, wrote

COST = {"pricing_model": "PMP", "category": "marketing", "cost": {"amount": "0.0300", "currency": "USD"}}
STORY = [
    *wrote("2024-10-02 09:00", entry="ad"),
    *sent("a", "2024-10-02 10:00", "free_form"),
    *sent("b", "2024-10-20 10:00", "marketing"),
    *wrote("2026-10-02 09:00", "group"),
    *sent("c", "2026-10-02 10:00", "free_form", "group", members=("5215550001111", "IN.1")),
    *sent("d", "2026-10-03 10:00", "newsletter"),
    *sent("e", "2026-10-04 10:00", "marketing"),
]
ROWS = ledger(STORY, evidence=[status("e", "2026-10-04 10:00", "sent", pricing=COST)]).rows


def written(rows: tuple[Row, ...]) -> str:
    return json.dumps({"rows": [write_row(row) for row in rows]})


def with_members(**members: Any) -> str:
    return json.dumps({"rows": [{**write_row(ROWS[0]), **members}]})


# --- JSON -------------------------------------------------------------------
def test_a_ledger_is_read_back_as_it_was_written() -> None:
    assert read_rows(written(ROWS), "ledger.json") == ROWS
    assert read_rows(written(settle(ROWS, "2024-10")), "ledger.json") == settle(ROWS, "2024-10")


def test_corrections_are_read_back_too() -> None:
    settled = tuple(row for row in settle(ROWS, "2024-10") if row.status == "settled")
    rows = ledger([*STORY, *sent("late", "2024-10-21 10:00", "marketing")], settled=settled).rows
    assert any(row.kind == "correction" for row in rows)
    assert read_rows(written(rows), "ledger.json") == rows


@settings(max_examples=200, deadline=None)
@given(
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    differs=st.booleans(),
)
def test_any_row_is_read_back_exactly(amount: Decimal, id: str, differs: bool) -> None:
    stated = Stated(cost=amount, category=id, billable=False, status="sent", differs=differs)
    row = attrs.evolve(ROWS[0], id=id, amount=amount, stated=stated)
    (back,) = read_rows(written((row,)), "ledger.json")
    assert back == row
    assert ledger_hash([back]) == ledger_hash([row])


def test_the_hash_depends_on_every_member() -> None:
    row = ROWS[0]
    for field in attrs.fields(Row):
        value = getattr(row, field.name)
        other: Any = {
            "facts": (("customer_call", 0),),
            "stated": Stated(status="sent"),
            "because": ("CSW-01",),
            "flags": ("boundary",),
        }.get(field.name)
        if other is None:
            is_number = isinstance(value, int) or field.name in ("ends_at", "volume")
            other = 77 if is_number else Decimal(77) if field.name in ("rate", "amount") else "other"
        assert ledger_hash([attrs.evolve(row, **{field.name: other})]) != ledger_hash([row]), field.name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a ledger"),
        ("[]", "no list of 'rows'"),
        ("{}", "no list of 'rows'"),
        ('{"rows": {}}', "no list of 'rows'"),
        ('{"rows": [1]}', "row 1, cannot be read"),
        ('{"rows": [null]}', "row 1, cannot be read"),
        ('{"rows": [[]]}', "row 1, cannot be read"),
        ('{"rows": [{}]}', "row 1, cannot be read"),
        ('{"rows": [], "rows": []}', "has a member twice"),
        ('{"rows": [NaN]}', "NaN"),
        ('{"rows": [1.5]}', "1.5"),
        ("[" * 100_000, "is not a ledger"),
        (with_members(amount=1), "amounts are decimal text"),
        (with_members(amount="1e3"), "is not an amount"),
        (with_members(amount="NaN"), "is not an amount"),
        (with_members(at="yesterday"), "cannot be read"),
        (with_members(at=None), "at is ''"),
        (with_members(at=True), "cannot be read"),
        (with_members(period="october"), "a month is written like 2026-10"),
        (with_members(period="2026-13"), "a month is written like 2026-10"),
        (with_members(period=None), "a month is written like 2026-10"),
        (with_members(units="1"), "units is '1'"),
        (with_members(units=True), "units is True"),
        (with_members(id=7), "id is 7"),
        (with_members(line=7), "line is 7"),
        (with_members(kind="gift"), "no ledger has"),
        (with_members(status="final"), "no ledger has"),
        (with_members(priced_by="guess"), "no ledger has"),
        (with_members(colour="red"), "unknown members: colour"),
        (with_members(stated=[]), "cannot be read"),
        (with_members(stated={"cost": 1}), "amounts are decimal text"),
        (with_members(stated={"price": "1"}), "unknown members: price"),
        (with_members(stated={"billable": "false"}), "billable is 'false'"),
        (with_members(because=[1]), "a list of texts"),
        (with_members(facts=["nonsense"]), "cannot be read"),
        (with_members(facts=7), "cannot be read"),
    ],
    ids=range(36),
)
def test_what_is_no_ledger_is_refused_with_its_place_and_reason(text: str, says: str) -> None:
    with pytest.raises(BadSettlement) as refused:
        read_rows(text, "october.json")
    assert str(refused.value).startswith("october.json")
    assert says in str(refused.value)


# --- CSV --------------------------------------------------------------------
def cells_of(*rows: Row) -> list[dict[str, str]]:
    stream = io.StringIO()
    write_csv(stream, _COLUMNS, map(_cells, rows))
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"], ids=repr)
def test_an_id_that_a_spreadsheet_would_run_has_an_apostrophe_before_it(start: str) -> None:
    evil = f"{start}HYPERLINK(1)"
    (found,) = cells_of(attrs.evolve(ROWS[0], id=evil, customer=evil, category=evil))
    assert found["id"] == found["customer"] == found["category"] == f"'{evil}"


def test_numbers_stay_numbers_though_they_begin_with_a_minus() -> None:
    (found,) = cells_of(attrs.evolve(ROWS[0], amount=Decimal("-0.0305"), units=-3))
    assert (found["amount"], found["units"]) == ("-0.0305", "-3")


@pytest.mark.parametrize("odd", ['a"b', "a,b", "a\nb", "a\r\nb", "a;b", "é 😀", "'x"], ids=repr)
def test_odd_texts_come_back_from_csv_as_they_were(odd: str) -> None:
    (found,) = cells_of(attrs.evolve(ROWS[0], id=odd))
    assert found["id"] == odd


@settings(max_examples=200, deadline=None)
@given(id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=8))
def test_no_text_is_run_and_none_is_lost(id: str) -> None:
    cell = safe(id)
    assert cell in (id, f"'{id}")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_every_row_and_column_is_in_the_file() -> None:
    found = cells_of(*ROWS)
    assert len(found) == len(ROWS)
    assert list(found[0]) == [field.name for field in attrs.fields(Row)]
    assert [row["amount"] for row in found] == ["" if row.amount is None else format(row.amount, "f") for row in ROWS]


# --- Parquet ----------------------------------------------------------------
def test_parquet_holds_amounts_as_exact_decimals(tmp_path: Path) -> None:
    path = tmp_path / "ledger.parquet"
    assert write_parquet(str(path), _COLUMNS, map(_cells, ROWS)) == len(ROWS)
    table = pq.read_table(path)
    assert pa.types.is_decimal(table.schema.field("amount").type)
    assert table.column("amount").to_pylist() == [row.amount for row in ROWS]
    assert table.column("id").to_pylist() == [row.id for row in ROWS]
    assert table.column("units").to_pylist() == [row.units for row in ROWS]


def test_parquet_refuses_to_round(tmp_path: Path) -> None:
    row = attrs.evolve(ROWS[0], amount=Decimal("0.0000000000001"))
    with pytest.raises(FsmError, match="more than 12 decimal places"):
        write_parquet(str(tmp_path / "ledger.parquet"), _COLUMNS, [_cells(row)])


# --- fingerprints -----------------------------------------------------------
def test_every_edition_has_a_fingerprint_of_its_own_that_no_run_changes() -> None:
    prints = [rulebook_fingerprint(book) for book in editions()]
    assert len(set(prints)) == len(prints)
    changed = attrs.evolve(editions()[-1], title="another")
    assert rulebook_fingerprint(changed) != prints[-1]


def test_a_calendar_fingerprint_tells_zones_apart_by_when_months_begin() -> None:
    madrid, paris, havana = (
        calendar_fingerprint(Law(Account(time_zone=ZoneInfo(name))))
        for name in ("Europe/Madrid", "Europe/Paris", "America/Havana")
    )
    assert madrid == paris != havana


def test_a_ledger_says_what_it_was_made_with() -> None:
    made = ledger(STORY)
    assert set(made.provenance) == {"rulebooks", "calendars", "cards", "policy", "markets"}
    cards = made.provenance["cards"]
    assert isinstance(cards, dict)
    assert set(cards) == {row.card for row in made.rows if row.card}
    assert all(len(fingerprint) == 64 for fingerprint in cards.values())
    assert set(made.provenance["rulebooks"]) == {row.edition for row in made.rows}  # type: ignore[call-overload]
    assert rows_of(STORY) == made.rows
