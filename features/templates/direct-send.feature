Feature: Direct Send

  Accounts on Meta's list may send a utility or authentication message outside the window
  without a template, at that category's rate. It is documented since 31 July 2026.

  Rule: An account on the list needs neither window nor template

    @DS-01 @since-2026-07-31
    Scenario Outline: On <date> an account on the list sends <message>
      Given Direct Send is enabled
      And it is <date> at <time>
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And it belongs to no conversation
      And it is charged as <rate>

      Examples: outside the window
        | date       | time     | message                         | rate           |
        | 2026-07-31 | 00:00:00 | a direct utility message        | utility        |
        | 2026-07-31 | 00:00:00 | a direct authentication message | authentication |
        | 2026-08-10 | 09:00:00 | a direct utility message        | utility        |
        | 2026-10-12 | 09:00:00 | a direct utility message        | utility        |
        | 2026-10-12 | 09:00:00 | a direct authentication message | authentication |

    @DS-01 @CSW-01
    Scenario: A direct message opens no window
      Given Direct Send is enabled
      And it is 2026-10-12 at 09:00
      And the bakery sent Ana a direct utility message 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

    @DS-01 @since-2026-07-31
    Scenario Outline: <message> when <list> and <situation>
      Given <list>
      And it is 2026-08-10 at 09:00
      And <situation>
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: on the list
        | list                   | situation                              | message                         | verdict |
        | Direct Send is enabled | Ana wrote to the bakery 1 h ago        | a direct utility message        | allowed |
        | Direct Send is enabled | Ana wrote to the bakery 1 h ago        | a direct authentication message | allowed |
        | Direct Send is enabled | Ana wrote to the bakery 24 h ago       | a direct utility message        | allowed |
        | Direct Send is enabled | Ana sent the bakery a reaction 1 h ago | a direct utility message        | allowed |
        | Direct Send is enabled | Ana wrote to the bakery 25 h ago       | a direct authentication message | allowed |

      @CSW-03
      Examples: not on the list, outside the window
        | list                               | situation                        | message                         | verdict                       |
        | the bakery is an ordinary business | Ana wrote to the bakery 25 h ago | a direct utility message        | refused: a template is needed |
        | the bakery is an ordinary business | Ana wrote to the bakery 25 h ago | a direct authentication message | refused: a template is needed |

      @unspecified
      Examples: not on the list, but inside the window, at its edge, or in doubt of it
        | list                               | situation                              | message                         | verdict                     |
        | the bakery is an ordinary business | Ana wrote to the bakery 1 h ago        | a direct utility message        | not specified by any source |
        | the bakery is an ordinary business | Ana wrote to the bakery 1 h ago        | a direct authentication message | not specified by any source |
        | the bakery is an ordinary business | Ana wrote to the bakery 24 h ago       | a direct utility message        | not specified by any source |
        | the bakery is an ordinary business | Ana wrote to the bakery 24 h ago       | a direct authentication message | not specified by any source |
        | the bakery is an ordinary business | Ana sent the bakery a reaction 1 h ago | a direct utility message        | not specified by any source |
        | the bakery is an ordinary business | Ana sent the bakery a reaction 1 h ago | a direct authentication message | not specified by any source |

      @unspecified
      Examples: marketing is not provided for
        | list                               | situation                        | message                    | verdict                     |
        | Direct Send is enabled             | Ana wrote to the bakery 1 h ago  | a direct marketing message | not specified by any source |
        | Direct Send is enabled             | Ana wrote to the bakery 25 h ago | a direct marketing message | not specified by any source |
        | the bakery is an ordinary business | Ana wrote to the bakery 1 h ago  | a direct marketing message | not specified by any source |
        | the bakery is an ordinary business | Ana wrote to the bakery 25 h ago | a direct marketing message | not specified by any source |

    @DS-01
    Scenario Outline: Inside the window on <date>, a direct utility message costs what a utility template costs
      Given Direct Send is enabled
      And it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a direct utility message
      Then it is allowed
      And <price>

      @PMP-03
      Examples: before messages were metered
        | date       | price                                       |
        | 2026-08-10 | it is free because customer service is free |

      @P26-03
      Examples: since messages are metered
        | date       | price                    |
        | 2026-10-12 | it is charged as utility |

  Rule: Before 31 July 2026 nothing is documented

    @DS-01 @unspecified
    Scenario Outline: On <date> at <time>, although the account is on the list, <message>
      Given Direct Send is enabled
      And it is <date> at <time>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And nothing opens
      And it belongs to no conversation
      And no rule says what it costs
      And the answer notes a doubt about what this delivery costs

      Examples: up to the last second
        | date       | time     | message                         |
        | 2021-11-15 | 09:00:00 | a direct utility message        |
        | 2022-06-15 | 09:00:00 | a direct authentication message |
        | 2023-09-11 | 09:00:00 | a direct marketing message      |
        | 2025-08-11 | 09:00:00 | a direct utility message        |
        | 2026-07-30 | 23:59:59 | a direct utility message        |
        | 2026-07-30 | 23:59:59 | a direct authentication message |
        | 2026-07-30 | 23:59:59 | a direct marketing message      |
