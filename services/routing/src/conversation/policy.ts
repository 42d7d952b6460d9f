import { createHash } from 'node:crypto'
import type { Language } from './language.ts'

/** What a company decides about its conversations. Given to the decider when it is made; no rule reads it from elsewhere. */
export interface ConversationPolicy {
  readonly botTurnTimeoutSeconds: number
  readonly silenceTimeoutSeconds: number
  readonly endingTimeoutSeconds: number
  readonly defaultQueue: string
  /** When the robot's last answer failed or stays uncertain: the robot asks once more, or people take over. */
  readonly afterUnsentAnswer: 'ask_again' | 'hand_over'
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
