import { readFileSync } from 'node:fs'
import { readPeople } from '@parley/people'
import { openness } from '@parley/workforce'
import { describe, expect, test } from 'vitest'
import { Pool, eventsOf } from '../../test/pool.ts'
import { differences } from './differences.ts'
import { readWorkforce } from './workforce-file.ts'

const config = new URL('../../../../config/', import.meta.url)
const example = readFileSync(new URL('workforce.yaml', config), 'utf8')
const people = readFileSync(new URL('people.yaml', config), 'utf8')
const roster = readPeople(people, 'people.yaml', ['Contato Sul Atendimento'])
const read = (source: string) => readWorkforce(source, 'workforce.yaml', roster)

describe('the example', () => {
  const configuration = read(example)

  test('serves at any hour: two queues day and night, four people with cards, at least one in each team', () => {
    const hours = Object.fromEntries(configuration.queues.map(({ name, hours }) => [name, hours.length > 0]))
    expect(hours).toEqual({ general: false, cards: false, branches: true })
    const skilled = configuration.agents.filter(({ skills }) => skills.some(({ name }) => name === 'cards'))
    expect(skilled.map(({ team }) => team).toSorted()).toEqual([
      'atendimento',
      'atendimento',
      'contato-sul',
      'contato-sul',
    ])
    for (const { capacity, queues, languages } of configuration.agents.filter(
      (agent) => agent.capacity > 0,
    )) {
      expect(capacity).toBe(4)
      expect(queues).toContain('general')
      expect(languages).toEqual(['pt', 'en', 'bn'])
    }
    for (const { weight, closeReasons, wrapUpSeconds } of configuration.queues) {
      expect([weight, wrapUpSeconds]).toEqual([1, 0])
      expect(closeReasons).toContain('solved')
    }
    expect(configuration.reopenSeconds).toBe(1800)
  })

  test('works: whoever comes for a card gets somebody who knows cards', () => {
    const at = new Pool(configuration)
    at.comes(...configuration.agents.map(({ id }) => id))
    const [assigned] = eventsOf(at.arrives('c1', { queue: 'cards' }), 'ConversationAssigned')
    expect(['p01', 'p02', 'p04', 'p05']).toContain(assigned?.agentId)
    at.arrives('c2')
    expect(at.where('c2')).toMatch(/^offered to p0/)
  })

  test('the same file has the same hash, another one another', () => {
    expect(read(example).hash).toBe(configuration.hash)
    expect(read(example.replace('grace_seconds: 60', 'grace_seconds: 61')).hash).not.toBe(configuration.hash)
  })
})

describe('what is wrong is named with its line and column', () => {
  const cases: [string, string, string, RegExp][] = [
    [
      'a word that is none',
      'claimable: true\n    service',
      'claimabel: true\n    service',
      /workforce\.yaml:55:5: queues\.general\.claimabel: .*did you mean "claimable"\?/,
    ],
    [
      'a queue that is none',
      'to: general',
      'to: genral',
      /:71:41: queues\.branches\.overflow\.to: there is no queue "genral"; did you mean "general"\?/,
    ],
    [
      'a skill that is none',
      'required: { cards: 1 }',
      'required: { card: 1 }',
      /there is no skill "card"; did you mean "cards"\?/,
    ],
    [
      'an agent who is none',
      '  p05: {',
      '  p55: {',
      /agents\.p55: there is no agent in people\.yaml "p55"; did you mean "p0/,
    ],
    ['a supervisor as agent', '  p05: {', '  p07: {', /agents\.p07: there is no agent in people\.yaml "p07"/],
    ['a level that is none', 'loans: 2', 'loans: 9', /agents\.p04\.skills\.loans: from 1 to 5/],
    [
      'hours without a timezone',
      '    timezone: America/Sao_Paulo\n',
      '',
      /queues\.branches\.hours: hours need a timezone/,
    ],
    [
      'holidays without a timezone',
      'service_level_seconds: 60\n',
      "service_level_seconds: 60\n    holidays: ['2026-12-25']\n",
      /queues\.general\.holidays: holidays need a timezone/,
    ],
    [
      'a required skill that nobody has who serves it',
      'required: { cards: 1 }',
      'required: { cards: 4 }',
      /queues\.cards: nobody who serves it has its required skills/,
    ],
    [
      'a weight that nobody has room for',
      'required: { cards: 1 }',
      'weight: 5',
      /queues\.cards: nobody who serves it has its required skills and room for its weight/,
    ],
    [
      'a text that stands for what is none',
      'agências abrirem.',
      'agências abrirem, {compani}.',
      /:\d+:26: queues\.branches\.texts\.pt\.call_back_noted: \{compani\} stands for nothing here; did you mean "company"\?/,
    ],
    [
      'a text that is missing in a language',
      '        closed_choice: Shall we write to you here when the branches open?\n',
      '',
      /:\d+:9: queues\.branches\.texts\.en: closed_choice is missing/,
    ],
    [
      'a text that is none',
      'call_back_noted: All',
      'call_back_note: All',
      /queues\.branches\.texts\.en\.call_back_note: .*did you mean "call_back_noted"\?/,
    ],
    [
      'an overflow outside the hours that there is not',
      'wished: { loans: 1 }',
      'outside_hours: overflow',
      /queues\.general\.outside_hours: it has no overflow to go to/,
    ],
    [
      'hours in which no day is open',
      'wished: { loans: 1 }',
      'timezone: America/Sao_Paulo\n    hours: { sunday: closed }',
      /queues\.general\.hours: no day is open/,
    ],
    ['a time span that is none', '09:00-13:00', '13:00-09:00', /no time span/],
    [
      'no reason to close',
      'close_reasons: [solved, card_blocked, no_answer]',
      'close_reasons: []',
      /at least one reason/,
    ],
    [
      'a circle of overflows',
      'wished: { loans: 1 }',
      'overflow: { after_seconds: 9, to: branches }',
      /queues\.general\.overflow\.to: it leads back to this queue/,
    ],
    [
      'an alert on a figure that is none',
      'figure: waiting',
      'figure: waitng',
      /workforce\.yaml:32:13: alerts\.many_waiting\.figure: there is no figure "waitng"; did you mean "waiting"\?/,
    ],
    [
      'an alert on a number of the robot, of a queue',
      'figure: longest_wait_seconds',
      'figure: containment_percent',
      /alerts\.long_wait_for_cards\.queue: containment_percent is not counted by queue: this never holds/,
    ],
    [
      'an alert above all that there is',
      'figure: longest_wait_seconds',
      'figure: service_level_percent',
      /alerts\.long_wait_for_cards\.above: no figure is ever beyond that/,
    ],
    [
      'an alert below nothing',
      'above: 25',
      'below: 0',
      /alerts\.many_waiting\.below: no figure is ever beyond that/,
    ],
    [
      'an alert on a figure that has no such part',
      'figure: longest_wait_seconds',
      'figure: containment',
      /alerts\.long_wait_for_cards\.queue: containment is not counted by queue: this never holds/,
    ],
    [
      'an alert on a figure whose name is near another',
      'figure: first_response_time',
      'figure: first_respone_time',
      /alerts\.slow_first_answers\.figure: there is no figure "first_respone_time"; did you mean "first_response_time"\?/,
    ],
    [
      'an alert on steps, which are nobody’s number',
      'figure: first_response_time',
      'figure: flow_step_reached',
      /alerts\.slow_first_answers\.figure: there is no figure "flow_step_reached"/,
    ],
    [
      'an alert on a share above all that there is',
      'figure: first_response_time',
      'figure: csat',
      /alerts\.slow_first_answers\.above: no figure is ever beyond that/,
    ],
    [
      'an alert on a number of the wallboard over a time',
      'figure: first_response_time',
      'figure: waiting',
      /alerts\.slow_first_answers\.over: the wallboard says which time its numbers are of/,
    ],
    [
      'an alert on a count of so many below its line',
      'figure: first_response_time',
      'figure: handled',
      /alerts\.slow_first_answers\.of_at_least: handled is divided by nothing/,
    ],
    [
      'an alert over a time that is none',
      'over: last_hours',
      'over: last_hour',
      /alerts\.slow_first_answers\.over: /,
    ],
    [
      'an alert for a queue that is none',
      'queue: cards\n',
      'queue: card\n',
      /alerts\.long_wait_for_cards\.queue: there is no queue "card"; did you mean "cards"\?/,
    ],
    [
      'an alert with a key that is none',
      'said_by: customer',
      'sayd_by: customer',
      /alerts\.threatens_to_sue\.sayd_by: .*did you mean "said_by"\?/,
    ],
    [
      'an alert without a limit',
      '    above: 25\n',
      '',
      /:31:3: alerts\.many_waiting: a figure has one limit: above, or below/,
    ],
    [
      'an alert on words that are no pattern',
      'sue you',
      "'(sue'",
      /:44:\d+: alerts\.threatens_to_sue\.words\.3: it is no RE2 pattern/,
    ],
    [
      'an alert on words that nobody can say',
      "( .*)? (banco|voces)'",
      "( .*)? (banco|vocês)'",
      /words\.2: "vocês" never matches: .*write "voces"/,
    ],
    [
      'an alert on words with a limit',
      'said_by: customer',
      'above: 1',
      /alerts\.threatens_to_sue\.above: this is for rules of a figure/,
    ],
  ]
  test.each(cases)('%s', (_, from, to, said) => {
    expect(example).toContain(from)
    expect(() => read(example.replace(from, to))).toThrow(said)
  })

  test('a queue that an agent’s team may not see, or that nobody serves', () => {
    const narrow = readPeople(
      people.replace('queues: [general, cards, branches]', 'queues: [general, branches]'),
      'people.yaml',
      ['Contato Sul Atendimento'],
    )
    expect(() => readWorkforce(example, 'workforce.yaml', narrow)).toThrow(
      /agents\.p01\.queues: p01 would be offered what they may not see/,
    )
    expect(() =>
      read(
        example
          .replaceAll('queues: [general, branches]', 'queues: [general]')
          .replaceAll('cards, branches]', 'cards]'),
      ),
    ).toThrow(/queues\.branches: nobody serves it/)
  })
})

test('a language that nobody speaks who may take what waits strands whoever speaks it, unless a ring or an overflow lets them through', () => {
  const spoken = example.replaceAll('languages: [pt, en, bn]', 'languages: [pt, en]')
  const others = spoken.replace('  p05: {', '  p03: { languages: [bn] }\n  p05: {')
  expect(() => read(spoken)).toThrow(
    /queues\.general: nobody who may take what waits in it speaks bn: .+ Add bn to the languages of an agent/,
  )
  // Who speaks it knows no cards.
  expect(() => read(others)).toThrow(/queues\.cards: nobody who may take what waits in it speaks bn: /)
  const rings = 'required: { cards: 1 }\n    rings: [{ after_seconds: 60, any_language: true }]'
  expect(read(others.replace('required: { cards: 1 }', rings)).queues).toHaveLength(3)
})

test('what nobody may take at first is all right where a ring asks for less, or it overflows', () => {
  for (const more of [
    'rings: [{ after_seconds: 60, without: [cards] }]',
    'overflow: { after_seconds: 60, to: general }',
  ])
    expect(
      read(example.replace('required: { cards: 1 }', `required: { cards: 5 }\n    ${more}`)).queues,
    ).toHaveLength(3)
})

test('a queue with holidays and no hours is open day and night but on those', () => {
  const configuration = read(
    example.replace(
      'service_level_seconds: 60\n',
      "service_level_seconds: 60\n    timezone: America/Sao_Paulo\n    holidays: ['2026-12-25']\n",
    ),
  )
  const general = configuration.queues.find(({ name }) => name === 'general')!
  const at = (time: string) => openness(general, configuration.zones[0], Date.parse(time))
  expect(at('2026-12-24T15:00:00.000Z')).toEqual({
    isOpen: true,
    until: Date.parse('2026-12-25T03:00:00.000Z'),
  })
  expect(at('2026-12-25T15:00:00.000Z')).toEqual({
    isOpen: false,
    until: Date.parse('2026-12-26T03:00:00.000Z'),
  })
  expect(at('2026-12-26T03:00:00.000Z').isOpen).toBe(true)
})

test('summer time is worked out where the file is read, and the rules open by the wall clock of the zone', () => {
  const configuration = read(example.replace('America/Sao_Paulo', 'Europe/Lisbon'))
  const [zone] = configuration.zones
  const branches = configuration.queues.find(({ name }) => name === 'branches')!
  const opens = (at: string) => new Date(openness(branches, zone, Date.parse(at)).until!).toISOString()
  // Monday 9:00 in Lisbon: by UTC in winter, an hour earlier in summer.
  expect(opens('2026-03-23T01:00:00.000Z')).toBe('2026-03-23T09:00:00.000Z')
  expect(opens('2026-03-30T01:00:00.000Z')).toBe('2026-03-30T08:00:00.000Z')
  expect(opens('2026-12-24T19:00:00.000Z')).toBe('2026-12-26T09:00:00.000Z')
})

test('alerts stand in the configuration as they are watched', () => {
  const { alerts } = read(example)
  expect(alerts.map(({ name, condition }) => [name, condition?.$case])).toEqual([
    ['long_wait_for_cards', 'figure'],
    ['many_waiting', 'figure'],
    ['slow_first_answers', 'figure'],
    ['threatens_to_sue', 'words'],
  ])
  expect(alerts[0]?.condition?.value).toMatchObject({
    figure: 'longestWaitSeconds',
    limit: 180,
    isBelow: false,
    forSeconds: 30,
    queue: 'cards',
    team: '',
    over: '',
  })
  expect(alerts[2]?.condition?.value).toMatchObject({
    figure: 'first_response_time',
    limit: 300,
    over: 'last_hours',
    ofAtLeast: 10,
  })
  const changed = read(example.replace('above: 25', 'below: 25').replace('threatens_to_sue', 'threatens'))
  expect(differences(read(example), changed)).toEqual([
    expect.stringMatching(/^~ alert many_waiting condition: .*"isBelow":false.* → .*"isBelow":true/),
    '+ alert threatens',
    '- alert threatens_to_sue',
  ])
})

test('what would change is said line by line', () => {
  const before = read(example)
  const after = read(
    example
      .replace('grace_seconds: 60', 'grace_seconds: 90')
      .replace('offer_seconds: 30', 'offer_seconds: 45')
      .replace('skills: { cards: 1 }', 'skills: { cards: 2 }'),
  )
  expect(differences(before, before)).toEqual([])
  expect(differences(before, after)).toEqual([
    '~ graceSeconds: 60 → 90',
    '~ queue branches offerSeconds: 30 → 45',
    '~ agent p05 skills: [{"name":"cards","level":1}] → [{"name":"cards","level":2}]',
  ])
  expect(differences(undefined, before)).toContain('+ queue general')
  expect(
    differences({ ...before, hash: '', agents: [{ ...before.agents[0]!, id: 'p99' }] }, before),
  ).toContain('- agent p99')
})

test('what the flows of the robot bring is a difference as well, and so is an order: without one nothing would be put into force', () => {
  const withFlow = (...steps: readonly string[]) =>
    readWorkforce(example, 'workforce.yaml', roster, [{ id: 'menu', steps: [...steps] }])
  const before = withFlow('welcome')
  expect(differences(before, withFlow('welcome', 'cards'))).toEqual([
    '~ flow menu steps: ["welcome"] → ["welcome","cards"]',
  ])
  expect(differences(before, read(example))).toEqual(['- flow menu'])
  expect(differences(read(example), before)).toEqual(['+ flow menu'])
  const turned = { ...before, hash: 'another', queues: before.queues.toReversed() }
  expect(differences(before, turned)).toHaveLength(1)
})
