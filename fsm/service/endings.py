"""What kinds of log files there are, by their endings. Reading columns needs more than this kit's core, see `fsm.columns`."""

from __future__ import annotations

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
