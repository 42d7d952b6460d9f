import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EVALUATION_REFUSAL_WORDS, REFUSAL_WORDS, refusalWords } from './refusal-words.ts'

const PAGE = readFileSync(new URL('../../../../../docs/reference/refusals.md', import.meta.url), 'utf8')
const section = (from: string, to: string) => PAGE.slice(PAGE.indexOf(from), PAGE.indexOf(to))
const codesIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code!))

/** Nobody at a desk wishes what these refuse. */
const OF_SERVICES =
  /^CONFIGURATION_|^POOL_|^EVALUATION_MISPLACED$|^CONVERSATION_NOT_SEEN$|^UNKNOWN_(SESSION|REPLICA|PRESENCE|OFFER)$/

test('every refusal that somebody at a desk can meet is told in words', () => {
  const codes = codesIn(section("Of people's wishes", 'Not refusals')).filter(
    (code) => !OF_SERVICES.test(code),
  )
  expect(codes.length).toBeGreaterThan(20)
  const known = { ...REFUSAL_WORDS, ...EVALUATION_REFUSAL_WORDS }
  expect(codes.filter((code) => !Object.hasOwn(known, code))).toEqual([])
})

test('a code of a release to come is told too', () => {
  expect(refusalWords('SOMETHING_NEW')).toContain('SOMETHING_NEW')
  expect(refusalWords('constructor')).toContain('constructor')
})
