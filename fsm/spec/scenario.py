"""Writing a scenario down: the way to a row, in the closed vocabulary, with what the reference then answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Final

import attrs

from fsm import terms
from fsm.events import datetime_of, read_account
from fsm.harness import lexicon
from fsm.harness.compile import BadFeature, read_feature, scripts_of
from fsm.harness.lint import problems_of
from fsm.harness.script import Expectation, Played, observed
from fsm.machine import Law
from fsm.machine.thread import status
from fsm.rulebooks import timeline
from fsm.rules.tables import Rulebook, State
from fsm.spec.lines import CLAUSE, Line
from fsm.spec.search import Act, Telling, Way, ways
from fsm.spec.watch import watched

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_FREE_FORM: Final = Act("the bakery asks to send Ana a free-form message", "", "free_form", asks=True)
_MARKETING: Final = Act("the bakery asks to send Ana a marketing template", "", "marketing_template", asks=True)


@attrs.frozen(kw_only=True)
class Scenario:
    """
    A scenario that makes a row act.

    Attributes:
        line: the row.
        edition: place of the edition under which it acts.
        tags: without the `@`.
        title: unique within what is written together.
        steps: with their keywords.
    """

    line: Line
    edition: int
    tags: tuple[str, ...]
    title: str
    steps: tuple[str, ...]

    def text(self) -> str:
        """The scenario in Gherkin, as it stands in a feature."""
        tags = " ".join(f"@{tag}" for tag in self.tags)
        steps = "\n".join(f"    {step}" for step in self.steps)
        return f"  # {self.line.name}\n  {tags}\n  Scenario: {self.title}\n{steps}\n"


def feature(scenarios: Iterable[Scenario], name: str = "Rows that no scenario made act") -> str:
    """A feature file with these scenarios."""
    return f"Feature: {name}\n\n" + "\n".join(scenario.text() for scenario in scenarios)


def scenario_for(line: Line, books: Sequence[Rulebook], under: Sequence[int] | None = None) -> Scenario | None:
    """
    The shortest scenario that makes a row act, tried out: it passes the linter, compiles, holds, and the row acts.

    Args:
        books: the editions.
        under: places of the editions under which it is to act; by default the first that has it, else a later one.

    Returns:
        None if no way was found.
    """
    starts = timeline.starts(tuple(books), UTC)
    for way in ways(line, books, line.editions if under is None else under, starts):
        scenario = _scenario(line, way, books)
        if proven(scenario, books):
            return scenario
    return None


def proven(scenario: Scenario, books: Sequence[Rulebook]) -> bool:
    """Whether a scenario passes the linter, compiles and holds, and its row acts in it."""
    read = read_feature("generated.feature", feature([scenario]))
    if any(problems_of(read)):
        return False
    try:
        scripts = list(scripts_of(read))
    except BadFeature:
        return False
    runs = [watched(script) for script in scripts]
    place = (books[scenario.edition].edition, scenario.line.key)
    return bool(runs) and all(not run.fails and place in run.acted for run in runs)


def _scenario(line: Line, way: Way, books: Sequence[Rulebook]) -> Scenario:
    book = books[way.edition]
    told, last, now = _told(line, way)
    world = Telling((), 0, 0)
    for step in [*told, last.now]:
        world.say(step)
    script = world.script("generated", "", ())
    played = Played(Law(read_account(script.account), engine="table"), script.events)
    expected = list(dict.fromkeys(_expected(line, last, world, played, book, now)))
    given = [f"{'Given' if place == 0 else 'And'} {step}" for place, step in enumerate(told)]
    then = [f"{'Then' if place == 0 else 'And'} {step}" for place, step in enumerate(expected)]
    return Scenario(
        line=line,
        edition=way.edition,
        tags=(*_tags(line, book), f"since-{book.since.isoformat()}"),
        title=" ".join(line.says.rstrip(".").replace("<", "less than ").split()),
        steps=(*given, f"When {last.now}", *then),
    )


def _tags(line: Line, book: Rulebook) -> tuple[str, ...]:
    """The rules of the row; for one that cites none, those of its table that come first."""
    if line.rules:
        return tuple(dict.fromkeys(line.rules))
    cited = [other.rules for clause in book.clauses if clause.name == line.table for other in clause.rows]
    return next((rules for rules in cited if rules), (next(iter(book.rules)),))[:1]


# --- the steps -----------------------------------------------------------------
def _told(line: Line, way: Way) -> tuple[list[str], Act, int]:
    """What is given, what happens then, and when."""
    happened = list(way.acts)
    now = way.ends_at
    if isinstance(line.row, State):
        last = _FREE_FORM
    elif line.table in (terms.OPT_IN, terms.MARKETING_PREFERENCE, terms.WINDOW_IN_DOUBT):
        # Nothing shows of these but in the next question.
        last = _FREE_FORM if line.table == terms.WINDOW_IN_DOUBT else _MARKETING
        now += _MINUTE
    else:
        now, last = happened.pop()
    if all(act.ago for _, act in happened):
        ago = [act.ago.format(ago=length_words(now - at)) for at, act in happened]
        return [_it_is(now), *way.givens, *ago], last, now
    told, clock = [_it_is(happened[0][0]), *way.givens], happened[0][0]
    for at, act in [*happened, (now, None)]:
        if at > clock:
            told.append(f"{length_words(at - clock)} pass")
        if act is not None:
            told.append(act.now)
        clock = at
    return told, last, now


def _it_is(at: int) -> str:
    instant = datetime_of(at)
    clock = instant.strftime("%H:%M" if instant.second == 0 else "%H:%M:%S")
    return f"it is {instant:%Y-%m-%d} at {clock}"


def length_words(length: int) -> str:
    """
    A length as scenarios write it.

    >>> length_words(90_061 * 1_000_000)
    '1 day 1 h 1 min 1 s'
    """
    seconds = length // _SECOND
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [f"{days} day{'s' if days > 1 else ''}" if days else ""]
    parts += [f"{count} {unit}" if count else "" for count, unit in ((hours, "h"), (minutes, "min"), (seconds, "s"))]
    return " ".join(filter(None, parts)) or "0 s"


# --- what is expected ------------------------------------------------------------
def _expected(line: Line, last: Act, world: Telling, played: Played, book: Rulebook, now: int) -> Iterator[str]:
    """What the reference answers, as far as the vocabulary can say it."""
    keys = world.acted

    def seen(about: str, value: object = None, at: int = 0) -> object:
        return observed(Expectation(about=about, value=value, keys=keys, at=at), played)

    thread = keys[0][:2]
    is_sent = last.asks or not _is_customers(last)
    if is_sent:
        verdict = _word(_VERDICTS, seen("verdict"))
        if verdict and (last.asks or verdict != "allowed"):
            yield f"it is {verdict}"
        if last.asks and (line.table == terms.OPT_IN or _advises(line, book)):
            advised = seen("advised against")
            yield "the opt-in policy speaks against it" if advised else "the opt-in policy has no objection"
    if not last.asks:
        opened = _things(seen("opens"))
        yield f"it opens {opened}" if opened else "nothing opens"
        for about, verb in (("refreshes", "renews"), ("closes", "closes")):
            named = _things(seen(about))
            if named:
                yield f"it {verb} {named}"
    if is_sent and not last.asks:
        joined = seen("joins")
        if joined and (word := _word(_THINGS, joined)):
            yield f"it belongs to {word}"
        yield from _cost(seen("charge"))
    flags = seen("no flag")
    assert isinstance(flags, tuple)
    for flag in flags:
        if word := _word(_DOUBTS, flag):
            yield f"the answer notes a doubt about {word}"
    yield from _states(line, played, keys, thread, now)


def _is_customers(act: Act) -> bool:
    return act.about in (*terms.CUSTOMER_EVENTS, *terms.PREFERENCE_EVENTS)


def _advises(line: Line, book: Rulebook) -> bool:
    """Whether the row stands in a clause that may speak against what nothing refuses."""
    return line.kind == CLAUSE and any(
        other.advises_against for clause in book.clauses if clause.name == line.table for other in clause.rows
    )


def _cost(charge: object) -> Iterator[str]:
    assert isinstance(charge, tuple)
    rate, why = charge
    if rate is None and why is None:
        yield "no rule says what it costs"
    elif rate is None and (word := _word(_REASONS, why)):
        yield f"it is free because {word}"
    elif why == "regular" and (word := _word(_LINES, rate)):
        yield f"it is charged as {word}"


def _states(
    line: Line, played: Played, keys: Sequence[tuple[str, ...]], thread: tuple[str, ...], now: int
) -> Iterator[str]:
    """The state of the lanes, and how long it goes on."""
    states = played.states(now, (thread[0], thread[1]))
    window = states.get(terms.CUSTOMER_SERVICE_WINDOW)
    if line.table == terms.CUSTOMER_SERVICE_WINDOW and window in ("open", "closed"):
        yield f"the customer service window is {window}"
    point = _word(_POINTS, states.get(terms.FREE_ENTRY_POINT))
    if line.table == terms.FREE_ENTRY_POINT and point:
        yield f"the free entry point is {point}"
    result = next(played.results[key] for key in reversed(keys) if key in played.results)
    length = result.deadlines.get(line.table, 0) - now
    if length > 0 and (phrase := _lasts(line.table, states.get(line.table, ""))):
        yield f"{phrase} {length_words(length)}{_REST.get(phrase, '')}"
    elif line.table == terms.WINDOW_IN_DOUBT and length <= 0:
        yield "no doubt hangs over the window"
    has_status = line.table in (terms.CONVERSATION, *terms.CATEGORIES, "service")
    if has_status and (word := _word(_STATUSES, status(states))):
        yield f"the thread is {word}"


def _lasts(lane: str, state: str) -> str:
    if lane == terms.CUSTOMER_SERVICE_WINDOW:
        return "the customer service window stays open for"
    if lane == terms.WINDOW_IN_DOUBT:
        return "the doubt about the window lasts for"
    if lane == terms.FREE_ENTRY_POINT:
        return {"eligible": "the business has", "open": "the free entry point stays open for"}.get(state, "")
    if lane == terms.CONVERSATION:
        who = "business-initiated" if state.startswith("business") else "user-initiated"
        return f"the {who} conversation stays open for"
    return f"the {lane.replace('_', ' ')} conversation stays open for" if lane in (*terms.CATEGORIES, "service") else ""


_REST: Final = {"the business has": " left to answer the entry point"}


def _things(names: object) -> str:
    assert isinstance(names, tuple)
    words = [_word(_THINGS, name) for name in names]
    return " and ".join(words) if all(words) else ""


def _word(words: Mapping[object, str], meaning: object) -> str:
    """The word for a meaning; empty if the lexicon has none."""
    return words.get(meaning, "")


def _inverse(words: Mapping[str, Mapping[str, str]]) -> dict[object, str]:
    found: dict[object, str] = {}
    for word, meaning in words["en"].items():
        found.setdefault(meaning, word)
    return found


_THINGS: Final = _inverse(lexicon.THINGS)
_REASONS: Final = _inverse(lexicon.REASONS)
_LINES: Final = _inverse(lexicon.LINES)
_DOUBTS: Final = _inverse(lexicon.DOUBTS)
_STATUSES: Final = _inverse(lexicon.STATUSES)
_POINTS: Final = _inverse(lexicon.ENTRY_POINTS)
_VERDICTS: Final[dict[object, str]] = {lexicon.verdict("en", word): word for word in lexicon.VERDICTS["en"]}
