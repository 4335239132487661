"""`fsm conform`: grade an implementation in any language against the documented scenarios."""

from __future__ import annotations

import argparse
import json
import sys
import time
import tomllib
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import attrs

from fsm.cli.codes import ANSWER_IS_NO, BAD_INPUT, FINE
from fsm.cli.terminal import paint_for
from fsm.errors import FsmError
from fsm.harness.conform.adapters.base import Driver
from fsm.harness.conform.adapters.python import TIME_LIMIT
from fsm.harness.conform.case import case_of
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.vectors import UnknownVector, Vector, all_vectors, reordered, select
from fsm.harness.conform.words import event_text, plain, rule_text, scenario_text

_OTHERS: Final = ("guide", "init", "compare", "cases", "show", "schema")
_FORMATS: Final = {
    ".html": "a page",
    ".json": "for programs",
    ".xml": "JUnit",
    ".svg": "a badge",
    ".ndjson": "Cucumber Messages",
    ".cucumber.html": "those in the official Cucumber formatter, if npm has installed it",
}


class BadGaps(FsmError):
    """A file of known gaps that cannot be read."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.usage = (
        "fsm conform (--command COMMAND | --url URL | --python MODULE:CLASS | --transcript FILE) ...\n"
        "       fsm conform guide                    how to wire a system of your own\n"
        "       fsm conform init {python,node,transcript,permission,pywa,whatsapp-api-js} [FOLDER]\n"
        "       fsm conform compare A.json B.json [--report FILE.html]\n"
        "       fsm conform cases [options]          write the cases, one JSON object per line\n"
        "       fsm conform show ID [ID ...]         one scenario: its steps, events and rules\n"
        "       fsm conform schema {protocol,vector} the JSON Schema of the messages, or of the scenarios"
    )
    parser.epilog = (
        "examples:\n"
        '  fsm conform --command "node my_impl.js" --report report.html\n'
        "  fsm conform --python my_bot.adapter:MyAdapter --rule 'CSW-*' --on 2025-08-11\n"
        "  fsm conform --url http://127.0.0.1:8080 --known-gaps gaps.toml --report junit.xml\n"
        "\nexit codes: 0 nothing fails, 1 something does, 2 it could not be graded\n"
        "A file of known gaps is TOML: ids of scenarios or rules (or patterns in quotes), each with a reason.\n"
    )
    parser.add_argument(
        "what",
        nargs="*",
        metavar="guide|init|compare|cases|show|schema",
        help="something else than grading; see above",
    )
    how = parser.add_argument_group("the implementation (there is no default)")
    how.add_argument("--command", dest="program", metavar="COMMAND", help="a program that speaks JSON lines")
    how.add_argument("--url", metavar="URL", help="a server")
    how.add_argument("--python", metavar="MODULE:CLASS", help="a Python class in this process")
    how.add_argument("--transcript", metavar="FILE", help="a file of answers to the cases of `fsm conform cases`")
    which = parser.add_argument_group("which scenarios (default: all)")
    for name, says in (
        ("rule", "those of a rule, or of a pattern such as 'CSW-*'"),
        ("rulebook", "those that touch a rulebook"),
        ("concept", "those of a folder of features"),
        ("id", "a scenario by its id"),
    ):
        which.add_argument(f"--{name}", action="append", default=[], metavar=name.upper(), help=f"{says}; repeatable")
    which.add_argument("--on", metavar="DATE", help="those in which that day lies")
    parser.add_argument("--known-gaps", metavar="FILE", help="what may fail; what no longer fails must be struck")
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FILE",
        help="write a report; the suffix tells its form: "
        + ", ".join(f"{suffix} {says}" for suffix, says in _FORMATS.items()),
    )
    parser.add_argument(
        "--any-order", type=int, metavar="SEED", help="tell the events of each scenario in another order"
    )
    parser.add_argument(
        "--failures", type=int, default=3, metavar="N", help="how many failures are shown in full (default 3)"
    )
    parser.add_argument(
        "--time-limit", type=float, default=TIME_LIMIT, metavar="SECONDS", help="per scenario (default 10)"
    )
    parser.add_argument("--no-smoke", action="store_true", help="leave out the smoke test")


def run(options: Namespace) -> int:
    """Grade, or do what the first word says."""
    if options.what:
        first, *rest = options.what
        if first not in _OTHERS:
            print(
                f"fsm conform: {first!r} is none of {', '.join(_OTHERS)}. An implementation is named by an option: "
                "--command, --url, --python or --transcript.",
                file=sys.stderr,
            )
            return BAD_INPUT
        return _DO[first](rest, options)
    driver = _driver(options)
    if driver is None:
        return BAD_INPUT
    if options.failures < 0 or options.time_limit <= 0:
        raise FsmError("--failures takes a whole number, 0 or more; --time-limit takes seconds, more than 0.")
    for path in options.report:
        _writer(path)
        if not Path(path).absolute().parent.is_dir():
            raise FsmError(f"--report {path}: there is no folder {Path(path).parent}. Make it first.")
    vectors, selection = _selected(options)
    if options.any_order is not None:
        vectors = tuple(reordered(vector, options.any_order) for vector in vectors)
        selection = f"{selection + ', ' if selection else ''}events in another order (seed {options.any_order})"
    paint = paint_for(sys.stdout)
    # Where it was run from is where its own modules are.
    sys.path.insert(0, "")
    report = grade(
        driver,
        vectors,
        known_gaps=_gaps(options.known_gaps),
        smoke=not options.no_smoke,
        selection=selection,
        order=options.any_order,
    )
    from fsm.harness.conform.reports.terminal import summary

    for line in summary(report, paint, options.failures):
        print(line)
    for path in options.report:
        Path(path).write_text(_writer(path)(report), encoding="utf-8")
        print(f"written: {path}")
    if not report.fine and not any(
        report.counts[name] for name in ("passed", "failed", "errored", "known gap", "gap closed")
    ):
        return BAD_INPUT
    return FINE if report.fine else ANSWER_IS_NO


def _driver(options: Namespace) -> Driver | None:
    named = {
        "--command": options.program,
        "--url": options.url,
        "--python": options.python,
        "--transcript": options.transcript,
    }
    given = [name for name, value in named.items() if value is not None]
    if len(given) != 1:
        what = (
            f"{' and '.join(given)} are given; name one."
            if given
            else "no implementation is named, and there is no default."
        )
        print(
            f"fsm conform: {what} Use one of {', '.join(named)}; `fsm conform init python` writes an adapter to begin with.",
            file=sys.stderr,
        )
        return None
    limit = options.time_limit
    match given[0]:
        case "--command":
            from fsm.harness.conform.adapters.command import command_driver

            return command_driver(options.program, limit)
        case "--url":
            from fsm.harness.conform.adapters.http import http_driver

            return http_driver(options.url, limit)
        case "--transcript":
            from fsm.harness.conform.adapters.transcript import transcript_driver

            return transcript_driver(options.transcript)
    from fsm.harness.conform.adapters.python import python_driver

    sys.path.insert(0, "")
    return python_driver(options.python, limit)


def _selected(options: Namespace) -> tuple[tuple[Vector, ...], str]:
    on = None
    if options.on:
        try:
            on = date.fromisoformat(options.on)
        except ValueError:
            raise UnknownVector(f"--on {options.on!r} is no day. Write it like 2025-08-11.") from None
    vectors = select(
        all_vectors(), rules=options.rule, rulebooks=options.rulebook, concepts=options.concept, on=on, ids=options.id
    )
    said = [*options.rule, *options.rulebook, *options.concept, *options.id, *([f"on {on}"] if on else [])]
    return vectors, ", ".join(said)


def _gaps(path: str | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        members = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as bad:
        raise BadGaps(
            f'{path} is not TOML: {bad}. Write lines such as "CSW-04" = "calls are not recorded yet".'
        ) from None
    for id, reason in members.items():
        if not isinstance(reason, str) or not reason.strip():
            raise BadGaps(
                f'{path}: {id} has no reason in quotes. Ids with a dot stand in quotes too: "CSW-12.3" = "why".'
            )
    return members


def _writer(path: str) -> Callable[[Report], str]:
    """What writes the report that a path's suffix asks for."""
    match Path(path).suffix:
        case ".html" if path.endswith(".cucumber.html"):
            from fsm.harness.conform.reports.cucumber import find_formatter, write_cucumber_page
            from fsm.harness.conform.reports.messages import needs_parser

            needs_parser()
            formatter = find_formatter(Path.cwd())
            return lambda report: write_cucumber_page(report, formatter, time.time())
        case ".html":
            from fsm.harness.conform.reports.page import write_page

            return write_page
        case ".json":
            from fsm.harness.conform.reports.saved import write_json

            return write_json
        case ".xml":
            from fsm.harness.conform.reports.junit import write_junit

            return write_junit
        case ".svg":
            from fsm.harness.conform.reports.badge import write_badge

            return write_badge
        case ".ndjson":
            from fsm.harness.conform.reports.messages import needs_parser, write_messages

            needs_parser()
            return lambda report: write_messages(report, time.time())
    raise FsmError(f"--report {path}: the suffix says no form. It is one of {', '.join(_FORMATS)}.")


# --- the other words ------------------------------------------------------------------
def _guide(words: Sequence[str], _: Namespace) -> int:
    from importlib import resources

    if words:
        raise FsmError("`fsm conform guide` takes nothing else; it writes the guide to standard output.")
    print(resources.files("fsm.harness.conform").joinpath("GUIDE.md").read_text(encoding="utf-8"), end="")
    return FINE


def _init(words: Sequence[str], _: Namespace) -> int:
    from fsm.harness.conform.init import KINDS, init

    if not 1 <= len(words) <= 2:
        raise FsmError(f"say what to write: fsm conform init {{{','.join(KINDS)}}} [FOLDER].")
    written, then = init(words[0], Path(words[1] if len(words) > 1 else "."))
    for path in written:
        print(f"written: {path}")
    print(f"Now: {then}")
    return FINE


def _compare(words: Sequence[str], options: Namespace) -> int:
    from fsm.harness.conform.reports.comparison import write_page, write_text
    from fsm.harness.conform.reports.saved import read_json

    if len(words) < 2:
        raise FsmError("name two reports or more, made with --report FILE.json.")
    runs = [read_json(Path(path).read_text(encoding="utf-8"), path) for path in words]
    if len({run.label for run in runs}) < len(runs):
        # The same system twice, before and after: told apart by their files.
        runs = [
            attrs.evolve(run, version=f"{run.version} ({Path(path).stem})".strip())
            for run, path in zip(runs, words, strict=True)
        ]
    for line in write_text(runs):
        print(line)
    for path in options.report:
        if Path(path).suffix != ".html":
            raise FsmError(f"--report {path}: a comparison is written as .html.")
        Path(path).write_text(write_page(runs), encoding="utf-8")
        print(f"written: {path}")
    return FINE


def _cases(words: Sequence[str], options: Namespace) -> int:
    from fsm.harness.conform.adapters.transcript import write_cases

    if words:
        raise FsmError("`fsm conform cases` takes options only; it writes to standard output.")
    write_cases(sys.stdout, _selected(options)[0])
    return FINE


def _show(words: Sequence[str], _: Namespace) -> int:
    if not words:
        raise FsmError("name a scenario by its id, for example CSW-12.1.")
    for vector in select(all_vectors(), ids=words):
        print(scenario_text(vector))
        print(f"  status: {vector.status}; rulebooks: {', '.join(vector.rulebooks)}")
        print("Events")
        for event in vector.events[:40]:
            print(f"  {event_text(event)}")
        if len(vector.events) > 40:
            print(f"  ... and {len(vector.events) - 40} more")
        if vector.account:
            print(f"Account\n  {plain(vector.account)}")
        questions = case_of(vector)["questions"]
        if questions:
            print("Questions\n" + "\n".join(f"  {plain(question)}" for question in questions))
        print("Expected")
        for each in vector.expect:
            print(f"  {each['about']}: {plain(each['value'])}")
        print("Rules")
        for id in vector.rules:
            print("  " + rule_text(id).replace("\n", "\n  "))
    return FINE


def _schema(words: Sequence[str], _: Namespace) -> int:
    from fsm.harness.conform.schemas import SCHEMAS

    if len(words) != 1 or words[0] not in SCHEMAS:
        raise FsmError(f"say which: fsm conform schema {{{','.join(sorted(SCHEMAS))}}}.")
    print(json.dumps(SCHEMAS[words[0]](), indent=1))
    return FINE


_DO: Final = {
    "guide": _guide,
    "init": _init,
    "compare": _compare,
    "cases": _cases,
    "show": _show,
    "schema": _schema,
}
