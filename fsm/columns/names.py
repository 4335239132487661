"""Words and the small integers that stand for them in a column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import attrs

from fsm import terms
from fsm.errors import BadColumns
from fsm.events import Event
from fsm.rulebooks.permissions import TEMPLATE_STATES
from fsm.rulebooks.timeline import editions

MOST: Final = 127
"""The last code of an int8 is left free."""

EVENT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "event": terms.EVENTS,
    "kind": terms.KINDS,
    "entry": terms.ENTRIES,
    "device": terms.DEVICES,
    "content": terms.CONTENTS,
    "category": (*terms.CATEGORIES, terms.AUTHENTICATION_INTERNATIONAL),
    "template_status": tuple(TEMPLATE_STATES),
}
"""The lists of words of a log, by column. The codes of `event` rise with the canonical order of one instant."""

OPEN: Final = ("category", "template_status")
"""Lists that Meta adds to: a log may hold words that they lack."""

DEFAULTS: Final[Mapping[str, str | None]] = {
    field.name: field.default for field in attrs.fields(Event) if field.name in EVENT_WORDS and field.name != "event"
}
"""What an event says where the log leaves the member out."""


def lanes() -> tuple[str, ...]:
    """
    The lanes of every edition, in the order in which they first appear: each has a column of deadlines.

    >>> lanes()[0]
    'customer_service_window'
    """
    return tuple(dict.fromkeys(lane.name for book in editions() for lane in book.lanes))


def result_words() -> Mapping[str, tuple[str, ...]]:
    """The lists of words of a result, by column; of `opens`, `refreshes`, `closes` and `flags` the bits."""
    books = editions()
    return {
        "event": terms.EVENTS,
        "rulebook": tuple(dict.fromkeys(book.name for book in books)),
        "edition": tuple(book.edition for book in books),
        "verdict": terms.VERDICTS,
        "opens": terms.REPORTED,
        "refreshes": terms.REPORTED,
        "closes": terms.REPORTED,
        "joins": (*terms.REPORTED, terms.UNSPECIFIED),
        "charge": terms.RATE_LINES,
        "why": terms.REASONS,
        "flags": tuple(terms.FLAGS),
    }


def _copied(words: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return dict(words)


@attrs.define
class Names:
    """
    The lists of words behind the codes of some columns; open lists grow as new words are met.

    Attributes:
        words: column to its words; the place of a word is its code.

    >>> names = Names()
    >>> names.code("category", "utility"), names.code("category", "newsletter"), names.words["category"][-1]
    (1, 5, 'newsletter')
    """

    words: dict[str, tuple[str, ...]] = attrs.field(factory=lambda: EVENT_WORDS, converter=_copied)
    _codes: dict[str, dict[str, int]] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    def codes(self, column: str) -> Mapping[str, int]:
        """The code of every word of a column."""
        known = self._codes.get(column)
        if known is None or len(known) != len(self.words[column]):
            known = self._codes[column] = {word: code for code, word in enumerate(self.words[column])}
        return known

    def code(self, column: str, word: str) -> int:
        """
        The code of a word; a new word of an open list gets the next one.

        Raises:
            BadColumns: the list is closed and lacks the word, or it is full.
        """
        code = self.codes(column).get(word)
        if code is not None:
            return code
        if column not in OPEN:
            raise BadColumns(f"'{column}' is {word!r}, which is none of {', '.join(self.words[column])}.")
        if len(self.words[column]) >= MOST:
            raise BadColumns(
                f"'{column}' has more than {MOST} different words; the last one is {word!r}. "
                "Check that the column holds what its name says."
            )
        self.words[column] = (*self.words[column], word)
        return len(self.words[column]) - 1

    def copy(self) -> Names:
        """The same words, for whoever adds more."""
        return Names(self.words)

    def written(self) -> str:
        """The lists as the text that a schema's metadata carries."""
        return json.dumps({column: list(words) for column, words in self.words.items()}, ensure_ascii=False)


def read_names(text: str, where: str) -> Names:
    """
    The lists of words that a schema's metadata carries.

    Raises:
        BadColumns: they are not what `Names.written` writes.

    >>> read_names(Names().written(), "here") == Names()
    True
    """
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, dict) or not all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) and len(set(words)) == len(words)
        for words in listed.values()
    ):
        raise BadColumns(
            f"{where}: the metadata names no list of distinct words for its codes, so they mean nothing. "
            "Write the file again with this kit."
        )
    return Names({column: tuple(words) for column, words in listed.items()})
