import type { Language } from '@parley/conversation'
import type { AuthorKind, MessageStatus, SystemLine } from '../entry.ts'
import type { BodyWords } from '@parley/conversation'
import type { AgentName } from '../transcript.ts'

/** How dates and names are put into the words of one language. */
export interface Speech {
  /** Date and time in the company's time zone. */
  moment(iso: string): string
  language(code: string): string
  company: string
  agent: AgentName
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
  readonly worksUntil: string
  readonly print: string
  readonly printHint: string
  readonly download: string
  /** What the download holds: it is said before it is taken. */
  readonly downloadHolds: string
  /** At the foot of each page on paper. */
  readonly paperLine: (conversationId: string, moment: string) => string
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
  readonly downloadFile: string
  /** @param reason as in MediaUnavailable */
  fileUnavailable(reason: string): string
  readonly stage: (stage: string) => string
  readonly closeReason: (reason: string) => string
  readonly lines: LineWords
  readonly privacy: string
  readonly privacyLine: (company: string) => string
  readonly processorsLine: string
  /** Who else handles the messages, and as what; undefined for a role that has no words. */
  readonly processor: (role: string, name: string) => string | undefined
  readonly integrity: string
  readonly integrityLine: (records: string) => string
  readonly fingerprintAtClosing: string
  readonly fingerprintSoFar: string
  readonly linksAndViews: string
  readonly viewed: string
  readonly viewsBefore: (count: string) => string
  /** Of a link that is opened more often than people read. */
  readonly openedTooOften: string
  /** The record is behind the conversation for a moment. */
  readonly beingWritten: string
  readonly notFoundTitle: string
  readonly notFoundText: string
}

/** A processor as the notice's event has it, `role: name`. */
export function describeProcessor(processor: string, words: Words): string {
  const { role, name } = processorOf(processor)
  return words.processor(role, name) ?? name
}

export function processorOf(processor: string): { readonly role: string; readonly name: string } {
  const [, role = '', name = processor] = /^(\w+): (.+)$/s.exec(processor) ?? []
  return { role, name }
}

/** A company's own words for why an agent ended a conversation, as `workforce.yaml` has them: `card_blocked`. */
export function ownReason(reason: string): string {
  return reason.replaceAll('_', ' ')
}

export const namesOf = (processors: readonly string[]): string =>
  processors.map((processor) => processorOf(processor).name).join(', ')

export function describeLine(line: SystemLine, words: Words, speech: Speech): string {
  // The type says that each name has the words for its own line; TypeScript cannot follow that through the index.
  const describe = words.lines[line.name] as (line: SystemLine, speech: Speech) => string
  try {
    return describe(line, speech)
  } catch {
    return words.body.unsupported('')
  }
}
