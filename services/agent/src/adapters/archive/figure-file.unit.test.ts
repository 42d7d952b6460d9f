import { runs } from '@parley/testkit/properties'
import { array, assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'
import { figureFile } from './figure-file.ts'

const of = (keys: readonly string[], name: string | null = null): string => {
  const asked = { metric: 'handled', version: 1, unit: 'count', by: 'agent' }
  const { begin, lines } = figureFile('csv', asked, () => name)
  const row = { from: '2026-03-02T03:00:00.000Z', value: 7, numerator: 7, denominator: null }
  return begin + lines(keys.map((key) => ({ key, ...row })))
}

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1+1', '＋1', '－1', '＠SUM(A1)'])(
  'no text of a file is a formula to a spreadsheet: %j',
  (text) => {
    const [head, line] = of([text], text).split(/\r\n(?=handled)/)
    expect(head).toBe('\uFEFFmetric,version,unit,by,key,name,from,value,numerator,denominator')
    expect(line).toBe(`handled,1,count,agent,'${text},'${text},2026-03-02T03:00:00.000Z,7,7,\r\n`)
  },
)

/** As a spreadsheet reads a file whose cells it parts at this sign: quotes hold a cell together where they begin it. */
function cellsOf(file: string, separator: string): readonly string[] {
  const cells = ['']
  let isQuoted = false
  for (const [index, sign] of file.split('').entries()) {
    const isBegin = !isQuoted && cells.at(-1) === '' && file[index - 1] !== '"'
    if (sign === '"' && (isQuoted || isBegin)) isQuoted = !isQuoted
    else if (!isQuoted && (sign === separator || sign === '\r' || sign === '\n')) cells.push('')
    else cells[cells.length - 1] += sign
  }
  return cells
}

test('wherever a spreadsheet parts the cells, none of them begins like a formula', () => {
  // What nobody sees as well: marks of direction and joiners, which some readers leave out.
  const signs = 'ab=+-@＝＋－＠;,\t\r\n" \'\u200b\u200e\u202e\u00ad\ufeff'.split('')
  const text = array(constantFrom(...signs, ';=1+1', ';"=1+1;"', '\u202e=1+1'), { maxLength: 12 }).map(
    (parts) => parts.join(''),
  )
  assert(
    property(text, constantFrom(',', ';', '\t'), (name, separator) => {
      const cells = cellsOf(of(['a'], name), separator)
      expect(cells.filter((one) => /^["\s\p{Cf}]*[=+\-@＝＋－＠]/u.test(one))).toEqual([])
    }),
    runs(500),
  )
})

test('a name that a Brazilian Excel parts at its semicolon is no formula behind it', () => {
  expect(of(['a'], 'Sul;=1+1')).toContain(`,Sul;'=1+1,2026`)
  expect(of(['a'], 'Sul;"=1+1;"')).toContain(`,"Sul;""'=1+1;""",2026`)
  expect(of(['a'], '\t=1')).toContain(`,'\t'=1,2026`)
  expect(of(['a'], 'Norte-Sul = 1')).toContain(',Norte-Sul = 1,2026')
})

test('commas, quotes and line ends stay inside of their cell', () => {
  expect(of(['a,"b"\nc'])).toContain(',"a,""b""\nc",,2026')
})

test('JSON Lines holds one object a line, as the answer has it', () => {
  const asked = { metric: 'csat', version: 2, unit: 'percent', by: 'queue' }
  const { begin, lines } = figureFile('jsonl', asked, () => null)
  expect(begin).toBe('')
  const text = lines([
    { key: '=x', from: '2026-03-02T03:00:00.000Z', value: null, numerator: 0, denominator: 0 },
    { key: 'b', from: '2026-03-02T03:00:00.000Z', value: 50, numerator: 1, denominator: 2 },
  ])
  expect(text.endsWith('\n')).toBe(true)
  expect(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { metric: 'csat', version: 2, unit: 'percent', by: 'queue', key: '=x', value: null, denominator: 0 },
    { key: 'b', value: 50 },
  ])
})
