"""
Pictures of the law, drawn from the tables it runs on.

This room knows how tables are said in words and drawn as pictures: a lane, the
thread status, what changed on a date, a scenario as a timeline. It refuses to know
any rule: what it shows is read from a rulebook or comes out of the machine. It
reads no clock, and gives the same bytes on every machine; only `write` and `stale`
touch files.

Decisions:
- 2026-11-22. We draw our own SVG. Graphviz would be a dependency whose fonts differ
  from machine to machine, and the library's own Mermaid and Graphviz output joins
  all guards between two boxes into one line longer than the page.
- 2026-11-22. Text is measured with a built-in table of the widest common sans-serif,
  so nothing overlaps in a narrower font either; a test holds every picture to it.
- 2026-11-22. Mermaid lays labels of neighbouring arrows over each other when they
  are long. Its labels are short and numbered; the list beside the block has them in
  full, and the SVG is the picture to show.
- 2026-11-22. The pictures of a rulebook show its last edition; what earlier editions
  had is on the pages of changes.
- 2026-11-22. The thread status is walked, not drawn by hand. The walk knows one thing
  about time: clocks of one length that start with the same event run out together.
  Without it a free entry point of 2022 would seem to end before its conversation.
- 2026-11-22. A timeline ends when the last clock has run out, also after the last event.
"""

from fsm.diagrams.canvas import Picture as Picture
from fsm.diagrams.changes import change_page as change_page
from fsm.diagrams.lane_pictures import lane_mermaid as lane_mermaid
from fsm.diagrams.lane_pictures import lane_picture as lane_picture
from fsm.diagrams.pages import BadScenario as BadScenario
from fsm.diagrams.pages import all_files as all_files
from fsm.diagrams.pages import scenario_files as scenario_files
from fsm.diagrams.pages import stale as stale
from fsm.diagrams.pages import write as write
from fsm.diagrams.status_picture import status_mermaid as status_mermaid
from fsm.diagrams.status_picture import status_picture as status_picture
from fsm.diagrams.status_picture import statuses as statuses
from fsm.diagrams.timelines import timeline_picture as timeline_picture
from fsm.diagrams.timelines import timeline_svg as timeline_svg
