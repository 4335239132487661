"""
Rates and markets: what a conversation or a message costs, cell by cell, and how sure that is.

This room knows how rate cards, volume tiers and market tables are written: Meta's
downloads of three generations, our own layout, contracts. It takes rows and returns
values. It refuses to know what is charged (that is the rulebooks'), how much was sent
(that is the ledger's), and where files lie (that is the shell's).

Decisions:
- 2026-11-22. A cell is priced, `n/a` or unpriced, each with its evidence. Nothing is
  zero by absence, and a zero that stands on a card is a price.
- 2026-11-22. The caller's own card wins over a shipped one for every day it covers, and
  its blanks are not filled from the shipped one: two cards in one column explain no
  invoice. It holds until the caller's next card. A contract answers only for the cells
  it holds; a later contract for the same cell wins.
- 2026-11-22. Rates change only on the first day of a quarter, so a shipped card is not
  trusted beyond the quarter in which it was read: from 2027-01-01 rows are unpriced
  until Meta's card of that day is loaded.
- 2026-11-22. A rate per conversation never prices a message, nor the other way round.
- 2026-11-22. Shipped cards before 2024-10-01 are known in part; they answer what-if
  questions and price nothing.
- 2026-11-22. Markets follow the calling code, as Meta's table does, and never a library's
  idea of the country. An id that is neither a phone number nor a business-scoped id has
  no market; it is not Other.
- 2026-11-22. Kazakhstan before 2026-10-01 is Other, and US territories are Other unless
  the caller says `us_territories="north_america"`: `data/markets.csv` says why.
- 2026-11-22. `service` on a card per message is what its own column says. That a service
  message costs what a utility message costs is a rule, and stands in the rulebooks.
"""

from fsm.rates.card import CONVERSATION as CONVERSATION
from fsm.rates.card import MESSAGE as MESSAGE
from fsm.rates.card import NOT_APPLICABLE as NOT_APPLICABLE
from fsm.rates.card import PRICED as PRICED
from fsm.rates.card import UNPRICED as UNPRICED
from fsm.rates.card import Card as Card
from fsm.rates.card import Cell as Cell
from fsm.rates.card import Provenance as Provenance
from fsm.rates.changes import Change as Change
from fsm.rates.changes import Step as Step
from fsm.rates.changes import compare_cards as compare_cards
from fsm.rates.changes import read_changes as read_changes
from fsm.rates.changes import steps as steps
from fsm.rates.changes import unexplained as unexplained
from fsm.rates.layouts import read_card as read_card
from fsm.rates.markets import Market as Market
from fsm.rates.markets import Markets as Markets
from fsm.rates.markets import read_markets as read_markets
from fsm.rates.money import parse_amount as parse_amount
from fsm.rates.money import times as times
from fsm.rates.money import total as total
from fsm.rates.money import written as written
from fsm.rates.prices import Prices as Prices
from fsm.rates.prices import Rate as Rate
from fsm.rates.prices import prices_of as prices_of
from fsm.rates.sheet import split_rows as split_rows
from fsm.rates.tiers import Band as Band
from fsm.rates.tiers import TierTable as TierTable
from fsm.rates.tiers import band_at as band_at
from fsm.rates.tiers import read_band_text as read_band_text
from fsm.rates.tiers import read_tiers as read_tiers
