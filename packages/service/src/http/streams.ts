import { PassThrough } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sourceOf } from './limits.ts'
import { HttpRefusal, processEnding } from './refusal.ts'

export interface StreamLimits {
  readonly streamsMax: number
  /** Of IPv6, of one network of 64 bits. */
  readonly streamsPerAddressMax: number
  /** Of one session, or of whoever else is let in by one secret, on this replica. */
  readonly streamsPerSessionMax: number
}

/** A reader that takes nothing is let go when this much waits for it, or the newest state has waited so long. */
const UNREAD_BYTES_MAX = 1_000_000
const UNREAD_MS_MAX = 30_000

/** What waits for more to come goes once it is so much: else it would look as if nobody read it. */
const GATHERED_BYTES_MAX = 65_536

/** A desk says within 5 s that its line is away, and a line that is cut without a word is known by its silence alone. */
const COMMENT_EVERY_MS = 2_500

const ID = 'id: '

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  readonly sessionId: string | undefined
  readonly #body: PassThrough
  readonly #isTrusted: () => boolean
  /** Said, and not yet given to the socket. */
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #gathering: NodeJS.Timeout | undefined
  /** The last one with a place to go on from. */
  #placed: Buffer | undefined
  #signCount = 0
  /** Since when the reader has not taken the state that was said last, and the one that is to follow it. */
  #behindSinceMs: number | undefined
  #newest: Buffer | undefined

  constructor(body: PassThrough, sessionId: string | undefined, isTrusted: () => boolean) {
    this.#body = body
    this.sessionId = sessionId
    this.#isTrusted = isTrusted
  }

  /** @param data is sent as JSON, on one line */
  send(event: string, data: unknown, id?: string): void {
    this.sendFrame(frameOf(event, data, id), 0)
  }

  /** What is no fact, and is not told again: whoever comes back with its id goes on behind what came before it. */
  sendSign(event: string, data: unknown): void {
    const placed = this.#placed
    const line = placed?.subarray(ID.length, placed.indexOf('\n')).toString()
    this.#gather(frameOf(event, data, line && `${line}*${(this.#signCount += 1)}`), 0)
  }

  /**
   * @param frame of `frameOf`, which many streams may be sent alike: it is encoded once for all of them
   * @param withinMs it may wait so long for what comes behind it, since a write for each costs a socket more than what is written. What
   *   comes behind it and may not wait takes it along: the order is kept.
   */
  sendFrame(frame: Buffer, withinMs: number): void {
    if (frame.indexOf(ID) === 0) this.#placed = frame
    this.#gather(frame, withinMs)
  }

  /**
   * A state, said anew whenever it changes. Whoever reads slower than that gets the newest once they have taken the one before, and none that
   * is old by then: queued for them, states of thousands of agents would be more than may wait, and their line cut each time they came back.
   * @param frame of `frameOf`
   */
  sendNewest(frame: Buffer): void {
    if (this.#behindSinceMs === undefined) this.#sendState(frame)
    else if (performance.now() - this.#behindSinceMs > UNREAD_MS_MAX) this.#body.destroy()
    else this.#newest = frame
  }

  #sendState(frame: Buffer): void {
    this.sendFrame(frame, 0)
    if (!this.#body.writableNeedDrain) return
    this.#behindSinceMs = performance.now()
    this.#body.once('drain', () => {
      const newest = this.#newest
      this.#behindSinceMs = undefined
      this.#newest = undefined
      if (newest !== undefined) this.#sendState(newest)
    })
  }

  #gather(frame: Buffer, withinMs: number): void {
    this.#gathered.push(frame)
    this.#gatheredBytes += frame.length
    if (withinMs === 0 || this.#gatheredBytes > GATHERED_BYTES_MAX) this.flush()
    else this.#gathering ??= setTimeout(() => this.flush(), withinMs)
  }

  /** What was said and might have waited goes now. */
  flush(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    const [first, ...rest] = this.#gathered
    const bytes = this.#gatheredBytes
    this.#gathered = []
    this.#gatheredBytes = 0
    if (first === undefined) return
    if (!this.#isTrusted()) this.end()
    else if (this.#body.writableLength > UNREAD_BYTES_MAX) this.#body.destroy()
    else this.#write(rest.length === 0 ? first : Buffer.concat([first, ...rest], bytes))
  }

  /** How long a browser waits before it comes back by itself. */
  retryAfter(milliseconds: number): void {
    this.#write(`retry: ${milliseconds}\n\n`)
  }

  /** What was offered to the socket and it has not taken yet. */
  get unreadBytes(): number {
    return this.#body.writableLength
  }

  /** Once the reader has taken all that was said: in the next turn where it has already, never where the stream ends before. */
  onceRead(listener: () => void): void {
    this.flush()
    // The body says `drain` only after a write that it wanted to be the last for now.
    if (this.#body.writableNeedDrain) this.#body.once('drain', listener)
    else
      setImmediate(() => {
        if (this.#body.writable) listener()
      })
  }

  /** A line that browsers pass over: it shows whoever is on the way that the stream lives. */
  comment(): void {
    if (this.#isTrusted() && this.#body.writableLength === 0) this.#write(':\n\n')
  }

  end(): void {
    clearTimeout(this.#gathering)
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#newest = undefined
    this.#body.end()
  }

  #write(text: string | Buffer): void {
    if (this.#body.writable) this.#body.write(text)
  }
}

/** One event as it goes over the wire. */
export function frameOf(event: string, data: unknown, id?: string): Buffer {
  const place = id === undefined ? '' : `${ID}${id}\n`
  return Buffer.from(`${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** Of each state one frame, however many streams are told it. */
export function framesOf<State extends object>(
  event: string,
  shown: (state: State) => unknown,
): (state: State) => Buffer {
  const frames = new WeakMap<State, Buffer>()
  return (state) => {
    const frame = frames.get(state) ?? frameOf(event, shown(state))
    frames.set(state, frame)
    return frame
  }
}

/** The open event streams of one server: counted, and ended with their sockets, with their sessions, and with the server. */
export class EventStreams {
  readonly #limits: StreamLimits
  /** Each with where it is read, and by whom it is held. */
  readonly #open = new Map<EventStream, { readonly source: string; readonly holder: string | undefined }>()
  #sessionsKnownUntilMs = Infinity
  #isClosing = false

  constructor(app: FastifyInstance, limits: StreamLimits) {
    this.#limits = limits
    const commenting = setInterval(() => {
      for (const stream of this.#open.keys()) stream.comment()
    }, COMMENT_EVERY_MS).unref()
    app.addHook('preClose', async () => {
      this.#isClosing = true
      clearInterval(commenting)
      for (const stream of this.#open.keys()) stream.end()
    })
  }

  /** It is not known any longer who may still watch: streams of sessions end. */
  get isBlind(): boolean {
    return performance.now() >= this.#sessionsKnownUntilMs
  }

  get count(): number {
    return this.#open.size
  }

  /**
   * Answers a request with a stream.
   * @param begin says what it begins with, and gives what ends it on our side: called once, whichever way the stream ends
   * @param holder of a route that asks for no person: what one secret opens has no more streams than a session
   * @throws {HttpRefusal} 503 when this replica has as many as it takes or is ending, 429 when the address or the session has, 401 when the
   * session ended meanwhile
   */
  async open(
    request: FastifyRequest,
    reply: FastifyReply,
    begin: (stream: EventStream) => () => void,
    holder = request.person?.sessionId,
  ): Promise<FastifyReply> {
    // Nothing is waited for between this and the opening: whoever looks at all sessions that have streams here sees this one from then on.
    await request.stillSignedIn()
    // Given up while it was asked who it is: nobody would ever close it.
    if (reply.raw.destroyed) return reply.code(204).send()
    // Whoever was being let in when the end began: nothing would end their stream, and the stop would wait for it as long as it may.
    if (this.#isClosing) throw processEnding()
    const sessionId = request.person?.sessionId
    const source = sourceOf(request.ip)
    const { streamsMax, streamsPerAddressMax, streamsPerSessionMax } = this.#limits
    if (this.#open.size >= streamsMax)
      throw new HttpRefusal(503, 'TOO_MANY_STREAMS', 'Too many screens watch this replica.')
    const others = [...this.#open.values()]
    if (others.filter((other) => other.source === source).length >= streamsPerAddressMax)
      throw new HttpRefusal(429, 'TOO_MANY_STREAMS', 'Too many screens watch from this address.')
    if (
      holder !== undefined &&
      others.filter((other) => other.holder === holder).length >= streamsPerSessionMax
    )
      throw new HttpRefusal(
        429,
        'TOO_MANY_STREAMS',
        'Too many screens of this session, or by this address: close one of them.',
      )

    const body = new PassThrough()
    const stream = new EventStream(body, sessionId, () => sessionId === undefined || !this.isBlind)
    this.#open.set(stream, { source, holder })
    const end = begin(stream)
    body.once('close', () => {
      this.#open.delete(stream)
      end()
    })
    // Whatever becomes of the answer: one without a body, or a socket that is gone before it began, would else keep its listener.
    reply.raw.once('close', () => body.destroy())
    return reply.header('content-type', 'text/event-stream').header('x-accel-buffering', 'no').send(body)
  }

  /** Of the sessions that have streams here. */
  get sessionIds(): ReadonlySet<string> {
    const ids = new Set<string>()
    for (const { sessionId } of this.#open.keys()) if (sessionId !== undefined) ids.add(sessionId)
    return ids
  }

  /**
   * Whose sessions are good is known until then, and after it streams of sessions say nothing more, even where nothing came to end them:
   * a process that stood still, or whose store is away, shows nobody what they may not see any more.
   * @param atMs by `performance.now()`
   */
  trustSessionsUntil(atMs: number): void {
    this.#sessionsKnownUntilMs = atMs
  }

  endOf(sessionIds: ReadonlySet<string>): void {
    for (const stream of this.#open.keys())
      if (stream.sessionId !== undefined && sessionIds.has(stream.sessionId)) stream.end()
  }
}
