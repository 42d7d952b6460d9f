import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventRecord, topicsOf } from '@parley/eventlog'
import { recordedEvent } from '@parley/kernel'
import { MetricsServiceClient, ReadFigureRequest } from '@parley/proto/metrics'
import { DiscardPoisonRequest, ReaderServiceClient } from '@parley/proto/reader'
import { grpcCall, grpcClient } from '@parley/service'
import { callerCredentials, callerEnv, until } from '@parley/testkit'
import { workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import { Days } from './metrics/days.fixture.ts'
import { recordedAtOf } from './metrics/work.ts'
import { type RunningArchive, startArchive } from './testing.fixture.ts'

const run = promisify(execFile)
/** The company's clocks (America/Sao_Paulo) skip no hour on it; the property beside this test takes days that have 23 and 25. */
const DAY = '2026-03-02'

/** As an operator calls it, on another process. */
async function parley(archive: RunningArchive, ...args: readonly string[]) {
  const program = fileURLToPath(new URL('../../../infra/operator/src/parley.ts', import.meta.url))
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const env = {
    PATH,
    HOME,
    NODE_COMPILE_CACHE,
    ...archive.env,
    ...callerEnv('operator'),
    ARCHIVE_GRPC_ADDRESS: archive.grpc,
  }
  const { code, stdout, stderr } = await run(process.execPath, [program, ...args], {
    env,
    maxBuffer: 2 ** 26,
  }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code, stderr, result: JSON.parse(stdout || 'null') as Record<string, unknown> | null }
}

function someDays(prefix: string): Days {
  return Days.lived(`${DAY}T00:00:00.000Z`, 600, {
    contacts: 6,
    prefix,
    teams: { p01: 'atendimento', p02: 'atendimento', p04: 'contato-sul' },
  })
}

test('live = rebuilt = recounted, with a stream that was parked and records that were superseded', async () => {
  await using archive = await startArchive()
  const pool = topicsOf(archive.namespace, workforces).events
  const { happened } = someDays(archive.namespace)
  const told = happened.filter(({ family }) => family === 'conversation').map(({ event }) => event)
  const said = happened.filter(({ family }) => family === 'workforce').map(({ event }) => event)
  expect(told.length).toBeGreaterThan(500)
  expect(said.length).toBeGreaterThan(300)

  // A zombie's record beside the first one of a contact.
  const [first] = told
  const zombie = recordedEvent({ ...first!.envelope, eventId: 'of a zombie', actor: undefined })
  const [half, saidHalf] = [told.length >> 1, said.length >> 1]
  await archive.append([first!, zombie, ...told.slice(1, half)])
  await archive.log.append(pool, said.slice(0, saidHalf).map(eventRecord))
  await until('half is recounted as it is shown', () => isRecounted(archive))
  for (const name of ['conversation_figures', 'pool_figures'])
    expect(await parley(archive, 'projection', 'rebuild', name)).toMatchObject({
      code: 0,
      result: { version: 2, isSwitched: true, differentCount: 0, unsettledCount: 0 },
    })

  // Bytes that nobody can read, in the middle of another contact: what stands behind them is parked, and the recount says that it is missing.
  const sick = told.slice(half).find(({ envelope }) => envelope.streamId !== first!.envelope.streamId)!
  await archive.log.append(archive.topics.events, [
    { ...eventRecord(sick), value: Buffer.from('no envelope of ours') },
  ])
  await archive.append(told.slice(half))
  await archive.log.append(pool, said.slice(saidHalf).map(eventRecord))
  await until(
    'a stream is parked',
    async () => (await archive.db.collection('conversation_figures_v2_parked').countDocuments()) > 0,
  )
  await until(
    'all is archived',
    async () => (await archive.db.collection('raw_records').countDocuments()) === happened.length + 2,
  )
  expect((await parley(archive, 'recount', '--day', DAY, '--json')).code).toBe(1)

  await releaseParked(archive, sick.envelope.streamId)
  await until('what was parked is counted', () => isRecounted(archive))
  const hours = await parley(archive, 'recount', '--day', DAY, '--json', '--hours')
  expect(hours.code).toBe(0)
  // More than a pipe takes at once.
  expect(JSON.stringify(hours.result).length).toBeGreaterThan(300_000)
}, 240_000)

test('a day that goes on is recounted as it is shown: each figure up to the record up to which it was counted', async () => {
  await using archive = await startArchive()
  const pool = topicsOf(archive.namespace, workforces).events
  const days = Days.lived(`${DAY}T03:00:00.000Z`, 300, { contacts: 12, prefix: archive.namespace })
  const dayEnds = Date.parse('2026-03-03T03:00:00.000Z')
  const happened = days.happened.filter(({ event }) => recordedAtOf(event) < dayEnds)
  let isOver = false
  let toldCount = 0
  const goOn = async () => {
    for (const { family, event } of happened) {
      if (isOver) return
      if (family === 'conversation') await archive.append([event])
      else await archive.log.append(pool, [eventRecord(event)])
      toldCount += 1
      // As fast as a day is told while the command runs, and no faster.
      await pause(40)
    }
  }
  const goesOn = goOn()
  await using _traffic = {
    async [Symbol.asyncDispose]() {
      isOver = true
      await goesOn
    },
  }
  await until(
    'something is counted',
    async () => (await archive.db.collection('conversation_figures_v1').countDocuments()) > 0,
  )
  const before = toldCount
  const { code, stderr, result } = await parley(archive, 'recount', '--day', DAY, '--json')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(((result?.['figures'] ?? []) as readonly object[]).length).toBeGreaterThan(50)
  expect(toldCount).toBeGreaterThan(before + 10)
  expect(toldCount).toBeLessThan(happened.length)
}, 240_000)

/** Every figure of the day is what the raw archive says, and there are many. */
async function isRecounted(archive: RunningArchive): Promise<boolean> {
  const { code, result } = await parley(archive, 'recount', '--day', DAY, '--json')
  const figures = (result?.['figures'] ?? []) as { live: { numerator: number } }[]
  return code === 0 && figures.filter(({ live }) => live.numerator > 0).length > 60
}

/** An operator sets aside the bytes that nobody can read: what stands behind them comes late. */
async function releaseParked(archive: RunningArchive, streamId: string): Promise<void> {
  const client = grpcClient(ReaderServiceClient, archive.grpc, await callerCredentials('operator'))
  const { streams } = await grpcCall(client, 'listParkedStreams', {}, { timeoutMs: 10_000 })
  const { poison } = streams.find(
    (one) => one.reader === 'conversation_figures' && one.streamId === streamId,
  )!
  const request = { reader: 'conversation_figures', streamId, poison, reason: 'bytes of the test' }
  await grpcCall(client, 'discardPoison', DiscardPoisonRequest.fromPartial(request), { timeoutMs: 10_000 })
  client.close()
}

test('a figure is asked within the scope of the person, by whose it is, window and version', async () => {
  await using archive = await startArchive()
  const { happened } = someDays(archive.namespace)
  await archive.log.append(
    topicsOf(archive.namespace, workforces).events,
    happened.flatMap(({ family, event }) => (family === 'workforce' ? [eventRecord(event)] : [])),
  )
  const tool = grpcClient(MetricsServiceClient, archive.grpc, await callerCredentials('tool'))
  const agent = grpcClient(MetricsServiceClient, archive.grpc, await callerCredentials('agent'))
  const asked = {
    metric: 'handled',
    window: 'day',
    from: `${DAY}T00:00:00.000Z`,
    to: '2026-03-05T00:00:00.000Z',
  }
  const read = (more: object = {}, person?: string) =>
    grpcCall(
      person === undefined ? tool : agent,
      'readFigure',
      ReadFigureRequest.fromPartial({ ...asked, ...more }),
      { timeoutMs: 30_000, ...(person === undefined ? {} : { person }) },
    )
  const keys = async (by: string, person?: string) => [
    ...new Set((await read({ by }, person)).rows.map(({ key }) => key)),
  ]
  const total = async (more: object) =>
    (await read(more)).rows.reduce((sum, { numerator }) => sum + numerator, 0)
  await until('all is counted', () => isRecounted(archive))
  expect(await keys('agent')).toHaveLength(3)

  const all = await total({})
  expect(all).toBeGreaterThan(20)
  expect(await total({ window: 'hour' })).toBe(all)
  for (const by of ['queue', 'agent', 'team']) expect(await total({ by })).toBe(all)
  // Who notes the time, does something and asks from there on finds it: in the window that began before.
  const noted = new Date(Date.parse((await read({ window: 'hour' })).rows[3]!.from!) + 10 * 60_000)
  const since = await read({ window: 'hour', from: noted.toISOString() })
  expect(since.rows).toEqual((await read({ window: 'hour' })).rows.slice(3))
  expect(await total({ from: `${DAY}T23:59:00.000Z` })).toBe(all)
  const always = { from: '0001-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.000Z' }
  for (const window of ['day', 'hour']) expect(await total({ ...always, window })).toBe(all)
  const dates = (await read()).rows.map(({ date }) => date)
  expect(dates.slice(0, 2)).toEqual([DAY, '2026-03-03'])
  expect(await read()).toMatchObject({
    version: 1,
    unit: 'count',
    position: expect.stringMatching(/^\d+:\d+/),
  })

  // What each key is worth over all days, and each day over all keys, is the sum of the rows; a key that is not there has none.
  const byDay = (await read({ by: 'agent' })).rows
  const sumsBy = (of: (row: (typeof byDay)[number]) => string) =>
    Object.fromEntries(
      [...Map.groupBy(byDay, of)].map(
        ([one, rows]) => [one, rows.reduce((sum, row) => sum + row.numerator, 0)] as const,
      ),
    )
  const each = (await read({ by: 'agent', together: 'windows' })).rows
  expect(Object.fromEntries(each.map(({ key, numerator }) => [key, numerator]))).toEqual(
    sumsBy(({ key }) => key),
  )
  expect(new Set(each.map((row) => row.from))).toEqual(new Set(['2026-03-01T03:00:00.000Z']))
  const course = (await read({ by: 'agent', together: 'keys' })).rows
  expect(Object.fromEntries(course.map(({ date, numerator }) => [date, numerator]))).toEqual(
    sumsBy(({ date }) => date),
  )
  expect(course.map(({ key }) => key)).toEqual(dates.map(() => ''))
  const some = await read({ by: 'agent', keys: ['p01', 'p04', 'nobody'] })
  expect(some.rows).toEqual(byDay.filter(({ key }) => key === 'p01' || key === 'p04'))
  expect((await read({ by: 'agent', keys: ['p01', 'p04'] }, 'p08')).rows).toEqual(
    byDay.filter(({ key }) => key === 'p04'),
  )

  // A supervisor of a team: its agents, itself, its vendor; the queues that it serves, and not the whole company.
  expect(await keys('team', 'p07')).toEqual(['atendimento'])
  expect(await keys('team', 'p08')).toEqual(['contato-sul'])
  expect((await keys('agent', 'p08')).toSorted()).toEqual(['p04'])
  expect(await keys('vendor', 'p08')).toEqual(['Contato Sul Atendimento'])
  expect(await keys('vendor', 'p07')).toEqual([])
  expect((await keys('queue', 'p07')).toSorted()).toEqual(['cards', 'general'])
  expect((await read({}, 'p07')).rows).toEqual([])
  expect((await read({}, 'p09')).rows).toHaveLength(dates.length)
  // An agent: their own work, and nothing else.
  expect(await keys('agent', 'p01')).toEqual(['p01'])
  for (const by of ['', 'queue', 'team']) expect(await keys(by, 'p01')).toEqual([])

  for (const [field, wrong] of Object.entries({
    metric: 'moods',
    version: 9,
    by: 'flow',
    window: 'week',
    to: asked.from,
    together: 'days',
  }))
    await expect(read({ [field]: wrong })).rejects.toMatchObject({ code: 'FIGURE_QUESTION_INVALID', field })
  await expect(read({ metric: 'handle_tme' })).rejects.toThrow('did you mean "handle_time"?')
  await expect(read({ by: 'teams' })).rejects.toThrow('did you mean "team"?')
  await expect(read({ metric: 'flow_step_reached' })).rejects.toThrow('by=flow')
  await expect(read({ metric: 'flow_step_reached', by: 'flow', together: 'keys' })).rejects.toMatchObject({
    code: 'FIGURE_QUESTION_INVALID',
    field: 'together',
  })
  await expect(read({ keys: ['p01'] })).rejects.toMatchObject({
    code: 'FIGURE_QUESTION_INVALID',
    field: 'key',
  })
  tool.close()
  agent.close()
}, 240_000)
