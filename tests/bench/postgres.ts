import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CommandLineMistake } from '@parley/authoring'
import { freePort } from '@parley/stack/provision'
import { until } from './inbound.ts'

export interface Postgres extends AsyncDisposable {
  readonly uri: string
  readonly version: string
  /** Nobody else's, gone with the server. */
  readonly directory: string
}

/** A PostgreSQL of our own, as its package comes, on a free port; with what it holds it is gone at the end. */
export async function startPostgres(): Promise<Postgres> {
  const bin = postgresBinaries()
  await using undo = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'parley-postgres-'))
  undo.defer(() => rm(directory, { recursive: true, force: true }))
  // It runs as anybody but root.
  const as = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (as.uid !== undefined) await chown(directory, as.uid, as.gid)
  const data = join(directory, 'data')
  const run = promisify(execFile)
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C'], as)
  const { stdout: version } = await run(join(bin, 'postgres'), ['--version'])
  const port = await freePort()
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-k', directory, '-h', '127.0.0.1'],
    {
      ...as,
      stdio: 'ignore',
    },
  )
  undo.defer(() => stop(server))
  const isReady = () =>
    run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    )
  await until(isReady, 30_000)
  const running = undo.move()
  return {
    uri: `postgresql://bench@127.0.0.1:${port}/postgres`,
    version: version.trim(),
    directory,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Debian keeps them off the PATH. @throws {CommandLineMistake} there are none, and how to get them */
export function postgresBinaries(): string {
  const [found] = [
    ...globSync('/usr/lib/postgresql/*/bin/initdb'),
    ...(process.env['PATH'] ?? '').split(':').flatMap((folder) => globSync(join(folder, 'initdb'))),
  ]
  if (found === undefined)
    throw new CommandLineMistake(
      '--emmett runs Emmett on a PostgreSQL of its own, and there is none here: as root on Debian or Ubuntu, apt-get install postgresql',
    )
  return dirname(found)
}

/** Of the user that its package made. */
const idOf = (which: '-u' | '-g'): number =>
  Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }))

/** Fast: whoever is connected is cut off. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  server.kill('SIGINT')
  await once(server, 'exit')
}
