"""The stream of Cucumber Messages inside the official HTML formatter: one page that works offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fsm.errors import FsmError
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.reports.messages import write_messages

PACKAGE: Final = "@cucumber/html-formatter"
"""Of the npm registry, MIT. Its script is as large as everything else in this kit, so it is not shipped but found."""

_PIECES: Final = {"icon": "src/icon.url", "css": "main.css", "script": "main.js"}
_PLACE: Final = re.compile(r"\{\{(\w+)\}\}")


class NoFormatter(FsmError):
    """The formatter is not installed where it is looked for."""


def find_formatter(start: Path) -> Path:
    """
    The folder of the formatter: in `node_modules` of a folder or of one above it, as Node finds packages.

    Raises:
        NoFormatter: it is in none of them.
    """
    for folder in (start, *start.parents):
        found = folder / "node_modules" / PACKAGE
        if (found / "dist" / "main.js").is_file():
            return found
    raise NoFormatter(
        f"no {PACKAGE} in node_modules of {start} or above. Run `npm install {PACKAGE}` there, or write the stream "
        "alone with --report run.ndjson. The page of this kit, --report run.html, needs neither."
    )


def write_cucumber_page(report: Report, formatter: Path, at: float = 0) -> str:
    """
    The page that the formatter shows, with the stream in it.

    Args:
        formatter: the folder of the package.
        at: when the run ended, in seconds since 1970.

    Raises:
        NoFormatter: the package is not made as expected.
    """
    dist = formatter / "dist"
    try:
        template = (dist / "src" / "index.mustache").read_text(encoding="utf-8")
        pieces = {name: (dist / path).read_text(encoding="utf-8") for name, path in _PIECES.items()}
    except OSError as bad:
        raise NoFormatter(
            f"{formatter} has no {Path(str(bad.filename)).name}: this kit knows the formatter as of version 24."
        ) from None
    # Inside a script element "<" could end it; inside JSON this spelling means the same.
    messages = ",".join(line.replace("<", "\\u003c") for line in write_messages(report, at).splitlines())
    filled = {**pieces, "title": "WhatsApp's conversation rules", "messages": messages}
    return "".join(_filled(template, filled))


def _filled(template: str, values: dict[str, str]) -> Iterator[str]:
    """The template with its places filled, once: what is put in is not looked at again."""
    end = 0
    for place in _PLACE.finditer(template):
        yield template[end : place.start()]
        yield values.get(place[1], "")
        end = place.end()
    yield template[end:]
