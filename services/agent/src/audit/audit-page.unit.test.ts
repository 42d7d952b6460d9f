import { ENTRY_TYPES, type RecordedEntry } from '@parley/audit'
import { expect, test } from 'vitest'
import { type AuditPageOptions, auditPage } from './audit-page.ts'
import { LANGUAGES } from '@parley/conversation'

const ENTRY: RecordedEntry = {
  id: 'entry-1',
  at: '2026-03-02T02:30:00.000Z',
  person: { id: 'person-1', login: 'ana', name: 'Ana Souza' },
  type: 'roles_changed',
  subject: { kind: 'person', id: 'person-2' },
  fields: { before: 'agent', after: 'agent,supervisor', person: 'person-3' },
}
const HOSTILE = `"><script>globalThis.pwned=1</script><img src=x onerror=1>'`

const page = (options: Partial<AuditPageOptions> = {}) =>
  auditPage({
    shown: { kind: 'entries', entries: [ENTRY], cursor: null },
    asked: {},
    language: 'en',
    company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo' },
    stylesheet: '/audit.css',
    ...options,
  })

test('an entry says who did what to what, when, by the clock of the company', () => {
  const html = page()
  for (const said of [
    'Ana Souza',
    'ana',
    'person-1',
    'Roles changed',
    'person-2',
    'person-3',
    'agent,supervisor',
    '23:30:00',
  ])
    expect(html).toContain(said)
  expect(html).toContain('Sunday, 1 March 2026')
  expect(html).toContain('2026-03-02 02:30:00.000 UTC')
  expect(page({ shown: { kind: 'entries', entries: [{ ...ENTRY, person: null }], cursor: null } })).toContain(
    'Nobody who was signed in',
  )
})

test('what it was done to is called by a word of the language; a kind that is not known by its own', () => {
  for (const [language, word] of [
    ['pt', 'pessoa'],
    ['en', 'person'],
    ['bn', 'ব্যক্তি'],
  ] as const)
    expect(page({ language })).toContain(`<dt>${word}</dt><dd dir="auto">person-2</dd>`)
  const unknown = { ...ENTRY, subject: { kind: 'constructor', id: 'x-1' } }
  expect(page({ shown: { kind: 'entries', entries: [unknown], cursor: null } })).toContain(
    '<dt>constructor</dt><dd dir="auto">x-1</dd>',
  )
})

test('whatever people are called, wrote or asked for stands there as text', () => {
  const hostile: RecordedEntry = {
    id: HOSTILE,
    at: ENTRY.at,
    person: { id: HOSTILE, login: HOSTILE, name: HOSTILE },
    type: HOSTILE,
    subject: { kind: HOSTILE, id: HOSTILE },
    fields: { [HOSTILE]: HOSTILE },
  }
  const asked = {
    person: HOSTILE,
    subject: HOSTILE,
    type: HOSTILE,
    from: HOSTILE,
    to: HOSTILE,
    cursor: HOSTILE,
  }
  const company = { name: HOSTILE, timeZone: 'UTC' }
  const entries = page({ shown: { kind: 'entries', entries: [hostile], cursor: HOSTILE }, asked, company })
  const problem = page({
    shown: { kind: 'query_invalid', problems: [{ path: 'type', message: HOSTILE }] },
    asked,
    company,
  })
  for (const html of [entries, problem]) {
    expect(html).not.toMatch(/<script|<img src=x/)
    expect(html).toContain('&quot;&gt;&lt;script&gt;')
  }
})

test('the form keeps what was asked; older entries and other languages are of the same question', () => {
  const asked = { person: 'ana', subject: 'c-7', type: 'roles_changed', from: '2026-03-01', cursor: 'page-1' }
  const html = page({ asked, shown: { kind: 'entries', entries: [ENTRY], cursor: 'page-2' } })
  expect(html).toContain('name="person" value="ana"')
  expect(html).toContain('name="subject" value="c-7"')
  expect(html).toContain('<option value="roles_changed" selected>')
  expect(html).toContain('name="from" value="2026-03-01"')
  const question = '/audit?person=ana&amp;subject=c-7&amp;type=roles_changed&amp;from=2026-03-01'
  expect(html).toContain(`href="${question}&amp;cursor=page-2&amp;lang=en"`)
  expect(html).toContain(`href="${question}&amp;lang=en"`)
  expect(html).toContain(`href="${question}&amp;cursor=page-1&amp;lang=bn"`)
})

test('nothing found, nothing older, a question that makes no sense, an archive that is away and a role that does not suffice look different', () => {
  const found = page({ asked: { cursor: 'page-2' } })
  const looks = [
    found,
    page({ shown: { kind: 'entries', entries: [], cursor: null } }),
    page({ shown: { kind: 'query_invalid', problems: [{ path: 'from', message: 'it is no time' }] } }),
    page({ shown: { kind: 'unavailable' } }),
    page({ shown: { kind: 'not_allowed' } }),
  ]
  const said = ['nothing older', 'Ask for more people', 'it is no time', 'Nothing is lost', 'speak to those']
  expect(looks.map((html) => said.filter((words) => html.includes(words)))).toEqual(
    said.map((words) => [words]),
  )
})

test.each(LANGUAGES)('every type has words of its own in %s', (language) => {
  const html = page({ language })
  const words = ENTRY_TYPES.map(
    (type) => new RegExp(`<option value="${type}">([^<]+)</option>`).exec(html)?.[1],
  )
  expect(new Set(words).size).toBe(ENTRY_TYPES.length)
  expect(words).not.toContain(undefined)
  expect(html).not.toContain('undefined')
})
