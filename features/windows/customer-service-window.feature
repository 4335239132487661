Feature: The customer service window

  A customer's message lets the business write freely for 24 hours. Nothing that the
  business sends does, and once the window has closed only a template may be sent.

  Rule: The customer opens the window, and every further message renews it

    @CSW-01 @seed
    Scenario: A customer's message opens the window for 24 hours
      Given it is 2023-06-12 at 10:00
      When Ana writes to the bakery
      Then it opens the customer service window
      And nothing else opens
      And the customer service window stays open for 24 h
      And nothing is charged

    @CSW-02 @seed
    Scenario: Every further message starts the 24 hours again
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 23 h 59 min 59 s ago
      When Ana writes to the bakery
      Then it renews the customer service window
      And nothing opens
      And the customer service window stays open for 24 h

    @CSW-01
    Scenario: A message after the window has closed opens it anew
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 24 h 1 s ago
      When Ana writes to the bakery
      Then it opens the customer service window
      And nothing is renewed
      And the customer service window stays open for 24 h

    @CSW-02 @seed
    Scenario: The last message counts, not the first
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 40 h ago
      And Ana wrote to the bakery 20 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 4 h

  Rule: While less than 24 hours have passed, the business answers freely

    @CSW-03 @seed
    Scenario Outline: A free-form message <elapsed> after the customer's last message
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      @CSW-01
      Examples: on both sides of the edge
        | elapsed          | verdict                       |
        | 1 s              | allowed                       |
        | 23 h 59 min 59 s | allowed                       |
        | 24 h 1 s         | refused: a template is needed |
        | 3 days           | refused: a template is needed |

      @CSW-12 @unspecified
      Examples: at the edge itself
        | elapsed | verdict                     |
        | 24 h    | not specified by any source |

    @CSW-01 @CSW-03
    Scenario Outline: On <date> the window is as long as ever
      Given it is <date> at 10:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: under every set of rules
        | date       | elapsed          | verdict                       |
        | 2021-11-15 | 23 h 59 min 59 s | allowed                       |
        | 2021-11-15 | 24 h 1 s         | refused: a template is needed |
        | 2022-06-15 | 23 h 59 min 59 s | allowed                       |
        | 2022-06-15 | 24 h 1 s         | refused: a template is needed |
        | 2023-04-12 | 23 h 59 min 59 s | allowed                       |
        | 2023-04-12 | 24 h 1 s         | refused: a template is needed |
        | 2025-01-13 | 23 h 59 min 59 s | allowed                       |
        | 2025-01-13 | 24 h 1 s         | refused: a template is needed |
        | 2025-08-11 | 23 h 59 min 59 s | allowed                       |
        | 2025-08-11 | 24 h 1 s         | refused: a template is needed |
        | 2026-10-12 | 23 h 59 min 59 s | allowed                       |
        | 2026-10-12 | 24 h 1 s         | refused: a template is needed |

  Rule: Nothing that the business sends opens or renews the window

    @CSW-01
    Scenario Outline: <message> opens no window
      Given it is 2023-06-12 at 10:00
      When the bakery sends Ana <message>
      Then it is allowed
      And it opens <conversation>
      And nothing else opens
      And the customer service window is closed

      Examples: templates
        | message                    | conversation                   |
        | a marketing template       | a marketing conversation       |
        | a utility template         | a utility conversation         |
        | an authentication template | an authentication conversation |

    @CSW-01 @CSW-03
    Scenario Outline: A customer who has not answered <what> cannot be written to freely
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana <what> 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

      Examples: templates
        | what                       |
        | a marketing template       |
        | a utility template         |
        | an authentication template |

    @CSW-01 @CSW-03
    Scenario Outline: On <date> a customer who has not answered <what> cannot be written to freely
      Given it is <date> at 10:00
      And the bakery sent Ana <what> 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

      Examples: under every set of rules
        | date       | what                 |
        | 2021-11-15 | a template           |
        | 2022-06-15 | a template           |
        | 2025-01-13 | a utility template   |
        | 2025-08-11 | a utility template   |
        | 2025-08-11 | a marketing template |
        | 2026-10-12 | a utility template   |
        | 2026-10-12 | a marketing template |

    @CSW-01 @CSW-03
    Scenario: A customer who has never written cannot be written to freely
      Given it is 2023-06-12 at 10:00
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And nothing opens
      And nothing is charged

    @CSW-02
    Scenario Outline: The answer of the business, <answer>, renews nothing
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 20 h ago
      When the bakery sends Ana <answer>
      Then it is allowed
      And nothing is renewed
      And the customer service window stays open for 4 h

      Examples: free or by template
        | answer               |
        | a free-form message  |
        | a marketing template |
        | a utility template   |

    @CSW-02 @CSW-03
    Scenario: The 24 hours run from the customer's message, not from the answer
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana a free-form message 5 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

    @CSW-02
    Scenario Outline: On <date> the 24 hours run on through <answer>
      Given it is <date> at 10:00
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana <answer> 5 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

      Examples: under every set of rules
        | date       | answer               |
        | 2021-11-15 | a free-form message  |
        | 2022-06-15 | a free-form message  |
        | 2025-01-13 | a free-form message  |
        | 2025-08-11 | a free-form message  |
        | 2025-08-11 | a marketing template |
        | 2026-10-12 | a free-form message  |
        | 2026-10-12 | a marketing template |

  Rule: Once the window has closed, only a template may be sent

    @CSW-03 @CBP2-01 @seed
    Scenario Outline: After the window <message> may still be sent, and opens a new conversation
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 25 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And it opens <conversation>
      And nothing else opens
      And it is charged as <rate>

      Examples: templates
        | message                    | conversation                   | rate           |
        | a marketing template       | a marketing conversation       | marketing      |
        | a utility template         | a utility conversation         | utility        |
        | an authentication template | an authentication conversation | authentication |

    @CSW-01 @CSW-03
    Scenario: The customer's answer to a template opens the window
      Given it is 2023-06-12 at 10:00
      And the bakery sent Ana a utility template 2 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And the customer service window stays open for 23 h
