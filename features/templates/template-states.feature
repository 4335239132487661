Feature: The state of a template

  Only an approved template may be sent. A paused or disabled one, or one that was never
  approved, is refused without charge; of a state that no page lists nothing is known.

  Rule: Only an approved template may be sent

    @TPL-01 @TPL-02
    Scenario Outline: A utility template in state <state>
      Given it is 2025-08-11 at 09:00
      When the bakery asks to send Ana a utility template in state <state>
      Then it is <verdict>
      And nothing opens
      And nothing is charged

      Examples: approved
        | state    | verdict |
        | APPROVED | allowed |

      Examples: out of use
        | state    | verdict                           |
        | PAUSED   | refused: the template is paused   |
        | DISABLED | refused: the template is disabled |

      Examples: not approved, or no longer
        | state            | verdict                               |
        | PENDING          | refused: the template is not approved |
        | REJECTED         | refused: the template is not approved |
        | IN_APPEAL        | refused: the template is not approved |
        | PENDING_DELETION | refused: the template is not approved |
        | DELETED          | refused: the template is not approved |
        | ARCHIVED         | refused: the template is not approved |
        | LIMIT_EXCEEDED   | refused: the template is not approved |

      @unspecified
      Examples: in no list
        | state   | verdict                     |
        | FLAGGED | not specified by any source |
        | LOCKED  | not specified by any source |

    @TPL-01
    Scenario Outline: On <date>, <message> in state <state>
      Given it is <date> at 09:00
      When the bakery asks to send Ana <message> in state <state>
      Then it is <verdict>
      And nothing is charged

      Examples: approved
        | date       | message                            | state    | verdict |
        | 2021-11-15 | a template                         | APPROVED | allowed |
        | 2022-06-15 | a template                         | APPROVED | allowed |
        | 2023-09-11 | a marketing template               | APPROVED | allowed |
        | 2025-08-11 | an authentication template         | APPROVED | allowed |
        | 2025-01-13 | a Marketing Messages Lite template | APPROVED | allowed |
        | 2026-10-12 | a utility template                 | APPROVED | allowed |

      Examples: paused
        | date       | message                            | state  | verdict                         |
        | 2021-11-15 | a template                         | PAUSED | refused: the template is paused |
        | 2022-06-15 | a utility template                 | PAUSED | refused: the template is paused |
        | 2023-09-11 | an authentication template         | PAUSED | refused: the template is paused |
        | 2025-01-13 | a Marketing Messages Lite template | PAUSED | refused: the template is paused |
        | 2026-10-12 | a marketing template               | PAUSED | refused: the template is paused |

      Examples: disabled
        | date       | message                            | state    | verdict                           |
        | 2021-11-15 | a template                         | DISABLED | refused: the template is disabled |
        | 2022-06-15 | an authentication template         | DISABLED | refused: the template is disabled |
        | 2023-09-11 | a marketing template               | DISABLED | refused: the template is disabled |
        | 2025-01-13 | a Marketing Messages Lite template | DISABLED | refused: the template is disabled |
        | 2026-10-12 | a utility template                 | DISABLED | refused: the template is disabled |

      Examples: not approved
        | date       | message                            | state    | verdict                               |
        | 2021-11-15 | a template                         | REJECTED | refused: the template is not approved |
        | 2022-06-15 | a marketing template               | PENDING  | refused: the template is not approved |
        | 2023-09-11 | an authentication template         | DELETED  | refused: the template is not approved |
        | 2025-01-13 | a Marketing Messages Lite template | REJECTED | refused: the template is not approved |
        | 2026-10-12 | a utility template                 | ARCHIVED | refused: the template is not approved |

      @unspecified
      Examples: in a state that no page lists
        | date       | message                            | state   | verdict                     |
        | 2022-06-15 | a template                         | FLAGGED | not specified by any source |
        | 2023-09-11 | a marketing template               | FLAGGED | not specified by any source |
        | 2023-09-11 | a utility template                 | FLAGGED | not specified by any source |
        | 2025-08-11 | an authentication template         | FLAGGED | not specified by any source |
        | 2025-08-11 | a Marketing Messages Lite template | FLAGGED | not specified by any source |

  Rule: Nothing makes up for a template that is not approved

    @TPL-01
    Scenario Outline: A paused template is refused although <situation>
      Given it is 2025-08-11 at 09:00
      And <situation>
      When the bakery asks to send Ana a marketing template in state PAUSED
      Then it is refused: the template is paused

      Examples: whatever else would permit it
        | situation                                     |
        | Ana wrote to the bakery 1 h ago               |
        | Ana opts in                                   |
        | Ana wrote to the bakery through an ad 1 h ago |

    @TPL-01
    Scenario: While its template is paused the business may still answer freely
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      And the bakery asks to send Ana a marketing template in state PAUSED
      When the bakery asks to send Ana a free-form message
      Then it is allowed

  Rule: Several reasons to refuse: the first one is given

    @TPL-01 @OPT-04 @MKT-04 @MKT-05 @PAY-01
    Scenario Outline: A marketing template in state <state> to a customer whose number is <number>, <preference>
      Given Ana's number is <number>
      And Ana is in Meta's marketing holdout
      And the account has no payment method
      And it is 2025-08-11 at 09:00
      And <preference>
      When the bakery asks to send Ana a marketing template in state <state>
      Then it is refused: <reason>

      Examples: fewer and fewer reasons
        | state    | number        | preference                     | reason                                  |
        | PAUSED   | +12125550123  | Ana stops marketing messages   | the template is paused                  |
        | APPROVED | +12125550123  | Ana stops marketing messages   | the customer stopped marketing messages |
        | APPROVED | +12125550123  | Ana resumes marketing messages | marketing is paused for US numbers      |
        | APPROVED | +447400123456 | Ana resumes marketing messages | the customer is in a holdout            |

    @MKT-05 @PAY-01
    Scenario: Out of the holdout only the payment is missing
      Given the account has no payment method
      And Luis is in Meta's marketing holdout
      And it is 2025-08-11 at 09:00
      When the bakery asks to send Ana a marketing template
      Then it is refused: it cannot be paid for

    @CSW-03 @PAY-01
    Scenario: A free-form message outside the window needs a template before it needs a payment method
      Given the account has no payment method
      And the free allowance is used up
      And it is 2023-09-11 at 09:00
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
