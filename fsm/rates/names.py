"""
Names, spelled once: markets, columns, currencies and countries, and the other spellings of each.

Sources: Meta's rate cards and market tables as described in `data/NOTICE.md`; ISO 3166-1 and ISO 4217
as in force in 2026.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from fsm import terms
from fsm.errors import BadRates, UnknownMarket

NORTH_AMERICA: Final = "North America"

MARKETS: Final = frozenset(
    {
        "Argentina",
        "Bangladesh",
        "Brazil",
        "Chile",
        "Colombia",
        "Egypt",
        "France",
        "Germany",
        "Hong Kong",
        "Hungary",
        "India",
        "Indonesia",
        "Iraq",
        "Israel",
        "Italy",
        "Kazakhstan",
        "Kuwait",
        "Malaysia",
        "Mexico",
        "Morocco",
        "Nepal",
        "Netherlands",
        "Nigeria",
        NORTH_AMERICA,
        "Oman",
        "Other",
        "Pakistan",
        "Peru",
        "Poland",
        "Qatar",
        "Rest of Africa",
        "Rest of Asia Pacific",
        "Rest of Central & Eastern Europe",
        "Rest of Latin America",
        "Rest of Middle East",
        "Rest of Western Europe",
        "Romania",
        "Russia",
        "Saudi Arabia",
        "Singapore",
        "South Africa",
        "Spain",
        "Sri Lanka",
        "Turkey",
        "Ukraine",
        "United Arab Emirates",
        "United Kingdom",
    }
)
"""As the cards spell them; `data/markets.csv` uses exactly these, which a test holds it to."""

MARKET_ALIASES: Final = {
    "hong kong sar": "Hong Kong",
    "russian federation": "Russia",
    "turkiye": "Turkey",
    "türkiye": "Turkey",
    "uae": "United Arab Emirates",
    "uk": "United Kingdom",
}
"""Spellings seen beside Meta's; case, spaces and `and` for `&` need no entry."""

COUNTRY_ALIASES: Final = {
    "cote d'ivoire": "CI",
    "czech republic": "CZ",
    "czechia": "CZ",
    "côte d'ivoire": "CI",
    "eswatini": "SZ",
    "ivory coast": "CI",
    "republic of the congo (brazzaville)": "CG",
    "swaziland": "SZ",
}
"""Countries that Meta's market tables name differently from one another."""

COLUMNS: Final = {
    "authentication": "authentication",
    "authentication-international": terms.AUTHENTICATION_INTERNATIONAL,
    "business-initiated": "business_initiated",
    "calling": "calling",
    "general-purpose-ai": "general_purpose_ai",
    "marketing": "marketing",
    "marketing-lite": "marketing_lite",
    "mba-tokens": "mba_tokens",
    "meta-business-agent": "mba_tokens",
    "notification": "notification",
    "service": "service",
    "user-initiated": "user_initiated",
    "utility": "utility",
}
"""Column headings, in lower case with hyphens for spaces and underscores, and the rate line each stands for."""

TEXT_LINES: Final = frozenset({"mba_tokens"})
"""Priced per million tokens in words (`$2 USD / 1 M (million) tokens`): kept as text, never multiplied."""

CURRENCY_TOKENS: Final = {"$US": "USD", "A$": "AUD", "£": "GBP", "₹": "INR", "RP": "IDR", "GBD": "GBP"}
"""What Meta's Currency column says instead of the ISO code. `GBD` is a misprint for GBP and no currency of its own."""

CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG
    XOF XPF YER ZAR ZMW ZWG
    """.split()
)
"""ISO 4217."""

COUNTRIES: Final = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()
)
"""ISO 3166-1, and XK, which phone numbers of Kosovo are filed under."""

SHARED_CALLING_CODES: Final = {
    "AX": "358",
    "CC": "61",
    "CX": "61",
    "EH": "212",
    "GG": "44",
    "IM": "44",
    "JE": "44",
    "SJ": "47",
    "VA": "39",
}
"""Territories under another country's calling code: Meta's markets follow the code (GEO)."""

US_TERRITORIES: Final = frozenset({"AS", "GU", "MP", "VI"})
"""Meta's table does not list them and names only Puerto Rico: read literally they are Other, some bill them as the US."""


def folded(text: str) -> str:
    """
    A name without what its spellings differ in: case, spacing, `and` for `&`.

    >>> folded(" Rest of Central and  Eastern Europe ") == folded("REST OF CENTRAL & EASTERN EUROPE")
    True
    """
    return " ".join("&" if word == "and" else word for word in text.casefold().replace("&", " & ").split())


def market_name(text: str, markets: Iterable[str] = MARKETS) -> str:
    """
    The market as the cards spell it.

    Args:
        text: in any of the spellings seen: `INDIA`, `Rest of Central and Eastern Europe`, `Türkiye`.
        markets: those that exist.

    Raises:
        UnknownMarket: no such market. A new one is news, and is never priced as another.

    Source: Meta's cards and market tables differ from one another (`data/NOTICE.md`).

    >>> market_name("INDIA"), market_name("Rest of Central and Eastern Europe")
    ('India', 'Rest of Central & Eastern Europe')
    """
    known = {folded(market): market for market in markets}
    key = folded(text)
    name = known.get(key) or known.get(folded(MARKET_ALIASES.get(key, "")))
    if name is not None:
        return name
    close = get_close_matches(key, sorted(known), n=1)
    hint = f" Did you mean {known[close[0]]!r}?" if close else ""
    raise UnknownMarket(
        f"{text!r} is not a market of the market table, so no customer could be found in it.{hint} "
        "If Meta has a new market, pass a market table that contains it."
    )


def currency_code(token: str) -> str:
    """
    The ISO 4217 code for what a card prints as its currency.

    Raises:
        BadRates: neither a code nor one of the tokens in Meta's files.

    >>> currency_code("$US"), currency_code("GBD"), currency_code("AED")
    ('USD', 'GBP', 'AED')
    """
    text = token.strip()
    code = CURRENCY_TOKENS.get(text) or CURRENCY_TOKENS.get(text.upper()) or text.upper()
    if code not in CURRENCIES:
        raise BadRates(
            f"{token!r} is no currency we know, and an amount in the wrong one is worse than none. "
            f"Write the ISO 4217 code, for example USD; Meta's own tokens are {', '.join(CURRENCY_TOKENS)}."
        )
    return code


def line_of(heading: str) -> str | None:
    """
    The rate line that a column heading stands for; None if it stands for none.

    >>> line_of("Authentication-International"), line_of("Meta Business Agent"), line_of("Remarks")
    ('authentication_international', 'mba_tokens', None)
    """
    return COLUMNS.get("-".join(heading.casefold().replace("_", " ").replace("-", " ").split()))
