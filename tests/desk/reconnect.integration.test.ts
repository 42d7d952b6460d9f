import { afterAll, beforeAll, expect, test } from 'vitest'
import { says } from '../../services/routing/test/story.ts'
import { type DeskStream, deskWorld, until } from './world.ts'

const DESKS = 1_000
const MISSED = 40

let world: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  world = await deskWorld({ AGENT_STREAMS_PER_SESSION_MAX: String(DESKS) })
})
afterAll(() => world[Symbol.asyncDispose]())

test('a thousand desks that come back at once are whole again, and none misses an event or gets one twice', async () => {
  const browsers = await Promise.all(
    ['vera', 'sonia', 'ana', 'bruno', 'carla'].map((login) => world.signedIn(login)),
  )
  const connect = (lastEventId?: string) =>
    Promise.all(
      Array.from({ length: DESKS }, (_, desk) =>
        world.stream(browsers[desk % browsers.length]!, { lastEventId }),
      ),
    )
  const { contact, conversationId } = await world.waits('general')
  const first = await connect()
  const rows = ({ events }: DeskStream) => events.filter(({ data }) => data['id'] === conversationId)
  await world.wish(contact, says('hello'))
  await until('all know of the first word', () => first.every((stream) => rows(stream).length > 0))
  const last = rows(first[0]!).at(-1)!.id
  await Promise.all(first.map((stream) => stream.close()))

  for (let word = 0; word < MISSED; word += 1) await world.wish(contact, says(`word ${word}`))
  const heard = ({ events }: DeskStream) =>
    events.filter(({ data }) => data['lastMessage']?.text.startsWith('word '))
  await world.untilTold(contact, 'MessageReceived', MISSED + 2)
  const begun = performance.now()
  const again = await connect(last)
  await until('all have what they missed', () => again.every((stream) => heard(stream).length >= MISSED))
  const seconds = (performance.now() - begun) / 1_000
  console.info(`${DESKS} desks were whole again after ${seconds.toFixed(1)} s`)
  const wanted = heard(again[0]!).map(({ id, data }) => [id, data['lastMessage'].text])
  expect(wanted.map(([, text]) => text)).toEqual([...Array(MISSED).keys()].map((word) => `word ${word}`))
  for (const stream of again) {
    expect(heard(stream).map(({ id, data }) => [id, data['lastMessage'].text])).toEqual(wanted)
    expect(stream.of('refetch')).toEqual([])
  }
}, 240_000)
