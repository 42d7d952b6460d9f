import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from '../../services/agent/src/adapters/testing/browser.ts'
import { says } from '../../services/routing/test/story.ts'
import { deskWorld } from './world.ts'

/** `npm run load -- --reconnect` does it with a thousand, each signed in by themselves. */
const DESKS = 200
const MISSED = 40
/** Of agent, routing and all desks together, which are one process here: whatever else the machine does meanwhile does not count. */
const PROCESSOR_MS_MAX = 5_000
const HEARD_WITHIN_MS = 60_000

let world: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  world = await deskWorld({ AGENT_STREAMS_PER_SESSION_MAX: String(DESKS) })
})
afterAll(() => world[Symbol.asyncDispose]())

/** A stream that is only written down: hundreds of them must cost the test little. */
class Line {
  readonly frames: string[] = []
  readonly #abort = new AbortController()
  readonly #reading: Promise<void>
  readonly #wanted = new Map<string, () => void>()

  /** Resolves with the stream's first word. As browsers do: whoever is turned away while all come at once comes again. */
  static async open(browser: Browser, lastEventId?: string): Promise<Line> {
    for (;;) {
      const abort = new AbortController()
      const headers: Record<string, string> =
        lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
      const answer = await browser
        .ask(`${world.agent.url}/api/stream`, { signal: abort.signal, headers })
        .catch((error: unknown) => {
          if (error instanceof TypeError) return undefined
          throw error
        })
      if (answer?.status === 200 && answer.body !== null) {
        const line = new Line(answer.body, abort)
        await line.heard('event: ready')
        return line
      }
      await answer?.body?.cancel()
    }
  }

  private constructor(body: AsyncIterable<Uint8Array>, abort: AbortController) {
    this.#abort = abort
    this.#reading = this.#read(body).catch(() => {})
  }

  heard(words: string): Promise<void> {
    if (this.frames.some((frame) => frame.includes(words))) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Not heard: ${words}.`)), HEARD_WITHIN_MS)
      this.#wanted.set(words, () => {
        clearTimeout(late)
        resolve()
      })
    })
  }

  get lastId(): string {
    return /^id: (.+)$/m.exec(this.frames.at(-1)!)![1]!
  }

  /** Conversations as they were told, by id, version and last words. */
  get rows(): readonly string[] {
    return this.frames.flatMap((frame) => {
      const data = /^event: conversation\ndata: (.+)$/m.exec(frame)?.[1]
      if (data === undefined) return []
      const row = JSON.parse(data) as { id: string; version: number; lastMessage?: { text: string } }
      return [`${row.id} ${row.version} ${row.lastMessage?.text}`]
    })
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#reading
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of body) {
      const frames = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        this.frames.push(frame)
        for (const [words, tell] of this.#wanted)
          if (frame.includes(words)) {
            this.#wanted.delete(words)
            tell()
          }
      }
    }
  }
}

test('desks that all come back at once are whole again with less than 5 s of the processor: each has every event that it missed, once and in order', async () => {
  const browsers = await Promise.all(['ana', 'bruno'].map((login) => world.signedIn(login)))
  const steady = await Line.open(browsers[0]!)
  const connect = (lastIds: readonly (string | undefined)[]): Promise<readonly Line[]> =>
    Promise.all(lastIds.map((lastId, desk) => Line.open(browsers[desk % browsers.length]!, lastId)))
  const allHear = (lines: readonly Line[], words: string) =>
    Promise.all([steady, ...lines].map((line) => line.heard(words)))

  const first = await connect(Array.from({ length: DESKS }, () => undefined))
  const { contact } = await world.waits('general')
  await world.wish(contact, says('the last word that all hear'))
  await allHear(first, 'the last word that all hear')
  const before = steady.rows.length
  await Promise.all(first.map((line) => line.close()))

  for (let word = 0; word < MISSED; word += 1) await world.wish(contact, says(`word ${word}.`))
  await steady.heard(`word ${MISSED - 1}.`)
  const missed = steady.rows.slice(before)
  expect(missed).toHaveLength(MISSED)

  const begun = performance.now()
  const used = process.cpuUsage()
  const again = await connect(first.map(({ lastId }) => lastId))
  await allHear(again, `word ${MISSED - 1}.`)
  const tookMs = performance.now() - begun
  const { user, system } = process.cpuUsage(used)
  const processorMs = Math.round((user + system) / 1_000)
  console.info(
    `${DESKS} desks were whole again after ${Math.round(tookMs)} ms, ${processorMs} of them of the processor`,
  )
  for (const line of again) {
    expect(line.rows).toEqual(missed)
    expect(line.frames.filter((frame) => frame.includes('event: refetch'))).toEqual([])
  }
  expect(processorMs).toBeLessThan(PROCESSOR_MS_MAX)

  // Behind it they go on as if nothing had been.
  await world.wish(contact, says('and one more'))
  await allHear(again, 'and one more')
  expect(new Set(again.map(({ rows }) => rows.length))).toEqual(new Set([MISSED + 1]))
  await Promise.all([steady, ...again].map((line) => line.close()))
}, 120_000)
