"""Volume tiers: counted over a portfolio, per market and month, each unit at the rate of the tier in which it lies."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from fsm.events import Account, Event
from fsm.ledger import Row
from fsm.rates.card import CONTRACT, OWN, SHIPPED
from fsm.webhooks import Notice, read_body
from tests.ledger.making import RAVI, amounts, card, instant, ledger, prices, row_of, sent, tiers

DAY = "2025-08-11"
RATES = {1: "0.0014", 3: "0.0013", 5: "0.0012"}
LIST = card("2025-07-01", {("India", "utility"): "0.0014", ("India", "authentication"): "0.0014"})
TIERS = tiers("2025-07-01", {("India", "utility"): RATES, ("India", "authentication"): RATES})


def utility(count: int, start: int = 0, *, day: str = DAY, business: str = "b", what: str = "utility") -> list[Event]:
    story = []
    for number in range(start, start + count):
        story += sent(f"{business}-{number:03}", f"{day} 10:{number:02}", what, RAVI, business)
    return story


def rows(events: list[Event], *accounts: Account, **more: object) -> tuple[Row, ...]:
    more.setdefault("prices", prices(LIST, TIERS))
    return ledger(events, *accounts, **more).rows  # type: ignore[arg-type]


def test_each_unit_has_the_rate_of_the_tier_in_which_it_lies() -> None:
    found = rows(utility(6))
    assert [row.amount for row in found] == [
        Decimal(rate) for rate in ("0.0014", "0.0014", "0.0013", "0.0013", "0.0012", "0.0012")
    ]
    assert [row.volume for row in found] == [1, 2, 3, 4, 5, 6]
    assert [row.tier for row in found] == ["1:2", "1:2", "3:4", "3:4", "5:MAX", "5:MAX"]
    assert {row.priced_by for row in found} == {"tier"}


def test_what_is_free_is_counted_in_no_tier() -> None:
    inbound = [Event(event="customer_message", at=instant(f"{DAY} 10:00"), business="b", customer=RAVI, id="in")]
    story = utility(2) + inbound
    charged = sent("after", "2025-08-13 12:00", "utility", RAVI, "b")
    found = rows([*story, *charged])
    assert [row.volume for row in found] == [None, None, 1]


def test_lines_and_markets_are_counted_each_by_itself() -> None:
    story = utility(2) + utility(1, 10, what="authentication") + sent("mx", f"{DAY} 11:00", "utility", business="b")
    found = rows(story)
    assert [(row.market, row.line, row.volume) for row in found] == [
        ("India", "utility", 1),
        ("India", "utility", 2),
        ("India", "authentication", 1),
        ("Mexico", "utility", 1),
    ]


@pytest.mark.parametrize("what", ["marketing", "free_form"])
def test_marketing_and_service_are_never_tiered(what: str) -> None:
    inbound = [Event(event="customer_message", at=instant("2026-10-12 09:00"), business="b", customer=RAVI, id="in")]
    story = [*inbound, *utility(2, day="2026-10-12", what=what)]
    table = tiers("2026-10-01", {("India", line): {1: "0.5", 2: "0.1"} for line in ("marketing", "service")})
    own = card("2026-10-01", {("India", line): "0.5" for line in ("marketing", "service")})
    found = rows(story, Account(free_left=0), prices=prices(own, table))
    assert [(row.amount, row.volume) for row in found] == [(Decimal("0.5"), None)] * 2


# --- authentication goes abroad in the middle of the month (PMP-09) -------------------------------------------------
def test_the_count_of_authentication_is_carried_into_authentication_international() -> None:
    table = tiers(
        "2025-07-01",
        {
            ("India", "authentication"): RATES,
            ("India", "authentication_international"): {1: "0.0304", 3: "0.0300", 5: "0.0290"},
        },
    )
    account = Account(primary_location="US", international_from=(("IN", instant("2025-08-15 00:00")),))
    story = utility(3, day="2025-08-14", what="authentication")
    story += utility(2, 10, day="2025-08-15", what="authentication")
    found = rows(story, account, prices=prices(LIST, table))
    assert [(row.line, row.volume, row.amount) for row in found] == [
        ("authentication", 1, Decimal("0.0014")),
        ("authentication", 2, Decimal("0.0014")),
        ("authentication", 3, Decimal("0.0013")),
        ("authentication_international", 4, Decimal("0.0300")),
        ("authentication_international", 5, Decimal("0.0290")),
    ]


# --- portfolios -----------------------------------------------------------------------------------------------------
def test_two_partners_of_one_portfolio_share_the_position_and_each_pays_for_its_own() -> None:
    story = utility(4, business="one") + utility(2, 20, business="two")
    first = Account(name="first", numbers=frozenset({"one"}), integration="partner")
    second = Account(name="second", numbers=frozenset({"two"}), integration="partner")
    found = rows(story, first, second)
    assert [(row.account, row.volume) for row in found] == [
        *(("first", place) for place in (1, 2, 3, 4)),
        ("second", 5),
        ("second", 6),
    ]
    assert {row.amount for row in found if row.account == "second"} == {Decimal("0.0012")}


def test_accounts_change_months_one_by_one_each_in_its_own_zone() -> None:
    """At 22:00 UTC on July 31 it is August for two of three accounts: the third still goes on in July's tiers."""
    east, utc, west = (timezone(timedelta(hours=hours)) for hours in (3, 2, -5))
    accounts = [
        Account(name=name, numbers=frozenset({name}), time_zone=zone)
        for name, zone in (("A", west), ("B", east), ("C", utc))
    ]
    story: list[Event] = []
    for business in "ABC":
        story += sent(f"{business}-july", "2025-07-20 12:00", "utility", RAVI, business)
    for minute, business in enumerate("ABCA"):
        story += sent(f"{business}-{minute}", f"2025-07-31 22:0{minute}", "utility", RAVI, business)
    found = {row.id: (row.period, row.volume) for row in rows(story, *accounts)}
    assert found == {
        "A-july": ("2025-07", 1),
        "B-july": ("2025-07", 2),
        "C-july": ("2025-07", 3),
        "A-0": ("2025-07", 4),
        "B-1": ("2025-08", 1),
        "C-2": ("2025-08", 2),
        "A-3": ("2025-07", 5),
    }


def test_the_order_of_the_accounts_does_not_matter() -> None:
    story = utility(3, business="one") + utility(3, 1, business="two")
    accounts = [Account(name=name, numbers=frozenset({name})) for name in ("one", "two")]
    assert rows(story, *accounts) == rows(story, *reversed(accounts))


# --- what Meta's webhooks say ---------------------------------------------------------------------------------------
def tier_notice(
    at: str, tier: str, *, category: str = "UTILITY", updated: int | None = None, region: str = "IN"
) -> Notice:
    info = {
        "tier_update_time": updated if updated is not None else instant(at) // 1_000_000,
        "pricing_category": category,
        "tier": tier,
        "effective_month": "2025-08",
        "region": region,
    }
    value = {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": info}
    entry = {"id": "1", "time": instant(at) // 1_000_000, "changes": [{"field": "account_update", "value": value}]}
    (notice,) = read_body({"object": "whatsapp_business_account", "entry": [entry]}).notices
    return notice


@pytest.mark.parametrize("region", ["IN", "India", "INDIA"])
def test_the_tier_that_a_webhook_announces_beats_our_own_count_and_is_flagged(region: str) -> None:
    """Another partner's messages are not in our log, so Meta's count runs ahead of ours."""
    found = rows(utility(4), notices=[tier_notice(f"{DAY} 10:02", "3:4", region=region)])
    assert [(row.volume, row.amount, row.flags) for row in found] == [
        (1, Decimal("0.0014"), ()),
        (2, Decimal("0.0014"), ()),
        (3, Decimal("0.0013"), ()),
        (4, Decimal("0.0013"), ()),
    ]
    ahead = rows(utility(3), notices=[tier_notice(f"{DAY} 10:01", "5:MAX", region=region)])
    assert [(row.volume, row.tier, row.flags) for row in ahead] == [
        (1, "1:2", ()),
        (2, "5:MAX", ("tier_from_webhook",)),
        (3, "5:MAX", ("tier_from_webhook",)),
    ]


def test_a_tier_webhook_about_a_region_nobody_knows_is_told_and_changes_nothing() -> None:
    notice = tier_notice(f"{DAY} 10:02", "3:4", region="Atlantis")
    found = ledger(utility(4), prices=prices(LIST, TIERS), notices=[notice])
    assert found.rows == rows(utility(4))
    assert len(found.unused) == 1


def test_a_webhook_that_holds_us_back_is_believed_and_flagged() -> None:
    found = rows(utility(4), notices=[tier_notice(f"{DAY} 00:00", "0:2")])
    assert [row.amount for row in found] == [Decimal("0.0014")] * 4
    assert [row.flags for row in found] == [(), (), ("tier_from_webhook",), ("tier_from_webhook",)]


def test_of_several_webhooks_about_one_tier_the_smallest_update_time_counts() -> None:
    early, late = instant(f"{DAY} 10:01") // 1_000_000, instant(f"{DAY} 10:03") // 1_000_000
    told = [tier_notice(f"{DAY} 11:00", "5:MAX", updated=late), tier_notice(f"{DAY} 12:00", "5:MAX", updated=early)]
    for notices in (told, told[::-1], [*told, *told]):
        found = rows(utility(4), notices=notices)
        assert [bool(row.flags) for row in found] == [False, True, True, True]


@pytest.mark.parametrize(("second", "tier"), [(1, "5:MAX"), (2, "1:2")])
def test_a_tier_holds_from_the_very_second_of_its_update(second: int, tier: str) -> None:
    (row,) = rows(utility(1), notices=[tier_notice(f"{DAY} 10:00:0{second}", "5:MAX")])
    assert (row.at, row.tier) == (instant(f"{DAY} 10:00:01"), tier)


def test_the_highest_of_the_tiers_that_were_announced_by_then_holds() -> None:
    told = [tier_notice(f"{DAY} 10:01", "3:4"), tier_notice(f"{DAY} 10:03", "5:MAX")]
    for notices in (told, told[::-1]):
        found = rows(utility(5), notices=notices)
        assert [row.tier for row in found] == ["1:2", "3:4", "3:4", "5:MAX", "5:MAX"]


def test_a_webhook_of_another_month_market_or_category_changes_nothing() -> None:
    others = [
        tier_notice(f"{DAY} 00:00", "5:MAX", category="AUTHENTICATION"),
        tier_notice(f"{DAY} 00:00", "5:MAX", region="MX"),
        tier_notice(f"{DAY} 00:00", "5:MAX", region="Atlantis"),
    ]
    assert rows(utility(3), notices=others) == rows(utility(3))
    september = utility(1, day="2025-09-11")
    assert rows(september, notices=[tier_notice(f"{DAY} 00:00", "5:MAX")]) == rows(september)


def test_a_tier_of_authentication_international_is_one_of_the_shared_count() -> None:
    found = rows(
        utility(1, what="authentication"),
        notices=[tier_notice(f"{DAY} 00:00", "5:MAX", category="AUTHENTICATION_INTERNATIONAL")],
    )
    assert [row.tier for row in found] == ["5:MAX"]


# --- which file prices ----------------------------------------------------------------------------------------------
def test_without_a_table_the_amount_is_an_upper_bound_at_list_price() -> None:
    (row,) = rows(utility(1), prices=prices(LIST))
    assert (row.amount, row.priced_by, row.volume, row.flags) == (Decimal("0.0014"), "card", 1, ("list_price",))


def test_a_table_that_says_there_are_no_tiers_makes_the_list_price_the_price() -> None:
    none = tiers("2025-07-01", {}, without=[("India", "utility")])
    (row,) = rows(utility(1), prices=prices(LIST, none))
    assert (row.amount, row.priced_by, row.flags) == (Decimal("0.0014"), "card", ())


def test_a_shipped_table_does_not_price_over_the_callers_own_card() -> None:
    shipped = tiers("2025-07-01", {("India", "utility"): {1: "0.0009", 3: "0.0008"}}, origin=SHIPPED)
    (row,) = rows(utility(1), prices=prices(LIST, shipped))
    assert (row.amount, row.priced_by, row.flags) == (Decimal("0.0014"), "card", ("list_price",))
    fitting = tiers("2025-07-01", {("India", "utility"): {1: "0.0014", 2: "0.0008"}}, origin=SHIPPED)
    assert amounts(rows(utility(2), prices=prices(LIST, fitting))) == {
        "b-000": Decimal("0.0014"),
        "b-001": Decimal("0.0008"),
    }


def test_a_contract_holds_at_any_volume() -> None:
    contract = card("2025-07-01", {("India", "utility"): "0.0005"}, origin=CONTRACT, name="Ours")
    found = rows(utility(6), prices=prices(LIST, TIERS, contract))
    assert {(row.amount, row.card, row.flags) for row in found} == {(Decimal("0.0005"), "Ours", ())}


def test_a_tier_row_says_which_table_priced_it_and_how_that_was_read() -> None:
    row = row_of("b-000", rows(utility(1)))
    assert (row.card, row.evidence) == (f"{OWN} tiers 2025-07-01", "own")
