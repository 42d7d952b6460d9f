import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { YamlFile } from '@parley/authoring'
import { contentOf } from '@parley/authoring/config-file'
import { expect, test } from 'vitest'
import { NAMES_FILE, readNames } from './names-file.ts'

const content = (file: string): unknown => new YamlFile(readFileSync(join(CONFIG, file), 'utf8')).content()
const CONFIG = join(import.meta.dirname, '../../../../../config')

test('without the file nothing has a name, and codes are shown', async () => {
  const names = await readNames(await mkdtemp(join(tmpdir(), 'names-')))
  expect(names).toEqual({ queues: {}, closeReasons: {}, flows: {}, steps: {}, answers: {} })
})

test('the example company has a name for each queue, reason, flow, step and answer, and for nothing else', async () => {
  const names = await readNames(CONFIG)
  const { queues } = content('workforce.yaml') as {
    queues: Record<string, { close_reasons: string[] }>
  }
  const { flow, steps } = content('flows/atendimento.yaml') as {
    flow: string
    steps: Record<string, { ask?: { into: string }; set?: Record<string, string> }>
  }
  const codes = (of: object) => Object.keys(of).toSorted()
  const reasons = Object.values(queues).flatMap(({ close_reasons }) => close_reasons)
  const answers = Object.values(steps).flatMap(({ ask, set = {} }) => [
    ...(ask === undefined ? [] : [ask.into]),
    ...Object.keys(set),
  ])
  expect(codes(names.queues)).toEqual(codes(queues))
  expect(codes(names.closeReasons)).toEqual([...new Set(reasons)].toSorted())
  expect(codes(names.flows)).toEqual([flow])
  expect(codes(names.steps)).toEqual(codes(steps))
  expect(codes(names.answers)).toEqual([...new Set(answers)].toSorted())
})

test.each([
  ['queues:\n  cards: { pt: Cartões, en: Cards }\n', 'x:2:3: queues.cards.bn'],
  [
    'queue:\n  cards: { pt: Cartões, en: Cards, bn: কার্ড }\n',
    'x:1:1: queue: it is not known here; did you mean "queues"?',
  ],
  ['steps:\n  menu: { pt: "", en: Menu, bn: মেনু }\n', 'x:2:15: steps.menu.pt'],
])('what cannot be used is refused with its place: %j', (source, problem) => {
  expect(() => contentOf(NAMES_FILE, source, 'x')).toThrow(
    expect.objectContaining({ code: 'NAMES_FILE_INVALID', message: expect.stringContaining(problem) }),
  )
})
