# language: es
Característica: Una conversación de servicio se abre solo cuando no hay otra abierta

  De junio de 2023 a junio de 2025 un mensaje de forma libre pertenecía a la conversación que
  estuviera abierta. Solo cuando no había ninguna abría una propia: la de servicio.

  Regla: Un mensaje de forma libre abre una conversación de servicio cuando no hay ninguna abierta

    @CBP2-04 @seed @since-2023-06-01 @until-2025-06-30
    Escenario: La primera respuesta de forma libre abre una conversación de servicio
      Dado que es el 2023-06-12 a las 10:00
      Y el nivel gratuito está agotado
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y se abre una conversación de servicio
      Y no se abre nada más
      Y se cobra como servicio
      Y el hilo está con conversación de servicio abierta

    @CBP2-04 @since-2023-06-01 @until-2025-06-30
    Escenario: El mensaje del cliente por sí solo no abre ninguna conversación y no cuesta nada
      Dado que es el 2023-06-12 a las 10:00
      Cuando Ana escribe a la panadería
      Entonces se abre la ventana de servicio al cliente
      Y no se abre nada más
      Y no se cobra nada
      Y el hilo está inactivo

    @CBP2-04 @CBP2-03 @since-2023-06-01 @until-2025-06-30
    Esquema del escenario: Un mensaje de forma libre <tiempo> después de la primera respuesta
      Dado que es el 2023-06-12 a las 10:00
      Y el nivel gratuito está agotado
      Y Ana escribió a la panadería hace 24 h 30 min
      Y la panadería envió a Ana un mensaje de forma libre hace <tiempo>
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces <qué ocurre>
      Y <precio>

      Ejemplos: antes y después de que acaben las 24 horas de la conversación de servicio
        | tiempo           | qué ocurre                           | precio                                                |
        | 23 h 59 min 59 s | no se abre nada                      | es gratis porque pertenece a una conversación abierta |
        | 24 h             | se abre una conversación de servicio | se cobra como servicio                                |

  Regla: Mientras haya una conversación abierta, un mensaje de forma libre pertenece a ella

    @CBP2-03 @seed @since-2023-06-01 @until-2025-06-30
    Esquema del escenario: Después de <mensaje>, uno de forma libre no abre ninguna conversación de servicio
      Dado que es el 2023-06-12 a las 10:00
      Y el nivel gratuito está agotado
      Y la panadería envió a Ana <mensaje> hace 2 h
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y no se abre nada
      Y no se renueva nada
      Y pertenece a <conversación>
      Y es gratis porque pertenece a una conversación abierta

      Ejemplos: sea cual sea la conversación abierta
        | mensaje                        | conversación                      |
        | una plantilla de marketing     | una conversación de marketing     |
        | una plantilla de utilidad      | una conversación de utilidad      |
        | una plantilla de autenticación | una conversación de autenticación |
        | un mensaje de forma libre      | una conversación de servicio      |

    @CBP2-03 @unspecified @since-2023-06-01 @until-2025-06-30
    Escenario: A cuál de varias conversaciones abiertas pertenece, no lo dice ninguna fuente
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana una plantilla de marketing hace 3 h
      Y la panadería envió a Ana una plantilla de utilidad hace 2 h
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces no se abre nada
      Y pertenece a una de las conversaciones abiertas
      Y la respuesta señala una duda sobre a qué conversación abierta se une
      Y no se cobra nada

  Regla: Cuando termina la última conversación, el siguiente mensaje de forma libre abre la de servicio

    @CBP2-09 @since-2023-06-01 @until-2025-06-30
    Esquema del escenario: Un mensaje de forma libre <tiempo> después de una plantilla de marketing, con la ventana abierta
      Dado que es el 2023-06-12 a las 10:00
      Y el nivel gratuito está agotado
      Y la panadería envió a Ana una plantilla de marketing hace <tiempo>
      Y Ana escribió a la panadería hace 20 h
      Y la panadería envió a Ana un mensaje de forma libre hace 19 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y <qué ocurre>
      Y <precio>

      Ejemplos: antes y después de que termine la conversación de marketing
        | tiempo           | qué ocurre                           | precio                 |
        | 23 h 59 min 59 s | no se abre nada                      | no se cobra nada       |
        | 24 h             | se abre una conversación de servicio | se cobra como servicio |
        | 25 h             | se abre una conversación de servicio | se cobra como servicio |

  Regla: Una conversación abierta no permite mensajes de forma libre; solo la ventana los permite

    @CSW-10 @CSW-03 @since-2023-06-01 @until-2025-06-30
    Escenario: Con la ventana cerrada se rechaza un mensaje de forma libre aunque haya una conversación abierta
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana una plantilla de marketing hace 1 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se rechaza: hace falta una plantilla
      Y no se abre nada
      Y no se cobra nada
