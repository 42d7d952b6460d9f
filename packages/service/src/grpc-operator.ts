import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CallerCredentials, heldCredentials } from './grpc-client.ts'

/** Whoever operates a stack from a terminal: where its services answer, and what shows them that it is the operator who calls. */
export interface Operator {
  readonly grpc: Readonly<Record<string, string>>
  readonly credentials: CallerCredentials
}

/** @returns undefined while no stack of this data folder is ready */
export async function operatorOf(dataDirectory: string): Promise<Operator | undefined> {
  try {
    const [stack, operator] = await Promise.all(
      ['stack.json', 'operator.json'].map(async (name) =>
        JSON.parse(await readFile(join(dataDirectory, name), 'utf8')),
      ),
    )
    return { grpc: stack.grpc, credentials: heldCredentials(operator.grpcMetadata) }
  } catch {
    return undefined
  }
}
