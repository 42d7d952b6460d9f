import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type EventLog, type FamilyTopics, type ReadEvent, appendCommands } from '@parley/eventlog'
import type { Actor, NewCommand } from '@parley/kernel'
import { type Resource, inTime } from '@parley/service'
import { POOL, type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'

export interface DeskSessionsOptions {
  readonly log: EventLog
  readonly topics: FamilyTopics<WorkforceCommand, WorkforceEvent>
  /** Not everybody who has a desk is an agent of the pool. */
  isAgent(personId: string): boolean
  /** Desks that end now end by us, not by their people. */
  isOutage(): boolean
  onError(error: unknown): void
}

/** A process that says nothing for so long is dead, and so are its desks. */
const ALIVE_SECONDS = 30
const RENEWED_EVERY_MS = 10_000
const AGAIN_AFTER_MS = 500
const CLOSED_WITHIN_MS = 2_000
const RULES: Actor = { kind: 'system', id: 'agent' }

interface Desks {
  readonly sessionId: string
  count: number
}

/**
 * Tells the pool who has a desk open here: their presence lasts as long as one of their streams does, on whatever replica, and a grace
 * longer. All streams of a person on this replica are one session. What is to be told is the difference to what was told, so that a
 * log that is away for a while, or a thousand desks that come back at once, cost one word each.
 */
export class DeskSessions {
  readonly #replicaId = randomUUID()
  readonly #options: DeskSessionsOptions
  readonly #desks = new Map<string, Desks>()
  /** Sessions that the pool knows of, with their persons. */
  readonly #told = new Map<string, string>()
  readonly #timer: NodeJS.Timeout
  #renewedAtMs = -Infinity
  #telling: Promise<void> | undefined
  #isClosed = false

  constructor(options: DeskSessionsOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#tell(), RENEWED_EVERY_MS).unref()
  }

  /** @returns what closes it */
  open(personId: string): () => void {
    const desks = this.#desks.get(personId) ?? { sessionId: randomUUID(), count: 0 }
    desks.count += 1
    this.#desks.set(personId, desks)
    this.#tell()
    return () => {
      desks.count -= 1
      if (desks.count > 0) return
      this.#desks.delete(personId)
      this.#tell()
    }
  }

  /**
   * Whoever signed out or was deactivated waits for no grace: what they have goes back to its queue at once.
   * @param isForGood they answer nobody any more, so what they had parked goes on to others
   */
  async signOut(personId: string, { isForGood = false } = {}): Promise<void> {
    if (!this.#options.isAgent(personId)) return
    await this.#append([this.#command(workforces.command('SignOut', { agentId: personId, isForGood }))])
  }

  /**
   * They may answer again. What they begin before any desk of theirs is open is theirs from then on: the pool, which gives to others what
   * those have who left for good, hears of a desk that was there.
   */
  async comeBack(personId: string): Promise<void> {
    if (!this.#options.isAgent(personId)) return
    const desk = { agentId: personId, sessionId: randomUUID() }
    await this.#append([
      this.#command(workforces.command('OpenSession', { ...desk, replicaId: this.#replicaId })),
      this.#command(workforces.command('CloseSession', desk)),
    ])
  }

  /** Each event of the pool: this process may have been taken for dead, or have agents now that it had not. */
  heard({ type, data }: ReadEvent): void {
    if (type === 'ReplicaLost' && (data as { readonly replicaId: string }).replicaId === this.#replicaId) {
      this.#told.clear()
      this.#renewedAtMs = -Infinity
    } else if (type !== 'PoolConfigured') return
    this.#tell()
  }

  get resource(): Resource {
    return {
      name: 'desk sessions',
      // The desks were ended by then. One that cannot say so is noticed when it says nothing more.
      close: async () => {
        clearInterval(this.#timer)
        this.#tell()
        await inTime(this.#telling ?? Promise.resolve(), CLOSED_WITHIN_MS)
        this.#isClosed = true
      },
    }
  }

  #tell(): void {
    this.#telling ??= this.#tellAll().finally(() => (this.#telling = undefined))
  }

  async #tellAll(): Promise<void> {
    while (!this.#isClosed) {
      // What changes within one turn of the loop is told together.
      await pause(0)
      const wanted = new Map(
        [...this.#desks]
          .filter(([personId]) => this.#options.isAgent(personId))
          .map(([personId, { sessionId }]) => [sessionId, personId]),
      )
      const opened = [...wanted].filter(([sessionId]) => !this.#told.has(sessionId))
      const closed = [...this.#told].filter(([sessionId]) => !wanted.has(sessionId))
      const isDue = wanted.size > 0 && performance.now() - this.#renewedAtMs >= RENEWED_EVERY_MS
      if (opened.length + closed.length === 0 && !isDue) return
      const atMs = performance.now()
      try {
        await this.#append([
          ...(isDue ? [this.#renewal()] : []),
          ...opened.map(([sessionId, agentId]) =>
            this.#command(
              workforces.command('OpenSession', { agentId, sessionId, replicaId: this.#replicaId }),
            ),
          ),
          // Opened first: who comes back at once is not gone in between.
          ...closed.map(([sessionId, agentId]) =>
            this.#command(
              workforces.command('CloseSession', { agentId, sessionId, isOutage: this.#options.isOutage() }),
            ),
          ),
        ])
        if (isDue) this.#renewedAtMs = atMs
        for (const [sessionId, personId] of opened) this.#told.set(sessionId, personId)
        for (const [sessionId] of closed) this.#told.delete(sessionId)
      } catch (error) {
        this.#options.onError(error)
        await pause(AGAIN_AFTER_MS)
      }
    }
  }

  #renewal(): NewCommand<WorkforceCommand> {
    const renewal = { replicaId: this.#replicaId, aliveSeconds: ALIVE_SECONDS }
    return this.#command(workforces.command('RenewReplica', renewal))
  }

  /** Said twice, because nobody knows whether the log has it, each does no more than said once. */
  #command(command: WorkforceCommand): NewCommand<WorkforceCommand> {
    return {
      ...command,
      commandId: randomUUID(),
      streamId: POOL,
      occurredAt: new Date().toISOString(),
      actor: RULES,
      correlationId: '',
    }
  }

  async #append(commands: readonly NewCommand<WorkforceCommand>[]): Promise<void> {
    await appendCommands(this.#options.log, this.#options.topics, commands)
  }
}
