"""A graded run as JSON, and read back to be laid beside another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import attrs

from fsm.errors import FsmError
from fsm.harness.conform.outcomes import OUTCOMES, Report
from fsm.harness.conform.words import harmless

VERSION: Final = 1


class BadReport(FsmError):
    """A file that is not a report of a graded run, or one of another version."""


@attrs.frozen(kw_only=True)
class Saved:
    """
    A run, as far as comparing needs it.

    Attributes:
        name, version: of the implementation.
        suite: version of the kit.
        can_answer: the levels claimed.
        counts: outcomes of all vectors.
        outcomes: id of vector to outcome.
        rules: id of vector to its rules.
        titles: id of vector to its title.
    """

    name: str
    version: str
    suite: str
    can_answer: tuple[str, ...]
    counts: Mapping[str, int]
    outcomes: Mapping[str, str]
    rules: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()


def as_json(report: Report) -> dict[str, Any]:
    """
    The run as plain JSON values: who, against what, counts by outcome, level, rule and concept, and every vector.

    Members: `report` (version of this format), `suite`, `selection`, `implementation`, `can_answer`, `rulebooks`,
    `smoke`, `fine`, `seconds`, `counts`, `levels`, `rules`, `concepts`, `suspects`, `unused_gaps`, `vectors`.
    """
    claims = report.claims
    return {
        "report": VERSION,
        "suite": report.suite,
        "selection": report.selection,
        "implementation": {
            "name": harmless(claims.name),
            "version": harmless(claims.version),
            "language": harmless(claims.language),
        },
        "can_answer": list(claims.can_answer),
        "rulebooks": list(claims.rulebooks),
        "smoke": report.smoke,
        "fine": report.fine,
        "seconds": round(report.seconds, 3),
        "counts": dict(report.counts),
        "levels": {level: dict(counts) for level, counts in report.levels.items()},
        "rules": {rule: dict(counts) for rule, counts in report.rules.items()},
        "concepts": {concept: dict(counts) for concept, counts in report.concepts.items()},
        "suspects": [attrs.asdict(suspect) for suspect in report.suspects],
        "unused_gaps": list(report.unused_gaps),
        "vectors": [
            {
                "id": grade.vector.id,
                "title": grade.vector.title,
                "feature": grade.vector.feature,
                "rules": list(grade.vector.rules),
                "status": grade.vector.status,
                "outcome": grade.outcome,
                "reason": harmless(grade.reason),
                "differences": [
                    {
                        "level": check.level,
                        "about": check.about,
                        "place": check.place,
                        "expected": check.expected,
                        "got": _fit(check.got),
                    }
                    for check in grade.differences
                ],
                "not_asked": sorted({check.level for check in grade.checks if check.outcome == "unsupported"}),
            }
            for grade in report.grades
        ],
    }


def write_json(report: Report) -> str:
    """The run as JSON text."""
    return json.dumps(as_json(report), indent=1, ensure_ascii=True) + "\n"


def read_json(text: str, name: str) -> Saved:
    """
    A run that was written before.

    Args:
        name: of the file, for messages.

    Raises:
        BadReport: it is no report, or one of another version.
    """
    try:
        members = json.loads(text)
        if not isinstance(members, dict) or members.get("report") != VERSION:
            raise BadReport(
                f"{name} is no report of version {VERSION}. Make one with `fsm conform ... --report {name}`."
            )
        who = members["implementation"]
        vectors = {vector["id"]: vector for vector in members["vectors"]}
        found = Saved(
            name=who["name"],
            version=who["version"],
            suite=members["suite"],
            can_answer=tuple(members["can_answer"]),
            counts={outcome: members["counts"].get(outcome, 0) for outcome in OUTCOMES},
            outcomes={id: vector["outcome"] for id, vector in vectors.items()},
            rules={id: tuple(vector["rules"]) for id, vector in vectors.items()},
            titles={id: vector["title"] for id, vector in vectors.items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise BadReport(f"{name} cannot be read as a report: {bad!r}.") from None
    unknown = set(found.outcomes.values()) - set(OUTCOMES)
    if unknown:
        raise BadReport(f"{name} has the outcome {sorted(unknown)[0]!r}, which is none of {', '.join(OUTCOMES)}.")
    return found


def _fit(value: Any) -> Any:
    """What the tested system answered, with every text of it fit to be shown."""
    match value:
        case str():
            return harmless(value)
        case dict():
            return {harmless(str(name)): _fit(each) for name, each in value.items()}
        case list() | tuple():
            return [_fit(each) for each in value[:50]]
    return value
