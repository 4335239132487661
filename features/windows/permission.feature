Feature: What the window permits

  The window answers one question: may the business write freely? No conversation, no
  free entry point and no price changes that answer.

  Rule: Inside the window everything may be sent, outside only templates

    @CSW-03
    Scenario Outline: With the window open on <date>, <message> may be sent
      Given it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana <message>
      Then it is allowed

      Examples: what is no template
        | date       | message                            |
        | 2021-11-15 | a free-form message                |
        | 2022-06-15 | a free-form picture                |
        | 2023-09-11 | a promotional free-form message    |
        | 2025-08-11 | a reaction                         |
        | 2026-08-10 | a reply of the Meta Business Agent |
        | 2026-10-12 | a free-form message                |
        | 2026-10-12 | a reaction                         |

      Examples: templates
        | date       | message                            |
        | 2023-09-11 | a marketing template               |
        | 2025-08-11 | a utility template                 |
        | 2025-08-11 | an authentication template         |
        | 2025-08-11 | a Marketing Messages Lite template |
        | 2022-06-15 | a template                         |

    @CSW-03
    Scenario Outline: With the window closed on <date>, <message> is refused
      Given it is <date> at 09:00
      And Ana wrote to the bakery 25 h ago
      When the bakery sends Ana <message>, never delivered
      Then it is refused: a template is needed
      And nothing opens
      And nothing is charged

      Examples: what is no template
        | date       | message                            |
        | 2021-11-15 | a free-form message                |
        | 2022-06-15 | a free-form picture                |
        | 2023-09-11 | a promotional free-form message    |
        | 2025-08-11 | a reaction                         |
        | 2026-08-10 | a reply of the Meta Business Agent |
        | 2026-10-12 | a free-form message                |

    @CSW-03
    Scenario Outline: With the window closed on <date>, <message> may be sent
      Given it is <date> at 09:00
      And Ana wrote to the bakery 25 h ago
      When the bakery asks to send Ana <message>
      Then it is allowed

      Examples: templates
        | date       | message                            |
        | 2021-11-15 | a template                         |
        | 2022-06-15 | a template                         |
        | 2022-06-15 | a marketing template               |
        | 2023-09-11 | a marketing template               |
        | 2023-09-11 | a utility template                 |
        | 2023-09-11 | an authentication template         |
        | 2025-01-13 | a Marketing Messages Lite template |
        | 2025-08-11 | a marketing template               |
        | 2025-08-11 | a utility template                 |
        | 2025-08-11 | an authentication template         |
        | 2025-08-11 | a Marketing Messages Lite template |
        | 2026-10-12 | a marketing template               |
        | 2026-10-12 | a utility template                 |
        | 2026-10-12 | an authentication template         |
        | 2026-10-12 | a Marketing Messages Lite template |

  Rule: Neither a conversation nor a free entry point opens the window

    @CSW-10 @CSW-03
    Scenario Outline: With <what> open but the window closed, a free-form message is refused
      Given it is <date> at 09:00
      And Ana wrote to the bakery 26 h ago
      And the bakery sent Ana <message> 6 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And nothing is charged

      @CBP1-02
      Examples: a conversation of 2022
        | what                              | date       | message    |
        | a business-initiated conversation | 2022-06-15 | a template |

      @CBP2-01
      Examples: conversations of later years
        | what                           | date       | message                    |
        | a marketing conversation       | 2023-09-11 | a marketing template       |
        | a utility conversation         | 2023-09-11 | a utility template         |
        | an authentication conversation | 2025-01-13 | an authentication template |

    @CSW-10 @CBP2-04
    Scenario: With a service conversation open but the window closed, a free-form message is refused
      Given it is 2023-09-11 at 09:00
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana a free-form message 23 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And the thread is service-open
      And the customer service window is closed

    @CSW-10 @CSW-03
    Scenario Outline: With a free entry point open but the window closed on <date>, <message>
      Given it is <date> at 09:00
      And Ana wrote to the bakery through an ad 30 h ago
      And the bakery sent Ana a free-form message 29 h ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And the thread is free-entry-point-open
      And the customer service window is closed

      @CBP2-14
      Examples: the entry point is a conversation
        | date       | message             | verdict                       |
        | 2023-09-11 | a free-form message | refused: a template is needed |
        | 2023-09-11 | a utility template  | allowed                       |

      @FEP-04
      Examples: the entry point only waives the price
        | date       | message             | verdict                       |
        | 2025-08-11 | a free-form message | refused: a template is needed |
        | 2025-08-11 | a utility template  | allowed                       |
        | 2026-10-12 | a free-form message | refused: a template is needed |
        | 2026-10-12 | a utility template  | allowed                       |

    @CSW-10 @FEP-04 @derived
    Scenario Outline: <elapsed> after the customer's last message, with <price>
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <how>
      And the bakery sent Ana a free-form message <elapsed> ago, delivered 1 min later
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: the entry point changes nothing about the window
        | elapsed | price               | how                    | verdict                       |
        | 10 h    | a free entry point  | through an ad 10 h ago | allowed                       |
        | 30 h    | a free entry point  | through an ad 30 h ago | refused: a template is needed |
        | 30 h    | no free entry point | 30 h ago               | refused: a template is needed |
        | 80 h    | no free entry point | 80 h ago               | refused: a template is needed |

    @CSW-10 @CBP2-02
    Scenario: A template still goes into the open conversation after the window has closed
      Given it is 2023-09-11 at 09:00
      And Ana wrote to the bakery 26 h ago
      And the bakery sent Ana a marketing template 6 h ago
      When the bakery sends Ana a marketing template
      Then it is allowed
      And it belongs to a marketing conversation
      And it is free because it belongs to an open conversation

    @CSW-10
    Scenario: The window stays open although the conversation has ended
      Given it is 2023-09-11 at 09:00
      And Ana wrote to the bakery 26 h ago
      And the bakery sent Ana a free-form message 25 h ago
      And Ana wrote to the bakery 3 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 21 h

  Rule: When messages became metered, the window stayed what it was

    @P26-10 @CSW-03
    Scenario Outline: On <date> at <time> a free-form message <elapsed> after the customer's last message
      Given it is <date> at <time>
      And the free allowance is used up
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: before and after 1 October 2026
        | date       | time     | elapsed          | verdict                       |
        | 2026-09-30 | 23:59:59 | 23 h 59 min 59 s | allowed                       |
        | 2026-09-30 | 23:59:59 | 24 h 1 s         | refused: a template is needed |
        | 2026-10-01 | 00:00:00 | 23 h 59 min 59 s | allowed                       |
        | 2026-10-01 | 00:00:00 | 24 h 1 s         | refused: a template is needed |

    @P26-10 @P26-03
    Scenario: Outside the window a template goes out, at its ordinary price
      Given it is 2026-10-12 at 09:00
      And Ana wrote to the bakery 25 h ago
      When the bakery sends Ana a utility template
      Then it is allowed
      And nothing opens
      And it is charged as utility
