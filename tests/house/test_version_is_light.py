"""Asking for the version loads nothing that the answer does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import fsm

ROOT = Path(__file__).resolve().parents[2]

HEAVY = {
    "duckdb",
    "freezegun",
    "gherkin",
    "numba",
    "numpy",
    "polars",
    "pyarrow",
    "pytest",
    "pytest_bdd",
    "rich",
    "transitions",
    "yaml",
}


def _imported(importtime: str) -> set[str]:
    """The top-level packages named in what `-X importtime` writes: `self us | cumulative | name`."""
    names = [line.rpartition("|")[2].strip() for line in importtime.splitlines() if line.startswith("import time:")]
    return {name.partition(".")[0] for name in names}


def test_the_version_is_printed_without_importing_anything_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fsm", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert done.returncode == 0, said
    assert fsm.__version__ in done.stdout
    imported = _imported(done.stderr)
    assert "fsm" in imported, "the measurement itself shows nothing"
    assert imported.isdisjoint(HEAVY)
