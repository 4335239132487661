@since-2025-07-15
Feature: What a call costs

  Calls by customers are free. Calls by the business are charged by pulses of six seconds at the rate
  per minute of the market that is called.

  Rule: Every six seconds that were begun are charged

    @CALL-01
    Scenario Outline: A call of <count> seconds
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And Ana's number is +91 98123 45678
      When the bakery calls Ana for <count> seconds
      Then the ledger charges <amount> for a call

      Examples: around the pulses, and Meta's own example of 56 seconds
        | count | amount |
        | 2     | 0.0010 |
        | 6     | 0.0010 |
        | 7     | 0.0020 |
        | 12    | 0.0020 |
        | 13    | 0.0030 |
        | 54    | 0.0090 |
        | 55    | 0.0100 |
        | 56    | 0.0100 |
        | 60    | 0.0100 |
        | 61    | 0.0110 |

    @CALL-01
    Scenario Outline: On <date>, a call of seven seconds is charged by two pulses
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And Ana's number is +91 98123 45678
      When the bakery calls Ana for 7 seconds
      Then the ledger charges 0.0020 for a call

      Examples: under every law since calls are charged
        | date       |
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

    @CALL-01
    Scenario: A call that nobody accepts costs nothing
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And Ana's number is +91 98123 45678
      When the bakery calls Ana for 0 seconds
      Then the ledger charges nothing

    @CALL-01
    Scenario: The day on which a call begins decides its rate
      Given it is 2025-09-30 at 23:59:58
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And the rate card of 2025-10-01 says 0.0200 for a minute of a call in India
      And Ana's number is +91 98123 45678
      When the bakery calls Ana for 12 seconds
      Then the ledger charges 0.0020 for a call

    @CALL-01
    Scenario: Without a rate a call has no amount, which is not zero
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And Ana's number is +39 055 012345
      When the bakery calls Ana for 12 seconds
      Then the ledger has no amount for a call, because no rate is known

  Rule: A customer who calls pays nobody, and neither does the business

    @CALL-01
    Scenario Outline: On <date>, a customer calls for a minute
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And Ana's number is +91 98123 45678
      When Ana calls the bakery for 60 seconds
      Then the ledger charges nothing

      Examples: under every law since calls are charged
        | date       |
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

    @CALL-01
    Scenario Outline: On <date> at <time>, a call of the business
      Given it is <date> at <time>
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And Ana's number is +91 98123 45678
      When the bakery calls Ana for 6 seconds
      Then the ledger <says>

      Examples: before that day no text says what it costs
        | date       | time     | says                                         |
        | 2025-07-14 | 23:59:59 | notes a doubt about what this delivery costs |
        | 2025-07-15 | 00:00:00 | charges 0.0010 for a call                    |

  Rule: A call that crosses into a cheaper tier is charged at its rate as a whole

    @TIER-02
    Scenario Outline: After <earlier> seconds this month, a call of <count> seconds
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And the rate card of 2025-07-01 says 0.0080 for a minute of a call in India from number 3 on
      And Ana's number is +91 98123 45678
      And the bakery calls Ana for <earlier> seconds
      And 10 min pass
      When the bakery calls Ana for <count> seconds
      Then the ledger charges <amount> for a call

      Examples: the tier begins with the third minute
        | earlier | count | amount |
        | 60      | 54    | 0.0090 |
        | 60      | 60    | 0.0100 |
        | 60      | 61    | 0.0088 |
        | 60      | 120   | 0.0160 |
        | 120     | 6     | 0.0008 |
        | 180     | 60    | 0.0080 |

    @TIER-02
    Scenario Outline: On <date>, a call that crosses into a tier has its rate from the first second
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And the rate card of 2025-07-01 says 0.0080 for a minute of a call in India from number 3 on
      And Ana's number is +91 98123 45678
      And in the last hour the bakery sent a utility template to 3 customers under +91
      And in the last hour the bakery sent an authentication template to 3 customers under +91
      And the bakery calls Ana for 60 seconds
      And 10 min pass
      When the bakery calls Ana for <count> seconds
      Then the ledger charges <amount> for a call

      Examples: under every law since calls are charged; messages do not count
        | date       | count | amount |
        | 2025-08-11 | 60    | 0.0100 |
        | 2025-08-11 | 66    | 0.0088 |
        | 2026-02-20 | 60    | 0.0100 |
        | 2026-02-20 | 66    | 0.0088 |
        | 2026-03-20 | 60    | 0.0100 |
        | 2026-03-20 | 66    | 0.0088 |
        | 2026-05-20 | 60    | 0.0100 |
        | 2026-05-20 | 66    | 0.0088 |
        | 2026-07-31 | 60    | 0.0100 |
        | 2026-07-31 | 66    | 0.0088 |
        | 2026-08-10 | 60    | 0.0100 |
        | 2026-08-10 | 66    | 0.0088 |
        | 2026-09-29 | 60    | 0.0100 |
        | 2026-09-29 | 66    | 0.0088 |
        | 2026-10-05 | 60    | 0.0100 |
        | 2026-10-05 | 66    | 0.0088 |
        | 2027-01-10 | 60    | 0.0100 |
        | 2027-01-10 | 66    | 0.0088 |
        | 2027-07-10 | 60    | 0.0100 |
        | 2027-07-10 | 66    | 0.0088 |
        | 2028-01-10 | 60    | 0.0100 |
        | 2028-01-10 | 66    | 0.0088 |

    @TIER-02
    Scenario: The count begins anew with the month
      Given it is 2025-08-31 at 23:50
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And the rate card of 2025-07-01 says 0.0080 for a minute of a call in India from number 3 on
      And Ana's number is +91 98123 45678
      And the bakery calls Ana for 180 seconds
      And 10 min pass
      When the bakery calls Ana for 60 seconds
      Then the ledger charges 0.0100 for a call

    @TIER-02
    Scenario: Calls of customers do not count
      Given it is 2025-08-11 at 10:00
      And the rate card of 2025-07-01 says 0.0100 for a minute of a call in India
      And the rate card of 2025-07-01 says 0.0080 for a minute of a call in India from number 3 on
      And Ana's number is +91 98123 45678
      And Ana calls the bakery for 180 seconds
      And 10 min pass
      When the bakery calls Ana for 60 seconds
      Then the ledger charges 0.0100 for a call
