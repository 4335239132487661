@since-2023-06-01
Feature: Conversations that were open over 1 June 2023

  The new categories hold for conversations that open on or after that midnight. One that was open
  already keeps its kind and its price to its end. What a template does inside it is not documented.

  Rule: An open conversation runs on to its end

    @CBP2-17 @CBP2-03
    Scenario Outline: <message> after midnight belongs to the user-initiated conversation of the day before
      Given it is 2023-06-01 at 10:00
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And it belongs to a user-initiated conversation
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it is free because it belongs to an open conversation
      And the user-initiated conversation stays open for 5 h

      Examples: whatever is not a template
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP2-17 @CBP2-01 @TPL-05 @unspecified
    Scenario Outline: What <message> does in the user-initiated conversation of the day before, no source says
      Given it is 2023-06-01 at 10:00
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And <what happens>
      And nothing is renewed
      And nothing is closed
      And it belongs to no conversation
      And <price>
      And the user-initiated conversation stays open for 5 h

      Examples: we take it to open its own category
        | message                            | what happens                            | price                           |
        | a marketing template               | it opens a marketing conversation       | it is charged as marketing      |
        | a utility template                 | it opens a utility conversation         | it is charged as utility        |
        | an authentication template         | it opens an authentication conversation | it is charged as authentication |
        | a Marketing Messages Lite template | nothing opens                           | no rule says what it costs      |
        | a template of an unknown category  | nothing opens                           | no rule says what it costs      |

    @CBP2-17 @CBP2-03
    Scenario Outline: <message> after midnight belongs to the business-initiated conversation of the day before
      Given it is 2023-06-01 at 10:00
      And the bakery sent Ana a template 19 h ago
      And Ana wrote to the bakery 18 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And it belongs to a business-initiated conversation
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it is free because it belongs to an open conversation
      And the business-initiated conversation stays open for 5 h

      Examples: whatever is not a template
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP2-17 @CBP2-01 @TPL-05 @unspecified
    Scenario Outline: What <message> does in the business-initiated conversation of the day before, no source says
      Given it is 2023-06-01 at 10:00
      And the bakery sent Ana a template 19 h ago
      And Ana wrote to the bakery 18 h ago
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And <what happens>
      And nothing is renewed
      And nothing is closed
      And it belongs to no conversation
      And <price>
      And the business-initiated conversation stays open for 5 h

      Examples: we take it to open its own category
        | message                            | what happens                            | price                           |
        | a marketing template               | it opens a marketing conversation       | it is charged as marketing      |
        | a utility template                 | it opens a utility conversation         | it is charged as utility        |
        | an authentication template         | it opens an authentication conversation | it is charged as authentication |
        | a Marketing Messages Lite template | nothing opens                           | no rule says what it costs      |
        | a template of an unknown category  | nothing opens                           | no rule says what it costs      |

    @CBP2-17 @unspecified
    Scenario Outline: The answer notes that no source says what <message> does there
      Given it is 2023-06-01 at 10:00
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery asks to send Ana <message>
      Then it is not specified by any source
      And the answer notes a doubt about what a template does inside an older conversation

      Examples: the three categories
        | message                    |
        | a marketing template       |
        | a utility template         |
        | an authentication template |

    @CBP2-17 @CBP2-04
    Scenario Outline: A free-form message <elapsed> after the old conversation opened
      Given it is 2023-06-01 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery <elapsed> ago
      And the bakery sent Ana a free-form message <elapsed> ago
      And Ana wrote to the bakery 30 min ago
      When the bakery sends Ana a free-form message
      Then <what happens>

      Examples: before and after its end
        | elapsed          | what happens                                |
        | 23 h 59 min 59 s | it belongs to a user-initiated conversation |
        | 24 h             | it opens a service conversation             |

    @CBP2-17 @contested
    Scenario Outline: An account that takes <message> to join the older conversation
      Given it is 2023-06-01 at 10:00
      And the account's policy on transition_2023 is joins
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And nothing opens
      And it belongs to a user-initiated conversation
      And it is free because it belongs to an open conversation

      Examples: the three categories
        | message                    |
        | a marketing template       |
        | a utility template         |
        | an authentication template |

  Rule: A free conversation stays free

    @CBP2-17 @CBP1-10 @CBP2-13
    Scenario Outline: <message> after midnight in the free conversation of the day before
      Given it is 2023-06-01 at 10:00
      And Ana wrote to the bakery through an ad 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery sends Ana <message>
      Then nothing opens
      And nothing is renewed
      And nothing is closed
      And it belongs to <conversation>
      And it is free because the free entry point covers it
      And the user-initiated conversation stays open for 53 h

      Examples: templates as well
        | message                            | conversation                  |
        | a marketing template               | no conversation               |
        | a utility template                 | no conversation               |
        | an authentication template         | no conversation               |
        | a Marketing Messages Lite template | no conversation               |
        | a template of an unknown category  | no conversation               |
        | a free-form message                | a user-initiated conversation |
        | a reaction                         | a user-initiated conversation |
        | a reply of the Meta Business Agent | a user-initiated conversation |

  Rule: An answer to an ad closes it

    @CBP2-13 @CBP2-17
    Scenario Outline: <message> answers the ad and closes the user-initiated conversation of the day before
      Given it is 2023-06-01 at 10:00
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana <message>
      Then it opens a free entry point
      And it closes a user-initiated conversation
      And nothing is renewed
      And it belongs to no conversation
      And it is free because the free entry point covers it

      Examples: whatever the answer
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP2-13 @CBP2-17
    Scenario Outline: <message> answers the ad and closes the business-initiated conversation of the day before
      Given it is 2023-06-01 at 10:00
      And the bakery sent Ana a template 19 h ago
      And Ana wrote to the bakery 18 h ago
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana <message>
      Then it opens a free entry point
      And it closes a business-initiated conversation
      And nothing is renewed
      And it belongs to no conversation
      And it is free because the free entry point covers it

      Examples: whatever the answer
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP2-13 @CBP2-17 @contested
    Scenario Outline: Counted from the sending, the free entry point ends before its conversation; <message> answers the next ad and closes it
      Given it is 2023-06-01 at 10:00
      And the account's policy on fep_start is sent
      And Ana wrote to the bakery through an ad 74 h ago
      And the bakery sent Ana a free-form message 73 h ago, delivered 2 h later
      And Ana wrote to the bakery through an ad 30 min ago
      When the bakery sends Ana <message>
      Then it opens a free entry point
      And it closes a user-initiated conversation
      And nothing is renewed
      And it belongs to no conversation
      And it is free because the free entry point covers it

      Examples: whatever the answer
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |
