"""
A second look: did anything of a line survive its redaction?

Knowingly simple, and without a line in common with the walker: what both of them got
wrong in the same way would go unnoticed. It looks at digits and at texts, not at meaning.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Set
from typing import Final

_LONG_NUMBER: Final = re.compile(r"[0-9](?:[ ().-]{0,2}[0-9]){6,}")
_SECONDS_OR_MILLISECONDS: Final = re.compile(r"1[3-9][0-9]{8}|1[3-9][0-9]{11}")
_CODED: Final = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_WORD: Final = re.compile(r"(?<![\w+/=])[^\W\d_]{4,}(?![\w+/=])")
_OF_FORM: Final = frozenset({"wamid", "wacid", "https", "BEGIN", "VCARD", "VERSION"})
"""Words that say what kind of text it is."""

_MOMENT: Final = r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[Tt ][0-9:.]+(?:[Zz]|[+-][0-9:]+)?)?)?"
_PLAIN: Final = re.compile(
    r"[a-z]+(?:[_-][a-z0-9]+)*|[A-Z]+(?:[_-][A-Z0-9]+)*"  # the words of enums
    r"|[a-z]{2,3}[_-][A-Z]{2}|[a-z]+/[a-z.+-]+(?:; codecs=[a-z]+)?"  # languages and kinds of files
    rf"|-?[0-9]{{1,6}}(?:\.[0-9]+)?|{_MOMENT}"
)
_PUBLIC: Final = re.compile(
    r"(?:.*\.)?(?:volume_tier_info\.region|tier|href|disable_date|waba_ban_date)(?:\[[0-9]+\])*"
)
"""Paths at which Meta itself says something that is about no one."""
_PRIVATE: Final = frozenset(
    """
    name first_name last_name formatted_name full_name username body text caption title description subject payload
    filename url email address street city zip company biz_opaque_callback_data comment ctwa_clid headline
    """.split()
)
"""Keys under which even an ordinary word is somebody's."""

_Leaf = tuple[str, str, str]
"""Path, key, text."""


def survivors(before: object, after: object) -> tuple[str, ...]:
    """
    Where something of a line still stands in its redaction: paths of the real line, never its content.

    Looked for are numbers of seven digits and more (whole, or a long one's last seven), also inside
    base64 and inside JSON in a text; texts that are no words of an enum; the words of such
    texts; and ordinary words where names and messages stand. In one line of 100,000 or so it
    is chance that looks like a survivor.

    >>> survivors({"from": "15550100099", "type": "text"}, {"from": "15553141592", "type": "text"})
    ()
    >>> survivors({"from": "15550100099"}, {"wa": "+1 555 010-0099"})
    ('$.from',)
    """
    there = list(_leaves(after))
    numbers = {run for _, _, text in there for run in _numbers(text)}
    texts = {text for path, _, text in there if not _PUBLIC.fullmatch(path) and not _PLAIN.fullmatch(text)}
    words = {word for text in texts for word in _WORD.findall(text)} - _OF_FORM
    same_place = {(path, text) for path, _, text in there}
    found = []
    for path, key, text in _leaves(before):
        if _PUBLIC.fullmatch(path):
            continue
        odd = len(text) > 2 and not _PLAIN.fullmatch(text) and not _SECONDS_OR_MILLISECONDS.fullmatch(text)
        # Short texts turn up inside random ids by chance.
        whole = odd and (text in texts or (len(text) > 8 and any(text in other for other in texts)))
        part = odd and not words.isdisjoint(_WORD.findall(text))
        private = key in _PRIVATE and text != "" and (path, text) in same_place
        if whole or part or private or any(_stands_in(run, numbers) for run in _numbers(text)):
            found.append(path)
    return tuple(dict.fromkeys(found))


def _stands_in(run: str, others: Set[str]) -> bool:
    if len(run) < 9:
        return run in others
    return any(run in other or other.endswith(run[-7:]) for other in others)


def _leaves(value: object, path: str = "$", key: str = "") -> Iterator[_Leaf]:
    if isinstance(value, Mapping):
        for place, (name, held) in enumerate(value.items()):
            # A key that is no word may itself be somebody's, so it is not written into the path.
            word = _PLAIN.fullmatch(name) is not None or re.fullmatch(r"[a-z0-9_]{1,40}", name) is not None
            step = f"{path}.{name}" if word and not _LONG_NUMBER.search(name) else f"{path}.[{place}]"
            if not word or _LONG_NUMBER.search(name):
                yield f"{step} (key)", "", name
            yield from _leaves(held, step, name)
    elif isinstance(value, list | tuple):
        for place, held in enumerate(value):
            yield from _leaves(held, f"{path}[{place}]", key)
    elif isinstance(value, str):
        try:
            inside = json.loads(value) if value.lstrip()[:1] in ("{", "[") else None
        except (ValueError, RecursionError):
            inside = None
        if isinstance(inside, dict | list):
            yield from _leaves(inside, f"{path} (JSON)", key)
        else:
            yield path, key, value
    elif value is not None and not isinstance(value, bool):
        yield path, key, str(value)


def _numbers(text: str) -> Iterator[str]:
    if re.fullmatch(_MOMENT, text):
        return
    for said in (text, *_decoded(text)):
        for match in _LONG_NUMBER.finditer(said):
            run = re.sub(r"[^0-9]", "", match[0])
            if not _SECONDS_OR_MILLISECONDS.fullmatch(run):
                yield run


def _decoded(text: str) -> Iterator[str]:
    for match in _CODED.finditer(text):
        coded = match[0].rstrip("=")
        coded = coded[: len(coded) - (len(coded) % 4 == 1)]
        yield base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("latin-1")
