import type { RespondRequest, RespondResponse } from '@parley/proto/bot'
import { versionLabel } from '../flow/flow.ts'
import type { CallOutcome, HttpCall } from '../flow/calls.ts'
import { answer } from '../flow/interpreter.ts'
import { readSession } from '../flow/session.ts'
import type { FlowLibrary } from './library.ts'

/** What the record names as the robot that answered. */
export const RESPONDER_NAME = 'flows'

export interface RespondPorts {
  readonly library: FlowLibrary
  /** Never rejects: an endpoint that fails is an outcome. */
  call(call: HttpCall, signal: AbortSignal): Promise<CallOutcome>
  /** Values of all environment names that begin with FLOW_. A flow sees those that it names. */
  readonly secrets: Readonly<Record<string, string>>
}

export type Responded = { response: RespondResponse } | { failed: 'FLOW_VERSION_GONE' | 'FLOW_LOOP' }

/** One turn: the flow is played between its calls, the calls are made here. */
export async function respond(
  ports: RespondPorts,
  request: RespondRequest,
  signal: AbortSignal,
): Promise<Responded> {
  const session = request.session === '' ? undefined : readSession(request.session)
  if (request.session !== '' && session === undefined) return { failed: 'FLOW_VERSION_GONE' }
  const flow = session === undefined ? ports.library.entry : await ports.library.byDigest(session.digest)
  if (flow === undefined || (session && !flow.steps.has(session.step))) return { failed: 'FLOW_VERSION_GONE' }

  const secrets = Object.fromEntries(flow.env.map((name) => [name, ports.secrets[name] ?? '']))
  const play = answer(
    flow,
    {
      turnId: request.turnId,
      number: request.turn,
      language: request.language,
      session,
      inputs: request.inputs,
      at: request.at ?? '',
    },
    secrets,
  )
  let state = play.next()
  while (!state.done) state = play.next(await ports.call(state.value, signal))
  if (state.value.outcome === 'failed') return { failed: state.value.code }
  return {
    response: {
      responder: RESPONDER_NAME,
      flow: flow.id,
      flowVersion: versionLabel(flow),
      session: state.value.session,
      actions: [...state.value.actions],
      sensitiveMessageIds: [...state.value.sensitive],
      usedMessageIds: [...state.value.used],
      shownValues: [...state.value.shown],
      asksSensitive: state.value.asksSensitive,
    },
  }
}
