import type { ReadEvent } from '@parley/eventlog'
import { type NewCommand, type PayloadOf, deterministicId } from '@parley/kernel'
import { RespondRequest, type RespondResponse } from '@parley/proto/bot'
import type { BotAction } from '@parley/proto/commands'
import { isLanguage } from '../flow/language.ts'
import { breaches } from '../flow/limits.ts'

/** A turn that the rules asked for. */
export interface RequestedTurn {
  readonly event: ReadEvent
  readonly requested: PayloadOf<'botTurnRequested'>
}

export type TurnFailure =
  | 'FLOW_VERSION_GONE'
  | 'FLOW_LOOP'
  | 'RESPONDER_TIMEOUT'
  | 'RESPONDER_ERROR'
  | 'ANSWER_INVALID'

/** A turn whose deadline passed this long ago was given to people meanwhile: answering it would only be refused. */
const STALE_AFTER_MS = 60_000
const SESSION_LENGTH_MAX = 64_000
const ACTIONS_MAX = 30

export function requestedTurn(event: ReadEvent): RequestedTurn | undefined {
  const { payload } = event.envelope
  return payload.$case === 'botTurnRequested' ? { event, requested: payload.value } : undefined
}

export function isStale({ requested }: RequestedTurn, now: Date): boolean {
  const deadline = Date.parse(requested.deadlineAt ?? '')
  return Number.isFinite(deadline) && now.getTime() > deadline + STALE_AFTER_MS
}

export function respondRequest({ event, requested }: RequestedTurn): RespondRequest {
  return RespondRequest.fromPartial({
    conversationId: event.envelope.correlationId,
    turnId: event.envelope.eventId,
    turn: requested.turn,
    language: requested.language,
    session: requested.content?.turn?.session ?? '',
    inputs: requested.content?.turn?.inputs ?? [],
    at: event.envelope.recordedAt,
  })
}

export function completeTurn(turn: RequestedTurn, response: RespondResponse, now: Date): NewCommand {
  return {
    ...wish(turn, now),
    actor: { kind: 'bot', id: response.responder === '' ? 'unnamed' : response.responder },
    payload: {
      $case: 'completeBotTurn',
      value: {
        turn: turn.requested.turn,
        responder: response.responder,
        flow: response.flow,
        flowVersion: response.flowVersion,
        actions: response.actions,
        content: {
          turn: { inputs: [], session: response.session },
          message: undefined,
          profile: undefined,
          referral: undefined,
          raw: Buffer.alloc(0),
          url: '',
          command: Buffer.alloc(0),
        },
      },
    },
  }
}

export function failTurn(turn: RequestedTurn, code: TurnFailure, now: Date): NewCommand {
  return {
    ...wish(turn, now),
    actor: { kind: 'bot', id: 'turns' },
    payload: { $case: 'failBotTurn', value: { turn: turn.requested.turn, code } },
  }
}

/** The id follows from the request, so a turn answered again after a crash is the same wish. */
function wish({ event }: RequestedTurn, now: Date) {
  const { eventId, streamId, correlationId } = event.envelope
  return {
    commandId: deterministicId('turn', eventId),
    streamId,
    occurredAt: now.toISOString(),
    causationId: eventId,
    correlationId,
    traceparent: event.traceparent,
  }
}

/** Why an answer cannot be taken: of any robot, ours or another. Undefined: it can. */
export function whatIsWrongWith(response: RespondResponse): string | undefined {
  if (response.session.length > SESSION_LENGTH_MAX)
    return `the session has more than ${SESSION_LENGTH_MAX} characters`
  if (response.actions.length > ACTIONS_MAX) return `more than ${ACTIONS_MAX} actions in one turn`
  for (const [index, action] of response.actions.entries()) {
    const wrong = wrongAction(action, index === response.actions.length - 1)
    if (wrong !== undefined) return `action ${index + 1}: ${wrong}`
  }
  return undefined
}

function wrongAction({ action }: BotAction, isLast: boolean): string | undefined {
  switch (action?.$case) {
    case 'say': {
      const message = action.value.content?.message
      return message ? breaches(message)[0]?.what : 'nothing is said'
    }
    case 'chooseLanguage':
      return isLanguage(action.value.language) ? undefined : 'it names no language that there are texts for'
    case 'handOver':
      return isLast ? undefined : 'nothing may follow a hand-over'
    case 'end': {
      if (!isLast) return 'nothing may follow the end'
      const body = action.value.content?.message?.body
      if (action.value.content === undefined) return undefined
      if (body?.$case !== 'linkButton') return 'the last message is no link button'
      return breaches({
        body: { $case: 'linkButton', value: { ...body.value, url: 'https://example.com' } },
      })[0]?.what
    }
    default:
      return 'it is of a kind that the bot does not know'
  }
}
