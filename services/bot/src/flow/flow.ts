import { queueName } from '@parley/authoring/queue-name'
import { z } from 'zod'
import { isHostOrNetwork } from './address.ts'
import { LANGUAGES, type Translations, translations } from './language.ts'

/**
 * The words of the flow language: what one file may say, step by step. The shapes are here; what must hold between the steps
 * (goto targets, variables, WhatsApp's limits) is in checking.ts. Written for people: docs/guides/writing-flows.md.
 */
const NAME = /^[a-z][a-z0-9_]*$/
export const isStepName = (name: string) => NAME.test(name)
const stepName = z.string()
const variableName = z.string().regex(NAME, 'a variable is written in small letters, digits and _')
const scalar = z.union([z.string(), z.number(), z.boolean()])

const button = z.strictObject({ id: z.string().min(1), title: translations })
const row = z.strictObject({
  id: z.string().min(1),
  title: translations,
  description: translations.optional(),
})
const section = z.strictObject({ title: translations.optional(), rows: z.array(row).min(1) })

const say = z.strictObject({
  text: translations.optional(),
  header: translations.optional(),
  footer: translations.optional(),
  buttons: z.array(button).min(1).optional(),
  list: z.strictObject({ button: translations, sections: z.array(section).min(1) }).optional(),
  link: z.strictObject({ title: translations, url: z.string() }).optional(),
  media: z
    .strictObject({
      type: z.enum(['image', 'audio', 'video', 'document']),
      link: z.string(),
      caption: translations.optional(),
      filename: z.string().optional(),
    })
    .optional(),
})

const optionWords = z.array(z.string().min(1)).optional()
const option = z.strictObject({
  id: z.string().min(1),
  title: translations,
  description: translations.optional(),
  /** Other words for this option: who writes exactly these, in that language, means it. */
  words: z.strictObject({ pt: optionWords, en: optionWords, bn: optionWords }).optional(),
  goto: stepName.optional(),
})

const asked = {
  text: translations,
  into: variableName,
  /** Said after an answer that does not fit. Without it, words that suit the type. */
  invalid: translations.optional(),
  /** How often the question is asked again. */
  retries: z.int().min(0).max(10).default(2),
  /** The step after too many answers that did not fit. Without it: a person takes over. */
  otherwise: stepName.optional(),
  /** The queue of the people who take over from here. Without it: the flow's own. */
  queue: queueName.optional(),
  /** Only what the customer writes after seeing the question counts: for confirmations. */
  wait: z.boolean().default(false),
  /** The answer is masked wherever it is shown (record, desk, download); what the customer wrote stays in the raw record. */
  sensitive: z.boolean().default(false),
}
const dateBound = z.union([z.literal('today'), z.iso.date()])

const ask = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    ...asked,
    min_length: z.int().min(1).default(1),
    max_length: z.int().min(1).max(4096).default(1000),
    matches: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('digits'), ...asked, length: z.int().min(1).max(64) }),
  z.strictObject({
    type: z.literal('number'),
    ...asked,
    min: z.number().optional(),
    max: z.number().optional(),
    whole: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal('date'),
    ...asked,
    not_before: dateBound.optional(),
    not_after: dateBound.optional(),
  }),
  z.strictObject({
    type: z.literal('choice'),
    ...asked,
    button: translations.optional(),
    options: z.array(option).min(1),
    /** What follows cannot be taken back. Only a tap on this very question, or a message that is an option and nothing else, answers it; it is never answered unseen. */
    irreversible: z.boolean().default(false),
  }),
  z.strictObject({ type: z.literal('cpf'), ...asked }),
  z.strictObject({ type: z.literal('email'), ...asked }),
])

export const QUESTION_TYPES = ask.options.map(({ shape }) => shape.type.value)

export type Condition =
  | { variable: string; equals: string | number | boolean }
  | { variable: string; in: (string | number | boolean)[] }
  | { variable: string; greater: string | number }
  | { variable: string; matches: string }
  | { and: Condition[] }
  | { or: Condition[] }
  | { not: Condition }

export const CONDITION_WORDS = ['equals', 'in', 'greater', 'matches', 'and', 'or', 'not'] as const

const condition: z.ZodType<Condition> = z.lazy(
  () =>
    z
      .strictObject({
        variable: z.string().optional(),
        equals: scalar.optional(),
        in: z.array(scalar).min(1).optional(),
        greater: z.union([z.number(), z.string()]).optional(),
        matches: z.string().optional(),
        and: z.array(condition).min(1).optional(),
        or: z.array(condition).min(1).optional(),
        not: condition.optional(),
      })
      .superRefine((value, context) => {
        const words = CONDITION_WORDS.filter((word) => value[word] !== undefined)
        if (words.length !== 1) {
          context.addIssue({
            code: 'custom',
            message: `a condition says exactly one of ${CONDITION_WORDS.join(', ')}; this one says ${words.length === 0 ? 'none' : words.join(' and ')}`,
          })
          return
        }
        const compares = !['and', 'or', 'not'].includes(words[0]!)
        if (compares !== (value.variable !== undefined))
          context.addIssue({
            code: 'custom',
            message: compares
              ? `"${words[0]}" needs a "variable" to look at`
              : `"${words[0]}" takes conditions, not a "variable"`,
          })
      }) as unknown as z.ZodType<Condition>,
)

const branch = z.array(z.strictObject({ when: condition.optional(), goto: stepName })).min(1)

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
)

const call = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: json.optional(),
  timeout_seconds: z.number().positive().max(5).default(3),
  expect: z.array(z.int().min(100).max(599)).min(1).default([200]),
  /** variable: path of the field in the JSON answer, as `card.status` or `items.0.id`. */
  save: z.record(variableName, z.string().min(1)).default({}),
  fallback: stepName,
})

const set = z.record(variableName, scalar)
const chooseLanguage = z.union([z.enum(LANGUAGES), z.strictObject({ variable: z.string() })])
const handOver = z.strictObject({ queue: queueName, text: translations.optional() })
const end = z.strictObject({
  text: translations.optional(),
  /** The words on the button that opens the record of the conversation. Without them no link goes out. */
  transcript_button: translations.optional(),
})

const next = stepName.optional()
export const stepSchemas = {
  say: z.strictObject({ say, next }),
  ask: z.strictObject({ ask, next }),
  branch: z.strictObject({ branch }),
  call: z.strictObject({ call, next }),
  set: z.strictObject({ set, next }),
  choose_language: z.strictObject({ choose_language: chooseLanguage, next }),
  hand_over: z.strictObject({ hand_over: handOver }),
  end: z.strictObject({ end }),
  goto: z.strictObject({ goto: stepName }),
} as const

export type StepKind = keyof typeof stepSchemas
export const STEP_KINDS = Object.keys(stepSchemas) as StepKind[]

export type Say = z.infer<typeof say>
export type Ask = z.infer<typeof ask>
export type Option = z.infer<typeof option>
export type Call = z.infer<typeof call>

/** One step. `next` is always known once the flow is read: the one written, or the step below. */
export type Step =
  | { kind: 'say'; say: Say; next: string }
  | { kind: 'ask'; ask: Ask; next: string }
  | { kind: 'branch'; branch: { when?: Condition | undefined; goto: string }[] }
  | { kind: 'call'; call: Call; next: string }
  | { kind: 'set'; set: Record<string, string | number | boolean>; next: string }
  | { kind: 'choose_language'; choose: z.infer<typeof chooseLanguage>; next: string }
  | { kind: 'hand_over'; queue: string; text?: Translations | undefined }
  | { kind: 'end'; text?: Translations | undefined; transcriptButton?: Translations | undefined }
  | { kind: 'goto'; goto: string }

export const flowHead = z.strictObject({
  flow: z.string().regex(/^[a-z][a-z0-9_-]*$/, 'a flow is named in small letters, digits, _ and -'),
  version: z.int().min(1),
  /** The company's clock: what "today" and "yesterday" mean. */
  time_zone: z.string().default('UTC'),
  start: stepName.optional(),
  /** Where the word "menu" leads. Default: the start. */
  menu: stepName.optional(),
  /** The queue that the words for a person lead to, at any time: where the question that waits names no other. */
  people: z.strictObject({ queue: queueName, text: translations.optional() }),
  /** Names of environment variables that calls may use, as {{env.NAME}}. */
  env: z
    .array(z.string().regex(/^FLOW_[A-Z0-9_]+$/, 'only names that begin with FLOW_ may be used in a flow'))
    .default([]),
  /** Hosts, addresses and networks inside the company that calls may reach: all others inside are refused. */
  private_hosts: z
    .array(
      z
        .string()
        .toLowerCase()
        .refine(isHostOrNetwork, 'a private host is a name, an address, or a network as 10.20.0.0/16'),
    )
    .default([]),
  steps: z.record(z.string(), z.unknown()),
})

export interface Flow {
  readonly id: string
  readonly version: number
  /** SHA-256 of the file, hex: a conversation stays on the digest that it began with. */
  readonly digest: string
  readonly timeZone: string
  readonly start: string
  readonly menu: string
  readonly people: { readonly queue: string; readonly text?: Translations | undefined }
  readonly env: readonly string[]
  readonly privateHosts: readonly string[]
  /** Whether a text of it has `{{opening.…}}`: no other needs the calendars of queues. */
  readonly saysHours: boolean
  readonly steps: ReadonlyMap<string, Step>
  /** What is known of each variable: how it was asked, hence how it is shown. */
  readonly questions: ReadonlyMap<string, Ask>
}

/** What record and screens call this version of the flow. */
export const versionLabel = (flow: Pick<Flow, 'version' | 'digest'>) =>
  `${flow.version}-${flow.digest.slice(0, 12)}`
