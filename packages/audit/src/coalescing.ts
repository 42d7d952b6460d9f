import type { EntryFacts, EntryType } from './entry.ts'

/** So long an entry stands for the same act again. */
export const STANDS_FOR_MS = 15 * 60 * 1_000

/**
 * What is read again and again, and what strangers can do as often as they like, would bury everything else: once within a quarter of
 * an hour, for one person (or nobody) and subject. Of all other types each act is an entry; failed sign-ins and what people are
 * refused are counted where they are seen, because what is not recorded here leaves nothing to count by.
 */
const COALESCED: Readonly<Record<EntryType, boolean | 'of nobody'>> = {
  conversation_opened: true,
  access_refused: 'of nobody',
  sensitive_revealed: false,
  sign_in_failed: false,
  signed_in: false,
  signed_out: false,
  exported: false,
  evaluated: false,
  alert_acknowledged: false,
  television_added: false,
  television_ended: false,
  configuration_changed: false,
  roles_changed: false,
  person_deactivated: false,
  person_activated: false,
  operator_acted: false,
}

/** Acts of one stream with the same key are the same; undefined: each is an act of its own. */
export function coalescing({
  type,
  personId,
  subjectKind,
  subjectId,
  fields,
}: EntryFacts & { readonly type: EntryType }): string | undefined {
  if (COALESCED[type] === false || (COALESCED[type] === 'of nobody' && personId !== '')) return undefined
  // Refused for another reason is another act, and so is another program.
  const [code, caller] = ['code', 'callerId'].map((field) => fields.find(({ name }) => name === field)?.value)
  return `${type} ${subjectKind} ${subjectId} ${code ?? ''} ${caller ?? ''}`
}
