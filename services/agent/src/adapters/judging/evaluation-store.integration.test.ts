import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import {
  APPEALS_A_PAGE,
  EVALUATIONS_A_PAGE,
  type EvaluationDocument,
  evaluationStore,
  evaluationsRead,
} from './evaluation-store.ts'

test('conversations that were judged lower are found by what stands, since when it was made, each once and never a part of them', async () => {
  await using kept = await testDb()
  const model = await evaluationsRead.open(kept.db, 1)
  const store = evaluationStore({ model, whenProcessed: async () => true })
  const made = (_id: string, conversationId: string, score: number, more: Partial<EvaluationDocument> = {}) =>
    ({
      _id,
      conversationId,
      score,
      at: '2026-03-02T12:00:00.000Z',
      status: 'standing',
      ...more,
    }) as EvaluationDocument
  await model.collection.insertMany([
    made('1', 'low', 40),
    made('2', 'low', 60),
    made('3', 'at-the-limit', 70),
    made('4', 'withdrawn', 40, { status: 'withdrawn' }),
    made('5', 'appealed', 40, { status: 'appealed', at: '2026-03-05T12:00:00.000Z' }),
  ])
  expect(await store.judgedBelow(70, undefined, 3)).toEqual(['appealed', 'low'])
  expect(await store.judgedBelow(70, undefined, 2)).toBeUndefined()
  expect(await store.judgedBelow(70, '2026-03-03T03:00:00.000Z', 2)).toEqual(['appealed'])
  expect(await store.judgedBelow(71, undefined, 4)).toEqual(expect.arrayContaining(['at-the-limit']))
})

test('appeals are read page by page, those that wait longest first, and what somebody judged newest first, each once', async () => {
  await using kept = await testDb()
  const model = await evaluationsRead.open(kept.db, 1)
  const store = evaluationStore({ model, whenProcessed: async () => true })
  // Many of the same millisecond.
  const at = (nth: number) =>
    new Date(Date.parse('2026-03-02T12:00:00.000Z') + Math.floor(nth / 3)).toISOString()
  const made = Array.from(
    { length: APPEALS_A_PAGE + 2 },
    (_, nth) =>
      ({
        _id: String(nth).padStart(4, '0'),
        at: at(nth),
        status: 'appealed',
        judgeId: 'vera',
      }) as EvaluationDocument,
  )
  await model.collection.insertMany([
    ...made.toReversed(),
    { ...made[0]!, _id: 'decided', status: 'upheld', judgeId: 'sonia' },
  ])
  const first = await store.appealed(undefined)
  const last = first.at(-1)!
  const second = await store.appealed({ at: last.at, id: last._id })
  expect([first.length, second.length]).toEqual([APPEALS_A_PAGE, 2])
  expect([...first, ...second].map(({ _id }) => _id)).toEqual(made.map(({ _id }) => _id))
  const newest: EvaluationDocument[] = []
  for (;;) {
    const behind = newest.at(-1)
    const page = await store.by('vera', behind && { at: behind.at, id: behind._id })
    newest.push(...page)
    if (page.length < EVALUATIONS_A_PAGE) break
  }
  expect(newest.map(({ _id }) => _id)).toEqual(made.map(({ _id }) => _id).toReversed())
})
