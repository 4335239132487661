Feature: What counts as a customer's message

  Whatever a customer writes, taps or sends opens the window. Of a few kinds no text says
  whether they do: they are not taken to, and what hangs on them stays in doubt for 24 hours.

  Rule: Everything a customer writes, taps or sends counts

    @CSW-01 @CSW-05
    Scenario Outline: The window opens with <kind>
      Given it is <date> at 09:00
      When Ana sends the bakery <kind>
      Then it opens the customer service window
      And nothing else opens
      And the customer service window stays open for 24 h
      And no doubt hangs over the window
      And the answer notes no doubt

      Examples: messages by definition
        | date       | kind           |
        | 2025-08-11 | a text         |
        | 2025-08-11 | a button reply |
        | 2025-08-11 | a list reply   |
        | 2025-08-11 | a picture      |
        | 2025-08-11 | an order       |
        | 2025-08-11 | a location     |
        | 2025-08-11 | a contact      |
        | 2021-11-15 | a text         |
        | 2022-06-15 | a picture      |
        | 2026-10-12 | a button reply |

    @CSW-02 @CSW-05
    Scenario Outline: The window is renewed by <kind>
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 3 h ago
      When Ana sends the bakery <kind>
      Then it renews the customer service window
      And nothing opens
      And the customer service window stays open for 24 h
      And the answer notes no doubt

      Examples: messages by definition
        | kind           |
        | a text         |
        | a button reply |
        | a list reply   |
        | a picture      |
        | an order       |
        | a location     |
        | a contact      |

    @CSW-05 @CSW-03
    Scenario: A tap on a template's quick reply permits a free-form answer
      Given it is 2025-08-11 at 09:00
      And the bakery sent Ana a marketing template 2 h ago
      And Ana sent the bakery a button reply 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And it is free because customer service is free

  Rule: Of a reaction, an edit, a deletion or a system notice it is not known

    @CSW-06 @unspecified
    Scenario Outline: Nothing opens with <kind>, but a doubt remains
      Given it is <date> at 09:00
      When Ana sends the bakery <kind>
      Then nothing opens
      And nothing is renewed
      And the customer service window is closed
      And the answer notes a doubt about which customer events open the window
      And the doubt about the window lasts for 24 h

      Examples: doubtful kinds
        | date       | kind            |
        | 2025-08-11 | a reaction      |
        | 2025-08-11 | an edit         |
        | 2025-08-11 | a deletion      |
        | 2025-08-11 | a system notice |
        | 2021-11-15 | a reaction      |
        | 2023-09-11 | a deletion      |
        | 2026-10-12 | an edit         |

    @CSW-06 @CSW-03 @unspecified
    Scenario Outline: Whether <message> may follow <kind> is not known for 24 hours
      Given it is 2025-08-11 at 09:00
      And Ana sent the bakery <kind> <elapsed> ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: while the doubt lasts
        | kind            | message                            | elapsed          | verdict                     |
        | a reaction      | a free-form message                | 1 s              | not specified by any source |
        | an edit         | a free-form message                | 1 h              | not specified by any source |
        | a deletion      | a free-form message                | 1 h              | not specified by any source |
        | a system notice | a free-form message                | 1 h              | not specified by any source |
        | a reaction      | a reaction                         | 1 h              | not specified by any source |
        | a reaction      | a reply of the Meta Business Agent | 1 h              | not specified by any source |
        | a reaction      | a free-form message                | 23 h 59 min 59 s | not specified by any source |

      Examples: afterwards
        | kind            | message             | elapsed  | verdict                       |
        | a reaction      | a free-form message | 24 h     | refused: a template is needed |
        | a reaction      | a free-form message | 24 h 1 s | refused: a template is needed |
        | a system notice | a free-form message | 24 h 1 s | refused: a template is needed |

      Examples: what needs no window
        | kind       | message                         | elapsed | verdict |
        | a reaction | a utility template              | 1 h     | allowed |
        | a reaction | a message from the Business app | 1 h     | allowed |

    @CSW-06 @unspecified
    Scenario Outline: An open window is not renewed by <kind>
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 20 h ago
      When Ana sends the bakery <kind>
      Then nothing is renewed
      And nothing opens
      And the customer service window stays open for 4 h
      And the doubt about the window lasts for 24 h

      Examples: doubtful kinds
        | kind            |
        | a reaction      |
        | an edit         |
        | a deletion      |
        | a system notice |

    @CSW-06 @unspecified
    Scenario Outline: A free-form message, <reacted> after a reaction and <wrote> after the last text
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <wrote> ago
      And Ana sent the bakery a reaction <reacted> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: the text decides while its window is open, the doubt afterwards
        | wrote | reacted          | verdict                       |
        | 23 h  | 5 h              | allowed                       |
        | 25 h  | 5 h              | not specified by any source   |
        | 47 h  | 23 h 59 min 59 s | not specified by any source   |
        | 47 h  | 24 h             | refused: a template is needed |

    @CSW-06 @unspecified
    Scenario: Every doubtful message starts the doubt again
      Given it is 2025-08-11 at 09:00
      And Ana sent the bakery a reaction 20 h ago
      When Ana sends the bakery an edit
      Then nothing opens
      And the doubt about the window lasts for 24 h

    @CSW-06 @CSW-01
    Scenario: A text opens the window whatever an earlier reaction did
      Given it is 2025-08-11 at 09:00
      And Ana sent the bakery a reaction 10 h ago
      When Ana writes to the bakery
      Then it opens the customer service window
      And the customer service window stays open for 24 h
      And the doubt about the window lasts for 14 h

    @CSW-06 @CSW-12 @unspecified
    Scenario: A reaction in the second in which the window ends leaves the edge in doubt
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 24 h ago
      And Ana sends the bakery a reaction
      When the bakery asks to send Ana a free-form message
      Then it is not specified by any source
      And the answer notes a doubt about the edge of the window

    @CSW-06 @CSW-12 @unspecified
    Scenario: A reaction in the second in which the window ends opens nothing
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 24 h ago
      When Ana sends the bakery a reaction
      Then nothing opens
      And nothing is renewed
      And nothing is closed

  Rule: An unsupported message was written by the customer, so it is taken to count

    @CSW-06 @unspecified
    Scenario: An unsupported message opens the window, and the doubt is noted
      Given it is 2025-08-11 at 09:00
      When Ana sends the bakery an unsupported message
      Then it opens the customer service window
      And the customer service window stays open for 24 h
      And the answer notes a doubt about which customer events open the window
      And no doubt hangs over the window

    @CSW-06 @unspecified
    Scenario: An unsupported message renews an open window
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 23 h ago
      When Ana sends the bakery an unsupported message
      Then it renews the customer service window
      And the answer notes a doubt about which customer events open the window

  Rule: An account may decide for itself which doubtful kinds count

    @CSW-06 @unspecified
    Scenario Outline: An account that counts <counted> receives <kind>
      Given the account's policy on csw_inbound_kinds is <counted>
      And it is 2025-08-11 at 09:00
      When Ana sends the bakery <kind>
      Then <effect>
      And the customer service window is <state>
      And the answer notes a doubt about which customer events open the window

      Examples: the chosen kinds open the window
        | counted      | kind            | effect                               | state |
        | reaction     | a reaction      | it opens the customer service window | open  |
        | edit, revoke | an edit         | it opens the customer service window | open  |
        | edit, revoke | a deletion      | it opens the customer service window | open  |
        | system       | a system notice | it opens the customer service window | open  |

      Examples: the others do not
        | counted      | kind                   | effect        | state  |
        | reaction     | an unsupported message | nothing opens | closed |
        | reaction     | an edit                | nothing opens | closed |
        | edit, revoke | a reaction             | nothing opens | closed |

    @CSW-06 @unspecified
    Scenario: An account that counts reactions answers one freely
      Given the account's policy on csw_inbound_kinds is reaction
      And it is 2025-08-11 at 09:00
      And Ana sent the bakery a reaction 23 h ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed

  Rule: What only the business's messages cause does not count

    @CSW-01
    Scenario: That a customer reads a message opens no window
      Given it is 2025-08-11 at 09:00
      When the bakery sends Ana a utility template, reported read but not delivered
      Then nothing opens
      And the customer service window is closed

    @CSW-02
    Scenario: That a customer reads a message renews no window
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 20 h ago
      When the bakery sends Ana a free-form message, reported read but not delivered
      Then nothing is renewed
      And the customer service window stays open for 4 h
