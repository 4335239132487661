Feature: The edge of the window

  The window lasts 24 hours of elapsed time. Whether it is still open in the very second
  in which these end is not documented; it is then taken as closed.

  Rule: In the second in which the 24 hours end nobody can say

    @CSW-12 @CSW-03
    Scenario Outline: Sending <message> <elapsed> after the customer's last message
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      @CSW-01
      Examples: a second before the edge
        | message                            | elapsed          | verdict |
        | a free-form message                | 23 h 59 min 59 s | allowed |
        | a free-form picture                | 23 h 59 min 59 s | allowed |
        | a reaction                         | 23 h 59 min 59 s | allowed |
        | a reply of the Meta Business Agent | 23 h 59 min 59 s | allowed |

      @unspecified
      Examples: at the edge
        | message                            | elapsed | verdict                     |
        | a free-form message                | 24 h    | not specified by any source |
        | a free-form picture                | 24 h    | not specified by any source |
        | a reaction                         | 24 h    | not specified by any source |
        | a reply of the Meta Business Agent | 24 h    | not specified by any source |

      @CSW-01
      Examples: a second after the edge
        | message                            | elapsed  | verdict                       |
        | a free-form message                | 24 h 1 s | refused: a template is needed |
        | a free-form picture                | 24 h 1 s | refused: a template is needed |
        | a reaction                         | 24 h 1 s | refused: a template is needed |
        | a reply of the Meta Business Agent | 24 h 1 s | refused: a template is needed |

    @CSW-03
    Scenario Outline: Sending a utility template <elapsed> after the customer's last message
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a utility template
      Then it is allowed

      Examples: what needs no window has no edge
        | elapsed  |
        | 24 h     |
        | 24 h 1 s |

    @CSW-08
    Scenario Outline: Sending a message from the Business app <elapsed> after the customer's last message
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a message from the Business app
      Then it is allowed

      Examples: what is typed in the app has no edge either
        | elapsed  |
        | 24 h     |
        | 24 h 1 s |

    @CSW-12 @unspecified
    Scenario: At the edge the answer names its doubt
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 24 h ago
      When the bakery asks to send Ana a free-form message
      Then it is not specified by any source
      And the answer notes a doubt about the edge of the window

    @CSW-12 @unspecified
    Scenario Outline: At the edge the answer stays open, though the account takes the window as <taken>
      Given the account's policy on boundary is <option>
      And it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: both readings
        | taken  | option    | elapsed          | verdict                       |
        | closed | half_open | 23 h 59 min 59 s | allowed                       |
        | closed | half_open | 24 h             | not specified by any source   |
        | closed | half_open | 24 h 1 s         | refused: a template is needed |
        | open   | closed    | 23 h 59 min 59 s | allowed                       |
        | open   | closed    | 24 h             | not specified by any source   |
        | open   | closed    | 24 h 1 s         | refused: a template is needed |

  Rule: What the customer does at the edge opens the window anew

    @CSW-12 @unspecified
    Scenario Outline: The window opens at the edge when <act>
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 24 h ago
      When <act>
      Then it opens the customer service window
      And nothing is renewed
      And the customer service window stays open for 24 h

      @CSW-01
      Examples: messages
        | act                                         |
        | Ana writes to the bakery                    |
        | Ana sends the bakery an unsupported message |

      @CSW-05b
      Examples: a first visit
        | act                                                   |
        | Ana opens the chat with the bakery for the first time |

      @CSW-04
      Examples: calls
        | act                              |
        | Ana calls the bakery             |
        | Ana accepts a call of the bakery |

    @CSW-12 @unspecified
    Scenario Outline: The window is renewed at the edge, if the account takes it as open, when <act>
      Given the account's policy on boundary is closed
      And it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 24 h ago
      When <act>
      Then it renews the customer service window
      And nothing opens
      And the customer service window stays open for 24 h

      Examples: a message and a call
        | act                      |
        | Ana writes to the bakery |
        | Ana calls the bakery     |

  Rule: The hours are elapsed hours, whatever the clocks on the wall show

    @CSW-01
    Scenario Outline: In Madrid a free-form message on <date> at <time> answers a message of the day before
      Given the account's time zone is Europe/Madrid
      And it is <written> at 12:00
      And Ana writes to the bakery
      And it is <date> at <time>
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: the clocks are set back an hour in the night
        | written    | date       | time     | verdict                       |
        | 2025-10-25 | 2025-10-26 | 10:59:59 | allowed                       |
        | 2025-10-25 | 2025-10-26 | 11:00:01 | refused: a template is needed |

      Examples: the clocks are set forward an hour in the night
        | written    | date       | time     | verdict                       |
        | 2026-03-28 | 2026-03-29 | 12:59:59 | allowed                       |
        | 2026-03-28 | 2026-03-29 | 13:00:01 | refused: a template is needed |

    @CSW-06 @unspecified
    Scenario: An account that takes the window as open at its edge keeps it open through a reaction
      Given it is 2025-08-11 at 09:00
      And the account's policy on boundary is closed
      And Ana wrote to the bakery 24 h ago
      And Ana sends the bakery a reaction
      When the bakery sends Ana a utility template
      Then it is free because customer service is free
