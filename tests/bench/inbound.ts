import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import {
  type Decider,
  type NewCommand,
  type RecordedEvent,
  decideOn,
  deterministicId,
  emptyStream,
} from '@parley/kernel'
import { ContactProfile, MessageBody } from '@parley/proto/content'
import type { StreamState } from '@parley/kernel'

/** So many write at the same time. */
const CONTACTS_AT_ONCE = 1_000

/** The customer of the nth message: each says all that they say within a while, as people do, and then come others. */
export function contactOf(index: number, { commands, contacts }: Load): number {
  const atOnce = Math.min(CONTACTS_AT_ONCE, contacts)
  const group = Math.floor(index / (atOnce * Math.max(1, Math.round(commands / contacts))))
  return (group * atOnce + (index % atOnce)) % contacts
}

interface Load {
  readonly commands: number
  readonly contacts: number
}

/** The nth message of a load, which that customer writes. */
export function inbound(index: number, customer: number): NewCommand<ConversationCommand> {
  const contact = deterministicId('bench-contact', customer)
  return {
    commandId: deterministicId('bench', index),
    streamId: contact,
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    actor: { kind: 'customer', id: contact },
    ...conversations.command('ReceiveMessage', {
      channelAccountId: '100000000000001',
      providerMessageId: `wamid.bench${index}`,
      type: 'text',
      characters: 30,
      observed: { profileDigest: String(customer), languageHint: 'pt' },
    }),
    content: contentOf({
      messages: [
        MessageBody.fromPartial({
          body: { $case: 'text', value: { text: `message number ${index} of the bench` } },
        }),
      ],
      profile: ContactProfile.fromPartial({
        waId: String(5_511_900_000_000 + customer),
        name: 'Bench',
      }),
      raw: Buffer.alloc(300, 'x'),
    }),
  }
}

/** What the rules make of the load, decided in memory, one after the other: a million of them is not held at once. */
export function* decidedInMemory<State, Policy>(
  decider: Decider<State, any, any, Policy>,
  policy: Policy,
  load: Load,
): Generator<RecordedEvent> {
  const recordedAt = new Date().toISOString()
  const streams = new Map<string, StreamState<State>>()
  for (let index = 0; index < load.commands; index += 1) {
    const envelope = conversations.commandEnvelope(inbound(index, contactOf(index, load)))
    const { streamId } = envelope
    const stream = streams.get(streamId) ?? emptyStream(decider, streamId)
    const decided = decideOn(decider, { envelope, recordedAt, offset: BigInt(index) }, stream, policy)
    streams.set(streamId, decided.stream)
    yield* decided.events
  }
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 300_000,
): Promise<number> {
  for (const end = performance.now() + deadlineMs; performance.now() < end;) {
    if (await condition()) return performance.now()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`It did not come about within ${deadlineMs} ms.`)
}
