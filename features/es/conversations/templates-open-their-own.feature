# language: es
Característica: Una plantilla abre una conversación de su propia categoría

  De junio de 2023 a junio de 2025 las empresas pagaban por conversación, y cada plantilla tenía
  su categoría. Una plantilla nunca abre una conversación de servicio ni se une a una: abre una
  conversación de su propia categoría, junto a las que ya estén abiertas.

  Regla: Una plantilla enviada durante una conversación de servicio abierta abre una conversación nueva

    @CBP2-06 @seed @since-2023-06-01 @until-2025-06-30
    Escenario: Una plantilla enviada durante una conversación de servicio abierta abre una nueva, y ambas siguen abiertas
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 2 h
      Y la panadería envió a Ana un mensaje de forma libre hace 1 h
      Cuando la panadería envía a Ana una plantilla de utilidad
      Entonces el envío se permite
      Y se abre una conversación de utilidad
      Y no se abre nada más
      Y no se cierra nada
      Y no se renueva nada
      Y se cobra como utilidad
      Y el hilo está con conversaciones de servicio y de utilidad abiertas

    @CBP2-06 @CBP2-10 @since-2023-06-01 @until-2025-06-30
    Esquema del escenario: Durante una conversación de servicio, <mensaje> abre su propia categoría
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 2 h
      Y la panadería envió a Ana un mensaje de forma libre hace 1 h
      Cuando la panadería envía a Ana <mensaje>
      Entonces se abre <conversación>
      Y no se abre nada más
      Y se cobra como <precio>

      Ejemplos: las tres categorías que puede elegir una empresa
        | mensaje                        | conversación                      | precio        |
        | una plantilla de marketing     | una conversación de marketing     | marketing     |
        | una plantilla de utilidad      | una conversación de utilidad      | utilidad      |
        | una plantilla de autenticación | una conversación de autenticación | autenticación |

  Regla: Una plantilla enviada como respuesta abre su propia categoría, nunca la de servicio

    @CBP2-05 @CBP2-01 @since-2023-06-01 @until-2025-06-30
    Escenario: Una plantilla enviada como primera respuesta abre su categoría y ninguna conversación de servicio
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana una plantilla de marketing
      Entonces el envío se permite
      Y se abre una conversación de marketing
      Y no se abre nada más
      Y se cobra como marketing

    @CBP2-01 @since-2023-06-01 @until-2025-06-30
    Escenario: Una plantilla enviada a quien no ha escrito también abre su categoría
      Dado que es el 2023-06-12 a las 10:00
      Cuando la panadería envía a Ana una plantilla de marketing
      Entonces el envío se permite
      Y se abre una conversación de marketing
      Y no se abre nada más
      Y la ventana de servicio al cliente está cerrada

  Regla: Las plantillas de una categoría con conversación abierta pertenecen a ella

    @CBP2-02 @since-2023-06-01 @until-2025-06-30
    Escenario: Una segunda plantilla de la misma categoría no abre nada y no cuesta nada
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana una plantilla de utilidad hace 3 h
      Cuando la panadería envía a Ana una plantilla de utilidad
      Entonces pertenece a una conversación de utilidad
      Y no se abre nada
      Y no se renueva nada
      Y es gratis porque pertenece a una conversación abierta
      Y no se cobra nada

    @CBP2-01 @CBP2-02 @since-2023-06-01 @until-2025-06-30
    Esquema del escenario: Una plantilla de utilidad <tiempo> después de que se entregara la última
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana una plantilla de utilidad hace <tiempo>
      Cuando la panadería envía a Ana una plantilla de utilidad
      Entonces <qué ocurre>
      Y <precio>

      Ejemplos: antes y después de que acaben las 24 horas de la conversación
        | tiempo           | qué ocurre                           | precio                 |
        | 23 h 59 min 59 s | no se abre nada                      | no se cobra nada       |
        | 24 h             | se abre una conversación de utilidad | se cobra como utilidad |
        | 24 h 1 s         | se abre una conversación de utilidad | se cobra como utilidad |

    @CBP2-08 @since-2023-06-01 @until-2025-06-30
    Escenario: Un mensaje del cliente alarga la ventana, pero no la conversación
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 24 h 30 min
      Y la panadería envió a Ana una plantilla de utilidad hace 24 h
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana una plantilla de utilidad
      Entonces se abre una conversación de utilidad
      Y la ventana de servicio al cliente está abierta

  Regla: La conversación se abre cuando la plantilla se entrega, y no antes

    @CBP2-19 @since-2023-06-01 @until-2025-06-30
    Escenario: Una plantilla que nunca se entrega no abre nada y no cuesta nada
      Dado que es el 2023-06-12 a las 10:00
      Cuando la panadería envía a Ana una plantilla de utilidad, que nunca se entrega
      Entonces el envío se permite
      Y no se abre nada
      Y no se cobra nada
      Y el hilo está inactivo

    @CBP2-01 @since-2023-06-01 @until-2025-06-30
    Esquema del escenario: Las 24 horas de una plantilla entregada con 4 horas de retraso, <tiempo> después de enviarla
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana una plantilla de utilidad hace <tiempo>, y se entregó 4 h después
      Cuando la panadería envía a Ana una plantilla de utilidad
      Entonces <qué ocurre>

      Ejemplos: cuenta la entrega, no el envío
        | tiempo           | qué ocurre                           |
        | 27 h 59 min 59 s | no se abre nada                      |
        | 28 h             | se abre una conversación de utilidad |
