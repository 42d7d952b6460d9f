import { entryOf } from '@parley/kernel'
import { type RespondRequest, RespondResponse } from '@parley/proto/bot'
import type { Calendars } from '@parley/workforce'
import { type Flow, versionLabel } from '../flow/flow.ts'
import type { CallOutcome, HttpCall } from '../flow/calls.ts'
import { goesOnAt } from '../flow/going-on.ts'
import { answer } from '../flow/interpreter.ts'
import { type Session, readSession } from '../flow/session.ts'
import type { FlowLibrary } from './library.ts'

/** What the record names as the robot that answered. */
export const RESPONDER_NAME = 'flows'

export interface RespondPorts {
  readonly library: FlowLibrary
  /** Never rejects: an endpoint that fails is an outcome. */
  call(call: HttpCall, signal: AbortSignal): Promise<CallOutcome>
  /** Of the queues, as they are in force; undefined: none are yet. Where it rejects, the flow is played and says that it knows no hours. */
  calendars(): Promise<Calendars | undefined>
  /** Values of all environment names that begin with FLOW_. A flow sees those that it names. */
  readonly secrets: Readonly<Record<string, string>>
}

export type Responded =
  | { response: RespondResponse }
  | { failed: 'FLOW_VERSION_GONE' | 'FLOW_STEP_GONE' | 'FLOW_LOOP' }

/** One turn: the flow is played between its calls, the calls are made here. */
export async function respond(
  ports: RespondPorts,
  request: RespondRequest,
  signal: AbortSignal,
): Promise<Responded> {
  const place = await placeOf(ports.library, request)
  if ('failed' in place) return place
  const { flow, session, beginsAt } = place

  const secrets = Object.fromEntries(flow.env.map((name) => [name, entryOf(ports.secrets, name) ?? '']))
  const play = answer(
    flow,
    {
      turnId: request.turnId,
      number: request.turn,
      language: request.language,
      session,
      beginsAt,
      inputs: request.inputs,
      at: request.at ?? '',
      calendars: flow.saysHours ? await ports.calendars().catch(() => undefined) : undefined,
      mayAct: request.mayAct,
    },
    secrets,
  )
  let state = play.next()
  while (!state.done) state = play.next(await ports.call(state.value, signal))
  if (state.value.outcome === 'failed') return { failed: state.value.code }
  const robot = { responder: RESPONDER_NAME, flow: flow.id, flowVersion: versionLabel(flow) }
  if (state.value.outcome === 'held back')
    return { response: RespondResponse.fromPartial({ ...robot, holdsBack: true }) }
  return {
    response: {
      ...robot,
      holdsBack: false,
      // Without it no call was made behind an irreversible answer.
      canBeTakenBack: !request.mayAct,
      session: state.value.session,
      actions: [...state.value.actions],
      sensitiveMessageIds: [...state.value.sensitive],
      partlySensitiveMessageIds: [...state.value.partlySensitive],
      usedMessageIds: [...state.value.used],
      shownValues: [...state.value.shown],
      learnt: [...state.value.learnt],
      asksSensitive: state.value.asksSensitive,
      steps: [...state.value.steps],
    },
  }
}

type Place = {
  readonly flow: Flow
  readonly session: Session | undefined
  /** Undefined: the flow's own beginning. */
  readonly beginsAt: string | undefined
}

/** Where the flow goes on: where an agent said or as near to it as it can, where the session stands, or at the beginning. */
async function placeOf(
  library: FlowLibrary,
  { session: written, flow: name, step }: RespondRequest,
): Promise<Place | Extract<Responded, { failed: string }>> {
  if (name !== '') {
    const flow = library.byName(name)
    return flow === undefined || (step !== '' && !flow.steps.has(step))
      ? { failed: 'FLOW_STEP_GONE' }
      : { flow, session: undefined, beginsAt: step === '' ? undefined : goesOnAt(flow, step) }
  }
  if (written === '') return { flow: library.entry, session: undefined, beginsAt: undefined }
  const session = readSession(written)
  const flow = session && (await library.byDigest(session.digest))
  return flow === undefined || !flow.steps.has(session!.step)
    ? { failed: 'FLOW_VERSION_GONE' }
    : { flow, session, beginsAt: undefined }
}
