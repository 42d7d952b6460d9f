import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type Metadata,
  ServerCredentials,
  type ServerInterceptingCallInterface,
  credentials,
} from '@grpc/grpc-js'
import { type JSONWebKeySet, type JWK, SignJWT, createLocalJWKSet, importJWK, jwtVerify } from 'jose'
import { z } from 'zod'
import { CALLERS, type Caller } from './access.ts'
import type { CallerCredentials } from './client.ts'
import { isLoopback } from '../loopback.ts'
import { SettingsError, commonSettings, flag, readSettings, setting } from '../settings.ts'

/** Who a process is to those it calls, and how it finds out who calls it. */
export interface GrpcIdentity extends CallerCredentials {
  readonly server: ServerCredentials
  /** Of a call, before anything of it but its headers was read. Undefined: it does not show who it is. */
  callerOf(
    call: ServerInterceptingCallInterface,
    metadata: Metadata,
    path: string,
  ): Promise<Caller | undefined>
  readonly showsMethods: boolean
  /** To whoever asks, be it a stranger. */
  readonly tellsHealth: boolean
}

/** Of a token that its holder may show to any of our services; others name the one gRPC service that they are for. */
export const ANY_SERVICE = 'parley'
export const TOKEN_ALGORITHM = 'EdDSA'
const TOKEN_SECONDS = 300
/** A token is renewed while it is good for this much longer: no call begins with one that ends under way. */
const RENEWED_SECONDS = 60
const CLOCKS_DIFFER_SECONDS = 5
/** The name in a certificate: a URI, so that no host name of the same authority is taken for a caller. */
const NAME_IN_CERTIFICATE = /^URI:spiffe:\/\/parley\/([a-z]+)$/

const file = z.string().optional()
const settings = z.object({
  host: commonSettings.host,
  certFile: setting(
    'GRPC_TLS_CERT',
    file,
    'a PEM file; its subject alternative names hold URI:spiffe://parley/<service> and the host names that others call',
  ),
  keyFile: setting('GRPC_TLS_KEY', file, 'the PEM file of its private key'),
  caFile: setting(
    'GRPC_TLS_CA',
    file,
    'the PEM file of the authority that signed the certificates of all services',
  ),
  callerKey: setting('GRPC_CALLER_KEY', z.string().optional(), 'made by npm start'),
  callers: setting('GRPC_CALLERS', z.string().optional(), 'made by npm start'),
  reflection: setting(
    'GRPC_REFLECTION',
    flag.default(false),
    'true tells callers that show who they are which methods there are',
  ),
  health: setting(
    'GRPC_HEALTH',
    flag.default(true),
    'false: whether a service is healthy is told at its probe port alone',
  ),
})

/**
 * Mutual TLS by files, or tokens signed with keys that `npm start` makes. Never neither: a server that knows nobody does not start.
 * @throws {SettingsError}
 */
export async function grpcIdentity(name: Caller, env: NodeJS.ProcessEnv): Promise<GrpcIdentity> {
  const { host, certFile, keyFile, caFile, callerKey, callers, ...told } = readSettings(settings, env)
  const tells = { showsMethods: told.reflection, tellsHealth: told.health }
  const files = { GRPC_TLS_CERT: certFile, GRPC_TLS_KEY: keyFile, GRPC_TLS_CA: caFile }
  const unset = Object.entries(files).filter(([, path]) => path === undefined)
  if (unset.length < 3) {
    if (unset.length > 0)
      throw new SettingsError(
        unset.map(([variable]) => ({
          variable,
          why: 'it is not set, and mutual TLS needs all three files',
          how: 'set GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA (docs/guides/containers.md)',
        })),
      )
    const cert = readPem('GRPC_TLS_CERT', certFile!, 'certificate', certificateIn)
    const key = readPem('GRPC_TLS_KEY', keyFile!, 'private key', createPrivateKey)
    const ca = readPem('GRPC_TLS_CA', caFile!, 'certificate', certificateIn)
    if (!cert.holds.checkPrivateKey(key.holds))
      throw new SettingsError([
        {
          variable: 'GRPC_TLS_KEY',
          why: 'it is not the key of the certificate that GRPC_TLS_CERT names',
          how: 'name the key that the certificate was asked for with',
        },
      ])
    return { ...mutualTls(cert.pem, key.pem, ca.pem), ...tells }
  }
  if (callerKey === undefined || callers === undefined)
    throw new SettingsError([
      {
        variable: 'GRPC_TLS_CERT',
        why: 'it is not set, so nobody who calls could be told from anybody else',
        how: 'set GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA (docs/guides/containers.md); on one machine `npm start` makes keys by itself',
      },
    ])
  if (!isLoopback(host))
    throw new SettingsError([
      {
        variable: 'GRPC_CALLERS',
        why: `tokens can be read by whoever is on the way, and HOST is ${host}, which is not this machine alone`,
        how: 'set GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA (docs/guides/containers.md)',
      },
    ])
  return { ...(await signedTokens(name, callerKey, callers)), ...tells }
}

const certificateIn = (pem: Buffer): X509Certificate => new X509Certificate(pem)

function readPem<Held>(
  variable: string,
  path: string,
  what: string,
  heldBy: (pem: Buffer) => Held,
): { readonly pem: Buffer; readonly holds: Held } {
  const wrong = (why: string): SettingsError =>
    new SettingsError([{ variable, why, how: `name a PEM file with a ${what} that this process may read` }])
  let pem: Buffer
  try {
    pem = readFileSync(path)
  } catch {
    throw wrong('the file cannot be read')
  }
  try {
    return { pem, holds: heldBy(pem) }
  } catch {
    throw wrong(`there is no ${what} in the file`)
  }
}

type Way = Omit<GrpcIdentity, 'showsMethods' | 'tellsHealth'>

function mutualTls(cert: Buffer, key: Buffer, ca: Buffer): Way {
  return {
    channel: credentials.createSsl(ca, key, cert),
    headersFor: async () => ({}),
    server: ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true),
    // The handshake has checked who signed it.
    async callerOf(call) {
      const names = call.getAuthContext().sslPeerCertificate?.subjectaltname?.split(', ') ?? []
      const found = names.flatMap((name) => NAME_IN_CERTIFICATE.exec(name)?.[1] ?? [])
      return found.length === 1 ? callerNamed(found[0]) : undefined
    },
  }
}

async function signedTokens(name: Caller, callerKey: string, callers: string): Promise<Way> {
  const key = await importJWK(JSON.parse(callerKey) as JWK, TOKEN_ALGORITHM)
  const known = createLocalJWKSet(JSON.parse(callers) as JSONWebKeySet)
  const tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>()
  return {
    channel: credentials.createInsecure(),
    async headersFor(grpcService) {
      const now = Math.floor(Date.now() / 1000)
      let held = tokens.get(grpcService)
      if (held === undefined || held.until - RENEWED_SECONDS < now) {
        const until = now + TOKEN_SECONDS
        held = { token: tokenOf(name, key, grpcService, until), until }
        tokens.set(grpcService, held)
      }
      return bearer(await held.token)
    },
    server: ServerCredentials.createInsecure(),
    async callerOf(_call, metadata, path) {
      const [, token] = /^Bearer ([\w.-]+)$/.exec(String(metadata.get('authorization')[0] ?? '')) ?? []
      if (token === undefined) return undefined
      try {
        const { protectedHeader } = await jwtVerify(token, known, {
          algorithms: [TOKEN_ALGORITHM],
          audience: [ANY_SERVICE, path.split('/')[1] ?? ''],
          requiredClaims: ['exp'],
          clockTolerance: CLOCKS_DIFFER_SECONDS,
        })
        // One key belongs to one caller, under its name.
        return callerNamed(protectedHeader.kid)
      } catch {
        return undefined
      }
    },
  }
}

function callerNamed(name: string | undefined): Caller | undefined {
  return CALLERS.find((caller) => caller === name)
}

/** @param until seconds since 1970 */
export function tokenOf(
  caller: Caller,
  key: Parameters<SignJWT['sign']>[0],
  audience: string,
  until: number,
): Promise<string> {
  return new SignJWT({ aud: audience, exp: until })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: caller })
    .sign(key)
}

export function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` }
}
