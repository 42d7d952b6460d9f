import { createHash } from 'node:crypto'
import type { Language } from '@parley/conversation'

/** What a company decides about its conversations, its own words included. Plain JSON: it is adopted by a command in the log, and no rule reads it from elsewhere. */
export interface ConversationPolicy {
  readonly botTurnTimeoutSeconds: number
  readonly silenceTimeoutSeconds: number
  readonly endingTimeoutSeconds: number
  readonly defaultQueue: string
  /** So long after an agent ended a conversation the customer's next message goes to that agent. Default 0: to the robot. */
  readonly reopenSeconds?: number
  /** When a message of the robot's last answer did not reach the customer: people take over, or it is said once more first. */
  readonly afterUnsentAnswer: 'hand_over' | 'ask_again'
  readonly notice: PrivacyNotice
  readonly waitingNotice: Readonly<Record<Language, string>>
  readonly link: Readonly<Record<Language, { readonly text: string; readonly displayText: string }>>
}

export interface PrivacyNotice {
  /** A digest of the processors and the words: a change of either shows everyone the new one. */
  readonly version: string
  readonly processors: readonly string[]
  readonly text: Readonly<Record<Language, string>>
}

/** Names the very words of a notice, so that what was sent can be told from what would be sent now. */
export function wordingOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32)
}
