"""What an event did, and what may be sent: the answers of this room, as values."""

from __future__ import annotations

from datetime import datetime

import attrs

from fsm.events import datetime_of


@attrs.frozen(kw_only=True)
class Outcome:
    """
    What one event did to a thread.

    Attributes:
        opens, refreshes, closes: names from `terms.REPORTED`, in that order.
        joins: the open conversation the message belongs to; None if none, `unspecified` if the source does not say.
        charge: the rate line that is charged, or None.
        why: the reason, or None where nothing was delivered or no rule says.
        because: ids of the rules that acted, in the order in which they are documented.
        flags: contradictions and doubts, names from `terms.FLAGS`.
        uses_allowance: a unit of the month's free allowance was used.
        verdict, error: for `message_sent`, whether it was allowed, and Meta's code if not.
    """

    opens: tuple[str, ...] = ()
    refreshes: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    joins: str | None = None
    charge: str | None = None
    why: str | None = None
    because: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    uses_allowance: bool = False
    verdict: str | None = None
    error: int | None = None


@attrs.frozen(kw_only=True)
class Intent:
    """
    What a business would like to send.

    Attributes:
        content: one of `terms.CONTENTS`.
        category: of a template or a direct send.
        template_status: of a template.
    """

    content: str
    category: str | None = None
    template_status: str = "APPROVED"


@attrs.frozen(kw_only=True)
class Verdict:
    """
    Whether a message may be sent, and what would follow.

    Attributes:
        verdict: `allowed`, `refused` or `unspecified`.
        error: the code Meta would give for a refusal.
        because: ids of the rules that decided, in the order in which they are documented.
        assume: where unspecified, what the account's policy assumes: `allowed` or `refused`.
        flags: the doubts behind it, names from `terms.FLAGS`.
        advice: ids of policy rules that speak against sending although nothing refuses it.
        way_out: what would change a refusal.
        rulebook: the rulebook that was asked.
        opens, closes, joins, charge, why: what its delivery at the same instant would do.
        follows_from: ids of the rules behind what its delivery would do.
        decided_at: the instant it was asked for, in microseconds since 1970 (UTC).
        valid_until: the next instant at which the answer could change without a new event; None if there is none.
    """

    verdict: str
    error: int | None
    because: tuple[str, ...]
    assume: str
    flags: tuple[str, ...]
    advice: tuple[str, ...]
    way_out: str
    rulebook: str
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    joins: str | None
    charge: str | None
    why: str | None
    follows_from: tuple[str, ...]
    decided_at: int
    valid_until: int | None = None

    @property
    def holds_until(self) -> datetime | None:
        """`valid_until` as an aware datetime; None if only an event can change the answer."""
        return None if self.valid_until is None else datetime_of(self.valid_until)

    @property
    def allowed(self) -> bool:
        """Whether the documented rules allow it. `unspecified` is not allowed."""
        return self.verdict == "allowed"
