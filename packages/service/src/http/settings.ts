import { isIP } from 'node:net'
import { z } from 'zod'
import { limit, setting } from '../settings.ts'

/** What a server answers to where nothing else is set: names that only this machine can mean. */
export const ownHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

const listed = (item: z.ZodString) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item).min(1))

const hostName = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[\w.-]+)$/i, 'it is not a list of host names without ports')

const network = z.string().refine((text) => {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  return (
    version !== 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
  )
}, 'it is not a list of addresses or networks')

const atLeastOne = z.coerce.number().int().min(1)

/** The names that a server answers to. Where containers or Kubernetes reach it by other names, these are set. */
export const hostsSetting = (variable: string) =>
  setting(
    variable,
    listed(hostName).default([...ownHosts]),
    'the names that clients reach this server by, without ports, for example desk.example.com,localhost',
  )

/** Spread it into the settings of a service: `z.object({ ...commonSettings, ...httpSettings('AGENT') })`. */
export const httpSettings = (server: string) => ({
  hosts: hostsSetting(`${server}_HOSTS`),
  trustedProxies: setting(
    `${server}_TRUSTED_PROXIES`,
    listed(network).default([]),
    'the addresses of the proxies in front of this server, for example 10.0.0.0/8',
  ),
  connectionsMax: setting(`${server}_CONNECTIONS_MAX`, atLeastOne.default(10_000), 'connections at once'),
  connectionsPerAddressMax: limit(
    `${server}_CONNECTIONS_PER_ADDRESS_MAX`,
    atLeastOne.default(2_500),
    'connections at once from one address that is no trusted proxy',
    'connectionsMax',
  ),
})

/** For a server of event streams. */
export const streamSettings = (server: string) => ({
  streamsMax: setting(`${server}_STREAMS_MAX`, atLeastOne.default(4_000), 'open screens on one replica'),
  streamsPerAddressMax: limit(
    `${server}_STREAMS_PER_ADDRESS_MAX`,
    atLeastOne.default(2_000),
    'open screens from one address, on one replica',
    'streamsMax',
  ),
  streamsPerSessionMax: limit(
    `${server}_STREAMS_PER_SESSION_MAX`,
    z.coerce.number().int().min(8, 'a person may have 8 screens open').default(16),
    'open screens of one session, at least 8, on one replica',
    'streamsPerAddressMax',
  ),
})

/** What these settings say, and nothing else of a service's settings. */
export interface HttpSettings {
  readonly hosts: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
}

export const httpOf = ({
  hosts,
  trustedProxies,
  connectionsMax,
  connectionsPerAddressMax,
}: HttpSettings): HttpSettings => ({ hosts, trustedProxies, connectionsMax, connectionsPerAddressMax })
