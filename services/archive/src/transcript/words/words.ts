import type { Language } from '@parley/conversation'
import type { AuthorKind, MessageStatus, SystemLine } from '../entry.ts'
import type { BodyWords } from '../readable-text.ts'

/** How dates and names are put into the words of one language. */
export interface Speech {
  /** Date and time in the company's time zone. */
  moment(iso: string): string
  language(code: string): string
  company: string
}

type LineWords = {
  readonly [Name in SystemLine['name']]: (line: Extract<SystemLine, { name: Name }>, speech: Speech) => string
}

/** Every word that the page says, in one language. */
export interface Words {
  readonly language: Language
  /** BCP 47, for lang attributes and Intl. */
  readonly tag: string
  /** The language's name for itself. */
  readonly ownName: string
  readonly title: string
  readonly about: (company: string) => string
  readonly skipToConversation: string
  readonly languages: string
  readonly summary: string
  readonly conversation: string
  readonly opened: string
  readonly closed: string
  readonly notClosed: string
  readonly messages: string
  readonly timeZone: string
  readonly print: string
  readonly printHint: string
  readonly download: string
  readonly backToPage: string
  readonly happened: string
  readonly recorded: string
  readonly author: Readonly<Record<AuthorKind, string>>
  readonly status: Readonly<Record<MessageStatus, string>>
  readonly failedBecause: (title: string, code: number) => string
  readonly uncertainMeans: (attempts: number, shown: string) => string
  /** It was sent once more, and that is all that is known to have gone wrong. */
  readonly resent: string
  /** Both attempts reached the channel. */
  readonly doubled: string
  readonly edited: string
  readonly editedAt: (moment: string) => string
  readonly editedByCompanyAt: (moment: string) => string
  readonly before: string
  readonly deletedByCustomer: string
  readonly deletedAt: (moment: string) => string
  readonly deletedByCompany: string
  readonly deletedByCompanyAt: (moment: string) => string
  readonly reactions: string
  readonly forwarded: string
  readonly inReplyTo: string
  readonly options: string
  readonly chosen: string
  readonly opensThisRecord: string
  readonly body: BodyWords
  readonly stage: (stage: string) => string
  readonly closeReason: (reason: string) => string
  readonly lines: LineWords
  readonly privacy: string
  readonly privacyLine: (company: string, processors: readonly string[]) => string
  readonly integrity: string
  readonly integrityLine: (events: string) => string
  readonly lastRecord: string
  readonly notFoundTitle: string
  readonly notFoundText: string
}

export function describeLine(line: SystemLine, words: Words, speech: Speech): string {
  // The type says that each name has the words for its own line; TypeScript cannot follow that through the index.
  const describe = words.lines[line.name] as (line: SystemLine, speech: Speech) => string
  try {
    return describe(line, speech)
  } catch {
    return words.body.unsupported('')
  }
}
