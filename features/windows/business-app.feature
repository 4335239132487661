Feature: Messages from the Business app

  A business may answer in the WhatsApp Business app on the number it also uses with the
  API. What it types there needs no window, moves nothing and costs nothing.

  Rule: A message typed in the app is always allowed and always free

    @CSW-08
    Scenario Outline: On <date>, <situation>, a message from the app moves nothing
      Given it is <date> at 09:00
      And the free allowance is used up
      And <situation>
      When the bakery sends Ana a message from the Business app
      Then it is allowed
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it belongs to no conversation
      And it is free because it is not billable

      Examples: the window closed
        | date       | situation                        |
        | 2021-11-15 | Ana wrote to the bakery 25 h ago |
        | 2022-06-15 | Ana wrote to the bakery 25 h ago |
        | 2023-04-12 | Ana wrote to the bakery 25 h ago |
        | 2023-09-11 | Ana wrote to the bakery 25 h ago |
        | 2025-01-13 | Ana wrote to the bakery 25 h ago |
        | 2025-08-11 | Ana wrote to the bakery 25 h ago |
        | 2026-08-10 | Ana wrote to the bakery 25 h ago |
        | 2026-10-12 | Ana wrote to the bakery 25 h ago |

      Examples: the window open
        | date       | situation                       |
        | 2021-11-15 | Ana wrote to the bakery 1 h ago |
        | 2022-06-15 | Ana wrote to the bakery 1 h ago |
        | 2023-09-11 | Ana wrote to the bakery 1 h ago |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago |
        | 2026-10-12 | Ana wrote to the bakery 1 h ago |

      Examples: a conversation open
        | date       | situation                                        |
        | 2022-06-15 | the bakery sent Ana a utility template 1 h ago   |
        | 2023-09-11 | the bakery sent Ana a marketing template 1 h ago |

    @CSW-08 @CSW-02
    Scenario: A message from the app leaves the window its time
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 20 h ago
      When the bakery sends Ana a message from the Business app
      Then nothing is renewed
      And the customer service window stays open for 4 h

    @CSW-08 @CSW-03
    Scenario: A message from the app opens no window for other messages
      Given it is 2025-08-11 at 09:00
      And the bakery sent Ana a message from the Business app 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed

    @CSW-08 @CBP2-04
    Scenario: A message from the app does not start the service conversation that the next message starts
      Given it is 2023-09-11 at 09:00
      And the free allowance is used up
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a message from the Business app 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a service conversation
      And it is charged as service

    @CSW-08
    Scenario Outline: Without a payment method a message from the app still goes out on <date>
      Given the account has no payment method
      And it is <date> at 09:00
      When the bakery asks to send Ana a message from the Business app
      Then it is allowed
      And nothing is charged

      Examples: before and after messages were metered
        | date       |
        | 2023-09-11 |
        | 2026-10-12 |
