import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Browser } from '../../services/agent/src/adapters/testing/browser.ts'

/** Somebody of `stack.json`. */
export interface DeskPerson {
  readonly login: string
  readonly password: string
}

/** One event of `GET /api/stream`. */
export interface DeskEvent {
  readonly name: string
  readonly id: string | undefined
  readonly data: Data
}

type Data = Readonly<Record<string, any>>
/** Many desks of one process are told the same: it may read each text once. */
export type ReadData = (text: string) => Data

const readJson: ReadData = (text) => JSON.parse(text) as Data

/** What a change was answered: `refused` is a rule's no (409), or that it is not (any more) this person's (404). */
export type Answer =
  | { readonly is: 'decided'; readonly body: Readonly<Record<string, any>> }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'unknown'; readonly last: string }

const AGAIN_AFTER_MS = 250
const CALL_MS = 15_000

/**
 * A desk as a browser has it: signed in by the form, the stream down, changes up. A line that breaks is taken up where it broke; a change
 * that was not answered is said again under the same key.
 */
export class Desk {
  readonly #person: DeskPerson
  readonly #url: string
  readonly #deadlineAt: number
  readonly #browser = new Browser()
  readonly #closed = new AbortController()
  readonly #readData: ReadData
  #line = new AbortController()
  #mayComeBack: Promise<void> | undefined
  #signingIn: Promise<void> | undefined
  #following: Promise<void> | undefined

  constructor(consoleUrl: string, person: DeskPerson, deadlineAt: number, readData = readJson) {
    this.#readData = readData
    this.#url = consoleUrl.replace(/\/$/, '')
    this.#person = person
    this.#deadlineAt = deadlineAt
  }

  /** From now on until the desk is closed. */
  follow(onEvent: (event: DeskEvent) => void): void {
    this.#following = this.#follow(onEvent)
  }

  /** Breaks the line of the stream; it is taken up where it broke once that is allowed. */
  cut(mayComeBack: Promise<void>): void {
    this.#mayComeBack = mayComeBack
    this.#line.abort()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#line.abort()
    await this.#following
  }

  /** @param isFresh what is read may be older than what the stream told: it is read again until this says yes */
  async read(path: string, isFresh: (body: Data) => boolean = () => true): Promise<Data | undefined> {
    for (;;) {
      const answer = await this.#ask('GET', path)
      if (answer?.status === 404) return undefined
      if (answer?.status === 200) {
        const body = (await answer.json()) as Data
        if (isFresh(body)) return body
        if (this.#isOver()) throw new Error(`GET ${path}: still older than what the stream told`)
        await pause(AGAIN_AFTER_MS)
      } else if (!(await this.#mayTryAgain(answer))) throw new Error(`GET ${path}: ${await told(answer)}`)
    }
  }

  async change(method: 'POST' | 'PUT', path: string, body: object = {}): Promise<Answer> {
    const key = randomUUID()
    for (;;) {
      const answer = await this.#ask(method, path, { key, body })
      if (answer?.status === 200) return { is: 'decided', body: (await answer.json()) as Record<string, any> }
      if (answer?.status === 404) return { is: 'refused', code: 'NOT_FOUND' }
      if (answer?.status === 409)
        return { is: 'refused', code: ((await answer.json()) as { code: string }).code }
      if (!(await this.#mayTryAgain(answer)))
        return { is: 'unknown', last: `${method} ${path}: ${await told(answer)}` }
    }
  }

  /** Undefined where nothing answers at all. */
  async #ask(
    method: string,
    path: string,
    change?: { readonly key: string; readonly body: object },
  ): Promise<Response | undefined> {
    const headers: Record<string, string> =
      change === undefined
        ? {}
        : { 'content-type': 'application/json', origin: this.#url, 'idempotency-key': change.key }
    return this.#browser
      .ask(this.#url + path, {
        method,
        headers,
        ...(change === undefined ? {} : { body: JSON.stringify(change.body) }),
        signal: AbortSignal.timeout(CALL_MS),
      })
      .catch(() => undefined)
  }

  #isOver(): boolean {
    return Date.now() >= this.#deadlineAt || this.#closed.signal.aborted
  }

  /** Nobody answers, not yet decided (202), not read in time (408), too busy, or signed out. Everything else is a mistake of ours or theirs. */
  async #mayTryAgain(answer: Response | undefined): Promise<boolean> {
    if (this.#isOver()) return false
    if (answer?.status === 401) {
      await this.#signIn()
      return true
    }
    const isTransient = answer === undefined || [202, 408, 429, 502, 503, 504].includes(answer.status)
    if (isTransient) await pause(AGAIN_AFTER_MS)
    return isTransient
  }

  async #signIn(): Promise<void> {
    this.#signingIn ??= this.#browser
      .signIn(this.#url, this.#person.login, this.#person.password)
      .then(
        () => undefined,
        () => pause(AGAIN_AFTER_MS),
      )
      .finally(() => {
        this.#signingIn = undefined
      })
    await this.#signingIn
  }

  async #follow(onEvent: (event: DeskEvent) => void): Promise<void> {
    let lastEventId: string | undefined
    const { signal } = this.#closed
    while (!signal.aborted) {
      if (this.#line.signal.aborted && !signal.aborted) this.#line = new AbortController()
      try {
        const answer = await this.#browser.ask(`${this.#url}/api/stream`, {
          headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
          signal: this.#line.signal,
        })
        if (answer.status === 401) await this.#signIn()
        else if (answer.status === 200 && answer.body !== null)
          for await (const event of eventsIn(answer.body, this.#readData)) {
            lastEventId = event.id ?? lastEventId
            onEvent(event)
          }
        else await answer.body?.cancel()
      } catch {
        // The line broke, or was never there: it is taken up again.
      }
      if (!signal.aborted) await (this.#mayComeBack ?? pause(AGAIN_AFTER_MS))
      this.#mayComeBack = undefined
    }
  }
}

async function told(answer: Response | undefined): Promise<string> {
  return answer === undefined ? 'no answer' : `${answer.status} ${await answer.text()}`
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, as far as Parley's streams use it. */
export async function* eventsIn(
  body: AsyncIterable<Uint8Array>,
  readData = readJson,
): AsyncGenerator<DeskEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line): [string, string] => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon), line.slice(colon + 1).trimStart()]
        }),
      )
      const data = fields.get('data')
      if (data !== undefined)
        yield { name: fields.get('event') ?? 'message', id: fields.get('id'), data: readData(data) }
    }
  }
}
