@since-2025-07-01
Feature: Utility and authentication get cheaper with volume

  From a certain number of the month on, each further message costs less. What was sent before keeps
  its price. The rates of these scenarios are invented, and the steps small.

  Rule: Each tier's rate holds for the messages inside it, and for no other

    @PMP-08
    Scenario Outline: After <count> authentication messages to India, the next one
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0014 for an authentication message in India
      And the rate card of 2025-07-01 says 0.0012 for an authentication message in India from number 101 on
      And the rate card of 2025-07-01 says 0.0010 for an authentication message in India from number 251 on
      And in the last hour the bakery sent an authentication template to <count> customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana an authentication template
      Then the ledger charges <amount> for an authentication message
      And the ledger charges <sum> in all

      Examples: the last of each tier, and the first of the next
        | count | amount | sum    |
        | 99    | 0.0014 | 0.1400 |
        | 100   | 0.0012 | 0.1412 |
        | 249   | 0.0012 | 0.3200 |
        | 250   | 0.0010 | 0.3210 |

    @PMP-08
    Scenario Outline: On <date>, after <count> utility messages to India, the next one
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And in the last hour the bakery sent a utility template to <count> customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges <amount> for a utility message

      Examples: under every law since charges are per message
        | date       | count | amount |
        | 2025-07-05 | 1     | 0.0016 |
        | 2025-07-05 | 2     | 0.0011 |
        | 2025-08-11 | 1     | 0.0016 |
        | 2025-08-11 | 2     | 0.0011 |
        | 2026-02-20 | 1     | 0.0016 |
        | 2026-02-20 | 2     | 0.0011 |
        | 2026-03-20 | 1     | 0.0016 |
        | 2026-03-20 | 2     | 0.0011 |
        | 2026-05-20 | 1     | 0.0016 |
        | 2026-05-20 | 2     | 0.0011 |
        | 2026-07-31 | 1     | 0.0016 |
        | 2026-07-31 | 2     | 0.0011 |
        | 2026-08-10 | 1     | 0.0016 |
        | 2026-08-10 | 2     | 0.0011 |
        | 2026-09-29 | 1     | 0.0016 |
        | 2026-09-29 | 2     | 0.0011 |
        | 2026-10-05 | 1     | 0.0016 |
        | 2026-10-05 | 2     | 0.0011 |
        | 2027-01-10 | 1     | 0.0016 |
        | 2027-01-10 | 2     | 0.0011 |
        | 2027-07-10 | 1     | 0.0016 |
        | 2027-07-10 | 2     | 0.0011 |
        | 2028-01-10 | 1     | 0.0016 |
        | 2028-01-10 | 2     | 0.0011 |

    @PMP-08
    Scenario Outline: On <date>, after <count> authentication messages to India, the next one is charged by its tier
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0014 for an authentication message in India
      And the rate card of 2025-07-01 says 0.0012 for an authentication message in India from number 3 on
      And in the last hour the bakery sent an authentication template to <count> customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana an authentication template
      Then the ledger charges <amount> for an authentication message

      Examples: under every law since charges are per message
        | date       | count | amount |
        | 2025-07-05 | 1     | 0.0014 |
        | 2025-07-05 | 2     | 0.0012 |
        | 2025-08-11 | 1     | 0.0014 |
        | 2025-08-11 | 2     | 0.0012 |
        | 2026-02-20 | 1     | 0.0014 |
        | 2026-02-20 | 2     | 0.0012 |
        | 2026-03-20 | 1     | 0.0014 |
        | 2026-03-20 | 2     | 0.0012 |
        | 2026-05-20 | 1     | 0.0014 |
        | 2026-05-20 | 2     | 0.0012 |
        | 2026-07-31 | 1     | 0.0014 |
        | 2026-07-31 | 2     | 0.0012 |
        | 2026-08-10 | 1     | 0.0014 |
        | 2026-08-10 | 2     | 0.0012 |
        | 2026-09-29 | 1     | 0.0014 |
        | 2026-09-29 | 2     | 0.0012 |
        | 2026-10-05 | 1     | 0.0014 |
        | 2026-10-05 | 2     | 0.0012 |
        | 2027-01-10 | 1     | 0.0014 |
        | 2027-01-10 | 2     | 0.0012 |
        | 2027-07-10 | 1     | 0.0014 |
        | 2027-07-10 | 2     | 0.0012 |
        | 2028-01-10 | 1     | 0.0014 |
        | 2028-01-10 | 2     | 0.0012 |

    @PMP-08
    Scenario: Without a table of tiers the amount is the list price, and the ledger says so
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0016 for a utility message
      And the ledger notes a doubt about the volume tiers

  Rule: Only what is charged counts, market by market and category by category

    @PMP-08
    Scenario Outline: On <date>, two utility messages do not bring authentication into its next tier
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And the rate card of 2025-07-01 says 0.0014 for an authentication message in India
      And the rate card of 2025-07-01 says 0.0012 for an authentication message in India from number 3 on
      And in the last hour the bakery sent a utility template to 2 customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana an authentication template
      Then the ledger charges 0.0014 for an authentication message

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

    @PMP-08
    Scenario: Messages to another market do not count
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0300 for a utility message in Italy
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And in the last hour the bakery sent a utility template to 2 customers under +39
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0016 for a utility message

    @PMP-08 @PMP-03
    Scenario: What is free inside the window does not count
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana a utility template 50 min ago
      And the bakery sent Ana a utility template 40 min ago
      When the bakery sends Luis a utility template
      Then the ledger charges 0.0016 for a utility message

    @PMP-08
    Scenario: What was never delivered does not count
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 2 on
      And Ana's number is +91 98123 45678
      And the bakery sends Ana a utility template, never delivered
      And 1 min pass
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0016 for a utility message

    @PMP-08
    Scenario Outline: On <date>, marketing has no tiers, whatever a table says
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0118 for a marketing message in India
      And the rate card of 2025-07-01 says 0.0050 for a marketing message in India from number 3 on
      And in the last hour the bakery sent a marketing template to 2 customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a marketing template
      Then the ledger charges 0.0118 for a marketing message

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

    @PMP-08 @P26-01
    Scenario Outline: On <date>, service messages have no tiers, although they cost what utility costs
      Given it is <date> at 10:00
      And the free allowance is used up
      And the rate card of 2026-10-01 says 0.0016 for a utility message in India
      And the rate card of 2026-10-01 says 0.0011 for a utility message in India from number 3 on
      And in the last hour the bakery sent a utility template to 2 customers under +91
      And Ana's number is +91 98123 45678
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then the ledger charges 0.0016 for a service message

      Examples: since service messages are charged
        | date       |
        | 2026-10-05 |
        | 2027-01-10 |
        | 2027-07-10 |
        | 2028-01-10 |

    @PMP-08 @P26-01
    Scenario Outline: On <date>, two service messages do not bring <category> into its next tier
      Given it is <date> at 10:00
      And the free allowance is used up
      And the rate card of 2026-10-01 says 0.0016 for a utility message in India
      And the rate card of 2026-10-01 says 0.0011 for a utility message in India from number 3 on
      And the rate card of 2026-10-01 says 0.0014 for an authentication message in India
      And the rate card of 2026-10-01 says 0.0012 for an authentication message in India from number 3 on
      And Ana's number is +91 98123 45678
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana a free-form message 50 min ago
      And the bakery sent Ana a free-form message 40 min ago
      When the bakery sends Ana <message>
      Then the ledger charges <amount> for <charged>

      Examples: since service messages are charged
        | date       | category       | message                    | amount | charged                   |
        | 2026-10-05 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-10-05 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2027-01-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2027-01-10 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2027-07-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2027-07-10 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2028-01-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2028-01-10 | authentication | an authentication template | 0.0014 | an authentication message |

  Rule: Authentication and its international rate count together

    @PMP-09
    Scenario Outline: On <date>, <message> comes third, after <earlier> to two customers
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0014 for an authentication message in India
      And the rate card of 2025-07-01 says 0.0012 for an authentication message in India from number 3 on
      And the rate card of 2025-07-01 says 0.0304 for an international authentication message in India
      And the rate card of 2025-07-01 says 0.0280 for an international authentication message in India from number 3 on
      And in the last hour the bakery sent <earlier> to 2 customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana <message>
      Then the ledger charges <amount> for <charged>

      Examples: the place in the count stays, the table changes
        | date       | earlier                                  | message                                  | amount | charged                                 |
        | 2025-07-05 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2025-07-05 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2025-08-11 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2025-08-11 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-02-20 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-02-20 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-03-20 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-03-20 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-05-20 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-05-20 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-07-31 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-07-31 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-08-10 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-08-10 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-09-29 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-09-29 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2026-10-05 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2026-10-05 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2027-01-10 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2027-01-10 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2027-07-10 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2027-07-10 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |
        | 2028-01-10 | an authentication template               | an international authentication template | 0.0280 | an international authentication message |
        | 2028-01-10 | an international authentication template | an authentication template               | 0.0012 | an authentication message               |

  Rule: The count begins anew with the month of the account that sends

    @PMP-08
    Scenario Outline: In <zone>, <wait> after eleven in the evening of <date>
      Given the account's time zone is <zone>
      And it is <date> at 23:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And in the last hour the bakery sent a utility template to 2 customers under +91
      And Ana's number is +91 98123 45678
      And <wait> pass
      When the bakery sends Ana a utility template
      Then the ledger charges <amount> for a utility message

      Examples: the last second of the month and the first of the next
        | zone              | date       | wait        | amount |
        | Asia/Kolkata      | 2025-08-31 | 59 min 59 s | 0.0011 |
        | Asia/Kolkata      | 2025-08-31 | 1 h         | 0.0016 |
        | Asia/Kolkata      | 2026-10-31 | 59 min 59 s | 0.0011 |
        | Asia/Kolkata      | 2026-10-31 | 1 h         | 0.0016 |
        | America/Sao_Paulo | 2025-08-31 | 59 min 59 s | 0.0011 |
        | America/Sao_Paulo | 2025-08-31 | 1 h         | 0.0016 |
        | America/Sao_Paulo | 2026-10-31 | 59 min 59 s | 0.0011 |
        | America/Sao_Paulo | 2026-10-31 | 1 h         | 0.0016 |

  Rule: All accounts of a portfolio count together, each in its own month

    @PMP-10
    Scenario: What the florist's account has sent counts for the bakery's
      Given it is 2025-08-11 at 10:00
      And the florist is another account of the portfolio, with the time zone Europe/Rome
      And the account is billed through a partner
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And in the last hour the florist sent a utility template to 2 customers under +91
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0011 for a utility message
      And the ledger charges 0.0043 in all

    @PMP-10 @PMP-08
    Scenario Outline: In Los Angeles it is still July and in Kolkata already August, and <business> sends one more
      Given the account's time zone is America/Los_Angeles
      And the florist is another account of the portfolio, with the time zone Asia/Kolkata
      And it is 2025-07-31 at 20:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And in the last hour the bakery sent a utility template to 2 customers under +91
      And Ana's number is +91 98123 45678
      When <business> sends Ana a utility template
      Then the ledger charges <amount> for a utility message

      Examples: the third of July, and the first of August
        | business    | amount |
        | the bakery  | 0.0011 |
        | the florist | 0.0016 |

  Rule: Meta alone says which tier holds

    @TIER-01
    Scenario Outline: Two webhooks announce one tier, at 10:00:03 and at 10:00:10, and a message is delivered at <time>
      Given it is 2025-08-11 at 10:00:03
      And Meta announces the tier from number 101 on for a utility message in India
      And it is 2025-08-11 at 10:00:10
      And Meta announces the tier from number 101 on for a utility message in India
      And it is 2025-08-11 at <time>
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 101 on
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges <amount> for a utility message

      Examples: the earlier webhook is the official one
        | time     | amount |
        | 10:00:02 | 0.0016 |
        | 10:00:03 | 0.0011 |
        | 10:00:09 | 0.0011 |
        | 10:00:10 | 0.0011 |

    @TIER-01
    Scenario: Where Meta announces another tier than our count gives, the ledger says so
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 101 on
      And Meta announces the tier from number 101 on for a utility message in India
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0011 for a utility message
      And the ledger notes a doubt about the tier that Meta announces

    @TIER-01 @PMP-09
    Scenario: A tier announced for authentication holds for the international rate too
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0304 for an international authentication message in India
      And the rate card of 2025-07-01 says 0.0280 for an international authentication message in India from number 101 on
      And Meta announces the tier from number 101 on for an authentication message in India
      And Ana's number is +91 98123 45678
      When the bakery sends Ana an international authentication template
      Then the ledger charges 0.0280 for an international authentication message

    @TIER-01
    Scenario Outline: A tier that Meta announces <for what>
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 101 on
      And Meta announces the tier from number 101 on for <announced> in <market>
      And <wait> pass
      And Ana's number is +91 98123 45678
      When the bakery sends Ana a utility template
      Then the ledger charges 0.0016 for a utility message

      Examples: says nothing about utility messages to India
        | for what             | date       | announced                 | market | wait  |
        | in another market    | 2025-08-11 | a utility message         | Italy  | 1 min |
        | for another category | 2025-08-11 | an authentication message | India  | 1 min |
        | ends with its month  | 2025-08-31 | a utility message         | India  | 14 h  |
