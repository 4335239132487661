Feature: How long a free entry point stays open

  One day in 2022, three days from March 2023, up to seven days from late September 2026. Nothing
  that the customer or the business does makes it longer.

  Rule: It lasts 24 hours, then 72 hours, then seven days

    @CBP1-10 @CBP2-12 @PMP-05 @FEP-02
    Scenario Outline: On <date>, the answer opens a free entry point of <length>
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then the free entry point stays open for <length>

      Examples: the length of the day
        | date       | length |
        | 2022-05-10 | 24 h   |
        | 2023-03-15 | 72 h   |
        | 2023-07-10 | 72 h   |
        | 2025-08-11 | 72 h   |
        | 2026-09-15 | 72 h   |
        | 2026-10-05 | 7 days |

    @CBP1-10
    Scenario Outline: On <date>, a template <elapsed> after the answer
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery through an ad <elapsed> ago
      And the bakery sent Ana a free-form message <elapsed> ago
      When the bakery sends Ana a template
      Then <what happens>
      And <price>
      And the free entry point is <point>

      Examples: the free conversation ends with the free entry point
        | date       | elapsed          | what happens                                | price                                              | point                    |
        | 2022-05-10 | 23 h 59 min 59 s | it belongs to a user-initiated conversation | it is free because the free entry point covers it  | open                     |
        | 2022-05-10 | 24 h 1 s         | it opens a business-initiated conversation  | it is charged as a business-initiated conversation | neither open nor waiting |
        | 2023-03-15 | 71 h 59 min 59 s | it belongs to a user-initiated conversation | it is free because the free entry point covers it  | open                     |
        | 2023-03-15 | 72 h             | it opens a business-initiated conversation  | it is charged as a business-initiated conversation | neither open nor waiting |
        | 2023-03-15 | 72 h 1 s         | it opens a business-initiated conversation  | it is charged as a business-initiated conversation | neither open nor waiting |

    @CBP1-10 @CBP1-05
    Scenario: At 24 hours sharp the free conversation of 2022 is over
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery through an ad 25 h ago
      And the bakery sent Ana a free-form message 24 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a user-initiated conversation
      And nothing else opens
      And it is charged as a user-initiated conversation
      And the free entry point is neither open nor waiting

    @CBP2-12 @PMP-05 @FEP-02
    Scenario Outline: On <date>, a marketing template <elapsed> after the answer
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad <elapsed> ago
      And the bakery sent Ana a free-form message <elapsed> ago
      When the bakery sends Ana a marketing template
      Then it is allowed
      And <price>
      And the free entry point is <point>

      Examples: one second before the end, at the end, and after it
        | date       | elapsed                 | price                                             | point                    |
        | 2023-07-10 | 71 h 59 min 59 s        | it is free because the free entry point covers it | open                     |
        | 2023-07-10 | 72 h                    | it is charged as marketing                        | neither open nor waiting |
        | 2023-07-10 | 72 h 1 s                | it is charged as marketing                        | neither open nor waiting |
        | 2025-08-11 | 71 h 59 min 59 s        | it is free because the free entry point covers it | open                     |
        | 2025-08-11 | 72 h                    | it is charged as marketing                        | neither open nor waiting |
        | 2025-08-11 | 72 h 1 s                | it is charged as marketing                        | neither open nor waiting |
        | 2026-10-06 | 6 days 23 h 59 min 59 s | it is free because the free entry point covers it | open                     |
        | 2026-10-06 | 7 days                  | it is charged as marketing                        | neither open nor waiting |
        | 2026-10-06 | 7 days 1 s              | it is charged as marketing                        | neither open nor waiting |

  Rule: Until June 2025 it runs from the delivery of the answer, since then from the sending

    @CBP1-10 @CBP2-12 @PMP-05
    Scenario Outline: On <date>, an answer delivered 2 hours after it was sent
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 3 h ago
      When a free-form message that the bakery sent Ana 2 h ago is delivered
      Then it opens <things>
      And the free entry point stays open for <rest>

      Examples: from the delivery
        | date       | things                                               | rest |
        | 2022-05-10 | a free entry point and a user-initiated conversation | 24 h |
        | 2023-03-15 | a free entry point and a user-initiated conversation | 72 h |
        | 2023-07-10 | a free entry point                                   | 72 h |

      Examples: from the sending
        | date       | things             | rest        |
        | 2025-08-11 | a free entry point | 70 h        |
        | 2026-10-05 | a free entry point | 6 days 22 h |

    @CBP1-10
    Scenario Outline: On <date>, the free conversation runs from the delivery as well
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 3 h ago
      When a free-form message that the bakery sent Ana 2 h ago is delivered
      Then the user-initiated conversation stays open for <length>

      Examples: one day, then three
        | date       | length |
        | 2022-05-10 | 24 h   |
        | 2023-03-15 | 72 h   |

  Rule: The end that Meta states counts, if it states one

    @FEP-02
    Scenario Outline: On <date>, Meta states that it ends on <ends>
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message, and Meta states its end as <ends>
      Then it opens a free entry point
      And the free entry point stays open for <length>

      Examples: shorter or longer than the hours we count
        | date       | ends                | length      |
        | 2025-08-11 | 2025-08-12 at 10:00 | 24 h        |
        | 2026-09-20 | 2026-09-25 at 10:00 | 5 days      |
        | 2026-09-28 | 2026-10-01 at 10:00 | 3 days      |
        | 2026-10-05 | 2026-10-09 at 22:00 | 4 days 12 h |
        | 2026-10-05 | 2026-10-12 at 10:00 | 7 days      |

    @FEP-02
    Scenario: An end that has already passed is not believed
      Given it is 2026-10-05 at 10:00
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message, and Meta states its end as 2026-10-05 at 09:00
      Then the free entry point stays open for 7 days
