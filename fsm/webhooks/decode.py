"""One strict JSON decoder: a body either means one thing or is refused."""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from fsm.errors import BadBody

DEEPEST: Final = 64
"""Objects and lists may be nested this deep; Meta's own bodies stay below 15."""

LONGEST_NUMBER: Final = 400
"""A whole number may have this many digits: more than any number of Meta's, fewer than Python refuses by itself."""

# An unclosed string runs to the end of the text, so that the scan stays linear on any input.
_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def decode(body: bytes | bytearray | str, where: str = "") -> object:
    """
    The JSON value of a webhook body.

    Stricter than Python's own decoder: it refuses a key given twice in one object, `NaN`
    and the infinities (a number too large for a float becomes one), whole numbers of more
    than 400 digits, half a surrogate pair, and nesting deeper than 64.

    Raises:
        BadBody: the body is not UTF-8, is not JSON, or is one of the above.

    >>> decode(b'{"entry": []}')
    {'entry': []}
    """
    source = where or "webhook body"
    try:
        # Text goes through the same check as bytes: half a surrogate pair cannot be encoded.
        text = (body.encode("utf-8") if isinstance(body, str) else body).decode("utf-8")
    except UnicodeError:
        raise BadBody(
            source,
            "it is not UTF-8, so its text cannot be trusted. Pass the bytes of the request exactly as they arrived.",
        ) from None
    depth = _depth(text)
    if depth > DEEPEST:
        raise BadBody(
            source,
            f"objects and lists are nested {depth} deep; Meta's bodies stay far below {DEEPEST}. "
            "Check the signature: this did not come from Meta.",
        )
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_printable,
        )
        if "\\u" in text and _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise BadBody(
            source,
            "a string holds half a surrogate pair, which is no character. "
            "Pass the bytes as they arrived; do not cut texts before encoding them.",
        ) from None
    except ValueError as broken:
        if isinstance(broken, json.JSONDecodeError) and broken.msg == "Extra data":
            raise BadBody(
                source,
                f"something follows its end at character {broken.pos + 1}. Put each object on a line of its own.",
            ) from None
        raise BadBody(
            source, f"it is not JSON we can rely on: {broken}. Pass the bytes of the request exactly as they arrived."
        ) from None
    return value


def _depth(text: str) -> int:
    # Counted before decoding: Python's decoder answers deep nesting with a RecursionError.
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0
    depth = deepest = 0
    for match in _BRACKET.finditer(text):
        if match[0] in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in ("]", "}"):
            depth -= 1
    return deepest


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key[:60]!a} stands twice in one object, so it has two values")
            seen.add(key)
    return made


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number JSON knows")


def _printable(digits: str) -> int:
    # How long is too long for Python is a setting of the interpreter; what a body means must not be.
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"the number {digits[:20]}... of {len(digits)} digits is too large")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:60]} is too large")
    return number
