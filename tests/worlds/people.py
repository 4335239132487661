"""The customers of a world: numbers in many spellings, user ids, and the changes of both."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import attrs

NUMBERS = {
    "MX": ("5215550{:06}", "525550{:06}", "whatsapp:+52 1 5550 {:06}"),
    "AR": ("54911200{:05}", "5411200{:05}", "+54 11 200{:05}"),
    "BR": ("5531900{:06}", "55319900{:06}", "+55 (31) 9900{:06}"),
    "US": ("1212555{:04}", "+1 212-555{:04}", "whatsapp:+1212555{:04}"),
    "IN": ("9198765{:05}", "+91 98765{:05}", "whatsapp:+9198765{:05}"),
    "IT": ("3933312{:05}", "+39 333 12{:05}", "whatsapp:+3933312{:05}"),
}
"""By country: the spelling of `wa_id` first, then those of other people's books."""


@attrs.define(kw_only=True)
class Person:
    """
    A customer, as far as the world's making has come.

    Attributes:
        country: ISO 3166; begins every user id.
        serial: tells people apart.
        change: how many times the number changed.
        scoped: the business-scoped id is known to webhooks by now.
        hidden: the number is not in webhooks any more.
    """

    country: str
    serial: int
    change: int = 0
    scoped: bool = False
    hidden: bool = False

    @property
    def number(self) -> str:
        """The phone number as `wa_id` spells it."""
        return self.spellings[0]

    @property
    def spellings(self) -> tuple[str, ...]:
        """The phone number in every spelling that others use."""
        # Numbers of one world differ in their last digits: by person and by change.
        return tuple(spelling.format(self.serial * 10 + self.change) for spelling in NUMBERS[self.country])

    @property
    def user_id(self) -> str:
        """The business-scoped id; a new number brings a new one."""
        return f"{self.country}.{1_000_000 + self.serial * 10 + self.change}"

    @property
    def parent_id(self) -> str:
        """The id in the business's portfolio of portfolios; it outlives the number."""
        return f"{self.country}.ENT.{2_000_000 + self.serial}"


def named(random: Random, person: Person, phone: str, user: str, parent: str) -> dict[str, object]:
    """The members by which a webhook's element names a person, under the element's own names for them."""
    if not person.scoped:
        return {phone: person.number}
    if person.hidden:
        return {user: person.user_id}
    names: dict[str, object] = {phone: person.number, user: person.user_id}
    if random.random() < 0.3:
        names[parent] = person.parent_id
    return names


def contact(random: Random, person: Person) -> Mapping[str, object]:
    """The contact that stands beside an element; a `sent` has been seen without a profile."""
    about: dict[str, object] = {} if random.random() < 0.3 else {"profile": {"name": f"Customer {person.serial}"}}
    if not (person.scoped and person.hidden):
        about["wa_id"] = person.number
    if person.scoped:
        about["user_id"] = person.user_id
        if random.random() < 0.3:
            about["parent_user_id"] = person.parent_id
    return about
