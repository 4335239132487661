@since-2025-07-01
Feature: Conversations that were open over 1 July 2025

  Since that midnight messages are charged, and no conversation opens any more. Those that were open
  run to their end. Only for utility is it documented that templates still belong to them.

  Rule: Utility templates belong to the utility conversation of the day before until it ends

    @PMP-07
    Scenario Outline: A utility template <elapsed> after the utility conversation opened, the window being <window>
      Given it is 2025-07-01 at 10:00
      And <customer>
      And the bakery sent Ana a utility template <elapsed> ago
      When the bakery sends Ana a utility template
      Then it is allowed
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it belongs to <conversation>
      And <price>

      Examples: before, at and after its end
        | elapsed          | window | customer                         | conversation           | price                                                            |
        | 23 h 59 min 59 s | closed | Luis wrote to the bakery 1 h ago | a utility conversation | it is free because it belongs to a conversation of the old rules |
        | 23 h 59 min 59 s | open   | Ana wrote to the bakery 1 h ago  | a utility conversation | it is free because it belongs to a conversation of the old rules |
        | 24 h             | closed | Luis wrote to the bakery 1 h ago | no conversation        | it is charged as utility                                         |
        | 24 h             | open   | Ana wrote to the bakery 1 h ago  | no conversation        | it is free because customer service is free                      |
        | 24 h 1 s         | closed | Luis wrote to the bakery 1 h ago | no conversation        | it is charged as utility                                         |

    @PMP-07
    Scenario: It does not make that conversation longer
      Given it is 2025-07-01 at 10:00
      And the bakery sent Ana a utility template 20 h ago
      When the bakery sends Ana a utility template
      Then the utility conversation stays open for 4 h
      And the thread is business-open for utility

  Rule: Templates of the other categories are charged from midnight on

    @PMP-07 @PMP-02 @MM-01 @unspecified
    Scenario Outline: <message> with its conversation of the day before still running
      Given it is 2025-07-01 at 10:00
      And the bakery sent Ana <message> 20 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And nothing is closed
      And it belongs to no conversation
      And it is charged as <price>
      And the answer notes a doubt about what becomes of older conversations

      Examples: not documented, so the new rules are taken
        | message                            | price          |
        | a marketing template               | marketing      |
        | an authentication template         | authentication |
        | a Marketing Messages Lite template | marketing      |

    @PMP-07 @contested
    Scenario Outline: An account that takes <message> to belong to its older conversation
      Given it is 2025-07-01 at 10:00
      And the account's policy on transition_non_utility is keep
      And the bakery sent Ana <message> 20 h ago
      When the bakery sends Ana <message>
      Then nothing opens
      And it belongs to <conversation>
      And it is free because it belongs to a conversation of the old rules

      Examples: the other reading
        | message                            | conversation                           |
        | a marketing template               | a marketing conversation               |
        | an authentication template         | an authentication conversation         |
        | a Marketing Messages Lite template | a Marketing Messages Lite conversation |

  Rule: A service conversation runs out, and nothing belongs to it any more

    @PMP-04 @PMP-01
    Scenario Outline: <message> with the service conversation of the day before still running
      Given it is 2025-07-01 at 10:00
      And Ana wrote to the bakery 21 h ago
      And the bakery sent Ana a free-form message 20 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And nothing is closed
      And it belongs to no conversation
      And it is free because customer service is free
      And the service conversation stays open for 4 h

      Examples: what the window makes free
        | message             |
        | a free-form message |
        | a reaction          |
        | a utility template  |

    @CBP2-01
    Scenario Outline: A service conversation of the day before, <elapsed> after it opened
      Given it is 2025-07-01 at 10:00
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana a free-form message <elapsed> ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And nothing opens
      And it is free because customer service is free
      And the thread is <status>

      Examples: just before and at its end
        | elapsed          | status       |
        | 23 h 59 min 59 s | service-open |
        | 24 h             | idle         |
