import { type ConversationEvent, canonicalNumber, learntIn, profileIn } from '@parley/conversation'
import { clocksOf, ofTypes } from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'

/** What holds of a customer beyond one conversation. Times are ISO 8601 UTC, by the log's clock. */
export interface Contact {
  /** By what the channel said last that they are reached: the number's digits, the name they chose. Empty: not told, or theirs no more. */
  readonly number: string
  readonly username: string
  /** The last number that was theirs and is no more, and since when by the channel's clock; an empty one: which, is not known. */
  readonly lost: { readonly number: string; readonly at: string } | null
  /** What they are written in, and when somebody chose it. Absent in what was folded before it was kept. */
  readonly language?: string
  readonly languageChosenAt?: string
  /** Proved to be the same customer: what holds of them, their number too, is there. Absent: they are one contact. */
  readonly mergedInto?: string
  readonly optedOutAt: string | null
  readonly blockedAt: string | null
  /** The newest privacy notice that reached them, and who it says handles their messages. */
  readonly notice: { readonly shownAt: string; readonly processors: readonly string[] } | null
}

export const CONTACT_TYPES = [
  'ContactRegistered',
  'ContactAliasesAdded',
  'ContactNumberReleased',
  'ContactLanguageChosen',
  'ContactOptedOut',
  'ContactOptedIn',
  'ContactBlocked',
  'ContactUnblocked',
  'ContactMerged',
  'ContactAbsorbed',
  'PrivacyNoticeShown',
] as const satisfies readonly ConversationEvent['type'][]

export type ContactFact = Extract<ConversationEvent, { type: (typeof CONTACT_TYPES)[number] }> & {
  readonly envelope: EventEnvelope
}

export const isContactFact = ofTypes(CONTACT_TYPES)

export const UNKNOWN_CONTACT: Contact = {
  number: '',
  username: '',
  lost: null,
  optedOutAt: null,
  blockedAt: null,
  notice: null,
}

/** A number is lost in whichever spelling it was told. */
const isSame = (one: string, other: string): boolean => canonicalNumber(one) === canonicalNumber(other)

export function evolveContact(contact: Contact = UNKNOWN_CONTACT, event: ContactFact): Contact {
  const { occurredAt, recordedAt } = clocksOf(event.envelope)
  switch (event.type) {
    case 'ContactRegistered':
    case 'ContactAliasesAdded': {
      const { waId = '', username = '' } = profileIn(event.envelope.content) ?? {}
      const { lost } = contact
      // What was said before they lost it may come after: the number is somebody else's by now.
      const isLost =
        lost !== null && (lost.number === '' || isSame(lost.number, waId)) && occurredAt <= lost.at
      return {
        ...contact,
        number: isLost ? contact.number : waId || contact.number,
        username: username || contact.username,
        ...(event.type === 'ContactRegistered' && { language: event.data.language }),
      }
    }
    case 'ContactNumberReleased': {
      const waId = profileIn(event.envelope.content)?.waId ?? ''
      const lost = { number: waId, at: occurredAt }
      return { ...contact, lost, number: waId === '' || isSame(waId, contact.number) ? '' : contact.number }
    }
    case 'ContactLanguageChosen': {
      const { language, chosenBy } = event.data
      // What a merge brought was chosen at the time that it brought.
      return chosenBy === 'merge'
        ? { ...contact, language }
        : { ...contact, language, languageChosenAt: recordedAt }
    }
    case 'ContactOptedOut':
      return { ...contact, optedOutAt: recordedAt }
    case 'ContactOptedIn':
      return { ...contact, optedOutAt: null }
    case 'ContactBlocked':
      return { ...contact, blockedAt: recordedAt }
    case 'ContactUnblocked':
      return { ...contact, blockedAt: null }
    case 'ContactMerged':
      return { ...contact, number: '', mergedInto: event.data.intoContactId }
    case 'ContactAbsorbed': {
      const { optedOut, blocked, language, languageChosenAt = '' } = event.data
      return {
        ...contact,
        ...(languageChosenAt > (contact.languageChosenAt ?? '') && { language, languageChosenAt }),
        optedOutAt: contact.optedOutAt ?? (optedOut ? recordedAt : null),
        blockedAt: contact.blockedAt ?? (blocked ? recordedAt : null),
      }
    }
    case 'PrivacyNoticeShown':
      return { ...contact, notice: { shownAt: recordedAt, processors: event.data.processors } }
    default:
      return event satisfies never
  }
}

/** What the robot learnt in one conversation, as the customer's language writes it. */
export interface Learnt {
  readonly values: readonly {
    readonly name: string
    readonly value: string
    /** By the flow's own mark: shown only to who asks for it, on record. */
    readonly isSensitive: boolean
  }[]
}

/** Each turn says all that is known by then. */
export const learntBy = ({ content }: EventEnvelope): Learnt => ({
  values: learntIn(content).map(({ name, value, isSensitive }) => ({ name, value, isSensitive })),
})
