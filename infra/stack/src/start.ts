// npm start
import { readFileSync } from 'node:fs'
import { CommandLineMistake, readCommandLine } from '@parley/authoring'
import { banner } from './banner.ts'
import { runningStack } from './control.ts'
import { defaultDataDirectory, filesOf } from './data-directory.ts'
import { describeFault, reasonOf, StackFault } from './fault.ts'
import { liveProgress, plainProgress } from './progress.ts'
import { startStack, type Stack, type StackJson } from './start-stack.ts'

const HELP = `npm start [-- --reset]

Starts Kafka, MongoDB, the five services and the WhatsApp simulator, and stays until Ctrl-C.
  --reset   begin anew: deletes the data of earlier runs in .data
Ports and settings: docs/reference/ports-and-settings.md
`

/** npm, the bootstrap and the terminal may each pass on the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000

const main = async (): Promise<number> => {
  const { values } = readCommandLine(
    process.argv.slice(2),
    { reset: { type: 'boolean', default: false } },
    [],
  )
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const dataDir = defaultDataDirectory()
  const running = await runningStack(dataDir)
  if (running && !values.reset) {
    process.stderr.write(
      `Parley already runs here (pid ${running.pid}); \`npm run stack -- down\` stops it.\n`,
    )
    if (running.ready) {
      const stackJson = JSON.parse(readFileSync(filesOf(dataDir).stack, 'utf8')) as StackJson
      process.stdout.write(banner({ urls: stackJson.urls, stackJson, dataDir }))
    }
    return 0
  }

  const ending = new AbortController()
  let stack: Stack | undefined
  let endingSince: number | undefined
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const onEnd = (forced: boolean) => {
    if (endingSince === undefined) {
      endingSince = Date.now()
      process.stderr.write('stopping: services drain first (Ctrl-C again forces)\n')
      ending.abort()
      end()
    } else if (forced && Date.now() - endingSince > SAME_SIGNAL_MS) {
      stack?.force()
      process.exit(1)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => onEnd(true))
  process.on('disconnect', () => onEnd(false))
  // Whoever read our output may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

  try {
    stack = await startStack({
      dataDir,
      reset: values.reset,
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

try {
  process.exit(await main())
} catch (error) {
  if (!(error instanceof CommandLineMistake)) throw error
  process.stderr.write(`start: ${error.message} (USAGE)\n\n${HELP}`)
  process.exit(2)
}
