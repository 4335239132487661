"""The record of a whole mutation run, with a digest of what it was about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import attrs

from fsm.errors import FsmError
from fsm.harness.script import Script
from fsm.rules.tables import Rulebook
from fsm.spec.mutation import Tried, explanation

RECORD: Final = Path(__file__).parent / "pins.json"
_UNTOLD: Final = ("rules", "title", "changed", "says", "about", "asks", "way_out", "means")
"""Members of a rulebook that are for readers, or that list what stands elsewhere: `rules` of a row is kept."""


class BadRecord(FsmError):
    """The record of the mutation run cannot be read."""


@attrs.frozen(kw_only=True)
class Pins:
    """
    What a mutation run says about one rule.

    Attributes:
        mutants: how many changes of cells that cite the rule were tried.
        killed: how many of them made a scenario fail.
        explained: how many of the others change no answer, for a reason that is written down.
    """

    mutants: int = 0
    killed: int = 0
    explained: int = 0

    @property
    def survivors(self) -> int:
        """How many nobody noticed, for no known reason."""
        return self.mutants - self.killed - self.explained


@attrs.frozen(kw_only=True)
class Score:
    """
    A mutation run: how many were tried, what became of them, and the same rule by rule.

    Attributes:
        ran, could: how many scenarios were run against mutants, and how many stand under the laws they change.
        survivors: place, change and explanation (empty if there is none) of those that no scenario noticed.
        witnesses: of rules that no cell cites, a cell of other rules whose change a scenario of theirs noticed.
    """

    mutants: int
    killed: int
    ran: int
    could: int
    rules: Mapping[str, Pins]
    survivors: tuple[tuple[str, str, str], ...]
    witnesses: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def unexplained(self) -> tuple[tuple[str, str], ...]:
        """Place and change of the survivors that nothing explains."""
        return tuple((place, change) for place, change, why in self.survivors if not why)


def score_of(tried: Iterable[Tried], known: Sequence[dict[str, str]]) -> Score:
    """
    The score of some mutants.

    Args:
        known: the explained survivors.
    """
    every = list(tried)
    counts: dict[str, list[int]] = {}
    survivors = []
    for each in every:
        why = "" if each.killer else explanation(each.mutant, known)
        if not each.killer:
            survivors.append((each.mutant.place, each.mutant.change, why))
        for id in dict.fromkeys(each.mutant.rules):
            count = counts.setdefault(id, [0, 0, 0])
            count[0] += 1
            count[1] += bool(each.killer)
            count[2] += bool(why)
    return Score(
        mutants=len(every),
        killed=sum(bool(each.killer) for each in every),
        ran=sum(each.ran for each in every),
        could=sum(each.could for each in every),
        rules={id: Pins(mutants=n, killed=k, explained=e) for id, (n, k, e) in sorted(counts.items())},
        survivors=tuple(sorted(survivors)),
    )


def digest(books: Sequence[Rulebook], scripts: Iterable[Script]) -> str:
    """
    A digest of the tables and of what the features say; comments, titles and sentences for readers are not in it.

    Args:
        books: the editions.
        scripts: the compiled features.
    """
    told = [plain(book) for book in books]
    said = [{"id": each.id, "tags": each.tags, **each.told()} for each in sorted(scripts, key=lambda each: each.id)]
    text = json.dumps([told, said], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """A value of the tables as JSON values, sets in order."""
    if attrs.has(type(value)):
        return {
            field.name: plain(getattr(value, field.name))
            for field in attrs.fields(type(value))
            if field.init and not (field.name in _UNTOLD and not isinstance(getattr(value, field.name), tuple))
        }
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, Set):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1)
    return value.isoformat() if isinstance(value, date) else value


def write_record(score: Score, of: str, file: Path = RECORD) -> None:
    """Write down a whole run, under the digest of what it was about."""
    told: dict[str, Any] = {
        "digest": of,
        "mutants": score.mutants,
        "killed": score.killed,
        "ran": score.ran,
        "could": score.could,
        "rules": {id: [pins.mutants, pins.killed, pins.explained] for id, pins in score.rules.items()},
        "witnesses": dict(sorted(score.witnesses.items())),
        "survivors": [list(each) for each in score.survivors],
    }
    head = {name: value for name, value in told.items() if not isinstance(value, dict | list)}
    lines = [f'  "{name}": {json.dumps(value)},' for name, value in head.items()]
    rules = ",\n".join(f'    "{id}": {json.dumps(counts)}' for id, counts in told["rules"].items())
    survivors = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in told["survivors"])
    seen = ",\n".join(f'    "{id}": {json.dumps(place, ensure_ascii=False)}' for id, place in told["witnesses"].items())
    rows = ['  "rules": {', rules, "  },", '  "witnesses": {', seen, "  },", '  "survivors": [', survivors, "  ]"]
    text = "\n".join(["{", *lines, *rows, "}"])
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_record(of: str, file: Path = RECORD) -> Score | None:
    """
    The recorded run, if it was about the tables and features of that digest; None if it was about others, or if there
    is no record.

    Raises:
        BadRecord: it cannot be read.
    """
    if not file.exists():
        return None
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["digest"] != of:
            return None
        return Score(
            mutants=told["mutants"],
            killed=told["killed"],
            ran=told["ran"],
            could=told["could"],
            rules={id: Pins(mutants=n, killed=k, explained=e) for id, (n, k, e) in told["rules"].items()},
            survivors=tuple((place, change, why) for place, change, why in told["survivors"]),
            witnesses=dict(told["witnesses"]),
        )
    except (ValueError, KeyError, TypeError) as bad:
        raise BadRecord(
            f"{file} cannot be read: {bad!r}. `python -m tests.mutation` (or `fsm spec pin --write`) writes it anew."
        ) from None
