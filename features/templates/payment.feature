Feature: Messages that cannot be paid for

  Without a usable payment method a message that would cost something is refused. One that
  costs nothing goes out.

  Rule: A message that would be charged needs a payment method

    @PAY-01
    Scenario Outline: Without a payment method on <date>, when <situation>: <message>
      Given the account has no payment method
      And the free allowance is used up
      And Direct Send is enabled
      And it is <date> at 09:00
      And <situation>
      When the bakery asks to send Ana <message>
      Then it is refused: it cannot be paid for
      And nothing is charged

      Examples: templates
        | date       | situation                        | message                            |
        | 2021-11-15 | Ana wrote to the bakery 25 h ago | a template                         |
        | 2022-06-15 | Ana wrote to the bakery 25 h ago | a template                         |
        | 2023-09-11 | Ana wrote to the bakery 25 h ago | a marketing template               |
        | 2023-09-11 | Ana wrote to the bakery 1 h ago  | a utility template                 |
        | 2025-01-13 | Ana wrote to the bakery 1 h ago  | a Marketing Messages Lite template |
        | 2025-08-11 | Ana wrote to the bakery 25 h ago | a utility template                 |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago  | an authentication template         |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago  | a Marketing Messages Lite template |

      Examples: answers, while conversations were charged
        | date       | situation                       | message                            |
        | 2022-06-15 | Ana wrote to the bakery 1 h ago | a free-form message                |
        | 2023-09-11 | Ana wrote to the bakery 1 h ago | a free-form message                |
        | 2023-09-11 | Ana wrote to the bakery 1 h ago | a reaction                         |
        | 2023-09-11 | Ana wrote to the bakery 1 h ago | a reply of the Meta Business Agent |

      @PMP-15
      Examples: replies by tokens
        | date       | situation                       | message                            |
        | 2026-08-10 | Ana wrote to the bakery 1 h ago | a reply of the Meta Business Agent |

      @DS-01
      Examples: Direct Send
        | date       | situation                        | message                         |
        | 2026-08-10 | Ana wrote to the bakery 25 h ago | a direct utility message        |
        | 2026-08-10 | Ana wrote to the bakery 25 h ago | a direct authentication message |

    @PAY-01
    Scenario Outline: Without a payment method on <date>, <message> that costs nothing when <situation>
      Given the account has no payment method
      And the free allowance is used up
      And Direct Send is enabled
      And it is <date> at 09:00
      And <situation>
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: it belongs to an open conversation
        | date       | situation                                                      | message                            | verdict |
        | 2022-06-15 | the bakery sent Ana a template 1 h ago                         | a template                         | allowed |
        | 2023-09-11 | the bakery sent Ana a marketing template 1 h ago               | a marketing template               | allowed |
        | 2023-09-11 | the bakery sent Ana an authentication template 1 h ago         | an authentication template         | allowed |
        | 2025-01-13 | the bakery sent Ana a Marketing Messages Lite template 1 h ago | a Marketing Messages Lite template | allowed |

      Examples: it is customer service
        | date       | situation                       | message                            | verdict |
        | 2021-11-15 | Ana wrote to the bakery 1 h ago | a free-form message                | allowed |
        | 2025-01-13 | Ana wrote to the bakery 1 h ago | a free-form message                | allowed |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago | a free-form message                | allowed |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago | a reaction                         | allowed |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago | a reply of the Meta Business Agent | allowed |
        | 2025-08-11 | Ana wrote to the bakery 1 h ago | a utility template                 | allowed |
        | 2026-08-10 | Ana wrote to the bakery 1 h ago | a direct utility message           | allowed |

      Examples: a free entry point covers it
        | date       | situation                                     | message                         | verdict |
        | 2025-08-11 | Ana wrote to the bakery through an ad 1 h ago | a marketing template            | allowed |
        | 2026-08-10 | Ana wrote to the bakery through an ad 1 h ago | a direct authentication message | allowed |

      @unspecified
      Examples: no text provides for it, paid or not
        | date       | situation                                     | message                    | verdict                     |
        | 2026-08-10 | Ana wrote to the bakery through an ad 1 h ago | a direct marketing message | not specified by any source |

    @PAY-01 @CBP1-08
    Scenario Outline: Without a payment method the free tier of <date> is still delivered
      Given the account has no payment method
      And <allowance>
      And it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: some units left, and none
        | date       | allowance                              | verdict                        |
        | 2022-06-15 | 2 units of the free allowance are left | allowed                        |
        | 2022-06-15 | the free allowance is used up          | refused: it cannot be paid for |
        | 2023-09-11 | 2 units of the free allowance are left | allowed                        |
        | 2023-09-11 | the free allowance is used up          | refused: it cannot be paid for |

  Rule: Since 1 October 2026 service messages inside the free tier are delivered, those beyond it are not

    @P26-09 @contested @since-2026-10-01
    Scenario Outline: Without a payment method on <date> at <time>, when <allowance>
      Given the account has no payment method
      And <allowance>
      And it is <date> at <time>
      And Ana writes to the bakery
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: the tier is used up
        | date       | time     | allowance                                 | verdict                        |
        | 2026-10-01 | 00:00:00 | 2 units of the free allowance are left    | allowed                        |
        | 2026-10-01 | 00:00:00 | the free allowance is used up             | refused: it cannot be paid for |
        | 2026-10-12 | 09:00:00 | 1000 units of the free allowance are left | allowed                        |
        | 2026-10-12 | 09:00:00 | the free allowance is used up             | refused: it cannot be paid for |

      @PAY-01
      Examples: the second before, when nothing is metered yet
        | date       | time     | allowance                              | verdict |
        | 2026-09-30 | 23:59:59 | 2 units of the free allowance are left | allowed |
        | 2026-09-30 | 23:59:59 | the free allowance is used up          | allowed |

    @P26-09 @P26-02
    Scenario: The last free unit is still delivered
      Given the account has no payment method
      And 2 units of the free allowance are left
      And it is 2026-10-12 at 09:00
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And it is free because the free tier covers it

    @P26-09 @P26-02
    Scenario: The message after the last free unit is refused
      Given the account has no payment method
      And 2 units of the free allowance are left
      And it is 2026-10-12 at 09:00
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana a free-form message 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: it cannot be paid for

    @P26-09 @contested
    Scenario Outline: An account that takes the earlier text as true gets <message> refused, free or not
      Given the account's policy on no_payment_method is stop_all
      And the account has no payment method
      And it is 2026-10-12 at 09:00
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery asks to send Ana <message>
      Then it is refused: it cannot be paid for

      Examples: everything stops
        | message              |
        | a free-form message  |
        | a reaction           |
        | a marketing template |

    @P26-09
    Scenario Outline: Without a payment method on <date>, outside the free tier: <message>
      Given the account has no payment method
      And the free allowance is used up
      And Direct Send is enabled
      And it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana <message>
      Then it is refused: it cannot be paid for

      Examples: in the first months
        | date       | message                            |
        | 2026-10-12 | a marketing template               |
        | 2026-10-12 | a utility template                 |
        | 2026-10-12 | an authentication template         |
        | 2026-10-12 | a Marketing Messages Lite template |
        | 2026-10-12 | a free-form message                |
        | 2026-10-12 | a reply of the Meta Business Agent |
        | 2026-10-12 | a direct utility message           |
        | 2026-10-12 | a direct authentication message    |

      Examples: and since currencies are checked as well
        | date       | message                            |
        | 2027-02-08 | a marketing template               |
        | 2027-02-08 | a utility template                 |
        | 2027-02-08 | an authentication template         |
        | 2027-02-08 | a Marketing Messages Lite template |
        | 2027-02-08 | a free-form message                |
        | 2027-02-08 | a reply of the Meta Business Agent |
        | 2027-02-08 | a direct utility message           |
        | 2027-02-08 | a direct authentication message    |

    @P26-09 @P26-05
    Scenario Outline: Without a payment method on <date>, a free entry point covers <message>
      Given the account has no payment method
      And the free allowance is used up
      And Direct Send is enabled
      And it is <date> at 09:00
      And Ana wrote to the bakery through an ad 1 h ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: in the first months
        | date       | message                            | verdict                        |
        | 2026-10-12 | a marketing template               | allowed                        |
        | 2026-10-12 | a utility template                 | allowed                        |
        | 2026-10-12 | an authentication template         | allowed                        |
        | 2026-10-12 | a Marketing Messages Lite template | allowed                        |
        | 2026-10-12 | a template                         | allowed                        |
        | 2026-10-12 | a free-form message                | allowed                        |
        | 2026-10-12 | a reaction                         | allowed                        |
        | 2026-10-12 | a direct utility message           | allowed                        |
        | 2026-10-12 | a direct authentication message    | allowed                        |
        | 2026-10-12 | a direct marketing message         | not specified by any source    |
        | 2026-10-12 | a reply of the Meta Business Agent | refused: it cannot be paid for |

      Examples: and since currencies are checked as well
        | date       | message                            | verdict                        |
        | 2027-02-08 | a marketing template               | allowed                        |
        | 2027-02-08 | a utility template                 | allowed                        |
        | 2027-02-08 | an authentication template         | allowed                        |
        | 2027-02-08 | a Marketing Messages Lite template | allowed                        |
        | 2027-02-08 | a template                         | allowed                        |
        | 2027-02-08 | a free-form message                | allowed                        |
        | 2027-02-08 | a reaction                         | allowed                        |
        | 2027-02-08 | a direct utility message           | allowed                        |
        | 2027-02-08 | a direct authentication message    | allowed                        |
        | 2027-02-08 | a direct marketing message         | not specified by any source    |
        | 2027-02-08 | a reply of the Meta Business Agent | refused: it cannot be paid for |

    @P26-09 @P26-04
    Scenario Outline: A reaction needs no payment method on <date>
      Given the account has no payment method
      And the free allowance is used up
      And it is <date> at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana a reaction
      Then it is allowed

      Examples: reactions are never charged
        | date       |
        | 2026-10-12 |
        | 2027-02-08 |

  Rule: Businesses sold to in India and Brazil must bill in their own currency

    @PAY-02
    Scenario Outline: Sold to in <country> and billed in <currency>, on <date> at <time>
      Given the account is sold to in <country> and billed in <currency>
      And it is <date> at <time>
      When the bakery asks to send Ana a utility template
      Then it is <verdict>

      Examples: India, from 1 January 2027
        | country | currency | date       | time     | verdict                        |
        | IN      | USD      | 2026-12-31 | 23:59:59 | allowed                        |
        | IN      | USD      | 2027-01-01 | 00:00:00 | refused: it cannot be paid for |
        | IN      | INR      | 2027-01-01 | 00:00:00 | allowed                        |
        | IN      | USD      | 2027-07-01 | 00:00:00 | refused: it cannot be paid for |
        | IN      | INR      | 2028-01-01 | 00:00:00 | allowed                        |

      Examples: Brazil, from 1 July 2027
        | country | currency | date       | time     | verdict                        |
        | BR      | USD      | 2027-01-01 | 00:00:00 | allowed                        |
        | BR      | USD      | 2027-06-30 | 23:59:59 | allowed                        |
        | BR      | USD      | 2027-07-01 | 00:00:00 | refused: it cannot be paid for |
        | BR      | BRL      | 2027-07-01 | 00:00:00 | allowed                        |
        | BR      | INR      | 2027-07-01 | 00:00:00 | refused: it cannot be paid for |

      Examples: other countries
        | country | currency | date       | time     | verdict |
        | ES      | USD      | 2027-01-01 | 00:00:00 | allowed |
        | ES      | EUR      | 2027-07-01 | 00:00:00 | allowed |

    @PAY-02
    Scenario Outline: Sold to in <country> in an account of <zone>, on <date> at <time>
      Given the account's time zone is <zone>
      And the account is sold to in <country> and billed in USD
      And it is <date> at <time>
      When the bakery asks to send Ana a utility template
      Then it is <verdict>

      Examples: around the account's own midnight
        | country | zone              | date       | time     | verdict                        |
        | IN      | Asia/Kolkata      | 2026-12-31 | 23:59:59 | allowed                        |
        | IN      | Asia/Kolkata      | 2027-01-01 | 00:00:00 | refused: it cannot be paid for |
        | BR      | America/Sao_Paulo | 2027-06-30 | 23:59:59 | allowed                        |
        | BR      | America/Sao_Paulo | 2027-07-01 | 00:00:00 | refused: it cannot be paid for |

    @PAY-02 @since-2027-01-01
    Scenario Outline: Billed in the <which> currency, when <situation>: <message>
      Given the account is sold to in IN and billed in <currency>
      And Direct Send is enabled
      And it is 2027-02-08 at 09:00
      And <situation>
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: nothing is delivered any more, not even what is free
        | which | currency | situation                                     | message                            | verdict                        |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a marketing template               | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a utility template                 | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | an authentication template         | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a Marketing Messages Lite template | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a template                         | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a free-form message                | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a reaction                         | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a reply of the Meta Business Agent | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a direct utility message           | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a direct authentication message    | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery 1 h ago               | a direct marketing message         | refused: it cannot be paid for |
        | wrong | USD      | Ana wrote to the bakery through an ad 1 h ago | a marketing template               | refused: it cannot be paid for |

      Examples: everything is as before
        | which | currency | situation                                     | message                            | verdict                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a marketing template               | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a utility template                 | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | an authentication template         | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a Marketing Messages Lite template | allowed                     |
        | right | INR      | Ana wrote to the bakery through an ad 1 h ago | a template                         | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a free-form message                | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a reaction                         | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a reply of the Meta Business Agent | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a direct utility message           | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a direct authentication message    | allowed                     |
        | right | INR      | Ana wrote to the bakery 1 h ago               | a direct marketing message         | not specified by any source |

      Examples: what the account types in the Business app needs no billing
        | which | currency | situation                       | message                         | verdict |
        | wrong | USD      | Ana wrote to the bakery 1 h ago | a message from the Business app | allowed |

    @PAY-02
    Scenario: An account that does not state its currency is not refused
      Given it is 2027-02-08 at 09:00
      When the bakery asks to send Ana a utility template
      Then it is allowed
