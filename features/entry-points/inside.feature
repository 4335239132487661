Feature: Inside a free entry point

  Everything is free there, except what costs tokens. Under the rules of 2023 it also took the place
  of all conversations. It never allows what the customer service window forbids.

  Rule: Whatever is delivered inside it costs nothing and opens nothing

    @CBP1-10 @CBP2-13 @PMP-05 @P26-05 @PMP-15 @P26-04
    Scenario Outline: On <date>, <message> inside the free entry point
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana <message>
      Then nothing opens
      And nothing is renewed
      And nothing is closed
      And it belongs to <conversation>
      And <price>
      And the free entry point stays open for <rest>

      Examples: in 2022, all of it in one free conversation
        | date       | message                            | conversation                  | rest | price                                             |
        | 2022-05-10 | a marketing template               | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | a utility template                 | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | an authentication template         | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | a Marketing Messages Lite template | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | a template of an unknown category  | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | a free-form message                | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | a reaction                         | a user-initiated conversation | 23 h | it is free because the free entry point covers it |
        | 2022-05-10 | a reply of the Meta Business Agent | a user-initiated conversation | 23 h | it is free because the free entry point covers it |

      Examples: from June 2023
        | date       | message                            | conversation    | rest | price                                             |
        | 2023-07-10 | a marketing template               | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | a utility template                 | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | an authentication template         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | a Marketing Messages Lite template | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | a template of an unknown category  | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | a free-form message                | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | a reaction                         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2023-07-10 | a reply of the Meta Business Agent | no conversation | 71 h | it is free because the free entry point covers it |

      Examples: with the categories of late 2024
        | date       | message                            | conversation    | rest | price                                             |
        | 2025-01-15 | a Marketing Messages Lite template | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-01-15 | a template of an unknown category  | no conversation | 71 h | it is free because the free entry point covers it |

      Examples: under per-message pricing
        | date       | message                            | conversation    | rest | price                                             |
        | 2025-08-11 | a marketing template               | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | a utility template                 | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | an authentication template         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | a Marketing Messages Lite template | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | a template of an unknown category  | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | a free-form message                | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | a reaction                         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2025-08-11 | a reply of the Meta Business Agent | no conversation | 71 h | it is free because the free entry point covers it |

      Examples: once Direct Send is documented
        | date       | message                            | conversation    | rest | price                                             |
        | 2026-07-31 | a marketing template               | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a utility template                 | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | an authentication template         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a Marketing Messages Lite template | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a template of an unknown category  | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a free-form message                | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a reaction                         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a reply of the Meta Business Agent | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a direct utility message           | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a direct authentication message    | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-07-31 | a direct marketing message         | no conversation | 71 h | it is free because the free entry point covers it |

      Examples: once agent replies cost tokens
        | date       | message                            | conversation    | rest | price                                             |
        | 2026-08-10 | a free-form message                | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-08-10 | a reaction                         | no conversation | 71 h | it is free because the free entry point covers it |
        | 2026-08-10 | a reply of the Meta Business Agent | no conversation | 71 h | it is charged as agent tokens                     |

      Examples: once service messages are metered, reactions being free anyway
        | date       | message                            | conversation    | rest        | price                                             |
        | 2026-10-05 | a marketing template               | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a utility template                 | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | an authentication template         | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a Marketing Messages Lite template | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a template of an unknown category  | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a free-form message                | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a reaction                         | no conversation | 6 days 23 h | it is free because it is not billable             |
        | 2026-10-05 | a reply of the Meta Business Agent | no conversation | 6 days 23 h | it is charged as agent tokens                     |
        | 2026-10-05 | a direct utility message           | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a direct authentication message    | no conversation | 6 days 23 h | it is free because the free entry point covers it |
        | 2026-10-05 | a direct marketing message         | no conversation | 6 days 23 h | it is free because the free entry point covers it |

    @CBP1-10 @CBP1-03 @until-2023-05-31
    Scenario Outline: Once <message> has answered the ad, a template belongs to the free conversation
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana <message> 1 h ago
      When the bakery sends Ana a template
      Then it belongs to a user-initiated conversation
      And it is free because the free entry point covers it
      And the user-initiated conversation stays open for 23 h

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

  Rule: Under the rules of 2023 the answer closes every open conversation

    @CBP2-13 @CBP2-12 @since-2024-10-15 @until-2025-06-30
    Scenario Outline: Answering with <message> closes all five open conversations
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 7 h ago
      And the bakery sent Ana a free-form message 6 h ago
      And the bakery sent Ana a marketing template 5 h ago
      And the bakery sent Ana a utility template 4 h ago
      And the bakery sent Ana an authentication template 3 h ago
      And the bakery sent Ana a Marketing Messages Lite template 2 h ago
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana <message>
      Then it opens a free entry point
      And it closes a marketing conversation and a utility conversation and an authentication conversation and a service conversation and a Marketing Messages Lite conversation
      And nothing is renewed
      And it belongs to no conversation
      And it is free because the free entry point covers it
      And the thread is free-entry-point-open

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

    @CBP2-13 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: On <date>, answering an entry point closes <conversation>, the only one that is open
      Given it is <date> at 10:00
      And Ana wrote to the bakery 4 h ago
      And the bakery sent Ana <message> 3 h ago
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a free entry point
      And it closes <conversation>

      Examples: each kind of conversation, while service is charged and after
        | date       | message                    | conversation                   |
        | 2023-07-10 | a marketing template       | a marketing conversation       |
        | 2023-07-10 | a utility template         | a utility conversation         |
        | 2023-07-10 | an authentication template | an authentication conversation |
        | 2023-07-10 | a free-form message        | a service conversation         |
        | 2025-01-15 | a marketing template       | a marketing conversation       |
        | 2025-01-15 | a utility template         | a utility conversation         |
        | 2025-01-15 | an authentication template | an authentication conversation |
        | 2025-01-15 | a free-form message        | a service conversation         |

    @CBP2-13 @since-2023-06-01 @until-2025-06-30
    Scenario: Asking alone closes nothing
      Given it is 2023-07-10 at 10:00
      And the bakery sent Ana a utility template 3 h ago
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And nothing is closed
      And the thread is business-open for utility

    @CBP2-13 @since-2023-06-01 @until-2025-06-30
    Scenario Outline: <message> opens its conversation again once the free entry point is over
      Given it is 2023-07-10 at 10:00
      And the bakery sent Ana <message> 74 h ago
      And Ana wrote to the bakery through an ad 73 h ago
      And the bakery sent Ana a free-form message 72 h ago
      When the bakery sends Ana <message>
      Then it opens <conversation>
      And nothing else opens

      Examples: each category
        | message                    | conversation                   |
        | a marketing template       | a marketing conversation       |
        | a utility template         | a utility conversation         |
        | an authentication template | an authentication conversation |

    @PMP-05 @PMP-04 @since-2025-07-01
    Scenario: Under per-message pricing it closes nothing, not even a conversation of the old rules
      Given it is 2025-07-01 at 10:00
      And the bakery sent Ana a marketing template 20 h ago
      And Ana wrote to the bakery through an ad 2 h ago
      When the bakery sends Ana a free-form message
      Then it opens a free entry point
      And nothing is closed
      And it belongs to no conversation

  Rule: Free of charge does not mean allowed

    @FEP-04 @CBP2-14
    Scenario Outline: On <date>, the free entry point is open but the window is closed: <message> is <verdict>
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 30 h ago
      And the bakery sent Ana a template 20 h ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And the free entry point is open
      And the customer service window is closed

      Examples: free-form needs the window, a template does not
        | date       | message             | verdict                       |
        | 2023-03-15 | a free-form message | refused: a template is needed |
        | 2023-03-15 | a utility template  | allowed                       |
        | 2023-07-10 | a free-form message | refused: a template is needed |
        | 2023-07-10 | a utility template  | allowed                       |
        | 2025-08-11 | a free-form message | refused: a template is needed |
        | 2025-08-11 | a utility template  | allowed                       |
        | 2026-10-05 | a free-form message | refused: a template is needed |
        | 2026-10-05 | a utility template  | allowed                       |

    @CBP2-14 @CBP2-13 @since-2023-06-01 @until-2025-06-30
    Scenario: A template answer at ten in the evening: free for three days, free-form only until the window closes
      Given it is 2023-07-10 at 10:00
      And Ana writes to the bakery through an ad
      And 12 h pass
      And the bakery sends Ana a utility template
      When 13 h pass
      And the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And the free entry point stays open for 59 h

  Rule: In 2022 an open conversation keeps the free one from opening

    @CBP1-04 @CBP1-10 @until-2023-05-31
    Scenario Outline: In an open conversation, <message> answers the ad and opens nothing
      Given it is 2022-05-10 at 10:00
      And the bakery sent Ana a template 3 h ago
      And Ana wrote to the bakery through an ad 2 h ago
      When the bakery sends Ana <message>
      Then it belongs to a business-initiated conversation
      And nothing opens
      And it is free because it belongs to an open conversation
      And the free entry point is waiting for an answer
      And the business has 22 h left to answer the entry point

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

    @CBP1-04 @CBP1-10 @until-2023-05-31
    Scenario: When that conversation ends in time, the next message opens the free one after all
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And the bakery sent Ana a template 24 h ago
      And Ana wrote to the bakery through an ad 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When the bakery sends Ana a free-form message
      Then it opens a free entry point and a user-initiated conversation
      And it is free because the free entry point covers it
