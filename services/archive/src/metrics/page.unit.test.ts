import { readFileSync } from 'node:fs'
import { conversations } from '@parley/conversation'
import { DIMENSIONS, type Figure, FIGURES, figureNamed, wholeOf, worthOf } from '@parley/figures'
import { Chain } from '@parley/testkit'
import { workforces } from '@parley/workforce'
import { describe, expect, test } from 'vitest'
import { type Of, metricOf } from './count.ts'
import { Played } from './played.fixture.ts'

const PAGE = readFileSync(new URL('../../../../docs/reference/metrics.md', import.meta.url), 'utf8')
const DAY = '2026-03-02'

interface Row {
  /** With the version where it is not the newest. */
  readonly name: string
  readonly unit: string
  readonly by: readonly string[]
  readonly cells: readonly string[]
}

const rows: readonly Row[] = [...PAGE.matchAll(/^\| `(\w+)`( version \d+)? \|(.*)\|$/gm)].map(
  ([, name = '', version = '', rest = '']) => {
    const [unit = '', by = '', ...cells] = rest.split('|').map((cell) => cell.trim())
    return { name: name + version, unit, by: by.split(', ').filter((word) => word !== ''), cells }
  },
)

test('the page names every figure, its unit and what it may be asked by, and no other', () => {
  const said = ({ name, unit, by }: Pick<Row | Figure, 'name' | 'unit' | 'by'>) =>
    `${name}, ${unit}, by ${[...by].join(' ')}`
  expect(rows.map(said)).toEqual(FIGURES.map((figure) => said({ ...figure, name: versionedName(figure) })))
  for (const { name, cells } of rows)
    for (const cell of cells) expect(cell.length, `${name}: what it is, and its source`).toBeGreaterThan(3)
})

test('the page says of every figure by whom it is not asked, and why', () => {
  const said = [...PAGE.matchAll(/^\| ([\w, ]+) \| (`\w+`[^|]*) \| ([^|]+) \|$/gm)].flatMap(
    ([, by = '', names = '', why = '']) =>
      names.split(', ').map((name) => ({ name: name.replaceAll('`', ''), by, isSaidWhy: why.length > 10 })),
  )
  const left = FIGURES.map((figure) => ({
    name: versionedName(figure),
    by: DIMENSIONS.filter((one) => !figure.by.includes(one)).join(', '),
    isSaidWhy: true,
  })).filter(({ by }) => by !== '')
  const sorted = (all: typeof said) => all.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  expect(sorted(said)).toEqual(sorted(left))
})

function versionedName({ name, version }: Figure): string {
  return version === figureNamed(name)?.version ? name : `${name} version ${version}`
}

interface Example {
  readonly lines: readonly string[]
  readonly expected: readonly {
    readonly line: string
    readonly name: string
    /** 0: the newest. */
    readonly version: number
    readonly of: Of
    readonly says: string
  }[]
}

const examples: readonly Example[] = [...PAGE.matchAll(/^```figures\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => {
    const lines = text.trim().split('\n')
    return {
      lines: lines.filter((line) => /^\d/.test(line)),
      expected: lines
        .filter((line) => !/^\d/.test(line))
        .map((line) => {
          const [, name = '', version, dimension, key = '', says = ''] =
            /^(\w+)(?: version (\d+))?(?: (\w+)=(\S+))? = (.*)$/.exec(line) ?? []
          return {
            line,
            name,
            version: Number(version ?? 0),
            of: dimension === undefined ? {} : { [dimension]: key },
            says,
          }
        }),
    }
  },
)

/** `12:00:00 pool ConversationEnqueued conversationId=c1`, in the order of the clock where streams differ. */
function play(lines: readonly string[]): Played {
  const played = new Played('UTC')
  const chains = new Map<string, Chain<any>>()
  for (const line of lines) {
    const [time, stream = '', type, ...fields] = line.split(' ')
    const isPool = stream === 'pool'
    const data = Object.fromEntries(
      fields.map((field) => {
        const [name = '', value = ''] = field.split('=')
        if (name === 'steps') return [name, value.split(',')]
        if (/^\d\d:/.test(value)) return [name, `${DAY}T${value}.000Z`]
        return [name, value === 'true' ? true : /^\d+$/.test(value) ? Number(value) : value]
      }),
    )
    const chain = chains.get(stream) ?? new Chain<any>(isPool ? workforces : conversations, stream)
    chains.set(stream, chain)
    const { by, ...payload } = data
    const event = chain.add(
      { type, data: payload },
      {
        at: `${DAY}T${time}.000Z`,
        correlationId: `of ${stream}`,
        ...(typeof by === 'string' && { actor: { kind: 'agent', id: by } }),
      },
    )
    if (isPool) played.pool(event as never)
    else played.contact(event as never)
  }
  return played
}

function shown(figure: Figure, of: Of, played: Played): string {
  const [[dimension, key] = [undefined, '']] = Object.entries(of) as [keyof Of, string][]
  const sumsOf = (one: string) =>
    played.sums({ metric: metricOf(figure.subject, dimension), key: one, window: `day ${DAY}` })
  const { value, denominator } = worthOf(
    figure,
    sumsOf(key),
    sumsOf((figure.isOfParts && wholeOf(key)) || key),
  )
  if (value === null) return 'nothing'
  const unit = { percent: ' %', seconds: ' s', count: '', ratio: '' }[figure.unit]
  return `${Number(value.toFixed(2))}${unit}${denominator === null ? '' : ` of ${denominator}`}`
}

describe('the examples of the page', () => {
  test('hold each figure', () => {
    const played = new Set(
      examples.flatMap(({ expected }) =>
        expected.map(({ name, version }) => versionedName(figureNamed(name, version)!)),
      ),
    )
    expect([...played].toSorted()).toEqual(FIGURES.map(versionedName).toSorted())
  })

  for (const { lines, expected } of examples)
    test.each(expected)('$line', ({ name, version, of, says }) => {
      const figure = figureNamed(name, version)!
      for (const dimension of Object.keys(of)) expect(figure.by).toContain(dimension)
      expect(shown(figure, of, play(lines))).toBe(says)
    })
})
