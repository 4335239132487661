"""Opening files: those that are packed, and those that appear whole or not at all."""

from __future__ import annotations

import errno
import gzip
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from fsm.errors import MissingExtra
from fsm.service.endings import packing_of

_MOST_LINKS: Final = 40


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
    if Path(path).exists() and not Path(path).is_file():
        yield Path(path)
        return
    if _is_open_elsewhere(Path(path)):
        raise OSError(errno.EINVAL, "what stands there would be lost; write - for standard output", str(path))
    # A link stays one: what it leads to is written.
    place = Path(os.path.realpath(path))
    new = place.with_name(f"{place.name}.{os.getpid()}.new")
    try:
        if place.exists():
            # Whoever may not read the old file may not read the new one.
            new.touch()
            shutil.copymode(place, new)
        yield new
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)


def _is_open_elsewhere(path: Path) -> bool:
    """Whether a name leads through the open files of a process, as `/dev/stdout` and `/dev/fd/1` do."""
    for _ in range(_MOST_LINKS):
        folder = Path(os.path.realpath(path.parent))
        if folder.is_relative_to("/proc"):
            return True
        if not path.is_symlink():
            return False
        path = folder / path.readlink()
    return False
