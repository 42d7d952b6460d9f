import { join } from 'node:path'
import { CommandFailure } from '@parley/authoring'
import { readPeopleIn } from '@parley/people/directory'
import {
  type CallerCredentials,
  SettingsError,
  commonSettings,
  grpcIdentity,
  readCompanyIn,
  readSettings,
} from '@parley/service'
import { named, operatorOf } from '@parley/service/grpc-operator'
import { z } from 'zod'

const REPOSITORY = join(import.meta.dirname, '../../..')

export interface OperatedService {
  readonly address: string
  readonly credentials: CallerCredentials
}

/** A service that the environment names, else that of the stack of this clone. */
export async function operatedService(
  name: 'agent' | 'archive',
  env: NodeJS.ProcessEnv,
): Promise<OperatedService> {
  const variable = `${name.toUpperCase()}_GRPC_ADDRESS`
  const given = env[variable]
  if (given) return { address: given, credentials: named(await grpcIdentity('operator', env), env) }
  const operator = await operatorOf(dataDirectory(env))
  const address = operator?.grpc[name]
  if (operator === undefined || address === undefined)
    throw stackNotRunning(`${variable} and GRPC_TLS_CERT, _KEY, _CA of an operator`)
  return { address, credentials: operator.credentials }
}

/** Where the log and the store are, for commands that work on them themselves: as the environment names them, else of the stack of this clone. */
export async function operatedStores(env: NodeJS.ProcessEnv) {
  const { kafka, mongodbUri, namespace, partitions } = commonSettings
  const schema = z.object({ kafka, mongodbUri, namespace, partitions })
  const stores = areStoresNamed(env) ? {} : (await operatorOf(dataDirectory(env)))?.stores
  if (stores === undefined)
    throw stackNotRunning('KAFKA_BROKERS, MONGODB_URI, PARLEY_NAMESPACE and PARLEY_PARTITIONS')
  try {
    return readSettings(schema, { ...env, ...stores })
  } catch (error) {
    throw error instanceof SettingsError ? new CommandFailure(error.message, error.code) : error
  }
}

/** The company as the services of those stores read it: a day of figures is a day of its time zone. */
export async function operatedCompany(env: NodeJS.ProcessEnv) {
  return readCompanyIn(await configDirectoryOf(env))
}

/** Its people and teams, likewise. */
export async function operatedRoster(env: NodeJS.ProcessEnv) {
  return readPeopleIn(await configDirectoryOf(env))
}

async function configDirectoryOf(env: NodeJS.ProcessEnv): Promise<string> {
  const stack = areStoresNamed(env) ? undefined : await operatorOf(dataDirectory(env))
  return env['PARLEY_CONFIG_DIR'] || stack?.configDirectory || 'config'
}

const areStoresNamed = (env: NodeJS.ProcessEnv): boolean =>
  Boolean(env['KAFKA_BROKERS'] || env['MONGODB_URI'])

const dataDirectory = (env: NodeJS.ProcessEnv): string => env['PARLEY_DATA_DIR'] || join(REPOSITORY, '.data')

const stackNotRunning = (settings: string): CommandFailure =>
  new CommandFailure(
    `no stack is ready here. Start one with \`npm start\`, or set ${settings}.`,
    'STACK_NOT_RUNNING',
  )
