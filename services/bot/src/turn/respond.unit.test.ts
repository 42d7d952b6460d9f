import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { RespondRequest } from '@parley/proto/bot'
import { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { expect, test } from 'vitest'
import { checkFlow } from '../flow/checking.ts'
import { flowLibrary } from './library.ts'
import { type RespondPorts, respond } from './respond.ts'

const SOURCE = readFileSync(
  fileURLToPath(new URL('../../../../config/flows/atendimento.yaml', import.meta.url)),
  'utf8',
)
const libraryOf = (source: string) => {
  const flow = checkFlow('atendimento.yaml', source).flow!
  return flowLibrary(flow, [flow], { keep: async () => {}, find: async () => undefined })
}
const library = libraryOf(SOURCE)

const calendars = PoolConfiguration.fromPartial({
  queues: [
    { name: 'general' },
    {
      name: 'branches',
      zone: 'America/Sao_Paulo',
      hours: [{ weekday: 5, fromMinute: 9 * 60, toMinute: 18 * 60 }],
    },
  ],
  zones: [{ name: 'America/Sao_Paulo', offsets: [{ minutes: -180 }] }],
})

const asked = (more: Partial<RespondRequest>, ports: Partial<RespondPorts> = {}) =>
  respond(
    {
      library,
      call: async () => ({ ok: false, why: 'TIMEOUT' }),
      calendars: async () => calendars,
      secrets: {},
      ...ports,
    },
    RespondRequest.fromPartial({
      conversationId: 'c',
      turnId: 't',
      turn: 3,
      language: 'pt',
      at: '2026-11-22T15:00:00Z',
      ...more,
    }),
    AbortSignal.timeout(60_000),
  )

const saidIn = (responded: Awaited<ReturnType<typeof asked>>) =>
  'failed' in responded
    ? [responded.failed]
    : responded.response.actions.map(({ action }) => {
        const body = action?.$case === 'say' ? action.value.message?.body : undefined
        return body !== undefined && 'text' in body.value ? body.value.text : (action?.$case ?? '')
      })

test('given back at a step, the flow goes on there though the customer wrote nothing, and listens to the answer', async () => {
  const first = await asked({ flow: 'atendimento', step: 'cpf' })
  expect(saidIn(first)).toEqual(['Sinto muito. Vamos registrar a perda agora. Qual é o seu *CPF*?'])
  const { session } = (first as Extract<typeof first, { response: object }>).response
  const message = { body: { $case: 'text', value: { text: '529.982.247-25' } } } as never
  const next = await asked({
    turn: 4,
    session,
    inputs: [{ messageId: 'm', message, seenTurn: 3, askedTurn: 3 } as never],
  })
  expect(saidIn(next)[0]).toContain('4 últimos dígitos')
})

test('given back where it would show what nobody answered, it asks for that first: no summary of nothing is confirmed', async () => {
  for (const step of ['summary', 'reported'])
    expect(saidIn(await asked({ flow: 'atendimento', step }))).toEqual([
      'Sinto muito. Vamos registrar a perda agora. Qual é o seu *CPF*?',
    ])
})

test('without a step it begins the flow, whatever the session says', async () => {
  expect(saidIn(await asked({ flow: 'atendimento', session: '{}' }))[0]).toContain('Eu sou o robô')
})

test('a flow or a step that is not there fails the turn, so that people take over', async () => {
  expect(saidIn(await asked({ flow: 'gone' }))).toEqual(['FLOW_STEP_GONE'])
  expect(saidIn(await asked({ flow: 'atendimento', step: 'gone' }))).toEqual(['FLOW_STEP_GONE'])
})

test('what it says of hours is true of the minute of the turn, by the calendar of the queue in force', async () => {
  const atBranches = { flow: 'atendimento', step: 'branches' }
  // A Friday.
  const open = await asked({ ...atBranches, at: '2026-11-27T15:00:00Z' })
  expect(saidIn(open)[0]).toContain(
    '*Agências*: Estamos atendendo agora, até as 18h (horário de Brasília). Horário: sexta-feira, das 9h às 18h.',
  )
  expect(saidIn(open)[0]).toContain('*Pessoas neste chat*: A qualquer hora. Escreva *atendente*.')
  const closed = await asked({ ...atBranches, language: 'en', at: '2026-11-27T22:00:00Z' })
  expect(saidIn(closed)[0]).toContain(
    '*Branches*: We are closed now; we are back on Friday, 4 December, at 9:00',
  )
})

const away = () => Promise.reject(new Error('the store is away'))

test.each([
  ['there is no such queue', async () => PoolConfiguration.fromPartial({})],
  ['no pool is configured', async () => undefined],
  ['the store is away', away],
])('where %s it says that it knows no hours, and goes on', async (_, none) => {
  const said = saidIn(await asked({ flow: 'atendimento', step: 'branches' }, { calendars: none }))
  expect(said[0]).toContain('*Agências*: Agora não consigo ver o horário.')
  expect(said[1]).toBe('Posso ajudar em mais alguma coisa?')
})

test('a flow that says no hours answers as ever while the store of hours is away, and does not ask it', async () => {
  const hourless = libraryOf(SOURCE.replaceAll(/\{\{opening\.\w+\}\}/g, ''))
  const said = saidIn(
    await asked(
      { flow: 'atendimento', step: 'branches' },
      {
        library: hourless,
        calendars: () => {
          throw new Error('asked')
        },
      },
    ),
  )
  expect(said[1]).toBe('Posso ajudar em mais alguma coisa?')
})

test('unless it may act, what it answers may be taken back: it called nobody behind an answer that cannot be', async () => {
  const at = { flow: 'atendimento', step: 'cpf' }
  expect(await asked(at)).toMatchObject({ response: { canBeTakenBack: true } })
  expect(await asked({ ...at, mayAct: true })).toMatchObject({ response: { canBeTakenBack: false } })
})
