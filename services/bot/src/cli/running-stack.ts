import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const REPOSITORY = join(import.meta.dirname, '../../../..')

/** Where a service of the installation answers gRPC: as the environment says, else as the stack of this clone wrote down, else by the table of ports. */
export async function grpcAddressOf(service: 'agent', env: NodeJS.ProcessEnv): Promise<string> {
  const given = env[`${service.toUpperCase()}_GRPC_ADDRESS`]
  if (given) return given
  try {
    const file = join(env['PARLEY_DATA_DIR'] || join(REPOSITORY, '.data'), 'stack.json')
    const { grpc } = JSON.parse(await readFile(file, 'utf8')) as { grpc: Record<string, string> }
    return grpc[service] ?? USUAL[service]
  } catch {
    return USUAL[service]
  }
}

const USUAL = { agent: '127.0.0.1:4714' } as const
