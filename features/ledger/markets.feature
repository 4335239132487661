@GEO-01
Feature: Which market's rates hold

  The number decides, by its calling code and what follows it, and not the business, the language or
  where the customer happens to be. Meta changes the list of markets by date.

  Rule: The longest calling code that is listed decides

    Scenario Outline: <where>: the market is <market>
      Given it is 2025-08-11 at 10:00
      And Ana's number is <number>
      When the bakery sends Ana a marketing template
      Then its market is <market>

      Examples: codes that several countries share
        | where                                             | number           | market                |
        | The United States                                 | +1 212 555 0123  | North America         |
        | Canada                                            | +1 416 555 0123  | North America         |
        | The Dominican Republic shares +1 and is elsewhere | +1 809 555 0123  | Rest of Latin America |
        | Jamaica does too                                  | +1 876 555 0123  | Rest of Latin America |
        | An island under +1 that no list names             | +1 473 555 0123  | Other                 |
        | Russia                                            | +7 912 345 67 89 | Russia                |
        | India                                             | +91 98123 45678  | India                 |
        | A country that no list names                      | +298 234 567     | Other                 |

    Scenario Outline: Without a number to be seen, <where>
      Given it is 2025-08-11 at 10:00
      And Ana's number is <id>
      When the bakery sends Ana a marketing template
      Then its market is <market>

      Examples: a business-scoped id tells its country, anything else tells nothing
        | where                                                  | id       | market    |
        | an Indian business-scoped id is in India               | IN.123   | India     |
        | a German business-scoped id is in Germany              | DE.123   | Germany   |
        | the customer's market is not known, which is not Other | somebody | not known |

    Scenario: A call is in the market of the customer who is called
      Given it is 2025-08-11 at 10:00
      And Ana's number is +39 055 012345
      When the bakery calls Ana for 30 seconds
      Then its market is Italy

    Scenario: Everything in one conversation is in the market of its customer
      Given it is 2023-09-11 at 10:00
      And Ana's number is +39 055 012345
      When the bakery sends Ana a marketing template
      Then its market is Italy

  Rule: Markets change at the account's own midnight

    Scenario Outline: In <zone>, a Polish number on <date> at <time>
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana's number is +48 512 345 678
      When the bakery sends Ana a marketing template
      Then its market is <market>

      Examples: six countries became markets of their own in July 2026
        | zone              | date       | time     | market                           |
        | Asia/Kolkata      | 2026-06-30 | 23:59:59 | Rest of Central & Eastern Europe |
        | Asia/Kolkata      | 2026-07-01 | 00:00:00 | Poland                           |
        | America/Sao_Paulo | 2026-06-30 | 23:59:59 | Rest of Central & Eastern Europe |
        | America/Sao_Paulo | 2026-07-01 | 00:00:00 | Poland                           |

    @P26-14
    Scenario Outline: <country> on <date> at <time>
      Given it is <date> at <time>
      And Ana's number is <number>
      When the bakery sends Ana a marketing template
      Then its market is <market>

      Examples: nine countries became markets of their own in October 2026
        | country    | number            | date       | time     | market                           |
        | Bangladesh | +880 1712 345678  | 2026-09-30 | 23:59:59 | Rest of Asia Pacific             |
        | Bangladesh | +880 1712 345678  | 2026-10-01 | 00:00:00 | Bangladesh                       |
        | Iraq       | +964 770 123 4567 | 2026-09-30 | 23:59:59 | Rest of Middle East              |
        | Iraq       | +964 770 123 4567 | 2026-10-01 | 00:00:00 | Iraq                             |
        | Kazakhstan | +7 701 234 5678   | 2026-09-30 | 23:59:59 | Other                            |
        | Kazakhstan | +7 701 234 5678   | 2026-10-01 | 00:00:00 | Kazakhstan                       |
        | Kuwait     | +965 5123 4567    | 2026-09-30 | 23:59:59 | Rest of Middle East              |
        | Kuwait     | +965 5123 4567    | 2026-10-01 | 00:00:00 | Kuwait                           |
        | Morocco    | +212 612 345678   | 2026-09-30 | 23:59:59 | Rest of Africa                   |
        | Morocco    | +212 612 345678   | 2026-10-01 | 00:00:00 | Morocco                          |
        | Nepal      | +977 984 123 4567 | 2026-09-30 | 23:59:59 | Rest of Asia Pacific             |
        | Nepal      | +977 984 123 4567 | 2026-10-01 | 00:00:00 | Nepal                            |
        | Oman       | +968 9123 4567    | 2026-09-30 | 23:59:59 | Rest of Middle East              |
        | Oman       | +968 9123 4567    | 2026-10-01 | 00:00:00 | Oman                             |
        | Sri Lanka  | +94 71 234 5678   | 2026-09-30 | 23:59:59 | Rest of Asia Pacific             |
        | Sri Lanka  | +94 71 234 5678   | 2026-10-01 | 00:00:00 | Sri Lanka                        |
        | Ukraine    | +380 50 123 4567  | 2026-09-30 | 23:59:59 | Rest of Central & Eastern Europe |
        | Ukraine    | +380 50 123 4567  | 2026-10-01 | 00:00:00 | Ukraine                          |
    @P26-14
    Scenario Outline: In <zone>, a Kazakh number on <date> at <time>
      Given the account's time zone is <zone>
      And it is <date> at <time>
      And Ana's number is +7 701 234 5678
      When the bakery sends Ana a utility template
      Then its market is <market>

      Examples: its two neighbours under +7 part at the account's own midnight
        | zone                | date       | time     | market     |
        | Asia/Almaty         | 2026-09-30 | 23:59:59 | Other      |
        | Asia/Almaty         | 2026-10-01 | 00:00:00 | Kazakhstan |
        | America/Los_Angeles | 2026-09-30 | 23:59:59 | Other      |
        | America/Los_Angeles | 2026-10-01 | 00:00:00 | Kazakhstan |

    @P26-14
    Scenario: The delivery's day decides, not that of the sending
      Given it is 2026-09-30 at 23:59:30
      And Ana's number is +7 701 234 5678
      When the bakery sends Ana a utility template, delivered 30 s later
      Then its market is Kazakhstan

    @P26-14
    Scenario: Russia stays where it was
      Given it is 2026-10-01 at 00:00:00
      And Ana's number is +7 912 345 67 89
      When the bakery sends Ana a utility template
      Then its market is Russia
