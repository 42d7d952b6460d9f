import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type EvaluationDocument, evaluationStore, evaluationsRead } from './evaluation-store.ts'

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
