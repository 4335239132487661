"""Where commands write logs to: a file, a folder or standard output, and what it may hold."""

from __future__ import annotations

import os
from pathlib import Path

from fsm.errors import BadColumns
from fsm.service.endings import format_of, packing_of

PROFILES = ("readable", "coded", "packed")
_LINES = {"webhook": "jsonl"}
"""What the ending of a file says that holds something else than columns or a log."""


def is_folder(output: str) -> bool:
    """Whether an output that is named on the command line is a folder for parts."""
    path = Path(output)
    if output == "-" or (path.exists() and not path.is_dir()):
        return False
    return path.is_dir() or output.endswith(("/", os.sep)) or not path.suffix


def check_folder(output: str) -> None:
    """
    Raises:
        BadColumns: an output that would become a folder is called like a file.
    """
    if format_of(output) and not output.endswith(("/", os.sep)) and not Path(output).is_dir():
        raise BadColumns(f"{output} is called like a file, and a folder would be made of that name. Name a folder.")


def format_for(output: str, asked: str | None, *, folder: bool) -> str:
    """
    What an output holds: what is asked for, or what its name says; JSON Lines on standard output, Parquet in folders.

    Raises:
        BadColumns: its name says something else than what is asked for, or nothing at all.
    """
    from fsm.columns.writing import kind_of

    if folder:
        check_folder(output)
    if not folder and asked is not None and format_of(output) not in ("", _LINES.get(asked, asked)):
        raise BadColumns(
            f"{output} ends like something else than --format {asked} writes. Rename it, or leave --format out."
        )
    if asked is not None:
        return asked
    return "parquet" if folder else "jsonl" if output == "-" else kind_of(output).format


def profile_for(output: str, format: str, asked: str | None) -> str:
    """
    How columns are laid out: as asked, or coded.

    Raises:
        BadColumns: a profile is asked for, and the output gets lines.
    """
    if asked is not None and format not in ("parquet", "ipc"):
        raise BadColumns(
            f"--profile {asked} is about the columns of Parquet and Arrow, and {'standard output' if output == '-' else output} "
            "gets lines. Leave it out, or write a folder or a file that ends in .parquet."
        )
    return asked or "coded"


def check_plain(output: str, format: str) -> None:
    """
    Raises:
        BadColumns: the output is a folder, or packed, which this format is never written as.
    """
    if output != "-" and (output.endswith(("/", os.sep)) or Path(output).is_dir()):
        raise BadColumns(f"--format {format} writes one file, a line each. Name a file that ends in .jsonl.")
    if packing_of(output):
        raise BadColumns(f"--format {format} is not packed while it is written. Name a file that ends in .jsonl.")
