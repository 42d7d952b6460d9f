import * as z from 'zod/mini'

const inLanguages = z.object({ pt: z.string(), en: z.string(), bn: z.string() })

const Form = z.object({
  name: z.string(),
  version: z.number(),
  /** Of its text. */
  hash: z.optional(z.string()),
  for: z.enum(['agent', 'robot']),
  title: inLanguages,
  items: z.array(
    z.object({
      id: z.string(),
      text: inLanguages,
      weight: z.number(),
      max: z.number(),
      /** At 0 the whole score is 0. */
      critical: z.boolean(),
      /** It may be left out where it does not apply. */
      optional: z.boolean(),
    }),
  ),
})
export type Form = z.infer<typeof Form>
export type Item = Form['items'][number]

export const Scorecards = z.object({
  forms: z.array(Form),
  samples: z.array(z.object({ name: z.string(), title: inLanguages, form: z.string(), judges: z.number() })),
})
export type Scorecards = z.infer<typeof Scorecards>

export const EVALUATION_VIEWS = ['about_me', 'made', 'appealed'] as const
export type EvaluationView = (typeof EVALUATION_VIEWS)[number]

const Evaluation = z.object({
  id: z.string(),
  conversationId: z.string(),
  form: z.string(),
  version: z.number(),
  /** It was judged by another text of that version than the forms here have. */
  isFormChanged: z.optional(z.boolean()),
  judge: z.string(),
  judgeName: z.nullable(z.string()),
  subject: z.object({
    kind: z.enum(['agent', 'bot']),
    id: z.nullable(z.string()),
    name: z.nullable(z.string()),
  }),
  queue: z.nullable(z.string()),
  at: z.string(),
  /** 0 to 100. */
  score: z.number(),
  failedItems: z.array(z.string()),
  answers: z.array(
    z.object({
      item: z.string(),
      value: z.number(),
      note: z.nullable(z.string()),
      messageIds: z.array(z.string()),
    }),
  ),
  status: z.enum(['standing', 'appealed', 'upheld', 'withdrawn']),
  replies: z.array(
    z.object({
      person: z.string(),
      name: z.nullable(z.string()),
      as: z.string(),
      text: z.string(),
      at: z.string(),
    }),
  ),
})
export type Evaluation = z.infer<typeof Evaluation>

export const Evaluations = z.object({
  evaluations: z.array(Evaluation),
  /** Behind the last of a list that goes on. */
  cursor: z.optional(z.nullable(z.string())),
})

const agreement = { count: z.number(), observed: z.nullable(z.number()), kappa: z.nullable(z.number()) }
export const Calibration = z.object({
  form: z.string(),
  ...agreement,
  items: z.array(z.object({ item: z.string(), ...agreement })),
})
export type Calibration = z.infer<typeof Calibration>
