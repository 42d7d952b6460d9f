import { setTimeout as delay } from 'node:timers/promises'
import { type DeciderHostOptions, TAIL_SHORT } from './options.ts'
import { PartitionWriter } from './partition-writer.ts'
import { PartitionFenced, SnapshotStore } from './snapshots.ts'

/** Whoever runs this version writes a mark every 15 s while there is anything to fold, and sooner before the tail is long. */
const UNATTENDED_MS = 60_000
const LOOK_AGAIN_MS = 1_000
const NO_PROGRESS_MS = 30_000

interface Behind {
  readonly partition: number
  readonly epoch: bigint
  readonly tail: bigint
  readonly at: Date
}

/**
 * Before this process joins the group, and so takes partitions from those who decide now: brings the snapshots of its decider's version
 * close to the end of the log. A new version would else fold all events ever while nobody decides. Each partition is claimed and folded
 * by one process; others wait for it. After a crash, whoever comes next goes on from the marks.
 */
export async function buildAhead(options: DeciderHostOptions<any, any, any, any>): Promise<void> {
  const own = new Map<number, bigint>()
  let least: bigint | undefined
  let progressAt = performance.now()
  for (;;) {
    const behind = await partitionsBehind(options)
    if (behind.length === 0) return
    const total = behind.reduce((sum, { tail }) => sum + tail, 0n)
    if (least === undefined || total < least) {
      least = total
      progressAt = performance.now()
    } else if (performance.now() - progressAt > NO_PROGRESS_MS) return
    // One, and then it looks again: others may have begun with the next.
    const free = behind
      .toSorted((left, right) => Number(right.tail - left.tail))
      .find(
        ({ partition, epoch, at }) =>
          own.get(partition) === epoch || Date.now() - at.getTime() > UNATTENDED_MS,
      )
    if (free === undefined) {
      await delay(LOOK_AGAIN_MS)
      continue
    }
    const { partition, epoch, tail } = free
    options.onBuildingAhead({ partition, records: tail })
    try {
      own.set(partition, await PartitionWriter.foldAhead(options, partition, epoch))
    } catch (error) {
      // Another process began with it.
      if (!(error instanceof PartitionFenced)) throw error
    }
  }
}

async function partitionsBehind({
  log,
  topics,
  db,
  decider,
  tailShort = TAIL_SHORT,
}: DeciderHostOptions<any, any, any, any>): Promise<readonly Behind[]> {
  const marks = await SnapshotStore.marks(db, decider)
  const offsets = await log.offsets(topics.events)
  const all = offsets.map(({ end }, partition): Behind => {
    const { epoch, mark, at } = marks.get(partition) ?? { epoch: 0n, mark: 0n, at: new Date(0) }
    return { partition, epoch, at, tail: end - mark }
  })
  return all.filter(({ tail }) => tail > tailShort)
}
