"""Which files of a folder are read as a log, whoever reads them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from fsm.errors import BadColumns
from fsm.service.endings import format_of, may_be_meant


def is_read(place: PurePath) -> bool:
    """
    Whether what lies there in a folder is read with it: names that begin with a dot or an underscore are not.

    >>> is_read(PurePath("business=b/log.jsonl")), is_read(PurePath("_temporary/log.jsonl"))
    (True, False)
    """
    return not any(part.startswith((".", "_")) for part in place.parts)


def folders_of(folder: str | Path) -> Iterator[tuple[Path, list[str]]]:
    """
    A folder and those below it, each with the names of what else it holds.

    Links are followed. A folder that was met already, by way of another link, is not given a second time.

    Raises:
        OSError: a folder cannot be opened.
    """
    met: set[str] = set()
    roots = [Path(folder)]
    # Those whose names are not read come last: a folder with two names is read if it is by one of them.
    for root in roots:
        for top, folders, names in os.walk(root, onerror=_refuse, followlinks=True):
            real = os.path.realpath(top)
            if real in met:
                folders.clear()
                continue
            met.add(real)
            roots += [Path(top, name) for name in sorted(folders) if not is_read(PurePath(name))]
            folders[:] = sorted(name for name in folders if is_read(PurePath(name)))
            yield Path(top), names


def files_of(folder: str | Path, passed: list[Path] | None = None) -> list[Path]:
    """
    Every file of a folder, and of those below it, whose ending says that it may hold a log; sorted.

    Args:
        folder: the folder.
        passed: those that are not read because of their names are added to it: because they begin with a dot or an
            underscore, or because their ending is not that of a log and they may be one nevertheless.
    """
    every = sorted(top / name for top, names in folders_of(folder) for name in names)
    found = [file for file in every if format_of(file.name)]
    # A link that leads nowhere is read as well, and then found missing: nothing is passed over in silence.
    read = [file for file in found if is_read(file.relative_to(folder)) and (file.is_file() or not file.exists())]
    if passed is not None:
        hidden = [file for file in found if not is_read(file.relative_to(folder))]
        passed += hidden + [file for file in every if may_be_meant(file.name) and is_read(file.relative_to(folder))]
    return read


def check_apart(sources: Iterable[str], out: str | Path) -> None:
    """
    Whatever is written stays out of the folders of the log: whoever reads them again would take it for the log. Names
    that begin with a dot or an underscore are not read. It never takes the place of the log itself.

    Raises:
        BadColumns: the target lies in a folder that is read, or is a file that is read.

    >>> check_apart(["."], "parts")
    Traceback (most recent call last):
        ...
    fsm.errors.BadColumns: parts would lie in ., which is read: it would be part of the log next time. Name another place.
    """
    place = Path(os.path.realpath(out))
    for source in sources:
        if source != "-" and Path(source).is_file() and Path(os.path.realpath(source)) == place:
            raise BadColumns(f"{out} is the log that is read, and would be lost. Name another file.")
        if source == "-" or not Path(source).is_dir():
            continue
        read = (folder.absolute().resolve() for folder, _ in folders_of(source))
        if any(place.is_relative_to(folder) and is_read(place.relative_to(folder)) for folder in read):
            raise BadColumns(
                f"{out} would lie in {source}, which is read: it would be part of the log next time. Name another place."
            )


def _refuse(bad: OSError) -> None:
    raise bad
