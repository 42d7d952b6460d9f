import { setTimeout as pause } from 'node:timers/promises'
import { CommandLineMistake } from '@parley/authoring'
import { kafkaLog } from '@parley/eventlog'
import { companyIn } from '@parley/routing'
import { holdServices, runningStack } from '@parley/stack/control'
import { readersOf, requireOperator } from '@parley/stack/readers'
import type { StackJson } from '@parley/stack/stack-json'
import { dateAt, isDate } from '@parley/time-zone'
import { MongoClient } from 'mongodb'
import { SERVICES } from '../../faults/disturb.ts'
import { LogChanged } from './decided-streams.ts'
import { DayRefused, LivedDay } from './lived-day.ts'

const HOUR_MS = 60 * 60_000
/** The last of a day's conversations end in the night. */
const OVER_AFTER_MS = 2 * HOUR_MS
const READY_WITHIN_MS = 300_000

/**
 * A day as the log would hold it, on the stack that runs here. Its services stand still while the day is decided: by their rules, at the
 * day's times.
 * @returns the exit code
 */
export async function fillDay(
  stack: StackJson,
  dataDirectory: string,
  {
    date,
    conversations,
    seed,
  }: { readonly date: string | undefined; readonly conversations: number; readonly seed: number },
): Promise<number> {
  const { timezone } = await companyIn(stack.configDirectory)
  const over = dateAt(Date.now() - OVER_AFTER_MS, timezone)
  const day = date ?? dateAt(Date.parse(`${over}T12:00:00.000Z`) - 24 * HOUR_MS, 'UTC')
  if (!isDate(day) || day >= over)
    throw new CommandLineMistake(
      `--date is a day before ${over}, as YYYY-MM-DD: what has not happened yet is not told.`,
    )
  const say = (text: string) => void process.stderr.write(`${text}\n`)
  const log = await kafkaLog({ brokers: stack.kafkaBrokers, partitions: stack.partitions }, 'parley-demo-day')
  const mongo = await new MongoClient(stack.mongoUri).connect()
  try {
    const services = [...SERVICES]
    say(
      `${conversations} conversations of ${day} (seed ${seed}): the services stand still until they are decided …`,
    )
    const held = await holdServices(dataDirectory, services)
    try {
      const lived = await LivedDay.decided({
        log,
        namespace: stack.namespace,
        dbOf: (service) => mongo.db(`${stack.namespace}_${service}`),
        configDirectory: stack.configDirectory,
        baseUrl: stack.urls.transcripts,
        date: day,
        seed,
        conversations,
      })
      say(`${lived.eventCount} events of ${lived.customerCount} customers …`)
      await lived.appended()
    } finally {
      held.letGo()
    }
    await untilFolded(dataDirectory, services)
  } catch (error) {
    if (!(error instanceof DayRefused || error instanceof LogChanged)) throw error
    say(`${error.message} [${error.code}]`)
    return 1
  } finally {
    await mongo.close()
    await log.close()
  }
  process.stdout.write(
    [
      `${day} is there. Where to look (sign in at ${stack.urls.console} as vera, with the password that the stack's banner says):`,
      `  figures        ${stack.urls.console}/figures?from=${day}&to=${day}`,
      `  conversations  ${stack.urls.console}/search?from=${day}&to=${day}`,
      `  recounted      npm run parley -- recount --day ${day}`,
      '',
    ].join('\n'),
  )
  return 0
}

/** Services are back, and have taken in all that was added. */
async function untilFolded(dataDirectory: string, services: readonly string[]): Promise<void> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(500)) {
    const status = await runningStack(dataDirectory)
    if (!services.every((name) => status?.services[name]?.state === 'ready')) continue
    const { readers, silent } = await readersOf(await requireOperator(dataDirectory))
    if (silent.length === 0 && readers.length > 0 && readers.every(({ lagRecords }) => lagRecords === 0))
      return
  }
  process.stderr.write(
    'The day is in the log, and its readers are not through with it yet: see `npm run stack -- status`.\n',
  )
}
