"""`fsm redact`: real logs in, shareable samples out, line by line."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Final, TextIO

from fsm.cli.codes import ANSWER_IS_NO, BAD_INPUT, FINE
from fsm.cli.logs import report_passed
from fsm.cli.terminal import Progress, files_of, lines_of
from fsm.errors import BadBody, BadLog, BadRedactionKey
from fsm.redact import Key, redact, survivors, written
from fsm.service.files import whole_file
from fsm.webhooks.decode import decode

KEY_VARIABLE: Final = "FSM_REDACT_KEY"

_MOST_PROBLEMS_TOLD: Final = 20
# A decoder's own words quote what it stumbled over, and standard error is shared as easily as the sample.
_NOT_JSON: Final = (
    "it is not JSON that can be relied on, so nothing of it was written. Broken off, not UTF-8, a key given twice "
    "and a number too large all count. Mend the line, or leave such lines out with --keep-going."
)
_NOT_AN_OBJECT: Final = (
    "it is JSON, but neither an object nor a list of objects, so nothing of it was written. One event or webhook "
    "body per line."
)


class _Refused(str):
    """Why nothing of a piece of a log may be written, without its content."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "The key must stay secret: phone numbers are few, and whoever has it finds them by trying.\n\n"
        "examples:\n"
        "  fsm redact log.jsonl -o sample.jsonl             with a new key, told on standard error\n"
        "  fsm redact webhooks/ --key-file key --check      the key of earlier samples, and a second look\n"
        f"  {KEY_VARIABLE}=... fsm redact - < log.jsonl\n"
    )
    parser.add_argument(
        "log",
        nargs="+",
        metavar="LOG",
        help="JSON Lines of webhook bodies or events (also .gz, .zst), one JSON document, a folder of them, or - for "
        "standard input",
    )
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help=f"holds the secret key; without it the variable {KEY_VARIABLE}, without both a new one",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="write there instead of to standard output")
    parser.add_argument("--keep-going", action="store_true", help="leave out lines that cannot be read, and count them")
    parser.add_argument(
        "--check", action="store_true", help="look again: leave out lines of which something survived, and exit with 1"
    )


def run(options: Namespace) -> int:
    """
    `fsm redact`

    Raises:
        BadRedactionKey: the key cannot be read, or is too short.
        BadLog: a source cannot be read, or the output cannot be written.
    """
    key = _key(options.key_file)
    passed: list[Path] = []
    files = list(files_of(options.log, passed))
    lines = refused = withheld = 0
    progress = Progress("lines")
    with _output(options.output, files) as output:
        for where, piece in chain.from_iterable(map(_pieces, files)):
            progress.step()
            if isinstance(piece, _Refused):
                refused += 1
                _tell(where, piece, refused)
                if not options.keep_going:
                    break
                continue
            redacted = redact(key, piece)
            places = survivors(piece, redacted) if options.check else ()
            if places:
                withheld += 1
                _tell(where, f"something of it may have survived at {', '.join(places)}; it was left out.", withheld)
                continue
            print(written(redacted), file=output)
            lines += 1
    progress.done()
    left_out = [f"{count} {why}" for count, why in ((refused, "unreadable"), (withheld, "withheld")) if count]
    print(f"Redacted: {lines:,}; left out: {', '.join(left_out) or 'none'}", file=sys.stderr)
    report_passed(passed)
    if refused:
        return BAD_INPUT
    return ANSWER_IS_NO if withheld else FINE


def _key(path: str | None) -> Key:
    if path is not None:
        try:
            return Key(Path(path).read_bytes().strip())
        except OSError as bad:
            raise BadRedactionKey(f"the key file {path} cannot be read: {bad.strerror}.") from None
    if KEY_VARIABLE in os.environ:
        return Key(os.environ[KEY_VARIABLE].strip().encode("utf-8", "surrogateescape"))
    made = secrets.token_hex(32)
    print(
        f"A new key was made: {made}\n"
        f"Set {KEY_VARIABLE} to it to redact more of the same log alike. Never share it with the sample.",
        file=sys.stderr,
    )
    return Key(made.encode())


def _output(path: str | None, files: Sequence[str]) -> AbstractContextManager[TextIO]:
    if path is None or path == "-":
        return nullcontext(sys.stdout)
    out = Path(path)
    if any(file != "-" and Path(file).resolve() == out.resolve() for file in files):
        raise BadLog(path, "it is one of the logs to be read, and would be empty before it was. Write somewhere else.")
    return _written(out)


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    with whole_file(path) as new:
        try:
            stream = new.open("w", encoding="utf-8", newline="\n")
        except OSError as bad:
            raise BadLog(str(path), f"it cannot be written: {bad.strerror}.") from None
        with stream:
            yield stream


def _pieces(path: str) -> Iterator[tuple[str, object]]:
    """Every body or event of a file with its place; instead of one that cannot be read, why."""
    name = "standard input" if path == "-" else path
    lines = lines_of(path)
    first = list(islice(lines, 2))
    if _is_document([line for _, line in first]):
        # A document over several lines can only be read as a whole.
        yield from _decoded(name, b"\n".join(line for _, line in chain(first, lines)))
        return
    for number, line in chain(first, lines):
        yield from _decoded(f"{name}, line {number}", line)


def _is_document(first: Sequence[bytes]) -> bool:
    """Whether the first two lines are the beginning of one document, and not two lines of JSON Lines."""
    if not first or not isinstance(_held(first[0]), _Refused):
        return False
    if first[0] == b"[":
        return True
    # If the second line is a whole object, this is JSON Lines, however its first line is broken.
    return first[0].endswith((b"{", b"[", b",")) and not any(isinstance(_held(line), dict) for line in first[1:])


def _decoded(where: str, text: bytes) -> Iterator[tuple[str, object]]:
    held = _held(text)
    for piece in held if isinstance(held, list) else [held]:
        yield where, piece if isinstance(piece, dict | _Refused) else _Refused(_NOT_AN_OBJECT)


def _held(text: bytes) -> object:
    """The value of a text with its numbers as they are written, or a refusal."""
    try:
        decode(text)
        # Read a second time, since a float would not give back every amount as it stood.
        return json.loads(text, parse_float=Decimal)
    except (BadBody, ArithmeticError):
        return _Refused(_NOT_JSON)


def _tell(where: str, why: str, count: int) -> None:
    if count <= _MOST_PROBLEMS_TOLD:
        print(f"fsm redact: {where}: {why}", file=sys.stderr)
    elif count == _MOST_PROBLEMS_TOLD + 1:
        print("fsm redact: there are more; only the number of them is told", file=sys.stderr)
