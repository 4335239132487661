"""`fsm spec`: which rule is claimed, exercised and pinned by the features, and the scenario that is missing."""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from fsm.cli.codes import ANSWER_IS_NO, FINE
from fsm.cli.terminal import paint_for
from fsm.errors import FsmError
from fsm.harness.script import Script
from fsm.replay.story import Paint
from fsm.rulebooks.timeline import editions
from fsm.rules.words import counted
from fsm.spec.coverage import Coverage, coverage_of, problems, unreachable
from fsm.spec.lines import Line, matching, named
from fsm.spec.matrix import Marks, matrix
from fsm.spec.mutation import explained, unused
from fsm.spec.record import RECORD, Score, digest, read_record, score_of, write_record
from fsm.spec.run import chosen, gherkin_wanted, scripts, try_mutants, watched_all, witnesses
from fsm.spec.watch import acting

_ASKS: Final = ("matrix", "rule", "rows", "pin", "missing")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.usage = (
        "fsm spec [--rule PATTERN] [--unclaimed] [--unexercised] [--unpinned] [--format json]\n                [--check]\n"
        "       fsm spec rule ID [ID ...]       one rule: its rows, their scenarios, its survivors\n"
        "       fsm spec rows [--rule PATTERN]  every row of the law, and how many scenarios make it act\n"
        "       fsm spec pin [ID ...]           change the cells of a rule now, and see who notices\n"
        "       fsm spec missing [--row NAME] [--rule PATTERN] [--each-rulebook]\n"
        "                                       write the shortest scenario for a row"
    )
    parser.epilog = (
        "claimed:    a scenario bears the rule's tag\n"
        "exercised:  its row acted in a scenario that bears its tag\n"
        "pinned:     changing a cell of it makes a scenario fail, or changes no answer (explained)\n"
        "\nexamples:\n"
        "  fsm spec --rule 'CSW-*'\n"
        "  fsm spec pin CSW-02\n"
        "  fsm spec missing --rule CBP2-06\n"
        "\nexit codes: 0 fine, 1 with --check (or pin): a row acts in no scenario, or a change goes unnoticed\n"
    )
    parser.add_argument("what", nargs="*", metavar="rule|rows|pin|missing", help="something else than the matrix")
    parser.add_argument("--rule", metavar="PATTERN", help="only rules of these ids: CSW-02, 'CSW-*'")
    parser.add_argument("--row", metavar="NAME", help="only rows of this name, as `fsm spec rows` prints it")
    parser.add_argument("--unclaimed", action="store_true", help="only rules that no scenario claims")
    parser.add_argument("--unexercised", action="store_true", help="only rules with a row that no own scenario fires")
    parser.add_argument("--unpinned", action="store_true", help="only rules that are not wholly pinned")
    parser.add_argument(
        "--each-rulebook", action="store_true", help="a row counts anew under each rulebook it stands in"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 if a row of the law acts in no scenario")
    parser.add_argument("--write", action="store_true", help="pin: write the record of a whole run into the package")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="pin: processes")
    parser.add_argument("--features", metavar="FOLDER", type=Path, help="other features than the kit's own")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(options: Namespace) -> int:
    """`fsm spec`"""
    asked, ids = (options.what[0], options.what[1:]) if options.what else ("matrix", [])
    if asked not in _ASKS:
        raise FsmError(
            f"`fsm spec` has nothing called {asked!r}; it has {', '.join(_ASKS[1:])}. See `fsm spec --help`."
        )
    if ids and asked not in ("rule", "pin"):
        raise FsmError(f"`fsm spec {asked}` takes no names; choose with --rule or --row.")
    if asked == "rule" and not ids:
        raise FsmError("`fsm spec rule` wants an id, for example: fsm spec rule CSW-02.")
    if options.write and (asked != "pin" or ids or options.rule or options.features):
        raise FsmError("--write records a whole run on the kit's own features: `fsm spec pin --write`, and no rule.")
    if asked == "missing":
        with gherkin_wanted():
            from fsm.cli.spec_missing import missing
        return missing(options)
    told = scripts(options.features)
    if asked == "pin":
        return _pin(options, ids, told)
    runs = [acting(script) for script in told]
    coverage = coverage_of(runs, editions())
    if asked == "rows":
        return _rows(options, coverage)
    score = read_record(digest(editions(), told))
    marks = matrix(editions(), runs, coverage, score)
    if asked == "rule":
        return _rule(options, [id for each in ids for id in matching(marks, each)], marks, coverage, score)
    return _matrix(options, marks, coverage, score)


# --- the matrix -------------------------------------------------------------
def _matrix(options: Namespace, marks: Mapping[str, Marks], coverage: Coverage, score: Score | None) -> int:
    shown = [marks[id] for id in (matching(marks, options.rule) if options.rule else marks)]
    wanted = [each for each in shown if _is_wanted(each, options)]
    found = problems(coverage, unreachable())
    if options.format == "json":
        summary = _summary(marks, coverage, score)
        print(json.dumps({**summary, "problems": found, "rules": [each.told() for each in wanted]}, ensure_ascii=False))
    else:
        paint = paint_for(sys.stdout)
        for line in _table(wanted, paint):
            print(line)
        for line in _summed_up(marks, coverage, score):
            print(line)
    if options.check:
        for problem in found:
            print(f"fsm spec: {problem}", file=sys.stderr)
        return ANSWER_IS_NO if found else FINE
    return FINE


def _is_wanted(marks: Marks, options: Namespace) -> bool:
    filters = [
        not marks.claimed if options.unclaimed else None,
        not marks.is_exercised if options.unexercised else None,
        not marks.is_pinned if options.unpinned else None,
    ]
    asked = [each for each in filters if each is not None]
    return any(asked) if asked else True


_HEAD: Final = f"{'rule':<9}  {'claimed by':>14}  {'exercised':>12}  {'pinned':>16}  note"


def _table(rules: Sequence[Marks], paint: Paint) -> Iterator[str]:
    yield paint(_HEAD, "strong")
    for each in rules:
        claimed = counted(len(each.claimed), "scenario")
        exercised = f"{len(each.exercised)} of {len(each.rows)}" if each.rows else "-"
        pinned, note = _pinned(each)
        colour = "bad" if not each.claimed or (each.pins and each.pins.survivors) else "good"
        yield f"{paint(f'{each.rule:<9}', colour)}  {claimed:>14}  {exercised:>12}  {pinned:>16}  {note}".rstrip()


def _pinned(marks: Marks) -> tuple[str, str]:
    notes = []
    if marks.elsewhere:
        notes.append(f"{len(marks.elsewhere)} by others' scenarios")
    asleep = len(marks.rows) - len(marks.exercised) - len(marks.elsewhere)
    if asleep:
        notes.append(f"{asleep} by none")
    if not marks.has_cells:
        if marks.pins is None:
            return "?", "no cell cites it"
        return "-", "no cell cites it; " + (
            "its scenarios pin others'" if marks.witness else "its scenarios notice no row"
        )
    if marks.pins is None:
        return "?", "; ".join(notes)
    if marks.pins.explained:
        notes.append(f"{marks.pins.explained} explained")
    return f"{marks.pins.killed} of {marks.pins.mutants}", "; ".join(notes)


def _summary(marks: Mapping[str, Marks], coverage: Coverage, score: Score | None) -> dict[str, object]:
    with_rows = [each for each in marks.values() if each.rows]
    return {
        "of": len(marks),
        "claimed": sum(bool(each.claimed) for each in marks.values()),
        "with_rows": len(with_rows),
        "exercised": sum(each.is_exercised for each in with_rows),
        "pinned": None if score is None else sum(each.is_pinned for each in marks.values()),
        "rows_of_the_law": len(coverage.lines),
        "rows_that_act": len(coverage.lines) - len(coverage.missing()),
        "mutants": None if score is None else {"tried": score.mutants, "killed": score.killed},
    }


def _summed_up(marks: Mapping[str, Marks], coverage: Coverage, score: Score | None) -> Iterator[str]:
    every = list(marks.values())
    with_rows = [each for each in every if each.rows]
    yield ""
    yield (
        f"{len(every)} rules, {sum(bool(each.claimed) for each in every)} claimed; of {len(with_rows)} with rows "
        f"{sum(each.is_exercised for each in with_rows)} exercised wholly by scenarios of their own."
    )
    lacking = coverage.missing()
    yield f"{len(coverage.lines)} rows of the law, {len(coverage.lines) - len(lacking)} act in some scenario."
    if score is None:
        yield "Pinned is not known: the record is about other tables or features. `make mutation` writes it anew"
        yield "in a minute or two; `fsm spec pin ID` tries one rule now."
        return
    with_cells = [each for each in every if each.has_cells]
    percent = 100 * score.killed / max(score.mutants, 1)
    yield (
        f"{sum(each.is_pinned for each in with_cells)} of {len(with_cells)} rules with cells are pinned wholly: "
        f"{score.mutants:,} cells changed, {score.killed:,} noticed"
    )
    uncited = [each for each in every if not each.has_cells]
    left = len(score.unexplained)
    yield f"({percent:.1f} %), {len(score.survivors) - left} change no answer (explained), {left} go unnoticed."
    yield (
        f"{len(uncited)} rules are cited by no cell; the scenarios of {sum(bool(each.witness) for each in uncited)} of "
        "them notice a change of another rule's."
    )


# --- one rule, and rows -------------------------------------------------------
def _rule(
    options: Namespace, ids: Sequence[str], marks: Mapping[str, Marks], coverage: Coverage, score: Score | None
) -> int:
    if options.format == "json":
        for id in ids:
            print(json.dumps(marks[id].told(), ensure_ascii=False))
        return FINE
    paint = paint_for(sys.stdout)
    rules = {id: rule for book in editions() for id, rule in book.rules.items()}
    for id in ids:
        mine = marks[id]
        print(f"{paint(id, 'strong')}  {rules[id].says}")
        print(f"  Claimed by {len(mine.claimed)} scenarios{_such_as(mine.claimed)}")
        for line in mine.rows:
            acted = coverage.of(line)
            own = [each for each in acted if each in mine.claimed]
            print(f"  {line.name}: acts in {len(acted)} scenarios, {len(own)} of its own{_such_as(own)}")
            print(textwrap.fill(line.says, 100, initial_indent=" " * 6, subsequent_indent=" " * 6))
        pinned, note = _pinned(mine)
        print(f"  Pinned {pinned}{f' ({note})' if note else ''}")
        if mine.witness:
            print(
                textwrap.fill(
                    f"Its scenarios notice {mine.witness}", 100, initial_indent=" " * 6, subsequent_indent=" " * 6
                )
            )
        if score is None:
            print(f"  `fsm spec pin {id}` tries it now: no valid record is at hand.")
    return FINE


def _such_as(ids: Sequence[str]) -> str:
    return f", such as {ids[0]}" if ids else ""


def _rows(options: Namespace, coverage: Coverage) -> int:
    for line in lines_wanted(options, coverage.lines):
        acted = coverage.of(line)
        if options.format == "json":
            told = {"row": line.name, "says": line.says, "rules": list(line.rules), "scenarios": list(acted)}
            print(json.dumps(told, ensure_ascii=False))
        else:
            print(f"{line.name:<50} {len(acted):>5}")
            print(textwrap.fill(line.says, 100, initial_indent=" " * 4, subsequent_indent=" " * 4))
    return FINE


def lines_wanted(options: Namespace, lines: Sequence[Line]) -> list[Line]:
    """The rows that `--rule` and `--row` choose; every one without them."""
    found = named(lines, options.row) if options.row else list(lines)
    if options.rule:
        ids = set(matching({id: None for book in editions() for id in book.rules}, options.rule))
        found = [line for line in found if ids.intersection(line.rules)]
    return found


# --- pin ----------------------------------------------------------------------
def _pin(options: Namespace, ids: Sequence[str], told: Sequence[Script]) -> int:
    known = {id: None for book in editions() for id in book.rules}
    patterns = [*ids, *([options.rule] if options.rule else [])]
    rules = {id for pattern in patterns for id in matching(known, pattern)}
    began = time.monotonic()
    mutants = chosen(lambda mutant: not rules or bool(rules.intersection(mutant.rules)))
    if not mutants:
        print(
            f"No cell of the law cites {', '.join(sorted(rules))}: it holds by the shape of the machine, and its own "
            "scenarios are all that guards it."
        )
        return FINE
    runs = watched_all(told)
    score = score_of(try_mutants(runs, mutants, options.jobs if len(mutants) > _FEW else 1), explained())
    whole = not rules and options.features is None
    if options.write:
        uncited = [id for id in known if id not in score.rules]
        score = attrs.evolve(score, witnesses=witnesses(runs, uncited))
    if options.format == "json":
        print(json.dumps({"mutants": score.mutants, "killed": score.killed, "survivors": score.survivors}))
    else:
        report(score, time.monotonic() - began)
    left = (
        [
            f"{each['place']!r}, {each['change']!r}"
            for each in unused([each[:2] for each in score.survivors], explained())
        ]
        if whole
        else []
    )
    for each in left:
        print(f"fsm spec: survivors.toml explains {each}, and nothing like it survives. Strike it.", file=sys.stderr)
    if options.write:
        write_record(score, digest(editions(), told))
        print(f"Recorded in {RECORD.name}.")
    return ANSWER_IS_NO if score.unexplained or left else FINE


_FEW: Final = 400


def report(score: Score, seconds: float, out: Callable[[str], None] = print) -> None:
    """Tell what became of some mutants."""
    for place, change, why in score.survivors:
        out(f"{'explained' if why else 'SURVIVES '}  {place}: {change}")
    percent = 100 * score.killed / max(score.mutants, 1)
    left = len(score.unexplained)
    out(
        f"{score.mutants:,} cells changed, {score.killed:,} noticed ({percent:.2f} %), "
        f"{len(score.survivors) - left} explained, {left} unnoticed; {seconds:.0f} s."
    )
    out(f"{score.ran:,} runs of a scenario sufficed, of {score.could:,} under the changed laws.")
