import { hash } from 'node:crypto'
import type { Language } from '@parley/conversation'
import type { Clock } from '@parley/workforce'

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
  /** After somebody wrote to the customer in the WhatsApp Business app; 0: the robot answers all the same. */
  readonly robotSilenceSeconds: number
  /** What the Business app sends first, so soon after the message that opened the conversation, is its greeting and silences nobody; 0: everything does. */
  readonly appAnswersByItselfSeconds: number
  readonly notice: PrivacyNotice
  readonly clock: Clock
  readonly waiting: Readonly<Record<Language, WaitingTexts>>
  /** Of queues that speak or ask otherwise, by name. */
  readonly waitingIn?: Readonly<Record<string, WaitingIn>>
  /** To whom asked to be written to, when free text may no longer be sent. Null: the agent picks one. */
  readonly callBackTemplate: Readonly<
    Record<Language, { readonly name: string; readonly language: string }>
  > | null
  readonly survey: SurveyPolicy
  /** Said before the robot answers in a chat in which somebody wrote meanwhile. */
  readonly robotReturns: Readonly<Record<Language, string>>
  /** After a stop: how to begin again. */
  readonly stopNotice: Readonly<Record<Language, string>>
  /** After an edit or a deletion of what something irreversible was done with. */
  readonly tooLateNotice: Readonly<Record<Language, string>>
  readonly link: Readonly<Record<Language, { readonly text: string; readonly displayText: string }>>
  /** To who went silent, whom nobody told that it ends: that what was left unfinished was not done. Default: `link`. */
  readonly silenceLink?: ConversationPolicy['link']
}

/** What is asked after a conversation that an agent ended, in the queues that ask. */
export interface SurveyPolicy {
  /** So long after it was asked an answer counts. */
  readonly answerSeconds: number
  /** When free text may no longer be sent; its buttons say a score of 1 to 5. Null: then nothing is asked. */
  readonly template: Readonly<Record<Language, { readonly name: string; readonly language: string }>> | null
  readonly texts: Readonly<Record<Language, SurveyTexts>>
}

export interface SurveyTexts {
  readonly question: string
  /** The buttons of 5, 3 and 1. */
  readonly good: string
  readonly fair: string
  readonly poor: string
  readonly reasonQuestion: string
  readonly slow: string
  readonly unsolved: string
  readonly unfriendly: string
  readonly thanks: string
}

export interface WaitingIn {
  readonly texts: Readonly<Record<Language, WaitingTexts>>
  /** `wait`: while it is closed its customers only hear when it opens. Otherwise they choose whether to be written to. */
  readonly outsideHours: string
}

export interface WaitingTexts {
  /** `{now}` stands for the customer's place, or for when the queue opens. */
  readonly notice: string
  /** Asked with it while the queue is closed. */
  readonly closed: string
  readonly callBackButton: string
  readonly leaveButton: string
  readonly callBackNoted: string
}

export interface PrivacyNotice {
  /** A digest of the processors and the words: a change of either shows everyone the new one. */
  readonly version: string
  /** `role: name`; a page says the role in its reader's words. */
  readonly processors: readonly string[]
  readonly text: Readonly<Record<Language, string>>
}

const WORDINGS_MAX = 64
/** A company has a notice in each language, and is asked for its wording with every message that comes in. */
const wordings = new Map<string, string>()

/** Names the very words of a notice, so that what was sent can be told from what would be sent now. */
export function wordingOf(text: string): string {
  let wording = wordings.get(text)
  if (wording === undefined) {
    if (wordings.size === WORDINGS_MAX) wordings.clear()
    wording = hash('sha256', text, 'hex').slice(0, 32)
    wordings.set(text, wording)
  }
  return wording
}
