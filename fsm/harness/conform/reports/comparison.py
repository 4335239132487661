"""Runs side by side: which rules one follows and the other does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from fsm.harness.conform.outcomes import OUTCOMES
from fsm.harness.conform.reports.saved import Saved
from fsm.harness.conform.words import rules_by_id

_MOST: Final = 40


def by_rule(runs: Sequence[Saved]) -> dict[str, list[str]]:
    """
    For every rule that the runs do not treat alike, what each did, in words: `12 of 14`, `review`, `not asked`.

    A scenario counts for a run if it was graded there and is no matter of review.
    """
    rules = sorted({rule for run in runs for mine in run.rules.values() for rule in mine})
    found = {rule: [_told(run, rule) for run in runs] for rule in rules}
    return {rule: told for rule, told in found.items() if len(set(told)) > 1}


def _told(run: Saved, rule: str) -> str:
    counts = Counter(run.outcomes[id] for id, mine in run.rules.items() if rule in mine)
    graded = sum(counts[outcome] for outcome in OUTCOMES if outcome not in ("unsupported", "review"))
    if graded:
        return f"{counts['passed'] + counts['gap closed']} of {graded}"
    return "review" if counts["review"] else "not asked"


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
    different = by_rule(runs)
    yield ""
    yield f"{len(different)} rules on which they differ" if different else "They differ on no rule."
    for rule, told in list(different.items())[:_MOST]:
        yield f"  {rule:20}" + "".join(f"{each:>{width}}" for each in told)
    if len(different) > _MOST:
        yield f"  ... and {len(different) - _MOST} more"
    one = list(only_one_passes(runs))
    if one:
        yield ""
        yield f"{len(one)} scenarios that some pass and others do not"
        for id, title, outcomes in one[:_MOST]:
            yield f"  {id:20}" + "".join(f"{outcome:>{width}}" for outcome in outcomes) + f"  {title}"
        if len(one) > _MOST:
            yield f"  ... and {len(one) - _MOST} more"


def write_page(runs: Sequence[Saved]) -> str:
    """The comparison as one page."""
    head = "".join(f"<th>{escape(run.label)}</th>" for run in runs)
    counts = "".join(
        f"<tr><th>{outcome}</th>{''.join(f'<td>{run.counts[outcome]}</td>' for run in runs)}</tr>"
        for outcome in OUTCOMES
    )
    rules = "".join(
        f"<tr><th>{rule}</th>{''.join(f'<td>{escape(each)}</td>' for each in told)}"
        f"<td class=says>{escape(rules_by_id()[rule].says if rule in rules_by_id() else '')}</td></tr>"
        for rule, told in by_rule(runs).items()
    )
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
th, td {{ padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #8884; vertical-align: top }}
td.says {{ color: #888 }} td.failed, td.errored {{ color: #c62828 }} td.passed {{ color: #2e7d32 }}
</style>
<h1>WhatsApp's conversation rules, compared</h1>
<table><tr><th></th>{head}</tr>{counts}</table>
<h2>Rules on which they differ</h2>
<table><tr><th>rule</th>{head}<th></th></tr>{rules}</table>
<h2>Scenarios that some pass and others do not</h2>
<table><tr><th>scenario</th>{head}<th></th></tr>{vectors}</table>
</html>
"""
