"""The machine's clock for one unmodified program: libfaketime, and the file that it reads the time from."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fsm.events import datetime_of, parse_instant
from fsm.harness.conform.adapters.base import CannotStart

_PLACES: Final = (
    "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime.so.1",
    "/opt/homebrew/lib/faketime/libfaketime.1.dylib",
)


def library() -> Path | None:
    """Where libfaketime lies: what `FSM_FAKETIME_LIBRARY` names, else the usual places."""
    named = os.environ.get("FSM_FAKETIME_LIBRARY")
    if named:
        return Path(named) if Path(named).exists() else None
    for place in _PLACES:
        found = sorted(Path("/").glob(place.lstrip("/")))
        if found:
            return found[0]
    return None


class FakeClock:
    """
    A clock for one program, set to an instant at a time.

    The file is replaced, never written in place: some runtimes read it in the middle of a write.

    Raises:
        CannotStart: libfaketime is not installed.
    """

    def __init__(self) -> None:
        found = library()
        if found is None:
            raise CannotStart(
                "the implementation reads the machine's clock, and libfaketime, which moves it, was not found. "
                "Install it (Debian and Ubuntu: the package faketime), or name it in FSM_FAKETIME_LIBRARY."
            )
        self._library = found
        self._folder = Path(tempfile.mkdtemp(prefix="fsm-clock-"))
        self._file = self._folder / "now"
        self.set("2022-01-01T00:00:00Z")

    @property
    def environment(self) -> Mapping[str, str]:
        """What the program must find in its environment."""
        preload = "DYLD_INSERT_LIBRARIES" if self._library.suffix == ".dylib" else "LD_PRELOAD"
        return {
            preload: str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # The file holds a local time without a zone; so that it is the one we mean, local is UTC.
            "TZ": "UTC",
        }

    def set(self, at: str) -> None:
        """Set it to an instant (RFC 3339)."""
        written = self._folder / "next"
        written.write_text(f"{datetime_of(parse_instant(at)):%Y-%m-%d %H:%M:%S}\n", encoding="ascii")
        written.replace(self._file)

    def close(self) -> None:
        """Remove its file."""
        shutil.rmtree(self._folder, ignore_errors=True)
