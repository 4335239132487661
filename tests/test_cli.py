"""The command line: what it reads, what it prints where, and the exit codes that scripts rely on."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import freezegun
import pytest

import fsm
from fsm.cli.main import main
from fsm.rulebooks.timeline import editions

ROOT = Path(__file__).resolve().parents[1]
ESCAPE = "\x1b"

Run = Callable[..., tuple[int, str, str]]
Write = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process: its exit code, what it printed, what it complained about."""

    def running(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as done:
            code = int(done.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return running


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file from text, or from values as one JSON document per line; its path."""

    def writing(name: str, *content: Any) -> str:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if content and isinstance(content[0], bytes):
            file.write_bytes(content[0])
        else:
            lines = [each if isinstance(each, str) else json.dumps(each) for each in content]
            file.write_bytes("".join(f"{line}\n" for line in lines).encode())
        return str(file)

    return writing


def _process(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fsm", *arguments],
        cwd=ROOT,
        input=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


def _event(event: str, at: str, id: str = "", **members: Any) -> dict[str, Any]:
    every = {"event": event, "at": at, "business": "100", "customer": "5215550001111", **members}
    return {**every, "id": id} if id else every


WROTE = _event("customer_message", "2023-09-11T09:00:00Z", "in-1")
SENT = _event("message_sent", "2023-09-11T10:00:00Z", "out-1", content="free_form")
DELIVERED = _event("message_delivered", "2023-09-11T10:00:02Z", "out-1")
LOG = (WROTE, SENT, DELIVERED)
REFUSED = _event("message_sent", "2023-09-13T10:00:00Z", "out-2", content="free_form")


def _body(*, text: str = "in-w", timestamp: str = "1694422800", customer: str = "5215550001111") -> dict[str, Any]:
    message = {"from": customer, "id": text, "timestamp": timestamp, "type": "text", "text": {"body": "Hola"}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "1", "phone_number_id": "100"},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": customer}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


# --- the command itself -----------------------------------------------------
def test_the_command_alone_shows_what_it_can_do_and_is_bad_usage(run: Run) -> None:
    code, out, err = run()
    assert code == 2
    assert "usage: fsm" in out
    assert "fsm judge log.jsonl --at" in out
    assert err == ""


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"fsm {fsm.__version__}\n", "")


@pytest.mark.parametrize("command", ["replay", "judge", "rules"])
def test_every_command_explains_itself_with_examples(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"usage: fsm {command}" in out
    assert "examples:" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reply",), "invalid choice: 'reply'"),
        (("replay",), "the following arguments are required: LOG"),
        (("replay", "log.jsonl", "--format", "xml"), "invalid choice: 'xml'"),
        (("replay", "log.jsonl", "--engine", "steam"), "invalid choice: 'steam'"),
        (("judge", "log.jsonl", "--content", "app"), "the following arguments are required: --at"),
        (("judge", "log.jsonl", "--at", "now"), "the following arguments are required: --content"),
        (("rules", "--format", "xml"), "invalid choice: 'xml'"),
    ],
)
def test_bad_usage_exits_with_2_and_points_to_the_help(run: Run, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "--help`." in err


def test_the_module_runs_as_a_program() -> None:
    done = _process("--version")
    assert (done.returncode, done.stdout.decode().strip()) == (0, f"fsm {fsm.__version__}")


# --- replay: what it prints -------------------------------------------------
def test_a_replay_tells_the_story_of_every_thread(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.jsonl", *LOG))
    assert (code, err) == (0, "")
    assert "Business 100, customer 5215550001111" in out
    assert "under cbp-2023-06" in out
    assert "opens the customer service window until 2023-09-12 09:00:00" in out
    assert "business sends a free-form message: allowed" in out
    assert "opens the service conversation until 2023-09-12 10:00:02" in out
    assert "CSW-01" in out
    assert "ends service-open" in out
    assert "3 events in 1 thread" in out
    assert "Messages: allowed 1" in out


def test_the_story_shows_the_account_s_own_clocks(run: Run, write: Write) -> None:
    account = write("account.toml", 'time_zone = "America/Mexico_City"')
    _, out, _ = run("replay", write("log.jsonl", *LOG), "--account", account)
    assert "2023-09-11 03:00:00  customer writes" in out
    assert "until 2023-09-12 03:00:00" in out


def test_a_replay_for_programs_prints_one_result_per_line(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.jsonl", *LOG), "--format", "jsonl")
    results = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [result["event"] for result in results] == ["customer_message", "message_sent", "message_delivered"]
    assert results[1]["verdict"] == "allowed"
    assert results[2]["opens"] == ["service"]


@pytest.mark.parametrize("engine", ["auto", "reference", "table", "bulk"])
def test_all_engines_print_the_same_bytes(run: Run, engine: str) -> None:
    demo = str(Path(__file__).parent / "data" / "demo" / "bakery.jsonl")
    code, out, _ = run("replay", demo, "--format", "jsonl", "--engine", engine)
    assert code == 0
    assert out == run("replay", demo, "--format", "jsonl")[1]


def test_a_large_log_goes_through_the_bulk_engine_and_says_so(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write("log.jsonl", *LOG)
    usual = run("replay", log, "--format", "jsonl")
    monkeypatch.setattr("fsm.cli.engines.WORTH_IT", 3)
    code, out, err = run("replay", log, "--format", "jsonl")
    assert (code, out) == (usual[0], usual[1])
    assert err == "3 events by the bulk engine\n"


def test_without_its_libraries_the_bulk_engine_names_the_extra(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsm.cli.engines.find_spec", lambda name: None if name == "numba" else object())
    monkeypatch.setattr("fsm.cli.engines.WORTH_IT", 3)
    log = write("log.jsonl", *LOG)
    code, out, err = run("replay", log, "--format", "jsonl", "--engine", "bulk")
    assert (code, out) == (2, "")
    assert "the bulk engine needs numba" in err
    assert "[bulk]" in err
    code, out, err = run("replay", log, "--format", "jsonl")
    assert code == 0
    assert "3 events by the table" in err


def test_instants_finer_than_columns_hold_go_through_the_table_unless_bulk_is_named(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write("log.jsonl", {**WROTE, "at": "2023-09-12T10:00:00.000001Z"})
    usual = run("replay", log, "--format", "jsonl")[1]
    monkeypatch.setattr("fsm.cli.engines.WORTH_IT", 1)
    code, out, err = run("replay", log, "--format", "jsonl")
    assert (code, out) == (0, usual)
    assert "By the table after all" in err
    code, out, err = run("replay", log, "--format", "jsonl", "--engine", "bulk")
    assert (code, out) == (2, "")
    assert re.search(r"log\.jsonl, line 1: 'at' is .* finer than the millisecond", err)


def test_a_customer_under_two_names_is_told_where_names_are_not_joined(run: Run, write: Write) -> None:
    at = "2026-11-10T10:00:0"
    sent = _event("message_sent", f"{at}0Z", "a", content="template", category="marketing", customer="+5511999990000")
    came = _event("message_delivered", f"{at}1Z", "a", customer="5511999990000")
    code, _, err = run("replay", write("log.jsonl", sent, came), "--format", "jsonl")
    assert code == 0
    assert "1 customer under several names, such as +5511999990000 and 5511999990000: each name is a thread" in err
    assert "several names" not in run("replay", write("one.jsonl", *LOG), "--format", "jsonl")[2]


@pytest.mark.parametrize(
    "more", [["--format", "jsonl"], ["--format", "jsonl", "--engine", "bulk"], ["--out", "ledger"]]
)
def test_a_replay_refuses_numbers_that_the_account_does_not_claim(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    log = write("log.jsonl", *LOG, {**LOG[0], "business": "another"})
    Path("account.toml").write_text(f'numbers = ["{LOG[0]["business"]}"]\n')
    code, out, err = run("replay", log, "--account", "account.toml", *more)
    assert (code, out) == (2, "")
    assert "the account does not claim the business number 'another'" in err
    assert not Path("ledger").exists()
    code, _, err = run("replay", write("mine.jsonl", *LOG), "--account", "account.toml", *more)
    assert code == 0, err


def test_the_bulk_engine_tells_no_story(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.jsonl", *LOG), "--engine", "bulk")
    assert (code, out) == (2, "")
    assert "--engine bulk tells no story. Add --format jsonl or --out FOLDER" in err


def test_more_codes_than_columns_hold_go_through_the_table_unless_bulk_is_named(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = range(100_000, 100_000 + (1 << 12))
    log = write("log.jsonl", *(_event("message_failed", "2023-09-11T10:00:00Z", f"m{n}", error=n) for n in codes))
    monkeypatch.setattr("fsm.cli.engines.WORTH_IT", 1)
    code, out, err = run("replay", log, "--format", "jsonl")
    assert (code, len(out.splitlines())) == (0, len(codes))
    assert "By the table after all: more than 4,095 different codes in 'error'" in err
    code, out, err = run("replay", log, "--format", "jsonl", "--engine", "bulk")
    assert (code, out) == (2, "")
    assert "--engine table takes any number of them" in err


def test_a_verdict_for_a_number_that_the_account_does_not_claim_is_refused(
    run: Run, write: Write, tmp_path: Path
) -> None:
    account = tmp_path / "account.toml"
    account.write_text('numbers = ["another"]\n')
    asked = ("--at", "2023-09-11T12:00:00Z", "--content", "free_form", "--account", str(account))
    code, out, err = run("judge", write("log.jsonl", *LOG), *asked)
    assert (code, out) == (2, "")
    assert "the account does not claim the business number '100'" in err


def test_an_account_that_is_given_twice_is_refused(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.jsonl", *LOG), "--account", "a.toml", "--account", "b.toml")
    assert (code, out) == (2, "")
    assert "--account is given twice" in err


def test_a_ledger_in_parquet_is_a_folder_and_not_called_like_a_file(run: Run, write: Write, tmp_path: Path) -> None:
    code, out, err = run("replay", write("log.jsonl", *LOG), "--out", str(tmp_path / "ledger.parquet"))
    assert (code, out) == (2, "")
    assert "ledger.parquet is called like a file" in err
    assert not (tmp_path / "ledger.parquet").exists()


def test_an_instant_that_columns_cannot_hold_is_left_out_with_its_line_if_asked_to_go_on(
    run: Run, write: Write
) -> None:
    log = write("log.jsonl", LOG[0], {**LOG[0], "id": "finer", "at": "2023-09-12T10:00:00.000001Z"}, *LOG[1:])
    usual = run("replay", write("usual.jsonl", *LOG), "--format", "jsonl")[1]
    code, out, err = run("replay", log, "--format", "jsonl", "--engine", "bulk", "--keep-going")
    assert (code, out) == (2, usual)
    assert err.count("finer than the millisecond") == 1
    assert "log.jsonl, line 2: " in err


def test_a_replay_into_a_folder_writes_the_ledger_in_parquet(run: Run, write: Write, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    later = {"content": "template", "category": "marketing"}
    offer = _event("message_sent", "2026-07-02T10:00:00Z", "out-3", **later)
    came = _event("message_delivered", "2026-07-02T10:00:02Z", "out-3")
    log, volumes = write("log.jsonl", *LOG, offer, came), tmp_path / "volumes.csv"
    code, out, err = run("replay", log, "--out", str(tmp_path / "ledger"), "--volumes", str(volumes), "--memory", "0.5")
    assert code == 0, err
    assert volumes.read_text().splitlines() == ["month,market,line,deliveries", "2026-07,Mexico,marketing,1"]
    assert "5 events, 5 of them distinct, in 1 thread; 2 rows" in err
    rows = sorted(pq.read_table(tmp_path / "ledger").to_pylist(), key=lambda row: row["at"])
    assert [(row["content"], row["opens"] > 0) for row in rows] == [("free_form", True), ("template", False)]
    assert "2023-09" in out
    code, _, err = run("replay", log, "--out", str(tmp_path / "ledger"))
    assert code == 2
    assert "is not empty" in err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--volumes", "v.csv"), "belong to --out"),
        (("--out", "ledger", "--write", "results", "--volumes", "v.csv"), "Leave --write results out"),
        (("--out", "ledger", "--memory", "-1"), "Give 0 or more"),
        (("--out", "ledger", "--memory", "nan"), "Give 0 or more"),
        (("--out", "ledger", "--volumes", "ledger/v.csv"), "holds nothing but Parquet"),
        (("--out", "ledger", "--volumes", "nowhere/v.csv"), "cannot be written"),
        (("--out", "ledger", "--volumes", "log.jsonl"), "exists already, and would be lost"),
        (("--out", "ledger", "--volumes", "ledger"), "holds nothing but Parquet"),
        (("--write", "results"), "belong to --out"),
        (("--out", "ledger", "--check"), "--out prints none"),
        (("--out", "ledger", "--format", "jsonl"), "--out prints none"),
    ],
)
def test_what_only_a_ledger_in_a_folder_has_is_not_asked_of_anything_else(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("replay", write("log.jsonl", *LOG), *options)
    assert (code, out) == (2, "")
    assert why in err


def test_a_ledger_that_cannot_be_finished_leaves_nothing_behind(run: Run, write: Write, tmp_path: Path) -> None:
    log = write("log.jsonl", *LOG, "{broken")
    code, _, err = run("replay", log, "--out", str(tmp_path / "ledger"))
    assert (code, "line 4" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]
    code, _, err = run("replay", log, "--out", str(tmp_path / "ledger"), "--keep-going")
    assert (code, "line 4" in err) == (2, True)
    assert "3 events, 3 of them distinct" in err
    assert [path.suffix for path in (tmp_path / "ledger").iterdir()] == [".parquet"]


def test_an_event_that_no_law_covers_stops_a_ledger_and_is_named_by_its_instant(
    run: Run, write: Write, tmp_path: Path
) -> None:
    log = write("log.jsonl", *LOG, {**WROTE, "at": "2018-05-01T00:00:00Z"})
    code, _, err = run("replay", log, "--out", str(tmp_path / "ledger"))
    assert code == 2
    assert "nothing covers 2018-05-01T00:00:00Z" in err
    assert "With --keep-going those before the first rulebook are left out and counted" in err
    assert "log.jsonl, line 4" in run("replay", log)[2]
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]


@pytest.mark.parametrize("packed", [False, True], ids=["texts", "numbers"])
def test_events_that_no_law_covers_are_left_out_of_a_ledger_if_asked(
    run: Run, write: Write, tmp_path: Path, packed: bool
) -> None:
    import pyarrow.parquet as pq

    early = {**WROTE, "at": "2018-05-01T00:00:00Z"}
    log, without = write("log.jsonl", early, *LOG, {**early, "id": "in-0"}), write("without.jsonl", *LOG)
    found = []
    for number, source in enumerate((log, without)):
        if packed:
            lines, source = source, str(tmp_path / f"{number}.parquet")
            assert run("columns", "convert", lines, source, "--profile", "packed")[0] == 0
        code, _, err = run("replay", source, "--out", str(tmp_path / f"ledger{number}"), "--keep-going")
        assert (code, "2 of its events happened before 2019-06-01T00:00:00Z" in err) == ((2, True), (0, False))[number]
        table = pq.read_table(tmp_path / f"ledger{number}")
        assert table.num_rows > 0
        found.append(sorted(map(str, table.to_pylist())))
    assert found[0] == found[1]


def test_help_fits_a_terminal_of_a_hundred_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    whole = run("--help")[1]
    told = {name: run(name, "--help")[1] for name in re.findall(r"^ {4}([a-z]+)\b", whole, re.MULTILINE)} | {"": whole}
    assert len(told) > 12
    assert {name: line for name, text in told.items() for line in text.splitlines() if len(line) > 100} == {}


def test_an_interruption_while_a_command_is_being_loaded_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fsm.cli.main.import_module", interrupted)
    assert run("columns", "schema") == (130, "", "fsm columns: interrupted\n")
    assert run("replay", "-") == (130, "", "fsm replay: interrupted\n")


def test_an_interrupted_replay_leaves_nothing_behind(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsm.bulk.settle import Settler

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Settler, "decide", interrupted)
    code, out, err = run("replay", write("log.jsonl", *LOG), "--out", str(tmp_path / "ledger"))
    assert (code, out, err) == (130, "", "fsm replay: interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]


def test_a_folder_of_lines_and_columns_is_read_whole(run: Run, write: Write, tmp_path: Path) -> None:
    whole = run("replay", write("log.jsonl", *LOG), "--format", "jsonl")[1]
    write("logs/a.jsonl", WROTE)
    write("rest.jsonl", SENT, DELIVERED)
    assert run("columns", "convert", str(tmp_path / "rest.jsonl"), str(tmp_path / "logs/b.parquet"))[0] == 0
    assert run("replay", str(tmp_path / "logs"), "--format", "jsonl") == (0, whole, "")


def test_files_whose_ids_are_of_two_kinds_are_refused_by_name(run: Run, write: Write, tmp_path: Path) -> None:
    log = write("log.jsonl", {**WROTE, "customer": "5215550001111"})
    paths = [str(tmp_path / name) for name in ("packed.parquet", "coded.parquet")]
    for path, profile in zip(paths, ("packed", "coded"), strict=True):
        assert run("columns", "convert", log, path, "--profile", profile)[0] == 0
    for command in (("replay", *paths, "--out", str(tmp_path / "out")), ("columns", "convert", *paths, "both.parquet")):
        code, _, err = run(*command)
        assert (code, "coded.parquet: its customers or ids are of another kind" in err) == (2, True)


def test_the_same_log_may_be_told_under_another_law(run: Run, write: Write) -> None:
    log = write("log.jsonl", *LOG)
    _, out, _ = run("replay", log, "--format", "jsonl", "--rulebook", "pmp-2025-07")
    assert {json.loads(line)["rulebook"] for line in out.splitlines()} == {"pmp-2025-07"}
    code, out, err = run("replay", log, "--rulebook", "pmp-2025")
    assert (code, out) == (2, "")
    assert "there is no rulebook 'pmp-2025'; there are nbp, cbp-2022-02" in err


def test_names_outside_ascii_are_printed_as_they_are(run: Run, write: Write) -> None:
    _, out, _ = run("replay", write("log.jsonl", {**WROTE, "customer": "José"}), "--format", "jsonl")
    assert '"José"' in out


# --- replay: what it reads --------------------------------------------------
def test_a_folder_is_read_with_all_its_folders_in_order_of_name(run: Run, write: Write, tmp_path: Path) -> None:
    write("logs/b.jsonl", SENT)
    write("logs/a/deep.json", WROTE)
    write("logs/c.ndjson", DELIVERED)
    write("logs/notes.txt", "not a log")
    code, out, _ = run("replay", str(tmp_path / "logs"), "--format", "jsonl")
    assert code == 0
    assert len(out.splitlines()) == 3


def test_a_folder_without_a_log_is_refused(run: Run, write: Write, tmp_path: Path) -> None:
    write("logs/notes.txt", "not a log")
    code, _, err = run("replay", str(tmp_path / "logs"))
    assert code == 2
    assert "logs: the folder holds no .parquet, .pq, .arrow, .ipc, .feather, .csv, .jsonl, .ndjson, .json file." in err


def test_several_logs_are_one_log(run: Run, write: Write) -> None:
    one, two = write("one.jsonl", DELIVERED, WROTE), write("two.jsonl", SENT, WROTE)
    _, out, _ = run("replay", one, two, "--format", "jsonl")
    assert out == run("replay", write("log.jsonl", *LOG), "--format", "jsonl")[1]


def test_standard_input_is_a_log(write: Write) -> None:
    lines = "".join(json.dumps(event) + "\n" for event in LOG).encode()
    done = _process("replay", "-", "--format", "jsonl", stdin=lines)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 3


def test_a_bad_line_of_standard_input_is_named_as_such() -> None:
    done = _process("replay", "-", "--format", "jsonl", stdin=json.dumps(WROTE).encode() + b"\nnonsense\n")
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 1
    assert b"standard input, line 2: " in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t"], ids=repr)
@pytest.mark.parametrize("many", [False, True], ids=["one", "a list"])
def test_one_json_document_may_be_pretty_printed_and_may_be_a_list(
    run: Run, write: Write, indent: int | str | None, many: bool
) -> None:
    document = [_body(), _body(text="in-x", timestamp="1694422801")] if many else _body()
    code, out, err = run("replay", write("body.json", json.dumps(document, indent=indent)), "--format", "jsonl")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == (2 if many else 1)


def test_a_list_of_events_is_a_log(run: Run, write: Write) -> None:
    for indent in (None, 2):
        code, out, _ = run("replay", write("log.json", json.dumps(LOG, indent=indent)), "--format", "jsonl")
        assert (code, len(out.splitlines())) == (0, 3)


def test_events_and_webhook_bodies_may_stand_in_one_log(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.jsonl", _body(), SENT, DELIVERED), "--format", "jsonl")
    assert (code, err) == (0, "")
    assert [json.loads(line)["event"] for line in out.splitlines()] == [
        "customer_message",
        "message_sent",
        "message_delivered",
    ]


@pytest.mark.parametrize("entry", ["ad", "page_cta"])
def test_a_customer_message_through_an_entry_point_is_an_event(run: Run, write: Write, entry: str) -> None:
    """`entry` is a member of a log's event and of a webhook's body; `event` tells which of the two it is."""
    code, out, err = run("replay", write("log.jsonl", {**WROTE, "entry": entry}), "--format", "jsonl")
    assert (code, err) == (0, "")
    assert [json.loads(line)["opens"] for line in out.splitlines()] == [["customer_service_window"]]


@pytest.mark.parametrize("entry", [None, "ad"])
def test_an_entry_in_a_log_line_is_never_passed_over_in_silence(run: Run, write: Write, entry: str | None) -> None:
    _, out, _ = run("replay", write("log.jsonl", {**WROTE, "entry": entry}), "--format", "jsonl")
    assert len(out.splitlines()) == 1


def test_an_empty_file_is_an_empty_log(run: Run, write: Write) -> None:
    for content in (b"", b"\n\n", b"  \r\n\t\n", b"\xef\xbb\xbf"):
        assert run("replay", write("log.jsonl", content)) == (0, "", "")


def test_an_empty_list_is_an_empty_log(run: Run, write: Write) -> None:
    assert run("replay", write("log.json", b"[]"), "--format", "jsonl") == (0, "", "")


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n".join(json.dumps(event).encode() for event in LOG) + b"\r\n",
        b"\xef\xbb\xbf" + b"\n".join(json.dumps(event).encode() for event in LOG),
        b"\xef\xbb\xbf" + b"\r\n\r\n".join(json.dumps(event).encode() for event in LOG) + b"\r\n\r\n",
        b"\xef\xbb\xbf" + json.dumps(LOG, indent=2).replace("\n", "\r\n").encode(),
    ],
    ids=["CRLF", "a byte order mark", "both, and empty lines", "both, pretty-printed"],
)
def test_line_ends_and_marks_of_other_systems_do_not_matter(run: Run, write: Write, raw: bytes) -> None:
    code, out, err = run("replay", write("log.jsonl", raw), "--format", "jsonl")
    assert (code, err) == (0, "")
    assert out == run("replay", write("plain.jsonl", *LOG), "--format", "jsonl")[1]


# --- replay: what it cannot read --------------------------------------------
BAD_LINES = {
    "no JSON": ("{oops", "it is not JSON"),
    "a cut line": ('{"event": "customer_message", "at"', "it is not JSON"),
    "a number": ("5", "it is int, not an object. One event or webhook body per line."),
    "neither event nor body": ('{"at": 5}', "it is neither an event (no 'event') nor a webhook body (no 'entry')"),
    "a wrong word": (json.dumps({**WROTE, "event": "customer_mesage"}), "Did you mean 'customer_message'?"),
    "a naive time": (json.dumps({**WROTE, "at": "2023-09-11T09:00:00"}), "has no offset"),
    "a missing id": (json.dumps({**WROTE, "id": None}), "has no 'id'"),
    "a key twice": ('{"event": "opted_in", "event": "opted_out"}', "stands twice in one object"),
    "not a number": ('{"event": "opted_in", "at": NaN}', "NaN is not a number"),
}


@pytest.mark.parametrize("bad", BAD_LINES)
def test_a_bad_line_is_named_and_the_good_lines_before_it_are_still_told(run: Run, write: Write, bad: str) -> None:
    line, says = BAD_LINES[bad]
    log = write("log.jsonl", WROTE, "", SENT, line, DELIVERED)
    code, out, err = run("replay", log, "--format", "jsonl")
    assert code == 2
    assert [json.loads(each)["event"] for each in out.splitlines()] == ["customer_message", "message_sent"]
    assert f"{log}, line 4: " in err
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("bad", BAD_LINES)
def test_keeping_going_tells_the_good_lines_behind_a_bad_one_too_and_still_exits_with_2(
    run: Run, write: Write, bad: str
) -> None:
    line, _ = BAD_LINES[bad]
    log = write("log.jsonl", WROTE, line, SENT, line, DELIVERED)
    code, out, err = run("replay", log, "--format", "jsonl", "--keep-going")
    assert code == 2
    assert len(out.splitlines()) == 3
    assert f"{log}, line 2: " in err
    assert f"{log}, line 4: " in err


@pytest.mark.parametrize("bad", [bad for bad in BAD_LINES if bad != "a cut line"])
def test_a_bad_first_line_is_named_like_any_other(run: Run, write: Write, bad: str) -> None:
    line, says = BAD_LINES[bad]
    log = write("log.jsonl", line, WROTE)
    code, out, err = run("replay", log, "--format", "jsonl", "--keep-going")
    assert (code, len(out.splitlines())) == (2, 1)
    assert f"{log}, line 1: " in err
    assert says in err


def test_a_first_line_cut_behind_a_comma_does_not_cost_the_rest_of_the_log(run: Run, write: Write) -> None:
    """A writer that died in its first line must not make the whole file unreadable: --keep-going promises so."""
    cut = json.dumps(WROTE).partition(",")[0] + ","
    log = write("log.jsonl", cut, WROTE, SENT)
    code, out, _ = run("replay", log, "--format", "jsonl", "--keep-going")
    assert (code, len(out.splitlines())) == (2, 2)


def test_many_bad_lines_are_counted_after_the_first_twenty(run: Run, write: Write) -> None:
    _, _, err = run("replay", write("log.jsonl", WROTE, *["nonsense"] * 25), "--keep-going")
    assert len(re.findall(r"line \d+: ", err)) == 20
    assert "and 5 more lines that cannot be read" in err


def test_a_bad_item_of_a_list_is_named_and_the_items_before_it_are_told(run: Run, write: Write) -> None:
    log = write("log.json", json.dumps([WROTE, SENT, 5, DELIVERED], indent=2))
    code, out, err = run("replay", log, "--format", "jsonl")
    assert (code, len(out.splitlines())) == (2, 2)
    assert f"{log}, item 2: it is int" in err
    assert len(run("replay", log, "--format", "jsonl", "--keep-going")[1].splitlines()) == 3


def test_a_list_may_have_its_only_item_on_a_line_of_its_own(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.json", "[", WROTE, "]"), "--format", "jsonl")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1


def test_a_list_may_have_each_item_on_a_line_of_its_own(run: Run, write: Write) -> None:
    items = [json.dumps(event) for event in LOG]
    code, out, _ = run("replay", write("log.json", "[", *(f"{item}," for item in items[:-1]), items[-1], "]"))
    assert (code, "3 events in 1 thread" in out) == (0, True)


def test_a_document_that_is_cut_off_is_refused(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.json", json.dumps(_body(), indent=2)[:-20]))
    assert (code, out) == (2, "")
    assert "log.json: it is not JSON" in err


def test_a_bad_file_stops_before_the_next_one_unless_told_to_keep_going(run: Run, write: Write) -> None:
    bad, good = write("bad.jsonl", "nonsense"), write("good.jsonl", WROTE)
    assert run("replay", bad, good, "--format", "jsonl")[1] == ""
    assert len(run("replay", bad, good, "--format", "jsonl", "--keep-going")[1].splitlines()) == 1


def test_a_file_that_is_not_there_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    code, out, err = run("replay", str(tmp_path / "none.jsonl"))
    assert (code, out) == (2, "")
    assert "none.jsonl: it cannot be read: No such file or directory." in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xff\xfe{\x00}\x00", ": it is UTF-16."),
        (json.dumps(WROTE).encode("utf-16-be"), ": it is UTF-16."),
        (gzip.compress(json.dumps(WROTE).encode()), ": it is packed by gzip."),
        (json.dumps(WROTE).encode() + b'\n\n{"customer": "Jos\xe9"}\n', ", line 3: it is not UTF-8."),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "gzip", "Latin-1"],
)
def test_a_file_that_is_not_utf_8_is_refused_with_what_it_is(run: Run, write: Write, raw: bytes, says: str) -> None:
    log = write("log.jsonl", raw)
    for more in ((), ("--format", "jsonl", "--engine", "bulk"), ("--out", "ledger")):
        code, out, err = run("replay", log, *more)
        assert (code, out) == (2, "")
        assert f"{log}{says}" in err


def test_a_line_that_is_not_utf_8_can_be_passed_over(run: Run, write: Write, tmp_path: Path) -> None:
    """By every engine, and in the order of the lines; a document is one piece, of which nothing is left."""
    log = write(
        "log.jsonl", json.dumps(WROTE).encode() + b'\n\n{"customer": "Jos\xe9"}\nnonsense\n' + json.dumps(SENT).encode()
    )
    for number, more in enumerate((("--format", "jsonl"), ("--format", "jsonl", "--engine", "bulk"), ("--out",))):
        out = (str(tmp_path / f"ledger{number}"),) if more[0] == "--out" else ()
        code, told, err = run("replay", log, "--keep-going", *more, *out)
        assert code == 2
        assert [line for line in err.splitlines() if line.startswith("fsm:")] == [
            f"fsm: {log}, line 3: it is not UTF-8. Save it as UTF-8.",
            f"fsm: {log}, line 4: it is not JSON we can rely on: Expecting value: line 1 column 1 (char 0). "
            "Pass the bytes of the request exactly as they arrived.",
        ]
        assert len(told.splitlines()) == 2 or out
    document = write(
        "document.json", json.dumps([WROTE, {"customer": "Jose"}], indent=1).encode().replace(b"Jose", b"Jos\xe9")
    )
    code, out, err = run("replay", document, log, "--keep-going", "--format", "jsonl")
    assert (code, len(out.splitlines())) == (2, 2)
    assert "it is not UTF-8. Save it as UTF-8; nothing of it was read." in err


def test_members_nobody_knows_are_listed_once_and_harm_nothing(run: Run, write: Write) -> None:
    log = write("log.jsonl", {**WROTE, "profile": "Ana"}, {**SENT, "profile": "Ana", "campaign": 5})
    code, out, err = run("replay", log, "--format", "jsonl")
    assert (code, len(out.splitlines())) == (0, 2)
    assert err == "Members nobody knows, passed over: campaign, profile\n"


def test_a_log_from_before_the_first_rulebook_is_refused(run: Run, write: Write) -> None:
    code, _, err = run("replay", write("log.jsonl", {**WROTE, "at": "2018-01-01T00:00:00Z"}))
    assert code == 2
    assert "the first rulebook, nbp, starts on 2019-06-01" in err


@pytest.mark.parametrize(("at", "code"), [("9998-12-31T23:59:59Z", 0), ("9999-12-31T12:00:00Z", 2)])
def test_an_event_at_the_end_of_the_calendar_is_told_or_refused_but_never_crashes(
    run: Run, write: Write, at: str, code: int
) -> None:
    """A window opened in the last day of the year 9999 would end on a day that no calendar has."""
    assert run("replay", write("log.jsonl", {**WROTE, "at": at}), "--format", "jsonl")[0] == code


# --- checks -----------------------------------------------------------------
@pytest.mark.parametrize("layout", ["timeline", "jsonl"])
def test_a_check_exits_with_1_where_the_rules_refuse_a_message(run: Run, write: Write, layout: str) -> None:
    good, bad = write("good.jsonl", *LOG), write("bad.jsonl", *LOG, REFUSED)
    assert run("replay", good, "--check", "--format", layout)[0] == 0
    assert run("replay", bad, "--format", layout)[0] == 0
    code, out, _ = run("replay", bad, "--check", "--format", layout)
    assert code == 1
    assert "refused" in out


def test_what_cannot_be_read_weighs_more_than_a_refusal(run: Run, write: Write) -> None:
    assert run("replay", write("log.jsonl", REFUSED, "nonsense"), "--check")[0] == 2


# --- judge ------------------------------------------------------------------
def test_a_verdict_is_told_with_its_reason_its_price_and_how_long_it_holds(run: Run, write: Write) -> None:
    code, out, err = run("judge", write("log.jsonl", WROTE), "--at", "2023-09-11T10:00:00Z", "--content", "free_form")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "allowed  (under cbp-2023-06)"
    assert "  If delivered now: opens service; no charge (free tier)." in lines
    assert "  Holds until 2023-09-12 09:00:00 UTC, unless something happens." in lines
    assert any(line.startswith("  CSW-03  While the window is open") for line in lines)


def test_a_refusal_is_told_with_its_error_and_the_way_out(run: Run, write: Write) -> None:
    code, out, _ = run("judge", write("log.jsonl", WROTE), "--at", "2023-09-13T10:00:00Z", "--content", "free_form")
    assert code == 0
    assert out.startswith("refused, error 131047  (under cbp-2023-06)\n")
    assert "What would change it: Send an approved template" in out
    assert "Holds until something happens." in out or "Holds until 2024" in out


def test_a_doubt_is_told_with_what_the_account_s_policy_assumes(run: Run, write: Write) -> None:
    log = write("log.jsonl", {**WROTE, "kind": "reaction"})
    _, out, _ = run("judge", log, "--at", "2023-09-11T10:00:00Z", "--content", "free_form")
    assert out.startswith("unspecified  (under")
    assert "The sources do not say; this account's policy takes it as refused." in out
    assert "note: whether this kind of customer message opens the window is not documented" in out


def test_a_missing_consent_is_told_as_policy(run: Run, write: Write) -> None:
    log = write("log.jsonl", _event("opted_out", "2023-09-11T09:00:00Z"))
    arguments = ("--at", "2023-09-11T10:00:00Z", "--content", "template", "--category", "marketing")
    code, out, _ = run("judge", log, *arguments, "--check")
    assert code == 0
    assert "OPT-01" in out
    assert "(policy, not checked by Meta)" in out


VERDICT = (
    "verdict",
    "error",
    "because",
    "assume",
    "opens",
    "closes",
    "joins",
    "charge",
    "why",
    "follows_from",
    "rulebook",
    "decided_at",
    "valid_until",
    "way_out",
    "advice",
    "flags",
)


def test_a_verdict_for_programs_is_one_json_object(run: Run, write: Write) -> None:
    log = write("log.jsonl", WROTE)
    arguments = ("--at", "2023-09-11T10:00:00Z", "--content", "template", "--category", "utility", "--format", "json")
    code, out, _ = run("judge", log, *arguments)
    verdict = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert tuple(verdict) == VERDICT
    assert (verdict["verdict"], verdict["opens"], verdict["charge"]) == ("allowed", ["utility"], "utility")
    assert verdict["decided_at"] == "2023-09-11T10:00:00Z"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2023-09-11T09:00:00Z", 0),
        ("2023-09-12T08:59:59.999999Z", 0),
        ("2023-09-12T09:00:00Z", 1),
        ("2023-09-12T09:00:01Z", 1),
        ("1694426400", 0),
    ],
)
def test_a_check_exits_with_1_unless_the_answer_is_allowed(run: Run, write: Write, at: str, code: int) -> None:
    """The second is `unspecified`: unknown is never taken as allowed."""
    assert run("judge", write("log.jsonl", WROTE), "--at", at, "--content", "free_form", "--check")[0] == code


def test_now_is_what_the_clock_says(run: Run, write: Write) -> None:
    log = write("log.jsonl", WROTE)
    with freezegun.freeze_time("2023-09-11T10:00:00Z"):
        _, out, _ = run("judge", log, "--at", "now", "--content", "free_form", "--format", "json")
    assert json.loads(out)["decided_at"] == "2023-09-11T10:00:00Z"


def test_a_question_about_the_past_is_answered_and_flagged(run: Run, write: Write) -> None:
    log = write("log.jsonl", *LOG)
    _, out, _ = run("judge", log, "--at", "2023-09-11T09:30:00Z", "--content", "free_form", "--format", "json")
    verdict = json.loads(out)
    assert (verdict["verdict"], verdict["opens"], verdict["flags"]) == ("allowed", ["service"], ["future_dated"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--at", "2023-09-11T10:00:00", "--content", "free_form"), "has no offset"),
        (("--at", "tomorrow", "--content", "free_form"), "'tomorrow' is not RFC 3339"),
        (("--at", "1694426400000", "--content", "free_form"), "looks like milliseconds"),
        (("--at", "2018-01-01T00:00:00Z", "--content", "free_form"), "the first rulebook, nbp, starts on"),
        (("--at", "now", "--content", "freeform"), "content is 'freeform', which is none of"),
        (("--at", "now", "--content", "app", "--rulebook", "none"), "there is no rulebook 'none'"),
        (("--at", "now", "--content", "app", "--customer", "luis"), "it holds 1 threads; say which one"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    run: Run, write: Write, arguments: tuple[str, ...], says: str
) -> None:
    code, out, err = run("judge", write("log.jsonl", WROTE), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("fsm judge: ")
    assert says in err


def test_of_several_threads_one_must_be_named(run: Run, write: Write) -> None:
    log = write(
        "log.jsonl",
        WROTE,
        {**WROTE, "customer": "luis", "at": "2023-09-01T09:00:00Z"},
        {**WROTE, "business": "200", "at": "2023-09-01T09:00:00Z"},
    )
    asked = ("judge", log, "--at", "2023-09-11T10:00:00Z", "--content", "free_form", "--check")
    code, _, err = run(*asked)
    assert code == 2
    assert "it holds 3 threads; say which one: --business 100 --customer 5215550001111; " in err
    assert run(*asked, "--customer", "luis")[0] == 1
    assert run(*asked, "--business", "100", "--customer", "5215550001111")[0] == 0
    assert run(*asked, "--business", "200")[0] == 1
    assert run(*asked, "--business", "100")[0] == 2


def test_of_many_threads_five_are_listed_and_the_rest_counted(run: Run, write: Write) -> None:
    log = write("log.jsonl", *({**WROTE, "customer": f"c{n}"} for n in range(9)))
    _, _, err = run("judge", log, "--at", "now", "--content", "app")
    assert err.count("--customer") == 5
    assert "and 4 more." in err


def test_a_log_without_events_leaves_nothing_to_judge(run: Run, write: Write) -> None:
    code, _, err = run("judge", write("log.jsonl", b""), "--at", "now", "--content", "app")
    assert code == 2
    assert "it holds no event of any thread, so there is nothing to judge." in err


@pytest.mark.parametrize("name", ["log.parquet", "log.arrow", "log.csv", "log.csv.gz", "log.jsonl.gz", "log.jsonl.zst"])
@pytest.mark.parametrize(
    "command", [("replay",), ("ledger",), ("judge", "--at", "2026-07-02T12:00:00Z", "--content", "free_form")]
)
def test_a_log_says_the_same_in_every_container(
    run: Run, write: Write, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    log = write("log.jsonl", *LOG)
    (tmp_path / "folder").mkdir()
    other = tmp_path / "folder" / name
    assert run("columns", "convert", log, str(other))[0] == 0
    plain = run(command[0], log, *command[1:])
    assert plain[1]
    for source in (other, other.parent):
        code, out, err = run(command[0], str(source), *command[1:])
        assert (code, out) == plain[:2], err


def test_what_the_names_of_folders_say_belongs_to_their_rows(run: Run, write: Write, tmp_path: Path) -> None:
    log, folder = write("log.jsonl", *LOG), str(tmp_path / "parted")
    assert run("columns", "convert", log, folder, "--by", "business,day")[0] == 0
    assert run("ledger", folder)[:2] == run("ledger", log)[:2]


def test_what_is_wrong_in_a_log_of_columns_is_told_with_its_row(run: Run, tmp_path: Path) -> None:
    cut, wrong, hashed = (str(tmp_path / name) for name in ("cut.parquet", "wrong.csv", "hashed.parquet"))
    run("generate", "--threads", "3", "-o", hashed, "--profile", "packed")
    code, _, err = run("ledger", hashed)
    assert code == 2
    assert "hashed.parquet: its ids are hashes" in err
    assert "`fsm replay ... --out FOLDER`" in err
    Path(cut).write_bytes(Path(hashed).read_bytes()[:300])
    assert run("ledger", cut)[0] == 2
    Path(wrong).write_text(
        "event,at,business,customer\nopted_in,2026-01-01T00:00:00Z,b,c\nopted_in\nopted_in,2026-01-01T00:00:01Z,b,c\n"
    )
    code, _, err = run("ledger", wrong)
    assert code == 2
    assert "wrong.csv, row 3: it has 1 cell instead of 4" in err
    assert run("replay", wrong)[2].count("row 3") == 1
    code, _, err = run("replay", wrong, "--keep-going")
    assert code == 2
    assert "row 3" in err


@pytest.mark.parametrize("at", [-1_000, 1_790_812_800_000_000, 10**18], ids=["before 1970", "microseconds", "far"])
@pytest.mark.parametrize("profile", ["coded", "packed"])
def test_an_instant_of_another_unit_is_refused_by_every_way(run: Run, tmp_path: Path, profile: str, at: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = str(tmp_path / "log.parquet")
    assert run("generate", "--threads", "3", "-o", path, "--profile", profile)[0] == 0
    table = pq.read_table(path)
    values = table.column("at").to_pylist()
    values[1] = at
    place = table.schema.get_field_index("at")
    pq.write_table(table.set_column(place, table.schema.field(place), pa.array(values, pa.int64())), path)
    told = f"'at' is {at}, which as milliseconds since 1970 lies outside the years 1970 to 9998"
    for command in (("replay", path, "--out", str(tmp_path / "out")), ("ledger", path), ("replay", path)):
        code, _, err = run(*command)
        assert code == 2
        assert (told in err) == (profile == "coded" or "--out" in command), err
        assert "log.parquet" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "webhook", "-o", "bodies.jsonl.gz"),
        ("--format", "webhook", "-o", "bodies.parquet"),
        ("--format", "webhook", "-o", "bodies/"),
        ("--format", "csv", "-o", "log.parquet"),
    ],
)
def test_traffic_is_not_written_under_a_name_that_says_something_else(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run("generate", "--threads", "1", *options)
    assert code == 2
    assert "Rename it" in err or "Name a file that ends in .jsonl" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["cut.parquet", "cut.csv.gz"])
def test_a_ledger_is_made_of_the_files_that_can_be_read_if_asked(
    run: Run, write: Write, tmp_path: Path, name: str
) -> None:
    log = write("log.jsonl", *LOG)
    folder = tmp_path / "logs"
    folder.mkdir()
    for good in ("a.parquet", "z.csv"):
        assert run("columns", "convert", log, str(folder / good))[0] == 0
    (folder / name).write_bytes((folder / "a.parquet").read_bytes()[:300])
    assert run("replay", str(folder), "--out", str(tmp_path / "no"))[0] == 2
    assert not (tmp_path / "no").exists()
    code, out, err = run("replay", str(folder), "--out", str(tmp_path / "yes"), "--keep-going")
    assert code == 2
    assert err.count(name) == 1
    assert "6 events, 3 of them distinct" in err
    assert out == run("replay", log, "--out", str(tmp_path / "plain"))[1]


def test_a_file_that_is_cut_off_is_passed_over_if_asked(run: Run, write: Write, tmp_path: Path) -> None:
    log = write("log.jsonl", *LOG)
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(Path(log).read_bytes())[:40])
    assert run("ledger", str(cut), log)[0] == 2
    code, out, err = run("ledger", str(cut), log, "--keep-going")
    assert (code, out) == (2, run("ledger", log)[1])
    assert "cut.jsonl.gz: it cannot be read" in err


@pytest.mark.parametrize("options", [(), ("-o", "log.csv"), ("-o", "log.jsonl"), ("--format", "webhook")])
def test_a_profile_of_a_log_of_lines_is_refused(run: Run, options: tuple[str, ...]) -> None:
    code, _, err = run("generate", "--threads", "1", "--profile", "packed", *options)
    assert code == 2
    assert "--profile packed is about the columns of Parquet and Arrow" in err


def test_what_no_law_covers_is_named_by_every_command_and_can_be_passed_over(
    run: Run, write: Write, tmp_path: Path
) -> None:
    log, without = write("log.jsonl", {**WROTE, "at": "2018-05-01T00:00:00Z"}, WROTE), write("without.jsonl", WROTE)
    asking = ("--at", WROTE["at"], "--content", "free_form")
    code, out, err = run("judge", log, *asking)
    assert (code, out) == (2, "")
    assert "log.jsonl, line 1: nothing covers 2018-05-01" in err
    code, out, err = run("judge", log, *asking, "--keep-going")
    assert (code, out) == (2, run("judge", without, *asking)[1])
    assert "log.jsonl, line 1: nothing covers 2018-05-01" in err
    code, out, err = run("diagrams", log, "--write", str(tmp_path / "some"))
    assert code == 2
    assert "log.jsonl, line 1: nothing covers 2018-05-01" in err
    assert run("diagrams", without, "--write", str(tmp_path / "all"))[0] == 0
    some, every = ((tmp_path / name / "scenarios" / "thread-1.svg").read_text() for name in ("some", "all"))
    assert some == every


def test_a_verdict_is_not_given_on_half_a_log(run: Run, write: Write) -> None:
    """The line that cannot be read may be the one that opened the window."""
    log = write("log.jsonl", WROTE, "nonsense")
    code, out, err = run("judge", log, "--at", "2023-09-11T10:00:00Z", "--content", "free_form")
    assert (code, out) == (2, "")
    assert f"{log}, line 2: " in err


def test_keeping_going_gives_the_verdict_on_what_could_be_read(run: Run, write: Write) -> None:
    log = write("log.jsonl", "nonsense", WROTE)
    asked = ("judge", log, "--at", "2023-09-11T10:00:00Z", "--content", "free_form", "--keep-going")
    code, out, err = run(*asked)
    assert code == 2
    assert f"{log}, line 1: " in err
    assert out.startswith("allowed")


# --- accounts ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('sender = "goverment"', "'sender' is 'goverment', which is none of business"),
        ('time_zome = "UTC"', "Did you mean 'time_zone'?"),
        ('time_zone = "Mars/Olympus"', "'Mars/Olympus' is not known on this machine"),
        ("sender = ", "is not TOML"),
        ("[allowances]\nfree_left = -1", "it must be a whole number, 0 or more"),
    ],
)
@pytest.mark.parametrize("command", ["replay", "judge"])
def test_a_bad_account_file_is_refused_with_its_name(
    run: Run, write: Write, command: str, toml: str, says: str
) -> None:
    account = write("account.toml", toml)
    more = ("--at", "now", "--content", "app") if command == "judge" else ()
    code, out, err = run(command, write("log.jsonl", WROTE), "--account", account, *more)
    assert (code, out) == (2, "")
    assert err.startswith(f"fsm {command}: {account}")
    assert says in err


@pytest.mark.parametrize("raw", [None, b"sender = '\xff'"], ids=["missing", "not UTF-8"])
def test_an_account_file_that_cannot_be_read_is_refused_with_its_name(
    run: Run, write: Write, tmp_path: Path, raw: bytes | None
) -> None:
    account = str(tmp_path / "none.toml") if raw is None else write("account.toml", raw)
    code, _, err = run("replay", write("log.jsonl", WROTE), "--account", account)
    assert code == 2
    assert f"{account} cannot be read" in err


def test_an_account_file_may_begin_with_a_byte_order_mark(run: Run, write: Write) -> None:
    account = write("account.toml", b'\xef\xbb\xbfsender = "government"\r\n')
    assert run("replay", write("log.jsonl", WROTE), "--account", account)[0] == 0


POLICY = "[policy]\nboundry = 'closed'\n"


def test_an_unknown_knob_is_refused_with_the_one_that_was_meant(run: Run, write: Write) -> None:
    code, out, err = run("replay", write("log.jsonl", WROTE), "--account", write("account.toml", POLICY))
    assert (code, out) == (2, "")
    assert "[policy] has no knob 'boundry'" in err
    assert "Did you mean 'boundary'?" in err


def test_an_unknown_knob_is_refused_with_the_name_of_the_file(run: Run, write: Write) -> None:
    account = write("account.toml", POLICY)
    _, _, err = run("replay", write("log.jsonl", WROTE), "--account", account)
    assert account in err


def test_a_knob_of_the_account_decides_what_the_sources_leave_open(run: Run, write: Write) -> None:
    account = write("account.toml", "[policy]\nboundary = 'closed'\n")
    asked = ("judge", write("log.jsonl", WROTE), "--at", "2023-09-12T09:00:00Z", "--content", "free_form")
    assert "takes it as refused" in run(*asked)[1]
    assert "takes it as allowed" in run(*asked, "--account", account)[1]


# --- rules ------------------------------------------------------------------
EVERY_RULE = {id for book in editions() for id in book.rules}


def test_all_rules_are_listed_with_a_sentence_each(run: Run) -> None:
    code, out, _ = run("rules")
    assert code == 0
    assert {line.split()[0] for line in out.splitlines()[:-2]} == EVERY_RULE
    assert out.splitlines()[-1].startswith(f"{len(EVERY_RULE)} rules.")


@pytest.mark.parametrize(
    ("day", "has", "has_not"), [("2022-05-01", "CBP1-01", "CBP2-01"), ("2023-12-24", "CBP2-01", "PMP-01")]
)
def test_the_rules_of_a_day_leave_out_what_came_later(run: Run, day: str, has: str, has_not: str) -> None:
    code, out, _ = run("rules", "--on", day)
    listed = {line.split()[0] for line in out.splitlines() if line}
    assert code == 0
    assert has in listed
    assert has_not not in listed


@pytest.mark.parametrize("id", ["CSW-01", "csw-01", "CSW-05b", "CSW-05B", "csw-05b", "CBP1-08", "P26-02"])
def test_one_rule_is_shown_with_its_source_its_dates_and_its_rows(run: Run, id: str) -> None:
    code, out, _ = run("rules", id)
    assert code == 0
    assert out.upper().startswith(f"{id.upper()}  ")
    for head in ("In force    from ", "Source      Meta, ", "https://", "Confidence  A: Meta's own text"):
        assert head in out
    assert "Table       fsm/rulebooks/" in out


@pytest.mark.parametrize("id", sorted(EVERY_RULE))
def test_every_rule_can_be_shown(run: Run, id: str) -> None:
    code, out, err = run("rules", id)
    assert (code, err) == (0, "")
    assert out.startswith(f"{id}  ")


def test_several_rules_are_shown_in_the_order_asked_for(run: Run) -> None:
    _, out, _ = run("rules", "PMP-03", "CSW-01")
    assert out.index("PMP-03  ") < out.index("CSW-01  ")


def test_an_unknown_rule_is_refused_with_those_that_were_meant(run: Run) -> None:
    code, out, err = run("rules", "CSW-99")
    assert (code, out) == (2, "")
    assert "there is no rule 'CSW-99' in force. Did you mean CSW-0" in err
    assert "`fsm rules` lists them all" in run("rules", "ZZZ")[2]


def test_a_rule_is_unknown_on_a_day_before_it_was_made(run: Run) -> None:
    assert run("rules", "PMP-01", "--on", "2023-12-24")[0] == 2
    assert run("rules", "PMP-01", "--on", "2025-07-01")[0] == 0


def test_rules_for_programs_are_one_json_object_per_line(run: Run) -> None:
    code, out, _ = run("rules", "--format", "json")
    rules = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {rule["id"] for rule in rules} == EVERY_RULE
    members = ("id", "says", "confidence", "reading", "knob", "since", "until", "sources")
    assert all(tuple(rule) == members for rule in rules)
    assert all(source["url"] for rule in rules for source in rule["sources"])
    (one,) = run("rules", "PMP-03", "--format", "json")[1].splitlines()
    assert (json.loads(one)["since"], json.loads(one)["until"]) == ("2025-07-01", "2026-10-01")


def test_the_difference_between_two_days_names_what_changed(run: Run) -> None:
    code, out, _ = run("rules", "diff", "2025-06-30", "2025-07-01")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "From cbp-2024-11 (2025-04-01) to pmp-2025-07 (2025-07-01)"
    assert lines[1].startswith("  2025-07-01  Charges are per delivered template")
    assert any(line.startswith("- ") for line in lines)
    assert any(line.startswith("+ ") for line in lines)


def test_the_difference_may_be_asked_for_backwards(run: Run) -> None:
    forth = run("rules", "diff", "2026-09-30", "2026-10-01")[1].splitlines()
    back = run("rules", "diff", "2026-10-01", "2026-09-30")[1].splitlines()
    assert back[0] == "From pmp-2026-10 (2026-10-01) to pmp-2026-08 (2026-09-28)"
    assert sum(line.startswith("+ ") for line in forth) == sum(line.startswith("- ") for line in back) > 0


def test_two_days_of_one_law_do_not_differ(run: Run) -> None:
    code, out, _ = run("rules", "diff", "2023-09-01", "2023-09-02")
    assert (code, out.splitlines()[-1].strip()) == (0, "No answer changed.")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--on", "yesterday"), "'yesterday' is not a date. Write it like 2023-06-01."),
        (("--on", "2023-02-30"), "'2023-02-30' is not a date"),
        (("--on", "2018-01-01"), "the first rulebook, nbp, starts on 2019-06-01"),
        (("diff", "2023-01-01"), "diff takes two dates"),
        (("diff",), "diff takes two dates"),
        (("diff", "2023-01-01", "2023-02-01", "2023-03-01"), "diff takes two dates"),
        (("diff", "2023-01-01", "soon"), "'soon' is not a date"),
        (("diff", "2018-01-01", "2023-01-01"), "the first rulebook, nbp, starts on"),
    ],
)
def test_a_date_that_is_none_is_refused(run: Run, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run("rules", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("fsm rules: ")
    assert says in err


# --- terminals and pipes ----------------------------------------------------
COMMANDS: dict[str, tuple[str, ...]] = {
    "replay": (),
    "judge": ("--at", "2023-09-13T10:00:00Z", "--content", "free_form"),
}


def _tty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_gets_colours(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    _tty(monkeypatch)
    out = run(command, write("log.jsonl", *LOG, REFUSED), *COMMANDS[command])[1]
    assert f"{ESCAPE}[31;1mrefused" in out
    assert out.count(f"{ESCAPE}[0m") == len(re.findall(r"\x1b\[(?!0m)", out)), "what is switched on is switched off"


@pytest.mark.parametrize("command", COMMANDS)
def test_colours_change_nothing_but_the_colours(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    log = write("log.jsonl", *LOG, REFUSED)
    plain = run(command, log, *COMMANDS[command])[1]
    monkeypatch.delenv("NO_COLOR", raising=False)
    _tty(monkeypatch)
    painted = run(command, log, *COMMANDS[command])[1]
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_gets_no_colours(run: Run, write: Write, command: str) -> None:
    assert ESCAPE not in run(command, write("log.jsonl", *LOG, REFUSED), *COMMANDS[command])[1]
    assert ESCAPE not in run("rules", "CSW-01")[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_that_asks_for_no_colours_gets_none(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _tty(monkeypatch)
    assert ESCAPE not in run(command, write("log.jsonl", *LOG, REFUSED), *COMMANDS[command])[1]


def test_results_for_programs_are_never_coloured(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    _tty(monkeypatch)
    log = write("log.jsonl", *LOG, REFUSED)
    assert ESCAPE not in run("replay", log, "--format", "jsonl")[1]
    assert ESCAPE not in run("judge", log, *COMMANDS["judge"], "--format", "json")[1]


BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
ENVIRONMENTS = {"buffered": BUFFERED, "unbuffered": {**BUFFERED, "PYTHONUNBUFFERED": "1"}}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_reader_that_leaves_early_is_no_error(write: Write, environment: str) -> None:
    """`fsm replay log | head -1`, with more to say than a pipe holds."""
    log = write("log.jsonl", *({**WROTE, "id": f"in-{n}"} for n in range(1000)))
    with subprocess.Popen(
        [sys.executable, "-m", "fsm", "replay", log, "--format", "jsonl"],
        cwd=ROOT,
        env=ENVIRONMENTS[environment],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        complaints = process.stderr.read()
        code = process.wait(timeout=60)
    assert b"Traceback" not in complaints
    assert (code, complaints) == (0, b"")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_reader_that_has_left_before_the_first_line_is_no_error(environment: str) -> None:
    """Little output is written when the program ends, and that is where the pipe turns out to be broken."""
    read, written = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "fsm", "rules", "CSW-01"],
            cwd=ROOT,
            env=ENVIRONMENTS[environment],
            stdout=written,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(written)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_progress_is_counted_where_nobody_watches(run: Run, write: Write) -> None:
    assert run("replay", write("log.jsonl", *LOG))[2] == ""
