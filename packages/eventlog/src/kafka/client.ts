import { type ISocketFactory, Kafka, logLevel } from 'kafkajs'
import { mendKafkajs } from './mends.ts'
import type { KafkaSettings } from './settings.ts'

const REPEATED_LINE_MS = 30_000
/** What was said when, over all clients of one log: each try to reach a broker that is away is a new client. */
const saidBy = new WeakMap<KafkaSettings, Map<string, number>>()

/** A kafkajs client: warnings and errors go to the settings' log, with the fields that cannot hold content. */
export function kafkaClient(
  settings: KafkaSettings,
  clientId: string,
  options: { requestTimeoutMs?: number; socketFactory?: ISocketFactory; isQuiet?(): boolean } = {},
): Kafka {
  mendKafkajs()
  const said = saidBy.get(settings) ?? new Map<string, number>()
  saidBy.set(settings, said)
  return new Kafka({
    clientId,
    brokers: [...settings.brokers],
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
    connectionTimeout: 5_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    ...(options.socketFactory === undefined ? {} : { socketFactory: options.socketFactory }),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ level, log, namespace }) => {
        if (options.isQuiet?.() === true) return
        // A broker that is away makes it say the same thing several times a second.
        const line = `${namespace}: ${log.message}`
        if (performance.now() - (said.get(line) ?? -Infinity) < REPEATED_LINE_MS) return
        if (said.size > 1_000) said.clear()
        said.set(line, performance.now())
        const { message, groupId, broker, retryCount } = log as { message: string } & Record<string, unknown>
        settings.log?.(level === logLevel.ERROR ? 'error' : 'warn', `kafkajs ${namespace}: ${message}`, {
          clientId,
          ...(groupId === undefined ? {} : { groupId }),
          ...(broker === undefined ? {} : { broker }),
          ...(retryCount === undefined ? {} : { retryCount }),
        })
      },
  })
}
