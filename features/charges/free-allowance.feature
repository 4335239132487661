Feature: The free allowance of the month

  The first thousand of every calendar month are free: conversations in 2022, service conversations
  from June 2023 to October 2024, service messages of each phone number since October 2026.

  Rule: A thousand are free, the next one is charged

    @CBP1-08 @CBP2-11 @P26-02
    Scenario Outline: On <date>, 999 customers have been answered this month; Ana is the next, and Luis the one after her
      Given it is <date> at 10:00
      And 999 other customers wrote to the bakery in the last hour and were each sent a free-form message
      And Ana wrote to the bakery 5 min ago
      When the bakery sends Ana a free-form message
      Then it is free because the free tier covers it
      When Luis writes to the bakery
      And 1 min pass
      And the bakery sends Luis a free-form message
      Then it is charged as <line>

      Examples: the thousandth, and the thousand and first
        | date       | line                          |
        | 2022-05-10 | a user-initiated conversation |
        | 2023-07-10 | service                       |
        | 2026-10-05 | service                       |

    @CBP2-17 @CBP2-11
    Scenario: Templates in a conversation of the old rules leave the thousandth unit alone
      Given it is 2023-06-01 at 10:00
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      And 999 other customers wrote to the bakery in the last hour and were each sent a free-form message
      And the bakery sent Ana a marketing template 10 min ago
      And the bakery sent Ana a utility template 9 min ago
      And the bakery sent Ana an authentication template 8 min ago
      And Luis wrote to the bakery 5 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

  Rule: It begins anew at the account's own month

    @CBP1-08 @CBP2-11 @P26-02
    Scenario Outline: In <zone>, <wait> after eleven in the evening of <date>
      Given the account's time zone is <zone>
      And it is <date> at 23:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When <wait> pass
      And the bakery sends Ana a free-form message
      Then <price>

      Examples: the last second of the month and the first of the next
        | zone              | date       | wait        | price                                          |
        | Asia/Kolkata      | 2022-05-31 | 59 min 59 s | it is charged as a user-initiated conversation |
        | Asia/Kolkata      | 2022-05-31 | 1 h         | it is free because the free tier covers it     |
        | Asia/Kolkata      | 2023-07-31 | 59 min 59 s | it is charged as service                       |
        | Asia/Kolkata      | 2023-07-31 | 1 h         | it is free because the free tier covers it     |
        | Asia/Kolkata      | 2026-10-31 | 59 min 59 s | it is charged as service                       |
        | Asia/Kolkata      | 2026-10-31 | 1 h         | it is free because the free tier covers it     |
        | America/Sao_Paulo | 2022-05-31 | 59 min 59 s | it is charged as a user-initiated conversation |
        | America/Sao_Paulo | 2022-05-31 | 1 h         | it is free because the free tier covers it     |
        | America/Sao_Paulo | 2023-07-31 | 59 min 59 s | it is charged as service                       |
        | America/Sao_Paulo | 2023-07-31 | 1 h         | it is free because the free tier covers it     |
        | America/Sao_Paulo | 2026-10-31 | 59 min 59 s | it is charged as service                       |
        | America/Sao_Paulo | 2026-10-31 | 1 h         | it is free because the free tier covers it     |

    @CBP2-11
    Scenario: A new month brings no more than a thousand, whatever was left
      Given it is 2023-07-31 at 23:00
      And Ana wrote to the bakery 20 h ago
      And the bakery sent Ana a free-form message 19 h ago
      When 5 days pass
      And 1000 other customers wrote to the bakery in the last hour and were each sent a free-form message
      And Luis writes to the bakery
      And the bakery sends Luis a free-form message
      Then it is charged as service

  Rule: Conversations are counted per account, service messages per phone number

    @CBP1-08 @CBP2-11 @P26-02
    Scenario Outline: On <date>, the bakery has used its last free unit, and the florist of the same account answers
      Given it is <date> at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana a free-form message 2 h ago
      And Luis wrote to the florist 1 h ago
      When the florist sends Luis a free-form message
      Then <price>

      Examples: one pot, or one for each number
        | date       | price                                          |
        | 2022-05-10 | it is charged as a user-initiated conversation |
        | 2023-07-10 | it is charged as service                       |
        | 2026-10-05 | it is free because the free tier covers it     |

    @CBP1-08 @CBP2-11 @P26-02
    Scenario Outline: On <date>, the bakery has used its last free unit for Ana, and answers Luis
      Given it is <date> at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana a free-form message 2 h ago
      And Luis wrote to the bakery 1 h ago
      When the bakery sends Luis a free-form message
      Then it is charged as <line>

      Examples: all customers of a number share it
        | date       | line                          |
        | 2022-05-10 | a user-initiated conversation |
        | 2023-07-10 | service                       |
        | 2026-10-05 | service                       |
