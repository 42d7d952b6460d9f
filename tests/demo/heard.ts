interface Version {
  readonly id: string
  readonly version: number
}

/** `GET /api/conversations/:id`. */
export interface Thread {
  readonly conversation: Version
  readonly messages: readonly Version[]
}

/**
 * What the stream told of each conversation: its row and its messages, each with a version of its own. A thread that is read afterwards
 * may be older, and then says nothing about what was heard: whoever acts on it leaves a customer without an answer.
 */
export class Heard {
  readonly #of = new Map<string, Map<string, number>>()

  add(conversationId: string, { id, version }: Version): void {
    const heard = this.#of.get(conversationId) ?? new Map<string, number>()
    this.#of.set(conversationId, heard.set(id, Math.max(version, heard.get(id) ?? 0)))
  }

  isIn({ conversation, messages }: Thread): boolean {
    const read = new Map([conversation, ...messages].map(({ id, version }) => [id, version]))
    const heard = this.#of.get(conversation.id) ?? new Map<string, number>()
    return [...heard].every(([id, version]) => (read.get(id) ?? 0) >= version)
  }
}
