import {
  type EventLog,
  FaultSearch,
  Lane,
  type ReaderTrouble,
  StoreSetBack,
  type Subscription,
  countingGaps,
  observed,
} from '@parley/eventlog'
import type { Family } from '@parley/kernel'
import type { RawArchive } from './raw-archive.ts'

export interface RawReaderOptions extends Pick<ReaderTrouble, 'onStuck' | 'onFault'> {
  readonly log: EventLog
  readonly eventsTopic: string
  readonly namespace: string
  /** Of its group: each topic has its own. */
  readonly name: string
  readonly raw: Pick<RawArchive, 'keep' | 'keptThrough'>
}

/** By the name of the family; that of conversations is plain `raw`. */
export const rawReaderName = ({ name }: Pick<Family, 'name'>): string =>
  name === 'conversation' ? 'raw' : `raw-${name}`

/** So long records wait for each other: those of all partitions are inserted in one request. */
const GATHER_MS = 400
/** After a crash the records of so long come again, and are compared. */
const COMMIT_EVERY_MS = 5_000

/**
 * Follows an events topic and archives each record as it is stored: this reader judges nothing, so what other readers set aside,
 * cannot read or have parked is archived all the same.
 */
export async function runRawReader({
  log,
  eventsTopic,
  namespace,
  name,
  raw,
  onStuck,
  onFault,
}: RawReaderOptions): Promise<Subscription> {
  const group = `${namespace}.${name}.v1`
  const faults = new FaultSearch()
  const lane = new Lane(group, ({ records }) =>
    faults.handle(records, async (some) => {
      try {
        await raw.keep(some)
      } catch (error) {
        if (error instanceof StoreSetBack) onFault(error)
        throw error
      }
    }),
  )
  const subscription = await log.subscribe({
    group,
    topic: eventsTopic,
    gatherMs: GATHER_MS,
    onBatch: (batch) => lane.handle(batch),
    resumeAt: (partitions) => raw.keptThrough(eventsTopic, partitions),
    onAssigned: async () => faults.clear(),
    commitEveryMs: COMMIT_EVERY_MS,
    onStuck: (stuck) => onStuck(faults.named(stuck)),
    onFault: countingGaps(name, onFault),
  })
  return observed(name, subscription, faults)
}
