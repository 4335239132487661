Feature: The pause of marketing to US numbers

  Since 1 April 2025 no marketing template is delivered to a number with a US area code.
  Whether area codes of US territories are meant is not documented.

  Rule: Marketing templates to US area codes are refused since 1 April 2025

    @MKT-04
    Scenario Outline: On <date> at <time>, <message> to a number in New York
      Given Ana's number is +1 212 555 0123
      And it is <date> at <time>
      When the bakery asks to send Ana <message>
      Then it is <verdict>
      And nothing is charged

      Examples: around the first second of the pause
        | date       | time     | message                            | verdict                                     |
        | 2025-03-31 | 23:59:59 | a marketing template               | allowed                                     |
        | 2025-03-31 | 23:59:59 | a Marketing Messages Lite template | allowed                                     |
        | 2025-04-01 | 00:00:00 | a marketing template               | refused: marketing is paused for US numbers |
        | 2025-04-01 | 00:00:00 | a Marketing Messages Lite template | refused: marketing is paused for US numbers |

      Examples: ever since
        | date       | time  | message                            | verdict                                     |
        | 2025-08-11 | 09:00 | a marketing template               | refused: marketing is paused for US numbers |
        | 2026-08-10 | 09:00 | a Marketing Messages Lite template | refused: marketing is paused for US numbers |
        | 2026-10-12 | 09:00 | a marketing template               | refused: marketing is paused for US numbers |

      Examples: other categories go out
        | date       | time  | message                    | verdict |
        | 2025-08-11 | 09:00 | a utility template         | allowed |
        | 2025-08-11 | 09:00 | an authentication template | allowed |
        | 2026-10-12 | 09:00 | a utility template         | allowed |

    @MKT-04 @CBP2-01
    Scenario: The day before the pause a marketing template was delivered and charged
      Given Ana's number is +1 212 555 0123
      And it is 2025-03-31 at 10:00
      When the bakery sends Ana a marketing template
      Then it is allowed
      And it opens a marketing conversation
      And it is charged as marketing

    @MKT-04
    Scenario Outline: In an account of <zone> the pause begins at its own midnight
      Given the account's time zone is <zone>
      And Ana's number is +1 212 555 0123
      And it is <date> at <time>
      When the bakery asks to send Ana a marketing template
      Then it is <verdict>

      Examples: around the account's own midnight
        | zone             | date       | time     | verdict                                     |
        | America/New_York | 2025-03-31 | 23:59:59 | allowed                                     |
        | America/New_York | 2025-04-01 | 00:00:00 | refused: marketing is paused for US numbers |
        | Asia/Tokyo       | 2025-03-31 | 23:59:59 | allowed                                     |
        | Asia/Tokyo       | 2025-04-01 | 00:00:00 | refused: marketing is paused for US numbers |

  Rule: The area code decides, not the country code alone

    @MKT-04
    Scenario Outline: A marketing template to <number>, a number of <place>
      Given Ana's number is <number>
      And it is 2025-08-11 at 09:00
      When the bakery asks to send Ana a marketing template
      Then it is <verdict>

      Examples: US states and the District of Columbia
        | number          | place         | verdict                                     |
        | +1 202 555 0123 | Washington    | refused: marketing is paused for US numbers |
        | +1 907 555 0123 | Alaska        | refused: marketing is paused for US numbers |
        | +1 808 555 0123 | Hawaii        | refused: marketing is paused for US numbers |
        | 14155550123     | San Francisco | refused: marketing is paused for US numbers |

      Examples: other countries that share the country code
        | number          | place                  | verdict |
        | +1 416 555 0123 | Toronto                | allowed |
        | +1 809 555 0123 | the Dominican Republic | allowed |
        | +1 876 555 0123 | Jamaica                | allowed |

      Examples: other countries
        | number             | place   | verdict |
        | +44 7400 123456    | Britain | allowed |
        | +52 1 55 1234 5678 | Mexico  | allowed |
        | +55 11 91234 5678  | Brazil  | allowed |

      @unspecified
      Examples: US territories
        | number          | place                        | verdict                     |
        | +1 787 555 0123 | Puerto Rico                  | not specified by any source |
        | +1 939 555 0123 | Puerto Rico                  | not specified by any source |
        | +1 340 555 0123 | the US Virgin Islands        | not specified by any source |
        | +1 671 555 0123 | Guam                         | not specified by any source |
        | +1 670 555 0123 | the Northern Mariana Islands | not specified by any source |
        | +1 684 555 0123 | American Samoa               | not specified by any source |

      @unspecified
      Examples: people whose number we do not see
        | number         | place             | verdict                     |
        | US.13491208655 | the United States | not specified by any source |

      Examples: people elsewhere whose number we do not see
        | number         | place  | verdict |
        | BR.13491208655 | Brazil | allowed |

    @MKT-04 @unspecified
    Scenario Outline: To Puerto Rico on <date>, <message>
      Given Ana's number is +1 787 555 0123
      And it is <date> at <time>
      When the bakery asks to send Ana <message>
      Then it is <verdict>

      Examples: doubtful only where marketing is paused
        | date       | time     | message                            | verdict                     |
        | 2025-03-31 | 23:59:59 | a marketing template               | allowed                     |
        | 2025-04-01 | 00:00:00 | a marketing template               | not specified by any source |
        | 2025-08-11 | 09:00:00 | a Marketing Messages Lite template | not specified by any source |
        | 2025-08-11 | 09:00:00 | a utility template                 | allowed                     |

    @MKT-04 @unspecified
    Scenario Outline: To Puerto Rico the answer stays open, though the account takes marketing as <option>
      Given the account's policy on us_territories is <option>
      And Ana's number is +1 787 555 0123
      And it is 2025-08-11 at 09:00
      When the bakery asks to send Ana a marketing template
      Then it is not specified by any source

      Examples: both readings
        | option    |
        | paused    |
        | delivered |

    @MKT-04
    Scenario: A Marketing Messages Lite template outside the US goes out
      Given Ana's number is +44 7400 123456
      And it is 2025-08-11 at 09:00
      When the bakery asks to send Ana a Marketing Messages Lite template
      Then it is allowed

  Rule: Nothing lifts the pause

    @MKT-04
    Scenario Outline: Marketing to a US number is refused although <situation>
      Given Ana's number is +1 212 555 0123
      And it is 2025-08-11 at 09:00
      And <situation>
      When the bakery asks to send Ana a marketing template
      Then it is refused: marketing is paused for US numbers

      Examples: what would otherwise make it welcome
        | situation                                     |
        | Ana wrote to the bakery 1 h ago               |
        | Ana wrote to the bakery through an ad 1 h ago |
        | Ana opts in                                   |
        | Ana resumes marketing messages                |

    @MKT-04 @CSW-03
    Scenario: Inside the window the business may still answer a US number freely
      Given Ana's number is +1 212 555 0123
      And it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 h ago
      When the bakery asks to send Ana a promotional free-form message
      Then it is allowed
