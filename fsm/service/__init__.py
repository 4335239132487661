"""
What an application embeds: a live thread that may read the clock.

This room is a shell. It knows how callers like to say things (methods, datetimes,
JSON) and reads the clock where they leave the instant out. It refuses to know any
rule.

Decisions:
- 2026-11-22. A live thread keeps its events and works everything out from them, so
  a late event changes what came after it. `settle` trades that for a small, fixed size.
- 2026-11-22. Saved threads are plain JSON values with a version; what is unknown is
  refused. Nothing is ever pickled.
"""
