"""A graded run as a stream of Cucumber Messages, for the tools that read those."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from fsm.errors import MissingExtra
from fsm.harness.conform.outcomes import Grade, Report
from fsm.harness.conform.words import difference_text
from fsm.harness.places import features_folder

PROTOCOL: Final = "34.2.0"
"""Version of the Cucumber Messages that the stream follows."""

_STATUS: Final = {
    "passed": "PASSED",
    "failed": "FAILED",
    "errored": "FAILED",
    "gap closed": "FAILED",
    "known gap": "PENDING",
    "review": "PENDING",
    "unsupported": "SKIPPED",
}
_ZERO: Final = {"seconds": 0, "nanos": 0}


def needs_parser() -> None:
    """
    Make sure that features can be read, before anything is graded.

    Raises:
        MissingExtra: the Gherkin parser is not installed.
    """
    try:
        import_module("gherkin")
    except ImportError:
        raise MissingExtra(
            "Cucumber Messages carry the features themselves, which needs the Gherkin parser. "
            "Install the extra: whatsapp-conversation-fsm[spec]."
        ) from None


def write_messages(report: Report, at: float = 0) -> str:
    """
    One JSON object per line: the English features, their scenarios, and what became of each.

    Args:
        at: when the run ended, in seconds since 1970.

    The verdict of a scenario stands on its last step; the others carry the same status unless it failed.

    Raises:
        MissingExtra: the Gherkin parser is not installed.
    """
    needs_parser()
    from fsm.harness.compile import Feature, read_features

    by_feature: dict[str, list[Grade]] = {}
    for grade in report.grades:
        by_feature.setdefault(grade.vector.feature, []).append(grade)
    folder = features_folder()
    lines: list[Mapping[str, Any]] = [{"meta": _meta(report)}]
    cases: list[Mapping[str, Any]] = []
    runs: list[Mapping[str, Any]] = []
    feature: Feature
    for feature in read_features(folder):
        grades = by_feature.get(feature.path, [])
        if not grades or feature.language != "en":
            continue
        uri = f"features/{feature.path}"
        text = (folder / feature.path).read_text(encoding="utf-8")
        lines.append({"source": {"uri": uri, "data": text, "mediaType": "text/x.cucumber.gherkin+plain"}})
        lines.append({"gherkinDocument": _unique({**feature.document, "uri": uri}, feature.path)})
        of = {grade.vector.title: grade for grade in grades}
        for pickle in feature.pickles:
            if pickle["name"] not in of:
                continue
            grade = of[pickle["name"]]
            told = _unique({**pickle, "uri": uri}, feature.path)
            lines.append({"pickle": told})
            case = {
                "id": f"case {grade.vector.id}",
                "pickleId": told["id"],
                "testSteps": [{"id": f"step {step['id']}", "pickleStepId": step["id"]} for step in told["steps"]],
            }
            cases.append({"testCase": case})
            runs += _run(case, grade)
    lines += [{"testRunStarted": {"timestamp": _timestamp(at - report.seconds)}}, *cases, *runs]
    lines.append({"testRunFinished": {"success": report.fine, "timestamp": _timestamp(at)}})
    return "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)


def _timestamp(at: float) -> dict[str, int]:
    whole = max(int(at), 0)
    return {"seconds": whole, "nanos": int(max(at - whole, 0) * 1_000_000_000)}


def _meta(report: Report) -> dict[str, Any]:
    return {
        "protocolVersion": PROTOCOL,
        "implementation": {"name": "whatsapp-conversation-fsm", "version": report.suite},
        "cpu": {"name": "any"},
        "os": {"name": "any"},
        "runtime": {"name": "Python"},
    }


def _run(case: Mapping[str, Any], grade: Grade) -> Iterator[dict[str, Any]]:
    started = f"run {case['id']}"
    yield {"testCaseStarted": {"id": started, "testCaseId": case["id"], "attempt": 0, "timestamp": _ZERO}}
    status = _STATUS[grade.outcome]
    steps = case["testSteps"]
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        result: dict[str, Any] = {"status": "PASSED" if status == "FAILED" and not last else status, "duration": _ZERO}
        if last and status != "PASSED":
            result["message"] = difference_text(grade) or grade.outcome
        common = {"testCaseStartedId": started, "testStepId": step["id"], "timestamp": _ZERO}
        yield {"testStepStarted": common}
        yield {"testStepFinished": {**common, "testStepResult": result}}
    yield {"testCaseFinished": {"testCaseStartedId": started, "willBeRetried": False, "timestamp": _ZERO}}


def _unique(node: Any, path: str) -> Any:
    """The same tree with ids that are unique among all features: the parser counts anew in every file."""
    match node:
        case dict():
            return {
                name: f"{path} {value}"
                if name == "id" and isinstance(value, str)
                else [f"{path} {id}" for id in value]
                if name == "astNodeIds"
                else f"{path} {value}"
                if name == "astNodeId"
                else _unique(value, path)
                for name, value in node.items()
            }
        case list() | tuple():
            return [_unique(each, path) for each in node]
    return node
