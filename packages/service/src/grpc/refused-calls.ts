import type { RecordAct } from '../audit-recorder.ts'
import type { Logger } from '../logger.ts'
import { type Caller, permittedCallers } from './access.ts'

export interface RefusedCall {
  readonly code: string
  /** As the call names it: `/parley.archive.v1.ArchiveService/GetTranscript`. */
  readonly path: string
  readonly caller: Caller
  /** For whom it was to be done. */
  readonly person?: string
}

/** The audit has one entry for a quarter of an hour; this spares it being asked for each of a flood, and is short, as at the console's doors. */
const SAME_REFUSAL_MS = 5_000

/**
 * A caller that is known and was refused leaves a trace; it must not delay the answer. Strangers leave none: they are counted. Nobody was
 * signed in, so nobody did it: whose work it is said to be is the caller's word.
 */
export function refusedCalls(record: RecordAct | undefined, log: Logger | undefined) {
  /** As many as there are callers, methods and codes. */
  const toldAtMs = new Map<string, number>()
  return ({ code, path, caller, person }: RefusedCall): void => {
    const of = { callerId: caller, ...(person !== undefined && { personId: person }) }
    log?.warn({ code, method: path, ...of }, 'a gRPC call was refused')
    // Of a method that there is not the name is the caller's own.
    if (record === undefined || permittedCallers(path) === undefined) return
    const key = `${caller} ${path} ${code}`
    const nowMs = performance.now()
    if (nowMs - (toldAtMs.get(key) ?? -Infinity) < SAME_REFUSAL_MS) return
    toldAtMs.set(key, nowMs)
    record({
      type: 'access_refused',
      person: null,
      subject: { kind: 'method', id: path.slice(1) },
      fields: { code, ...of },
    }).catch((err: unknown) =>
      log?.error({ code: 'ACT_NOT_RECORDED', err }, 'a refused access is not on record'),
    )
  }
}
