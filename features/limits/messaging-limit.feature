@LIM-01 @since-2025-07-01
Feature: Whom the messaging limit counts

  A business may reach so many different customers outside the customer service window in 24 hours.

  Rule: Different customers count, and only outside the window

    Scenario Outline: Three customers got <message> in the last hour, and Ana <situation>
      Given it is 2025-11-10 at 10:00
      And Ana's number is +91 98123 45678
      And in the last hour the bakery sent <message> to 3 customers under +91
      And <customer>
      When the bakery sends Ana <message>
      Then <count> customers count towards the messaging limit

      Examples: Ana counts unless her window is open
        | message              | situation       | customer                            | count |
        | a marketing template | has not written | Luis wrote to the bakery 30 min ago | 4     |
        | a marketing template | has written     | Ana wrote to the bakery 30 min ago  | 3     |
        | a utility template   | has not written | Luis wrote to the bakery 30 min ago | 4     |
        | a utility template   | has written     | Ana wrote to the bakery 30 min ago  | 3     |

    Scenario: The same customer counts once
      Given it is 2025-11-10 at 10:00
      And the bakery sent Ana a marketing template 2 h ago
      When the bakery sends Ana a utility template
      Then 1 customers count towards the messaging limit

    Scenario: What is not delivered does not count
      Given it is 2025-11-10 at 10:00
      When the bakery sends Ana a marketing template, never delivered
      Then no customers count towards the messaging limit

  Rule: A delivery counts for 24 hours

    Scenario Outline: On <date>, <ago> after a delivery to Ana the bakery asks to write to Luis
      Given it is <date> at 10:00
      And the bakery sent Ana a marketing template <ago> ago
      When the bakery asks to send Luis a marketing template
      Then <count> customers count towards the messaging limit

      Examples: a second before it ends, and at its end, under every law since it is written down
        | date       | ago              | count |
        | 2025-07-10 | 23 h 59 min 59 s | 1     |
        | 2025-07-10 | 24 h             | no    |
        | 2025-08-11 | 23 h 59 min 59 s | 1     |
        | 2025-08-11 | 24 h             | no    |
        | 2026-02-20 | 23 h 59 min 59 s | 1     |
        | 2026-02-20 | 24 h             | no    |
        | 2026-03-20 | 23 h 59 min 59 s | 1     |
        | 2026-03-20 | 24 h             | no    |
        | 2026-05-20 | 23 h 59 min 59 s | 1     |
        | 2026-05-20 | 24 h             | no    |
        | 2026-07-31 | 23 h 59 min 59 s | 1     |
        | 2026-07-31 | 24 h             | no    |
        | 2026-08-10 | 23 h 59 min 59 s | 1     |
        | 2026-08-10 | 24 h             | no    |
        | 2026-09-29 | 23 h 59 min 59 s | 1     |
        | 2026-09-29 | 24 h             | no    |
        | 2026-10-05 | 23 h 59 min 59 s | 1     |
        | 2026-10-05 | 24 h             | no    |
        | 2027-01-10 | 23 h 59 min 59 s | 1     |
        | 2027-01-10 | 24 h             | no    |
        | 2027-07-10 | 23 h 59 min 59 s | 1     |
        | 2027-07-10 | 24 h             | no    |
        | 2028-01-10 | 23 h 59 min 59 s | 1     |
        | 2028-01-10 | 24 h             | no    |
