Feature: Only a delivery opens a conversation

  Not the customer's question and not the sending of the answer: a conversation begins, and its
  charge falls, at the moment the business's message is delivered.

  Rule: A message that is not delivered opens nothing and costs nothing

    @CBP1-12 @CBP2-19
    Scenario Outline: On <date>, <message> that is never delivered
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>, never delivered
      Then it is allowed
      And nothing opens
      And nothing is charged
      And the thread is idle

      Examples: under the rules of 2022 and of 2023
        | date       | message              |
        | 2022-05-10 | a free-form message  |
        | 2022-05-10 | a marketing template |
        | 2023-07-10 | a free-form message  |
        | 2023-07-10 | a marketing template |

    @CBP2-01 @CBP2-19
    Scenario: The next template opens what the undelivered one did not
      Given it is 2023-07-10 at 10:00
      And Ana wrote to the bakery 1 h ago
      And the bakery sends Ana a utility template, never delivered
      When the bakery sends Ana a utility template
      Then it opens a utility conversation
      And it is charged as utility

  Rule: The 24 hours run from the delivery

    @CBP1-01 @CBP2-01 @CBP2-04
    Scenario Outline: On <date>, <message> sent at ten and delivered at two
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      And the bakery sends Ana <message>, delivered 4 h later
      When 27 h 59 min 59 s pass
      And the bakery sends Ana <message>
      Then nothing opens
      And the <conversation> conversation stays open for 1 s

      Examples: whatever opens the conversation
        | date       | message              | conversation   |
        | 2022-05-10 | a free-form message  | user-initiated |
        | 2022-05-10 | a marketing template | user-initiated |
        | 2023-07-10 | a free-form message  | service        |
        | 2023-07-10 | a marketing template | marketing      |

  Rule: What is open at the delivery counts, not what was open at the sending

    @CBP1-02 @CSW-13
    Scenario Outline: A free-form message sent inside the window and delivered <later> later
      Given it is 2022-05-10 at 10:00
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana a free-form message, delivered <later> later
      Then it is allowed
      And it opens <conversation>

      Examples: before and after the window closes
        | later       | conversation                      |
        | 59 min 59 s | a user-initiated conversation     |
        | 1 h         | a business-initiated conversation |
        | 1 h 1 s     | a business-initiated conversation |

    @CBP2-04 @CSW-13
    Scenario: A free-form message delivered after the window has closed opens a service conversation all the same
      Given it is 2023-07-10 at 10:00
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana a free-form message, delivered 2 h later
      Then it is allowed
      And it opens a service conversation
      And nothing else opens

    @CBP2-04 @CSW-03
    Scenario: A free-form message delivered although the rules refuse it opens a service conversation, and the answer says so
      Given it is 2023-07-10 at 10:00
      When the bakery sends Ana a free-form message
      Then it is refused: a template is needed
      And it opens a service conversation
      And the answer notes a doubt about a delivery that was refused

  Rule: However often a delivery is reported, it happens once

    @CBP2-01
    Scenario Outline: A utility template <reports> opens one conversation
      Given it is 2025-06-10 at 10:00
      When the bakery sends Ana a utility template, <reports>
      Then it opens a utility conversation
      And nothing else opens
      And it is charged as utility

      Examples: what the reports say
        | reports                               |
        | delivered 1 h later                   |
        | reported read but not delivered       |
        | reported delivered twice and read     |
        | reported failed and delivered         |
        | reported delivered before it was sent |

    @CBP2-04 @CBP2-19 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: On <date> the customer's own message opens no conversation; the delivered answer does
      Given it is <date> at 10:00
      When Ana writes to the bakery
      Then it opens the customer service window
      And nothing else opens
      And nothing is charged
      And the thread is idle
      When 5 min pass
      And the bakery sends Ana a free-form message
      Then it opens a service conversation
      And nothing else opens
      And the thread is service-open

      Examples: while service is charged, and after
        | date       |
        | 2023-09-11 |
        | 2024-12-24 |
