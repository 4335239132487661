"""One picture of a comparison: what each rulebook costs, and how the first total becomes the last."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import Final

import attrs

from fsm.diagrams.canvas import FAINT, INK, MUTED, Box, Canvas, Picture, text_width, wrapped
from fsm.rates import total, written
from fsm.whatif.sides import NOTHING
from fsm.whatif.values import Comparison, Priced, Step, Total

WIDTH: Final = 1040
_EDGE: Final = 32
_LABELS: Final = 320
"""Width of the column of names."""
_AMOUNTS: Final = 190
"""Width of the column of amounts, on the right."""
_LEFT: Final = _EDGE + _LABELS + 20
_RIGHT: Final = WIDTH - _EDGE - _AMOUNTS - 14
_LINE: Final = 15
_ONE_SIDED: Final = "Amounts known on one side only"
"""Neither more nor less: it has no colour of its own."""
_MOST_CAUSES: Final = 8
_LONGEST_LABEL: Final = 3

# Told apart without colour vision too: lightness differs from neighbour to neighbour.
_COLOURS: Final = {
    "marketing": "#1d4e89",
    "utility": "#f2a541",
    "service": "#2a9d8f",
    "authentication": "#8d6a9f",
    "authentication international": "#c9a7d6",
    "marketing lite": "#7aa6d6",
    "user initiated": "#57a773",
    "business initiated": "#9b2226",
    "notification": "#6b705c",
    "general purpose ai": "#d4a373",
    "mba tokens": "#e76f51",
    "calling": "#264653",
}
_OTHER_COLOUR: Final = "#adb5bd"
_MORE: Final = "#b23a48"
_LESS: Final = "#2a7f62"
_TOTAL: Final = "#495867"


def comparison_picture(comparison: Comparison) -> Picture:
    """
    What each rulebook costs, line by line, and what turns the first total into the last.

    The same comparison gives the same bytes everywhere. Amounts are exact unless they carry a sign of approximation.

    >>> from fsm.whatif.compare import compare
    >>> two = compare([("nbp", ()), ("pmp-2026-10", ())], currency="USD", sentences={})
    >>> comparison_picture(two).clashes()
    ()
    """
    canvas = Canvas()
    step = comparison.steps[-1]
    first, last = comparison.rulebooks[0], comparison.rulebooks[-1]
    y = _heading(canvas, f"The same traffic under {len(comparison.rulebooks)} rulebooks", 22, 40)
    y = _paragraph(canvas, _subtitle(comparison, step, first, last), y + 4)
    if not any(priced.total.deliveries for priced in comparison.rulebooks):
        y = _paragraph(canvas, "Nothing was delivered and nobody was called, so there is nothing to compare.", y + 12)
        return canvas.finished(WIDTH, y + _EDGE, "What if", "Nothing to compare.")
    y = _bars(canvas, comparison, y + 20)
    y = _waterfall(canvas, comparison, step, first, last, y + 30)
    y = _paragraph(canvas, _footnote(comparison, step), y + 16)
    described = "; ".join(
        f"{priced.name}: {_words(priced.total, comparison.currency)}" for priced in comparison.rulebooks
    )
    return canvas.finished(WIDTH, y + _EDGE - _LINE, f"What if: {first.name} to {last.name}", described)


def _subtitle(comparison: Comparison, step: Step, first: Priced, last: Priced) -> str:
    difference = "Difference of what is known" if step.unknown else "Difference"
    one_sided = "" if step.one_sided == NOTHING else f", {_signed(step.one_sided)} known on one side only"
    return (
        f"{first.name}: {_words(first.total, comparison.currency)}. "
        f"{last.name}: {_words(last.total, comparison.currency)}. "
        f"{difference} {_signed(step.difference)}: "
        f"{_signed(step.rules)} by rules, {_signed(step.rates)} by rates{one_sided}."
    )


def _words(total: Total, currency: str) -> str:
    if not total.unknown:
        return f"{short(total.amount)} {currency}"
    known = "" if total.amount == NOTHING else f"{short(total.amount)} {currency} plus "
    return f"{known}{total.unknown:,} without a known amount"


def _known(total: Total) -> str:
    return "not known" if total.unknown and total.amount == NOTHING else short(total.amount)


def _footnote(comparison: Comparison, step: Step) -> str:
    said = "Bars of rules: the whole amount of what became charged or free, or is charged by another line. Rates: the same "
    said += "line at another rate, volume tier or market."
    if step.unknown:
        said += f" Deliveries without a known amount on one side or both: {step.unknown:,}. No bar of rules or rates has them."
    approximate = [*(p.total.amount for p in comparison.rulebooks), *(cause.difference for cause in step.causes)]
    if any(short(amount).startswith("≈") for amount in approximate):
        said += " Amounts after ≈ are shortened."
    return said


# --- what each rulebook costs -------------------------------------------------
def _bars(canvas: Canvas, comparison: Comparison, y: float) -> float:
    y = _heading(canvas, f"What each rulebook costs, in {comparison.currency}", 15, y)
    most = max(max(priced.total.amount, NOTHING) for priced in comparison.rulebooks)
    for place, priced in enumerate(comparison.rulebooks):
        y += 14
        parts = [
            (split.name, split.totals[place].amount, split.totals[place].charged, split.totals[place].unknown)
            for split in comparison.splits["line"]
            if split.totals[place].charged
        ]
        parts.sort(key=lambda part: (part[1].copy_negate(), part[0]))
        names = _lines(priced.name, _LABELS, 14, bold=True)
        for number, line in enumerate(names):
            canvas.text(_EDGE, y + 17 + number * 17, line, size=14, bold=True)
        left = float(_LEFT)
        for name, amount, _, _ in parts:
            width = _share(amount, most) * (_RIGHT - _LEFT)
            if width > 0:
                canvas.rect(Box(left, y, left + width, y + 24), fill=_COLOURS.get(name, _OTHER_COLOUR))
            left += width
        canvas.line(((_LEFT, y - 3), (_LEFT, y + 27)), stroke=FAINT, thick=1)
        canvas.text(WIDTH - _EDGE, y + 17, _known(priced.total), size=14, anchor="end", bold=True)
        y = max(_legend(canvas, parts, y + 42), y + 17 * len(names) + 8)
        if priced.total.unknown:
            canvas.text(
                _LEFT,
                y + 3,
                f"{'plus ' if priced.total.amount else ''}{priced.total.unknown:,} without a known amount",
                size=11,
                italic=True,
                fill=_MORE,
            )
            y += _LINE
    return y


def _legend(canvas: Canvas, parts: Sequence[tuple[str, Decimal, int, int]], y: float) -> float:
    """Under a bar: every line with its colour, count and amount, in as many rows as they need."""
    if not parts:
        canvas.text(_LEFT, y, "nothing charged", size=11, fill=MUTED)
        return y + _LINE
    x = float(_LEFT)
    for name, amount, count, unknown in parts:
        known = short(amount) if unknown < count or amount != NOTHING else "amount unknown"
        text = f"{name} {known} ({count:,})"
        text = _cut_to(text, WIDTH - _EDGE - _LEFT - 16, 11)
        width = 14 + text_width(text, 11) + 18
        if x > _LEFT and x + width - 18 > WIDTH - _EDGE:
            x, y = float(_LEFT), y + _LINE
        canvas.rect(Box(x, y - 8, x + 9, y + 1), fill=_COLOURS.get(name, _OTHER_COLOUR))
        canvas.text(x + 14, y, text, size=11, fill=MUTED)
        x += width
    return y + _LINE


# --- from the first total to the last -------------------------------------------
@attrs.frozen
class _Bar:
    name: str
    starts: Decimal
    ends: Decimal
    fill: str
    said: str = ""

    @property
    def is_total(self) -> bool:
        """Whether it starts at nothing; the others start where the one before ends."""
        return self.said != ""


def _waterfall(canvas: Canvas, comparison: Comparison, step: Step, first: Priced, last: Priced, y: float) -> float:
    y = _heading(canvas, f"From {first.name} to {last.name}, by cause, in {comparison.currency}", 15, y)
    bars = _waterfall_bars(step, first, last)
    low = min([NOTHING, *(min(bar.starts, bar.ends) for bar in bars)])
    high = max([NOTHING, *(max(bar.starts, bar.ends) for bar in bars)])
    span = total((high, low.copy_negate()))

    def across(amount: Decimal) -> float:
        return _LEFT + _share(total((amount, low.copy_negate())), span) * (_RIGHT - _LEFT)

    top = y + 8
    spots: list[tuple[_Bar, float, float]] = []
    for bar in bars:
        y += 12
        lines = _lines(bar.name, _LABELS, 12, bold=bar.is_total)
        for number, line in enumerate(lines):
            canvas.text(_EDGE, y + 12 + number * _LINE, line, size=12, bold=bar.is_total)
        height = max(18, _LINE * len(lines))
        spots.append((bar, y, y + height))
        y += height
    for (bar, _, bottom), (_, following, _) in pairwise(spots):
        canvas.line(((across(bar.ends), bottom - 1), (across(bar.ends), following + 1)), stroke=FAINT, thick=1)
    canvas.line(((across(NOTHING), top), (across(NOTHING), y + 6)), stroke=INK, thick=1)
    for bar, upper, lower in spots:
        left, right = sorted((across(bar.starts), across(bar.ends)))
        change = bar.ends if bar.is_total else total((bar.ends, bar.starts.copy_negate()))
        if change != NOTHING:
            # What is too little to be seen is still there.
            canvas.rect(Box(left, upper, max(right, left + 1.5), lower), fill=bar.fill)
        else:
            canvas.line(((left, upper - 1), (left, lower + 1)), stroke=FAINT, thick=1)
        canvas.text(
            WIDTH - _EDGE,
            (upper + lower) / 2 + 4,
            bar.said or _signed(change),
            size=12,
            anchor="end",
            bold=bar.is_total,
            fill=INK if bar.is_total else bar.fill,
        )
    return y + 6


def _waterfall_bars(step: Step, first: Priced, last: Priced) -> list[_Bar]:
    causes = [cause for cause in step.causes if cause.difference != NOTHING]
    shown, rest = causes[:_MOST_CAUSES], causes[_MOST_CAUSES:]
    parts = [(_cause_words(cause.rules, cause.says), cause.difference) for cause in shown]
    if rest:
        parts.append((f"{len(rest)} further sets of rules", total(cause.difference for cause in rest)))
    # Always there, also at nothing: that rates had no part in it is an answer too.
    parts.append(("Rates, volume tiers and markets", step.rates))
    if step.one_sided != NOTHING:
        parts.append((_ONE_SIDED, step.one_sided))
    bars = [_Bar(first.name, NOTHING, first.total.amount, _TOTAL, _known(first.total))]
    at = first.total.amount
    for name, difference in parts:
        after = total((at, difference))
        fill = MUTED if name == _ONE_SIDED or difference == NOTHING else _MORE if difference > NOTHING else _LESS
        bars.append(_Bar(name, at, after, fill))
        at = after
    return [*bars, _Bar(last.name, NOTHING, last.total.amount, _TOTAL, _known(last.total))]


def _cause_words(rules: Sequence[str], says: Sequence[str]) -> str:
    said = next((sentence for sentence in says if sentence), "")
    return f"{', '.join(rules)}: {said}" if said else ", ".join(rules) or "no rule is named"


# --- texts and numbers --------------------------------------------------------
def _heading(canvas: Canvas, text: str, size: float, y: float) -> float:
    for line in wrapped(text, size, WIDTH - 2 * _EDGE, bold=True):
        canvas.text(_EDGE, y, line, size=size, bold=True)
        y += size * 1.3
    return y


def _paragraph(canvas: Canvas, text: str, y: float) -> float:
    for line in wrapped(text, 12, WIDTH - 2 * _EDGE):
        canvas.text(_EDGE, y, line, size=12, fill=MUTED)
        y += _LINE
    return y


def _lines(text: str, width: float, size: float, *, bold: bool = False) -> Sequence[str]:
    """The text in a few lines; what is left over is cut."""
    lines = list(wrapped(text, size, width, bold=bold))
    if len(lines) > _LONGEST_LABEL:
        lines = [*lines[: _LONGEST_LABEL - 1], _cut_to(f"{lines[_LONGEST_LABEL - 1]} …", width, size, bold=bold)]
    return lines


def _cut_to(text: str, width: float, size: float, *, bold: bool = False) -> str:
    if text_width(text, size, bold=bold) <= width:
        return text
    while len(text) > 1 and text_width(f"{text}…", size, bold=bold) > width:
        text = text[:-1].rstrip(" …")
    return f"{text}…"


def _share(amount: Decimal, of: Decimal) -> float:
    """How much of the whole it is, from 0 to 1: for places on the sheet, never for money."""
    return float(_ROUGH.divide(max(amount, NOTHING), of)) if of > NOTHING else 0.0


_ROUGH: Final = Context(prec=9, rounding=ROUND_HALF_EVEN)
_LONGEST: Final = 18


def short(amount: Decimal) -> str:
    """
    An amount as a picture has room for it: exact if it is not too long, otherwise marked as shortened.

    >>> short(Decimal("1234.5600")), short(Decimal("-0.000")), short(Decimal("123456789012.345678"))
    ('1,234.56', '0', '≈ 123,456,789,012')
    >>> short(Decimal(10) ** 40)
    '≈ 1.0000E+40'
    """
    plain = written(amount)
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    grouped = f"{Decimal(plain):,f}"
    if len(grouped) <= _LONGEST:
        return grouped
    whole = plain.split(".")[0].lstrip("-")
    places = max(0, 11 - len(whole))
    shortened = f"{amount:,.{places}f}"
    if len(whole) > 12 or Decimal(shortened.replace(",", "")) == NOTHING:
        return f"≈ {amount:.4E}"
    return f"≈ {shortened}"


def _signed(amount: Decimal) -> str:
    said = short(amount)
    if amount <= NOTHING:
        return said
    return said.replace("≈ ", "≈ +") if said.startswith("≈") else f"+{said}"
