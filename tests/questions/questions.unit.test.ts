import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MessageBody } from '@parley/proto/content'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { after } from '../../services/routing/src/conversation/window.ts'
import { factsOf } from '../../services/routing/test/story.ts'
import { Chat, type Written } from './chat.ts'

const FILE = join(import.meta.dirname, '../../config/flows/atendimento.yaml')
const BANK = readFileSync(FILE, 'utf8')

/** A customer who told the bank which card was lost. */
async function upToWhen() {
  const chat = new Chat(FILE, BANK)
  chat.write('oi')
  await chat.settle()
  chat.tap(chat.offer!, 'lost_card')
  await chat.settle()
  const wrote: Written[] = []
  for (const text of ['529.982.247-25', '1111']) {
    chat.story.later(5)
    wrote.push(chat.write(text))
    await chat.settle()
  }
  const [cpf, card] = wrote as [Written, Written]
  chat.story.later(5)
  return { chat, cpf, card }
}

/** And when. */
async function upToWhere() {
  const { chat, ...wrote } = await upToWhen()
  const when = chat.write('ontem')
  await chat.settle()
  return { chat, ...wrote, when }
}

/** And was shown the summary. */
async function upToSummary() {
  const { chat, ...wrote } = await upToWhere()
  chat.story.later(5)
  const place = chat.write('no shopping')
  await chat.settle()
  return { chat, ...wrote, place, summary: chat.offer! }
}

const inAll = (pt: string) => `{ pt: ${pt}, en: ${pt}, bn: ${pt} }`

/** A customer who is asked whether a call is to be made. @param then Steps behind the call. */
async function askedToChangePlan(then = '') {
  const chat = new Chat(
    'plan.yaml',
    `flow: plan
version: 1
people: { queue: general }
steps:
  sure:
    ask:
      type: choice
      into: sure
      irreversible: true
      text: ${inAll('Mudar o plano?')}
      options:
        - { id: 'yes', title: ${inAll('Confirmar')}, words: { pt: [sim] } }
        - { id: 'no', title: ${inAll('Voltar')}, words: { pt: [não] }, goto: over }
  change: { call: { method: PUT, url: 'https://plans.example.com', fallback: over } }
${then}  over: { end: { text: ${inAll('Fim')} } }
`,
  )
  chat.write('oi')
  await chat.settle()
  chat.story.later(5)
  return chat
}

const registered = (chat: Chat) => chat.phone.some(({ words }) => words.includes('está registrada'))
const lastWords = (chat: Chat) => chat.phone.at(-1)!.words

describe('an answer to a question that is no longer as it was shown', () => {
  test('Confirm on the first summary after a change says that it was changed, and shows the present summary', async () => {
    const { chat, summary } = await upToSummary()
    chat.tap(summary, 'correct')
    await chat.settle()
    for (const text of ['529.982.247-25', '2222', 'ontem', 'no shopping']) {
      chat.story.later(5)
      chat.write(text)
      await chat.settle()
    }
    expect(chat.offer!.words).toContain('Cartão final: 2222')
    const said = await chat.during(() => chat.tap(summary, 'confirm'))
    expect(said).toEqual([expect.stringMatching(/mudada[^]*Cartão final: 2222/)])
    expect(registered(chat)).toBe(false)
    chat.tap(chat.offer!, 'confirm')
    await chat.settle()
    expect(chat.phone.map(({ words }) => words).join('\n')).toContain('cartão final 2222 está registrada')
  })

  test('Confirm on the first summary in the middle of the correction is answered by the question that waits', async () => {
    const { chat, summary } = await upToSummary()
    chat.tap(summary, 'correct')
    await chat.settle()
    const said = await chat.during(() => chat.tap(summary, 'confirm'))
    expect(said).toEqual([expect.stringMatching(/botão[^]*CPF/)])
  })

  test('a text that was written before the summary was on the phone confirms nothing, however late it comes', async () => {
    const { chat } = await upToSummary()
    const occurredAt = after(chat.story.at, -10)
    const said = await chat.during(() => chat.story.later(30) && chat.write('sim', { occurredAt }))
    expect(registered(chat)).toBe(false)
    expect(said).toEqual([expect.stringContaining('Está tudo certo?')])
  })

  test('a yes that quotes the first summary does not confirm the second', async () => {
    const { chat, summary, card } = await upToSummary()
    chat.edit(card, '2222')
    await chat.settle()
    const said = await chat.during(() => chat.write('sim', { quotes: summary }))
    expect(registered(chat)).toBe(false)
    expect(said).toEqual([expect.stringContaining('2222')])
  })

  test('a yes to the summary as it is shown confirms it, typed or tapped', async () => {
    const typed = await upToSummary()
    typed.chat.story.later(5)
    typed.chat.write('sim')
    await typed.chat.settle()
    expect(registered(typed.chat)).toBe(true)
    const quoted = await upToSummary()
    quoted.chat.write('sim', { quotes: quoted.summary })
    await quoted.chat.settle()
    expect(registered(quoted.chat)).toBe(true)
  })
})

describe('a second message of one burst', () => {
  const BOTH = 'Local: no shopping Ibirapuera, perto do cinema'
  test('goes on with the answer before it, while the robot answers the first', async () => {
    const { chat } = await upToWhere()
    chat.write('no shopping')
    chat.write('Ibirapuera, perto do cinema')
    await chat.settle()
    expect(chat.offer!.words).toContain(BOTH)
    chat.tap(chat.offer!, 'confirm')
    await chat.settle()
    expect(registered(chat)).toBe(true)
  })

  test('goes on with it where the summary is on its way, and where both came in one turn', async () => {
    const crossing = (await upToWhere()).chat
    crossing.write('no shopping')
    await crossing.answer()
    crossing.write('Ibirapuera, perto do cinema')
    await crossing.settle()
    expect(crossing.offer!.words).toContain(BOTH)

    const together = (await upToWhere()).chat
    together.write('?')
    together.write('no shopping')
    together.write('Ibirapuera, perto do cinema')
    await together.settle()
    expect(together.offer!.words).toContain(BOTH)
  })

  test('a place that is shared right behind its words goes on with them too', async () => {
    const { chat } = await upToWhere()
    chat.write('no cinema')
    const value = { latitude: -23.6, longitude: -46.7, name: 'Shopping Eldorado' }
    chat.send(MessageBody.fromPartial({ body: { $case: 'location', value } }), 'location')
    await chat.settle()
    expect(chat.offer!.words).toContain('Local: no cinema Shopping Eldorado\n')
  })

  test('is no part of it where it asks back', async () => {
    const { chat } = await upToWhere()
    chat.write('no shopping')
    chat.write('como assim?')
    await chat.settle()
    expect(chat.offer!.words).toContain('Local: no shopping\n')
  })

  test('after the summary was shown is an answer to the summary: none, and it asks again', async () => {
    const { chat } = await upToSummary()
    chat.story.later(5)
    const said = await chat.during(() => void chat.write('foi no Shopping Eldorado'))
    expect(said).toEqual([expect.stringMatching(/Local: no shopping\n/)])
    expect(registered(chat)).toBe(false)
  })

  test('answers no question that came after it was written', async () => {
    const chat = new Chat(FILE, BANK)
    chat.write('oi')
    await chat.settle()
    chat.tap(chat.offer!, 'lost_card')
    await chat.settle()
    chat.write('529.982.247-25')
    chat.write('4321')
    await chat.settle()
    expect(lastWords(chat)).toMatch(/antes desta pergunta[^]*4 últimos dígitos/)
    chat.story.later(5)
    chat.write('9876')
    await chat.settle()
    expect(lastWords(chat)).toContain('Quando')
  })

  describe('of digits, each too few', () => {
    async function upToCpf() {
      const chat = new Chat(FILE, BANK)
      chat.write('oi')
      await chat.settle()
      chat.tap(chat.offer!, 'lost_card')
      await chat.settle()
      chat.story.later(5)
      return chat
    }
    const pieces = ['529', '982', '247-', '25'] as const

    test.each([0, 1, 2, 3])(
      'makes one number with them, also where the robot has answered the %i first and nobody has seen that',
      async (answered) => {
        const chat = await upToCpf()
        for (const [at, piece] of pieces.entries()) {
          chat.write(piece)
          if (at < answered) await chat.answer()
        }
        await chat.settle()
        expect(lastWords(chat)).toMatch(/^Quais são os \*4 últimos/)
        chat.story.later(5)
        for (const piece of ['43', '21']) chat.write(piece)
        await chat.settle()
        expect(lastWords(chat)).toMatch(/^Quando você percebeu/)
      },
    )

    test.each([0, 1])(
      'makes none where they overtook each other, also where the robot has answered the %i first',
      async (answered) => {
        const chat = await upToCpf()
        chat.write('52998224725')
        await chat.settle()
        chat.story.later(5)
        const [first, second] = [chat.story.at, after(chat.story.at, 2)]
        chat.story.later(3)
        // `1243` as it was sent.
        chat.write('43', { occurredAt: second })
        if (answered > 0) await chat.answer()
        chat.write('12', { occurredAt: first })
        await chat.settle()
        expect(lastWords(chat)).toMatch(/4 últimos/)
        chat.story.later(20)
        chat.write('1243')
        await chat.settle()
        expect(lastWords(chat)).toMatch(/^Quando você percebeu/)
      },
    )

    test('makes none with those that the customer was told of', async () => {
      const chat = await upToCpf()
      chat.write(pieces[0])
      await chat.settle()
      chat.story.later(20)
      for (const piece of pieces.slice(1)) chat.write(piece)
      await chat.settle()
      expect(lastWords(chat)).toContain('CPF')
    })

    test('is no part of it once it is edited or deleted, and the number is asked for again', async () => {
      for (const change of ['edit', 'delete'] as const) {
        const chat = await upToCpf()
        const wrote = pieces.map((piece) => chat.write(piece))
        await chat.settle()
        chat.story.later(5)
        const said = await chat.during(() =>
          change === 'edit' ? chat.edit(wrote[1]!, '983') : chat.delete(wrote[1]!),
        )
        expect(said).toEqual([expect.stringMatching(/CPF/)])
      }
    })

    test('is masked wherever it is shown', async () => {
      const chat = await upToCpf()
      const wrote = pieces.map((piece) => chat.write(piece))
      await chat.settle()
      const masked = factsOf(chat.story.events, 'BotTurnCompleted').flatMap(
        ({ sensitiveMessageIds }) => sensitiveMessageIds,
      )
      const ids = wrote.map(
        ({ providerMessageId }) =>
          factsOf(chat.story.events, 'MessageReceived').find(
            (one) => one.providerMessageId === providerMessageId,
          )!.messageId,
      )
      expect(masked).toEqual(expect.arrayContaining(ids))
    })
  })

  test('too long together with the first, it is not cut: the question is asked again', async () => {
    const { chat } = await upToWhere()
    chat.write('no shopping')
    chat.write('x'.repeat(195))
    await chat.settle()
    expect(lastWords(chat)).toMatch(/longa demais[^]*Onde foi/)
  })
})

describe('at an irreversible question, what is in the log when the robot decides counts', () => {
  test.each([
    ['não'],
    ['mas a data está errada'],
    ['espera'],
    ['não entendi'],
    ['?'],
    [':('],
    ['❌'],
    ['👎🏽'],
    ['atendente'],
  ])('sim, and %j right behind it while the robot reads the first: nothing is registered', async (second) => {
    for (const first of ['typed', 'tapped']) {
      const { chat, summary } = await upToSummary()
      chat.story.later(5)
      if (first === 'tapped') chat.tap(summary, 'confirm')
      else chat.write('sim')
      await chat.during(() => void chat.write(second))
      expect(registered(chat)).toBe(false)
      expect(chat.story.state.conversation.stage).toBe(second === 'atendente' ? 'waiting' : 'with_robot')
      expect(chat.words).not.toContain('pt: too late')
    }
  })

  test.each([
    'a data está errada',
    'não está certo',
    'quero ver o limite',
    'espera',
    'o cpf é de outra pessoa',
  ])(
    '%j, and a yes right behind it that was written before the robot answered that: nothing is registered, until it is said again',
    async (first) => {
      for (const yes of ['sim', 'tudo certo', '1']) {
        const { chat } = await upToSummary()
        chat.story.later(5)
        chat.write(first)
        chat.write(yes)
        await chat.settle()
        expect(registered(chat)).toBe(false)
        expect(lastWords(chat)).toMatch(/antes desta pergunta[^]*Confira/)
        chat.story.later(5)
        chat.write(yes)
        await chat.settle()
        expect(registered(chat)).toBe(true)
      }
    },
  )

  test.each(['oi', '👍'])('%j, and a yes right behind it, is a yes', async (first) => {
    const { chat } = await upToSummary()
    chat.story.later(5)
    chat.write(first)
    chat.write('sim')
    await chat.settle()
    expect(registered(chat)).toBe(true)
  })

  test.each([
    ['desculpa, foi ontem no Shopping Morumbi'],
    ['espera, 1111'],
    ['na verdade o final é 1111'],
    ['desculpa, foi ontem'],
    ['espera, 529.982.247-25'],
    ['não, 9876', 'na verdade, 1111'],
  ])(
    'sim, and %j, which says what stands already, before or behind it: nothing is registered',
    async (...said) => {
      // Where the robot is busy with thanks, all behind them waits for one turn.
      for (const turn of [
        ['sim', ...said],
        ['obrigada!', ...said, 'sim'],
      ]) {
        const { chat } = await upToSummary()
        chat.story.later(5)
        for (const words of turn) chat.write(words)
        await chat.settle()
        expect(registered(chat)).toBe(false)
        expect(lastWords(chat)).toMatch(/Confira[^]*Data: 01\/03\/2026/)
      }
    },
  )

  test('whatever is said beside a yes and is neither a yes nor thanks: nothing is registered', async () => {
    const said = (words: string) => fc.constantFrom(...words.split('|'))
    const taken = said(
      '|ah, |ops, |espera, |desculpa, |sorry, |na verdade |não, |a data tá errada, |ah não, na verdade ',
    )
    const value = said(
      '1111|9876|o final é 1111|ontem|foi ontem|foi hoje|foi ontem no Shopping Morumbi|25 de fevereiro|no shopping|no Shopping Morumbi|529.982.247-25|meu cpf é 111.444.777-35|4321|9876 e não 1111|1111 e não 9876',
    )
    const yes = said('sim|yes|ok|tudo certo|👍|pode registrar')
    const holds = fc.asyncProperty(
      fc.array(fc.tuple(taken, value), { minLength: 1, maxLength: 3 }),
      fc.nat(3),
      yes,
      fc.boolean(),
      async (others, place, agreed, isQuoting) => {
        const { chat, summary } = await upToSummary()
        chat.story.later(5)
        // The robot is busy, so that all of it waits for one turn.
        chat.write('obrigada!')
        const turn = others.map((words) => words.join('')).toSpliced(place, 0, agreed)
        for (const words of turn) chat.write(words, isQuoting ? { quotes: summary } : {})
        await chat.settle()
        expect(registered(chat)).toBe(false)
      },
    )
    await expect(fc.assert(holds, runs(12))).resolves.toBeUndefined()
  })

  test.each([['sim'], ['obrigada!'], ['👍']])(
    'sim, and %j right behind it: it is registered, once',
    async (second) => {
      const { chat } = await upToSummary()
      chat.story.later(5)
      chat.write('sim')
      await chat.during(() => void chat.write(second))
      expect(chat.phone.filter(({ words }) => words.includes('está registrada'))).toHaveLength(1)
    },
  )

  test.each([
    ['a voice message', { $case: 'media', value: { type: 'audio', voice: true } }, 'audio'],
    ['what the channel does not show', { $case: 'unsupported', value: {} }, 'unsupported'],
  ] as const)(
    'sim, and %s right behind it: nobody knows what it says, and nothing is registered',
    async (_, body, type) => {
      const { chat } = await upToSummary()
      chat.story.later(5)
      chat.write('sim')
      const said = await chat.during(() => chat.send(MessageBody.fromPartial({ body }), type))
      expect(said).toEqual([expect.stringMatching(/Toque em uma[^]*Confira/)])
      expect(registered(chat)).toBe(false)
    },
  )

  test('a picture above a yes confirms nothing, for nobody knows what it says; above a no it turns back', async () => {
    const photo = (caption: string) =>
      MessageBody.fromPartial({ body: { $case: 'media', value: { type: 'image', mediaId: '1', caption } } })
    const { chat } = await upToSummary()
    chat.story.later(5)
    const said = await chat.during(() => chat.send(photo('sim'), 'image'))
    expect(said).toEqual([expect.stringMatching(/ver fotos[^]*Confira/)])
    chat.story.later(5)
    await chat.during(() => chat.send(photo('não'), 'image'))
    expect([registered(chat), lastWords(chat)]).toEqual([false, expect.stringContaining('*CPF*')])
  })

  describe('where it is done by a call', () => {
    test('a yes alone makes it once, and a no right behind the yes none', async () => {
      const sure = await askedToChangePlan()
      await sure.during(() => void sure.write('sim'))
      expect([sure.calls, sure.phone.at(-1)!.words]).toEqual([['change'], 'Fim'])
      const denied = await askedToChangePlan()
      denied.write('sim')
      await denied.during(() => void denied.write('não'))
      expect([denied.calls, denied.phone.at(-1)!.words]).toEqual([
        [],
        expect.stringContaining('Mudar o plano?'),
      ])
    })

    test('a no that comes when the robot has asked for it is too late: the call is made once, and the customer is told', async () => {
      const chat = await askedToChangePlan()
      chat.write('sim')
      await chat.answer()
      expect(chat.calls).toEqual([])
      chat.write('não')
      await chat.settle()
      expect(chat.calls).toEqual(['change'])
      expect(chat.words).toContain('pt: too late')
    })
  })

  test('a yes that is edited into a no, or deleted, while the robot reads it registers nothing', async () => {
    for (const change of ['edit', 'delete']) {
      const { chat } = await upToSummary()
      chat.story.later(5)
      const yes = chat.write('sim')
      await chat.during(() => (change === 'edit' ? chat.edit(yes, 'não') : chat.delete(yes)))
      expect(registered(chat)).toBe(false)
    }
  })
})

describe('an answer that the customer edits', () => {
  test('before the confirmation changes the value, and the summary is shown anew', async () => {
    const { chat, card, summary } = await upToSummary()
    const said = await chat.during(() => chat.edit(card, '2222'))
    expect(said).toEqual([expect.stringMatching(/Anotei[^]*Cartão final: 2222\n.*\n• Local: no shopping/)])
    expect(await chat.during(() => chat.tap(summary, 'confirm'))).toEqual([
      expect.stringMatching(/mudada[^]*Cartão final: 2222/),
    ])
    chat.tap(chat.offer!, 'confirm')
    await chat.settle()
    expect(chat.phone.map(({ words }) => words).join('\n')).toContain('cartão final 2222 está registrada')
  })

  test('in the same moment as the confirmation is not overtaken by it', async () => {
    for (const first of ['edit', 'tap']) {
      const { chat, card, summary } = await upToSummary()
      // The robot is busy, so that both wait for one turn.
      chat.write('?')
      if (first === 'edit') chat.edit(card, '2222')
      chat.tap(summary, 'confirm')
      if (first === 'tap') chat.edit(card, '2222')
      await chat.settle()
      expect(registered(chat)).toBe(false)
      expect(chat.offer!.words).toContain('2222')
    }
  })

  test('after it was registered: the customer is told that it was', async () => {
    const { chat, card, summary } = await upToSummary()
    chat.tap(summary, 'confirm')
    await chat.settle()
    expect(chat.story.state.conversation.stage).toBe('none')
    expect(await chat.during(() => chat.edit(card, '2222'))).toEqual(['pt: too late'])
  })

  test('while the robot takes the confirmation changes the value: the summary is shown anew, and nothing is registered', async () => {
    const { chat, card, summary } = await upToSummary()
    chat.tap(summary, 'confirm')
    const said = await chat.during(() => chat.edit(card, '2222'))
    expect(said).toEqual([expect.stringContaining('Cartão final: 2222')])
    expect(registered(chat)).toBe(false)
  })

  test('into what does not fit is asked for again, and the later answers hold', async () => {
    const { chat, card } = await upToSummary()
    const said = await chat.during(() => chat.edit(card, '22'))
    expect(said).toEqual([expect.stringMatching(/números[^]*4 últimos dígitos/)])
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('2222'))).toEqual([
      expect.stringMatching(/Cartão final: 2222\n.*\n• Local: no shopping/),
    ])
  })

  test('in words and not in what they mean changes nothing, and nothing is said', async () => {
    const { chat, card } = await upToSummary()
    expect(await chat.during(() => chat.edit(card, ' 1111.'))).toEqual([])
    expect(await chat.during(() => chat.tap(chat.offer!, 'confirm'))).toContainEqual(
      expect.stringContaining('1111'),
    )
  })

  test('in the middle changes the value, and the question that waits is asked again', async () => {
    const { chat, cpf } = await upToWhere()
    expect(await chat.during(() => chat.edit(cpf, '111.444.777-35'))).toEqual([
      expect.stringMatching(/Anotei[^]*Onde foi/),
    ])
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('no metrô'))).toEqual([
      expect.stringContaining('111.444.777-35'),
    ])
  })

  test('after a misfit mends it', async () => {
    const { chat } = await upToWhere()
    chat.story.later(5)
    const wrong = chat.write('x')
    await chat.settle()
    expect(await chat.during(() => chat.edit(wrong, 'no metrô'))).toEqual([
      expect.stringContaining('Local: no metrô'),
    ])
  })

  test('into a wish is that wish', async () => {
    const { chat, card } = await upToSummary()
    await chat.during(() => chat.edit(card, 'quero falar com um atendente'))
    expect(chat.story.state.conversation.stage).toBe('waiting')
  })

  test('a part of a burst is changed in its place', async () => {
    const { chat } = await upToWhere()
    chat.write('no shoping')
    const second = chat.write('Ibirapuera')
    await chat.settle()
    expect(await chat.during(() => chat.edit(second, 'Eldorado'))).toEqual([
      expect.stringContaining('Local: no shoping Eldorado'),
    ])
  })
})

describe('an answer that the customer deletes', () => {
  test('is asked for again, and the later answers hold', async () => {
    const { chat, card } = await upToSummary()
    expect(await chat.during(() => chat.delete(card))).toEqual([
      expect.stringMatching(/apagou[^]*4 últimos dígitos/),
    ])
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('2222'))).toEqual([
      expect.stringMatching(/Cartão final: 2222\n.*\n• Local: no shopping/),
    ])
  })

  test('is not registered, though Confirm is tapped on the summary that shows it', async () => {
    const { chat, card, summary } = await upToSummary()
    chat.delete(card)
    chat.tap(summary, 'confirm')
    await chat.settle()
    expect(registered(chat)).toBe(false)
    expect(lastWords(chat)).toContain('4 últimos dígitos')
  })

  test('after it was registered: the customer is told that it was', async () => {
    const { chat, card, summary } = await upToSummary()
    chat.tap(summary, 'confirm')
    await chat.settle()
    expect(await chat.during(() => chat.delete(card))).toEqual(['pt: too late'])
  })

  test('a part of a burst leaves the rest, which is shown for confirmation', async () => {
    const { chat } = await upToWhere()
    chat.write('no shopping')
    const second = chat.write('Ibirapuera')
    await chat.settle()
    expect(await chat.during(() => chat.delete(second))).toEqual([
      expect.stringMatching(/Local: no shopping\n/),
    ])
  })
})

describe('an earlier answer that is taken back in words', () => {
  test.each([
    ['na verdade o final do cartão é 9876', 'Cartão final: 9876'],
    ['ops, 9876', 'Cartão final: 9876'],
    ['desculpa, o certo é 9876 e não 1111', 'Cartão final: 9876'],
    ['não, meu cpf é 111.444.777-35', 'CPF: 111.444.777-35'],
    ['a data tá errada, foi hoje', 'Data: 02/03/2026'],
    ['aliás, foi anteontem', 'Data: 28/02/2026'],
    ['me confundi, é 9876', 'Cartão final: 9876'],
    ['não não, 9876', 'Cartão final: 9876'],
    ['peraí, errei: o certo é só 9876', 'Cartão final: 9876'],
    ['typo: 9876', 'Cartão final: 9876'],
    ['é 9876, não 1111', 'Cartão final: 9876'],
    ['foi mal, errei, foi anteontem', 'Data: 28/02/2026'],
    ['não é 1111, é 9876', 'Cartão final: 9876'],
    ['o final não era 1111 e sim 9876', 'Cartão final: 9876'],
    ['coloquei 1111 mas é 9876', 'Cartão final: 9876'],
    ['não foi ontem foi anteontem', 'Data: 28/02/2026'],
    ['o cartão tá errado é 9876', 'Cartão final: 9876'],
    ['a data não está certa, foi anteontem', 'Data: 28/02/2026'],
    ['digitei errado, é 9876', 'Cartão final: 9876'],
    ['muda o cartão para 9876', 'Cartão final: 9876'],
    ['pode trocar a data pra anteontem?', 'Data: 28/02/2026'],
    ['quis dizer 9876', 'Cartão final: 9876'],
    ["wrong card, it's 9876", 'Cartão final: 9876'],
    ['9876, digitei errado', 'Cartão final: 9876'],
    ['9876, errei o número, desculpa', 'Cartão final: 9876'],
    ['anteontem, me enganei', 'Data: 28/02/2026'],
    ['9876 my mistake', 'Cartão final: 9876'],
  ])(
    'at the summary is shown anew, and at the question before it answers nothing: %s',
    async (said, shown) => {
      const { chat } = await upToSummary()
      chat.story.later(5)
      const [summary] = await chat.during(() => void chat.write(said))
      expect(summary).toContain('Anotei a mudança.')
      expect(summary).toContain(shown)
      const { chat: early } = await upToWhere()
      early.story.later(5)
      expect(await early.during(() => void early.write(said))).toEqual([
        expect.stringMatching(/^Anotei a mudança\.[^]*Onde foi/),
      ])
      early.story.later(5)
      const [after] = await early.during(() => void early.write('no shopping'))
      expect(after).toContain(shown)
      expect(after).toContain('Local: no shopping')
    },
  )

  test.each([
    ['foi no metrô, e não no shopping', 'Local: foi no metrô'],
    ['na verdade no metrô, não no shopping', 'Local: no metrô'],
    ['não foi no shopping, foi no metrô', 'Local: no metrô'],
    ['não era shopping, era metrô', 'Local: metrô'],
    ['metrô, não shopping', 'Local: metrô'],
    ['não perdi no shopping, perdi no metrô', 'Local: no metrô'],
  ])('of a free answer that is named as it stands, too: %s', async (said, shown) => {
    const { chat } = await upToSummary()
    chat.story.later(5)
    const [summary] = await chat.during(() => void chat.write(said))
    expect(summary).toContain('Anotei a mudança.')
    expect(summary).toContain(shown)
    expect(summary).toContain('Data: 01/03/2026')
  })

  test.each([
    'na verdade foi no metrô',
    'foi no metrô, não em casa',
    'não foi no shopping',
    'no shopping não',
    'sim, não no shopping',
    'ok, e não no shopping',
    'não foi no mercado, foi no metrô',
    'não foi no shopping, foi ontem',
    'foi ontem, não no shopping',
    'pode mudar a data?',
    'muda o local para o metrô',
    'deu errado ontem',
  ])(
    'of a free answer that is not, nobody knows what is taken back: the summary is asked again: %s',
    async (said) => {
      const { chat } = await upToSummary()
      chat.story.later(5)
      const [summary] = await chat.during(() => void chat.write(said))
      expect(summary).not.toContain('Anotei a mudança.')
      expect(summary).toContain('Local: no shopping\n')
    },
  )

  test.each([
    ['english', "it's not 1111, it's 9876", 'ending in: 9876'],
    ['english', 'not 1111 but 9876', 'ending in: 9876'],
    ['english', "I wrote 1111 but it's 9876", 'ending in: 9876'],
    ['english', "it wasn't yesterday it was today", 'Date: 2 March 2026'],
    ['english', 'please change the date to 20 February', 'Date: 20 February 2026'],
    ['english', "it wasn't no shopping, it was on the bus", 'Place: on the bus'],
    ['বাংলা', '১১১১ না, ৯৮৭৬', 'শেষ সংখ্যা: 9876'],
    ['বাংলা', '1111 na 9876 hobe', 'শেষ সংখ্যা: 9876'],
    ['বাংলা', 'তারিখটা বদলে আজ করুন', 'তারিখ: ২ মার্চ ২০২৬'],
    ['বাংলা', 'গতকাল না, আজ', 'তারিখ: ২ মার্চ ২০২৬'],
  ])('in the language of the conversation, %s: %s', async (language, said, shown) => {
    const { chat } = await upToSummary()
    chat.story.later(5)
    chat.write(language)
    await chat.settle()
    chat.story.later(5)
    const [summary] = await chat.during(() => void chat.write(said))
    expect(summary).toContain(shown)
  })

  test('right behind it, in one burst, is the answer', async () => {
    const chat = new Chat(FILE, BANK)
    chat.write('oi')
    await chat.settle()
    chat.tap(chat.offer!, 'lost_card')
    await chat.settle()
    chat.story.later(5)
    chat.write('529.982.247-25')
    await chat.settle()
    chat.story.later(5)
    chat.write('4312')
    chat.write('não, 9876')
    await chat.settle()
    for (const words of ['ontem', 'no shopping']) {
      chat.story.later(5)
      chat.write(words)
      await chat.settle()
    }
    expect(chat.phone.at(-1)!.words).toContain('Cartão final: 9876')
  })

  test('and said again as it stands is no answer to a free question', async () => {
    const { chat } = await upToWhere()
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('na verdade o final é 1111'))).toEqual([
      expect.stringMatching(/^Onde foi/),
    ])
  })

  test.each([
    'não foi ontem',
    'desculpa',
    'na verdade não sei',
    'não, foi na Luz',
    'ontem ou hoje',
    'ah, foi hoje no shopping',
    'na verdade foi hoje no shopping',
    'sorry, hoje no shopping',
    'ah, 25 de fevereiro',
    'espera, 9876',
    '9876, desculpa',
    '9876, não errei',
  ])('is none where no other value is said: %s', async (said) => {
    const { chat } = await upToWhere()
    chat.story.later(5)
    const [summary] = await chat.during(() => void chat.write(said))
    expect(summary).toContain(`Local: ${said}`)
    expect(summary).toContain('Data: 01/03/2026')
  })
})

describe('what quotes an earlier question', () => {
  test('is an answer to that one', async () => {
    const { chat } = await upToSummary()
    const cardQuestion = chat.phone.find(({ words }) => words.includes('4 últimos'))!
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('2222', { quotes: cardQuestion }))).toEqual([
      expect.stringContaining('Cartão final: 2222'),
    ])
  })

  test.each([
    ['4 últimos', 'na verdade 2222', 'Cartão final: 2222'],
    ['4 últimos', 'espera, 2222', 'Cartão final: 2222'],
    ['Onde foi', 'ah, 25 de fevereiro', 'Local: ah, 25 de fevereiro'],
    ['Onde foi', 'na verdade, 25 de fevereiro', 'Local: na verdade, 25 de fevereiro'],
    ['Confira', 'na verdade o final é 2222', 'Cartão final: 2222'],
  ])('and takes back is a new answer to that one: %j, %j', async (question, said, shown) => {
    const { chat } = await upToSummary()
    const quotes = chat.phone.find(({ words }) => words.includes(question))!
    chat.story.later(5)
    const [summary] = await chat.during(() => void chat.write(said, { quotes }))
    expect(summary).toContain('Anotei a mudança.')
    expect(summary).toContain(shown)
    expect(summary).toContain('Data: 01/03/2026')
  })

  test.each(['1111', 'no shopping Ibirapuera'])(
    'is no word beside a yes to be passed over: %j',
    async (said) => {
      const { chat } = await upToSummary()
      const question = said === '1111' ? '4 últimos' : 'Onde foi'
      const quotes = chat.phone.find(({ words }) => words.includes(question))!
      chat.story.later(5)
      chat.write('sim')
      chat.write(said, { quotes })
      await chat.settle()
      expect(registered(chat)).toBe(false)
      expect(lastWords(chat)).toContain('Confira')
    },
  )

  test('is that where a free one waits, too', async () => {
    const { chat } = await upToWhere()
    const quotes = chat.phone.find(({ words }) => words.includes('4 últimos'))!
    for (const [said, then] of [
      ['espera, 2222', /^Anotei a mudança\.[^]*Onde foi/],
      ['no shopping', /Cartão final: 2222\n.*\n• Local: no shopping\n/],
    ] as const) {
      chat.story.later(5)
      const about = said === 'no shopping' ? {} : { quotes }
      expect(await chat.during(() => void chat.write(said, about))).toEqual([expect.stringMatching(then)])
    }
  })

  test('is an answer to a free one that waits, whatever it takes back', async () => {
    const { chat } = await upToWhere()
    const quotes = chat.phone.at(-1)!
    chat.story.later(5)
    const [summary] = await chat.during(() => void chat.write('na verdade, 25 de fevereiro', { quotes }))
    expect(summary).toContain('Data: 01/03/2026')
    expect(summary).toContain('Local: na verdade, 25 de fevereiro')
  })
})

describe('what quotes an earlier answer of their own, and says another one to its question,', () => {
  test('is that answer, where a free question waits too, and the summary is shown anew', async () => {
    for (const upTo of [upToWhere, upToSummary]) {
      const { chat, card } = await upTo()
      chat.story.later(5)
      chat.write('2222', { quotes: card })
      await chat.settle()
      if (upTo === upToWhere) {
        chat.story.later(5)
        chat.write('no shopping')
        await chat.settle()
      }
      expect(lastWords(chat)).toMatch(/Cartão final: 2222\n.*\n• Local: no shopping\n/)
    }
  })

  test('written while the next question is on its way, is no part of the answer before it', async () => {
    const { chat, card } = await upToWhere()
    chat.story.later(5)
    chat.write('no shopping')
    chat.write('2222', { quotes: card })
    await chat.settle()
    expect(lastWords(chat)).toMatch(/Cartão final: 2222\n.*\n• Local: no shopping\n/)
  })

  test('is no word beside a yes to be passed over', async () => {
    const { chat, card } = await upToSummary()
    chat.story.later(5)
    chat.write('sim')
    chat.write('2222', { quotes: card })
    await chat.settle()
    expect(registered(chat)).toBe(false)
    expect(lastWords(chat)).toContain('Cartão final: 2222')
  })
})

describe('a report that is called off', () => {
  test('is not registered, whatever follows but a tap or its title; said again, it is over', async () => {
    const { chat } = await upToSummary()
    for (const [said, answer] of [
      ['deixa pra lá', /^Este pedido ainda não foi feito[^]*Está tudo certo\?/],
      ['sim', /^Este pedido ainda não foi feito/],
      ['não quero mais', /^Tudo bem, o pedido não foi feito[^]*Como posso ajudar/],
    ] as const) {
      chat.story.later(5)
      expect(await chat.during(() => void chat.write(said))).toEqual([expect.stringMatching(answer)])
    }
    expect(registered(chat)).toBe(false)
  })

  test('while the yes to it is being answered registers nothing', async () => {
    const { chat } = await upToSummary()
    chat.story.later(5)
    chat.write('sim')
    chat.write('esquece')
    await chat.settle()
    expect(registered(chat)).toBe(false)
    expect(lastWords(chat)).toMatch(/^Este pedido ainda não foi feito/)
  })

  test('is not, whatever is said before and behind it and however late the services are, but by a tap or its title', async () => {
    const yes = 'sim|yes|ok|siiim|pode registrar|tudo certo|👍|uhum'
    const other =
      'oi|pera aí|mas a data|deixa pra lá|esquece|não quero mais|não|menu|ontem|no shopping|English please|what is not shown|an old button'
    const said = (words: string) => fc.constantFrom(...words.split('|'))
    const late = { acts: fc.nat(6), seconds: fc.constantFrom(0, 0, 5) }
    // The robot is at the first message while the others come: they are one turn.
    const before = fc.array(said(other), { maxLength: 3 })
    const behind = fc.array(fc.record({ words: said(`${yes}|${other}`), ...late }), { maxLength: 8 })
    const holds = fc.asyncProperty(before, fc.nat(6), behind, async (first, acts, then) => {
      const burst = ['oi', ...first].map((words) => ({ words, acts: 0, seconds: 0 }))
      const { chat } = await upToSummary()
      chat.story.later(5)
      for (const each of [...burst, { words: 'deixa pra lá', acts, seconds: 0 }, ...then]) {
        const { words } = each
        if (words === 'an old button')
          chat.tap(
            chat.phone.find(({ options }) => options.has('branches'))!,
            'branches',
          )
        else if (words === 'what is not shown')
          chat.send(MessageBody.fromPartial({ body: { $case: 'unsupported', value: {} } }), 'unsupported')
        else chat.write(words)
        for (let times = 0; times < each.acts; times++) await chat.act()
        chat.story.later(each.seconds)
      }
      await chat.settle()
      chat.story.later(5)
      for (const words of ['sim', 'yes']) await chat.during(() => void chat.write(words))
      const used = factsOf(chat.story.events, 'BotTurnCompleted').flatMap(
        ({ usedMessageIds }) => usedMessageIds,
      )
      expect(used).toEqual([])
    })
    await expect(fc.assert(holds, runs(20))).resolves.toBeUndefined()
  })

  test('a tap on the summary of before asks about what is possible now', async () => {
    const { chat, summary } = await upToSummary()
    for (const said of ['esquece', 'desistir']) {
      chat.story.later(5)
      chat.write(said)
      await chat.settle()
    }
    expect(await chat.during(() => chat.tap(summary, 'confirm'))).toEqual([
      expect.stringMatching(/etapa anterior[^]*Como posso ajudar/),
    ])
    expect(registered(chat)).toBe(false)
  })
})

describe('old menus and lists', () => {
  test('a tap on one in the middle of something is answered by the question that waits, and no try is lost', async () => {
    const { chat } = await upToWhere()
    const menu = chat.offer!
    for (let tries = 0; tries < 4; tries++)
      expect(await chat.during(() => chat.tap(menu, 'branches'))).toEqual([
        expect.stringMatching(/etapa anterior[^]*Onde foi/),
      ])
  })

  test('a tap on one of a conversation that ended begins a new one with what is possible now', async () => {
    const { chat, summary } = await upToSummary()
    chat.tap(summary, 'confirm')
    await chat.settle()
    const said = await chat.during(() => chat.tap(summary, 'confirm'))
    expect(said.at(-1)).toMatch(/etapa anterior[^]*Como posso ajudar/)
    const menu = chat.phone.find(({ options }) => options.has('lost_card'))!
    expect(await chat.during(() => chat.tap(menu, 'branches'))).toEqual([
      expect.stringMatching(/etapa anterior[^]*Como posso ajudar/),
    ])
  })

  test('the same menu asked again after a misfit: each of the two is good', async () => {
    const chat = new Chat(FILE, BANK)
    chat.write('oi')
    await chat.settle()
    const menu = chat.offer!
    chat.story.later(5)
    chat.write('qual o limite do meu cartão?')
    await chat.settle()
    expect(await chat.during(() => chat.tap(menu, 'lost_card'))).toEqual([expect.stringContaining('CPF')])
  })
})

describe('what the customer did not say', () => {
  test('a stop of advertising alone is noted at any question, answers none and costs no try', async () => {
    const { chat } = await upToWhere()
    const tapped = MessageBody.fromPartial({
      body: { $case: 'choice', value: { source: 'template_button', id: 'p', title: 'Stop promotions' } },
    })
    for (const stop of [
      () => chat.send(tapped, 'button'),
      () => void chat.write('parar promoções'),
      () => void chat.write('não quero mais propaganda'),
    ]) {
      chat.story.later(5)
      expect(await chat.during(stop)).toEqual([expect.stringMatching(/^Anotado[^]*Onde foi/)])
    }
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('no shopping'))).toEqual([
      expect.stringContaining('Local: no shopping\n'),
    ])
  })

  test('never leads to people, however often it comes', async () => {
    const chat = new Chat(FILE, BANK)
    chat.write('oi')
    await chat.settle()
    chat.tap(chat.offer!, 'lost_card')
    await chat.settle()
    for (let times = 0; times < 12; times++) {
      chat.story.later(5)
      chat.send(MessageBody.fromPartial({ body: { $case: 'unsupported', value: {} } }), 'unsupported')
      await chat.settle()
    }
    expect(chat.story.state.conversation.stage).toBe('with_robot')
  })

  test('costs no try: unsupported three times, and then a valid CPF is taken', async () => {
    const chat = new Chat(FILE, BANK)
    chat.write('oi')
    await chat.settle()
    chat.tap(chat.offer!, 'lost_card')
    await chat.settle()
    const unsupported = MessageBody.fromPartial({
      body: { $case: 'unsupported', value: { providerType: 'unsupported', errorCode: 131_051 } },
    })
    for (let times = 0; times < 3; times++) {
      chat.story.later(5)
      expect(await chat.during(() => chat.send(unsupported, 'unsupported'))).toEqual([
        expect.stringContaining('CPF'),
      ])
    }
    chat.story.later(5)
    expect(await chat.during(() => void chat.write('529.982.247-25'))).toEqual([
      expect.stringContaining('4 últimos'),
    ])
  })
})

test('a no that comes once it is done meets the undo that the flow offers, and undoes nothing by itself', async () => {
  const chat = await askedToChangePlan(`  changed:
    ask:
      type: choice
      into: after
      irreversible: true
      text: ${inAll('Plano mudado')}
      options:
        - { id: keep, title: ${inAll('Está certo')}, words: { pt: [sim] }, goto: over }
        - { id: undo, title: ${inAll('Desfazer')}, goto: back }
  back: { call: { method: DELETE, url: 'https://plans.example.com', fallback: over } }
`)
  chat.write('sim')
  await chat.answer()
  await chat.answer()
  expect(chat.calls).toEqual(['change'])
  expect(await chat.during(() => void chat.write('não'))).toEqual([
    'Plano mudado',
    expect.stringMatching(/Toque em uma[^]*Plano mudado/),
  ])
  expect(chat.calls).toEqual(['change'])
  chat.story.later(5)
  expect(await chat.during(() => chat.tap(chat.offer!, 'undo'))).toEqual(['Fim'])
  expect(chat.calls).toEqual(['change', 'back'])
})

test('after the end, thanks are not answered with a menu', async () => {
  const { chat, summary } = await upToSummary()
  chat.tap(summary, 'confirm')
  await chat.settle()
  chat.story.later(120)
  expect(await chat.during(() => void chat.write('obrigada!'))).toEqual([])
  expect(factsOf(chat.story.events, 'ConversationOpened')).toHaveLength(1)
})

test('what was said to sensitive questions is on record as that', async () => {
  const { chat, cpf, card, place } = await upToSummary()
  const said = factsOf(chat.story.events, 'BotTurnCompleted').flatMap(
    ({ sensitiveMessageIds }) => sensitiveMessageIds,
  )
  const idOf = ({ providerMessageId }: Written) =>
    chat.story.state.messages.find((message) => message.providerMessageId === providerMessageId)!.id
  expect(said).toContain(idOf(cpf))
  expect(said).toContain(idOf(card))
  expect(said).not.toContain(idOf(place))
})

describe('what holds a sensitive answer is on record as that', () => {
  const hiddenIn = ({ story }: Chat) =>
    factsOf(story.events, 'BotTurnCompleted').flatMap(({ sensitiveMessageIds }) => sensitiveMessageIds)
  const idOf = ({ story }: Chat, { providerMessageId }: Written) =>
    story.state.messages.find((message) => message.providerMessageId === providerMessageId)!.id
  const askedForCpf = async () => {
    const chat = new Chat(FILE, BANK)
    chat.write('oi')
    await chat.settle()
    chat.tap(chat.offer!, 'lost_card')
    await chat.settle()
    chat.story.later(5)
    return chat
  }

  const partlyIn = ({ story }: Chat) =>
    factsOf(story.events, 'BotTurnCompleted').flatMap((event) => event.partlySensitiveMessageIds)
  test.each([
    ['oi, meu CPF é 529.982.247-25 e perdi um cartão', true],
    ['quero falar com um atendente, meu cpf é ５２９.９８２.２４７-２５', true],
    ['meu cpf é 529.982.247-25 e o final do cartão é 4312', false],
    ['meu cpf é 529.982.247-25, senha quatro três dois um', false],
    ['cinco dois nove nove oito dois dois quatro sete dois cinco', false],
    ['529.982.247-25', false],
    ['529.982.247-25, ana@example.com', false],
    ['CPF 529.982.247-25, email ana arroba gmail ponto com', false],
    ['CPF 529.982.247-25, my email is ana at gmail dot com', false],
    ['CPF 529.982.247-25, write to ana at gmail.com', false],
    ['my CPF is 529.982.247-25, I lost my card at the mall', true],
  ])(
    'where it is said before anything was asked, it alone where nothing else may be one: %s',
    async (said, isInPart) => {
      const chat = new Chat(FILE, BANK)
      const wrote = chat.write(said)
      await chat.settle()
      expect(hiddenIn(chat)).toEqual([idOf(chat, wrote)])
      expect(partlyIn(chat)).toEqual(isInPart ? [idOf(chat, wrote)] : [])
    },
  )

  test('what is said to the question itself is masked as a whole, whatever stands beside it', async () => {
    const chat = await askedForCpf()
    chat.write('oi, meu CPF é 529.982.247-25')
    await chat.settle()
    expect(hiddenIn(chat)).toHaveLength(1)
    expect(partlyIn(chat)).toEqual([])
  })

  test.each([
    'é 529.982.247-25, quero falar com um atendente',
    '529.982.247-25 quero falar com alguém',
    'quero falar com um atendente sobre meu cpf 529.982.247-25',
    '52998224725. do you speak English?',
    'cinco dois nove nove oito, quero falar com um atendente',
  ])('where it is a wish as well: %s', async (said) => {
    const chat = await askedForCpf()
    const wrote = chat.write(said)
    await chat.settle()
    expect(hiddenIn(chat)).toContain(idOf(chat, wrote))
  })

  test.each([
    'quero falar com um atendente',
    'menu',
    'English please',
    'atendente',
    'não entendi, quero falar com um atendente',
    'Oi! Não entendi. Fala inglês?',
  ])('and %s, which is a wish and no more, is not', async (said) => {
    const chat = await askedForCpf()
    const wrote = chat.write(said)
    await chat.settle()
    expect(hiddenIn(chat)).not.toContain(idOf(chat, wrote))
  })

  test.each([['atendente'], ['menu'], ['english']])('where %s stood before it in one turn', async (wish) => {
    const chat = await askedForCpf()
    // The robot is busy, so that both wait for one turn.
    chat.write('?')
    chat.write(wish)
    const wrote = chat.write('529.982.247-25')
    await chat.settle()
    expect(hiddenIn(chat)).toContain(idOf(chat, wrote))
  })

  test('where the flow ends with the answer before it', async () => {
    const chat = new Chat(
      'code.yaml',
      `flow: code
version: 1
people: { queue: general }
steps:
  code: { ask: { type: digits, length: 4, into: code, sensitive: true, text: ${inAll('Código?')} } }
  over: { hand_over: { queue: general } }
`,
    )
    chat.write('oi')
    await chat.settle()
    chat.story.later(5)
    chat.write('?')
    chat.write('1111')
    const wrote = chat.write('ops, 2222')
    await chat.settle()
    expect(hiddenIn(chat)).toContain(idOf(chat, wrote))
  })

  test.each(['ops, 2222', 'quer dizer 2222', '2222'])(
    'where it came behind the answer, and the next question is not sensitive: %s',
    async (said) => {
      const chat = await askedForCpf()
      chat.write('529.982.247-25')
      await chat.settle()
      chat.story.later(5)
      chat.write('1111')
      const wrote = chat.write(said)
      await chat.settle()
      expect(hiddenIn(chat)).toContain(idOf(chat, wrote))
    },
  )
})

describe('what crosses the question on its way', () => {
  const crossing = async (write: (chat: Chat) => void) => {
    const { chat } = await upToWhere()
    chat.story.later(5)
    chat.write('no shopping')
    await chat.answer()
    // On the phone, and the rules do not know yet.
    chat.show()
    write(chat)
    return { chat, said: await chat.during(() => {}) }
  }

  test('a tap on it counts: it names the question, or could be on no other', async () => {
    const named = await crossing((chat) => chat.tap(chat.offer!, 'confirm'))
    expect(registered(named.chat)).toBe(true)
    const value = { source: 'button_reply', id: 'confirm', title: 'Confirmar' }
    const tapped = MessageBody.fromPartial({ body: { $case: 'choice', value } })
    const unnamed = await crossing((chat) => chat.send(tapped, 'interactive'))
    expect(registered(unnamed.chat)).toBe(true)
  })

  test('a yes to something irreversible does not: it may have been written before', async () => {
    const { chat, said } = await crossing((one) => one.write('sim'))
    expect(registered(chat)).toBe(false)
    expect(said.at(-1)).toMatch(/antes desta pergunta[^]*Está tudo certo/)
  })

  test('what would have answered the question before a free one is not taken for that', async () => {
    for (const [more, then] of [
      ['à noite', /antes desta pergunta[^]*Onde foi/],
      ['anteontem', /antes desta pergunta[^]*Onde foi/],
      ['no shopping', /Local: no shopping\n/],
    ] as const) {
      const { chat } = await upToWhen()
      chat.write('ontem')
      await chat.answer()
      await chat.during(() => void chat.write(more))
      expect([more, lastWords(chat)]).toEqual([more, expect.stringMatching(then)])
    }
  })

  test('thanks and a sticker answer nothing, and nothing is said to them', async () => {
    const sticker = MessageBody.fromPartial({ body: { $case: 'media', value: { type: 'sticker' } } })
    for (const isAsked of [false, true])
      for (const thanks of ['obrigada!', sticker]) {
        const { chat } = await upToWhen()
        chat.write('ontem')
        if (isAsked) await chat.answer()
        const said = await chat.during(() =>
          thanks === sticker ? chat.send(sticker, 'sticker') : void chat.write('obrigada!'),
        )
        expect(said).toEqual([expect.stringContaining('Onde foi?')])
      }
  })

  test('an answer to an ordinary question does where it fits, and where it does not it is asked again', async () => {
    for (const [text, answer] of [
      ['529.982.247-25', '4 últimos'],
      ['123', 'CPF'],
    ] as const) {
      const chat = new Chat(FILE, BANK)
      chat.write('oi')
      await chat.settle()
      chat.tap(chat.offer!, 'lost_card')
      await chat.answer()
      chat.show()
      chat.write(text)
      await chat.settle()
      expect(lastWords(chat)).toContain(answer)
    }
  })
})
