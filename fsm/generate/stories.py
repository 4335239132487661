"""Threads to events: stories into turns, turns into events, all at once for many threads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import attrs
import numpy as np

from fsm import terms
from fsm.columns.hashing import mixed, mixed_number
from fsm.columns.names import EVENT_WORDS
from fsm.generate import people
from fsm.generate.chance import Array, below, chosen, draw, happens, waited
from fsm.generate.law import refusal_codes, window_seconds
from fsm.generate.traffic import (
    AGAIN_MS,
    ANSWERS,
    ARRIVES_AFTER_MS,
    DAY,
    LATE_MS,
    MINUTE,
    MONTH,
    STATUSES,
    STORIES,
    STORIES_A_MONTH,
    TURNS,
    Traffic,
)

NONE: Final = -1
"""Stands for null in a column of codes."""

_STORY: Final = {name: place for place, name in enumerate(STORIES)}
_EVENT: Final = {word: code for code, word in enumerate(EVENT_WORDS["event"])}
CALLS: Final = ("customer_call", "call_accepted")
"""They bear the id of their call."""
_KIND: Final = {word: code for code, word in enumerate(EVENT_WORDS["kind"])}
_CONTENT: Final = {word: code for code, word in enumerate(EVENT_WORDS["content"])}
_CATEGORY: Final = {word: code for code, word in enumerate(EVENT_WORDS["category"])}

# Invented, like the waits of `fsm.generate.traffic`: weights and shares per million.
_KINDS: Final = {
    "text": 620,
    "media": 150,
    "interactive": 60,
    "button": 40,
    "reaction": 60,
    "location": 12,
    "contacts": 5,
    "order": 15,
    "edit": 14,
    "revoke": 10,
    "system": 4,
    "unsupported": 10,
}
_REPLIES: Final = (
    # Content, category, weight: what a business says in a chat.
    ("free_form", None, 800),
    ("template", "utility", 50),
    ("template", "marketing", 12),
    ("template", "authentication", 6),
    ("app", None, 45),
    ("business_agent", None, 40),
    ("reaction", None, 25),
    ("direct_send", "utility", 12),
    ("direct_send", "authentication", 5),
    ("direct_send", "marketing", 5),
)
_WAKE_UPS: Final = (("template", "utility", 6), ("template", "marketing", 3), ("template", "marketing_lite", 1))
"""What a careful business sends once it may no longer answer freely."""
_NOTICES: Final = (("template", "utility", 90), ("direct_send", "utility", 5), ("template", "marketing", 5))
_PASSWORDS: Final = (
    ("template", "authentication", 92),
    ("direct_send", "authentication", 5),
    ("template", terms.AUTHENTICATION_INTERNATIONAL, 3),
)
_PREFERENCES: Final = {
    "opted_in": 45,
    "opted_out": 15,
    "marketing_stopped": 25,
    "marketing_resumed": 5,
    "welcome_requested": 10,
}
_OPPOSITE: Final = {
    "opted_in": "opted_out",
    "opted_out": "opted_in",
    "marketing_stopped": "marketing_resumed",
    "marketing_resumed": "marketing_stopped",
    "welcome_requested": "opted_in",
}
_GOES_ON: Final = 180_000
_AT_THE_EDGE: Final = 4_000
_STAYS_CAREFUL: Final = 850_000
_LITE_CAMPAIGNS: Final = 150_000
_STOPS: Final = 90_000
_PAGE_BUTTON: Final = 180_000
_BUSINESS_CALLS: Final = 300_000
_NOT_APPROVED: Final = 9_000
_DELIVERED: Final = 960_000
_READ: Final = 720_000
_READ_ONLY: Final = 150_000
"""The chat is open on the phone: `read` comes and `delivered` does not."""
_PLAYED: Final = 60_000
_NO_CODE: Final = 250_000
_RETOLD: Final = 20_000
"""A repeated status that bears another second than the first: Meta's servers do not always agree."""
_DEVICES: Final = (60, 30, 4, 6)
_CAMPAIGNS_A_WEEK: Final = 2
_BLAST: Final = 30 * MINUTE

_SENT, _FAILED, _DELIVERED_SLOT, _READ_SLOT, _PLAYED_SLOT = range(5)
_SLOT_EVENTS: Final = ("message_sent", "message_failed", "message_delivered", "message_read", "message_played")
_AT_ONCE: Final = 1_000
"""Threads whose arrays stay in the processor's cache: twice as fast as ten thousand at once."""
_MOST_TURNS: Final = 2**20
"""Of one thread: its message ids are made of the thread's number and the turn's."""

_TURNS: Final = np.stack(list(TURNS.values()))
_WAITS: Final = np.stack(list(ANSWERS.values()))
_WAIT: Final = {name: row for row, name in enumerate(ANSWERS)}


@attrs.frozen(kw_only=True, eq=False)
class Made:
    """
    Events of some threads, as arrays of one length; -1 stands for null.

    Attributes:
        thread: the number of the thread; int64.
        business: the place of the business; int32.
        customer: the phone number; uint64.
        at, arrives_at: milliseconds since 1970 (UTC); int64.
        event, kind, entry, device, content, category, template_status: codes; int8.
        error: Meta's code; int32.
        message: the number of the message or call, unique in all traffic of a seed; uint64. What its
            turn is about: it means nothing where the event bears no id (`HAS_ID`).
        repeated: whether it is told a second time.
    """

    thread: Array
    business: Array
    customer: Array
    at: Array
    arrives_at: Array
    event: Array
    kind: Array
    entry: Array
    device: Array
    content: Array
    category: Array
    template_status: Array
    error: Array
    message: Array
    repeated: Array

    def __len__(self) -> int:
        return len(self.at)


def make(traffic: Traffic, first: int, last: int) -> Made:
    """
    The events of the threads from number `first` to before `last`, in the order in which they arrive.

    Events that arrive in the same millisecond stand in the order of their threads.

    >>> len(make(Traffic(threads=10), 0, 10)) > 10
    True
    """
    pieces = []
    for start in range(first, last, _AT_ONCE):
        threads = np.arange(start, min(start + _AT_ONCE, last), dtype=np.int64)
        pieces.append(_events(traffic, threads, *_turns(traffic, threads)))
    key = "arrives_at" if traffic.disorder else "at"
    order = np.argsort(np.concatenate([getattr(piece, key) for piece in pieces]), kind="stable")
    return Made(
        **{
            field.name: np.concatenate([getattr(piece, field.name) for piece in pieces])[order]
            for field in attrs.fields(Made)
        }
    )


@attrs.frozen(eq=False)
class _Turns:
    """Turns of stories, thread after thread. `place` is that of the thread among those being made."""

    place: Array
    ordinal: Array
    at: Array
    event: Array
    kind: Array
    entry: Array
    device: Array
    content: Array
    category: Array
    template_status: Array
    error: Array
    fails: Array


def _turns(traffic: Traffic, threads: Array) -> tuple[_Turns, Array, Array]:
    seed = traffic.seed
    country = people.countries(seed, threads)
    business = people.businesses(seed, threads, traffic.businesses)

    # --- stories: (thread, number), what kind, when it starts
    usual = waited(STORIES_A_MONTH, draw(seed, "activity", threads)) * traffic.days * traffic.activity
    rest = below(draw(seed, "rounding", threads), MONTH * 100)
    stories = np.maximum((usual + rest) // (MONTH * 100), 1)
    of = np.repeat(np.arange(len(threads)), stories)
    number = _within(stories)
    story = chosen(draw(seed, "story", threads[of], number), [traffic.mix.get(name, 0) for name in STORIES])
    starts_at = _starts(traffic, threads[of], number, story, business[of], country[of])

    # --- turns: (story, number), whose, when
    lengths = waited(_TURNS, draw(seed, "turns", threads[of], number), story)
    lengths = np.minimum(lengths, 1 + _MOST_TURNS // 4096)
    about = np.repeat(np.arange(len(of)), lengths)
    turn = _within(lengths)
    place = of[about]
    mine = threads[place]
    counts = np.bincount(place, minlength=len(threads))
    ordinal = _within(counts)
    first_turn = turn == 0
    kind_of_story = story[about]
    told = draw(seed, "turn", mine, ordinal)
    chat = (kind_of_story == _STORY["chat"]) | (kind_of_story == _STORY["ad"]) | (kind_of_story == _STORY["call"])
    campaign = kind_of_story == _STORY["campaign"]
    preference = kind_of_story == _STORY["preference"]
    changes = np.where(first_turn, False, ~happens(told, _GOES_ON, 0))
    changed = np.cumsum(changes)
    changed -= np.repeat(changed[np.cumsum(lengths) - lengths], lengths)
    by_customer = (chat & (changed % 2 == 0)) | (campaign & (changed % 2 == 1)) | preference

    step = np.where(
        preference,
        _WAIT["changes their mind"],
        np.where(
            kind_of_story == _STORY["notice"],
            _WAIT["next notice"],
            np.where(
                kind_of_story == _STORY["password"],
                _WAIT["password again"],
                np.where(
                    ~changes,
                    _WAIT["goes on"],
                    np.where(by_customer, _WAIT["customer answers"], _WAIT["business answers"]),
                ),
            ),
        ),
    )
    pause = waited(_WAITS, draw(seed, "pause", mine, ordinal), step)
    # Some answers come in the very second in which the window closes, or the one before or after: that is where
    # implementations differ.
    edge = happens(told, _AT_THE_EDGE, 1) & chat & ~by_customer & changes
    pause[edge] = window_seconds(traffic.first_day) - 1 + below(told[edge], 3)
    pause[first_turn] = 0
    passed = np.cumsum(pause)
    passed -= np.repeat(passed[np.cumsum(lengths) - lengths], lengths)
    at = starts_at[about] + passed

    told_by = _Telling(about, turn, kind_of_story, number[about], by_customer, told, business[place])
    return _said(traffic, mine, ordinal, place, at, told_by), country, business


@attrs.frozen(eq=False)
class _Telling:
    """What a turn says depends on: its story (which, the turn's place in it, its kind, its number in the thread) and who."""

    about: Array
    turn: Array
    story: Array
    number: Array
    by_customer: Array
    told: Array
    business: Array


def _starts(traffic: Traffic, thread: Array, number: Array, story: Array, business: Array, country: Array) -> Array:
    seed = traffic.seed
    since = int(datetime.combine(traffic.first_day, datetime.min.time(), UTC).timestamp())
    length = traffic.days * DAY
    own = (story == _STORY["campaign"]) | (story == _STORY["notice"])
    day = below(draw(seed, "day", thread, number), traffic.days)
    local = people.second_of_day(draw(seed, "hour", thread, number), own)
    inside = day * DAY + local - people.seconds_from_utc(country)

    which = _campaign(traffic, thread, number)
    # A campaign is the business's: all its customers get it within half an hour, by the clock of UTC.
    blast = below(draw(seed, "blast day", business, which), traffic.days) * DAY
    blast += people.second_of_day(draw(seed, "blast hour", business, which), np.ones(len(business), dtype=bool))
    blast += below(draw(seed, "blast", thread, number), _BLAST)
    inside = np.where(story == _STORY["campaign"], blast, inside)
    return since + inside % length


def _campaign(traffic: Traffic, thread: Array, number: Array) -> Array:
    campaigns = max(1, traffic.days * _CAMPAIGNS_A_WEEK // 7)
    return below(draw(traffic.seed, "which campaign", thread, number), campaigns)


def _said(traffic: Traffic, mine: Array, ordinal: Array, place: Array, at: Array, telling: _Telling) -> _Turns:
    about, turn, story, number = telling.about, telling.turn, telling.story, telling.number
    by_customer, told, business = telling.by_customer, telling.told, telling.business
    seed, on = traffic.seed, traffic.first_day
    count = len(at)
    what = draw(seed, "what", mine, ordinal)
    event = np.full(count, _EVENT["message_sent"], dtype=np.int8)
    event[by_customer] = _EVENT["customer_message"]
    first = turn == 0

    # --- what a customer does
    kind = np.full(count, NONE, dtype=np.int8)
    kinds = np.array([_KIND[word] for word in _KINDS], dtype=np.int8)[chosen(what, list(_KINDS.values()))]
    kind[by_customer] = kinds[by_customer]
    campaign = story == _STORY["campaign"]
    answers_campaign = by_customer & campaign
    kind[answers_campaign & happens(told, 500_000, 1)] = _KIND["button"]
    stops = answers_campaign & happens(told, _STOPS, 2)
    event[stops] = _EVENT["marketing_stopped"]
    calls = first & (story == _STORY["call"])
    business_calls = calls & happens(told, _BUSINESS_CALLS, 1)
    event[calls] = _EVENT["customer_call"]
    event[business_calls] = _EVENT["call_accepted"]
    preference = story == _STORY["preference"]
    if preference.any():
        words = list(_PREFERENCES)
        # The first turn of the story decides; every other one takes it back.
        begins = chosen(draw(seed, "preference", mine, number), list(_PREFERENCES.values()))
        codes = np.array([[_EVENT[word] for word in words], [_EVENT[_OPPOSITE[word]] for word in words]], dtype=np.int8)
        event[preference] = codes[turn[preference] % 2, begins[preference]]
    messages = event == _EVENT["customer_message"]
    kind[~messages] = NONE
    # `text` is what a missing kind means.
    kind[kind == _KIND["text"]] = NONE
    through = first & messages & (story == _STORY["ad"])
    entry = np.full(count, NONE, dtype=np.int8)
    entry[through] = happens(told, _PAGE_BUTTON, 1)[through]
    device = np.full(count, NONE, dtype=np.int8)
    devices = chosen(draw(seed, "device", mine), _DEVICES)
    # A log says it where it matters: of what came through an ad or a button.
    device[through] = np.where(devices == 0, NONE, devices)[through]
    kind[through] = NONE

    # --- what a business sends
    sent = event == _EVENT["message_sent"]
    content = np.full(count, NONE, dtype=np.int8)
    category = np.full(count, NONE, dtype=np.int8)
    since_customer = _since(at, messages, about)
    late = sent & (since_customer >= window_seconds(on))
    in_chat = sent & ~((turn == 0) & campaign) & (story != _STORY["notice"]) & (story != _STORY["password"])
    careful = late & happens(told, _STAYS_CAREFUL, 3)
    for where, table in (
        (in_chat, _REPLIES),
        (in_chat & careful, _WAKE_UPS),
        (sent & (story == _STORY["notice"]), _NOTICES),
        (sent & (story == _STORY["password"]), _PASSWORDS),
    ):
        _fill(content, category, where, table, what)
    blast = sent & first & campaign
    lite = happens(draw(seed, "lite", business, _campaign(traffic, mine, number)), _LITE_CAMPAIGNS)
    content[blast] = _CONTENT["template"]
    category[blast] = np.where(lite, _CATEGORY["marketing_lite"], _CATEGORY["marketing"])[blast]

    # --- and whether it fails
    odds = draw(seed, "fate", mine, ordinal)
    templates = content == _CONTENT["template"]
    template_status = np.full(count, NONE, dtype=np.int8)
    unusable = templates & happens(odds, _NOT_APPROVED, 0)
    template_status[unusable] = (1 + below(odds, len(EVENT_WORDS["template_status"]) - 1))[unusable]
    refused = in_chat & late & ~careful & ~templates
    fails = sent & (unusable | refused | happens(odds, traffic.failures, 1))
    error = np.full(count, NONE, dtype=np.int32)
    refusals = refusal_codes(on, "marketing_template")
    if refusals:
        error[fails] = np.array(refusals, dtype=np.int32)[below(what, len(refusals))][fails]
        error[fails & happens(odds, _NO_CODE, 2)] = NONE
    free = refusal_codes(on, "free_form")
    if free:
        error[refused] = free[0]
    return _Turns(place, ordinal, at, event, kind, entry, device, content, category, template_status, error, fails)


def _fill(content: Array, category: Array, where: Array, table: Any, bits: Array) -> None:
    picked = chosen(bits, [weight for _, _, weight in table])[where]
    content[where] = np.array([_CONTENT[word] for word, _, _ in table], dtype=np.int8)[picked]
    category[where] = np.array([NONE if word is None else _CATEGORY[word] for _, word, _ in table], dtype=np.int8)[
        picked
    ]


def _since(at: Array, messages: Array, about: Array) -> Array:
    """Seconds since the customer's last message of the same story; a very long time if there was none."""
    places = np.arange(len(at))
    last = np.maximum.accumulate(np.where(messages, places, -1))
    known = last >= 0
    known &= about[np.maximum(last, 0)] == about
    return np.where(known, at - at[np.maximum(last, 0)], 10_000 * DAY)


def _events(traffic: Traffic, threads: Array, turns: _Turns, country: Array, business: Array) -> Made:
    seed = traffic.seed
    sent = turns.event == _EVENT["message_sent"]
    bits = draw(seed, "statuses", threads[turns.place], turns.ordinal)
    reaches = sent & ~turns.fails & happens(bits, _DELIVERED, 0)
    read = reaches & happens(bits, _READ, 1)
    silent = read & happens(bits, _READ_ONLY, 2)
    played = read & (turns.content == _CONTENT["free_form"]) & happens(bits, _PLAYED, 3)
    mask = 1 + 2 * turns.fails.astype(np.int64) + 4 * (reaches & ~silent) + 8 * read + 16 * played
    counts = _COUNTS[mask]
    of = np.repeat(np.arange(len(mask)), counts)
    slot = _SLOTS[mask[of], _within(counts)]

    # How long each status takes, counted from the sending of its message.
    took = draw(seed, "took", threads[turns.place], turns.ordinal)
    delivered = waited(STATUSES["delivered"], took)
    reading = delivered + waited(STATUSES["read"], _turned(took, 16))
    playing = reading + waited(STATUSES["played"], _turned(took, 32))
    failing = waited(STATUSES["failed"], took)
    delays = np.stack([np.zeros(len(took), dtype=np.int64), failing, delivered, reading, playing])
    at = turns.at[of] + delays[slot, of]

    # When we hear of it, and whether again.
    mine = threads[turns.place[of]]
    heard = draw(seed, "heard", mine, turns.ordinal[of] * 8 + slot)
    own = sent[of] & (slot == _SENT)
    lag = waited(ARRIVES_AFTER_MS, heard)
    late = happens(heard, traffic.late, 0) & ~own
    if late.any():
        lag[late] = waited(LATE_MS, _turned(heard[late], 16))
    lag[own] = 0
    again = happens(heard, traffic.duplicates, 1)
    copies = 1 + again.astype(np.int64)
    row = np.repeat(np.arange(len(of)), copies)
    repeated = _within(copies) > 0
    arrives_at = at[row] * 1000 + lag[row]
    at = at[row]
    if repeated.any():
        more = heard[row[repeated]]
        arrives_at[repeated] += waited(AGAIN_MS, _turned(more, 24))
        statuses = (sent[of] & (slot != _SENT))[row[repeated]]
        at[repeated] += statuses & happens(more, _RETOLD, 0)

    of, slot = of[row], slot[row]
    place = turns.place[of]
    event = np.where(slot == _SENT, turns.event[of], _SLOT_CODES[slot]).astype(np.int8)
    record = slot == _SENT
    number = (threads[place].astype(np.uint64) << np.uint64(20)) + turns.ordinal[of].astype(np.uint64)
    return Made(
        thread=threads[place],
        business=business[place],
        customer=people.numbers(threads, country)[place],
        at=at * 1000,
        arrives_at=arrives_at,
        event=event,
        kind=turns.kind[of],
        entry=turns.entry[of],
        device=turns.device[of],
        content=np.where(record, turns.content[of], NONE).astype(np.int8),
        category=np.where(record, turns.category[of], NONE).astype(np.int8),
        template_status=np.where(record, turns.template_status[of], NONE).astype(np.int8),
        error=np.where(slot == _FAILED, turns.error[of], NONE).astype(np.int32),
        message=_named(seed, number),
        repeated=repeated,
    )


def _named(seed: int, number: Array) -> Array:
    # A permutation of 64 bits: other numbers, other names.
    return mixed(number + np.uint64(mixed_number(seed)))


def _within(lengths: Array) -> Array:
    """0, 1, 2, ... within each run of these lengths."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)


def _turned(bits: Array, by: int) -> Array:
    return (bits << np.uint64(by)) | (bits >> np.uint64(64 - by))


_COUNTS: Final = np.array([bin(mask).count("1") for mask in range(32)], dtype=np.int64)
_SLOTS: Final = np.array(
    [[*(slot for slot in range(5) if mask >> slot & 1), 0, 0, 0, 0, 0][:5] for mask in range(32)], dtype=np.int64
)
_SLOT_CODES: Final = np.array([_EVENT[word] for word in _SLOT_EVENTS], dtype=np.int8)
HAS_ID: Final = np.array([word in (*terms.NEEDS_ID, *CALLS) for word in EVENT_WORDS["event"]])
