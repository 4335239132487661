"""Runs side by side: which rules one follows and the other does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from textwrap import shorten
from typing import Final

from fsm.harness.conform.outcomes import OUTCOMES
from fsm.harness.conform.reports.saved import Saved
from fsm.harness.conform.words import rules_by_id
from fsm.rules.words import counted

_MOST: Final = 12
"""How many rules and scenarios a terminal shows; the page shows all."""
_SILENT: Final = "not asked"
_WIDTH: Final = 120


def by_rule(runs: Sequence[Saved]) -> dict[str, list[str]]:
    """
    For every rule that the runs do not treat alike, what each did, in words: `12 of 14`, `review`, `not asked`.

    Counted are the scenarios that were graded in every run and are no matter of review; where there is none, those of
    each run by itself.
    """
    rules = sorted({rule for run in runs for mine in run.rules.values() for rule in mine})
    found = {}
    for rule in rules:
        graded = [_graded(run, rule) for run in runs]
        common = frozenset[str].intersection(*graded)
        found[rule] = [_told(run, rule, common or mine) for run, mine in zip(runs, graded, strict=True)]
    return {rule: told for rule, told in found.items() if len(set(told)) > 1}


def _graded(run: Saved, rule: str) -> frozenset[str]:
    return frozenset(
        id for id, mine in run.rules.items() if rule in mine and run.outcomes[id] not in ("unsupported", "review")
    )


def _told(run: Saved, rule: str, counted: frozenset[str]) -> str:
    if counted:
        passed = sum(run.outcomes[id] in ("passed", "gap closed") for id in counted)
        return f"{passed} of {len(counted)}"
    in_review = any(run.outcomes[id] == "review" for id, mine in run.rules.items() if rule in mine)
    return "review" if in_review else _SILENT


def only_one_passes(runs: Sequence[Saved]) -> Iterator[tuple[str, str, list[str]]]:
    """Id, title and outcomes of every vector that some run passes and another does not."""
    for id, title in runs[0].titles.items():
        outcomes = [run.outcomes.get(id, "unsupported") for run in runs]
        if "passed" in outcomes and any(outcome in ("failed", "errored", "known gap") for outcome in outcomes):
            yield id, title, outcomes


def write_text(runs: Sequence[Saved]) -> Iterator[str]:
    """The comparison for a terminal."""
    labels = [run.label for run in runs]
    width = max(len(label) for label in (*labels, "unsupported")) + 2
    yield " " * 22 + "".join(f"{label:>{width}}" for label in labels)
    for outcome in OUTCOMES:
        counts = [run.counts[outcome] for run in runs]
        if any(counts):
            yield f"  {outcome:20}" + "".join(f"{count:>{width}}" for count in counts)
    suites = {run.suite for run in runs}
    if len(suites) > 1:
        yield f"  made with several versions of the kit ({', '.join(sorted(suites))}): grade them again with one"
    different, silent = _split(by_rule(runs))
    yield ""
    yield (
        f"{counted(len(different), 'rule')} on which they differ"
        if different
        else "They differ on no rule that all were asked."
    )
    for rule, told in list(different.items())[:_MOST]:
        yield f"  {rule:20}" + "".join(f"{each:>{width}}" for each in told)
    yield from _more(len(different))
    if silent:
        yield f"{counted(len(silent), 'rule')} more of which not all of them were asked"
    one = list(only_one_passes(runs))
    if one:
        yield ""
        yield f"{counted(len(one), 'scenario')} that some pass and others do not"
        for id, title, outcomes in one[:_MOST]:
            line = f"  {id:20}" + "".join(f"{outcome:>{width}}" for outcome in outcomes)
            yield f"{line}  {shorten(title, max(_WIDTH - len(line), 40), placeholder=' ...')}"
        yield from _more(len(one))


def _split(different: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The rules of which all were asked something, and the others."""
    asked = {rule: told for rule, told in different.items() if _SILENT not in told}
    return asked, {rule: told for rule, told in different.items() if rule not in asked}


def _more(count: int) -> Iterator[str]:
    if count > _MOST:
        yield f"  ... and {count - _MOST} more. `--report comparison.html` shows them all."


def write_page(runs: Sequence[Saved]) -> str:
    """The comparison as one page."""
    head = "".join(f"<th>{escape(run.label)}</th>" for run in runs)
    counts = "".join(
        f"<tr><th>{outcome}</th>{''.join(f'<td>{run.counts[outcome]}</td>' for run in runs)}</tr>"
        for outcome in OUTCOMES
    )
    different, silent = _split(by_rule(runs))
    vectors = "".join(
        f"<tr><th>{escape(id)}</th>{''.join(f'<td class={each.split()[0]}>{each}</td>' for each in outcomes)}"
        f"<td class=says>{escape(title)}</td></tr>"
        for id, title, outcomes in only_one_passes(runs)
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Compared: {escape(", ".join(run.label for run in runs))}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }}
th {{ white-space: nowrap }}
th, td {{ padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #8884; vertical-align: top }}
td.says {{ color: #888 }} td.failed, td.errored {{ color: #c62828 }} td.passed {{ color: #2e7d32 }}
</style>
<h1>WhatsApp's conversation rules, compared</h1>
<table><tr><th></th>{head}</tr>{counts}</table>
<h2>Rules on which they differ</h2>
{_rules(different, head) or "<p>None that all of them were asked.</p>"}
<h2>Scenarios that some pass and others do not</h2>
{f"<table><tr><th>scenario</th>{head}<th></th></tr>{vectors}</table>" if vectors else "<p>None.</p>"}
<h2>Rules of which not all of them were asked</h2>
{_rules(silent, head) or "<p>None.</p>"}
</html>
"""


def _rules(told: Mapping[str, list[str]], head: str) -> str:
    rows = "".join(
        f"<tr><th>{rule}</th>{''.join(f'<td>{escape(each)}</td>' for each in cells)}"
        f"<td class=says>{escape(rules_by_id()[rule].says if rule in rules_by_id() else '')}</td></tr>"
        for rule, cells in told.items()
    )
    return rows and f"<table><tr><th>rule</th>{head}<th></th></tr>{rows}</table>"
