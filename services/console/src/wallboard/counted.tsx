import type { Format } from '../screen/format.ts'
import type { Whose } from './whose.ts'

/** Where the rows are that a number counts; undefined: nobody can open anything there. */
export type Rows = (which: Readonly<Record<string, string>>) => string | undefined

/** Where the conversations are that a figure of today counts. @param part of the figure: by default what is above the line */
export type CountedRows = (
  metric: string,
  value: number | null,
  whose: Whose,
  part?: 'denominator',
) => string | undefined

export interface Behind {
  readonly rows: Rows
  readonly counted: CountedRows
}

/** Behind the numbers of a screen on a wall. */
export const NOTHING: Behind = { rows: () => undefined, counted: () => undefined }

/** @param today the company's date */
export const behindNumbers = (today: string): Behind => ({
  rows: (which) => `/wallboard/live${narrowedTo(which)}`,
  counted: (metric, value, { by, keys }, part) =>
    value === null
      ? undefined
      : `/search?${new URLSearchParams([
          ['metric', metric],
          ...(by === '' ? [] : [['by', by]]),
          ...keys.map((key) => ['key', key]),
          ...(part === undefined ? [] : [['part', part]]),
          ['from', today],
          ['to', today],
        ])}`,
})

/** The address of what is looked at now, narrowed further. */
export function narrowedTo(which: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(which)) query.set(name, value)
  return `?${query}`
}

/** A number, and where its rows are. */
export function Counted({
  href,
  children,
}: {
  readonly href: string | undefined
  readonly children: string
}) {
  return href === undefined ? children : <a href={href}>{children}</a>
}

/** Of a figure that counted nothing yet there is none. */
export const percentOf = (format: Format, value: number | null): string =>
  value === null ? '–' : format.percent(value / 100)
