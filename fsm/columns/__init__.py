"""
Columns: logs and results as Arrow tables, for histories too large to hold as objects.

This room knows how an event and a result are laid out in columns, and how columns are
read from and written to files. It refuses to know what an event does: a column holds
the same member as the log, and the words are those of `fsm.terms`.

Decisions:
- 2026-11-26. Instants are int64, milliseconds since 1970 in UTC. Webhooks carry whole
  seconds. A finer instant is refused, never rounded: a rounded instant could change
  the order of two events, and with it an answer.
- 2026-11-26. A word is an int8 code: its place in the list of words that the schema's
  metadata carries. Lists that Meta adds to (categories, template states) grow by what
  a log says; a word nobody knows keeps a place of its own and is never dropped.
- 2026-11-26. Null means that the log leaves the member out. What a missing member
  means (a missing `kind` is `text`) is said by `fsm.events.Event` and stands first in
  its list, so that filling nulls of `kind`, `device` and `template_status` with 0 is
  the same as reading the event.
- 2026-11-26. Lines of plain events are read whole blocks at once. Whatever that way
  cannot decode goes the way of `fsm.service.reading`, which also words every refusal;
  tests hold the two to each other on damaged and odd input.
- 2026-11-26. Columns hold events. What webhooks say besides about prices, calls and
  accounts does not fit and is left behind: a ledger's evidence is read from the log.
- 2026-11-26. Two profiles. *Readable* columns hold words as dictionaries of text and
  instants as timestamps: for files that people and other tools open. *Coded* columns
  hold codes and integers: for the kernel, and smaller. `packed` goes one step on and
  makes numbers of the ids; digits of phone numbers come back exactly, hashes do not.
- 2026-11-27. Parquet is written with a checksum for every page and held to it. Of 300
  packed files with bits turned over or their end cut off 82 gave other answers and 35
  ended in a traceback before; none does now. Arrow's own files have no checksums: what
  is kept for long, or sent far, is better kept as Parquet.
"""

from fsm.columns import extra as extra

extra.require()

from fsm.columns.coding import from_events as from_events  # noqa: E402 (after the check for the libraries)
from fsm.columns.coding import to_events as to_events  # noqa: E402
from fsm.columns.names import Names as Names  # noqa: E402
from fsm.columns.profiles import packed as packed  # noqa: E402
from fsm.columns.profiles import readable as readable  # noqa: E402
from fsm.columns.reading import EventReader as EventReader  # noqa: E402
from fsm.columns.reading import read_events as read_events  # noqa: E402
from fsm.columns.results import from_results as from_results  # noqa: E402
from fsm.columns.results import to_results as to_results  # noqa: E402
from fsm.columns.schema import event_schema as event_schema  # noqa: E402
from fsm.columns.schema import names_of as names_of  # noqa: E402
from fsm.columns.schema import result_schema as result_schema  # noqa: E402
from fsm.columns.writing import EventWriter as EventWriter  # noqa: E402
from fsm.columns.writing import FolderWriter as FolderWriter  # noqa: E402
from fsm.columns.writing import write_events as write_events  # noqa: E402
