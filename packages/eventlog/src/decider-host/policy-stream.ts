import { randomUUID } from 'node:crypto'
import {
  type CommonCommand,
  type NewCommand,
  type policyBytes,
  policyDecider,
  readPolicy,
} from '@parley/kernel'
import { CommandEnvelope } from '@parley/proto/envelope'
import { appendCommands } from '../commands.ts'
import type { EventLog, StoredRecord } from '../log.ts'
import { partitionOf } from '../partitioning.ts'
import type { FamilyTopics } from '../topics.ts'

const READ_CHUNK = 5_000n

/** The stream of a partition's policies. Its id is its key, so it is searched until it falls into this partition. */
export function policyStreamOf(partition: number, partitionCount: number): string {
  for (let nth = 0; ; nth += 1) {
    const streamId = `policy-${partition}-${nth}`
    if (partitionOf(streamId, partitionCount) === partition) return streamId
  }
}

/** Wishes for a policy. Where it is in force by the time that this is decided, nothing changes. */
export async function adopt(
  log: EventLog,
  topics: FamilyTopics<any, any>,
  streamId: string,
  data: ReturnType<typeof policyBytes>,
  now: Date,
): Promise<void> {
  const command: NewCommand<CommonCommand> = {
    type: 'AdoptPolicy',
    data,
    commandId: randomUUID(),
    streamId,
    occurredAt: now.toISOString(),
    actor: { kind: 'system', id: 'configuration' },
  }
  await appendCommands(log, { family: policyDecider.family, commands: topics.commands }, [command])
}

/** The first policy that was ever wished for in this partition, at or after `from`: it holds for what came before it, too. */
export async function firstPolicy(
  log: EventLog,
  topic: string,
  partition: number,
  streamId: string,
  from: bigint,
): Promise<unknown> {
  const end = await log.endOffset(topic, partition)
  for (let next = from; next < end; next += READ_CHUNK) {
    const to = next + READ_CHUNK < end ? next + READ_CHUNK : end
    for (const record of await log.read(topic, partition, next, to)) {
      const policy = record.key === streamId ? policyIn(record) : undefined
      if (policy !== undefined) return policy
    }
  }
  return undefined
}

/** Undefined where it is no wish for a policy: somebody wrote it by hand, and it goes to the dead letters when its turn comes. */
function policyIn({ key, value }: StoredRecord): unknown {
  try {
    const envelope = CommandEnvelope.decode(value)
    if (envelope.streamId !== key) return undefined
    const command = policyDecider.family.readCommand(envelope)
    return command.type === 'AdoptPolicy' ? readPolicy(command.data) : undefined
  } catch {
    return undefined
  }
}
