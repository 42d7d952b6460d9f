import { inTime } from '@parley/service'
import { beginOfDay } from '@parley/time-zone'
import type { DayFigures, Share } from '../../wallboard/wallboard.ts'
import type { FigureReader } from '../archive/figures-client.ts'

export interface TodaysFiguresOptions {
  readonly figures: FigureReader
  /** IANA name: whose day it is. */
  readonly timeZone: string
  readonly now: () => Date
  /** Once, when figures that could be read cannot be any more. */
  readonly onError: (error: unknown) => void
  readonly refreshMs?: number
}

/** Who sees the same figures, and one of them, for whom they are asked. */
export interface FigureViewer {
  readonly key: string
  readonly personId: string
}

const FRESH_MS = 1_000
/** What is older is not shown as today's. */
const KEPT_MS = 10_000
/** Who asks once does not wait longer for an archive that is slow. */
const ANSWERED_WITHIN_MS = 1_000

/** One for all who see the same. */
interface Shelf {
  figures: DayFigures | undefined
  readAtMs: number
  reading: Promise<void> | undefined
  isAway: boolean
  timer: NodeJS.Timeout | undefined
  readonly watchers: Map<() => void, string>
}

/**
 * The day's figures for whoever watches. The archive folds them from the log and says nothing by itself, so they are asked for at a pace
 * while anybody watches, once for all who see the same.
 */
export class TodaysFigures {
  readonly #options: TodaysFiguresOptions
  readonly #refreshMs: number
  /** As many as teams, and one for who sees all. */
  readonly #shelves = new Map<string, Shelf>()
  #isClosed = false

  constructor(options: TodaysFiguresOptions) {
    this.#options = options
    this.#refreshMs = options.refreshMs ?? 500
  }

  /** Undefined: the archive does not answer. */
  async read({ key, personId }: FigureViewer): Promise<DayFigures | undefined> {
    const shelf = this.#shelf(key)
    if (performance.now() - shelf.readAtMs > FRESH_MS)
      await inTime(this.#refresh(shelf, personId), ANSWERED_WITHIN_MS)
    return keptIn(shelf)
  }

  /** What is known, at once, for who watches: an archive that hangs must not hold up the numbers that need none of it. */
  shown({ key }: FigureViewer): DayFigures | undefined {
    return keptIn(this.#shelf(key))
  }

  /** From now on `shown` is kept new, and whoever watches is told when it became another. @returns what ends it */
  watch({ key, personId }: FigureViewer, onChanged: () => void): () => void {
    const shelf = this.#shelf(key)
    shelf.watchers.set(onChanged, personId)
    this.#schedule(shelf, performance.now() - shelf.readAtMs > FRESH_MS ? 0 : this.#refreshMs)
    return () => {
      shelf.watchers.delete(onChanged)
      if (shelf.watchers.size > 0) return
      clearTimeout(shelf.timer)
      shelf.timer = undefined
    }
  }

  close(): void {
    this.#isClosed = true
    for (const { timer } of this.#shelves.values()) clearTimeout(timer)
  }

  #shelf(key: string): Shelf {
    const known = this.#shelves.get(key)
    if (known !== undefined) return known
    const shelf: Shelf = {
      figures: undefined,
      readAtMs: -Infinity,
      reading: undefined,
      isAway: false,
      timer: undefined,
      watchers: new Map(),
    }
    this.#shelves.set(key, shelf)
    return shelf
  }

  #schedule(shelf: Shelf, inMs = this.#refreshMs): void {
    if (this.#isClosed || shelf.timer !== undefined) return
    shelf.timer = setTimeout(() => void this.#beat(shelf), inMs)
  }

  async #beat(shelf: Shelf): Promise<void> {
    const [personId] = shelf.watchers.values()
    if (personId === undefined) return
    const before = textOf(keptIn(shelf))
    await this.#refresh(shelf, personId)
    if (textOf(keptIn(shelf)) !== before) for (const onChanged of shelf.watchers.keys()) onChanged()
    // Who came back meanwhile has begun the next beat already: one at a time, or each such coming would ask more often.
    clearTimeout(shelf.timer)
    shelf.timer = undefined
    if (shelf.watchers.size > 0) this.#schedule(shelf)
  }

  #refresh(shelf: Shelf, personId: string): Promise<void> {
    shelf.reading ??= this.#read(shelf, personId).finally(() => (shelf.reading = undefined))
    return shelf.reading
  }

  async #read(shelf: Shelf, personId: string): Promise<void> {
    try {
      shelf.figures = await this.#ask(personId)
      shelf.readAtMs = performance.now()
      shelf.isAway = false
    } catch (error) {
      if (!shelf.isAway) this.#options.onError(error)
      shelf.isAway = true
    }
  }

  async #ask(personId: string): Promise<DayFigures> {
    const { figures, timeZone, now } = this.#options
    const at = now()
    const from = new Date(beginOfDay(at.getTime(), timeZone)).toISOString()
    const to = new Date(at.getTime() + 1).toISOString()
    const rowsOf = async (metric: string, by: string) =>
      (await figures({ metric, version: 0, by, window: 'day', from, to }, personId)).rows
    const shares = async (metric: string, by: string): Promise<ReadonlyMap<string, Share>> =>
      new Map(
        (await rowsOf(metric, by)).map(({ key, numerator, denominator }) => [
          key,
          { numerator, denominator: denominator ?? 0 },
        ]),
      )
    const counts = async (metric: string, by: string): Promise<ReadonlyMap<string, number>> =>
      new Map((await rowsOf(metric, by)).map(({ key, numerator }) => [key, numerator]))
    const [
      serviceLevel,
      abandonment,
      handledByQueue,
      handledByTeam,
      handledByVendor,
      contained,
      containmentByFlow,
    ] = await Promise.all([
      shares('service_level', 'queue'),
      shares('abandonment', 'queue'),
      counts('handled', 'queue'),
      counts('handled', 'team'),
      counts('handled', 'vendor'),
      shares('containment', ''),
      shares('containment', 'flow'),
    ])
    const [containment] = contained.values()
    return {
      serviceLevel,
      abandonment,
      handledByQueue,
      handledByTeam,
      handledByVendor,
      containment,
      containmentByFlow,
    }
  }
}

function keptIn({ figures, readAtMs }: Shelf): DayFigures | undefined {
  return performance.now() - readAtMs > KEPT_MS ? undefined : figures
}

function textOf(figures: DayFigures | undefined): string {
  return JSON.stringify(figures, (_, value: unknown) => (value instanceof Map ? [...value] : value)) ?? ''
}
