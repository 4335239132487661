Feature: From a charge to an amount

  An amount is a rate of the day and market, taken from a card. What no card prices has no amount: it
  is never zero for want of one. The rates of these scenarios are invented.

  Rule: A conversation is charged once, whatever it holds

    @CBP2-02 @CBP2-10
    Scenario Outline: On <date>, three templates in one conversation
      Given it is <date> at 10:00
      And the rate card of 2023-06-01 says 0.0500 for a utility conversation in Italy
      And Ana's number is +39 055 012345
      And the bakery sent Ana a utility template 2 min ago
      And the bakery sent Ana a utility template 1 min ago
      When the bakery sends Ana a utility template
      Then the ledger charges nothing
      And the ledger charges 0.0500 in all

      Examples: under every law of conversations by category
        | date       |
        | 2023-07-10 |
        | 2024-06-10 |
        | 2024-10-20 |
        | 2024-11-10 |
        | 2024-11-25 |
        | 2025-02-10 |
        | 2025-04-10 |

    @CBP1-01 @CBP1-07
    Scenario Outline: On <date>, the first template opens the conversation and the second joins it
      Given it is <date> at 10:00
      And the free allowance is used up
      And the rate card of 2022-02-01 says 0.0400 for a business-initiated conversation in Italy
      And Ana's number is +39 055 012345
      And the bakery sends Ana a template
      And 1 min pass
      When the bakery sends Ana a template
      Then the ledger charges nothing
      And the ledger charges 0.0400 in all

      Examples: under every law of conversations by who began them
        | date       |
        | 2022-05-10 |
        | 2023-03-10 |
        | 2023-04-10 |

    @CBP2-02 @CBP2-10
    Scenario Outline: On <date>, the conversation is what is charged, and not the message
      Given it is <date> at 10:00
      And the rate card of 2023-06-01 says 0.0500 for a utility conversation in Italy
      And Ana's number is +39 055 012345
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0500 for a utility conversation

      Examples: under every law of conversations by category
        | date       |
        | 2023-07-10 |
        | 2024-06-10 |
        | 2024-10-20 |
        | 2024-11-10 |
        | 2024-11-25 |
        | 2025-02-10 |
        | 2025-04-10 |

    @PMP-02
    Scenario Outline: On <date>, each message is charged
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0691 for a marketing message in Italy
      And Ana's number is +39 055 012345
      And the bakery sent Ana a marketing template 2 min ago
      When the bakery sends Ana a marketing template
      Then the ledger charges 0.0691 for a marketing message
      And the ledger charges 0.1382 in all

      Examples: under every law since charges are per message
        | date       |
        | 2025-07-05 |
        | 2025-08-11 |
        | 2026-02-20 |
        | 2026-03-20 |
        | 2026-05-20 |
        | 2026-07-31 |
        | 2026-08-10 |
        | 2026-09-29 |
        | 2026-10-05 |
        | 2027-01-10 |
        | 2027-07-10 |
        | 2028-01-10 |

  Rule: The rate is that of the day in the account's own zone

    @CBP2-10
    Scenario Outline: In <zone>, a conversation that opens on <date> at <time>
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the rate card of 2025-02-01 says 0.0500 for a marketing conversation in Italy
      And the rate card of 2025-04-01 says 0.0600 for a marketing conversation in Italy
      And Ana's number is +39 055 012345
      When the bakery sends Ana a marketing template
      Then the ledger charges <amount> for a marketing conversation

      Examples: the last second of the old card and the first of the new
        | zone              | date       | time     | amount |
        | Asia/Kolkata      | 2025-03-31 | 23:59:59 | 0.0500 |
        | Asia/Kolkata      | 2025-04-01 | 00:00:00 | 0.0600 |
        | America/Sao_Paulo | 2025-03-31 | 23:59:59 | 0.0500 |
        | America/Sao_Paulo | 2025-04-01 | 00:00:00 | 0.0600 |

    @PMP-02
    Scenario Outline: A marketing template sent at 23:59:30 and delivered <later> later
      Given it is 2025-09-30 at 23:59:30
      And the rate card of 2025-07-01 says 0.0691 for a marketing message in Italy
      And the rate card of 2025-10-01 says 0.0700 for a marketing message in Italy
      And Ana's number is +39 055 012345
      When the bakery sends Ana a marketing template, delivered <later> later
      Then the ledger charges <amount> for a marketing message

      Examples: the delivery decides
        | later | amount |
        | 29 s  | 0.0691 |
        | 30 s  | 0.0700 |

    @CBP2-10
    Scenario: A conversation keeps the rate of its opening when a new card begins
      Given it is 2025-03-31 at 23:00
      And the rate card of 2025-02-01 says 0.0500 for a marketing conversation in Italy
      And the rate card of 2025-04-01 says 0.0600 for a marketing conversation in Italy
      And Ana's number is +39 055 012345
      And the bakery sends Ana a marketing template
      And 2 h pass
      When the bakery sends Ana a marketing template
      Then the ledger charges nothing
      And the ledger charges 0.0500 in all

  Rule: A service message costs what utility costs, unless the card names its own rate

    @P26-01
    Scenario Outline: On <date>, a card without a rate for service
      Given it is <date> at 10:00
      And the free allowance is used up
      And the rate card of 2026-10-01 says 0.0300 for a utility message in Italy
      And the rate card of 2026-10-01 says 0.0691 for a marketing message in Italy
      And Ana's number is +39 055 012345
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then the ledger charges 0.0300 for a service message

      Examples: since service messages are charged
        | date       |
        | 2026-10-05 |
        | 2027-01-10 |
        | 2027-07-10 |
        | 2028-01-10 |

    @P26-01
    Scenario: A card with a rate for service
      Given it is 2026-10-05 at 10:00
      And the free allowance is used up
      And the rate card of 2026-10-01 says 0.0300 for a utility message in Italy
      And the rate card of 2026-10-01 says 0.0280 for a service message in Italy
      And Ana's number is +39 055 012345
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then the ledger charges 0.0280 for a service message

  Rule: What has no rate has no amount, and what is free has none to pay

    @PMP-02
    Scenario Outline: <case>
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says <rate> for a marketing message in <market>
      And Ana's number is <number>
      When the bakery sends Ana a marketing template
      Then the ledger <says>

      Examples: unknown is not zero, and zero is a price
        | case                                     | rate   | market | number         | says                                                                   |
        | The card has a rate                      | 0.0691 | Italy  | +39 055 012345 | charges 0.0691 for a marketing message                                 |
        | The card says zero                       | 0.0000 | Italy  | +39 055 012345 | charges 0 for a marketing message                                      |
        | The card says that there is no such rate | n/a    | Italy  | +39 055 012345 | has no amount for a marketing message, because the rate card says n/a  |
        | The card says nothing about the market   | 0.0118 | India  | +39 055 012345 | has no amount for a marketing message, because no rate is known        |
        | Nobody knows where the customer is       | 0.0118 | India  | somebody       | has no amount for a marketing message, because the market is not known |

    @PMP-02
    Scenario Outline: On <date>, a card <which>
      Given it is <date> at 10:00
      And the rate card of <card> says 0.0691 for <priced> in Italy
      And Ana's number is +39 055 012345
      When the bakery sends Ana a marketing template
      Then the ledger has no amount for <charged>, because no rate is known

      Examples: a rate is good for its own time and unit only
        | date       | which                     | card       | priced                   | charged                  |
        | 2025-08-11 | that begins later         | 2025-10-01 | a marketing message      | a marketing message      |
        | 2025-08-11 | of rates per conversation | 2025-02-01 | a marketing conversation | a marketing message      |
        | 2025-06-10 | of rates per message      | 2025-02-01 | a marketing message      | a marketing conversation |

    @NBP-03
    Scenario: Of the time of notifications neither markets nor cards are known
      Given it is 2021-11-15 at 10:00
      And Ana's number is +39 055 012345
      When the bakery sends Ana a template
      Then the ledger has no amount for a notification, because the market is not known

    @PMP-01 @PMP-03
    Scenario Outline: Without any card, <message> inside the window costs nothing
      Given it is 2025-08-11 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then the ledger charges nothing
      And the ledger charges 0 in all

      Examples: what is free needs no rate
        | message             |
        | a free-form message |
        | a utility template  |
