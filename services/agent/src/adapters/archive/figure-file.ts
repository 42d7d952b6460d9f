import type { ReadFigure } from './figures-client.ts'

export const FIGURE_FORMATS = ['csv', 'jsonl'] as const
export type FigureFormat = (typeof FIGURE_FORMATS)[number]

interface FigureFile {
  readonly type: string
  readonly begin: string
  /** What stands behind what there is: a file of many rows is written in parts. */
  lines(rows: ReadFigure['rows']): string
}

const HEADS = [
  'metric',
  'version',
  'unit',
  'by',
  'key',
  'name',
  'from',
  'value',
  'numerator',
  'denominator',
] as const

/** @param nameOf what a key is called, where it is an id */
export function figureFile(
  format: FigureFormat,
  {
    metric,
    version,
    unit,
    by,
  }: Pick<ReadFigure, 'version' | 'unit'> & { readonly metric: string; readonly by: string },
  nameOf: (key: string) => string | null,
): FigureFile {
  const recordOf = ({ key, from, value, numerator, denominator }: ReadFigure['rows'][number]) => ({
    metric,
    version,
    unit,
    by,
    key,
    name: nameOf(key),
    from,
    value,
    numerator,
    denominator,
  })
  if (format === 'jsonl')
    return {
      type: 'application/jsonl; charset=utf-8',
      begin: '',
      lines: (rows) => rows.map((row) => `${jsonLine(recordOf(row))}\n`).join(''),
    }
  return {
    type: 'text/csv; charset=utf-8',
    // The mark tells Excel that it is UTF-8.
    begin: `\uFEFF${HEADS.join(',')}\r\n`,
    lines: (rows) =>
      rows
        .map(recordOf)
        .map((record) => `${HEADS.map((head) => cell(record[head])).join(',')}\r\n`)
        .join(''),
  }
}

/** Readers that part at whatever Unicode calls the end of a line would part within a record. */
const jsonLine = (record: object): string =>
  JSON.stringify(record).replaceAll(
    /[\u0085\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/**
 * RFC 4180. A spreadsheet takes a cell that begins with one of these signs for a formula, whatever quotes, blanks or signs that nobody sees stand before it, and
 * where a cell begins is its own affair: a Brazilian Excel parts at `;`, and another may part at tabs, so text is guarded behind each of
 * them too, not at its beginning alone: https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA_BEGINS = /(?<=(?:^|[,;|\t\r\n；，])["'\s\p{Cf}]*)[=+\-@＝＋－＠﹢﹣﹦﹫−]/gu

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const guarded = value.replaceAll(FORMULA_BEGINS, `'$&`)
  const text = /^[\t\r\n]/.test(guarded) ? `'${guarded}` : guarded
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
