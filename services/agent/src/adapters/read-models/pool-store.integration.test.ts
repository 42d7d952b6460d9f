import { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { POOL } from '@parley/workforce'
import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { RulesInForce } from '../../alerts/rules.ts'
import { deskPool, poolStore } from './pool-store.ts'

test('rules that were stored before figures had a time are watched still', async () => {
  await using kept = await testDb()
  const model = await deskPool.open(kept.db, 1)
  const value = { figure: 'waiting', limit: 5, isBelow: false, forSeconds: 0, queue: '', team: '' }
  const configuration = {
    ...PoolConfiguration.fromPartial({}),
    alerts: [{ name: 'many_wait', reason: 'too many', condition: { $case: 'figure' as const, value } }],
  } as unknown as PoolConfiguration
  await model.configurations.insertOne({ _id: POOL, streamId: POOL, seenVersion: 1, configuration })
  const parts = await poolStore(() => model).parts()
  const rules = new RulesInForce(() => parts.configuration?.value.alerts)
  expect(rules.now()?.figures).toMatchObject([{ name: 'many_wait', figure: 'waiting', over: undefined }])
})
