// npm start
import { isatty } from 'node:tty'
import { type Program, command, runProgram } from '@parley/authoring'
import { banner } from './banner.ts'
import { runningStack } from './control.ts'
import { defaultDataDirectory } from './data-directory.ts'
import { describeFault, reasonOf, StackFault } from './fault.ts'
import { stackJsonOf } from './stack-json.ts'
import type { Stack } from './start-stack.ts'

/** npm, the bootstrap and the terminal may each pass on the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000

/** Without one at any end, as nohup leaves it, the stack outlives the terminal that it was started from. Asked at once: one that is gone is none. */
const HAS_TERMINAL = [0, 1, 2].some((descriptor) => isatty(descriptor))

const start = async (reset: boolean): Promise<number> => {
  const dataDir = defaultDataDirectory()
  const running = await runningStack(dataDir)
  if (running && !reset) {
    process.stderr.write(
      running.ready
        ? `Parley already runs here (pid ${running.pid}); \`npm run stack -- down\` stops it.\n`
        : `Parley is starting or stopping here (pid ${running.pid}); \`npm run stack -- status\` says how far it is.\n`,
    )
    const stackJson = await stackJsonOf(dataDir)
    if (stackJson) process.stdout.write(banner({ stackJson, dataDir }))
    return running.ready ? 0 : 1
  }

  const ending = new AbortController()
  let stack: Stack | undefined
  let endingSince: number | undefined
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const onEnd = (forced: boolean) => {
    if (endingSince === undefined) {
      endingSince = performance.now()
      process.stderr.write('stopping: services drain first (Ctrl-C again forces)\n')
      ending.abort()
      end()
    } else if (forced && performance.now() - endingSince > SAME_SIGNAL_MS) {
      stack?.force()
      process.exit(1)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onEnd(true))
  process.on('SIGHUP', () => HAS_TERMINAL && onEnd(true))
  process.on('disconnect', () => onEnd(false))
  // Whoever read our output may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

  try {
    const [{ startStack }, { liveProgress, plainProgress }] = await Promise.all([
      import('./start-stack.ts'),
      import('./progress.ts'),
    ])
    stack = await startStack({
      dataDir,
      reset,
      progress: process.stdout.isTTY ? liveProgress : plainProgress,
      signal: ending.signal,
      onStopAsked: () => onEnd(false),
    })
    process.stdout.write(banner(stack))
    await ended
    await stack.stop()
    process.stderr.write('stopped\n')
    return 0
  } catch (error) {
    if (ending.signal.aborted) {
      process.stderr.write('stopped\n')
      return 130
    }
    process.stderr.write(
      `\n${error instanceof StackFault ? describeFault(error) : `unexpected: ${reasonOf(error)}`}\n`,
    )
    return 1
  }
}

export const START: Program = {
  call: 'npm start',
  command: command({
    does: 'Starts Kafka, MongoDB, the five services and the WhatsApp simulator, and stays until Ctrl-C.\nThe first start fetches what it needs, which takes one to three minutes; later ones take 8 to 30 seconds.',
    options: {
      reset: {
        type: 'boolean',
        default: false,
        does: 'begin anew: deletes the data of earlier runs in .data',
      },
    },
    notes: 'Ports and settings: docs/reference/ports-and-settings.md',
    run: ({ values }) => start(values.reset),
  }),
}

if (import.meta.main) process.exit(await runProgram(START, process.argv.slice(2)))
