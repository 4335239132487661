"""The folder `diagrams/`: which files it holds, and whether what is on disk is what the tables give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from fsm.diagrams import graphs
from fsm.diagrams.changes import cell, change_page, folded, rules_table, table
from fsm.diagrams.lane_pictures import lane_graph
from fsm.diagrams.status_picture import status_graph
from fsm.diagrams.timelines import timeline_svg
from fsm.errors import FsmError
from fsm.events import Account, Event
from fsm.machine import Law
from fsm.rulebooks.timeline import editions
from fsm.rules import words
from fsm.rules.tables import Lane, Rulebook

GENERATED: Final = (
    "<!-- Generated from the tables in fsm/rulebooks by `fsm diagrams`. Do not edit: it would be overwritten. -->"
)
SCENARIOS: Final = "scenarios"
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)


class BadScenario(FsmError):
    """A scenario that cannot be drawn under the name it was given."""


# --- what belongs into the folder ---------------------------------------------
def all_files() -> dict[str, str]:
    """Every generated file but the scenarios: its path below `diagrams/`, and its text."""
    books = editions()
    named: dict[str, list[Rulebook]] = {}
    for book in books:
        named.setdefault(book.name, []).append(book)
    statuses = {name: status_graph(mine[-1]) for name, mine in named.items()}
    files = {"README.md": _index(named, statuses)}
    for name, mine in named.items():
        files |= _rulebook_files(mine, books, statuses[name])
    for place, (before, after) in enumerate(pairwise(books), 1):
        around = _around(books, place)
        pictures = {lane.name: f"../{after.name}/{lane.name}.svg" for lane in named[after.name][-1].lanes}
        was, now = statuses[before.name], statuses[after.name]
        if (was.nodes, was.arrows) != (now.nodes, now.arrows):
            pictures |= {"status": f"../{after.name}/status.svg", "status until then": f"../{before.name}/status.svg"}
        files[change_path(after)] = f"{GENERATED}\n\n" + change_page(before, after, pictures=pictures, around=around)
    return files


def scenario_files(scenarios: Iterable[tuple[str, str, Sequence[Event], Account]]) -> dict[str, str]:
    """
    A timeline for each scenario, and a page that lists them: paths below `diagrams/`, and texts.

    Args:
        scenarios: for each a file name without ending, a title, the events of one thread, and the account.

    Raises:
        BadScenario: a name that is no file name, or that stands twice.
        BadEvent: a scenario without events, or with those of several threads.
    """
    files: dict[str, str] = {}
    stories: dict[str, list[str]] = {}
    for slug, title, events, account in scenarios:
        path = f"{SCENARIOS}/{slug}.svg"
        if not _SLUG.fullmatch(slug):
            raise BadScenario(
                f"{slug!r} cannot be a file name everywhere. Use small letters, digits, hyphens, dots and underscores."
            )
        if path in files:
            raise BadScenario(f"two scenarios are called {slug!r}, so one picture would replace the other. Rename one.")
        files[path] = timeline_svg(title, events, Law(account))
        stories.setdefault(slug.rpartition("-")[0] or slug, []).append(f"- [{_linked(title)}]({slug}.svg)")
    page = ["# Scenarios as timelines", "Each is run through the law of its dates; what is drawn is what the law says."]
    listed = ("\n\n".join((f"## {story}", "\n".join(lines))) for story, lines in sorted(stories.items()))
    files[f"{SCENARIOS}/README.md"] = "\n\n".join((GENERATED, *page, *listed)) + "\n"
    return files


def change_path(book: Rulebook) -> str:
    """Where the page stands that says what an edition changed."""
    return f"changes/{book.since.isoformat()}.md"


def _around(books: tuple[Rulebook, ...], place: int) -> str:
    links = ["[all pictures](../README.md)", f"[the rulebook](../{books[place].name}/README.md)"]
    if place > 1:
        links.insert(0, f"← [{books[place - 1].since.isoformat()}]({books[place - 1].since.isoformat()}.md)")
    if place + 1 < len(books):
        links.append(f"[{books[place + 1].since.isoformat()}]({books[place + 1].since.isoformat()}.md) →")
    return " · ".join(links)


# --- one rulebook -------------------------------------------------------------
def _rulebook_files(mine: Sequence[Rulebook], books: tuple[Rulebook, ...], status: graphs.Graph) -> dict[str, str]:
    book = mine[-1]
    lanes = [(lane, lane_graph(book, lane)) for lane in book.lanes]
    files = {f"{book.name}/README.md": _rulebook_page(mine, books, status, lanes)}
    files[f"{book.name}/status.svg"] = graphs.draw(status).svg
    for lane, graph in lanes:
        files[f"{book.name}/{lane.name}.svg"] = graphs.draw(graph).svg
    return files


def _rulebook_page(
    mine: Sequence[Rulebook],
    books: tuple[Rulebook, ...],
    status: graphs.Graph,
    lanes: Sequence[tuple[Lane, graphs.Graph]],
) -> str:
    first, book = mine[0], mine[-1]
    after = books.index(book) + 1
    until = f", until {books[after].since.isoformat()} (not included)" if after < len(books) else ""
    parts = [GENERATED, f"# {book.title} (`{book.name}`)"]
    parts.append(f"In force from {first.since.isoformat()}{until}, at local midnight of the account's time zone.")
    parts.append(first.changed)
    if len(mine) > 1:
        parts.append(f"Amended since; the pictures show the law of {book.since.isoformat()}.")
    links = [f"- {_change_link(edition, books, '../')}" for edition in mine]
    parts.append("\n".join(links))
    parts.append(f"[All pictures](../README.md). In this rulebook: {_contents(lanes)}.")
    parts += ["## Thread status", _image("Thread status", status, "status.svg"), _mermaid(status)]
    for lane, graph in lanes:
        name = words.sentence(words.lane_words(lane.name))
        parts += [
            f"## {name}",
            f"*{lane.about}*",
            _image(name, graph, f"{lane.name}.svg"),
            _rows(lane),
            _mermaid(graph),
        ]
    parts += ["## How an amount follows from a charge"]
    parts.append("\n".join(f"- {cell(said)}" for said in words.tariff_sentences(book.tariff)))
    cited = dict.fromkeys(
        id for lane in book.lanes for id in (*(row.rule for row in lane.rows), *(s.rule for s in lane.states if s.rule))
    )
    rules = [rule for id, rule in book.rules.items() if id in cited]
    parts += ["## The rules named on this page", folded(f"{len(rules)} rules", rules_table(rules))]
    return "\n\n".join(parts) + "\n"


def _contents(lanes: Sequence[tuple[Lane, graphs.Graph]]) -> str:
    names = ["thread status", *(words.lane_words(lane.name) for lane, _ in lanes)]
    return ", ".join(f"[{name}](#{name.replace(' ', '-')})" for name in names)


def _change_link(book: Rulebook, books: tuple[Rulebook, ...], root: str) -> str:
    said = f"{book.since.isoformat()}: {book.changed}"
    return said if book is books[0] else f"[{book.since.isoformat()}]({root}{change_path(book)}): {book.changed}"


def _image(name: str, graph: graphs.Graph, path: str) -> str:
    return f"[![{name}: {_linked(graph.desc)}]({path})]({path})"


def _mermaid(graph: graphs.Graph) -> str:
    numbered = "\n".join(f"{number}. {cell(said)}" for number, said in enumerate(graphs.legend(graph), 1))
    block = f"```mermaid\n{graphs.mermaid(graph)}```"
    return folded("The same in Mermaid", f"{block}\n\n{numbered}" if numbered else block)


def _rows(lane: Lane) -> str:
    """Every row of a lane, and every clock, as a table in words."""
    lines = []
    for row in lane.rows:
        effect = words.effect_words(row, lane)
        lines.append(
            (
                cell(words.sentence(words.acts_words(row.on))),
                cell(" or ".join(words.state_words(name) for name in row.source)),
                cell(words.condition_words(row.needs, row.unless)),
                cell(effect or f"→ **{words.state_words(row.dest)}**"),
                row.rule,
            )
        )
    for state in lane.states:
        if state.lasts is not None:
            when = words.sentence(words.clock_words(state))
            lines.append(
                (when, words.state_words(state.name), "", f"→ **{words.state_words(state.then)}**", state.rule)
            )
    if not lines:
        return "Nothing moves it."
    return table(("What happens", "In", "If", "Then", "Rule"), lines)


# --- the index ----------------------------------------------------------------
def _index(named: Mapping[str, Sequence[Rulebook]], statuses: Mapping[str, graphs.Graph]) -> str:
    books = tuple(book for mine in named.values() for book in mine)
    parts = [
        GENERATED,
        "# WhatsApp's conversation rules in pictures",
        "Drawn from the very tables that the machine runs on. Each rulebook is the whole law from its date on; "
        "its page shows what opens, closes and runs out, lane by lane, with the rule that says so.",
        "The pictures here show the *thread status*: what a reader would call a thread. It does not say what may be "
        "sent. That is the customer service window's business, on every rulebook's page.",
        "## Rulebooks",
        table(
            ("Rulebook", "From", "What it changed"),
            (
                (
                    f"[{cell(mine[0].title)}]({name}/README.md) `{name}`",
                    mine[0].since.isoformat(),
                    cell(mine[0].changed),
                )
                for name, mine in named.items()
            ),
        ),
    ]
    shown: graphs.Graph | None = None
    for name, mine in named.items():
        book, status = mine[-1], statuses[name]
        parts.append(f"### [{book.title}]({name}/README.md), from {mine[0].since.isoformat()}")
        if shown is not None and (shown.nodes, shown.arrows) == (status.nodes, status.arrows):
            parts.append("The thread status is as before.")
        else:
            parts.append(f"[![Thread status under {_linked(book.title)}]({name}/status.svg)]({name}/README.md)")
        shown = status
    parts.append("## What changed when")
    parts.append("\n".join(f"- {_change_link(book, books, '')}" for book in books))
    parts.append("## Scenarios")
    parts.append(f"Timelines of the scenarios in `features/` stand in [`{SCENARIOS}/`]({SCENARIOS}/README.md).")
    return "\n\n".join(parts) + "\n"


def _linked(text: str) -> str:
    """The text as it may stand between the brackets of a link."""
    return cell(text).replace("[", "\\[").replace("]", "\\]")


# --- on disk --------------------------------------------------------------------
def write(folder: Path, files: Mapping[str, str] | None = None) -> list[str]:
    """
    Write the files into a folder, and name those that were new or different.

    Args:
        folder: usually `diagrams/`; it is made if it does not exist. Nothing in it is deleted.
        files: what to write; by default `all_files()`.
    """
    given = all_files() if files is None else files
    written = [path for path, text in given.items() if _read(folder / path) != text.encode()]
    for path in written:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(given[path].encode())
    return sorted(written)


def stale(folder: Path, files: Mapping[str, str] | None = None) -> list[str]:
    """
    What in a folder is not what the tables give: missing, different or extra files, one text for each.

    Args:
        folder: usually `diagrams/`.
        files: what it should hold; by default `all_files()`, and then the scenarios are left alone.
    """
    given = all_files() if files is None else files
    found: list[str] = []
    for path, text in given.items():
        here = _read(folder / path)
        if here is None:
            found.append(f"missing: {path}")
        elif here != text.encode():
            found.append(f"different: {path}")
    for place in folder.rglob("*"):
        path = place.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in Path(path).parts)
        if place.is_dir() or hidden or path in given or (files is None and path.startswith(f"{SCENARIOS}/")):
            continue
        found.append(f"extra: {path}")
    return sorted(found)


def _read(place: Path) -> bytes | None:
    return place.read_bytes() if place.is_file() else None
