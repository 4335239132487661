@since-2026-02-16
Feature: What AI providers pay

  Where the law makes Meta admit general-purpose assistants, their providers pay for every message
  that is not a template: in Italy and in the rest of the European Economic Area for a while, in
  Brazil still.

  Rule: They pay by the customer's country, on dates of its own

    @PMP-14
    Scenario Outline: In April 2026 an AI provider pays for an answer to <country>
      Given it is 2026-04-10 at 10:00
      And the bakery is an AI provider
      And Ana's number is <number>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And nothing opens
      And it is charged as general-purpose AI

      Examples: the thirty markets of the European Economic Area, and Brazil
        | country         | number            |
        | Austria         | +43 1 234 5678    |
        | Belgium         | +32 2 123 45 67   |
        | Bulgaria        | +359 2 123 4567   |
        | Cyprus          | +357 22 123 456   |
        | Czechia         | +420 224 123 456  |
        | Germany         | +49 30 123 4567   |
        | Denmark         | +45 32 12 34 56   |
        | Estonia         | +372 612 3456     |
        | Spain           | +34 600 123 456   |
        | Finland         | +358 9 123 4567   |
        | France          | +33 1 23 45 67 89 |
        | Greece          | +30 21 0123 4567  |
        | Croatia         | +385 1 234 5678   |
        | Hungary         | +36 1 234 5678    |
        | Ireland         | +353 1 234 5678   |
        | Iceland         | +354 512 3456     |
        | Italy           | +39 055 012 3456  |
        | Liechtenstein   | +423 234 5678     |
        | Lithuania       | +370 5 212 3456   |
        | Luxembourg      | +352 26 12 34 56  |
        | Latvia          | +371 6712 3456    |
        | Malta           | +356 2123 4567    |
        | the Netherlands | +31 20 123 4567   |
        | Norway          | +47 22 12 34 56   |
        | Poland          | +48 22 123 45 67  |
        | Portugal        | +351 21 123 4567  |
        | Romania         | +40 21 123 4567   |
        | Sweden          | +46 8 123 456     |
        | Slovenia        | +386 1 234 5678   |
        | Slovakia        | +421 2 1234 5678  |
        | Brazil          | +55 11 91234 5678 |

      Examples: customers who hide their number behind an id of their country
        | country | number    |
        | Greece  | GR.123abc |
        | Brazil  | BR.456def |

    @PMP-14 @P26-07
    Scenario Outline: On <date>, an AI provider answers a customer in <country>
      Given it is <date> at 10:00
      And the bakery is an AI provider
      And Ana's number is <number>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: each country has its time
        | date       | country | number            | price                                       |
        | 2025-12-10 | Italy   | +39 055 012 3456  | it is free because customer service is free |
        | 2026-02-20 | Italy   | +39 055 012 3456  | it is charged as general-purpose AI         |
        | 2026-04-10 | Italy   | +39 055 012 3456  | it is charged as general-purpose AI         |
        | 2026-06-10 | Italy   | +39 055 012 3456  | it is free because customer service is free |
        | 2026-10-05 | Italy   | +39 055 012 3456  | it is free because customer service is free |
        | 2028-01-10 | Italy   | +39 055 012 3456  | it is free because customer service is free |
        | 2025-12-10 | Spain   | +34 600 123 456   | it is free because customer service is free |
        | 2026-02-20 | Spain   | +34 600 123 456   | it is free because customer service is free |
        | 2026-04-10 | Spain   | +34 600 123 456   | it is charged as general-purpose AI         |
        | 2026-06-10 | Spain   | +34 600 123 456   | it is free because customer service is free |
        | 2026-10-05 | Spain   | +34 600 123 456   | it is free because customer service is free |
        | 2028-01-10 | Spain   | +34 600 123 456   | it is free because customer service is free |
        | 2025-12-10 | Brazil  | +55 11 91234 5678 | it is free because customer service is free |
        | 2026-02-20 | Brazil  | +55 11 91234 5678 | it is free because customer service is free |
        | 2026-04-10 | Brazil  | +55 11 91234 5678 | it is charged as general-purpose AI         |
        | 2026-06-10 | Brazil  | +55 11 91234 5678 | it is charged as general-purpose AI         |
        | 2026-10-05 | Brazil  | +55 11 91234 5678 | it is charged as general-purpose AI         |
        | 2028-01-10 | Brazil  | +55 11 91234 5678 | it is charged as general-purpose AI         |
        | 2025-12-10 | Mexico  | +52 55 1234 5678  | it is free because customer service is free |
        | 2026-02-20 | Mexico  | +52 55 1234 5678  | it is free because customer service is free |
        | 2026-04-10 | Mexico  | +52 55 1234 5678  | it is free because customer service is free |
        | 2026-06-10 | Mexico  | +52 55 1234 5678  | it is free because customer service is free |
        | 2026-10-05 | Mexico  | +52 55 1234 5678  | it is free because customer service is free |
        | 2028-01-10 | Mexico  | +52 55 1234 5678  | it is free because customer service is free |

    @PMP-14
    Scenario Outline: On <date>, an AI provider pays for <message>
      Given it is <date> at 10:00
      And the bakery is an AI provider
      And Ana's number is <number>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is charged as general-purpose AI

      Examples: every kind of message that is not a template
        | date       | number            | message                            |
        | 2026-02-20 | +39 055 012 3456  | a free-form message                |
        | 2026-02-20 | +39 055 012 3456  | a reaction                         |
        | 2026-02-20 | +39 055 012 3456  | a reply of the Meta Business Agent |
        | 2026-08-10 | +55 11 91234 5678 | a free-form message                |
        | 2026-08-10 | +55 11 91234 5678 | a reaction                         |

    @PMP-14
    Scenario: Three answers in five minutes are three charges
      Given it is 2026-02-20 at 10:00
      And the bakery is an AI provider
      And Ana's number is +39 055 012 3456
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana a free-form message 5 min ago
      And the bakery sent Ana a free-form message 2 min ago
      When the bakery sends Ana a free-form message
      Then it is charged as general-purpose AI

  Rule: Templates, free entry points and ordinary businesses are not concerned

    @PMP-14 @PMP-02 @PMP-03
    Scenario Outline: An AI provider sends <message> to Italy inside the window
      Given it is 2026-02-20 at 10:00
      And the bakery is an AI provider
      And Ana's number is +39 055 012 3456
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then <price>

      Examples: templates cost what they cost everyone
        | message                    | price                                       |
        | a marketing template       | it is charged as marketing                  |
        | a utility template         | it is free because customer service is free |
        | an authentication template | it is charged as authentication             |

    @PMP-14 @PMP-05 @P26-05
    Scenario Outline: On <date>, an AI provider answers an ad from Brazil
      Given it is <date> at 10:00
      And the bakery is an AI provider
      And Ana's number is +55 11 91234 5678
      And Ana wrote to the bakery through an ad 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      When the bakery sends Ana a free-form message
      Then it is free because the free entry point covers it

      Examples: a free entry point waives this charge too
        | date       |
        | 2026-04-10 |
        | 2026-08-10 |
        | 2026-10-05 |

    @PMP-14 @P26-01
    Scenario Outline: On <date>, an ordinary business answers a customer in Brazil
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana's number is +55 11 91234 5678
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: free, then charged as service
        | date       | price                                       |
        | 2026-04-10 | it is free because customer service is free |
        | 2026-10-05 | it is charged as service                    |

  Rule: Since October 2026 they are neither charged for service nor counted in the free tier

    @P26-07 @PMP-14
    Scenario Outline: When <units>, an AI provider answers a customer in <country>
      Given it is 2026-10-05 at 10:00
      And the bakery is an AI provider
      And <units>
      And Ana's number is <number>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: free units make no difference
        | country | number            | units                                  | price                                       |
        | Mexico  | +52 55 1234 5678  | the free allowance is used up          | it is free because customer service is free |
        | Mexico  | +52 55 1234 5678  | one unit of the free allowance is left | it is free because customer service is free |
        | Brazil  | +55 11 91234 5678 | the free allowance is used up          | it is charged as general-purpose AI         |
        | Brazil  | +55 11 91234 5678 | one unit of the free allowance is left | it is charged as general-purpose AI         |
