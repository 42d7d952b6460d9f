import { Refused } from '../api/client.ts'
import { newsIn, restBehind } from './drafted-words.ts'

export type DraftState = 'saved' | 'saving' | 'unsaved'

export interface DraftPorts {
  /** @param before as the server had it when this desk heard of it last */
  readonly save: (conversationId: string, text: string, before: string) => Promise<void>
  /** As the server has it. */
  readonly read: (conversationId: string) => Promise<string>
  readonly pause: (milliseconds: number) => Promise<void>
}

const SAVED_EVERY_MS = 1_000

/**
 * What is being written to customers, by conversation: here at once, on the server within a second, and gone from there at once. What another
 * desk of the person wrote meanwhile is not replaced: it comes before what is written here. Notes are never among it: what was meant for
 * colleagues must not come back in the box of replies.
 */
export class Drafts {
  readonly #ports: DraftPorts
  readonly #changed: () => void
  readonly #texts = new Map<string, string>()
  readonly #writings = new Map<string, number>()
  readonly #unsaved = new Set<string>()
  readonly #refused = new Set<string>()
  /** As the server had it when this desk heard of it last. */
  readonly #known = new Map<string, string>()
  /** They had something at another desk, which stands here too, since they wrote last. */
  readonly #joined = new Set<string>()
  #isSaving = false
  #urgent = Promise.withResolvers<void>()

  constructor(ports: DraftPorts, changed: () => void) {
    this.#ports = ports
    this.#changed = changed
  }

  of = (conversationId: string): string => this.#texts.get(conversationId) ?? ''

  /** Undefined: nothing is written here, and what the server has may be another desk's. */
  isBegun = (conversationId: string): boolean | undefined => {
    if (this.of(conversationId) !== '') return true
    return this.#unsaved.has(conversationId) ? false : undefined
  }

  stateOf(conversationId: string): DraftState {
    if (this.#refused.has(conversationId)) return 'unsaved'
    return this.#unsaved.has(conversationId) ? 'saving' : 'saved'
  }

  /** What was written at another desk came in. That it is not kept with what is written here would be the greater news. */
  isJoined = (conversationId: string): boolean =>
    this.#joined.has(conversationId) && !this.#refused.has(conversationId)

  /** Something is in this window only. */
  get isUnsaved(): boolean {
    const unsaved = [...this.#unsaved, ...this.#refused]
    return unsaved.some((conversationId) => this.of(conversationId).trim() !== '')
  }

  /** How far what is written here has come, of which the server has all; undefined where it has not. */
  settledAt(conversationId: string): number | undefined {
    return this.stateOf(conversationId) === 'saved' ? (this.#writings.get(conversationId) ?? 0) : undefined
  }

  /**
   * As the server has it, from whatever desk of the person: it counts where nothing has been written here since.
   * @param since `settledAt` of before it was asked
   */
  adopt(conversationId: string, text: string, since: number | undefined): void {
    if (since === undefined || since !== this.settledAt(conversationId)) return
    this.#known.set(conversationId, text)
    if (this.of(conversationId) === text) return
    this.#texts.set(conversationId, text)
    this.#changed()
  }

  write(conversationId: string, text: string): void {
    if (this.of(conversationId) === text) return
    this.#set(conversationId, text)
    this.#unsaved.add(conversationId)
    this.#joined.delete(conversationId)
    this.#changed()
    void this.#save()
    // Sent, mostly: a window that is closed now must not leave what was said as a draft.
    if (text === '') this.#urgent.resolve()
  }

  /**
   * The person's words are in the conversation, said at whatever desk: what they were sent from is no draft any more, and of what they were
   * joined to the rest is one.
   */
  said(conversationId: string, text: string): void {
    const draft = this.of(conversationId)
    const rest = restBehind(draft, text)
    if (rest === draft) return
    this.#set(conversationId, rest)
    if (rest === '') {
      this.#known.delete(conversationId)
      this.#unsaved.delete(conversationId)
    } else {
      this.#unsaved.add(conversationId)
      void this.#save()
    }
    this.#changed()
  }

  #set(conversationId: string, text: string): void {
    this.#texts.set(conversationId, text)
    this.#writings.set(conversationId, (this.#writings.get(conversationId) ?? 0) + 1)
  }

  async #save(): Promise<void> {
    if (this.#isSaving) return
    this.#isSaving = true
    try {
      while (this.#unsaved.size > 0) {
        await Promise.race([this.#ports.pause(SAVED_EVERY_MS), this.#urgent.promise])
        this.#urgent = Promise.withResolvers()
        for (const conversationId of this.#unsaved) await this.#saveOne(conversationId)
        this.#changed()
      }
    } finally {
      this.#isSaving = false
    }
  }

  async #saveOne(conversationId: string): Promise<void> {
    const text = this.of(conversationId)
    try {
      await this.#ports.save(conversationId, text, this.#known.get(conversationId) ?? '')
      this.#refused.delete(conversationId)
      this.#known.set(conversationId, text)
    } catch (error) {
      if (error instanceof Refused && error.code === 'DRAFT_CHANGED') return this.#join(conversationId)
      this.#refused.add(conversationId)
      // Not answered: in a second again. Refused: it stays on this screen, and what is written next is tried anew.
      if (!(error instanceof Refused)) return
    }
    if (this.of(conversationId) === text) this.#unsaved.delete(conversationId)
  }

  /** Of the two nothing is lost, and both are saved in a second. */
  async #join(conversationId: string): Promise<void> {
    let theirs: string
    try {
      theirs = await this.#ports.read(conversationId)
    } catch {
      return
    }
    const ours = this.of(conversationId)
    const news = newsIn(theirs, ours, this.#known.get(conversationId) ?? '')
    this.#known.set(conversationId, theirs)
    if (news === '') return
    this.#set(conversationId, ours === '' ? news : `${news}\n${ours}`)
    this.#joined.add(conversationId)
    this.#changed()
  }
}
