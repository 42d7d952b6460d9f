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

/** Where the services of a stack answer, and what shows them that it is its operator who calls. */
export interface OperatorCalls {
  readonly grpc: Readonly<Record<string, string>>
  readonly credentials: CallerCredentials
}

/** Whoever operates a stack from a terminal: its services, and where log, store and configuration are. */
export interface Operator extends OperatorCalls {
  /** As settings name them. */
  readonly stores: Readonly<
    Record<'KAFKA_BROKERS' | 'MONGODB_URI' | 'PARLEY_NAMESPACE' | 'PARLEY_PARTITIONS', string>
  >
  /** Absolute: of the company, as the services read it. */
  readonly configDirectory: string
}

/** Of a data folder, as JSON; undefined where one of them is not there. Files of another shape are an error, not an absence. */
async function filesIn(dataDirectory: string, ...names: readonly string[]): Promise<any[] | undefined> {
  try {
    const texts = await Promise.all(names.map((name) => readFile(join(dataDirectory, name), 'utf8')))
    return texts.map((text) => JSON.parse(text))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** @returns undefined where no stack of this data folder has begun to start its services: one that does not become ready can be asked why */
export async function operatorCallsOf(dataDirectory: string): Promise<OperatorCalls | undefined> {
  const [operator] = (await filesIn(dataDirectory, 'operator.json')) ?? []
  // A stack that an older version started says only once it is ready where its services are.
  if (operator?.grpc === undefined) return operatorOf(dataDirectory)
  return { grpc: operator.grpc, credentials: named(heldCredentials(operator.grpcMetadata)) }
}

/** @returns undefined while no stack of this data folder is ready */
export async function operatorOf(dataDirectory: string): Promise<Operator | undefined> {
  const files = await filesIn(dataDirectory, 'stack.json', 'operator.json')
  if (files === undefined) return undefined
  const [stack, operator] = files
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
