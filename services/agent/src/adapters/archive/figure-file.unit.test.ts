import { expect, test } from 'vitest'
import { figureFile } from './figure-file.ts'

const of = (keys: readonly string[], name: string | null = null) =>
  figureFile(
    'csv',
    {
      metric: 'handled',
      version: 1,
      unit: 'count',
      by: 'agent',
      position: '',
      rows: keys.map((key) => ({
        key,
        from: '2026-03-02T03:00:00.000Z',
        value: 7,
        numerator: 7,
        denominator: null,
      })),
    },
    () => name,
  ).text

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1+1', '＋1', '－1', '＠SUM(A1)', '\t=1', '\r=1', '\n=1'])(
  'no text of a file is a formula to a spreadsheet: %j',
  (text) => {
    const [head, line] = of([text], text).split(/\r\n(?=handled)/)
    expect(head).toBe('\uFEFFmetric,version,unit,by,key,name,from,value,numerator,denominator')
    const quoted = /[\r\n]/.test(text) ? `"'${text}"` : `'${text}`
    expect(line).toBe(`handled,1,count,agent,${quoted},${quoted},2026-03-02T03:00:00.000Z,7,7,\r\n`)
  },
)

test('commas, quotes and line ends stay inside of their cell', () => {
  expect(of(['a,"b"\nc'])).toContain(',"a,""b""\nc",,2026')
})

test('JSON Lines holds one object a line, as the answer has it', () => {
  const file = figureFile(
    'jsonl',
    {
      metric: 'csat',
      version: 2,
      unit: 'percent',
      by: 'queue',
      position: '',
      rows: [
        { key: '=x', from: '2026-03-02T03:00:00.000Z', value: null, numerator: 0, denominator: 0 },
        { key: 'b', from: '2026-03-02T03:00:00.000Z', value: 50, numerator: 1, denominator: 2 },
      ],
    },
    () => null,
  )
  expect(file.text.endsWith('\n')).toBe(true)
  expect(
    file.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { metric: 'csat', version: 2, unit: 'percent', by: 'queue', key: '=x', value: null, denominator: 0 },
    { key: 'b', value: 50 },
  ])
})
