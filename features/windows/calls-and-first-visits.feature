Feature: Calls and first visits

  A customer need not write to open the window: it is enough to open the chat for the
  first time and, since 15 July 2025, to call or to accept a call of the business.

  Rule: Since 15 July 2025 calls open and renew the window

    @CSW-04 @since-2025-07-15
    Scenario Outline: The window opens when <call>
      Given it is <date> at <time>
      When <call>
      Then it opens the customer service window
      And nothing else opens
      And the customer service window stays open for 24 h
      And the answer notes no doubt
      And nothing is charged

      Examples: from the first second on
        | date       | time     | call                             |
        | 2025-07-15 | 00:00:00 | Ana calls the bakery             |
        | 2025-07-15 | 00:00:00 | Ana accepts a call of the bakery |
        | 2025-08-11 | 09:00:00 | Ana calls the bakery             |
        | 2025-08-11 | 09:00:00 | Ana accepts a call of the bakery |
        | 2026-10-12 | 09:00:00 | Ana calls the bakery             |
        | 2026-10-12 | 09:00:00 | Ana accepts a call of the bakery |

    @CSW-04 @CSW-02 @since-2025-07-15
    Scenario Outline: An open window is renewed when <call>
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 23 h ago
      When <call>
      Then it renews the customer service window
      And nothing opens
      And the customer service window stays open for 24 h

      Examples: answered or not
        | call                             |
        | Ana calls the bakery             |
        | Ana accepts a call of the bakery |

    @CSW-04 @CSW-03
    Scenario Outline: A free-form message <elapsed> after a call
      Given it is 2025-08-11 at 09:00
      And Ana called the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: around the edge of the window
        | elapsed          | verdict                       |
        | 5 min            | allowed                       |
        | 23 h 59 min 59 s | allowed                       |
        | 24 h 1 s         | refused: a template is needed |

    @CSW-04
    Scenario: After an accepted call the business writes freely, and free of charge
      Given it is 2025-08-11 at 09:00
      And Ana accepts a call of the bakery
      And 5 min pass
      When the bakery sends Ana a free-form message
      Then it is allowed
      And it is free because customer service is free

  Rule: Before that day no text says that a call does anything

    @CSW-04 @until-2025-07-14
    Scenario Outline: Nothing opens on <date> at <time> when <call>
      Given it is <date> at <time>
      When <call>
      Then nothing opens
      And the customer service window is closed
      And the answer notes a doubt about what this event does

      Examples: up to the last second
        | date       | time     | call                             |
        | 2021-11-15 | 09:00:00 | Ana calls the bakery             |
        | 2023-09-11 | 09:00:00 | Ana accepts a call of the bakery |
        | 2025-07-14 | 23:59:59 | Ana calls the bakery             |
        | 2025-07-14 | 23:59:59 | Ana accepts a call of the bakery |

    @CSW-04 @CSW-03
    Scenario Outline: A call on <date> at <time>, and a free-form message two hours later
      Given it is <date> at <time>
      And Ana calls the bakery
      And 2 h pass
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: the day of the call decides, not that of the answer
        | date       | time     | verdict                       |
        | 2025-07-14 | 23:59:59 | refused: a template is needed |
        | 2025-07-15 | 00:00:00 | allowed                       |

    @CSW-04 @derived
    Scenario Outline: The day begins where the account is: a call in <zone> on <date> at <time>
      Given the account's time zone is <zone>
      And it is <date> at <time>
      When Ana calls the bakery
      Then the customer service window is <state>

      Examples: around the account's own midnight
        | zone                | date       | time     | state  |
        | America/Los_Angeles | 2025-07-14 | 23:59:59 | closed |
        | America/Los_Angeles | 2025-07-15 | 00:00:00 | open   |
        | Asia/Kolkata        | 2025-07-14 | 23:59:59 | closed |
        | Asia/Kolkata        | 2025-07-15 | 00:00:00 | open   |

    @CSW-02 @until-2025-07-14
    Scenario: An open window was not renewed by a call
      Given it is 2025-06-11 at 09:00
      And Ana wrote to the bakery 23 h ago
      When Ana calls the bakery
      Then nothing is renewed
      And nothing opens
      And the answer notes a doubt about what this event does

  Rule: A customer who opens the chat for the first time opens the window without a word

    @CSW-05b
    Scenario Outline: The first visit on <date> opens the window
      Given it is <date> at 09:00
      When Ana opens the chat with the bakery for the first time
      Then it opens the customer service window
      And nothing else opens
      And the customer service window stays open for 24 h
      And the answer notes no doubt

      Examples: under every set of rules
        | date       |
        | 2021-11-15 |
        | 2022-06-15 |
        | 2023-09-11 |
        | 2025-01-13 |
        | 2025-08-11 |
        | 2026-10-12 |

    @CSW-05b @CSW-02
    Scenario: A first visit while the window is open renews it
      Given it is 2025-08-11 at 09:00
      And Ana called the bakery 2 h ago
      When Ana opens the chat with the bakery for the first time
      Then it renews the customer service window
      And nothing opens
      And the customer service window stays open for 24 h

    @CSW-05b @CSW-03
    Scenario: A welcome message may be free-form, and costs nothing
      Given it is 2025-08-11 at 09:00
      And Ana opens the chat with the bakery for the first time
      And 2 min pass
      When the bakery sends Ana a free-form message
      Then it is allowed
      And it is free because customer service is free

    @CSW-05b @CSW-01
    Scenario: A first visit alone starts no conversation and costs nothing
      Given it is 2023-09-11 at 09:00
      And the free allowance is used up
      When Ana opens the chat with the bakery for the first time
      Then it opens the customer service window
      And nothing else opens
      And nothing is charged
