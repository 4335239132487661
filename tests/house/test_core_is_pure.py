"""
The core reads no clock, chance, environment, file or network, and takes no answer from the host.

import-linter forbids the modules; this reads the code itself, and so also sees what
needs no import: `open`, `datetime.now`, `astimezone()` without a zone, `hash`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CORE = ("errors.py", "terms.py", "events", "identity", "rules", "rates", "rulebooks", "machine", "ledger")
"""Some of these rooms do not exist yet; they are held to it from their first line."""

MODULES = {
    "asyncio": "network",
    "ctypes": "host",
    "getpass": "environment",
    "glob": "files",
    "http": "network",
    "importlib.resources": "files",
    "io": "files",
    "locale": "environment",
    "multiprocessing": "host",
    "os": "environment",
    "pathlib": "files",
    "platform": "environment",
    "random": "chance",
    "secrets": "chance",
    "shutil": "files",
    "socket": "network",
    "sqlite3": "files",
    "ssl": "network",
    "subprocess": "host",
    "sys": "environment",
    "tempfile": "files",
    "threading": "host",
    "time": "clock",
    "urllib.request": "network",
    "uuid": "chance",
}
NAMES = {
    "__import__": "host",
    "breakpoint": "host",
    "eval": "host",
    "exec": "host",
    "hash": "chance (the hash seed)",
    "id": "chance (a memory address)",
    "input": "host",
    "open": "files",
    "print": "host",
}
MEMBERS = {
    "now": "clock",
    "utcnow": "clock",
    "today": "clock",
    "read_bytes": "files",
    "read_text": "files",
    "write_bytes": "files",
    "write_text": "files",
}
LOCAL_ZONE = "environment (the host's time zone)"


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _forbidden_module(name: str) -> str | None:
    parts = name.split(".")
    return next((MODULES[head] for n in range(len(parts)) if (head := ".".join(parts[: n + 1])) in MODULES), None)


def _takes_the_local_zone(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    given = len(call.args) + len(call.keywords)
    return (call.func.attr == "astimezone" and given == 0) or (call.func.attr == "fromtimestamp" and given == 1)


def impurities(source: str) -> list[str]:
    """What the code reads that is not an argument, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        for name in _imports(node):
            if what := _forbidden_module(name):
                found.append(f"line {line}: imports {name}: {what}")
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in NAMES:
                found.append(f"line {line}: calls {node.func.id}: {NAMES[node.func.id]}")
            if _takes_the_local_zone(node):
                found.append(f"line {line}: {ast.unparse(node)}: {LOCAL_ZONE}")
        # Also without a call: `factory=datetime.now` reads the clock later.
        if isinstance(node, ast.Attribute) and node.attr in MEMBERS:
            found.append(f"line {line}: {ast.unparse(node)}: {MEMBERS[node.attr]}")
    return found


def _core_files() -> list[Path]:
    files = []
    for name in CORE:
        place = ROOT / "fsm" / name
        files += [place] if place.is_file() else sorted(place.rglob("*.py"))
    return files


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import time", "clock"),
        ("from time import monotonic", "clock"),
        ("import os.path", "environment"),
        ("from importlib import resources", "files"),
        ("import urllib.request", "network"),
        ("from random import Random", "chance"),
        ("def f():\n    import socket", "network"),
        ("datetime.now(UTC)", "clock"),
        ("attrs.field(factory=datetime.now)", "clock"),
        ("date.today()", "clock"),
        ("datetime.fromtimestamp(0)", "time zone"),
        ("at.astimezone()", "time zone"),
        ("open('rates.csv')", "files"),
        ("place.read_text()", "files"),
        ("sorted(x, key=lambda y: hash(y))", "hash seed"),
    ],
)
def test_what_the_host_could_answer_is_seen(source: str, what: str) -> None:
    assert any(what in complaint for complaint in impurities(source))


@pytest.mark.parametrize(
    "source",
    [
        "datetime.fromtimestamp(0, UTC)",
        "datetime.fromtimestamp(0, tz=UTC)",
        "at.astimezone(UTC)",
        "from datetime import UTC, datetime",
        "from zoneinfo import ZoneInfo",
        "from fsm.events.instants import instant_of",
        "self.open",
        "State(name, open=True)",
        "from .time import lasts",
        "def __hash__(self): ...",
    ],
)
def test_what_only_sounds_like_it_is_left_alone(source: str) -> None:
    assert impurities(source) == []


def test_the_core_reads_nothing_but_its_arguments() -> None:
    files = _core_files()
    assert len(files) > 5, "the search itself found hardly any files"
    found = {
        str(path.relative_to(ROOT)): complaints
        for path in files
        if (complaints := impurities(path.read_text(encoding="utf-8")))
    }
    assert not found
