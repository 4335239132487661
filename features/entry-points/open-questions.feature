Feature: Open questions about free entry points

  Since 28 September 2026 a free entry point may last up to seven days, and not everything about that
  is published. Where readers of the pages disagree, an account chooses, and the answer says so.

  Rule: How long it lasts

    @FEP-02 @contested @since-2026-09-28
    Scenario Outline: An account that reads <model>
      Given it is 2026-10-05 at 10:00
      And the account's policy on fep_model is <model>
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a free entry point
      And the free entry point stays open for <length>

      Examples: every reading
        | model              | length |
        | webhook            | 7 days |
        | fixed_7d           | 7 days |
        | fixed_72h          | 72 h   |
        | rolling_24h_cap_7d | 72 h   |

    @FEP-02 @contested @since-2026-09-28
    Scenario Outline: An account that reads <model> is told by Meta that it ends after four days
      Given it is 2026-10-05 at 10:00
      And the account's policy on fep_model is <model>
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message, and Meta states its end as 2026-10-09 at 10:00
      Then the free entry point stays open for <length>

      Examples: only one reading asks Meta
        | model     | length |
        | webhook   | 4 days |
        | fixed_7d  | 7 days |
        | fixed_72h | 72 h   |

    @FEP-02 @contested @since-2026-09-28
    Scenario Outline: If every further message of the customer adds a day, <count>
      Given it is 2026-10-05 at 10:00
      And the account's policy on fep_model is rolling_24h_cap_7d
      And Ana wrote to the bakery through an ad 12 h ago
      And the bakery sent Ana a free-form message 12 h ago
      And <messages>
      And <more>
      When Ana writes to the bakery
      Then the free entry point stays open for <length>

      Examples: 72 hours, and a day for each
        | count                                            | messages                         | more                             | length      |
        | the third makes 72 hours five days and a half    | Ana wrote to the bakery 3 h ago  | Ana wrote to the bakery 2 h ago  | 5 days 12 h |
        | the first alone makes them three days and a half | Luis wrote to the bakery 3 h ago | Luis wrote to the bakery 2 h ago | 3 days 12 h |

    @FEP-02 @contested @since-2026-09-28
    Scenario: If every further message adds a day, it is never more than seven days in all
      Given it is 2026-10-05 at 10:00
      And the account's policy on fep_model is rolling_24h_cap_7d
      And Ana wrote to the bakery through an ad 12 h ago
      And the bakery sent Ana a free-form message 12 h ago
      And Ana wrote to the bakery 5 h ago
      And Ana wrote to the bakery 4 h ago
      And Ana wrote to the bakery 3 h ago
      And Ana wrote to the bakery 2 h ago
      When Ana writes to the bakery
      Then the free entry point stays open for 6 days 12 h

    @FEP-02 @contested @since-2026-09-28
    Scenario: If every further message adds a day, what follows the 72 hours is in doubt until the seventh day
      Given it is 2026-10-06 at 10:00
      And the account's policy on fep_model is rolling_24h_cap_7d
      And Ana wrote to the bakery through an ad 97 h ago
      And the bakery sent Ana a free-form message 96 h ago
      When the bakery sends Ana a marketing template
      Then it is not specified by any source
      And the answer notes a doubt about how long the free entry point lasts
      And it is charged as marketing

    @FEP-02 @contested @since-2026-09-28
    Scenario: After the seventh day nothing is in doubt
      Given it is 2026-10-06 at 10:00
      And the account's policy on fep_model is rolling_24h_cap_7d
      And Ana wrote to the bakery through an ad 8 days ago
      And the bakery sent Ana a free-form message 7 days ago
      When the bakery sends Ana a marketing template
      Then it is charged as marketing

  Rule: Whether the button of a Facebook Page still qualifies

    @FEP-06 @contested
    Scenario Outline: On <date>, asked whether a page button qualifies, the account says <answer>; the customer comes through <entry>
      Given it is <date> at 10:00
      And the account's policy on fep_page_cta is <answer>
      When Ana writes to the bakery through <entry>
      Then the free entry point is <point>

      Examples: asked only since September 2026, and only about page buttons
        | date       | answer | entry                  | point                    |
        | 2026-09-27 | no     | a Facebook Page button | waiting for an answer    |
        | 2026-09-28 | no     | a Facebook Page button | neither open nor waiting |
        | 2026-09-28 | no     | an ad                  | waiting for an answer    |
        | 2026-09-28 | yes    | a Facebook Page button | waiting for an answer    |

  Rule: Whether a further message gives the business more time to answer

    @FEP-01 @unspecified
    Scenario Outline: On <date>, an account that reads <reading> has <rest> left
      Given it is <date> at 10:00
      And the account's policy on fep_reply_deadline is <reading>
      And Ana wrote to the bakery through an ad 20 h ago
      When Ana writes to the bakery
      Then the business has <rest> left to answer the entry point

      Examples: each reading, under each set of rules
        | date       | reading           | rest |
        | 2022-05-10 | first_message_24h | 4 h  |
        | 2022-05-10 | csw               | 24 h |
        | 2022-05-10 | by_date           | 4 h  |
        | 2023-03-15 | first_message_24h | 4 h  |
        | 2023-03-15 | csw               | 24 h |
        | 2023-03-15 | by_date           | 4 h  |
        | 2023-07-10 | first_message_24h | 4 h  |
        | 2023-07-10 | csw               | 24 h |
        | 2023-07-10 | by_date           | 4 h  |
        | 2025-08-11 | first_message_24h | 4 h  |
        | 2025-08-11 | csw               | 24 h |
        | 2025-08-11 | by_date           | 4 h  |
        | 2026-07-31 | first_message_24h | 4 h  |
        | 2026-07-31 | csw               | 24 h |
        | 2026-07-31 | by_date           | 4 h  |
        | 2026-10-05 | first_message_24h | 4 h  |
        | 2026-10-05 | csw               | 24 h |
        | 2026-10-05 | by_date           | 24 h |

  Rule: Whether free service messages inside it use up the monthly allowance

    @P26-11 @unspecified @since-2026-10-01
    Scenario Outline: Taking the answer to be <answer>, Luis's message is <price>
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And the account's policy on fep_consumes_free_tier is <answer>
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      And Luis wrote to the bakery 30 min ago
      When the bakery sends Luis a free-form message
      Then it is <price>

      Examples: both answers
        | answer | price                                |
        | no     | free because the free tier covers it |
        | yes    | charged as service                   |

    @P26-11 @unspecified @since-2026-10-01
    Scenario Outline: Even so, <message> inside the free entry point uses no unit
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And the account's policy on fep_consumes_free_tier is yes
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a utility template 1 h ago
      And the bakery sent Ana <message> 40 min ago
      And Luis wrote to the bakery 30 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

      Examples: whatever is no service message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a reaction                         |
        | a reply of the Meta Business Agent |
