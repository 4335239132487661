"""The texts that were read, each with the state in which it was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from fsm.rules.tables import Source

_READ_ON: Final = date(2026, 11, 22)
_META: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/"


def _meta(key: str, title: str, path: str, state: str) -> Source:
    return Source(key=key, title=f"Meta, {title}", url=_META + path, state=state, read_on=_READ_ON)


def _other(key: str, title: str, url: str, state: str) -> Source:
    return Source(key=key, title=title, url=url, state=state, read_on=_READ_ON)


SOURCES: Final[Mapping[str, Source]] = {
    source.key: source
    for source in (
        _meta("M-CBP", "Conversation-based pricing", "pricing/conversation-based-pricing", "2025-11-14"),
        _other(
            "M-2022",
            "Meta, Pricing (before June 2023)",
            "https://developers.facebook.com/docs/whatsapp/pricing",
            "spring 2023, with provider copies of 2022",
        ),
        _other(
            "M-2023U",
            "Meta, Updates to pricing (June 2023)",
            "https://developers.facebook.com/docs/whatsapp/updates-to-pricing",
            "2023",
        ),
        _other(
            "M-2023T",
            "Meta, Pricing changes launch timeline",
            "https://developers.facebook.com/docs/whatsapp/pricing/pricing-changes-launch-timeline",
            "2023",
        ),
        _other(
            "M-PMPU",
            "Meta, Updates to pricing (per-message pricing)",
            "https://developers.facebook.com/docs/whatsapp/pricing/updates-to-pricing",
            "2024-10 and 2025-07",
        ),
        _meta("M-PMP", "Pricing on the WhatsApp Business Platform", "pricing", "2026-03-02, 2026-06-30 and 2026-09-11"),
        _meta("M-NT", "Pricing of non-template messages", "pricing/non-template-messages", "2026-09-11"),
        _meta("M-OCT26", "Pricing, as quoted by five independent readers", "pricing", "2026-09-28 to 2026-10-10"),
        _meta("M-CSW", "Sending messages: customer service windows", "messages/send-messages", "2026"),
        _meta(
            "M-COEX", "Onboarding WhatsApp Business app users", "embedded-signup/onboarding-business-app-users", "2026"
        ),
        _meta("M-CALL", "Calling: pricing", "calling/pricing", "2026"),
        _meta("M-GRP", "Groups: pricing", "groups/pricing", "2025-10 and 2026-05"),
        _meta("M-STAT", "Status webhook reference", "webhooks/reference/messages/status", "2026-05-21"),
        _meta("M-ANA", "Analytics", "analytics", "2025-12-15, through a mirror"),
        _meta("M-ERR", "Error codes", "support/error-codes", "2026"),
        _meta("M-LIM", "Messaging limits", "messaging-limits", "2026"),
        _meta("M-PUL", "Per-user marketing limits", "templates/marketing-templates/per-user-limits", "2026-02-26"),
        _meta("M-OPT", "Getting opt-in", "getting-opt-in", "2025-11-03"),
        _meta("M-CAT", "Template categorization", "templates/template-categorization", "2026"),
        _meta("M-PAUSE", "Template pausing", "templates/template-pausing", "2026"),
        _meta("M-EXP", "Experiments", "support/experiments", "2026"),
        _meta("M-DS", "Direct Send", "direct-send", "2026-07-31"),
        _meta("M-MSC", "Multi-solution conversations", "solution-providers/multi-solution-conversations", "2025-11-12"),
        _meta("M-CONV", "Conversational components", "business-phone-numbers/conversational-components", "2025-10-31"),
        _meta("M-AI", "Pricing for AI providers", "pricing/ai-providers", "2026-03-04"),
        _meta(
            "M-AUTHINT",
            "Authentication-international rates",
            "pricing/authentication-international-rates",
            "2025-12-12",
        ),
        _meta("M-CHG", "Changelog", "changelog", "2021 to 2026, through mirrors"),
        _other(
            "YELLOW",
            "yellow.ai documentation, WhatsApp 24-hour window policy",
            "https://github.com/yellowmessenger/documentation",
            "undated",
        ),
        _other(
            "360D22",
            "360dialog documentation, conversations",
            "https://docs.360dialog.com",
            "2022",
        ),
        _other(
            "MYOP",
            "MyOperator support, free entry point articles",
            "https://support.myoperator.com",
            "2025 to 2026",
        ),
        _other(
            "PARTNER26",
            "A partner notice on the longer free entry point, as reproduced by a third party",
            _META + "pricing",
            "2026-09",
        ),
        _other(
            "WHATOOLS",
            "WhaTools open data, dated list of changes",
            "https://huggingface.co/datasets/WhaTools/whatsapp-open-data",
            "2026",
        ),
        _other(
            "CAPTURES",
            "Status webhooks that people left in public repositories",
            _META + "webhooks/reference/messages/status",
            "2023-01 to 2026-05",
        ),
        _other(
            "LIBPHONENUMBER",
            "phonenumbers 9.0.43 (libphonenumber metadata, Apache-2.0)",
            "https://github.com/google/libphonenumber",
            "9.0.43",
        ),
    )
}
