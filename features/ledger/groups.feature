@GRP-01
Feature: What a message to a group costs

  A message to a group is charged once for every member to whom it was delivered. Such messages have
  no volume tiers.

  Rule: Every member who got it is charged

    Scenario Outline: A <category> template is delivered to <members>
      Given it is 2025-11-10 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0118 for a marketing message in India
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      When the bakery sends the group a <category> template, delivered to <members>
      Then the ledger charges <amount> for a <category> message

      Examples: one of two members, and both
        | category  | members      | amount         |
        | utility   | Ana          | 0.0016         |
        | utility   | Ana and Luis | 2 times 0.0016 |
        | marketing | Luis         | 0.0118         |
        | marketing | Ana and Luis | 2 times 0.0118 |

    Scenario: Each member is charged at the rate of their own market
      Given it is 2025-11-10 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0300 for a utility message in Italy
      And Ana's number is +91 98123 45678
      And Luis's number is +39 055 012345
      When the bakery sends the group a utility template, delivered to Ana and Luis
      Then the ledger charges 0.0316 in all

    Scenario: Inside the group's window a utility template costs nothing, until September 2026
      Given Ana and Luis write to the bakery in one group
      And it is 2025-11-10 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And Luis wrote to the bakery 1 h ago
      When the bakery sends the group a utility template, delivered to Ana and Luis
      Then the ledger charges nothing

    @P26-02
    Scenario Outline: <units>, and a free-form message is delivered to both members
      Given Ana and Luis write to the bakery in one group
      And it is 2026-10-05 at 10:00
      And <units>
      And the rate card of 2026-10-01 says 0.0016 for a utility message in India
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And Luis wrote to the bakery 1 h ago
      When the bakery sends the group a free-form message, delivered to Ana and Luis
      Then the ledger <says>

      Examples: each member uses one free unit
        | units                                  | says                                         |
        | 2 units of the free allowance are left | charges nothing                              |
        | one unit of the free allowance is left | charges 0.0016 for a service message         |
        | the free allowance is used up          | charges 2 times 0.0016 for a service message |

  Rule: They have no volume tiers, and do not count for others

    @PMP-08
    Scenario Outline: On <date>, a group's members are charged at the list price of <category>
      Given it is <date> at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And the rate card of 2025-07-01 says 0.0014 for an authentication message in India
      And the rate card of 2025-07-01 says 0.0012 for an authentication message in India from number 3 on
      And in the last hour the bakery sent <message> to 2 customers under +91
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      When the bakery sends the group <message>, delivered to Ana and Luis
      Then the ledger charges 2 times <amount> for <charged>

      Examples: under every law since charges are per message
        | date       | category       | message                    | amount | charged                   |
        | 2025-07-05 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2025-07-05 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2025-08-11 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2025-08-11 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-02-20 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-02-20 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-03-20 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-03-20 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-05-20 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-05-20 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-07-31 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-07-31 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-08-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-08-10 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-09-29 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-09-29 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2026-10-05 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2026-10-05 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2027-01-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2027-01-10 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2027-07-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2027-07-10 | authentication | an authentication template | 0.0014 | an authentication message |
        | 2028-01-10 | utility        | a utility template         | 0.0016 | a utility message         |
        | 2028-01-10 | authentication | an authentication template | 0.0014 | an authentication message |

    @PMP-08
    Scenario: What a group got does not bring others into the next tier
      Given it is 2025-11-10 at 10:00
      And the rate card of 2025-07-01 says 0.0016 for a utility message in India
      And the rate card of 2025-07-01 says 0.0011 for a utility message in India from number 3 on
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And the bakery sends the group a utility template, delivered to Ana and Luis
      And 1 min pass
      When the bakery sends Luis a utility template
      Then the ledger charges 0.0016 for a utility message
