import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type DeskEvent, EVENTS } from './shapes.ts'

export type LineState = 'connecting' | 'live' | 'lost'

export interface StreamOptions {
  readonly onEvent: (event: DeskEvent) => void
  /** Something came that this desk cannot read: all that it shows may be wrong by now. */
  readonly onUnreadable: () => void
  readonly onLine: (line: LineState) => void
  readonly signedOut: () => void
  /** Where it begins. Undefined: at the present, and what was read before may be older than that. */
  readonly position?: string | undefined
}

/** The service sends at least a comment every 2.5 s. After so long a silence the person is told; after the longer one the line is begun anew. */
const SILENCE_MS = { told: 4_800, cut: 15_000 }
const WAIT_MS = { first: 250, longest: 4_000 }

/**
 * The desk's stream: comes back by itself, and after the last event that was taken, so that nothing is missed and nothing comes twice.
 * Not EventSource: that one does not tell a session that has ended from a network that is away, and cannot be told where to resume
 * when what is watched changes.
 */
export class DeskStream {
  readonly #options: StreamOptions
  #watched = ''
  #lastEventId: string | undefined
  #cut = new AbortController()
  #isClosed = false

  constructor(options: StreamOptions) {
    this.#options = options
    this.#lastEventId = options.position
  }

  /** Runs until it is closed. */
  async run(): Promise<void> {
    let waitMs = WAIT_MS.first
    while (!this.#isClosed) {
      this.#cut = new AbortController()
      try {
        const isChange = await this.#once(() => (waitMs = WAIT_MS.first))
        if (isChange) continue
      } catch {
        // Whatever ended it: it is begun again.
      }
      if (this.#isClosed) return
      this.#options.onLine('lost')
      await this.#pause(waitMs * (0.5 + Math.random()))
      waitMs = Math.min(waitMs * 2, WAIT_MS.longest)
    }
  }

  /** Messages of this conversation come as well, whoever owns it; the place in the stream is kept. */
  watch(conversationId: string | undefined): void {
    const watched = conversationId ?? ''
    if (watched === this.#watched) return
    this.#watched = watched
    this.#cut.abort('watch')
  }

  /** The network says that it is back: no more waiting. */
  wake(): void {
    this.#cut.abort('wake')
  }

  close(): void {
    this.#isClosed = true
    this.#cut.abort('close')
  }

  /** @returns true when it ended because something else is to be watched */
  async #once(onOpen: () => void): Promise<boolean> {
    const cut = this.#cut
    const address = `/api/stream${this.#watched === '' ? '' : `?watch=${encodeURIComponent(this.#watched)}`}`
    let isOpen = false
    let isQuiet = false
    const listen = () => [
      setTimeout(() => {
        isQuiet = true
        if (isOpen) this.#options.onLine('lost')
      }, SILENCE_MS.told),
      setTimeout(() => cut.abort('silence'), SILENCE_MS.cut),
    ]
    let silence = listen()
    const isHeard = () => {
      silence.forEach(clearTimeout)
      silence = listen()
      if (isQuiet && isOpen) this.#options.onLine('live')
      isQuiet = false
    }
    try {
      const answer = await fetch(address, {
        signal: cut.signal,
        headers: this.#lastEventId === undefined ? {} : { 'last-event-id': this.#lastEventId },
      })
      if (answer.status === 401) {
        this.#isClosed = true
        this.#options.signedOut()
        return false
      }
      if (!answer.ok || answer.body === null) throw new Error(`The stream was answered ${answer.status}.`)
      const events = answer.body
        .pipeThrough(
          new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
            transform(chunk, controller) {
              isHeard()
              controller.enqueue(chunk)
            },
          }),
        )
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())
        .getReader()
      for (;;) {
        const { done, value } = await events.read()
        if (done) return false
        this.#take(value.event ?? '', value.data)
        if (value.id !== undefined) this.#lastEventId = value.id
        if (value.event === 'ready') {
          isOpen = true
          onOpen()
          this.#options.onLine('live')
        }
      }
    } catch (error) {
      if (cut.signal.reason === 'watch') return true
      throw error
    } finally {
      silence.forEach(clearTimeout)
    }
  }

  /** What a newer service says besides is not for this desk. */
  #take(name: string, data: string): void {
    if (!Object.hasOwn(EVENTS, name)) return
    const read = EVENTS[name as keyof typeof EVENTS].safeParse(JSON.parse(data))
    if (read.success) this.#options.onEvent({ name, data: read.data } as DeskEvent)
    else this.#options.onUnreadable()
  }

  #pause(milliseconds: number): Promise<void> {
    const cut = (this.#cut = new AbortController())
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      cut.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
