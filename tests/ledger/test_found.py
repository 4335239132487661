"""Mistakes that readers of this ledger found in it: each with the example that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fsm.cli.main import main
from fsm.errors import BadAccount
from fsm.events import Account, read_account
from fsm.service.accounting import ledger_of
from fsm.service.facts import read_facts, write_facts
from fsm.service.rate_files import load_prices, shipped_markets, shipped_prices
from fsm.service.reading import Log, read_all
from fsm.webhooks import Alias, Call, Notice
from tests.ledger.making import ANA, BAKERY, ledger, prices, row_of, rows_of, sent, status, tiers, wrote
from tests.ledger.making import instant as at

INDIA, BRAZIL, CHICAGO = "919812345678", "5511987654321", "13125550199"


def body(account: str, business: str, *statuses: dict[str, Any]) -> str:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": business}, "statuses": list(statuses)}
    entry = {"id": account, "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def delivered(id: str, when: str, to: str = BRAZIL, category: str = "service", model: str = "CBP") -> dict[str, Any]:
    return {
        "id": id,
        "status": "delivered",
        "timestamp": str(at(when) // 1_000_000),
        "recipient_id": to,
        "pricing": {"billable": True, "pricing_model": model, "category": category},
    }


def test_a_fact_without_an_instant_survives_the_file_of_facts() -> None:
    log = Log(notices=[Notice(kind="account_review", account="1", at=None, members={"decision": "APPROVED"}, where="")])
    again = Log()
    read_facts(again, "facts", list(write_facts(log)))
    assert again.notices == log.notices


def test_where_a_message_was_charged_does_not_move_when_the_customer_changes_number_later() -> None:
    """The customer was in India when the message was delivered, whatever they are called since."""
    account = read_account({"authentication_international": {"IN": "2025-07-01T00:00:00Z"}})
    story = sent("a", "2026-08-05 12:00", "authentication", INDIA)
    moved = Alias(business=BAKERY, ids=(CHICAGO, INDIA), at=at("2026-08-20 12:00"), why="user_changed_number")
    log = Log(events=list(story), places=[""] * len(story), aliases=[moved])
    found = ledger_of(log, [account], shipped_prices(), shipped_markets()).rows
    usual = rows_of(story, account)
    assert [(row.line, row.market, row.amount) for row in found] == [
        (row.line, row.market, row.amount) for row in usual
    ]
    assert found[0].line == "authentication_international"


def test_an_ai_provider_pays_for_the_member_of_a_group_where_it_pays_for_that_customer() -> None:
    account = Account(sender="ai_provider")
    alone = [*wrote("2026-04-05 11:00", BRAZIL), *sent("a", "2026-04-05 12:00", "free_form", BRAZIL)]
    group = [
        *wrote("2026-04-05 11:00", "group"),
        *sent("g", "2026-04-05 12:00", "free_form", "group", members=[BRAZIL]),
    ]
    assert row_of("a", rows_of(alone, account)).line == "general_purpose_ai"
    assert row_of("g", rows_of(group, account)).line == "general_purpose_ai"


def call(**more: Any) -> Call:
    told: dict[str, Any] = {"direction": "business_initiated", "event": "terminate", "status": "COMPLETED"}
    return Call(**{"business": BAKERY, "customer": ANA, "id": "c", "at": at("2026-08-15 12:00"), **told, **more})


@pytest.mark.parametrize("ended", [61, None])
def test_a_completed_call_is_never_free_for_want_of_a_duration(ended: int | None) -> None:
    start = at("2026-08-15 12:00")
    ends = None if ended is None else start + ended * 1_000_000
    (row,) = ledger([], calls=[call(started_at=start, ended_at=ends)]).rows
    assert row.amount is None
    assert row.units == (11 if ended else 0)
    assert ("call_without_duration" in row.flags) == (ended is None)


def test_a_call_that_two_webhooks_begin_on_both_sides_is_undecided() -> None:
    (row,) = ledger([], calls=[call(seconds=60), call(event="connect", direction="user_initiated")]).rows
    assert (row.line, row.why, row.amount) == (None, None, None)


def test_the_day_of_a_call_is_that_of_its_beginning_not_of_its_ringing() -> None:
    start = at("2026-09-01 00:00") + 5_000_000
    ringing = call(event="status", status="RINGING", at=start - 15_000_000)
    (row,) = ledger([], calls=[ringing, call(seconds=60, at=start, started_at=start)]).rows
    assert row.day == "2026-09-01"


def test_a_tier_that_the_table_does_not_have_still_says_how_far_the_volume_is() -> None:
    from tests.ledger.test_tiers import DAY, RATES, tier_notice, utility

    table = tiers("2025-07-01", {("India", "utility"): RATES})
    found = ledger(utility(2), prices=prices(table), notices=[tier_notice(f"{DAY} 00:00", "4:9")]).rows
    assert [(row.tier, row.flags) for row in found] == [("3:4", ("tier_not_in_table",))] * 2


@pytest.mark.parametrize(("amount", "flag"), [(0.00005, "cost_differs"), ("0,01", "cost_unreadable")])
def test_a_stated_cost_is_used_or_said_to_be_unreadable(amount: object, flag: str) -> None:
    price = {"category": "marketing", "cost": {"amount": amount, "currency": "USD"}}
    story = sent("s", "2026-09-10 12:00", "marketing", INDIA)
    (row,) = rows_of(story, evidence=[status("s", "2026-09-10 12:00", "sent", INDIA, pricing=price)])
    assert flag in row.flags


def test_a_failure_that_is_reported_behind_the_delivery_is_flagged() -> None:
    from fsm.events import Event

    failed = Event(
        event="message_failed", at=at("2026-09-10 12:05"), business=BAKERY, customer=ANA, id="s", error=131026
    )
    (row,) = rows_of([*sent("s", "2026-09-10 12:00", "marketing"), failed])
    assert row.amount is not None
    assert "delivered_and_failed" in row.flags


def two_accounts() -> Iterator[str]:
    for account, business in (("W1", "1"), ("W2", "2")):
        for number in range(600):
            to = f"5511{number:09}"
            yield body(account, business, delivered(f"wamid.{account}.{number}", "2023-09-05 12:00", to))


def test_two_accounts_that_nobody_told_apart_do_not_share_a_free_tier() -> None:
    """Six hundred conversations each: the bodies say which account each is of."""
    log = read_all([("bodies", "\n".join(two_accounts()))])
    found = ledger_of(log, [Account()], shipped_prices(), shipped_markets())
    assert {row.account for row in found.rows} == {"W1", "W2"}
    assert not [row for row in found.rows if row.line is not None]
    with pytest.raises(BadAccount, match="W1, W2"):
        ledger_of(log, [Account(name="W1")], shipped_prices(), shipped_markets())


def own_card(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_old_card_of_ones_own_prices_and_says_that_it_is_old(tmp_path: Path) -> None:
    text = "effective_from,market,currency,unit,marketing\n2025-07-01,India,USD,message,0.0100\n"
    loaded = load_prices([own_card(tmp_path, "old.csv", text)])
    fresh, old = (
        row_of("a", rows_of(sent("a", day, "marketing", INDIA), prices=loaded))
        for day in ("2025-09-30 12:00", "2025-10-01 12:00")
    )
    assert (fresh.amount, "old_card" in fresh.flags) == (Decimal("0.0100"), False)
    assert (old.amount, "old_card" in old.flags) == (Decimal("0.0100"), True)


def test_a_card_of_calls_alone_takes_no_message_its_rate(tmp_path: Path) -> None:
    text = "effective_from,market,currency,unit,calling\n2025-07-01,India,USD,message,0.0100\n"
    loaded = load_prices([own_card(tmp_path, "calls.csv", text)])
    story = sent("a", "2025-09-10 12:00", "marketing", INDIA)
    found = ledger(story, prices=loaded, calls=[call(customer=INDIA, seconds=60)]).rows
    assert {row.kind: row.amount for row in found} == {"message": Decimal("0.0107"), "call": Decimal("0.01")}


@pytest.mark.parametrize("option", ["--prices", "--out", "--facts"])
def test_a_path_that_cannot_be_used_is_told_and_is_bad_input(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(body("1", "2", delivered("m", "2025-09-10 12:00", model="PMP")), encoding="utf-8")
    assert main(["ledger", str(log), option, str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_a_settled_file_that_was_changed_by_hand_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, settled = tmp_path / "log.jsonl", tmp_path / "september.json"
    bodies = [
        body("1", "2", delivered("s", "2025-09-10 12:00", category="marketing", model="PMP")),
        body("1", "2", delivered("o", "2025-10-10 12:00", category="marketing", model="PMP")),
    ]
    log.write_text("\n".join(bodies), encoding="utf-8")
    assert main(["ledger", str(log), "--settle=2025-09", "--format=json", f"--out={settled}"]) == 0
    assert main(["ledger", str(log), f"--settled={settled}"]) == 0
    settled.write_text(settled.read_text(encoding="utf-8").replace('"0.0625"', '"9.0625"'), encoding="utf-8")
    capsys.readouterr()
    assert main(["ledger", str(log), f"--settled={settled}"]) == 2
    assert "was changed since it was written" in capsys.readouterr().err


def test_a_month_is_over_when_anything_later_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    wrote_later = {
        "event": "customer_message",
        "at": "2025-11-05T12:00:00Z",
        "business": "2",
        "customer": "c",
        "id": "m",
    }
    bodies = [body("1", "2", delivered("s", "2025-10-10 12:00", category="marketing", model="PMP"))]
    log.write_text("\n".join([*bodies, json.dumps(wrote_later)]), encoding="utf-8")
    assert main(["ledger", str(log), "--settle=2025-10"]) == 0
    log.write_text(bodies[0], encoding="utf-8")
    assert main(["ledger", str(log), "--settle=2025-10"]) == 2


def test_a_line_that_was_not_understood_fails_a_check(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        body("1", "2", {**delivered("s", "2025-10-10 12:00"), "timestamp": "1760097600000"}), encoding="utf-8"
    )
    assert main(["ledger", str(log), "--check"]) == 1


def test_a_country_of_the_international_rate_is_a_code(tmp_path: Path) -> None:
    for wrong in ("India", "in", "91"):
        with pytest.raises(BadAccount, match="2 capital letters"):
            read_account({"authentication_international": {wrong: "2025-07-01T00:00:00Z"}})


def test_two_accounts_with_answers_of_their_own_have_a_fingerprint_each() -> None:
    day = "2026-10-10 12:00"
    story = [*sent("a", day, "marketing", business="1"), *sent("b", day, "marketing", business="2")]
    plain = Account(name="A", numbers=frozenset({"1"}))
    other = Account(name="B", numbers=frozenset({"2"}), policy=(("fep_consumes_free_tier", "yes"),))
    made_with = ledger(story, plain, other).provenance["rulebooks"]
    assert isinstance(made_with, dict)
    assert [name.rpartition(", ")[2] for name in made_with] == ["account A", "account B"]
    assert len(set(made_with.values())) == 2


def test_a_number_that_two_accounts_bear_ties_them() -> None:
    bodies = [
        body("W1", "1", delivered("a", "2025-09-10 12:00", model="PMP")),
        body("W2", "1", delivered("b", "2025-09-11 12:00", model="PMP")),
        body("W2", "2", delivered("c", "2025-09-11 12:00", model="PMP")),
        body("W3", "3", delivered("d", "2025-09-11 12:00", model="PMP")),
    ]
    for order in (bodies, bodies[::-1]):
        log = read_all([("bodies", "\n".join(order))])
        found = ledger_of(log, [Account()], shipped_prices(), shipped_markets()).rows
        assert {row.id: row.account for row in found} == {
            "a": "W1 and W2",
            "b": "W1 and W2",
            "c": "W1 and W2",
            "d": "W3",
        }
