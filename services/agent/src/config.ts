import { wayOutSettings } from '@parley/outbound'
import {
  SettingsError,
  commonSettings,
  grpcAddress,
  httpSettings,
  portNumber,
  readSettings,
  safeAddress,
  secret,
  secretText,
  setting,
  siteAddress,
  streamSettings,
} from '@parley/service'
import { z } from 'zod'

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'it is not whsec_ and base64')
  .pipe(secretText(38))
  .transform((text) => Buffer.from(text.slice('whsec_'.length), 'base64'))

/** A year: whoever means for ever is not to meet the end of the calendar. */
const seconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(365 * 24 * 60 * 60)

const settings = z.object({
  ...commonSettings,
  ...httpSettings('AGENT'),
  ...streamSettings('AGENT'),
  ...wayOutSettings,
  httpPort: setting('AGENT_HTTP_PORT', portNumber.default(4700), 'the port of the console'),
  grpcPort: setting('AGENT_GRPC_PORT', portNumber.default(4714), 'the port of the gRPC server'),
  archiveGrpcAddress: setting(
    'ARCHIVE_GRPC_ADDRESS',
    grpcAddress.default('127.0.0.1:4715'),
    'host:port where the archive answers gRPC, which has the audit',
  ),
  gatewayGrpcAddress: setting(
    'GATEWAY_GRPC_ADDRESS',
    grpcAddress.default('127.0.0.1:4711'),
    'host:port where the gateway answers gRPC, which speaks to WhatsApp',
  ),
  publicUrl: setting(
    'AGENT_PUBLIC_URL',
    siteAddress.default('http://localhost:4700').transform((text) => new URL(text)),
    'where browsers find the console, for example https://desk.example.com; the provider of identities sends them back there',
  ),
  issuer: setting(
    'OIDC_ISSUER',
    safeAddress,
    "your provider's issuer, for example https://login.example.com/realms/bank, exactly as its discovery document says",
  ),
  clientId: setting('OIDC_CLIENT_ID', z.string().min(1), 'as the provider has this console registered'),
  clientSecret: secret(
    'OIDC_CLIENT_SECRET',
    secretText(16),
    'as the provider gave it, at least 16 characters',
  ),
  signInsPerAddressMax: setting(
    'AGENT_SIGN_INS_PER_ADDRESS_MAX',
    z.coerce.number().int().min(1).default(2_000),
    'sign-ins under way from one address that is no trusted proxy, for example 2000',
  ),
  uploadedBytesPerDayMax: setting(
    'AGENT_UPLOADED_BYTES_PER_DAY_MAX',
    z.coerce
      .number()
      .int()
      .min(1024 ** 2)
      .default(2 * 1024 ** 3),
    'bytes that one person may upload on one day (UTC), at least 1048576, for example 2147483648',
  ),
  alertWebhookUrl: setting(
    'ALERT_WEBHOOK_URL',
    safeAddress.transform((text) => new URL(text)).optional(),
    'where alerts are told, for example https://alarms.example.com/parley; none: on wallboards alone',
  ),
  alertWebhookSecret: secret(
    'ALERT_WEBHOOK_SECRET',
    webhookSecret.optional(),
    "whsec_ and at least 24 bytes in base64: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\"",
  ),
  sessionIdleSeconds: setting(
    'SESSION_IDLE_SECONDS',
    seconds.default(30 * 60),
    'after so long without a request or an open page a person signs in again, for example 1800',
  ),
  sessionSeconds: setting(
    'SESSION_SECONDS',
    seconds.default(12 * 60 * 60),
    'after so long a person signs in again whatever they do, for example 43200',
  ),
})

/** Who is told of alerts outside. */
export interface AlertReceiver {
  readonly url: URL
  readonly secret: Buffer
}

export interface AgentSettings extends Omit<
  z.output<typeof settings>,
  'alertWebhookUrl' | 'alertWebhookSecret'
> {
  /** Undefined: alerts stand on wallboards alone. */
  readonly alertReceiver: AlertReceiver | undefined
}

export function agentSettings(env: NodeJS.ProcessEnv): AgentSettings {
  const { alertWebhookUrl: url, alertWebhookSecret: secret, ...read } = readSettings(settings, env)
  return {
    ...read,
    alertReceiver: alertReceiver(url, secret),
    // People are sent there by that name.
    hosts: [...read.hosts, read.publicUrl.hostname],
  }
}

/** @throws {SettingsError} */
function alertReceiver(url: URL | undefined, secret: Buffer | undefined): AlertReceiver | undefined {
  if (url !== undefined && secret !== undefined) return { url, secret }
  if (url === undefined && secret === undefined) return undefined
  throw new SettingsError([
    {
      variable: url === undefined ? 'ALERT_WEBHOOK_URL' : 'ALERT_WEBHOOK_SECRET',
      why: 'the other one is set, and it is not',
      how: 'set both, or none: a receiver believes only what is signed',
    },
  ])
}
