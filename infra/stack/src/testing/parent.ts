// Supervises two workers until it is killed, and tells their pids. One of them does not listen to SIGTERM.
import { join } from 'node:path'
import { Supervisor } from '../supervisor.ts'
import { workerProgram } from './worker-program.ts'

const [directory = '', polite = '0', deaf = '0'] = process.argv.slice(2)
const supervisor = new Supervisor({ layers: ['all'], logDirectory: directory })
const journal = join(directory, 'journal')
await Promise.all([
  supervisor.start('all', workerProgram({ name: 'polite', port: Number(polite), journal })),
  supervisor.start(
    'all',
    workerProgram({ name: 'deaf', port: Number(deaf), journal, habits: ['ignores-sigterm'] }),
  ),
])
process.stdout.write(`${JSON.stringify(supervisor.status())}\n`)
