import { randomUUID } from 'node:crypto'
import { type AuditEntry, recordEntry } from '@parley/audit'
import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { CountedActs, RECORDED_MAX, failedSignIn } from './counted-acts.ts'

const ANA = { id: 'p01', login: 'ana', name: 'Ana Souza' }
const START = Date.parse('2026-03-02T12:00:00.000Z')

/** Replicas over one store; the audit keeps one entry for each id, as the rules do. */
async function replicas(count: number) {
  const { db, [Symbol.asyncDispose]: dispose } = await testDb()
  const entries = new Map<string, AuditEntry>()
  let isAway = false
  let at = START
  const options = {
    named: (id: string) => (id === ANA.id ? ANA : undefined),
    now: () => new Date(at),
    record: async (entry: AuditEntry, cause: string = randomUUID()) => {
      if (isAway) throw new Error('the log is away')
      entries.set(recordEntry(entry, { service: 'agent', cause, at: new Date(at) }).commandId, entry)
    },
  }
  return {
    each: Array.from({ length: count }, () => new CountedActs(db, options)),
    entries,
    after: (seconds: number) => void (at = START + seconds * 1_000),
    lose: (is: boolean) => void (isAway = is),
    [Symbol.asyncDispose]: dispose,
  }
}

const fails = (
  counted: CountedActs,
  person: typeof ANA | null,
  code: string,
  cause: string = randomUUID(),
): Promise<void> => counted.add(person, failedSignIn(person, code), cause)

test('of a flood of failed sign-ins the first are entries, and one more says how many there were, however many replicas count', async () => {
  await using it = await replicas(2)
  const attempts = Array.from({ length: 50 }, (_, index) => index)
  await Promise.all(
    attempts.map((index) => fails(it.each[index % 2]!, null, 'SIGN_IN_INVALID', `n-${index}`)),
  )
  await fails(it.each[0]!, ANA, 'PERSON_DEACTIVATED', 'ana')
  expect(it.entries.size).toBe(RECORDED_MAX + 1)

  it.after(900)
  await it.each[0]!.tellRest()
  expect(it.entries.size).toBe(RECORDED_MAX + 1)
  it.after(920)
  it.lose(true)
  await expect(it.each[0]!.tellRest()).rejects.toThrow('away')
  it.lose(false)
  await Promise.all(it.each.map((replica) => replica.tellRest()))
  await it.each[1]!.tellRest()
  expect(it.entries.size).toBe(RECORDED_MAX + 2)
  expect([...it.entries.values()].at(-1)).toEqual({
    type: 'sign_in_failed',
    person: null,
    subject: { kind: 'provider', id: 'openid' },
    fields: { code: 'SIGN_IN_INVALID', moreCount: '30', until: '2026-03-02T12:15:00.000Z' },
  })
})

test('each person, reason and quarter of an hour is counted by itself', async () => {
  await using it = await replicas(1)
  const [one] = it.each
  const flood = async (person: typeof ANA | null, code: string) => {
    for (let index = 0; index < RECORDED_MAX + 1; index += 1) await fails(one!, person, code)
  }
  await flood(ANA, 'PERSON_DEACTIVATED')
  await flood(null, 'PERSON_UNKNOWN')
  it.after(901)
  await flood(ANA, 'PERSON_DEACTIVATED')
  expect(it.entries.size).toBe(3 * RECORDED_MAX)
  it.after(2_000)
  await one!.tellRest()
  expect([...it.entries.values()].slice(3 * RECORDED_MAX)).toMatchObject([
    { person: ANA, subject: { kind: 'person', id: 'p01' }, fields: { moreCount: '1' } },
    { person: null, fields: { code: 'PERSON_UNKNOWN', moreCount: '1' } },
    { person: ANA, fields: { moreCount: '1', until: '2026-03-02T12:30:00.000Z' } },
  ])
})

test('what a person is refused is counted by its route and reason, and those that were too many are told of it', async () => {
  await using it = await replicas(1)
  const [one] = it.each
  const refused = (route: string, code: string) =>
    one!.add(ANA, { type: 'access_refused', subject: { kind: 'route', id: route }, code }, randomUUID())
  for (let index = 0; index < RECORDED_MAX + 3; index += 1) await refused('GET /api/audit', 'NOT_ALLOWED')
  await refused('GET /api/people', 'NOT_ALLOWED')
  await refused('GET /api/audit', 'ORIGIN_REFUSED')
  expect(it.entries.size).toBe(RECORDED_MAX + 2)
  it.after(920)
  await one!.tellRest()
  expect([...it.entries.values()].slice(RECORDED_MAX + 2)).toEqual([
    {
      type: 'access_refused',
      person: ANA,
      subject: { kind: 'route', id: 'GET /api/audit' },
      fields: { code: 'NOT_ALLOWED', moreCount: '3', until: '2026-03-02T12:15:00.000Z' },
    },
  ])
})
