"""What changed on a date, for people: one page per change of the law."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, TypeVar

import attrs

from fsm import terms
from fsm.rulebooks.sources import SOURCES
from fsm.rules import acts, words
from fsm.rules.tables import STAYS, Charge, Lane, Permission, Readings, Row, Rule, Rulebook, State

_Line = TypeVar("_Line", bound=Permission | Charge)

_FIRST_FITS: Final = "When (the first line that fits counts)"


def change_page(before: Rulebook, after: Rulebook, *, pictures: Mapping[str, str], around: str = "") -> str:
    """
    The page about one change of the law, as Markdown.

    Args:
        pictures: addresses of the pictures that show the new state of affairs, by lane; `status` and
            `status until then` if the thread status is another one.
        around: a line with links to the pages before and after.
    """
    same = before.name == after.name
    told = (
        f"An amendment of **{after.title}** (`{after.name}`)."
        if same
        else f"**{before.title}** (`{before.name}`) gives way to **{after.title}** (`{after.name}`)."
    )
    parts: list[str] = [f"# {after.since.isoformat()}: {after.changed}", told]
    if around:
        parts.append(around)
    if "status" in pictures:
        parts += ["## What a thread is called now", f"![Thread status under {after.title}]({pictures['status']})"]
        parts.append(f"Until then it was called [as in this picture]({pictures['status until then']}).")
    sections = (
        _rules(before, after),
        _lanes(before, after, pictures),
        _permissions(before, after),
        _charges(before, after),
        _allowance(before, after),
        _tariff(before, after),
        _readings(before.readings, after.readings),
    )
    parts += [text for section in sections for text in section]
    return "\n\n".join(parts) + "\n"


def cell(text: str) -> str:
    """
    The text as it may stand in a table of Markdown.

    >>> cell("a | b")
    'a \\\\| b'
    """
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; its cells are already as they may stand in one."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def folded(summary: str, text: str) -> str:
    """Text that the reader may unfold."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"


# --- rules --------------------------------------------------------------------
def rules_table(rules: Iterable[Rule]) -> str:
    """Rules with what they say, who says so, when that was read, and how sure it is."""
    return table(
        ("Rule", "What it says", "Source, read on", "How sure"),
        (
            (
                f"**{rule.id}**",
                cell(rule.says) + (f"<br>*{cell(rule.reading)}*" if rule.reading else ""),
                "<br>".join(_source(key) for key in rule.sources),
                words.CONFIDENCE.get(rule.confidence, rule.confidence),
            )
            for rule in rules
        ),
    )


def _source(key: str) -> str:
    source = SOURCES.get(key)
    if source is None:
        return key
    return f"[{cell(source.title)}]({source.url}), {source.read_on.isoformat()}"


def _rules(before: Rulebook, after: Rulebook) -> Iterator[str]:
    added = [rule for id, rule in after.rules.items() if id not in before.rules]
    changed = [rule for id, rule in after.rules.items() if id in before.rules and before.rules[id] != rule]
    gone = [rule for id, rule in before.rules.items() if id not in after.rules]
    if added:
        yield f"## New rules ({len(added)})"
        if any(rule.reading for rule in added):
            yield "In italics: how we read it where the source leaves something open."
        yield rules_table(added)
    if changed:
        yield "## Rules that say something else now"
        yield rules_table(changed)
    if gone:
        yield "## Rules that no longer hold"
        yield "\n".join(f"- **{rule.id}**: {cell(rule.says)}" for rule in gone)


# --- lanes --------------------------------------------------------------------
def _lanes(before: Rulebook, after: Rulebook, pictures: Mapping[str, str]) -> Iterator[str]:
    old = {lane.name: lane for lane in before.lanes}
    new = {lane.name: lane for lane in after.lanes}
    added = [lane for name, lane in new.items() if name not in old]
    gone = [name for name in old if name not in new]
    amended = [(old[name], lane) for name, lane in new.items() if name in old and _differs(old[name], lane)]
    if added or gone or amended:
        yield "## What opens, closes and runs out"
    for group in _alike([("", lane, _said(lane)) for lane in added]):
        lane, said = group[0][1], group[0][2]
        names = words.listed([words.lane_words(member.name) for _, member, _ in group])
        yield f"### New: {names}"
        about = (
            f"{lane.about} " if len(group) == 1 else "Shown for the first; the others are the same, each for its own. "
        )
        yield about + _links([member for _, member, _ in group], pictures)
        yield _bullets(said)
    for group in _alike([(was.name, now, _amendments(was, now)) for was, now in amended]):
        names = words.listed([words.lane_words(member.name) for _, member, _ in group])
        yield f"### Amended: {names}"
        shown = "Shown for the first; the others change alike. " if len(group) > 1 else ""
        if links := shown + _links([member for _, member, _ in group], pictures):
            yield links
        yield _bullets(group[0][2])
    if gone:
        yield f"### Falls away: {words.listed([words.lane_words(name) for name in gone])}"
        yield "Nothing can be open in it any more on that day."


_Told = tuple[str, Lane, tuple[str, ...]]


def _alike(told: Sequence[_Told]) -> list[list[_Told]]:
    """Lanes of which the same is to be said, but for their own name, in groups."""
    groups: dict[tuple[str, ...], list[_Told]] = {}
    for item in told:
        key = tuple(_nameless(text, item[1].name) for text in item[2])
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def _nameless(text: str, name: str) -> str:
    """The text without the name of a category, so that what is said alike of several is the same text."""
    return text.lower().replace(acts.words(name), "…").replace("an …", "a …")


def _links(lanes: Sequence[Lane], pictures: Mapping[str, str]) -> str:
    links = [f"[{words.lane_words(lane.name)}]({pictures[lane.name]})" for lane in lanes if lane.name in pictures]
    return f"Picture: {', '.join(links)}." if links else ""


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {cell(line)}" for line in lines)


def _said(lane: Lane) -> tuple[str, ...]:
    """What a lane does, in sentences."""
    rows = [words.row_words(row, lane) for row in lane.rows if row.dest != STAYS]
    return (*rows, *(_clock(state) for state in lane.states if state.lasts is not None))


def _clock(state: State) -> str:
    end = f"“{words.state_words(state.name)}” becomes “{words.state_words(state.then)}” {words.clock_words(state)}"
    return f"{end} ({state.rule})."


_Atom = tuple[str, str, str, tuple[str, ...], tuple[str, ...], str]
"""Act, source, destination, conditions and lengthening of a row, one by one: what a change is made of."""

_Rest = tuple[str, tuple[str, ...], tuple[str, ...], str, str]
"""What atoms that are said in one sentence share: all but act and source, and the rule."""


def _atoms(lane: Lane) -> dict[_Atom, str]:
    return {
        (act, source, row.dest, row.needs, row.unless, str(row.adds or "")): row.rule
        for row in lane.rows
        for act in row.on
        for source in row.source
        if row.dest != STAYS
    }


def _differs(old: Lane, new: Lane) -> bool:
    return bool(_amendments(old, new))


def _amendments(old: Lane, new: Lane) -> tuple[str, ...]:
    before, after = _atoms(old), _atoms(new)
    said = [
        f"Now: {text}" for text in _regrouped(new, {atom: rule for atom, rule in after.items() if atom not in before})
    ]
    said += [
        f"No longer: {text}"
        for text in _regrouped(old, {atom: rule for atom, rule in before.items() if atom not in after})
    ]
    if new.runs_out and not old.runs_out:
        # What no longer opens it need not be listed: nothing does.
        said = [text for text in said if text.startswith("Now: ")]
    names = {state.name for state in old.states}
    for state in new.states:
        if state.name not in names:
            said.append(f"New state: “{words.state_words(state.name)}”.")
        said += _clock_change(old.state(state.name) if state.name in names else None, state)
    kept = {state.name for state in new.states}
    said += [f"State that falls away: “{words.state_words(s.name)}”." for s in old.states if s.name not in kept]
    moved = {(before[atom], rule) for atom, rule in after.items() if atom in before and before[atom] != rule}
    if said or moved:
        said += [f"What stood under {was} stands under {now}." for was, now in sorted(moved)]
    if new.runs_out and not old.runs_out:
        said.append("Nothing opens it any more; what is open runs to its end.")
    return tuple(said)


def _clock_change(old: State | None, new: State) -> Iterator[str]:
    was = None if old is None else (old.lasts, old.then, old.counted_from, old.at_most)
    if was == (new.lasts, new.then, new.counted_from, new.at_most):
        return
    if new.lasts is not None:
        before = f" Until then: {words.clock_words(old)}." if old is not None and old.lasts is not None else ""
        longest = f" At most {words.duration_words(new.at_most)}." if new.at_most is not None else ""
        yield f"{_clock(new)}{longest}{before}"
    elif old is not None:
        yield f"“{words.state_words(new.name)}” no longer runs out."


def _regrouped(lane: Lane, atoms: Mapping[_Atom, str]) -> Iterator[str]:
    """Atoms put together again, so that one sentence says what many of them share."""
    by_act: dict[tuple[str, _Rest], list[str]] = {}
    for (act, source, dest, needs, unless, adds), rule in atoms.items():
        by_act.setdefault((source, (dest, needs, unless, adds, rule)), []).append(act)
    by_source: dict[tuple[tuple[str, ...], _Rest], list[str]] = {}
    for (source, rest), mine in by_act.items():
        by_source.setdefault((tuple(mine), rest), []).append(source)
    for (on, (dest, needs, unless, adds, rule)), sources in by_source.items():
        length = next((row.adds for row in lane.rows if str(row.adds or "") == adds), None)
        row = Row(on, tuple(sources), dest, rule, needs=needs, unless=unless, adds=length)
        yield words.row_words(row, lane)


# --- lines of permissions and charges -------------------------------------------
@attrs.frozen
class _Said:
    """One line of a list in which the first that fits counts."""

    when: str
    then: str
    rules: tuple[str, ...]


def _told(lines: Sequence[_Line], say: Callable[[_Line], str]) -> tuple[_Said, ...]:
    """
    The lines as a list to be read from the top.

    Where the order alone makes the exceptions of later lines clear, they are not repeated.
    """
    ordered = _by_order(lines)
    told: list[_Said] = []
    for line in lines:
        when = words.condition_words(line.needs, () if ordered else line.unless) or "otherwise"
        said = _Said(when, say(line), line.rules)
        if told and told[-1].then == said.then and told[-1].rules == said.rules and "otherwise" not in when:
            said = _Said(f"{told.pop().when}; or {said.when}", said.then, said.rules)
        told.append(said)
    if len(told) == 1 and told[0].when == "otherwise":
        return (_Said("always", told[0].then, told[0].rules),)
    return tuple(told)


def _by_order(lines: Sequence[_Line]) -> bool:
    """Whether the first line whose needs are met is always the line that holds."""
    asked = sorted({fact for line in lines for fact in (*line.needs, *line.unless)})
    for answers in product((False, True), repeat=len(asked)):
        true = frozenset(fact for fact, answer in zip(asked, answers, strict=True) if answer)
        first = next((line for line in lines if true.issuperset(line.needs)), None)
        if first is None or not first.holds(true):
            return False
    return True


def _as_table(told: Sequence[_Said], head: str) -> str:
    if not told:
        return "Nothing was said of it."
    return table((_FIRST_FITS, head, "Rules"), ((cell(s.when), cell(s.then), ", ".join(s.rules)) for s in told))


@attrs.frozen
class _Compared:
    """
    What is said of some messages, now and until then.

    Attributes:
        alike: of the others the same is said as of the first, but for the name of their category.
    """

    messages: tuple[str, ...]
    was: tuple[_Said, ...]
    now: tuple[_Said, ...]
    alike: bool

    @property
    def heading(self) -> str:
        said = words.sentence(words.messages_words(self.messages))
        first = words.messages_words(self.messages[:1])
        return f"**{said}**" + (
            f" (shown for the {first}; alike for the others, each in its category)" if self.alike else ""
        )


def _compared(old: Sequence[_Line], new: Sequence[_Line], say: Callable[[_Line], str]) -> tuple[_Compared, ...]:
    """The messages of which something else is said now, in groups of which the same is said."""
    same: dict[_Both, list[str]] = {}
    for message in acts.MESSAGES:
        was = _told([line for line in old if message in line.messages], say)
        now = _told([line for line in new if message in line.messages], say)
        if [(s.when, s.then) for s in was] != [(s.when, s.then) for s in now]:
            same.setdefault((was, now), []).append(message)
    alike: dict[object, list[tuple[_Both, list[str]]]] = {}
    for both, messages in same.items():
        alike.setdefault(_shape(both, messages[0]), []).append((both, messages))
    return tuple(
        _Compared(
            messages=tuple(message for _, messages in groups for message in messages),
            was=groups[0][0][0],
            now=groups[0][0][1],
            alike=len(groups) > 1,
        )
        for groups in alike.values()
    )


_Both = tuple[tuple[_Said, ...], tuple[_Said, ...]]
"""What was said until then, and what is said now."""


def _shape(both: _Both, message: str) -> object:
    """What is said of a message, without the name of its category."""
    name = max((c for c in terms.CATEGORIES if message.startswith(f"{c}_")), key=len, default=message)
    return tuple(
        tuple((_nameless(said.when, name), _nameless(said.then, name), said.rules) for said in told) for told in both
    )


def _permissions(before: Rulebook, after: Rulebook) -> Iterator[str]:
    old = {clause.name: clause.rows for clause in before.clauses}
    new = {clause.name: clause.rows for clause in after.clauses}
    asks = {clause.name: clause.asks for clause in (*before.clauses, *after.clauses)}
    changed = {
        name: compared
        for name in dict.fromkeys((*old, *new))
        if (compared := _compared(old.get(name, ()), new.get(name, ()), _permission))
    }
    if changed:
        yield "## What may be sent"
        yield "A message must pass every question that concerns it; the worst answer counts."
    for name, compared in changed.items():
        kind = "New question" if name not in old else "Question that falls away" if name not in new else "New answers"
        yield f"### {kind}: {asks[name]}"
        yield from _both(compared, "Answer", had=name in old, has=name in new)


def _permission(line: Permission) -> str:
    said = words.verdict_words(line.verdict, line.error, line.assume)
    if line.advises_against:
        said += ", but the policy speaks against it"
    return f"{said}. {line.way_out}" if line.way_out else said


def _charges(before: Rulebook, after: Rulebook) -> Iterator[str]:
    compared = _compared(before.charges, after.charges, _charge)
    if compared:
        yield "## What a delivery costs"
        yield from _both(compared, "Price", had=True, has=True)


def _charge(line: Charge) -> str:
    return words.charge_words(line.line, line.why, uses_allowance=line.uses_allowance, unspecified=line.unspecified)


def _both(compared: Sequence[_Compared], head: str, *, had: bool, has: bool) -> Iterator[str]:
    """What is said now, then, folded, what was said until then; the same thing is said once."""
    if has:
        for group in compared:
            yield group.heading
            yield _as_table(group.now, head)
    if not had:
        return
    earlier: dict[tuple[_Said, ...], list[_Compared]] = {}
    for group in compared:
        earlier.setdefault(group.was, []).append(group)
    told = []
    for was, groups in earlier.items():
        messages = tuple(message for group in groups for message in group.messages)
        told.append(f"**{words.sentence(words.messages_words(messages))}**\n\n{_as_table(was, head)}")
    if told:
        yield folded("What was said until then", "\n\n".join(told))


# --- the rest -------------------------------------------------------------------
def _allowance(before: Rulebook, after: Rulebook) -> Iterator[str]:
    if before.allowance == after.allowance:
        return
    yield "## What is free each month"
    was, now = before.allowance, after.allowance
    if now is None:
        yield "There is no free allowance any more."
    else:
        whose = {"account": "of an account", "business": "of a business phone number"}[now.per]
        yield f"The first {now.units:,} {now.unit} {whose} in a calendar month are free ({now.rule})."
    if was is not None:
        whose = {"account": "of an account", "business": "of a business phone number"}[was.per]
        yield f"Until then: the first {was.units:,} {was.unit} {whose} ({was.rule})."


def _tariff(before: Rulebook, after: Rulebook) -> Iterator[str]:
    was, now = words.tariff_sentences(before.tariff), words.tariff_sentences(after.tariff)
    new, gone = [said for said in now if said not in was], [said for said in was if said not in now]
    if not new and not gone:
        return
    yield "## How an amount follows from a charge"
    yield "\n".join(f"- {cell(said)}" for said in (*new, *(f"Until then: {said}" for said in gone)))


_LISTS: Final = {
    "opens_window": "Kinds of customer message that open the window",
    "may_open_window": "Kinds of customer message that may, or may not, open the window",
    "undocumented_kinds": "Kinds of customer message of which no text says whether they open the window",
    "entries": "Ways in that qualify for a free entry point",
    "devices": "Devices that qualify for a free entry point",
    "ai_markets": "Countries in which AI providers pay for every message that is no template",
    "international_markets": "Countries that have an international authentication rate",
    "template_states": "Template states that are known",
}


def _readings(old: Readings, new: Readings) -> Iterator[str]:
    said: list[str] = []
    for field in attrs.fields(Readings):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was == now:
            continue
        if field.name in _LISTS:
            said.append(f"{_LISTS[field.name]}: {_list_change(was, now)}.")
        elif field.name == "billing_currencies":
            said += [
                f"A business sold to in {country} must bill in {currency}."
                for country, currency in sorted(now.items())
                if was.get(country) != currency
            ]
        elif field.name == "answered_at":
            how = {"delivery": "delivered", "sending": "sent"}[now]
            said.append(f"An ad or page button is answered in time if the answer is {how} in time.")
        elif field.name == "entry_point_end_from_webhook":
            counts = "counts" if now else "no longer counts"
            said.append(f"The end of a free entry point that Meta's webhook states {counts}.")
        elif isinstance(was, frozenset):
            said.append(f"{words.sentence(acts.words(field.name))}: {_list_change(was, now)}.")
        else:
            said.append(f"{words.sentence(acts.words(field.name))}: {was} becomes {now}.")
    if said:
        yield "## Lists and readings"
        yield _bullets(said)


def _list_change(was: Iterable[str], now: Iterable[str]) -> str:
    old, new = sorted(was), sorted(now)
    added, gone = [item for item in new if item not in old], [item for item in old if item not in new]
    if not old:
        return words.listed([acts.words(item) for item in new])
    said = [f"added {words.listed([acts.words(item) for item in added])}"] if added else []
    said += [f"removed {words.listed([acts.words(item) for item in gone])}"] if gone else []
    rest = f" (now {words.listed([acts.words(item) for item in new])})" if len(new) <= 6 and new else ""
    return "; ".join(said) + (rest or (" (now none)" if not new else ""))
