import type { ZodMiniType } from 'zod/mini'
import type { output } from 'zod/v4/core'
import { Figure } from '../figures/shapes.ts'
import { Calibration, type EvaluationView, Evaluations, Scorecards } from '../judging/shapes.ts'
import { MadeTelevision, Targets, type TelevisionFilter, Televisions } from '../wallboard/shapes.ts'
import { hearServiceTime } from '../state/clock.ts'
import { PersonSettings } from '../state/settings.ts'
import {
  Accepted,
  CountedPage,
  Customer,
  Drawn,
  Found,
  FoundPage,
  Me,
  Reassigned,
  Refusal,
  Revealed,
  RowPage,
  Templates,
  ThreadPage,
  TranscriptLink,
  type View,
} from './shapes.ts'

/** The service answered, and said no. `code` is the stable one of docs/reference/errors.md. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly fields: unknown

  constructor(status: number, { code, message, fields }: output<typeof Refusal>) {
    super(message)
    this.status = status
    this.code = code
    this.fields = fields
  }
}

/** No answer, or one that says to come back: the same request with the same key may be sent again, and counts once. */
export class Unreachable extends Error {}

/** Of one wish of a person, however often it has to be sent. */
export const newKey = (): string => crypto.randomUUID()

const ID = encodeURIComponent
/** Longer than the 5 s within which the service says 202. */
const PATIENCE_MS = 10_000

/**
 * The doors of the service, with the answers checked. Ids are all that goes into an address.
 * Each throws {@link Refused} or {@link Unreachable}.
 */
export class Client {
  readonly #signedOut: () => void

  /** @param signedOut is called when the session has ended; the request stays refused */
  constructor(signedOut: () => void) {
    this.#signedOut = signedOut
  }

  me = () => this.#get('/api/me', Me)

  settings = () => this.#get('/api/settings', PersonSettings)

  keepSettings = (changed: PersonSettings) => this.tell('PUT', '/api/settings', changed)

  rows = (view: View, cursor: string | null) =>
    this.#get(`/api/conversations?view=${view}${cursor === null ? '' : `&cursor=${ID(cursor)}`}`, RowPage)

  /** Those that a number of the wallboard counts. @param query as in the address of the list */
  liveRows = (query: string, cursor: string | null) => {
    const asked = new URLSearchParams({ view: 'all', counted: 'true' })
    for (const [name, value] of new URLSearchParams(query))
      if (['view', 'stage', 'queue', 'team', 'vendor', 'flow', 'sends'].includes(name)) asked.set(name, value)
    if (cursor !== null) asked.set('cursor', cursor)
    return this.#get(`/api/conversations?${asked}`, CountedPage)
  }

  /** @param base of the wallboard, or of a television */
  targets = (base: string) => this.#get(`${base}/targets`, Targets)

  televisions = async () => (await this.#get('/api/wallboard/televisions', Televisions)).televisions

  /** @returns the address of the screen, which nobody is told again */
  addTelevision = async (filter: TelevisionFilter) =>
    (await this.#read('/api/wallboard/televisions', jsonOf('POST', filter), MadeTelevision)).url

  endTelevision = async (id: string): Promise<void> => {
    try {
      await this.#ask(`/api/wallboard/televisions/${ID(id)}`, jsonOf('DELETE', {}))
    } catch (error) {
      // It was ended by then.
      if (!(error instanceof Refused && error.status === 404)) throw error
    }
  }

  /** Somebody looks after the alert. */
  acknowledge = (alertId: string) =>
    this.change('POST', `/api/alerts/${ID(alertId)}/acknowledge`, {}, newKey())

  thread = (id: string, before: string | null) =>
    this.#get(`/api/conversations/${ID(id)}${before === null ? '' : `?before=${ID(before)}`}`, ThreadPage)

  /** The approved ones of the account that the customer writes to. */
  templates = async (conversationId: string) =>
    (await this.#get(`/api/conversations/${ID(conversationId)}/templates`, Templates)).templates

  customer = (conversationId: string) =>
    this.#get(`/api/conversations/${ID(conversationId)}/customer`, Customer)

  /** What a sensitive answer says. It is on record that this person asked. */
  reveal = async (conversationId: string, what: { messageId: string } | { learnt: string }) =>
    (await this.#read(`/api/conversations/${ID(conversationId)}/reveal`, jsonOf('POST', what), Revealed)).text

  /** By POST: what is looked for is in no address. */
  search = async (text: string) =>
    (await this.#read('/api/search', jsonOf('POST', { text }), Found)).conversations

  /** @param isOwn of the person's own work alone @param signal nobody looks at it any more: what is made for it ends */
  figure = (asked: URLSearchParams, isOwn: boolean, signal: AbortSignal) =>
    this.#get(`/api/${isOwn ? 'me/' : ''}metrics?${asked}`, Figure, signal)

  /** In all that the archive holds. By POST: what is looked for is in no address. @param signal as of a figure */
  searchArchive = (asked: object, signal: AbortSignal) =>
    this.#read('/api/search/archive', { ...jsonOf('POST', asked), signal }, FoundPage)

  /** To the whole transcript, for an hour. It is on record that this person asked. */
  transcriptLink = async (conversationId: string) =>
    (
      await this.#read(
        `/api/conversations/${ID(conversationId)}/transcript-links`,
        jsonOf('POST', {}),
        TranscriptLink,
      )
    ).url

  scorecards = () => this.#get('/api/scorecards', Scorecards)

  /** What a rule has drawn and this person has not judged yet. */
  samples = (rule: string, cursor: string | null) =>
    this.#get(`/api/samples?rule=${ID(rule)}${cursor === null ? '' : `&cursor=${ID(cursor)}`}`, Drawn)

  evaluations = (view: EvaluationView, cursor: string | null) =>
    this.#get(`/api/evaluations?view=${view}${cursor === null ? '' : `&cursor=${ID(cursor)}`}`, Evaluations)

  evaluationsOf = async (conversationId: string) =>
    (await this.#get(`/api/conversations/${ID(conversationId)}/evaluations`, Evaluations)).evaluations

  calibration = (form: string) => this.#get(`/api/calibration?form=${ID(form)}`, Calibration)

  /** A change that carries a key. 202 comes back as `commandId` alone. */
  change = (method: 'POST' | 'PUT', path: string, body: object, key: string): Promise<Accepted> =>
    this.#read(path, jsonOf(method, body, { 'idempotency-key': key }), Accepted)

  /** What waits goes to another queue. */
  reassign = (conversationIds: readonly string[], queue: string) =>
    this.#read(
      '/api/reassignments',
      jsonOf('POST', { conversationIds, queue }, { 'idempotency-key': newKey() }),
      Reassigned,
    )

  /** A change of the kind that takes no key and says nothing: typing, a draft, the mark of what was read. */
  tell = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    await this.#ask(path, jsonOf(method, body))
  }

  signOut = () => this.tell('POST', '/sign-out', {})

  /** Uses XMLHttpRequest, which alone tells how much of a body has gone out. */
  upload(
    file: Blob,
    fileName: string,
    key: string,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Accepted> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      const form = new FormData()
      form.append('file', file, fileName)
      request.open('POST', '/api/uploads')
      request.setRequestHeader('idempotency-key', key)
      request.responseType = 'json'
      request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total))
      request.addEventListener('error', () => reject(new Unreachable('The upload got no answer.')))
      request.addEventListener('abort', () => reject(new DOMException('Given up', 'AbortError')))
      request.addEventListener('load', () => {
        const accepted = Accepted.safeParse(request.response)
        if (request.status === 200 && accepted.success) return resolve(accepted.data)
        if (request.status === 401) this.#signedOut()
        const refusal = Refusal.safeParse(request.response)
        reject(
          request.status >= 400 && request.status < 500 && refusal.success
            ? new Refused(request.status, refusal.data)
            : new Unreachable(`The upload was answered ${request.status}.`),
        )
      })
      signal.addEventListener('abort', () => request.abort(), { once: true })
      request.send(form)
    })
  }

  #get<Shape extends ZodMiniType>(path: string, shape: Shape, signal?: AbortSignal): Promise<output<Shape>> {
    return this.#read(path, signal === undefined ? {} : { signal }, shape)
  }

  /** An answer that is cut off, or is somebody else's on the way (a proxy's page), is none: what was asked may have been done. */
  async #read<Shape extends ZodMiniType>(
    path: string,
    init: RequestInit,
    shape: Shape,
  ): Promise<output<Shape>> {
    const answer = await this.#ask(path, init)
    const body: unknown = await answer.json().catch((cause: unknown) => {
      throw new Unreachable('The answer cannot be read.', { cause })
    })
    return shape.parse(body)
  }

  async #ask(path: string, { signal, ...init }: RequestInit): Promise<Response> {
    let answer: Response
    const askedAtMs = Date.now()
    try {
      const ends = [AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]
      answer = await fetch(path, { ...init, signal: AbortSignal.any(ends) })
    } catch (cause) {
      throw new Unreachable('There was no answer.', { cause })
    }
    hearServiceTime(answer.headers.get('date'), askedAtMs)
    if (answer.ok) return answer
    if (answer.status === 401) this.#signedOut()
    const refusal = Refusal.safeParse(await answer.json().catch(() => undefined))
    if (answer.status >= 500 || !refusal.success) throw new Unreachable(`It was answered ${answer.status}.`)
    throw new Refused(answer.status, refusal.data)
  }
}

const jsonOf = (
  method: 'POST' | 'PUT' | 'DELETE',
  body: object,
  headers: Readonly<Record<string, string>> = {},
): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
