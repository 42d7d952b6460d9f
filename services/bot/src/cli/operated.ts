import { join } from 'node:path'
import { type CallerCredentials, commonSettings, grpcIdentity, readSettings } from '@parley/service'
import { named, operatorOf } from '@parley/service/grpc-operator'
import { z } from 'zod'

const REPOSITORY = join(import.meta.dirname, '../../../..')

export interface OperatedService {
  readonly address: string
  readonly credentials: CallerCredentials
}

/** A service that the environment names, else that of the stack of this clone; undefined, and said, while none is ready. */
export async function operatedService(
  name: 'agent' | 'archive',
  env: NodeJS.ProcessEnv,
): Promise<OperatedService | undefined> {
  const variable = `${name.toUpperCase()}_GRPC_ADDRESS`
  const given = env[variable]
  if (given) return { address: given, credentials: named(await grpcIdentity('operator', env), env) }
  const operator = await operatorOf(env['PARLEY_DATA_DIR'] || join(REPOSITORY, '.data'))
  const address = operator?.grpc[name]
  if (operator !== undefined && address !== undefined) return { address, credentials: operator.credentials }
  process.stderr.write(
    `parley: no stack is ready here (STACK_NOT_RUNNING). Start one with \`npm start\`, or set ${variable} and GRPC_TLS_CERT, _KEY, _CA of an operator.\n`,
  )
  return undefined
}

/** Where the log and the store are, for commands that work on them themselves. */
export function operatedStores(env: NodeJS.ProcessEnv) {
  const { kafka, mongodbUri, namespace } = commonSettings
  return readSettings(z.object({ kafka, mongodbUri, namespace }), env)
}
