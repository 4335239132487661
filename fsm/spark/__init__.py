"""
Spark: a whole history, or one that goes on, on a cluster; with exactly the answers of the reference.

This room knows how threads are brought together on Apache Spark and what must travel
between workers. It refuses to know what an event does: the kernel of `fsm.bulk` and
the reference of `fsm.machine` say that, here as everywhere. It needs the extra `spark`
and Java; nothing of them is imported before it is asked for.

- `batch.replay_on_spark`: Parquet to results or a ledger in Parquet.
- `stream.answers_on_spark`: log lines as they come, to provisional and final answers.
- `live`: what the stream does with a thread, without Spark; `redecide` and `settle`.
- `python -m fsm.spark`, or `fsm/spark/__main__.py` given to `spark-submit`.

Decisions:
- 2026-11-26. Threads are brought together by a hash of business *and* customer. So one
  number with nearly all the traffic spreads like any other; one thread does not: it is
  carried whole, and its worker needs memory for all of its events.
- 2026-11-26. Spark sorts by that hash only. The canonical order of a thread is the
  kernel's business, which sorts nearly sorted rows for little; two threads with one
  hash lie mixed together and are told apart by the kernel too.
- 2026-11-26. The allowance is counted over all threads before any row is written: one
  run tells which deliveries could use a unit, window functions put those in the order
  of deliveries, and then every answer is settled, whose two outcomes waited on the
  workers' disks (`answers`). A second run is needed only where a refusal hangs on the
  allowance. Nothing that grows with the log comes to the driver: of each month and
  number it holds the instants of the units used.
- 2026-11-27. Rows travel as parcels, some thousand at a time, and where customers and ids
  are numbers as the kernel's own records (`parcels`): Spark moves what it need not
  understand several times as fast as rows. Files of this machine are read and written
  by the workers themselves (`footers`, `output`), for Spark hands over and writes row
  by row. 99 million events to a ledger on two cores: 128 to 138 s, where one process
  took 30 s in the same hour and the version before all this 236 s; one hash. (62 to 65 s
  beside 15 to 16 on the next machine.)
- 2026-11-26. A stream must not lose what is late. Spark drops rows behind the watermark
  by the column that bears it; that column is dropped right behind the mark, so they
  reach `live`, which gives them out.
- 2026-11-26. A thread of a stream cannot know the allowance, which all threads share. Its
  answers hold both cases; `live.settle` chooses between them, in the order of deliveries.
"""
