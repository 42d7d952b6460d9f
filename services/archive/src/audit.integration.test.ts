import { type AuditEntry, type RecordedEntry, type SubjectKind, audits, recordEntry } from '@parley/audit'
import { appendCommands, cursorOf, runDeciderHost, topicsOf } from '@parley/eventlog'
import { readPeopleIn } from '@parley/people/directory'
import { AuditServiceClient, ListEntriesRequest } from '@parley/proto/audit'
import { auditDecider } from '@parley/routing'
import { auditRecorder, grpcCall, grpcClient } from '@parley/service'
import { callerCredentials, until } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditStore } from './adapters/audit-store.ts'
import { type RunningArchive, startArchive } from './testing.fixture.ts'

const ANA = { id: 'person-ana', login: 'ana', name: 'Ana Souza' }
const BRUNO = { id: 'person-bruno', login: 'bruno', name: 'Bruno Lima' }

const undo = new AsyncDisposableStack()
let archive: RunningArchive
let client: AuditServiceClient
/** As two services tell of acts. */
let record: ReturnType<typeof auditRecorder>
let recordElsewhere: typeof record

beforeAll(async () => {
  archive = undo.use(await startArchive())
  const { log, namespace, db } = archive
  const faults: unknown[] = []
  const decider = await runDeciderHost({
    log,
    topics: topicsOf(namespace, audits),
    group: `${namespace}.routing.audit`,
    db,
    decider: auditDecider,
    onBuildingAhead() {},
    onDeadLetter: (letter) => void faults.push(letter),
    onSnapshotFailed: (error) => void faults.push(error),
    onStuck: (stuck) => void faults.push(stuck),
    onFault: (error) => void faults.push(error),
  })
  undo.defer(async () => {
    await decider.stop()
    if (faults.length > 0) throw new Error('The rules met a fault.', { cause: faults })
  })
  await until('the rules are ready', () => decider.isReady())
  client = undo.adopt(grpcClient(AuditServiceClient, archive.grpc, await callerCredentials('tool')), (it) =>
    it.close(),
  )
  record = auditRecorder(log, namespace, 'agent')
  recordElsewhere = auditRecorder(log, namespace, 'archive')
})
afterAll(() => undo.disposeAsync())

const page = (wanted: Parameters<typeof ListEntriesRequest.fromPartial>[0]) =>
  grpcCall(client, 'listEntries', ListEntriesRequest.fromPartial(wanted), { timeoutMs: 10_000 })
const idsOf = (entries: readonly Pick<RecordedEntry, 'id'>[]) => entries.map(({ id }) => id)

async function listed(count: number, wanted: Parameters<typeof page>[0]) {
  let found: Awaited<ReturnType<typeof page>>['entries'] = []
  await until(`${count} entries are listed`, async () => {
    found = (await page({ pageSize: 200, ...wanted })).entries
    return found.length >= count
  })
  expect(found).toHaveLength(count)
  return found
}

const rolesChanged = (by: AuditEntry['person'], of: string): AuditEntry => ({
  type: 'roles_changed',
  person: by,
  subject: { kind: 'person', id: of },
  fields: { before: 'agent', after: 'agent,supervisor' },
})

test('an act can be read two seconds later: who, what, to what, and why', async () => {
  const latencies: number[] = []
  for (let act = 0; act < 5; act += 1) {
    const began = performance.now()
    await record({
      type: 'operator_acted',
      person: ANA,
      subject: { kind: 'reader', id: `archive/transcripts-${act}` },
      fields: { act: 'discard_poison' },
      words: { reason: 'known bug 12' },
    })
    const entries = await listed(act + 1, { type: 'operator_acted' })
    latencies.push(performance.now() - began)
    expect(entries[0]).toMatchObject({
      person: ANA,
      type: 'operator_acted',
      subjectKind: 'reader',
      subjectId: `archive/transcripts-${act}`,
      fields: [
        { name: 'act', value: 'discard_poison' },
        { name: 'reason', value: 'known bug 12' },
      ],
    })
  }
  // The machine may do something else meanwhile, but not each time.
  expect(Math.min(...latencies)).toBeLessThan(2_000)
})

test('one who opens a conversation on ten screens at once leaves one entry; somebody else leaves another', async () => {
  const opened = (person: typeof ANA): AuditEntry => ({
    type: 'conversation_opened',
    person,
    subject: { kind: 'conversation', id: 'conversation-1' },
  })
  await Promise.all([
    ...Array.from({ length: 5 }, () => record(opened(ANA))),
    ...Array.from({ length: 5 }, () => recordElsewhere(opened(ANA))),
  ])
  await record(opened(BRUNO))
  // The rules decide what Ana did before what she does next: one stream, in order.
  await record(rolesChanged(ANA, 'after-ana'))
  await listed(1, { person: ANA.id, type: 'roles_changed' })
  const entries = await listed(2, { type: 'conversation_opened' })
  expect(new Set(entries.map(({ person }) => person?.login))).toEqual(new Set(['ana', 'bruno']))
})

test('nobody who was signed in is told as such, and a flood of strangers is one entry', async () => {
  const refused: AuditEntry = {
    type: 'access_refused',
    person: null,
    subject: { kind: 'route', id: 'GET /api/audit' },
    fields: { code: 'NOT_SIGNED_IN' },
  }
  await Promise.all(Array.from({ length: 100 }, () => record(refused)))
  await record({ ...refused, subject: { kind: 'route', id: 'GET /audit' } })
  const entries = await listed(2, { type: 'access_refused' })
  expect(entries.map(({ person }) => person)).toEqual([undefined, undefined])
})

test('the archive asks once more whether a person may read the audit, by people.yaml and by what operators changed since', async () => {
  const agent = undo.adopt(
    grpcClient(AuditServiceClient, archive.grpc, await callerCredentials('agent')),
    (it) => it.close(),
  )
  const outcome = (person: string) =>
    grpcCall(agent, 'listEntries', ListEntriesRequest.fromPartial({}), { timeoutMs: 10_000, person }).then(
      () => 'listed',
      ({ code }: { code: string }) => code,
    )
  const { people } = await readPeopleIn('config')
  const idOf = (login: string) => [...people.values()].find((person) => person.login === login)!.id
  const [auditor, supervisor] = [idOf('otavio'), idOf('sonia')]
  const changed = (type: AuditEntry['type'], id: string, roles?: string) =>
    record({
      type,
      person: null,
      subject: { kind: 'person', id },
      ...(roles !== undefined && { fields: { roles } }),
    })
  expect(await outcome(auditor)).toBe('listed')
  expect(await outcome(supervisor)).toBe('PERSON_NOT_PERMITTED')
  await changed('person_deactivated', auditor)
  await until(
    'who was deactivated is refused',
    async () => (await outcome(auditor)) === 'PERSON_NOT_PERMITTED',
  )
  await changed('person_activated', auditor)
  await until('who was activated again may', async () => (await outcome(auditor)) === 'listed')
  await changed('roles_changed', supervisor, 'supervisor,auditor')
  await until('who became auditor may', async () => (await outcome(supervisor)) === 'listed')
})

test('of two changes of a person the one with the higher revision counts, whatever the clock said where it was made', async () => {
  const { people } = await readPeopleIn('config')
  const { id } = [...people.values()].find(({ roles }) => roles.includes('administrator'))!
  const changed = (type: AuditEntry['type'], revision: number, at: string) =>
    appendCommands(archive.log, topicsOf(archive.namespace, audits), [
      recordEntry(
        { type, person: null, subject: { kind: 'person', id }, fields: { revision: String(revision) } },
        { service: 'agent', cause: type, at: new Date(at) },
      ),
    ])
  await changed('person_deactivated', 1, '2026-01-05T12:00:00.000Z')
  await changed('person_activated', 2, '2026-01-05T11:59:00.000Z')
  await listed(2, { from: '2026-01-05T11:00:00.000Z', to: '2026-01-05T12:30:00.000Z' })
  const store = auditStore(
    () => ({ collection: archive.db.collection('audit_entries_v1') }),
    people,
    () => new Date(),
  )
  expect(await store.changesOf(id)).toEqual({ isActive: true })
})

test('who asks for a person finds what they did, and nothing that was done to them: that is asked for by its subject, a person by id or login', async () => {
  const { people } = await readPeopleIn('config')
  const [tried, another] = [...people.values()].filter(
    ({ login, roles }) => roles.includes('agent') && ![ANA.login, BRUNO.login].includes(login),
  )
  const of = (type: AuditEntry['type'], kind: SubjectKind, id: string) =>
    record({ type, person: null, subject: { kind, id } })
  await of('sign_in_failed', 'person', tried!.id)
  await of('person_deactivated', 'person', tried!.id)
  await of('sign_in_failed', 'person', another!.id)
  // A login is a person's, whatever else is called so.
  await of('access_refused', 'route', another!.login)
  for (const subject of [tried!.id, tried!.login]) {
    const found = await listed(2, { subject })
    expect(found.map(({ type }) => type)).toEqual(['person_deactivated', 'sign_in_failed'])
    expect(found.map((entry) => entry.subjectId)).toEqual([tried!.id, tried!.id])
    expect((await page({ subject, type: 'sign_in_failed' })).entries).toHaveLength(1)
    expect((await page({ person: subject })).entries).toEqual([])
    expect((await page({ person: ANA.login, subject })).entries).toEqual([])
  }
  const [byAna] = await listed(1, { person: ANA.id, type: 'roles_changed' })
  expect(await listed(1, { person: ANA.login, subject: byAna!.subjectId })).toMatchObject([{ id: byAna!.id }])
})

describe('many entries', () => {
  const WRITER = { id: 'person-writer', login: 'writer', name: 'Writer' }
  beforeAll(async () => {
    await Promise.all(
      Array.from({ length: 120 }, (_, index) => record(rolesChanged(WRITER, `person-${index}`))),
    )
    await listed(120, { person: WRITER.id })
  })

  test('come newest first, fifty a page, each once, by id or by login', async () => {
    const all: string[] = []
    const times: string[] = []
    const sizes: number[] = []
    let pageToken = ''
    do {
      const { entries, nextPageToken } = await page({ person: WRITER.login, pageToken })
      all.push(...idsOf(entries))
      times.push(...entries.map(({ at }) => at ?? ''))
      sizes.push(entries.length)
      pageToken = nextPageToken
    } while (pageToken !== '')
    expect(sizes).toEqual([50, 50, 20])
    expect(new Set(all).size).toBe(120)
    expect(times).toEqual(times.toSorted().toReversed())
    expect(idsOf(await listed(120, { person: WRITER.id }))).toEqual(all)
  })

  test('are told apart by type and time: from the first moment on, up to but not at the last', async () => {
    const entries = await listed(120, { person: WRITER.id })
    const [from, to] = [entries.at(-1)!.at!, entries[0]!.at!]
    const within = (await page({ person: WRITER.id, from, to, pageSize: 200 })).entries
    expect(idsOf(within)).toEqual(idsOf(entries.filter(({ at }) => at! >= from && at! < to)))
    expect(within.at(-1)?.at).toBe(from)
    expect((await page({ person: WRITER.id, from: to })).entries.map(({ at }) => at)).toContain(to)
    expect((await page({ person: WRITER.id, type: 'signed_in' })).entries).toEqual([])
    expect((await page({ person: 'Writer' })).entries).toEqual([])
  })

  test.each([
    [{ type: 'constructor' }, 'ENTRY_TYPE_UNKNOWN'],
    [{ pageToken: 'bm90IG91cnM' }, 'PAGE_TOKEN_INVALID'],
    [{ pageToken: 'bnVsbA' }, 'PAGE_TOKEN_INVALID'],
    [{ pageToken: cursorOf({ at: '-271821-04-20T00:00:00.000Z', id: '' }) }, 'PAGE_TOKEN_INVALID'],
    [{ pageSize: 201 }, 'PAGE_SIZE_INVALID'],
    [{ pageSize: -1 }, 'PAGE_SIZE_INVALID'],
  ])('a question that makes no sense is told so: %o', async (wanted, code) => {
    await expect(page(wanted)).rejects.toMatchObject({ code })
  })
})

test('the records themselves are archived byte for byte, in the chain of their stream', async () => {
  const { events } = topicsOf(archive.namespace, audits)
  const raw = archive.db.collection<{ _id: string; topic: string; header: { type: string } | null }>(
    'raw_records',
  )
  const ends = await Promise.all([0, 1].map((partition) => archive.log.endOffset(events, partition)))
  const stored = Number(ends.reduce((sum, end) => sum + end))
  await until(
    'all records are archived',
    async () => (await raw.countDocuments({ topic: events })) === stored,
  )
  const types = await raw.distinct('header.type', { topic: events })
  expect(types).toEqual(['EntryRecorded'])
})
