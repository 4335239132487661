"""
Reports of a graded run: for terminals, pages, build servers, badges and other programs.

What the tested system says is shown through `words.harmless` and escaped once more by the one function of each format.

Decisions:
- 2026-11-23. The page is our own: the question is which rule is followed, and a report that is
  arranged by feature files cannot answer it. It is one file without a request to anybody.
- 2026-11-23. Pictures are drawn for the first differences of every rule only: a system that fails
  everything would else make a page that no browser likes. The page says how many were drawn.
- 2026-11-23. The badge names the levels: one percentage hides what was never asked.
- 2026-11-23. The Cucumber Messages stream is written for tools that read it; the official HTML
  formatter (0.9 MB of JavaScript) is not shipped in the wheel, since our page is the report. It renders the
  stream as it is.
"""
