"""Amounts of money: read, added and multiplied exactly, and written without exponents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow, Underflow
from typing import Final

from fsm.errors import BadAmount

_PLAIN: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
# A first group that is not zero: `0,123` is how half the world writes a fraction, and no grouped thousand.
_GROUPED: Final = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,9}(?:\.[0-9]{1,30})?", re.ASCII)

# Wide enough that no sum of rates is ever cut; were one cut all the same, it is an error and not a rounding.
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Underflow])


def parse_amount(text: str) -> Decimal:
    """
    Read an amount written with ASCII digits; thousands commas only where they group by three.

    Args:
        text: for example `0.0618`, `-12` or `1,940.13`.

    Raises:
        BadAmount: anything else: an exponent, NaN, an underscore, a sign alone, digits of another script.

    Source: rates as printed in Meta's downloads (IDR, COP and CLP carry thousands commas).

    >>> parse_amount("0.0618"), parse_amount("1,940.13")
    (Decimal('0.0618'), Decimal('1940.13'))
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    raise BadAmount(
        f"{text!r} is not an amount: read wrongly it would change a bill. "
        "Write ASCII digits with a decimal point, for example 0.0618 or 1,940.13."
    )


def _finite(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise BadAmount(f"{amount} is not an amount of money, so nothing can be worked out from it. Pass a number.")
    return amount


def total(amounts: Iterable[Decimal]) -> Decimal:
    """
    The exact sum; of nothing it is 0.

    Raises:
        BadAmount: one of them is no number, or the sum has more digits than can be kept.

    >>> total([Decimal("0.1"), Decimal("0.2")])
    Decimal('0.3')
    """
    result = Decimal(0)
    for amount in amounts:
        result = _exactly(_EXACT.add, result, _finite(amount))
    return result


def times(rate: Decimal, count: int) -> Decimal:
    """
    The exact price of so many messages at one rate.

    Raises:
        BadAmount: the rate is no number, or the product has more digits than can be kept.

    >>> times(Decimal("0.0618"), 1000)
    Decimal('61.8000')
    """
    return _exactly(_EXACT.multiply, _finite(rate), Decimal(count))


def _exactly(operation: object, left: Decimal, right: Decimal) -> Decimal:
    assert callable(operation)
    try:
        result: Decimal = operation(left, right)
    except DecimalException as inexact:
        raise BadAmount(
            f"{left} and {right} cannot be combined without rounding, and money is never rounded in silence. "
            "Check the amounts: real ones have far fewer digits."
        ) from inexact
    return result


def written(amount: Decimal) -> str:
    """
    The amount in plain notation, with the places it carries; zero has no sign.

    Raises:
        BadAmount: it is no number.

    >>> written(Decimal("1E-7")), written(Decimal("0.0860")), written(Decimal("-0.00"))
    ('0.0000001', '0.0860', '0.00')
    """
    return format(abs(amount) if not _finite(amount) else amount, "f")
