Feature: The opt-in, message by message

  The opt-in policy warns and never refuses. It looks at what the customer last said about
  it, and, failing that, at whether the customer has written within a day.

  Rule: The customer's last word decides

    @OPT-01
    Scenario Outline: A utility template after <first>, then <second>, within an open window
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      And <first>
      And 2 min pass
      And <second>
      And 2 min pass
      When the bakery asks to send Ana a utility template
      Then it is allowed
      And the opt-in policy <stance>

      Examples: it is an opt-in
        | first        | second      | stance           |
        | Ana opts out | Ana opts in | has no objection |
        | Ana opts in  | Ana opts in | has no objection |

      Examples: it is a withdrawal
        | first        | second       | stance            |
        | Ana opts in  | Ana opts out | speaks against it |
        | Ana opts out | Ana opts out | speaks against it |

    @OPT-01
    Scenario Outline: Outside the window a utility template after <first>, then <second>
      Given it is 2025-08-11 at 09:00
      And <first>
      And 2 min pass
      And <second>
      And 2 min pass
      When the bakery asks to send Ana a utility template
      Then it is allowed
      And the opt-in policy <stance>

      Examples: it is an opt-in
        | first        | second      | stance           |
        | Ana opts out | Ana opts in | has no objection |
        | Ana opts in  | Ana opts in | has no objection |

      Examples: it is a withdrawal
        | first        | second       | stance            |
        | Ana opts in  | Ana opts out | speaks against it |
        | Ana opts out | Ana opts out | speaks against it |

    @OPT-01
    Scenario Outline: Whether consent is given or withdrawn, nothing opens and nothing costs anything: <act>
      Given it is 2025-08-11 at 09:00
      When <act>
      Then nothing opens
      And nothing is renewed
      And the customer service window is closed
      And nothing is charged

      Examples: both ways
        | act          |
        | Ana opts in  |
        | Ana opts out |

    @OPT-01
    Scenario: An opt-in given to the bakery is none for the florist
      Given it is 2025-08-11 at 09:00
      And Ana opts in
      And 2 min pass
      When the florist asks to send Ana a utility template
      Then it is allowed
      And the opt-in policy speaks against it

    @OPT-01
    Scenario: An opt-in does not run out
      Given it is 2023-06-12 at 10:00
      And Ana opts in
      And 1000 days pass
      When the bakery asks to send Ana a utility template
      Then the opt-in policy has no objection

  Rule: No message that the business starts goes without the warning

    @OPT-01 @OPT-05
    Scenario Outline: Without any opt-in on <date>: <message>
      Given Direct Send is enabled
      And it is <date> at 09:00
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And the opt-in policy speaks against it

      Examples: templates
        | date       | message                            | verdict |
        | 2021-11-15 | a template                         | allowed |
        | 2022-06-15 | a template                         | allowed |
        | 2023-09-11 | a marketing template               | allowed |
        | 2023-09-11 | a utility template                 | allowed |
        | 2025-08-11 | an authentication template         | allowed |
        | 2025-08-11 | a Marketing Messages Lite template | allowed |
        | 2026-10-12 | a marketing template               | allowed |

      Examples: Direct Send
        | date       | message                         | verdict                     |
        | 2026-10-12 | a direct utility message        | allowed                     |
        | 2026-10-12 | a direct authentication message | allowed                     |
        | 2026-10-12 | a direct marketing message      | not specified by any source |

    @OPT-01
    Scenario Outline: With the customer's opt-in on <date>: <message>
      Given Direct Send is enabled
      And it is <date> at 09:00
      And Ana opts in
      And 2 min pass
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And the opt-in policy has no objection

      Examples: templates
        | date       | message                            | verdict |
        | 2021-11-15 | a template                         | allowed |
        | 2022-06-15 | a template                         | allowed |
        | 2023-09-11 | a marketing template               | allowed |
        | 2023-09-11 | a utility template                 | allowed |
        | 2025-08-11 | an authentication template         | allowed |
        | 2025-08-11 | a Marketing Messages Lite template | allowed |
        | 2026-10-12 | a marketing template               | allowed |

      Examples: Direct Send
        | date       | message                         | verdict                     |
        | 2026-10-12 | a direct utility message        | allowed                     |
        | 2026-10-12 | a direct authentication message | allowed                     |
        | 2026-10-12 | a direct marketing message      | not specified by any source |

    @OPT-01 @OPT-05
    Scenario Outline: After a withdrawal on <date>, even inside the window: <message>
      Given Direct Send is enabled
      And it is <date> at 09:00
      And Ana opts out
      And 2 min pass
      And Ana writes to the bakery
      And 2 min pass
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And the opt-in policy speaks against it

      Examples: templates
        | date       | message                            | verdict |
        | 2022-06-15 | a template                         | allowed |
        | 2023-09-11 | a marketing template               | allowed |
        | 2023-09-11 | a utility template                 | allowed |
        | 2025-08-11 | an authentication template         | allowed |
        | 2025-08-11 | a Marketing Messages Lite template | allowed |

      Examples: Direct Send
        | date       | message                         | verdict                     |
        | 2026-10-12 | a direct utility message        | allowed                     |
        | 2026-10-12 | a direct authentication message | allowed                     |
        | 2026-10-12 | a direct marketing message      | not specified by any source |

  Rule: A customer who has written may be answered, but not advertised to

    @OPT-03
    Scenario Outline: An hour after the customer has written on <date>: <message>
      Given Direct Send is enabled
      And it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And the opt-in policy <stance>

      Examples: answers
        | date       | message                         | verdict                     | stance           |
        | 2022-06-15 | a template                      | allowed                     | has no objection |
        | 2023-09-11 | a utility template              | allowed                     | has no objection |
        | 2025-08-11 | an authentication template      | allowed                     | has no objection |
        | 2026-10-12 | a direct utility message        | allowed                     | has no objection |
        | 2026-10-12 | a direct authentication message | allowed                     | has no objection |
        | 2026-10-12 | a direct marketing message      | not specified by any source | has no objection |
        | 2023-09-11 | a free-form message             | allowed                     | has no objection |
        | 2026-10-12 | a free-form message             | allowed                     | has no objection |

      @OPT-05
      Examples: marketing
        | date       | message                            | verdict | stance            |
        | 2023-09-11 | a marketing template               | allowed | speaks against it |
        | 2025-08-11 | a Marketing Messages Lite template | allowed | speaks against it |
        | 2026-10-12 | a marketing template               | allowed | speaks against it |

  Rule: What an opt-in had to say changed in November 2024; that one is needed did not

    @OPT-02 @OPT-01
    Scenario Outline: A consent that was enough on its day, <given>, is still enough on <asked>
      Given it is <given> at 09:00
      And Ana opts in
      And it is <asked> at 09:00
      When the bakery asks to send Ana a marketing template
      Then it is allowed
      And the opt-in policy has no objection

      Examples: an opt-in that named WhatsApp, or a general one
        | given      | asked      |
        | 2024-06-03 | 2024-06-04 |
        | 2024-06-03 | 2025-01-13 |
        | 2025-01-13 | 2025-01-14 |
        | 2021-11-15 | 2026-10-12 |

    @OPT-02 @OPT-01
    Scenario Outline: Without an opt-in that was enough on <date> the policy warns
      Given it is <date> at 09:00
      When the bakery asks to send Ana a utility template
      Then it is allowed
      And the opt-in policy speaks against it

      Examples: before and after general opt-ins became enough
        | date       |
        | 2024-06-03 |
        | 2025-01-13 |
