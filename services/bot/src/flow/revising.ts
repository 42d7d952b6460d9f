import type { Ask } from './flow.ts'
import { type Input, isCalledOff } from './hearing.ts'
import { textMessage } from './messages.ts'
import type { PhraseName } from './phrases.ts'
import type { Given } from './session.ts'
import { type Moment, spoken, understand, wishOf } from './understanding.ts'

/** What becomes of an answer that the customer edits, deletes, or goes on with. Pure. */

/** Another answer, or none, and why. */
export type Revised = { readonly given: Given } | { readonly why: PhraseName }

/** New words of an answer, or what quotes its question; undefined where it is no answer but a wish. */
export function reread(
  given: Given,
  { change, message, messageId }: Input,
  {
    ask,
    canBeCalledOff,
    moment,
  }: { readonly ask: Ask; readonly canBeCalledOff: boolean; readonly moment: Moment },
): Revised | undefined {
  if (change === 'deleted') {
    const messages = partsOf(given).filter(({ id }) => id !== messageId)
    return messages.length === 0 ? { why: 'deletedAnswer' } : joined(ask, { ...given, messages }, moment)
  }
  const understood = understand(ask, message, moment)
  const isOption = ask.type === 'choice' && 'fits' in understood
  if (!isOption && canBeCalledOff && isCalledOff(message))
    return change === '' ? undefined : { why: 'callOff' }
  if (!isOption && wishOf(message, { ask, language: moment.language })) return undefined
  if ('misfit' in understood) return { why: understood.misfit }
  const text = String(understood.fits)
  const messages =
    change === 'edited'
      ? partsOf(given).map((one) => (one.id === messageId ? { ...one, text } : one))
      : [{ id: messageId, text }]
  return ask.type === 'text'
    ? joined(ask, { ...given, messages }, moment)
    : { given: { ...given, messages: messages.map(({ id }) => ({ id, text: '' })), value: understood.fits } }
}

/** An answer, and what the customer wrote as more of it. */
export function withMore(ask: Ask, before: Given, { message, messageId }: Input, moment: Moment): Revised {
  const words = spoken(message) ?? { text: '' }
  const text = 'text' in words ? words.text : 'place' in words ? words.place : ''
  return joined(ask, { ...before, messages: [...partsOf(before), { id: messageId, text }] }, moment)
}

/** One answer in several messages: `no shopping` and then `Ibirapuera, perto do cinema`. */
function joined(ask: Ask, given: Given, moment: Moment): Revised {
  const { messages } = given
  const whole = textMessage(messages.map(({ text }) => text).join(' '))
  const understood = understand(ask, whole, moment)
  if ('misfit' in understood) return { why: understood.misfit }
  const kept = messages.length === 1 ? messages.map(({ id }) => ({ id, text: '' })) : messages
  return { given: { ...given, messages: kept, value: understood.fits } }
}

/** The messages of an answer with what each says. Of a single one that is the answer itself. */
const partsOf = ({ messages, value }: Given): Given['messages'] =>
  messages.length === 1 ? messages.map(({ id }) => ({ id, text: String(value) })) : messages
