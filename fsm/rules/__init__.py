"""
What a rule, a row and a rulebook are.

This room knows the shape of the law: rules with their sources, the three tables
(lanes, permissions, charges), the closed list of facts that rows may ask, and the
checks that a rulebook must pass. It refuses to know any rule: those stand in
`fsm.rulebooks`.

Decisions:
- 2026-11-22. Permissions are several *clauses* (window, template, marketing, ...),
  each with exactly one row for every valuation of its facts, instead of one table
  over all facts. One table would need a row for every combination of unrelated
  refusals; a clause reads like a sentence of the law, and the verdict is the worst
  answer of those that apply.
- 2026-11-22. A row that changes nothing says which nothing: `stays` or `joins`.
  Both are internal transitions to the machine, but only `joins` makes the message
  part of the conversation.
- 2026-11-22. Every table is total over the facts its rows mention, impossible
  combinations included: it is then sound whatever the lanes do.
"""
