"""What depends on the terminal: colours, progress, and what its files hold."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from fsm.errors import BadLog
from fsm.replay.story import Paint, plain
from fsm.service import folders
from fsm.service.endings import FORMATS, NOT_UTF8, disguise_of, format_of
from fsm.service.files import opened

_COLOURS = {"good": "32", "bad": "31;1", "doubt": "33", "faint": "2", "strong": "1"}
_BLANK = b"\xef\xbb\xbf \t\r\n"


def paint_for(stream: TextIO) -> Paint:
    """Colours if the stream is a terminal and nobody asked for none (NO_COLOR)."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return plain
    return lambda text, meaning: f"\x1b[{_COLOURS[meaning]}m{text}\x1b[0m" if meaning in _COLOURS else text


def files_of(paths: Sequence[str], passed: list[Path]) -> Iterator[str]:
    """
    Every file of JSON named on the command line, folders opened up; `-` stands for standard input.

    Args:
        paths: files and folders.
        passed: see `fsm.service.folders.files_of`.

    Raises:
        BadLog: a folder that holds no log, or a file that holds columns.
    """
    for path in paths:
        files = [path]
        if path != "-" and Path(path).is_dir():
            files = list(map(str, folders.files_of(path, passed)))
            if not files:
                raise BadLog(path, f"the folder holds no {', '.join(FORMATS['jsonl'])} file.")
        for file in files:
            if format_of(file) not in ("", "jsonl"):
                raise BadLog(
                    file, "it holds columns, and only JSON is read here. Convert it with `fsm columns convert`."
                )
        yield from files


def bytes_of(path: str) -> bytes:
    """
    What a source named on the command line holds, unpacked; `-` is standard input.

    Raises:
        BadLog: it cannot be read.
        MissingExtra: it is packed by zstd, and the libraries for columns are not installed.
    """
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else opened(path) as stream:
            return stream.read()
    except (OSError, EOFError, zlib.error) as bad:
        raise BadLog(path, f"it cannot be read: {getattr(bad, 'strerror', None) or bad}.") from None


def text_of(name: str, raw: bytes) -> str:
    """
    The text of a source.

    Raises:
        BadLog: it is not UTF-8.
    """
    if why := disguise_of(raw):
        raise BadLog(name, why)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        line = raw.count(b"\n", 0, bad.start) + 1
        raise BadLog(f"{name}, line {line}", f"{NOT_UTF8}; nothing of it was read.") from None


def lines_of(path: str) -> Iterator[tuple[int, bytes]]:
    """
    The lines of one file that are not blank, unpacked, with their numbers, one at a time.

    Raises:
        BadLog: the file cannot be read.
        MissingExtra: it is packed by zstd, and the libraries for columns are not installed.
    """
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else opened(path) as stream:
            for number, line in enumerate(stream, 1):
                if line.strip(_BLANK):
                    yield number, line.strip(_BLANK)
    except (OSError, EOFError, zlib.error) as bad:
        raise BadLog(path, f"it cannot be read: {getattr(bad, 'strerror', None) or bad}.") from None


class Progress:
    """A line on standard error that counts, on terminals only, and only if it takes a while."""

    def __init__(self, noun: str, every: int = 20_000) -> None:
        self._noun, self._every, self._count = noun, every, 0
        self._shows = sys.stderr.isatty()

    def step(self) -> None:
        """Count one."""
        self._count += 1
        if self._shows and self._count % self._every == 0:
            print(f"\r{self._count:,} {self._noun}", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        """Wipe the line."""
        if self._shows and self._count >= self._every:
            print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
