Feature: Meta's marketing holdout

  Some customers are kept out of marketing for an experiment of Meta's. They get no
  marketing template, unless they wrote within a day or came through an entry point.

  Rule: A customer in the holdout gets no marketing template

    @MKT-05
    Scenario Outline: On <date>, <message> to a customer in the holdout
      Given Ana is in Meta's marketing holdout
      And it is <date> at <time>
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And nothing opens
      And nothing is charged

      Examples: marketing
        | date       | time     | message                            | verdict                               |
        | 2023-06-01 | 00:00:00 | a marketing template               | refused: the customer is in a holdout |
        | 2025-01-13 | 09:00:00 | a marketing template               | refused: the customer is in a holdout |
        | 2025-01-13 | 09:00:00 | a Marketing Messages Lite template | refused: the customer is in a holdout |
        | 2025-08-11 | 09:00:00 | a marketing template               | refused: the customer is in a holdout |
        | 2025-08-11 | 09:00:00 | a Marketing Messages Lite template | refused: the customer is in a holdout |
        | 2026-10-12 | 09:00:00 | a marketing template               | refused: the customer is in a holdout |

      Examples: before any holdout was documented
        | date       | time     | message              | verdict |
        | 2022-06-15 | 09:00:00 | a marketing template | allowed |
        | 2023-05-31 | 23:59:59 | a marketing template | allowed |

      Examples: other categories
        | date       | time  | message                    | verdict |
        | 2023-09-11 | 09:00 | a utility template         | allowed |
        | 2025-08-11 | 09:00 | an authentication template | allowed |
        | 2026-10-12 | 09:00 | a utility template         | allowed |

    @MKT-05
    Scenario Outline: A customer outside the holdout gets <message>
      Given Luis is in Meta's marketing holdout
      And it is <date> at 09:00
      When the bakery asks to send Ana <message>
      Then it is allowed

      Examples: marketing
        | date       | message                            |
        | 2023-09-11 | a marketing template               |
        | 2025-01-13 | a Marketing Messages Lite template |
        | 2025-08-11 | a marketing template               |

  Rule: An open window or an open free entry point lifts the holdout

    @MKT-05
    Scenario Outline: In the holdout, <message> when <situation>
      Given Ana is in Meta's marketing holdout
      And it is 2025-08-11 at 09:00
      And <situation>
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      @CSW-01
      Examples: around the edge of the window
        | message                            | situation                                    | verdict                               |
        | a marketing template               | Ana wrote to the bakery 1 h ago              | allowed                               |
        | a Marketing Messages Lite template | Ana wrote to the bakery 1 h ago              | allowed                               |
        | a marketing template               | Ana wrote to the bakery 23 h 59 min 59 s ago | allowed                               |
        | a marketing template               | Ana wrote to the bakery 24 h 1 s ago         | refused: the customer is in a holdout |
        | a Marketing Messages Lite template | Ana wrote to the bakery 24 h 1 s ago         | refused: the customer is in a holdout |

      Examples: an entry point that nobody has answered
        | message              | situation                                      | verdict                               |
        | a marketing template | Ana wrote to the bakery through an ad 23 h ago | allowed                               |
        | a marketing template | Ana wrote to the bakery through an ad 25 h ago | refused: the customer is in a holdout |

      Examples: what opens neither
        | message              | situation                                      | verdict                               |
        | a marketing template | Ana opts in                                    | refused: the customer is in a holdout |
        | a marketing template | the bakery sent Ana a utility template 1 h ago | refused: the customer is in a holdout |

    @MKT-05 @PMP-05
    Scenario Outline: In the holdout, <message> <elapsed> after the answer that opened a free entry point
      Given Ana is in Meta's marketing holdout
      And it is 2025-08-11 at 09:00
      And Ana wrote to the bakery through an ad 73 h ago
      And the bakery sent Ana a free-form message <elapsed> ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: around the end of the entry point, long after that of the window
        | message                            | elapsed          | verdict                               |
        | a marketing template               | 60 h             | allowed                               |
        | a Marketing Messages Lite template | 60 h             | allowed                               |
        | a marketing template               | 71 h 59 min 59 s | allowed                               |
        | a marketing template               | 72 h 1 s         | refused: the customer is in a holdout |

    @MKT-05 @PMP-02
    Scenario: Inside the window the marketing template is delivered, and charged
      Given Ana is in Meta's marketing holdout
      And it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a marketing template
      Then it is allowed
      And it is charged as marketing
