@until-2025-06-30
Feature: Conversations of several categories run side by side

  Under the rules of 2023 each category has a conversation of its own, and one of each may be open
  at the same time. A template looks only at the conversation of its own category.

  Rule: Without any open conversation, each message opens what belongs to it

    @CBP2-01 @CBP2-04 @CBP2-05 @since-2024-10-15
    Scenario Outline: With nothing open, <message> opens <conversation>
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it opens <conversation>
      And nothing else opens
      And nothing is closed
      And the <name> conversation stays open for 24 h

      Examples: templates open their category, all else opens service
        | message                            | conversation                           | name           |
        | a marketing template               | a marketing conversation               | marketing      |
        | a utility template                 | a utility conversation                 | utility        |
        | an authentication template         | an authentication conversation         | authentication |
        | a Marketing Messages Lite template | a Marketing Messages Lite conversation | marketing lite |
        | a free-form message                | a service conversation                 | service        |
        | a reaction                         | a service conversation                 | service        |
        | a reply of the Meta Business Agent | a service conversation                 | service        |

    @CBP2-17 @CBP2-01 @CBP2-04 @CBP2-05 @since-2023-06-01 @until-2024-10-14
    Scenario Outline: In the first year of the categories, <message> opens <conversation>
      Given it is 2023-07-10 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it opens <conversation>
      And nothing else opens
      And it belongs to no conversation

      Examples: neither a user-initiated nor a business-initiated one any more
        | message                            | conversation                   |
        | a marketing template               | a marketing conversation       |
        | a utility template                 | a utility conversation         |
        | an authentication template         | an authentication conversation |
        | a free-form message                | a service conversation         |
        | a reaction                         | a service conversation         |
        | a reply of the Meta Business Agent | a service conversation         |

    @TPL-05 @CBP2-17 @unspecified @since-2023-06-01
    Scenario Outline: On <date>, <message> opens nothing, and no rule says what it costs
      Given it is <date> at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And nothing opens
      And no rule says what it costs
      And the answer notes a doubt about an unknown category
      And the thread is idle

      Examples: categories that the rules of the day do not know
        | date       | message                            |
        | 2023-07-10 | a template of an unknown category  |
        | 2023-07-10 | a Marketing Messages Lite template |
        | 2025-01-15 | a template of an unknown category  |

  Rule: With everything open, a template belongs to its own conversation and leaves the others alone

    @CBP2-02 @CBP2-06 @CBP2-07 @CBP2-18 @since-2024-10-15
    Scenario Outline: With all five conversations open, <message> belongs to <conversation>
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 6 h ago
      And the bakery sent Ana a free-form message 5 h ago
      And the bakery sent Ana a marketing template 4 h ago
      And the bakery sent Ana a utility template 3 h ago
      And the bakery sent Ana an authentication template 2 h ago
      And the bakery sent Ana a Marketing Messages Lite template 1 h ago
      When the bakery sends Ana <message>
      Then it belongs to <conversation>
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it is free because it belongs to an open conversation
      And the <name> conversation stays open for <rest>

      Examples: each category knows its own
        | message                            | conversation                           | name           | rest |
        | a marketing template               | a marketing conversation               | marketing      | 20 h |
        | a utility template                 | a utility conversation                 | utility        | 21 h |
        | an authentication template         | an authentication conversation         | authentication | 22 h |
        | a Marketing Messages Lite template | a Marketing Messages Lite conversation | marketing lite | 23 h |

    @TPL-05 @CBP2-07 @unspecified @since-2024-10-15
    Scenario: With all five conversations open, a template of an unknown category belongs to none of them
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 6 h ago
      And the bakery sent Ana a free-form message 5 h ago
      And the bakery sent Ana a marketing template 4 h ago
      And the bakery sent Ana a utility template 3 h ago
      And the bakery sent Ana an authentication template 2 h ago
      And the bakery sent Ana a Marketing Messages Lite template 1 h ago
      When the bakery sends Ana a template of an unknown category
      Then it belongs to no conversation
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And no rule says what it costs

    @CBP2-07 @CBP2-18 @since-2024-10-15
    Scenario Outline: Beside <running> opened earlier, <message> opens its own conversation
      Given it is 2025-01-15 at 10:00
      And the bakery sent Ana <running> 2 h ago
      When the bakery sends Ana <message>
      Then it opens <conversation>
      And nothing else opens
      And nothing is renewed
      And nothing is closed
      And it belongs to no conversation

      Examples: marketing and Marketing Messages Lite are two categories
        | running                            | message                            | conversation                           |
        | a marketing template               | a Marketing Messages Lite template | a Marketing Messages Lite conversation |
        | a Marketing Messages Lite template | a marketing template               | a marketing conversation               |

      Examples: any two others
        | running                    | message                    | conversation                   |
        | a marketing template       | a utility template         | a utility conversation         |
        | a utility template         | an authentication template | an authentication conversation |
        | an authentication template | a marketing template       | a marketing conversation       |

  Rule: Whatever is not a template belongs to the one conversation that is open

    @CBP2-03 @since-2024-10-15
    Scenario Outline: After <running>, <message> belongs to <conversation>
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana <running> 2 h ago
      When the bakery sends Ana <message>
      Then it belongs to <conversation>
      And nothing opens
      And nothing is renewed
      And nothing is closed
      And it is free because it belongs to an open conversation

      Examples: every open conversation takes it in
        | running                            | message                            | conversation                           |
        | a marketing template               | a free-form message                | a marketing conversation               |
        | a marketing template               | a reaction                         | a marketing conversation               |
        | a marketing template               | a reply of the Meta Business Agent | a marketing conversation               |
        | a utility template                 | a free-form message                | a utility conversation                 |
        | a utility template                 | a reaction                         | a utility conversation                 |
        | a utility template                 | a reply of the Meta Business Agent | a utility conversation                 |
        | an authentication template         | a free-form message                | an authentication conversation         |
        | an authentication template         | a reaction                         | an authentication conversation         |
        | an authentication template         | a reply of the Meta Business Agent | an authentication conversation         |
        | a Marketing Messages Lite template | a free-form message                | a Marketing Messages Lite conversation |
        | a Marketing Messages Lite template | a reaction                         | a Marketing Messages Lite conversation |
        | a Marketing Messages Lite template | a reply of the Meta Business Agent | a Marketing Messages Lite conversation |
        | a free-form message                | a free-form message                | a service conversation                 |
        | a free-form message                | a reaction                         | a service conversation                 |
        | a free-form message                | a reply of the Meta Business Agent | a service conversation                 |

  Rule: Each conversation has its own 24 hours, counted from the delivery that opened it

    @CBP2-01 @CBP2-04 @CBP2-07 @CBP2-18 @since-2024-10-15
    Scenario Outline: <elapsed> after <message> was delivered, the next one <joins or opens>
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 24 h 10 min ago
      And the bakery sent Ana <message> <elapsed> ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it <joins or opens> <conversation>

      Examples: one second before the end, at the end, and after it
        | message                            | elapsed          | joins or opens | conversation                           |
        | a marketing template               | 23 h 59 min 59 s | belongs to     | a marketing conversation               |
        | a marketing template               | 24 h             | opens          | a marketing conversation               |
        | a marketing template               | 24 h 1 s         | opens          | a marketing conversation               |
        | a utility template                 | 23 h 59 min 59 s | belongs to     | a utility conversation                 |
        | a utility template                 | 24 h             | opens          | a utility conversation                 |
        | a utility template                 | 24 h 1 s         | opens          | a utility conversation                 |
        | an authentication template         | 23 h 59 min 59 s | belongs to     | an authentication conversation         |
        | an authentication template         | 24 h             | opens          | an authentication conversation         |
        | an authentication template         | 24 h 1 s         | opens          | an authentication conversation         |
        | a Marketing Messages Lite template | 23 h 59 min 59 s | belongs to     | a Marketing Messages Lite conversation |
        | a Marketing Messages Lite template | 24 h             | opens          | a Marketing Messages Lite conversation |
        | a Marketing Messages Lite template | 24 h 1 s         | opens          | a Marketing Messages Lite conversation |
        | a free-form message                | 23 h 59 min 59 s | belongs to     | a service conversation                 |
        | a free-form message                | 24 h             | opens          | a service conversation                 |
        | a free-form message                | 24 h 1 s         | opens          | a service conversation                 |

    @CBP2-08 @CBP2-07 @since-2024-10-15
    Scenario: A customer's message lengthens none of the open conversations
      Given it is 2025-01-15 at 10:00
      And Ana wrote to the bakery 6 h ago
      And the bakery sent Ana a free-form message 5 h ago
      And the bakery sent Ana a marketing template 4 h ago
      And the bakery sent Ana a utility template 3 h ago
      And the bakery sent Ana an authentication template 2 h ago
      And the bakery sent Ana a Marketing Messages Lite template 1 h ago
      When Ana writes to the bakery
      Then it renews the customer service window
      And nothing opens
      And the service conversation stays open for 19 h
      And the marketing conversation stays open for 20 h
      And the utility conversation stays open for 21 h
      And the authentication conversation stays open for 22 h

  Rule: Which of several open conversations a free-form message joins is not documented

    @CBP2-03 @unspecified @since-2023-06-01
    Scenario Outline: With the account's answer <policy>, it belongs to <conversation>
      Given it is 2023-07-10 at 10:00
      And the account's policy on free_form_attach is <policy>
      And the bakery sent Ana a utility template 3 h ago
      And the bakery sent Ana a marketing template 2 h ago
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it belongs to <conversation>
      And nothing is charged
      And the answer notes a doubt about which open conversation a message joins

      Examples: answers an account may choose
        | policy      | conversation                  |
        | unspecified | one of the open conversations |
        | newest      | a marketing conversation      |
        | oldest      | a utility conversation        |

  Rule: What belongs to a conversation does not lengthen it

    @since-2023-06-01 @until-2025-06-30
    Scenario Outline: On <date>, 2 s after its 24 hours, <message> in it 2 h ago has not lengthened the conversation
      Given it is <date> at 10:00
      And Ana wrote to the bakery 25 h ago
      And the bakery sent Ana <first> 24 h 2 s ago
      And Ana wrote to the bakery 3 h ago
      And the bakery sent Ana <message> 2 h ago
      When the bakery sends Ana <first>
      Then it opens <conversation>

      @CBP2-02
      Examples: a template of its category
        | date       | first                      | message                    | conversation                   |
        | 2023-09-11 | a marketing template       | a marketing template       | a marketing conversation       |
        | 2023-09-11 | a utility template         | a utility template         | a utility conversation         |
        | 2025-01-13 | an authentication template | an authentication template | an authentication conversation |

      @CBP2-03
      Examples: a free-form message
        | date       | first               | message             | conversation           |
        | 2023-09-11 | a utility template  | a free-form message | a utility conversation |
        | 2023-09-11 | a free-form message | a free-form message | a service conversation |
        | 2025-01-13 | a free-form message | a free-form message | a service conversation |
