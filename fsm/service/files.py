"""Opening files: those that are packed, and those that appear whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fsm.errors import MissingExtra
from fsm.service.endings import packing_of


def opened(path: str) -> BinaryIO | io.BufferedIOBase:
    """
    The bytes of a file, unpacked as its ending says.

    Raises:
        OSError: it cannot be opened; or later, while it is read, that it is damaged (also EOFError and zlib.error).
        MissingExtra: it is packed by zstd, and the libraries for columns are not installed.
    """
    packing = packing_of(path)
    if packing and not Path(path).stat().st_size:
        raise EOFError("it is empty, which nothing that is packed ever is")
    if packing == "gzip":
        # Python's own reader checks the sum at the end; a file that is cut off is told.
        return gzip.open(path, "rb")
    if not packing:
        return Path(path).open("rb")
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingExtra(
            f"{packing} needs pyarrow, which is not installed. Install the extra: "
            "pip install 'whatsapp-conversation-fsm[columns]'."
        ) from None
    return io.BufferedReader(pa.input_stream(path, compression=packing))


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """
    The name to write a file under meanwhile: it gets its own, and what stood there before goes, once all is written.

    Whatever goes wrong leaves nothing behind, and the old file as it was. What is no plain file, such as a pipe or
    `/dev/null`, is written to directly.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     with whole_file(Path(home, "a.txt")) as new:
    ...         _ = new.write_text("all of it")
    ...     [file.name for file in Path(home).iterdir()]
    ['a.txt']
    """
    # A link stays one: what it leads to is written.
    place = Path(path).resolve()
    if place.exists() and not place.is_file():
        yield place
        return
    new = place.with_name(f"{place.name}.{os.getpid()}.new")
    try:
        yield new
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)
