import type { Together } from '@parley/figures'
import { type MetricsServiceClient, ReadFigureRequest } from '@parley/proto/metrics'
import { grpcCall } from '@parley/service'
import { answered, askedFor } from './answers.ts'

export interface FigureQuery {
  readonly metric: string
  /** 0: the newest definition. */
  readonly version: number
  /** Empty: the whole company. */
  readonly by: string
  readonly window: 'hour' | 'day'
  /** ISO 8601 UTC. */
  readonly from: string
  readonly to: string
  /** Of these of the dimension alone; none: of all. */
  readonly keys?: readonly string[]
  /** One row for each key over all windows, or for each window over all keys; none: one for each key in each window. */
  readonly together?: Together
}

export interface ReadFigure {
  readonly version: number
  readonly unit: string
  /** By window, then by key; the whole company, and all keys together, is `all`. */
  readonly rows: readonly {
    readonly key: string
    readonly from: string
    /** Null: nothing to divide by. */
    readonly value: number | null
    readonly numerator: number
    /** Null: the figure is a count. */
    readonly denominator: number | null
  }[]
  /** How far the log was folded, opaque. */
  readonly position: string
}

/** @param person the id of who asks @param signal nobody waits for it any more @throws {HttpRefusal} */
export type FigureReader = (query: FigureQuery, person: string, signal?: AbortSignal) => Promise<ReadFigure>

/** Figures live in the archive, which knows what there is and asks once more who may see what. */
export function archivedFigures(client: MetricsServiceClient): FigureReader {
  return async (query, person, signal) => {
    const request = ReadFigureRequest.fromPartial({ ...query, keys: [...(query.keys ?? [])] })
    const { version, unit, rows, position } = await answered(
      grpcCall(client, 'readFigure', request, askedFor(person, signal)),
    )
    return {
      version,
      unit,
      position,
      rows: rows.map(({ key, from = '', value = null, numerator, denominator = null }) => ({
        key: key === '' ? 'all' : key,
        from,
        value,
        numerator,
        denominator,
      })),
    }
  }
}
