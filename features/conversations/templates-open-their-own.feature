Feature: A template opens a conversation of its own category

  From June 2023 to June 2025 a business paid per conversation, and every template belonged to a
  category. A template never opens a service conversation and never joins one: it opens a
  conversation of its own category, beside whatever else is running.

  Rule: A template sent during an open service conversation opens a new conversation

    @CBP2-06 @seed @since-2023-06-01 @until-2025-06-30
    Scenario: A template sent during an open service conversation opens a new conversation, and both run
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana a utility template
      Then it is allowed
      And it opens a utility conversation
      And nothing else opens
      And nothing is closed
      And nothing is renewed
      And it is charged as utility
      And the thread is service-open and business-open for utility

    @CBP2-06 @CBP2-10 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: During a service conversation <message> opens its own category
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana <message>
      Then it opens <conversation>
      And nothing else opens
      And it is charged as <price>

      Examples: the three categories a business may choose
        | message                    | conversation                   | price          |
        | a marketing template       | a marketing conversation       | marketing      |
        | a utility template         | a utility conversation         | utility        |
        | an authentication template | an authentication conversation | authentication |

  Rule: A template as the answer to a customer opens its own category, never service

    @CBP2-05 @CBP2-01 @since-2023-06-01 @until-2025-06-30
    Scenario: A template sent as the first answer opens its category and no service conversation
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a marketing template
      Then it is allowed
      And it opens a marketing conversation
      And nothing else opens
      And it is charged as marketing

    @CBP2-01 @since-2023-06-01 @until-2025-06-30
    Scenario: A template to a customer who has not written opens its category too
      Given it is 2023-06-12 at 10:00
      When the bakery sends Ana a marketing template
      Then it is allowed
      And it opens a marketing conversation
      And nothing else opens
      And the customer service window is closed

  Rule: Templates of a category whose conversation is open belong to it

    @CBP2-02 @since-2023-06-01 @until-2025-06-30
    Scenario: A second template of the same category opens nothing and costs nothing
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana a utility template 3 h ago
      When the bakery sends Ana a utility template
      Then it belongs to a utility conversation
      And nothing opens
      And nothing is renewed
      And it is free because it belongs to an open conversation
      And nothing is charged

    @CBP2-01 @CBP2-02 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: A utility template <elapsed> after the last one was delivered
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana a utility template <elapsed> ago
      When the bakery sends Ana a utility template
      Then <what happens>
      And <price>

      Examples: before and after the conversation's 24 hours end
        | elapsed          | what happens                    | price                    |
        | 23 h 59 min 59 s | nothing opens                   | nothing is charged       |
        | 24 h             | it opens a utility conversation | it is charged as utility |
        | 24 h 1 s         | it opens a utility conversation | it is charged as utility |

    @CBP2-08 @since-2023-06-01 @until-2025-06-30
    Scenario: A customer's message makes the window longer, but not the conversation
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 24 h 30 min ago
      And the bakery sent Ana a utility template 24 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a utility template
      Then it opens a utility conversation
      And the customer service window is open

  Rule: The conversation opens when the template is delivered, and not before

    @CBP2-19 @since-2023-06-01 @until-2025-06-30
    Scenario: A template that is never delivered opens nothing and costs nothing
      Given it is 2023-06-12 at 10:00
      When the bakery sends Ana a utility template, never delivered
      Then it is allowed
      And nothing opens
      And nothing is charged
      And the thread is idle

    @CBP2-01 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: The 24 hours of a template delivered 4 hours late, <elapsed> after it was sent
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana a utility template <elapsed> ago, delivered 4 h later
      When the bakery sends Ana a utility template
      Then <what happens>

      Examples: the delivery counts, not the sending
        | elapsed          | what happens                    |
        | 27 h 59 min 59 s | nothing opens                   |
        | 28 h             | it opens a utility conversation |
