import type { Collection } from 'mongodb'
import { addedUp } from '../reader/measurement.ts'
import { type MetricDocument, correctionIds, figureId } from '../reader/metric-projection.ts'

export type Verdict = 'same' | 'different' | 'moving'

/** What one version counted of a figure in one partition, corrections included. */
export interface Counted {
  /** The last offset that counts in it. */
  readonly through: number
  /** The same for the same sums. */
  readonly sums: string
}

/** The figures of one version. One figure is that of one partition. */
export interface Figures {
  ids(): Promise<readonly string[]>
  counted(ids: readonly string[]): Promise<ReadonlyMap<string, Counted>>
  /** Of each: everything before this offset was handled, and is counted. */
  handled(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
}

/**
 * Compares the figures of two versions, partition by partition. Which events were late is not the same in both, so it is the sums that must
 * be: those of a document and its corrections, where both have counted up to the same offset. Under traffic two versions are seldom seen at
 * one offset at one moment; what a version was seen to hold at an offset is remembered until the other is seen there.
 */
export class FigureComparison {
  readonly #sides: readonly [Figures, Figures]
  readonly #seen = [new Map<string, string>(), new Map<string, string>()] as const

  constructor(live: Figures, built: Figures) {
    this.#sides = [live, built]
  }

  /** Of either version. */
  async ids(): Promise<readonly string[]> {
    const [live, built] = this.#sides
    return [...new Set([...(await live.ids()), ...(await built.ids())])]
  }

  async look(ids: readonly string[]): Promise<ReadonlyMap<string, Verdict>> {
    const partitions = [...new Set(ids.map(partitionOf))]
    const [live, built] = this.#sides
    // Before the figures: what was handled by then is counted in them.
    const handled = await Promise.all([live.handled(partitions), built.handled(partitions)])
    const handledByBoth = (partition: number): bigint => {
      const [mine, theirs] = handled.map((side) => side.get(partition)!) as [bigint, bigint]
      return mine < theirs ? mine : theirs
    }
    const [mine, theirs] = await Promise.all([live.counted(ids), built.counted(ids)])
    return new Map(
      ids.map((id) => [id, this.#verdict(id, mine.get(id), theirs.get(id), handledByBoth(partitionOf(id)))]),
    )
  }

  #verdict(id: string, mine: Counted | undefined, theirs: Counted | undefined, handled: bigint): Verdict {
    const through = Math.max(mine?.through ?? -1, theirs?.through ?? -1)
    // Both have been there, and one of them counted nothing.
    if (mine?.through !== theirs?.through && handled > through) return 'different'
    const places = [mine, theirs].map((counted) => `${id}@${counted?.through}`) as [string, string]
    const [seenMine, seenTheirs] = this.#seen
    if (mine !== undefined) seenMine.set(places[0], mine.sums)
    if (theirs !== undefined) seenTheirs.set(places[1], theirs.sums)
    const there = mine && seenTheirs.get(places[0])
    const here = theirs && seenMine.get(places[1])
    if (there === undefined && here === undefined) return 'moving'
    return there === mine?.sums || here === theirs?.sums ? 'same' : 'different'
  }
}

/** The figures that a metric projection wrote. */
export function figuresIn(collection: Collection<MetricDocument>, handled: Figures['handled']): Figures {
  return {
    handled,
    ids: () =>
      collection
        .aggregate<{ _id: Parameters<typeof figureId>[0] }>([
          { $group: { _id: { metric: '$metric', key: '$key', window: '$window', partition: '$partition' } } },
        ])
        .map(({ _id }) => figureId(_id))
        .toArray(),
    async counted(ids) {
      const documents = await collection
        .find({ $or: [{ _id: { $in: [...ids] } }, ...ids.map((id) => ({ _id: correctionIds(id) }))] })
        .toArray()
      return new Map([...Map.groupBy(documents, figureId)].map(([id, those]) => [id, summed(those)]))
    },
  }
}

function summed(documents: readonly MetricDocument[]): Counted {
  const sums = new Map<string, number>()
  for (const document of documents)
    for (const [name, value] of Object.entries(document.sums))
      sums.set(name, addedUp(sums.get(name) ?? 0, value))
  return {
    through: Math.max(...documents.map(({ seenVersion }) => seenVersion)),
    sums: JSON.stringify([...sums].toSorted(([one], [other]) => (one < other ? -1 : 1))),
  }
}

/** `added all 2026-01-05T12 of partition 3`. */
export function figureName(id: string): string {
  const [metric, key, window, partition] = JSON.parse(id) as [string, string, string, number]
  return `${metric} ${key} ${window} of partition ${partition}`
}

function partitionOf(id: string): number {
  return (JSON.parse(id) as unknown[])[3] as number
}
