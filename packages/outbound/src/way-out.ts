import { isIP } from 'node:net'
import { isLoopback, readSettings, secret, setting } from '@parley/service'
import { z } from 'zod'
import { isPublic } from './public-address.ts'

/** How calls leave the company. */
export interface WayOut {
  /** Undefined: each goes straight to its server. */
  readonly proxy: URL | undefined
  /** Hosts that are called without it, and all names below them. */
  readonly except: readonly string[]
}

export const STRAIGHT: WayOut = { proxy: undefined, except: [] }

/** Spread it into the settings of a service that calls others than ours. */
export const wayOutSettings = {
  // It may hold a password.
  outboundProxy: secret(
    'OUTBOUND_PROXY',
    z
      .url({ protocol: /^https?$/ })
      .transform((text) => new URL(text))
      .refine(
        ({ pathname, search, hash }) => pathname === '/' && search === '' && hash === '',
        'it has a path, and a proxy is a server and a port',
      )
      .refine(
        ({ username, password }) => /^(?:[^%]|%[\da-f]{2})*$/i.test(username + password),
        'its user or password has a % that stands for nothing: write it as %25',
      )
      .optional(),
    'the proxy that https calls to the outside go through, for example http://proxy.example.com:3128',
  ),
  outboundProxyExcept: setting(
    'OUTBOUND_PROXY_EXCEPT',
    z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((host) => host.trim().toLowerCase())
          .filter((host) => host !== ''),
      )
      .pipe(
        z.array(z.string().regex(/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/, 'it is not a list of host names')),
      ),
    'hosts inside that are called without the proxy, for example alarms.example.com,bank.internal; names below them count',
  ),
}

export const wayOutOf = ({
  outboundProxy,
  outboundProxyExcept,
}: {
  readonly outboundProxy?: URL | undefined
  readonly outboundProxyExcept: readonly string[]
}): WayOut => ({ proxy: outboundProxy, except: outboundProxyExcept })

/** Of a program that reads no other settings. @throws {SettingsError} */
export const wayOutIn = (env: NodeJS.ProcessEnv): WayOut =>
  wayOutOf(readSettings(z.object(wayOutSettings), env))

/**
 * Whether a call goes through the proxy. Only https does: who looks up the name is then the proxy, and what keeps a call from a server that
 * was not meant, inside or outside, is that server's certificate. Plain http goes straight, so that its addresses are looked at here.
 */
export function goesThroughProxy(
  { proxy, except }: WayOut,
  { protocol, hostname }: { readonly protocol: string; readonly hostname: string },
): boolean {
  if (proxy === undefined || protocol !== 'https:') return false
  const host = hostname.replace(/\.$/, '').toLowerCase()
  if (isLoopback(host) || (isIP(host) !== 0 && !isPublic(host))) return false
  return !except.some((inside) => host === inside || host.endsWith(`.${inside}`))
}
