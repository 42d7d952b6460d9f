import { StackFault } from './fault.ts'
import { portsFromEnv, type Ports } from './ports.ts'

export interface WhatsAppSettings {
  /** Without version. */
  graphUrl: string
  graphVersion: string
  wabaId: string
  phoneNumberId: string
  displayPhoneNumber: string
  appSecret: string
  verifyToken: string
  accessToken: string
}

export interface StackSettings {
  ports: Ports
  namespace: string
  partitions: number
  /** Given from outside: nothing is provisioned or simulated. */
  kafkaBrokers: string[] | undefined
  mongoUri: string | undefined
  whatsapp: WhatsAppSettings | undefined
}

export const META_GRAPH_URL = 'https://graph.facebook.com'
export const GRAPH_VERSION = 'v23.0'

const WHATSAPP_REQUIRED = {
  wabaId: 'WHATSAPP_WABA_ID',
  phoneNumberId: 'WHATSAPP_PHONE_NUMBER_ID',
  displayPhoneNumber: 'WHATSAPP_DISPLAY_PHONE_NUMBER',
  appSecret: 'WHATSAPP_APP_SECRET',
  verifyToken: 'WHATSAPP_VERIFY_TOKEN',
  accessToken: 'WHATSAPP_ACCESS_TOKEN',
} as const

const whatsappFromEnv = (env: NodeJS.ProcessEnv): WhatsAppSettings | undefined => {
  const required = Object.values(WHATSAPP_REQUIRED)
  const given = [...required, 'WHATSAPP_GRAPH_URL', 'WHATSAPP_GRAPH_VERSION'].filter((name) => env[name])
  if (given.length === 0) return undefined
  const missing = required.filter((name) => !env[name])
  if (missing.length > 0) {
    throw new StackFault(
      'WHATSAPP_SETTINGS_INCOMPLETE',
      `WhatsApp is half configured: ${missing.join(', ')} missing`,
      {
        why: `${given.join(', ')} given, so the real Graph API is meant, and it needs all of ${required.join(', ')}`,
        fix: 'set what is missing (see .env.example), or unset all WHATSAPP_* to use the simulator',
      },
    )
  }
  const value = (name: string) => env[name] ?? ''
  return {
    graphUrl: (env['WHATSAPP_GRAPH_URL'] || META_GRAPH_URL).replace(/\/+$/, ''),
    graphVersion: env['WHATSAPP_GRAPH_VERSION'] || GRAPH_VERSION,
    wabaId: value(WHATSAPP_REQUIRED.wabaId),
    phoneNumberId: value(WHATSAPP_REQUIRED.phoneNumberId),
    displayPhoneNumber: value(WHATSAPP_REQUIRED.displayPhoneNumber),
    appSecret: value(WHATSAPP_REQUIRED.appSecret),
    verifyToken: value(WHATSAPP_REQUIRED.verifyToken),
    accessToken: value(WHATSAPP_REQUIRED.accessToken),
  }
}

const brokersFromEnv = (env: NodeJS.ProcessEnv): string[] | undefined => {
  const brokers = (env['KAFKA_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean)
  const wrong = brokers.find((broker) => !/^[^\s:/]+:\d+$|^\[[0-9a-f:]+\]:\d+$/i.test(broker))
  if (wrong !== undefined) {
    throw new StackFault('SETTING_INVALID', `KAFKA_BROKERS: "${wrong}" is not a broker`, {
      why: 'it takes host:port, several separated by commas, without a scheme',
      fix: 'for example KAFKA_BROKERS=kafka-1:9092,kafka-2:9092',
    })
  }
  return brokers.length > 0 ? brokers : undefined
}

const partitionsFromEnv = (env: NodeJS.ProcessEnv): number => {
  const text = env['PARLEY_PARTITIONS'] || '12'
  const partitions = Number(text)
  if (Number.isInteger(partitions) && partitions > 0) return partitions
  throw new StackFault('SETTING_INVALID', `PARLEY_PARTITIONS=${text} is not a number of partitions`, {
    why: 'it takes a whole number from 1 on, and is for ever once topics exist: changing it remaps keys',
    fix: 'unset PARLEY_PARTITIONS for 12',
  })
}

const namespaceFromEnv = (env: NodeJS.ProcessEnv): string => {
  const namespace = env['PARLEY_NAMESPACE'] || 'parley'
  if (/^[a-z][a-z0-9-]{0,30}$/.test(namespace)) return namespace
  throw new StackFault('SETTING_INVALID', `PARLEY_NAMESPACE=${namespace} cannot name topics and databases`, {
    why: 'it takes up to 31 of a-z, 0-9 and -, beginning with a letter',
    fix: 'unset PARLEY_NAMESPACE for "parley"',
  })
}

export const settingsFromEnv = (env: NodeJS.ProcessEnv): StackSettings => ({
  ports: portsFromEnv(env),
  namespace: namespaceFromEnv(env),
  partitions: partitionsFromEnv(env),
  kafkaBrokers: brokersFromEnv(env),
  mongoUri: env['MONGODB_URI'] || undefined,
  whatsapp: whatsappFromEnv(env),
})
