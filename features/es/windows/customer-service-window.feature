# language: es
Característica: La ventana de servicio al cliente

  El mensaje de un cliente permite a la empresa escribirle libremente durante 24 horas.
  Nada de lo que envía la empresa abre esa ventana, y una vez cerrada solo cabe una plantilla.

  Regla: El cliente abre la ventana, y cada nuevo mensaje suyo la renueva

    @CSW-01 @seed
    Escenario: El mensaje de un cliente abre la ventana durante 24 horas
      Dado que es el 2023-06-12 a las 10:00
      Cuando Ana escribe a la panadería
      Entonces se abre la ventana de servicio al cliente
      Y no se abre nada más
      Y la ventana de servicio al cliente queda abierta 24 h
      Y no se cobra nada

    @CSW-02 @seed
    Escenario: Con cada nuevo mensaje las 24 horas empiezan de nuevo
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 23 h 59 min 59 s
      Cuando Ana escribe a la panadería
      Entonces se renueva la ventana de servicio al cliente
      Y no se abre nada
      Y la ventana de servicio al cliente queda abierta 24 h

    @CSW-01
    Escenario: Un mensaje posterior al cierre de la ventana la abre de nuevo
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 24 h 1 s
      Cuando Ana escribe a la panadería
      Entonces se abre la ventana de servicio al cliente
      Y no se renueva nada
      Y la ventana de servicio al cliente queda abierta 24 h

    @CSW-02 @seed
    Escenario: Cuenta el último mensaje, no el primero
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 40 h
      Y Ana escribió a la panadería hace 20 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y la ventana de servicio al cliente queda abierta 4 h

  Regla: Mientras hayan pasado menos de 24 horas, la empresa responde libremente

    @CSW-03 @seed
    Esquema del escenario: Un mensaje de forma libre <transcurrido> después del último mensaje del cliente
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace <transcurrido>
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío <veredicto>

      @CSW-01
      Ejemplos: a ambos lados del límite
        | transcurrido     | veredicto                            |
        | 1 s              | se permite                           |
        | 23 h 59 min 59 s | se permite                           |
        | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 3 días           | se rechaza: hace falta una plantilla |

      @CSW-12 @unspecified
      Ejemplos: en el límite mismo
        | transcurrido | veredicto                   |
        | 24 h         | no lo aclara ninguna fuente |

    @CSW-01 @CSW-03
    Esquema del escenario: El <fecha> la ventana dura lo mismo que siempre
      Dado que es el <fecha> a las 10:00
      Y Ana escribió a la panadería hace <transcurrido>
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío <veredicto>

      Ejemplos: con cada reglamento
        | fecha      | transcurrido     | veredicto                            |
        | 2021-11-15 | 23 h 59 min 59 s | se permite                           |
        | 2021-11-15 | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 2022-06-15 | 23 h 59 min 59 s | se permite                           |
        | 2022-06-15 | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 2023-04-12 | 23 h 59 min 59 s | se permite                           |
        | 2023-04-12 | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 2025-01-13 | 23 h 59 min 59 s | se permite                           |
        | 2025-01-13 | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 2025-08-11 | 23 h 59 min 59 s | se permite                           |
        | 2025-08-11 | 24 h 1 s         | se rechaza: hace falta una plantilla |
        | 2026-10-12 | 23 h 59 min 59 s | se permite                           |
        | 2026-10-12 | 24 h 1 s         | se rechaza: hace falta una plantilla |

  Regla: Nada de lo que envía la empresa abre ni renueva la ventana

    @CSW-01
    Esquema del escenario: Con <mensaje> no se abre ninguna ventana
      Dado que es el 2023-06-12 a las 10:00
      Cuando la panadería envía a Ana <mensaje>
      Entonces el envío se permite
      Y se abre <conversación>
      Y no se abre nada más
      Y la ventana de servicio al cliente está cerrada

      Ejemplos: plantillas
        | mensaje                        | conversación                      |
        | una plantilla de marketing     | una conversación de marketing     |
        | una plantilla de utilidad      | una conversación de utilidad      |
        | una plantilla de autenticación | una conversación de autenticación |

    @CSW-01 @CSW-03
    Esquema del escenario: A un cliente que no ha respondido a <qué> no se le puede escribir libremente
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana <qué> hace 1 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se rechaza: hace falta una plantilla

      Ejemplos: plantillas
        | qué                            |
        | una plantilla de marketing     |
        | una plantilla de utilidad      |
        | una plantilla de autenticación |

    @CSW-01 @CSW-03
    Esquema del escenario: El <fecha> a un cliente que no ha respondido a <qué> no se le puede escribir libremente
      Dado que es el <fecha> a las 10:00
      Y la panadería envió a Ana <qué> hace 1 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se rechaza: hace falta una plantilla

      Ejemplos: con cada reglamento
        | fecha      | qué                        |
        | 2021-11-15 | una plantilla              |
        | 2022-06-15 | una plantilla              |
        | 2025-01-13 | una plantilla de utilidad  |
        | 2025-08-11 | una plantilla de utilidad  |
        | 2025-08-11 | una plantilla de marketing |
        | 2026-10-12 | una plantilla de utilidad  |
        | 2026-10-12 | una plantilla de marketing |

    @CSW-01 @CSW-03
    Escenario: A un cliente que nunca ha escrito no se le puede escribir libremente
      Dado que es el 2023-06-12 a las 10:00
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se rechaza: hace falta una plantilla
      Y no se abre nada
      Y no se cobra nada

    @CSW-02
    Esquema del escenario: La respuesta de la empresa, <respuesta>, no renueva nada
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 20 h
      Cuando la panadería envía a Ana <respuesta>
      Entonces el envío se permite
      Y no se renueva nada
      Y la ventana de servicio al cliente queda abierta 4 h

      Ejemplos: libre o con plantilla
        | respuesta                  |
        | un mensaje de forma libre  |
        | una plantilla de marketing |
        | una plantilla de utilidad  |

    @CSW-02 @CSW-03
    Escenario: Las 24 horas se cuentan desde el mensaje del cliente, no desde la respuesta
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 25 h
      Y la panadería envió a Ana un mensaje de forma libre hace 5 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se rechaza: hace falta una plantilla

    @CSW-02
    Esquema del escenario: El <fecha> las 24 horas siguen corriendo con <respuesta>
      Dado que es el <fecha> a las 10:00
      Y Ana escribió a la panadería hace 25 h
      Y la panadería envió a Ana <respuesta> hace 5 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se rechaza: hace falta una plantilla

      Ejemplos: con cada reglamento
        | fecha      | respuesta                  |
        | 2021-11-15 | un mensaje de forma libre  |
        | 2022-06-15 | un mensaje de forma libre  |
        | 2025-01-13 | un mensaje de forma libre  |
        | 2025-08-11 | un mensaje de forma libre  |
        | 2025-08-11 | una plantilla de marketing |
        | 2026-10-12 | un mensaje de forma libre  |
        | 2026-10-12 | una plantilla de marketing |

  Regla: Una vez cerrada la ventana, solo se puede enviar una plantilla

    @CSW-03 @CBP2-01 @seed
    Esquema del escenario: Cerrada la ventana, <mensaje> aún se puede enviar y abre una conversación nueva
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 25 h
      Cuando la panadería envía a Ana <mensaje>
      Entonces el envío se permite
      Y se abre <conversación>
      Y no se abre nada más
      Y se cobra como <tarifa>

      Ejemplos: plantillas
        | mensaje                        | conversación                      | tarifa        |
        | una plantilla de marketing     | una conversación de marketing     | marketing     |
        | una plantilla de utilidad      | una conversación de utilidad      | utilidad      |
        | una plantilla de autenticación | una conversación de autenticación | autenticación |

    @CSW-01 @CSW-03
    Escenario: La respuesta del cliente a una plantilla abre la ventana
      Dado que es el 2023-06-12 a las 10:00
      Y la panadería envió a Ana una plantilla de utilidad hace 2 h
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería pide enviar a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y la ventana de servicio al cliente queda abierta 23 h
