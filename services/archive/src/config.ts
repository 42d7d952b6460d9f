import {
  commonSettings,
  flag,
  grpcAddress,
  httpSettings,
  portNumber,
  readSettings,
  secret,
  secretText,
  setting,
  siteAddress,
} from '@parley/service'
import { z } from 'zod'
import { TTL_SECONDS_MAX, TTL_SECONDS_MIN } from './link/transcript-link.ts'

const THIRTY_DAYS_SECONDS = 30 * 24 * 60 * 60

const settings = z.object({
  ...commonSettings,
  ...httpSettings('ARCHIVE'),
  httpPort: setting('ARCHIVE_HTTP_PORT', portNumber.default(4702), 'the port of the transcript site'),
  grpcPort: setting('ARCHIVE_GRPC_PORT', portNumber.default(4715), 'the port of the gRPC server'),
  transcriptBaseUrl: setting(
    'TRANSCRIPT_BASE_URL',
    siteAddress.transform((url) => new URL(url).origin).optional(),
    'where customers reach the transcript site, for example https://transcripts.example.com',
  ),
  linkSecret: secret(
    'TRANSCRIPT_LINK_SECRET',
    secretText(32),
    'at least 32 random characters, for example from: openssl rand -base64 32',
  ),
  linkTtlSeconds: setting(
    'TRANSCRIPT_LINK_TTL_SECONDS',
    z.coerce.number().int().min(TTL_SECONDS_MIN).max(TTL_SECONDS_MAX).default(THIRTY_DAYS_SECONDS),
    'how long the link that a customer is sent stays open, in seconds',
  ),
  gatewayGrpcAddress: setting(
    'GATEWAY_GRPC_ADDRESS',
    grpcAddress.default('127.0.0.1:4711'),
    'host:port where the gateway answers, which holds the files of conversations',
  ),
  viewsPerMinute: setting(
    'TRANSCRIPT_VIEWS_PER_MINUTE',
    z.coerce.number().int().min(1).default(120),
    'how often one link may be opened in a minute, on each replica',
  ),
  showRevoked: setting(
    'SHOW_REVOKED',
    flag.default(false),
    'true shows on the page what a customer deleted; the record keeps it either way',
  ),
})

export type ArchiveSettings = z.output<typeof settings> & { readonly transcriptBaseUrl: string }

export function archiveSettings(env: NodeJS.ProcessEnv): ArchiveSettings {
  const read = readSettings(settings, env)
  const transcriptBaseUrl = read.transcriptBaseUrl ?? `http://${read.host}:${read.httpPort}`
  // Customers are sent links of that name.
  return { ...read, transcriptBaseUrl, hosts: [...read.hosts, new URL(transcriptBaseUrl).hostname] }
}
