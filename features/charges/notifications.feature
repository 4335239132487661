@since-2019-06-01 @until-2022-01-31
Feature: What a message cost before conversations

  Until January 2022 each delivered template was a notification and was charged; replies inside the
  window were free. Whether a template inside the window was charged too is contested.

  Rule: A template is a notification, and is charged

    @NBP-01 @NBP-03
    Scenario Outline: <message> to a customer who has not written is a notification
      Given it is 2021-06-15 at 10:00
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And it belongs to no conversation
      And it is charged as a notification
      And the thread is idle

      Examples: whatever the template is about
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |

    @NBP-01
    Scenario: A second template a minute later is charged as well
      Given it is 2021-06-15 at 10:00
      And the bakery sent Ana a template 1 min ago
      When the bakery sends Ana a template
      Then it is charged as a notification

    @NBP-02 @contested
    Scenario Outline: Whether <message> inside the window was charged is contested
      Given it is 2021-06-15 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is not specified by any source
      And it is charged as a notification
      And the answer notes a doubt about what a template inside the window cost

      Examples: we take it to be charged
        | message                            |
        | a marketing template               |
        | a utility template                 |
        | an authentication template         |
        | a Marketing Messages Lite template |
        | a template of an unknown category  |

    @NBP-02 @contested
    Scenario: An account that takes it to be free
      Given it is 2021-06-15 at 10:00
      And the account's policy on nbp_template_in_csw is free
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a template
      Then it is not specified by any source
      And it is free because it is not billable

  Rule: Whatever is not a template is free

    @NBP-02 @NBP-03
    Scenario Outline: <message> inside the window costs nothing
      Given it is 2021-06-15 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana <message>
      Then it is allowed
      And nothing opens
      And it is free because it is not billable

      Examples: replies of every kind
        | message                            |
        | a free-form message                |
        | a reaction                         |
        | a reply of the Meta Business Agent |

    @NBP-01
    Scenario: A template that is never delivered costs nothing
      Given it is 2021-06-15 at 10:00
      When the bakery sends Ana a template, never delivered
      Then nothing is charged
