Feature: What qualifies for a free entry point

  Two things open the way to a free entry point: a Click-to-WhatsApp ad and the button of a Facebook
  Page. From March 2023 the customer must write from a phone. The mark on the message shows that it
  came that way, not that it qualifies.

  Rule: Ads and page buttons qualify

    @CBP1-10 @CBP2-12 @PMP-05 @FEP-05
    Scenario Outline: On <date>, answering a customer who came through <entry>
      Given it is <date> at 10:00
      And Ana wrote to the bakery through <entry> 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens <things>
      And it is free because the free entry point covers it

      Examples: both entries, under each set of rules
        | date       | entry                  | things                                               |
        | 2022-05-10 | an ad                  | a free entry point and a user-initiated conversation |
        | 2022-05-10 | a Facebook Page button | a free entry point and a user-initiated conversation |
        | 2023-07-10 | an ad                  | a free entry point                                   |
        | 2023-07-10 | a Facebook Page button | a free entry point                                   |
        | 2025-08-11 | an ad                  | a free entry point                                   |
        | 2025-08-11 | a Facebook Page button | a free entry point                                   |
        | 2026-10-05 | an ad                  | a free entry point                                   |
        | 2026-10-05 | a Facebook Page button | a free entry point                                   |

  Rule: From March 2023 it takes a phone

    @CBP1-10 @CBP2-12 @PMP-05 @FEP-05
    Scenario Outline: On <date>, writing through an ad on <device>
      Given it is <date> at 10:00
      When Ana writes to the bakery through an ad on <device>
      Then it opens the customer service window
      And nothing else opens
      And the free entry point is <point>

      Examples: any device in 2022
        | date       | device             | point                 |
        | 2022-05-10 | an Android phone   | waiting for an answer |
        | 2022-05-10 | an iPhone          | waiting for an answer |
        | 2022-05-10 | a desktop computer | waiting for an answer |
        | 2022-05-10 | a web browser      | waiting for an answer |

      Examples: Android phones and iPhones only, since
        | date       | device             | point                    |
        | 2023-03-15 | an Android phone   | waiting for an answer    |
        | 2023-03-15 | an iPhone          | waiting for an answer    |
        | 2023-03-15 | a desktop computer | neither open nor waiting |
        | 2023-03-15 | a web browser      | neither open nor waiting |
        | 2023-07-10 | an Android phone   | waiting for an answer    |
        | 2023-07-10 | an iPhone          | waiting for an answer    |
        | 2023-07-10 | a desktop computer | neither open nor waiting |
        | 2023-07-10 | a web browser      | neither open nor waiting |
        | 2025-08-11 | an Android phone   | waiting for an answer    |
        | 2025-08-11 | an iPhone          | waiting for an answer    |
        | 2025-08-11 | a desktop computer | neither open nor waiting |
        | 2025-08-11 | a web browser      | neither open nor waiting |
        | 2026-10-05 | an Android phone   | waiting for an answer    |
        | 2026-10-05 | an iPhone          | waiting for an answer    |
        | 2026-10-05 | a desktop computer | neither open nor waiting |
        | 2026-10-05 | a web browser      | neither open nor waiting |

    @CBP2-12 @PMP-05 @P26-05
    Scenario Outline: On <date>, the answer to an ad seen on a desktop computer is priced like any other
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana writes to the bakery through an ad on a desktop computer
      When the bakery sends Ana a free-form message
      Then it is allowed
      And <what happens>
      And <price>

      Examples: under the rules of 2023, of 2025 and of October 2026
        | date       | what happens                    | price                                       |
        | 2023-07-10 | it opens a service conversation | it is charged as service                    |
        | 2025-08-11 | nothing opens                   | it is free because customer service is free |
        | 2026-10-05 | nothing opens                   | it is charged as service                    |

  Rule: Only messages that open the window qualify

    @CSW-06 @FEP-01 @unspecified
    Scenario Outline: On <date>, <act> gives the business no more time to answer
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      When Ana sends the bakery <act>
      Then the business has 22 h left to answer the entry point
      And the free entry point is waiting for an answer

      Examples: things of which no source says that they open the window
        | date       | act        |
        | 2023-07-10 | a reaction |
        | 2023-07-10 | a deletion |
        | 2026-10-05 | a reaction |
        | 2026-10-05 | a deletion |

  Rule: A free entry point belongs to one customer and one business phone number

    @FEP-03
    Scenario Outline: Ana's free entry point at the bakery, when <business> sends <who> a marketing template
      Given it is 2025-08-11 at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When <business> sends <who> a marketing template
      Then <price>

      Examples: the same pair, another customer, another business
        | business    | who  | price                                             |
        | the bakery  | Ana  | it is free because the free entry point covers it |
        | the bakery  | Luis | it is charged as marketing                        |
        | the florist | Ana  | it is charged as marketing                        |

  Rule: A second click before the answer is a new entry; after it, it starts nothing

    @FEP-01 @unspecified
    Scenario Outline: On <date>, a second click on the ad before the answer starts the 24 hours anew
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 20 h ago
      When Ana writes to the bakery through an ad
      Then it renews the customer service window
      And nothing opens
      And the business has 24 h left to answer the entry point

      Examples: one day under each set of rules
        | date       |
        | 2022-05-10 |
        | 2023-07-10 |
        | 2025-08-11 |
        | 2026-10-05 |

    @CBP2-20 @CBP1-10 @unspecified
    Scenario Outline: On <date>, a second click while the free entry point is open starts no second one
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When Ana writes to the bakery through an ad
      Then it renews the customer service window
      And nothing opens
      And nothing is closed
      And the free entry point stays open for <rest>

      Examples: one day under each set of rules
        | date       | rest        |
        | 2022-05-10 | 23 h        |
        | 2023-07-10 | 71 h        |
        | 2025-08-11 | 71 h        |
        | 2026-10-05 | 6 days 23 h |

  Rule: Whether another message gives more time to answer changed in September 2026

    @FEP-01 @unspecified
    Scenario Outline: On <date>, the customer writes once more before the answer
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 20 h ago
      When Ana writes to the bakery
      Then it renews the customer service window
      And the business has <rest> left to answer the entry point
      And the free entry point is waiting for an answer

      Examples: no more time until then, full time since
        | date       | rest |
        | 2022-05-10 | 4 h  |
        | 2023-07-10 | 4 h  |
        | 2025-08-11 | 4 h  |
        | 2026-09-27 | 4 h  |
        | 2026-09-28 | 24 h |
        | 2026-10-05 | 24 h |

    @FEP-01 @CSW-04 @CSW-05b @unspecified
    Scenario Outline: On <date>, <act>, and the business has <rest> left
      Given it is <date> at 10:00
      And Ana wrote to the bakery through an ad 20 h ago
      When <act>
      Then it renews the customer service window
      And the business has <rest> left to answer the entry point
      And the free entry point is waiting for an answer

      Examples: other things that open the window
        | date       | act                                                   | rest |
        | 2026-09-27 | Ana calls the bakery                                  | 4 h  |
        | 2026-09-27 | Ana accepts a call of the bakery                      | 4 h  |
        | 2026-09-27 | Ana opens the chat with the bakery for the first time | 4 h  |
        | 2026-09-28 | Ana calls the bakery                                  | 24 h |
        | 2026-09-28 | Ana accepts a call of the bakery                      | 24 h |
        | 2026-09-28 | Ana opens the chat with the bakery for the first time | 24 h |

    @FEP-01 @CSW-04 @CSW-05b
    Scenario Outline: In October 2026, <act> without having come through an ad
      Given it is 2026-10-05 at 10:00
      When <act>
      Then it opens the customer service window
      And nothing else opens
      And the free entry point is neither open nor waiting

      Examples: things that open the window, but no entry point
        | act                                                   |
        | Ana writes to the bakery                              |
        | Ana calls the bakery                                  |
        | Ana accepts a call of the bakery                      |
        | Ana opens the chat with the bakery for the first time |

    @FEP-01 @FEP-02 @CSW-04 @CSW-05b
    Scenario Outline: In October 2026, <act> while the free entry point is open
      Given it is 2026-10-05 at 10:00
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When <act>
      Then it renews the customer service window
      And nothing opens
      And nothing is closed
      And the free entry point stays open for 6 days 23 h

      Examples: none of them makes it longer
        | act                                                   |
        | Ana writes to the bakery                              |
        | Ana calls the bakery                                  |
        | Ana accepts a call of the bakery                      |
        | Ana opens the chat with the bakery for the first time |
