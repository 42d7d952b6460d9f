import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sync as writeFileAtomic } from 'write-file-atomic'
import { StackFault } from './fault.ts'
import { containerName, dropVolume } from './provision/docker.ts'

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** `.data` of this clone, unless PARLEY_DATA_DIR says otherwise. */
export const defaultDataDirectory = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(env['PARLEY_DATA_DIR'] || join(REPOSITORY, '.data'))

const SIMULATOR_FILE = 'simulator.jsonl'

export const filesOf = (dataDirectory: string) => ({
  logs: join(dataDirectory, 'logs'),
  operator: join(dataDirectory, 'operator.json'),
  secrets: join(dataDirectory, 'secrets.json'),
  simulator: join(dataDirectory, SIMULATOR_FILE),
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

/** What says that a folder is a stack's, and is deleted last. */
const FORMAT_FILE = 'format'

const OURS = [
  'kafka',
  'mongo',
  'logs',
  'operator.json',
  'secrets.json',
  SIMULATOR_FILE,
  `${SIMULATOR_FILE}.old`,
  'stack.json',
  'supervisor.json',
]

/** Raise it whenever records, topics or collections change in a way that today's code does not read. */
const FORMAT = '9'
/** Instead of a format, while it is emptied: half of the data would be taken for all of them. */
const BEING_EMPTIED = 'being emptied'

const formatIn = (dataDirectory: string): string | undefined => {
  const file = join(dataDirectory, FORMAT_FILE)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

const writeFormat = (dataDirectory: string, format: string): void =>
  writeFileAtomic(join(dataDirectory, FORMAT_FILE), `${format}\n`)

/**
 * A folder that a stack began, or an empty one. Any other is somebody's: their rights to it would be taken away, and a reset would delete
 * what has the same names as ours.
 */
export const requireOurs = async (dataDirectory: string): Promise<void> => {
  if (formatIn(dataDirectory) !== undefined) return
  const socket = basename(socketOf(dataDirectory))
  // A start that was killed at once leaves its socket behind.
  const others = (await readdir(dataDirectory)).filter((name) => !name.startsWith(socket))
  if (others.length === 0) return
  const shown = others.slice(0, 3).join(', ')
  throw new Error(
    `no stack began it, and it is not empty: it holds ${shown}${others.length > 3 ? ', …' : ''}`,
  )
}

/** Nothing is deployed yet, so old data are not migrated: whoever has some is told how to begin anew. */
export const requireFormat = async (dataDirectory: string): Promise<void> => {
  const found = formatIn(dataDirectory)
  if (found === FORMAT) return
  if (found === BEING_EMPTIED) await emptyDataDirectory(dataDirectory)
  else if (found !== undefined)
    throw new StackFault(
      'DATA_OF_OTHER_VERSION',
      `${dataDirectory} was written by another version of Parley`,
      {
        why: `its format is ${found}, this version reads ${FORMAT}`,
        fix: 'begin anew with `npm start -- --reset`, which deletes what is there, or set PARLEY_DATA_DIR to another folder',
      },
    )
  writeFormat(dataDirectory, FORMAT)
}

/** Deletes what the stack wrote there, and nothing else. One that is cut short goes on at the next start. */
export const emptyDataDirectory = async (dataDirectory: string): Promise<void> => {
  writeFormat(dataDirectory, BEING_EMPTIED)
  for (const server of ['kafka', 'mongo']) {
    let source = ''
    try {
      source = readFileSync(join(dataDirectory, server, 'source'), 'utf8').trim()
    } catch {
      // never started here
    }
    if (source === 'docker') await dropVolume(containerName(server, dataDirectory))
  }
  for (const name of [...OURS, FORMAT_FILE])
    await rm(join(dataDirectory, name), { recursive: true, force: true })
}
