@INTL-02
Feature: The international authentication rate

  Meta tells a business from which instant its authentication messages to a country have
  the international rate. The price changes; the conversation and the permission do not.

  Rule: The rate starts at an instant of its own, compared with the delivery

    @INTL-01
    Scenario Outline: An authentication template <when> the international rate has started
      Given it is <date> at <time>
      And Ana's number is +91 98123 45678
      And the international authentication rate for IN starts on 2024-09-02 at 12:00
      When the bakery sends Ana an authentication template
      Then it is charged as <line>
      And it opens <opens>

      Examples: one second around the start
        | when   | date       | time     | line                         | opens                          |
        | before | 2024-09-02 | 11:59:59 | authentication               | an authentication conversation |
        | once   | 2024-09-02 | 12:00:00 | international authentication | an authentication conversation |

    Scenario: A template sent before the start and delivered after it has the international rate
      Given it is 2024-09-02 at 11:59
      And Ana's number is +91 98123 45678
      And the international authentication rate for IN starts on 2024-09-02 at 12:00
      When the bakery sends Ana an authentication template, delivered 2 min later
      Then it is charged as international authentication

    Scenario: Nothing else than authentication gets dearer
      Given it is 2025-08-11 at 09:00
      And Ana's number is +91 98123 45678
      And the international authentication rate for IN starts on 2024-09-02 at 12:00
      When the bakery sends Ana a utility template
      Then it is charged as utility

    Scenario: An international message that joins an open conversation costs nothing more
      Given it is 2024-09-03 at 09:00
      And Ana's number is +91 98123 45678
      And the international authentication rate for IN starts on 2024-09-02 at 12:00
      And the bakery sent Ana an authentication template 1 h ago
      When the bakery sends Ana an authentication template
      Then it is free because it belongs to an open conversation
      And it belongs to an authentication conversation
      And nothing else opens

    Scenario Outline: The international rate is charged under the law of <date>
      Given it is <date> at 09:00
      And Direct Send is enabled
      And Ana's number is +91 98123 45678
      And the international authentication rate for IN starts on 2024-09-02 at 12:00
      When the bakery sends Ana <message>
      Then it is charged as international authentication

      Examples: conversations, then messages
        | date       | message                         |
        | 2024-09-10 | an authentication template      |
        | 2024-10-20 | an authentication template      |
        | 2024-11-10 | an authentication template      |
        | 2025-07-05 | an authentication template      |
        | 2025-08-11 | an authentication template      |
        | 2026-02-20 | an authentication template      |
        | 2026-07-31 | an authentication template      |
        | 2026-07-31 | a direct authentication message |
        | 2026-08-10 | an authentication template      |
        | 2026-08-10 | a direct authentication message |
        | 2026-10-12 | an authentication template      |
        | 2026-10-12 | a direct authentication message |

  Rule: It never applies at home

    @INTL-03
    Scenario: A verified location in the customer's country keeps the ordinary rate
      Given it is 2025-08-11 at 09:00
      And the business is located in ID, as Meta has verified
      And Ana's number is +62 812 3456 7890
      And the international authentication rate for ID starts on 2024-09-02 at 12:00
      When the bakery sends Ana an authentication template
      Then it is charged as authentication

    @INTL-03
    Scenario: Without a verified location the international rate applies there too
      Given it is 2025-08-11 at 09:00
      And Ana's number is +62 812 3456 7890
      And the international authentication rate for ID starts on 2024-09-02 at 12:00
      When the bakery sends Ana an authentication template
      Then it is charged as international authentication

  Rule: Only listed countries have such a rate

    @INTL-04
    Scenario Outline: <country> has an international rate on <date>: <line>
      Given it is <date> at <time>
      And Ana's number is <number>
      And the international authentication rate for <country> starts on 2024-01-01 at 00:00
      When the bakery sends Ana an authentication template
      Then it is charged as <line>

      Examples: India and Indonesia since June 2024
        | country | number          | date       | time     | line                         |
        | IN      | +91 98123 45678 | 2024-05-31 | 23:59:59 | authentication               |
        | IN      | +91 98123 45678 | 2024-06-01 | 00:00:00 | international authentication |
        | ID      | ID.123          | 2024-06-01 | 00:00:00 | international authentication |

      Examples: seven more since February 2025
        | country | number | date       | time     | line                         |
        | AE      | AE.123 | 2025-01-31 | 23:59:59 | authentication               |
        | AE      | AE.123 | 2025-02-01 | 00:00:00 | international authentication |
        | EG      | EG.123 | 2025-02-01 | 00:00:00 | international authentication |
        | MY      | MY.123 | 2025-02-01 | 00:00:00 | international authentication |
        | NG      | NG.123 | 2025-02-01 | 00:00:00 | international authentication |
        | PK      | PK.123 | 2025-02-01 | 00:00:00 | international authentication |
        | SA      | SA.123 | 2025-02-01 | 00:00:00 | international authentication |
        | ZA      | ZA.123 | 2025-02-01 | 00:00:00 | international authentication |
        | IN      | IN.123 | 2025-02-01 | 00:00:00 | international authentication |
        | ID      | ID.123 | 2025-02-01 | 00:00:00 | international authentication |

      Examples: nine more since October 2026
        | country | number            | date       | time     | line                         |
        | BD      | +880 1812 345678  | 2026-09-30 | 23:59:59 | authentication               |
        | BD      | +880 1812 345678  | 2026-10-01 | 00:00:00 | international authentication |
        | IQ      | +964 791 234 5678 | 2026-09-30 | 23:59:59 | authentication               |
        | IQ      | +964 791 234 5678 | 2026-10-01 | 00:00:00 | international authentication |
        | KW      | +965 500 12345    | 2026-09-30 | 23:59:59 | authentication               |
        | KW      | +965 500 12345    | 2026-10-01 | 00:00:00 | international authentication |
        | KZ      | +7 771 000 9998   | 2026-09-30 | 23:59:59 | authentication               |
        | KZ      | +7 771 000 9998   | 2026-10-01 | 00:00:00 | international authentication |
        | LK      | +94 71 234 5678   | 2026-09-30 | 23:59:59 | authentication               |
        | LK      | +94 71 234 5678   | 2026-10-01 | 00:00:00 | international authentication |
        | MA      | +212 650 123456   | 2026-09-30 | 23:59:59 | authentication               |
        | MA      | +212 650 123456   | 2026-10-01 | 00:00:00 | international authentication |
        | NP      | +977 984 123 4567 | 2026-09-30 | 23:59:59 | authentication               |
        | NP      | +977 984 123 4567 | 2026-10-01 | 00:00:00 | international authentication |
        | OM      | +968 9212 3456    | 2026-09-30 | 23:59:59 | authentication               |
        | OM      | +968 9212 3456    | 2026-10-01 | 00:00:00 | international authentication |
        | UA      | +380 50 123 4567  | 2026-09-30 | 23:59:59 | authentication               |
        | UA      | +380 50 123 4567  | 2026-10-01 | 00:00:00 | international authentication |
        | AE      | AE.123            | 2026-10-01 | 00:00:00 | international authentication |
        | EG      | EG.123            | 2026-10-01 | 00:00:00 | international authentication |
        | ID      | ID.123            | 2026-10-01 | 00:00:00 | international authentication |
        | IN      | IN.123            | 2026-10-01 | 00:00:00 | international authentication |
        | MY      | MY.123            | 2026-10-01 | 00:00:00 | international authentication |
        | NG      | NG.123            | 2026-10-01 | 00:00:00 | international authentication |
        | PK      | PK.123            | 2026-10-01 | 00:00:00 | international authentication |
        | SA      | SA.123            | 2026-10-01 | 00:00:00 | international authentication |
        | ZA      | ZA.123            | 2026-10-01 | 00:00:00 | international authentication |

    @INTL-04
    Scenario: A Russian number is not a Kazakh one, though both begin with +7
      Given it is 2026-10-12 at 09:00
      And Ana's number is +7 912 345 6789
      And the international authentication rate for KZ starts on 2024-01-01 at 00:00
      When the bakery sends Ana an authentication template
      Then it is charged as authentication

  Rule: Both spellings of the rate are the same

    @INTL-05
    Scenario Outline: A message that Meta itself calls international, spelt <message>
      Given it is 2025-08-11 at 09:00
      When the bakery sends Ana <message>
      Then it is charged as international authentication

      Examples: with an underscore on one page and a hyphen on another
        | message                                    |
        | an international authentication template   |
        | an authentication-international template   |
