"""`fsm ledger` from files to answers: formats, months, settling, facts, and what it says when it cannot."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from fsm.cli.main import main
from fsm.events import Event, write_event
from tests.ledger.making import ANA, BAKERY, RAVI, instant, sent, wrote

Run = Callable[..., tuple[int, str, str]]
AUGUST = sent("a", "2026-08-10 12:00", "marketing") + sent("b", "2026-08-11 12:00", "utility", RAVI)
SEPTEMBER = (
    sent("c", "2026-09-10 12:00", "marketing") + wrote("2026-09-11 11:00") + sent("d", "2026-09-11 12:00", "free_form")
)
STORY = [*AUGUST, *SEPTEMBER]
TOTAL = Decimal("0.0305") * 2 + Decimal("0.0014")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command: its exit code, what it printed, what it complained about."""

    def running(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["ledger", *arguments])
        except SystemExit as done:
            code = int(done.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return running


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., str]:
    """Writes events and webhook bodies into a file, one JSON document per line; its path."""

    def writing(*content: Any, name: str = "log.jsonl") -> str:
        lines = [json.dumps(write_event(each) if isinstance(each, Event) else each) for each in content]
        file = tmp_path / name
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return str(file)

    return writing


def answer(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, err = run(*arguments, "--format", "json")
    assert code == 0, err
    made: dict[str, Any] = json.loads(out)
    return made


# --- formats ----------------------------------------------------------------
def test_the_summary_tells_money_what_was_free_and_the_doubts(run: Run, log: Callable[..., str]) -> None:
    code, out, err = run(log(*STORY))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Ledger in USD: 2026-08 to 2026-09, 4 rows, rulebooks pmp-2026-08"
    assert any(line.split() == ["2026-08", "marketing", "Mexico", "1", "0.0305"] for line in lines)
    assert f"Total {TOTAL} USD" in lines
    assert "Messages: 4 delivered." in lines
    assert any(line.startswith("Upper bound at list price: 1 row") for line in lines)
    assert lines[-1].startswith("Status: 4 rows provisional. Fingerprint ")


def test_a_log_without_deliveries_owes_nothing(run: Run, log: Callable[..., str]) -> None:
    code, out, _ = run(log(*wrote("2026-08-10 12:00"), *sent("a", "2026-08-10 13:00", "free_form", delivered=None)))
    assert code == 0
    assert out.splitlines() == [
        "Nothing was delivered, opened or called in what could be read.",
        "Messages: 1 waiting for a status.",
    ]


def test_json_holds_rows_totals_and_provenance(run: Run, log: Callable[..., str]) -> None:
    made = answer(run, log(*STORY))
    assert (made["version"], made["currency"], len(made["rows"])) == ("fsm-ledger/1", "USD", 4)
    assert made["totals"] == {"rows": 4, "charged": 3, "units": 3, "amount": str(TOTAL), "unknown": 0}
    assert sum(Decimal(row["amount"]) for row in made["rows"]) == TOTAL
    assert set(made["provenance"]["rulebooks"]) == {row["edition"] for row in made["rows"]}
    assert made["messages"] == {"delivered": 4}


def test_every_format_tells_the_same_amounts(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    path = log(*STORY)
    expected = [row["amount"] for row in answer(run, path)["rows"]]
    _, lines, _ = run(path, "--format", "jsonl")
    assert [json.loads(line)["amount"] for line in lines.splitlines()] == expected
    _, text, _ = run(path, "--format", "csv")
    assert [row["amount"] for row in csv.DictReader(io.StringIO(text))] == expected
    out = str(tmp_path / "ledger.parquet")
    code, printed, said = run(path, "--format", "parquet", "--out", out)
    assert (code, printed, said) == (0, "", f"4 rows in {out}\n")
    assert pq.read_table(out).column("amount").to_pylist() == [Decimal(amount) for amount in expected]


def test_out_writes_the_same_bytes_into_a_file(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    path, out = log(*STORY), tmp_path / "ledger.csv"
    _, text, _ = run(path, "--format", "csv")
    code, printed, _ = run(path, "--format", "csv", "--out", str(out))
    assert (code, printed) == (0, "")
    assert out.read_bytes().decode() == text


def test_parquet_needs_a_file(run: Run, log: Callable[..., str]) -> None:
    code, out, err = run(log(*STORY), "--format", "parquet")
    assert (code, out) == (2, "")
    assert "Say where to write it" in err


# --- months -----------------------------------------------------------------
def test_a_month_shows_its_rows_and_counts_the_others(run: Run, log: Callable[..., str]) -> None:
    made = answer(run, log(*STORY), "--month", "2026-09")
    assert [row["id"] for row in made["rows"]] == ["c", "d"]
    assert made["totals"]["amount"] == "0.0305"


@pytest.mark.parametrize("option", ["--month", "--settle"])
@pytest.mark.parametrize("month", ["2026-13", "2026-1", "october", "2026-10-01", "", "٢٠٢٦-10"], ids=ascii)
def test_what_is_no_month_is_refused(run: Run, log: Callable[..., str], option: str, month: str) -> None:
    code, out, err = run(log(*STORY), f"{option}={month}")
    assert (code, out) == (2, "")
    assert "is not a month" in err


# --- one message ------------------------------------------------------------
def test_explain_tells_one_message_from_fact_to_amount(run: Run, log: Callable[..., str]) -> None:
    code, out, _ = run(log(*STORY), "--explain", "a")
    assert code == 0
    told = {line[2:14].strip(): line[14:] for line in out.splitlines()[1:]}
    assert out.startswith(f"Message a to {ANA}, 2026-08-10T12:00:01Z")
    assert told["Amount"] == "0.0305 USD, by the rate card (rate_card_USD_2026-07-01.csv)"
    assert told["Rules"] == "PMP-01, PMP-02"
    assert told["Facts"] == "message_sent 2026-08-10T12:00:00Z, message_delivered 2026-08-10T12:00:01Z"


def test_explain_says_when_no_row_is_about_it(run: Run, log: Callable[..., str]) -> None:
    code, out, err = run(log(*STORY), "--explain", "nobody")
    assert (code, out) == (2, "")
    assert "no row is about 'nobody'" in err


# --- check ------------------------------------------------------------------
def test_check_says_no_where_an_amount_is_not_known(run: Run, log: Callable[..., str]) -> None:
    assert run(log(*STORY), "--check")[0] == 0
    unpriced = log(*sent("a", "2027-03-01 12:00", "marketing"))
    assert run(unpriced, "--check")[0] == 1
    assert run(unpriced)[0] == 0


# --- settling ---------------------------------------------------------------
def test_a_month_is_settled_and_what_comes_late_is_a_correction(
    run: Run, log: Callable[..., str], tmp_path: Path
) -> None:
    august = tmp_path / "august.json"
    code, _, err = run(log(*STORY), "--settle", "2026-08", "--format", "json", "--out", str(august))
    assert (code, err) == (0, "")
    late = log(*STORY, *sent("late", "2026-08-12 12:00", "marketing"), name="late.jsonl")
    made = answer(run, late, "--settled", str(august))
    kinds = {(row["id"], row["kind"]): (row["status"], row["period"], row["amount"]) for row in made["rows"]}
    assert kinds["a", "message"] == ("settled", "2026-08", "0.0305")
    assert kinds["late", "correction"] == ("provisional", "2026-09", "0.0305")
    assert Decimal(made["totals"]["amount"]) == TOTAL + Decimal("0.0305")
    kept = [row for row in json.loads(august.read_text(encoding="utf-8"))["rows"] if row["status"] == "settled"]
    assert [row for row in made["rows"] if row["status"] == "settled"] == kept
    _, out, _ = run(late, "--settled", str(august))
    assert any(line.split() == ["2026-09", "correction", "Mexico", "1", "0.0305"] for line in out.splitlines())
    _, told, _ = run(late, "--settled", str(august), "--explain", "late")
    assert "a late fact: this row was not there" in told


def test_a_month_that_may_still_go_on_is_not_settled(run: Run, log: Callable[..., str]) -> None:
    code, out, err = run(log(*STORY), "--settle", "2026-09")
    assert (code, out) == (2, "")
    assert "may still go on" in err


def test_a_bad_settled_file_is_refused(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    provisional = answer(run, log(*STORY))
    for content, says in (
        ("{", "is not a ledger"),
        ('{"rows": []}', "holds no settled row"),
        (json.dumps(provisional), "holds no settled row"),
        ('{"rows": [{"kind": "message"}]}', "row 1, cannot be read"),
    ):
        bad.write_text(content, encoding="utf-8")
        code, out, err = run(log(*STORY), "--settled", str(bad))
        assert (code, out) == (2, "")
        assert says in err
    bad.write_bytes(b"\xff\xfe\x00")
    assert run(log(*STORY), "--settled", str(bad))[0] == 2
    code, _, err = run(log(*STORY), "--settled", str(tmp_path / "nowhere.json"))
    assert code == 2
    assert "cannot be read" in err


# --- facts ------------------------------------------------------------------
def test_runs_that_keep_their_facts_give_the_ledger_of_all_files_at_once(
    run: Run, log: Callable[..., str], tmp_path: Path
) -> None:
    facts = str(tmp_path / "facts.jsonl")
    whole = answer(run, log(*STORY))
    for part in (STORY[4:], STORY[:6], STORY[:1]):
        made = answer(run, log(*part), "--facts", facts)
    assert made["hash"] == whole["hash"]
    kept = Path(facts).read_bytes()
    assert answer(run, log(*STORY), "--facts", facts)["hash"] == whole["hash"]
    assert Path(facts).read_bytes() == kept
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"fact": "version", "is": "fsm-facts/0"}', "no file of facts of this release"),
        ('{"fact": "event"}', "no file of facts of this release"),
        ("nonsense", "line 1"),
        ("[]", "not an object"),
        ('{"fact": "version", "is": "fsm-facts/1"}\n{"fact": "rumour"}', "line 2: this fact cannot be read"),
        ('{"fact": "version", "is": "fsm-facts/1"}\n{"fact": "event", "event": "x"}', "line 2"),
        ('{"fact": "version", "is": "fsm-facts/1"}\n{"fact": "call", "id": "c"}', "line 2"),
        ('{"fact": "version", "is": "fsm-facts/1"}\n{"fact": "number"}', "line 2"),
    ],
    ids=range(8),
)
def test_a_file_that_holds_no_facts_is_refused_and_left_as_it_is(
    run: Run, log: Callable[..., str], tmp_path: Path, line: str, says: str
) -> None:
    facts = tmp_path / "facts.jsonl"
    facts.write_text(line, encoding="utf-8")
    code, out, err = run(log(*STORY), "--facts", str(facts))
    assert (code, out) == (2, "")
    assert says in err
    assert facts.read_text(encoding="utf-8") == line


# --- accounts, logs and prices ----------------------------------------------
def test_a_number_that_no_account_of_the_portfolio_claims_is_refused(
    run: Run, log: Callable[..., str], tmp_path: Path
) -> None:
    files = []
    for name, numbers in (("one", ["1"]), ("two", ["2"])):
        file = tmp_path / f"{name}.toml"
        file.write_text(f"name = {json.dumps(name)}\nnumbers = {json.dumps(numbers)}\n", encoding="utf-8")
        files += ["--account", str(file)]
    code, out, err = run(log(*STORY), *files)
    assert (code, out) == (2, "")
    assert f"no account claims the business number '{BAKERY}'" in err
    assert run(log(*STORY), *files[:2])[0] == 2


def test_a_number_that_two_accounts_claim_is_refused(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.toml"
        file.write_text(f'name = "{name}"\nnumbers = ["{BAKERY}"]\n', encoding="utf-8")
        files += ["--account", str(file)]
    code, _, err = run(log(*STORY), *files)
    assert code == 2
    assert "belongs to 'one' and to 'two'" in err


def test_several_accounts_need_names(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text("", encoding="utf-8")
    code, _, err = run(log(*STORY), "--account", str(file), "--account", str(file))
    assert code == 2
    assert "need a name each" in err


def test_the_zone_of_the_account_file_decides_the_month(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text('time_zone = "America/Mexico_City"\n', encoding="utf-8")
    made = answer(run, log(*sent("a", "2026-09-01 03:00", "marketing")), "--account", str(file))
    assert [row["period"] for row in made["rows"]] == ["2026-08"]


def test_a_line_that_cannot_be_read_stops_the_run_unless_asked_to_go_on(run: Run, log: Callable[..., str]) -> None:
    path = log(*STORY, [], {"event": "no such"})
    code, out, err = run(path)
    assert (code, out) == (2, "")
    code, out, err = run(path, "--keep-going")
    assert (code, "Total" in out) == (2, True)
    assert "log.jsonl, line" in err


def test_an_own_card_prices_over_the_shipped_ones(run: Run, log: Callable[..., str], tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "effective_from,unit,market,currency,marketing\n2026-07-01,message,Mexico,EUR,0.0500\n", encoding="utf-8"
    )
    made = answer(run, log(*AUGUST), "--prices", str(own))
    assert made["currency"] == "EUR"
    assert [row["amount"] for row in made["rows"]] == ["0.0500", None]


def test_without_shipped_cards_nothing_is_priced_and_nothing_is_zero(run: Run, log: Callable[..., str]) -> None:
    made = answer(run, log(*AUGUST), "--no-shipped")
    assert [row["amount"] for row in made["rows"]] == [None, None]
    assert made["totals"]["unknown"] == 2
    _, out, _ = run(log(*AUGUST), "--no-shipped")
    assert "Total 0 USD, without 2 rows whose amount is not known" in out


def test_an_unknown_rulebook_is_refused(run: Run, log: Callable[..., str]) -> None:
    code, _, err = run(log(*STORY), "--rulebook", "pmp-1999")
    assert code == 2
    assert "there is no rulebook 'pmp-1999'" in err


def test_webhook_bodies_and_a_calls_webhook_become_one_ledger(run: Run, log: Callable[..., str]) -> None:
    at = instant("2026-08-10 12:00") // 1_000_000
    price = {"pricing_model": "PMP", "category": "marketing", "type": "regular", "billable": True}
    statuses = [
        {"id": "wamid.A", "status": name, "recipient_id": ANA, "timestamp": str(at + n), "pricing": price}
        for n, name in enumerate(("sent", "delivered"))
    ]
    calls = [
        {
            "id": "wacid.B",
            "event": "terminate",
            "direction": "BUSINESS_INITIATED",
            "from": "1",
            "to": ANA,
            "timestamp": str(at),
            "duration": 56,
            "status": "COMPLETED",
        }
    ]
    metadata = {"display_phone_number": "1", "phone_number_id": BAKERY}
    changes = [
        {"field": "messages", "value": {"metadata": metadata, "statuses": statuses}},
        {"field": "calls", "value": {"metadata": metadata, "calls": calls}},
    ]
    body = {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": changes}]}
    made = answer(run, log(body, body))
    assert [(row["kind"], row["id"], row["units"], row["line"]) for row in made["rows"]] == [
        ("call", "wacid.B", 10, "calling"),
        ("message", "wamid.A", 1, "marketing"),
    ]
    assert made["rows"][1]["stated"]["type"] == "regular"


def test_a_month_is_not_settled_while_only_one_month_is_shown(run: Run, log: Callable[..., str]) -> None:
    """The file would hold that month alone, and every earlier one would come back as corrections."""
    code, out, err = run(log(*STORY), "--settle=2026-09", "--month=2026-09")
    assert (code, out) == (2, "")
    assert "settle first" in err
