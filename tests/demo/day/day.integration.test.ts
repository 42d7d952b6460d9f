import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Windows, conversationFigures, poolFigures, readFigure } from '@parley/archive'
import { rawRecords, recount } from '@parley/archive/recount'
import { conversations } from '@parley/conversation'
import { evaluationFamily } from '@parley/evaluation'
import {
  type FamilyTopics,
  buildNext,
  ensureTopics,
  runDeciderHost,
  runReactor,
  topicsOf,
} from '@parley/eventlog'
import { figureNamed } from '@parley/figures'
import type { Decider } from '@parley/kernel'
import { companyIn, conversationDecider, policyOf, workforceDecider } from '@parley/routing'
import { testKafka } from '@parley/testkit'
import { POOL_HEARS, workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import {
  PARTITIONS,
  type RunningArchive,
  startArchive,
} from '../../../services/archive/src/testing.fixture.ts'
import { type DayWanted, LivedDay } from './lived-day.ts'

const DAY = '2026-11-24'
const ZONE = 'America/Sao_Paulo'
const CONFIG = fileURLToPath(new URL('../../../config', import.meta.url))

const fatal = {
  onStuck: ({ error }: { error: unknown }) => fail(error),
  onFault: fail,
  onParked: ({ reason }: { reason: string }) => fail(new Error(reason)),
  onBuildingAhead() {},
  onDeadLetter: ({ code }: { code: string }) => fail(new Error(code)),
  onSnapshotFailed: fail,
}

function fail(error: unknown): never {
  throw error
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 100_000; performance.now() < deadline; await pause(200))
    if (await isTrue()) return
  throw new Error(`Waited in vain until ${what}.`)
}

/** How many figures of the day are other than the raw archive says, and how many say anything. */
async function compared({ db, namespace }: RunningArchive, version: number) {
  const rows = await recount({
    day: DAY,
    timeZone: ZONE,
    records: (family) => rawRecords(db, `${namespace}.${family}`),
  })
  const models = await Promise.all([conversationFigures, poolFigures].map((of) => of(ZONE).open(db, version)))
  const windows = new Windows(ZONE)
  const from = windows.beginOf(DAY)
  const same = await Promise.all(
    Object.values(Object.groupBy(rows, ({ metric, version: of, by }) => `${metric} ${of} ${by}`)).map(
      async (own = []) => {
        const [{ metric, version: of, by }] = own as [(typeof own)[number]]
        if (by === 'vendor') throw new Error('No vendor was named to recount by.')
        const figure = figureNamed(metric, of)!
        const asked = { figure, by: by === '' ? undefined : by, window: 'day', from, to: from + 1 } as const
        const found = await Promise.all(
          models.map((model) => readFigure(model, windows, asked, Date.now(), 10_000)),
        )
        const live = new Map(found.flatMap((rows) => rows!.map((row) => [row.key, row] as const)))
        return own.map(({ key, numerator, denominator }) => {
          const isNear = (one: number | null | undefined, other: number | null) =>
            Math.abs((one ?? 0) - (other ?? 0)) < 1e-4
          const row = live.get(key)
          return isNear(row?.numerator, numerator) && isNear(row?.denominator, denominator)
        })
      },
    ),
  )
  return {
    different: same.flat().filter((isSame) => !isSame).length,
    said: rows.filter(({ numerator }) => numerator > 0).length,
  }
}

async function ends(archive: RunningArchive, topic: string): Promise<bigint> {
  let total = 0n
  for (let partition = 0; partition < PARTITIONS; partition += 1)
    total += await archive.log.endOffset(topic, partition)
  return total
}

test('a day that is filled is shown as it is recounted and rebuilt; hosts and reactors take it for decided and done; it is not filled twice', async () => {
  await using archive = await startArchive()
  const { namespace, log, db } = archive
  await ensureTopics({ brokers: testKafka() }, namespace, [workforces, evaluationFamily], PARTITIONS)
  const wanted: DayWanted = {
    log,
    namespace,
    dbOf: (service) => db.client.db(`${namespace}_${service}`),
    configDirectory: CONFIG,
    baseUrl: 'https://record.test',
    date: DAY,
    seed: 7,
    conversations: 30,
  }
  const day = await LivedDay.decided(wanted)
  await day.appended()
  const count = day.contacts.events.length + day.pool.events.length
  expect(count).toBeGreaterThan(1_000)

  await until('all is archived', async () => (await db.collection('raw_records').countDocuments()) === count)
  await until('the day is shown as it is recounted', async () => {
    const { different, said } = await compared(archive, 1)
    return different === 0 && said > 80
  })
  const topics = topicsOf(namespace, conversations)
  const poolTopics = topicsOf(namespace, workforces)
  const signal = AbortSignal.timeout(100_000)
  for (const built of await Promise.all([
    buildNext(conversationFigures(ZONE), { log, topics, namespace, db }, { signal }),
    buildNext(poolFigures(ZONE), { log, topics: poolTopics, namespace, db }, { signal }),
  ]))
    expect(built).toMatchObject({ version: 2, differentCount: 0, unsettledCount: 0 })
  expect(await compared(archive, 2)).toMatchObject({ different: 0 })

  // Hosts fold it and find each of its commands decided; reactors find it heard.
  const policy = policyOf(await companyIn(CONFIG), {
    botTurnTimeoutSeconds: 45,
    silenceTimeoutSeconds: 1800,
    endingTimeoutSeconds: 60,
  })
  const isAtTheEnd = (reader: Pick<Awaited<ReturnType<typeof runReactor>>, 'isReady' | 'lag'>) =>
    reader.isReady() && reader.lag().length > 0 && reader.lag().every(({ records }) => records === 0n)
  const decidedMore = async (
    decider: Decider<any, any, any, any>,
    of: FamilyTopics<any, any>,
    more: object,
  ) => {
    const before = { commands: await ends(archive, of.commands), events: await ends(archive, of.events) }
    const group = `${namespace}.${decider.family.name}.again`
    const host = await runDeciderHost({
      log,
      topics: of,
      group,
      db: wanted.dbOf('routing'),
      decider,
      ...fatal,
      ...more,
    })
    // The adoption of its policy, in each partition that has none in force.
    const decided = async () => {
      const adopted = (await ends(archive, of.commands)) - before.commands
      return (await ends(archive, of.events)) - before.events - adopted
    }
    await until('all commands were looked at', async () => isAtTheEnd(host) && (await decided()) >= 0n)
    await host.stop()
    return decided()
  }
  expect(await decidedMore(conversationDecider, topics, { policy })).toBe(0n)
  expect(await decidedMore(workforceDecider, poolTopics, {})).toBe(0n)

  const heard: string[] = []
  const reactor = await runReactor({
    log,
    topics,
    types: POOL_HEARS,
    name: 'to-pool',
    namespace,
    db: wanted.dbOf('routing'),
    handle: async (batch) => void heard.push(...batch.events.map(({ type }) => type)),
    ...fatal,
  })
  await until('the reactor is at the end', () => isAtTheEnd(reactor))
  await reactor.stop()
  expect(heard).toEqual([])

  await expect(LivedDay.decided(wanted)).rejects.toMatchObject({ code: 'DAY_FILLED' })
  const more = await LivedDay.decided({ ...wanted, seed: 8, conversations: 3 })
  await more.appended()
}, 280_000)
