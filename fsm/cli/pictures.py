"""`fsm diagrams`: write the pictures of the rulebooks and scenarios, or compare them with the tables."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from fsm.cli.codes import ANSWER_IS_NO, BAD_INPUT, FINE
from fsm.cli.logs import covered, read_logs, report
from fsm.diagrams import all_files, scenario_files, stale, write
from fsm.errors import FsmError
from fsm.events import Account, Event, read_account
from fsm.harness.places import features_folder
from fsm.machine import Law
from fsm.service.account_files import account_of


def run(options: Namespace) -> int:
    """Write or check what was asked for."""
    folder = Path(options.write or options.check)
    if options.log:
        log = read_logs(options.log)
        account = account_of(options.account)
        events = covered(Law(account, engine="table"), log)
        report(log)
        files = scenario_files(_threads(events, account))
    else:
        log = None
        files = {**all_files(), **scenario_files(_scenarios())}
    if options.write:
        written = write(folder, files)
        print(f"{len(files)} files in {folder}, {len(written)} of them new or changed")
        return BAD_INPUT if log is not None and log.problems else FINE
    differing = stale(folder, files)
    for line in differing:
        print(line)
    if differing:
        print(f"{len(differing)} pictures differ from the tables. `fsm diagrams --write {folder}` draws them again.")
        return ANSWER_IS_NO
    print(f"{len(files)} files in {folder} are what the tables say")
    return FINE


def _threads(events: Sequence[Event], account: Account) -> Iterator[tuple[str, str, Sequence[Event], Account]]:
    threads: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        threads.setdefault(event.thread, []).append(event)
    for number, ((business, customer), mine) in enumerate(sorted(threads.items()), 1):
        yield f"thread-{number}", f"Business {business}, customer {customer}", mine, account


def _scenarios() -> Iterator[tuple[str, str, Sequence[Event], Account]]:
    """Every scenario, and of every outline the first row: the rows of one outline look alike."""
    try:
        from fsm.harness.compile import compile_folder
    except ImportError:
        raise FsmError(
            "the timelines of the scenarios need the Gherkin parser. Install the extra: "
            "whatsapp-conversation-fsm[spec]."
        ) from None
    for script in compile_folder(features_folder(), "en"):
        path, _, place = script.id.partition(".feature#")
        scenario, _, row = place.partition(".")
        if row == "1" and len({event.thread for event in script.events}) == 1:
            yield f"{path.replace('/', '-')}-{scenario}", script.title, script.events, read_account(script.account)
