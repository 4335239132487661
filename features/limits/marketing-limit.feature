@MKT-02 @since-2025-07-01
Feature: Where marketing messages per customer are not limited

  Meta holds marketing back from customers who get much of it, from whatever business. In some
  countries it does not.

  Rule: The limit is not active where the business or the customer is in one of these countries

    Scenario Outline: <what>: the limit is <state>
      Given it is 2025-11-10 at 10:00
      And the business is located in <country>, as Meta has verified
      And Ana's number is <number>
      When the bakery asks to send Ana a marketing template
      Then the limit of marketing messages per customer is <state>

      Examples: one of the two is enough
        | what                             | country | number            | state      |
        | From India to India              | IN      | +91 98123 45678   | active     |
        | From Germany to India            | DE      | +91 98123 45678   | not active |
        | From Italy to India              | IT      | +91 98123 45678   | not active |
        | From the United Kingdom to India | GB      | +91 98123 45678   | not active |
        | From Japan to India              | JP      | +91 98123 45678   | not active |
        | From South Korea to India        | KR      | +91 98123 45678   | not active |
        | From India to Germany            | IN      | +49 151 2345 6789 | not active |
        | From India to Italy              | IN      | +39 055 012345    | not active |
        | From India to the United Kingdom | IN      | +44 7700 900123   | not active |
        | From India to Japan              | IN      | +81 90 1234 5678  | not active |
        | From India to South Korea        | IN      | +82 10 1234 5678  | not active |
        | From the United States to Brazil | US      | +55 11 91234 5678 | active     |
        | From Switzerland to Turkey       | CH      | +90 532 123 45 67 | active     |

    Scenario Outline: A business in <country>
      Given it is 2025-11-10 at 10:00
      And the business is located in <country>, as Meta has verified
      And Ana's number is +91 98123 45678
      When the bakery asks to send Ana a marketing template
      Then the limit of marketing messages per customer is not active

      Examples: every member of the European Economic Area
        | country |
        | AT      |
        | BE      |
        | BG      |
        | CY      |
        | CZ      |
        | DE      |
        | DK      |
        | EE      |
        | ES      |
        | FI      |
        | FR      |
        | GR      |
        | HR      |
        | HU      |
        | IE      |
        | IS      |
        | IT      |
        | LI      |
        | LT      |
        | LU      |
        | LV      |
        | MT      |
        | NL      |
        | NO      |
        | PL      |
        | PT      |
        | RO      |
        | SE      |
        | SI      |
        | SK      |

    Scenario Outline: On <date>, from India to <where>
      Given it is <date> at 10:00
      And the business is located in IN, as Meta has verified
      And Ana's number is <number>
      When the bakery asks to send Ana a marketing template
      Then the limit of marketing messages per customer is <state>

      Examples: under every law since it is written down
        | date       | where  | number           | state      |
        | 2025-07-05 | Spain  | +34 612 345 678  | not active |
        | 2025-07-05 | Mexico | +52 55 1234 5678 | active     |
        | 2025-08-11 | Spain  | +34 612 345 678  | not active |
        | 2025-08-11 | Mexico | +52 55 1234 5678 | active     |
        | 2026-02-20 | Spain  | +34 612 345 678  | not active |
        | 2026-02-20 | Mexico | +52 55 1234 5678 | active     |
        | 2026-03-20 | Spain  | +34 612 345 678  | not active |
        | 2026-03-20 | Mexico | +52 55 1234 5678 | active     |
        | 2026-05-20 | Spain  | +34 612 345 678  | not active |
        | 2026-05-20 | Mexico | +52 55 1234 5678 | active     |
        | 2026-07-31 | Spain  | +34 612 345 678  | not active |
        | 2026-07-31 | Mexico | +52 55 1234 5678 | active     |
        | 2026-08-10 | Spain  | +34 612 345 678  | not active |
        | 2026-08-10 | Mexico | +52 55 1234 5678 | active     |
        | 2026-09-29 | Spain  | +34 612 345 678  | not active |
        | 2026-09-29 | Mexico | +52 55 1234 5678 | active     |
        | 2026-10-05 | Spain  | +34 612 345 678  | not active |
        | 2026-10-05 | Mexico | +52 55 1234 5678 | active     |
        | 2027-01-10 | Spain  | +34 612 345 678  | not active |
        | 2027-01-10 | Mexico | +52 55 1234 5678 | active     |
        | 2027-07-10 | Spain  | +34 612 345 678  | not active |
        | 2027-07-10 | Mexico | +52 55 1234 5678 | active     |
        | 2028-01-10 | Spain  | +34 612 345 678  | not active |
        | 2028-01-10 | Mexico | +52 55 1234 5678 | active     |
