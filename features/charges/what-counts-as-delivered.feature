Feature: What counts as delivered, and what it costs then

  A charge falls when a message is delivered, once, and at the prices of that moment. Reports may be
  missing, doubled or at odds with each other; what was delivered is charged, and nothing else is.

  Rule: What is not delivered costs nothing

    @CBP1-12 @CBP2-19 @PMP-12
    Scenario Outline: On <date>, a utility template that is never delivered
      Given it is <date> at 10:00
      And the free allowance is used up
      When the bakery sends Ana a utility template, never delivered
      Then it is allowed
      And nothing is charged
      And nothing opens

      Examples: under each set of rules
        | date       |
        | 2022-05-10 |
        | 2023-07-10 |
        | 2025-08-11 |
        | 2026-10-05 |

    @PMP-12
    Scenario: Asking costs nothing
      Given it is 2025-08-11 at 10:00
      When the bakery asks to send Ana a marketing template
      Then it is allowed
      And nothing is charged

  Rule: A message that was read was delivered

    @PMP-13
    Scenario Outline: On <date>, only the reading of a utility template is reported
      Given it is <date> at 10:00
      And the free allowance is used up
      When the bakery sends Ana a utility template, reported read but not delivered
      Then it is charged as <line>
      And the answer notes no doubt

      Examples: under each set of rules
        | date       | line                              |
        | 2022-05-10 | a business-initiated conversation |
        | 2023-07-10 | utility                           |
        | 2025-08-11 | utility                           |
        | 2026-10-05 | utility                           |

  Rule: However often it is reported, it is charged once

    @PMP-13
    Scenario Outline: On <date>, a utility template is reported delivered twice, and read
      Given it is <date> at 10:00
      And the free allowance is used up
      When the bakery sends Ana a utility template, reported delivered twice and read
      Then it is charged as <line>

      Examples: under each set of rules
        | date       | line                              |
        | 2022-05-10 | a business-initiated conversation |
        | 2023-07-10 | utility                           |
        | 2025-08-11 | utility                           |
        | 2026-10-05 | utility                           |

  Rule: If reports contradict each other, the delivery decides, and the answer says so

    @PMP-12 @PMP-13
    Scenario Outline: On <date>, both a failure and a delivery are reported
      Given it is <date> at 10:00
      And the free allowance is used up
      When the bakery sends Ana a utility template, reported failed and delivered
      Then it is charged as <line>
      And the answer notes a doubt about a delivery and a failure of one message

      Examples: under each set of rules
        | date       | line                              |
        | 2022-05-10 | a business-initiated conversation |
        | 2023-07-10 | utility                           |
        | 2025-08-11 | utility                           |
        | 2026-10-05 | utility                           |

    @PMP-13 @CSW-11
    Scenario: A delivery dated before the sending is charged all the same
      Given it is 2025-08-11 at 10:00
      When the bakery sends Ana a utility template, reported delivered before it was sent
      Then it is charged as utility
      And the answer notes a doubt about a delivery dated before its sending

    @PMP-12 @CSW-03
    Scenario: A message delivered although the rules refuse it is priced, and the answer says so
      Given it is 2026-10-05 at 10:00
      And the free allowance is used up
      When the bakery sends Ana a free-form message
      Then it is refused: a template is needed
      And it is charged as service
      And the answer notes a doubt about a delivery that was refused

    @PMP-13
    Scenario: A delivery of a message that nobody recorded is priced by nobody
      Given it is 2025-08-11 at 10:00
      When a delivery to Ana is reported for a message that the bakery did not record
      Then nothing opens
      And nothing is charged
      And the answer notes a doubt about a status of an unknown message

  Rule: The prices of the delivery's own day apply

    @PMP-01 @P26-01 @P26-03
    Scenario Outline: <message> sent an hour before October 2026 and delivered <later> later
      Given it is 2026-09-30 at 23:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>, delivered <later> later
      Then <price>

      Examples: before and after midnight
        | message             | later       | price                                       |
        | a utility template  | 59 min 59 s | it is free because customer service is free |
        | a utility template  | 1 h         | it is charged as utility                    |
        | a free-form message | 59 min 59 s | it is free because customer service is free |
        | a free-form message | 1 h         | it is free because the free tier covers it  |
