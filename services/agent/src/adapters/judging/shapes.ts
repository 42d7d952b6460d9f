import { z } from 'zod'
import { type Name, masking } from '../../conversation/shown.ts'
import type { Evaluation } from '../../evaluation/evaluation.ts'

const time = z.iso.datetime()
export const evaluationShape = z.object({
  id: z.string(),
  conversationId: z.string(),
  form: z.string(),
  version: z.int(),
  isFormChanged: z
    .boolean()
    .describe('it was judged by another text of that version than `GET /api/scorecards` has'),
  judge: z.string(),
  judgeName: z.string().nullable(),
  subject: z.object({
    kind: z.enum(['agent', 'bot']),
    id: z.string().nullable(),
    name: z.string().nullable(),
  }),
  queue: z.string().nullable(),
  at: time,
  score: z.number(),
  failedItems: z.array(z.string()),
  answers: z.array(
    z.object({
      item: z.string(),
      value: z.int(),
      note: z.string().nullable(),
      messageIds: z.array(z.string()),
    }),
  ),
  status: z.enum(['standing', 'appealed', 'upheld', 'withdrawn']),
  replies: z.array(
    z.object({ person: z.string(), name: z.string().nullable(), as: z.string(), text: z.string(), at: time }),
  ),
})

const agreement = { count: z.int(), observed: z.number().nullable(), kappa: z.number().nullable() }
export const calibrationShape = z.object({
  form: z.string(),
  ...agreement,
  items: z.array(z.object({ item: z.string(), ...agreement })),
})
const inLanguages = z.object({ pt: z.string(), en: z.string(), bn: z.string() })
export const formsShape = z.object({
  samples: z.array(z.object({ name: z.string(), title: inLanguages, form: z.string(), judges: z.int() })),
  forms: z.array(
    z.object({
      name: z.string(),
      version: z.int(),
      hash: z.string().describe('of its text: `formHash` of what is judged by it'),
      for: z.enum(['agent', 'robot']),
      title: inLanguages,
      items: z.array(
        z.object({
          id: z.string(),
          text: inLanguages,
          weight: z.number(),
          max: z.int(),
          critical: z.boolean(),
          optional: z.boolean(),
        }),
      ),
    }),
  ),
})

/** Who judges may quote what the customer said. */
const masked = masking([])

/** @param hashOf the form of that name and version as it is now; undefined: there is none */
export function shapeOf(
  { _id: id, ...found }: Evaluation & { readonly _id: string },
  name: Name,
  hashOf: (form: string, version: number) => string | undefined,
) {
  const { conversationId, form, version, judgeId, subjectId, queue, at, score, failedItems, answers } = found
  const now = hashOf(form, version)
  return {
    id,
    conversationId,
    form,
    version,
    isFormChanged: found.formHash !== undefined && now !== undefined && found.formHash !== now,
    judge: judgeId,
    judgeName: name(judgeId),
    subject: {
      kind: subjectId === null ? ('bot' as const) : ('agent' as const),
      id: subjectId,
      name: subjectId === null ? null : name(subjectId),
    },
    queue,
    at,
    score,
    failedItems: [...failedItems],
    answers: answers.map(({ note, messageIds, ...answer }) => ({
      ...answer,
      note: note === null ? null : masked(note),
      messageIds: [...messageIds],
    })),
    status: found.status,
    replies: found.replies.map(({ personId, text, ...said }) => ({
      person: personId,
      name: name(personId),
      text: masked(text),
      ...said,
    })),
  }
}
