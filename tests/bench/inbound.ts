import {
  type Decider,
  type NewCommand,
  type RecordedEvent,
  type StreamState,
  decideOn,
  deterministicId,
  emptyStream,
} from '@parley/kernel'

export type ConversationRules<Policy> = Decider<any, any, any, Policy>

/** The nth message of a load that goes round `contacts` customers. The rules read no words, so any bytes will do. */
export function inbound(rules: ConversationRules<any>, index: number, contacts: number): NewCommand {
  const contact = deterministicId('bench-contact', index % contacts)
  return {
    ...rules.family.command('ReceiveMessage', {
      channelAccountId: '100000000000001',
      providerMessageId: `wamid.bench${index}`,
      type: 'text',
      characters: 32,
    }),
    commandId: deterministicId('bench', index),
    streamId: contact,
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    actor: { kind: 'customer', id: contact },
    content: [
      { name: 'message', value: Buffer.alloc(36, 'm') },
      { name: 'profile', value: Buffer.alloc(24, 'p') },
      { name: 'raw', value: Buffer.alloc(300, 'x') },
    ],
  }
}

/** What the rules make of the load, decided in memory. */
export function decidedInMemory<Policy>(
  rules: ConversationRules<Policy>,
  policy: Policy,
  commands: number,
  contacts: number,
): RecordedEvent[] {
  const recordedAt = new Date().toISOString()
  const streams = new Map<string, StreamState<unknown>>()
  return Array.from({ length: commands }, (_, index) => {
    const envelope = rules.family.commandEnvelope(inbound(rules, index, contacts))
    const { streamId } = envelope
    const decided = decideOn(
      rules,
      { envelope, recordedAt, offset: BigInt(index) },
      streams.get(streamId) ?? emptyStream(rules, streamId),
      policy,
    )
    streams.set(streamId, decided.stream)
    return decided.events
  }).flat()
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
