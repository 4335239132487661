"""Damage in files is noticed, and said to whoever named the file."""

from __future__ import annotations

import errno
import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from fsm.errors import BadLog
from fsm.service.endings import NOT_UTF8

SPOKEN: Final = {"parquet": "Parquet", "ipc": "Arrow"}
"""What formats of columns are called."""
END_OF_STREAM: Final = b"\xff\xff\xff\xff\0\0\0\0"
"""What an Arrow stream ends with, unless it is cut off."""


@contextmanager
def damage_said(path: str, format: str) -> Iterator[None]:
    """
    Say of a file what keeps it from being read.

    Args:
        path: as its owner names it.
        format: `parquet`, `ipc`, `csv` or `jsonl`.

    Raises:
        BadLog: in place of whatever the libraries raise that read it.
    """
    try:
        yield
    except (pa.ArrowException, EOFError, UnicodeDecodeError, gzip.BadGzipFile, zlib.error) as bad:
        if isinstance(bad, UnicodeDecodeError) or "invalid utf8" in str(bad).lower():
            raise BadLog(path, f"{NOT_UTF8}; it cannot be told which of its rows are meant.") from None
        raise BadLog(
            path,
            f"it cannot be read as {SPOKEN.get(format, format)}: {_why(bad)}. It may be cut off, or be something else.",
        ) from None
    except OSError as bad:
        if isinstance(bad, FileNotFoundError):
            raise BadLog(path, f"it cannot be read: {os.strerror(errno.ENOENT)}. Check the path.") from None
        if bad.errno is not None:
            raise BadLog(path, f"it cannot be read: {bad.strerror}.") from None
        # A decompressor of Arrow's reports damage as an error of input.
        if "CRC checksum" in str(bad):
            raise BadLog(
                path, "it is damaged: its checksums do not fit what it holds. Fetch or write it again."
            ) from None
        raise BadLog(path, f"it cannot be unpacked: {_why(bad)}. It may be cut off.") from None


def _why(bad: Exception) -> str:
    """The first line of what a library says, or else what it calls the mistake."""
    return next(iter(str(bad).splitlines()), type(bad).__name__).rstrip(".")


def parquet_file(path: str, **options: Any) -> Any:
    """A Parquet file whose pages are held to their checksums, where it has any; the options are those of the library."""
    return pq.ParquetFile(path, page_checksum_verification=True, **options)


def check_stream(path: str, source: Any) -> None:
    """
    Hold an Arrow stream to its end: one that is cut off between two batches reads as if it were whole.

    Raises:
        BadLog: an Arrow stream does not end as one does.
    """
    size = source.size()
    source.seek(max(0, size - len(END_OF_STREAM)))
    if source.read(len(END_OF_STREAM)) != END_OF_STREAM:
        raise BadLog(
            path,
            "it cannot be read as Arrow: the end of the stream is missing. It was cut off, or never closed by whoever wrote "
            "it: write it again.",
        )
    source.seek(0)
