import { type Row, type Table, withTable } from '../results.ts'
import type { Mutant } from './mutant.ts'

export const BEGIN = '<!-- results of npm run mutants: begin -->'
export const END = '<!-- results of npm run mutants: end -->'

const TABLE: Table = {
  begin: BEGIN,
  end: END,
  head: ['mutant', 'what no longer holds', 'the test that noticed', 'date'],
}

/** @param noticed The name of a test that failed; undefined when none did. */
export function rowOf({ name, breaks, caughtBy }: Mutant, noticed: string | undefined, date: string): Row {
  const file = `\`${caughtBy.path}\``
  const test = noticed === undefined ? `**none** of ${file}` : `${file}: ${inOneCell(noticed)}`
  return { name, cells: [name, inOneCell(breaks), test, date] }
}

/** The page with these rows in place of those of the same names. */
export function withMutants(page: string, rows: readonly Row[], names: readonly string[]): string {
  return withTable(page, TABLE, rows, names)
}

const inOneCell = (text: string): string => text.replaceAll('|', '/').replaceAll('\n', ' ')
