import { type AuditEntry, type AuditPerson, STANDS_FOR_MS, recordEntry } from '@parley/audit'
import { scenario } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { STANDING_MAX, auditDecider } from './decider.ts'

const ANA: AuditPerson = { id: 'person-1', login: 'ana', name: 'Ana Souza' }
const opened = (conversation: string): AuditEntry => ({
  type: 'conversation_opened',
  person: ANA,
  subject: { kind: 'conversation', id: conversation },
})
const refused = (route: string, person: AuditPerson | null = null): AuditEntry => ({
  type: 'access_refused',
  person,
  subject: { kind: 'route', id: route },
  fields: { code: 'NOT_SIGNED_IN' },
})
const failed: AuditEntry = {
  type: 'sign_in_failed',
  person: null,
  subject: { kind: 'provider', id: 'wrong_password' },
  words: { login: 'nobody-has-this' },
}
const configured = (digest: string, person: AuditPerson | null = null): AuditEntry => ({
  type: 'configuration_changed',
  person,
  subject: { kind: 'configuration', id: 'company.yaml' },
  fields: { digest },
})
const deactivated: AuditEntry = {
  type: 'person_deactivated',
  person: ANA,
  subject: { kind: 'person', id: 'person-2' },
}

const START = Date.parse('2026-03-02T12:00:00.000Z')

type Told = readonly [entry: AuditEntry, seconds?: number, cause?: string]

/** One stream, and acts as their origin tells them. */
class Acts {
  readonly scenario = scenario(auditDecider)
  #told = 0

  /** How many entries the act gives. */
  tell(...[entry, seconds = 0, cause]: Told): number {
    this.#told += 1
    const { type, data, commandId, content, actor, correlationId } = recordEntry(entry, {
      service: 'agent',
      cause: cause ?? `request ${this.#told}`,
      at: new Date(START + seconds * 1_000),
    })
    this.scenario.when(
      { type, data },
      {
        at: new Date(START + seconds * 1_000).toISOString(),
        commandId,
        actor,
        content: content ?? [],
        ...(correlationId === undefined ? {} : { correlationId }),
      },
    )
    return this.scenario.decided.length
  }
}

/** Of acts of one stream, how many entries each gives. */
function entries(...acts: readonly Told[]): readonly number[] {
  const stream = new Acts()
  return acts.map((act) => stream.tell(...act))
}

test('an act is one entry, with who did it, to what, and the words of it apart from the facts', () => {
  const acts = new Acts()
  acts.tell(opened('conversation-1'))
  acts.scenario.thenEvents({
    type: 'EntryRecorded',
    data: {
      type: 'conversation_opened',
      personId: 'person-1',
      subjectKind: 'conversation',
      subjectId: 'conversation-1',
    },
    envelope: { correlationId: 'conversation-1', actor: { kind: 'agent', id: 'person-1' } },
  })
  const [event] = acts.scenario.decided
  expect(Buffer.from(event!.envelope.payload).toString('utf8')).not.toMatch(/ana|Souza/)
  expect(event!.envelope.content.map(({ name, value }) => [name, Buffer.from(value).toString()])).toEqual([
    ['login', 'ana'],
    ['name', 'Ana Souza'],
  ])
})

test('the same request told twice is one entry; what was done twice is two', () => {
  expect(entries([deactivated, 0, 'request'], [deactivated, 1, 'request'])).toEqual([1, 0])
  expect(entries([deactivated], [deactivated, 1])).toEqual([1, 1])
})

test('a type that nobody knows is refused by its name, and by no state', () => {
  const acts = new Acts()
  expect(acts.tell({ ...deactivated, type: 'constructor' as never })).toBe(1)
  acts.scenario.thenRefused('UNKNOWN_ENTRY_TYPE', { type: 'constructor' })
})

describe('who opened a conversation', () => {
  test('is recorded at the first opening, and not again for a quarter of an hour', () => {
    expect(
      entries(
        [opened('a')],
        [opened('a'), 1],
        [opened('a'), 899.999],
        [opened('a'), 900],
        [opened('a'), 901],
      ),
    ).toEqual([1, 0, 0, 1, 0])
  })

  test('is recorded of each conversation by itself', () => {
    expect(entries([opened('a')], [opened('b'), 1], [opened('a'), 2])).toEqual([1, 1, 0])
  })

  test('holds in any order and at any pace: each opening has its entry, and no entry is said twice', () => {
    const openings = array(
      record({
        conversation: constantFrom('a', 'b', 'c', 'd'),
        after: integer({ min: 0, max: 1_200 }),
      }),
      { maxLength: 40 },
    )
    const quarter = STANDS_FOR_MS / 1_000
    assert(
      property(openings, (all) => {
        const acts = new Acts()
        const recorded: { conversation: string; second: number }[] = []
        let second = 0
        for (const { conversation, after } of all) {
          second += after
          if (acts.tell(opened(conversation), second) > 0) recorded.push({ conversation, second })
          const [last, before] = recorded.filter((entry) => entry.conversation === conversation).toReversed()
          // Whoever asks later finds that it was opened: an entry of the quarter of an hour before.
          expect(second - last!.second).toBeLessThan(quarter)
          expect(last!.second - (before?.second ?? -Infinity)).toBeGreaterThanOrEqual(quarter)
          expect(acts.scenario.state.standing.length).toBeLessThanOrEqual(4)
        }
      }),
      runs(60),
    )
  })

  test('whoever opens thousands leaves an entry of each, and the state stays small', () => {
    const acts = new Acts()
    const count = STANDING_MAX + 200
    let recorded = 0
    for (let index = 0; index < count; index += 1) recorded += acts.tell(opened(`c${index}`), index / 100)
    expect(recorded).toBe(count)
    expect(acts.scenario.state.standing).toHaveLength(STANDING_MAX)
    expect(acts.tell(opened(`c${count - 1}`), 20)).toBe(0)
  })
})

describe('what strangers drive', () => {
  test('a refused access of nobody is one entry for its route and quarter of an hour, however often it comes', () => {
    const acts = new Acts()
    const flood = Array.from({ length: 30 }, (_, second) => acts.tell(refused('GET /api/audit'), second))
    expect(flood.reduce((sum, count) => sum + count)).toBe(1)
    expect(acts.tell(refused('GET /audit'), 30)).toBe(1)
    expect(acts.tell(refused('GET /api/audit'), 900)).toBe(1)
  })

  test('of programs that a method refuses each has its entry', () => {
    const acts = new Acts()
    const called = (callerId: string): AuditEntry => ({
      type: 'access_refused',
      person: null,
      subject: { kind: 'method', id: 'parley.archive.v1.ArchiveService/GetTranscript' },
      fields: { code: 'CALLER_NOT_PERMITTED', callerId },
    })
    expect(acts.tell(called('bot'))).toBe(1)
    expect(acts.tell(called('tool'), 60)).toBe(1)
    expect(acts.tell(called('bot'), 120)).toBe(0)
  })

  test.each([
    ['failed sign-ins', failed],
    ['refused accesses of a person', refused('GET /api/audit', ANA)],
  ])('%s are each an entry: whoever sees them counts those that are too many', (_what, act) => {
    const acts = new Acts()
    const flood = Array.from({ length: 30 }, (_, second) => acts.tell(act, second))
    expect(flood).toEqual(Array<number>(30).fill(1))
    expect(acts.scenario.state.standing).toEqual([])
  })
})

describe('configuration', () => {
  test('that a service finds at its start is recorded when it is another one than before', () => {
    expect(
      entries(
        [configured('one')],
        [configured('one'), 5_000],
        [configured('two'), 6_000],
        [configured('one'), 7_000],
      ),
    ).toEqual([1, 0, 1, 1])
  })

  test('that a person changes is recorded each time', () => {
    expect(entries([configured('one', ANA)], [configured('one', ANA), 1])).toEqual([1, 1])
  })
})
