import { setTimeout as pause } from 'node:timers/promises'
import { AGENT_SIGN, THANKS } from './clerk.ts'
import type { GraphSend, SentMessage, SimulatorControl } from './simulator-control.ts'

/** What one customer did and saw, written down outside the system under test. */
export interface CustomerRecord {
  readonly waId: string
  /** Provider ids of what the customer wrote, in order. */
  readonly wrote: string[]
  /** Milliseconds from each message to the robot's first answer to it. */
  readonly answeredAfterMs: number[]
  /** Provider ids of what got no answer within the customer's patience, whatever came later. */
  readonly unanswered: string[]
  /** The transcript link that came at the end. */
  link: string | undefined
}

/** Whether the robot serves them to the end, or they ask for a person: at once, or once they said that a card is lost. */
export type Wish = 'robot' | 'person' | 'person_for_card'

export interface CustomerOptions {
  /** How long a customer waits for an answer before writing on. */
  readonly patienceMs: number
  /** When the customer gives up altogether. */
  readonly deadlineAt: number
  readonly pollEveryMs: number
  /** What this customer says to a person, one after each of the person's words; with the last, which begins with THANKS, they are content. */
  toAPerson?(waId: string): readonly string[]
}

/** What a customer who lost a card says to each question of docs/guides/writing-flows.md, told by its words or by what it offers. */
const CONFIRM = 'confirm'
const TAPS = ['lost_card', CONFIRM]
const ANSWERS: readonly [question: RegExp, answer: string][] = [
  [/CPF/, '529.982.247-25'],
  [/4 últimos/, '4321'],
  [/Quando/, '20/11/2026'],
  [/Onde/, 'No mercado perto de casa'],
]

/** What they say to a person, until they are content. */
const TO_A_PERSON = ['Cobraram duas vezes', 'Foi no dia 12, no mercado', THANKS]

/**
 * Plays one customer from "oi" to the transcript link: answers what the robot asks and what a person says, and asks again when nothing
 * comes.
 */
export async function playCustomer(
  simulator: Pick<SimulatorControl, 'write' | 'sent'>,
  waId: string,
  options: CustomerOptions,
  wish: Wish = 'robot',
): Promise<CustomerRecord> {
  const toAPerson = (options.toAPerson?.(waId) ?? TO_A_PERSON).values()
  const replyTo = (sent: SentMessage): Record<string, unknown> | undefined => {
    if (!isOfPerson(sent)) return wish === 'robot' ? toRobot(sent) : callingPerson(sent, wish)
    const words = toAPerson.next().value
    return words === undefined ? undefined : text(words)
  }
  const record: CustomerRecord = { waId, wrote: [], answeredAfterMs: [], unanswered: [], link: undefined }
  let seen = 0
  let message: Record<string, unknown> | undefined = text('oi')
  while (message !== undefined) {
    const writtenAt = Date.now()
    const id = await simulator.write(waId, message)
    record.wrote.push(id)
    const patientUntil = Math.min(writtenAt + options.patienceMs, options.deadlineAt)
    // Whoever wrote again after the confirmation could open a second conversation, which the link of the first does not show.
    const until: number = isLast(message) ? options.deadlineAt : patientUntil
    const next = await waitFor(options, until, async () => {
      const sent = await simulator.sent(waId)
      const fresh = sent.slice(seen)
      record.link = fresh.map(({ body }) => linkOf(body)).find((link) => link !== undefined)
      if (record.link !== undefined) return { count: sent.length }
      // Of several that came together, what a person said counts: they were told that one is there.
      const asking = fresh.findLast(isOfPerson) ?? fresh.findLast((each) => toRobot(each) !== undefined)
      const reply = asking && replyTo(asking)
      return reply === undefined ? undefined : { count: sent.length, reply }
    })
    if (next !== undefined) {
      record.answeredAfterMs.push(Date.now() - writtenAt)
      if (Date.now() > patientUntil) record.unanswered.push(id)
      seen = next.count
      message = next.reply
    } else {
      record.unanswered.push(id)
      message = Date.now() < options.deadlineAt ? text('?') : undefined
    }
  }
  return record
}

function text(body: string): Record<string, unknown> {
  return { type: 'text', text: { body } }
}

/** Behind it comes the end. */
function isLast(message: Readonly<Record<string, unknown>>): boolean {
  const said = JSON.stringify(message)
  return said.includes(`"id":"${CONFIRM}"`) || said.includes(THANKS)
}

function isOfPerson({ body }: SentMessage): boolean {
  return body.text?.body.startsWith(AGENT_SIGN) === true
}

/** Written at the first question, or at the first one about the card. */
function callingPerson(sent: SentMessage, wish: Wish): Record<string, unknown> | undefined {
  const reply = toRobot(sent)
  if (reply === undefined) return undefined
  return wish === 'person_for_card' && reply['type'] === 'interactive' ? reply : text('atendente')
}

function toRobot({ id, body }: SentMessage): Record<string, unknown> | undefined {
  const { action } = body.interactive ?? {}
  const button = action?.buttons?.map(({ reply }) => reply).find((reply) => TAPS.includes(reply.id))
  const row = action?.sections?.flatMap(({ rows }) => rows).find((choice) => TAPS.includes(choice.id))
  const context = { context: { id } }
  if (button !== undefined)
    return { type: 'interactive', ...context, interactive: { type: 'button_reply', button_reply: button } }
  if (row !== undefined)
    return { type: 'interactive', ...context, interactive: { type: 'list_reply', list_reply: row } }
  const answer = ANSWERS.find(([question]) => question.test(body.text?.body ?? ''))
  return answer === undefined ? undefined : text(answer[1])
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
