// Not the whole package: what looks at a stack answers at once, and most of that is what it loads.
import { SettingsError, commonSettings, readSettings } from '@parley/service/settings'
import { z } from 'zod'
import { StackFault } from './fault.ts'
import { portsFromEnv, type Ports } from './ports.ts'
import type { WhatsAppAccount } from './whatsapp-account.ts'

export interface WhatsAppSettings extends WhatsAppAccount {
  /** Without version. */
  graphUrl: string
  graphVersion: string
}

export interface OidcSettings {
  issuer: string
  clientId: string
  clientSecret: string
}

export interface StackSettings {
  ports: Ports
  namespace: string
  partitions: number
  /** Given from outside: nothing is provisioned or simulated. */
  kafkaBrokers: string[] | undefined
  mongoUri: string | undefined
  whatsapp: WhatsAppSettings | undefined
  oidc: OidcSettings | undefined
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

const OIDC_REQUIRED = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const

const oidcFromEnv = (env: NodeJS.ProcessEnv): OidcSettings | undefined => {
  const missing = OIDC_REQUIRED.filter((name) => !env[name])
  if (missing.length === OIDC_REQUIRED.length) return undefined
  if (missing.length > 0) {
    throw new StackFault(
      'OIDC_SETTINGS_INCOMPLETE',
      `sign-in is half configured: ${missing.join(', ')} missing`,
      {
        why: `a provider of identities of your own needs all of ${OIDC_REQUIRED.join(', ')}`,
        fix: 'set what is missing, or unset all OIDC_* to use the local provider',
      },
    )
  }
  const [issuer = '', clientId = '', clientSecret = ''] = OIDC_REQUIRED.map((name) => env[name] ?? '')
  return { issuer, clientId, clientSecret }
}

/** What the services read too, by the very same rules: what the stack lets pass, no service refuses. */
const sharedSetting = <Name extends keyof typeof commonSettings>(name: Name, env: NodeJS.ProcessEnv) => {
  try {
    return readSettings(z.object({ [name]: commonSettings[name] }), env)[name] as z.output<
      (typeof commonSettings)[Name]
    >
  } catch (error) {
    const problem = error instanceof SettingsError ? error.problems[0] : undefined
    if (problem === undefined) throw error
    const { variable, why, how } = problem
    throw new StackFault('SETTING_INVALID', `${variable} cannot be used`, { why, fix: how }, error)
  }
}

export const settingsFromEnv = (env: NodeJS.ProcessEnv): StackSettings => ({
  ports: portsFromEnv(env),
  namespace: sharedSetting('namespace', env),
  partitions: sharedSetting('partitions', env),
  kafkaBrokers: env['KAFKA_BROKERS'] ? [...sharedSetting('kafka', env).brokers] : undefined,
  mongoUri: env['MONGODB_URI'] ? sharedSetting('mongodbUri', env) : undefined,
  whatsapp: whatsappFromEnv(env),
  oidc: oidcFromEnv(env),
})
