"""The command of the Spark room: what it writes, what it says, and how it exits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fsm.events import Account, parse_instant, write_event
from fsm.machine import Law
from fsm.spark import extra, live
from fsm.spark.__main__ import main
from tests.spark.histories import canonical_hash, reference_hash, results_in, write_log
from tests.spark.test_batch import AUGUST_2025, DAY, conversation
from tests.spark.test_stream import TICK, history, write_files


def test_a_job_submitted_as_a_script_gives_the_hash_of_the_reference(tmp_path: Path) -> None:
    """As `spark-submit` runs it: the file by its path, in a process of its own."""
    why = extra.missing()
    if why:
        pytest.skip(why)
    events = [e for n in range(12) for e in conversation(f"5215550{n % 5:04}", AUGUST_2025 + n * DAY // 3, n)]
    write_log(events, tmp_path / "log")
    (tmp_path / "account.toml").write_text("[allowances]\nfree_left = 3\n")
    script = Path(__file__).parents[2] / "fsm" / "spark" / "__main__.py"
    done = subprocess.run(
        [
            *(sys.executable, str(script), "replay", str(tmp_path / "log")),
            *("--account", str(tmp_path / "account.toml"), "--out", str(tmp_path / "out")),
            *("--local", "1", "--partitions", "1"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"results in {tmp_path / 'out'}; the log was gone through once")
    assert canonical_hash(results_in(tmp_path / "out")) == reference_hash(events, Account(free_left=3))


class _Shared:
    """The session of all tests, which a command that is done with it does not stop."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def stop(self) -> None:
        """Leave it to the others."""


@pytest.mark.usefixtures("few_partitions")
def test_what_is_read_as_it_comes_is_decided_again_from_the_log(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`live` twice, the second time with what is late by then, and `redecide`: together they say what one replay says."""
    monkeypatch.setattr("fsm.spark.__main__._session", lambda _: _Shared(session))
    events = history()
    log, out = tmp_path / "log", str(tmp_path / "out")
    (tmp_path / "account.toml").write_text("[allowances]\nfree_left = 4\n")
    common = ("--account", str(tmp_path / "account.toml"))
    living = ("live", str(log), "--out", out, "--checkpoint", str(tmp_path / "state"), "--bound", "1 hour", "--once")
    write_files(log, [[*events[90:], TICK]], [0])

    def run(*arguments: str) -> tuple[int, str]:
        return main([*arguments, *common]), capsys.readouterr().out

    code, told = run(*living)
    watermark = told.strip().rpartition(" ")[2]
    assert (code, told) == (0, f"rows in {out}; the watermark is {watermark}\n")
    assert parse_instant(watermark) == TICK.at - 3_600_000_000
    asking = ("redecide", str(log), "--rows", out, "--through", watermark, "--check")
    assert run(*asking) == (0, "")

    (log / "late.jsonl").write_text("".join(json.dumps(write_event(event)) + "\n" for event in events[:90]))
    assert run(*living)[0] == 0
    code, told = run(*asking)
    assert code == 1
    assert run(*asking[:-1]) == (0, told)
    corrections = [json.loads(line) for line in told.splitlines()]
    law = Law(Account(free_left=4), engine="table")
    by_key = {
        (answer.event.business, answer.event.customer, answer.event.event, answer.event.id): json.loads(
            live.write_answer(answer)
        )
        for answer in live.decided_from(law, events)
    }
    assert {each["event"] for each in corrections} == {event.event for event in events}
    assert len(corrections) >= 90
    for each in corrections:
        assert each["now"] == by_key[each["business"], each["customer"], each["event"], each["id"] or ""]
        assert each["was"] != each["now"]


def test_an_interrupted_command_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fsm.spark.__main__._session", interrupted)
    assert main(["replay", "log", "--out", "out"]) == 130
    assert capsys.readouterr() == ("", "fsm.spark: interrupted\n")


def test_an_account_file_that_cannot_be_read_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "log", "--out", "out", "--account", str(tmp_path / "none.toml")]) == 2
    assert "none.toml cannot be read" in capsys.readouterr().err


def test_what_is_missing_is_said_with_what_to_install() -> None:
    assert "whatsapp-conversation-fsm[spark]" in extra.missing((), java=True)
    told = extra.missing(("pyspark", "pyarrow", "numpy", "numba", "pandas"), java=False)
    assert "JAVA_HOME" in told
