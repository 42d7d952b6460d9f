import { afterAll, beforeAll, expect, test } from 'vitest'
import { says } from '../../services/routing/test/story.ts'
import { type DeskStream, deskWorld, until } from './world.ts'

/** `npm run load -- --reconnect` does it with a thousand, each signed in by themselves. */
const DESKS = 300
const MISSED = 40
const WHOLE_WITHIN_MS = 5_000

let world: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  world = await deskWorld({ AGENT_STREAMS_PER_SESSION_MAX: String(DESKS) })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Of all that desks of these people are told, what is the same for each of them. */
const told = ({ events }: DeskStream): readonly string[] =>
  events.flatMap(({ event, data }) =>
    event === 'conversation' ? [`${data['id']} ${data['version']} ${data['lastMessage']?.text}`] : [],
  )

test('desks that all come back at once are whole again within 5 s: each has every event that it missed, once and in order', async () => {
  const browsers = await Promise.all(
    ['ana', 'bruno', 'carla', 'fabio', 'gabi'].map((login) => world.signedIn(login)),
  )
  const steady = await world.stream(browsers[0]!)
  // As browsers do: whoever is turned away while all come at once comes again.
  const connect = (lastEventIds: readonly (string | undefined)[]): Promise<readonly DeskStream[]> =>
    Promise.all(
      lastEventIds.map((lastEventId, desk) =>
        until(`desk ${desk} is connected`, () =>
          world.stream(browsers[desk % browsers.length]!, { lastEventId }).catch((error: unknown) => {
            if (error instanceof TypeError) return undefined
            throw error
          }),
        ),
      ),
    )
  const first = await connect(Array.from({ length: DESKS }, () => undefined))
  const { contact } = await world.waits('general')
  await world.wish(contact, says('the last word that all hear'))
  const isHeard = (stream: DeskStream, text: string) => told(stream).some((each) => each.endsWith(text))
  await until('all know of the first words', () =>
    [steady, ...first].every((stream) => isHeard(stream, 'the last word that all hear')),
  )
  const before = told(steady).length
  await Promise.all(first.map((stream) => stream.close()))

  for (let word = 0; word < MISSED; word += 1) await world.wish(contact, says(`word ${word}`))
  await until('who stayed has heard all', () => isHeard(steady, `word ${MISSED - 1}`))
  const missed = told(steady).slice(before)
  expect(missed).toHaveLength(MISSED)

  const begun = performance.now()
  const again = await connect(first.map(({ events }) => events.at(-1)!.id))
  await until('all have what they missed', () =>
    again.every((stream) => told(stream).length >= missed.length),
  )
  const tookMs = performance.now() - begun
  console.info(`${DESKS} desks were whole again after ${Math.round(tookMs)} ms`)
  for (const stream of again) {
    expect(told(stream)).toEqual(missed)
    expect(stream.of('refetch')).toEqual([])
  }
  expect(tookMs).toBeLessThan(WHOLE_WITHIN_MS)

  // Behind it they go on as if nothing had been.
  await world.wish(contact, says('and one more'))
  await until('all hear what comes', () =>
    [steady, ...again].every((stream) => isHeard(stream, 'and one more')),
  )
  expect(new Set(again.map((stream) => told(stream).length))).toEqual(new Set([missed.length + 1]))
}, 120_000)
