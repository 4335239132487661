@since-2022-02-01 @until-2023-05-31
Feature: One conversation at a time

  The rules of 2022 ask only whether a conversation is open and whether the window is. What kind
  of message it is makes no difference, not even for kinds that came into being later.

  Rule: Delivered while the window is open, the first message opens a user-initiated conversation

    @CBP1-01 @CBP1-02 @CBP1-07
    Scenario Outline: Inside the window, <message> opens a user-initiated conversation
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And it opens a user-initiated conversation
      And nothing is closed
      And it is charged as a user-initiated conversation
      And the user-initiated conversation stays open for 24 h

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

  Rule: Delivered while the window is closed, it opens a business-initiated conversation

    @CBP1-01 @CBP1-02 @CBP1-07
    Scenario Outline: Sent inside the window but delivered after it, <message> opens a business-initiated conversation
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>, delivered 1 h 1 s later
      Then it is allowed
      And it opens a business-initiated conversation
      And nothing is closed
      And it is charged as a business-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

  Rule: Until it ends, everything belongs to the open conversation

    @CBP1-03 @CBP1-04
    Scenario Outline: The first to be sent inside the window was <message>; a second one belongs to its conversation
      Given it is 2022-05-10 at 10:00
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana <message> 1 h ago
      When the bakery sends Ana <message>
      Then it belongs to a user-initiated conversation
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it is free because it belongs to an open conversation
      And the user-initiated conversation stays open for 23 h

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-03 @CBP1-04
    Scenario Outline: <message> in a business-initiated conversation belongs to it
      Given it is 2022-05-10 at 10:00
      And the bakery sent Ana a template 2 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it belongs to a business-initiated conversation
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it is free because it belongs to an open conversation
      And the business-initiated conversation stays open for 22 h

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

  Rule: A conversation lasts 24 hours from its first delivery, and is never extended

    @CBP1-01 @CBP1-05
    Scenario Outline: A template <elapsed> after a user-initiated conversation opened
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 24 h 10 min ago
      And the bakery sent Ana a free-form message <elapsed> ago
      And Ana wrote to the bakery 3 h ago
      When the bakery sends Ana a template
      Then <what happens>
      And <price>

      Examples: around the end of the conversation
        | elapsed          | what happens                                | price                                          |
        | 23 h 59 min 59 s | it belongs to a user-initiated conversation | nothing is charged                             |
        | 24 h             | it opens a user-initiated conversation      | it is charged as a user-initiated conversation |
        | 24 h 1 s         | it opens a user-initiated conversation      | it is charged as a user-initiated conversation |

    @CBP1-01 @CBP1-02
    Scenario Outline: A template <elapsed> after a business-initiated conversation opened
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And the bakery sent Ana a template <elapsed> ago
      When the bakery sends Ana a template
      Then <what happens>
      And <price>

      Examples: around the end of the conversation
        | elapsed          | what happens                                    | price                                              |
        | 23 h 59 min 59 s | it belongs to a business-initiated conversation | nothing is charged                                 |
        | 24 h             | it opens a business-initiated conversation      | it is charged as a business-initiated conversation |
        | 24 h 1 s         | it opens a business-initiated conversation      | it is charged as a business-initiated conversation |

    @CBP1-01
    Scenario: Neither the customer's messages nor the business's make a conversation longer
      Given it is 2022-05-10 at 10:00
      And the bakery sent Ana a template 20 h ago
      And Ana wrote to the bakery 10 h ago
      And the bakery sent Ana a free-form message 9 h ago
      When the bakery sends Ana a template
      Then nothing is renewed
      And the business-initiated conversation stays open for 4 h
      And the thread is business-open
