import { readFileSync } from 'node:fs'
import { ConfigFileInvalid } from '@parley/authoring/config-file'
import { LANGUAGES } from '@parley/conversation'
import { readPeople } from '@parley/people'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { runs } from '@parley/testkit/properties'
import {
  type Arbitrary,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  nat,
  oneof,
  option,
  property,
  record,
  subarray,
  tuple,
} from 'fast-check'
import { expect, test } from 'vitest'
import { Pool, wrongWith } from '../../test/pool.ts'
import { readWorkforce } from './workforce-file.ts'

const config = new URL('../../../../config/', import.meta.url)
const example = readFileSync(new URL('workforce.yaml', config), 'utf8')
const roster = readPeople(readFileSync(new URL('people.yaml', config), 'utf8'), 'people.yaml', [
  'Contato Sul Atendimento',
])

const QUEUES = ['general', 'cards', 'branches'] as const
const SKILLS = ['cards', 'loans'] as const

const seldom = <Value>(arbitrary: Arbitrary<Value>): Arbitrary<Value | undefined> =>
  option(arbitrary, { nil: undefined, freq: 2 })
const some = <Value>(all: readonly Value[]) => subarray([...all], { minLength: 1 })
const levels = dictionary(constantFrom(...SKILLS), integer({ min: 1, max: 3 }), { maxKeys: 2 })
const capacity = integer({ min: 1, max: 4 })
const languages = oneof({ weight: 3, arbitrary: constant([...LANGUAGES]) }, some(LANGUAGES))
const said = constant(
  Object.fromEntries(LANGUAGES.map((language) => [language, { closed_choice: `${language}?` }])),
)

const hours = record({
  timezone: constantFrom('America/Sao_Paulo', 'Europe/Lisbon'),
  hours: dictionary(
    constantFrom('monday', 'thursday', 'sunday'),
    constantFrom('09:00-12:00, 13:00-18:00', '00:00-24:00', 'closed'),
    { minKeys: 1 },
  ),
  holidays: constant(['2026-03-05', '2026-03-08']),
  outside_hours: constantFrom('ask', 'wait'),
})

const queue = (overflowsTo: readonly string[]) =>
  tuple(
    record(
      {
        close_reasons: constant(['solved']),
        required: seldom(levels),
        wished: levels,
        priority_minutes: integer({ min: 0, max: 10 }),
        weight: integer({ min: 1, max: 3 }),
        offer_seconds: integer({ min: 5, max: 60 }),
        auto_accept: boolean(),
        wrap_up_seconds: integer({ min: 0, max: 60 }),
        rings: constantFrom(
          [{ after_seconds: 30, without: [...SKILLS] }],
          [
            { after_seconds: 30, without: ['cards'] },
            { after_seconds: 60, any_language: true },
          ],
        ),
        texts: said,
      },
      { requiredKeys: ['close_reasons'] },
    ),
    seldom(hours),
    overflowsTo.length === 0
      ? constant(undefined)
      : seldom(
          record({
            after_seconds: integer({ min: 1, max: 600 }),
            to: constantFrom(...overflowsTo),
          }),
        ),
    boolean(),
  ).map(([of, schedule, overflow, sendsOn]) => ({
    ...of,
    ...schedule,
    overflow,
    ...(overflow !== undefined && sendsOn && { outside_hours: 'overflow' }),
  }))

const agent = { queues: some(QUEUES), languages, skills: levels, capacity }

const files = record({
  skills: constant([...SKILLS]),
  sticky_seconds: constantFrom(0, 120),
  queues: record({
    general: queue([]),
    cards: queue(['general']),
    branches: queue(['general', 'cards']),
  }),
  teams: record({
    atendimento: record({
      ...agent,
      queues: constant([...QUEUES]),
      skills: constant({ cards: 3, loans: 2 }),
    }),
    'contato-sul': record(agent),
  }),
  agents: record({ p01: seldom(record(agent, { requiredKeys: [] })) }),
})
  // JSON is YAML, with each value on a line of its own.
  .map((file) => JSON.stringify(file, null, 2))

/** One slip of whoever writes it. */
const slips = tuple(
  nat(),
  constantFrom(
    '',
    ' ',
    '\t',
    '\n',
    '-',
    ':',
    '{',
    ']',
    '#',
    '&a ',
    '*a',
    '"',
    '0',
    '-1',
    '1e400',
    'null',
    '~x',
    '!!set ',
    'é',
    '\u0000',
  ),
  nat({ max: 6 }),
).map(([at, put, gone]) => (source: string) => {
  const from = at % source.length
  return source.slice(0, from) + put + source.slice(from + gone)
})

/** @returns what is wrong with it where it is refused, each behind the name of the file */
function read(source: string): PoolConfiguration | readonly string[] {
  try {
    return readWorkforce(source, 'workforce.yaml', roster)
  } catch (error) {
    if (!(error instanceof ConfigFileInvalid)) throw error
    return error.message.split('\n  workforce.yaml:').slice(1)
  }
}

const isAccepted = (result: ReturnType<typeof read>): result is PoolConfiguration => 'queues' in result

function hasPlace(problem: string, source: string): boolean {
  const [, line, column] = /^(\d+):(\d+): /.exec(problem) ?? []
  return Number(line) <= source.split('\n').length && Number(column) > 0
}

/** A customer of each language comes to each queue, everybody is there and takes what is offered. @returns who is left waiting */
function leftIn(configuration: PoolConfiguration): readonly string[] {
  const at = new Pool(configuration)
  expect(at.state.configuration.hash).toBe(configuration.hash)
  for (const { name, texts } of configuration.queues) {
    for (const language of LANGUAGES) at.arrives(`${name} in ${language}`, { queue: name, language })
    expect(texts.map(({ language }) => language)).toEqual(texts.length === 0 ? [] : LANGUAGES)
  }
  const agentIds = configuration.agents.filter(({ capacity: room }) => room > 0).map(({ id }) => id)
  const left = () =>
    [...at.state.works.entries()].flatMap(([id, { stage }]) =>
      stage === 'waiting' || stage === 'offered' ? [id] : [],
    )
  for (let round = 0; round < 200 && left().length > 0; round += 1) {
    at.comes(...agentIds)
    for (const [id, { stage }] of at.state.works.entries()) {
      if (stage === 'offered') at.accepts(id)
      if (at.work(id)?.stage === 'with_agent')
        at.when('WithdrawConversation', { conversationId: id, reason: 'closed' })
    }
    expect(wrongWith(at.state, at.at).filter((line) => !/ waits though /.test(line))).toEqual([])
    const { wakeAt } = at.state
    at.later(wakeAt === null ? 60 : Math.max(1, Math.ceil((wakeAt - at.at) / 1_000)))
  }
  const { bytes, again } = at.decidedAnew()
  expect(again).toEqual(bytes)
  return left()
}

test('whatever file is accepted, the pool adopts it and nobody who comes to any queue in any language is stranded or over capacity', () => {
  let accepted = 0
  assert(
    property(files, (source) => {
      const configuration = read(source)
      if (!isAccepted(configuration)) return
      accepted += 1
      expect(leftIn(configuration)).toEqual([])
    }),
    runs(100),
  )
  expect(accepted).toBeGreaterThan(0)
})

test('a file with one slip in it is used as it reads or refused with line and column, and nothing else happens', () => {
  assert(
    property(oneof(constant(example), files), slips, (source, slip) => {
      const written = slip(source)
      const result = read(written)
      expect(
        isAccepted(result) || (result.length > 0 && result.every((problem) => hasPlace(problem, written))),
      ).toBe(true)
    }),
    runs(200),
  )
})
