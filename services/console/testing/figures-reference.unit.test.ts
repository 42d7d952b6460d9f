import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CATALOGUE, FUNNEL } from '../src/figures/catalogue.ts'
import { bn } from '../src/figures/definitions/bn.ts'
import { en } from '../src/figures/definitions/en.ts'
import { pt } from '../src/figures/definitions/pt.ts'

test('each figure of the reference can be chosen as it is counted, and is defined in each language', () => {
  const page = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|([\w, ]*)\|/gm)].map(([, name, , by]) => [
    name,
    by!.split(',').flatMap((word) => word.trim() || []),
  ])
  expect(documented.length).toBeGreaterThan(35)
  const chosen = CATALOGUE.map(({ name, by }) => [name, [...by]])
  // The funnel of steps comes with the projection of it.
  const named = (figures: typeof documented) =>
    Object.fromEntries(figures.filter(([name]) => name !== FUNNEL))
  expect(named(chosen)).toEqual(named(documented))
  for (const definitions of [pt, en, bn])
    for (const { name } of CATALOGUE) {
      const [title, is] = definitions[name]
      expect(title).not.toBe('')
      expect(is).not.toBe('')
    }
})
