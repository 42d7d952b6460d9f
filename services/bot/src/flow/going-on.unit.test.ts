import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkFlow } from './checking.ts'
import { ways } from './checks/steps.ts'
import type { Ask, Flow, Step } from './flow.ts'
import { goesOnAt, leadsToIrreversible } from './going-on.ts'

const CONFIG = join(import.meta.dirname, '../../../../config/flows')

function placesIn(source: string): Record<string, string> {
  const { flow, problems } = checkFlow('test.yaml', source)
  if (!flow) throw new Error(JSON.stringify(problems))
  return Object.fromEntries([...flow.steps.keys()].map((step) => [step, goesOnAt(flow, step)]))
}

test('the bank goes on at the first question of a report wherever it needs the answers to it, else where it was told to', () => {
  const source = readFileSync(join(CONFIG, 'atendimento.yaml'), 'utf8')
  const { welcome, menu, branches, more, correct, goodbye, language, person, ...elsewhere } = placesIn(source)
  expect([welcome, menu, branches, more, correct, goodbye, language, person]).toEqual([
    'welcome',
    'menu',
    'branches',
    'more',
    'correct',
    'goodbye',
    'language',
    'person',
  ])
  expect(elsewhere).toEqual({
    cpf: 'cpf',
    card: 'cpf',
    when: 'cpf',
    where: 'cpf',
    summary: 'cpf',
    protocol: 'cpf',
    reported: 'cpf',
    speak: 'language',
  })
})

test('a lost card can be called off from its first question to the summary; menu, branches and what was done cannot', () => {
  const { flow } = checkFlow('test.yaml', readFileSync(join(CONFIG, 'atendimento.yaml'), 'utf8'))
  expect([...flow!.steps.keys()].filter((step) => leadsToIrreversible(flow!, step))).toEqual([
    'cpf',
    'card',
    'when',
    'where',
    'summary',
    'correct',
  ])
})

test('a branch and a call need what they look at and send, and what a call saved is asked for by the call', () => {
  expect(placesIn(readFileSync(join(CONFIG, 'examples/card-delivery.yaml'), 'utf8'))).toMatchObject({
    look_up: 'cpf',
    decide: 'cpf',
    coming: 'cpf',
    late: 'late',
  })
})

const words = (pt: string) => `{ pt: ${pt}, en: ${pt}, bn: ${pt} }`

test('no call behind an irreversible question is made without its answer; what may be unset at the beginning may be so anywhere', () => {
  const source = `flow: plan
version: 1
people: { queue: q }
steps:
  known:
    branch:
      - when: { variable: seen, equals: true }
        goto: sure
      - goto: sure
  sure:
    ask:
      type: choice
      into: sure
      irreversible: true
      text: ${words('Sure')}
      options:
        - { id: 'yes', title: ${words('Do it')} }
        - { id: 'no', title: ${words('Leave it')}, goto: more }
  note: { set: { seen: true } }
  change: { call: { url: 'https://plans.example.com', fallback: more } }
  more: { ask: { type: text, into: more, text: ${words('Else')} }, next: known }
`
  expect(placesIn(source)).toEqual({
    known: 'known',
    sure: 'sure',
    note: 'sure',
    change: 'sure',
    more: 'more',
  })
})

test('either of two irreversible questions is the yes to a call behind both, and so is one with a question between it and the call', () => {
  const sure = (name: string, next: string) => `  ${name}:
    ask:
      type: choice
      into: ${name}
      irreversible: true
      text: ${words('Sure')}
      options:
        - { id: '${name}_yes', title: ${words('Do it')} }
        - { id: '${name}_no', title: ${words('Leave it')}, goto: menu }
    next: ${next}
`
  const source = `flow: cards
version: 1
people: { queue: q }
steps:
  menu:
    ask:
      type: choice
      into: topic
      text: ${words('What')}
      options:
        - { id: 'block', title: ${words('Block it')}, goto: sure_block }
        - { id: 'replace', title: ${words('Replace it')}, goto: sure_replace }
        - { id: 'limit', title: ${words('Lower it')}, goto: sure_limit }
${sure('sure_block', 'cancel')}${sure('sure_replace', 'cancel')}${sure('sure_limit', 'why')}
  why: { ask: { type: text, into: why, text: ${words('Why')} } }
  lower: { call: { url: 'https://cards.example.com/limit', fallback: menu }, next: done }
  cancel: { call: { url: 'https://cards.example.com', fallback: menu } }
  done: { end: {} }
`
  expect(placesIn(source)).toEqual({
    menu: 'menu',
    sure_block: 'sure_block',
    sure_replace: 'sure_replace',
    sure_limit: 'sure_limit',
    why: 'sure_limit',
    lower: 'sure_limit',
    cancel: 'sure_block',
    done: 'done',
  })
})

test('wherever a flow of any shape goes on, no call is come to without a yes that is not come to so from its start', () => {
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const unasked = withoutYes(flow, flow.start)
      for (const step of flow.steps.keys())
        expect([...withoutYes(flow, goesOnAt(flow, step))].filter((call) => !unasked.has(call))).toEqual([])
    }),
    runs(1_000),
  )
})

/** The calls that this step leads to past every yes. */
function withoutYes({ steps }: Flow, from: string): ReadonlySet<string> {
  const come = new Set([from])
  for (const name of come) {
    const step = steps.get(name)!
    const isYes = step.kind === 'ask' && step.ask.type === 'choice' && step.ask.irreversible
    for (const { target } of ways(name, step)) if (!isYes || target === step.ask.otherwise) come.add(target)
  }
  return new Set([...come].filter((name) => steps.get(name)!.kind === 'call'))
}

const STEPS = 8
const step = fc.nat(STEPS - 1).map((number) => `s${number}`)
const texts = { pt: '?', en: '?', bn: '?' }
const asked = { text: texts, retries: 2, wait: false, sensitive: false }
const into = fc.constantFrom('a', 'b')
const otherwise = fc.option(step, { nil: undefined })

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    next: step,
    ask: fc.record({ into, otherwise, no: step, irreversible: fc.boolean() }).map(({ no, ...ask }): Ask => ({
      ...asked,
      ...ask,
      type: 'choice',
      options: [
        { id: 'yes', title: texts },
        { id: 'no', title: texts, goto: no },
      ],
    })),
  }),
  fc.record({
    kind: fc.constant('ask' as const),
    next: step,
    ask: fc
      .record({ into, otherwise })
      .map((ask): Ask => ({ ...asked, ...ask, type: 'text', min_length: 1, max_length: 9 })),
  }),
  fc.record({
    kind: fc.constant('call' as const),
    next: step,
    call: fc.record({ fallback: step }).map(({ fallback }) => ({
      method: 'POST' as const,
      url: 'https://cards.example.com/{{a}}',
      headers: {},
      timeout_seconds: 3,
      expect: [200],
      save: {},
      fallback,
    })),
  }),
  fc.record({ kind: fc.constant('set' as const), next: step, set: fc.constant({ b: true }) }),
  fc.record({ kind: fc.constant('end' as const) }),
)

/** As the checker lets one pass: every step is come to from the start. */
const anyFlow: fc.Arbitrary<Flow> = fc.array(anyStep, { minLength: STEPS, maxLength: STEPS }).map((all) => {
  const every = new Map(all.map((one, number) => [`s${number}`, one]))
  const come = new Set(['s0'])
  for (const name of come) for (const { target } of ways(name, every.get(name)!)) come.add(target)
  return {
    id: 'any',
    version: 1,
    digest: '',
    timeZone: 'UTC',
    start: 's0',
    menu: 's0',
    people: { queue: 'q' },
    env: [],
    privateHosts: [],
    saysHours: false,
    steps: new Map([...every].filter(([name]) => come.has(name))),
    questions: new Map(),
  }
})
