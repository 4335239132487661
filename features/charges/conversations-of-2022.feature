@since-2022-02-01 @until-2023-05-31
Feature: What a conversation cost in 2022

  Each conversation is charged once, when it opens: at one rate if it is user-initiated, at another
  if it is business-initiated. The first thousand of a month are free.

  Rule: While free units are left, a conversation costs nothing and uses one

    @CBP1-08
    Scenario Outline: A user-initiated conversation opened by <message> is free
      Given it is 2022-05-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>
      Then it opens a user-initiated conversation
      And it is free because the free tier covers it

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-08 @CBP1-07
    Scenario Outline: The user-initiated conversation that <message> opened used the last unit
      Given it is 2022-05-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 2 h ago
      And the bakery sent Ana <message> 1 h ago
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is charged as a user-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-08
    Scenario Outline: A business-initiated conversation opened by <message> is free as well
      Given it is 2022-05-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>, delivered 2 h later
      Then it opens a business-initiated conversation
      And it is free because the free tier covers it

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-08 @CBP1-07
    Scenario Outline: The business-initiated conversation that <message> opened used the last unit
      Given it is 2022-05-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana <message> 2 h ago, delivered 1 h 30 min later
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is charged as a user-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-08 @CBP1-03
    Scenario: Further messages in the conversation use no further unit
      Given it is 2022-05-10 at 10:00
      And 2 units of the free allowance are left
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana a free-form message 2 h ago
      And the bakery sent Ana a free-form message 1 h ago
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

    @CBP1-10 @CBP1-08
    Scenario: A conversation that came through an ad uses none
      Given it is 2022-05-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery through an ad 3 h ago
      And the bakery sent Ana a free-form message 2 h ago
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

    @CBP1-08 @CBP1-12
    Scenario: A message that is never delivered uses none
      Given it is 2022-05-10 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 3 h ago
      And the bakery sends Ana a free-form message, never delivered
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

  Rule: Without free units each kind has its own rate

    @CBP1-07 @CBP1-02
    Scenario Outline: A user-initiated conversation opened by <message> is charged
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>
      Then it opens a user-initiated conversation
      And it is charged as a user-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-07 @CBP1-02
    Scenario Outline: A business-initiated conversation opened by <message> is charged
      Given it is 2022-05-10 at 10:00
      And the free allowance is used up
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>, delivered 2 h later
      Then it opens a business-initiated conversation
      And it is charged as a business-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

  Rule: From April 2023 the free tier is for user-initiated conversations

    @CBP1-09 @CBP1-07
    Scenario Outline: Though units are left, a business-initiated conversation opened by <message> is charged
      Given it is 2023-04-20 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>, delivered 2 h later
      Then it opens a business-initiated conversation
      And it is charged as a business-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-09 @CBP1-08
    Scenario Outline: The business-initiated conversation that <message> opened left the last unit alone
      Given it is 2023-04-20 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana <message> 2 h ago, delivered 1 h 30 min later
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is free because the free tier covers it

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-09 @CBP1-08
    Scenario: A user-initiated conversation is still free
      Given it is 2023-04-20 at 10:00
      And one unit of the free allowance is left
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a template
      Then it opens a user-initiated conversation
      And it is free because the free tier covers it

  Rule: Accounts billed through a partner keep the whole free tier until June 2023

    @CBP1-09 @CBP1-08
    Scenario Outline: Billed through a partner, a business-initiated conversation opened by <message> is free
      Given it is 2023-04-20 at 10:00
      And the account is billed through a partner
      And one unit of the free allowance is left
      And Ana wrote to the bakery 23 h ago
      When the bakery sends Ana <message>, delivered 2 h later
      Then it opens a business-initiated conversation
      And it is free because the free tier covers it

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-09 @CBP1-08
    Scenario Outline: Billed through a partner, the business-initiated conversation that <message> opened used the last unit
      Given it is 2023-04-20 at 10:00
      And the account is billed through a partner
      And one unit of the free allowance is left
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana <message> 2 h ago, delivered 1 h 30 min later
      And Luis wrote to the bakery 10 min ago
      When the bakery sends Luis a free-form message
      Then it is charged as a user-initiated conversation

      Examples: whatever the message
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @CBP1-09 @CBP1-07
    Scenario: Billed through a partner and without free units, a business-initiated conversation is charged
      Given it is 2023-04-20 at 10:00
      And the account is billed through a partner
      And the free allowance is used up
      When the bakery sends Ana a template
      Then it opens a business-initiated conversation
      And it is charged as a business-initiated conversation
