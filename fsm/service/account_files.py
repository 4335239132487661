"""Opening account files: what sort of business sends, in which time zone, with which allowances and readings of the law."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
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


def check_claimed(account: Account, businesses: Iterable[str]) -> None:
    """
    Raises:
        BadAccount: one of these business phone numbers is not among those that the account says are its own.

    >>> check_claimed(Account(numbers=frozenset({"100"})), ["100", "200"])
    Traceback (most recent call last):
        ...
    fsm.errors.BadAccount: the account does not claim the business number '200'. Add it to its 'numbers', or leave ...
    """
    other = min(set(businesses) - account.numbers, default=None) if account.numbers else None
    if other is not None:
        raise BadAccount(
            f"the account does not claim the business number {other!r}. Add it to its 'numbers', or leave its events out; "
            "`fsm ledger` takes the logs of several accounts."
        )
