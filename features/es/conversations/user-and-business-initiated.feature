# language: es
Característica: Conversaciones iniciadas por el usuario y por la empresa

  De febrero de 2022 a mayo de 2023 había dos tipos de conversación, y nunca dos a la vez.
  La abría el primer mensaje de la empresa que se entregaba: iniciada por el usuario si
  respondía al cliente antes de 24 horas, iniciada por la empresa si no.

  Regla: El primer mensaje entregado decide qué tipo se abre

    @CBP1-01 @CBP1-02 @seed @since-2022-02-01 @until-2023-05-31
    Escenario: Una plantilla enviada a quien no ha escrito abre una conversación iniciada por la empresa
      Dado que es el 2022-05-10 a las 10:00
      Y el nivel gratuito está agotado
      Cuando la panadería envía a Ana una plantilla
      Entonces el envío se permite
      Y se abre una conversación iniciada por la empresa
      Y no se abre nada más
      Y se cobra como una conversación iniciada por la empresa

    @CBP1-02 @seed @since-2022-02-01 @until-2023-05-31
    Esquema del escenario: Responder al cliente con <mensaje> abre una conversación iniciada por el usuario
      Dado que es el 2022-05-10 a las 10:00
      Y el nivel gratuito está agotado
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana <mensaje>
      Entonces el envío se permite
      Y se abre una conversación iniciada por el usuario
      Y no se abre nada más
      Y se cobra como una conversación iniciada por el usuario

      Ejemplos: cualquier clase de respuesta
        | mensaje                   |
        | un mensaje de forma libre |
        | una plantilla             |

    @CBP1-06 @since-2022-02-01 @until-2023-05-31
    Escenario: El mensaje del cliente por sí solo no abre ninguna conversación y no cuesta nada
      Dado que es el 2022-05-10 a las 10:00
      Cuando Ana escribe a la panadería
      Entonces se abre la ventana de servicio al cliente
      Y no se abre nada más
      Y no se cobra nada
      Y el hilo está inactivo

    @CBP1-12 @since-2022-02-01 @until-2023-05-31
    Escenario: Un mensaje que nunca se entrega no abre nada y no cuesta nada
      Dado que es el 2022-05-10 a las 10:00
      Cuando la panadería envía a Ana una plantilla, que nunca se entrega
      Entonces no se abre nada
      Y no se cobra nada
      Y el hilo está inactivo

  Regla: Todo lo que se envía en 24 horas pertenece a esa única conversación

    @CBP1-03 @CBP1-04 @seed @since-2022-02-01 @until-2023-05-31
    Esquema del escenario: Durante una conversación iniciada por el usuario, <mensaje> no abre nada
      Dado que es el 2022-05-10 a las 10:00
      Y el nivel gratuito está agotado
      Y Ana escribió a la panadería hace 2 h
      Y la panadería envió a Ana un mensaje de forma libre hace 1 h
      Cuando la panadería envía a Ana <mensaje>
      Entonces no se abre nada
      Y no se renueva nada
      Y pertenece a una conversación iniciada por el usuario
      Y es gratis porque pertenece a una conversación abierta

      Ejemplos: de forma libre o con plantilla
        | mensaje                   |
        | un mensaje de forma libre |
        | una plantilla             |

    @CBP1-03 @CBP1-04 @since-2022-02-01 @until-2023-05-31
    Escenario: La respuesta del cliente no convierte en otra la conversación iniciada por la empresa
      Dado que es el 2022-05-10 a las 10:00
      Y el nivel gratuito está agotado
      Y la panadería envió a Ana una plantilla hace 2 h
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces no se abre nada
      Y pertenece a una conversación iniciada por la empresa
      Y no se cobra nada

  Regla: Pasadas 24 horas hace falta una plantilla nueva, que abre una conversación nueva

    @CSW-03 @CSW-10 @seed @since-2022-02-01 @until-2023-05-31
    Esquema del escenario: Un mensaje de forma libre <tiempo> después del último mensaje del cliente en 2022
      Dado que es el 2022-05-10 a las 10:00
      Y Ana escribió a la panadería hace <tiempo>
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío <respuesta>

      Ejemplos: antes y después de que acaben las 24 horas de la ventana
        | tiempo           | respuesta                            |
        | 23 h 59 min 59 s | se permite                           |
        | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 3 días           | se rechaza: hace falta una plantilla |

    @CBP1-01 @CBP1-02 @seed @since-2022-02-01 @until-2023-05-31
    Escenario: Pasadas más de 24 horas, una plantilla abre una conversación nueva iniciada por la empresa
      Dado que es el 2022-05-10 a las 10:00
      Y el nivel gratuito está agotado
      Y Ana escribió a la panadería hace 26 h
      Y la panadería envió a Ana un mensaje de forma libre hace 25 h
      Cuando la panadería envía a Ana una plantilla
      Entonces el envío se permite
      Y se abre una conversación iniciada por la empresa
      Y no se abre nada más
      Y se cobra como una conversación iniciada por la empresa

    @CBP1-01 @CBP1-05 @since-2022-02-01 @until-2023-05-31
    Esquema del escenario: El cliente respondió; un mensaje de forma libre <tiempo> después de la plantilla
      Dado que es el 2022-05-10 a las 10:00
      Y el nivel gratuito está agotado
      Y la panadería envió a Ana una plantilla hace <tiempo>
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces <qué ocurre>
      Y <precio>

      Ejemplos: antes y después de que acaben las 24 horas de la conversación
        | tiempo           | qué ocurre                                       | precio                                                 |
        | 23 h 59 min 59 s | no se abre nada                                  | no se cobra nada                                       |
        | 24 h             | se abre una conversación iniciada por el usuario | se cobra como una conversación iniciada por el usuario |

  Regla: El 1 de junio de 2023 los dos tipos dejan paso a cuatro categorías

    @CBP2-17 @CBP2-04 @CBP2-01 @seed
    Esquema del escenario: El <fecha>, <mensaje> a quien escribió hace una hora
      Dado que es el <fecha> a las 10:00
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana <mensaje>
      Entonces se abre <conversación>
      Y no se abre nada más

      Ejemplos: el último día de los tipos antiguos y el primero de los nuevos
        | fecha      | mensaje                        | conversación                             |
        | 2023-05-31 | un mensaje de forma libre      | una conversación iniciada por el usuario |
        | 2023-05-31 | una plantilla de utilidad      | una conversación iniciada por el usuario |
        | 2023-05-31 | una plantilla de autenticación | una conversación iniciada por el usuario |
        | 2023-05-31 | una plantilla de marketing     | una conversación iniciada por el usuario |
        | 2023-06-01 | un mensaje de forma libre      | una conversación de servicio             |
        | 2023-06-01 | una plantilla de utilidad      | una conversación de utilidad             |
        | 2023-06-01 | una plantilla de autenticación | una conversación de autenticación        |
        | 2023-06-01 | una plantilla de marketing     | una conversación de marketing            |
