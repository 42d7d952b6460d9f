import type { ConversationCommand } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import type { RespondRequest, RespondResponse } from '@parley/proto/bot'
import type { Logger, withSpan } from '@parley/service'
import pLimit from 'p-limit'
import {
  type RequestedTurn,
  type TurnFailure,
  completeTurn,
  failTurn,
  isStale,
  respondRequest,
  whatIsWrongWith,
} from './answering.ts'

export const TURNS_AT_ONCE_MAX = 32
/** What a batch's quick answers wait for the slow ones. */
const STRAGGLERS_AFTER_MS = 200

export interface TurnPorts {
  /** Rejects with `RobotFailed` when there is no answer. */
  ask(request: RespondRequest): Promise<RespondResponse>
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  now(): Date
  /** By the log's clock, which deadlines are counted from; undefined where it is not known. */
  logTime(): number | undefined
  readonly inSpan: typeof withSpan
  readonly log: Logger
}

export interface TurnBatch {
  readonly events: readonly RequestedTurn[]
  heartbeat(): Promise<void>
}

export class RobotFailed extends Error {
  readonly code: TurnFailure
  constructor(code: TurnFailure, cause: unknown) {
    super(`The robot gave no answer (${code}).`, { cause })
    this.code = code
  }
}

/**
 * The handler of the `turns` reader: each requested turn is asked and its answer wished for. Turns of a batch run side by side, and one
 * append takes all that are ready; answers that wait for a slow endpoint follow in a second one, so they hold up nobody else's. No
 * process manager: what a robot answers is no function of the event.
 */
export function turnReactor({ ask, append, now, logTime, inSpan, log }: TurnPorts) {
  const limit = pLimit(TURNS_AT_ONCE_MAX)

  const wishFor = async (turn: RequestedTurn): Promise<NewCommand<ConversationCommand>> => {
    const { eventId, correlationId } = turn.envelope
    return inSpan(
      'bot turn',
      { traceparent: turn.traceparent, attributes: { 'parley.conversation_id': correlationId } },
      async (span) => {
        const failed = (code: TurnFailure, reason: string) => {
          span.setAttribute('error.type', code)
          log.warn(
            { code, eventId, conversationId: correlationId, reason },
            'a turn of the robot failed; people take over',
          )
          return failTurn(turn, code, now())
        }
        try {
          const response = await ask(respondRequest(turn))
          const wrong = whatIsWrongWith(response)
          return wrong === undefined ? completeTurn(turn, response, now()) : failed('ANSWER_INVALID', wrong)
        } catch (error) {
          if (error instanceof RobotFailed) return failed(error.code, causeOf(error))
          return failed('RESPONDER_ERROR', 'the request or its answer could not be read')
        }
      },
    )
  }

  return async function handle(batch: TurnBatch): Promise<void> {
    const turns: RequestedTurn[] = []
    for (const turn of batch.events) {
      if (isStale(turn, logTime()))
        log.info(
          { eventId: turn.envelope.eventId, conversationId: turn.envelope.correlationId },
          'a turn whose deadline passed long ago is skipped',
        )
      else turns.push(turn)
    }
    if (turns.length === 0) return

    const ready: NewCommand<ConversationCommand>[] = []
    const all = Promise.all(turns.map((turn) => limit(async () => ready.push(await wishFor(turn)))))
    await Promise.race([all, elapsed(STRAGGLERS_AFTER_MS)])
    const first = ready.splice(0)
    if (first.length > 0) await append(first)
    if (first.length === turns.length) return
    await batch.heartbeat()
    await all
    await append(ready)
  }
}

/** A stable code of the cause, never its words: they might quote a customer. */
function causeOf(error: Error): string {
  const { cause } = error
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown'
}

function elapsed(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, ms).unref()
  return promise
}
