"""Opening account files: what sort of business sends, in which time zone, with which allowances and readings of the law."""

from __future__ import annotations

import tomllib
from pathlib import Path

from fsm.errors import BadAccount
from fsm.events import Account, read_account
from fsm.rulebooks.knobs import policy_of


def account_of(path: str | None) -> Account:
    """
    The account of an account file; without one, an ordinary business in UTC.

    Raises:
        BadAccount: the file cannot be read, is not TOML, or describes no account.
    """
    if path is None:
        return Account()
    try:
        account = read_account(tomllib.loads(Path(path).read_text(encoding="utf-8-sig")))
        policy_of(account.policy)
        return account
    except BadAccount as bad:
        raise BadAccount(f"{path}: {bad}") from None
    except tomllib.TOMLDecodeError as bad:
        raise BadAccount(f"{path} is not TOML: {bad}.") from None
    except (OSError, UnicodeDecodeError) as bad:
        raise BadAccount(f"{path} cannot be read: {bad}.") from None
