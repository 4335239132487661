"""
The shipped cards against Meta's own list of changes: every step changes exactly the cells that the list names.

This is the standing test of the figures: a slip in copying one cell shows up as a change that nobody announced.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from itertools import pairwise

import attrs
import pytest

from fsm.errors import BadRates
from fsm.rates import NOT_APPLICABLE, PRICED, UNPRICED, Card, Cell, read_changes, split_rows, unexplained
from fsm.rates.changes import MOVED, SEVERAL_MARKETS, STANDALONE, Change
from fsm.rates.names import MARKETS, SHARED_CALLING_CODES, US_TERRITORIES
from fsm.service.rate_files import shipped_changes, shipped_markets, shipped_prices

DATA = resources.files("fsm.rates") / "data"
CARDS = shipped_prices().cards
COMPLETE = [card for card in CARDS if card.complete]
PARTIAL = [card for card in CARDS if not card.complete]
# The last partial card is compared too, in the cells that it has: it is what the first complete one is held to. (The
# list names marketing in four markets for 2024-10-01; these cells are blank on the card before.)
COMPARED = [PARTIAL[-1], *COMPLETE]
STEPS = list(pairwise(COMPARED))
SAME_RATE_FROM = date(2025, 7, 1)
SERVICE_FROM = date(2026, 10, 1)


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((DATA / name).read_text(encoding="utf-8"))))


def day(card: Card) -> str:
    return card.effective_from.isoformat()


def named(change: Change) -> str:
    return f"{change.effective_from}-{change.line}-{change.kind}-{change.market}"


def with_cell(card: Card, key: tuple[str, str], cell: Cell) -> Card:
    return attrs.evolve(card, cells={**card.cells, key: cell})


def complaints(cards: list[Card], place: int) -> list[str]:
    """What the list of changes has against the card at this place, from both of its neighbours."""
    return [
        complaint
        for at in (place - 1, place)
        if 0 <= at < len(cards) - 1
        for complaint in unexplained(cards[at], cards[at + 1], shipped_changes(), shipped_markets())
    ]


def unequal(card: Card) -> list[str]:
    """Markets in which lines that cost the same do not: utility and authentication, and service once it is charged."""
    same = ["utility"]
    same += ["authentication"] if card.effective_from >= SAME_RATE_FROM else []
    same += ["service"] if card.effective_from >= SERVICE_FROM else []
    return [market for market in card.markets() if len({card.cells[market, line].rate for line in same}) > 1]


# --- the standing test ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("previous", "card"), STEPS, ids=[day(card) for _, card in STEPS])
def test_a_step_changes_exactly_the_cells_that_metas_list_names(previous: Card, card: Card) -> None:
    assert unexplained(previous, card, shipped_changes(), shipped_markets()) == ()


def test_the_standing_test_sees_every_step_from_2024_10_to_2026_10() -> None:
    assert [day(card) for card in COMPLETE] == [
        "2024-10-01",
        "2024-11-01",
        "2025-02-01",
        "2025-04-01",
        "2025-07-01",
        "2025-10-01",
        "2026-01-01",
        "2026-04-01",
        "2026-07-01",
        "2026-10-01",
    ]


def test_every_change_belongs_to_the_first_day_of_a_card_and_every_card_but_the_first_has_one() -> None:
    assert {change.effective_from for change in shipped_changes()} == {card.effective_from for card in COMPLETE[1:]}


ONLY_A_DIRECTION = {
    ("2026-10-01", "marketing"): {"Mexico", "Saudi Arabia", "United Arab Emirates", "Kuwait", "Morocco"}
    | {"Rest of Asia Pacific", "Rest of Middle East"},
    ("2026-10-01", "authentication_international"): {"Morocco"},
}
"""Where the newest card follows an announced change, nothing but the direction can be held to the list: no amounts
are in it, and no later card repeats them. The hash of the file guards these cells."""


@pytest.mark.parametrize("factor", ["1.01", "0.99"])
@pytest.mark.parametrize("place", range(1, len(COMPARED)), ids=[day(card) for card in COMPLETE])
def test_a_slip_of_one_per_cent_in_any_cell_fails_the_standing_test(place: int, factor: str) -> None:
    card = COMPARED[place]
    unseen = set()
    for key, cell in card.cells.items():
        if not cell.rate:
            continue
        slipped = with_cell(card, key, attrs.evolve(cell, rate=cell.rate * Decimal(factor)))
        if not unequal(slipped) and not complaints([*COMPARED[:place], slipped, *COMPARED[place + 1 :]], place):
            unseen.add(key)
    assert unseen == {
        (market, line) for (on, line), markets in ONLY_A_DIRECTION.items() if on == day(card) for market in markets
    }


@pytest.mark.parametrize("place", range(1, len(COMPARED)), ids=[day(card) for card in COMPLETE])
def test_a_rate_where_the_card_says_n_a_fails_the_standing_test(place: int) -> None:
    card = COMPARED[place]
    absent = [key for key, cell in card.cells.items() if cell.state == NOT_APPLICABLE]
    assert absent
    for key in absent[::7]:
        rated = with_cell(card, key, Cell(state=PRICED, rate=Decimal("0.01"), evidence="read"))
        assert complaints([*COMPARED[:place], rated, *COMPARED[place + 1 :]], place), key


@pytest.mark.parametrize("change", [c for c in shipped_changes() if c.line and c.market in MARKETS], ids=named)
def test_a_change_taken_out_of_the_list_or_turned_round_fails_the_standing_test(change: Change) -> None:
    place = next(n for n, card in enumerate(COMPLETE) if card.effective_from == change.effective_from)
    previous, card = COMPLETE[place - 1], COMPLETE[place]
    before = previous.cells.get((change.market, change.line))
    blank = UNPRICED in (card.cells[change.market, change.line].state, before.state if before else "")
    without = [each for each in shipped_changes() if each != change]
    turned = [*without, attrs.evolve(change, kind="up" if change.kind != "up" else "down")]
    for changes in (without, turned):
        assert bool(unexplained(previous, card, changes, shipped_markets())) is not blank


def test_a_market_missing_from_a_card_fails_the_standing_test() -> None:
    card = COMPLETE[-1]
    without = attrs.evolve(card, cells={key: cell for key, cell in card.cells.items() if key[0] != "Peru"})
    found = unexplained(COMPLETE[-2], without, shipped_changes(), shipped_markets())
    assert "2026-10-01 Peru: gone from the card" in found


def test_a_new_market_that_nobody_announced_fails_the_standing_test() -> None:
    card = COMPLETE[-1]
    added = attrs.evolve(card, cells={**card.cells, ("Atlantis", "utility"): Cell(state=UNPRICED)})
    found = unexplained(COMPLETE[-2], added, shipped_changes(), shipped_markets())
    assert found == ("2026-10-01 Atlantis: new on the card, and not in the list",)


def test_several_markets_of_the_list_that_are_none_on_the_cards_fail_the_standing_test() -> None:
    vague = attrs.evolve(shipped_changes()[0], line="marketing", kind="up", market=SEVERAL_MARKETS)
    found = unexplained(COMPLETE[0], COMPLETE[1], [*shipped_changes(), vague], shipped_markets())
    assert found == ("2024-11-01 marketing up in several markets: in the list, and in no market on the cards",)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-10-01,sideways,utility,Peru,list,", "'sideways' of 'utility' is no change"),
        ("2026-10-01,up,hologram,Peru,list,", "'up' of 'hologram' is no change"),
        ("2026-10-01,up,utility,Atlantis,list,", "'Atlantis' is not a market"),
        ("2026-10-1,up,utility,Peru,list,", "'2026-10-1' is not a day"),
    ],
)
def test_a_list_of_changes_that_cannot_be_understood_is_refused(row: str, message: str) -> None:
    rows = split_rows(f"effective_from,change,line,markets,named_by,note\n{row}\n")
    with pytest.raises(BadRates, match=message):
        read_changes(rows, name="changes.csv")


# --- blanks and evidence ----------------------------------------------------------------------------------------


def test_the_blank_cells_are_exactly_those_listed_by_name() -> None:
    listed = {
        (row["effective_from"], market.strip(), row["line"])
        for row in table("blanks.csv")
        for market in row["markets"].split(";")
    }
    blank = {
        (day(card), market, line)
        for card in COMPLETE
        for (market, line), cell in card.cells.items()
        if cell.state == UNPRICED
    }
    assert blank == listed


def test_every_shipped_rate_says_whether_it_was_read_or_derived() -> None:
    evidence = {cell.evidence for card in CARDS for cell in card.cells.values() if cell.state == PRICED}
    assert evidence == {"read", "derived"}


def test_a_remark_in_brackets_beside_the_evidence_letters_is_not_evidence() -> None:
    """The first card writes `muas(i=n/a)`: four cells read, and the reason why the fifth has no letter."""
    card = COMPLETE[0]
    assert card.cells["Argentina", "marketing"].evidence == "read"
    assert card.cells["Argentina", "authentication_international"].evidence == ""


@pytest.mark.parametrize("card", CARDS, ids=day)
def test_a_shipped_file_is_the_one_that_was_checked(card: Card) -> None:
    """The list gives no amounts, so a slip inside an announced change is caught by the hash."""
    listed = {row["file"]: row["sha256"] for row in table("files.csv")}
    assert card.sha256 == listed[card.name]


def test_the_shipped_tier_table_is_the_one_that_was_checked() -> None:
    (tiers,) = shipped_prices().tiers
    assert tiers.sha256 == {row["file"]: row["sha256"] for row in table("files.csv")}[tiers.name]


def test_every_data_file_is_listed() -> None:
    found = {each.name for each in DATA.iterdir() if each.name.endswith(".csv")}
    ours = {"files.csv", "markets.csv", "changes.csv", "blanks.csv"}
    assert found == ours | {row["file"] for row in table("files.csv")}


def test_cards_before_2024_10_are_known_in_part_and_price_nothing() -> None:
    assert [day(card) for card in PARTIAL] == [
        "2022-02-01",
        "2023-06-01",
        "2024-06-01",
        "2024-07-01",
        "2024-08-01",
    ]


# --- relations between columns ----------------------------------------------------------------------------------


@pytest.mark.parametrize("card", COMPLETE, ids=day)
def test_utility_costs_what_authentication_costs_from_2025_07_and_what_service_costs_from_2026_10(card: Card) -> None:
    assert unequal(card) == []


@pytest.mark.parametrize("line", ["utility", "authentication", "service"])
def test_a_rate_that_should_equal_another_and_does_not_is_found(line: str) -> None:
    card = COMPLETE[-1]
    slip = attrs.evolve(card.cells["India", line], rate=Decimal("0.0015"))
    assert unequal(with_cell(card, ("India", line), slip)) == ["India"]


@pytest.mark.parametrize(
    ("first", "unit"), [("2022-02-01", "conversation"), ("2025-04-01", "conversation"), ("2025-07-01", "message")]
)
def test_cards_price_conversations_until_2025_06_and_messages_after(first: str, unit: str) -> None:
    assert {card.unit for card in CARDS if day(card) == first} == {unit}


def test_the_list_rate_of_the_shipped_tiers_is_the_cards_own() -> None:
    assert shipped_prices().warnings == ()


# --- markets and cards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", CARDS, ids=day)
def test_a_card_has_exactly_the_markets_of_its_day(card: Card) -> None:
    assert set(card.markets()) == shipped_markets().names_on(card.effective_from)


def test_markets_are_spelled_as_the_cards_spell_them() -> None:
    assert shipped_markets().names == MARKETS


@pytest.mark.parametrize("first", [date(2025, 10, 1), date(2026, 7, 1), date(2026, 10, 1)], ids=str)
def test_the_markets_that_change_are_those_the_list_names(first: date) -> None:
    markets = shipped_markets()
    changed = {market for market in markets.names_on(first) if markets.came_from(market, first) != {market}}
    named = {c.market for c in shipped_changes() if c.effective_from == first and c.kind in (STANDALONE, MOVED)}
    assert changed == named


def test_no_market_changes_on_any_other_day() -> None:
    markets = shipped_markets()
    starts = {date.fromisoformat(row["effective_from"]) for row in table("markets.csv")}
    assert starts == {date(2022, 2, 1), date(2025, 10, 1), date(2026, 7, 1), date(2026, 10, 1)}
    assert len(markets.names_on(date(2026, 10, 1))) == 47
    assert len(markets.names_on(date(2026, 9, 30))) == 38
    assert len(markets.names_on(date(2026, 6, 30))) == 32


def test_the_periods_of_one_prefix_neither_overlap_nor_leave_a_gap() -> None:
    periods: dict[str, list[tuple[date, date | None]]] = {}
    for row in table("markets.csv"):
        ends = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
        periods.setdefault(row["calling_prefix"], []).append((date.fromisoformat(row["effective_from"]), ends))
    for prefix, each in periods.items():
        each.sort()
        assert each[0][0] == date(2022, 2, 1), prefix
        assert each[-1][1] is None, prefix
        for (_, ends), (starts, _) in pairwise(each):
            assert ends is not None, prefix
            assert starts == ends + timedelta(days=1), prefix


def test_us_territories_are_the_rows_that_say_so() -> None:
    said = {row["iso_country"] for row in table("markets.csv") if row["note"].startswith("US territory")}
    assert said == US_TERRITORIES


def test_territories_under_a_shared_calling_code_are_those_the_table_remarks() -> None:
    remarked = {
        (country, row["calling_prefix"])
        for row in table("markets.csv")
        if "also covers " in row["note"]
        for country in row["note"].partition("also covers ")[2].partition(":")[0].split()
    }
    assert remarked == set(SHARED_CALLING_CODES.items())
