"""
Conformance: anyone's implementation, graded by the scenarios.

This room knows the vectors (the scenarios without their language), what can be asked of an
implementation and how it is reached, and how an answer is compared. It refuses to know the
rules: what is expected stands in the vectors, and the reference is one implementation among
others, never a default.

Decisions:
- 2026-11-23. A whole case is one message and answers are matched by position or by name, so
  no implementation needs more than a loop over lines. Expected values are never sent.
- 2026-11-23. What an implementation does not claim is `unsupported`; what it claims and then
  leaves out is `errored`. So a missing answer can neither pass nor hide a failure.
- 2026-11-23. An expectation about what opens is judged in two parts, windows and
  conversations, so that a system that knows windows only is graded on windows.
- 2026-11-23. Events are sent in canonical order. That the answer does not depend on the order
  is asked apart, by telling the same events in other orders (`--any-order`).
- 2026-11-23. Ids of vectors are given once and kept: first rule and a number. The published
  vectors are their own register.
"""
