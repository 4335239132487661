Feature: User-initiated and business-initiated conversations

  From February 2022 to May 2023 there were two kinds of conversation, and never two at once.
  The first business message to be delivered opened one: user-initiated if it answered the
  customer within 24 hours, business-initiated if not.

  Rule: The first delivered message decides which kind opens

    @CBP1-01 @CBP1-02 @seed @since-2022-02-01 @until-2023-05-31
    Scenario: A template to a customer who has not written opens a business-initiated conversation
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      When the bakery sends Ana a template
      Then it is allowed
      And it opens a business-initiated conversation
      And nothing else opens
      And it is charged as a business-initiated conversation

    @CBP1-02 @seed @since-2022-02-01 @until-2023-05-31
    Scenario Outline: Answering the customer with <message> opens a user-initiated conversation
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And it opens a user-initiated conversation
      And nothing else opens
      And it is charged as a user-initiated conversation

      Examples: any kind of answer
        | message             |
        | a free-form message |
        | a template          |

    @CBP1-06 @since-2022-02-01 @until-2023-05-31
    Scenario: The customer's own message opens no conversation and costs nothing
      Given it is 2022-05-10 at 10:00
      When Ana writes to the bakery
      Then it opens the customer service window
      And nothing else opens
      And nothing is charged
      And the thread is idle

    @CBP1-12 @since-2022-02-01 @until-2023-05-31
    Scenario: A message that is never delivered opens nothing and costs nothing
      Given it is 2022-05-10 at 10:00
      When the bakery sends Ana a template, never delivered
      Then nothing opens
      And nothing is charged
      And the thread is idle

  Rule: Everything sent within 24 hours belongs to the one conversation

    @CBP1-03 @CBP1-04 @seed @since-2022-02-01 @until-2023-05-31
    Scenario Outline: <message> during a user-initiated conversation opens nothing
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana <message>
      Then nothing opens
      And nothing is renewed
      And it belongs to a user-initiated conversation
      And it is free because it belongs to an open conversation

      Examples: free-form or template
        | message             |
        | a free-form message |
        | a template          |

    @CBP1-03 @CBP1-04 @since-2022-02-01 @until-2023-05-31
    Scenario: A customer's reply does not turn a business-initiated conversation into another
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And the bakery sent Ana a template 2 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then nothing opens
      And it belongs to a business-initiated conversation
      And nothing is charged

  Rule: After 24 hours a new template is needed, and it opens a new conversation

    @CSW-03 @CSW-10 @seed @since-2022-02-01 @until-2023-05-31
    Scenario Outline: A free-form message <elapsed> after the customer's last message in 2022
      Given it is 2022-05-10 at 10:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: before and after the window's 24 hours end
        | elapsed          | verdict                       |
        | 23 h 59 min 59 s | allowed                       |
        | 24 h 1 s         | refused: a template is needed |
        | 3 days           | refused: a template is needed |

    @CBP1-01 @CBP1-02 @seed @since-2022-02-01 @until-2023-05-31
    Scenario: A template after more than 24 hours opens a new, business-initiated conversation
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 26 h ago
      And the bakery sent Ana a free-form message 25 h ago
      When the bakery sends Ana a template
      Then it is allowed
      And it opens a business-initiated conversation
      And nothing else opens
      And it is charged as a business-initiated conversation

    @CBP1-01 @CBP1-05 @since-2022-02-01 @until-2023-05-31
    Scenario Outline: The customer answered; a free-form message <elapsed> after the template
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And the bakery sent Ana a template <elapsed> ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then <what happens>
      And <price>

      Examples: before and after the conversation's 24 hours end
        | elapsed          | what happens                           | price                                          |
        | 23 h 59 min 59 s | nothing opens                          | nothing is charged                             |
        | 24 h             | it opens a user-initiated conversation | it is charged as a user-initiated conversation |

  Rule: On 1 June 2023 the two kinds give way to four categories

    @CBP2-17 @CBP2-04 @CBP2-01 @seed
    Scenario Outline: On <date>, <message> to a customer who wrote an hour ago
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it opens <conversation>
      And nothing else opens

      Examples: the last day of the old kinds, and the first of the new
        | date       | message                    | conversation                   |
        | 2023-05-31 | a free-form message        | a user-initiated conversation  |
        | 2023-05-31 | a utility template         | a user-initiated conversation  |
        | 2023-05-31 | an authentication template | a user-initiated conversation  |
        | 2023-05-31 | a marketing template       | a user-initiated conversation  |
        | 2023-06-01 | a free-form message        | a service conversation         |
        | 2023-06-01 | a utility template         | a utility conversation         |
        | 2023-06-01 | an authentication template | an authentication conversation |
        | 2023-06-01 | a marketing template       | a marketing conversation       |
