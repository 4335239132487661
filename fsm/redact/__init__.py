"""
Redaction: a line of a real log in, the same line about nobody out.

This room knows what in a webhook body or event is structure and what is somebody's:
numbers, ids, names, texts. It refuses to know files, and any rule: values in, values
out. What leaves it can be replayed, and the windows, verdicts, prices and their order
are those of the real log, about other people.

Decisions:
- 2026-11-22. An allow list. Times, amounts, booleans and the words of Meta's enums are
  kept where they are expected and look as expected; whatever else there is, is
  replaced, under keys nobody knows too. Below such a key nothing but booleans is kept.
  A key that looks like an id, a number or a name is replaced as well.
- 2026-11-22. A replacement is a function of the secret key and the value alone, with no
  table behind it. So lines, files and runs fit together if they share the key, a log of
  any length needs no memory, and nothing remains that would undo it but the key.
- 2026-11-22. Numbers and ids are permuted, not hashed: two of them cannot become one by
  construction, and none stays itself. Texts become 80 bits of a hash.
- 2026-11-22. The first four digits of a phone number stay, and the country of a
  business-scoped id: market and US area code decide prices. So does the number's
  length. Of numbers with seven digits three are left to replace; that is no
  anonymity, and shorter ones are ids.
- 2026-11-22. Phone numbers are few. Who has the key, or can guess it, finds the number
  behind every replacement by trying them all. The key must stay as secret as the log.
- 2026-11-22. An invented number may be somebody's. Nobody should write to one.
- 2026-11-22. The network is a Feistel network on HMAC-SHA256, walked in cycles, after the
  idea of NIST SP 800-38G. It is not FF1 itself, which needs a cipher that Python's own
  library lacks; on a domain this small no permutation is stronger than its key.
- 2026-11-22. Ids decide the order of events of one second, and redaction changes ids. So two
  messages of one second may change places: one opens the window where the other did.
  Where more than that depends on it, the replay says `tie_sensitive` before and after.
- 2026-11-22. Who wrote when, how often and to whom stays visible: that is what the sample
  is for. Someone who knows when a certain person wrote will find them again.
- 2026-11-22. The words of errors are replaced, their codes stay: details quote numbers.
"""

from fsm.redact.check import survivors as survivors
from fsm.redact.ids import Key as Key
from fsm.redact.walk import redact as redact
from fsm.redact.walk import written as written
