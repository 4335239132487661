"""
A published library as an example: what pywa hands to a bot about the price of a delivery.

    pip install pywa
    fsm conform --python pywa_readings:PywaReadings

pywa decides nothing about prices; it reads what Meta's webhooks state. So it claims the level `reading` alone: each
body is handed to it the way a web server would, and what reaches the bot's own handler is the answer. Nothing is sent.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from pywa import WhatsApp
from pywa.errors import PywaUnknownEnumMemberWarning
from pywa.types import MessageStatus

from fsm.harness import Adapter

# What it cannot read it logs, and the bot hears nothing of it. The answer shows that without a traceback.
logging.getLogger("pywa").addHandler(logging.NullHandler())


class PywaReadings(Adapter):
    """pywa's reading of message statuses."""

    name = "pywa"
    version = version("pywa")
    can_answer = ("reading",)

    def __init__(self) -> None:
        self.heard: list[MessageStatus[Any]] = []
        # No server, no number: it only reads. The same body may come in two scenarios.
        self.bot = WhatsApp(server=None, skip_duplicate_updates=False)
        self.bot.on_message_status(lambda _, status: self.heard.append(status))

    def event(self, event: Mapping[str, Any]) -> None:
        """Nothing: the cases of this level have no events."""

    def question(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the handler is told of a body."""
        self.heard.clear()
        with warnings.catch_warnings():
            # A word it does not know is UNKNOWN, with a warning: that is an answer.
            warnings.simplefilter("ignore", PywaUnknownEnumMemberWarning)
            self.bot.webhook_update_handler(json.dumps(question["body"]).encode())
        return {"statuses": [_told(status) for status in self.heard]}


def _told(status: MessageStatus[Any]) -> dict[str, Any]:
    price, conversation = status.pricing, status.conversation
    return {
        "id": status.id,
        "status": status.status.value,
        "price": None
        if price is None
        else {
            "model": price.model.value,
            "category": price.category.value,
            "type": None if price.type is None else price.type.value,
            "billable": price.billable,
        },
        "conversation": None
        if conversation is None
        else {
            "id": conversation.id,
            "origin": conversation.category.value,
            "ends_at": None if conversation.expiration is None else conversation.expiration.isoformat(),
        },
    }
