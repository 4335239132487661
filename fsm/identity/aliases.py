"""The union of names: which belong to one customer, and which of them stands for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import combinations
from types import MappingProxyType
from typing import Final

import attrs

from fsm.events.numbers import scoped_country_of
from fsm.identity.links import MOST_NUMBERS, Link, Linked
from fsm.identity.spellings import canonical, is_group, is_phone

MOST_NAMES: Final = 8
"""Names other than phone numbers; a customer with an own and a parent id through three number changes has eight."""

SUSPICIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contested_message": "one message id came under names that are not one customer's",
        "group_linked": "a link names a group together with other names",
        "hub": "a name is linked directly with more phone numbers or names than one customer has",
        "many_names": "links from pair to pair give one customer more names than one customer has",
        "many_numbers": "links from pair to pair give one customer more phone numbers than an old and a new one",
        "several_user_ids": "a phone number has user ids that nothing else ties together: "
        "a new id without a message about it, or a number given to someone else",
    }
)
"""What may be wrong with a union, by name."""


@attrs.frozen(kw_only=True)
class Suspicion:
    """
    Names whose union may be wrong.

    Attributes:
        business: the business phone number id.
        names: the names as written, sorted.
        why: one of `SUSPICIONS`.
        joined: whether they were joined all the same.
    """

    business: str
    names: tuple[str, ...]
    why: str
    joined: bool


class Aliases:
    """
    Which names belong to one customer, per business phone number.

    Args:
        links: ids that name one customer, from webhooks and from `links_of`, in any order and
            any number of times. Names that no link mentions represent themselves.

    Rules: CSW-01

    >>> aliases = Aliases([Link(business="b", ids=("15550100099", "US.1")), Link(business="b", ids=("US.1", "US.2"))])
    >>> aliases.of("b", "US.2"), aliases.of("another number", "US.2")
    ('15550100099', 'US.2')
    >>> aliases.names("b", "15550100099")
    ('15550100099', 'US.1', 'US.2')
    """

    def __init__(self, links: Iterable[Linked] = ()) -> None:
        mine: dict[str, _Names] = {}
        for link in links:
            names = mine.get(link.business)
            if names is None:
                names = mine[link.business] = _Names()
            names.add(link)
        self._representatives: dict[str, dict[str, str]] = {}
        self._names: dict[tuple[str, str], tuple[str, ...]] = {}
        suspicions: set[Suspicion] = set()
        for business, names in mine.items():
            table = self._representatives[business] = {}
            clusters, wrong = names.union()
            for cluster in clusters:
                written = sorted(spelled for name in cluster for spelled in names.spellings[name])
                representative = names.representative(cluster)
                self._names[(business, representative)] = tuple(written)
                table.update(dict.fromkeys((*cluster, *written), representative))
            suspicions.update(
                Suspicion(business=business, names=tuple(sorted(found)), why=why, joined=joined)
                for found, why, joined in wrong
            )
        self._suspicious = tuple(sorted(suspicions, key=attrs.astuple))

    @property
    def businesses(self) -> tuple[str, ...]:
        """The business phone numbers that links mention, sorted."""
        return tuple(sorted(self._representatives))

    def of(self, business: str, customer: str) -> str:
        """
        The name that stands for a customer: a phone number if one is known.

        >>> seen = Aliases([Link(business="b", ids=("+52 1 55 5000 1111",))])
        >>> seen.of("b", "+52 1 55 5000 1111"), seen.of("b", "525550001111"), seen.of("b", "ana")
        ('+52 1 55 5000 1111', '+52 1 55 5000 1111', 'ana')
        """
        table = self._representatives.get(business)
        if table is None:
            return customer
        found = table.get(customer)
        return table.get(canonical(customer), customer) if found is None else found

    def names(self, business: str, representative: str) -> tuple[str, ...]:
        """
        All names seen for a customer, as written, sorted; any of them may be asked about.

        >>> Aliases().names("b", "ana")
        ('ana',)
        """
        return self._names.get((business, self.of(business, representative)), (representative,))

    def suspicious(self) -> tuple[Suspicion, ...]:
        """
        The unions that may be wrong, and those that were not made for that reason.

        >>> pairs = [Link(business="b", ids=(f"1555010009{digit}", "US.1")) for digit in range(3)]
        >>> [(found.why, found.joined) for found in Aliases(pairs).suspicious()]
        [('hub', False)]
        """
        return self._suspicious


class _Names:
    """
    The names of the customers of one business number while links are taken in.

    A name stands here in its canonical spelling; `spellings` has what was written.
    """

    def __init__(self) -> None:
        self.spellings: dict[str, set[str]] = {}
        self._canonical: dict[str, str] = {}
        self._numbers: set[str] = set()
        self._said: set[tuple[tuple[str, ...], bool, bool]] = set()
        self._groups: set[str] = set()
        self._links: set[frozenset[str]] = set()
        self._contested: set[frozenset[str]] = set()

    def add(self, link: Linked) -> None:
        """Take in a link; most have been said before, since every webhook names its customer anew."""
        is_of_group = isinstance(link, Link) and link.why == "group"
        contested = isinstance(link, Link) and not link.joins
        said = (link.ids, is_of_group, contested)
        if said in self._said:
            return
        self._said.add(said)
        names = frozenset(self._name(written) for written in link.ids)
        self._groups |= names if is_of_group else {name for name in names if is_group(name)}
        if len(names) > 1:
            (self._contested if contested else self._links).add(names)

    def _name(self, written: str) -> str:
        name = self._canonical.get(written)
        if name is None:
            name = self._canonical[written] = canonical(written)
            self.spellings.setdefault(name, set()).add(written)
            if is_phone(name):
                self._numbers.add(name)
        return name

    def representative(self, cluster: frozenset[str]) -> str:
        """The name that stands for a cluster."""
        name = min(cluster & self._numbers or {name for name in cluster if scoped_country_of(name)} or cluster)
        # One spelling stays as written: a log in which nobody has two names is not changed.
        return name if len(self.spellings[name]) > 1 else next(iter(self.spellings[name]))

    def union(self) -> tuple[list[frozenset[str]], list[tuple[set[str], str, bool]]]:
        """
        The clusters, and what may be wrong with them: names as written, why, and whether they were joined.

        A name of its own is a cluster too.
        """
        with_groups = [names for names in self._links if not self._groups.isdisjoint(names)]
        personal = [names for names in self._links if self._groups.isdisjoint(names)]
        hubs = _hubs(personal, self._numbers)
        links = [names - hubs.keys() for names in personal]
        clusters = _components(self.spellings, links)
        wrong = [(names, "contested_message", False) for names in self._contested]
        wrong += [(names, "group_linked", False) for names in with_groups]
        wrong += [(frozenset({hub, *partners}), "hub", False) for hub, partners in hubs.items()]
        for cluster in clusters:
            numbers = len(cluster & self._numbers)
            if numbers > MOST_NUMBERS:
                wrong.append((cluster, "many_numbers", True))
            if len(cluster) - numbers > MOST_NAMES:
                wrong.append((cluster, "many_names", True))
        wrong += [(names, "several_user_ids", True) for names in _numbers_of_several(links, self._numbers)]
        return clusters, [
            ({w for name in names for w in self.spellings[name]}, why, joined) for names, why, joined in wrong
        ]


def _hubs(links: Iterable[frozenset[str]], phones: Set[str]) -> dict[str, set[str]]:
    """The names that are linked directly with more others than one customer has, and those others."""
    partners: dict[str, set[str]] = {}
    for names in links:
        for one, other in combinations(names, 2):
            partners.setdefault(one, set()).add(other)
            partners.setdefault(other, set()).add(one)
    hubs: dict[str, set[str]] = {}
    for name, linked in partners.items():
        numbers = len(linked & phones)
        if numbers > MOST_NUMBERS or len(linked) - numbers > MOST_NAMES:
            hubs[name] = linked
    return hubs


def _numbers_of_several(links: Iterable[frozenset[str]], phones: Set[str]) -> Iterator[frozenset[str]]:
    """Each phone number whose user ids no link ties together without it, with these ids."""
    ids: list[frozenset[str]] = []
    beside: dict[str, set[str]] = {}
    for names in links:
        scoped = frozenset(name for name in names if scoped_country_of(name))
        ids.append(scoped)
        for name in names & phones if scoped else ():
            beside.setdefault(name, set()).update(scoped)
    parts = _components(frozenset().union(*ids), ids)
    together = {name: place for place, part in enumerate(parts) for name in part}
    for number, linked in beside.items():
        if len({together[name] for name in linked}) > 1:
            yield frozenset({number, *linked})


def _components(names: Iterable[str], links: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The connected components of names under links: union-find with path compression."""
    above = {name: name for name in names}

    def top(name: str) -> str:
        found = name
        while above[found] != found:
            found = above[found]
        while above[name] != found:
            above[name], name = found, above[name]
        return found

    for link in links:
        tops = sorted({top(name) for name in link})
        for other in tops[1:]:
            above[other] = tops[0]
    parts: dict[str, set[str]] = {}
    for name in above:
        parts.setdefault(top(name), set()).add(name)
    return [frozenset(part) for part in parts.values()]
