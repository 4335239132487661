"""A badge: what was asked and how much of it is as documented, never a bare percentage."""

from __future__ import annotations

from typing import Final

from fsm.diagrams.canvas import escaped, text_width
from fsm.harness.conform.outcomes import Report

_SIZE: Final = 11.0
_GOOD, _BAD, _NONE = "#2f7d32", "#b3261e", "#6b6b6b"


def badge_text(report: Report) -> tuple[str, str]:
    """
    Both halves of the badge: the suite with its rulebooks, and the result of every level claimed.

    A level says how many of its documented questions are answered as documented.
    """
    books = report.claims.rulebooks
    span = books[0] if len(books) == 1 else f"{books[0]} to {books[-1]}"
    told = []
    for level in report.claims.can_answer:
        counts = report.levels[level]
        passed, failed = counts.get("passed", 0), counts.get("failed", 0)
        if passed + failed:
            told.append(f"{level} {passed}/{passed + failed}")
    errored = report.counts["errored"]
    if errored:
        told.append(f"{errored} errored")
    return f"WhatsApp rules {report.suite}, {span}", ", ".join(told) or "nothing was asked"


def write_badge(report: Report) -> str:
    """The badge as SVG."""
    left, right = badge_text(report)
    colour = _GOOD if report.fine else _BAD if report.counts["passed"] or report.counts["failed"] else _NONE
    widths = [text_width(text, _SIZE) + 14 for text in (left, right)]
    whole = sum(widths)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole:.0f}" height="20" role="img" '
            f'aria-label="{escaped(f"{left}: {right}")}">',
            f"<title>{escaped(f'{left}: {right}')}</title>",
            f'<rect width="{whole:.0f}" height="20" rx="3" fill="#444"/>',
            f'<path d="M{widths[0]:.0f} 0h{widths[1] - 3:.0f}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{widths[1] - 3:.0f}z" '
            f'fill="{colour}"/>',
            f'<g fill="#fff" font-family="DejaVu Sans, Verdana, sans-serif" font-size="{_SIZE:.0f}">',
            f'<text x="7" y="14">{escaped(left)}</text>',
            f'<text x="{widths[0] + 7:.0f}" y="14">{escaped(right)}</text>',
            "</g>",
            "</svg>",
            "",
        )
    )
