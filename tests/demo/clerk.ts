import type { Desk } from './desk.ts'

/** What one agent did and was told, written down outside the system under test. */
export interface AgentRecord {
  readonly agentId: string
  /** What the desk was told that it said to customers, in order. */
  readonly said: Said[]
  /** What was written for colleagues. */
  readonly notes: string[]
  /** Texts whose post was refused: they must not be on any phone. */
  readonly refused: string[]
  /** What the rules refused, change and code. */
  readonly refusals: string[]
  /** Changes that were never answered. */
  readonly unanswered: string[]
  /** Whose a conversation was at which version, as this desk was told. */
  readonly owners: Owner[]
  accepted: number
}

export interface Said {
  readonly messageId: string
  readonly conversationId: string
  readonly text: string
}

export interface Owner {
  readonly conversationId: string
  readonly version: number
  readonly ownerId: string | null
}

/** By this customers of the demo know that a person speaks. */
export const AGENT_SIGN = '☎'
/** With this they are content, and the agent closes. */
export const THANKS = 'Era só isso, obrigada'

/** As the stream and lists have it. */
export interface Row {
  readonly id: string
  readonly version: number
  readonly stage: string
  readonly owner: { readonly kind: string; readonly id: string } | null
}

export const ownerIn = ({ id, version, owner }: Row): Owner => ({
  conversationId: id,
  version,
  ownerId: owner?.kind === 'agent' ? owner.id : null,
})

/** Does an agent's changes at a desk, and writes down what became of each. */
export class Clerk {
  readonly record: AgentRecord
  readonly #desk: Pick<Desk, 'change'>
  #count = 0

  constructor(desk: Pick<Desk, 'change'>, agentId: string) {
    this.#desk = desk
    this.record = {
      agentId,
      said: [],
      notes: [],
      refused: [],
      refusals: [],
      unanswered: [],
      owners: [],
      accepted: 0,
    }
  }

  /** To the customer. */
  async say(conversationId: string, text = this.words(AGENT_SIGN)): Promise<void> {
    const answer = await this.change('POST', `/api/conversations/${conversationId}/messages`, {
      type: 'text',
      text,
    })
    if (answer === undefined) this.record.refused.push(text)
    else this.record.said.push({ messageId: String(answer['messageId']), conversationId, text })
  }

  /** Words that nobody else says. */
  words(about: string): string {
    this.#count += 1
    return `${about} ${this.record.agentId}/${this.#count}`
  }

  /** Undefined where the rules refuse it. */
  async change(
    method: 'POST' | 'PUT',
    path: string,
    body?: object,
  ): Promise<Readonly<Record<string, any>> | undefined> {
    const answer = await this.#desk.change(method, path, body)
    if (answer.is === 'unknown') this.record.unanswered.push(answer.last)
    if (answer.is === 'refused') this.record.refusals.push(`${path.split('/').at(-1)} ${answer.code}`)
    return answer.is === 'decided' ? answer.body : undefined
  }
}
