import { Refused, Unreachable } from '../api/client.ts'
import type { Accepted } from '../api/shapes.ts'

export type Outgoing =
  | { readonly type: 'text'; readonly text: string; readonly replyTo?: string }
  | {
      readonly type: 'template'
      readonly name: string
      readonly language: string
      readonly parameters: readonly string[]
      /** As it will read; not sent. */
      readonly preview: string
    }
  | {
      readonly type: 'media'
      readonly uploadId: string
      readonly caption?: string
      readonly replyTo?: string
      readonly fileName: string
    }
  | { readonly type: 'note'; readonly text: string; readonly mentions: readonly string[] }

/** What was written here and is not yet in the conversation as this desk knows it. */
export interface Unsent {
  /** Its idempotency key: however often it goes out, it counts once. */
  readonly key: string
  readonly conversationId: string
  readonly content: Outgoing
  readonly at: string
  /** The conversation's last message when it was written: what it became stands after that one. */
  readonly after: string | undefined
  readonly state:
    | { readonly kind: 'sending' }
    /** The line is away; it goes out when it is back, in its turn. */
    | { readonly kind: 'unsent' }
    | { readonly kind: 'taken'; readonly messageId: string }
    | { readonly kind: 'failed'; readonly code: string; readonly message: string }
}

export interface OutboxPorts {
  readonly post: (path: string, body: object, key: string) => Promise<Accepted>
  readonly newKey: () => string
  readonly now: () => string
  readonly lastMessageId: (conversationId: string) => string | undefined
  readonly pause: (milliseconds: number) => Promise<void>
}

const AGAIN_AFTER_MS = 1_000

/**
 * Sends in the order in which it was written, one at a time in each conversation; what gets no answer is sent again with its key until it
 * has one. What was refused stands until somebody says what becomes of it, and what was written after it goes on.
 */
export class Outbox {
  readonly #ports: OutboxPorts
  readonly #changed: () => void
  readonly #running = new Set<string>()
  readonly #waiting = new Set<() => void>()
  readonly #settling = new Set<() => void>()
  #unsent: readonly Unsent[] = []

  constructor(ports: OutboxPorts, changed: () => void) {
    this.#ports = ports
    this.#changed = changed
  }

  get unsent(): readonly Unsent[] {
    return this.#unsent
  }

  /** Some are on their way, or were refused and stand here until somebody says what becomes of them: a page that closes would lose them. */
  get isHolding(): boolean {
    return this.#unsent.some(({ state }) => state.kind !== 'taken')
  }

  write(conversationId: string, content: Outgoing): void {
    const after = this.#ports.lastMessageId(conversationId)
    const { newKey, now } = this.#ports
    this.#set([
      ...this.#unsent,
      { key: newKey(), conversationId, content, at: now(), after, state: { kind: 'sending' } },
    ])
    void this.#run(conversationId)
  }

  /** Waits for what of this conversation is on its way. @returns whether all is taken; false as soon as something is refused or kept back */
  async settled(conversationId: string): Promise<boolean> {
    for (;;) {
      const kinds = this.#unsent.flatMap((entry) =>
        entry.conversationId === conversationId ? [entry.state.kind] : [],
      )
      if (kinds.includes('failed') || kinds.includes('unsent')) return false
      if (!kinds.includes('sending')) return true
      await new Promise<void>((resolve) => this.#settling.add(resolve))
    }
  }

  /** A refused one, as a new wish. */
  retry(key: string): void {
    const entry = this.#unsent.find((entry) => entry.key === key)
    if (entry === undefined) return
    this.discard(key)
    this.write(entry.conversationId, entry.content)
  }

  discard(key: string): void {
    this.#set(this.#unsent.filter((entry) => entry.key !== key))
  }

  /** The line is back: no more waiting. */
  wake(): void {
    for (const go of this.#waiting) go()
    this.#waiting.clear()
  }

  /** These stand in the conversation now. */
  arrived(messageIds: ReadonlySet<string>): void {
    const left = this.#unsent.filter(
      ({ state }) => state.kind !== 'taken' || !messageIds.has(state.messageId),
    )
    if (left.length < this.#unsent.length) this.#set(left)
  }

  async #run(conversationId: string): Promise<void> {
    if (this.#running.has(conversationId)) return
    this.#running.add(conversationId)
    try {
      for (;;) {
        const next = this.#unsent.find(
          (entry) =>
            entry.conversationId === conversationId &&
            (entry.state.kind === 'sending' || entry.state.kind === 'unsent'),
        )
        if (next === undefined) return
        await this.#send(next)
      }
    } finally {
      this.#running.delete(conversationId)
    }
  }

  async #send({ key, conversationId, content }: Unsent): Promise<void> {
    const path = `/api/conversations/${encodeURIComponent(conversationId)}/${content.type === 'note' ? 'notes' : 'messages'}`
    try {
      const { messageId } = await this.#ports.post(path, bodyOf(content), key)
      if (messageId !== undefined) return this.#state(key, { kind: 'taken', messageId })
    } catch (error) {
      if (error instanceof Refused)
        return this.#state(key, { kind: 'failed', code: error.code, message: error.message })
      if (!(error instanceof Unreachable)) throw error
      this.#state(key, { kind: 'unsent' })
    }
    // No answer, or no decision yet.
    await Promise.race([
      this.#ports.pause(AGAIN_AFTER_MS),
      new Promise<void>((resolve) => this.#waiting.add(resolve)),
    ])
  }

  #state(key: string, state: Unsent['state']): void {
    this.#set(this.#unsent.map((entry) => (entry.key === key ? { ...entry, state } : entry)))
  }

  #set(unsent: readonly Unsent[]): void {
    this.#unsent = unsent
    this.#changed()
    for (const go of this.#settling) go()
    this.#settling.clear()
  }
}

function bodyOf(content: Outgoing): object {
  switch (content.type) {
    case 'text':
      return content
    case 'template': {
      const { type, name, language, parameters } = content
      return { type, name, language, parameters }
    }
    case 'media': {
      const { fileName: _, ...body } = content
      return body
    }
    case 'note':
      return { text: content.text, mentions: content.mentions }
  }
}
