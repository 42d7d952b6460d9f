import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import { BadLogSettings } from '../errors.ts'

export type LogLine = (
  level: 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void

export interface KafkaSettings {
  /** host:port */
  readonly brokers: readonly string[]
  readonly ssl?: ConnectionOptions | boolean
  readonly sasl?: SASLOptions
  /** Of topics that `ensureTopics` creates. Default: 1 with one broker in the cluster, else 3. */
  readonly replicationFactor?: number
  /**
   * How many partitions of each topic are used. One that has fewer is neither read nor written by whoever starts, nor is one where anything
   * stands beyond them: of two who count otherwise, each would send one key elsewhere, and a stream would have two writers that know nothing
   * of each other. Partitions that somebody added, and that nobody wrote to, are left alone: Kafka takes none away again. Default: all.
   */
  readonly partitions?: number
  /**
   * The name of this replica of its service, the same after a restart. The brokers then know a member that was killed again, and it has its
   * partitions back at once. Without it they keep them for it until its session is over. Two live processes must not share it.
   */
  readonly instance?: string
  /**
   * A member of a group that says nothing for so long is dead, and others have its partitions: as long stands the work of a process that
   * is killed and does not come back. Said once a second; the brokers set what is the least (`group.min.session.timeout.ms`, 6 s by
   * default). Default 10 s.
   */
  readonly sessionTimeoutMs?: number
  /**
   * Which database takes what the members of groups read (`storeIdOf`). Of members of one group with different ones each would get a part of
   * all streams, and none of the databases would hold them all: of two deployments in one namespace one ends. Default: not looked at.
   */
  readonly store?: string
  /** How long a rebalance lets batches in work end, so that they need not come again. Default 500 ms. */
  readonly handOverMs?: number
  /** How long an append tries before it rejects with LOG_UNAVAILABLE. Default 30 s. */
  readonly appendTimeoutMs?: number
  /** The client's warnings and errors. Never what is in a record. Default: nowhere. */
  readonly log?: LogLine
}

/**
 * The least time from one append, or fetch, to the next one to the same broker. The first one after a pause goes at once; under load
 * records wait so long for each other instead of each costing a request, which is what costs processor time.
 */
export const PACE_MS = 10
export const SESSION_TIMEOUT_MS = 10_000
const SESSION_TIMEOUT_MS_MIN = 3_000
const SESSION_TIMEOUT_MS_MAX = 60_000
/** More than any cluster has brokers that one partition lies on. */
const REPLICATION_FACTOR_MAX = 15

/** @throws {BadLogSettings} */
export function kafkaSettingsFromEnv(env: NodeJS.ProcessEnv): KafkaSettings {
  const brokers = (env['KAFKA_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean)
  if (brokers.length === 0)
    throw new BadLogSettings(
      'KAFKA_BROKERS is missing. Set it to one or more host:port, separated by commas.',
    )
  for (const broker of brokers)
    if (!/^[^\s:/@]+:\d{1,5}$/.test(broker) || !isPort(Number(broker.split(':')[1])))
      throw new BadLogSettings(
        `KAFKA_BROKERS names '${masked(broker)}', which is not host:port. Example: broker-1:9092.`,
      )

  const sasl = saslFrom(env)
  const replicationFactor = replicationFactorFrom(env)
  const instance = instanceFrom(env)
  const sessionTimeoutMs = sessionTimeoutFrom(env)
  const caFile = env['KAFKA_SSL_CA_FILE']
  const ssl = isOn(env, 'KAFKA_SSL') || Boolean(caFile)
  return {
    brokers,
    ...(ssl ? { ssl: caFile ? { ca: [readCa(caFile)] } : true } : {}),
    ...(sasl === undefined ? {} : { sasl }),
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    ...(instance === undefined ? {} : { instance }),
    ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
  }
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535

/** Written as an address it may hold a password. */
const masked = (broker: string): string => broker.replace(/^.*@/, '[withheld]@')

/** What Kafka takes for `group.instance.id`. */
function instanceFrom(env: NodeJS.ProcessEnv): string | undefined {
  const name = env['PARLEY_INSTANCE']
  if (!name) return undefined
  if (!/^[\w.-]{1,249}$/.test(name))
    throw new BadLogSettings(
      'PARLEY_INSTANCE must be letters, digits, dots, dashes and underscores, 249 at most. Example: gateway-0.',
    )
  return name
}

function sessionTimeoutFrom(env: NodeJS.ProcessEnv): number | undefined {
  const text = env['KAFKA_SESSION_TIMEOUT_MS']
  if (!text) return undefined
  const timeoutMs = Number(text)
  if (
    !Number.isInteger(timeoutMs) ||
    timeoutMs < SESSION_TIMEOUT_MS_MIN ||
    timeoutMs > SESSION_TIMEOUT_MS_MAX
  )
    throw new BadLogSettings(
      `KAFKA_SESSION_TIMEOUT_MS must be a whole number of milliseconds from ${SESSION_TIMEOUT_MS_MIN} to ${SESSION_TIMEOUT_MS_MAX}.`,
    )
  return timeoutMs
}

function isOn(env: NodeJS.ProcessEnv, name: string): boolean {
  const value = env[name]?.trim().toLowerCase() ?? ''
  if (['', '0', 'false', 'no', 'off'].includes(value)) return false
  if (['1', 'true', 'yes', 'on'].includes(value)) return true
  throw new BadLogSettings(`${name} must be true or false.`)
}

function readCa(file: string): string {
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new BadLogSettings(
      'KAFKA_SSL_CA_FILE cannot be read. Set it to a PEM file that this process may read.',
      { cause },
    )
  }
  // Node takes what is none for no certificates at all, and then no broker is believed.
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new BadLogSettings(
      'KAFKA_SSL_CA_FILE holds no certificate. Set it to a PEM file that has -----BEGIN CERTIFICATE----- in it.',
    )
  return pem
}

const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

function saslFrom(env: NodeJS.ProcessEnv): SASLOptions | undefined {
  const named = env['KAFKA_SASL_MECHANISM']?.trim().toLowerCase()
  if (!named) {
    const left = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'].find((name) => env[name])
    if (left === undefined) return undefined
    throw new BadLogSettings(
      `${left} is set, and KAFKA_SASL_MECHANISM is not: nobody would sign in. Set it to one of ${saslMechanisms.join(', ')}.`,
    )
  }
  const mechanism = saslMechanisms.find((known) => known === named)
  if (mechanism === undefined)
    throw new BadLogSettings(`KAFKA_SASL_MECHANISM must be one of ${saslMechanisms.join(', ')}.`)
  const username = env['KAFKA_SASL_USERNAME']
  const password = env['KAFKA_SASL_PASSWORD']
  if (!username || !password)
    throw new BadLogSettings(
      'KAFKA_SASL_MECHANISM is set: KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are needed too.',
    )
  return { mechanism, username, password }
}

function replicationFactorFrom(env: NodeJS.ProcessEnv): number | undefined {
  const text = env['KAFKA_REPLICATION_FACTOR']
  if (!text) return undefined
  const factor = Number(text)
  if (!Number.isInteger(factor) || factor < 1 || factor > REPLICATION_FACTOR_MAX)
    throw new BadLogSettings(
      `KAFKA_REPLICATION_FACTOR must be a whole number from 1 to ${REPLICATION_FACTOR_MAX}, and no more than there are brokers.`,
    )
  return factor
}
