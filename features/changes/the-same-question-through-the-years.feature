Feature: The same question through the years

  Most mistakes in practice come from an answer that was right once. These are the questions asked
  most, with the answer of each set of rules.

  Rule: A utility template inside the window

    @NBP-01 @CBP1-02 @CBP2-01 @PMP-03 @P26-03
    Scenario Outline: A utility template to a customer who wrote an hour ago, on <date>
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a utility template
      Then <what happens>
      And nothing else opens
      And <price>

      Examples: charged, free, and charged again
        | date       | what happens                           | price                                          |
        | 2021-06-15 | nothing opens                          | it is charged as a notification                |
        | 2022-05-10 | it opens a user-initiated conversation | it is charged as a user-initiated conversation |
        | 2023-07-10 | it opens a utility conversation        | it is charged as utility                       |
        | 2025-06-30 | it opens a utility conversation        | it is charged as utility                       |
        | 2025-07-15 | nothing opens                          | it is free because customer service is free    |
        | 2026-09-30 | nothing opens                          | it is free because customer service is free    |
        | 2026-10-12 | nothing opens                          | it is charged as utility                       |

    @CBP2-02 @PMP-03 @P26-03
    Scenario Outline: A second utility template within the hour, on <date>
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana a utility template 30 min ago
      When the bakery sends Ana a utility template
      Then nothing opens
      And it belongs to <conversation>
      And <price>

      Examples: free, free for another reason, and charged
        | date       | conversation           | price                                                 |
        | 2025-06-30 | a utility conversation | it is free because it belongs to an open conversation |
        | 2025-07-15 | no conversation        | it is free because customer service is free           |
        | 2026-10-12 | no conversation        | it is charged as utility                              |

  Rule: A free-form message inside the window, when the free allowance is used up

    @NBP-02 @CBP1-02 @CBP2-11 @PMP-01 @P26-01 @P26-02
    Scenario Outline: A free-form answer an hour after the customer wrote, on <date>
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And <what happens>
      And <price>

      Examples: charged per conversation, free twice over, and charged per message
        | date       | what happens                           | price                                             |
        | 2021-06-15 | nothing opens                          | it is free because it is not billable             |
        | 2022-05-10 | it opens a user-initiated conversation | it is charged as a user-initiated conversation    |
        | 2024-10-20 | it opens a service conversation        | it is charged as service                          |
        | 2024-12-10 | it opens a service conversation        | it is free because service conversations are free |
        | 2025-08-11 | nothing opens                          | it is free because customer service is free       |
        | 2026-10-12 | nothing opens                          | it is charged as service                          |

  Rule: One answer in three bubbles

    @CBP2-03 @CBP2-04 @PMP-01 @P26-01
    Scenario Outline: The <nth> of three free-form messages in a row, on <date>
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      And <one before>
      And <two before>
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: one conversation in 2024
        | date       | nth    | one before                                        | two before                                        | price                    |
        | 2024-10-20 | first  | Luis wrote to the bakery 2 min ago                | Luis wrote to the bakery 1 min ago                | it is charged as service |
        | 2024-10-20 | second | the bakery sent Ana a free-form message 2 min ago | Luis wrote to the bakery 1 min ago                | nothing is charged       |
        | 2024-10-20 | third  | the bakery sent Ana a free-form message 2 min ago | the bakery sent Ana a free-form message 1 min ago | nothing is charged       |

      Examples: nothing at all in 2025
        | date       | nth   | one before                                        | two before                                        | price              |
        | 2025-08-11 | first | Luis wrote to the bakery 2 min ago                | Luis wrote to the bakery 1 min ago                | nothing is charged |
        | 2025-08-11 | third | the bakery sent Ana a free-form message 2 min ago | the bakery sent Ana a free-form message 1 min ago | nothing is charged |

      Examples: three service messages since October 2026
        | date       | nth    | one before                                        | two before                                        | price                    |
        | 2026-10-12 | first  | Luis wrote to the bakery 2 min ago                | Luis wrote to the bakery 1 min ago                | it is charged as service |
        | 2026-10-12 | second | the bakery sent Ana a free-form message 2 min ago | Luis wrote to the bakery 1 min ago                | it is charged as service |
        | 2026-10-12 | third  | the bakery sent Ana a free-form message 2 min ago | the bakery sent Ana a free-form message 1 min ago | it is charged as service |
