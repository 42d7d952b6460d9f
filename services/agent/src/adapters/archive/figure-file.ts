import type { ReadFigure } from './figures-client.ts'

export const FIGURE_FORMATS = ['csv', 'jsonl'] as const
export type FigureFormat = (typeof FIGURE_FORMATS)[number]

interface FigureFile {
  readonly text: string
  readonly type: string
}

/** @param nameOf what a key is called, where it is an id */
export function figureFile(
  format: FigureFormat,
  { metric, version, unit, by, rows }: ReadFigure & { readonly metric: string; readonly by: string },
  nameOf: (key: string) => string | null,
): FigureFile {
  const records = rows.map(({ key, from, value, numerator, denominator }) => ({
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
  }))
  if (format === 'jsonl')
    return {
      text: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
      type: 'application/jsonl; charset=utf-8',
    }
  const heads = [
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
  const lines = [
    heads.join(','),
    ...records.map((record) => heads.map((head) => cell(record[head])).join(',')),
  ]
  // The mark tells Excel that it is UTF-8.
  return { text: `\uFEFF${lines.join('\r\n')}\r\n`, type: 'text/csv; charset=utf-8' }
}

/**
 * RFC 4180. A spreadsheet takes a cell that begins with one of these signs for a formula, whatever quotes or blanks stand before it, and
 * where a cell begins is its own affair: a Brazilian Excel parts at `;`, and another may part at tabs, so text is guarded behind each of
 * them too, not at its beginning alone: https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA_BEGINS = /(?<=(?:^|[,;|\t\r\n；，])["'\s]*)[=+\-@＝＋－＠﹢﹣﹦﹫−]/gu

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const guarded = value.replaceAll(FORMULA_BEGINS, `'$&`)
  const text = /^[\t\r\n]/.test(guarded) ? `'${guarded}` : guarded
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
