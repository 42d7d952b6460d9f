import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkFlow } from '../../services/bot/src/flow/checking.ts'
import { formatProblem } from '../../services/bot/src/flow/problem.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/guides/writing-flows.md'), 'utf8')
const [file = '', ...steps] = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
  ([, source = '']) => source,
)
/** What a page leaves out: the steps that are led to, and the questions whose answers are used. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'UNKNOWN_STEP',
  'UNREACHABLE_STEP',
  'NO_WAY_ON',
  'UNKNOWN_VARIABLE',
])

test('the file that the guide of flows shows is one that the robot plays', () => {
  expect(checkFlow('guide.yaml', file).problems.map(formatProblem)).toEqual([])
})

test('the steps that it shows are written as the robot reads them', () => {
  expect(steps.length).toBeGreaterThan(2)
  const allowed = file.replace('env: []', 'env: [FLOW_CARDS_URL, FLOW_CARDS_TOKEN]')
  const { problems } = checkFlow('guide.yaml', allowed + steps.join('').replaceAll(/^(?=.)/gm, '  '))
  expect(problems.filter(({ code }) => !LEFT_OUT.has(code)).map(formatProblem)).toEqual([])
})
