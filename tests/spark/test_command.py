"""The command of the Spark room: what it writes, what it says, and how it exits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fsm.events import Account
from fsm.spark import extra
from fsm.spark.__main__ import main
from tests.spark.histories import canonical_hash, reference_hash, results_in, write_log
from tests.spark.test_batch import AUGUST_2025, DAY, conversation


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
    assert done.stdout.startswith(f"results in {tmp_path / 'out'}; the log went through the kernel once")
    assert canonical_hash(results_in(tmp_path / "out")) == reference_hash(events, Account(free_left=3))


def test_an_account_file_that_cannot_be_read_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "log", "--out", "out", "--account", str(tmp_path / "none.toml")]) == 2
    assert "none.toml cannot be read" in capsys.readouterr().err


def test_what_is_missing_is_said_with_what_to_install() -> None:
    assert "whatsapp-conversation-fsm[spark]" in extra.missing((), java=True)
    told = extra.missing(("pyspark", "pyarrow", "numpy", "numba", "pandas"), java=False)
    assert "JAVA_HOME" in told
