import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StackFault } from './fault.ts'
import { containerName, dropVolume } from './provision/docker.ts'

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** `.data` of this clone, unless PARLEY_DATA_DIR says otherwise. */
export const defaultDataDirectory = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(env['PARLEY_DATA_DIR'] || join(REPOSITORY, '.data'))

export const filesOf = (dataDirectory: string) => ({
  logs: join(dataDirectory, 'logs'),
  operator: join(dataDirectory, 'operator.json'),
  secrets: join(dataDirectory, 'secrets.json'),
  stack: join(dataDirectory, 'stack.json'),
  supervisor: join(dataDirectory, 'supervisor.json'),
  socket: socketOf(dataDirectory),
})

const SOCKET_PATH_LONGEST = 100

/** A socket's path may have about 104 bytes; for a deeper folder it lives in the temporary one. */
const socketOf = (dataDirectory: string): string => {
  const inside = join(dataDirectory, 'control.sock')
  if (Buffer.byteLength(inside) <= SOCKET_PATH_LONGEST) return inside
  return join(
    tmpdir(),
    `parley-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)}.sock`,
  )
}

const OURS = [
  'format',
  'kafka',
  'mongo',
  'logs',
  'operator.json',
  'secrets.json',
  'stack.json',
  'supervisor.json',
]

/** Raise it whenever records, topics or collections change in a way that today's code does not read. */
const FORMAT = '9'

/** Nothing is deployed yet, so old data are not migrated: whoever has some is told how to begin anew. */
export const requireFormat = async (dataDirectory: string): Promise<void> => {
  const file = join(dataDirectory, 'format')
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  if (found === FORMAT) return
  if (found !== undefined || existsSync(join(dataDirectory, 'kafka')))
    throw new StackFault(
      'DATA_OF_OTHER_VERSION',
      `${dataDirectory} was written by another version of Parley`,
      {
        why: `its format is ${found ?? '1'}, this version reads ${FORMAT}`,
        fix: 'begin anew with `npm start -- --reset`, which deletes what is there, or set PARLEY_DATA_DIR to another folder',
      },
    )
  await writeFile(file, `${FORMAT}\n`)
}

/** Deletes what the stack wrote there, and nothing else. */
export const emptyDataDirectory = async (dataDirectory: string): Promise<void> => {
  for (const server of ['kafka', 'mongo']) {
    let source = ''
    try {
      source = readFileSync(join(dataDirectory, server, 'source'), 'utf8').trim()
    } catch {
      // never started here
    }
    if (source === 'docker') await dropVolume(containerName(server, dataDirectory))
  }
  for (const name of OURS) await rm(join(dataDirectory, name), { recursive: true, force: true })
}
