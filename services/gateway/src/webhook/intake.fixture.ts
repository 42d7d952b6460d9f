import type { ConversationCommand } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import { aliasesInMemory } from '../identity/alias-store.fixture.ts'
import { type DeadPart, Intake, type IntakePorts, type IntakeSettings } from './intake.ts'
import { RECEIVED_AT } from './webhook.fixture.ts'

const SETTINGS: IntakeSettings = {
  answerWithinMs: 60_000,
  itemsWaitingMax: 100,
  itemsPerRoundMax: 50,
  receiptsGatherMs: 20,
}

/** The stores and the log behind an intake, in memory. */
export class IntakeStores {
  /** In whose record each message is. */
  readonly seen = new Map<string, string>()
  readonly #forEver = new Set<string>()
  readonly commands: NewCommand<ConversationCommand>[] = []
  readonly deadParts: DeadPart[] = []
  readonly troubles: unknown[] = []
  appends = 0
  now = RECEIVED_AT
  contacts = 0
  /** By the channel's id: to which former contact a message of ours went. */
  readonly sentTo = new Map<string, string>()
  append: IntakePorts['append'] = async (commands, deadParts) => {
    this.appends++
    this.commands.push(...commands)
    this.deadParts.push(...deadParts)
  }

  /** Days go by, and with them what is remembered for some days. */
  async forget(days: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.now += days * 24 * 60 * 60 * 1000
    for (const key of this.seen.keys()) if (!this.#forEver.has(key)) this.seen.delete(key)
  }

  async formerOf(providerMessageId: string): Promise<string | undefined> {
    return this.sentTo.get(providerMessageId)
  }

  intake(settings: Partial<IntakeSettings> = {}): Intake {
    return new Intake(
      {
        seen: {
          seenOf: async (keys) => new Set(keys.filter((key) => this.seen.has(key))),
          contactsOf: async (keys) =>
            new Map(keys.flatMap((key) => (this.seen.get(key) ? [[key, this.seen.get(key)!]] : []))),
          remember: async (taken, forEver) => {
            for (const [key, contactId] of taken) this.seen.set(key, contactId)
            for (const key of forEver) this.#forEver.add(key)
          },
        },
        aliases: { ...aliasesInMemory(), repoint: async () => {} },
        contacts: { name: async () => {} },
        sent: {
          contactsOf: async (ids) => new Map(ids.map((id) => [id, `contact-of-${id}`])),
          formerOf: async (_, providerMessageId) => this.formerOf(providerMessageId),
        },
        append: (commands, deadParts) => this.append(commands, deadParts),
        digestOf: () => '',
        newContact: () => `contact-${++this.contacts}`,
        now: () => this.now,
        trouble: (_, error) => void this.troubles.push(error),
      },
      { ...SETTINGS, ...settings },
    )
  }
}
