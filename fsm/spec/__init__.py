"""
The specification about itself: which rule is claimed, exercised and pinned by the features.

This room runs the features and watches the tables while they run. It knows which row of
the law acted in which scenario, what happens to the scenarios when a cell of the law is
changed, and the shortest scenario that would make a row act. It refuses to know any rule,
and no answer is its own: a scenario that it writes expects what the reference gives.

Decisions:
- 2026-11-26. A row that several editions inherit is one row: it stands in the law once,
  and an editor would change it once. It is exercised when it acts in any of them.
- 2026-11-26. A permission acts when a message is judged at its sending, a charge when
  something is delivered. That a question about a message looked them up is not enough
  to call them exercised; it is enough to run the scenario against their mutants.
- 2026-11-26. Pins come from mutants that were run: now, or in a run whose record carries
  a digest of the tables and features it was about. Under another digest it counts as no
  record.
"""
