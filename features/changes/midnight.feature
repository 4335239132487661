Feature: Every change takes effect at the account's own midnight

  Meta announces changes by date. Each begins when that day begins in the time zone of the account,
  not in that of the customer or of any server.

  Rule: 2022-02-01, conversations replace notifications

    @NBP-01 @CBP1-01 @CBP1-07
    Scenario Outline: In <zone> at <time> on <date>, a template to a customer who has not written
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      When the bakery sends Ana a template
      Then <what happens>
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | what happens                               | price                                              |
        | Asia/Kolkata      | 2022-01-31 | 23:59:59 | nothing opens                              | it is charged as a notification                    |
        | Asia/Kolkata      | 2022-02-01 | 00:00:00 | it opens a business-initiated conversation | it is charged as a business-initiated conversation |
        | America/Sao_Paulo | 2022-01-31 | 23:59:59 | nothing opens                              | it is charged as a notification                    |
        | America/Sao_Paulo | 2022-02-01 | 00:00:00 | it opens a business-initiated conversation | it is charged as a business-initiated conversation |

  Rule: 2023-03-01, a free entry point lasts three days and needs a phone

    @CBP1-10
    Scenario Outline: In <zone> at <time> on <date>, the answer to an ad
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then the free entry point stays open for <length>
      And the user-initiated conversation stays open for <length>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | length |
        | Asia/Kolkata      | 2023-02-28 | 23:59:59 | 24 h   |
        | Asia/Kolkata      | 2023-03-01 | 00:00:00 | 72 h   |
        | America/Sao_Paulo | 2023-02-28 | 23:59:59 | 24 h   |
        | America/Sao_Paulo | 2023-03-01 | 00:00:00 | 72 h   |

    @CBP1-10 @FEP-05
    Scenario Outline: In <zone> at <time> on <date>, the customer comes through an ad on a desktop computer
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When Ana writes to the bakery through an ad on a desktop computer
      Then the free entry point is <point>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | point                    |
        | Asia/Kolkata      | 2023-02-28 | 23:59:59 | waiting for an answer    |
        | Asia/Kolkata      | 2023-03-01 | 00:00:00 | neither open nor waiting |
        | America/Sao_Paulo | 2023-02-28 | 23:59:59 | waiting for an answer    |
        | America/Sao_Paulo | 2023-03-01 | 00:00:00 | neither open nor waiting |

  Rule: 2023-04-01, business-initiated conversations leave the free tier

    @CBP1-08 @CBP1-09
    Scenario Outline: In <zone> at <time> on <date>, a business-initiated conversation of an account with free units
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a template
      Then it opens a business-initiated conversation
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                              |
        | Asia/Kolkata      | 2023-03-31 | 23:59:59 | it is free because the free tier covers it         |
        | Asia/Kolkata      | 2023-04-01 | 00:00:00 | it is charged as a business-initiated conversation |
        | America/Sao_Paulo | 2023-03-31 | 23:59:59 | it is free because the free tier covers it         |
        | America/Sao_Paulo | 2023-04-01 | 00:00:00 | it is charged as a business-initiated conversation |

  Rule: 2023-06-01, four categories replace the two kinds

    @CBP1-01 @CBP2-01 @CBP2-17
    Scenario Outline: In <zone> at <time> on <date>, a marketing template to a customer who has not written
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      When the bakery sends Ana a marketing template
      Then it opens <conversation>
      And it is charged as <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | conversation                      | price                             |
        | Asia/Kolkata      | 2023-05-31 | 23:59:59 | a business-initiated conversation | a business-initiated conversation |
        | Asia/Kolkata      | 2023-06-01 | 00:00:00 | a marketing conversation          | marketing                         |
        | America/Sao_Paulo | 2023-05-31 | 23:59:59 | a business-initiated conversation | a business-initiated conversation |
        | America/Sao_Paulo | 2023-06-01 | 00:00:00 | a marketing conversation          | marketing                         |

    @CBP1-02 @CBP2-04 @CBP2-17
    Scenario Outline: In <zone> at <time> on <date>, a free-form answer
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      And Ana writes to the bakery
      When the bakery sends Ana a free-form message
      Then it opens <conversation>
      And it is charged as <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | conversation                  | price                         |
        | Asia/Kolkata      | 2023-05-31 | 23:59:59 | a user-initiated conversation | a user-initiated conversation |
        | Asia/Kolkata      | 2023-06-01 | 00:00:00 | a service conversation        | service                       |
        | America/Sao_Paulo | 2023-05-31 | 23:59:59 | a user-initiated conversation | a user-initiated conversation |
        | America/Sao_Paulo | 2023-06-01 | 00:00:00 | a service conversation        | service                       |

    @CBP1-09 @CBP2-11
    Scenario Outline: In <zone> at <time> on <date>, a template of an account billed through a partner
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the account is billed through a partner
      When the bakery sends Ana a utility template
      Then <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                      |
        | Asia/Kolkata      | 2023-05-31 | 23:59:59 | it is free because the free tier covers it |
        | Asia/Kolkata      | 2023-06-01 | 00:00:00 | it is charged as utility                   |
        | America/Sao_Paulo | 2023-05-31 | 23:59:59 | it is free because the free tier covers it |
        | America/Sao_Paulo | 2023-06-01 | 00:00:00 | it is charged as utility                   |

  Rule: 2024-10-15, Marketing Messages Lite has conversations of its own

    @CBP2-18 @MM-01
    Scenario Outline: In <zone> at <time> on <date>, a Marketing Messages Lite template
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a Marketing Messages Lite template
      Then <what happens>
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | what happens                                    | price                                    |
        | Asia/Kolkata      | 2024-10-14 | 23:59:59 | nothing opens                                   | no rule says what it costs               |
        | Asia/Kolkata      | 2024-10-15 | 00:00:00 | it opens a Marketing Messages Lite conversation | it is charged as Marketing Messages Lite |
        | America/Sao_Paulo | 2024-10-14 | 23:59:59 | nothing opens                                   | no rule says what it costs               |
        | America/Sao_Paulo | 2024-10-15 | 00:00:00 | it opens a Marketing Messages Lite conversation | it is charged as Marketing Messages Lite |

  Rule: 2024-11-01, service conversations cost nothing

    @CBP2-11
    Scenario Outline: In <zone> at <time> on <date>, a free-form answer beyond the free tier
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a service conversation
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                             |
        | Asia/Kolkata      | 2024-10-31 | 23:59:59 | it is charged as service                          |
        | Asia/Kolkata      | 2024-11-01 | 00:00:00 | it is free because service conversations are free |
        | America/Sao_Paulo | 2024-10-31 | 23:59:59 | it is charged as service                          |
        | America/Sao_Paulo | 2024-11-01 | 00:00:00 | it is free because service conversations are free |

  Rule: 2025-07-01, messages are charged instead of conversations

    @CBP2-01 @PMP-03 @PMP-04
    Scenario Outline: In <zone> at <time> on <date>, a utility template inside the window
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a utility template
      Then <what happens>
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | what happens                    | price                                       |
        | Asia/Kolkata      | 2025-06-30 | 23:59:59 | it opens a utility conversation | it is charged as utility                    |
        | Asia/Kolkata      | 2025-07-01 | 00:00:00 | nothing opens                   | it is free because customer service is free |
        | America/Sao_Paulo | 2025-06-30 | 23:59:59 | it opens a utility conversation | it is charged as utility                    |
        | America/Sao_Paulo | 2025-07-01 | 00:00:00 | nothing opens                   | it is free because customer service is free |

    @CBP2-12 @PMP-05
    Scenario Outline: In <zone> at <time> on <date>, an answer to an ad is delivered two hours late
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery through an ad 3 h ago
      When a free-form message that the bakery sent Ana 2 h ago is delivered
      Then it opens a free entry point
      And the free entry point stays open for <length>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | length |
        | Asia/Kolkata      | 2025-06-30 | 23:59:59 | 72 h   |
        | Asia/Kolkata      | 2025-07-01 | 00:00:00 | 70 h   |
        | America/Sao_Paulo | 2025-06-30 | 23:59:59 | 72 h   |
        | America/Sao_Paulo | 2025-07-01 | 00:00:00 | 70 h   |

  Rule: 2026-02-16, AI providers pay in Italy

    @PMP-14
    Scenario Outline: In <zone> at <time> on <date>, an AI provider answers a customer in Italy
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the bakery is an AI provider
      And Ana's number is +39 055 012 3456
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-02-15 | 23:59:59 | it is free because customer service is free |
        | Asia/Kolkata      | 2026-02-16 | 00:00:00 | it is charged as general-purpose AI         |
        | America/Sao_Paulo | 2026-02-15 | 23:59:59 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-02-16 | 00:00:00 | it is charged as general-purpose AI         |

  Rule: 2026-03-11, AI providers pay in the rest of the EEA and in Brazil

    @PMP-14
    Scenario Outline: In <zone> at <time> on <date>, an AI provider answers a customer in Spain
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the bakery is an AI provider
      And Ana's number is +34 600 123 456
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-03-10 | 23:59:59 | it is free because customer service is free |
        | Asia/Kolkata      | 2026-03-11 | 00:00:00 | it is charged as general-purpose AI         |
        | America/Sao_Paulo | 2026-03-10 | 23:59:59 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-03-11 | 00:00:00 | it is charged as general-purpose AI         |

  Rule: 2026-05-13, AI providers no longer pay in the EEA

    @PMP-14
    Scenario Outline: In <zone> at <time> on <date>, an AI provider answers a customer in Spain once more
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the bakery is an AI provider
      And Ana's number is +34 600 123 456
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-05-12 | 23:59:59 | it is charged as general-purpose AI         |
        | Asia/Kolkata      | 2026-05-13 | 00:00:00 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-05-12 | 23:59:59 | it is charged as general-purpose AI         |
        | America/Sao_Paulo | 2026-05-13 | 00:00:00 | it is free because customer service is free |

  Rule: 2026-08-01, replies of the Meta Business Agent cost tokens

    @PMP-01 @PMP-15
    Scenario Outline: In <zone> at <time> on <date>, a reply of the Meta Business Agent
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a reply of the Meta Business Agent
      Then it is allowed
      And <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-07-31 | 23:59:59 | it is free because customer service is free |
        | Asia/Kolkata      | 2026-08-01 | 00:00:00 | it is charged as agent tokens               |
        | America/Sao_Paulo | 2026-07-31 | 23:59:59 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-08-01 | 00:00:00 | it is charged as agent tokens               |

  Rule: 2026-09-28, a free entry point may stay open for seven days

    @PMP-05 @FEP-02
    Scenario Outline: In <zone> at <time> on <date>, the answer to an ad under per-message pricing
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then the free entry point stays open for <length>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | length |
        | Asia/Kolkata      | 2026-09-27 | 23:59:59 | 72 h   |
        | Asia/Kolkata      | 2026-09-28 | 00:00:00 | 7 days |
        | America/Sao_Paulo | 2026-09-27 | 23:59:59 | 72 h   |
        | America/Sao_Paulo | 2026-09-28 | 00:00:00 | 7 days |

  Rule: 2026-10-01, service messages and utility inside the window are charged

    @PMP-03 @P26-03
    Scenario Outline: In <zone> at <time> on <date>, a utility template inside the window of 2026
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a utility template
      Then <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-09-30 | 23:59:59 | it is free because customer service is free |
        | Asia/Kolkata      | 2026-10-01 | 00:00:00 | it is charged as utility                    |
        | America/Sao_Paulo | 2026-09-30 | 23:59:59 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-10-01 | 00:00:00 | it is charged as utility                    |

    @PMP-01 @P26-01
    Scenario Outline: In <zone> at <time> on <date>, a free-form message without any free units
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      And Ana writes to the bakery
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-09-30 | 23:59:59 | it is free because customer service is free |
        | Asia/Kolkata      | 2026-10-01 | 00:00:00 | it is charged as service                    |
        | America/Sao_Paulo | 2026-09-30 | 23:59:59 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-10-01 | 00:00:00 | it is charged as service                    |

    @PMP-01 @P26-04
    Scenario Outline: In <zone> at <time> on <date>, a reaction is free for another reason
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a reaction
      Then <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                       |
        | Asia/Kolkata      | 2026-09-30 | 23:59:59 | it is free because customer service is free |
        | Asia/Kolkata      | 2026-10-01 | 00:00:00 | it is free because it is not billable       |
        | America/Sao_Paulo | 2026-09-30 | 23:59:59 | it is free because customer service is free |
        | America/Sao_Paulo | 2026-10-01 | 00:00:00 | it is free because it is not billable       |

  Rule: 2028-01-01, governments and non-profits pay for service messages

    @P26-06
    Scenario Outline: In <zone> at <time> on <date>, a government answers beyond the free tier
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the bakery is a government
      And the free allowance is used up
      And Ana writes to the bakery
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: the last second of the old rules and the first of the new, on the account's own clocks
        | zone              | date       | time     | price                                   |
        | Asia/Kolkata      | 2027-12-31 | 23:59:59 | it is free because the sender is exempt |
        | Asia/Kolkata      | 2028-01-01 | 00:00:00 | it is charged as service                |
        | America/Sao_Paulo | 2027-12-31 | 23:59:59 | it is free because the sender is exempt |
        | America/Sao_Paulo | 2028-01-01 | 00:00:00 | it is charged as service                |

  Rule: Two accounts may live under different rules at the same instant

    @PMP-04 @CBP2-01
    Scenario Outline: Ten in the evening in London, where it is <date> at <time> for the account
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a marketing template
      Then <what happens>
      And it is charged as marketing

      Examples: one instant, two sets of rules
        | zone   | date       | time  | what happens                      |
        | UTC    | 2025-06-30 | 22:00 | it opens a marketing conversation |
        | +03:00 | 2025-07-01 | 01:00 | nothing opens                     |
        | -03:00 | 2025-06-30 | 19:00 | it opens a marketing conversation |
