Feature: Service conversations that were open over 1 November 2024

  From that midnight service conversations cost nothing. One that was open already was paid for when
  it opened; whether anything is given back is not documented.

  Rule: What was paid at the opening stays paid, and nothing more is charged

    @CBP2-21 @CBP2-11 @unspecified
    Scenario: A free-form message after midnight belongs to the service conversation of the evening before
      Given it is 2024-11-01 at 08:00
      And Ana wrote to the bakery 10 h ago
      And the bakery sent Ana a free-form message 9 h ago
      When the bakery sends Ana a free-form message
      Then it belongs to a service conversation
      And nothing opens
      And nothing is closed
      And it is free because it belongs to an open conversation

    @CBP2-21 @CBP2-11
    Scenario: The one that opened an hour before midnight was charged
      Given it is 2024-10-31 at 23:00
      And the free allowance is used up
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it opens a service conversation
      And it is charged as service

    @CBP2-21 @CBP2-11
    Scenario Outline: The next free-form message <elapsed> after that one
      Given it is 2024-11-01 at 23:00
      And the free allowance is used up
      And Ana wrote to the bakery <elapsed> ago
      And the bakery sent Ana a free-form message <elapsed> ago
      And Ana wrote to the bakery 2 h ago
      When the bakery sends Ana a free-form message
      Then <what happens>
      And <price>

      Examples: before and after its end
        | elapsed          | what happens                    | price                                                 |
        | 23 h 59 min 59 s | nothing opens                   | it is free because it belongs to an open conversation |
        | 24 h             | it opens a service conversation | it is free because service conversations are free     |

    @CBP2-01 @CBP2-11
    Scenario: What opens conversations does not change
      Given it is 2024-11-01 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a utility template
      Then it opens a utility conversation
      And it is charged as utility
