import { readFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { CommandFailure } from '@parley/authoring'
import { z } from 'zod'
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

const Calls = z.object({
  grpc: z.record(z.string(), z.string()),
  grpcMetadata: z.record(z.string(), z.string()),
})
const Surroundings = z.object({
  kafkaBrokers: z.array(z.string()),
  mongoUri: z.string(),
  namespace: z.string(),
  partitions: z.number(),
  configDirectory: z.string(),
})

/**
 * What a stack wrote into its data folder; undefined where it is not there.
 * @throws DATA_FOLDER_UNUSABLE to another account; STACK_FILE_UNREADABLE, without what stands there: it might be a secret
 */
export async function fileIn<Shape extends z.ZodType>(
  file: string,
  shape: Shape,
): Promise<z.output<Shape> | undefined> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'EACCES')
      throw new CommandFailure(
        `This account may not read ${file}. Say it as the account that started the stack, or set PARLEY_DATA_DIR to a folder of yours.`,
        'DATA_FOLDER_UNUSABLE',
      )
    if (syscall !== undefined) throw error
    throw new CommandFailure(
      `${file} does not hold what the stack wrote there: it was changed, or written by another version of Parley. It is made anew by \`npm run stack -- down\` and \`npm start\`; no data are lost.`,
      'STACK_FILE_UNREADABLE',
    )
  }
}

/** @returns undefined where no stack of this data folder has begun to start its services: one that does not become ready can be asked why */
export async function operatorCallsOf(dataDirectory: string): Promise<OperatorCalls | undefined> {
  const calls = await fileIn(join(dataDirectory, 'operator.json'), Calls)
  return calls && { grpc: calls.grpc, credentials: named(heldCredentials(calls.grpcMetadata)) }
}

/** @returns undefined while no stack of this data folder is ready */
export async function operatorOf(dataDirectory: string): Promise<Operator | undefined> {
  const calls = await operatorCallsOf(dataDirectory)
  const around = await fileIn(join(dataDirectory, 'stack.json'), Surroundings)
  if (calls === undefined || around === undefined) return undefined
  return {
    ...calls,
    stores: {
      KAFKA_BROKERS: around.kafkaBrokers.join(','),
      MONGODB_URI: around.mongoUri,
      PARLEY_NAMESPACE: around.namespace,
      PARLEY_PARTITIONS: String(around.partitions),
    },
    configDirectory: around.configDirectory,
  }
}
