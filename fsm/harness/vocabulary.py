"""
The closed vocabulary of the scenarios: every phrase, in both languages, and what it does.

A phrase means one thing in each language, and no two phrases fit the same words; the
linter holds the features to that. `features/README.md` lists them for readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Final

import attrs

from fsm.errors import FsmError
from fsm.harness.world import World


class UnknownStep(FsmError):
    """A step that fits no phrase of the vocabulary, or more than one."""


_SLOTS: Final = {
    "en": {
        "who": "Ana|Luis",
        "business": "the bakery|the florist",
        "date": r"\d{4}-\d{2}-\d{2}",
        "time": r"\d{2}:\d{2}(?::\d{2})?",
        "length": r"\d+ \w+(?: \d+ \w+)*",
        "message": r"an? [^,]+?",
        "kind": r"an? (?:text|button reply|list reply|picture|order|location|contact"
        r"|reaction|edit|deletion|system notice|unsupported message)",
        "text": ".+",
        "count": r"\d+|no",
        "entry": "an ad|a Facebook Page button",
        "device": "an Android phone|an iPhone|a desktop computer|a web browser",
        "status": "[A-Z_]+",
        "state": "open|closed",
        "ends": r"\d{4}-\d{2}-\d{2} at \d{2}:\d{2}",
        "rate": r"\d+\.\d+|n/a",
        "amount": r"\d+(?:\.\d+)?",
        "number": r"[1-9]\d*",
        "prefix": r"\+[1-9]\d*",
        "party": "Ana|Luis|the bakery|the florist",
        "members": "Ana|Luis|Ana and Luis",
    },
    "es": {
        "who": "Ana|Luis",
        "business": "la panadería|la floristería",
        "date": r"\d{4}-\d{2}-\d{2}",
        "time": r"\d{2}:\d{2}(?::\d{2})?",
        "length": r"\d+ \w+(?: \d+ \w+)*",
        "message": r"una? [^,]+?",
        "kind": "un texto|una foto",
        "text": ".+",
        "count": r"\d+|ninguna",
        "entry": "un anuncio|un botón de página de Facebook",
        "state": "abierta|cerrada",
    },
}
LANGUAGES: Final = tuple(_SLOTS)
_SLOT: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


@attrs.frozen(kw_only=True)
class Phrase:
    """
    One phrase of the vocabulary.

    Attributes:
        part: `given`, `when` or `then`: where readers will look for it. Acts may also stand under Given.
        means: what it does, in one sentence.
        en, es: the phrase in each language, with its slots in braces; Spanish only where the twins need it.
        does: what it does to a world.
    """

    part: str
    means: str
    en: str
    es: str = ""
    does: Callable[..., None]

    @cached_property
    def patterns(self) -> Mapping[str, re.Pattern[str]]:
        """The phrase in each language, as a pattern that must fit a step as a whole."""
        return {
            language: re.compile(_pattern(text, language))
            for language, text in (("en", self.en), ("es", self.es))
            if text
        }

    def match(self, language: str, text: str) -> dict[str, str] | None:
        """The words in the slots, if the phrase fits the step. Spanish may put a "que" before it ("Dado que ...")."""
        pattern = self.patterns.get(language)
        found = pattern.fullmatch(text.removeprefix("que ") if language == "es" else text) if pattern else None
        return None if found is None else {name: word for name, word in found.groupdict().items() if word is not None}


def _pattern(text: str, language: str) -> str:
    pattern, last = "", 0
    for slot in _SLOT.finditer(text):
        name, kind = slot[1], slot[2] or slot[1]
        pattern += re.escape(text[last : slot.start()]) + f"(?P<{name}>{_SLOTS[language][kind]})"
        last = slot.end()
    return pattern + re.escape(text[last:])


def _acts(name: str) -> Callable[..., None]:
    def act(world: World, **words: Any) -> None:
        world.does(name, **words)

    return act


def _sends(how: str) -> Callable[..., None]:
    def send(world: World, **words: Any) -> None:
        world.sends(how=how, **words)

    return send


_STATES: Final = {"open": "open", "closed": "closed", "abierta": "open", "cerrada": "closed"}


def _free_units(world: World, count: str) -> None:
    world.free_units("no" if count == "ninguna" else count)


PHRASES: Final = (
    # --- given: time and account
    Phrase(
        part="given",
        means="Sets the clock, as the account's own clocks show it.",
        en="it is {date} at {time}",
        es="es el {date} a las {time}",
        does=World.it_is,
    ),
    Phrase(
        part="given",
        means="Says where the account's days begin; stands before the first instant.",
        en="the account's time zone is {zone:text}",
        does=lambda world, zone: world.time_zone(zone),
    ),
    Phrase(
        part="given",
        means="Says what is left of the month's free allowance.",
        en="{count} units of the free allowance are left",
        es="quedan {count} unidades del nivel gratuito",
        does=_free_units,
    ),
    Phrase(
        part="given",
        means="Says that the month's free allowance is used up.",
        en="the free allowance is used up",
        es="el nivel gratuito está agotado",
        does=lambda world: world.free_units("no"),
    ),
    Phrase(
        part="given",
        means="Says that a single unit is left of the month's free allowance.",
        en="one unit of the free allowance is left",
        es="queda una unidad del nivel gratuito",
        does=lambda world: world.free_units("1"),
    ),
    Phrase(
        part="given",
        means="In the hour before, that many other customers wrote, and each was sent a message that was delivered at once.",
        en="{count} other customers wrote to {business} in the last hour and were each sent {message}",
        does=World.answers_others,
    ),
    Phrase(
        part="given",
        means="Says what kind of sender the business is.",
        en="the bakery is {sender:text}",
        does=lambda world, sender: world.sender(sender),
    ),
    Phrase(
        part="given",
        means="The account is billed through a partner's credit line.",
        en="the account is billed through a partner",
        does=World.partner,
    ),
    Phrase(
        part="given",
        means="The account is on Meta's list for Direct Send.",
        en="Direct Send is enabled",
        does=World.direct_send,
    ),
    Phrase(
        part="given",
        means="No usable payment method is on file.",
        en="the account has no payment method",
        does=World.no_payment_method,
    ),
    Phrase(
        part="given",
        means="Says where the business is sold to, and its currency.",
        en="the account is sold to in {country:status} and billed in {currency:status}",
        does=lambda world, country, currency: world.sold_to(country, currency),
    ),
    Phrase(
        part="given",
        means="The customer is in Meta's marketing holdout.",
        en="{who} is in Meta's marketing holdout",
        does=World.in_experiment,
    ),
    Phrase(
        part="given",
        means="Gives the customer a phone number, or a business-scoped id.",
        en="{who}'s number is {number:text}",
        does=lambda world, who, number: world.number(who, number),
    ),
    Phrase(
        part="given",
        means="The country of the verified primary business location.",
        en="the business is located in {country:status}, as Meta has verified",
        does=lambda world, country: world.located_in(country),
    ),
    Phrase(
        part="given",
        means="From when Meta charges the international authentication rate for a country (in UTC).",
        en="the international authentication rate for {country:status} starts on {date} at {time}",
        does=World.international_from,
    ),
    Phrase(
        part="given",
        means="Chooses the account's own answer to a question that the sources leave open.",
        en="the account's policy on {knob:text} is {option:text}",
        does=lambda world, knob, option: world.policy(knob, option),
    ),
    Phrase(
        part="given",
        means="Makes one group, and so one customer, of the two.",
        en="Ana and Luis write to the bakery in one group",
        does=lambda world: world.in_one_group("Ana", "Luis"),
    ),
    # --- given: money
    Phrase(
        part="given",
        means="Gives one rate of the card of a day, in US dollars.",
        en="the rate card of {date} says {rate} for {priced:text} in {market:text}",
        does=lambda world, date, rate, priced, market: world.rate(date, rate, priced, market),
    ),
    Phrase(
        part="given",
        means="Gives the rate of a volume tier: it holds for that number of the month and those behind it.",
        en="the rate card of {date} says {rate} for {priced:text} in {market:text} from number {count:number} on",
        does=lambda world, date, rate, priced, market, count: world.rate(date, rate, priced, market, count),
    ),
    Phrase(
        part="given",
        means="The florist's number belongs to another account of the same portfolio, with a time zone of its own.",
        en="{business} is another account of the portfolio, with the time zone {zone:text}",
        does=lambda world, business, zone: world.another_account(business, zone),
    ),
    Phrase(
        part="given",
        means="In the hour before, that many customers with such numbers were each sent a message, delivered at once.",
        en="in the last hour {business} sent {message} to {count} customers under {prefix}",
        does=lambda world, business, message, count, prefix: world.sends_others(business, message, count, prefix),
    ),
    # --- when: time
    Phrase(
        part="when",
        means="Lets time pass.",
        en="{length} pass",
        es="pasan {length}",
        does=World.passes,
    ),
    # --- when: the customer
    Phrase(
        part="when",
        means="The customer writes a text.",
        en="{who} writes to {business}",
        es="{who} escribe a {business}",
        does=World.writes,
    ),
    Phrase(
        part="given",
        means="The customer wrote a text some time ago.",
        en="{who} wrote to {business} {ago:length} ago",
        es="{who} escribió a {business} hace {ago:length}",
        does=World.writes,
    ),
    Phrase(
        part="when",
        means="The customer sends something other than a text.",
        en="{who} sends {business} {kind}",
        es="{who} envía a {business} {kind}",
        does=World.writes,
    ),
    Phrase(
        part="given",
        means="The customer sent something some time ago.",
        en="{who} sent {business} {kind} {ago:length} ago",
        does=World.writes,
    ),
    Phrase(
        part="when",
        means="The customer writes through a Click-to-WhatsApp ad or a page button.",
        en="{who} writes to {business} through {entry}",
        es="{who} escribe a {business} a través de {entry}",
        does=World.writes,
    ),
    Phrase(
        part="when",
        means="The customer writes through an entry point, from a certain device.",
        en="{who} writes to {business} through {entry} on {device}",
        does=World.writes,
    ),
    Phrase(
        part="given",
        means="The customer wrote through an entry point some time ago.",
        en="{who} wrote to {business} through {entry} {ago:length} ago",
        does=World.writes,
    ),
    Phrase(
        part="when",
        means="The customer calls, answered or not.",
        en="{who} calls {business}",
        does=_acts("customer_call"),
    ),
    Phrase(
        part="given",
        means="The customer called some time ago.",
        en="{who} called {business} {ago:length} ago",
        does=_acts("customer_call"),
    ),
    Phrase(
        part="when",
        means="The customer accepts a call of the business.",
        en="{who} accepts a call of {business}",
        does=_acts("call_accepted"),
    ),
    Phrase(
        part="when",
        means="The customer opens the chat for the first time, without a word.",
        en="{who} opens the chat with {business} for the first time",
        does=_acts("welcome_requested"),
    ),
    Phrase(
        part="when",
        means="The customer agrees to hear from the business.",
        en="{who} opts in",
        es="{who} da su consentimiento",
        does=_acts("opted_in"),
    ),
    Phrase(
        part="when",
        means="The customer withdraws that consent.",
        en="{who} opts out",
        es="{who} retira su consentimiento",
        does=_acts("opted_out"),
    ),
    Phrase(
        part="when",
        means="The customer stops marketing messages.",
        en="{who} stops marketing messages",
        does=_acts("marketing_stopped"),
    ),
    Phrase(
        part="when",
        means="The customer takes marketing messages again.",
        en="{who} resumes marketing messages",
        does=_acts("marketing_resumed"),
    ),
    # --- when: the business
    Phrase(
        part="when",
        means="The business asks whether it may send a message; nothing is delivered.",
        en="{business} asks to send {who} {message}",
        es="{business} pide enviar a {who} {message}",
        does=_sends("asks"),
    ),
    Phrase(
        part="when",
        means="The same, with a template in a certain state.",
        en="{business} asks to send {who} {message} in state {status}",
        does=_sends("asks"),
    ),
    Phrase(
        part="when",
        means="The business sends a message, and it is delivered at once.",
        en="{business} sends {who} {message}",
        es="{business} envía a {who} {message}",
        does=_sends("delivered"),
    ),
    Phrase(
        part="given",
        means="The business sent a message some time ago, and it was delivered at once.",
        en="{business} sent {who} {message} {ago:length} ago",
        es="{business} envió a {who} {message} hace {ago:length}",
        does=_sends("delivered"),
    ),
    Phrase(
        part="when",
        means="The message is delivered some time after it was sent.",
        en="{business} sends {who} {message}, delivered {later:length} later",
        es="{business} envía a {who} {message}, que se entrega {later:length} después",
        does=_sends("delivered"),
    ),
    Phrase(
        part="given",
        means="A message sent some time ago was delivered some time after that.",
        en="{business} sent {who} {message} {ago:length} ago, delivered {later:length} later",
        es="{business} envió a {who} {message} hace {ago:length}, y se entregó {later:length} después",
        does=_sends("delivered"),
    ),
    Phrase(
        part="when",
        means="A message sent some time ago is delivered now.",
        en="{message} that {business} sent {who} {ago:length} ago is delivered",
        does=lambda world, ago, **words: world.sends(ago=ago, later=ago, **words),
    ),
    Phrase(
        part="when",
        means="The message fails and is never delivered.",
        en="{business} sends {who} {message}, never delivered",
        es="{business} envía a {who} {message}, que nunca se entrega",
        does=_sends("failed"),
    ),
    Phrase(
        part="when",
        means="Only the reading is reported, not the delivery.",
        en="{business} sends {who} {message}, reported read but not delivered",
        does=_sends("read"),
    ),
    Phrase(
        part="when",
        means="Both a failure and a delivery are reported.",
        en="{business} sends {who} {message}, reported failed and delivered",
        does=_sends("failed_and_delivered"),
    ),
    Phrase(
        part="when",
        means="The delivery is reported twice, and the reading after it.",
        en="{business} sends {who} {message}, reported delivered twice and read",
        does=_sends("delivered_thrice"),
    ),
    Phrase(
        part="when",
        means="The delivery is dated a second before the sending.",
        en="{business} sends {who} {message}, reported delivered before it was sent",
        does=_sends("delivered_first"),
    ),
    Phrase(
        part="when",
        means="Meta's status names another category than our own record.",
        en="{business} sends {who} {message}, and Meta calls it {category:text}",
        does=_sends("delivered"),
    ),
    Phrase(
        part="when",
        means="Meta's status states when the free entry point ends (in UTC).",
        en="{business} sends {who} {message}, and Meta states its end as {ends}",
        does=_sends("delivered"),
    ),
    Phrase(
        part="when",
        means="A delivery is reported for a message that the log does not have.",
        en="a delivery to {who} is reported for a message that {business} did not record",
        does=World.unknown_delivery,
    ),
    Phrase(
        part="when",
        means="A message to the group that Ana and Luis are in is delivered at once to those members.",
        en="{business} sends the group {message}, delivered to {members}",
        does=lambda world, business, message, members: world.sends_to_group(business, message, members),
    ),
    Phrase(
        part="when",
        means="One of them calls the other; the call is accepted unless it lasts 0 seconds.",
        en="{caller:party} calls {callee:party} for {count} seconds",
        does=lambda world, caller, callee, count: world.calls(caller, callee, count),
    ),
    Phrase(
        part="when",
        means="One of Meta's webhooks announces the volume tier that holds from now on.",
        en="Meta announces the tier from number {count:number} on for {priced:text} in {market:text}",
        does=lambda world, count, priced, market: world.announces(count, priced, market),
    ),
    # --- then
    Phrase(
        part="then",
        means="Whether the message may be sent, and why not.",
        en="it is {verdict:text}",
        es="el envío {verdict:text}",
        does=lambda world, verdict: world.verdict_is(verdict),
    ),
    Phrase(
        part="then",
        means="Exactly this opens.",
        en="it opens {things:text}",
        es="se abre {things:text}",
        does=lambda world, things: world.opens(things),
    ),
    Phrase(
        part="then", means="Nothing opens.", en="nothing opens", es="no se abre nada", does=lambda world: world.opens()
    ),
    Phrase(
        part="then",
        means="Nothing opens besides what was named.",
        en="nothing else opens",
        es="no se abre nada más",
        does=World.nothing_else_opens,
    ),
    Phrase(
        part="then",
        means="Exactly this gets its full time anew.",
        en="it renews {things:text}",
        es="se renueva {things:text}",
        does=lambda world, things: world.renews(things),
    ),
    Phrase(
        part="then",
        means="Nothing gets its time anew.",
        en="nothing is renewed",
        es="no se renueva nada",
        does=World.renews_nothing,
    ),
    Phrase(
        part="then",
        means="It closes exactly this.",
        en="it closes {things:text}",
        does=lambda world, things: world.closes(things),
    ),
    Phrase(
        part="then",
        means="It closes nothing.",
        en="nothing is closed",
        es="no se cierra nada",
        does=lambda world: world.closes(),
    ),
    Phrase(
        part="then",
        means="The message belongs to this open conversation.",
        en="it belongs to {thing:text}",
        es="pertenece a {thing:text}",
        does=lambda world, thing: world.belongs_to(thing),
    ),
    Phrase(
        part="then",
        means="The message belongs to no conversation.",
        en="it belongs to no conversation",
        does=lambda world: world.belongs_to(),
    ),
    Phrase(
        part="then",
        means="The rate under which it is charged.",
        en="it is charged as {line:text}",
        es="se cobra como {line:text}",
        does=lambda world, line: world.charged_as(line),
    ),
    Phrase(
        part="then",
        means="It costs nothing, for this reason.",
        en="it is free because {reason:text}",
        es="es gratis porque {reason:text}",
        does=lambda world, reason: world.free_because(reason),
    ),
    Phrase(part="then", means="No rule says what it costs.", en="no rule says what it costs", does=World.costs_unknown),
    Phrase(
        part="then",
        means="Nothing is charged.",
        en="nothing is charged",
        es="no se cobra nada",
        does=World.nothing_charged,
    ),
    Phrase(
        part="then",
        means="The customer service window is open or closed now.",
        en="the customer service window is {state}",
        es="la ventana de servicio al cliente está {state}",
        does=lambda world, state: world.window_is(_STATES[state]),
    ),
    Phrase(
        part="then",
        means="How much longer the customer service window stays open.",
        en="the customer service window stays open for {length}",
        es="la ventana de servicio al cliente queda abierta {length}",
        does=lambda world, length: world.ends_in("customer_service_window", length),
    ),
    Phrase(
        part="then",
        means="Whether a free entry point is open, waits for an answer, or neither.",
        en="the free entry point is {point:text}",
        does=lambda world, point: world.entry_point_is(point),
    ),
    Phrase(
        part="then",
        means="How much longer something doubtful may have opened the customer service window.",
        en="the doubt about the window lasts for {length}",
        does=lambda world, length: world.ends_in("customer_service_window_in_doubt", length),
    ),
    Phrase(
        part="then",
        means="Nothing doubtful may have opened the customer service window.",
        en="no doubt hangs over the window",
        does=lambda world: world.has_no_clock("customer_service_window_in_doubt"),
    ),
    Phrase(
        part="then",
        means="How much longer the free entry point stays open.",
        en="the free entry point stays open for {length}",
        does=lambda world, length: world.ends_in("free_entry_point", length),
    ),
    Phrase(
        part="then",
        means="How much time the business has left to answer the entry point.",
        en="the business has {length} left to answer the entry point",
        does=lambda world, length: world.ends_in("free_entry_point", length),
    ),
    Phrase(
        part="then",
        means="How much longer a conversation stays open.",
        en="the {lane:text} conversation stays open for {length}",
        does=lambda world, lane, length: world.ends_in(
            {"user-initiated": "conversation", "business-initiated": "conversation"}.get(
                lane, lane.lower().replace(" ", "_")
            ),
            length,
        ),
    ),
    Phrase(
        part="then",
        means="The thread's status in the words of the diagrams.",
        en="the thread is {status:text}",
        es="el hilo está {status:text}",
        does=lambda world, status: world.thread_is(status),
    ),
    Phrase(
        part="then",
        means="A doubt or contradiction that the answer notes.",
        en="the answer notes a doubt about {doubt:text}",
        es="la respuesta señala una duda sobre {doubt:text}",
        does=lambda world, doubt: world.doubt_about(doubt),
    ),
    Phrase(part="then", means="The answer notes no doubt.", en="the answer notes no doubt", does=World.no_doubt),
    Phrase(
        part="then",
        means="Nothing refuses it, but the opt-in policy speaks against it.",
        en="the opt-in policy speaks against it",
        es="la política de consentimiento lo desaconseja",
        does=lambda world: world.advised_against(True),
    ),
    Phrase(
        part="then",
        means="The opt-in policy has no objection.",
        en="the opt-in policy has no objection",
        es="la política de consentimiento no pone reparos",
        does=lambda world: world.advised_against(False),
    ),
    # --- then: limits
    Phrase(
        part="then",
        means="How many customers count towards the messaging limit now.",
        en="{count} customers count towards the messaging limit",
        does=lambda world, count: world.counts_towards_limit(count),
    ),
    Phrase(
        part="then",
        means="Meta may hold marketing back from this customer, who gets much of it from all businesses.",
        en="the limit of marketing messages per customer is active",
        does=lambda world: world.marketing_limit_is(True),
    ),
    Phrase(
        part="then",
        means="Meta does not hold marketing back from this customer for being too much.",
        en="the limit of marketing messages per customer is not active",
        does=lambda world: world.marketing_limit_is(False),
    ),
    # --- then: money
    Phrase(
        part="then",
        means="Exactly this is charged by the last act.",
        en="the ledger charges {amount} for {priced:text}",
        does=lambda world, amount, priced: world.ledger_charges(amount, priced),
    ),
    Phrase(
        part="then",
        means="Exactly so many times this is charged by the last act.",
        en="the ledger charges {count:number} times {amount} for {priced:text}",
        does=lambda world, count, amount, priced: world.ledger_charges(amount, priced, count),
    ),
    Phrase(
        part="then",
        means="The last act costs nothing, which is not the same as an unknown amount.",
        en="the ledger charges nothing",
        does=lambda world: world.ledger_charges(),
    ),
    Phrase(
        part="then",
        means="The sum of everything in the scenario; one unknown amount, and there is none.",
        en="the ledger charges {amount} in all",
        does=lambda world, amount: world.ledger_sum(amount),
    ),
    Phrase(
        part="then",
        means="What the last act costs is not known, and why.",
        en="the ledger has no amount for {priced:text}, because {reason:text}",
        does=lambda world, priced, reason: world.ledger_has_no_amount(priced, reason),
    ),
    Phrase(
        part="then",
        means="The market whose rates hold for the last act.",
        en="its market is {market:text}",
        does=lambda world, market: world.market_is(market),
    ),
    Phrase(
        part="then",
        means="A doubt that the ledger notes beside the last act.",
        en="the ledger notes a doubt about {doubt:text}",
        does=lambda world, doubt: world.ledger_doubt(doubt),
    ),
    # --- then: what Meta calls it
    Phrase(
        part="then",
        means="Category and type of the price in Meta's status of the last message; until June 2025 there is no type.",
        en="Meta's webhook calls it {label:text}",
        does=lambda world, label: world.webhook_label(label),
    ),
    Phrase(
        part="then",
        means="The status calls the last message billable, which does not say that it costs anything.",
        en="Meta's webhook calls it billable",
        does=lambda world: world.webhook_billable(True),
    ),
    Phrase(
        part="then",
        means="The status calls the last message not billable.",
        en="Meta's webhook calls it not billable",
        does=lambda world: world.webhook_billable(False),
    ),
    Phrase(
        part="then",
        means="When the conversation that the last message opened ends, as Meta's status states it (in UTC).",
        en="Meta's webhook states its end as {ends}",
        does=lambda world, ends: world.webhook_end(ends),
    ),
    Phrase(
        part="then",
        means="Category and type under which Meta's analytics count the last message or its conversation.",
        en="Meta's analytics count it as {label:text}",
        does=lambda world, label: world.analytics_label(label),
    ),
    Phrase(
        part="then",
        means="The day on which Meta's analytics count the last act.",
        en="Meta's analytics count it on {date}",
        does=lambda world, date: world.analytics_day(date),
    ),
)


@lru_cache(4096)
def fitting(language: str, text: str) -> tuple[tuple[Phrase, Mapping[str, str]], ...]:
    """
    The phrases that fit a step, and the words in their slots: one, unless the vocabulary or the step is wrong.

    The fixed phrases come before those that end in an open slot: "it is charged as
    utility" is never read as a verdict.
    """
    found = [
        (phrase, MappingProxyType(words)) for phrase in PHRASES if (words := phrase.match(language, text)) is not None
    ]
    most = max((_fixed(phrase, language) for phrase, _ in found), default=0)
    return tuple((phrase, words) for phrase, words in found if _fixed(phrase, language) == most)


def find(language: str, text: str) -> tuple[Phrase, Mapping[str, str]]:
    """
    The phrase that fits a step, and the words in its slots.

    Raises:
        UnknownStep: no phrase fits, or more than one does.
    """
    found = fitting(language, text)
    if len(found) != 1:
        why = "no phrase fits it" if not found else f"{len(found)} phrases fit it equally well"
        raise UnknownStep(f"step {text!r}: {why}. The vocabulary stands in features/README.md.")
    return found[0]


def _fixed(phrase: Phrase, language: str) -> int:
    """How much of a phrase is fixed: the more, the closer it fits."""
    return len(_SLOT.sub("", phrase.en if language == "en" else phrase.es))


def perform(world: World, language: str, text: str) -> None:
    """
    Do what a step says.

    Raises:
        UnknownStep: it fits no phrase, or more than one.
        UnknownWord: a slot holds a word that the lexicon does not have.
    """
    phrase, words = find(language, text)
    phrase.does(world, **words)
