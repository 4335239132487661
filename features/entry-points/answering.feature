Feature: Answering a customer who came through an ad

  A customer who writes through a Click-to-WhatsApp ad, or through the button of a Facebook Page,
  opens nothing yet. The business's answer does: a free entry point, inside which messages cost
  nothing.

  Rule: The customer's message only makes the entry point wait for an answer

    @CBP1-10 @CBP2-12 @PMP-05 @FEP-01
    Scenario Outline: On <date>, writing through an ad opens the window and gives the business 24 hours to answer
      Given it is <date> at 10:00
      When Ana writes to the bakery through an ad
      Then it opens the customer service window
      And nothing else opens
      And nothing is charged
      And the free entry point is waiting for an answer
      And the business has 24 h left to answer the entry point

      Examples: one day under each set of rules
        | date       |
        | 2022-05-10 |
        | 2023-03-15 |
        | 2023-07-10 |
        | 2025-08-11 |
        | 2026-10-05 |

    @CBP1-10 @CBP2-12 @PMP-05
    Scenario Outline: On <date>, an ordinary message makes no entry point wait
      Given it is <date> at 10:00
      When Ana writes to the bakery
      Then it opens the customer service window
      And nothing else opens
      And the free entry point is neither open nor waiting

      Examples: one day under each set of rules
        | date       |
        | 2022-05-10 |
        | 2023-03-15 |
        | 2023-07-10 |
        | 2025-08-11 |
        | 2026-10-05 |

  Rule: The answer opens the free entry point, whatever kind of message it is

    @CBP1-10 @CBP2-12 @CBP2-13 @PMP-05 @PMP-06 @P26-05
    Scenario Outline: On <date>, the answer is <message>
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      When the bakery sends Ana <message>
      Then it opens <things>
      And nothing else opens
      And nothing is closed
      And <price>
      And the free entry point is open

      Examples: in 2022 it opens a free user-initiated conversation as well
        | date       | message                            | things                                               | price                                             |
        | 2022-05-10 | a marketing template               | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | a utility template                 | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | an authentication template         | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | a Marketing Messages Lite template | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | a template of an unknown category  | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | a free-form message                | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | a reaction                         | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |
        | 2022-05-10 | a reply of the Meta Business Agent | a free entry point and a user-initiated conversation | it is free because the free entry point covers it |

      Examples: from June 2023 it opens nothing besides
        | date       | message                            | things             | price                                             |
        | 2023-07-10 | a marketing template               | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | a utility template                 | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | an authentication template         | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | a Marketing Messages Lite template | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | a template of an unknown category  | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | a free-form message                | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | a reaction                         | a free entry point | it is free because the free entry point covers it |
        | 2023-07-10 | a reply of the Meta Business Agent | a free entry point | it is free because the free entry point covers it |

      Examples: with the categories of late 2024
        | date       | message                            | things             | price                                             |
        | 2025-01-15 | a Marketing Messages Lite template | a free entry point | it is free because the free entry point covers it |
        | 2025-01-15 | a template of an unknown category  | a free entry point | it is free because the free entry point covers it |

      Examples: under per-message pricing
        | date       | message                            | things             | price                                             |
        | 2025-08-11 | a marketing template               | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | a utility template                 | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | an authentication template         | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | a Marketing Messages Lite template | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | a template of an unknown category  | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | a free-form message                | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | a reaction                         | a free entry point | it is free because the free entry point covers it |
        | 2025-08-11 | a reply of the Meta Business Agent | a free entry point | it is free because the free entry point covers it |

      Examples: once Direct Send is documented
        | date       | message                            | things             | price                                             |
        | 2026-07-31 | a marketing template               | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a utility template                 | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | an authentication template         | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a Marketing Messages Lite template | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a template of an unknown category  | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a free-form message                | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a reaction                         | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a reply of the Meta Business Agent | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a direct utility message           | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a direct authentication message    | a free entry point | it is free because the free entry point covers it |
        | 2026-07-31 | a direct marketing message         | a free entry point | it is free because the free entry point covers it |

      Examples: once agent replies cost tokens
        | date       | message                            | things             | price                                             |
        | 2026-08-10 | a free-form message                | a free entry point | it is free because the free entry point covers it |
        | 2026-08-10 | a reaction                         | a free entry point | it is free because the free entry point covers it |
        | 2026-08-10 | a reply of the Meta Business Agent | a free entry point | it is charged as agent tokens                     |

      Examples: once service messages are metered, reactions being free anyway
        | date       | message                            | things             | price                                             |
        | 2026-10-05 | a marketing template               | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a utility template                 | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | an authentication template         | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a Marketing Messages Lite template | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a template of an unknown category  | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a free-form message                | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a reaction                         | a free entry point | it is free because it is not billable             |
        | 2026-10-05 | a reply of the Meta Business Agent | a free entry point | it is charged as agent tokens                     |
        | 2026-10-05 | a direct utility message           | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a direct authentication message    | a free entry point | it is free because the free entry point covers it |
        | 2026-10-05 | a direct marketing message         | a free entry point | it is free because the free entry point covers it |

    @CBP2-12 @CSW-08 @PMP-05 @CBP1-10
    Scenario Outline: On <date>, an answer typed in the Business app opens no free entry point
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      When the bakery sends Ana a message from the Business app
      Then nothing opens
      And it is free because it is not billable
      And the free entry point is waiting for an answer
      And the business has 22 h left to answer the entry point

      Examples: one day under each set of rules
        | date       |
        | 2022-05-10 |
        | 2023-07-10 |
        | 2025-08-11 |
        | 2026-10-05 |

  Rule: Without an ad or a page button there is nothing to answer

    @CBP1-10 @CBP2-12 @PMP-05
    Scenario Outline: On <date>, <message> to a customer who wrote on her own opens no free entry point
      Given it is <date> at 10:00
      And Ana wrote to the bakery 2 h ago
      When the bakery sends Ana <message>
      Then the free entry point is neither open nor waiting

      Examples: in 2022
        | date       | message                            |
        | 2022-05-10 | a marketing template               |
        | 2022-05-10 | a utility template                 |
        | 2022-05-10 | an authentication template         |
        | 2022-05-10 | a Marketing Messages Lite template |
        | 2022-05-10 | a template of an unknown category  |
        | 2022-05-10 | a free-form message                |
        | 2022-05-10 | a reaction                         |
        | 2022-05-10 | a reply of the Meta Business Agent |

      Examples: from June 2023
        | date       | message                            |
        | 2023-07-10 | a marketing template               |
        | 2023-07-10 | a utility template                 |
        | 2023-07-10 | an authentication template         |
        | 2023-07-10 | a Marketing Messages Lite template |
        | 2023-07-10 | a template of an unknown category  |
        | 2023-07-10 | a free-form message                |
        | 2023-07-10 | a reaction                         |
        | 2023-07-10 | a reply of the Meta Business Agent |

      Examples: under per-message pricing
        | date       | message                            |
        | 2025-08-11 | a marketing template               |
        | 2025-08-11 | a utility template                 |
        | 2025-08-11 | an authentication template         |
        | 2025-08-11 | a Marketing Messages Lite template |
        | 2025-08-11 | a template of an unknown category  |
        | 2025-08-11 | a free-form message                |
        | 2025-08-11 | a reaction                         |
        | 2025-08-11 | a reply of the Meta Business Agent |

      Examples: once Direct Send is documented
        | date       | message                            |
        | 2026-07-31 | a marketing template               |
        | 2026-07-31 | a utility template                 |
        | 2026-07-31 | an authentication template         |
        | 2026-07-31 | a Marketing Messages Lite template |
        | 2026-07-31 | a template of an unknown category  |
        | 2026-07-31 | a free-form message                |
        | 2026-07-31 | a reaction                         |
        | 2026-07-31 | a reply of the Meta Business Agent |
        | 2026-07-31 | a direct utility message           |
        | 2026-07-31 | a direct authentication message    |
        | 2026-07-31 | a direct marketing message         |

  Rule: The answer must come within 24 hours

    @CBP1-10 @CBP2-15 @PMP-06 @FEP-01
    Scenario Outline: On <date>, a marketing template <elapsed> after the message through an ad
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery through an ad <elapsed> ago
      When the bakery sends Ana a marketing template
      Then it is allowed
      And <what happens>
      And <price>
      And the free entry point is <point>

      Examples: one second before the time is up, and when it is up
        | date       | elapsed          | what happens                                                  | price                                              | point                    |
        | 2022-05-10 | 23 h 59 min 59 s | it opens a free entry point and a user-initiated conversation | it is free because the free entry point covers it  | open                     |
        | 2022-05-10 | 24 h             | it opens a business-initiated conversation                    | it is charged as a business-initiated conversation | neither open nor waiting |
        | 2023-07-10 | 23 h 59 min 59 s | it opens a free entry point                                   | it is free because the free entry point covers it  | open                     |
        | 2023-07-10 | 24 h             | it opens a marketing conversation                             | it is charged as marketing                         | neither open nor waiting |
        | 2025-08-11 | 23 h 59 min 59 s | it opens a free entry point                                   | it is free because the free entry point covers it  | open                     |
        | 2025-08-11 | 24 h             | nothing opens                                                 | it is charged as marketing                         | neither open nor waiting |
        | 2026-10-05 | 23 h 59 min 59 s | it opens a free entry point                                   | it is free because the free entry point covers it  | open                     |
        | 2026-10-05 | 24 h             | nothing opens                                                 | it is charged as marketing                         | neither open nor waiting |

    @CBP2-15 @CSW-03
    Scenario: Without an answer in time, only a template can follow
      Given it is 2023-07-10 at 10:00
      And Ana wrote to the bakery through an ad 25 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And nothing opens

    @CBP1-12 @CBP2-19 @PMP-12
    Scenario Outline: On <date>, an answer that is never delivered opens no free entry point
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      When the bakery sends Ana a free-form message, never delivered
      Then nothing opens
      And nothing is charged
      And the free entry point is waiting for an answer

      Examples: one day under each set of rules
        | date       |
        | 2022-05-10 |
        | 2023-07-10 |
        | 2025-08-11 |

  Rule: Under the longer entry point too, the sending decides whether the answer is in time

    @PMP-06 @FEP-02 @since-2026-09-28
    Scenario Outline: <message> sent in the last half hour and delivered half an hour too late still answers
      Given it is 2026-10-12 at 09:00
      And Direct Send is enabled
      And Ana wrote to the bakery through an ad 23 h 30 min ago
      When the bakery sends Ana <message>, delivered 1 h later
      Then it opens a free entry point

      Examples: an answer of any kind
        | message                              |
        | a free-form message                  |
        | a reaction                           |
        | a reply of the Meta Business Agent   |
        | a marketing template                 |
        | a utility template                   |
        | an authentication template           |
        | a Marketing Messages Lite template   |
        | a template of an unknown category    |
        | a direct utility message             |
        | a direct authentication message      |
        | a direct marketing message           |
