"""A badge: what was asked and how much of it is as documented, never a bare percentage."""

from __future__ import annotations

from typing import Final

from fsm.diagrams.canvas import escaped, text_width
from fsm.harness.conform.outcomes import Report

_SIZE: Final = 11.0
_NAMED: Final = 2
"""How many levels are named; a badge has to fit into a line."""
_GOOD, _BAD, _NONE = "#2f7d32", "#b3261e", "#6b6b6b"


def badge_text(report: Report) -> tuple[str, str]:
    """
    Both halves of the badge: the suite with its rulebooks, and how much of what was claimed is as documented.

    Up to two levels are named, each with how many of its questions are answered as documented; more are counted.
    """
    books = report.claims.rulebooks
    span = books[0] if len(books) == 1 else f"{books[0]} to {books[-1]}"
    asked = {}
    for level in report.claims.can_answer:
        counts = report.levels[level]
        passed, failed = counts.get("passed", 0), counts.get("failed", 0)
        if passed + failed:
            asked[level] = (passed, passed + failed)
    if len(asked) <= _NAMED:
        told = [f"{level} {passed}/{every}" for level, (passed, every) in asked.items()]
    else:
        right = sum(passed == every for passed, every in asked.values())
        told = [f"{right} of {len(asked)} levels right"]
    told += [f"{report.counts[outcome]} {outcome}" for outcome in ("errored", "known gap") if report.counts[outcome]]
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
