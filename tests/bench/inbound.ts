import {
  type Decider,
  type NewCommand,
  type RecordedEvent,
  commandEnvelope,
  decideOn,
  deterministicId,
  emptyStream,
} from '@parley/kernel'
import { ReceiveMessage } from '@parley/proto/commands'
import type { StreamState } from '@parley/kernel'

/** The nth message of a load that goes round `contacts` customers. */
export function inbound(index: number, contacts: number): NewCommand {
  const contact = deterministicId('bench-contact', index % contacts)
  return {
    commandId: deterministicId('bench', index),
    streamId: contact,
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    actor: { kind: 'customer', id: contact },
    payload: {
      $case: 'receiveMessage',
      value: ReceiveMessage.fromPartial({
        channelAccountId: '100000000000001',
        providerMessageId: `wamid.bench${index}`,
        type: 'text',
        content: {
          message: { body: { $case: 'text', value: { text: `message number ${index} of the bench` } } },
          profile: { waId: String(5_511_900_000_000 + (index % contacts)), name: 'Bench' },
          raw: Buffer.alloc(300, 'x'),
        },
      }),
    },
  }
}

/** What the rules make of the load, decided in memory. */
export function decidedInMemory<State>(
  decider: Decider<State>,
  commands: number,
  contacts: number,
): RecordedEvent[] {
  const recordedAt = new Date().toISOString()
  const streams = new Map<string, StreamState<State>>()
  return Array.from({ length: commands }, (_, index) => {
    const command = { envelope: commandEnvelope(inbound(index, contacts)), recordedAt }
    const { streamId } = command.envelope
    const decided = decideOn(decider, command, streams.get(streamId) ?? emptyStream(decider, streamId))
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
