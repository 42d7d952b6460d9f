import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { conversations } from '@parley/conversation'
import { type FamilyTopics, runDeciderHost, runReactor, topicsOf } from '@parley/eventlog'
import { type Decider } from '@parley/kernel'
import { companyIn, conversationDecider, policyOf, workforceDecider } from '@parley/routing'
import { callerEnv } from '@parley/testkit'
import { POOL_HEARS, workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import { type RunningArchive, startArchive } from '../../../services/archive/src/testing.fixture.ts'
import { type DayWanted, LivedDay } from './lived-day.ts'

const run = promisify(execFile)
const DAY = '2026-11-24'
const CONFIG = new URL('../../../config', import.meta.url).pathname

/** As an operator calls it. */
async function parley(archive: RunningArchive, ...args: readonly string[]) {
  const program = new URL('../../../services/bot/src/cli/parley.ts', import.meta.url).pathname
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, ...archive.env, ...callerEnv('operator'), ARCHIVE_GRPC_ADDRESS: archive.grpc }
  const { stdout } = await run(process.execPath, [program, ...args], { env, maxBuffer: 2 ** 26 }).catch(
    (error: { stdout: string }) => error,
  )
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>
}

const fatal = {
  onStuck: ({ error }: { error: unknown }) => fail(error),
  onFault: fail,
  onParked: ({ reason }: { reason: string }) => fail(new Error(reason)),
  onBuildingAhead() {},
  onDeadLetter: ({ code }: { code: string }) => fail(new Error(code)),
  onSnapshotFailed: fail,
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 100_000; performance.now() < deadline; await pause(200))
    if (await isTrue()) return
  throw new Error(`Waited in vain until ${what}.`)
}

function fail(error: unknown): never {
  throw error
}

async function ends(archive: RunningArchive, topic: string): Promise<bigint> {
  let total = 0n
  const count = await archive.log.partitionCount(topic)
  for (let partition = 0; partition < count; partition += 1)
    total += await archive.log.endOffset(topic, partition)
  return total
}

test('a day that is filled is shown as it is recounted and rebuilt; hosts and reactors take it for decided and done; it is not filled twice', async () => {
  await using archive = await startArchive()
  const { namespace, log, db } = archive
  const wanted: DayWanted = {
    log,
    namespace,
    dbOf: (service) => db.client.db(`${namespace}_${service}`),
    configDirectory: CONFIG,
    baseUrl: 'https://record.test',
    date: DAY,
    seed: 7,
    conversations: 40,
  }
  const day = await LivedDay.decided(wanted)
  await day.appended()
  const count = day.contacts.events.length + day.pool.events.length
  expect(count).toBeGreaterThan(1_500)

  // What many parts of the company say, and not one of them otherwise.
  const isRecounted = async () => {
    const { differentCount, figures } = await parley(archive, 'recount', '--day', DAY, '--json')
    const all = figures as { live: { numerator: number } }[]
    return differentCount === 0 && all.filter(({ live }) => live.numerator > 0).length > 80
  }
  await until('the day is shown as it is recounted', isRecounted)
  for (const name of ['conversation_figures', 'pool_figures'])
    expect(await parley(archive, 'projection', 'rebuild', name)).toMatchObject({
      isSwitched: true,
      differentCount: 0,
      unsettledCount: 0,
    })
  await until('the rebuilt day is the same', isRecounted)

  // Hosts fold it and find each of its commands decided; reactors find it heard.
  const topics = topicsOf(namespace, conversations)
  const policy = policyOf(await companyIn(CONFIG), {
    botTurnTimeoutSeconds: 45,
    silenceTimeoutSeconds: 1800,
    endingTimeoutSeconds: 60,
  })
  const events = await ends(archive, topics.events)
  const decides = async (decider: Decider<any, any, any, any>, of: FamilyTopics<any, any>, more: object) => {
    const group = `${namespace}.${decider.family.name}.again`
    const commands = await ends(archive, of.commands)
    const host = await runDeciderHost({
      log,
      topics: of,
      group,
      db: wanted.dbOf('routing'),
      decider,
      ...fatal,
      ...more,
    })
    await until('all commands were looked at', () => {
      const lag = host.lag()
      return host.isReady() && lag.length > 0 && lag.every(({ records }) => records === 0n)
    })
    await host.stop()
    return (await ends(archive, of.commands)) - commands
  }
  const adopted = await decides(conversationDecider, topics, { policy })
  expect((await ends(archive, topics.events)) - events).toBe(adopted)
  const poolTopics = topicsOf(namespace, workforces)
  const poolEvents = await ends(archive, poolTopics.events)
  await decides(workforceDecider, poolTopics, {})
  expect(await ends(archive, poolTopics.events)).toBe(poolEvents)

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
  await until('the reactor is at the end', () => {
    const lag = reactor.lag()
    return reactor.isReady() && lag.length > 0 && lag.every(({ records }) => records === 0n)
  })
  await reactor.stop()
  expect(heard).toEqual([])

  await expect(LivedDay.decided(wanted)).rejects.toMatchObject({ code: 'DAY_FILLED' })
  const more = await LivedDay.decided({ ...wanted, seed: 8, conversations: 3 })
  await more.appended()
}, 280_000)
