"""
Webhooks: bodies of the Cloud API in, events out.

This room knows how Meta packs what happened, in every shape from 2022 on: many
changes in one body, the same lists again under `standby`, ids with and without a
phone number, statuses with and without a price. It refuses to know what an event
does, which prices were in force, and what time it is: values in, values out.

*Events* are what a thread runs on. *Evidence* is what Meta says about price and
conversation, kept word for word: it can contradict a verdict, it never makes one.
*Aliases* say which ids name one customer, *calls* how long the phones talked, and
*notices* what happened to accounts, numbers, templates, tiers and groups. What was not
understood is kept with its place and the reason, and what is understood but moves no
thread is counted.

Decisions:
- 2026-11-22. Content never raises, bytes may. A body that is not strict JSON raises
  `BadBody`, since nothing in it can be trusted. One odd message must not cost the
  other 999 of its batch, so it goes to `unknown` and the rest is read.
- 2026-11-22. Every item has exactly one outcome: an event, an unknown or a note.
  An unreadable *part* (price, referral, error code) is kept beside the event, under
  its longer path. Extra members are kept if they are lists or objects; labels that
  providers add are passed over.
- 2026-11-22. The phone number names the customer where the item or its own contact
  gives it, without a leading `+`; else the business-scoped user id. Contacts of other
  values are not consulted: the answer must not depend on how Meta batched. Joining
  the two names of one person is left to whoever sees more than one body.
- 2026-11-22. A group is one customer, under its group id, whoever wrote or received.
  The message keeps its one id; each status names its participant, by the phone number
  where the body gives it. A participant is never an alias of the group or of another.
  Where the price stands inside the conversation, it is evidence all the same.
- 2026-11-22. An alias links only what one body links for one person: the ids of one item,
  of one contact, of one group member, or the old and the new
  ids of a message about a change. Prose that names two ids is not read. The business's own
  number is no alias. A parent id counts where it stands beside the person's other ids.
- 2026-11-22. A change of number links the old and the new number, with its instant. The old
  one may later belong to somebody else; this room does not cut, and keeps the instant for
  whoever joins. The same saying twice is kept once, with the earlier of its instants.
- 2026-11-22. Several webhooks tell of one call; each leaves as a `Call` of its own, beside the
  event or note it always was. Which end is the customer's follows from the direction.
- 2026-11-22. Notices are decoded, not interpreted: what a tier or a category does is for the
  rulebook of its day. In a change of category to come, `new_category` is the one in force.
  Prose for a date stays text. Words that nobody knows are kept as received and counted.
- 2026-11-22. An unknown word about a price is counted (`unknown_pricing_category: foo`); the
  delivery stays an event without content, and its evidence is kept.
- 2026-11-22. A status does not say what was sent. What its price implies is marked
  `inferred`, on `message_sent` and on the deliveries alike; a record of sending in the
  log is better and is preferred by whoever merges. Until June 2025 the words name
  the conversation, not the message. `user_initiated` cannot tell at all and is read as
  free-form. `referral_conversion` is the weakest: every message inside a free entry
  point bears it, templates too. A `sent` that implies nothing is a note with evidence.
- 2026-11-22. `expiration_timestamp` is believed in a free entry point only. Elsewhere
  it ends a billed conversation (until June 2025) or repeats the status (2025).
- 2026-11-22. A referral from an ad or a post, or one with a click id, is `entry="ad"`.
  A page's call-to-action button leaves no trace in a webhook, so `page_cta` never
  comes from here. Nor is the device told: every event says `android`, the default;
  a log that knows better must say so itself.
- 2026-11-22. History opens nothing, so it is counted and not read. What was typed in
  the phone app is `message_sent` with content `app`; its later edits and deletions are
  notes. An echo under `standby` is a record of sending if it is a template; otherwise
  it does not say whether Meta's assistant or a partner wrote it, and is a note.
- 2026-11-22. A system message without a sender (a user id replaced) is a note and an
  alias: it names two identities and no thread.
- 2026-11-22. A call to the business counts when it connects to Meta, answered or not;
  a call by the business when the customer accepts. Ringing, ending and recording are notes.
- 2026-11-22. Times are whole seconds in ASCII digits. Thirteen digits are refused
  rather than divided: a reader that guesses units is wrong by a factor of a thousand.
"""

from fsm.webhooks.infer import implied_content as implied_content
from fsm.webhooks.infer import implied_opening as implied_opening
from fsm.webhooks.infer import in_free_entry_point as in_free_entry_point
from fsm.webhooks.infer import stated_end as stated_end
from fsm.webhooks.read import read_body as read_body
from fsm.webhooks.reading import Alias as Alias
from fsm.webhooks.reading import Call as Call
from fsm.webhooks.reading import Evidence as Evidence
from fsm.webhooks.reading import Notice as Notice
from fsm.webhooks.reading import Reading as Reading
from fsm.webhooks.reading import Unread as Unread
