"""The parser, and which command runs. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Final, NoReturn

from fsm import __version__
from fsm.cli.codes import BAD_INPUT, FINE, INTERRUPTED, TERMINATED
from fsm.cli.help import LOGS


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message}\nTry `{self.prog} --help`.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = f"fsm {given[0]}" if given and not given[0].startswith("-") else "fsm"
    # A command builds many values and no cycles, and ends: looking for cycles took a third of a long ledger's time.
    collects = gc.isenabled()
    gc.disable()
    try:
        with _endable():
            return _run(given, name)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; that is no error. What is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        # Arrow tells the number in its text alone.
        if problem.errno == errno.ENOSPC or f"[errno {errno.ENOSPC}]" in str(problem):
            print(f"{name}: {where}the disk is full. Free some space, or write somewhere else.", file=sys.stderr)
        else:
            print(f"{name}: {where}{problem.strerror or problem}. Check the path.", file=sys.stderr)
        return BAD_INPUT
    except _Terminated:
        print(f"{name}: terminated", file=sys.stderr)
        return TERMINATED
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        if collects:
            gc.enable()


def _run(given: list[str], name: str) -> int:
    parser = _build(given[0] if given else None)
    options = parser.parse_args(given)
    if options.command is None:
        parser.print_help()
        return BAD_INPUT
    from fsm.errors import FsmError

    try:
        code = int(_action(options.command)(options))
    except FsmError as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return BAD_INPUT
    sys.stdout.flush()
    return code


class _Terminated(KeyboardInterrupt):
    """A supervisor asks the command to end: it cleans up as if a person had interrupted it."""


_ENDINGS: Final = {signal.SIGTERM: _Terminated, signal.SIGINT: KeyboardInterrupt}


@contextmanager
def _endable() -> Iterator[None]:
    """
    Let requests to terminate and interruptions end a command in order, where signals can be caught at all.

    Supervisors ask twice, the process and its group, and people press twice: cleaning up is not interrupted by the second.
    """
    before = {each: signal.getsignal(each) for each in _ENDINGS}
    # What runs behind a shell that ignores interruptions goes on ignoring them.
    mine = [each for each, handler in before.items() if handler in (signal.SIG_DFL, signal.default_int_handler)]
    if threading.current_thread() is not threading.main_thread() or not mine:
        yield
        return

    def end(number: int, _: object) -> None:
        for each in mine:
            signal.signal(each, signal.SIG_IGN)
        raise _ENDINGS[signal.Signals(number)]

    for each in mine:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in mine:
            signal.signal(each, before[each])


def _action(command: str) -> Callable[[argparse.Namespace], int]:
    """What a command does; its module is loaded now, so that no other command waits for it."""
    module = import_module(f"fsm.cli.{_MODULES.get(command, command)}")
    action: Callable[[argparse.Namespace], int] = getattr(module, command if command in _TOGETHER else "run")
    return action


_TOGETHER = ("replay", "judge")
"""Commands that share the module `commands`; each of the others has one of its own."""
_MODULES = {**dict.fromkeys(_TOGETHER, "commands"), "diagrams": "pictures"}


def _build(chosen: str | None = None) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="fsm",
        description="WhatsApp's conversation rules: what may be sent, what it opens, what it costs, and why.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n"
        "  fsm replay webhooks/                      tell the story of a folder of webhook bodies\n"
        "  fsm judge log.jsonl --at 2023-09-12T10:00:00Z --content free_form\n"
        "  fsm rules CSW-01                          one rule, its source and its rows\n"
        "  fsm rules diff 2025-06-30 2025-07-01      what a date changed\n"
        '  fsm conform --command "node my_impl.js"   grade an implementation\n',
    )
    parser.add_argument("--version", action="version", version=f"fsm {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", parser_class=_Parser)
    _replay(commands)
    _judge(commands)
    _rules(commands)
    _diagrams(commands)
    for name, says in _LATE.items():
        late = commands.add_parser(
            name,
            help=says,
            description=says[0].upper() + says[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            # Its options are known to a module that knows a lot more; only who asks for it waits for that.
            import_module(f"fsm.cli.{name}").add(late)
    return parser


_LATE = {
    "ledger": "add up what a log cost, with a reason for every row",
    "reconcile": "compare a ledger with what the platform states, line by line",
    "whatif": "price the same traffic under several rulebooks",
    "conform": "grade an implementation in any language against the documented scenarios",
    "generate": "make realistic traffic: chats, campaigns, passwords, failures, duplicates, disorder",
    "columns": "turn logs into columns and back: Parquet, Arrow, CSV, JSON Lines",
    "spec": "show which rules the scenarios claim, exercise and pin, and write the scenario that is missing",
    "bench": "measure how fast each engine is on this machine",
    "redact": "make a shareable sample of a real log: other numbers, names and texts, same windows and prices",
}
"""Commands whose options are added when they are asked for."""


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, says: str, *examples: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=says,
        description=says[0].upper() + says[1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n" + "\n".join(f"  {example}" for example in examples) + "\n",
    )


def _log_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "log",
        nargs="+",
        metavar="LOG",
        help=LOGS,
    )
    parser.add_argument(
        "--account", action=_Once, metavar="FILE", help="account file (TOML): time zone, sender, allowances, policy"
    )
    parser.add_argument(
        "--rulebook", default="auto", metavar="NAME", help="auto (the law of each instant), or one rulebook's name"
    )
    parser.add_argument("--keep-going", action="store_true", help="pass over lines that cannot be read")


class _Once(argparse.Action):
    """An option of which the last would otherwise count without a word."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option} is given twice. Give it once; `fsm ledger` takes the logs of several accounts.")
        setattr(namespace, self.dest, values)


def _replay(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _command(
        commands,
        "replay",
        "run a log through the rules and tell what each event did",
        "fsm replay log.jsonl",
        "fsm replay webhooks/ --account account.toml",
        "cat bodies.jsonl | fsm replay - --format jsonl",
        "fsm replay log.jsonl --rulebook pmp-2026-10     the same traffic under another law",
        "fsm replay year.parquet --out ledger/           a log larger than memory, by the bulk engine",
    )
    _log_options(parser)
    parser.add_argument("--format", choices=("timeline", "jsonl"), help="for people (if not given), or for programs")
    parser.add_argument(
        "--engine",
        choices=("auto", "reference", "table", "bulk"),
        default="auto",
        help="the reference machine, its compiled table, or columns at once for large logs; auto chooses by size; "
        "all give the same answers",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help="write Parquet there instead, with the bulk engine: logs may then be larger than memory",
    )
    parser.add_argument(
        "--write",
        choices=("ledger", "results"),
        help="with --out: deliveries and what they cost and opened (if not given), or a result for every event",
    )
    parser.add_argument(
        "--volumes",
        metavar="FILE",
        help="with --out: also write how many deliveries were charged, by month, market and rate line (CSV)",
    )
    parser.add_argument(
        "--memory",
        type=float,
        metavar="GIB",
        help="with --out: how much of a log of packed columns is kept in memory; the rest goes by way of the disk",
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 if the rules refuse a message of the log")


def _judge(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _command(
        commands,
        "judge",
        "say whether a message may be sent, why, and what would follow",
        "fsm judge log.jsonl --at 2023-09-12T10:00:00Z --content free_form",
        "fsm judge log.jsonl --at now --content template --category utility --check",
    )
    _log_options(parser)
    parser.add_argument("--at", required=True, metavar="T", help="RFC 3339 with offset, epoch seconds, or now")
    parser.add_argument(
        "--content", required=True, help="free_form, template, direct_send, reaction, business_agent, app"
    )
    parser.add_argument("--category", help="of a template or direct send")
    parser.add_argument("--template-status", default="APPROVED", metavar="STATUS")
    parser.add_argument("--business", help="which thread, if the log holds several")
    parser.add_argument("--customer", help="which thread, if the log holds several")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--check", action="store_true", help="exit with 1 unless the answer is allowed")


def _rules(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _command(
        commands,
        "rules",
        "show the rules, each with its source",
        "fsm rules                              every rule",
        "fsm rules --on 2023-12-24              those in force on a day",
        "fsm rules CSW-01                       one rule: sentence, source, reading, rows",
        "fsm rules diff 2025-06-30 2025-07-01   what changed between two days",
    )
    parser.add_argument("what", nargs="*", metavar="RULE", help="a rule id, or: diff DATE DATE")
    parser.add_argument("--on", metavar="DATE", help="the day whose law is meant; default: any day")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _diagrams(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _command(
        commands,
        "diagrams",
        "draw the rulebooks: lanes, thread status, changes",
        "fsm diagrams --write diagrams          write them all",
        "fsm diagrams --check diagrams          exit with 1 if one differs from the tables",
        "fsm diagrams log.jsonl --write out     the timelines of a log's threads",
    )
    parser.add_argument("log", nargs="*", metavar="LOG", help="draw the timelines of this log instead")
    parser.add_argument("--account", metavar="FILE", help="account file of the log")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--write", metavar="FOLDER", help="write the pictures there")
    where.add_argument("--check", metavar="FOLDER", nargs="?", const="diagrams", help="compare with the pictures there")
