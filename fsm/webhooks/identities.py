"""Which ids a body uses for one customer: told by its contacts, its items and its messages about changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fsm.webhooks.envelope import Item, Surroundings
from fsm.webhooks.members import PERSON, Odd, instant_of_seconds, names_of, typed_number, word
from fsm.webhooks.reading import Alias, Unread

# Meta has turned names around (`parent_recipient_user_id` became `recipient_parent_user_id`), and logs keep
# the old ones: every spelling that was ever read somewhere is accepted for ever.
SENDER: Final = ("from", "from_user_id", "from_parent_user_id", "parent_from_user_id")
ADDRESSEE: Final = ("to", "to_user_id", "to_parent_user_id", "parent_to_user_id")
RECIPIENT: Final = ("recipient_id", "recipient_user_id", "recipient_parent_user_id", "parent_recipient_user_id")
PARTICIPANT_PHONES: Final = ("recipient_participant_id", "participant_recipient_id")
PARTICIPANT_USERS: Final = ("recipient_participant_user_id", "participant_recipient_user_id")
PARTICIPANT: Final = (
    *PARTICIPANT_PHONES,
    *PARTICIPANT_USERS,
    "recipient_participant_parent_user_id",
    "participant_recipient_parent_user_id",
    "parent_recipient_participant_user_id",
)
_CHANGED: Final = (
    "customer",
    "wa_id",
    "new_wa_id",
    "previous_wa_id",
    "user_id",
    "previous_user_id",
    "parent_user_id",
    "previous_parent_user_id",
)
_CHANGES: Final = {
    "user_changed_number": "user_changed_number",
    # The word of the versions before 2022.
    "customer_changed_number": "user_changed_number",
    "user_changed_user_id": "user_changed_user_id",
}
_ROLES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "messages": ("sender", SENDER),
    "statuses": ("recipient", RECIPIENT),
    "message_echoes": ("recipient", ADDRESSEE),
    "user_preferences": ("preference", PERSON),
}
_ENDS: Final = {"user_initiated": SENDER, "business_initiated": ADDRESSEE}
_NAMING: Final = frozenset(
    {*SENDER[1:], *ADDRESSEE[1:], *PERSON[1:], *RECIPIENT[1:], *PARTICIPANT, "system", "message"}
)
"""Members beside the first name: without any of them, and without contacts, an item gives one name."""


def alias_ids(around: Surroundings, names: frozenset[str]) -> tuple[str, ...]:
    """
    The ids of an alias, in order; none if the names do not amount to one.

    The business's own number is not its customer's, whoever sent it.

    >>> around = Surroundings(where="value", field="messages", business="1", display="+1 555-010-0001")
    >>> alias_ids(around, frozenset({"15550100099", "US.1", "15550100001"}))
    ('15550100099', 'US.1')
    >>> alias_ids(around, frozenset({"15550100099", "15550100001"}))
    ()
    """
    if len(names) < 2 or not around.business:
        return ()
    own = around.display
    if isinstance(own, str):
        own = own if own.isdigit() else typed_number(own)
        if own in names:
            names -= {own}
    return tuple(sorted(names)) if len(names) > 1 else ()


def item_aliases(item: Item) -> tuple[Alias | Unread, ...]:
    """
    What one item says about who is who, together with the contacts of its own value.

    A group and its members are never linked, nor is the business's own number.

    >>> around = Surroundings(where="value", field="messages", business="1")
    >>> raw = {"from": "15550100099", "from_user_id": "US.1", "timestamp": "1685613600"}
    >>> item_aliases(Item(where="value.messages[0]", part="messages", around=around, raw=raw))[0].ids
    ('15550100099', 'US.1')
    """
    raw, around = item.raw, item.around
    if item.part == "errors" or (not around.people and item.part != "user_id_update" and _NAMING.isdisjoint(raw)):
        return ()
    if item.part == "user_id_update":
        why, (names, doubts) = "user_id_update", _updated(item)
    else:
        why, members = _role(item)
        sent = raw.get("message") if item.part == "message_echoes" else None
        if isinstance(sent, Mapping):
            # Another handler's echo holds the request as it was sent.
            group = word(sent.get("recipient_type")) == "group"
            names, doubts = names_of(sent, () if group else (*ADDRESSEE, "recipient"), f"{item.where}.message")
        else:
            names, doubts = names_of(raw, members, item.where)
        if item.part == "messages":
            change, changed, odd = _change(item)
            why, names, doubts = change or why, names | changed, doubts + odd
    # A contact says by itself which names are one person's. Joined to the names of an item beside it, it would make
    # the sayings depend on what Meta packed together; whoever joins them finds the name they share.
    told = [names, *(person for person in around.people if not names.isdisjoint(person))]
    found = dict.fromkeys(ids for each in told if (ids := alias_ids(around, each)))
    at = _instant(raw) if found else None
    return (*(Alias(business=around.business, ids=ids, at=at, why=why) for ids in found), *doubts)


def person_aliases(
    around: Surroundings, raw: Mapping[str, object], where: str, at: int | None
) -> tuple[Alias | Unread, ...]:
    """
    What a list of group members says about one of them.

    >>> around = Surroundings(where="value", field="group_participants_update", business="1")
    >>> person_aliases(around, {"input": "+1 (555) 010-0099", "wa_id": 15550100098}, "value", None)[0].ids
    ('15550100098', '15550100099')
    """
    names, doubts = names_of(raw, (*PERSON, "input"), where)
    ids = alias_ids(around, names)
    return (Alias(business=around.business, ids=ids, at=at, why="participant"), *doubts) if ids else doubts


def earlier(one: Alias, other: Alias) -> Alias:
    """
    The same saying twice, with the earlier of its instants: the same one in whatever order they come.

    >>> earlier(Alias(business="1", ids=("2", "3")), Alias(business="1", ids=("2", "3"), at=7)).at
    7
    """
    return min(one, other, key=lambda alias: (alias.at is None, alias.at or 0, alias.why))


def _role(item: Item) -> tuple[str, tuple[str, ...]]:
    raw = item.raw
    if item.part == "calls":
        return "caller", _ENDS.get(word(raw.get("direction")) or "", ())
    why, members = _ROLES[item.part]
    if item.part == "statuses" and (
        raw.get("group_id") is not None
        or word(raw.get("recipient_type")) == "group"
        or not raw.keys().isdisjoint(PARTICIPANT)
    ):
        # `recipient_id` is the group here.
        return "participant", PARTICIPANT
    if item.part == "message_echoes" and word(raw.get("recipient_type")) == "group":
        return why, ()
    return why, members


def _change(item: Item) -> tuple[str, frozenset[str], tuple[Unread, ...]]:
    system = item.raw.get("system")
    if not isinstance(system, Mapping):
        return "", frozenset(), ()
    why = _CHANGES.get(word(system.get("type")) or "", "")
    if not why:
        return "", frozenset(), ()
    return why, *names_of(system, _CHANGED, f"{item.where}.system")


def _updated(item: Item) -> tuple[frozenset[str], tuple[Unread, ...]]:
    names, doubts = names_of(item.raw, ("wa_id",), item.where)
    for member in ("user_id", "parent_user_id"):
        told = item.raw.get(member)
        if isinstance(told, Mapping):
            more, odd = names_of(told, ("previous", "current"), f"{item.where}.{member}")
        else:
            more, odd = names_of(item.raw, (member,), item.where)
        names, doubts = names | more, doubts + odd
    return names, doubts


def _instant(raw: Mapping[str, object]) -> int | None:
    try:
        return instant_of_seconds(raw.get("timestamp"))
    except Odd:
        # The item itself is kept as unknown then, with the reason.
        return None
