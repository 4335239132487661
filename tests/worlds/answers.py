"""What is worked out from a delivery: texts that must be the same for every delivery of a world."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module

import attrs

from fsm.events import Account, read_account
from fsm.identity import Aliases, addressees, links_of, unify, unify_account
from fsm.machine import Law
from fsm.replay import replay, write_result
from fsm.service.reading import Log, read_all

Answer = Callable[[Sequence[bytes], Mapping[str, object]], str]


def find(name: str) -> Answer:
    """The function that a `module:function` names."""
    module, _, function = name.partition(":")
    found: Answer = getattr(import_module(module), function)
    return found


def read(lines: Sequence[bytes]) -> Log:
    """The delivery, read; every line of a world can be."""
    log = read_all([("world", b"\n".join(lines).decode())])
    assert not log.problems, log.problems
    return log


def results(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """One result per distinct event, who is who, and what was not understood."""
    log = read(lines)
    aliases = Aliases([*log.aliases, *links_of(log.events)])
    law = _law(unify_account(read_account(account), aliases))
    said = [json.dumps(write_result(result)) for result in replay(law, unify(log.events, aliases))]
    said += [json.dumps([*key, *names]) for key, names in sorted(addressees(log.events).items())]
    said += [json.dumps(attrs.astuple(found)) for found in aliases.suspicious()]
    said += sorted({f"{unread.why} {json.dumps(unread.raw)}" for unread in log.unread})
    return "\n".join(said)


@lru_cache(maxsize=64)
def _law(account: Account) -> Law:
    return Law(account, engine="table")
