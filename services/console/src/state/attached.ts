import type { Accepted } from '../api/shapes.ts'
import type { ReadyFile } from './attachments.ts'

/** A file on its way to the next message. */
interface Attached {
  readonly key: string
  readonly name: string
  readonly bytes: number
  readonly state:
    | { readonly kind: 'uploading'; readonly share: number }
    | { readonly kind: 'ready'; readonly uploadId: string; readonly type: string }
}

interface AttachedPorts {
  readonly upload: (
    file: File,
    key: string,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ) => Promise<Accepted>
  readonly newKey: () => string
}

const NONE: readonly Attached[] = []
/** The console takes 16 of one person, and a proxy with HTTP/2 would let a browser begin with all that were picked. */
const AT_ONCE = 6

/** Files that wait for their message, by conversation: they stay while the person looks at another one, as a draft does, in this window only. */
export class AttachedFiles {
  readonly #ports: AttachedPorts
  readonly #changed: () => void
  readonly #files = new Map<string, readonly Attached[]>()
  readonly #uploads = new Map<string, AbortController>()
  /** Those that begin when one under way is done. */
  readonly #waiting: (() => void)[] = []
  #underWay = 0

  constructor(ports: AttachedPorts, changed: () => void) {
    this.#ports = ports
    this.#changed = changed
  }

  of = (conversationId: string): readonly Attached[] => this.#files.get(conversationId) ?? NONE

  readyOf(conversationId: string): readonly ReadyFile[] {
    return this.of(conversationId).flatMap(({ state, name }) =>
      state.kind === 'ready' ? [{ uploadId: state.uploadId, type: state.type, name }] : [],
    )
  }

  get isEmpty(): boolean {
    return this.#files.size === 0
  }

  /** @returns once it is uploaded, or was taken back; it throws what the upload does */
  async add(conversationId: string, file: File): Promise<void> {
    const key = this.#ports.newKey()
    const cut = new AbortController()
    const is = (state: Attached['state']) =>
      this.#set(
        conversationId,
        this.of(conversationId).map((each) => (each.key === key ? { ...each, state } : each)),
      )
    const { name, size: bytes } = file
    this.#uploads.set(key, cut)
    this.#set(conversationId, [
      ...this.of(conversationId),
      { key, name, bytes, state: { kind: 'uploading', share: 0 } },
    ])
    if (this.#underWay < AT_ONCE) this.#underWay += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      cut.signal.throwIfAborted()
      const onProgress = (share: number) => is({ kind: 'uploading', share })
      const { uploadId = '', type = '' } = await this.#ports.upload(file, key, onProgress, cut.signal)
      is({ kind: 'ready', uploadId, type })
    } catch (error) {
      const wasTakenBack = cut.signal.aborted
      this.remove(conversationId, key)
      if (!wasTakenBack) throw error
    } finally {
      this.#uploads.delete(key)
      const next = this.#waiting.shift()
      if (next === undefined) this.#underWay -= 1
      else next()
    }
  }

  remove(conversationId: string, key: string): void {
    this.#uploads.get(key)?.abort()
    this.#set(
      conversationId,
      this.of(conversationId).filter((each) => each.key !== key),
    )
  }

  /** They are in their message. */
  clear(conversationId: string): void {
    this.#set(conversationId, NONE)
  }

  #set(conversationId: string, files: readonly Attached[]): void {
    if (files.length === 0) this.#files.delete(conversationId)
    else this.#files.set(conversationId, files)
    this.#changed()
  }
}
