import { type CommandOf, type PayloadOf, type Refusal, refuse } from '@parley/kernel'
import { Content, type ContactProfile } from '@parley/proto/content'
import { CommandEnvelope } from '@parley/proto/envelope'
import type { Decision } from './decision.ts'
import { close } from './ending.ts'
import { languageByCountry } from './language.ts'
import type { Contact } from './state.ts'

/** Registers the contact at its first sign of life; later, puts new names for it on record. */
export function observe(
  decision: Decision,
  channelAccountId: string,
  profile: ContactProfile | undefined,
  conversationId: string,
  reason: PayloadOf<'contactAliasesAdded'>['reason'] = 'observed',
): void {
  const { contact } = decision.state
  const content = profile === undefined ? undefined : { ...Content.fromPartial({}), profile }
  if (!contact.registered)
    decision.record(
      {
        $case: 'contactRegistered',
        value: { channelAccountId, language: languageByCountry(profile), content },
      },
      conversationId,
    )
  else if (profile !== undefined && bringsNews(contact, profile))
    decision.record({ $case: 'contactAliasesAdded', value: { reason, content } }, conversationId)
}

export function addContactAliases(decision: Decision, command: CommandOf<'addContactAliases'>): void {
  observe(decision, command.channelAccountId, command.content?.profile, '', command.reason)
}

export function setMarketingPreference(
  decision: Decision,
  command: CommandOf<'setMarketingPreference'>,
): void {
  const { channelAccountId, category, value, content } = command
  observe(decision, channelAccountId, content?.profile, '')
  decision.record({ $case: 'marketingPreferenceChanged', value: { category, value } }, '')
}

export function blockContact(decision: Decision, { reason }: CommandOf<'blockContact'>): Refusal | undefined {
  const { contact } = decision.state
  if (!contact.registered) return refuse('UNKNOWN_CONTACT')
  if (contact.blocked) return undefined
  decision.record({ $case: 'contactBlocked', value: { reason } })
  close(decision, 'blocked')
  return undefined
}

export function unblockContact(decision: Decision, { reason }: CommandOf<'unblockContact'>): void {
  if (decision.state.contact.blocked) decision.record({ $case: 'contactUnblocked', value: { reason } })
}

export function mergeContact(
  decision: Decision,
  { intoContactId }: CommandOf<'mergeContact'>,
): Refusal | undefined {
  if (intoContactId === '' || intoContactId === decision.command.streamId)
    return refuse('MERGE_INTO_ITSELF', { intoContactId })
  const { optedOut, blocked } = decision.state.contact
  close(decision, 'merged')
  decision.record(
    {
      $case: 'contactMerged',
      value: {
        intoContactId,
        optedOut,
        blocked,
        content: { ...Content.fromPartial({}), profile: profileOf(decision.state.contact) },
      },
    },
    '',
  )
  return undefined
}

/** What the customer forbade under one name holds under all of them. */
export function absorbContact(decision: Decision, command: CommandOf<'absorbContact'>): Refusal | undefined {
  const { fromContactId, optedOut, blocked, content } = command
  if (fromContactId === decision.command.streamId)
    return refuse('MERGE_INTO_ITSELF', { intoContactId: fromContactId })
  if (decision.state.contact.absorbed.includes(fromContactId)) return undefined
  decision.record({ $case: 'contactAbsorbed', value: { fromContactId, optedOut, blocked, content } })
  const { contact } = decision.state
  if (contact.optedOut && optedOut) close(decision, 'opted_out')
  if (contact.blocked && blocked) close(decision, 'blocked')
  return undefined
}

/** A wish for a contact that proved to be another one: the gateway says it again to that one. */
export function redirect(decision: Decision, into: string): void {
  const { command } = decision
  decision.conclude(
    {
      $case: 'commandRedirected',
      value: {
        intoContactId: into,
        commandType: command.type,
        content: {
          ...Content.fromPartial({}),
          command: Buffer.from(CommandEnvelope.encode(command).finish()),
        },
      },
    },
    '',
  )
}

function bringsNews(
  contact: Contact,
  { waId, userId, parentUserId, name, username }: ContactProfile,
): boolean {
  return (
    isNewAlias(contact.waIds, waId) ||
    isNewAlias(contact.userIds, userId) ||
    isNewAlias(contact.parentUserIds, parentUserId) ||
    (name !== '' && name !== contact.name) ||
    (username !== '' && username !== contact.username)
  )
}

function isNewAlias(known: readonly string[], alias: string): boolean {
  return alias !== '' && !known.includes(alias)
}

function profileOf({ waIds, userIds, parentUserIds, name, username }: Contact): ContactProfile {
  return {
    waId: waIds.at(-1) ?? '',
    userId: userIds.at(-1) ?? '',
    parentUserId: parentUserIds.at(-1) ?? '',
    name,
    username,
  }
}
