import { readFileSync } from 'node:fs'
import { wayOutSettings } from '@parley/outbound'
import {
  SettingsError,
  commonSettings,
  httpSettings,
  isLoopback,
  isSimulated,
  portNumber,
  readSettings,
  secret,
  secretText,
  setting,
  timerMs,
  timerSeconds,
} from '@parley/service'
import { z } from 'zod'

/** One WhatsApp number. Its id is its phone_number_id. */
export interface ChannelAccount {
  readonly phoneNumberId: string
  readonly wabaId: string
  readonly displayPhoneNumber: string
  readonly displayName: string
  readonly accessToken: string
  readonly graphUrl: string
  readonly graphVersion: string
  readonly messagesPerSecond: number
}

const SECRET_CHARACTERS_MIN = 16

/** Less is a wait that no timer can keep. */
const perSecond = z.number().min(1).max(10_000)

const graphAddress = z.url({ protocol: /^https?$/ })
const versionOfGraph = z.string().regex(/^v\d+\.\d+$/, 'it is not a version')

const schema = z.object({
  ...commonSettings,
  ...httpSettings('GATEWAY'),
  ...wayOutSettings,
  httpPort: setting('GATEWAY_HTTP_PORT', portNumber.default(4701), 'a port number, for example 4701'),
  grpcPort: setting('GATEWAY_GRPC_PORT', portNumber.default(4711), 'a port number, for example 4711'),
  bodiesBytesMax: setting(
    'WEBHOOK_BODIES_BYTES_MAX',
    z.coerce
      .number()
      .int()
      .min(16 * 1024 * 1024, 'a webhook may have 3 MB, and several come at once')
      .default(64 * 1024 * 1024),
    'bytes of memory for bodies that are being read, at least 16777216',
  ),
  graphUrl: setting(
    'WHATSAPP_GRAPH_URL',
    graphAddress.default('https://graph.facebook.com'),
    "the Graph API without its version, for example Meta's own host or that of the simulator",
  ),
  graphVersion: setting('WHATSAPP_GRAPH_VERSION', versionOfGraph.default('v23.0'), 'for example v23.0'),
  accountsFile: setting(
    'WHATSAPP_ACCOUNTS_FILE',
    z.string().optional(),
    'a JSON file; see docs/reference/services/gateway.md',
  ),
  phoneNumberId: setting(
    'WHATSAPP_PHONE_NUMBER_ID',
    z.string().optional(),
    "the number's id in Meta's app, not the number",
  ),
  wabaId: setting('WHATSAPP_WABA_ID', z.string().default(''), 'the id of the WhatsApp business account'),
  displayPhoneNumber: setting(
    'WHATSAPP_DISPLAY_PHONE_NUMBER',
    z.string().default(''),
    'for example 15550783881',
  ),
  displayName: setting(
    'WHATSAPP_DISPLAY_NAME',
    z.string().default(''),
    'the name that people know the number by',
  ),
  accessToken: secret(
    'WHATSAPP_ACCESS_TOKEN',
    secretText(SECRET_CHARACTERS_MIN).optional(),
    "the system user's token",
  ),
  appSecret: secret(
    'WHATSAPP_APP_SECRET',
    secretText(SECRET_CHARACTERS_MIN),
    "the secret of Meta's app, which signs the webhooks",
  ),
  verifyToken: secret(
    'WHATSAPP_VERIFY_TOKEN',
    secretText(SECRET_CHARACTERS_MIN),
    'what you give Meta with the callback URL, for example from: openssl rand -hex 16',
  ),
  messagesPerSecond: setting(
    'WHATSAPP_MESSAGES_PER_SECOND',
    z.coerce.number().pipe(perSecond).default(80),
    'what Meta grants the number: 20, 80 or 1000',
  ),
  pairBurst: setting(
    'WHATSAPP_PAIR_BURST',
    z.coerce.number().int().min(1).default(45),
    'messages to one customer at once',
  ),
  pairSeconds: setting(
    'WHATSAPP_PAIR_SECONDS',
    timerSeconds.default(6),
    'seconds until one more message may go to the same customer',
  ),
  callTimeoutMs: setting(
    'WHATSAPP_CALL_TIMEOUT_MS',
    timerMs.default(15_000),
    'milliseconds that one call of the Graph API may take',
  ),
  resendAfterSeconds: setting(
    'WHATSAPP_RESEND_AFTER_SECONDS',
    timerSeconds.default(20),
    'seconds until a send without an answer and a receipt may be made once more, where receipts of later calls have come',
  ),
  receiptWaitMs: setting(
    'WHATSAPP_RECEIPT_WAIT_MS',
    timerMs.default(30_000),
    'milliseconds that a send without an answer waits for its receipt, or for the evidence that it never went out',
  ),
  mediaHosts: setting(
    'WHATSAPP_MEDIA_HOSTS',
    z
      .string()
      .default('fbsbx.com,fbcdn.net,facebook.com,whatsapp.net')
      .transform((text) => text.split(',').map((host) => host.trim().toLowerCase()))
      .pipe(z.array(z.string().regex(/^[a-z0-9.-]+$/, 'it is not the name of a host')).min(1)),
    'the hosts, with commas between, where files of customers may be fetched; names below them count',
  ),
  mediaTimeoutMs: setting(
    'WHATSAPP_MEDIA_TIMEOUT_MS',
    timerMs.default(120_000),
    'milliseconds that fetching one file of a customer may take',
  ),
  mediaGiveUpSeconds: setting(
    'WHATSAPP_MEDIA_GIVE_UP_SECONDS',
    timerSeconds.default(86_400),
    'seconds after which a file that cannot be fetched is given up; WhatsApp keeps it for 7 days',
  ),
  mediaFetchesMax: setting(
    'WHATSAPP_MEDIA_FETCHES_MAX',
    z.coerce.number().int().min(1).default(8),
    'files that are fetched at the same time',
  ),
  callsMax: setting(
    'WHATSAPP_CALLS_MAX',
    z.coerce.number().int().min(1).default(64),
    'calls of the Graph API at the same time',
  ),
})

const accountsSchema = z
  .array(
    // A name that is misspelt would leave the default in force: calls to another server, or at another rate.
    z.strictObject({
      phoneNumberId: z.string().min(1),
      wabaId: z.string().default(''),
      displayPhoneNumber: z.string().default(''),
      displayName: z.string().default(''),
      accessToken: secretText(SECRET_CHARACTERS_MIN),
      graphUrl: graphAddress.optional(),
      graphVersion: versionOfGraph.optional(),
      messagesPerSecond: perSecond.optional(),
    }),
  )
  .min(1)

export type GatewaySettings = z.output<typeof schema> & { readonly accounts: readonly ChannelAccount[] }

/** @throws {SettingsError} */
export function gatewaySettings(env: NodeJS.ProcessEnv): GatewaySettings {
  const settings = readSettings(schema, env)
  if (settings.receiptWaitMs <= settings.resendAfterSeconds * 1000)
    throw new SettingsError([
      {
        variable: 'WHATSAPP_RECEIPT_WAIT_MS',
        why: 'it is not longer than WHATSAPP_RESEND_AFTER_SECONDS, so every send without an answer would stay uncertain',
        how: 'leave some seconds between the two, for example 30000 and 20',
      },
    ])
  const accounts = accountsOf(settings)
  for (const { graphUrl, accessToken } of accounts) requireSafe(graphUrl, accessToken)
  return { ...settings, accounts }
}

/** The token goes out with every call: nobody between here and the Graph API may read it. */
function requireSafe(graphUrl: string, accessToken: string): void {
  const { protocol, hostname } = new URL(graphUrl)
  if (protocol === 'https:' || isLoopback(hostname) || isSimulated(accessToken)) return
  throw new SettingsError([
    {
      variable: 'WHATSAPP_GRAPH_URL',
      why: `it is plain http to ${hostname}, and everybody on the way could read the access token`,
      how: 'use https; plain http is for this machine, and for a simulator with secrets that were made for it',
    },
  ])
}

function accountsOf(settings: z.output<typeof schema>): readonly ChannelAccount[] {
  const { graphUrl, graphVersion, messagesPerSecond } = settings
  if (settings.accountsFile !== undefined)
    return accountsIn(settings.accountsFile).map((account) => ({
      ...account,
      graphUrl: account.graphUrl ?? graphUrl,
      graphVersion: account.graphVersion ?? graphVersion,
      messagesPerSecond: account.messagesPerSecond ?? messagesPerSecond,
    }))
  const { phoneNumberId, accessToken, wabaId, displayPhoneNumber, displayName } = settings
  if (phoneNumberId === undefined || accessToken === undefined)
    throw new SettingsError([
      {
        variable: phoneNumberId === undefined ? 'WHATSAPP_PHONE_NUMBER_ID' : 'WHATSAPP_ACCESS_TOKEN',
        why: 'it is not set, so there is no WhatsApp number to serve',
        how: 'set WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_ACCESS_TOKEN, or WHATSAPP_ACCOUNTS_FILE',
      },
    ])
  return [
    {
      phoneNumberId,
      wabaId,
      displayPhoneNumber,
      displayName,
      accessToken,
      graphUrl,
      graphVersion,
      messagesPerSecond,
    },
  ]
}

function accountsIn(file: string): z.output<typeof accountsSchema> {
  const problem = (why: string): SettingsError =>
    new SettingsError([
      {
        variable: 'WHATSAPP_ACCOUNTS_FILE',
        why,
        how: 'name a JSON file with a list of {"phoneNumberId","accessToken",…}; see docs/reference/services/gateway.md',
      },
    ])
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw problem(error instanceof SyntaxError ? 'the file is not JSON' : 'the file cannot be read')
  }
  const parsed = accountsSchema.safeParse(json)
  // The place alone: a value may be a token.
  if (!parsed.success) throw problem(`wrong at: ${parsed.error.issues.flatMap(placesOf).join(', ')}`)
  const ids = parsed.data.map(({ phoneNumberId }) => phoneNumberId)
  const twice = ids.findIndex((id, at) => ids.indexOf(id) < at)
  // Of two tokens for one number it would be chance which is used.
  if (twice >= 0) throw problem(`${twice}.phoneNumberId names a number that stands there before`)
  return parsed.data
}

const placesOf = (issue: z.core.$ZodIssue): readonly string[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `${[...issue.path, key].join('.')} (no such field)`)
    : [issue.path.join('.')]
