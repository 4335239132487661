"""Scripts to vectors: what `fsm/harness/vectors` holds is written here, and a test holds it to the features."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from fsm.events import Event, format_instant, read_account, write_event
from fsm.harness.bill import NOTHING
from fsm.harness.compile import Feature, read_features, scripts_of
from fsm.harness.conform.levels import level_of_lane
from fsm.harness.conform.schemas import SCHEMAS
from fsm.harness.conform.vectors import STATUSES, Vector, all_vectors, vectors_folder, write_vector
from fsm.harness.lint import rule_ids
from fsm.harness.places import features_folder
from fsm.harness.readings import read_readings
from fsm.harness.script import Expectation, Script
from fsm.machine import Law

RETIRED: Final = "retired.txt"
"""Ids that were given once and name nothing any more; they are never given again."""

_LEVELS: Final = {
    "verdict": "permission",
    "joins": "conversations",
    "charge": "charges",
    "charges": "charges",
    "flag": "doubts",
    "flags": "doubts",
    "status": "status",
    "advice": "advice",
    "limit_use": "limits",
    "marketing_limit": "limits",
    "rows": "ledger",
    "no_amount": "ledger",
    "market": "ledger",
    "row_flag": "ledger",
    "sum": "ledger",
    "day": "labels",
}


def vectors_of(
    folder: Path, known: Mapping[str, Sequence[Vector]], retired: Iterable[str] = ()
) -> dict[str, list[Vector]]:
    """
    The vectors of every feature and of every file of readings, by its path.

    Args:
        folder: of the features.
        known: vectors published before, by feature: a scenario that was there keeps its id.
        retired: ids that may not be given again.

    Raises:
        BadFeature: a feature cannot be compiled.
    """
    features = list(read_features(folder))
    told = {(feature.twin, feature.language): _told(feature) for feature in features}
    languages = sorted({language for _, language in told} - {"en"})
    ids = _Ids(known, retired)
    found: dict[str, list[Vector]] = {}
    for feature in features:
        if feature.language != "en":
            continue
        twins = {language: told[feature.path, language] for language in languages if (feature.path, language) in told}
        mine = []
        for place, (script, text) in enumerate(told[feature.path, "en"]):
            texts = {"en": text, **{language: twin[place][1] for language, twin in twins.items()}}
            mine.append((script, texts))
        found[feature.path] = ids.given(
            feature.path, [vector_of(feature.path, script, texts) for script, texts in mine]
        )
    for path, vectors in read_readings(folder).items():
        found[path] = ids.given(path, vectors)
    return found


def told_in(folder: Path, language: str) -> dict[str, list[Vector]]:
    """The vectors as the features of one language tell them, without ids and texts: for comparing two translations."""
    return {
        feature.twin: [vector_of(feature.twin, script, {}) for script, _ in _told(feature)]
        for feature in read_features(folder)
        if feature.language == language
    }


def _told(feature: Feature) -> list[tuple[Script, dict[str, Any]]]:
    keywords = _keywords(feature)
    return [
        (
            script,
            {
                "title": pickle["name"],
                "steps": [f"{keywords[step['astNodeIds'][0]]}{step['text']}" for step in pickle["steps"]],
            },
        )
        for script, pickle in zip(scripts_of(feature), feature.pickles, strict=True)
    ]


def _keywords(feature: Feature) -> dict[str, str]:
    """The keyword of every step, by the id of its node in the tree."""
    found: dict[str, str] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "keyword" in node and "text" in node and "id" in node:
                found[node["id"]] = node["keyword"]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(feature.document)
    return found


# --- one vector -------------------------------------------------------------
def vector_of(feature: str, script: Script, texts: Mapping[str, Any]) -> Vector:
    """A script as a vector without an id."""
    events = sorted(script.events, key=lambda event: event.order)
    at = script.instants
    law = Law(read_account(script.account), engine="table")
    names = [edition.book.name for edition in law.editions if _within(edition.begins, edition.ends, min(at), max(at))]
    return Vector(
        id="",
        feature=feature,
        concept=feature.partition("/")[0],
        rules=tuple(dict.fromkeys(tag for tag in script.tags if tag in rule_ids())),
        status=_status(script.tags),
        rulebooks=tuple(dict.fromkeys(names)),
        first=format_instant(min(at)),
        last=format_instant(max(at)),
        text=texts,
        account=dict(script.account),
        events=[write_event(event) for event in events],
        bill=None if script.bill == NOTHING else script.bill.told(),
        expect=[_expectation(each, events) for each in script.expectations],
    )


def _within(begins: int, ends: int | None, first: int, last: int) -> bool:
    return begins <= last and (ends is None or ends > first)


def _status(tags: Sequence[str]) -> str:
    """The least sure of the status words among the tags."""
    return next((status for status in reversed(STATUSES) if status in tags), STATUSES[0])


def _expectation(told: Expectation, events: Sequence[Event]) -> dict[str, Any]:
    places = [place for key in told.keys for place, event in enumerate(events) if event.key == key]
    value = told.value
    match told.about:
        case "verdict":
            return _of_events("verdict", places, {"verdict": value[0], "error": value[1]})
        case "charge":
            return _of_events("charge", places, {"charge": value[0], "why": value[1]})
        case "opens" | "refreshes" | "closes":
            return {"about": told.about, "events": places, "value": list(value)}
        case "charges" | "flag" | "joins":
            return _of_events(told.about, places, list(value) if isinstance(value, tuple) else value)
        case "no flag":
            return _of_events("flags", places, list(value))
        case "deadline":
            lane, at = value
            return {
                "about": "deadline",
                "level": level_of_lane(lane),
                "events": places,
                "value": {"lane": lane, "at": at},
            }
        case "lane":
            lane, state = value
            return {
                "about": "state",
                "level": level_of_lane(lane),
                "question": _of_thread("state", told),
                "value": {"lane": lane, "state": state},
            }
        case "status":
            return _asked("status", _of_thread("state", told), value)
        case "advised against":
            sent = next(place for place in places if events[place].event == "message_sent")
            return _asked("advice", {"question": "advice", "event": sent}, value)
        case "limit use":
            return _asked("limit_use", {"question": "limit_use", "at": format_instant(told.at)}, value)
        case "marketing limit":
            return _asked("marketing_limit", _of_thread("marketing_limit", told), value)
        case "sum":
            return _asked("sum", _LEDGER, value)
    return _of_ledger(told)


_LEDGER: Final = {"question": "ledger"}


def _of_ledger(told: Expectation) -> dict[str, Any]:
    of = sorted({(key[0], key[3].partition(" to ")[0]) for key in told.keys})
    named = [{"business": business, "id": id} for business, id in of]
    value = told.value
    match told.about:
        case "rows":
            rows = [{"kind": kind, "line": line, "amount": amount} for kind, line, amount in value]
            return {**_asked("rows", _LEDGER, rows), "of": named}
        case "no amount":
            rows = [{"kind": kind, "line": line, "why": why} for kind, line, why in value]
            return {**_asked("no_amount", _LEDGER, rows), "of": named}
        case "market":
            return {**_asked("market", _LEDGER, value[0]), "of": named}
        case "row flag":
            return {**_asked("row_flag", _LEDGER, value), "of": named}
        case "analytics day":
            return {**_asked("day", _LEDGER, value[0]), "of": named}
    about = told.about.replace(" ", "_")
    label = {"category": value[0], "type": value[1]} if isinstance(value, tuple) else value
    question = {"question": "labels", "business": named[0]["business"], "id": named[0]["id"]}
    return {"about": about, "level": "labels", "question": question, "value": label}


def _of_events(about: str, places: Sequence[int], value: Any) -> dict[str, Any]:
    return {"about": about, "level": _LEVELS[about], "events": list(places), "value": value}


def _asked(about: str, question: Mapping[str, Any], value: Any) -> dict[str, Any]:
    return {"about": about, "level": _LEVELS[about], "question": dict(question), "value": value}


def _of_thread(question: str, told: Expectation) -> dict[str, Any]:
    business, customer = told.keys[0][:2]
    return {"question": question, "business": business, "customer": customer, "at": format_instant(told.at)}


# --- ids ----------------------------------------------------------------------
class _Ids:
    """Who has which id. A scenario keeps its id as long as its title or what it says stays the same."""

    def __init__(self, known: Mapping[str, Sequence[Vector]], retired: Iterable[str]) -> None:
        self._known = known
        self._used = {vector.id for vectors in known.values() for vector in vectors} | set(retired)

    def given(self, feature: str, vectors: Sequence[Vector]) -> list[Vector]:
        left = list(self._known.get(feature, ()))
        ids: list[str] = [""] * len(vectors)
        for name in (_by_title, _by_content):
            old: dict[str, list[Vector]] = {}
            for vector in left:
                old.setdefault(name(vector), []).append(vector)
            for place, vector in enumerate(vectors):
                same = old.get(name(vector), [])
                if not ids[place] and same:
                    ids[place] = same[0].id
                    left.remove(same.pop(0))
        return [
            attrs.evolve(vector, id=ids[place] or self._next(vector.rules[0])) for place, vector in enumerate(vectors)
        ]

    def _next(self, rule: str) -> str:
        number = 1
        while f"{rule}.{number}" in self._used:
            number += 1
        self._used.add(f"{rule}.{number}")
        return f"{rule}.{number}"


def _by_title(vector: Vector) -> str:
    return vector.title


def _by_content(vector: Vector) -> str:
    told = json.dumps([vector.account, vector.events, vector.expect, vector.bill], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


# --- the published files ------------------------------------------------------
def files(folder: Path, published: Path) -> dict[str, str]:
    """
    What stands in the published files, by path: vectors feature by feature, their schemas, and the ids that are retired.

    Args:
        folder: of the features.
        published: where vectors were published before; they are the register of ids.
    """
    known: dict[str, list[Vector]] = {}
    for vector in all_vectors() if published.is_dir() else ():
        known.setdefault(vector.feature, []).append(vector)
    register = published / RETIRED
    retired = set(register.read_text(encoding="utf-8").split()) if register.exists() else set()
    found = vectors_of(folder, known, retired)
    used = {vector.id for vectors in found.values() for vector in vectors}
    retired |= {vector.id for vectors in known.values() for vector in vectors if vector.id not in used}
    written = {
        f"{feature.rpartition('.')[0]}.jsonl": "".join(f"{write_vector(vector)}\n" for vector in vectors)
        for feature, vectors in found.items()
    }
    shapes = {f"{name}.schema.json": json.dumps(schema(), indent=1) + "\n" for name, schema in SCHEMAS.items()}
    return {**written, **shapes, RETIRED: "".join(f"{id}\n" for id in sorted(retired))}


def main() -> int:
    """Write the vectors that the features compile to."""
    published = vectors_folder()
    written = files(features_folder(), published)
    for file in published.rglob("*.jsonl"):
        if file.relative_to(published).as_posix() not in written:
            file.unlink()
    for path, text in written.items():
        target = published / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    counts = [text.count("\n") for path, text in written.items() if path.endswith(".jsonl")]
    sys.stdout.write(f"{sum(counts)} vectors of {len(counts)} features\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
