import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { watchSessions } from './session-watch.ts'

/** A store, the streams of two sessions, and what this replica said. */
async function watched() {
  const good = new Set(['s-1', 's-2'])
  const open = new Set(['s-1', 's-2'])
  let lookedUp: Promise<void> = Promise.resolve()
  let trustedUntilMs = 0
  let revision = 1
  const saw: number[] = []
  const watch = await watchSessions({
    sessions: {
      goodOf: async (ids) => new Set(ids.filter((id) => good.has(id))),
      used: async () => {},
      lookedUp: () => lookedUp,
    },
    streams: {
      get sessionIds() {
        return new Set(open)
      },
      endOf: (ids) => {
        for (const id of ids) open.delete(id)
      },
      trustSessionsUntil: (atMs) => (trustedUntilMs = atMs),
    },
    replicas: {
      revision: async () => revision,
      saw: async (seen) => void saw.push(seen),
      leave: async () => {},
    },
    idleSeconds: 60,
    onError: (error) => {
      throw error
    },
  })
  return {
    good,
    open,
    saw,
    trustedMs: () => trustedUntilMs - performance.now(),
    change: () => (revision += 1),
    rush() {
      const rushing = Promise.withResolvers<void>()
      lookedUp = rushing.promise
      return () => {
        lookedUp = Promise.resolve()
        rushing.resolve()
      }
    },
    [Symbol.asyncDispose]: () => watch.close(),
  }
}

const WITHIN = { timeout: 10_000, interval: 20 }

test('while people are being recognised streams are looked at all the same, and a change is not said to be in force', async () => {
  await using it = await watched()
  expect(it.saw).toEqual([1])
  const calm = it.rush()
  it.change()
  it.good.delete('s-2')
  await expect.poll(() => [...it.open], WITHIN).toEqual(['s-1'])
  const looks = it.saw.length
  await expect.poll(() => it.saw.length, WITHIN).toBeGreaterThan(looks + 1)
  await expect.poll(() => it.trustedMs(), WITHIN).toBeGreaterThan(3_000)
  expect(new Set(it.saw)).toEqual(new Set([1]))
  calm()
  await expect.poll(() => it.saw.at(-1), WITHIN).toBe(2)
})

test('streams are looked at in each half of a second, so that one that is over ends within a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  await using it = await watched()
  for (let half = 1; half <= 10; half += 1) {
    const looks = it.saw.length
    await vi.advanceTimersByTimeAsync(500)
    // A look waits for nothing but turns of the loop.
    for (let turns = 0; turns < 20; turns += 1) await turn()
    expect(it.saw.length).toBeGreaterThan(looks)
  }
})
