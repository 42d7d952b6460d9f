import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { isFailed, isUncertain, says } from '../../services/routing/test/story.ts'
import type { Browser } from '../../services/agent/src/adapters/testing/browser.ts'
import { deskWorld, until } from './world.ts'

let config: string
let world: Awaited<ReturnType<typeof deskWorld>>
// Nothing ends by itself while numbers are compared with their rows: offers stand, and the robot has time.
beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'parley-wallboard-'))
  await cp(new URL('../../config', import.meta.url), config, { recursive: true })
  const file = join(config, 'workforce.yaml')
  const source = await readFile(file, 'utf8')
  await writeFile(file, source.replaceAll(/offer_seconds: \d+/g, 'offer_seconds: 600'))
  world = await deskWorld({}, { PARLEY_CONFIG_DIR: config, BOT_TURN_TIMEOUT_SECONDS: '600' })
})
afterEach(() => world.clear())
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await rm(config, { recursive: true, force: true })
})

const LIVE = [
  ['withRobot', 'with_robot'],
  ['waiting', 'waiting'],
  ['offered', 'offered'],
  ['withAgent', 'with_agent'],
  ['parked', 'parked'],
] as const
/** Each number, and the rows that it opens. */
const OPENS = [
  ...LIVE.map(([number, stage]) => [number, `&stage=${stage}`] as const),
  ['sendsFailed', '&sends=failed'],
  ['sendsUncertain', '&sends=uncertain'],
] as const

const GROUPS = [
  ['queues', 'queue'],
  ['teams', 'team'],
  ['vendors', 'vendor'],
  ['flows', 'flow'],
] as const

/** How many rows the list has, over all its pages, as it says itself. */
async function rowCount(browser: Browser, query: string): Promise<number> {
  let count = 0
  let told = 0
  for (let cursor: string | null = ''; cursor !== null;) {
    const path = `/api/conversations?view=all&counted=true${query}${cursor && `&cursor=${cursor}`}`
    const { body } = await world.read(browser, path)
    count += body['conversations'].length
    told = body['count']
    cursor = body['cursor']
  }
  expect([query, told]).toEqual([query, count])
  return count
}

async function watched(browser: Browser, query = '') {
  const abort = new AbortController()
  const answer = await browser.ask(`${world.agent.url}/api/wallboard/stream${query}`, {
    signal: abort.signal,
  })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const told: Record<string, any>[] = []
  const reading = (async () => {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const [, data] = /^event: wallboard\ndata: (.*)$/m.exec(part) ?? []
        if (data !== undefined) told.push(JSON.parse(data))
      }
    }
  })().catch(() => {})
  return {
    told,
    until: (is: (shown: Record<string, any>) => boolean) =>
      until('the wallboard shows it', () => told.find(is)),
    async [Symbol.asyncDispose]() {
      abort.abort()
      await reading
    },
  }
}

test('every number opens exactly the rows that it counts, in all, of a queue and of a team, for whoever looks', async () => {
  const mine = await world.taken('p03')
  const theirs = await world.taken('p05')
  const failed = await world.answers('p03', mine, 'Bom dia')
  const uncertain = await world.answers('p05', theirs, 'Bom dia')
  await world.wish(mine.contact, isFailed(failed))
  await world.wish(theirs.contact, isUncertain(uncertain))
  await world.untilTold(mine.contact, 'MessageFailed')
  await world.untilTold(theirs.contact, 'MessageSendUncertain')
  await world.wishPool('SetPresence', { agentId: 'p05', status: 'busy' })
  const offered = await world.waits('general')
  await world.untilTold(offered.contact, 'ConversationOffered')
  // Of those who are there nobody can serve it.
  await world.waits('cards')
  await world.wish('a customer with the robot', says('oi'))
  const watching = await world.signedIn('vera')
  await until('all of it is told', async () => {
    const { totals } = (await world.read(watching, '/api/wallboard')).body
    return Object.entries({
      withRobot: 1,
      waiting: 1,
      offered: 1,
      withAgent: 2,
      sendsFailed: 1,
      sendsUncertain: 1,
    }).every(([number, count]) => totals[number] === count)
  })
  for (const login of ['vera', 'sonia', 'tiago', 'otavio', 'marta']) {
    const browser = await world.signedIn(login)
    for (const narrowing of [
      '',
      '&queue=general',
      '&team=atendimento',
      '&team=contato-sul&queue=general',
      '&team=none',
      '&vendor=Contato%20Sul%20Atendimento',
      '&vendor=none&queue=general',
      '&flow=atendimento',
    ]) {
      const { status, body } = await world.read(browser, `/api/wallboard?${narrowing.slice(1)}`)
      expect(status).toBe(200)
      for (const [number, rows] of OPENS)
        expect([login, narrowing, number, body['totals'][number]]).toEqual([
          login,
          narrowing,
          number,
          await rowCount(browser, `${rows}${narrowing}`),
        ])
      for (const [groups, by] of narrowing === '' || narrowing === '&team=atendimento' ? GROUPS : [])
        for (const group of body[groups])
          for (const [number, rows] of OPENS) {
            const query = new URLSearchParams(`${rows}${narrowing}`)
            query.set(by, group.name)
            expect([login, narrowing, group.name, number, group[number]]).toEqual([
              login,
              narrowing,
              group.name,
              number,
              await rowCount(browser, `&${query.toString()}`),
            ])
          }
    }
  }
  const [vera, sonia] = [await world.signedIn('vera'), await world.signedIn('sonia')]
  const all = (await world.read(vera, '/api/wallboard')).body
  const part = (await world.read(sonia, '/api/wallboard')).body
  expect(all['totals']).toMatchObject({ sendsFailed: 1, sendsUncertain: 1 })
  expect(part['totals']).toMatchObject({ sendsFailed: 1, sendsUncertain: 0 })
  expect(all['vendors']).toMatchObject([{ name: 'Contato Sul Atendimento', sendsUncertain: 1, withAgent: 1 }])
  expect(part['vendors']).toEqual([])
  expect(all['teams']).toMatchObject([
    { name: 'atendimento', sendsFailed: 1, sendsUncertain: 0, withAgent: 1 },
    { name: 'contato-sul', sendsFailed: 0, sendsUncertain: 1, withAgent: 1 },
  ])
  expect(part['teams']).toMatchObject([{ name: 'atendimento', sendsFailed: 1 }])
  expect(all['flows'].map(({ name }: { name: string }) => name)).toContain('atendimento')
  expect(part['flows']).toEqual([])
  expect(all['totals'].withRobot).toBeGreaterThan(0)
  expect(part['totals'].withRobot).toBe(0)
  expect(all['totals'].withAgent - part['totals'].withAgent).toBe(1)
  expect(all['totals'].longestWaitSeconds).toBeGreaterThanOrEqual(0)
  expect(part['agents'].map(({ id }: { id: string }) => id)).toContain('p03')
  expect(part['agents'].map(({ id }: { id: string }) => id)).not.toContain('p05')
  expect(part['agents'].find(({ id }: { id: string }) => id === 'p03')).toEqual({
    id: 'p03',
    name: 'Carla Nunes',
    status: 'available',
    since: expect.any(String),
    load: expect.any(Number),
    capacity: 4,
  })
  expect((await world.read(sonia, `/api/conversations/${mine.conversationId}`)).status).toBe(200)
  // No archive runs here.
  expect(all['totals'].serviceLevelPercent).toBeNull()
})

test('what happens is on the wallboard within a second, on every replica, no more often than every 250 ms, and it never falls silent', async () => {
  const browser = await world.signedIn('vera')
  await using board = await watched(browser)
  const { totals: before } = await board.until(() => true)
  // The machine may do something else for a second, but not each time.
  const took: number[] = []
  for (let one = 1; one <= 3; one += 1) {
    await world.waits('branches')
    const waits = performance.now()
    await board.until(({ totals }) => totals.waiting === before.waiting + one)
    took.push(performance.now() - waits)
  }
  expect(Math.min(...took)).toBeLessThan(1_000)
  const customer = await world.waits('branches')
  for (const text of ['um', 'dois', 'três', 'quatro']) await world.wish(customer.contact, says(text))
  const count = board.told.length
  await until('it is told without anything new', () => board.told.length >= count + 4)
  // What came together was read together.
  const times = board.told.map(({ at }) => Date.parse(at))
  const gaps = times.slice(1).map((time, index) => time - times[index]!)
  expect(Math.min(...gaps)).toBeGreaterThan(200)
  // Where nobody said that something happened it would be told every two seconds.
  expect(Math.min(...gaps)).toBeLessThan(1_900)
})

test('agents have no wallboard, strangers not even an answer', async () => {
  const browser = await world.signedIn('carla')
  for (const path of ['/api/wallboard', '/api/wallboard/stream'])
    expect(await world.read(browser, path)).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } })
  expect((await fetch(`${world.agent.url}/api/wallboard`)).status).toBe(401)
})
