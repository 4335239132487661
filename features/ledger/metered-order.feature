@P26-12 @since-2026-10-01
Feature: Which of several deliveries the last free unit goes to

  The free thousand of a month are used up in the order of delivery. Of two deliveries in one second
  no text says which comes first: one is free and one is charged, and both are marked.

  Rule: The order of delivery decides, not that of sending

    Scenario: The message that was sent first and delivered last is charged
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And the rate card of 2026-10-01 says 0.0016 for a utility message in India
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And Ana wrote to the bakery 1 h ago
      And Luis wrote to the bakery 1 h ago
      And the bakery sent Luis a free-form message 10 s ago
      When a free-form message that the bakery sent Ana 1 min ago is delivered
      Then the ledger charges 0.0016 for a service message
      And the ledger charges 0.0016 in all

  Rule: Within one second nobody knows the order

    @unspecified
    Scenario: Two deliveries in one second compete for the last free unit
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And the rate card of 2026-10-01 says 0.0016 for a utility message in India
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And Ana wrote to the bakery 1 h ago
      And Luis wrote to the bakery 1 h ago
      And the bakery sends Ana a free-form message
      When the bakery sends Luis a free-form message
      Then the ledger charges 0.0016 for a service message
      And the ledger notes a doubt about two events of one second
      And the ledger charges 0.0016 in all

    Scenario: A second apart there is no doubt
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And the rate card of 2026-10-01 says 0.0016 for a utility message in India
      And Ana's number is +91 98123 45678
      And Luis's number is +91 98123 45679
      And Ana wrote to the bakery 1 h ago
      And Luis wrote to the bakery 1 h ago
      And the bakery sends Ana a free-form message
      And 1 s pass
      When the bakery sends Luis a free-form message
      Then the ledger charges 0.0016 for a service message
      And the answer notes no doubt

    Scenario: Two phone numbers do not compete, for each has its own free units
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      And Luis wrote to the florist 1 h ago
      And the bakery sends Ana a free-form message
      When the florist sends Luis a free-form message
      Then the ledger charges nothing
      And the answer notes no doubt
