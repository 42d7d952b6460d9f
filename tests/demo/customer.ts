import { setTimeout as pause } from 'node:timers/promises'
import type { GraphSend, SentMessage, SimulatorControl } from './simulator-control.ts'

/** What one customer did and saw, written down outside the system under test. */
export interface CustomerRecord {
  readonly waId: string
  /** Provider ids of what the customer wrote, in order. */
  readonly wrote: string[]
  /** Milliseconds from each message to the robot's first answer to it. */
  readonly answeredAfterMs: number[]
  /** How often the customer went on without having had an answer. */
  nudges: number
  /** The transcript link that came at the end. */
  link: string | undefined
}

export interface CustomerOptions {
  /** How long a customer waits for an answer before writing on. */
  readonly patienceMs: number
  /** When the customer gives up altogether. */
  readonly deadlineAt: number
  readonly pollEveryMs: number
}

type Step = { readonly say: string } | { readonly choose: string }

/** The lost-card conversation of docs/guides/writing-flows.md. */
const LOST_CARD: readonly Step[] = [
  { say: 'oi' },
  { choose: 'lost_card' },
  { say: '529.982.247-25' },
  { say: '4321' },
  { say: '20/11/2026' },
  { say: 'No mercado perto de casa' },
  { choose: 'confirm' },
]

/** Plays one customer from "oi" to the transcript link. */
export async function playCustomer(
  simulator: SimulatorControl,
  waId: string,
  options: CustomerOptions,
): Promise<CustomerRecord> {
  const record: CustomerRecord = { waId, wrote: [], answeredAfterMs: [], nudges: 0, link: undefined }
  let seen = 0
  for (const step of LOST_CARD) {
    const offered = (await simulator.sent(waId)).slice(0, seen)
    const writtenAt = Date.now()
    record.wrote.push(await simulator.write(waId, messageFor(step, offered)))
    const patientUntil = Math.min(writtenAt + options.patienceMs, options.deadlineAt)
    const answer = await waitFor(options, patientUntil, async () => {
      const sent = await simulator.sent(waId)
      // The first message of all is the privacy line, which is no answer.
      const answers = record.wrote.length === 1 ? 2 : 1
      return sent.length >= seen + answers ? sent : undefined
    })
    if (answer === undefined) record.nudges += 1
    else record.answeredAfterMs.push(Date.now() - writtenAt)
    seen = (await settled(simulator, waId)).length
    if (Date.now() > options.deadlineAt) return record
  }
  record.link = await waitFor(options, options.deadlineAt, async () =>
    (await simulator.sent(waId)).map(({ body }) => linkOf(body)).find((link) => link !== undefined),
  )
  return record
}

/** The robot may say several things in a row: waits until no more has come for a moment. */
async function settled(simulator: SimulatorControl, waId: string): Promise<readonly SentMessage[]> {
  for (let before = await simulator.sent(waId); ;) {
    await pause(120)
    const now = await simulator.sent(waId)
    if (now.length === before.length) return now
    before = now
  }
}

function messageFor(step: Step, offered: readonly SentMessage[]): Record<string, unknown> {
  if ('say' in step) return { type: 'text', text: { body: step.say } }
  for (const { id, body } of offered.toReversed()) {
    const { action } = body.interactive ?? {}
    const button = action?.buttons?.map(({ reply }) => reply).find((reply) => reply.id === step.choose)
    const row = action?.sections
      ?.flatMap((section) => section.rows)
      .find((choice) => choice.id === step.choose)
    const context = { context: { id } }
    if (button !== undefined)
      return { type: 'interactive', ...context, interactive: { type: 'button_reply', button_reply: button } }
    if (row !== undefined)
      return { type: 'interactive', ...context, interactive: { type: 'list_reply', list_reply: row } }
  }
  // The offer did not arrive (its sending is uncertain): the customer writes the words.
  return { type: 'text', text: { body: step.choose === 'confirm' ? 'sim' : 'perdi meu cartão' } }
}

function linkOf(body: GraphSend): string | undefined {
  return body.interactive?.type === 'cta_url' ? body.interactive.action.parameters?.url : undefined
}

async function waitFor<Found>(
  { pollEveryMs }: CustomerOptions,
  until: number,
  look: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  for (;;) {
    const found = await look()
    if (found !== undefined || Date.now() >= until) return found
    await pause(pollEveryMs)
  }
}
