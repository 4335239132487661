"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
