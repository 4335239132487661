Feature: The category of a template

  Meta gives every template a category: utility, authentication, or else marketing. Since
  June 2023 the price depends on it, so of a template without a known one nothing is known.

  Rule: Before June 2023 any template would do

    @TPL-05
    Scenario Outline: On <date> at <time>, <message>
      Given it is <date> at <time>
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: no price hangs on the category yet
        | date       | time     | message                           | verdict |
        | 2021-11-15 | 09:00:00 | a template                        | allowed |
        | 2022-06-15 | 09:00:00 | a template                        | allowed |
        | 2022-06-15 | 09:00:00 | a template of an unknown category | allowed |
        | 2023-05-31 | 23:59:59 | a template                        | allowed |

      @unspecified
      Examples: the price hangs on the category
        | date       | time     | message                           | verdict                     |
        | 2023-06-01 | 00:00:00 | a template                        | not specified by any source |
        | 2023-09-11 | 09:00:00 | a template of an unknown category | not specified by any source |
        | 2025-01-13 | 09:00:00 | a template                        | not specified by any source |
        | 2025-08-11 | 09:00:00 | a template of an unknown category | not specified by any source |
        | 2026-10-12 | 09:00:00 | a template                        | not specified by any source |

    @TPL-05 @unspecified
    Scenario Outline: On <date> the delivery of a template of an unknown category has no price and opens nothing
      Given it is <date> at 09:00
      When the bakery sends Ana a template of an unknown category
      Then nothing opens
      And it belongs to no conversation
      And no rule says what it costs
      And the answer notes a doubt about an unknown category

      Examples: since June 2023
        | date       |
        | 2023-09-11 |
        | 2025-08-11 |
        | 2026-10-12 |

    @TPL-05 @MM-01
    Scenario Outline: Marketing Messages Lite on <date> at <time>
      Given it is <date> at <time>
      When the bakery asks to send Ana a Marketing Messages Lite template
      Then it is <verdict>

      Examples: a category since 15 October 2024
        | date       | time     | verdict                     |
        | 2024-10-14 | 23:59:59 | not specified by any source |
        | 2024-10-15 | 00:00:00 | allowed                     |

  Rule: What Meta calls a template is what it is

    @TPL-05 @PMP-11
    Scenario: A template that Meta counts as marketing is charged as marketing
      Given it is 2025-08-11 at 09:00
      When the bakery sends Ana a utility template, and Meta calls it marketing
      Then it is charged as marketing
      And the answer notes a doubt about another category in Meta's webhook

    @TPL-07 @PMP-02
    Scenario: A utility request that reads as a promotion is approved as marketing, and costs as such inside the window
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a marketing template
      Then it is allowed
      And it is charged as marketing

    @TPL-07 @PMP-11 @PMP-03
    Scenario: Our record still says utility, but inside the window nothing is free once Meta says marketing
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a utility template, and Meta calls it marketing
      Then it is charged as marketing
      And the answer notes a doubt about another category in Meta's webhook
