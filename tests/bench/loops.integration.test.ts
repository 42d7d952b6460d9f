import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { policyOf, readCompany } from '@parley/routing'
import { testKafka, testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { benchArchiveProjection } from './archive-projection.ts'
import { benchFigureRebuild } from './rebuild-figures.ts'
import { benchRebuild, fillLog } from './rebuild.ts'

test('the benches of the archive and of rebuilds end, with all events folded by ours and by the bare loops', async () => {
  await using undo = new AsyncDisposableStack()
  const client = await new MongoClient(testMongoUri()).connect()
  undo.defer(() => client.close())
  const namespace = `bench-${randomUUID().slice(0, 8)}`
  const file = 'config/company.yaml'
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const times = { botTurnTimeoutSeconds: 45, silenceTimeoutSeconds: 1800, endingTimeoutSeconds: 60 }
  const placeOf = (part: string) => {
    const db = client.db(`${namespace}-${part}`)
    undo.defer(async () => void (await db.dropDatabase()))
    return {
      kafka: { brokers: testKafka() },
      db,
      namespace: `${namespace}-${part}`,
      policy: policyOf(readCompany(source, file), times),
      commands: 60,
      contacts: 5,
    }
  }
  const log = placeOf('rebuild')
  const place = { ...log, events: await fillLog(log) }
  expect(place.events).toBeGreaterThan(60)
  const compared = [
    await benchArchiveProjection(placeOf('archive')),
    ...(await benchRebuild(place)),
    ...(await benchFigureRebuild(place)),
  ]
  expect(compared.map(({ name }) => name)).toHaveLength(5)
  for (const { ours, bare } of compared) expect(Math.min(ours.wallMs, bare.wallMs)).toBeGreaterThan(0)
}, 120_000)
