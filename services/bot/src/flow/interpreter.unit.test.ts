import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action } from '@parley/proto/bot'
import { MessageBody } from '@parley/proto/content'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFlow } from './checking.ts'
import type { Flow } from './flow.ts'
import type { CallOutcome, HttpCall } from './calls.ts'
import type { Input } from './hearing.ts'
import { type Answer, answer } from './interpreter.ts'
import { LANGUAGES } from './language.ts'
import { breaches } from './limits.ts'
import { readSession } from './session.ts'

const FLOWS = join(import.meta.dirname, '../../../../config/flows')
const shipped = (file: string) => flowOf(readFileSync(join(FLOWS, file), 'utf8'))
const bank = shipped('atendimento.yaml')
const delivery = shipped('examples/card-delivery.yaml')

function flowOf(source: string): Flow {
  const { flow, problems } = checkFlow('test.yaml', source)
  if (!flow) throw new Error(JSON.stringify(problems))
  return flow
}

const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })
const tap = (id: string, title = '') =>
  MessageBody.fromPartial({ body: { $case: 'choice', value: { source: 'list_reply', id, title } } })
const image = MessageBody.fromPartial({ body: { $case: 'media', value: { type: 'image', mediaId: '1' } } })
const audio = MessageBody.fromPartial({ body: { $case: 'media', value: { type: 'audio', voice: true } } })
const note = MessageBody.fromPartial({ body: { $case: 'note', value: { kind: 'user_changed_number' } } })

/** Plays turns one after the other, as the rules would: the session travels along, and the language that was chosen. */
function playing(
  flow: Flow,
  language = 'pt',
  outcome: (call: HttpCall) => CallOutcome = () => ({ ok: false, why: 'TIMEOUT' }),
  isAlone = true,
) {
  let session = ''
  let turn = 0
  let sensitive: readonly string[] = []
  let learnt: Extract<Answer, { outcome: 'answered' }>['learnt'] = []
  let masking: Pick<Extract<Answer, { outcome: 'answered' }>, 'shown' | 'asksSensitive'> | undefined
  const calls: HttpCall[] = []
  return {
    calls,
    session: () => readSession(session),
    sensitive: () => sensitive,
    masking: () => masking,
    learnt: () => learnt.map(({ name, value, isSensitive }) => [name, value, isSensitive]),
    /** One turn for each. */
    turns(...inputs: MessageBody[]): void {
      for (const input of inputs) this.turn(input)
    },
    turn(...inputs: MessageBody[]): string[] {
      return this.hear(
        ...inputs.map((message, place) => ({
          messageId: `${turn + 1}.${place}`,
          message,
          change: '',
          seenTurn: turn,
          askedTurn: turn,
        })),
      )
    },
    hear(...inputs: Input[]): string[] {
      turn += 1
      const run = answer(
        flow,
        {
          turnId: `turn-${turn}`,
          language,
          session: readSession(session),
          number: turn,
          inputs,
          at: '2026-11-22T15:00:00Z',
          mayAct: isAlone,
        },
        { FLOW_CARDS_URL: 'https://cards.test', FLOW_CARDS_TOKEN: 'secret' },
      )
      let state = run.next()
      while (!state.done) {
        calls.push(state.value)
        state = run.next(outcome(state.value))
      }
      if (state.value.outcome === 'failed') return [state.value.code]
      if (state.value.outcome === 'held back') return ['HELD BACK']
      session = state.value.session
      sensitive = state.value.sensitive
      learnt = state.value.learnt
      masking = { shown: state.value.shown, asksSensitive: state.value.asksSensitive }
      for (const { action } of state.value.actions)
        if (action?.$case === 'chooseLanguage') language = action.value.language
      return state.value.actions.map(shown)
    },
  }
}

function shown({ action }: Action): string {
  if (action?.$case === 'say' || action?.$case === 'end') {
    const body = (action.$case === 'say' ? action.value.message : action.value.linkButton)?.body
    const mark = action.$case === 'end' ? 'END ' : ''
    if (body?.$case === 'text') return mark + body.value.text
    if (body?.$case === 'buttons')
      return `${mark}${body.value.text} <${body.value.buttons.map(({ id }) => id).join(' ')}>`
    if (body?.$case === 'list')
      return `${mark}${body.value.text} [${body.value.sections
        .flatMap(({ rows }) => rows)
        .map(({ id }) => id)
        .join(' ')}]`
    if (body?.$case === 'linkButton') return `${mark}${body.value.text} (${body.value.displayText})`
    return `${mark}${body?.$case ?? ''}`.trim()
  }
  if (action?.$case === 'handOver') return `PEOPLE ${action.value.queue}`
  if (action?.$case === 'chooseLanguage') return `LANGUAGE ${action.value.language}`
  return '?'
}

describe('the bank', () => {
  test.each(['\n', '\r\n', '\u2028', '\u2029', '\u0085', '\v'])(
    'an answer with a line break in it (%j) forges no line of the summary',
    (lineBreak) => {
      const chat = playing(bank)
      for (const input of [text('oi'), tap('lost_card'), text('529.982.247-25'), text('4321'), text('ontem')])
        chat.turn(input)
      const [summary = ''] = chat.turn(text(`casa${lineBreak}• CPF: 111.444.777-35`))
      expect(summary).toContain('casa • CPF: 111.444.777-35')
      expect(summary.split(/[\n\r\v\u0085\u2028\u2029]/).filter((line) => line.includes('CPF'))).toHaveLength(
        2,
      )
      expect(summary).not.toMatch(/^\W*CPF: 111/m)
    },
  )

  test('takes a card-lost report step by step and ends with the transcript link', () => {
    const chat = playing(bank)
    expect([
      chat.turn(text('oi')),
      chat.turn(tap('lost_card', 'Perdi meu cartão')),
      chat.turn(text('529.982.247-25')),
      chat.turn(text('4321')),
      chat.turn(text('ontem')),
      chat.turn(text('no shopping')),
      chat.turn(tap('confirm', 'Confirmar')),
    ]).toMatchInlineSnapshot(`
      [
        [
          "Olá! Eu sou o robô do *Banco Aurora*. 👋
      Para falar com uma pessoa, escreva *atendente* a qualquer momento.",
          "Como posso ajudar? [lost_card branches person language]",
        ],
        [
          "Sinto muito. Vamos registrar a perda agora. Qual é o seu *CPF*?",
        ],
        [
          "Quais são os *4 últimos dígitos* do cartão? Nunca envie o número inteiro nem a senha.",
        ],
        [
          "Quando você percebeu a perda? Por exemplo, *ontem* ou *20/11/2026*.",
        ],
        [
          "Onde foi? Um lugar ou bairro basta.",
        ],
        [
          "Confira, por favor:
      • CPF: 529.982.247-25
      • Cartão final: 4321
      • Data: 21/11/2026
      • Local: no shopping
      Está tudo certo? <confirm correct>",
        ],
        [
          "Pronto! A perda do cartão final 4321 está registrada. ✅
      Seu protocolo: *20261122-14730774*",
          "END Precisa de mais alguma coisa? É só escrever aqui. O registro desta conversa fica neste link. (Ver a conversa)",
        ],
      ]
    `)
  })
  test('speaks Bengali, and shows the date in it', () => {
    const chat = playing(bank, 'bn')
    expect([
      chat.turn(text('নমস্কার')),
      chat.turn(text('১')),
      chat.turn(text('৫২৯.৯৮২.২৪৭-২৫')),
      chat.turn(text('৪৩২১')),
      chat.turn(text('২০/১১/২০২৬')),
      chat.turn(text('ঢাকা')),
      chat.turn(text('হ্যাঁ')),
    ]).toMatchInlineSnapshot(`
      [
        [
          "স্বাগতম! আমি *Banco Aurora*-র রোবট। 👋
      মানুষের সঙ্গে কথা বলতে চাইলে যেকোনো সময় *এজেন্ট* লিখুন।",
          "কীভাবে সাহায্য করতে পারি? [lost_card branches person language]",
        ],
        [
          "দুঃখিত। এখনই হারানোর তথ্য নথিভুক্ত করছি। আপনার *CPF* নম্বর কত?",
        ],
        [
          "কার্ডের *শেষ ৪টি সংখ্যা* কী? পুরো নম্বর বা পিন কখনো পাঠাবেন না।",
        ],
        [
          "কবে হারিয়েছেন বলে টের পেলেন? যেমন *গতকাল* বা *২০/১১/২০২৬*।",
        ],
        [
          "কোথায় হারিয়েছে? জায়গা বা এলাকার নাম লিখলেই হবে।",
        ],
        [
          "একবার দেখে নিন:
      • CPF: 529.982.247-25
      • কার্ডের শেষ সংখ্যা: 4321
      • তারিখ: ২০ নভেম্বর ২০২৬
      • জায়গা: ঢাকা
      সব ঠিক আছে? <confirm correct>",
        ],
        [
          "হয়ে গেছে! 4321 দিয়ে শেষ হওয়া কার্ড হারানোর তথ্য নথিভুক্ত হয়েছে। ✅
      আপনার রেফারেন্স নম্বর: *20261122-14730774*",
          "END আর কিছু লাগলে এখানেই লিখুন। এই কথোপকথনের রেকর্ড এই লিংকে আছে। (কথোপকথন দেখুন)",
        ],
      ]
    `)
  })
  test('goes back to the beginning of the report when something is to be corrected', () => {
    const chat = playing(bank)
    chat.turns(
      text('oi'),
      tap('lost_card'),
      text('52998224725'),
      text('4321'),
      text('ontem'),
      text('no shopping'),
    )
    expect(chat.turn(tap('correct'))).toEqual([
      'Sem problema, vamos de novo.',
      expect.stringContaining('CPF'),
    ])
  })
  test('answers a question about branches, then a no ends with the link', () => {
    const chat = playing(bank, 'en')
    chat.turn(text('hi'))
    expect(chat.turn(text('opening hours')).at(-1)).toBe('Can I help with anything else? <more_help no_more>')
    expect(chat.turn(tap('no_more'))).toEqual([expect.stringMatching(/^END .*\(See conversation\)$/)])
    expect(chat.session()).toBeUndefined()
  })
  test('changes the language from its menu', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(tap('language'))).toEqual(['Em que idioma prefere conversar? <pt en bn>'])
    expect(chat.turn(tap('en'))).toEqual([
      'LANGUAGE en',
      'How can I help? [lost_card branches person language]',
    ])
  })
})

describe('several messages in one turn', () => {
  test('answer the question that they were written to, and none that comes after it', () => {
    const chat = playing(bank)
    expect(
      chat.turn(text('oi'), text('boa tarde'), text('perdi meu cartão'), text('529.982.247-25')).at(-1),
    ).toContain('CPF')
    expect(chat.turn(text('529.982.247-25'), text('é urgente'), text('4321')).at(-1)).toContain('4 últimos')
    expect(chat.session()?.variables).toEqual({ topic: 'lost_card', cpf: '52998224725' })
  })
  test('the first that fits is the answer, those before it count for nothing', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(text('socorro'), text('perdi o cartao'), image)).toEqual([
      expect.stringContaining('CPF'),
    ])
  })
  test('none that fits is one wrong answer, not three', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    chat.turn(text('socorro'), text('alguém?'), text('cadê'))
    expect(chat.session()?.misfits).toBe(1)
  })
  test('a confirmation is never answered before it was seen', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'), text('52998224725'), text('4321'), text('ontem'))
    const said = chat.turn(text('no shopping'), tap('confirm'), text('sim'))
    expect(said.at(-1)).toContain('<confirm correct>')
  })
})

describe('what leads to something irreversible and is called off', () => {
  const upTo = (step: 'cpf' | 'where' | 'summary', language = 'pt') => {
    const chat = playing(bank, language)
    const yesterday = { pt: 'ontem', en: 'yesterday', bn: 'গতকাল' }[language]!
    const way = [
      text('oi'),
      tap('lost_card'),
      text('529.982.247-25'),
      text('4321'),
      text(yesterday),
      text('Dhaka'),
    ]
    chat.turns(...way.slice(0, { cpf: 2, where: 5, summary: 6 }[step]))
    return chat
  }
  const ASKED = {
    pt: /^Este pedido ainda não foi feito/,
    en: /^This request has not been made/,
    bn: /^এই অনুরোধ/,
  }
  const DONE = { pt: /^Tudo bem, o pedido não foi feito/, en: /^All right, the request/, bn: /^ঠিক আছে/ }

  test.each([
    ['pt', 'deixa pra lá', 'não quero mais'],
    ['pt', 'esquece', 'desistir'],
    ['pt', 'desculpa, cancela', 'esquece'],
    ['en', 'never mind', 'forget it'],
    ['bn', 'থাক', 'বাদ দিন'],
  ] as const)('is so once the customer said it again: in %s, %s, %s', (language, first, second) => {
    for (const step of ['cpf', 'where', 'summary'] as const) {
      const chat = upTo(step, language)
      expect(chat.turn(text(first))).toEqual([expect.stringMatching(ASKED[language])])
      expect(chat.session()).toMatchObject({ step, misfits: 0 })
      expect(chat.turn(text(second))).toEqual([expect.stringMatching(DONE[language])])
      expect(chat.session()).toMatchObject({ step: 'menu', answers: [] })
    }
  })

  test('goes on with the answer, and to what cannot be taken back with no plain yes', () => {
    const where = upTo('where')
    where.turn(text('deixa pra lá'))
    expect(where.turn(text('no metrô'))).toEqual([expect.stringContaining('Local: no metrô')])

    for (const yes of ['sim', 'ok', 'pode registrar', 'siiim']) {
      const chat = upTo('summary')
      chat.turn(text('esquece'))
      expect(chat.turn(text(yes))).toEqual([expect.stringMatching(ASKED.pt)])
      expect(chat.session()).toMatchObject({ step: 'summary' })
    }
    for (const yes of [tap('confirm'), text('Confirmar'), text('1')]) {
      const chat = upTo('summary')
      chat.turn(text('esquece'))
      expect(chat.turn(yes)[0]).toContain('está registrada')
    }
  })

  test('at once with a yes it is asked about, and with another calling off it is not done unasked', () => {
    for (const both of [
      ['sim', 'deixa pra lá'],
      ['deixa pra lá', 'sim'],
      ['deixa pra lá', 'esquece'],
      ['deixa pra lá', 'português', 'esquece'],
    ]) {
      const chat = upTo('summary')
      expect(chat.turn(...both.map(text))).toEqual([expect.stringMatching(ASKED.pt)])
      expect(chat.session()).toMatchObject({ step: 'summary', misfits: 0 })
    }
    const chat = upTo('summary')
    expect(chat.turn(tap('confirm'), text('esquece'))).toEqual([expect.stringMatching(ASKED.pt)])
  })

  test('once more in another language is not done unasked either, nor by who had not seen yet what was told', () => {
    const chat = upTo('summary')
    const burst = ['deixa pra lá', 'English please', 'never mind']
    expect(chat.turn(...burst.map((one) => text(one)))).toEqual([
      'LANGUAGE en',
      expect.stringMatching(ASKED.en),
    ])
    expect(chat.session()).toMatchObject({ step: 'summary', misfits: 0 })
    expect(chat.turn(text('forget it'))).toEqual([expect.stringMatching(DONE.en)])

    const crossing = upTo('summary')
    crossing.turn(text('deixa pra lá'))
    const unseen = { messageId: 'x', message: text('esquece'), change: '', seenTurn: 6, askedTurn: 7 }
    expect(crossing.hear(unseen)).toEqual([expect.stringMatching(ASKED.pt)])
    expect(crossing.turn(text('desistir'))).toEqual([expect.stringMatching(DONE.pt)])
  })

  test('is heard, and asked about, whatever else is said at once: a yes behind it does nothing', () => {
    const unshown = MessageBody.fromPartial({ body: { $case: 'unsupported', value: {} } })
    for (const [yes, ...burst] of [
      ['sim', text('pera aí'), text('esquece')],
      ['sim', text('pera aí'), text('sim'), text('esquece')],
      ['sim', unshown, text('esquece')],
      ['sim', tap('branches'), text('esquece')],
      ['sim', text('para de mandar promoções'), text('esquece')],
      ['sim', text('ontem'), text('esquece')],
      ['yes', text('esquece'), text('English please')],
      ['yes', text('English please'), text('esquece')],
    ] as const) {
      const chat = upTo('summary')
      const asked = /^(?:Este pedido ainda não foi feito|This request has not been made)/
      expect([burst, chat.turn(...burst).at(-1)]).toEqual([burst, expect.stringMatching(asked)])
      expect([burst, chat.turn(text(yes)).at(-1)]).toEqual([burst, expect.stringMatching(asked)])
      expect(chat.session()).toMatchObject({ step: 'summary', misfits: 0 })
    }
  })

  test('between two parts of one answer it holds for the question behind it', () => {
    const chat = upTo('where')
    const [said] = chat.turn(text('no metrô'), text('deixa pra lá'), text('na estação Sé'))
    expect(said).toMatch(ASKED.pt)
    expect(said).toContain('Local: no metrô na estação Sé\n')
    expect(chat.turn(text('sim'))).toEqual([expect.stringMatching(ASKED.pt)])
  })

  test.each(['Sim', 'Ok', 'Certo', 'Isso mesmo'])(
    'where the option is called “%s”, as what agrees to anything, only a tap or the number goes on',
    (title) => {
      const all = (pt: string) => `{ pt: ${pt}, en: ${pt}, bn: ${pt} }`
      const flow = flowOf(
        `flow: f\nversion: 1\nmenu: top\npeople: { queue: q }\nsteps:\n  top: { ask: { type: text, into: name, text: ${all('Nome')} } }\n` +
          `  sure: { ask: { type: choice, irreversible: true, into: sure, text: ${all('Certo')}, options: [{ id: y, title: ${all(title)} }, { id: n, title: ${all('Não')}, goto: top }] } }\n  bye: { end: { text: ${all('Feito')} } }\n`,
      )
      for (const [yes, said] of [
        [text(title.toLowerCase()), ASKED.pt],
        [text(`${title}!`), ASKED.pt],
        [text('1'), /Feito/],
        [tap('y'), /Feito/],
      ] as const) {
        const chat = playing(flow)
        chat.turns(text('oi'), text('Ana'), text('esquece'))
        expect(chat.turn(yes)[0]).toMatch(said)
      }
    },
  )

  test('is no part of an answer that it came behind', () => {
    const chat = upTo('where')
    const [said] = chat.turn(text('no metrô'), text('deixa pra lá'))
    expect(said).toMatch(ASKED.pt)
    expect(said).toContain('Local: no metrô\n')
  })

  test('in new words of an answer takes that answer back, and of what was none it is asked about; quoting an earlier question it answers none', () => {
    const chat = upTo('summary')
    const edit = { messageId: '6.0', change: 'edited', seenTurn: 6, askedTurn: 6 }
    expect(chat.hear({ ...edit, message: text('deixa pra lá') })).toEqual([
      expect.stringMatching(/^Este pedido[^]*Onde foi/),
    ])
    expect(chat.turn(text('esquece'))).toEqual([expect.stringMatching(DONE.pt)])

    const misfit = upTo('summary')
    misfit.turn(text('abc'))
    const mended = { messageId: '7.0', change: 'edited', seenTurn: 7, askedTurn: 7 }
    expect(misfit.hear({ ...mended, message: text('esquece') })).toEqual([expect.stringMatching(ASKED.pt)])
    expect(misfit.turn(text('sim'))).toEqual([expect.stringMatching(ASKED.pt)])

    const quoting = upTo('summary')
    const quote = { messageId: 'q', change: '', seenTurn: 6, askedTurn: 6, replyToTurn: 2 }
    expect(quoting.hear({ ...quote, message: text('deixa pra lá') })).toEqual([
      expect.stringMatching(/^Este pedido[^]*Está tudo certo/),
    ])
  })

  test('elsewhere nothing is called off: the menu and what has no irreversible step ahead ask again', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(text('esquece'))).toEqual([expect.stringMatching(/^Não entendi a sua escolha/)])
    chat.turn(tap('language'))
    expect(chat.turn(text('deixa pra lá'))).toEqual([expect.stringMatching(/^Não entendi a sua escolha/)])
  })

  test('once it was done, only what was begun since', () => {
    const all = (pt: string) => `{ pt: ${pt}, en: ${pt}, bn: ${pt} }`
    const ask = (step: string) =>
      `  ${step}: { ask: { type: choice, irreversible: true, into: ${step}, text: ${all(step)}, options: [{ id: ${step}_y, title: ${all('Fazer')} }, { id: ${step}_n, title: ${all('Voltar')}, goto: bye }] } }\n`
    const flow = flowOf(
      `flow: f\nversion: 1\nmenu: top\npeople: { queue: q }\nsteps:\n  top: { ask: { type: text, into: name, text: ${all('Nome')} } }\n${ask('one')}${ask('two')}  bye: { end: {} }\n`,
    )
    const chat = playing(flow)
    chat.turns(text('oi'), text('Ana'), tap('one_y'))
    expect(chat.session()?.step).toBe('two')
    expect(chat.turn(text('esquece'))).toEqual([expect.stringMatching(/^Não entendi a sua escolha/)])
  })
})

describe('a text that names one option of a list among other words', () => {
  test.each([
    ['pt', 'perdi meu cartão ontem à noite no shopping', 'lost_card'],
    ['pt', 'fui roubado no estacionamento', 'lost_card'],
    ['pt', 'bom dia, tudo bem? perdi meu cartão do banco', 'lost_card'],
    ['pt', 'quero bloquear meu cartão', 'lost_card'],
    ['pt', 'queria saber os horários de vcs', 'branches'],
    ['en', 'i lost my card please help', 'lost_card'],
    ['en', 'someone took my wallet and my card was stolen', 'lost_card'],
    ['bn', 'গতকাল আমার কার্ড হারিয়ে গেছে বাজারে', 'lost_card'],
  ] as const)('is asked whether it was meant, and taken with a yes: in %s, %s', (language, said, id) => {
    const asked = { pt: /^Você quis dizer \*/, en: /^Did you mean \*/, bn: /^আপনি কি \*/ }[language]
    const yes = { pt: 'sim', en: 'yes, please', bn: 'হ্যাঁ' }[language]
    for (const before of [[], [text('oi')]]) {
      const chat = playing(bank, language)
      chat.turns(...before)
      expect(chat.turn(text(said)).at(-1)).toMatch(asked)
      expect(chat.session()).toMatchObject({ step: 'menu', offered: id, misfits: before.length })
      chat.turn(text(yes))
      expect(chat.session()?.variables['topic']).toBe(id)
    }
  })

  test.each([
    'qual o limite do meu cartão?',
    'não perdi meu cartão',
    'quase perdi meu cartão',
    'onde vejo a agência?',
    'quero um empréstimo',
    'perdi meu cartão na agência',
  ])('is not where it asks, denies, or names two or none: %s', (said) => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(text(said))).toEqual([expect.stringMatching(/^Não entendi a sua escolha/)])
    chat.turn(text('sim'))
    expect(chat.session()?.step).toBe('menu')
  })

  test('and its new words are words for the question, in the first message too', () => {
    for (const before of [[], [text('oi')]]) {
      const chat = playing(bank)
      chat.turns(...before, text('perdi meu cartão ontem'))
      const messageId = `${before.length + 1}.0`
      const seen = before.length + 1
      const edit = {
        messageId,
        message: text('perdi meu cartão'),
        change: 'edited',
        seenTurn: seen,
        askedTurn: seen,
      }
      expect(chat.hear(edit)).toEqual([expect.stringContaining('CPF')])
    }
  })

  test.each([
    ['pt', 'quero'],
    ['pt', 'quero sim, por favor'],
    ['pt', 'isso mesmo'],
    ['pt', 'é isso aí'],
    ['pt', 'exatamente'],
    ['pt', 'foi isso'],
    ['pt', 'quis sim'],
    ['en', 'that one'],
    ['en', "that's right"],
    ['en', 'exactly'],
    ['en', 'Yes, I did'],
    ['bn', 'চাই'],
    ['bn', 'হ্যাঁ, এটাই'],
    ['bn', 'ঠিক আছে'],
  ] as const)('is taken with a yes in the words of the question, too: in %s, %s', (language, said) => {
    const named = {
      pt: 'perdi meu cartão ontem',
      en: 'i lost my card please help',
      bn: 'গতকাল আমার কার্ড হারিয়ে গেছে',
    }
    const chat = playing(bank, language)
    chat.turns(text('oi'), text(named[language]), text(said))
    expect(chat.session()?.variables['topic']).toBe('lost_card')
  })

  test.each(['não', 'n', 'não, obrigada', 'nao nao'])(
    'is met with a no, which is understood: the list is said again, and no try is lost: %s',
    (said) => {
      const chat = playing(bank)
      chat.turns(text('oi'), text('perdi meu cartão ontem'))
      expect(chat.turn(text(said))).toEqual([expect.stringMatching(/^Como posso ajudar/)])
      expect(chat.session()).toMatchObject({ step: 'menu', misfits: 1 })
      chat.turn(text('quero'))
      expect(chat.session()?.variables['topic']).toBeUndefined()
    },
  )

  test('and a yes is one to it in the turn behind it alone', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), text('fui roubado no metrô'), text('quero um empréstimo'), text('sim'))
    expect(chat.session()?.step ?? 'people').toBe('people')
    const crossing = playing(bank)
    crossing.turns(text('oi'), text('fui roubado no metrô'))
    crossing.hear({ messageId: 'x', message: text('sim'), change: '', seenTurn: 1, askedTurn: 2 })
    expect(crossing.session()?.step).toBe('menu')
  })
})

test.each([
  ['oi', [text('oi'), text('Olá!'), text('bom dia')]],
  ['?', [text('?'), text('👍'), text('hmm')]],
  ['a button of an earlier step', [tap('branches')]],
])(
  'a question that is met with nothing but %s again and again is asked again five times, and then costs tries',
  (_, said) => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'))
    const turns: string[][] = []
    while (chat.session() !== undefined && turns.length < 20)
      turns.push(chat.turn(said[turns.length % said.length]!))
    expect(turns).toHaveLength(8)
    expect(turns.slice(0, -1).every(([one]) => one!.includes('CPF'))).toBe(true)
    expect(turns.at(-1)).toContain('PEOPLE cards')
    const patient = playing(bank)
    patient.turns(text('oi'), tap('lost_card'), ...Array.from({ length: 5 }, () => said[0]!))
    expect(patient.session()?.misfits).toBe(0)
    expect(patient.turn(text('529.982.247-25'))).toEqual([expect.stringContaining('4 últimos')])
  },
)

test('what stands in texts of the robot for a sensitive answer is told in every way in which it is written, and that such a question waits', () => {
  const born = flowOf(`flow: born
version: 1
people: { queue: q }
steps:
  ask:
    ask: { type: date, into: born, sensitive: true, text: { pt: Nascimento?, en: Born?, bn: জন্ম? } }
  tell:
    end: { text: { pt: '{{born}}', en: '{{born}}', bn: '{{born}}' } }
`)
  const chat = playing(born)
  chat.turn(text('oi'))
  expect(chat.masking()).toEqual({ shown: [], asksSensitive: true })
  expect(chat.turn(text('15/03/85')).join()).toContain('15/03/1985')
  expect(chat.masking()).toEqual({
    shown: ['1985-03-15', '15/03/1985', '15 March 1985', '১৫ মার্চ ১৯৮৫'],
    asksSensitive: false,
  })
})

test('whoever takes over is told all that was answered by then, as the customer’s language writes it, with the marks of the flow', () => {
  const chat = playing(bank)
  chat.turns(text('oi'), tap('lost_card'), text('52998224725'), text('4321'), text('ontem'))
  const known = [
    ['cpf', '529.982.247-25', true],
    ['card', '4321', true],
    ['lost_on', '21/11/2026', false],
  ]
  for (const value of known) expect(chat.learnt()).toContainEqual(value)
  expect(chat.turn(text('atendente'))).toEqual([expect.stringContaining('PEOPLE')])
  for (const value of known) expect(chat.learnt()).toContainEqual(value)
})

test('what was said to a sensitive question is named, whether it fits or not; wishes and greetings are not', () => {
  const chat = playing(bank)
  chat.turn(text('oi'))
  chat.turn(tap('lost_card'))
  expect(chat.sensitive()).toEqual([])
  chat.turn(text('oi'), text('529.982.247-2'))
  expect(chat.sensitive()).toEqual(['3.1'])
  chat.turn(text('529.982.247-2'), text('529.982.247-25'))
  expect(chat.sensitive()).toEqual(['4.0', '4.1'])
  chat.turn(text('english'))
  expect(chat.sensitive()).toEqual([])
  chat.turn(text('4321'))
  expect(chat.sensitive()).toEqual(['6.0'])
  chat.turn(text('ontem'))
  expect(chat.sensitive()).toEqual([])
})

test('a button that is tapped at a sensitive question is no secret: its words are ours, unless it is one of the question’s own', () => {
  const chat = playing(bank)
  chat.turn(text('oi'))
  chat.turn(tap('lost_card'), tap('lost_card'))
  expect(chat.sensitive()).toEqual([])
  chat.turn(tap('lost_card'), text('529.982.247-2'))
  expect(chat.sensitive()).toEqual(['3.1'])

  const all = (pt: string) => `{ pt: ${pt}, en: ${pt}, bn: ${pt} }`
  const own = playing(
    flowOf(
      `flow: f\nversion: 1\npeople: { queue: q }\nsteps:\n  ill: { ask: { type: choice, sensitive: true, into: ill, text: ${all('Tem')}, options: [{ id: y, title: ${all('Asma')} }, { id: n, title: ${all('Nada')} }] } }\n  bye: { end: {} }\n`,
    ),
  )
  own.turns(text('oi'), tap('y'))
  expect(own.sensitive()).toEqual(['2.0'])
})

test('what came behind a sensitive answer is named where it may hold one: a day, a reason and a place are no digits of a card', () => {
  const named = (...more: readonly string[]) => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'), text('529.982.247-25'))
    chat.turn(text('4321'), ...more.map((one) => text(one)))
    return chat.sensitive()
  }
  for (const more of ['ontem', 'roubo', 'foi no shopping', 'ontem, quero falar com um atendente'])
    expect([more, named(more)]).toEqual([more, ['4.0']])
  expect(named('atendente', 'foi no shopping')).toEqual(['4.0'])
  for (const more of ['ops, 4322', 'ops, quatro três dois dois', 'é quarenta e três vinte e dois', '৪৩২২'])
    expect([more, named(more)]).toEqual([more, ['4.0', '4.1']])
  expect(named('atendente', 'ops 4322')).toEqual(['4.0', '4.2'])
})

describe('a new answer to a sensitive question that is said to another one is named', () => {
  const CARD = ['oi', '1', '529.982.247-25', '4321']
  const named = (before: readonly string[], said: string) => {
    const chat = playing(bank)
    chat.turns(...before.map((one) => text(one)))
    chat.turn(text(said))
    return chat.sensitive()
  }

  test.each([
    ['at the summary', [...CARD, 'ontem', 'no metrô']],
    ['at the question behind it', CARD],
  ])('%s, where it is no answer', (_, before) => {
    const turn = before.length + 1
    for (const said of [
      'o final é 4322',
      'ops, o final do cartão é 4 3 2 2',
      'termina em quatro três dois dois',
      'errei o cpf, o certo: 11144477735',
      'o cpf tá errado é ১১১.৪৪৪.৭৭৭-৩৫',
      'meu cpf é outro, 111.444.777-36',
      'não, o cpf é 111.444.777-35, quero falar com um atendente',
      'double four two one',
      'four o two one',
      'my card ends in double four two one',
      'o final é 12-12',
    ])
      expect([said, named(before, said)]).toEqual([said, [`${turn}.0`]])
    for (const said of [
      'o cpf está errado',
      'mudar a data',
      'o horário foi 10h, acho',
      'a data é outra: 28/02',
      'foi dia vinte e oito',
      'a data é 01/03/2026 mas foi de noite, não foi de dia',
      'quero falar com um atendente',
      'foi às 22:30',
      'foi às 10h30, acho',
      'na verdade a data é 28-02',
      'a data certa é 28.02.2026',
      'foi em 28 de fevereiro de 2026',
      'it was on Feb 28, 2026',
      'foi dia 20 ou 21',
      'entre os dias 20 e 21',
      'moro no 15, apartamento 22',
    ])
      expect([said, named(before, said)]).toEqual([said, []])
  })

  test('not where it is free: any words would be, and the wish for a person too', () => {
    const flow = flowOf(`flow: f
version: 1
people: { queue: q }
steps:
  mother: { ask: { type: text, into: mother, sensitive: true, text: { pt: Mãe?, en: Mother?, bn: মা? } } }
  mail: { ask: { type: email, into: mail, sensitive: true, text: { pt: E-mail?, en: Mail?, bn: মেইল? } } }
  day: { ask: { type: date, into: day, retries: 9, text: { pt: Dia?, en: Day?, bn: দিন? } } }
  bye: { end: {} }
`)
    const chat = playing(flow)
    chat.turns(text('oi'), text('Maria das Dores'), text('maria@example.com'))
    for (const said of ['a data está errada', 'o que?', 'às 22:30', 'menu atual', 'I was at the mall'])
      expect([said, chat.turn(text(said)).length, chat.sensitive()]).toEqual([said, 1, []])
    for (const said of [
      'errei: ana@example.com',
      'é ana arroba example ponto com',
      'ana at example dot com',
    ]) {
      const turn = chat.turn(text(said))
      expect([said, turn.length, chat.sensitive().length]).toEqual([said, 1, 1])
    }
    chat.turn(text('quero falar com um atendente'))
    expect(chat.sensitive()).toEqual([])

    const free = playing(
      flowOf(`flow: f
version: 1
people: { queue: q }
steps:
  mail: { ask: { type: email, into: mail, sensitive: true, text: { pt: E-mail?, en: Mail?, bn: মেইল? } } }
  place: { ask: { type: text, into: place, text: { pt: Onde?, en: Where?, bn: কোথায়? } } }
  more: { ask: { type: text, into: more, text: { pt: Algo mais?, en: More?, bn: আর? } } }
  bye: { end: {} }
`),
    )
    free.turns(text('oi'), text('maria@example.com'), text('no shopping, falei com @joao'))
    expect(free.sensitive()).toEqual([])
    free.turn(text('errei o email, é ana@example.com.'))
    expect(free.sensitive()).toEqual(['4.0'])
  })

  test('where it is a free answer, which house numbers are too, where nothing else can be meant', () => {
    const before = [...CARD, 'ontem']
    for (const said of [
      'errei o cpf, é 111.444.777-35',
      'errei o cpf, é um um um quatro quatro quatro sete sete sete três cinco',
      'errei um: um um um, quatro quatro quatro, sete sete sete, traço três cinco',
      'the CPF is one one one double four four triple seven three five',
    ])
      expect([said, named(before, said)]).toEqual([said, ['6.0']])
    for (const said of ['Rua Augusta 1500', 'terminal 4321', 'cep 01310-100, 15 3456 7890'])
      expect([said, named(before, said)]).toEqual([said, []])
  })

  test('in new words for what was said to it too', () => {
    const chat = playing(bank)
    chat.turns(...[...CARD, 'ontem', 'no metrô', 'o cpf está errado'].map((one) => text(one)))
    chat.hear({
      messageId: '7.0',
      message: text('o cpf é 111.444.777-35'),
      change: 'edited',
      seenTurn: 7,
      askedTurn: 7,
    })
    expect(chat.sensitive()).toEqual(['7.0'])
  })

  test.each(['abc', 'pera aí', 'oi', '👍'])(
    'of “%s” that was said to it an edit makes the answer, or what is as secret',
    (first) => {
      const edited = (words: string, seenTurn = 3) =>
        ({ messageId: '3.0', message: text(words), change: 'edited', seenTurn, askedTurn: 3 }) as const
      const chat = playing(bank)
      chat.turns(...['oi', '1', first].map((one) => text(one)))
      expect(chat.hear(edited('529.982.247-25'))).toEqual([expect.stringContaining('4 últimos')])
      expect(chat.sensitive()).toEqual(['3.0'])
      const wrong = playing(bank)
      wrong.turns(...['oi', '1', first].map((one) => text(one)))
      wrong.hear(edited('529.982.247-2'))
      expect(wrong.sensitive()).toEqual(['3.0'])
    },
  )

  test('before it was asked for, and before anything was: only what is beyond doubt', () => {
    const first = (said: string) => {
      const chat = playing(bank)
      chat.turn(text(said))
      return chat.sensitive()
    }
    for (const said of [
      'oi, perdi meu cartão, meu cpf é 529.982.247-25',
      '52998224725',
      'quero falar com um atendente, cpf 529.982.247-25',
      'Do you speak English? My CPF is 529.982.247-25',
      'meu cpf: cinco dois nove nove oito dois dois quatro sete dois cinco',
    ])
      expect([said, first(said)]).toEqual([said, ['1.0']])
    for (const said of [
      'oi, perdi meu cartão final 4321 ontem às 22:30',
      'meu cpf é 529.982.247-26',
      'protocolo 20261122-14730774',
      'moro na Rua Augusta 1500',
    ])
      expect([said, first(said)]).toEqual([said, []])
    const chat = playing(bank)
    chat.turns(text('oi'), text('qual o limite do cpf 529.982.247-25?'))
    expect(chat.sensitive()).toEqual(['2.0'])
  })

  test('of a number and a day only one that could take its place', () => {
    const flow = flowOf(`flow: f
version: 1
people: { queue: q }
steps:
  income: { ask: { type: number, into: income, sensitive: true, text: { pt: Renda?, en: Income?, bn: আয়? } } }
  born: { ask: { type: date, into: born, not_before: '1900-01-01', not_after: today, sensitive: true, text: { pt: Nascimento?, en: Born?, bn: জন্ম? } } }
  sure: { ask: { type: choice, into: sure, retries: 9, text: { pt: Certo?, en: Right?, bn: ঠিক?}, options: [{ id: y, title: { pt: Sim, en: 'Yes', bn: হ্যাঁ } }] } }
  bye: { end: {} }
`)
    const named = (said: string) => {
      const chat = playing(flow)
      chat.turns(text('oi'), text('3500'), text('15/03/1985'))
      chat.turn(text(said))
      return chat.sensitive()
    }
    for (const said of [
      'errei, ganho 4200 por mês',
      'a renda é quatro mil, 4.200 reais',
      'nasci em 15/04/1985, errei',
      'o ano está errado, é 15 de março de 1986',
      'não, é 15/03/86',
      'na verdade nasci em 15 de abril de 1985',
      'sorry, I was born on the 15th of April 1985',
      'আমার জন্ম আসলে ১৫ এপ্রিল ১৯৮৫ সালে',
      'errei, ganho 12 mil por mês',
      'errei, ganho 900',
      'ganho quatro mil e duzentos',
      'na verdade são 12k',
      'o certo é R$ 900',
      'I earn 900 a month',
      'আসলে ১২ হাজার টাকা',
    ])
      expect([said, named(said)]).toEqual([said, ['4.0']])
    for (const said of [
      'moro no número 120',
      'foi às 22:30',
      'apartamento 42, bloco 3',
      'tenho 2 filhos',
      'foi dia 20/11 no metrô',
      'errei o dia',
      'tem 3 pessoas comigo',
      'foi em 20 de novembro',
    ])
      expect([said, named(said)]).toEqual([said, []])
  })

  test('in new words for what was said to no question at all', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'))
    const edited = { messageId: '1.0', message: text('529.982.247-25'), change: 'edited' }
    chat.hear({ ...edited, seenTurn: 2, askedTurn: 2 })
    expect(chat.sensitive()).toEqual(['1.0'])
    chat.hear({ ...edited, message: text('bom dia a todos'), seenTurn: 3, askedTurn: 3 })
    expect(chat.sensitive()).toEqual([])
  })

  test('where it goes on with an earlier answer, changes one, or quotes its question', () => {
    const correction = { messageId: 'x', change: '', seenTurn: 6, askedTurn: 6 }
    const hear = (input: Partial<Input>) => {
      const chat = playing(bank)
      chat.turns(...[...CARD, 'ontem', 'no metrô'].map((one) => text(one)))
      chat.hear({ ...correction, ...input })
      return chat.sensitive()
    }
    const crossing = { seenTurn: 5, askedTurn: 5 }
    expect(hear({ ...crossing, message: text('errei o cpf, é 111.444.777-35') })).toEqual(['x'])
    const edit = { messageId: '6.0', change: 'edited' }
    expect(hear({ ...edit, message: text('no metrô, e o cpf certo é 111.444.777-35') })).toEqual(['6.0'])
    expect(hear({ replyToTurn: 4, message: text('o cpf é 111.444.777-35') })).toEqual(['x'])
    expect(hear({ ...crossing, message: text('da linha 4321, às 22:30') })).toEqual([])
    expect(hear({ replyToTurn: 4, message: text('foi em 20/11/2026') })).toEqual([])
  })

  test('and behind a wish that ends what asks', () => {
    const chat = playing(bank)
    chat.turns(...[...CARD, 'ontem', 'no metrô'].map((one) => text(one)))
    chat.turn(text('atendente'), text('meu cpf é 111.444.777-35'), text('a data é 28/02'))
    expect(chat.sensitive()).toEqual(['7.1'])
  })
})

describe('a day that is told by today', () => {
  const CARD = ['oi', '1', '529.982.247-25', '4321'].map((one) => text(one))
  const told = (said: string, at: string, more: Partial<Input> = {}) => {
    const chat = playing(bank)
    chat.turns(...CARD)
    const input = { messageId: 'x', message: text(said), at, change: '', seenTurn: 4, askedTurn: 4 }
    chat.hear({ ...input, ...more })
    return chat.learnt().find(([name]) => name === 'lost_on')?.[1]
  }

  test.each([
    // In São Paulo it is 12:00 on the 22nd when the turn is answered.
    ['hoje', '2026-11-22T14:59:00Z', '22/11/2026'],
    ['hoje', '2026-11-22T02:59:00Z', '21/11/2026'],
    ['hoje', '2026-11-22T03:00:00Z', '22/11/2026'],
    ['ontem à noite', '2026-11-20T15:00:00Z', '19/11/2026'],
    ['sexta', '2026-11-20T15:00:00Z', '13/11/2026'],
    ['há 2 horas', '2026-11-20T04:00:00Z', '19/11/2026'],
    ['20/11', '2026-11-20T15:00:00Z', '20/11/2026'],
    ['hoje', '2026-11-25T15:00:00Z', '22/11/2026'],
    ['dia 30', '2026-11-20T15:00:00Z', '30/10/2026'],
  ])('“%s” that was said at %s is %s, whenever it comes in', (said, at, day) => {
    expect(told(said, at)).toBe(day)
  })

  test('is told anew by the time of its new words', () => {
    const chat = playing(bank)
    chat.turns(...CARD, text('quinta'))
    const edit = { messageId: '5.0', message: text('ontem'), change: 'edited', seenTurn: 5, askedTurn: 5 }
    expect(chat.hear({ ...edit, at: '2026-11-22T02:00:00Z' })).toEqual([expect.stringContaining('Onde foi?')])
    expect(chat.learnt()).toContainEqual(['lost_on', '20/11/2026', false])
  })

  test('keeps to what the question allows by now', () => {
    const flow = flowOf(`flow: f
version: 1
people: { queue: q }
steps:
  day: { ask: { type: date, into: day, not_before: today, text: { pt: Dia?, en: Day?, bn: দিন? } } }
  bye: { end: { text: { pt: '{{day}}', en: '{{day}}', bn: '{{day}}' } } }
`)
    const chat = playing(flow)
    chat.turn(text('oi'))
    const late = { messageId: 'x', message: text('hoje'), change: '', seenTurn: 1, askedTurn: 1 }
    expect(chat.hear({ ...late, at: '2026-11-20T15:00:00Z' })).toEqual([expect.stringMatching(/já passou/)])
  })
})

test('what may be an answer to each of two sensitive questions is named once', () => {
  const chat = playing(bank)
  chat.turns(text('oi'), tap('lost_card'))
  chat.turn(text('529.982.247-25'), text('4321'), text('4322'))
  expect(chat.sensitive()).toEqual(['3.0', '3.1', '3.2'])
})

test('what is said beside the language in the very first words is heard in that language', () => {
  for (const said of ['Do you speak English? I lost my card', 'I lost my card. Do you speak English?']) {
    const chat = playing(bank)
    expect([said, chat.turn(text(said)).at(-1)]).toEqual([said, expect.stringMatching(/CPF/)])
  }
  const chat = playing(bank)
  expect(chat.turn(text('Hi, do you speak English?')).at(-1)).toEqual(
    playing(bank).turn(text('english')).at(-1),
  )
})

describe('what does not answer the question', () => {
  test('whoever asks for a moment loses no try, and a free question has no answer by that', () => {
    for (const said of ['só um minuto', 'um momento que vou pegar o cartão', 'deixa eu ver']) {
      const chat = playing(bank)
      chat.turns(text('oi'), tap('lost_card'))
      expect(chat.turn(text(said))).toEqual([expect.stringMatching(/^Sem pressa[^]*\*CPF\*/)])
      expect([chat.session()?.misfits, chat.sensitive()]).toEqual([0, []])
    }
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'), text('pera aí'))
    expect(chat.turn(text('desculpa, 529.982.247-25'))).toEqual([expect.stringContaining('4 últimos')])
    chat.turns(text('sorry 4321'), text('desculpe, ontem'))
    expect(chat.turn(text('já te falo'))).toEqual([expect.stringMatching(/^Sem pressa[^]*Onde foi/)])
    expect(chat.turn(text('no metrô'))).toEqual([expect.stringContaining('Local: no metrô\n')])
    for (const said of [
      ['sim', 'pera aí'],
      ['pera', 'sim'],
    ]) {
      const summary = playing(bank)
      summary.turns(...['oi', '1', '529.982.247-25', '4321', 'ontem', 'no metrô'].map((one) => text(one)))
      expect(summary.turn(...said.map((one) => text(one)))).toEqual([
        expect.stringMatching(/^Sem pressa[^]*Está tudo certo\?/),
      ])
      expect(summary.session()?.misfits).toBe(0)
      expect(summary.turn(text('sim')).join()).toContain('está registrada')
    }
  })

  test('whoever asks for a moment again and again is an answering machine, and at a free question means it', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'))
    for (let time = 1; time <= 3; time += 1)
      expect(chat.turn(text('Aguarde um momento, por favor'))).toEqual([
        expect.stringMatching(/^Sem pressa[^]*\*CPF\*/),
      ])
    expect(chat.turn(text('Aguarde um momento, por favor'))).toEqual(['PEOPLE cards'])
    const free = playing(bank)
    free.turns(...['oi', '1', '529.982.247-25', '4321', 'ontem'].map((one) => text(one)))
    expect(free.turn(text('um segundo'))).toEqual([expect.stringContaining('Onde foi?')])
    expect(free.turn(text('um segundo'))).toEqual([expect.stringContaining('Local: um segundo\n')])
  })

  test('what an answer begins with is no wish for a moment, and no secret is left open by it', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'))
    for (const said of [
      'pera aí que vou ditar é cinco dois nove oito',
      'pera, vou pegar cinco dois nove oito',
    ]) {
      chat.turn(text(said))
      expect([said, chat.sensitive().length]).toEqual([said, 1])
    }
    chat.turn(text('529.982.247-25'))
    chat.turn(text('peraí, já achei: quatro três dois um'))
    expect(chat.sensitive()).toEqual(['6.0'])
    chat.turns(text('4321'), text('ontem'))
    expect(chat.turn(text('peraí, já sei: foi no metrô da Sé')).join()).toContain('foi no metrô da Sé\n')
  })

  test('is asked again so often as the flow says, then a person takes over', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    chat.turn(tap('lost_card'))
    expect(chat.turn(text('não sei'))[0]).toContain('CPF válido')
    expect(chat.turn(text('123'))[0]).toContain('CPF válido')
    expect(chat.turn(text('111.111.111-11'))).toEqual(['PEOPLE cards'])
  })
  test('who asks back is told that, and the question, and no answer of theirs is said to be wrong', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(text('não entendi'))).toEqual([
      expect.stringMatching(/^Desculpe a confusão.*\n\nComo posso ajudar\?/),
    ])
    chat.turn(tap('lost_card'))
    expect(chat.turn(text('como assim?'))).toEqual([expect.stringMatching(/^Desculpe a confusão[^]*\*CPF\*/)])
    chat.turn(text('529.982.247-25'))
    // The question has words of its own for an answer that does not fit; this is none.
    expect(chat.turn(text('não entendi'))).toEqual([
      expect.stringMatching(/^Desculpe a confusão[^]*4 últimos dígitos/),
    ])
    chat.turn(text('4321'))
    chat.turn(text('ontem'))
    for (const said of ['não entendi', 'o quê?'])
      expect(chat.turn(text(said))).toEqual([expect.stringMatching(/^Desculpe a confusão[^]*Onde foi/)])
    expect(chat.turn(text('como assim?'))).toEqual(['PEOPLE cards'])
  })
  test('a photo or an audio gets a reply that says so, and the question again', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(image)).toEqual([expect.stringMatching(/fotos.*\n\nComo posso ajudar\? \[lost_card/)])
    chat.turn(tap('lost_card'))
    expect(chat.turn(audio)).toEqual([expect.stringMatching(/áudios.*\n\n.*CPF/)])
  })
  test('a greeting, a lone "?" or a note of the channel in the middle repeats the question and costs nothing', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    chat.turn(tap('lost_card'))
    expect(chat.turn(text('bom dia'))).toEqual([expect.stringContaining('CPF')])
    expect(chat.turn(text('?'), text('👋'))).toEqual([expect.stringContaining('CPF')])
    expect(chat.turn(note)).toEqual([expect.stringContaining('CPF')])
    expect(chat.turn()).toEqual([expect.stringContaining('CPF')])
    expect(chat.session()?.misfits).toBe(0)
  })
  test('an old button does not answer a newer question', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'), text('52998224725'), text('4321'), text('ontem'))
    expect(chat.turn(tap('branches', 'Horários e agências'))).toEqual([
      expect.stringMatching(/etapa anterior.*\n\nOnde foi/),
    ])
  })
})

describe('at any time', () => {
  test.each(['atendente', 'Falar com atendente', 'human', 'agent', 'person', 'মানুষ'])(
    '"%s" leads to a person, even at the first word',
    (wish) => {
      expect(playing(bank).turn(text(wish)).at(-1)).toBe('PEOPLE general')
      const chat = playing(bank)
      chat.turns(text('oi'), tap('lost_card'), text('52998224725'), text('4321'), text('ontem'))
      expect(chat.turn(text(wish))).toEqual(['PEOPLE cards'])
    },
  )
  test('what the menu calls a person leads to one, in each language and at any question', () => {
    const menu = [...bank.steps.values()].flatMap((step) =>
      step.kind === 'ask' && step.ask.type === 'choice' ? step.ask.options : [],
    )
    const { title } = menu.find(({ id }) => id === 'person')!
    for (const language of LANGUAGES) {
      const chat = playing(bank, language)
      chat.turns(text('oi'), tap('lost_card'), text('52998224725'))
      const said = title[language]
      expect([said, chat.turn(text(said)).at(-1)]).toEqual([said, 'PEOPLE cards'])
    }
  })
  test('who wants a person about something the menu offers gets the person', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    expect(chat.turn(text('quero falar com um atendente sobre meu cartão'))).toEqual(['PEOPLE general'])
  })
  test('"menu" leads to the menu, out of a free question too', () => {
    const chat = playing(bank)
    chat.turns(text('oi'), tap('lost_card'), text('52998224725'), text('4321'), text('ontem'))
    expect(chat.turn(text('Início'))).toEqual(['Como posso ajudar? [lost_card branches person language]'])
  })
  test('a language is changed and the question asked again in it', () => {
    const chat = playing(bank)
    chat.turn(text('oi'))
    chat.turn(tap('lost_card'))
    expect(chat.turn(text('English'))).toEqual([
      'LANGUAGE en',
      expect.stringContaining('What is your *CPF*?'),
    ])
    expect(chat.turn(text('english'))).toEqual([expect.stringContaining('What is your *CPF*?')])
  })
  test('a language in the first words holds for the greeting', () => {
    expect(playing(bank).turn(text('বাংলা'))[0]).toBe('LANGUAGE bn')
    expect(playing(bank).turn(text('english'))[1]).toContain('Hello!')
  })
})

describe('a call', () => {
  const asked = (outcome: CallOutcome) => {
    const chat = playing(delivery, 'en', () => outcome)
    chat.turn(text('hello'))
    return { said: chat.turn(text('529.982.247-25')), calls: chat.calls }
  }
  test('carries variables, secrets and a key that a repeated turn repeats', () => {
    expect(asked({ ok: false, why: 'x' }).calls).toMatchInlineSnapshot(`
      [
        {
          "body": "{"cpf":"52998224725"}",
          "expect": [
            200,
          ],
          "headers": {
            "accept": "application/json",
            "authorization": "Bearer secret",
            "content-type": "application/json",
            "idempotency-key": "turn-2:look_up",
          },
          "method": "POST",
          "privateHosts": [],
          "step": "look_up",
          "timeoutMs": 3000,
          "url": "https://cards.test/deliveries/search",
        },
      ]
    `)
  })
  test('keeps fields of the answer, and the flow branches on them', () => {
    expect(asked({ ok: true, json: { delivery: { status: 'delivered', days_left: 0 } } }).said).toEqual([
      expect.stringContaining('has been delivered'),
      'END',
    ])
    expect(asked({ ok: true, json: { delivery: { status: 'sent', days_left: 2 } } }).said).toEqual([
      'Your card is on its way. Days until delivery: 2.',
      'END',
    ])
    expect(asked({ ok: true, json: { delivery: { status: 'sent', days_left: 30 } } }).said.at(-1)).toBe(
      'PEOPLE cards',
    )
  })
  test.each([
    { ok: false, why: 'TIMEOUT' },
    { ok: true, json: undefined },
    { ok: true, json: { delivery: 'sent' } },
    { ok: true, json: { delivery: { status: { a: 1 }, days_left: 1 } } },
  ] as CallOutcome[])('that fails takes the fallback (%j)', (outcome) => {
    expect(asked(outcome).said).toEqual([expect.stringContaining('could not look up'), 'PEOPLE cards'])
  })
  test('behind an irreversible answer is not made before all that came was heard; any other call is', () => {
    const say = (word: string) => `{ pt: ${word}, en: ${word}, bn: ${word} }`
    const flow = flowOf(`flow: f
version: 1
people: { queue: q }
private_hosts: [cards.test]
steps:
  look: { call: { url: 'https://cards.test/look', fallback: sure } }
  sure:
    ask:
      type: choice
      into: sure
      irreversible: true
      text: ${say('Sure?')}
      options:
        - { id: go, title: ${say('Go')} }
        - { id: back, title: ${say('Back')}, goto: over }
  block: { call: { method: POST, url: 'https://cards.test/block', fallback: over } }
  over: { end: { text: ${say('Over')} } }
`)
    const steps = (chat: ReturnType<typeof playing>) => chat.calls.map(({ step }) => step)
    const heard = playing(flow, 'en')
    heard.turns(text('hi'), tap('go'))
    expect(steps(heard)).toEqual(['look', 'block'])
    const unheard = playing(flow, 'en', undefined, false)
    unheard.turn(text('hi'))
    expect(unheard.turn(tap('go'))).toEqual(['HELD BACK'])
    expect(steps(unheard)).toEqual(['look'])
    const turnsBack = playing(flow, 'en', undefined, false)
    turnsBack.turn(text('hi'))
    expect(turnsBack.turn(tap('back'))).toEqual(['Over', 'END'])
  })
  test('what a customer wrote cannot become a path, a header or a secret', () => {
    const flow = flowOf(`flow: f
version: 1
people: { queue: q }
env: [FLOW_CARDS_TOKEN]
steps:
  ask: { ask: { type: text, into: name, text: { pt: a, en: a, bn: a } } }
  call:
    call:
      url: 'https://example.com/x/{{name}}'
      headers: { x-name: '{{name}}' }
      body: { name: '{{name}}', list: ['{{name}}', 1, null] }
      fallback: bye
  bye: { end: { text: { pt: '{{name}}', en: '{{name}}', bn: '{{name}}' } } }
`)
    const chat = playing(flow, 'en')
    chat.turn()
    const wrote = 'a/{{env.FLOW_CARDS_TOKEN}}?a=b\r\nx-admin: 1'
    expect(chat.turn(text(wrote))[0]).toBe(wrote.replace('\r\n', ' '))
    expect(chat.calls[0]).toMatchObject({
      url: `https://example.com/x/${encodeURIComponent(wrote)}`,
      headers: { 'x-name': 'a/{{env.FLOW_CARDS_TOKEN}}?a=b  x-admin: 1' },
      body: JSON.stringify({ name: wrote, list: [wrote, 1, null] }),
    })
    const climbing = playing(flow, 'en')
    climbing.turn()
    expect(climbing.turn(text('../admin'))).toEqual(['../admin', 'END'])
    expect(climbing.calls).toMatchObject([{ url: undefined }])
  })
})

describe('branch and set', () => {
  const flow = flowOf(`flow: f
version: 1
people: { queue: q }
steps:
  ask: { ask: { type: number, into: amount, text: { pt: a, en: a, bn: a } } }
  copy: { set: { twice: '{{amount}}{{amount}}', same: '{{amount}}', flag: true, constructor: '{{language}}' } }
  way:
    branch:
      - { when: { and: [{ variable: same, greater: 1000 }, { variable: flag, equals: true }] }, goto: much }
      - { when: { or: [{ variable: same, in: [1, 2] }, { variable: twice, matches: '^99' }] }, goto: some }
      - { when: { not: { variable: same, greater: 500 } }, goto: little }
      - goto: middle
  much: { end: { text: { pt: 'much {{amount}}', en: 'much {{amount}}', bn: 'much {{amount}} {{constructor}}' } } }
  some: { end: { text: { pt: some, en: some, bn: some } } }
  little: { end: { text: { pt: little, en: little, bn: little } } }
  middle: { end: { text: { pt: middle, en: middle, bn: middle } } }
`)
  test.each([
    ['2.000', 'much 2.000'],
    ['2', 'some'],
    ['9', 'some'],
    ['300', 'little'],
    ['600', 'middle'],
  ])('%s → %s', (amount, way) => {
    const chat = playing(flow)
    chat.turn()
    expect(chat.turn(text(amount))).toEqual([way, 'END'])
  })
  test('numbers are shown as the language writes them', () => {
    const chat = playing(flow, 'bn')
    chat.turn()
    expect(chat.turn(text('১,২৩,৪৫৬.৫'))).toEqual(['much ১,২৩,৪৫৬.৫০ bn', 'END'])
  })
})

test('a loop that only shows while playing is stopped', () => {
  const flow = flowOf(`flow: f
version: 1
people: { queue: q }
steps:
  way: { branch: [{ when: { variable: language, equals: xx }, goto: bye }, { goto: way }] }
  bye: { end: {} }
`)
  expect(playing(flow).turn(text('oi'))).toEqual(['FLOW_LOOP'])
})

describe('whatever comes in', () => {
  const words = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme', maxLength: 5000 }),
    fc.constantFrom(
      'oi',
      '1',
      '2',
      '5',
      'menu',
      'english',
      '52998224725',
      '4321',
      'ontem',
      'sim',
      '{{cpf}}',
      '__proto__',
      '৪৩২১',
      '',
      ' ',
      '*'.repeat(4000),
    ),
  )
  const input = fc.oneof(
    { weight: 6, arbitrary: words.map(text) },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom(
          'lost_card',
          'branches',
          'language',
          'confirm',
          'correct',
          'more_help',
          'pt',
          'bn',
          'x',
          '',
        )
        .map((id) => tap(id, id)),
    },
    fc.constantFrom(
      image,
      audio,
      note,
      MessageBody.fromPartial({}),
      MessageBody.fromPartial({ body: { $case: 'location', value: {} } }),
    ),
  )
  const conversation = fc.array(fc.array(input, { maxLength: 4 }), { minLength: 1, maxLength: 12 })

  test('the robot says something that WhatsApp takes, hands over or ends, and the same turn has the same answer', () => {
    fc.assert(
      fc.property(
        conversation,
        fc.constantFrom('pt', 'en', 'bn', 'fr', ''),
        fc.constantFrom(bank, delivery),
        (turns, language, flow) => {
          let session = ''
          for (const [index, inputs] of turns.entries()) {
            const once = () => {
              const run = answer(flow, {
                turnId: `t${index}`,
                language,
                session: readSession(session),
                number: index + 1,
                inputs: inputs.map((message, place) => ({
                  messageId: `${index}.${place}`,
                  message,
                  change: '',
                  seenTurn: index,
                  askedTurn: index,
                })),
                at: '2026-11-22T15:00:00Z',
              })
              let state = run.next()
              while (!state.done) state = run.next({ ok: false, why: 'TIMEOUT' })
              return state.value
            }
            const answered: Answer = once()
            expect(once()).toEqual(answered)
            if (answered.outcome !== 'answered') throw new Error(answered.outcome)
            expect(answered.actions.length).toBeGreaterThan(0)
            expect(
              answered.actions.flatMap(({ action }) =>
                action?.$case === 'say' ? breaches(action.value.message!) : [],
              ),
            ).toEqual([])
            session = answered.session
          }
        },
      ),
      runs(200),
    )
  })
})
