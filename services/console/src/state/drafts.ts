import { Refused } from '../api/client.ts'

export type DraftState = 'saved' | 'saving' | 'unsaved'

export interface DraftPorts {
  readonly save: (conversationId: string, text: string) => Promise<void>
  readonly pause: (milliseconds: number) => Promise<void>
}

const SAVED_EVERY_MS = 1_000

/** What is being written to customers, by conversation: here at once, on the server within a second, and gone from there at once. Notes are never among it: what was meant for colleagues must not come back in the box of replies. */
export class Drafts {
  readonly #ports: DraftPorts
  readonly #changed: () => void
  readonly #texts = new Map<string, string>()
  readonly #writings = new Map<string, number>()
  readonly #unsaved = new Set<string>()
  readonly #refused = new Set<string>()
  #isSaving = false
  #urgent = Promise.withResolvers<void>()

  constructor(ports: DraftPorts, changed: () => void) {
    this.#ports = ports
    this.#changed = changed
  }

  of = (conversationId: string): string => this.#texts.get(conversationId) ?? ''

  stateOf(conversationId: string): DraftState {
    if (this.#refused.has(conversationId)) return 'unsaved'
    return this.#unsaved.has(conversationId) ? 'saving' : 'saved'
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
    if (this.of(conversationId) === text) return
    this.#texts.set(conversationId, text)
    this.#changed()
  }

  write(conversationId: string, text: string): void {
    if (this.of(conversationId) === text) return
    this.#set(conversationId, text)
    this.#unsaved.add(conversationId)
    this.#changed()
    void this.#save()
    // Sent, mostly: a window that is closed now must not leave what was said as a draft.
    if (text === '') this.#urgent.resolve()
  }

  /** The person's words are in the conversation, said at whatever desk: what they were sent from is no draft any more. */
  said(conversationId: string, text: string): void {
    if (text === '' || this.of(conversationId).trim() !== text) return
    this.#set(conversationId, '')
    this.#unsaved.delete(conversationId)
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
      await this.#ports.save(conversationId, text)
      this.#refused.delete(conversationId)
    } catch (error) {
      this.#refused.add(conversationId)
      // Not answered: in a second again. Refused: it stays on this screen, and what is written next is tried anew.
      if (!(error instanceof Refused)) return
    }
    if (this.of(conversationId) === text) this.#unsaved.delete(conversationId)
  }
}
