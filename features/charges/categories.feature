Feature: The category that Meta names is the one that is charged

  A template's category is Meta's to decide, and may change after a business has recorded it. The
  category at the time of use counts, as Meta's own report names it.

  Rule: Where our record and Meta's report differ, Meta's counts, and the answer says so

    @PMP-11 @TPL-07 @since-2025-07-01
    Scenario Outline: On <date>, we recorded <message> and Meta calls it <category>
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>, and Meta calls it <category>
      Then <price>
      And the answer notes a doubt about another category in Meta's webhook

      Examples: dearer, cheaper, or merely different
        | date       | message              | category       | price                                       |
        | 2025-08-11 | a utility template   | marketing      | it is charged as marketing                  |
        | 2025-08-11 | a marketing template | utility        | it is free because customer service is free |
        | 2025-08-11 | a utility template   | authentication | it is charged as authentication             |
        | 2026-10-05 | a utility template   | marketing      | it is charged as marketing                  |
        | 2026-10-05 | a marketing template | utility        | it is charged as utility                    |

    @PMP-11 @CBP2-10 @until-2025-06-30
    Scenario: Under the rules of 2023 it opens the category that Meta names
      Given it is 2025-05-12 at 10:00
      When the bakery sends Ana a utility template, and Meta calls it marketing
      Then it opens a marketing conversation
      And nothing else opens
      And it is charged as marketing
      And the answer notes a doubt about another category in Meta's webhook

    @PMP-11 @INTL-05 @since-2025-07-01
    Scenario Outline: We recorded <message> and Meta calls it <category> too
      Given it is 2025-08-11 at 10:00
      When the bakery sends Ana <message>, and Meta calls it <category>
      Then it is charged as <price>
      And the answer notes no doubt

      Examples: the same category, in either spelling
        | message                                  | category                     | price                        |
        | a utility template                       | utility                      | utility                      |
        | an international authentication template | authentication-international | international authentication |
        | an authentication-international template | authentication_international | international authentication |

  Rule: A message from the Business app is never charged and changes nothing

    @CSW-08
    Scenario Outline: On <date>, with the window <window>, a message typed in the Business app
      Given it is <date> at 10:00
      And the free allowance is used up
      And <customer>
      When the bakery sends Ana a message from the Business app
      Then it is allowed
      And nothing opens
      And nothing is renewed
      And it belongs to no conversation
      And it is free because it is not billable
      And the customer service window is <window>

      Examples: under each set of rules, inside and outside the window
        | date       | window | customer                         |
        | 2021-06-15 | open   | Ana wrote to the bakery 1 h ago  |
        | 2021-06-15 | closed | Luis wrote to the bakery 1 h ago |
        | 2022-05-10 | open   | Ana wrote to the bakery 1 h ago  |
        | 2022-05-10 | closed | Luis wrote to the bakery 1 h ago |
        | 2023-07-10 | open   | Ana wrote to the bakery 1 h ago  |
        | 2023-07-10 | closed | Luis wrote to the bakery 1 h ago |
        | 2025-08-11 | open   | Ana wrote to the bakery 1 h ago  |
        | 2025-08-11 | closed | Luis wrote to the bakery 1 h ago |
        | 2026-10-05 | open   | Ana wrote to the bakery 1 h ago  |
        | 2026-10-05 | closed | Luis wrote to the bakery 1 h ago |

    @CSW-08 @CBP2-03
    Scenario: Not even an open conversation takes it in
      Given it is 2023-07-10 at 10:00
      And the bakery sent Ana a utility template 1 h ago
      When the bakery sends Ana a message from the Business app
      Then it belongs to no conversation
      And nothing is renewed
      And it is free because it is not billable

  Rule: Before Direct Send is documented, nobody says what it costs

    @DS-01 @unspecified @until-2026-07-30
    Scenario Outline: On <date>, no rule says what <message> costs
      Given it is <date> at 10:00
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And nothing opens
      And no rule says what it costs
      And the answer notes a doubt about what this delivery costs

      Examples: under each set of rules
        | date       | message                         |
        | 2021-06-15 | a direct utility message        |
        | 2021-06-15 | a direct authentication message |
        | 2021-06-15 | a direct marketing message      |
        | 2022-05-10 | a direct utility message        |
        | 2022-05-10 | a direct authentication message |
        | 2022-05-10 | a direct marketing message      |
        | 2023-07-10 | a direct utility message        |
        | 2023-07-10 | a direct authentication message |
        | 2023-07-10 | a direct marketing message      |
        | 2025-08-11 | a direct utility message        |
        | 2025-08-11 | a direct authentication message |
        | 2025-08-11 | a direct marketing message      |
