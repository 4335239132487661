# language: es
Característica: El consentimiento: quién puede iniciar una conversación

  Antes de cualquier mensaje que inicie, la empresa necesita el consentimiento del cliente;
  si es el cliente quien escribe primero, no. Meta no lo comprueba: su falta no impide el envío.

  Regla: Lo que inicia la empresa requiere el consentimiento del cliente

    @OPT-01 @OPT-05 @seed
    Esquema del escenario: Sin consentimiento, <mensaje> va contra la política
      Dado que es el 2023-06-12 a las 10:00
      Cuando la panadería envía a Ana <mensaje>
      Entonces el envío se permite
      Y la política de consentimiento lo desaconseja
      Y se abre <conversación>

      Ejemplos: conversaciones iniciadas por la empresa
        | mensaje                        | conversación                      |
        | una plantilla de marketing     | una conversación de marketing     |
        | una plantilla de utilidad      | una conversación de utilidad      |
        | una plantilla de autenticación | una conversación de autenticación |

    @OPT-01 @seed
    Esquema del escenario: Con el consentimiento del cliente, nada desaconseja <mensaje>
      Dado que es el 2023-06-12 a las 10:00
      Y Ana da su consentimiento
      Cuando la panadería envía a Ana <mensaje>
      Entonces el envío se permite
      Y la política de consentimiento no pone reparos

      Ejemplos: conversaciones iniciadas por la empresa
        | mensaje                        |
        | una plantilla de marketing     |
        | una plantilla de utilidad      |
        | una plantilla de autenticación |

    @OPT-01 @OPT-05
    Esquema del escenario: Cuando el cliente ha retirado su consentimiento, <mensaje> vuelve a ir contra la política
      Dado que es el 2023-06-12 a las 10:00
      Y Ana da su consentimiento
      Y pasan 2 h
      Y Ana retira su consentimiento
      Y pasan 2 h
      Cuando la panadería pide enviar a Ana <mensaje>
      Entonces el envío se permite
      Y la política de consentimiento lo desaconseja

      Ejemplos: conversaciones iniciadas por la empresa
        | mensaje                        |
        | una plantilla de marketing     |
        | una plantilla de utilidad      |
        | una plantilla de autenticación |

    @CBP1-11 @OPT-01
    Escenario: En 2022 una conversación iniciada por la empresa requería el consentimiento
      Dado que es el 2022-06-15 a las 10:00
      Cuando la panadería envía a Ana una plantilla
      Entonces el envío se permite
      Y la política de consentimiento lo desaconseja
      Y se abre una conversación iniciada por la empresa

  Regla: Lo que inicia el cliente no requiere consentimiento previo

    @OPT-03 @CBP2-04 @seed
    Escenario: La respuesta al mensaje de un cliente no requiere consentimiento
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y la política de consentimiento no pone reparos
      Y se abre una conversación de servicio

    @CBP1-11 @OPT-03 @seed
    Escenario: En 2022 una conversación iniciada por el usuario no requería consentimiento
      Dado que es el 2022-06-15 a las 10:00
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería envía a Ana un mensaje de forma libre
      Entonces el envío se permite
      Y la política de consentimiento no pone reparos
      Y se abre una conversación iniciada por el usuario

    @OPT-03
    Esquema del escenario: Dentro de la ventana, <mensaje> puede responder sin consentimiento
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace <transcurrido>
      Cuando la panadería pide enviar a Ana <mensaje>
      Entonces el envío se permite
      Y la política de consentimiento <postura>

      Ejemplos: mientras la ventana está abierta
        | mensaje                        | transcurrido     | postura         |
        | una plantilla de utilidad      | 1 h              | no pone reparos |
        | una plantilla de autenticación | 1 h              | no pone reparos |
        | una plantilla de utilidad      | 23 h 59 min 59 s | no pone reparos |

      @OPT-01
      Ejemplos: una vez cerrada
        | mensaje                        | transcurrido | postura        |
        | una plantilla de utilidad      | 24 h 1 s     | lo desaconseja |
        | una plantilla de autenticación | 24 h 1 s     | lo desaconseja |

    @OPT-03 @OPT-05
    Escenario: Haber escrito no es consentir el marketing
      Dado que es el 2023-06-12 a las 10:00
      Y Ana escribió a la panadería hace 1 h
      Cuando la panadería pide enviar a Ana una plantilla de marketing
      Entonces el envío se permite
      Y la política de consentimiento lo desaconseja
