import type { EventLog, ReaderTrouble, RecordBatch, Subscription } from '@parley/eventlog'
import { ArchiveMismatch, type RawArchive } from './raw-archive.ts'

export interface RawReaderOptions extends Pick<ReaderTrouble, 'onStuck' | 'onFault'> {
  readonly log: EventLog
  readonly eventsTopic: string
  readonly namespace: string
  /** Of its group: each topic has its own. Default `raw`. */
  readonly name?: string
  readonly raw: Pick<RawArchive, 'keep'>
}

/** So long records wait for each other: those of all partitions are inserted in one request. */
const GATHER_MS = 200
/** After a crash the records of so long come again, and are compared. */
const COMMIT_EVERY_MS = 5_000

/**
 * Follows an events topic and archives each record as it is stored: this reader judges nothing, so what other readers set aside,
 * cannot read or have parked is archived all the same.
 */
export function runRawReader({
  log,
  eventsTopic,
  namespace,
  name = 'raw',
  raw,
  onStuck,
  onFault,
}: RawReaderOptions): Promise<Subscription> {
  return log.subscribe({
    group: `${namespace}.${name}.v1`,
    topic: eventsTopic,
    gatherMs: GATHER_MS,
    onBatch: keepingTogether(raw),
    commitEveryMs: COMMIT_EVERY_MS,
    onStuck,
    onFault,
  })
}

interface Waiting {
  readonly batch: RecordBatch
  readonly done: PromiseWithResolvers<void>
}

function keepingTogether(raw: Pick<RawArchive, 'keep'>): (batch: RecordBatch) => Promise<void> {
  let waiting: Waiting[] = []

  async function keepAll(): Promise<void> {
    // Batches of the same fetch come in the same turn of the event loop.
    await Promise.resolve()
    const round = waiting
    waiting = []
    try {
      await raw.keep(round.flatMap(({ batch }) => batch.records))
      for (const { done } of round) done.resolve()
    } catch (error) {
      for (const { batch, done } of round)
        // One partition that is not what it was holds up no other.
        if (error instanceof ArchiveMismatch) raw.keep(batch.records).then(done.resolve, done.reject)
        else done.reject(error)
    }
  }

  return (batch) => {
    const done = Promise.withResolvers<void>()
    if (waiting.push({ batch, done }) === 1) void keepAll()
    return done.promise
  }
}
