"""
Whole histories at the speed of the machine, with exactly the answers of the reference machine.

This room knows how to part, sort, look up and count. It refuses to know a single rule: the kernel looks up cells,
and a cell is filled by running the reference's own step on that very situation, the first time a log asks for it.

How a log goes through:
1. `encode`: what an event is (kind, content, category ...) becomes one symbol; customers and ids become numbers.
2. `spill` and `store`: rows are parted by thread into buckets, in memory while there is room and on disk behind that.
3. `shape`: a bucket's rows are sorted thread by thread; the same event twice counts once; messages get numbers.
4. `kernel`: threads run through the tables of a `Program`. Where the month's allowance decides, both answers are kept.
5. `settle`: units are counted over all threads in the order of deliveries, and the open answers are decided.
6. `fill`, `results` and `ledger`: outcome numbers become columns.

`layout` says how the tables are laid out. Other engines part and count themselves: `Threads` gives them both answers,
thread by thread. Threads that hold what is rare (records that contradict each other in more than their time, groups,
crowds of one second around the last free unit) are decided by the reference itself: `hybrid`.

Decisions:
- 2026-11-26. Cells are compiled when they are first asked for, not all in advance: under the 2023 rules there are
  millions, and a month of traffic asks for about seven thousand.
- 2026-11-26. The kernel reads tables through pointers. With arrays numba counted references at every use: 1,800 ns an
  event instead of 90.
- 2026-11-26. Rows are parted by thread and sorted by our own passes over records of numbers, not by an engine's sort:
  on two cores parting and sorting 10.5 million rows out of Parquet took 0.40 µs of CPU a row and 0.74 GiB, DuckDB's
  external sort of the same columns 2.6 µs and 1.9 GiB. A log arrives nearly sorted within threads, and nobody needs the
  threads themselves in order.
- 2026-11-26. Statuses are matched to their messages, and repeats dropped, while rows are laid out. The kernel then has
  nothing to look up but cells: 24 ns an event instead of 45.
- 2026-11-26. Buckets hold about 300,000 rows, what a processor's cache holds: with 1.5 million, putting threads in order
  took twice as long. Parts stay in memory up to 3 GiB, for writing them to disk and reading them again costs as much as
  running them.
- 2026-11-26. Columns of which a file's statistics say that they hold nothing are not read: a third of the time of
  reading. `packed` files are therefore written with statistics, and with LZ4 instead of Zstandard.
- 2026-11-26. A month of generated traffic (99 million events, 2.8 million threads) to a ledger in Parquet: 0.42 µs of CPU
  an event, 4.2 million events a second on two cores, 3.5 GiB. A billion events: 283 seconds with 12 GiB for parts, 343
  with 3 GiB, where the disk was the limit. No thread needed the reference.
- 2026-11-26. Packed logs (`id` as a hash) order the events of one instant by the hash; their own reference is the order
  of the hash in 20 digits. Keep ids as text where ties within a second must fall as they do in JSON Lines.
- 2026-11-27. Cells that say and do the same are one cell, and runs of clock operations that are the same stand once: 1,357
  cells for 3,310 and 9 runs for 1,271 in a month of traffic. A loop in C that gives the same cells and flags over these
  tables runs 50 to 51 million rows a second on the machine where the kernel runs 44 to 46.
- 2026-11-26. A thread must fit into memory (about 200 bytes an event): a customer and a number hardly have a million.
- 2026-11-26. Parts are dropped once they were read. Where it turns out that they are needed again (an account without
  payment method, whose refusals hang on the allowance), the log is parted again.
- 2026-11-27. Fresh memory costs more than anything else while a log is parted (a page took 3 to 7 µs where we measured), so
  packed rows are kept in three numbers where they fit: 2.6 GiB for that month instead of 3.5, and a billion events in 284
  seconds with 3 GiB for parts (3.7 GiB in all) and 265 with 12. Rows are parted 131,072 at a time into long stretches of
  memory; on the way to disk a million at a time, for the sake of longer writes (with the short ones: 400 seconds).
- 2026-11-27. Between 150,000 and 2.4 million rows to a bucket no difference stood out from the machine's noise any more.
- 2026-11-27. Columns of a ledger that always hold something say so, and small numbers among them are written without a
  dictionary: a third less time for writing, a twentieth more bytes.
- 2026-11-27. Files are written beside the target and moved there at the end: what looked like a whole ledger after an
  interruption lacked the free deliveries, which are written last.
- 2026-11-27. On a machine with 1 MiB of cache for each core instead of half of that, and memory that stays: the kernel runs
  55 to 58 million rows a second (the loop in C 59), that month takes 13 to 15 seconds and 2.7 GiB, and a billion events 152
  seconds and 3.7 GiB. A job takes a second to start, or two where Python may not keep what it compiled.
- 2026-11-27. A ledger has every first delivery of a message, whatever it did. Threads that the reference decides left out
  those without effect, which no test saw as long as ledgers were held to one another: now they are held to the reference.
- 2026-11-26. The same functions run compiled and as Python runs them; the parity tests hold both to the reference.
"""

from fsm.columns import extra as _extra

_extra.require()

from fsm.bulk.digest import Digest as Digest  # noqa: E402 (after the check for the libraries)
from fsm.bulk.digest import digest as digest  # noqa: E402
from fsm.bulk.job import Summary as Summary  # noqa: E402
from fsm.bulk.job import bulk_replay as bulk_replay  # noqa: E402
from fsm.bulk.replay import Threads as Threads  # noqa: E402
from fsm.bulk.replay import replay_columns as replay_columns  # noqa: E402
