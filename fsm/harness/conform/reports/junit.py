"""A graded run as JUnit XML, for build servers."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from fsm.harness.conform.outcomes import FAILING, Grade, Report
from fsm.harness.conform.words import difference_text, harmless, scenario_text


def write_junit(report: Report) -> str:
    """
    One suite per concept, one case per vector.

    What failed or closed a gap is a failure, what errored an error; what was not claimed, is for review, or is a known
    gap is skipped, with its reason.
    """
    name = harmless(f"{report.claims.name} {report.claims.version}".strip())
    root = Element("testsuites", name=f"WhatsApp rules {report.suite}: {name}", time=f"{report.seconds:.3f}")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for concept in report.concepts:
        mine = [grade for grade in report.grades if grade.vector.concept == concept]
        suite = SubElement(root, "testsuite", name=concept, time=f"{sum(grade.seconds for grade in mine):.3f}")
        counts = dict.fromkeys(totals, 0)
        for grade in mine:
            kind = _kind(grade)
            counts["tests"] += 1
            if kind:
                counts[kind] += 1
            _case(suite, grade, kind)
        for what, count in counts.items():
            suite.set(what, str(count))
            totals[what] += count
    for what, count in totals.items():
        root.set(what, str(count))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _kind(grade: Grade) -> str:
    if grade.outcome == "errored":
        return "errors"
    if grade.outcome in FAILING:
        return "failures"
    return "" if grade.outcome == "passed" else "skipped"


def _case(suite: Element, grade: Grade, kind: str) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=grade.vector.feature.removesuffix(".feature").replace("/", "."),
        name=f"{grade.vector.id} {grade.vector.title}",
        time=f"{grade.seconds:.4f}",
    )
    if not kind:
        return
    tag = {"errors": "error", "failures": "failure", "skipped": "skipped"}[kind]
    told = SubElement(
        case, tag, message=harmless(f"{grade.outcome}: {grade.reason}" if grade.reason else grade.outcome)
    )
    if kind != "skipped" or grade.outcome == "review":
        told.text = f"{scenario_text(grade.vector)}\n\n{difference_text(grade)}"
