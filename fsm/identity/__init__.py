"""
Identity: which names belong to one customer.

This room knows how one phone number is spelled in several ways, and joins the names
that a log or a webhook gives to one customer of one business phone number. It refuses
to know where the links come from, what an event does, and what time it is: the same
links and events, in any order and any number of times, give the same answer.

Decisions:
- 2026-11-22. A customer with one spelling keeps it as written; only a phone number
  that was seen in several spellings is written in its canonical one. A log in which
  nobody has two names is therefore not changed by one byte.
- 2026-11-22. The canonical spelling of a Mexican number is without the 1 and that of
  an Argentine one without the 9: taking a digit away never makes a mobile of a
  landline. A Brazilian number gets its ninth digit, since taking it away could make
  a landline of a mobile. A leading 0 or 00 is not read: which country it is dialled
  from is not said. Nor is a `15` inside an Argentine number, whose place depends on
  the length of the area code.
- 2026-11-22. A cluster is represented by its smallest phone number, else by its
  smallest business-scoped id, else by its smallest name. Two business phone numbers
  share nothing, so each has clusters of its own.
- 2026-11-22. A message has one recipient, so the names under which its statuses came
  are one customer's. Not so where two records of sending under one id differ (a log
  whose ids repeat), where a group is involved, or where more than two phone numbers
  stand under one id (a group whose id is missing): these are reported and join nobody.
- 2026-11-22. A group is nobody's other name. A link that names one joins nobody and is
  reported; its members are joined with their own other names only.
- 2026-11-22. One wrong id must not make one customer of everybody: a name that is
  linked directly with more than two phone numbers, or more than eight other names,
  joins nobody, and is reported. The threads then stay apart, which may refuse a
  reply but never allows one. A chain of honest pairs longer than that is joined, and
  reported.
- 2026-11-22. A number change joins the old and the new number for all time, before and
  after. If the old number is later given to someone else, the two people share a
  thread: links say which names, not which of them is the older one, so the order of
  arrival would decide otherwise. What betrays it, a phone number with two
  business-scoped ids that no message ties together, is reported.
"""

from fsm.identity.aliases import SUSPICIONS as SUSPICIONS
from fsm.identity.aliases import Aliases as Aliases
from fsm.identity.aliases import Suspicion as Suspicion
from fsm.identity.links import Link as Link
from fsm.identity.links import Linked as Linked
from fsm.identity.links import addressees as addressees
from fsm.identity.links import links_of as links_of
from fsm.identity.spellings import SPELLINGS as SPELLINGS
from fsm.identity.spellings import Spelling as Spelling
from fsm.identity.spellings import canonical as canonical
from fsm.identity.spellings import is_group as is_group
from fsm.identity.spellings import is_phone as is_phone
from fsm.identity.unify import unify as unify
from fsm.identity.unify import unify_account as unify_account
