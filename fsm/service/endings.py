"""What kinds of log files there are, by their endings. Reading columns needs more than this kit's core, see `fsm.columns`."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "parquet": (".parquet", ".pq"),
    "ipc": (".arrow", ".ipc", ".feather"),
    "csv": (".csv",),
    "jsonl": (".jsonl", ".ndjson", ".json"),
}
"""Formats, and the endings of the files that hold them."""
PACKING: Final[Mapping[str, str]] = {".gz": "gzip", ".zst": "zstd"}
"""Endings of packed text files."""
ENDINGS: Final = tuple(ending for endings in FORMATS.values() for ending in endings)
"""All of them, without those of packing."""
_OTHERS: Final = (*ENDINGS, *PACKING, ".log")
NOT_UTF8: Final = "it is not UTF-8. Save it as UTF-8"
"""What is said of text in another encoding."""


def packing_of(path: str) -> str:
    """
    How a file is packed: `gzip`, `zstd`, or empty.

    >>> packing_of("log.csv.GZ"), packing_of("log.csv")
    ('gzip', '')
    """
    return PACKING.get(PurePath(path).suffix.lower(), "")


def format_of(path: str) -> str:
    """
    What a file holds, packed or not; empty if its ending does not say.

    >>> format_of("log.jsonl.zst"), format_of("LOG.PQ"), format_of("notes.txt")
    ('jsonl', 'parquet', '')
    """
    file = PurePath(path.lower())
    ending = PurePath(file.stem).suffix if packing_of(path) else file.suffix
    return next((name for name, endings in FORMATS.items() if ending in endings), "")


def may_be_meant(name: str) -> bool:
    """
    Whether a file whose ending does not say that it holds a log may be one: turned over, packed otherwise, called a log.

    >>> [may_be_meant(name) for name in ("log.jsonl.1", "log.jsonl.bz2", "events.log", "README.md")]
    [True, True, True, False]
    """
    return not format_of(name) and any(ending in _OTHERS for ending in PurePath(name.lower()).suffixes)


def disguise_of(start: bytes) -> str:
    """
    What a file that should be text is instead, by its first bytes, and what to do about it; empty if it may be text.

    >>> disguise_of(b"PAR1"), disguise_of(b"event,at")
    ('it is Parquet. Let its name end in .parquet.', '')
    """
    for mark, name, ending in _STARTS:
        if start.startswith(mark):
            return f"it is {name}. Let its name end in {ending}."
    if start.startswith(_ZIP):
        return "it is a workbook or another zip file. Export what it holds as CSV or JSON."
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        len(start) >= 4 and any(not any(start[first:8:2]) for first in (0, 1))
    ):
        return 'it is UTF-16. Save it as UTF-8; spreadsheets call that "CSV UTF-8".'
    return ""


_STARTS: Final = (
    (b"\x1f\x8b", "packed by gzip", ".gz"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd", ".zst"),
    (b"PAR1", "Parquet", ".parquet"),
    (b"ARROW1", "Arrow", ".arrow"),
)
_ZIP: Final = b"PK\x03\x04"
