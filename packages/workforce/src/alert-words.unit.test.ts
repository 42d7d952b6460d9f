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
  ['^cancelar', 'Cancelar já!', true],
  ['^cancelar', 'quero cancelar', false],
  ['cancelar$', 'quero cancelar.', true],
  ['cancelar$', 'cancelar já', false],
  ['^(oi|ola)$', 'Olá!', true],
  ['^(oi|ola)$', 'olá, tudo bem', false],
  [String.raw`\bprocon\b`, 'vou ao procon', true],
  ['procon|banco( .*)?$', 'o banco não', true],
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

test('a pattern that names what no text has is refused with what to write; what was in force before is used', () => {
  expect(problem('reclame-aqui|procon')).toBe(
    '0: "reclame-aqui" never matches: texts are compared without "-"; write "reclame aqui"',
  )
  expect(problem('procon', "o'connor.*")).toMatch(/^1: "o'connor" never matches: .*; write "oconnor"$/)
  expect(problem('১২+')).toMatch(/never matches: .*; write "12"$/)
  expect(problem('(?i)procon!+')).toMatch(/never matches/)
  for (const pattern of [
    '[a-z]{1,3} banco',
    String.raw`(?:procon|\d{2,4})`,
    '(?i:procon)',
    'মামলা( .*)? করব',
    String.raw`[^\s]+ procon`,
  ])
    expect(problem(pattern)).toBe('')
  expect(compileAlertWords(['reclame-aqui|procon'])('vou ao procon')).toBe(true)
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
