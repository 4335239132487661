Feature: A service conversation opens only when nothing else is open

  From June 2023 to June 2025 a free-form message belonged to whatever conversation was open.
  Only when none was did it open one of its own: a service conversation.

  Rule: A free-form message opens a service conversation when no conversation is open

    @CBP2-04 @seed @since-2023-06-01 @until-2025-06-30
    Scenario: The first free-form answer opens a service conversation
      Given it is 2023-06-12 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And it opens a service conversation
      And nothing else opens
      And it is charged as service
      And the thread is service-open

    @CBP2-04 @since-2023-06-01 @until-2025-06-30
    Scenario: The customer's own message opens no conversation and costs nothing
      Given it is 2023-06-12 at 10:00
      When Ana writes to the bakery
      Then it opens the customer service window
      And nothing else opens
      And nothing is charged
      And the thread is idle

    @CBP2-04 @CBP2-03 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: A free-form message <elapsed> after the first answer
      Given it is 2023-06-12 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 24 h 30 min ago
      And the bakery sent Ana a free-form message <elapsed> ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then <what happens>
      And <price>

      Examples: before and after the service conversation's 24 hours end
        | elapsed          | what happens                    | price                                                 |
        | 23 h 59 min 59 s | nothing opens                   | it is free because it belongs to an open conversation |
        | 24 h             | it opens a service conversation | it is charged as service                              |

  Rule: While any conversation is open, a free-form message belongs to it

    @CBP2-03 @seed @since-2023-06-01 @until-2025-06-30
    Scenario Outline: After <message> a free-form message opens no service conversation
      Given it is 2023-06-12 at 10:00
      And the free allowance is used up
      And the bakery sent Ana <message> 2 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And nothing opens
      And nothing is renewed
      And it belongs to <conversation>
      And it is free because it belongs to an open conversation

      Examples: whatever conversation is open
        | message                    | conversation                   |
        | a marketing template       | a marketing conversation       |
        | a utility template         | a utility conversation         |
        | an authentication template | an authentication conversation |
        | a free-form message        | a service conversation         |

    @CBP2-03 @unspecified @since-2023-06-01 @until-2025-06-30
    Scenario: Which of several open conversations it belongs to, no source says
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana a marketing template 3 h ago
      And the bakery sent Ana a utility template 2 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then nothing opens
      And it belongs to one of the open conversations
      And the answer notes a doubt about which open conversation a message joins
      And nothing is charged

  Rule: When the last conversation ends, the next free-form message opens service

    @CBP2-09 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: A free-form message <elapsed> after a marketing template, the window being open
      Given it is 2023-06-12 at 10:00
      And the free allowance is used up
      And the bakery sent Ana a marketing template <elapsed> ago
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And <what happens>
      And <price>

      Examples: before and after the marketing conversation ends
        | elapsed          | what happens                    | price                    |
        | 23 h 59 min 59 s | nothing opens                   | nothing is charged       |
        | 24 h             | it opens a service conversation | it is charged as service |
        | 25 h             | it opens a service conversation | it is charged as service |

  Rule: An open conversation allows no free-form message; only the window does

    @CSW-10 @CSW-03 @since-2023-06-01 @until-2025-06-30
    Scenario: A free-form message is refused in an open conversation when the window is closed
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana a marketing template 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And nothing opens
      And nothing is charged
