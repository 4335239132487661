"""`features/README.md`: the vocabulary as a page, generated from the phrases themselves."""

from __future__ import annotations

from collections.abc import Iterator

from fsm.harness import lexicon
from fsm.harness.vocabulary import PHRASES

_HEAD = """<!-- Written by `python -m fsm.harness.pages`; a test holds it to the vocabulary. -->

# The specification

One folder per concept, one file per story. Every scenario carries the rules it proves as tags (`@CSW-01`; `fsm rules
CSW-01` shows the rule and its source), `@since-` and `@until-` the dates between which it holds, `@contested` or
`@unspecified` where the sources disagree or are silent. `es/` holds Spanish twins; a test holds both languages to the
same events and expectations.

| Folder | What it promises |
|---|---|
| [`windows`](windows) | when a business may write freely |
| [`conversations`](conversations) | which conversations open, join and close |
| [`templates`](templates) | which templates may be sent, to whom, and what else is refused |
| [`entry-points`](entry-points) | what an ad or page button makes free, and for how long |
| [`opt-in`](opt-in) | consent, and customers who stop marketing |
| [`charges`](charges) | what one delivery costs, and why |
| [`limits`](limits) | whom the messaging limit counts, and where marketing is not limited |
| [`ledger`](ledger) | what it amounts to: markets, rates, volume tiers, calls, groups, and what Meta calls it |
| [`changes`](changes) | what each date changed, to the second |
| [`readings`](readings) | what Meta's own statuses state about price and conversation: bodies and their facts, no scenarios |

## How a scenario is read

*Given* says what is so, *When* is one act, *Then* speaks about the last act. `sends` delivers at once, `asks to send`
delivers nothing. *it opens* is exact: anything else that opens is a failure, even without "and nothing else opens".
So is *the ledger charges*: the last act costs that and no more. Rates are those that the scenario gives, in US dollars.

## The vocabulary

It is closed: a step that fits none of these phrases is refused. A new phrase asks every implementer for work, so it
earns a line in the changelog.
"""


def vocabulary_page() -> str:
    """The text of `features/README.md`."""
    return "\n".join((_HEAD, *_phrases(), "", *_words())) + "\n"


def _phrases() -> Iterator[str]:
    for part in ("given", "when", "then"):
        yield f"### {part.capitalize()}\n"
        yield "| Phrase | In Spanish | What it does |"
        yield "|---|---|---|"
        for phrase in PHRASES:
            if phrase.part == part:
                yield f"| {_slots(phrase.en)} | {_slots(phrase.es)} | {phrase.means} |"
        yield ""


def _slots(text: str) -> str:
    for mark in ("{", "}"):
        text = text.replace(mark, {"{": "‹", "}": "›"}[mark])
    words = []
    for part in text.split("‹"):
        name, closing, rest = part.partition("›")
        words.append(f"*{name.partition(':')[0]}*{rest}" if closing else part)
    return "".join(words)


def _words() -> Iterator[str]:
    yield "## The words in the slots\n"
    for title, words in (
        ("Messages", lexicon.MESSAGES),
        ("Kinds of customer message", lexicon.KINDS),
        ("Things that open", lexicon.THINGS),
        ("Verdicts", lexicon.VERDICTS),
        ("Rate lines", lexicon.LINES),
        ("What a rate is for", lexicon.RATES),
        ("What the ledger charges", lexicon.CHARGED),
        ("Why there is no amount", lexicon.NO_AMOUNT),
        ("What Meta calls a delivery", lexicon.LABEL_CATEGORIES),
        ("Types in brackets behind it", lexicon.LABEL_TYPES),
        ("Reasons", lexicon.REASONS),
        ("Senders", lexicon.SENDERS),
        ("Status of a thread", lexicon.STATUSES),
        ("Doubts", lexicon.DOUBTS),
    ):
        for language, name in (("en", ""), ("es", " (Spanish)")):
            known = words[language]
            if known:
                yield f"- **{title}{name}**: {'; '.join(known)}."
    yield "- **Lengths**: numbers with `s`, `min`, `h`, `days`: `23 h 59 min 59 s`."


if __name__ == "__main__":
    from fsm.harness.places import features_folder

    (features_folder() / "README.md").write_text(vocabulary_page(), encoding="utf-8")
