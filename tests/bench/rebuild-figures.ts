import { type OfContact, Windows, conversationFigures, conversationRemembering } from '@parley/archive'
import type { ConversationEvent } from '@parley/conversation'
import { type ReadEvent, figureId } from '@parley/eventlog'
import type { Db } from 'mongodb'
import {
  type Folding,
  type RebuildPlace,
  onceABatch,
  oneUpdateAnEvent,
  rebuilt,
  replacing,
} from './rebuild.ts'
import type { Comparison } from './report.ts'

const ZONE = 'America/Sao_Paulo'

/** Figures against two bare loops that fold by the same rules: one writes after each event, the other once a batch. */
export async function benchFigureRebuild(place: RebuildPlace): Promise<readonly Comparison[]> {
  const { db, events } = place
  const projection = conversationFigures(ZONE)
  const ours = await rebuilt(projection, place)
  const loop = (group: string): Folding => {
    const figures = new FoldedFigures(group)
    return {
      group,
      types: projection.types,
      fold: (event) => figures.fold(event),
      write: () => figures.write(db),
    }
  }
  const oneEach = await oneUpdateAnEvent(place, loop('figures-one-each'))
  const once = await onceABatch(place, loop('figures-folding'))
  const compared = { unit: 'events', count: events, ours }
  return [
    {
      ...compared,
      name: 'rebuild of figures, beside one update an event',
      bare: oneEach,
      aim: { ratioMin: 3 },
      note: 'the bare loop writes after each event, over the first 10,000',
      heapMb: ours.heapMb,
    },
    {
      ...compared,
      name: 'rebuild of figures, beside a loop that folds',
      bare: once,
      aim: { ratioMin: 0.8 },
      note: 'the bare loop folds by the same rules and writes the same figures and memory of contacts, a batch at a time, but no rows behind the figures; it knows no repeats, and keeps all it remembers in memory',
    },
  ]
}

class FoldedFigures {
  readonly #group: string
  readonly #rules = conversationRemembering(new Windows(ZONE))
  readonly #remembered = new Map<string, OfContact>()
  readonly #sums = new Map<string, Record<string, number>>()
  readonly #changedFigures = new Set<string>()
  readonly #changedContacts = new Set<string>()

  constructor(group: string) {
    this.#group = group
  }

  fold(event: ReadEvent<ConversationEvent>): void {
    for (const id of this.#rules.route(event)) {
      const before = this.#remembered.get(id)
      for (const { add, ...of } of this.#rules.measure(before, event, id)) {
        const figure = figureId({ ...of, partition: event.record.partition })
        const sums = this.#sums.get(figure) ?? {}
        for (const [name, one] of Object.entries(add)) sums[name] = (sums[name] ?? 0) + one
        this.#sums.set(figure, sums)
        this.#changedFigures.add(figure)
      }
      this.#remembered.set(id, this.#rules.fold(before, event, id)!)
      this.#changedContacts.add(id)
    }
  }

  async write(db: Db): Promise<void> {
    const changed = <Value extends object>(ids: Set<string>, values: ReadonlyMap<string, Value>) => {
      const writes = [...ids].map((id) => replacing(id, { ...values.get(id)! }))
      ids.clear()
      return writes
    }
    for (const [name, writes] of [
      [`${this.#group}_figures`, changed(this.#changedFigures, this.#sums)],
      [`${this.#group}_remembered`, changed(this.#changedContacts, this.#remembered)],
    ] as const)
      if (writes.length > 0) await db.collection<{ _id: string }>(name).bulkWrite(writes, { ordered: false })
  }
}
