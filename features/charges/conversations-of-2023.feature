@since-2023-06-01 @until-2025-06-30
Feature: What a conversation cost from June 2023

  Each conversation is charged once, when it opens, at the rate of its category. Only service
  conversations have a free tier, and from November 2024 they cost nothing at all.

  Rule: A category's conversation is charged at the category's rate and never free

    @CBP2-10 @CBP2-11
    Scenario Outline: On <date>, with free units left, <message> is charged as <price>
      Given it is <date> at 10:00
      When the bakery sends Ana <message>
      Then it is allowed
      And it is charged as <price>

      Examples: each category
        | date       | message                            | price                   |
        | 2023-07-10 | a marketing template               | marketing               |
        | 2023-07-10 | a utility template                 | utility                 |
        | 2023-07-10 | an authentication template         | authentication          |
        | 2024-10-20 | a marketing template               | marketing               |
        | 2024-10-20 | a utility template                 | utility                 |
        | 2024-10-20 | an authentication template         | authentication          |
        | 2025-01-15 | a marketing template               | marketing               |
        | 2025-01-15 | a utility template                 | utility                 |
        | 2025-01-15 | an authentication template         | authentication          |
        | 2024-10-20 | a Marketing Messages Lite template | Marketing Messages Lite |
        | 2025-01-15 | a Marketing Messages Lite template | Marketing Messages Lite |

    @CBP2-11
    Scenario Outline: On <date>, <message> leaves the last free unit alone
      Given it is <date> at 10:00
      And one unit of the free allowance is left
      And the bakery sent Ana <message> 1 h ago
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

      Examples: each category
        | date       | message                            |
        | 2023-07-10 | a marketing template               |
        | 2023-07-10 | a utility template                 |
        | 2023-07-10 | an authentication template         |
        | 2024-10-20 | a marketing template               |
        | 2024-10-20 | a utility template                 |
        | 2024-10-20 | an authentication template         |
        | 2024-10-20 | a Marketing Messages Lite template |

    @CBP2-16 @INTL-05 @CBP2-10
    Scenario Outline: On <date>, <message> opens an authentication conversation at the international rate
      Given it is <date> at 10:00
      When the bakery sends Ana <message>
      Then it opens an authentication conversation
      And nothing else opens
      And it is charged as international authentication

      Examples: either spelling
        | date       | message                                  |
        | 2024-06-10 | an international authentication template |
        | 2024-06-10 | an authentication-international template |
        | 2025-01-15 | an international authentication template |
        | 2025-01-15 | an authentication-international template |

    @CBP2-16 @CBP2-02
    Scenario: An ordinary authentication template belongs to the conversation that an international one opened
      Given it is 2025-01-15 at 10:00
      And the bakery sent Ana an international authentication template 1 h ago
      When the bakery sends Ana an authentication template
      Then it belongs to an authentication conversation
      And it is free because it belongs to an open conversation

  Rule: Until October 2024 service conversations are free while units are left

    @CBP2-11
    Scenario Outline: With a unit left, the service conversation that <message> opens is free
      Given it is 2023-07-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it opens a service conversation
      And it is free because the free tier covers it

      Examples: whatever is not a template
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP2-11 @CBP2-04
    Scenario Outline: The service conversation that <message> opened used the last unit
      Given it is 2023-07-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana <message> 1 h ago
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is charged as service

      Examples: whatever the message
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP2-04 @CBP2-10 @CBP2-11
    Scenario Outline: Without free units, the service conversation that <message> opens is charged
      Given it is 2023-07-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it opens a service conversation
      And it is charged as service

      Examples: whatever is not a template
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

  Rule: From November 2024 service conversations cost nothing

    @CBP2-11 @CBP2-04
    Scenario Outline: In 2025 the service conversation that <message> opens costs nothing
      Given it is 2025-01-15 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it opens a service conversation
      And it is free because service conversations are free

      Examples: whatever is not a template
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |
