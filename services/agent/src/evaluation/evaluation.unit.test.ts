import { evaluationFamily, notesOf } from '@parley/evaluation'
import { Chain } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { type Evaluation, evolveEvaluation, shownTo } from './evaluation.ts'

const judged = (judgeId: string, more: Partial<Evaluation> = {}): Evaluation => ({
  conversationId: 'c-1',
  form: 'service',
  version: 1,
  judgeId,
  subjectId: 'ana',
  queue: 'general',
  at: '2026-03-02T12:00:00.000Z',
  score: 80,
  failedItems: [],
  answers: [],
  judges: 1,
  status: 'standing',
  replies: [],
  ...more,
})

test('each note comes to the answer that it belongs to, and a reply moves the evaluation on', () => {
  const chain = new Chain<any>(evaluationFamily, 'evaluation-1')
  const answer = (item: string, hasNote: boolean) => ({ item, value: 1, hasNote, messageIds: [] })
  const told = (evaluation: Evaluation | undefined, type: string, data: object, texts: readonly string[]) =>
    evolveEvaluation(
      evaluation,
      chain.add({ type, data }, { correlationId: 'c-1', content: notesOf(texts) }) as never,
    )
  const answers = [answer('a', false), answer('b', true), answer('c', false), answer('d', true)]
  const first = told(
    undefined,
    'ConversationEvaluated',
    { judgeId: 'vera', subjectKind: 'agent', subjectId: 'ana', answers },
    ['of b', 'of d'],
  )
  expect(first?.answers.map(({ note }) => note)).toEqual([null, 'of b', null, 'of d'])
  const appealed = told(first, 'EvaluationReplied', { personId: 'ana', as: 'appeal' }, ['no'])
  expect(appealed).toMatchObject({ status: 'appealed', replies: [{ personId: 'ana', text: 'no' }] })
  const answered = told(appealed, 'EvaluationReplied', { personId: 'vera', as: 'answer' }, ['yes'])
  expect(answered).toMatchObject({ status: 'appealed', replies: [{}, { text: 'yes' }] })
})

describe('who sees an evaluation', () => {
  const seen = (
    personId: string,
    seesAll: boolean,
    all: readonly Evaluation[],
    at = '2026-03-02T12:00:00.000Z',
  ) => shownTo({ personId, seesAll }, all, new Date(at)).map(({ judgeId }) => judgeId)

  test('its judge, the judged, supervisors and auditors; no colleague', () => {
    const all = [judged('vera')]
    expect(seen('vera', true, all)).toEqual(['vera'])
    expect(seen('ana', false, all)).toEqual(['vera'])
    expect(seen('sonia', true, all)).toEqual(['vera'])
    expect(seen('bruno', false, all)).toEqual([])
  })

  test('of the robot, no agent', () => {
    expect(seen('ana', false, [judged('vera', { subjectId: null })])).toEqual([])
  })

  test('of a calibration that nobody else judges for a week, the judged all the same', () => {
    const first = [judged('vera', { judges: 2 })]
    expect(seen('ana', false, first, '2026-03-09T11:59:59.000Z')).toEqual([])
    expect(seen('ana', false, first, '2026-03-09T12:00:00.000Z')).toEqual(['vera'])
  })

  test('of a calibration nobody but its judge, until the other one has judged too', () => {
    const first = judged('vera', { judges: 2 })
    for (const person of ['sonia', 'ana']) expect(seen(person, person === 'sonia', [first])).toEqual([])
    expect(seen('vera', true, [first])).toEqual(['vera'])
    const both = [first, judged('sonia', { judges: 2 })]
    expect(seen('sonia', true, both)).toEqual(['vera', 'sonia'])
    expect(seen('ana', false, both)).toEqual(['vera', 'sonia'])
    // By another form it is another matter.
    expect(seen('sonia', true, [first, judged('tiago', { form: 'tone', judges: 2 })])).toEqual([])
  })
})
