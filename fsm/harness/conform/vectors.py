"""The vectors: every scenario without its language, as plain JSON values, read from the package."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

from fsm.errors import FsmError

VERSION: Final = 1
"""Of the format; it rises when a member changes its meaning."""

STATUSES: Final = ("documented", "derived", "contested", "unspecified")
"""How sure the sources are of what a vector expects. A difference from the last two is for review, not a failure."""

REVIEWED: Final = ("contested", "unspecified")


class UnknownVector(FsmError):
    """A selection or a known gap names no vector."""


@attrs.frozen(kw_only=True)
class Vector:
    """
    One scenario, or one row of an outline, for any implementation in any language.

    Attributes:
        id: given once and kept, for example `CSW-12.3`: its first rule, and a number.
        feature: the feature file, below the folder of features.
        concept: the folder of the feature: `windows`, `charges` ...
        rules: ids of the rules that it proves.
        status: one of `STATUSES`.
        rulebooks: names of the rulebooks in force between its first and last instant.
        first, last: those instants, RFC 3339 in UTC.
        text: for every language a `title` and the `steps`, for readers.
        account: members of an account file.
        events: in canonical order; an event that is told twice stands twice.
        bill: rates, calls, announced tiers and further accounts; only where money is asked for.
        expect: what must be so. Never sent to an implementation.
    """

    id: str
    feature: str
    concept: str
    rules: tuple[str, ...]
    status: str
    rulebooks: tuple[str, ...]
    first: str
    last: str
    text: Mapping[str, Mapping[str, Any]]
    account: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    expect: Sequence[Mapping[str, Any]]
    bill: Mapping[str, Any] | None = None

    @property
    def title(self) -> str:
        """What the scenario says, in English."""
        return str(self.text["en"]["title"])

    @property
    def reviewed(self) -> bool:
        """Whether a difference is for review: the sources disagree or are silent."""
        return self.status in REVIEWED


def vectors_folder() -> Path:
    """Where the published vectors are: inside the package."""
    return Path(__file__).parent.parent / "vectors"


def write_vector(vector: Vector) -> str:
    """The vector as one line of JSON."""
    members = {"vector": VERSION, **attrs.asdict(vector, recurse=False)}
    if vector.bill is None:
        del members["bill"]
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def read_vector(line: str) -> Vector:
    """
    The vector that a line holds.

    Raises:
        FsmError: it is of another version of the format.
    """
    members = json.loads(line)
    version = members.pop("vector", None)
    if version != VERSION:
        raise FsmError(
            f"a vector of version {version!r}, and this kit reads version {VERSION}. Install the kit it is of."
        )
    for name in ("rules", "rulebooks"):
        members[name] = tuple(members[name])
    return Vector(**members)


@lru_cache(maxsize=1)
def all_vectors() -> tuple[Vector, ...]:
    """
    Every published vector, by feature, in the order of the features.

    >>> all_vectors()[0].concept
    'changes'
    """
    return tuple(_read(vectors_folder()))


def _read(folder: Path) -> Iterator[Vector]:
    for file in sorted(folder.rglob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from map(read_vector, lines)


def select(
    vectors: Iterable[Vector],
    *,
    rules: Sequence[str] = (),
    rulebooks: Sequence[str] = (),
    concepts: Sequence[str] = (),
    on: date | None = None,
    ids: Sequence[str] = (),
) -> tuple[Vector, ...]:
    """
    The vectors that fit every condition given.

    Args:
        rules: ids of rules, or patterns such as `CSW-*`; one of them must be among the vector's.
        rulebooks: names of rulebooks; one of them must be in force in the vector.
        concepts: folders of features.
        on: a day (UTC) between the vector's first and last instant.
        ids: ids of vectors, or patterns.

    Raises:
        UnknownVector: a word of the selection names nothing, or nothing is left.

    >>> {vector.concept for vector in select(all_vectors(), concepts=["opt-in"])}
    {'opt-in'}
    """
    every = tuple(vectors)
    for what, wanted, known in (
        ("rule", rules, {rule for vector in every for rule in vector.rules}),
        ("rulebook", rulebooks, {name for vector in every for name in vector.rulebooks}),
        ("concept", concepts, {vector.concept for vector in every}),
        ("vector", ids, {vector.id for vector in every}),
    ):
        for word in wanted:
            if not any(fnmatchcase(name, word) for name in known):
                few = f" Known are {', '.join(sorted(known))}." if len(known) < 20 else ""
                hint = " `fsm rules` lists the rules." if what == "rule" else ""
                hint = " `fsm conform cases` writes all of them, with their ids." if what == "vector" else hint
                raise UnknownVector(f"{word!r} is the {what} of no vector.{few}{hint}")
    chosen = tuple(
        vector
        for vector in every
        if _fits(rules, vector.rules)
        and _fits(rulebooks, vector.rulebooks)
        and _fits(concepts, (vector.concept,))
        and _fits(ids, (vector.id,))
        and (on is None or vector.first[:10] <= on.isoformat() <= vector.last[:10])
    )
    if not chosen:
        raise UnknownVector("no vector fits all of the selection. Ask for less at once.")
    return chosen


def reordered(vector: Vector, seed: int) -> Vector:
    """
    The same vector with its events told in another order: what is expected stays, since order must not matter.

    >>> vector = next(vector for vector in all_vectors() if len(vector.events) == 2)
    >>> {event["at"] for event in reordered(vector, 1).events} == {event["at"] for event in vector.events}
    True
    """
    order = list(range(len(vector.events)))
    Random(f"{vector.id} {seed}").shuffle(order)  # noqa: S311 (no secret)
    place = {old: new for new, old in enumerate(order)}
    expect = []
    for each in vector.expect:
        moved = dict(each)
        if "events" in each:
            moved["events"] = [place[old] for old in each["events"]]
        if "event" in each.get("question", ()):
            moved["question"] = {**each["question"], "event": place[each["question"]["event"]]}
        expect.append(moved)
    return attrs.evolve(vector, events=[vector.events[old] for old in order], expect=expect)


def _fits(wanted: Sequence[str], names: Iterable[str]) -> bool:
    return not wanted or any(fnmatchcase(name, word) for name in names for word in wanted)
