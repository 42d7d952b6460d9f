import type { ConversationCommand } from '@parley/conversation'
import { type EventLog, type FamilyTopics, type ReadEvent, appendCommands, atMost } from '@parley/eventlog'
import { type Words, causedId } from '@parley/kernel'
import {
  CONVERSATION_HEARS,
  POOL,
  POOL_HEARS,
  TO_CONVERSATION,
  TO_POOL,
  type WorkforceCommand,
} from '@parley/workforce'
import { LRUCache } from 'lru-cache'
import { type DecidedWish, decidedWith, isAnswerToPerson } from '../read-models/outcomes.ts'

export type FamilyName = 'conversation' | 'pool'

/** What the rules made of a wish. */
export interface Ruling {
  readonly refusal: DecidedWish['refusal']
  readonly messageId: string | null
  readonly conversationId: string
  /** Behind it, as desks and answers give positions. */
  readonly position: string
}

/** How a wish is said. */
interface Said {
  readonly signal: AbortSignal
  /** It may have been said before. */
  readonly isAgain: boolean
  /** Types of events, one of which the wish is decided by. Default: whatever it leads to first. */
  readonly until?: readonly string[]
}

export interface WishesOptions {
  readonly log: EventLog
  readonly topics: Readonly<Record<FamilyName, FamilyTopics>>
  /** What was decided before this process began to follow the log. */
  readonly decided: Readonly<Record<FamilyName, (commandId: string) => Promise<DecidedWish | null>>>
  positionAfter(family: FamilyName, place: { readonly partition: number; readonly offset: bigint }): string
}

/** More than come while a read model is behind. */
const RECENT_MAX = 20_000

interface Waiting {
  take(decided: DecidedWish): void
}

/** Says what people wish, and hears from the log what the rules make of it: nobody asks the store for it again and again. */
export class Wishes {
  readonly #options: WishesOptions
  /** By command. */
  readonly #waiting = new Map<string, Set<Waiting>>()
  readonly #recent = new LRUCache<string, DecidedWish>(atMost(RECENT_MAX))

  constructor(options: WishesOptions) {
    this.#options = options
  }

  /** Each event of the log, in its order. */
  heard(event: ReadEvent): void {
    if (!isAnswerToPerson(event)) return
    const { causationId } = event.envelope
    const decided = decidedWith(this.#recent.get(causationId), event)
    this.#recent.set(causationId, decided)
    for (const waiting of this.#waiting.get(causationId) ?? []) waiting.take(decided)
  }

  /**
   * Resolves once it is decided and, where the decision concerns the other family, heard there too: whoever accepted may write at once,
   * whoever parked has room at once.
   */
  async say(
    family: FamilyName,
    command: Parameters<typeof appendCommands<any>>[2][number],
    said: Said,
  ): Promise<Ruling> {
    const { topics, log } = this.#options
    const listening = this.#hear(family, command.commandId, said)
    const known = said.isAgain ? await this.#known(family, command.commandId, said) : undefined
    if (known === undefined) await appendCommands(log, topics[family], [command])
    const own = known ?? (await listening)
    const passedOn = passedOnBy(family, own.decided)
    if (own.decided.refusal !== null || passedOn === undefined) return rulingOf(own)
    const other = family === 'pool' ? 'conversation' : 'pool'
    const theirs: Said = { signal: said.signal, isAgain: said.isAgain }
    const listeningThere = this.#hear(other, passedOn, theirs)
    const there =
      (said.isAgain ? await this.#known(other, passedOn, theirs) : undefined) ?? (await listeningThere)
    if (!there.decided.events.some(({ type }) => type === 'PoolContradicted')) {
      const { messageId } = own.decided.messageId === null ? there.decided : own.decided
      return { ...rulingOf(there), messageId }
    }
    return { ...rulingOf(there), refusal: { code: 'CONVERSATION_NOT_OPEN', fields: {} } }
  }

  /** What became of it where it was said before; undefined: of such a wish nothing is known. It is not said. */
  async known(family: FamilyName, commandId: string, said: Pick<Said, 'until'>): Promise<Ruling | undefined> {
    const heard = await this.#known(family, commandId, said)
    return heard && rulingOf(heard)
  }

  async #known(
    family: FamilyName,
    commandId: string,
    { until }: Pick<Said, 'until'>,
  ): Promise<Heard | undefined> {
    const recent = this.#recent.get(commandId)
    if (recent !== undefined && isEnough(recent, until)) return this.#positioned(family, recent)
    const decided = await this.#options.decided[family](commandId)
    return decided !== null && isEnough(decided, until) ? this.#positioned(family, decided) : undefined
  }

  #positioned(family: FamilyName, decided: DecidedWish): Heard {
    const { partition, offset } = decided
    return {
      decided,
      position: this.#options.positionAfter(family, { partition, offset: BigInt(offset) }),
    }
  }

  #hear(family: FamilyName, commandId: string, { until, signal }: Said): Promise<Heard> {
    const { promise, resolve, reject } = Promise.withResolvers<Heard>()
    // Nobody may wait any more by the time it is given up.
    promise.catch(() => {})
    const recent = this.#recent.get(commandId)
    if (recent !== undefined && isEnough(recent, until)) {
      resolve(this.#positioned(family, recent))
      return promise
    }
    const waiting: Waiting = {
      take: (decided) => {
        if (!isEnough(decided, until)) return
        leave()
        resolve(this.#positioned(family, decided))
      },
    }
    const all = this.#waiting.get(commandId) ?? new Set()
    this.#waiting.set(commandId, all.add(waiting))
    const leave = (): void => {
      all.delete(waiting)
      if (all.size === 0) this.#waiting.delete(commandId)
      signal.removeEventListener('abort', giveUp)
    }
    const giveUp = (): void => {
      leave()
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    return promise
  }
}

interface Heard {
  readonly decided: DecidedWish
  readonly position: string
}

const rulingOf = ({ decided: { refusal, messageId, conversationId }, position }: Heard): Ruling => ({
  refusal,
  messageId,
  conversationId,
  position,
})

function isEnough({ refusal, events }: DecidedWish, until: readonly string[] | undefined): boolean {
  if (refusal !== null || until === undefined) return true
  return events.some(({ type }) => type === 'NothingChanged' || until.includes(type))
}

/** The id of the wish by which the other family hears of it. */
function passedOnBy(family: FamilyName, { events }: DecidedWish): string | undefined {
  const [hears, what] =
    family === 'pool' ? ([CONVERSATION_HEARS, TO_CONVERSATION] as const) : ([POOL_HEARS, TO_POOL] as const)
  const event = events.findLast(({ type }) => (hears as readonly string[]).includes(type))
  return event && causedId(event.id, what)
}

/** One wish of one person, under one id. */
export class Wish {
  readonly personId: string
  readonly id: string
  readonly #wishes: Pick<Wishes, 'say' | 'known'>
  readonly #said: Omit<Said, 'until'>

  constructor(
    wishes: Pick<Wishes, 'say' | 'known'>,
    personId: string,
    id: string,
    said: Omit<Said, 'until'>,
  ) {
    this.#wishes = wishes
    this.personId = personId
    this.id = id
    this.#said = said
  }

  /** @param until types of events, one of which it is decided by; default: whatever it leads to first */
  toConversation(
    { _id, contact }: { readonly _id: string; readonly contact: { readonly id: string } },
    command: ConversationCommand,
    { content = [], until }: HowSaid = {},
  ): Promise<Ruling> {
    const wish = { ...command, ...this.#envelope(contact.id, content), correlationId: _id }
    return this.#wishes.say('conversation', wish, { ...this.#said, ...(until && { until }) })
  }

  toContact(
    contactId: string,
    command: ConversationCommand,
    { content = [], until }: HowSaid = {},
  ): Promise<Ruling> {
    const wish = { ...command, ...this.#envelope(contactId, content) }
    return this.#wishes.say('conversation', wish, { ...this.#said, ...(until && { until }) })
  }

  toPool(
    command: WorkforceCommand,
    { content = [], until, id = this.id }: HowSaid & { readonly id?: string } = {},
  ): Promise<Ruling> {
    const wish = { ...command, ...this.#envelope(POOL, content), commandId: id }
    return this.#wishes.say('pool', wish, { ...this.#said, ...(until && { until }) })
  }

  /** What the pool made of it, where it was said before. */
  async knownToPool(until: readonly string[]): Promise<Ruling | undefined> {
    return this.#said.isAgain ? this.#wishes.known('pool', this.id, { until }) : undefined
  }

  #envelope(streamId: string, content: readonly Words[]) {
    return {
      commandId: this.id,
      streamId,
      occurredAt: new Date().toISOString(),
      actor: { kind: 'agent', id: this.personId } as const,
      content,
    }
  }
}

export interface HowSaid {
  readonly content?: readonly Words[]
  readonly until?: readonly string[]
}
