Feature: Stopping and resuming marketing messages

  Since 18 November 2024 a customer can stop the marketing messages of one business. Until
  the customer resumes them, marketing templates are refused; nothing else is touched.

  Rule: A customer who stopped marketing messages gets no marketing template

    @OPT-04 @since-2024-11-18
    Scenario Outline: After the customer stopped marketing on <date>: <message>
      Given it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      And Ana stops marketing messages
      And 2 h pass
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And nothing is charged

      Examples: marketing
        | date       | message                            | verdict                                          |
        | 2025-01-13 | a marketing template               | refused: the customer stopped marketing messages |
        | 2025-01-13 | a Marketing Messages Lite template | refused: the customer stopped marketing messages |
        | 2025-08-11 | a marketing template               | refused: the customer stopped marketing messages |
        | 2025-08-11 | a Marketing Messages Lite template | refused: the customer stopped marketing messages |
        | 2026-10-12 | a marketing template               | refused: the customer stopped marketing messages |

      Examples: everything else
        | date       | message                         | verdict |
        | 2025-01-13 | a utility template              | allowed |
        | 2025-08-11 | an authentication template      | allowed |
        | 2025-08-11 | a free-form message             | allowed |
        | 2025-08-11 | a promotional free-form message | allowed |
        | 2026-10-12 | a utility template              | allowed |

    @OPT-04 @PMP-12
    Scenario: A utility template is still delivered, and charged
      Given it is 2025-08-11 at 09:00
      And Ana stops marketing messages
      And 2 h pass
      When the bakery sends Ana a utility template
      Then it is allowed
      And it is charged as utility

    @OPT-04 @since-2024-11-18
    Scenario Outline: A marketing template after <acts>
      Given it is 2025-08-11 at 09:00
      And <first>
      And 2 h pass
      And <second>
      And 2 h pass
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: the last word is to stop
        | acts                    | first                          | second                       | message              | verdict                                          |
        | stopping twice          | Ana stops marketing messages   | Ana stops marketing messages | a marketing template | refused: the customer stopped marketing messages |
        | resuming, then stopping | Ana resumes marketing messages | Ana stops marketing messages | a marketing template | refused: the customer stopped marketing messages |

      Examples: the last word is to resume
        | acts                    | first                          | second                         | message                            | verdict |
        | stopping, then resuming | Ana stops marketing messages   | Ana resumes marketing messages | a marketing template               | allowed |
        | stopping, then resuming | Ana stops marketing messages   | Ana resumes marketing messages | a Marketing Messages Lite template | allowed |
        | resuming twice          | Ana resumes marketing messages | Ana resumes marketing messages | a marketing template               | allowed |

      Examples: only resuming ends the stop
        | acts                     | first                        | second                   | message              | verdict                                          |
        | stopping, then writing   | Ana stops marketing messages | Ana writes to the bakery | a marketing template | refused: the customer stopped marketing messages |
        | stopping, then opting in | Ana stops marketing messages | Ana opts in              | a marketing template | refused: the customer stopped marketing messages |

    @OPT-04
    Scenario: A stop does not run out
      Given it is 2025-08-11 at 09:00
      And Ana stops marketing messages
      And 500 days pass
      When the bakery asks to send Ana a marketing template
      Then it is refused: the customer stopped marketing messages

    @OPT-04
    Scenario: What a customer stops at the bakery goes on at the florist
      Given it is 2025-08-11 at 09:00
      And Ana stops marketing messages
      And 2 h pass
      When the florist asks to send Ana a marketing template
      Then it is allowed

    @OPT-04 @since-2024-11-18
    Scenario Outline: Nothing opens and nothing costs anything when <act>
      Given it is 2025-08-11 at 09:00
      When <act>
      Then nothing opens
      And nothing is renewed
      And the customer service window is closed
      And nothing is charged
      And the answer notes no doubt

      Examples: both ways
        | act                            |
        | Ana stops marketing messages   |
        | Ana resumes marketing messages |

    @OPT-04 @OPT-01
    Scenario Outline: To <what> is no word about consent
      Given it is 2025-08-11 at 09:00
      And Ana opts in
      And 2 min pass
      And <act>
      And 2 min pass
      When the bakery asks to send Ana a utility template
      Then it is allowed
      And the opt-in policy has no objection

      Examples: both ways
        | what             | act                            |
        | stop marketing   | Ana stops marketing messages   |
        | resume marketing | Ana resumes marketing messages |

  Rule: It is known since 18 November 2024

    @OPT-04
    Scenario Outline: A customer stops marketing on <date> at <time>, and is sent marketing two hours later
      Given it is <date> at <time>
      And Ana stops marketing messages
      And 2 h pass
      When the bakery asks to send Ana a marketing template
      Then it is <verdict>

      Examples: around the first second
        | date       | time     | verdict                                          |
        | 2024-11-17 | 23:59:59 | allowed                                          |
        | 2024-11-18 | 00:00:00 | refused: the customer stopped marketing messages |

    @OPT-04
    Scenario Outline: Before that day nobody can say what it does when <act>
      Given it is <date> at <time>
      When <act>
      Then nothing opens
      And the answer notes a doubt about what this event does

      Examples: up to the last second
        | date       | time     | act                            |
        | 2022-06-15 | 09:00:00 | Ana stops marketing messages   |
        | 2024-11-17 | 23:59:59 | Ana stops marketing messages   |
        | 2024-11-17 | 23:59:59 | Ana resumes marketing messages |

    @OPT-04
    Scenario Outline: In an account of <zone> it counts from the account's own midnight
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana stops marketing messages
      And 2 h pass
      When the bakery asks to send Ana a marketing template
      Then it is <verdict>

      Examples: around that midnight
        | zone              | date       | time     | verdict                                          |
        | America/Sao_Paulo | 2024-11-17 | 23:59:59 | allowed                                          |
        | America/Sao_Paulo | 2024-11-18 | 00:00:00 | refused: the customer stopped marketing messages |
