import { type CommandData, isLanguage } from '@parley/conversation'
import { COMMAND, type NewWords, type Refusal, refuse } from '@parley/kernel'
import type { Observation } from '@parley/proto/commands'
import type { Decision } from './decision.ts'
import { close } from './ending.ts'
import type { Contact } from './state.ts'

const PROFILE: readonly NewWords[] = [{ from: COMMAND, name: 'profile' }]

/** Registers the contact at its first sign of life; later, puts new names for it on record. */
export function observe(
  decision: Decision,
  channelAccountId: string,
  observed: Observation | undefined,
  conversationId: string,
  reason = 'observed',
): void {
  const { contact } = decision.state
  const { profileDigest = '', languageHint = '' } = observed ?? {}
  if (!contact.registered) {
    const language = isLanguage(languageHint) ? languageHint : 'en'
    decision.record(
      { type: 'ContactRegistered', data: { channelAccountId, language, profileDigest } },
      PROFILE,
      conversationId,
    )
  } else if (profileDigest !== '' && !contact.profileDigests.includes(profileDigest))
    decision.record({ type: 'ContactAliasesAdded', data: { reason, profileDigest } }, PROFILE, conversationId)
}

export function addContactAliases(decision: Decision, command: CommandData<'AddContactAliases'>): void {
  observe(decision, command.channelAccountId, command.observed, '', command.reason)
}

/** On record even for a contact that nothing is known of yet: what comes first must not decide who is written to under the number. */
export function releaseContactNumber(decision: Decision): void {
  decision.record({ type: 'ContactNumberReleased', data: {} }, PROFILE, '')
}

export function setMarketingPreference(
  decision: Decision,
  { channelAccountId, category, value, observed }: CommandData<'SetMarketingPreference'>,
): void {
  observe(decision, channelAccountId, observed, '')
  decision.record({ type: 'MarketingPreferenceChanged', data: { category, value } }, [], '')
}

export function blockContact(
  decision: Decision,
  { reason }: CommandData<'BlockContact'>,
): Refusal | undefined {
  const { contact } = decision.state
  if (!contact.registered) return refuse('UNKNOWN_CONTACT')
  if (contact.blocked) return undefined
  decision.record({ type: 'ContactBlocked', data: { reason } })
  close(decision, 'blocked')
  return undefined
}

export function unblockContact(decision: Decision, { reason }: CommandData<'UnblockContact'>): void {
  if (decision.state.contact.blocked) decision.record({ type: 'ContactUnblocked', data: { reason } })
}

export function chooseContactLanguage(
  decision: Decision,
  { language }: CommandData<'ChooseContactLanguage'>,
): Refusal | undefined {
  const { contact } = decision.state
  if (!contact.registered) return refuse('UNKNOWN_CONTACT')
  if (!isLanguage(language)) return refuse('UNKNOWN_LANGUAGE', { language })
  if (contact.language !== language)
    decision.record({ type: 'ContactLanguageChosen', data: { language, chosenBy: 'agent' } })
  return undefined
}

export function mergeContact(
  decision: Decision,
  { intoContactId }: CommandData<'MergeContact'>,
): Refusal | undefined {
  if (intoContactId === '' || intoContactId === decision.wish.streamId)
    return refuse('MERGE_INTO_ITSELF', { intoContactId })
  const { absorbed, optedOut, consentAt, blocked, profileFrom, language, languageChosenAt } =
    decision.state.contact
  // That one is this one by now: the two would hand what is wished of either to each other for ever.
  if (absorbed.includes(intoContactId)) return undefined
  close(decision, 'merged')
  decision.record(
    {
      type: 'ContactMerged',
      data: {
        intoContactId,
        optedOut,
        blocked,
        language: languageChosenAt === null ? '' : language,
        languageChosenAt: languageChosenAt ?? undefined,
        consentAt: consentAt ?? undefined,
      },
    },
    profileFrom === '' ? [] : [{ from: profileFrom, name: 'profile' }],
    '',
  )
  return undefined
}

/** What the customer asked for under one name holds under all of them. Who absorbs itself is no other contact any more. */
export function absorbContact(
  decision: Decision,
  { fromContactId, optedOut, consentAt, blocked, language, languageChosenAt }: CommandData<'AbsorbContact'>,
): Refusal | undefined {
  const { conversation } = decision.state
  const isItself = fromContactId === decision.wish.streamId
  if (isItself && conversation.stage !== 'merged')
    return refuse('MERGE_INTO_ITSELF', { intoContactId: fromContactId })
  // Of two that became each other both would be themselves again, and a stop that is said from then on would reach one of them.
  const isMutual = conversation.stage === 'merged' && conversation.isMutual
  if (isItself && isMutual && conversation.into < fromContactId) return undefined
  const before = decision.state.contact
  if (before.absorbed.includes(fromContactId)) return undefined
  const holds = lastWord(before, { optedOut, consentAt: consentAt ?? null })
  decision.record(
    {
      type: 'ContactAbsorbed',
      data: {
        fromContactId: isItself ? '' : fromContactId,
        optedOut: optedOut && holds.optedOut,
        consentAt: holds.consentAt ?? undefined,
        blocked,
        language,
        languageChosenAt,
      },
    },
    PROFILE,
  )
  if (before.optedOut && !holds.optedOut)
    decision.conclude({ type: 'ContactOptedIn', data: { via: 'merge', messageId: '' } })
  const { contact } = decision.state
  // Said by the event that says so at any other time: the pool and every reader go by it, and would offer it to who does not speak it.
  if (contact.language !== before.language)
    decision.conclude({
      type: 'ContactLanguageChosen',
      data: { language: contact.language, chosenBy: 'merge' },
    })
  if (contact.optedOut && optedOut) close(decision, 'opted_out')
  if (contact.blocked && blocked) close(decision, 'blocked')
  return undefined
}

type Consent = Pick<Contact, 'optedOut' | 'consentAt'>

/** What they said later, under whichever name; of two words at one time, the stop. A stop whose time is not known holds. */
const lastWord = (one: Consent, other: Consent): Consent => {
  const [at, otherAt] = [saidAt(one), saidAt(other)]
  return at > otherAt || (at === otherAt && one.optedOut) ? one : other
}

const saidAt = ({ optedOut, consentAt }: Consent): number =>
  consentAt === null ? (optedOut ? Infinity : -Infinity) : Date.parse(consentAt)

/** A wish for a contact that proved to be another one: the gateway says it again to that one. */
export function redirect(decision: Decision, intoContactId: string): void {
  const { wish } = decision
  decision.conclude(
    {
      type: 'CommandRedirected',
      data: { intoContactId, commandType: wish.type, command: wish.withoutWords() },
    },
    'all',
    '',
  )
}
