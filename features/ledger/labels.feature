Feature: What Meta calls a delivery

  Until June 2025 Meta's statuses name the conversation that a message belongs to, since then the price
  of the message itself. Analytics count the same deliveries under other words.

  Rule: Until June 2025 a status names the conversation

    @LBL-01
    Scenario Outline: On <date>, <message> to a customer who <situation>
      Given it is <date> at 10:00
      And <customer>
      When the bakery sends Ana <message>
      Then Meta's webhook calls it <label>

      Examples: by who began, then by category
        | date       | message                    | situation          | customer                                      | label               |
        | 2022-05-10 | a template                 | has not written    | Luis wrote to the bakery 1 h ago              | business-initiated  |
        | 2022-05-10 | a template                 | has written        | Ana wrote to the bakery 1 h ago               | user-initiated      |
        | 2022-05-10 | a free-form message        | has written        | Ana wrote to the bakery 1 h ago               | user-initiated      |
        | 2023-07-10 | a marketing template       | has not written    | Luis wrote to the bakery 1 h ago              | marketing           |
        | 2023-07-10 | a utility template         | has not written    | Luis wrote to the bakery 1 h ago              | utility             |
        | 2023-07-10 | an authentication template | has not written    | Luis wrote to the bakery 1 h ago              | authentication      |
        | 2023-07-10 | a free-form message        | has written        | Ana wrote to the bakery 1 h ago               | service             |
        | 2024-12-10 | a free-form message        | has written        | Ana wrote to the bakery 1 h ago               | service             |
        | 2025-06-10 | a free-form message        | came through an ad | Ana wrote to the bakery through an ad 1 h ago | referral conversion |

    @LBL-01
    Scenario Outline: What joins a utility conversation is called like it: <message>
      Given it is 2024-12-10 at 10:00
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a utility template 1 h ago
      When the bakery sends Ana <message>
      Then Meta's webhook calls it utility

      Examples: whatever it is itself
        | message             |
        | a free-form message |
        | a utility template  |

    @LBL-02
    Scenario Outline: A template sent at <time> states the end of the conversation that it opens
      Given it is 2024-12-10 at <time>
      When the bakery sends Ana a utility template, delivered 5 min later
      Then Meta's webhook states its end as <end>

      Examples: a day after the sending, rounded up to the minute
        | time     | end                 |
        | 10:00:00 | 2024-12-11 at 10:00 |
        | 10:00:01 | 2024-12-11 at 10:01 |
        | 10:00:59 | 2024-12-11 at 10:01 |
        | 10:01:00 | 2024-12-11 at 10:01 |

    @LBL-06
    Scenario: A service conversation costs nothing and is called billable all the same
      Given it is 2024-12-10 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then Meta's webhook calls it billable
      And the ledger charges nothing

  Rule: Since July 2025 a status names the price of its own message

    @LBL-04 @LBL-01
    Scenario Outline: On <date> at <time>, a marketing template
      Given it is <date> at <time>
      When the bakery sends Ana a marketing template
      Then Meta's webhook calls it <label>

      Examples: the last second of the old words and the first of the new
        | date       | time     | label               |
        | 2025-06-30 | 23:59:59 | marketing           |
        | 2025-07-01 | 00:00:00 | marketing (regular) |

    @LBL-04 @LBL-06
    Scenario Outline: On 2025-08-11, <message> to a customer who wrote an hour ago is not billable
      Given it is 2025-08-11 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then Meta's webhook calls it not billable
      And the ledger charges nothing

      Examples: what customer service makes free
        | message             |
        | a free-form message |
        | a utility template  |

    @LBL-04 @LBL-06
    Scenario: On 2025-08-11, a marketing template is billable, whoever wrote when
      Given it is 2025-08-11 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a marketing template
      Then Meta's webhook calls it billable

    @LBL-04 @P26-13
    Scenario Outline: On <date>, when <units>, <message> to a customer who <situation>
      Given it is <date> at 10:00
      And <units>
      And <customer>
      When the bakery sends Ana <message>
      Then Meta's webhook calls it <label>

      Examples: what is free inside the window, before and since October 2026
        | date       | units                                  | message              | situation          | customer                                      | label                                  |
        | 2025-08-11 | the free allowance is used up          | a marketing template | wrote              | Ana wrote to the bakery 1 h ago               | marketing (regular)                    |
        | 2025-08-11 | the free allowance is used up          | a utility template   | has not written    | Luis wrote to the bakery 1 h ago              | utility (regular)                      |
        | 2025-08-11 | the free allowance is used up          | a utility template   | wrote              | Ana wrote to the bakery 1 h ago               | utility (free customer service)        |
        | 2025-08-11 | the free allowance is used up          | a free-form message  | wrote              | Ana wrote to the bakery 1 h ago               | service (free customer service)        |
        | 2025-08-11 | the free allowance is used up          | a free-form message  | came through an ad | Ana wrote to the bakery through an ad 1 h ago | referral conversion (free entry point) |
        | 2026-10-05 | the free allowance is used up          | a utility template   | wrote              | Ana wrote to the bakery 1 h ago               | utility (regular)                      |
        | 2026-10-05 | one unit of the free allowance is left | a free-form message  | wrote              | Ana wrote to the bakery 1 h ago               | service (free customer service)        |
        | 2026-10-05 | the free allowance is used up          | a free-form message  | wrote              | Ana wrote to the bakery 1 h ago               | service (regular)                      |

    @GRP-03
    Scenario Outline: On <date>, when <units>, <message> is delivered to a member of a group
      Given Ana and Luis write to the bakery in one group
      And it is <date> at 10:00
      And <units>
      And Luis wrote to the bakery <ago> ago
      When the bakery sends the group <message>, delivered to Ana
      Then Meta's webhook calls it <label>

      Examples: words of their own, inside the window and outside
        | date       | units                                  | message              | ago  | label                                       |
        | 2025-11-10 | the free allowance is used up          | a marketing template | 1 h  | group marketing (regular)                   |
        | 2025-11-10 | the free allowance is used up          | a utility template   | 1 h  | group utility (free group customer service) |
        | 2025-11-10 | the free allowance is used up          | a utility template   | 25 h | group utility (regular)                     |
        | 2025-11-10 | the free allowance is used up          | a free-form message  | 1 h  | group service (free group customer service) |
        | 2026-10-05 | the free allowance is used up          | a utility template   | 1 h  | group utility (regular)                     |
        | 2026-10-05 | one unit of the free allowance is left | a free-form message  | 1 h  | group service (free group customer service) |
        | 2026-10-05 | the free allowance is used up          | a free-form message  | 1 h  | group service (regular)                     |

  Rule: Analytics count under other words

    @LBL-03
    Scenario Outline: On <date>, <what> is counted as <label>
      Given it is <date> at 10:00
      And <units>
      And <customer>
      When the bakery sends Ana <message>
      Then Meta's analytics count it as <label>

      Examples: conversations by category and type
        | date       | what                                        | units                                  | customer                         | message              | label               |
        | 2023-07-10 | a service conversation beyond the free tier | the free allowance is used up          | Ana wrote to the bakery 1 h ago  | a free-form message  | service (regular)   |
        | 2023-07-10 | a service conversation of the free tier     | one unit of the free allowance is left | Ana wrote to the bakery 1 h ago  | a free-form message  | service (free tier) |
        | 2023-07-10 | a utility conversation                      | one unit of the free allowance is left | Luis wrote to the bakery 1 h ago | a utility template   | utility (regular)   |
        | 2025-06-10 | a marketing conversation                    | the free allowance is used up          | Luis wrote to the bakery 1 h ago | a marketing template | marketing (regular) |

    @LBL-05
    Scenario Outline: On <date>, <message> to a customer who <situation> is counted as <label>
      Given it is <date> at 10:00
      And the free allowance is used up
      And <customer>
      When the bakery sends Ana <message>
      Then Meta's analytics count it as <label>

      Examples: what is free inside the window or a free entry point is counted as service
        | date       | message             | situation          | customer                                      | label                           |
        | 2025-08-11 | a utility template  | wrote              | Ana wrote to the bakery 1 h ago               | service (free customer service) |
        | 2025-08-11 | a utility template  | has not written    | Luis wrote to the bakery 1 h ago              | utility (regular)               |
        | 2025-08-11 | a free-form message | wrote              | Ana wrote to the bakery 1 h ago               | service (free customer service) |
        | 2025-08-11 | a free-form message | came through an ad | Ana wrote to the bakery through an ad 1 h ago | service (free entry point)      |
        | 2026-10-05 | a utility template  | wrote              | Ana wrote to the bakery 1 h ago               | utility (regular)               |
        | 2026-10-05 | a free-form message | wrote              | Ana wrote to the bakery 1 h ago               | service (regular)               |

    @LBL-07
    Scenario Outline: In <zone> at 23:59:30, a marketing template that is delivered <later> later
      Given the account's time zone is <zone>
      And it is 2025-08-11 at 23:59:30
      When the bakery sends Ana a marketing template, delivered <later> later
      Then Meta's analytics count it on <day>

      Examples: a day begins at the account's own midnight
        | zone              | later | day        |
        | Asia/Kolkata      | 29 s  | 2025-08-11 |
        | Asia/Kolkata      | 30 s  | 2025-08-12 |
        | America/Sao_Paulo | 29 s  | 2025-08-11 |
        | America/Sao_Paulo | 30 s  | 2025-08-12 |
