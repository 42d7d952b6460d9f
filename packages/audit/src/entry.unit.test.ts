import { expect, test } from 'vitest'
import { type AuditEntry, entryOf, recordEntry, streamOf } from './entry.ts'
import { audits } from './family.ts'

const ANA = { id: 'person-1', login: 'ana', name: 'Ana Souza' }
const at = new Date('2026-03-02T12:00:00.250Z')
const told = (entry: AuditEntry) => recordEntry(entry, { service: 'agent', cause: 'request-1', at })

/** As it comes back out of the log. */
function readBack(entry: AuditEntry) {
  const { content, occurredAt } = audits.commandEnvelope(told(entry))
  return entryOf({
    data: told(entry).data,
    envelope: { eventId: 'event-1', occurredAt, recordedAt: '2026-03-02T12:00:01.000Z', content },
  })
}

const discarded: AuditEntry = {
  type: 'operator_acted',
  person: ANA,
  subject: { kind: 'reader', id: 'archive/transcripts' },
  fields: { act: 'discard' },
  words: { reason: 'bug 12: “Größe”' },
}

test('an entry comes out of the log as it was told, its words among the fields', () => {
  expect(readBack(discarded)).toEqual({
    id: 'event-1',
    at: '2026-03-02T12:00:00.250Z',
    person: ANA,
    type: 'operator_acted',
    subject: { kind: 'reader', id: 'archive/transcripts' },
    fields: { act: 'discard', reason: 'bug 12: “Größe”' },
  })
  expect(readBack({ ...discarded, person: null }).person).toBeNull()
})

test('no login, no name and no free text is among the facts, in the key or in the ids', () => {
  const { content, ...facts } = audits.commandEnvelope(told(discarded))
  expect(JSON.stringify({ ...facts, payload: Buffer.from(facts.payload).toString('latin1') })).not.toMatch(
    /ana\b|Souza|bug 12/,
  )
  expect(content.map(({ name }) => name)).toEqual(['login', 'name', 'field.reason'])
})

test('a text of any length is cut, never through a character', () => {
  const reason = `${'x'.repeat(499)}😀 and more`
  expect(readBack({ ...discarded, words: { reason } }).fields['reason']).toBe(`${'x'.repeat(499)}\uFFFD`)
})

test('a name that objects have anyway is a field like any other', () => {
  expect(readBack({ ...discarded, fields: { constructor: 'a', ['__proto__']: 'b' } }).fields).toEqual(
    expect.objectContaining({ constructor: 'a', ['__proto__']: 'b' }),
  )
})

test('acts of a person are one stream; what nobody did is a stream for each type and subject', () => {
  const other: AuditEntry = { ...discarded, type: 'signed_out', subject: { kind: 'person', id: 's' } }
  expect(streamOf(other)).toBe(streamOf(discarded))
  expect(streamOf({ ...other, person: null })).not.toBe(streamOf({ ...discarded, person: null }))
  expect(streamOf({ ...discarded, person: { ...ANA, id: 'person-2' } })).not.toBe(streamOf(discarded))
})
