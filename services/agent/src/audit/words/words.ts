import type { EntryType, SubjectKind } from '@parley/audit'
import type { Language } from '@parley/conversation'

/** Every word that the page of the audit says, in one language. */
export interface Words {
  readonly language: Language
  /** BCP 47, for lang attributes and Intl. */
  readonly tag: string
  /** The language's name for itself. */
  readonly ownName: string
  readonly title: string
  readonly about: string
  readonly skipToEntries: string
  readonly languages: string
  readonly filter: string
  readonly person: string
  readonly personHint: string
  readonly subject: string
  readonly subjectHint: string
  readonly type: string
  readonly allTypes: string
  readonly from: string
  readonly to: string
  readonly show: string
  readonly showAll: string
  readonly entries: string
  readonly nobody: string
  readonly older: string
  readonly newest: string
  readonly end: string
  readonly empty: string
  readonly timesIn: (timeZone: string) => string
  readonly queryInvalid: string
  readonly unavailable: string
  readonly notAllowed: string
  readonly types: Readonly<Record<EntryType, string>>
  readonly subjects: Readonly<Record<SubjectKind, string>>
  readonly toConsole: string
}
