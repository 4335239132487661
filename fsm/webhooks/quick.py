"""
The fast path: one small status in a body, which is most of what a business receives.

It takes the text apart at the list of statuses. What stands around it repeats from
body to body, so it is decoded strictly once and remembered; the status itself is
matched whole against Meta's own shape. Whatever fits neither is left to `read_body`,
which gives the same answer for what does fit: a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from fsm.errors import BadBody, UnreadableInstant
from fsm.events import Event, parse_instant
from fsm.webhooks.decode import decode
from fsm.webhooks.infer import implied_content, stated_entry_point_end, unknown_words
from fsm.webhooks.members import Odd
from fsm.webhooks.read import read_body
from fsm.webhooks.reading import Evidence
from fsm.webhooks.statuses import STATUS_OF, event_about

_REMEMBERED: Final = 4096
"""How many surroundings and prices are remembered; a log has a handful of each."""

_PATIENCE: Final = 200
"""So many new surroundings in a row, and no more are looked at."""

_ID: Final = r'"([!#-\[\]-~]+)"'
_FLAT: Final = r"\{[^{}\\]*\}"
_STATUS: Final = re.compile(
    rf'\{{"id": ?{_ID}, ?"status": ?"(sent|delivered|read)", ?"timestamp": ?"([0-9]{{1,10}})", ?'
    rf'"recipient_id": ?"([0-9]{{1,15}})"'
    rf'(?:, ?"conversation": ?(\{{[^{{}}\\]*(?:{_FLAT}[^{{}}\\]*)?\}}))?'
    rf'(?:, ?"pricing": ?({_FLAT}))?\}}'
)
_LIST: Final = '"statuses"'
_OPENS: Final = re.compile(r" ?: ?\[")


class Quick(NamedTuple):
    """What one small status says: what `read_body` says of the same body."""

    event: Event
    evidence: Evidence
    account: tuple[str, str] | None


class _Implied(NamedTuple):
    pricing: Mapping[str, object]
    content: str
    category: str | None
    plain: bool


class QuickReader:
    """
    Reads small statuses; it remembers what stands around them, so keep it for a whole log.

    >>> body = ('{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":'
    ...     '"whatsapp","metadata":{"display_phone_number":"15550100001","phone_number_id":"2"},"statuses":[{"id":"m",'
    ...     '"status":"sent","timestamp":"1785000000","recipient_id":"15550100099","pricing":{"category":"utility"}}]},'
    ...     '"field":"messages"}]}]}')
    >>> QuickReader().read(body).event.category
    'utility'
    """

    def __init__(self) -> None:
        self._around: dict[tuple[str, str], tuple[str, str] | None] = {}
        self._misses = 0
        self._prices: dict[str, _Implied | None] = {}

    def read(self, text: str) -> Quick | None:
        """What the body says, or None if it is not one small status: then `read_body` must read it."""
        place = text.find(_LIST)
        if place < 0:
            return None
        opens = _OPENS.match(text, place + len(_LIST))
        if opens is None:
            return None
        begins = opens.end()
        ends = text.find("]", begins)
        found = _STATUS.fullmatch(text, begins, ends) if ends > 0 else None
        if found is None:
            return None
        key = (text[:place], text[ends + 1 :])
        if key in self._around:
            around = self._around[key]
            self._misses = 0
        elif self._misses > _PATIENCE:
            # What stands around the statuses of this log never repeats: it holds the customer. The slow path is faster.
            return None
        else:
            around = self._surroundings(*key)
        if around is None:
            return None
        business, account = around
        id, status, seconds, recipient, conversation_text, pricing_text = found.groups()
        try:
            at = parse_instant(int(seconds))
        except UnreadableInstant:
            return None
        price = None
        if pricing_text is not None:
            price = self._prices[pricing_text] if pricing_text in self._prices else self._price(pricing_text)
            if price is None:
                return None
        conversation = None
        if conversation_text is not None:
            conversation = _object(conversation_text)
            if conversation is None:
                return None
        evidence = Evidence(
            business=business,
            customer=recipient,
            id=id,
            status=status,
            at=at,
            pricing=None if price is None else price.pricing,
            conversation=conversation,
            account=account,
        )
        event = self._event(evidence, price)
        return None if event is None else Quick(event, evidence, (business, account) if account else None)

    @staticmethod
    def _event(evidence: Evidence, price: _Implied | None) -> Event | None:
        name = STATUS_OF[evidence.status]
        ends_at = None
        if evidence.conversation is None and price is not None and price.plain:
            content, category = price.content, price.category
        elif evidence.conversation is None and price is None:
            if name == "message_sent":
                return None
            return event_about(evidence, name)
        else:
            if any(unknown_words(evidence)):
                return None
            try:
                ends_at = stated_entry_point_end(evidence)
            except Odd:
                return None
            implied = implied_content(evidence)
            if implied is None:
                return None
            content, category = implied
        return event_about(evidence, name, content=content, category=category, ends_at=ends_at, inferred=True)

    def _surroundings(self, before: str, behind: str) -> tuple[str, str] | None:
        """Business number and account of a body without its status; None if it holds anything besides."""
        found: tuple[str, str] | None = None
        self._misses += 1
        try:
            # The body with an unmistakable status in its place: it must say this one thing and nothing else.
            probe = '{"id":"probe","status":"read","timestamp":"1","recipient_id":"1"}'
            reading = read_body(f"{before}{_LIST}:[{probe}]{behind}")
        except BadBody:
            reading = None
        if reading is not None and len(reading.events) == 1 and len(reading.evidence) == 1:
            said = reading.evidence[0]
            extra = (reading.unknown, reading.notes, reading.aliases, reading.calls, reading.notices)
            if not any(extra) and said.id == "probe" and said.customer == "1" and said.via == "messages":
                found = (said.business, said.account)
        if len(self._around) >= _REMEMBERED:
            self._around.clear()
        self._around[before, behind] = found
        return found

    def _price(self, text: str) -> _Implied | None:
        pricing = _object(text)
        found: _Implied | None = None
        if pricing is not None:
            evidence = Evidence(business="", customer="", id="", status="delivered", at=0, pricing=pricing)
            implied = implied_content(evidence)
            if implied is not None and not any(unknown_words(evidence)):
                plain = stated_entry_point_end(evidence) is None
                found = _Implied(pricing, *implied, plain)
        if len(self._prices) >= _REMEMBERED:
            self._prices.clear()
        self._prices[text] = found
        return found


def _object(text: str) -> Mapping[str, object] | None:
    try:
        value = decode(text)
    except BadBody:
        return None
    return value if isinstance(value, Mapping) else None
