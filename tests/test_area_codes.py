"""Our list of US area codes is the library's, and no library chooses a market."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberType

from fsm.rulebooks.numbers import us_area_code
from fsm.rulebooks.us_area_codes import US_STATES, US_TERRITORIES
from fsm.service.rate_files import shipped_markets

TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
FSM = Path(__file__).parents[1] / "fsm"
KINDS = (PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
EVERY = [f"{code:03}" for code in range(200, 1000)]


def countries(area: str) -> frozenset[str]:
    """The countries that the library sees behind an area code: for some seven-digit number there it names them."""
    found = set()
    for exchange in ("234", "200", "555", "780", "978", "444", "621", "345", "920", "671", "622"):
        number = PhoneNumber(country_code=1, national_number=int(f"{area}{exchange}5678"))
        if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in KINDS:
            region = phonenumbers.region_code_for_number(number)
            assert region is not None
            found.add(region)
    return frozenset(found)


@pytest.mark.parametrize("hundred", range(2, 10))
def test_every_area_code_of_the_library_is_where_our_list_has_it(hundred: int) -> None:
    for area in EVERY:
        if not area.startswith(str(hundred)):
            continue
        behind = countries(area)
        assert len(behind) <= 1
        expected = "yes" if behind == {"US"} else "unknown" if behind & set(TERRITORIES) else "no"
        assert us_area_code(f"1{area}2345678") == expected, (area, behind)


def test_the_library_knows_as_many_area_codes_of_the_us_as_our_list() -> None:
    behind = {area: countries(area) for area in EVERY}
    assert {area for area, found in behind.items() if found == {"US"}} == US_STATES
    assert {area for area, found in behind.items() if found & set(TERRITORIES)} == US_TERRITORIES
    assert len(US_STATES) > 300


def test_area_codes_are_three_digits_and_those_of_states_and_territories_differ() -> None:
    for area in US_STATES | US_TERRITORIES:
        assert len(area) == 3
        assert area.isascii()
        assert area.isdigit()
    assert not US_STATES & US_TERRITORIES


@pytest.mark.parametrize(
    ("customer", "library", "ours"),
    [
        # Meta's table knows calling codes, the library countries: where they part, Meta's table holds.
        ("13405550123", "VI", "Other"),
        ("441481712345", "GG", "United Kingdom"),
        ("35818123456", "AX", "Rest of Western Europe"),
        ("390669812345", "VA", "Italy"),
    ],
)
def test_the_market_follows_metas_table_where_the_library_sees_another_country(
    customer: str, library: str, ours: str
) -> None:
    assert phonenumbers.region_code_for_number(phonenumbers.parse(f"+{customer}")) == library
    market = shipped_markets().market_of(customer, date(2026, 10, 12))
    assert market is not None
    assert market.name == ours


@pytest.mark.parametrize("area", ["999", "000", "211", "555"])
def test_a_number_that_the_library_calls_impossible_has_the_market_of_its_calling_code(area: str) -> None:
    assert not phonenumbers.is_valid_number(PhoneNumber(country_code=1, national_number=int(f"{area}2345678")))
    market = shipped_markets().market_of(f"1{area}2345678", date(2026, 10, 12))
    assert market is not None
    assert (market.name, market.prefix) == ("North America", "1")


def test_nothing_in_the_package_asks_the_library() -> None:
    assert not [
        f"{file}: {name}"
        for file in FSM.rglob("*.py")
        for name in _imported(ast.parse(file.read_text(encoding="utf-8")))
        if name.split(".")[0] == "phonenumbers"
    ]


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
