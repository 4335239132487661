"""
Random worlds: a few customers, one account, and everything that webhooks and logs say about them.

A world is made from its seed and is small. What makes it hard is how it arrives: `deliveries`
shuffles its items, repeats some and packs them into webhook bodies of any size, as retries and
queues do. Whatever is worked out from a world must not depend on that; `python -m tests.worlds`
(and `make permutations`) tries a million deliveries and hands back the smallest world that breaks.
"""

from tests.worlds.arrive import deliveries as deliveries
from tests.worlds.arrive import one_by_one as one_by_one
from tests.worlds.generate import world as world
from tests.worlds.model import Item as Item
from tests.worlds.model import World as World
from tests.worlds.model import straddles as straddles
