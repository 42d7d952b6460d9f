import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { RecordedEvent } from '@parley/kernel'
import { Chain, type TallyEvent, projected, tallies, testMongoUri } from '@parley/testkit'
import { type Collection, type Db, MongoClient } from 'mongodb'
import { describe, test } from 'vitest'
import { eventRecord } from '../commands.ts'
import type { EventLog } from '../log.ts'
import { bothLogs, partitions } from '../logs.fixture.ts'
import { memoryLog } from '../memory.ts'
import { topicsOf } from '../topics.ts'
import type { DocumentProjection, ProjectedDocument, ReadEvent } from '../reader/index.ts'
import { measuringAlone } from '../reader/measuring.fixture.ts'
import { projectionGroup } from '../reader/projection.ts'
import type { MetricDocument } from '../reader/metric-projection.ts'
import { UNTOLD } from '../reader/trouble.fixture.ts'
import { watchedDb } from '../reader/watched-db.fixture.ts'
import {
  type BuildOptions,
  type BuildProgress,
  buildNext,
  cancelBuilding,
  compareBuilt,
  rollBack,
  switchForward,
  switchToBuilt,
} from './building.ts'
import { type AnyProjection, type Projection, defineProjection } from './definition.ts'
import { LiveProjection, type ProjectionTrouble } from './live.ts'
import { Routes } from './route.ts'

const eventually = { timeout: 20_000, interval: 20 }
const AT_ONCE = new AbortController().signal
/** Of versions that settle. Far beyond what it takes them: a machine that does other work fails no test. */
const SETTLED_WITHIN_MS = 60_000
/** Of what never settles: for all that does it is long enough, for a builder commits once a second. */
const UNSETTLED_AFTER_MS = 6_000

interface Added extends ProjectedDocument {
  ids: string[]
}
interface Model {
  readonly documents: readonly DocumentProjection<Added, TallyEvent>[]
  readonly derived: readonly Collection[]
  readonly collection: Collection<Added>
}
type Tallied = Projection<TallyEvent, 'Added' | 'Blocked', Model>

/** All that was added to a stream, in order; each test may fold otherwise. */
function added(
  write: (id: string) => string = (id) => id,
  heard: (events: number) => void = () => {},
): Tallied {
  return defineProjection({
    name: 'added',
    family: tallies,
    types: ['Added', 'Blocked'],
    async open(db: Db, version) {
      const collection = db.collection<Added>(`added_v${version}`)
      await collection.createIndex({ streamId: 1 })
      const documents: DocumentProjection<Added, TallyEvent> = {
        collection,
        route: ({ type, envelope }) => (type === 'Added' ? [envelope.streamId] : []),
        fold(doc, event) {
          heard(1)
          return event.type === 'Added' ? { ids: [...(doc?.ids ?? []), write(event.data.id)] } : undefined
        },
      }
      // As a reader makes it of what is there.
      const derived = db.collection(`added_v${version}_derived`)
      await derived.createIndex({ at: 1 })
      return { collection, documents: [documents], derived: [derived] }
    },
  })
}

interface FigureModel {
  readonly documents: readonly DocumentProjection<MetricDocument, TallyEvent>[]
}

/** How many were added to streams of even and of odd names; what is poison cannot be measured. */
function figures(
  poison: ReadonlySet<string>,
  count: (added: { readonly id: string }) => number = () => 1,
): Projection<TallyEvent, 'Added' | 'Blocked', FigureModel> {
  return defineProjection({
    name: 'figures',
    family: tallies,
    types: ['Added', 'Blocked'],
    async open(db: Db, version) {
      const collection = db.collection<MetricDocument>(`figures_v${version}`)
      const measure = (event: TallyEvent) => {
        if (event.type !== 'Added') return []
        if (poison.has(event.data.id)) throw new Error('It cannot be measured.')
        const counted = count(event.data)
        const key = Number(event.data.id.split('.')[0]) % 2 === 0 ? 'even' : 'odd'
        return counted === 0 ? [] : [{ metric: 'added', key, window: '2026-01-05', add: { count: counted } }]
      }
      return { documents: measuringAlone<TallyEvent>(collection, measure as never) }
    },
  })
}

async function stageOn(open: (namespace: string) => Promise<EventLog>) {
  const namespace = `projections-${randomUUID()}`
  const log = await open(namespace)
  const topics = topicsOf(namespace, tallies)
  const client = await new MongoClient(testMongoUri()).connect()
  const db = client.db(`projections_${namespace.slice(-12)}`)
  const place = { log, topics, namespace, db }
  const chains = Array.from({ length: 8 }, (_, at) => new Chain(tallies, `stream-${at}`))
  const events: ReadEvent<TallyEvent>[] = []
  const services: { stop(): Promise<void> }[] = []
  const onFault = (error: Error) => {
    throw error
  }
  return {
    ...place,
    place,
    events,
    /** Every stream gets so many more events. */
    async say(count: number) {
      const news = Array.from({ length: count }, (_, n) =>
        chains.map((chain, at) => chain.add({ type: 'Added', data: { id: `${at}.${events.length}.${n}` } })),
      ).flat()
      events.push(...news)
      await log.append(
        topics.events,
        news.map((event: RecordedEvent) => eventRecord(event)),
      )
    },
    async service(
      projection: Tallied,
      {
        db: its = db,
        ...told
      }: Partial<ProjectionTrouble> & { readonly db?: Db; readonly commitEveryMs?: number } = {},
    ) {
      const options = { ...UNTOLD, onFault, commitEveryMs: 200, ...told }
      const service = await LiveProjection.start(projection, { ...place, db: its }, options)
      services.push(service)
      return service
    },
    async metrics(projection: ReturnType<typeof figures>) {
      const service = await LiveProjection.start(projection, place, {
        ...UNTOLD,
        onFault,
        commitEveryMs: 200,
      })
      services.push(service)
      return service
    },
    build: (projection: AnyProjection, options: Partial<BuildOptions> = {}) =>
      buildNext(projection, place, { signal: AT_ONCE, patienceMs: SETTLED_WITHIN_MS, ...options }),
    documents: (version: number) =>
      db.collection<Added>(`added_v${version}`).find().sort({ _id: 1 }).toArray(),
    /** What the log says. */
    async expected() {
      const { documents } = await added().open(db, 1)
      return [...projected(documents[0]!, events).values()].toSorted((a, b) => (a._id < b._id ? -1 : 1))
    },
    route: () => new Routes(db).of('added'),
    async [Symbol.asyncDispose]() {
      await Promise.all(services.map((service) => service.stop()))
      await log.close()
      await db.dropDatabase()
      await client.close()
    },
  }
}

const logs = bothLogs(async () => memoryLog({ partitions, batchRecordsMax: 50 }))

describe.concurrent.each(logs)('a projection that is built anew beside live traffic, on %s', (_, open) => {
  const stage = () => stageOn(open)

  test('is the live one; the service goes over to it without a restart, and nothing that was shown vanishes', async ({
    expect,
  }) => {
    await using on = await stage()
    const service = await on.service(added())
    await on.say(40)
    const talk = new AbortController()
    const shown: number[] = []
    const talking = (async () => {
      while (!talk.signal.aborted) {
        await on.say(1)
        const documents = await service.model.collection.find().toArray()
        shown.push(documents.reduce((sum, { ids }) => sum + ids.length, 0))
        await pause(30)
      }
    })()
    const built = await on.build(added())
    expect(built).toMatchObject({ live: 1, version: 2, streams: 8, differentCount: 0, unsettledCount: 0 })
    await switchToBuilt(added(), on, { acceptDifferences: false })
    await expect.poll(() => service.version, eventually).toBe(2)
    talk.abort()
    await talking
    await expect.poll(() => on.documents(2), eventually).toEqual(await on.expected())
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
    expect(await on.route()).toMatchObject({ version: 2, previous: 1, building: null })
    // Whoever asks again for what is so by now is told that it is so.
    expect(await compareBuilt(added(), on.place, { signal: AT_ONCE })).toMatchObject(built)
    expect(await switchToBuilt(added(), on, { acceptDifferences: false })).toMatchObject({ version: 2 })
    await rollBack(added(), on)
    const again = [
      compareBuilt(added(), on.place, { signal: AT_ONCE }),
      switchToBuilt(added(), on, { acceptDifferences: false }),
    ]
    expect(await Promise.allSettled(again)).toMatchObject([
      { reason: { code: 'NO_SUCH_VERSION' } },
      { reason: { code: 'NO_SUCH_VERSION' } },
    ])
  })

  test('that is switched to while somebody goes back is not read, and what they went back to is not dropped', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    await switchToBuilt(added(), on, { acceptDifferences: false })
    await on.build(added())
    const db = watchedDb(on.db, async (own, { collection, method }) => {
      if (collection === 'projection_routes' && method === 'updateOne') await rollBack(added(), on)
      return own()
    })
    await expect(
      switchToBuilt(added(), { ...on.place, db }, { acceptDifferences: false }),
    ).rejects.toMatchObject({
      code: 'VERSION_NOT_FIT',
    })
    expect(await on.route()).toMatchObject({ version: 1, previous: 2 })
    await expect.poll(() => on.documents(1), eventually).toEqual(await on.expected())
  })

  test('that is switched to while somebody cancels it is not read: nothing is in it any more', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    const db = watchedDb(on.db, async (own, { collection, method }) => {
      if (collection === 'projection_routes' && method === 'updateOne') await cancelBuilding(added(), on)
      return own()
    })
    await expect(
      switchToBuilt(added(), { ...on.place, db }, { acceptDifferences: false }),
    ).rejects.toMatchObject({
      code: 'VERSION_NOT_FIT',
    })
    expect(await on.route()).toMatchObject({ version: 1, building: null })
  })

  test('is followed by one reader, though the store was away while the service went over to it', async ({
    expect,
  }) => {
    await using on = await stage()
    let isAway = false
    const db = watchedDb(on.db, (own, { collection, method }) => {
      if (isAway && collection === 'added_v2_progress' && method === 'find')
        throw new Error('The store is away.')
      return own()
    })
    const trouble: string[] = []
    const service = await on.service(added(), {
      db,
      onRouteUnreadable(error) {
        trouble.push((error as Error).message)
        isAway = false
      },
    })
    await on.say(10)
    await on.build(added())
    isAway = true
    await switchToBuilt(added(), on, { acceptDifferences: false })
    await expect.poll(() => service.version, eventually).toBe(2)
    expect(trouble).toEqual(['The store is away.'])
    await expect.poll(() => service.assigned(), eventually).toEqual([0, 1, 2])
  })

  test('that its service stops while going over to it leaves no reader behind: the next one has all partitions', async ({
    expect,
  }) => {
    await using on = await stage()
    const isGoingOver = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    let isWatched = false
    const db = watchedDb(on.db, (own, { collection, method }) => {
      if (!isWatched || collection !== 'added_v2_parked_records' || method !== 'createIndex') return own()
      isGoingOver.resolve()
      return release.promise.then(own)
    })
    const service = await on.service(added(), { db })
    await on.say(10)
    await on.build(added())
    isWatched = true
    await switchToBuilt(added(), on, { acceptDifferences: false })
    await isGoingOver.promise
    const stopped = service.stop()
    release.resolve()
    await stopped
    const next = await on.service(added())
    expect(next.version).toBe(2)
    await expect.poll(() => next.assigned(), eventually).toEqual([0, 1, 2])
  })

  test('that goes on is compared no more from before its first event on: nobody reads what is being built', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(10)
    const known: boolean[] = []
    const plain = added()
    const watched: Tallied = {
      ...plain,
      async open(db, version) {
        if (version === 2) known.push((await on.route()).building?.comparison !== undefined)
        return plain.open(db, version)
      },
    }
    await on.build(watched)
    expect((await on.route()).building).toMatchObject({ comparison: { differentCount: 0 } })
    await compareBuilt(watched, on.place, { signal: AT_ONCE, patienceMs: SETTLED_WITHIN_MS })
    expect(known).toEqual([false, false])
  })

  test('that is cut goes on where it was, not at zero', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(100)
    let folded = 0
    const cut = new AbortController()
    const counting = added(undefined, (count) => {
      folded += count
      if (folded > 300) cut.abort(new Error('cut by hand'))
    })
    const first = on.build(counting, { signal: cut.signal, eventsPerSecondMax: 400 })
    const outcome = first.then(
      () => 'built',
      (error: Error) => error.message,
    )
    expect(await outcome).toBe('cut by hand')
    const before = folded
    expect(before).toBeLessThan(800)
    expect(await on.build(counting)).toMatchObject({ version: 2, streams: 8, differentCount: 0 })
    // At most the batches that were in work come again: one of each partition.
    expect(folded - before).toBeLessThan(800 - before + 3 * 50 + 1)
    expect(await on.documents(2)).toEqual(await on.expected())
  })

  test('is built by one at a time: whoever comes second is told so, and the first switches', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(40)
    const twoAtOnce = await Promise.allSettled([
      on.build(added(), { eventsPerSecondMax: 60 }),
      on.build(added(), { eventsPerSecondMax: 60 }),
      on.build(added(), { isAnew: true }),
    ])
    const outcomes = twoAtOnce.map((one) => (one.status === 'fulfilled' ? 'built' : String(one.reason.code)))
    expect(outcomes.toSorted()).toEqual(['REBUILD_UNDER_WAY', 'REBUILD_UNDER_WAY', 'built'])
    let whileItSwitches: Promise<unknown> | undefined
    await on.build(added(), {
      async onBuilt() {
        whileItSwitches = compareBuilt(added(), on.place, { signal: AT_ONCE })
        await expect(whileItSwitches).rejects.toMatchObject({ code: 'REBUILD_UNDER_WAY' })
        await switchToBuilt(added(), on, { acceptDifferences: false })
      },
    })
    expect(whileItSwitches).toBeDefined()
    expect(await on.route()).toMatchObject({ version: 2, building: null })
  })

  test('whose process was killed is gone on with, though nobody let go of it', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(20)
    await on.build(added())
    await on.db
      .collection<{ _id: string }>('projection_routes')
      .updateOne({ _id: 'added' }, { $set: { 'building.hold': { by: 'a killed one', beats: 7 } } })
    expect(await on.build(added())).toMatchObject({ version: 2, differentCount: 0, unsettledCount: 0 })
    expect((await on.route()).building).not.toHaveProperty('hold')
  })

  test('is cancelled from elsewhere: its builder is told, nothing of it is left, and the next begins at zero', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(100)
    let folded = 0
    const slow = on.build(
      added(undefined, (count) => void (folded += count)),
      { eventsPerSecondMax: 100 },
    )
    const outcome = slow.then(
      () => 'built',
      (error: { code?: string }) => error.code,
    )
    await expect.poll(() => folded, eventually).toBeGreaterThan(20)
    expect(await cancelBuilding(added(), on)).toEqual({ cancelled: 2 })
    expect(await outcome).toBe('REBUILD_CANCELLED')
    const names = (await on.db.listCollections().toArray()).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('added_v2'))).toEqual([])
    expect(await on.route()).toMatchObject({ version: 1, building: null })
    await expect(cancelBuilding(added(), on)).rejects.toMatchObject({ code: 'NO_SUCH_VERSION' })
    expect(await on.build(added())).toMatchObject({ live: 1, version: 3, differentCount: 0 })
    expect(await on.documents(3)).toEqual(await on.expected())
  })

  test('is cancelled by whoever comes first of two who cancel it at once, and the other is told that it is gone', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    const routes = new Routes(on.db)
    // As a builder that was killed leaves it: both wait whether it is still at work.
    const killed = { 'building.hold': { by: 'a killed one', beats: 7 } }
    await on.db.collection<{ _id: string }>('projection_routes').updateOne({ _id: 'added' }, { $set: killed })
    const first = routes.cancel('added')
    await expect.poll(async () => (await on.route()).building?.hold?.by, eventually).not.toBe('a killed one')
    const second = routes.cancel('added')
    expect(await first).toBe(2)
    await expect(second).rejects.toMatchObject({ code: 'NO_SUCH_VERSION' })
    expect(await on.route()).toMatchObject({ version: 1, building: null })
  })

  test('that is begun anew leaves nothing of what was being built, nor of what a killed command left', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    const remains = async () =>
      (await on.db.listCollections().toArray())
        .map(({ name }) => name)
        .filter((name) => /^added_v[23]/.test(name))
    const ofSecond = await remains()
    expect(await on.build(added(), { isAnew: true })).toMatchObject({ version: 3 })
    expect((await remains()).filter((name) => name.startsWith('added_v2'))).toEqual([])
    // As if whoever began anew had been killed after half of them.
    for (const name of ofSecond.filter((one) => /v2$|parked/.test(one)))
      await on.db.collection<{ _id: string }>(name).insertOne({ _id: 'left' })
    await cancelBuilding(added(), on)
    expect(await remains()).toEqual([])
    expect((await on.documents(1)).length).toBe(8)
  })

  test('is compared when it has read all, though its reader does not know yet how much there is, and says meanwhile what is left', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(120)
    const unknowing = {
      ...on.log,
      subscribe: async (options: Parameters<typeof on.log.subscribe>[0]) => {
        const own = await on.log.subscribe(options)
        return {
          assigned: () => own.assigned(),
          isReady: () => own.isReady(),
          stuck: () => own.stuck(),
          lag: () => [],
          stop: () => own.stop(),
        }
      },
    }
    const steps: BuildProgress[] = []
    await buildNext(
      added(),
      { ...on.place, log: unknowing },
      {
        signal: AT_ONCE,
        eventsPerSecondMax: 200,
        onProgress: (progress) => void steps.push(progress),
      },
    )
    const left = steps.flatMap((progress) => (progress.step === 'reading' ? [progress.recordsLeft] : []))
    expect(left.at(-1)).toBeLessThanOrEqual(100)
    expect(new Set(left.filter((records) => records > 100)).size).toBeGreaterThan(2)
    expect(steps.findIndex(({ step }) => step === 'comparing')).toBe(left.length)
  })

  test('keeps to its rate', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(30)
    const beganAtMs = performance.now()
    await on.build(added(), { eventsPerSecondMax: 200 })
    expect(performance.now() - beganAtMs).toBeGreaterThan(240 * (1_000 / 200) - 250)
  })

  test('that differs is named and not switched to, unless the operator accepts that', async ({ expect }) => {
    await using on = await stage()
    const service = await on.service(added())
    await on.say(10)
    const louder = added((id) => (id.startsWith('3.') ? id.toUpperCase() + '!' : id))
    expect(await on.build(louder)).toMatchObject({ differentCount: 1, different: ['stream-3'] })
    await expect(switchToBuilt(louder, on, { acceptDifferences: false })).rejects.toMatchObject({
      code: 'VERSION_NOT_FIT',
    })
    expect(await on.route()).toMatchObject({ version: 1 })
    await switchToBuilt(louder, on, { acceptDifferences: true })
    await expect.poll(() => service.version, eventually).toBe(2)
  })

  test('that lacks a stream, or has one that the live version lost, differs', async ({ expect }) => {
    await using on = await stage()
    const service = await on.service(added())
    await on.say(5)
    await expect.poll(async () => (await on.documents(1)).length, eventually).toBe(8)
    await service.stop()
    await on.db.collection<Added>('added_v1').deleteOne({ _id: 'stream-1' })
    await on.db.collection<Added>('added_v1').deleteOne({ _id: 'stream-2' })
    await on.db
      .collection<{ heads: { _id: string }[] }>('added_v1_heads_moving')
      .updateMany({}, { $pull: { heads: { _id: 'stream-2' } } })
    const built = await on.build(added(), { patienceMs: UNSETTLED_AFTER_MS })
    expect(built).toMatchObject({ different: ['stream-1'], unsettledCount: 1 })
    await expect(switchToBuilt(added(), on, { acceptDifferences: false })).rejects.toMatchObject({
      code: 'VERSION_NOT_FIT',
    })
  })

  test('that differs in a stream which both versions read a moment ago differs: they are compared once both have it on record', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added(), { commitEveryMs: 4_000 })
    await on.say(5)
    const lossy = added((id) => (id.startsWith('3.') ? `${id}?` : id))
    expect(await on.build(lossy)).toMatchObject({ different: ['stream-3'], unsettledCount: 0 })
  })

  test('that is compared with one that does not read the log any more is not the same', async ({
    expect,
  }) => {
    await using on = await stage()
    const service = await on.service(added())
    await on.say(5)
    await expect.poll(async () => (await on.documents(1)).length, eventually).toBe(8)
    await service.stop()
    const late = new Chain(tallies, 'stream-8').add({ type: 'Added', data: { id: '8.0' } })
    await on.log.append(on.topics.events, [eventRecord(late)])
    const built = await on.build(added(), { patienceMs: UNSETTLED_AFTER_MS })
    // The stream, which one of them knows only, and its partition.
    expect(built).toMatchObject({ differentCount: 0, unsettledCount: 2 })
    await expect(switchToBuilt(added(), on, { acceptDifferences: false })).rejects.toThrow(/never were/)
  })

  test('that parked a stream is not switched to, whatever is accepted', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    const broken = added((id) => {
      if (id.startsWith('4.')) throw new Error('A fold that cannot take it.')
      return id
    })
    expect(await on.build(broken, { patienceMs: UNSETTLED_AFTER_MS })).toMatchObject({ parkedCount: 1 })
    await expect(switchToBuilt(broken, on, { acceptDifferences: true })).rejects.toThrow(/parked/)
    expect(await on.build(added(), { isAnew: true })).toMatchObject({ version: 3, parkedCount: 0 })
    await switchToBuilt(added(), on, { acceptDifferences: false })
    expect(await on.route()).toMatchObject({ version: 3, previous: 1 })
  })

  test('does without what was left out of the live one, where it cannot take it either, and so does the next', async ({
    expect,
  }) => {
    await using on = await stage()
    const poison = new Set(['3.0.2', '3.0.4', '5.0.1'])
    const fragile = added((id) => {
      if (poison.has(id)) throw new Error('A fold that cannot take it.')
      return id
    })
    const service = await on.service(fragile)
    await on.say(5)
    const freed = async (streamId: string) => {
      for (let poison = await of(streamId); poison !== undefined; poison = await of(streamId))
        await service.discard(streamId, poison, 'it never was')
    }
    const of = async (streamId: string) =>
      (await service.parked()).find((parked) => parked.streamId === streamId)?.poison
    await expect.poll(async () => (await service.parked()).length, eventually).toBe(2)
    await freed('stream-3')
    expect(
      await on.build(fragile, { patienceMs: UNSETTLED_AFTER_MS }),
      'of stream 5 nobody said it',
    ).toMatchObject({
      parkedCount: 1,
    })
    await freed('stream-5')
    // Mended since: the new version takes it, and differs from the one that did without.
    poison.delete('5.0.1')
    expect(await on.build(fragile, { isAnew: true })).toMatchObject({
      parkedCount: 0,
      unsettledCount: 0,
      different: ['stream-5'],
    })
    await switchToBuilt(fragile, on, { acceptDifferences: true })
    await expect.poll(() => service.version, eventually).toBe(3)
    expect(await on.build(fragile)).toMatchObject({
      version: 4,
      parkedCount: 0,
      differentCount: 0,
      unsettledCount: 0,
    })
  })

  test('that was compared long ago is compared again before it is read: it may lag behind by as much', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    await on.db
      .collection<{ _id: string }>('projection_routes')
      .updateOne({ _id: 'added' }, { $set: { 'building.comparison.at': new Date(Date.now() - 3_700_000) } })
    await expect(switchToBuilt(added(), on, { acceptDifferences: true })).rejects.toThrow(/hour.*compare/)
    await compareBuilt(added(), on.place, { signal: AT_ONCE, patienceMs: SETTLED_WITHIN_MS })
    expect(await switchToBuilt(added(), on, { acceptDifferences: false })).toMatchObject({ version: 2 })
  })

  test('is compared again after it went on: what changed since counts', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    await on.say(5)
    await on.db.collection<Added>('added_v2').updateOne({ _id: 'stream-6' }, { $set: { ids: ['forged'] } })
    expect(
      await compareBuilt(added(), on.place, { signal: AT_ONCE, patienceMs: SETTLED_WITHIN_MS }),
    ).toMatchObject({
      version: 2,
      different: ['stream-6'],
    })
    await expect(switchToBuilt(added(), on, { acceptDifferences: false })).rejects.toThrow(/1 streams differ/)
  })
})

describe.concurrent.each(logs)('figures over many streams, on %s', (_, open) => {
  const stage = () => stageOn(open)

  test('are compared by their sums, beside traffic, whichever events were late', async ({ expect }) => {
    await using on = await stage()
    const poison = new Set(['3.0.2'])
    const service = await on.metrics(figures(poison))
    await on.say(10)
    await expect.poll(async () => (await service.parked()).length, eventually).toBe(1)
    poison.clear()
    await on.say(5)
    expect(await service.retry('stream-3')).toBe(true)
    expect(await on.db.collection('figures_v1').countDocuments({ streamId: 'stream-3' })).toBe(1)
    const talk = new AbortController()
    const talking = (async () => {
      while (!talk.signal.aborted) {
        await on.say(1)
        await pause(20)
      }
    })()
    const built = await on.build(figures(new Set()), { patienceMs: SETTLED_WITHIN_MS })
    talk.abort()
    await talking
    expect(built).toMatchObject({ version: 2, differentCount: 0, unsettledCount: 0 })
    // Of each parity and partition one, and of no stream a document.
    expect(built.documents).toBe(await on.db.collection('figures_v2').countDocuments())
  })

  test('that differ, or that one version lacks, are named', async ({ expect }) => {
    await using on = await stage()
    await on.metrics(figures(new Set()))
    await on.say(10)
    const partition = await on.log.partitionOf('stream-5', on.topics.events)
    const doubled = figures(new Set(), ({ id }) => (id.startsWith('5.') ? 2 : 1))
    expect(await on.build(doubled)).toMatchObject({
      different: [`added odd 2026-01-05 of partition ${partition}`],
      unsettledCount: 0,
    })
    const without = figures(new Set(), ({ id }) => (id.startsWith('5.') ? 1 : 0))
    const one = await on.build(without, { isAnew: true })
    expect(one.differentCount + one.unsettledCount).toBeGreaterThan(1)
    expect(one.unsettledCount).toBe(0)
  })
})

describe.concurrent.each(logs)('going back, on %s', (_, open) => {
  const stage = () => stageOn(open)

  test('what was compared with the version that one goes back from is compared again before it is read', async ({
    expect,
  }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    const wrong = added((id) => (id.startsWith('3.') ? `${id}?` : id))
    await on.build(wrong)
    await switchToBuilt(wrong, on, { acceptDifferences: true })
    expect(await on.build(wrong, { patienceMs: SETTLED_WITHIN_MS })).toMatchObject({ differentCount: 0 })
    await rollBack(added(), on)
    await expect(switchToBuilt(wrong, on, { acceptDifferences: false })).rejects.toThrow(/not live any more/)
    expect(
      await compareBuilt(wrong, on.place, { signal: AT_ONCE, patienceMs: SETTLED_WITHIN_MS }),
    ).toMatchObject({
      live: 1,
      different: ['stream-3'],
    })
    await expect(switchToBuilt(wrong, on, { acceptDifferences: false })).rejects.toThrow(/1 streams differ/)
  })

  test('the version before is read again, and takes in what came meanwhile; the one before that is dropped at the next switch', async ({
    expect,
  }) => {
    await using on = await stage()
    const service = await on.service(added())
    await on.say(10)
    await on.build(added())
    await switchToBuilt(added(), on, { acceptDifferences: false })
    await expect.poll(() => service.version, eventually).toBe(2)
    await on.say(10)
    expect(await rollBack(added(), on)).toMatchObject({ version: 1, previous: 2 })
    await expect.poll(() => service.version, eventually).toBe(1)
    await expect.poll(() => on.documents(1), eventually).toEqual(await on.expected())
    await on.build(added())
    await switchToBuilt(added(), on, { acceptDifferences: false })
    expect(await on.route()).toMatchObject({ version: 3, previous: 1 })
    const names = (await on.db.listCollections().toArray()).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('added_v2'))).toEqual([])
    expect(names).toContain('added_v1')
  })

  test('a version that a replica still reads is dropped once it has gone over, however soon one switch follows another', async ({
    expect,
  }) => {
    await using on = await stage()
    const isGoingOver = Promise.withResolvers<void>()
    const slow = { ...added() }
    slow.open = async (db, version) => {
      if (version > 1) await isGoingOver.promise
      return added().open(db, version)
    }
    const service = await on.service(slow)
    await on.say(5)
    await on.build(added())
    await switchToBuilt(added(), on, { acceptDifferences: false })
    await on.build(added(), { patienceMs: 100 })
    const isAsked = Promise.withResolvers<string>()
    const memberCount = async (group: string) => {
      const count = await on.log.memberCount(group)
      if (group.endsWith('.v1')) isAsked.resolve('asked who reads it')
      return count
    }
    const switched = switchToBuilt(
      added(),
      { ...on.place, log: { ...on.log, memberCount } },
      { acceptDifferences: true },
    )
    expect(await Promise.race([switched, isAsked.promise])).toBe('asked who reads it')
    expect(await on.route()).toMatchObject({ version: 3, previous: 2 })
    expect(service.version).toBe(1)
    expect(await service.model.collection.countDocuments()).toBe(8)
    isGoingOver.resolve()
    await switched
    const names = (await on.db.listCollections().toArray()).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('added_v1'))).toEqual([])
    await expect.poll(() => service.version, eventually).toBe(3)
    expect(await service.model.collection.countDocuments()).toBe(8)
  })

  test('a stream that is parked in one version is free in the other, parked still when one goes back, and can be retried then', async ({
    expect,
  }) => {
    await using on = await stage()
    let isBroken = true
    const fragile = added((id) => {
      if (isBroken && id === '3.0.2') throw new Error('A fold that cannot take it.')
      return id
    })
    const service = await on.service(fragile)
    await on.say(5)
    const parked = async () => (await service.parked()).map(({ streamId }) => streamId)
    await expect.poll(parked, eventually).toEqual(['stream-3'])
    expect(await on.build(added(), { patienceMs: UNSETTLED_AFTER_MS })).toMatchObject({
      parkedCount: 0,
      unsettledCount: 1,
    })
    await switchToBuilt(added(), on, { acceptDifferences: true })
    await expect.poll(() => service.version, eventually).toBe(2)
    expect(await parked()).toEqual([])
    await on.say(3)
    await expect.poll(() => on.documents(2), eventually).toEqual(await on.expected())
    await rollBack(added(), on)
    await expect.poll(() => service.version, eventually).toBe(1)
    expect(await parked()).toEqual(['stream-3'])
    expect(await service.retry('stream-3')).toBe(false)
    isBroken = false
    expect(await service.retry('stream-3')).toBe(true)
    await expect.poll(() => on.documents(1), eventually).toEqual(await on.expected())
  })

  test('whoever goes back while another does is told that it was not this one', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    await switchToBuilt(added(), on, { acceptDifferences: false })
    const db = watchedDb(on.db, async (own, { method }) => {
      if (method === 'updateOne') await rollBack(added(), on)
      return own()
    })
    await expect(rollBack(added(), { db })).rejects.toMatchObject({ code: 'VERSION_NOT_FIT' })
    expect(await on.route()).toMatchObject({ version: 1, previous: 2 })
  })

  test('whoever goes back twice, or after another did, stays where they went', async ({ expect }) => {
    await using on = await stage()
    await on.service(added())
    await on.say(5)
    await on.build(added())
    await switchToBuilt(added(), on, { acceptDifferences: false })
    const back = { version: 1, previous: 2 }
    expect(await rollBack(added(), on)).toMatchObject(back)
    expect(await rollBack(added(), on)).toMatchObject(back)
    expect(await on.route()).toMatchObject(back)
  })

  test('whoever went back goes forward again by a switch, to the same version with what came meanwhile, and is told to compare what is being built instead', async ({
    expect,
  }) => {
    await using on = await stage()
    const service = await on.service(added())
    await on.say(10)
    await on.build(added())
    await switchForward(added(), on, { acceptDifferences: false })
    await expect.poll(() => service.version, eventually).toBe(2)
    await rollBack(added(), on)
    await expect.poll(() => service.version, eventually).toBe(1)
    await on.say(10)
    const forward = { version: 2, previous: 1, building: null }
    expect(await switchForward(added(), on, { acceptDifferences: false })).toMatchObject(forward)
    expect(await switchForward(added(), on, { acceptDifferences: false })).toMatchObject(forward)
    await expect.poll(() => service.version, eventually).toBe(2)
    expect(await on.documents(2)).toEqual(await on.expected())
    expect(await rollBack(added(), on)).toMatchObject({ version: 1, previous: 2 })
    await expect(on.build(added(), { signal: AbortSignal.abort(new Error('cut')) })).rejects.toThrow('cut')
    await expect(switchForward(added(), on, { acceptDifferences: true })).rejects.toThrow(/Run compare/)
    expect(await on.route()).toMatchObject({ version: 1, previous: 2, building: { version: 3 } })
  })

  test('where nothing was live before there is nothing to go back to, and without a build nothing to switch to', async ({
    expect,
  }) => {
    await using on = await stage()
    await expect(rollBack(added(), on)).rejects.toMatchObject({ code: 'NO_SUCH_VERSION' })
    await expect(switchToBuilt(added(), on, { acceptDifferences: true })).rejects.toMatchObject({
      code: 'NO_SUCH_VERSION',
    })
    await expect(compareBuilt(added(), on.place, { signal: AT_ONCE })).rejects.toMatchObject({
      code: 'NO_SUCH_VERSION',
    })
  })
})

test.concurrent('a version of a log whose first records are gone is not built: whoever wanted it is told, and the live one stays', async ({
  expect,
}) => {
  const log = memoryLog({ partitions })
  await using on = await stageOn(async () => log)
  const service = await on.service(added())
  await on.say(5)
  await expect.poll(() => on.documents(1), eventually).toEqual(await on.expected())
  log.trim(on.topics.events, await log.partitionOf('stream-1', on.topics.events), 2n)
  await expect(on.build(added())).rejects.toMatchObject({ code: 'LOG_GAP' })
  await on.say(1)
  await expect.poll(() => on.documents(1), eventually).toEqual(await on.expected())
  expect([service.version, await on.route()]).toMatchObject([1, { version: 1 }])
  expect(await cancelBuilding(added(), on)).toEqual({ cancelled: 2 })
})

test.concurrent('a version whose group is shared out again and again while it is built is whole all the same', async ({
  expect,
}) => {
  const log = memoryLog({ partitions, batchRecordsMax: 20 })
  const generations = new Map<string, number>()
  const watched: EventLog = {
    ...log,
    subscribe: (options) =>
      log.subscribe({
        ...options,
        async onAssigned(given, generation) {
          generations.set(options.group, generation)
          await options.onAssigned?.(given, generation)
        },
      }),
  }
  await using on = await stageOn(async () => watched)
  await on.service(added())
  await on.say(60)
  const group = projectionGroup(on.namespace, 'added', 2)
  const disturbed = setInterval(() => log.rebalance(group), 150)
  const built = await on.build(added(), { eventsPerSecondMax: 800 }).finally(() => clearInterval(disturbed))
  // The first sharing out was its start.
  expect(generations.get(group)).toBeGreaterThan(2)
  expect(built).toMatchObject({ version: 2, differentCount: 0, unsettledCount: 0 })
  expect(await on.documents(2)).toEqual(await on.expected())
})
