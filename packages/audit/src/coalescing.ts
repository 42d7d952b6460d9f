import type { EntryFacts, EntryType } from './entry.ts'

/** So long an entry stands for the same act again. */
export const STANDS_FOR_MS = 15 * 60 * 1_000

/**
 * How often an act of a type is recorded within a quarter of an hour, for one person (or nobody): what is read again and again, and
 * what strangers can do as often as they like, would bury everything else. Never: each act is an entry.
 */
const COALESCED: Readonly<
  Record<EntryType, { readonly most: number; readonly by: 'subject' | 'type' } | undefined>
> = {
  conversation_opened: { most: 1, by: 'subject' },
  access_refused: { most: 1, by: 'subject' },
  sign_in_failed: { most: 20, by: 'type' },
  signed_in: undefined,
  signed_out: undefined,
  exported: undefined,
  configuration_changed: undefined,
  roles_changed: undefined,
  person_deactivated: undefined,
  person_activated: undefined,
  operator_acted: undefined,
}

export interface Coalescing {
  /** Acts of one stream with the same key are the same. */
  readonly key: string
  readonly most: number
}

export function coalescing({
  type,
  subjectKind,
  subjectId,
  fields,
}: Pick<EntryFacts, 'subjectKind' | 'subjectId' | 'fields'> & { readonly type: EntryType }):
  | Coalescing
  | undefined {
  // Refused for another reason is another act.
  const code = fields.find(({ name }) => name === 'code')?.value ?? ''
  const rule = COALESCED[type]
  if (rule === undefined) return undefined
  return { key: rule.by === 'type' ? type : `${type} ${subjectKind} ${subjectId} ${code}`, most: rule.most }
}
