import { readFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { OPERATOR } from './access.ts'
import { type CallerCredentials, heldCredentials } from './client.ts'

/** Who is at this terminal, as the audit names them: `PARLEY_OPERATOR`, else the account and the machine. */
export function operatorName(env: NodeJS.ProcessEnv): string {
  return env['PARLEY_OPERATOR']?.trim() || `${account()}@${hostname()}`
}

/** In a container the account may have no name. */
function account(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'operator')
  }
}

/** Each call says who is at this terminal, so that the audit can. */
export function named({ channel, headersFor }: CallerCredentials, env = process.env): CallerCredentials {
  const name = encodeURIComponent(operatorName(env))
  return {
    channel,
    headersFor: async (grpcService) => ({ ...(await headersFor(grpcService)), [OPERATOR]: name }),
  }
}

/** Whoever operates a stack from a terminal: where its services answer, what shows them that it is the operator who calls, and where log, store and configuration are. */
export interface Operator {
  readonly grpc: Readonly<Record<string, string>>
  readonly credentials: CallerCredentials
  /** As settings name them. */
  readonly stores: Readonly<
    Record<'KAFKA_BROKERS' | 'MONGODB_URI' | 'PARLEY_NAMESPACE' | 'PARLEY_PARTITIONS', string>
  >
  /** Absolute: of the company, as the services read it. */
  readonly configDirectory: string
}

/** @returns undefined while no stack of this data folder is ready; files of another shape are an error, not an absence */
export async function operatorOf(dataDirectory: string): Promise<Operator | undefined> {
  const texts = await Promise.all(
    ['stack.json', 'operator.json'].map((name) => readFile(join(dataDirectory, name), 'utf8')),
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (texts === undefined) return undefined
  const [stack, operator] = texts.map((text) => JSON.parse(text))
  return {
    grpc: stack.grpc,
    credentials: named(heldCredentials(operator.grpcMetadata)),
    stores: {
      KAFKA_BROKERS: stack.kafkaBrokers.join(','),
      MONGODB_URI: stack.mongoUri,
      PARLEY_NAMESPACE: stack.namespace,
      PARLEY_PARTITIONS: String(stack.partitions),
    },
    configDirectory: stack.configDirectory,
  }
}
