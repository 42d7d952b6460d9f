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

/** The nth message of a load that goes round `contacts` customers. */
export function inbound(index: number, contacts: number): NewCommand<ConversationCommand> {
  const contact = deterministicId('bench-contact', index % contacts)
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
      observed: { profileDigest: String(index % contacts), languageHint: 'pt' },
    }),
    content: contentOf({
      messages: [
        MessageBody.fromPartial({
          body: { $case: 'text', value: { text: `message number ${index} of the bench` } },
        }),
      ],
      profile: ContactProfile.fromPartial({
        waId: String(5_511_900_000_000 + (index % contacts)),
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
  commands: number,
  contacts: number,
): Generator<RecordedEvent> {
  const recordedAt = new Date().toISOString()
  const streams = new Map<string, StreamState<State>>()
  for (let index = 0; index < commands; index += 1) {
    const envelope = conversations.commandEnvelope(inbound(index, contacts))
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
