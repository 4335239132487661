@since-2026-10-01
Feature: What a message costs since October 2026

  Every delivered message is charged, except reactions. The first thousand service messages of a
  phone number and month are free; utility templates are charged inside the window too.

  Rule: A service message is charged once the free tier is used up

    @P26-01 @P26-02 @P26-08
    Scenario Outline: On <date>, when <units>, <message> inside the window
      Given it is <date> at 10:00
      And <units>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And <price>

      Examples: any message that is neither a template nor the agent's
        | date       | units                                  | message                         | price                                      |
        | 2026-10-05 | one unit of the free allowance is left | a free-form message             | it is free because the free tier covers it |
        | 2026-10-05 | the free allowance is used up          | a free-form message             | it is charged as service                   |
        | 2026-10-05 | one unit of the free allowance is left | a free-form picture             | it is free because the free tier covers it |
        | 2026-10-05 | the free allowance is used up          | a free-form picture             | it is charged as service                   |
        | 2026-10-05 | one unit of the free allowance is left | a promotional free-form message | it is free because the free tier covers it |
        | 2026-10-05 | the free allowance is used up          | a promotional free-form message | it is charged as service                   |
        | 2028-01-10 | one unit of the free allowance is left | a free-form message             | it is free because the free tier covers it |
        | 2028-01-10 | the free allowance is used up          | a free-form message             | it is charged as service                   |
        | 2028-01-10 | one unit of the free allowance is left | a free-form picture             | it is free because the free tier covers it |
        | 2028-01-10 | the free allowance is used up          | a free-form picture             | it is charged as service                   |
        | 2028-01-10 | one unit of the free allowance is left | a promotional free-form message | it is free because the free tier covers it |
        | 2028-01-10 | the free allowance is used up          | a promotional free-form message | it is charged as service                   |

    @P26-02
    Scenario: The last free unit is used by one message
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana a free-form message 1 min ago
      When the bakery sends Ana a free-form message
      Then it is charged as service

    @P26-02 @PMP-12
    Scenario: A service message that is never delivered uses no unit
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      And the bakery sends Ana a free-form message, never delivered
      And 1 min pass
      When the bakery sends Ana a free-form message
      Then it is free because the free tier covers it

    @P26-10 @CSW-03
    Scenario: Outside the window a free-form message is refused at any price
      Given it is 2026-10-05 at 10:00
      And Ana wrote to the bakery 25 h ago
      When the bakery asks to send Ana a free-form message
      Then it is refused: a template is needed
      And nothing is charged

  Rule: Templates are charged inside the window too, and use no free unit

    @P26-03 @PMP-02 @MM-01
    Scenario Outline: On <date>, with free units left, <message> with the window <window> is charged
      Given it is <date> at 10:00
      And <customer>
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And it is charged as <price>

      Examples: each category
        | date       | message                                  | window | customer                         | price                        |
        | 2026-10-05 | a marketing template                     | open   | Ana wrote to the bakery 1 h ago  | marketing                    |
        | 2026-10-05 | a marketing template                     | closed | Luis wrote to the bakery 1 h ago | marketing                    |
        | 2026-10-05 | a Marketing Messages Lite template       | open   | Ana wrote to the bakery 1 h ago  | marketing                    |
        | 2026-10-05 | a Marketing Messages Lite template       | closed | Luis wrote to the bakery 1 h ago | marketing                    |
        | 2026-10-05 | a utility template                       | open   | Ana wrote to the bakery 1 h ago  | utility                      |
        | 2026-10-05 | a utility template                       | closed | Luis wrote to the bakery 1 h ago | utility                      |
        | 2026-10-05 | an authentication template               | open   | Ana wrote to the bakery 1 h ago  | authentication               |
        | 2026-10-05 | an authentication template               | closed | Luis wrote to the bakery 1 h ago | authentication               |
        | 2026-10-05 | an international authentication template | open   | Ana wrote to the bakery 1 h ago  | international authentication |
        | 2026-10-05 | an international authentication template | closed | Luis wrote to the bakery 1 h ago | international authentication |
        | 2028-01-10 | a marketing template                     | open   | Ana wrote to the bakery 1 h ago  | marketing                    |
        | 2028-01-10 | a marketing template                     | closed | Luis wrote to the bakery 1 h ago | marketing                    |
        | 2028-01-10 | a Marketing Messages Lite template       | open   | Ana wrote to the bakery 1 h ago  | marketing                    |
        | 2028-01-10 | a Marketing Messages Lite template       | closed | Luis wrote to the bakery 1 h ago | marketing                    |
        | 2028-01-10 | a utility template                       | open   | Ana wrote to the bakery 1 h ago  | utility                      |
        | 2028-01-10 | a utility template                       | closed | Luis wrote to the bakery 1 h ago | utility                      |
        | 2028-01-10 | an authentication template               | open   | Ana wrote to the bakery 1 h ago  | authentication               |
        | 2028-01-10 | an authentication template               | closed | Luis wrote to the bakery 1 h ago | authentication               |
        | 2028-01-10 | an international authentication template | open   | Ana wrote to the bakery 1 h ago  | international authentication |
        | 2028-01-10 | an international authentication template | closed | Luis wrote to the bakery 1 h ago | international authentication |

    @P26-03 @P26-02 @P26-04
    Scenario Outline: <message> leaves the last free unit alone
      Given it is 2026-10-05 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana <message> 30 min ago
      When the bakery sends Ana a free-form message
      Then it is free because the free tier covers it

      Examples: whatever is no service message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @P26-03 @DS-01 @P26-02
    Scenario Outline: <message> leaves the last free unit alone too
      Given it is 2026-10-05 at 10:00
      And Direct Send is enabled
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      And the bakery sent Ana <message> 30 min ago
      When the bakery sends Ana a free-form message
      Then it is free because the free tier covers it

      Examples: what Direct Send sends is charged as its template
        | message                         |
        | a direct utility message        |
        | a direct authentication message |

  Rule: Reactions stay free

    @P26-04
    Scenario Outline: On <date>, a reaction costs nothing when <units>
      Given it is <date> at 10:00
      And <units>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a reaction
      Then it is allowed
      And it is free because it is not billable

      Examples: whether or not free units are left
        | date       | units                                  |
        | 2026-10-05 | one unit of the free allowance is left |
        | 2026-10-05 | the free allowance is used up          |
        | 2028-01-10 | one unit of the free allowance is left |
        | 2028-01-10 | the free allowance is used up          |

  Rule: Governments and eligible non-profits pay nothing for service messages until the end of 2027

    @P26-06
    Scenario Outline: On <date>, the bakery is <sender> and <units>
      Given it is <date> at 10:00
      And the bakery is <sender>
      And <units>
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then <price>

      Examples: beyond the free tier and inside it, before and after the exemption ends
        | date       | sender               | units                                  | price                                      |
        | 2026-10-05 | a government         | the free allowance is used up          | it is free because the sender is exempt    |
        | 2026-10-05 | a government         | one unit of the free allowance is left | it is free because the free tier covers it |
        | 2026-10-05 | a non-profit         | the free allowance is used up          | it is free because the sender is exempt    |
        | 2026-10-05 | a non-profit         | one unit of the free allowance is left | it is free because the free tier covers it |
        | 2027-12-31 | a government         | the free allowance is used up          | it is free because the sender is exempt    |
        | 2027-12-31 | a government         | one unit of the free allowance is left | it is free because the free tier covers it |
        | 2027-12-31 | a non-profit         | the free allowance is used up          | it is free because the sender is exempt    |
        | 2027-12-31 | a non-profit         | one unit of the free allowance is left | it is free because the free tier covers it |
        | 2028-01-01 | a government         | the free allowance is used up          | it is charged as service                   |
        | 2028-01-01 | a government         | one unit of the free allowance is left | it is free because the free tier covers it |
        | 2028-01-01 | a non-profit         | the free allowance is used up          | it is charged as service                   |
        | 2028-01-01 | a non-profit         | one unit of the free allowance is left | it is free because the free tier covers it |
        | 2026-10-05 | an ordinary business | the free allowance is used up          | it is charged as service                   |

    @P26-06 @P26-03
    Scenario Outline: <message> of a government is charged like any other
      Given it is 2026-10-05 at 10:00
      And the bakery is a government
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is charged as <price>

      Examples: the exemption is for service messages
        | message                            | price        |
        | a utility template                 | utility      |
        | a marketing template               | marketing    |
        | a reply of the Meta Business Agent | agent tokens |

  Rule: In Meta's reports the words for free customer service changed their meaning

    @P26-13 @P26-03 @P26-02
    Scenario Outline: Inside the window on <date>, with free units left, <message>
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then <price>

      Examples: utility left the group, and service messages are free for another reason
        | date       | message             | price                                       |
        | 2026-09-15 | a utility template  | it is free because customer service is free |
        | 2026-09-15 | a free-form message | it is free because customer service is free |
        | 2026-10-15 | a utility template  | it is charged as utility                    |
        | 2026-10-15 | a free-form message | it is free because the free tier covers it  |
