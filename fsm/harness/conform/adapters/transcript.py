"""A file as an implementation: cases are written out, answered somewhere else, and the answers read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from fsm.harness.conform.adapters.base import Answered, CannotStart, Claims, read_claims
from fsm.harness.conform.adapters.stepwise import answered_by
from fsm.harness.conform.case import case_of
from fsm.harness.conform.vectors import Vector


def write_cases(stream: IO[str], vectors: Iterable[Vector]) -> int:
    """Write the cases, one JSON object per line, and give their number."""
    lines = [json.dumps(case_of(vector), ensure_ascii=False) + "\n" for vector in vectors]
    stream.writelines(lines)
    return len(lines)


class TranscriptDriver:
    """
    Reads answers from a file of JSON lines.

    The first line is the greeting, as on `start`. Every other line is a reply with the `id` of its case in place of
    `seq`.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._replies: dict[str, Answered] = {}

    def start(self) -> Claims:
        """
        Read the whole file.

        Raises:
            CannotStart: it cannot be read, or its first line is no greeting.
        """
        try:
            # Not `splitlines`: a text inside JSON may hold characters that it takes for the end of a line.
            lines = self._path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        except (OSError, UnicodeDecodeError) as bad:
            raise CannotStart(f"{self._path} cannot be read: {bad}.") from None
        if lines == [""]:
            raise CannotStart(f"{self._path} is empty. Its first line must be the greeting.")
        greeting = self._object(1, lines[0])
        for number, line in enumerate(lines[1:], 2):
            if not line.strip():
                continue
            reply = self._object(number, line)
            id = reply.get("id")
            if not isinstance(id, str) or not id:
                raise CannotStart(f"{self._path}, line {number}: it has no 'id' that says which case it answers.")
            known = id in self._replies
            self._replies[id] = (
                Answered(errored=f"malformed: two answers, the second in line {number}")
                if known
                else answered_by(reply)
            )
        return read_claims(greeting)

    def run(self, vectors: Iterable[Vector]) -> Iterator[tuple[Vector, Answered]]:
        """The answers of the file."""
        for vector in vectors:
            yield vector, self._replies.get(vector.id, Answered(errored="no answer to this case in the file"))

    def stop(self) -> None:
        """Nothing to let go."""

    def _object(self, number: int, line: str) -> Mapping[str, Any]:
        try:
            members = json.loads(line)
        except (ValueError, RecursionError) as bad:
            raise CannotStart(f"{self._path}, line {number}: it is not JSON: {bad}.") from None
        if not isinstance(members, dict):
            raise CannotStart(f"{self._path}, line {number}: it is no JSON object.")
        return members


def transcript_driver(path: str | Path) -> TranscriptDriver:
    """The driver of a file of answers; see `TranscriptDriver`."""
    return TranscriptDriver(Path(path))
