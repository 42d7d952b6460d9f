import {
  type EvaluationCommand,
  type ScorecardForm,
  evaluationFamily,
  evaluationIdOf,
  formHash,
  notesOf,
} from '@parley/evaluation'
import { scenario } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { evaluationDecider } from './decider.ts'

const words = (text: string) => ({ pt: text, en: text, bn: text })
const item = (id: string, more: Partial<ScorecardForm['items'][number]> = {}) => ({
  id,
  text: words(id),
  weight: 1,
  max: 1,
  critical: false,
  optional: false,
  ...more,
})
const service: ScorecardForm = {
  name: 'service',
  version: 2,
  for: 'agent',
  title: words('Service'),
  items: [item('greeting'), item('solved', { weight: 3, max: 2 }), item('care', { critical: true })],
}
const robot: ScorecardForm = { ...service, name: 'robot', for: 'robot', items: [item('finished')] }
const ID = evaluationIdOf('c-1', 'service', 'vera')

type Evaluate = Extract<EvaluationCommand, { type: 'EvaluateConversation' }>['data']

function evaluates(more: Partial<Evaluate> = {}) {
  return {
    type: 'EvaluateConversation' as const,
    data: {
      conversationId: 'c-1',
      form: 'service',
      version: 2,
      formHash: '',
      judgeId: 'vera',
      subjectKind: 'agent',
      subjectId: 'ana',
      queue: 'general',
      judges: 1,
      answers: [
        { item: 'greeting', value: 1, messageIds: ['m-1'], hasNote: false },
        { item: 'solved', value: 1, messageIds: [], hasNote: true },
        { item: 'care', value: 1, messageIds: [], hasNote: false },
      ],
      ...more,
    },
  }
}

const replies = (personId: string, as: string) => ({
  type: 'ReplyToEvaluation' as const,
  data: { personId, as },
})

const judged = () =>
  scenario(evaluationDecider, { streamId: ID, at: '2026-03-02T12:00:00.000Z' }).under({
    forms: [service, robot],
  })

/** What was decided last, as a reader gets it. */
const decidedBy = ({ decided }: ReturnType<typeof judged>) =>
  decided.map(({ envelope }) => evaluationFamily.readEvent(envelope))

function codeOf(story: ReturnType<typeof judged>): string {
  const [event] = decidedBy(story)
  return event?.type === 'CommandRefused' ? event.data.code : (event?.type ?? '')
}

describe('judging', () => {
  test('what is answered to a form is worth what its weights say, and stands with its evidence and its notes', () => {
    const story = judged().when(evaluates(), { content: notesOf(['parcial']) })
    expect(decidedBy(story)).toMatchObject([
      {
        data: {
          // (1 × 1 + 3 × 0.5 + 1 × 1) of 5
          score: 70,
          failedItems: [],
          judgeId: 'vera',
          answers: [{ item: 'greeting', messageIds: ['m-1'] }, { item: 'solved', hasNote: true }, {}],
        },
      },
    ])
  })

  test('a critical item that got nothing makes it 0, and is named', () => {
    const { answers } = evaluates().data
    const story = judged().when(
      evaluates({ answers: answers.map((one) => ({ ...one, value: one.item === 'care' ? 0 : 1 })) }),
    )
    expect(decidedBy(story)).toMatchObject([{ data: { score: 0, failedItems: ['care'] } }])
  })

  test.each<[string, Partial<Evaluate>]>([
    ['UNKNOWN_FORM', { version: 1 }],
    ['FORM_CHANGED', { formHash: formHash(robot) }],
    ['ITEM_UNKNOWN', { answers: [{ item: 'mood', value: 1, messageIds: [], hasNote: false }] }],
    ['ITEM_MISSING', { answers: [] }],
    ['VALUE_OUT_OF_RANGE', { answers: evaluates().data.answers.map((one) => ({ ...one, value: 3 })) }],
    ['ITEM_TWICE', { answers: [...evaluates().data.answers, ...evaluates().data.answers] }],
    ['FORM_NOT_FOR_THIS', { subjectKind: 'bot', subjectId: '' }],
    ['JUDGE_IN_OWN_CASE', { subjectId: 'vera' }],
    ['EVALUATION_MISPLACED', { judgeId: 'sonia' }],
  ])('%s: what does not fit is turned down as a whole', (code, more) => {
    expect(codeOf(judged().when(evaluates(more)))).toBe(code)
  })

  test('on record is by which text it was judged: what is edited under the same version is told apart', () => {
    const told = decidedBy(judged().when(evaluates({ formHash: formHash(service) })))
    const untold = decidedBy(judged().when(evaluates()))
    for (const events of [told, untold])
      expect(events).toMatchObject([{ data: { version: 2, formHash: formHash(service) } }])
    const edited = { ...service, items: service.items.map((one) => ({ ...one, weight: 1 })) }
    const since = scenario(evaluationDecider, { streamId: ID, at: '2026-03-02T12:00:00.000Z' }).under({
      forms: [edited],
    })
    expect(codeOf(since.when(evaluates({ formHash: formHash(service) })))).toBe('FORM_CHANGED')
  })

  test('what is in no form is not repeated by the refusal', () => {
    const typed = 'Maria Silva 5511912345678'
    const answer = { item: typed, value: 1, messageIds: [], hasNote: false }
    const story = scenario(evaluationDecider, {
      streamId: evaluationIdOf('c-1', typed, 'vera'),
      at: '2026-03-02T12:00:00.000Z',
    }).under({ forms: [service] })
    for (const decided of [
      story.when(evaluates({ form: typed })),
      judged().when(evaluates({ answers: [answer] })),
    ])
      expect(JSON.stringify(decidedBy(decided))).not.toContain('Maria')
  })

  test('a judge judges a conversation by a form once', () => {
    const story = judged().when(evaluates())
    expect(codeOf(story.when(evaluates()))).toBe('ALREADY_EVALUATED')
  })
})

describe('the right to answer', () => {
  test('anybody who sees it may answer; only the judged agent appeals, once', () => {
    const story = judged().when(evaluates())
    expect(codeOf(story.when(replies('ana', 'answer')))).toBe('EvaluationReplied')
    expect(codeOf(story.when(replies('bruno', 'appeal')))).toBe('NOT_YOURS_TO_APPEAL')
    expect(codeOf(story.when(replies('ana', 'appeal')))).toBe('EvaluationReplied')
    expect(codeOf(story.when(replies('ana', 'appeal')))).toBe('APPEALED_ALREADY')
  })

  test('an appeal is decided by somebody else than the judge and the judged, and once', () => {
    const story = judged().when(evaluates())
    expect(codeOf(story.when(replies('sonia', 'upheld')))).toBe('NOT_APPEALED')
    story.when(replies('ana', 'appeal'))
    expect(codeOf(story.when(replies('vera', 'upheld')))).toBe('JUDGE_IN_OWN_CASE')
    expect(codeOf(story.when(replies('ana', 'withdrawn')))).toBe('JUDGE_IN_OWN_CASE')
    expect(codeOf(story.when(replies('sonia', 'withdrawn')))).toBe('EvaluationReplied')
    expect(codeOf(story.when(replies('ana', 'answer')))).toBe('EVALUATION_WITHDRAWN')
  })

  test('what was never judged takes no reply, and nobody talks without end', () => {
    expect(codeOf(judged().when(replies('ana', 'answer')))).toBe('UNKNOWN_EVALUATION')
    const story = judged().when(evaluates())
    expect(codeOf(story.when(replies('ana', 'shout')))).toBe('UNKNOWN_REPLY')
    for (let said = 0; said < 50; said += 1) story.when(replies('ana', 'answer'))
    expect(codeOf(story.when(replies('ana', 'answer')))).toBe('TOO_MANY_REPLIES')
  })

  test('however much was answered, the judged appeals, and the appeal is decided', () => {
    const story = judged().when(evaluates())
    for (let said = 0; said < 50; said += 1) story.when(replies('vera', 'answer'))
    expect(codeOf(story.when(replies('ana', 'appeal')))).toBe('EvaluationReplied')
    expect(codeOf(story.when(replies('sonia', 'withdrawn')))).toBe('EvaluationReplied')
  })
})
