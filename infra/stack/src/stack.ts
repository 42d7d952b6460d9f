// npm run stack
import { setTimeout as delay } from 'node:timers/promises'
import { CommandLineMistake, type Program, command, runProgram } from '@parley/authoring'
import { RESTARTED_WITHIN_MS, callControl, runningStack } from './control.ts'
import { defaultDataDirectory } from './data-directory.ts'
import { reasonOf, StackFault } from './fault.ts'
import { isAlive } from './process/leftovers.ts'
import type { StreamOfReader } from './readers.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)

const notRunning = (dataDir: string) =>
  new StackFault('STACK_NOT_RUNNING', 'no stack runs here', {
    why: `nothing listens on the control socket of ${dataDir}`,
    fix: 'start one with `npm start`',
  })

const requireRunning = async (dataDir: string) => {
  const running = await runningStack(dataDir)
  if (running) return running
  throw notRunning(dataDir)
}

const down = async (dataDir: string): Promise<number> => {
  const running = await runningStack(dataDir)
  if (!running) {
    print('not running')
    return 0
  }
  await callControl(dataDir, '/stop')
  while ((await runningStack(dataDir)) && isAlive(running.pid)) await delay(100)
  print('stopped')
  return 0
}

const tellWhetherFree = (isFree: boolean): number => {
  print(isFree ? 'the stream is free again' : 'the stream is parked still: see `npm run stack -- parked`')
  return isFree ? 0 : 1
}

const STREAM = 'SERVICE READER STREAM'
const streamIn = ([service = '', reader = '', streamId = '']: readonly string[]): StreamOfReader => ({
  service,
  reader,
  streamId,
})

const json = { type: 'boolean', default: false, does: 'for machines' } as const

export const STACK: Program = {
  call: 'npm run stack',
  does: 'What runs here, what it says, and what is wrong with it.',
  notes: 'For --json use `npm run -s stack -- …`: without -s npm prints two lines of its own.',
  commands: {
    status: command({
      does: 'what runs, where to open it, and how far each reader is behind',
      options: { json },
      run: async ({ values }) => (await import('./status.ts')).status(defaultDataDirectory(), values.json),
    }),
    logs: command({
      does: 'what the services said, in the order of time',
      words: '[SERVICE…]',
      options: {
        lines: { type: 'string', short: 'n', value: 'N', default: '50', does: 'the last N lines' },
        follow: { type: 'boolean', short: 'f', default: false, does: 'goes on with what is said next' },
        json: { type: 'boolean', default: false, does: 'lines as they were written, with all their fields' },
      },
      run: async ({ values: { lines, follow, json: isRaw }, words }) => {
        const count = Number(lines)
        if (!Number.isInteger(count) || count < 0)
          throw new CommandLineMistake(`--lines takes a whole number, not "${lines}"`)
        const { showLogs } = await import('./logs.ts')
        await showLogs(defaultDataDirectory(), words, { count, isFollowed: follow, isRaw })
        return 0
      },
    }),
    restart: command({
      does: 'stops one service cleanly and starts it again',
      words: 'SERVICE',
      run: async ({ words: [name = ''] }) => {
        await requireRunning(defaultDataDirectory())
        const answer = await callControl(
          defaultDataDirectory(),
          `/restart/${encodeURIComponent(name)}`,
          RESTARTED_WITHIN_MS,
        )
        // The stack itself has ended meanwhile.
        if (answer === undefined) throw notRunning(defaultDataDirectory())
        print(`${name} is ready again`)
        return 0
      },
    }),
    down: command({ does: 'stops the stack', run: () => down(defaultDataDirectory()) }),
    parked: command({
      does: 'streams that a reader of a service had to park, with the reason',
      options: { json },
      run: async ({ values }) => {
        await requireRunning(defaultDataDirectory())
        const { parkedStreams, requireOperator } = await import('./readers.ts')
        const { streams, silent } = await parkedStreams(await requireOperator(defaultDataDirectory()))
        if (values.json) print(JSON.stringify({ streams, silent }, null, 2))
        else if (streams.length === 0 && silent.length === 0) print('no stream is parked')
        else
          for (const { service, reader, streamId, poison, parkedAt, reason } of streams)
            print(`${service} ${reader} ${streamId} ${poison}\n  since ${parkedAt}: ${reason}`)
        for (const service of silent)
          process.stderr.write(
            `${service} does not say what it has parked: look at \`npm run stack -- logs ${service}\`, and ask again\n`,
          )
        return silent.length === 0 ? 0 : 1
      },
    }),
    retry: command({
      does: "hands a parked stream's events to its reader again",
      words: STREAM,
      run: async ({ words }) => {
        await requireRunning(defaultDataDirectory())
        const { requireOperator, retryStream } = await import('./readers.ts')
        return tellWhetherFree(
          await retryStream(await requireOperator(defaultDataDirectory()), streamIn(words)),
        )
      },
    }),
    discard: command({
      does: 'leaves the one event out that its reader cannot handle, as `parked` names it, and goes on',
      words: `${STREAM} POISON`,
      options: { reason: { type: 'string', default: '', value: 'WHY', does: 'for the audit' } },
      run: async ({ words, values }) => {
        await requireRunning(defaultDataDirectory())
        const { discardPoison, requireOperator } = await import('./readers.ts')
        const operator = await requireOperator(defaultDataDirectory())
        const [, , , poison = ''] = words
        return tellWhetherFree(await discardPoison(operator, streamIn(words), poison, values.reason))
      },
    }),
    doctor: command({
      does: 'looks for what is wrong: versions, ports, disk, sources, health',
      options: { json },
      run: async ({ values }) => (await import('./doctor.ts')).doctor(defaultDataDirectory(), values.json),
    }),
    'build-mongo': command({
      does: "where no MongoDB can be had: builds SecantusDB's faster server, once (needs cargo; 4 to 10 minutes)",
      run: async () => {
        const { buildSecantus } = await import('./provision/mongo.ts')
        process.stderr.write('building secantusd-rs from its crate: 4 to 10 minutes, once\n')
        print(`${await buildSecantus()} is used from the next \`npm start -- --reset\` on`)
        return 0
      },
    }),
  },
}

if (import.meta.main) {
  // `logs | head` closes the pipe before us.
  process.stdout.on('error', () => process.exit())
  try {
    process.exitCode = await runProgram(STACK, process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}
