"""`fsm spec missing`: the shortest scenario for a row of the law."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from fsm.cli.codes import ANSWER_IS_NO, FINE
from fsm.cli.spec import lines_wanted
from fsm.harness.script import Script
from fsm.rulebooks.timeline import editions
from fsm.spec.coverage import coverage_of, unreachable
from fsm.spec.lines import Line, lines_of
from fsm.spec.run import scripts
from fsm.spec.scenario import Scenario, feature, scenario_for
from fsm.spec.watch import acting


def missing(options: Namespace) -> int:
    """Print a feature with the shortest scenario for every row that was asked for, or that acts in no scenario."""
    books = editions()
    asked = options.row or options.rule
    wanted: list[tuple[Line, tuple[int, ...]]]
    if asked and not options.each_rulebook:
        wanted = [(line, line.editions) for line in lines_wanted(options, lines_of(books))]
    else:
        wanted = list(_lacking(options, scripts(options.features)))
    if not wanted:
        print(
            "Every row of the law acts in some scenario; `fsm spec missing --row NAME` (or --rule ID) writes one for a "
            "row all the same."
        )
        return FINE
    written: list[Scenario] = []
    lost: list[Line] = []
    for line, under in wanted:
        scenario = scenario_for(line, books, under)
        if scenario is None:
            lost.append(line)
        else:
            written.append(scenario)
    written = _told_apart(written)
    if options.format == "json":
        for each in written:
            print(json.dumps({"row": each.line.name, "scenario": each.text()}, ensure_ascii=False))
    elif written:
        print(
            feature(
                written, "Rows of the law, each in the shortest scenario" if asked else "Rows that nothing made act"
            )
        )
    for line in lost:
        print(f"fsm spec: no scenario was found that makes {line.name} act: {line.says}", file=sys.stderr)
    return ANSWER_IS_NO if lost else FINE


def _lacking(options: Namespace, told: Sequence[Script]) -> Iterator[tuple[Line, tuple[int, ...]]]:
    """The rows that act in no scenario, with the editions under which they should."""
    books = editions()
    coverage = coverage_of([acting(script) for script in told], books)
    wanted = {line.name for line in lines_wanted(options, coverage.lines)}
    if options.each_rulebook:
        for name, line in coverage.missing_by_rulebook():
            if line.name in wanted:
                yield line, tuple(number for number in line.editions if books[number].name == name)
        return
    known = unreachable()
    for line in coverage.missing():
        if line.name in wanted and line.name not in known:
            yield line, line.editions


def _told_apart(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios with titles that occur once."""
    count = Counter(each.title for each in scenarios)
    books = editions()
    named = [
        attrs.evolve(each, title=f"{each.title}, under {books[each.edition].edition}")
        if count[each.title] > 1
        else each
        for each in scenarios
    ]
    count = Counter(each.title for each in named)
    return [
        attrs.evolve(each, title=f"{each.title}, row {each.line.name}") if count[each.title] > 1 else each
        for each in named
    ]
