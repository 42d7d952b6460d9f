import { ROLES, scopeIncludes } from '@parley/people'
import { somebody } from '@parley/testkit'
import { expect, test, vi } from 'vitest'
import { placeOf } from '../transcript/fold-conversation.ts'
import { archivePeople } from './archive-people.ts'

const AUDIT = '/parley.audit.v1.AuditService/ListEntries'
const READ = '/parley.archive.v1.ArchiveService/GetTranscript'
const ISSUE = '/parley.archive.v1.ArchiveService/IssueTranscriptLink'

const people = new Map(ROLES.map((role) => [role as string, somebody(role, null, role)]))
type Changes = Awaited<ReturnType<Parameters<typeof archivePeople>[1]['changesOf']>>
const permits = (changes: Changes = {}) =>
  archivePeople({ people, teams: new Map() }, { changesOf: async () => changes }).permits

test('a person has done what a role of theirs allows, and nothing else', async () => {
  const may = async (path: string) =>
    (await Promise.all(ROLES.map(async (role) => ((await permits()(role, path, {})) ? [role] : [])))).flat()
  expect(await may(AUDIT)).toEqual(['auditor'])
  expect(await may(READ)).toEqual(['agent', 'supervisor', 'auditor', 'administrator'])
  expect(await may(ISSUE)).toEqual(['supervisor', 'auditor'])
  expect(await may('/parley.archive.v1.ArchiveService/constructor')).toEqual([])
})

test('nobody of whom people.yaml does not know has anything done, whatever the text of the id', async () => {
  for (const id of ['nobody', '', 'constructor', '__proto__'])
    expect(await permits()(id, READ, {})).toBe(false)
})

test('what operators changed counts: a deactivated person may nothing, and changed roles take the place of those in the file', async () => {
  expect(await permits({ isActive: false })('auditor', AUDIT, {})).toBe(false)
  expect(await permits({ isActive: true })('auditor', AUDIT, {})).toBe(true)
  expect(await permits({ roles: ['agent'] })('auditor', AUDIT, {})).toBe(false)
  expect(await permits({ roles: ['agent', 'auditor'] })('agent', AUDIT, {})).toBe(true)
  expect(await permits({ roles: ['emperor'] })('agent', READ, {})).toBe(false)
})

test('who is asked for several times by one request is looked up once, and again for the next one', async () => {
  vi.useFakeTimers()
  try {
    let isActive = true
    const looked: string[] = []
    const { permits, readsFigures, scopeOf } = archivePeople(
      { people, teams: new Map() },
      {
        changesOf: async (id) => {
          looked.push(id)
          return { isActive }
        },
      },
    )
    expect(await permits('auditor', READ, {})).toBe(true)
    expect(await readsFigures('auditor')).toBe(true)
    expect(await scopeOf('auditor')).not.toEqual({ kind: 'none' })
    expect(await readsFigures('agent')).toBe(false)
    expect(looked).toEqual(['auditor', 'agent'])
    isActive = false
    vi.advanceTimersByTime(100)
    expect(await permits('auditor', READ, {})).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

const NOBODYS = { held: { by: 'robot' }, lastAgentId: null } as const
const waitingIn = (queue: string) => ({ held: { by: 'queue', queue }, lastAgentId: null }) as const
const teams = new Map([['cards', { id: 'cards', name: 'Cards', vendor: null, queues: ['card-loss'] }]])
const staff = new Map(
  (['agent', 'supervisor'] as const).map((role) => [role, { ...people.get(role)!, team: 'cards' }]),
)
const { scopeOf, may, readsConcealed, readsFigures } = archivePeople(
  { people: new Map([...people, ...staff]), teams },
  { changesOf: async (id) => (id === 'administrator' ? { isActive: false } : {}) },
)

test('what the robot has is for those who see all conversations; what waits, for those who serve its queue as well', async () => {
  const seen = async (conversation: Parameters<typeof placeOf>[0]) => {
    const place = placeOf(conversation, staff)
    const who = ROLES.map(async (role) => (scopeIncludes(await scopeOf(role), place) ? [role] : []))
    return (await Promise.all(who)).flat()
  }
  expect(await seen(NOBODYS)).toEqual(['auditor'])
  expect(await seen(waitingIn('card-loss'))).toEqual(['agent', 'supervisor', 'auditor'])
  expect(await seen(waitingIn('loans'))).toEqual(['auditor'])
  const anAgentHad = { held: { by: 'nobody' }, lastAgentId: 'agent' } as const
  expect(await seen(anAgentHad)).toEqual(['agent', 'supervisor', 'auditor'])
})

test('a link is issued and revoked where the person sees the conversation and may hand it out', async () => {
  expect(await may('supervisor', 'export', waitingIn('card-loss'))).toBe(true)
  expect(await may('supervisor', 'export', NOBODYS)).toBe(false)
  expect(await may('agent', 'export', waitingIn('card-loss'))).toBe(false)
  expect(await may('nobody', 'export', waitingIn('card-loss'))).toBe(false)
})

test('the bytes of what is masked are for auditors, and for services that ask for nobody', async () => {
  const reading = await Promise.all(ROLES.map(async (role) => ((await readsConcealed(role)) ? [role] : [])))
  expect(reading.flat()).toEqual(['auditor'])
  expect(await readsConcealed(undefined)).toBe(true)
  expect(await scopeOf(undefined)).toEqual({ kind: 'all' })
})

test('figures of a scope are for who reads figures; others read their own work’s', async () => {
  const reading = await Promise.all(ROLES.map(async (role) => ((await readsFigures(role)) ? [role] : [])))
  expect(reading.flat()).toEqual(['supervisor', 'auditor'])
  expect(await readsFigures(undefined)).toBe(true)
})
