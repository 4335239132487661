Feature: The law changes at the midnight of the account

  Each change of the rules takes effect at midnight in the account's own time zone: the
  second before it the old law holds, from that second on the new one.

  Rule: One second decides

    @NBP-01 @CBP1-01 @since-2019-06-01
    Scenario Outline: A template outside the window, <when> conversations replaced notifications
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      When the bakery sends Ana a template
      Then it is charged as <line>

      Examples: 1 February 2022, west and east of Greenwich
        | when   | zone                | date       | time     | line                              |
        | before | UTC                 | 2022-01-31 | 23:59:59 | a notification                    |
        | once   | UTC                 | 2022-02-01 | 00:00:00 | a business-initiated conversation |
        | before | America/Mexico_City | 2022-01-31 | 23:59:59 | a notification                    |
        | once   | America/Mexico_City | 2022-02-01 | 00:00:00 | a business-initiated conversation |
        | before | Asia/Kolkata        | 2022-01-31 | 23:59:59 | a notification                    |
        | once   | Asia/Kolkata        | 2022-02-01 | 00:00:00 | a business-initiated conversation |

    @CBP1-10 @since-2022-02-01 @until-2023-06-01
    Scenario Outline: A free entry point answered <when> its hours grew lasts <length>
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a free entry point and a user-initiated conversation
      And the free entry point stays open for <length>

      Examples: 1 March 2023
        | when   | zone          | date       | time     | length |
        | before | UTC           | 2023-02-28 | 23:59:59 | 24 h   |
        | once   | UTC           | 2023-03-01 | 00:00:00 | 72 h   |
        | before | Europe/Madrid | 2023-02-28 | 23:59:59 | 24 h   |
        | once   | Europe/Madrid | 2023-03-01 | 00:00:00 | 72 h   |

    @CBP1-09 @since-2022-02-01 @until-2023-06-01
    Scenario Outline: A business-initiated conversation <when> it left the free tier
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a template
      Then it opens a business-initiated conversation
      And it is <price>

      Examples: 1 April 2023, for accounts integrated directly
        | when   | zone              | date       | time     | price                                         |
        | before | UTC               | 2023-03-31 | 23:59:59 | free because the free tier covers it          |
        | once   | UTC               | 2023-04-01 | 00:00:00 | charged as a business-initiated conversation  |
        | before | America/Sao_Paulo | 2023-03-31 | 23:59:59 | free because the free tier covers it          |
        | once   | America/Sao_Paulo | 2023-04-01 | 00:00:00 | charged as a business-initiated conversation  |

    @CBP2-01 @CBP2-17
    Scenario Outline: A template <when> conversations got categories
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a marketing template
      Then it opens <opens>

      Examples: 1 June 2023
        | when   | zone                | date       | time     | opens                             |
        | before | UTC                 | 2023-05-31 | 23:59:59 | a business-initiated conversation |
        | once   | UTC                 | 2023-06-01 | 00:00:00 | a marketing conversation          |
        | before | America/Mexico_City | 2023-05-31 | 23:59:59 | a business-initiated conversation |
        | once   | America/Mexico_City | 2023-06-01 | 00:00:00 | a marketing conversation          |

    @CBP2-18 @MM-01
    Scenario: Marketing Messages Lite is unknown the second before it exists
      Given it is 2024-10-14 at 23:59:59
      When the bakery sends Ana a Marketing Messages Lite template
      Then no rule says what it costs
      And nothing opens
      And the answer notes a doubt about an unknown category

    @CBP2-18 @MM-01
    Scenario: Marketing Messages Lite opens a conversation of its own from its first second
      Given it is 2024-10-15 at 00:00:00
      When the bakery sends Ana a Marketing Messages Lite template
      Then it opens a Marketing Messages Lite conversation
      And it is charged as Marketing Messages Lite

    @CBP2-11
    Scenario Outline: A service conversation opened <when> service became free
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a service conversation
      And it is <price>

      Examples: 1 November 2024
        | when   | zone          | date       | time     | price                                       |
        | before | UTC           | 2024-10-31 | 23:59:59 | charged as service                          |
        | once   | UTC           | 2024-11-01 | 00:00:00 | free because service conversations are free |
        | before | Asia/Kolkata  | 2024-10-31 | 23:59:59 | charged as service                          |
        | once   | Asia/Kolkata  | 2024-11-01 | 00:00:00 | free because service conversations are free |

    @PMP-04 @PMP-03
    Scenario Outline: A utility template outside the window, <when> messages were priced one by one
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a utility template
      Then <opening>
      And it is charged as utility

      Examples: 1 July 2025
        | when   | zone   | date       | time     | opening                          |
        | before | UTC    | 2025-06-30 | 23:59:59 | it opens a utility conversation  |
        | once   | UTC    | 2025-07-01 | 00:00:00 | nothing opens                    |
        | before | +03:00 | 2025-06-30 | 23:59:59 | it opens a utility conversation  |
        | once   | +03:00 | 2025-07-01 | 00:00:00 | nothing opens                    |
        | before | -03:00 | 2025-06-30 | 23:59:59 | it opens a utility conversation  |
        | once   | -03:00 | 2025-07-01 | 00:00:00 | nothing opens                    |

    @PMP-14
    Scenario Outline: An AI provider answers a customer in <country>, <when> the market is <becomes>
      Given it is <date> at <time>
      And the bakery is an AI provider
      And Ana's number is <country>.123
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is <price>

      Examples: Italy from 16 February 2026
        | country | when   | becomes | date       | time     | price                                  |
        | IT      | before | listed  | 2026-02-15 | 23:59:59 | free because customer service is free  |
        | IT      | once   | listed  | 2026-02-16 | 00:00:00 | charged as general-purpose AI          |

      Examples: the rest of the EEA and Brazil from 11 March 2026
        | country | when   | becomes | date       | time     | price                                  |
        | FR      | before | listed  | 2026-03-10 | 23:59:59 | free because customer service is free  |
        | FR      | once   | listed  | 2026-03-11 | 00:00:00 | charged as general-purpose AI          |
        | BR      | before | listed  | 2026-03-10 | 23:59:59 | free because customer service is free  |
        | BR      | once   | listed  | 2026-03-11 | 00:00:00 | charged as general-purpose AI          |

      Examples: Italy and the EEA until 12 May 2026, Brazil for longer
        | country | when   | becomes  | date       | time     | price                                  |
        | IT      | before | unlisted | 2026-05-12 | 23:59:59 | charged as general-purpose AI          |
        | IT      | once   | unlisted | 2026-05-13 | 00:00:00 | free because customer service is free  |
        | FR      | once   | unlisted | 2026-05-13 | 00:00:00 | free because customer service is free  |
        | BR      | once   | unlisted | 2026-05-13 | 00:00:00 | charged as general-purpose AI          |

    @PMP-15
    Scenario Outline: A reply of Meta's own agent, <when> it is charged by tokens
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a reply of the Meta Business Agent
      Then it is <price>

      Examples: 1 August 2026
        | when   | zone          | date       | time     | price                                 |
        | before | UTC           | 2026-07-31 | 23:59:59 | free because customer service is free |
        | once   | UTC           | 2026-08-01 | 00:00:00 | charged as agent tokens               |
        | before | Europe/Madrid | 2026-07-31 | 23:59:59 | free because customer service is free |
        | once   | Europe/Madrid | 2026-08-01 | 00:00:00 | charged as agent tokens               |

    @FEP-02 @PMP-05 @contested
    Scenario Outline: A free entry point answered <when> it may last a week stays open for <length>
      Given it is <date> at <time>
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a free entry point
      And the free entry point stays open for <length>

      Examples: about 28 September 2026
        | when   | date       | time     | length |
        | before | 2026-09-27 | 23:59:59 | 72 h   |
        | once   | 2026-09-28 | 00:00:00 | 7 days |

    @P26-01 @P26-02 @P26-03
    Scenario Outline: <message> inside the window, <when> service messages were metered
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And the free allowance is used up
      And Ana writes to the bakery
      When the bakery sends Ana <message>
      Then it is <price>

      Examples: 1 October 2026
        | message             | when   | zone              | date       | time     | price                                 |
        | a free-form message | before | UTC               | 2026-09-30 | 23:59:59 | free because customer service is free |
        | a free-form message | once   | UTC               | 2026-10-01 | 00:00:00 | charged as service                    |
        | a utility template  | before | UTC               | 2026-09-30 | 23:59:59 | free because customer service is free |
        | a utility template  | once   | UTC               | 2026-10-01 | 00:00:00 | charged as utility                    |
        | a free-form message | before | America/Sao_Paulo | 2026-09-30 | 23:59:59 | free because customer service is free |
        | a free-form message | once   | America/Sao_Paulo | 2026-10-01 | 00:00:00 | charged as service                    |

    @P26-06
    Scenario Outline: A government beyond its free tier, <when> the exemption ended
      Given it is <date> at <time>
      And the bakery is <sender>
      And the free allowance is used up
      And Ana writes to the bakery
      When the bakery sends Ana a free-form message
      Then it is <price>

      Examples: 1 January 2028
        | when   | sender       | date       | time     | price                             |
        | before | a government | 2027-12-31 | 23:59:59 | free because the sender is exempt |
        | once   | a government | 2028-01-01 | 00:00:00 | charged as service                |
        | before | a non-profit | 2027-12-31 | 23:59:59 | free because the sender is exempt |
        | once   | a non-profit | 2028-01-01 | 00:00:00 | charged as service                |

  Rule: The same instant may lie in two laws for two accounts

    @PMP-04 @derived
    Scenario Outline: At 22:00 in Greenwich on 30 June 2025, an account at <zone> lives under <law>
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When the bakery sends Ana a utility template
      Then <opening>

      Examples: one instant, two dates
        | zone   | law                   | date       | time  | opening                         |
        | +03:00 | per-message pricing   | 2025-07-01 | 01:00 | nothing opens                   |
        | -03:00 | conversation pricing  | 2025-06-30 | 19:00 | it opens a utility conversation |
