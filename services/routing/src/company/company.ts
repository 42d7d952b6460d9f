import { createHash } from 'node:crypto'
import { didYouMean } from '@parley/authoring'
import { type ConfigFile, type ConfigProblem, contentOf } from '@parley/authoring/config-file'
import { queueName } from '@parley/authoring/queue-name'
import { LANGUAGES, type Language } from '@parley/conversation'
import type { PoolConfiguration, QueueTexts } from '@parley/proto/workforce-configuration'
import { clockOf } from '@parley/workforce'
import { z } from 'zod'
import type { ConversationPolicy, SurveyTexts, WaitingTexts } from '../conversation/policy.ts'
import { timezone } from './opening-hours.ts'
import { zoneOffsets } from './zone-offsets.ts'
import { waitInWords } from './waiting-words.ts'

/** The word that stops all messages, as the notice teaches it. */
const STOP_WORD: Readonly<Record<Language, string>> = { pt: 'PARAR', en: 'STOP', bn: 'বন্ধ' }

/** The word by which a customer begins again, as the notice after a stop teaches it. */
const START_WORD: Readonly<Record<Language, string>> = { pt: 'VOLTAR', en: 'START', bn: 'শুরু' }

/** Who besides the company handles messages. */
const ROLES = ['channel', 'hosting', 'ai_vendor', 'staffing_vendor'] as const

const sentence = z.string().trim().min(1, 'it is empty')

function template(allowed: readonly string[], required: readonly string[] = []) {
  return sentence.superRefine((text, context) => {
    for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g))
      if (!allowed.includes(name))
        context.addIssue(
          `{${name}} stands for nothing here${didYouMean(name, allowed) || `; use ${allowed.map((word) => `{${word}}`).join(', ')}`}`,
        )
    for (const name of required)
      if (!text.includes(`{${name}}`)) context.addIssue(`it must say {${name}}, which is filled in`)
  })
}

/** WhatsApp cuts off what is longer. */
const buttonTitle = template([]).refine(
  (title) => Array.from(title).length <= 20,
  'a button of WhatsApp has at most 20 characters',
)

const inEachLanguage = <Schema extends z.ZodType>(schema: Schema) =>
  z.strictObject({ pt: schema, en: schema, bn: schema })

const texts = z.strictObject({
  privacy_notice: template(['company', 'processors', 'stop'], ['company', 'processors', 'stop']),
  processors: z.strictObject({
    channel: template(['company', 'name'], ['name']),
    hosting: template(['company', 'name'], ['name']),
    ai_vendor: template(['company', 'name'], ['name']),
    staffing_vendor: template(['company', 'name'], ['name']),
  }),
  waiting_notice: template(['company', 'now'], ['now']),
  closed_choice: template(['company']),
  call_back_button: buttonTitle,
  leave_button: buttonTitle,
  call_back_noted: template(['company']),
  taken_over: template(['company', 'agent'], ['agent']),
  robot_returns: template(['company']),
  stop_notice: template(['company', 'start'], ['start']),
  too_late_notice: template(['company']),
  survey: template(['company']),
  survey_good: buttonTitle,
  survey_fair: buttonTitle,
  survey_poor: buttonTitle,
  survey_reason: template(['company']),
  survey_slow: buttonTitle,
  survey_unsolved: buttonTitle,
  survey_unfriendly: buttonTitle,
  survey_thanks: template(['company']),
  transcript_link: template(['company']),
  silence_link: template(['company']).optional(),
  transcript_link_button: buttonTitle,
})

/** What a queue may say in words of its own, in place of the company's. */
export const queueTexts = texts
  .pick({
    waiting_notice: true,
    closed_choice: true,
    call_back_button: true,
    leave_button: true,
    call_back_noted: true,
    taken_over: true,
  })
  .partial()

const templateName = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, 'the name of an approved template: a-z, 0-9 and _'),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'as WhatsApp names it, for example pt_BR'),
})
const approvedTemplate = inEachLanguage(templateName).nullable().default(null)

const processor = z.strictObject({ role: z.enum(ROLES), name: sentence.max(120, 'at most 120 characters') })

export const companySchema = z.strictObject({
  name: sentence.max(60, 'at most 60 characters'),
  timezone,
  default_queue: queueName,
  robot_silent_minutes: z
    .int('a whole number of minutes')
    .min(0, 'not less than 0')
    .max(7 * 24 * 60, 'at most 10080, which is a week')
    .default(30),
  app_answers_by_itself_within_seconds: z
    .int('a whole number of seconds')
    .min(0, 'not less than 0')
    .max(60, 'at most 60: a person answers as fast')
    .default(3),
  tell_agent_names: z.boolean().default(false),
  after_unsent_answer: z.enum(['hand_over', 'ask_again']).default('hand_over'),
  call_back_template: approvedTemplate,
  /** So long after the question an answer to the survey counts. */
  survey_answer_hours: z.number().int().min(1).max(168).default(48),
  survey_template: approvedTemplate,
  processors: z
    .array(processor)
    .max(8, 'at most 8, so that the notice stays readable')
    .refine(
      (list) => list.some(({ role }) => role === 'channel'),
      'one of them must have the role channel: messages always pass the Cloud API',
    ),
  texts: inEachLanguage(texts),
})

export type Company = z.output<typeof companySchema>

export const COMPANY_FILE: ConfigFile<typeof companySchema> = {
  name: 'company.yaml',
  of: 'the company',
  code: 'COMPANY_FILE_INVALID',
  schema: companySchema,
}

/** @throws {ConfigFileInvalid} with file, line and column of every problem */
export const readCompany = (source: string, path: string): Company =>
  contentOf(COMPANY_FILE, source, path, tooLongTexts)

/**
 * What the rules need of the company; timeouts are settings of the installation.
 * @param workforce what is in force of workforce.yaml
 */
export function policyOf(
  company: Company,
  timeouts: Pick<
    ConversationPolicy,
    'botTurnTimeoutSeconds' | 'silenceTimeoutSeconds' | 'endingTimeoutSeconds'
  >,
  workforce?: Pick<PoolConfiguration, 'reopenSeconds' | 'queues'>,
): ConversationPolicy {
  const processors = company.processors.map(({ role, name }) => `${role}: ${name}`)
  const text = perLanguage((language) => privacyNotice(company, language))
  const clock = clockOf(company.timezone, zoneOffsets(company.timezone))
  return {
    ...timeouts,
    defaultQueue: company.default_queue,
    afterUnsentAnswer: company.after_unsent_answer,
    notice: { version: noticeVersion(processors, text), processors, text },
    clock,
    callBackTemplate: company.call_back_template,
    robotSilenceSeconds: company.robot_silent_minutes * 60,
    appAnswersByItselfSeconds: company.app_answers_by_itself_within_seconds,
    waiting: perLanguage((language) => waitingTexts(company, language)),
    ...(workforce && {
      reopenSeconds: workforce.reopenSeconds,
      waitingIn: Object.fromEntries(
        workforce.queues.flatMap(({ name, texts, outsideHours }) =>
          texts.length === 0 && outsideHours !== 'wait'
            ? []
            : [
                [
                  name,
                  {
                    texts: perLanguage((language) =>
                      waitingTexts(company, language, ofLanguage(texts, language)),
                    ),
                    outsideHours,
                  },
                ],
              ],
        ),
      ),
    }),
    robotReturns: perLanguage((language) =>
      filled(company.texts[language].robot_returns, { company: company.name }),
    ),
    stopNotice: perLanguage((language) =>
      filled(company.texts[language].stop_notice, { company: company.name, start: START_WORD[language] }),
    ),
    tooLateNotice: perLanguage((language) =>
      filled(company.texts[language].too_late_notice, { company: company.name }),
    ),
    survey: {
      answerSeconds: company.survey_answer_hours * 3600,
      template: company.survey_template,
      texts: perLanguage((language) => surveyTexts(company, language)),
    },
    link: linkOf(company, 'transcript_link'),
    silenceLink: linkOf(company, 'silence_link'),
  }
}

const linkOf = (
  { name, texts: all }: Company,
  said: 'transcript_link' | 'silence_link',
): ConversationPolicy['link'] =>
  perLanguage((language) => ({
    text: filled(all[language][said] ?? all[language].transcript_link, { company: name }),
    displayText: all[language].transcript_link_button,
  }))

const ofLanguage = (texts: readonly QueueTexts[], language: Language): QueueTexts | undefined =>
  texts.find((each) => each.language === language)

/** @param own the queue's */
function waitingTexts(company: Company, language: Language, own?: QueueTexts): WaitingTexts {
  const words = company.texts[language]
  const names = { company: company.name }
  return {
    notice: filled(own?.waitingNotice || words.waiting_notice, names),
    closed: filled(own?.closedChoice || words.closed_choice, names),
    callBackButton: own?.callBackButton || words.call_back_button,
    leaveButton: own?.leaveButton || words.leave_button,
    callBackNoted: filled(own?.callBackNoted || words.call_back_noted, names),
  }
}

function surveyTexts({ name, texts: all }: Company, language: Language): SurveyTexts {
  const texts = all[language]
  return {
    question: filled(texts.survey, { company: name }),
    good: texts.survey_good,
    fair: texts.survey_fair,
    poor: texts.survey_poor,
    reasonQuestion: filled(texts.survey_reason, { company: name }),
    slow: texts.survey_slow,
    unsolved: texts.survey_unsolved,
    unfriendly: texts.survey_unfriendly,
    thanks: filled(texts.survey_thanks, { company: name }),
  }
}

/**
 * Who answers from now on, in each language; undefined where the company does not say that.
 * @param agent As customers may know them
 * @param own the queue's words
 */
export function takenOverBy(
  { name, tell_agent_names: says, texts }: Company,
  agent: string,
  own: readonly QueueTexts[] = [],
): Readonly<Record<Language, string>> | undefined {
  if (!says) return undefined
  return perLanguage((language) =>
    filled(ofLanguage(own, language)?.takenOver || texts[language].taken_over, { company: name, agent }),
  )
}

/** The line and the list come from the same place, so what customers read cannot fall behind who reads along. */
function privacyNotice({ name: company, processors, texts }: Company, language: Language): string {
  const words = texts[language]
  return filled(words.privacy_notice, {
    company,
    stop: STOP_WORD[language],
    processors: processors
      .map(({ role, name }) => `• ${filled(words.processors[role], { company, name })}`)
      .join('\n'),
  })
}

function noticeVersion(processors: readonly string[], text: Readonly<Record<Language, string>>): string {
  const digest = createHash('sha256').update(
    JSON.stringify([processors, LANGUAGES.map((language) => text[language])]),
  )
  return digest.digest('hex').slice(0, 16)
}

/** The sentence of a moment differs by some twenty characters from that of another one. */
const SOME_MOMENT = '2026-01-01T00:00:00Z'
const CLOSED = { position: 1, expectedWaitSeconds: 0, opensAt: '2026-01-03T12:00:00Z' }
/** WhatsApp takes 1,024 of a message with buttons. */
const CLOSED_CHARACTERS_MAX = 1000
const NO_TIMEOUTS = { botTurnTimeoutSeconds: 0, silenceTimeoutSeconds: 0, endingTimeoutSeconds: 0 }

/** WhatsApp's limits hold for what is sent, after filling in. */
function tooLongTexts(company: Company): readonly ConfigProblem[] {
  const policy = policyOf(company, NO_TIMEOUTS)
  return LANGUAGES.flatMap((language) => {
    const texts = company.texts[language]
    const survey = policy.survey.texts[language]
    const limited: readonly (readonly [key: keyof typeof texts, text: string, limit: number])[] = [
      ['privacy_notice', policy.notice.text[language], 4096],
      ['waiting_notice', closedWords(policy, policy.waiting[language], language), CLOSED_CHARACTERS_MAX],
      ['call_back_noted', policy.waiting[language].callBackNoted, 4096],
      ['taken_over', texts.taken_over, 4000],
      ['robot_returns', policy.robotReturns[language], 4096],
      ['stop_notice', policy.stopNotice[language], 4096],
      ['too_late_notice', policy.tooLateNotice[language], 4096],
      ['survey', survey.question, 1024],
      ['survey_reason', survey.reasonQuestion, 1024],
      ['survey_thanks', survey.thanks, 4096],
      ['transcript_link', policy.link[language].text, 1024],
      ['silence_link', policy.silenceLink![language].text, 1024],
    ]
    return limited.flatMap(([key, text, limit]) =>
      // Of one that the file does not have, another line is at fault.
      texts[key] === undefined
        ? []
        : tooLong(text, limit).map((why) => ({ path: ['texts', language, key], why })),
    )
  })
}

/** What queues say to whoever waits, in their own words and the company's: their limits hold for both together. */
export function longWordsOfQueues(
  company: Company,
  queues: PoolConfiguration['queues'],
): readonly ConfigProblem[] {
  const policy = policyOf(company, NO_TIMEOUTS, { reopenSeconds: 0, queues })
  return Object.entries(policy.waitingIn ?? {}).flatMap(([queue, { texts }]) =>
    LANGUAGES.flatMap((language) =>
      tooLong(closedWords(policy, texts[language], language), CLOSED_CHARACTERS_MAX).map((why) => ({
        path: ['queues', queue, 'texts', language],
        why: `waiting_notice and closed_choice, which are one message: ${why}`,
      })),
    ),
  )
}

/** With the question and its buttons, to which lower limits apply than to a text. */
function closedWords(
  { clock }: Pick<ConversationPolicy, 'clock'>,
  { notice, closed }: WaitingTexts,
  language: Language,
): string {
  return `${notice.replaceAll('{now}', () => waitInWords(clock, SOME_MOMENT, CLOSED, language))}\n\n${closed}`
}

function tooLong(text: string, limit: number): readonly string[] {
  const characters = Array.from(text).length
  return characters <= limit ? [] : [`${characters} characters when filled in; WhatsApp takes ${limit}`]
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : whole,
  )
}

function perLanguage<Value>(make: (language: Language) => Value): Readonly<Record<Language, Value>> {
  return { pt: make('pt'), en: make('en'), bn: make('bn') }
}
