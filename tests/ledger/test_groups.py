"""A message to a group is charged for each member who received it, and takes no part in volume tiers (GRP-01)."""

from __future__ import annotations

from decimal import Decimal

import attrs

from fsm.events import Account
from fsm.ledger import Row
from fsm.service.accounting import ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log
from fsm.webhooks import Alias
from tests.ledger.making import ANA, BAKERY, RAVI, instant, ledger, rows_of, sent, status, tiers, wrote
from tests.ledger.making import prices as priced

GROUP = "Y2FwaV9ncm91cDoxMjAzNjMwMjI3NzE5NjMw"
MEMBERS = tuple(f"52155500011{number:02}" for number in range(5))


def whys(rows: tuple[Row, ...]) -> list[str | None]:
    return [row.why for row in rows]


def test_five_members_with_three_free_units_left_are_three_free_and_two_charged() -> None:
    story = wrote("2026-10-12 09:00", GROUP) + sent("m", "2026-10-12 10:00", "free_form", GROUP, members=MEMBERS)
    rows = rows_of(story, Account(free_left=3))
    assert sorted(whys(rows), key=str) == ["free_tier"] * 3 + ["regular"] * 2
    assert [row.allowance for row in rows] == ["998 of 1000", "999 of 1000", "1000 of 1000", "", ""]
    assert {row.participant for row in rows} == set(MEMBERS)
    assert sum(row.amount or 0 for row in rows) == Decimal("0.0170")


def test_which_of_one_seconds_deliveries_had_the_last_free_unit_is_flagged_as_open() -> None:
    story = wrote("2026-10-12 09:00", GROUP) + sent("m", "2026-10-12 10:00", "free_form", GROUP, members=MEMBERS)
    assert all("tie_sensitive" in row.flags for row in rows_of(story, Account(free_left=3)))
    assert not any("tie_sensitive" in row.flags for row in rows_of(story, Account(free_left=5)))


def test_each_member_has_one_row_however_many_statuses_tell_of_it() -> None:
    story = sent("m", "2026-10-12 10:00", "utility", GROUP, members=MEMBERS[:2])
    reads = [attrs.evolve(event, event="message_read", at=event.at + 9) for event in story if event.participant]
    assert len(rows_of([*story, *reads])) == 2


def test_a_status_that_names_no_member_adds_nothing_once_a_member_has_it() -> None:
    story = sent("m", "2026-10-12 10:00", "utility", GROUP, members=MEMBERS[:1])
    whole = attrs.evolve(story[-1], participant="", at=story[-1].at + 1)
    rows = rows_of([*story, whole])
    assert [(row.participant, row.line) for row in rows] == [(MEMBERS[0], "utility")]


def test_a_member_under_two_names_is_charged_once() -> None:
    story = sent("m", "2026-10-12 10:00", "utility", GROUP, members=(ANA, "MX.1"))
    assert len(rows_of(story)) == 2
    log = Log(events=list(story), places=[""] * len(story), aliases=[Alias(business=BAKERY, ids=(ANA, "MX.1"))])
    (row,) = ledger_of(log, [Account()], shipped_prices(), shipped_markets()).rows
    assert row.participant == ANA


def test_members_have_the_rates_of_their_own_markets() -> None:
    rows = rows_of(sent("m", "2026-10-12 10:00", "marketing", GROUP, members=(ANA, RAVI)))
    assert {row.market: row.amount for row in rows} == {"Mexico": Decimal("0.0397"), "India": Decimal("0.0118")}


def test_deliveries_to_members_are_counted_in_no_tier() -> None:
    """The second message to Mexico would reach the cheaper tier if the group's had counted."""
    table = tiers("2026-10-01", {("Mexico", "utility"): {1: "0.0085", 3: "0.0001"}})
    story = sent("g", "2026-10-12 10:00", "utility", GROUP, members=MEMBERS)
    story += sent("a", "2026-10-12 11:00", "utility") + sent("b", "2026-10-12 12:00", "utility")
    with_tiers = priced(*shipped_prices().cards, table)
    rows = rows_of(story, prices=with_tiers)
    assert [(row.volume, row.amount) for row in rows if row.participant] == [(None, Decimal("0.0085"))] * 5
    assert [row.volume for row in rows if not row.participant] == [1, 2]


def test_what_is_stated_of_the_sending_to_a_group_is_not_left_over() -> None:
    """A `sent` names no member; the deliveries to members are what it is about."""
    said = {"pricing_model": "PMP", "category": "group_utility", "type": "regular", "billable": True}
    made = ledger(
        sent("m", "2026-10-12 10:00", "utility", GROUP, members=MEMBERS[:2]),
        evidence=[
            status("m", "2026-10-12 10:00", "sent", GROUP, pricing=said),
            status("never", "2026-10-12 10:00", "sent", GROUP, pricing=said),
            status(
                "m", "2026-10-12 10:01", "delivered", GROUP, pricing={**said, "type": "odd"}, participant=MEMBERS[1]
            ),
        ],
    )
    assert {which.id for which in made.undelivered} == {"never"}
    assert [row.stated and row.stated.type for row in made.rows] == ["regular", "odd"]


def test_a_group_window_is_opened_by_any_member_and_makes_utility_free_until_october_2026() -> None:
    for day, why in (("2026-09-15", "free_customer_service"), ("2026-10-15", "regular")):
        story = wrote(f"{day} 09:00", GROUP) + sent("m", f"{day} 10:00", "utility", GROUP, members=MEMBERS[:2])
        assert whys(rows_of(story)) == [why, why]
        assert instant(f"{day} 10:00:01") == rows_of(story)[0].at
