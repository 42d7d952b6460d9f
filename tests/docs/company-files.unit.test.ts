import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SCORECARDS_FILE } from '@parley/evaluation'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { PEOPLE_FILE } from '../../packages/people/src/people-file.ts'
import { COMPANY_FILE } from '../../services/routing/src/company/company.ts'
import { WORKFORCE_FILE } from '../../services/routing/src/workforce/workforce-file.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')

/** The words of a file, wherever they stand in it; not what people name: queues, teams, rules. */
function keysOf(schema: z.core.JSONSchema.BaseSchema): readonly string[] {
  const { properties = {}, items, additionalProperties, anyOf = [], allOf = [] } = schema
  const below = [...Object.values(properties), items, additionalProperties, ...anyOf, ...allOf].flatMap((one) =>
    typeof one === 'object' && !Array.isArray(one) ? keysOf(one) : [],
  )
  return [...Object.keys(properties), ...below]
}

test.each([
  ['docs/reference/company.md', COMPANY_FILE.schema],
  ['docs/reference/workforce.md', WORKFORCE_FILE.schema],
  ['docs/guides/people.md', PEOPLE_FILE.schema],
  ['docs/guides/judging.md', SCORECARDS_FILE.schema],
] as const)('%s tells of each key that its file takes', (page, schema) => {
  const told = readFileSync(join(REPOSITORY, page), 'utf8')
  const keys = new Set(keysOf(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })))
  expect(keys.size).toBeGreaterThan(5)
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(told))).toEqual([])
})
