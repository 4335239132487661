"""No file of the project names a place that only exists where it was written."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import fsm

ROOT = Path(__file__).resolve().parents[2]

# Put together from parts, so that this file does not contain them itself.
MACHINE_PLACES = ["/" + name + "/" for name in ("wo" + "rk", "tm" + "p", "ho" + "me", "ro" + "ot", "Us" + "ers")]
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "deb." + "debian.org",
]

# A path of a machine starts a word; the same letters inside a web address are somebody else's.
_PLACE = re.compile(r"(?<![\w.:~/-])(?:file://)?(" + "|".join(map(re.escape, MACHINE_PLACES)) + ")")
_WINDOWS_HOME = re.compile(r"\b[A-Z]:\\{1,2}" + "Us" + "ers")
_HOST = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)), re.IGNORECASE)

_NOT_OURS = {".git", ".venv", "__pycache__", "build", "dist"}


def _files() -> list[Path]:
    """What git has or would take; where there is no git, every file that is not made by a tool."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout.decode()
        found = [ROOT / name for name in listed.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if _NOT_OURS.isdisjoint(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file())


def _complaints(text: str) -> list[str]:
    return [
        f"line {number}: {match.group().strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern in (_PLACE, _WINDOWS_HOME, _HOST)
        for match in pattern.finditer(line)
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"see {MACHINE_PLACES[0]}notes.md",
        f'open("{MACHINE_PLACES[1]}log")',
        f"path={MACHINE_PLACES[2]}ana",
        f"https://{REGISTRY_HOSTS[0]}/simple",
        "C:\\" + "Us" + "ers\\ana",
    ],
)
def test_the_search_finds_what_it_is_for(text: str) -> None:
    assert _complaints(text)


@pytest.mark.parametrize(
    "text",
    ["https://example.org" + MACHINE_PLACES[2] + "page", "fsm/frame" + "wo" + "rk/x", "a quiet ho" + "me"],
)
def test_the_search_leaves_ordinary_words_and_addresses_alone(text: str) -> None:
    assert not _complaints(text)


def test_no_file_names_a_place_on_a_machine_or_a_package_registry() -> None:
    files = _files()
    assert len(files) > 10, "the search itself found hardly any files"
    found = {}
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content and (complaints := _complaints(content.decode("utf-8", errors="replace"))):
            found[str(path.relative_to(ROOT))] = complaints
    assert not found


def test_the_changelog_has_both_lists_for_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = text.partition(f"## {fsm.__version__}")[2].partition("\n## ")[0]
    assert "### Rules" in section
    assert "### Code" in section
