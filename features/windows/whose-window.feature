Feature: Whose window it is

  A window belongs to one customer and one business phone number: nobody else's message
  opens it, whoever sends from that number may use it, and a whole group has only one.

  Rule: Each phone number has its own window with each customer

    @CSW-01
    Scenario: A message to the bakery permits the florist nothing
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      When the florist asks to send Ana a free-form message
      Then it is refused: a template is needed

    @CSW-01
    Scenario: A message of Ana permits nothing towards Luis
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Luis a free-form message
      Then it is refused: a template is needed

    @CSW-02
    Scenario: A message to the florist renews nothing at the bakery
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 20 h ago
      When Ana writes to the florist
      Then it opens the customer service window
      And nothing is renewed

    @CSW-02
    Scenario: After a message to the florist the bakery's window ends when it would have ended
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 25 h ago
      And Ana wrote to the florist 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

    @CSW-06
    Scenario: A reaction at the florist's leaves no doubt at the bakery
      Given it is 2025-08-11 at 09:00
      And Ana sent the florist a reaction 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

  Rule: Whoever sends from the number uses the same window and pays for its own messages

    @CSW-07
    Scenario Outline: After several senders have answered, <message> is still allowed
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana a marketing template 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing is renewed
      And the customer service window stays open for 21 h

      Examples: by whatever sender
        | message                            |
        | a free-form message                |
        | a reply of the Meta Business Agent |
        | a marketing template               |

    @CSW-07 @PMP-02
    Scenario: The second marketing template in one window is charged like the first
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a marketing template 1 h ago
      When the bakery sends Ana a marketing template
      Then it is charged as marketing

  Rule: A group has one window, and every participant opens it

    @CSW-09
    Scenario: A participant's message opens the window of the whole group
      Given Ana and Luis write to the bakery in one group
      And it is 2025-11-10 at 09:00
      And Luis wrote to the bakery 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 23 h

    @CSW-09 @CSW-02
    Scenario: Another participant's message renews it
      Given Ana and Luis write to the bakery in one group
      And it is 2025-11-10 at 09:00
      And Luis wrote to the bakery 20 h ago
      When Ana writes to the bakery
      Then it renews the customer service window
      And nothing opens
      And the customer service window stays open for 24 h

    @CSW-09
    Scenario: After 24 hours of silence of all participants the window is closed
      Given Ana and Luis write to the bakery in one group
      And it is 2025-11-10 at 09:00
      And Ana wrote to the bakery 30 h ago
      And Luis wrote to the bakery 24 h 1 s ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
