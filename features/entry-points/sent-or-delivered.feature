Feature: Answers that were sent at one time and delivered at another

  Until June 2025 the texts speak of the delivery of the answer: it must be delivered in time, and
  the free entry point runs from then. Since July 2025 they speak of the moment at which the business
  responded. An account may hold either reading for all dates.

  Rule: Under per-message pricing an answer sent in time is in time

    @PMP-06 @PMP-05 @since-2025-07-01
    Scenario Outline: On <date>, <message> sent in time and delivered too late opens the free entry point
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 25 h ago
      When <message> that the bakery sent Ana 2 h ago is delivered
      Then it opens a free entry point
      And nothing else opens
      And it is free because the free entry point covers it
      And the free entry point stays open for 70 h

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

    @PMP-06 @since-2025-07-01
    Scenario Outline: An answer sent <elapsed> before its delivery, <wait> after the ad
      Given it is 2025-08-11 at 10:00
      And Ana wrote to the bakery through an ad 30 h ago
      When a marketing template that the bakery sent Ana <elapsed> ago is delivered
      Then <what happens>
      And <price>

      Examples: around the 24 hours for the sending
        | elapsed | wait             | what happens                | price                                             |
        | 6 h 1 s | 23 h 59 min 59 s | it opens a free entry point | it is free because the free entry point covers it |
        | 6 h     | 24 h             | nothing opens               | it is charged as marketing                        |

    @PMP-05 @since-2025-07-01
    Scenario Outline: On <date>, an answer delivered <elapsed> after its sending
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 10 days ago
      When a marketing template that the bakery sent Ana <elapsed> ago is delivered
      Then <what happens>
      And <price>

      Examples: the hours counted from the sending may be over before the delivery
        | date       | elapsed     | what happens  | price                      |
        | 2025-08-11 | 9 days 12 h | nothing opens | it is charged as marketing |
        | 2026-11-11 | 9 days 12 h | nothing opens | it is charged as marketing |

  Rule: Under per-message pricing a message sent before the customer came answers nothing

    @PMP-06 @FEP-01 @since-2025-07-01
    Scenario Outline: On <date>, <message> sent before the ad and delivered after it
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 1 h ago
      When <message> that the bakery sent Ana 2 h ago is delivered
      Then nothing opens
      And the free entry point is waiting for an answer
      And the business has 23 h left to answer the entry point

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

  Rule: Until June 2025 the delivery decides

    @CBP2-12 @CBP1-10 @until-2025-06-30
    Scenario Outline: On <date>, an answer sent in time and delivered <when>
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery through an ad <elapsed> ago
      When a marketing template that the bakery sent Ana 2 h ago is delivered
      Then it opens <things>

      Examples: before and after the 24 hours
        | date       | when     | elapsed          | things                                               |
        | 2022-05-10 | in time  | 23 h 59 min 59 s | a free entry point and a user-initiated conversation |
        | 2022-05-10 | too late | 24 h             | a business-initiated conversation                    |
        | 2023-07-10 | in time  | 23 h 59 min 59 s | a free entry point                                   |
        | 2023-07-10 | too late | 24 h             | a marketing conversation                             |

    @CBP2-12 @CBP1-10 @until-2025-06-30
    Scenario Outline: On <date>, a message sent before the ad and delivered after it is an answer
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 1 h ago
      When a marketing template that the bakery sent Ana 2 h ago is delivered
      Then it opens <things>
      And it is free because the free entry point covers it

      Examples: what the delivery finds waiting
        | date       | things                                               |
        | 2022-05-10 | a free entry point and a user-initiated conversation |
        | 2023-07-10 | a free entry point                                   |

  Rule: An account may take the sending for decisive on every date

    @CBP1-10 @CBP2-12 @contested @until-2025-06-30
    Scenario Outline: Taking the sending, on <date>: <message> sent in time and delivered too late
      Given it is <date> at 10:00
      And the account's policy on fep_start is sent
      And Ana wrote to the bakery through an ad 25 h ago
      When <message> that the bakery sent Ana 2 h ago is delivered
      Then it opens <things>
      And it is free because the free entry point covers it
      And the free entry point stays open for <rest>

      Examples: in 2022
        | date       | message                            | things                                               | rest |
        | 2022-05-10 | a marketing template               | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | a utility template                 | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | an authentication template         | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | a Marketing Messages Lite template | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | a template of an unknown category  | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | a free-form message                | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | a reaction                         | a free entry point and a user-initiated conversation | 22 h |
        | 2022-05-10 | a reply of the Meta Business Agent | a free entry point and a user-initiated conversation | 22 h |

      Examples: from June 2023
        | date       | message                            | things             | rest |
        | 2023-07-10 | a marketing template               | a free entry point | 70 h |
        | 2023-07-10 | a utility template                 | a free entry point | 70 h |
        | 2023-07-10 | an authentication template         | a free entry point | 70 h |
        | 2023-07-10 | a Marketing Messages Lite template | a free entry point | 70 h |
        | 2023-07-10 | a template of an unknown category  | a free entry point | 70 h |
        | 2023-07-10 | a free-form message                | a free entry point | 70 h |
        | 2023-07-10 | a reaction                         | a free entry point | 70 h |
        | 2023-07-10 | a reply of the Meta Business Agent | a free entry point | 70 h |

    @CBP1-10 @CBP2-12 @FEP-01 @contested @until-2025-06-30
    Scenario Outline: Taking the sending, on <date>: <message> sent before the ad and delivered after it
      Given it is <date> at 10:00
      And the account's policy on fep_start is sent
      And Ana wrote to the bakery through an ad 1 h ago
      When <message> that the bakery sent Ana 2 h ago is delivered
      Then the free entry point is waiting for an answer
      And the business has 23 h left to answer the entry point

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

    @CBP1-04 @CBP1-10 @contested @until-2023-05-31
    Scenario Outline: Taking the sending, <message> delivered too late into an open conversation
      Given it is 2022-05-10 at 10:00
      And the account's policy on fep_start is sent
      And Ana wrote to the bakery through an ad 25 h ago
      And the bakery sent Ana a template 26 h ago, delivered 20 h later
      When <message> that the bakery sent Ana 2 h ago is delivered
      Then it belongs to a user-initiated conversation
      And nothing opens
      And it is free because it belongs to an open conversation
      And the free entry point is neither open nor waiting

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

    @PMP-05 @PMP-06 @contested @since-2025-07-01
    Scenario Outline: Taking the delivery, on <date>: <what> opens <things> of <length>
      Given it is <date> at 10:00
      And the account's policy on fep_start is delivered
      And Ana wrote to the bakery through an ad <elapsed> ago
      When a free-form message that the bakery sent Ana 2 h ago is delivered
      Then it opens <things>
      And the free entry point stays open for <length>

      Examples: an answer delivered in time, though sent before the customer came
        | date       | what               | elapsed | things             | length |
        | 2025-08-11 | an answer          | 3 h     | a free entry point | 72 h   |
        | 2025-08-11 | an earlier message | 1 h     | a free entry point | 72 h   |
        | 2026-10-05 | an answer          | 3 h     | a free entry point | 7 days |

    @PMP-06 @contested @since-2025-07-01
    Scenario: Taking the delivery, an answer delivered too late opens nothing
      Given it is 2025-08-11 at 10:00
      And the account's policy on fep_start is delivered
      And Ana wrote to the bakery through an ad 25 h ago
      When a marketing template that the bakery sent Ana 2 h ago is delivered
      Then nothing opens
      And it is charged as marketing
