"""
The feature linter: it runs before the tests and refuses what pytest-bdd lets pass in silence.

Two scenarios of one name (the first would vanish), scenarios without steps, outlines
without rows or with unused columns, steps that fit no phrase or two, scenarios that
expect nothing, tags nobody knows, rules without a scenario, and rows that repeat.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fsm.errors import FsmError
from fsm.harness.compile import Feature, read_feature, scripts_of
from fsm.harness.places import features_folder
from fsm.harness.vocabulary import find
from fsm.rulebooks.timeline import editions

STATUS_TAGS: Final = ("contested", "unspecified", "derived", "seed")
_DATE_TAG: Final = re.compile(r"(?:since|until)-(\d{4}-\d{2}-\d{2})")


@lru_cache(maxsize=1)
def rule_ids() -> set[str]:
    """The id of every rule of every edition."""
    return {id for book in editions() for id in book.rules}


def known_tag(tag: str) -> bool:
    """Whether a tag (without its `@`) is a rule, a date or one of the few status words."""
    dated = _DATE_TAG.fullmatch(tag)
    if dated is None:
        return tag in STATUS_TAGS or tag in rule_ids()
    try:
        date.fromisoformat(dated[1])
    except ValueError:
        return False
    return True


def problems_of(feature: Feature) -> Iterator[str]:
    """Everything wrong with one feature."""
    tree = feature.document.get("feature")
    if not tree:
        yield f"{feature.path}: the file holds no feature."
        return
    names: Counter[str] = Counter()
    if not feature.pickles:
        yield f"{feature.path}: no scenario of it would run."
    for scenario in scenarios_of(tree):
        where = f"{feature.path}, line {scenario['location']['line']}, {scenario['name']!r}"
        names[scenario["name"]] += 1
        if not scenario["name"].strip():
            yield f"{where}: the scenario has no name."
        if names[scenario["name"]] > 1:
            yield f"{where}: a second scenario of that name; the first would never run. Rename one."
        if not scenario["steps"]:
            yield f"{where}: the scenario has no steps, so it would pass."
        yield from _outline(scenario, where)
    yield from _pickles(feature)


def scenarios_of(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The scenarios and outlines of a feature, those inside rules included."""
    for child in tree["children"]:
        if "scenario" in child:
            yield child["scenario"]
        elif "rule" in child:
            yield from scenarios_of(child["rule"])


def _outline(scenario: dict[str, Any], where: str) -> Iterator[str]:
    slots = {slot for step in scenario["steps"] for slot in re.findall(r"<([^<>]+)>", step["text"])}
    if not scenario["examples"]:
        if slots:
            yield f"{where}: it has the slots {', '.join(sorted(slots))} and no examples; it would run once, literally."
        return
    for examples in scenario["examples"]:
        header = [cell["value"] for cell in (examples.get("tableHeader") or {}).get("cells", [])]
        rows = [tuple(cell["value"] for cell in row["cells"]) for row in examples.get("tableBody", [])]
        if not rows:
            yield f"{where}: an examples table has no rows."
        for row, count in Counter(rows).items():
            if count > 1:
                yield f"{where}: the row {' | '.join(row)} stands {count} times."
        unused = set(header) - slots - set(re.findall(r"<([^<>]+)>", scenario["name"]))
        if unused:
            yield f"{where}: no step uses the column {', '.join(sorted(unused))}."
        if slots - set(header):
            yield f"{where}: the table has no column {', '.join(sorted(slots - set(header)))}."


def _pickles(feature: Feature) -> Iterator[str]:
    for pickle in feature.pickles:
        where = f"{feature.path}, {pickle['name']!r}"
        tags = [tag["name"].removeprefix("@") for tag in pickle["tags"]]
        for tag in tags:
            if not known_tag(tag):
                yield f"{where}: the tag @{tag} is no rule, no date and no status word."
        if not any(tag in rule_ids() for tag in tags):
            yield f"{where}: it carries no rule. Tag it with the rule it proves."
        types = [step.get("type") for step in pickle["steps"]]
        if "Action" not in types:
            yield f"{where}: nothing happens (no When)."
        if "Outcome" not in types:
            yield f"{where}: nothing is expected (no Then), so it would pass."
        for step in pickle["steps"]:
            try:
                phrase, _ = find(feature.language, step["text"])
            except FsmError as bad:
                yield f"{where}: {bad}"
                continue
            if (phrase.part == "then") != (step.get("type") == "Outcome"):
                yield f"{where}: the step {step['text']!r} stands under the wrong keyword; it is a {phrase.part!r}."


def lint(features: Sequence[Feature]) -> list[str]:
    """Everything wrong with the features, one by one and together; empty if nothing is."""
    found = [problem for feature in features for problem in problems_of(feature)]
    if found:
        return found
    for feature in features:
        try:
            list(scripts_of(feature))
        except FsmError as bad:
            found.append(str(bad))
    tagged = {
        tag["name"].removeprefix("@") for feature in features for pickle in feature.pickles for tag in pickle["tags"]
    }
    found += [f"rule {id} has no scenario: no one would notice if it changed." for id in sorted(rule_ids() - tagged)]
    return found


def python_problems(files: Iterable[Path]) -> Iterator[str]:
    """Steps that would pass without running: an `async` step is never awaited."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and any(_is_step(each) for each in node.decorator_list):
                line = min(each.lineno for each in node.decorator_list)
                yield (f"{file}, line {line}: step {node.name!r} is async; pytest-bdd never awaits it, so it passes.")


def _is_step(decorator: ast.expr) -> bool:
    """Whether a decorator is one of those by which pytest-bdd knows a step."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in ("given", "when", "then", "step")


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint a folder of features; by default the kit's own."""
    chosen = list(sys.argv[1:] if arguments is None else arguments)
    folder = Path(chosen[0]) if chosen else features_folder()
    features: list[Feature] = []
    problems: list[str] = []
    for file in sorted(folder.rglob("*.feature")):
        try:
            features.append(read_feature(file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8")))
        except FsmError as bad:
            problems.append(str(bad))
        except UnicodeDecodeError as bad:
            problems.append(f"{file} is not UTF-8: {bad.reason} at byte {bad.start}. Save it as UTF-8.")
    if not features and not problems:
        problems.append(f"{folder} holds no feature file.")
    problems += lint(features)
    problems += python_problems(sorted((Path(__file__).parent / "steps").rglob("*.py")))
    for problem in problems:
        print(problem, file=sys.stderr)
    count = sum(len(feature.pickles) for feature in features)
    print(f"{len(features)} features, {count} scenarios and rows, {len(problems)} problems")
    return 2 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
