@since-2025-07-01
Feature: What a message costs since July 2025

  Each delivered template is charged by its category. A utility template is free inside the customer
  service window, and until September 2026 so is everything that is not a template.

  Rule: Templates are charged by category, utility only outside the window

    @PMP-01 @PMP-02 @PMP-03 @MM-01 @INTL-05
    Scenario Outline: On <date>, <message> with the window <window>
      Given it is <date> at 10:00
      And <customer>
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And it belongs to no conversation
      And <price>

      Examples: in the first days
        | date       | message                                  | window | customer                         | price                                         |
        | 2025-07-05 | a marketing template                     | open   | Ana wrote to the bakery 1 h ago  | it is charged as marketing                    |
        | 2025-07-05 | a marketing template                     | closed | Luis wrote to the bakery 1 h ago | it is charged as marketing                    |
        | 2025-07-05 | a Marketing Messages Lite template       | open   | Ana wrote to the bakery 1 h ago  | it is charged as marketing                    |
        | 2025-07-05 | a Marketing Messages Lite template       | closed | Luis wrote to the bakery 1 h ago | it is charged as marketing                    |
        | 2025-07-05 | a utility template                       | open   | Ana wrote to the bakery 1 h ago  | it is free because customer service is free   |
        | 2025-07-05 | a utility template                       | closed | Luis wrote to the bakery 1 h ago | it is charged as utility                      |
        | 2025-07-05 | an authentication template               | open   | Ana wrote to the bakery 1 h ago  | it is charged as authentication               |
        | 2025-07-05 | an authentication template               | closed | Luis wrote to the bakery 1 h ago | it is charged as authentication               |
        | 2025-07-05 | an international authentication template | open   | Ana wrote to the bakery 1 h ago  | it is charged as international authentication |
        | 2025-07-05 | an international authentication template | closed | Luis wrote to the bakery 1 h ago | it is charged as international authentication |

      Examples: in the first months
        | date       | message                                  | window | customer                         | price                                         |
        | 2025-08-11 | a marketing template                     | open   | Ana wrote to the bakery 1 h ago  | it is charged as marketing                    |
        | 2025-08-11 | a marketing template                     | closed | Luis wrote to the bakery 1 h ago | it is charged as marketing                    |
        | 2025-08-11 | a Marketing Messages Lite template       | open   | Ana wrote to the bakery 1 h ago  | it is charged as marketing                    |
        | 2025-08-11 | a Marketing Messages Lite template       | closed | Luis wrote to the bakery 1 h ago | it is charged as marketing                    |
        | 2025-08-11 | a utility template                       | open   | Ana wrote to the bakery 1 h ago  | it is free because customer service is free   |
        | 2025-08-11 | a utility template                       | closed | Luis wrote to the bakery 1 h ago | it is charged as utility                      |
        | 2025-08-11 | an authentication template               | open   | Ana wrote to the bakery 1 h ago  | it is charged as authentication               |
        | 2025-08-11 | an authentication template               | closed | Luis wrote to the bakery 1 h ago | it is charged as authentication               |
        | 2025-08-11 | an international authentication template | open   | Ana wrote to the bakery 1 h ago  | it is charged as international authentication |
        | 2025-08-11 | an international authentication template | closed | Luis wrote to the bakery 1 h ago | it is charged as international authentication |

      Examples: once Direct Send is documented
        | date       | message                    | window | customer                         | price                                       |
        | 2026-07-31 | a utility template         | open   | Ana wrote to the bakery 1 h ago  | it is free because customer service is free |
        | 2026-07-31 | a utility template         | closed | Luis wrote to the bakery 1 h ago | it is charged as utility                    |
        | 2026-07-31 | an authentication template | open   | Ana wrote to the bakery 1 h ago  | it is charged as authentication             |
        | 2026-07-31 | an authentication template | closed | Luis wrote to the bakery 1 h ago | it is charged as authentication             |

    @PMP-01 @PMP-02
    Scenario Outline: The third time in a row, <message> is charged like the first
      Given it is 2025-08-11 at 10:00
      And the bakery sent Ana <message> 2 min ago
      And the bakery sent Ana <message> 1 min ago
      When the bakery sends Ana <message>
      Then it is charged as <price>

      Examples: no conversation takes them in
        | message                    | price          |
        | a marketing template       | marketing      |
        | a utility template         | utility        |
        | an authentication template | authentication |

    @PMP-03 @CSW-13
    Scenario Outline: A utility template sent inside the window and delivered <later> later
      Given it is 2025-08-11 at 10:00
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana a utility template, delivered <later> later
      Then <price>

      Examples: the window at the delivery decides
        | later       | price                                       |
        | 59 min 59 s | it is free because customer service is free |
        | 1 h         | it is charged as utility                    |
        | 1 h 1 s     | it is charged as utility                    |

    @DS-01 @PMP-01 @PMP-03 @since-2026-07-31
    Scenario Outline: On <date>, <message> with the window <window> costs what the template would
      Given it is <date> at 10:00
      And Direct Send is enabled
      And <customer>
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And <price>

      Examples: Direct Send
        | date       | message                         | window | customer                         | price                                       |
        | 2026-07-31 | a direct utility message        | open   | Ana wrote to the bakery 1 h ago  | it is free because customer service is free |
        | 2026-07-31 | a direct utility message        | closed | Luis wrote to the bakery 1 h ago | it is charged as utility                    |
        | 2026-07-31 | a direct authentication message | open   | Ana wrote to the bakery 1 h ago  | it is charged as authentication             |
        | 2026-07-31 | a direct authentication message | closed | Luis wrote to the bakery 1 h ago | it is charged as authentication             |
        | 2026-10-05 | a direct utility message        | open   | Ana wrote to the bakery 1 h ago  | it is charged as utility                    |
        | 2026-10-05 | a direct utility message        | closed | Luis wrote to the bakery 1 h ago | it is charged as utility                    |
        | 2026-10-05 | a direct authentication message | open   | Ana wrote to the bakery 1 h ago  | it is charged as authentication             |
        | 2026-10-05 | a direct authentication message | closed | Luis wrote to the bakery 1 h ago | it is charged as authentication             |

  Rule: Until September 2026, what is not a template is free

    @PMP-01
    Scenario Outline: On <date>, <message> inside the window costs nothing
      Given it is <date> at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And it is free because customer service is free

      Examples: in the first days
        | date       | message                            |
        | 2025-07-05 | a free-form message                |
        | 2025-07-05 | a reaction                         |
        | 2025-07-05 | a reply of the Meta Business Agent |

      Examples: in the first months, and once some AI providers pay
        | date       | message                            |
        | 2025-08-11 | a free-form message                |
        | 2025-08-11 | a reaction                         |
        | 2025-08-11 | a reply of the Meta Business Agent |
        | 2026-02-20 | a free-form message                |
        | 2026-02-20 | a reaction                         |
        | 2026-02-20 | a reply of the Meta Business Agent |

      Examples: once agent replies cost tokens
        | date       | message             |
        | 2026-08-10 | a free-form message |
        | 2026-08-10 | a reaction          |

  Rule: From August 2026 replies of the Meta Business Agent are charged by tokens, always

    @PMP-15 @P26-05
    Scenario Outline: On <date>, a reply of the Meta Business Agent <where>
      Given it is <date> at 10:00
      And <situation>
      And the bakery sent Ana a utility template 30 min ago
      When the bakery sends Ana a reply of the Meta Business Agent
      Then it is charged as agent tokens
      And nothing opens

      Examples: free neither in the window nor in a free entry point
        | date       | where                     | situation                                     |
        | 2026-08-10 | inside the window         | Ana wrote to the bakery 1 h ago               |
        | 2026-08-10 | inside a free entry point | Ana wrote to the bakery through an ad 1 h ago |
        | 2026-10-05 | inside the window         | Ana wrote to the bakery 1 h ago               |
        | 2026-10-05 | inside a free entry point | Ana wrote to the bakery through an ad 1 h ago |
        | 2028-01-10 | inside the window         | Ana wrote to the bakery 1 h ago               |
        | 2028-01-10 | inside a free entry point | Ana wrote to the bakery through an ad 1 h ago |

  Rule: Nobody says what a message of an unknown category costs

    @TPL-05 @unspecified
    Scenario Outline: On <date>, a business asks to send <message>, which is of no known category
      Given it is <date> at 10:00
      When the bakery asks to send Ana <message>
      Then it is not specified by any source
      And the answer notes a doubt about an unknown category

      Examples: asked beforehand
        | date       | message                           |
        | 2025-07-05 | a template of an unknown category |
        | 2025-08-11 | a template of an unknown category |
        | 2026-07-31 | a template of an unknown category |
        | 2026-07-31 | a direct marketing message        |
        | 2026-10-05 | a template of an unknown category |
        | 2026-10-05 | a direct marketing message        |

    @TPL-05 @unspecified
    Scenario Outline: On <date>, <message> is delivered, which is of no known category
      Given it is <date> at 10:00
      When the bakery sends Ana <message>
      Then nothing opens
      And no rule says what it costs
      And the answer notes a doubt about an unknown category

      Examples: known neither as charged nor as free
        | date       | message                           |
        | 2025-07-05 | a template of an unknown category |
        | 2025-08-11 | a template of an unknown category |
        | 2026-07-31 | a template of an unknown category |
        | 2026-07-31 | a direct marketing message        |
        | 2026-10-05 | a template of an unknown category |
        | 2026-10-05 | a direct marketing message        |
