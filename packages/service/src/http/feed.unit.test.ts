import { type Socket, connect } from 'node:net'
import { runs } from '@parley/testkit/properties'
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { beginningAt, cursorIn, positionOf } from './feed-position.ts'
import { Feed, type Told, type Watcher } from './feed.ts'
import { createHttpServer, listen } from './server.ts'
import { type EventStream, EventStreams, frameOf } from './streams.ts'

const fail = (error: unknown): never => {
  throw error
}
const START = {
  from: new Map([
    [0, 0n],
    [1, 0n],
    [2, 0n],
  ]),
  onError: fail,
}

interface Item {
  readonly name: string
  /** How many events a desk is told of it. */
  readonly events: number
}

const watcher: Watcher<Item> = {
  told: ({ name, events }) =>
    Array.from({ length: events }, (_, index) => ({ event: 'happened', data: `${name}/${index}` })),
}

/** A stream without a socket, which takes what it is told. */
class Taken {
  readonly said: (Told & { readonly id: string | undefined })[] = []
  readonly unreadBytes = 0
  readonly frames: Buffer[] = []
  send(event: string, data: unknown, id?: string): void {
    this.sendFrame(frameOf(event, data, id))
  }
  sendFrame(frame: Buffer): void {
    this.frames.push(frame)
    const { id, event, data } = /^(?:id: (?<id>.*)\n)?event: (?<event>.*)\ndata: (?<data>.*)\n\n$/.exec(
      frame.toString(),
    )!.groups!
    this.said.push({ event: event!, data: JSON.parse(data!), id })
  }
  flush(): void {}
  onceRead(): void {}
  isEnded = false
  end(): void {
    this.isEnded = true
  }
}

function watched<Item>(feed: Feed<Item>, by: Watcher<Item>, lastEventId?: string): Taken {
  const stream = new Taken()
  feed.open(stream as unknown as EventStream, lastEventId, by)
  return stream
}

const happenedIn = ({ said }: Taken) =>
  said.flatMap(({ event, data }) => (event === 'happened' ? [data] : []))

test('every stream begins with ready, and each event has an id of its own', () => {
  const feed = new Feed<Item>(START)
  const desk = watched(feed, watcher)
  feed.take([
    { partition: 1, offset: 0n, item: { name: 'a', events: 2 } },
    { partition: 0, offset: 7n, item: { name: 'b', events: 1 } },
  ])
  expect(desk.said.map(({ event, data }) => [event, data])).toEqual([
    ['ready', { position: '0.0.0' }],
    ['happened', 'a/0'],
    ['happened', 'a/1'],
    ['happened', 'b/0'],
  ])
  expect(new Set(desk.said.map(({ id }) => id)).size).toBe(4)
  expect(desk.said.every(({ id }) => id !== undefined)).toBe(true)
})

test('a resume after any event, on any replica however far it is, gives exactly the next, once', async () => {
  const happenings = array(
    record({
      partition: constantFrom(0, 1, 2),
      gap: integer({ min: 0, max: 2 }),
      events: integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  await assert(
    asyncProperty(happenings, integer({ min: 0 }), boolean(), async (all, pick, isReversed) => {
      const next = [0n, 0n, 0n]
      const log = all.map(({ partition, gap, events }, index) => {
        const offset = next[partition]! + BigInt(gap)
        next[partition] = offset + 1n
        return { partition, offset, item: { name: String(index), events } }
      })
      const first = new Feed<Item>(START)
      const desk = watched(first, watcher)
      first.take(log)
      const from = desk.said[pick % desk.said.length]!
      const missed = desk.said.slice(desk.said.indexOf(from) + 1).map(({ data }) => data)

      // Another replica sees partitions in another order, and some of it only later.
      const other = [0, 1, 2].flatMap((partition) => log.filter((one) => one.partition === partition))
      const late = isReversed ? other.toReversed().filter(({ partition }) => partition === 0) : []
      const second = new Feed<Item>(START)
      second.take(other.filter((one) => !late.includes(one)))
      const back = watched(second, watcher, from.id)
      second.take(late.toReversed())
      expect(back.said[0]!.event).toBe('ready')
      expect(happenedIn(back)).toHaveLength(missed.length)
      for (const partition of [0, 1, 2]) {
        const names = new Set(log.flatMap((one) => (one.partition === partition ? [one.item.name] : [])))
        const ofIt = (data: unknown) => names.has(String(data).split('/')[0]!)
        expect(happenedIn(back).filter(ofIt)).toEqual(missed.filter(ofIt))
      }
    }),
    runs(200),
  )
})

test('what happens costs nothing for desks of other audiences, and whoever is told the same gets the same bytes', () => {
  const feed = new Feed<Item>(START)
  let looked = 0
  const told = [{ event: 'happened', data: 'a' }]
  const desks = Array.from({ length: 6 }, (_, index) => {
    const stream = new Taken()
    const by: Watcher<Item> = {
      audiences: new Set([index < 2 ? 'north' : 'south', `person ${index}`]),
      told: () => {
        looked += 1
        return told
      },
    }
    feed.open(stream as unknown as EventStream, undefined, by)
    return stream
  })
  const at = (offset: bigint, audience: readonly string[]) => ({
    partition: 0,
    offset,
    item: { name: 'a', events: 1 },
    audience,
  })
  feed.take([at(0n, ['north'])])
  expect(desks.map((desk) => happenedIn(desk).length)).toEqual([1, 1, 0, 0, 0, 0])
  expect(desks[0]!.frames.at(-1)).toBe(desks[1]!.frames.at(-1))
  // Of two of the audiences, and told once.
  feed.take([at(1n, ['north', 'person 0', 'person 5']), at(2n, ['west'])])
  expect(desks.map((desk) => happenedIn(desk).length)).toEqual([2, 2, 0, 0, 0, 1])
  expect(looked).toBe(5)

  // The others are as far as the feed is, and whoever comes back is told what is for them alone.
  expect(desks[5]!.said.at(-1)!.id).toBe(positionOf({ next: new Map([...START.from, [0, 2n]]) }))
  const back = new Taken()
  feed.open(back as unknown as EventStream, desks[0]!.said.at(0)!.id, {
    audiences: new Set(['person 5']),
    told: () => told,
  })
  expect(happenedIn(back)).toEqual(['a'])
})

test('what another replica made nothing of takes nothing away from what came behind it', () => {
  const feed = new Feed<Item>(START)
  const first = watched(feed, watcher)
  feed.take([{ partition: 1, offset: 0n, item: { name: 'a', events: 2 } }])
  const within = first.said[1]?.id

  const other = new Feed<Item>(START)
  other.take([{ partition: 1, offset: 1n, item: { name: 'b', events: 2 } }])
  expect(happenedIn(watched(other, watcher, within))).toEqual(['b/0', 'b/1'])
})

test('who begins at the present is told what stands there, and after any of it exactly the rest and what came since', () => {
  const feed = new Feed<Item>(START)
  feed.take([0n, 1n, 2n].map((offset) => ({ partition: 1, offset, item: { name: `o${offset}`, events: 1 } })))
  let standing = [2n, 0n, 1n]
  const offers: Watcher<Item> = {
    told: watcher.told,
    present: () =>
      standing.map((offset) => ({ partition: 1, offset, event: 'happened', data: `o${offset}/0` })),
  }
  const desk = watched(feed, offers)
  expect(happenedIn(desk)).toEqual(['o0/0', 'o1/0', 'o2/0'])
  expect(new Set(desk.said.map(({ id }) => id)).size).toBe(4)

  feed.take([{ partition: 1, offset: 3n, item: { name: 'later', events: 1 } }])
  standing = [1n, 2n, 3n]
  const [ready, first, second, last] = desk.said
  expect(happenedIn(watched(feed, offers, ready!.id))).toEqual(['o1/0', 'o2/0', 'later/0'])
  expect(happenedIn(watched(feed, offers, first!.id))).toEqual(['o1/0', 'o2/0', 'later/0'])
  expect(happenedIn(watched(feed, offers, second!.id))).toEqual(['o2/0', 'later/0'])
  expect(happenedIn(watched(feed, offers, last!.id))).toEqual(['later/0'])
})

test('what stood where somebody begins is told by a replica that has not seen it yet once it does, and what another one told of it is not', () => {
  const offered = (offset: bigint) => ({ partition: 1, offset, item: { name: `o${offset}`, events: 1 } })
  const standsIn = (offsets: readonly bigint[]): Watcher<Item> => ({
    told: watcher.told,
    present: () =>
      offsets.map((offset) => ({ partition: 1, offset, event: 'happened', data: `o${offset}/0` })),
  })
  const ahead = new Feed<Item>(START)
  ahead.take([0n, 1n, 2n].map(offered))
  const desk = watched(ahead, standsIn([0n, 1n, 2n]))
  const began = beginningAt(ahead.position())
  expect(desk.said[0]!.id).toBe(began)
  for (const [id, rest] of [
    [began, ['o0/0', 'o1/0', 'o2/0', 'o3/0']],
    [desk.said[1]!.id, ['o1/0', 'o2/0', 'o3/0']],
    [desk.said[2]!.id, ['o2/0', 'o3/0']],
    [desk.said[3]!.id, ['o3/0']],
  ] as const) {
    const behind = new Feed<Item>(START)
    behind.take([offered(0n)])
    const back = watched(behind, standsIn([0n]), id)
    behind.take([1n, 2n, 3n].map(offered))
    expect(happenedIn(back)).toEqual(rest)
  }
})

test('any position of an answer may be resumed from, also one that this replica has not seen yet', () => {
  const feed = new Feed<Item>(START)
  feed.take([{ partition: 0, offset: 4n, item: { name: 'seen', events: 1 } }])
  const position = feed.position({ partition: 2, offset: 9n })
  const desk = watched(feed, watcher, position)
  feed.take([
    { partition: 2, offset: 9n, item: { name: 'decided', events: 1 } },
    { partition: 2, offset: 10n, item: { name: 'next', events: 1 } },
  ])
  expect(happenedIn(desk)).toEqual(['next/0'])
})

test.each([
  ['older than what is kept', '0.0.0', 'position_too_old'],
  ['of another log', '1.2', 'position_unknown'],
  ['of nothing', 'constructor', 'position_unknown'],
  ['endless', '1.'.repeat(20_000), 'position_unknown'],
])(
  'a position %s is answered with refetch, also when the connection breaks before, and the stream goes on from a new ready',
  (_, asked, reason) => {
    const feed = new Feed<Item>({ ...START, keptMax: 4 })
    const some = (from: number) =>
      Array.from({ length: 6 }, (__, index) => ({
        partition: 0,
        offset: BigInt(from + index),
        item: { name: `n${from + index}`, events: 1 },
      }))
    feed.take(some(0))
    const desk = watched(feed, watcher, asked)
    expect(desk.said.map(({ event }) => event)).toEqual(['ready', 'refetch', 'ready'])
    expect(desk.said[1]!.data).toEqual({ reason })
    expect(desk.said[2]!.data).toEqual({ position: feed.position() })
    expect([asked, undefined, desk.said[2]!.id].map((id) => feed.goesOnFrom(id))).toEqual([
      false,
      false,
      true,
    ])
    const [before, told, after] = desk.said.map(({ id }) => watched(feed, watcher, id))
    expect(before!.said[1]).toMatchObject({ event: 'refetch' })
    for (const back of [told!, after!]) expect(back.said.map(({ event }) => event)).toEqual(['ready'])
    feed.take(some(6))
    expect(happenedIn(desk)).toEqual(some(6).map(({ item }) => `${item.name}/0`))
  },
)

test('a position behind the end of the log was given by no log of ours, and is none; one of a replica that is ahead is gone on from', async () => {
  const feed = new Feed<Item>(START)
  feed.take([{ partition: 0, offset: 4n, item: { name: 'seen', events: 1 } }])
  let askedCount = 0
  const given = (id: string | undefined) =>
    feed.given(id, async () => {
      askedCount += 1
      return new Map([
        [0, 7n],
        [1, 0n],
        [2, 0n],
      ])
    })
  for (const id of [undefined, '5.0.0', '3.0.0', '5.0.0!', '4.0.0~0:1', 'constructor'])
    expect(await given(id)).toBe(id)
  expect(askedCount).toBe(0)
  for (const id of ['7.0.0', '6.0.0~0:1', '7.0.0!r', '7.0.0!0:6']) {
    expect(await given(id)).toBe(id)
    expect(watched(feed, watcher, id).said.map(({ event }) => event)).toEqual(['ready'])
  }
  for (const id of [
    '8.0.0',
    '5.0.1',
    '999999999999999999.0.0',
    '7.0.0~0:1',
    '5.0.0~1:1',
    '8.0.0!',
    '8.0.0*3',
    '5.0.0!0:5',
    '5.0.0!9:0',
  ]) {
    const desk = watched(feed, watcher, await given(id))
    expect([id, ...desk.said.map(({ event }) => event)]).toEqual([id, 'ready', 'refetch', 'ready'])
    expect(desk.said[1]!.data).toEqual({ reason: 'position_unknown' })
  }
})

test('while the log does not say where it ends a stream goes on: desks that come back do not wait for it', async () => {
  const feed = new Feed<Item>(START)
  expect(await feed.given('9.0.0', () => Promise.reject(new Error('away')))).toBe('9.0.0')
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const silent = feed.given('9.0.0', () => new Promise(() => {}))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await silent).toBe('9.0.0')
})

test('a view that fails ends its own stream alone', () => {
  const errors: unknown[] = []
  const feed = new Feed<Item>({ ...START, onError: (error) => errors.push(error) })
  const broken = watched(feed, {
    told: () => {
      throw new Error('no view')
    },
  })
  const desk = watched(feed, watcher)
  const some = [0n, 1n].map((offset) => ({ partition: 0, offset, item: { name: `${offset}`, events: 1 } }))
  feed.take(some)
  // What comes again is passed over.
  feed.take(some)
  expect(happenedIn(desk)).toEqual(['0/0', '1/0'])
  expect([broken.isEnded, desk.isEnded, errors.length]).toEqual([true, false, 1])
})

test('positions are read as they were written', () => {
  for (const cursor of [
    {
      next: new Map([
        [0, 12n],
        [1, 0n],
      ]),
    },
    {
      next: new Map([
        [0, 12n],
        [1, 3n],
      ]),
      partly: { partition: 1, count: 2 },
    },
    {
      next: new Map([
        [0, 12n],
        [1, 3n],
      ]),
      presentUpTo: { partition: 0, offset: 11n },
    },
    {
      next: new Map([
        [0, 12n],
        [1, 3n],
      ]),
      presentUpTo: null,
    },
  ])
    expect(cursorIn(positionOf(cursor), 2)).toEqual(cursor)
})

/** A feed behind a real server, and clients that read or do not. */
async function served() {
  const app = createHttpServer({ hosts: ['127.0.0.1'] })
  const streams = new EventStreams(app, { streamsMax: 80, streamsPerAddressMax: 80, streamsPerSessionMax: 8 })
  const feed = new Feed<Item>({ ...START, from: new Map([[0, 0n]]) })
  const pad = 'x'.repeat(1_000)
  const opened: EventStream[] = []
  app.get('/stream', { config: { access: 'public', stream: true } }, async (request, reply) => {
    const lastEventId = request.headers['last-event-id']
    return streams.open(request, reply, (stream) => {
      opened.push(stream)
      return feed.open(stream, typeof lastEventId === 'string' ? lastEventId : undefined, {
        told: ({ name }) => [{ event: 'happened', data: { name, pad } }],
      })
    })
  })
  const resource = await listen(app, '127.0.0.1', 0)
  const sockets: Socket[] = []
  let offset = 0n
  return {
    streams,
    feed,
    opened,
    /** All of it in one batch, as whoever catches up after an outage has it. */
    happenAtOnce(count: number) {
      const from = offset
      offset += BigInt(count)
      feed.take(
        Array.from({ length: count }, (_, index) => ({
          partition: 0,
          offset: from + BigInt(index),
          item: { name: String(from + BigInt(index)), events: 1 },
        })),
      )
    },
    happen(count: number) {
      for (let index = 0; index < count; index += 1, offset += 1n)
        feed.take([{ partition: 0, offset, item: { name: String(offset), events: 1 } }])
    },
    client(lastEventId?: string) {
      const socket = connect(resource.port, '127.0.0.1')
      sockets.push(socket)
      let partial = ''
      const frames: string[] = []
      const names: number[] = []
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (partial + chunk).split('\n\n')
        partial = parts.pop() ?? ''
        frames.push(...parts)
        names.push(...parts.flatMap((frame) => /"name":"(\d+)"/.exec(frame)?.[1] ?? []).map(Number))
      })
      const found = (pattern: RegExp) => frames.flatMap((frame) => pattern.exec(frame)?.[1] ?? [])
      socket.write(
        `GET /stream HTTP/1.1\r\nhost: 127.0.0.1\r\n${lastEventId === undefined ? '' : `last-event-id: ${lastEventId}\r\n`}\r\n`,
      )
      return {
        socket,
        names: () => names,
        words: () => found(/^event: (?!happened)(\w+)$/m),
        lastId: () => found(/^id: (.+)$/m).at(-1),
        ids: () => found(/^id: (.+)$/m),
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await resource.close()
    },
  }
}

const WITHIN = { timeout: 20_000, interval: 20 }
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

test('a desk that reads nothing holds up nobody and little memory; when it reads again it has what it was told, is told to fetch anew, and goes on', async () => {
  await using it = await served()
  const [quick, slow] = [it.client(), it.client()]
  await expect.poll(() => it.streams.count, WITHIN).toBe(2)
  slow.socket.pause()
  const total = 20_000
  for (let round = 0; round < 200; round += 1) {
    it.happen(total / 200)
    await expect.poll(() => quick.names().length, WITHIN).toBe(((round + 1) * total) / 200)
  }
  expect(quick.words()).toEqual(['ready'])
  expect(quick.names()).toEqual(upTo(total))

  slow.socket.resume()
  await expect.poll(() => slow.words(), WITHIN).toEqual(['ready', 'refetch', 'ready'])
  const told = slow.names().length
  expect(told).toBeLessThan(total)
  expect(slow.names()).toEqual(upTo(told))
  it.happen(3)
  await expect.poll(() => slow.names().slice(told), WITHIN).toEqual([total, total + 1, total + 2])
})

test('what many desks are told at once may wait for what comes behind it, and every desk has all of it in order', async () => {
  await using it = await served()
  const clients = Array.from({ length: 60 }, () => it.client())
  await expect.poll(() => it.streams.count, WITHIN).toBe(60)
  let writes = 0
  clients[0]!.socket.on('data', () => (writes += 1))
  it.happen(100)
  await expect.poll(() => clients.every((client) => client.names().length === 100), WITHIN).toBe(true)
  for (const client of clients) expect(client.names()).toEqual(upTo(100))
  expect(writes).toBeLessThan(20)
  // A desk that has less company is told at once what waits and what comes.
  for (const { socket } of clients.slice(1)) socket.destroy()
  await expect.poll(() => it.streams.count, WITHIN).toBe(1)
  it.happen(1)
  await expect.poll(() => clients[0]!.names(), WITHIN).toEqual(upTo(101))
})

test('a connection that breaks anywhere is gone on with where it broke', async () => {
  await using it = await served()
  let [id, all]: [string | undefined, number[]] = [undefined, []]
  for (let round = 0; round < 5; round += 1) {
    const client = it.client(id)
    await expect.poll(() => client.words(), WITHIN).toEqual(['ready'])
    it.happen(50)
    await expect.poll(() => client.names().length, WITHIN).toBeGreaterThan(10)
    client.socket.destroy()
    it.happen(7)
    all = [...all, ...client.names()]
    id = client.lastId()
  }
  const last = it.client(id)
  await expect.poll(() => all.length + last.names().length, WITHIN).toBe(5 * 57)
  expect([...all, ...last.names()]).toEqual(upTo(5 * 57))
})

test('who missed megabytes has all of it once and in order, however it reads, and then what happens', async () => {
  await using it = await served()
  const before = it.client()
  await expect.poll(() => before.lastId(), WITHIN).toBeDefined()
  it.happenAtOnce(12_000)
  const [quick, slow] = [it.client(before.lastId()), it.client(before.lastId())]
  await expect.poll(() => slow.names().length, WITHIN).toBeGreaterThan(100)
  slow.socket.pause()
  it.happenAtOnce(20)
  await expect.poll(() => quick.names().length, WITHIN).toBe(12_020)
  it.happenAtOnce(20)
  slow.socket.resume()
  await expect.poll(() => slow.names().length, WITHIN).toBe(12_040)
  it.happenAtOnce(20)
  for (const client of [quick, slow]) {
    await expect.poll(() => client.names().length, WITHIN).toBe(12_060)
    expect(client.names()).toEqual(upTo(12_060))
    expect(client.words()).toEqual(['ready'])
  }
})

test('who stops reading what was missed, until it is no longer kept, is told to fetch anew and goes on', async () => {
  await using it = await served()
  const before = it.client()
  await expect.poll(() => before.lastId(), WITHIN).toBeDefined()
  it.happenAtOnce(15_000)
  const slow = it.client(before.lastId())
  await expect.poll(() => slow.names().length, WITHIN).toBeGreaterThan(100)
  slow.socket.pause()
  before.socket.destroy()
  for (let round = 0; round < 3; round += 1) it.happenAtOnce(20_000)
  slow.socket.resume()
  await expect.poll(() => slow.words(), WITHIN).toEqual(['ready', 'refetch', 'ready'])
  const told = slow.names().length
  it.happenAtOnce(3)
  await expect.poll(() => slow.names().length, WITHIN).toBe(told + 3)
})

test('a burst mutes no desk of many that read at once', async () => {
  await using it = await served()
  const clients = Array.from({ length: 60 }, () => it.client())
  await expect.poll(() => it.streams.count, WITHIN).toBe(60)
  it.happenAtOnce(1_500)
  const hasAll = ({ names, words }: (typeof clients)[number]) =>
    names().length === 1_500 || (words().at(-1) === 'ready' && words().includes('refetch'))
  await expect.poll(() => clients.every(hasAll), WITHIN).toBe(true)
  it.happen(1)
  await expect
    .poll(() => clients.map(({ names }) => names().at(-1)), WITHIN)
    .toEqual(clients.map(() => 1_500))
  for (const { names } of clients.filter(({ words }) => !words().includes('refetch')))
    expect(names()).toEqual(upTo(1_501))
})

test('what is no fact has an id of its own, and whoever comes back with it goes on behind what came before', async () => {
  await using it = await served()
  const client = it.client()
  await expect.poll(() => client.lastId(), WITHIN).toBeDefined()
  it.happen(2)
  for (const sign of ['typing', 'typing']) for (const stream of it.opened) stream.sendSign(sign, {})
  await expect.poll(() => client.words(), WITHIN).toEqual(['ready', 'typing', 'typing'])
  expect(new Set(client.ids()).size).toBe(5)
  it.happen(2)
  const back = it.client(client.ids()[4])
  await expect.poll(() => back.names(), WITHIN).toEqual([2, 3])
  expect(back.words()).toEqual(['ready'])
})
