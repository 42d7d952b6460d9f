import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkFlow } from './checking.ts'
import { goesOnAt } from './going-on.ts'

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
