"""A world from a seed: crowded around a midnight that matters, in any time zone there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo, available_timezones

from fsm.rulebooks.timeline import editions
from tests.worlds.model import Item, World, first_second
from tests.worlds.people import NUMBERS, Person, contact, named

NOT_PLACES = ("Factory", "localtime", "posixrules")
ODD_MIDNIGHTS = (("America/Havana", date(2026, 11, 1)), ("America/Asuncion", date(2023, 10, 1)))
"""The first has its first hour twice, the second has none; both are the first day of a month."""

BUSINESSES = ("100000000000001", "100000000000002")
REGIONS = {"MX": "Mexico", "AR": "Argentina", "BR": "Brazil", "US": "North America", "IN": "India", "IT": "Italy"}
GROUP_ID = "Y2FwaV9ncm91cDoxMjAzNjMwMjI3NzE5NjMw"
HOUR, DAY = 3600, 86_400
PAUSES = (-2 * DAY, -DAY - 1, -DAY, 1 - DAY, -7200, -60, -2, -1, 0, 0, 1, 2, 60, 7200, DAY - 1, DAY, DAY + 1, 2 * DAY)
DELAYS = (0, 0, 1, 2, 60, 3600, DAY)
CLOCK_ERRORS = (-3600, -1, 1, 3 * DAY)
KINDS = (*["text"] * 6, "image", "button", "interactive", "reaction", "unsupported", "location")
CATEGORIES = ("marketing", "utility", "authentication", "service", "service", "service")


@lru_cache
def zones() -> tuple[str, ...]:
    """Every time zone of this machine that is one."""
    return tuple(sorted(name for name in available_timezones() if name not in NOT_PLACES))


def world(seed: int) -> World:
    """The world of that seed; of ten worlds one has its midnight twice and one has none."""
    random = Random(seed)
    if seed % 10 < len(ODD_MIDNIGHTS):
        zone, day = ODD_MIDNIGHTS[seed % 10]
    else:
        zone = zones()[seed % len(zones())]
        first_days = [date(year, month, 1) for year in range(2022, 2028) for month in range(3, 13)]
        day = random.choice((*first_days, *(book.since for book in editions()[1:])))
    midnight = first_second(day, ZoneInfo(zone))
    account: dict[str, object] = {"time_zone": zone}
    if random.random() < 0.7:
        account["allowances"] = {"free_left": random.choice((0, 1, 2, 3))}
    if random.random() < 0.1:
        account["sender"] = random.choice(("ai_provider", "government", "nonprofit"))
    odd = (zone, day) in ODD_MIDNIGHTS
    maker = _Maker(random, seed, (midnight, midnight + HOUR) if odd else (midnight,))
    items = tuple(maker.items(random.randint(4, 12)))
    if random.random() < 0.2:
        listed = random.choice(maker.people).spellings
        account["customers"] = {"in_experiment": [random.choice(listed)]}
    return World(seed=seed, account=account, day=day, midnight=midnight, items=items)


class _Maker:
    """Makes one world's items, act by act."""

    def __init__(self, random: Random, seed: int, midnights: tuple[int, ...]) -> None:
        self.random = random
        self.seed = seed
        self.midnights = midnights
        self.people = [Person(country=random.choice(list(NUMBERS)), serial=serial) for serial in range(1, 4)]
        self.businesses = random.choice((BUSINESSES[:1], BUSINESSES))
        self.acts = 0
        for person in self.people:
            person.scoped = random.random() < 0.5
            person.hidden = person.scoped and random.random() < 0.3

    def items(self, acts: int) -> Iterator[Item]:
        # Both sides of the midnight, seconds apart: what this world is about. Where the clocks show
        # midnight twice, or where it would have been, the same an hour later.
        for midnight in self.midnights:
            for second in (midnight - self.random.randint(1, 3), midnight + self.random.randint(0, 2)):
                yield from self._message(second, delays=(0,), fails=0.0, delivered=1.0)
        for _ in range(acts):
            at = self.midnights[0] + self.random.choice(PAUSES)
            draw = self.random.random()
            if draw < 0.4:
                yield from self._inbound(at)
            elif draw < 0.7:
                yield from self._message(at)
            elif draw < 0.78:
                yield from self._group_message(at)
            elif draw < 0.9:
                yield from self._change(at)
            else:
                yield from self._other(at)

    def _who(self) -> tuple[str, Person]:
        return self.random.choice(self.businesses), self.random.choice(self.people)

    def _id(self) -> str:
        self.acts += 1
        return f"wamid.{self.seed}.{self.acts}"

    def _inbound(self, at: int) -> Iterator[Item]:
        random = self.random
        business, person = self._who()
        kind = random.choice(KINDS)
        raw: dict[str, object] = {"id": self._id(), "timestamp": str(at), "type": kind}
        raw |= named(random, person, "from", "from_user_id", "from_parent_user_id")
        if random.random() < 0.15:
            raw["group_id"] = GROUP_ID
        elif random.random() < 0.25:
            raw["referral"] = {"source_type": random.choice(("ad", "post")), "source_id": "1"}
        yield self._element("messages", "messages", business, raw, person)
        if random.random() < 0.25:
            # The business wrote it down too, its own way, sometimes by a clock of its own.
            yield self._line(
                business, "customer_message", at, random.choice((0, 0, 1)), self._customer(raw, person), id=raw["id"]
            )

    def _message(
        self, at: int, delays: tuple[int, ...] = DELAYS, fails: float = 0.15, delivered: float = 0.85
    ) -> Iterator[Item]:
        random = self.random
        business, person = self._who()
        category = random.choice(CATEGORIES)
        about = {"id": self._id(), **_price(at, category)}
        if random.random() < 0.6:
            sent = {"id": about["id"], "content": "free_form" if category == "service" else "template"}
            if category != "service":
                sent["category"] = category if random.random() < 0.9 else "utility"
            yield self._line(business, "message_sent", at, 0, random.choice(person.spellings), **sent)
        names = [
            name
            for name, chance in (("sent", 0.6), ("delivered", delivered), ("read", 0.4), ("failed", fails))
            if random.random() < chance
        ]
        for name in names:
            when = at if name == "sent" else at + random.choice(delays)
            yield self._status(business, person, name, when, about)
            if random.random() < 0.08:
                # Twice, under two instants: kept as a conflict, whichever arrives first.
                yield self._status(business, person, name, when + random.choice(CLOCK_ERRORS), about)

    def _status(self, business: str, person: Person, name: str, at: int, about: Mapping[str, object]) -> Item:
        random = self.random
        raw: dict[str, object] = {**about, "status": name, "timestamp": str(max(at, 0))}
        if name == "failed":
            del raw["pricing"]
            raw |= {"errors": [{"code": random.choice((131026, 131049, 131047))}], "recipient_id": person.number}
            return self._element("messages", "statuses", business, raw, person, beside=0.0)
        raw |= named(random, person, "recipient_id", "recipient_user_id", "recipient_parent_user_id")
        return self._element("messages", "statuses", business, raw, person)

    def _group_message(self, at: int) -> Iterator[Item]:
        random = self.random
        business = random.choice(self.businesses)
        about = {
            "id": self._id(),
            **_price(at, "service"),
            "recipient_id": GROUP_ID,
            "recipient_type": "group",
        }
        if random.random() < 0.6:
            yield self._line(business, "message_sent", at, 0, GROUP_ID, id=about["id"], content="free_form")
        for person in self.people:
            for name in random.sample(("delivered", "read"), random.randint(0, 2)):
                raw = {**about, "status": name, "timestamp": str(at + random.choice(DELAYS))}
                raw |= named(
                    random,
                    person,
                    "recipient_participant_id",
                    "recipient_participant_user_id",
                    "recipient_participant_parent_user_id",
                )
                yield self._element("messages", "statuses", business, raw, person)

    def _change(self, at: int) -> Iterator[Item]:
        """A person is given a user id, hides the number, or moves to a new one; the old names come no more."""
        random = self.random
        person = random.choice(self.people)
        if not person.scoped:
            person.scoped = True
            yield from self._inbound(at)
            return
        if random.random() < 0.4:
            person.hidden = not person.hidden
            yield from self._inbound(at)
            return
        if person.change == 2:
            return
        old_number, old_id = person.number, person.user_id
        person.change += 1
        for business in self.businesses:
            number = {random.choice(("wa_id", "new_wa_id")): person.number, "type": "user_changed_number"}
            moved: dict[str, object] = {"id": self._id(), "timestamp": str(at), "type": "system"}
            told = {**moved, "from": old_number, "system": number}
            yield self._element("messages", "messages", business, told, person, beside=0.0)
            if random.random() < 0.8:
                ids = {"type": "user_changed_user_id", "user_id": person.user_id, "previous_user_id": old_id}
                renamed = {**moved, "id": self._id(), "system": ids}
                # It names no sender, and Meta's own example has no contact beside it.
                yield Item(field="messages", part="messages", business=business, raw=renamed, at=at)

    def _other(self, at: int) -> Iterator[Item]:
        random = self.random
        business, person = self._who()
        draw = random.random()
        if draw < 0.3:
            raw: dict[str, object] = {
                "value": random.choice(("stop", "resume")),
                "category": "marketing_messages",
                "timestamp": at,
                **named(random, person, "wa_id", "user_id", "parent_user_id"),
            }
            yield self._element("user_preferences", "user_preferences", business, raw, person)
        elif draw < 0.6:
            yield from self._call(at, business, person)
        elif draw < 0.8:
            name = random.choice(("opted_in", "opted_out"))
            yield self._line(business, name, at, 0, random.choice(person.spellings))
        else:
            # Meta says which volume tier the account has reached; several may say so of one switch.
            first = random.choice((0, 1, 25_001))
            tier = {
                "tier_update_time": at,
                "pricing_category": random.choice(("UTILITY", "AUTHENTICATION")),
                "tier": f"{first}:{first + 24_999}",
                "effective_month": datetime.fromtimestamp(at, UTC).strftime("%Y-%m"),
                "region": REGIONS[person.country],
            }
            update = {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": tier}
            yield Item(field="account_update", part="", business="", raw=update, at=at)

    def _call(self, at: int, business: str, person: Person) -> Iterator[Item]:
        random = self.random
        inward = random.random() < 0.7
        names = ("from", "from_user_id", "from_parent_user_id") if inward else ("to", "to_user_id", "to_parent_user_id")
        call = {
            "id": f"wacid.{self._id()}",
            "direction": "USER_INITIATED" if inward else "BUSINESS_INITIATED",
            **named(random, person, *names),
        }
        yield self._element("calls", "calls", business, {**call, "event": "connect", "timestamp": str(at)}, person)
        if random.random() < 0.7:
            seconds = random.choice((0, 1, 6, 7, 3600))
            ended = {"event": "terminate", "status": "COMPLETED", "timestamp": str(at + seconds), "duration": seconds}
            ended |= {"start_time": str(at), "end_time": str(at + seconds)}
            yield self._element("calls", "calls", business, {**call, **ended}, person)

    def _customer(self, raw: Mapping[str, object], person: Person) -> str:
        return str(raw["group_id"]) if "group_id" in raw else self.random.choice(person.spellings)

    def _element(
        self, field: str, part: str, business: str, raw: Mapping[str, object], person: Person, *, beside: float = 0.9
    ) -> Item:
        contacts = (contact(self.random, person),) if self.random.random() < beside else ()
        at = int(str(raw["timestamp"]))
        return Item(field=field, part=part, business=business, raw=raw, at=at, contacts=contacts, who=person.serial)

    def _line(self, business: str, name: str, at: int, clock: int, customer: str, **members: object) -> Item:
        raw = {"event": name, "at": at + clock, "business": business, "customer": customer, **members}
        return Item(field="", part="", business=business, raw=raw, at=at + clock)


def _price(at: int, category: str) -> dict[str, object]:
    """The evidence that a status of that day carries; near the day's edges it may be the other day's, as in life."""
    day = datetime.fromtimestamp(at, UTC).date()
    if day < date(2023, 6, 1):
        category = "user_initiated" if category == "service" else "business_initiated"
    if day < date(2025, 7, 1):
        pricing: dict[str, object] = {"billable": True, "pricing_model": "CBP", "category": category}
        conversation = {"id": f"c{at // DAY}", "origin": {"type": category}}
        return {"pricing": pricing, "conversation": conversation}
    kind = "free_customer_service" if category == "service" else "regular"
    pricing = {"billable": True, "pricing_model": "PMP", "category": category, "type": kind}
    if day >= date(2026, 6, 18) and category == "marketing":
        pricing["cost"] = {"amount": "0.0250", "currency": "USD"}
    return {"pricing": pricing}
