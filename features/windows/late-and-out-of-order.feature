Feature: Late deliveries and webhooks out of order

  The customer's own timestamp counts, not the moment at which we hear of it. Whether a
  message may go out is judged when it is sent, what it costs when it is delivered.

  Rule: A customer's message counts from its own timestamp

    @CSW-11
    Scenario: A message that was written 25 hours ago has no window left, however late we hear of it
      Given it is 2025-08-11 at 09:00
      And the bakery sent Ana a utility template 1 h ago
      And Ana wrote to the bakery 25 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

    @CSW-11
    Scenario: An older message that arrives last does not shorten the window
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      And Ana wrote to the bakery 20 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 23 h

    @CSW-11
    Scenario: A question that arrives after the answer still opens the window before it
      Given it is 2025-08-11 at 09:00
      And the bakery sent Ana a free-form message 1 h ago
      And Ana wrote to the bakery 2 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 22 h

    @CSW-11
    Scenario: A message dated later than now opens no window now
      Given it is 2025-08-11 at 12:00
      And Ana writes to the bakery
      And it is 2025-08-11 at 09:00
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

    @CSW-11
    Scenario: A message dated later than now does not lengthen an open window
      Given it is 2025-08-11 at 12:00
      And Ana writes to the bakery
      And it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 20 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 4 h

    @CSW-11 @CSW-02
    Scenario Outline: Question and answer carry the same second, <elapsed> after the last message
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      And Ana writes to the bakery
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 24 h

      Examples: the question comes first
        | elapsed  |
        | 1 h      |
        | 24 h     |
        | 24 h 1 s |

  Rule: Permission is judged at the sending, the price at the delivery

    @CSW-13 @derived
    Scenario Outline: On <date>, <message> sent in time may arrive after the window has closed
      Given it is <date> at 09:00
      And the free allowance is used up
      And Ana wrote to the bakery 23 h 50 min ago
      When the bakery sends Ana <message>, delivered 70 min later
      Then it is allowed
      And nothing is renewed
      And <price>

      Examples: the price is that outside the window
        | date       | message             | price                                              |
        | 2021-11-15 | a free-form message | it is free because it is not billable              |
        | 2022-06-15 | a free-form message | it is charged as a business-initiated conversation |
        | 2023-09-11 | a free-form message | it is charged as service                           |
        | 2025-08-11 | a free-form message | it is free because customer service is free        |
        | 2025-08-11 | a utility template  | it is charged as utility                           |
        | 2026-10-12 | a free-form message | it is charged as service                           |

    @CSW-13 @derived
    Scenario Outline: A utility template sent <elapsed> after the customer's message and delivered <later> later
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery sends Ana a utility template, delivered <later> later
      Then it is allowed
      And <price>

      @PMP-03
      Examples: around the edge of the window
        | elapsed | later       | price                                       |
        | 23 h    | 59 min 59 s | it is free because customer service is free |
        | 23 h    | 60 min 1 s  | it is charged as utility                    |
        | 23 h    | 2 h         | it is charged as utility                    |

    @CSW-13 @derived
    Scenario: A message of the customer between sending and delivery does not make the sending right
      Given it is 2025-08-11 at 10:00
      And Ana writes to the bakery
      And it is 2025-08-11 at 09:00
      When the bakery sends Ana a free-form message, delivered 2 h later
      Then it is refused: a template is needed

    @CSW-13 @CSW-03
    Scenario: A free-form message delivered although it was refused is noted
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 25 h ago
      When the bakery sends Ana a free-form message
      Then it is refused: a template is needed
      And the answer notes a doubt about a delivery that was refused
      And nothing opens
