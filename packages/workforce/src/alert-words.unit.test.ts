import { wordsOf } from '@parley/conversation'
import { growth } from '@parley/testkit/cost'
import { expect, test } from 'vitest'
import { AlertPatternInvalid, checkAlertWords, compileAlertWords } from './alert-words.ts'

const problem = (...patterns: readonly string[]): string => {
  try {
    checkAlertWords(patterns)
    return ''
  } catch (error) {
    return error instanceof AlertPatternInvalid ? `${error.index}: ${error.message}` : String(error)
  }
}

test.each([
  ['procon', 'Vou ao PROCON!', true],
  ['procon', 'proconsul', false],
  ['Não aguento mais', 'eu nao   AGUENTO, mais!!!', true],
  ['process(o|ar|arei)( .*)? (banco|voces)', 'Vou processar todos vocês.', true],
  ['process(o|ar|arei)( .*)? (banco|voces)', 'O banco processou.', false],
  ['মামলা', 'আমি মামলা করব', true],
  ['মামলা( .*)? (করব|করবো)', 'আমি “মামলা” ঠিক করবো।', true],
  [String.raw`\d{3} reais`, '５００ reais', true],
  ['e-mail', 'mande um e-mail', true],
])('%s in “%s”: %s', (pattern, text, is) => {
  expect(compileAlertWords(['never said', pattern])(wordsOf(text))).toBe(is)
})

test('a pattern that is none, or that nothing ever matches, is refused with what to write', () => {
  expect(problem('ok', '(procon')).toMatch(/^1: it is no RE2 pattern/)
  // RE2 has no look-around: it could not be linear.
  expect(problem('(?=a)b')).toMatch(/^0: it is no RE2 pattern/)
  expect(problem('(Procon|não)')).toBe(
    '0: "Procon" never matches: texts are compared in small letters without accents; write "procon"',
  )
  expect(problem('...', '.*')).toMatch(/it matches where nothing is said|it has no word/)
  expect(problem('!!')).toBe('0: it has no word')
})

test('a pattern whose repeats come to more than a message is to be held against is refused; what was in force before is used', () => {
  const words = `${'cartao '.repeat(500)}banco`
  for (const pattern of ['([^x]?){1000}[xyz]', '((.{0,30}){0,30}[xyz])', 'nao .{0,1000}banco'])
    expect(problem('procon', pattern)).toMatch(/^1: its repeats come to \d+ steps/)
  expect(compileAlertWords(['nao .{0,1000}banco'])('nao quero mais o banco')).toBe(true)
  const whole = Array.from({ length: 60 }, (_, nth) => `${'abcdefgh'.slice(nth % 8)}${nth}`).join('|')
  for (const pattern of ['nao .{0,100}banco', `(${whole})`, 'a'.repeat(500)]) {
    expect(problem(pattern)).toBe('')
    expect(compileAlertWords([pattern])(words)).toBe(false)
  }
})

test('a pattern that takes a backtracking engine for ever takes time by the length of the text', () => {
  const has = compileAlertWords(['(a+)+b'])
  expect(has('a'.repeat(4_000))).toBe(false)
  expect(growth(250, (length) => has('a'.repeat(length)))).toBeLessThan(80)
})
