"""The shape of the law: rules with their sources, and the three tables that a rulebook is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, TypeVar

import attrs

from fsm.errors import UnknownRule

STAYS: Final = "stays"
"""Nothing changes: the state stays, a running clock keeps running."""
JOINS: Final = "joins"
"""Nothing changes either, but the message belongs to the conversation that is open here."""
RESTARTS: Final = "restarts"
"""The state stays and its clock starts again."""
EXTENDS: Final = "extends"
"""The state stays and its clock gets `adds` more, up to `at_most` since the opening."""

OWN_CATEGORY: Final = "the template's category"
"""As a rate line: the category the message carries at the time of use."""


@attrs.frozen(kw_only=True)
class Source:
    """
    A public text that was read.

    Attributes:
        key: short name, for example `M-CBP`.
        title: what it is; for a page of Meta's, its subject.
        url: where it stands.
        state: which state of the text was read.
        read_on: the day on which it was read.
    """

    key: str
    title: str
    url: str
    state: str
    read_on: date


@attrs.frozen(kw_only=True)
class Rule:
    """
    One documented rule.

    Attributes:
        id: stable, for example `CSW-01`; a scenario carries it as a tag.
        says: the rule in one plain sentence.
        sources: keys of the texts that say so.
        confidence: A Meta's own text; B two independent readers; C one third party or our inference;
            ? documented nowhere.
        reading: how we chose where the source is silent.
        knob: the policy knob that decides for callers who choose otherwise.
    """

    id: str
    says: str
    sources: tuple[str, ...]
    confidence: str
    reading: str = ""
    knob: str = ""


@attrs.frozen(kw_only=True)
class State:
    """
    A state of a lane.

    Attributes:
        open: whether a reader would call it open.
        lasts: how long its clock runs; None if it has no clock.
        then: the state it goes to when the clock runs out.
        counted_from: `event`, `sending` (of the message delivered) or `opening` (when the lane last became open).
        at_most: with `extends`, the longest it can last, counted from the opening.
        reported: the name under which opening and closing it is reported; empty if it is not.
        rule: the rule that sets the clock.
    """

    name: str
    open: bool = False
    lasts: timedelta | None = None
    then: str = ""
    counted_from: str = "event"
    at_most: timedelta | None = None
    reported: str = ""
    rule: str = ""


@attrs.frozen
class Row:
    """
    What an act does to a lane: one line of the law.

    Attributes:
        on: the acts it is about.
        source: the states it starts from.
        dest: the state it goes to, or `stays`, `joins`, `restarts`, `extends`.
        needs: facts that must be true.
        unless: facts that must be false.
        rule: the rule it writes down.
        adds: with `extends`, how much the clock gets.
    """

    on: tuple[str, ...]
    source: tuple[str, ...]
    dest: str
    rule: str
    needs: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    unless: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    adds: timedelta | None = attrs.field(default=None, kw_only=True)

    def holds(self, facts: frozenset[str]) -> bool:
        """Whether the facts are those that the row asks for."""
        return facts.issuperset(self.needs) and facts.isdisjoint(self.unless)


@attrs.frozen(kw_only=True)
class Lane:
    """
    One orthogonal fact about a thread, as a small state machine.

    The first state is the one a new thread starts in.

    Attributes:
        conversation: it is a billing conversation.
        about: the question it answers.
        runs_out: nothing opens it any more; it is what an earlier rulebook left behind.
    """

    name: str
    states: tuple[State, ...]
    rows: tuple[Row, ...]
    conversation: bool = False
    about: str = ""
    runs_out: bool = False

    def state(self, name: str) -> State:
        """The state of that name; KeyError if there is none."""
        return self._by_name[name]

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts that some row of this lane is about, in order of first mention."""
        return tuple(dict.fromkeys(act for row in self.rows for act in row.on))

    _by_name: Mapping[str, State] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {state.name: state for state in self.states})


@attrs.frozen
class Permission:
    """
    One line of a clause: whether these messages may be sent, given these facts.

    Attributes:
        messages: what would be sent.
        verdict: `allowed`, `refused` or `unspecified`.
        rules: the rules that say so.
        error: the code Meta would give for a refusal.
        knob: where unspecified, the knob that decides what a caller may assume.
        assume: where unspecified, what a caller may assume under the policy in force.
        way_out: what would change a refusal.
        advises_against: nothing refuses it, but the rules named speak against sending.
    """

    messages: tuple[str, ...]
    verdict: str
    rules: tuple[str, ...]
    needs: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    unless: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    error: int | None = attrs.field(default=None, kw_only=True)
    knob: str = attrs.field(default="", kw_only=True)
    assume: str = attrs.field(default="", kw_only=True)
    way_out: str = attrs.field(default="", kw_only=True)
    advises_against: bool = attrs.field(default=False, kw_only=True)

    def holds(self, facts: frozenset[str]) -> bool:
        """Whether the facts are those that the line asks for."""
        return facts.issuperset(self.needs) and facts.isdisjoint(self.unless)


@attrs.frozen(kw_only=True)
class Clause:
    """
    One question that a message must pass before it may be sent.

    A message must pass every clause that mentions it. The worst answer counts,
    and the first refusal gives the error: Meta documents no precedence, so the
    order of the clauses is ours.

    Attributes:
        place: where it stands in that order.
        asks: the question, for people.
    """

    name: str
    place: int
    asks: str
    rows: tuple[Permission, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages this clause is about."""
        return tuple(dict.fromkeys(message for row in self.rows for message in row.messages))


@attrs.frozen
class Charge:
    """
    What the delivery of these messages costs, given these facts.

    Attributes:
        messages: what was delivered.
        line: the rate line that is charged; None if nothing is.
        why: the reason, one of `terms.REASONS`; None where no rule says.
        rules: the rules that say so.
        uses_allowance: whether it consumes a unit of the free allowance.
        flag: a doubt to report with it.
        unspecified: the sources contradict each other, so the verdict on sending is `unspecified`.
    """

    messages: tuple[str, ...]
    line: str | None
    why: str | None
    rules: tuple[str, ...]
    needs: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    unless: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    uses_allowance: bool = attrs.field(default=False, kw_only=True)
    flag: str = attrs.field(default="", kw_only=True)
    unspecified: bool = attrs.field(default=False, kw_only=True)

    def holds(self, facts: frozenset[str]) -> bool:
        """Whether the facts are those that the line asks for."""
        return facts.issuperset(self.needs) and facts.isdisjoint(self.unless)


@attrs.frozen(kw_only=True)
class Allowance:
    """
    What is free each calendar month, counted in the account's time zone.

    Attributes:
        units: how many are free.
        unit: what one of them is.
        per: `account` or `business` (the phone number).
    """

    units: int
    unit: str
    per: str
    rule: str


@attrs.frozen(kw_only=True)
class Ladder:
    """
    Rate lines that get cheaper with volume, and how their volume counts.

    Attributes:
        name: what is counted; lines of one ladder share the count.
        lines: the rate lines.
        whole: what crosses into a tier has its rate as a whole; otherwise the rate of the tier in which it begins, which
            is that of a message, since a message is one unit.
        groups: whether messages to groups take part.
    """

    name: str
    lines: tuple[str, ...]
    rules: tuple[str, ...]
    whole: bool = False
    groups: bool = False


@attrs.frozen(kw_only=True)
class Calls:
    """
    What calls cost.

    Attributes:
        pulse: the unit of time that is charged, rounded up.
        rate_for: the length of time that the rate is for.
        free: who may call without a charge: `user_initiated`.
        line: the rate line.
        ladder: how volume counts.
    """

    pulse: timedelta
    rate_for: timedelta
    free: tuple[str, ...]
    line: str
    rules: tuple[str, ...]
    ladder: Ladder


@attrs.frozen(kw_only=True)
class Tariff:
    """
    How an amount follows from a charge.

    Attributes:
        charged: what one charge pays for: `notification`, `conversation` or `message`.
        ladders: the rate lines that get cheaper with volume.
        calls: what calls cost; None while there are none.
        same_rate: a rate line to the one whose rate it has where a card has no rate of its own for it.
    """

    charged: str
    ladders: tuple[Ladder, ...] = ()
    calls: Calls | None = None
    same_rate: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Label:
    """
    What Meta calls a delivery, in its webhooks and in its analytics; words in one spelling.

    Of several words for one thing the usual one comes first. No word at all means that no text tells.

    Attributes:
        of: what was delivered, as the charges name it; while conversations are charged, names of conversations.
        why: the reasons of the charge, of `terms.REASONS`.
        lines: the rate lines it is for; empty for any.
        group: it was delivered to a member of a group.
        means: what the label says about the delivery, in plain words.
        model, types, categories, subtype: members of the webhook's price; an empty type is an absent one.
        billable: what the webhook states beside it; None if no text tells.
        analytics_types, analytics_categories: of pricing and conversation analytics.
        directions: of conversation analytics.
        rules: the rules behind the reason.
        stated_by: the rules that say how webhooks call it.
        counted_by: the rules that say how analytics count it.
    """

    of: tuple[str, ...]
    why: tuple[str, ...]
    lines: tuple[str, ...] = ()
    group: bool = False
    means: str
    model: str = ""
    types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subtype: str = ""
    billable: bool | None = None
    analytics_types: tuple[str, ...] = ()
    analytics_categories: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    stated_by: tuple[str, ...] = ()
    counted_by: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Readings:
    """
    The lists that facts about an event are answered from.

    Attributes:
        opens_window: kinds of customer message that open the window.
        may_open_window: kinds of which no text says whether they do, and which are not taken to.
        undocumented_kinds: kinds of which no text says whether they do, however they are taken.
        entries, devices: through which entries, and on which devices, a message qualifies for a free entry point.
        answered_at: `delivery` or `sending`: the instant at which the business counts as having answered it.
        template_states: template state to the fact it makes true.
        ai_markets: countries (ISO 3166) where AI providers pay for every message.
        international_markets: countries (ISO 3166) that have an international authentication rate.
        billing_currencies: country of billing to the only currency that is still served.
        entry_point_end_from_webhook: the end of a free entry point that Meta's webhook states is taken over ours.
        forget_after: how long a message is remembered for its later statuses.
        limit_looks_back: over how long the messaging limit counts customers; None where no text says.
        without_marketing_limit: countries (ISO 3166) without a limit of marketing messages per customer.
    """

    opens_window: frozenset[str]
    may_open_window: frozenset[str]
    undocumented_kinds: frozenset[str]
    entries: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    answered_at: str = "delivery"
    template_states: Mapping[str, str] = attrs.field(factory=dict)
    ai_markets: frozenset[str] = frozenset()
    international_markets: frozenset[str] = frozenset()
    billing_currencies: Mapping[str, str] = attrs.field(factory=dict)
    entry_point_end_from_webhook: bool = True
    forget_after: timedelta
    limit_looks_back: timedelta | None = None
    without_marketing_limit: frozenset[str] = frozenset()

    def with_template_states(self, states: Mapping[str, str]) -> Readings:
        """These readings, knowing these template states."""
        return attrs.evolve(self, template_states=states)


@attrs.frozen(kw_only=True, eq=False)
class Rulebook:
    """
    The whole law on a date.

    Attributes:
        name: stable name; editions of one rulebook that differ by an amendment share it.
        since: the day it took effect, at local midnight of the account's time zone.
        title: what it is, for a heading.
        changed: what this edition changed, in one sentence.
        lanes, clauses, charges: the three tables.
        allowance: what is free each month; None if nothing, or everything, is.
        tariff: how an amount follows from a charge.
        labels: what Meta calls each kind of delivery.
        readings: the lists that facts about events are answered from.
        rules: every rule in force, by id.
        retired: rules, or whole families of them (`NBP`, `CBP1`), that an amendment has put out of force.
        attach: `free_form_attach` of the policy: what `joins` says when several conversations are open.
    """

    name: str
    since: date
    title: str
    changed: str
    lanes: tuple[Lane, ...]
    clauses: tuple[Clause, ...]
    charges: tuple[Charge, ...]
    readings: Readings
    rules: Mapping[str, Rule] = attrs.field(repr=False)
    allowance: Allowance | None = None
    tariff: Tariff
    labels: tuple[Label, ...] = attrs.field(default=(), repr=False)
    retired: frozenset[str] = frozenset()
    attach: str = "unspecified"

    @property
    def edition(self) -> str:
        """The name of this very edition, for example `cbp-2022-02 (2023-03-01)`."""
        return f"{self.name} ({self.since.isoformat()})"

    def lane(self, name: str) -> Lane:
        """The lane of that name; KeyError if this rulebook has none."""
        return next(lane for lane in self.lanes if lane.name == name)

    def rule(self, id: str) -> Rule:
        """
        The rule of that id.

        Raises:
            UnknownRule: no rule of this rulebook has it.
        """
        try:
            return self.rules[id]
        except KeyError:
            raise UnknownRule(f"no rule {id!r} is in force in {self.edition}. `fsm rules` lists them all.") from None

    def amended(
        self,
        since: date,
        changed: str,
        *,
        lanes: tuple[Lane, ...] = (),
        without: tuple[str, ...] = (),
        clauses: tuple[Clause, ...] = (),
        charges: tuple[Charge, ...] | None = None,
        rules: tuple[Rule, ...] = (),
        readings: Mapping[str, object] | None = None,
        name: str | None = None,
        title: str | None = None,
        allowance: Allowance | None = None,
        no_allowance: bool = False,
        tariff: Tariff | None = None,
        labels: tuple[Label, ...] | None = None,
        retires: tuple[str, ...] = (),
    ) -> Rulebook:
        """
        The law from `since` on: this one, with these lanes and clauses added or put in place of those of their name.

        Args:
            without: names of lanes that fall away.
            charges: the whole new table of charges; None keeps the old one.
            retires: rules, or families of them, that this one puts out of force.
        """
        kept = [lane for lane in self.lanes if lane.name not in without]
        return attrs.evolve(
            self,
            since=since,
            changed=changed,
            name=name or self.name,
            title=title or self.title,
            lanes=tuple(_merged(kept, lanes)),
            clauses=tuple(sorted(_merged(list(self.clauses), clauses), key=lambda clause: clause.place)),
            charges=self.charges if charges is None else charges,
            readings=attrs.evolve(self.readings, **(readings or {})),  # type: ignore[arg-type]
            rules={**self.rules, **{rule.id: rule for rule in rules}},
            retired=self.retired.union(retires),
            allowance=None if no_allowance else allowance or self.allowance,
            tariff=tariff or self.tariff,
            labels=self.labels if labels is None else labels,
        )


_Named = TypeVar("_Named", bound="Lane | Clause")


def _merged(old: list[_Named], new: tuple[_Named, ...]) -> list[_Named]:
    replaced = {item.name: item for item in new}
    kept = [replaced.pop(item.name, item) for item in old]
    return [*kept, *replaced.values()]
