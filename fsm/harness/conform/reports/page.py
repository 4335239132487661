"""A graded run as one page: the matrix of rules, and every scenario that differs, with its picture and its source."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Final

from fsm.diagrams.timelines import timeline_svg
from fsm.events import read_account, read_event
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.outcomes import OUTCOMES, Grade, Report
from fsm.harness.conform.reports.terminal import verdict
from fsm.harness.conform.vectors import Vector
from fsm.harness.conform.words import difference_lines, harmless, rules_by_id
from fsm.machine import Law
from fsm.rulebooks.sources import SOURCES

PICTURES: Final = 120
"""How many scenarios get a picture: the first differences of every rule, in turn."""
_PER_RULE: Final = 3
_LONGEST_STORY: Final = 24
_IN_FULL: Final = ("failed", "errored", "gap closed", "known gap", "review")
_LANGUAGES: Final = {"en": "English", "es": "Español"}


def write_page(report: Report) -> str:
    """The page, complete in itself: it asks nobody for anything."""
    name = _text(harmless(f"{report.claims.name} {report.claims.version}".strip()))
    drawn = _to_draw(report)
    full = [grade for grade in report.grades if grade.outcome in _IN_FULL]
    full.sort(key=lambda grade: _IN_FULL.index(grade.outcome))
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
            "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">",
            f"<title>{name}: WhatsApp's conversation rules</title><style>{_beside('page.css')}</style></head><body>",
            *_head(report, name),
            *_levels(report),
            *_suspects(report),
            *_matrix(report),
            *_scenarios(report, full, drawn),
            *_passed(report),
            f"<script>{_beside('page.js')}</script></body></html>",
            "",
        )
    )


def _head(report: Report, name: str) -> Iterator[str]:
    claims = report.claims
    yield "<header><p class=kind>WhatsApp's conversation rules: conformance report</p>"
    yield f"<h1>{name}</h1><p class='verdict {'good' if report.fine else 'bad'}'>{_text(_sentence(report))}</p>"
    facts = [
        ("Graded with", f"whatsapp-conversation-fsm {report.suite}"),
        ("Scenarios", f"{len(report.grades):,}{f', {report.selection}' if report.selection else ', all of them'}"),
        ("Rulebooks", ", ".join(claims.rulebooks)),
        ("Language", harmless(claims.language) or "not told"),
        ("Took", f"{report.seconds:.1f} s"),
    ]
    yield "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in facts) + "</dl>"
    yield "<ul class=counts>"
    for outcome, says in OUTCOMES.items():
        count = report.counts[outcome]
        if count:
            yield f"<li class={_css(outcome)} title='{_text(says)}'><b>{count:,}</b> {outcome}</li>"
    yield "</ul>"
    if report.smoke:
        yield f"<p class=smoke>Smoke test: {_text(harmless(report.smoke))}</p>"
    yield "</header>"


def _sentence(report: Report) -> str:
    told = verdict(report).partition(":")[0]
    return told[0].upper() + told[1:] + "."


def _levels(report: Report) -> Iterator[str]:
    yield "<section><h2>What it was asked</h2><table class=levels>"
    yield "<tr><th>level</th><th>right</th><th>wrong</th><th>for review</th><th></th></tr>"
    for level, about in LEVELS.items():
        counts = report.levels[level]
        if level in report.claims.can_answer:
            cells = "".join(
                f"<td class='n {_css(name) if counts.get(name) else ''}'>{counts.get(name, 0):,}</td>"
                for name in ("passed", "failed", "review")
            )
        else:
            cells = "<td class=silent colspan=3>not claimed</td>"
        yield f"<tr><th>{level}</th>{cells}<td class=says>{_text(about)}</td></tr>"
    yield "</table></section>"


def _suspects(report: Report) -> Iterator[str]:
    if not report.suspects or report.fine:
        return
    yield "<section><h2>Rules that are most likely not followed</h2><ol class=suspects>"
    for suspect in report.suspects[:8]:
        yield (
            f"<li><a href='#' data-rule='{suspect.rule}'>{suspect.rule}</a> {_text(rules_by_id()[suspect.rule].says)} "
            f"<span class=says>{suspect.told}</span></li>"
        )
    yield "</ol></section>"


def _matrix(report: Report) -> Iterator[str]:
    used = [outcome for outcome in OUTCOMES if report.counts[outcome]]
    yield "<section><h2>Rule by rule</h2><p class=says>A number leads to its scenarios.</p>"
    asked = {rule: counts for rule, counts in report.rules.items() if set(counts) - {"unsupported"}}
    yield from _rule_table(used, asked)
    silent = {rule: counts for rule, counts in report.rules.items() if rule not in asked}
    if silent:
        yield f"<details class=silent><summary>{len(silent)} rules of which nothing was asked</summary>"
        yield from _rule_table(["unsupported"], silent)
        yield "</details>"
    yield "</section>"


def _rule_table(used: Sequence[str], rules: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield "<div class=wide><table class=matrix><thead><tr><th>rule</th>"
    yield "".join(f"<th>{outcome}</th>" for outcome in used) + "<th></th></tr></thead><tbody>"
    for rule, counts in rules.items():
        cells = "".join(
            f"<td class='n {_css(outcome) if counts.get(outcome) else ''}'>"
            + (
                f"<a href='#' data-rule='{rule}' data-outcome='{outcome}'>{counts[outcome]}</a>"
                if counts.get(outcome)
                else ""
            )
            + "</td>"
            for outcome in used
        )
        yield f"<tr><th>{rule}</th>{cells}<td class=says>{_text(rules_by_id()[rule].says)}</td></tr>"
    yield "</tbody></table></div>"


def _scenarios(report: Report, full: list[Grade], drawn: frozenset[str]) -> Iterator[str]:
    yield "<section id=scenarios><h2>Scenarios</h2><form class=filters onsubmit='return false'>"
    yield "<label>Outcome <select name=outcome><option value=''>all</option>"
    yield "".join(f"<option>{outcome}</option>" for outcome in OUTCOMES if report.counts[outcome]) + "</select></label>"
    yield "<label>Concept <select name=concept><option value=''>all</option>"
    yield "".join(f"<option>{concept}</option>" for concept in report.concepts) + "</select></label>"
    yield "<label>Rule <input name=rule size=10></label><label>Text <input name=text type=search></label>"
    yield "<span id=shown class=says></span></form>"
    if drawn and len(full) > len(drawn):
        yield f"<p class=says>Pictures are drawn for {len(drawn)} of these scenarios, some of every rule.</p>"
    for grade in full:
        yield from _scenario(grade, grade.vector.id in drawn)
    yield "</section>"


def _scenario(grade: Grade, draw: bool) -> Iterator[str]:
    vector = grade.vector
    yield (
        f"<details class='scenario {_css(grade.outcome)}' data-outcome='{grade.outcome}' data-concept='{vector.concept}' "
        f"data-rules='{' '.join(vector.rules)}' id='{vector.id}'><summary><b class={_css(grade.outcome)}>{grade.outcome}</b> "
        f"<code>{vector.id}</code> {_text(vector.title)}</summary>"
    )
    if grade.reason:
        yield f"<p class=reason>{_text(harmless(grade.reason))}</p>"
    if vector.reviewed:
        yield f"<p class=reason>The sources are {vector.status} here: a difference is for review, never a failure.</p>"
    yield "<div class=two><div>"
    for language, text in vector.text.items():
        label = f"<h3>{_LANGUAGES.get(language, language)}</h3>" if len(vector.text) > 1 else ""
        steps = "\n".join(text["steps"])
        yield f"{label}<pre lang={language}>{_text(steps)}</pre>"
    yield "</div><div>"
    rows = [
        f"<tr><td>{_text(where)}</td><td>{_text(expected)}</td><td class=failed>{_text(got)}</td></tr>"
        for where, expected, got in difference_lines(grade)
    ]
    if rows:
        yield f"<table><tr><th></th><th>expected</th><th>got</th></tr>{''.join(rows)}</table>"
    yield "</div></div>"
    for id in vector.rules:
        yield _rule(id)
    if draw:
        yield f"<p>{_picture(vector)}</p>"
    yield f"<p class=says>features/{_text(vector.feature)}, {', '.join(vector.rulebooks)}</p></details>"


def _rule(id: str) -> str:
    rule = rules_by_id()[id]
    cited = "; ".join(
        f"<a href='{_text(source.url)}' rel=noreferrer>{_text(source.title)}</a>, read {source.read_on}"
        for source in (SOURCES[key] for key in rule.sources)
    )
    reading = f" <em>Our reading:</em> {_text(rule.reading)}" if rule.reading else ""
    return f"<p class=rule><b>{id}</b> {_text(rule.says)}{reading} <span class=says>{cited}</span></p>"


def _passed(report: Report) -> Iterator[str]:
    rest = [grade for grade in report.grades if grade.outcome not in _IN_FULL]
    if not rest:
        return
    yield f"<section><details id=rest><summary>{len(rest):,} scenarios that passed or were not asked</summary><ul class=rest>"
    for grade in rest:
        vector = grade.vector
        why = f" <span class=says>{_text(grade.reason)}</span>" if grade.reason else ""
        yield (
            f"<li class=scenario data-outcome='{grade.outcome}' data-concept='{vector.concept}' "
            f"data-rules='{' '.join(vector.rules)}'><b class={_css(grade.outcome)}>{grade.outcome}</b> "
            f"<code>{vector.id}</code> {_text(vector.title)}{why}</li>"
        )
    yield "</ul></details></section>"


# --- pictures -----------------------------------------------------------------------
def _to_draw(report: Report) -> frozenset[str]:
    """The ids of the vectors that get a picture: of every rule the first few, until there are enough."""
    taken: Counter[str] = Counter()
    chosen: list[str] = []
    for grade in sorted(report.grades, key=lambda grade: grade.outcome == "review"):
        rule = grade.vector.rules[0]
        if grade.outcome in _IN_FULL and taken[rule] < _PER_RULE and _can_draw(grade.vector):
            taken[rule] += 1
            chosen.append(grade.vector.id)
    return frozenset(chosen[:PICTURES])


def _can_draw(vector: Vector) -> bool:
    threads = {(event["business"], event["customer"]) for event in vector.events}
    return len(threads) == 1 and len(vector.events) <= _LONGEST_STORY


def _picture(vector: Vector) -> str:
    events = [read_event(event)[0] for event in vector.events]
    svg = timeline_svg(vector.title, events, Law(read_account(vector.account), engine="table"))
    data = base64.b64encode(svg.encode()).decode()
    return f"<img loading=lazy alt='Timeline: what the rules say happens' src='data:image/svg+xml;base64,{data}'>"


# --- text ---------------------------------------------------------------------------
def _text(text: str) -> str:
    """The one place where text becomes HTML."""
    return escape(text, quote=True)


def _css(outcome: str) -> str:
    return outcome.replace(" ", "-")


def _beside(name: str) -> str:
    """A file that lies beside this one: style and script are theirs, and are put into the page."""
    return resources.files("fsm.harness.conform.reports").joinpath(name).read_text(encoding="utf-8")
