import { memoryLog, topicsOf } from '@parley/eventlog'
import { CommandEnvelope } from '@parley/proto/envelope'
import { Chain, until } from '@parley/testkit'
import { POOL, workforces } from '@parley/workforce'
import { expect, onTestFinished, test, vi } from 'vitest'
import { DeskSessions } from './sessions.ts'

const topics = topicsOf('desks', workforces)

function replica(isAgent: (personId: string) => boolean = () => true, isOutage = () => false) {
  const log = memoryLog({ partitions: 1 })
  const sessions = new DeskSessions({ log, topics, isAgent, isOutage, onError: () => {} })
  onTestFinished(() => sessions.resource.close())
  const said = async () => {
    const end = await log.endOffset(topics.commands, 0)
    const records = await log.read(topics.commands, 0, 0n, end)
    return records.map(({ value }) => {
      const envelope = CommandEnvelope.decode(value)
      return workforces.readCommand(envelope)
    })
  }
  /** The types of all that was said, once it is so many. */
  const types = (count: number) =>
    until(`${count} wishes are said`, async () => {
      const found = (await said()).map(({ type }) => type)
      return found.length >= count ? found : undefined
    })
  return { sessions, said, types }
}

test('all streams of a person are one session, which lasts as long as one of them', async () => {
  const { sessions, types } = replica()
  const [first, second] = [sessions.open('p03'), sessions.open('p03')]
  expect(await types(2)).toEqual(['RenewReplica', 'OpenSession'])
  first()
  const other = sessions.open('p01')
  expect(await types(3)).toEqual(['RenewReplica', 'OpenSession', 'OpenSession'])
  second()
  expect(await types(4)).toEqual(['RenewReplica', 'OpenSession', 'OpenSession', 'CloseSession'])
  other()
})

test('who comes back at once never was gone: the new session is told before the old one ends', async () => {
  const { sessions, types } = replica()
  const close = sessions.open('p03')
  expect(await types(2)).toEqual(['RenewReplica', 'OpenSession'])
  close()
  sessions.open('p03')
  expect(await types(4)).toEqual(['RenewReplica', 'OpenSession', 'OpenSession', 'CloseSession'])
})

test('of a desk that ends while nobody knows who may watch it is said that it was an outage', async () => {
  let isOutage = false
  const { sessions, said, types } = replica(undefined, () => isOutage)
  const [leaves, isCut] = [sessions.open('p03'), sessions.open('p01')]
  await types(3)
  leaves()
  await types(4)
  isOutage = true
  isCut()
  await types(5)
  const closed = (await said()).filter(({ type }) => type === 'CloseSession')
  expect(closed.map(({ data }) => data)).toMatchObject([
    { agentId: 'p03', isOutage: false },
    { agentId: 'p01', isOutage: true },
  ])
})

test('of who is no agent the pool is told nothing, until they are one', async () => {
  const agents = new Set<string>()
  const { sessions, types } = replica((id) => agents.has(id))
  sessions.open('p07')
  await sessions.signOut('p07')
  sessions.open('p03')
  agents.add('p03')
  sessions.heard(new Chain(workforces, POOL).add({ type: 'PoolConfigured' }))
  expect(await types(2)).toEqual(['RenewReplica', 'OpenSession'])
})

test('of who signs out it is said whether they come back', async () => {
  const { sessions, said } = replica()
  await sessions.signOut('p03')
  await sessions.signOut('p03', { isForGood: true })
  expect((await said()).map(({ data }) => data)).toMatchObject([
    { agentId: 'p03', isForGood: false },
    { agentId: 'p03', isForGood: true },
  ])
})

test('of who may answer again the pool hears of a desk that was there, and of nobody else', async () => {
  const { sessions, said } = replica((id) => id === 'p03')
  await sessions.comeBack('p07')
  await sessions.comeBack('p03')
  const all = await said()
  expect(all).toMatchObject([
    { type: 'OpenSession', data: { agentId: 'p03' } },
    { type: 'CloseSession', data: { agentId: 'p03', isOutage: false } },
  ])
  expect(new Set(all.map(({ data }) => (data as { sessionId: string }).sessionId)).size).toBe(1)
})

test('how long a process lives on is said in seconds, whatever its clock says: one that is an hour ahead would not be missed for an hour', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2031-01-01T00:00:00Z') })
  onTestFinished(() => void vi.useRealTimers())
  const { sessions, said, types } = replica()
  sessions.open('p03')
  await types(2)
  const [renewal] = await said()
  expect(renewal).toMatchObject({ type: 'RenewReplica', data: { aliveSeconds: 30 } })
  expect(JSON.stringify(renewal)).not.toContain('2031')
})

test('a replica that was taken for dead tells anew who is there', async () => {
  const { sessions, said, types } = replica()
  sessions.open('p03')
  expect(await types(2)).toEqual(['RenewReplica', 'OpenSession'])
  const [renewal] = await said()
  const chain = new Chain(workforces, POOL)
  sessions.heard(chain.add({ type: 'ReplicaLost', data: { replicaId: 'another' } }))
  sessions.heard(chain.add({ type: 'ReplicaLost', data: renewal?.data as { replicaId: string } }))
  expect(await types(4)).toEqual(['RenewReplica', 'OpenSession', 'RenewReplica', 'OpenSession'])
})
