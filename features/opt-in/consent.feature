Feature: Consent: who may start a conversation

  A business needs the customer's opt-in before any message that it starts. A customer who
  writes first needs none. Meta does not check it, so a missing opt-in is never a refusal.

  Rule: What the business starts needs the customer's opt-in

    @OPT-01 @OPT-05 @seed
    Scenario Outline: Without opt-in, <message> goes against the opt-in policy
      Given it is 2023-06-12 at 10:00
      When the bakery sends Ana <message>
      Then it is allowed
      And the opt-in policy speaks against it
      And it opens <conversation>

      Examples: business-initiated conversations
        | message                    | conversation                   |
        | a marketing template       | a marketing conversation       |
        | a utility template         | a utility conversation         |
        | an authentication template | an authentication conversation |

    @OPT-01 @seed
    Scenario Outline: With the customer's opt-in nothing speaks against <message>
      Given it is 2023-06-12 at 10:00
      And Ana opts in
      When the bakery sends Ana <message>
      Then it is allowed
      And the opt-in policy has no objection

      Examples: business-initiated conversations
        | message                    |
        | a marketing template       |
        | a utility template         |
        | an authentication template |

    @OPT-01 @OPT-05
    Scenario Outline: After the customer has withdrawn the opt-in, <message> goes against the policy again
      Given it is 2023-06-12 at 10:00
      And Ana opts in
      And 2 h pass
      And Ana opts out
      And 2 h pass
      When the bakery asks to send Ana <message>
      Then it is allowed
      And the opt-in policy speaks against it

      Examples: business-initiated conversations
        | message                    |
        | a marketing template       |
        | a utility template         |
        | an authentication template |

    @CBP1-11 @OPT-01
    Scenario: In 2022 a business-initiated conversation needed the opt-in
      Given it is 2022-06-15 at 10:00
      When the bakery sends Ana a template
      Then it is allowed
      And the opt-in policy speaks against it
      And it opens a business-initiated conversation

  Rule: What the customer starts needs no opt-in

    @OPT-03 @CBP2-04 @seed
    Scenario: The answer to a customer's message needs no opt-in
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And the opt-in policy has no objection
      And it opens a service conversation

    @CBP1-11 @OPT-03 @seed
    Scenario: In 2022 a user-initiated conversation needed no opt-in
      Given it is 2022-06-15 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery sends Ana a free-form message
      Then it is allowed
      And the opt-in policy has no objection
      And it opens a user-initiated conversation

    @OPT-03
    Scenario Outline: Inside the window <message> may answer without opt-in
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana <message>
      Then it is allowed
      And the opt-in policy <stance>

      Examples: while the window is open
        | message                    | elapsed          | stance           |
        | a utility template         | 1 h              | has no objection |
        | an authentication template | 1 h              | has no objection |
        | a utility template         | 23 h 59 min 59 s | has no objection |

      @OPT-01
      Examples: once it has closed
        | message                    | elapsed  | stance            |
        | a utility template         | 24 h 1 s | speaks against it |
        | an authentication template | 24 h 1 s | speaks against it |

    @OPT-03 @OPT-05
    Scenario: To have written is no consent to marketing
      Given it is 2023-06-12 at 10:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana a marketing template
      Then it is allowed
      And the opt-in policy speaks against it
