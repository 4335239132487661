"""Tests of the ledger: each story is told in events, and what is looked at are its rows."""
