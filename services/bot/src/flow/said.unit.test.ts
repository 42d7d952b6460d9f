import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { checkFlow } from './checking.ts'
import type { Ask } from './flow.ts'
import { answer } from './interpreter.ts'
import type { Language } from './language.ts'
import { readSession } from './session.ts'
import { understand, wishOf } from './understanding.ts'

/** What people say, by kind: each text is held to what it is in the example flow, or to what a question of its type takes it for. */

const FILE = join(import.meta.dirname, '../../../../config/flows/atendimento.yaml')
const { flow: bank } = checkFlow(FILE, readFileSync(FILE, 'utf8'))
const AT = '2026-11-22T15:00:00Z'

type Body = DeepPartial<MessageBody>['body']
const text = (value: string): Body => ({ $case: 'text', value: { text: value } })
const tap = (id: string): Body => ({ $case: 'choice', value: { source: 'button_reply', id, title: '' } })
const message = (body: Body) => MessageBody.fromPartial({ body })

/** One a line or between bars. */
const each = (list: string) =>
  list
    .split(/ \| |\n/)
    .map((said) => said.trim())
    .filter((said) => said !== '')
/** `what is said => what it is`, one a line. */
const pairs = (list: string) =>
  list.split('\n').flatMap((line) => {
    const [, said, is] = /^\s*(.+) => (.+)$/.exec(line) ?? []
    return said === undefined || is === undefined ? [] : [[said, is] as const]
  })

const YESTERDAY = { pt: 'ontem', en: 'yesterday', bn: 'গতকাল' }
type Step = 'menu' | 'summary' | 'more' | 'where'
const wayTo = (step: Step, language: Language): readonly Body[] => {
  const where = [tap('lost_card'), text('52998224725'), text('4321'), text(YESTERDAY[language])]
  const behind = {
    menu: [],
    more: [tap('branches')],
    where,
    summary: [...where, text('Dhaka')],
  } satisfies Record<Step, Body[]>
  return [text('oi'), ...behind[step]]
}

/** One message in the turn of this number. */
function turn(number: number, language: Language, session: string, body: Body) {
  const seen = { seenTurn: number - 1, askedTurn: number - 1, change: '' }
  const run = answer(bank!, {
    turnId: `t${number}`,
    number,
    language,
    session: readSession(session),
    inputs: [{ messageId: `in${number}`, message: message(body), ...seen }],
    at: AT,
  })
  const { done, value } = run.next()
  if (!done || value.outcome !== 'answered') throw new Error('The bank calls nothing.')
  return value
}

/** The session before it is said, by step and language. */
const begun = new Map<string, { readonly session: string; readonly turns: number }>()
function before(step: Step, language: Language) {
  const known = begun.get(step + language)
  if (known !== undefined) return known
  let session = ''
  const way = wayTo(step, language)
  for (const [index, body] of way.entries()) session = turn(index + 1, language, session, body).session
  const found = { session, turns: way.length }
  begun.set(step + language, found)
  return found
}

/** The question that waits after it was said; or what the robot did last: `end`, `handOver`. */
function becomes(step: Step, language: Language, said: string): string {
  const { session, turns } = before(step, language)
  const { session: after, actions } = turn(turns + 1, language, session, text(said))
  return readSession(after)?.step ?? actions.at(-1)?.action?.$case ?? ''
}

describe('the summary, before something irreversible', () => {
  test.each<[language: Language, then: string, said: string]>([
    [
      'pt',
      'summary',
      `
        tá certo, menos o local | a data não confere | confere a data pra mim | já bloqueou? | sim... acho | nada certo | foi anteontem
        Local errado | e se eu achar o cartão depois? | não, tá certo | sim está errado | o cartão termina em 9876 | cpf errado | foi amanhã na verdade
        sim mas nao | certo, só o cartão que tá errado | tudo certo menos a data | quase | acho que sim | talvez | não sei
        depois | espera | peraí | ok? | confirmar? | confirmar não | não confirmar | n confirma | confirmar depois | ainda não
        sim, quero mudar | nem tudo | não está tudo certo | num tá certo | jamais | sim 4312 | 1 2 | 1 ou 2 | opção 1 não
        #1 não | confirmar/mudar algo | sim é não | o correto é 4312 | mudar a data | corrige a data | a data é dia 20
        sim sim não | claro que não | com certeza não | isso mesmo não | não é isso mesmo | certo que não | sim senhor mas não
        s/n | sim/não | 1/2 | 1, mas muda a data | não não é isso | pode confirmar a data? | pode registrar?
        não pode registrar | pode registrar não | se eu confirmar o que acontece? | sim (mas a data não) | 🚫 confirmar 🚫 | ❌ sim
        confirmar ❌ | 👎 sim | ~confirmar~ | ~sim~ | não, sim | sim. não. | 11 | 1.2 | 1º cartão | sim, pode registrar
        com certeza | claro | claro que sim | uhum | aham | arram | isso sim
        sim pode registrar | pode registrar sim | tá certinho | sim 💔 | sim 😢 | sim 👀 | sim ❗ | > Está tudo certo? sim | claro q sim | sim com certeza | positivo | isso aí | blz | beleza | 👍 | 👍🏽👍🏽
        ✅ | ok obrigado | sim eu acho | eu confirmo | confirmado | confirma | confirmo? | não confirmo | nada disso
        tá tudo errado | voltar | 2222 | 20/11 | 52998224725 | nem sim nem não | sim/nao | s i m | S.I.M | yes sir | si | oui
        да | हाँ | 是 | हाँ जी | n sei | nao sei | nem | hum | hein? | ? | oi | op 1 | 1 e 2 | 1 não | 1 errado
        1 mas a data errada | um | primeira opção | Confirmar a data 20/11? | Confirmar 20/11 | Mudar algo não | não mudar
        não precisa mudar | não precisa mudar nada | nada a mudar | não quero mudar nada | não tem nada errado | nada errado
        a primeira | primeira | o primeiro | a última | a 1ª e a 2ª | sem erro | não há erro | -1 | +1 | 1% | $1 | R$ 1 | s̶i̶m̶ | ~sim~ sim | sim❓ | sim ❔ | sim؟ | ¿sim | sim‽ | 🤔 sim | sim 🤨 | sim 🤷‍♀️
        sim 🙅‍♂️ | sim, quase | sim ✖️ | sim :( | sim :/ | sim ): | sim :'( | sim -_- | sim >.< | ): sim
      `,
    ],
    [
      'pt',
      'end',
      `
        «Confirmar» | Sim! 👏👏 | \u2066sim\u2069 | [Confirmar] | 1 👍🏽 | td certo | sim | SIM | s | Confirmar | confirmar. | 1 | 1️⃣ | 1. | (1) | 1) | opção 1 | isso mesmo! | tudo certo 👍 | 𝐬𝐢𝐦 | Ｓｉｍ
        sim\u200b | \u202asim\u202c | certo!!! | CORRETO | *Sim* | _sim_ | 1 - Confirmar | 1. Confirmar | 1) Confirmar
        Confirmar (1) | ١ | ১ | ① | pode registrar! | ok 👍 | Sim Sim | confirmo! | "sim"
        'sim' | (sim) | [sim] | sim... | ...sim | siiiiim!!! | S | ss | #1 | 1 ✅ | a opção 1 | sim :) | sim ;-) | sim (: | sim ^^
      `,
    ],
    [
      'pt',
      'cpf',
      `
        não | n | nao | 2 | Mudar algo | mudar algo! | 2️⃣ | 2 - Mudar algo | errado | tá errado | NAO! | negativo | errado!
        corrigir | alterar | N | N. | nn | não não não | não ❌ | errado ❌ | 👎 não | não :(
      `,
    ],
    [
      'en',
      'summary',
      `
        all except the place | date is off | wasn't yesterday | what happens next? | that's not my card | confirm the date please | yes no maybe | don't register it
        yes but the date is wrong | not correct | that's not correct | that isn't correct | not right
        everything is right except the date | is that correct? | can I change the date? | almost | i don't know | yes? | right?
        correct? | yeah right, no | don't confirm | do not confirm | no yes | yes no | not yet | wait | hold on | sim | não
        confirmar | s | right there | the right card | all wrong not right | ok but | okay wait | never | 1 2 | cancel that one
        nothing is right | everything is right? | yes, change something | not everything is right | ain't right | ❌ yes | yes ❌
        yes please | yes, confirm | yes confirm | sure thing | affirmative | looks good | all good | nothing to change
        don't change anything | no changes | no change needed | no need to change | no, it's right | no errors | nope, all good
        not wrong | isn't wrong | that is wrong | ok? | k | kk | change the card | rigth | incorrect | not incorrect | confirm?
        yes :( | ok :/ | do confirm | go ahead | yesterday | No problem | no worries | never mind | Y/N | um | uh | one | sure | aye | uh huh
      `,
    ],
    [
      'en',
      'end',
      `
        yes | Yes. | y | yep | that's correct | That’s right! | ok | OK! | Confirm | confirmed | 1 | everything is right | 𝗬𝗘𝗦
        it's correct | 1. Confirm | option 1 | yup! | okay! | right | correct | ye | yess
      `,
    ],
    [
      'bn',
      'summary',
      `
        তারিখ ভুল হয়েছে | হ্যাঁ, কিন্তু জায়গাটা ভুল | ঠিক করেন | সব ঠিক? | হ্যাঁ কিন্তু তারিখ ভুল | ঠিক না | ঠিক নয় | ঠিক নেই | সব ঠিক নেই | ঠিক আছে? | সব ঠিক আছে না | ঠিক আছে কি | হ্যাঁ না
        জি না ঠিক না | না হ্যাঁ | নিশ্চিত না | নিশ্চিত করবেন না | yes | sim | সব ঠিক আছে কিন্তু জায়গা ভুল | তারিখ বদলানো যাবে?
        পরে | হ্যাঁ ঠিক আছে | জি, ঠিক আছে | ঠিকই আছে | সব ঠিক | না, সব ঠিক আছে | ভুল নেই | কোনো ভুল নেই | ভুল নাই
        কিছু বদলাতে চাই না | বদলাতে চাই না | নিশ্চিত | নিশ্চিত নই | ok | ১ না | thik nai | thik ache? | thik ache kintu date vul | vul na | sob thik ache | হা হা | ha ha | হা হা হা 😂
        হ্যাঁ :( | হ্যাঁ। না। | হ্যাঁ। তারিখ ভুল।
      `,
    ],
    [
      'bn',
      'end',
      `
        হ্যাঁ | হ্যাঁ। | জি | ঠিক আছে | সব ঠিক আছে | নিশ্চিত করুন | ১ | 1 | সঠিক | ঠিক | হ্যা | জ্বি | হা | ji | Thik ache! | ১. | ১।
      `,
    ],
    [
      'bn',
      'cpf',
      `
        না | ২ | ভুল | জি না | কিছু বদলাতে চাই | নাহ | না। | না না | বদলান | vul
      `,
    ],
    [
      'pt',
      'menu',
      `
        menu
      `,
    ],
    [
      'pt',
      'handOver',
      `
        atendente
      `,
    ],
    [
      'en',
      'cpf',
      `
        wrong | it's wrong | change | edit | no | nope | no. | nah | n
      `,
    ],
  ])('in %s leads to %s', (language, then, said) => {
    for (const one of each(said)) expect([one, becomes('summary', language, one)]).toEqual([one, then])
  })
})

test('a text that goes on behind what is read of it is no answer that it begins with', () => {
  const long = [`sim ${'😀'.repeat(2100)} não`, `sim${' '.repeat(4096)}não`, '👍'.repeat(2100)]
  for (const one of long) expect(becomes('summary', 'pt', one)).toBe('summary')
  expect(becomes('menu', 'pt', `2${'\n'.repeat(4096)}ou 1`)).toBe('menu')
})

describe('the menu', () => {
  test.each<[language: Language, then: string, said: string]>([
    [
      'pt',
      'menu',
      `
        recebi meu cartão roubado de volta | minha mãe perdeu o cartão | 1 não, 2 | opção 1 ou 2? | meu cartão venceu | qual o limite do meu cartão? | meu cartão não chegou | cartão | não perdi meu cartão | achei meu cartão perdido
        nao fui roubado | quase perdi meu cartão | perdi meu cartão não | e se eu perder meu cartão? | onde vejo a agência?
        minha agência é a 1234 | 1234 | 12 | 1 e 2 | quero desbloquear | roubo de dados é crime? | cartão perdido foi encontrado
        lost card | stolen | hours | 1 real | 2 cartões | 4 dias | perdi a hora | perdi meu cartão e quero falar sobre o limite
        quero a 1 | perdi | não perdi o cartão de crédito | não fui roubado | meu marido perdi meu cartão | 1 e 3 | 13
        quero a opção 3 | perdi a agência | english | inglês | bangla | oi | bom dia | obrigado | 👍 | boleto | saldo
        quero fazer um pix | perda total do carro | furto qualificado | cartão roubado no shopping | quero cancelar meu cartão
        não quero falar com uma pessoa | pessoa física | sou pessoa jurídica | segunda | sexta | segundo | um segundo | a quinta | 5ª | a penúltima | $1 | -2 | 2% | R$ 1,00
        a primeira e a segunda | a primeira não | não a primeira | a primeira agência | na segunda | última vez | a primeira ou a última
      `,
    ],
    [
      'pt',
      'cpf',
      `
        meu cartão foi furtado | furtaram meu cartão | ➊ | perdi meu cartão | 1 | 1 por favor | Perdi meu cartão 😭 | eu perdi meu cartão | perdi o cartão de crédito | meu cartão sumiu | oi, perdi meu cartão | boa tarde perdi meu cartao
        1 - Perdi meu cartão | um | primeira opção | a 1 | o 1 | n° 1 | 1ª | 1a opção | perdi o cartao | fui roubado
        opção número 1 | meu cartão foi roubado | roubaram o meu cartão
        a primeira | o primeiro | primeira | Primeira! | a primeira, por favor | 1o | 1º | 1° opção 
        fui roubado? | "perdi meu cartão" | 1, por favor | boa noite, perdi meu cartão | perda | roubo?
      `,
    ],
    [
      'pt',
      'handOver',
      `
        3 | quero falar com atendente | atendente | 3 por favor | uma pessoa | terceira | a terceira | o terceiro | 3ª | 3a
      `,
    ],
    [
      'pt',
      'language',
      `
        mudar o idioma | 4 | opção quatro | idioma | quero mudar o idioma | a última | o último | última opção | a quarta
      `,
    ],
    [
      'pt',
      'more',
      `
        nº 2 | número 2 | horários | dois | opção dois | a segunda opção | horário | horarios e agencias | Horários e agências?
        agência | segunda opção | a dois | a segunda | o segundo | 2ª | a 2ª opção | 2ª, obrigada
      `,
    ],
    [
      'en',
      'cpf',
      `
        my card has been stolen | someone stole my card | I've lost my card | card stolen | one | option one | the first one | the first | first | first option please | number 1 | #1 | I lost my card | my card was stolen
      `,
    ],
    [
      'en',
      'more',
      `
        two please | the 2nd | 2nd option | the 2nd one | number two | the second | second one
      `,
    ],
    [
      'en',
      'menu',
      `
        second | a second | one second | the fifth one | the last time | not the first one | the first or the last | i lost my card please help | i didn't lose my card | i have not lost my card | was my card stolen? | perdi meu cartão
      `,
    ],
    [
      'en',
      'handOver',
      `
        agent
      `,
    ],
    [
      'en',
      'language',
      `
        the last one | last one | the last | last option
      `,
    ],
    [
      'bn',
      'language',
      `
        শেষেরটা | শেষ বিকল্প | শেষটি | sheshta | shesher ta
      `,
    ],
    [
      'bn',
      'cpf',
      `
        নমস্কার। কার্ড হারিয়েছি। | ১। | কার্ড হারিয়ে ফেলেছি | আমার কার্ড হারিয়েছে | কার্ড হারাইছি | আমার কার্ড চুরি হয়েছে | ১ | এক | এক নম্বর | ১ নম্বর | ১ নং | প্রথমটা | প্রথম | প্রথমটি | প্রথম বিকল্প | prothom ta | ১ম | ১মটা | কার্ড হারিয়েছি | আমার কার্ড হারিয়ে গেছে
      `,
    ],
    [
      'bn',
      'more',
      `
        দুই | ২ নম্বর | ২ নাম্বার | ২য় | ২য়টা | দ্বিতীয়টি | 2 number
      `,
    ],
    [
      'bn',
      'menu',
      `
        শেষ | প্রথমটা না | কার্ড হারাইনি | কার্ড হারায়নি | এজেন্ট চাই না | I lost my card
      `,
    ],
    [
      'bn',
      'handOver',
      `
        এজেন্ট | বুঝিনি। একজন মানুষ চাই।
      `,
    ],
  ])('in %s leads to %s', (language, then, said) => {
    for (const one of each(said)) expect([one, becomes('menu', language, one)]).toEqual([one, then])
  })
})

describe('"anything else?"', () => {
  test.each<[language: Language, then: string, said: string]>([
    [
      'pt',
      'end',
      `
        não | n | nao | não obrigada | nao, muito obrigado | obrigada | só isso | era só isso | não, só isso | não preciso
        não, moça | não obrigada moço | nada mais | mais nada | por enquanto não | não, era só isso | só isso obrigado | não. obrigado! | n obg | ñ | naoo
        vlw | valeu! | ok, obg | brigadaaa | tchau | nada | não precisa | não, era só isso mesmo | não quero mais nada | nao vlw
        nãããão | não, valeu | só isso mesmo | não, é só | por hoje é só | não por enquanto
      `,
    ],
    [
      'pt',
      'more',
      `
        tem agência no Recife? | não entendi | não consigo achar | como assim? | por que não? | não sei | no | yes
        não abre domingo? | obrigada, mas e sábado? | nao tem agencia em Olinda? | quero saber se não abre sábado
        blz | ok | 👍 | kkk | valeu a pena? | obrigado a pagar | não precisa de agendamento? | sim ou não? | não obrigatoriamente | talvez | depende
      `,
    ],
    [
      'pt',
      'menu',
      `
        sim | s | sim por favor | quero | claro | ver o menu | 1 | sim, obrigada | menu
      `,
    ],
    [
      'en',
      'more',
      `
        do you have no branch in Rio? | no idea | not sure | why not? | no branch near me? | none of these helped
        no, what about Sunday? | não | sim
      `,
    ],
    [
      'en',
      'end',
      `
        no | nope | No thanks! | that's all | no thank you | thanks | no, that's all | nothing else | that's it | nah thanks
        no sir | nothing else mate | thx | ty! | tysm | ok thanks bye | not now | all good | I'm fine | bye
      `,
    ],
    [
      'bn',
      'end',
      `
        না ভাই | না, ধন্যবাদ ভাই | জি না আপু | না। আর কিছু না। | ধন্যবাদ। আর কিছু লাগবে না। | লাগবে না | দরকার নেই | ধন্যবাদ ভাই | থ্যাংকস | না | না ধন্যবাদ | আর কিছু না | ধন্যবাদ | জি না | না, আর কিছু লাগবে না
      `,
    ],
    [
      'bn',
      'more',
      `
        না। একটা প্রশ্ন আছে। | না বুঝিনি | বুঝি নাই | শাখা নেই? | রবিবার খোলা না? | জানি না
      `,
    ],
  ])('in %s leads to %s', (language, then, said) => {
    for (const one of each(said)) expect([one, becomes('more', language, one)]).toEqual([one, then])
  })
})

describe('the free question where it was', () => {
  test.each<[language: Language, then: string, said: string]>([
    [
      'pt',
      'summary',
      `
        na fila do caixa, falei com o atendente | cancelaram o voo, foi no aeroporto | Terminal Parque Dom Pedro | supermercado Pare & Leve | no balcão, quando fui falar com a pessoa do caixa | fim da linha | não sei | na praça do atendente | Bus stop
        Stop & Shop | em casa | não quero falar com atendente | no Bar do Português | ponto final | SP | Av. Paulista, 1500
        4321 | Centro | central do Brasil | Estação Central | Central Park | no atendimento do banco | no SAC do shopping
        Menu Bar | Bar Menu | Início da Paulista | Rua do Gerente | no hospital, na recepção | na casa do gerente
        Ponto de ônibus | parada de ônibus | Parada Inglesa | metrô Parada Inglesa | Pará | em Pará de Minas
        Saída 12 da BR-116 | Fim da rua | Praça da Sé | perto do Pare | sinal de pare | na placa STOP | Stop Motel | Restart Bar
        não lembro | sei lá | não entendi onde foi | como assim foi no metrô | na Rua Que | não faço ideia | em qualquer lugar | foi em casa, não na rua | Inglês de Souza | rua Português
        Bangla Road | ok hotel | Sim Hotel | hotel Não Sei | 12 | 11 | 3º andar | km 12 | R. 25 de Março, 1000 | -23.5,-46.6
        Parra | rua Parra | transferência da linha azul | passagem de pedestres | gente boa bar | setor 5 | Coloca | https://maps.app.goo.gl/x | RJ | Shopping pessoa | João Pessoa
      `,
    ],
    [
      'pt',
      'handOver',
      `
        quero falar com um atendente | pessoa | me transfere | bota um humano | chega de robô | me direciona
      `,
    ],
    [
      'pt',
      'menu',
      `
        menu
      `,
    ],
    [
      'pt',
      'where',
      `
        português | inglês | 🏠 | . | \u3164\u3164 | 👍 | a | oi | ? | ... | hmm | x | 📍
        não entendi | Como assim?? | o quê? | oi, não entendi a pergunta | repete por favor | não tô entendendo | what do you mean?
      `,
    ],
    [
      'en',
      'where',
      `
        I don't understand | what? | What do you mean | can you repeat that please | sorry, what?
      `,
    ],
    [
      'bn',
      'where',
      `
        বুঝিনি | বুঝতে পারছি না | মানে? | bujhlam na
      `,
    ],
    [
      'en',
      'summary',
      `
        at the bus stop | Stop & Shop | the end of Main Street | End Street | Quit India Road | Cancel Street | agent's office
        at the agent | customer service desk at Target | on the plane | human resources office | no idea | I don't know
        Support office | Live Nation arena | Start Street | Menu Lane | English Harbour | Portuguese Bend | home | at home
        Dhaka | London | LA | NY | at the stoop | Persson street | transfer station | any human resources office | someone's home
      `,
    ],
    [
      'bn',
      'summary',
      `
        ঢাকা | গুলশান ২ | বন্ধু মার্কেট | বন্ধুর বাসায় | বাসে | বাস স্টপে | বাস স্টপ | শুরুর মোড় | মানুষের ভিড়ে | জানি না
        বাংলা মোটর | বাংলামোটর | ইংরেজি স্কুলের সামনে | ব্যাংকে | কাস্টমার সার্ভিস সেন্টারে
        agent banking | bank er samne | bondhur basay | Mirpur 10 | manusher bhir e
      `,
    ],
  ])('in %s leads to %s', (language, then, said) => {
    for (const one of each(said)) expect([one, becomes('where', language, one)]).toEqual([one, then])
  })
})

describe('a wish that may be said at any time', () => {
  const options = [{ id: 'x', title: { pt: 'x', en: 'x', bn: 'x' } }]
  const asked = { text: { pt: '?', en: '?', bn: '?' }, into: 'x', retries: 2, wait: false, sensitive: false }
  const free: Ask = { ...asked, type: 'text', min_length: 1, max_length: 1000 }
  const choice: Ask = { ...asked, type: 'choice', irreversible: false, options }
  const wished = (ask: Ask, said: string, language: Language): string => {
    const wish = wishOf(message(text(said)), { ask, language })
    return wish === undefined ? 'none' : wish.wish === 'language' ? `language ${wish.language}` : wish.wish
  }
  test.each<[ask: string, wish: string, said: string]>([
    [
      'choice',
      'person',
      `
        atendente | ATENDENTE! | quero um atendente | me transfere para um atendente | posso falar com alguém?
        falar com humano | falar c/ um humano pfv | preciso de uma pessoa | não entendi, quero falar com um atendente
        atendente por favor | quero atendimento humano | chama um humano | cadê o atendente? | alguém pode me ajudar?
        human please | human being please | I need a real person | talk to someone | speak to a representative | can I speak with a human being?
        get me a manager | connect me to an agent please | agent!!! | live chat | মানুষের সাথে কথা বলতে চাই | একজন প্রতিনিধি দিন
        এজেন্ট দরকার | কারো সাথে কথা বলতে চাই | কাস্টমার কেয়ার | pessoa | falar com uma pessoa | quero falar com gente
        gostaria de falar com um atendente, por favor | preciso falar com alguém urgente | atendenteee
        quero falar com um humanooo | robô não, quero humano | você é um robô? quero uma pessoa
        quero falar com um atendente, por favor | QUERO FALAR COM ATENDENTE | quero um humano!!! | me passa pra um humano
        prefiro falar com uma pessoa | não quero robô, quero gente | chama alguém | chame um atendente
        preciso de ajuda de uma pessoa | quero falar com o gerente | quero falar com a ouvidoria | cadê a atendente?
        tem alguém aí? | atendimento humano por favor | falar c atendente | qro falar com atendente | fala com atendente
        atendente!!! | ATENDENTE AGORA | ateNdente | atendente? | um atendente? | tem atendente? | posso falar com um atendente?
        gostaria de ser atendido por uma pessoa | quero ser atendido por um humano | talk to human | human agent please
        I want to speak with a real human | real person | operator | representative! | can i talk to a person please?
        put me through to someone | is there a human? | let me talk to your manager | i don't understand, agent please
        মানুষের সঙ্গে কথা বলতে চাই | মানুষ দিন | এজেন্টের সাথে কথা বলব | কাস্টমার কেয়ারে কথা বলতে চাই
        como falar com atendente | como faço para falar com um atendente? | atendimento
        quero atendimento de um humano | tem alguem ai pra me atender? | atendimento humano ja | humano agora | suporte urgente | let me speak to someone in charge | live agent asap | এজেন্ট এখনই
        me transfere | me transfira | me transfere aí | pode me transferir? | quero ser transferido | quero ser transferida agora
        gostaria de ser transferido para um atendente | me encaminha | me direciona por favor | passa pra um humano
        passa pra alguém | me passa pra uma pessoa | bota um humano | coloca um atendente na linha | põe um atendente aí
        me bota pra falar com alguém | kd o atendente | tem gente aí? | vcs tem atendente? | vocês têm atendente humano?
        flr com atendente | quero ajuda de alguém | n quero robô | chega de robô | não quero mais falar com robô
        atendente atendente atendente | attendente | quero conversar com uma pessoa de vdd
        transfer me | transfer me please | can you transfer me? | I want to be transferred | I'd like to be transferred to an agent
        put me through | connect me please | hand me over | get me someone | bring me a human | humans please | someone real please
        put me on with a person | any human here? | speak 2 human | i wanna talk 2 someone | no bots please | no robot
        I'd rather talk to a person | agent agent agent | i dont want to chat with a bot
        আমাকে ট্রান্সফার করুন | ট্রান্সফার করে দিন আমাকে | কাউকে দিন | মানুষের কাছে ট্রান্সফার করুন | রোবট চাই না
        এজেন্টের সাথে কানেক্ট করে দিন | amake transfer korun | manush den | manusher kache din | kauke din | robot chai na
        ekjon er sathe kotha bolte chai | agent er sathe kotha bolbo | customer care e kotha bolte chai | karo sathe kotha bolbo
        nao to entendendo quero falar com alguem | esse robo nao resolve eu quero falar com um atendente agora
        sim mas quero falar com alguém antes | meu app travou preciso falar com alguem urgente | no i want to talk to an agent
        this is not working can i talk to a person please | i dont understand i need a human | isso não ajuda só quero um humano
        বুঝতে পারছি না মানুষের সাথে কথা বলতে চাই | bujhte parchi na manusher sathe kotha bolte chai
        quero falar com um atendente sobre meu cartão por favor | quero falar com um atendente meu cartão foi clonado
        quero falar com um atendente agora urgente por favor | preciso de um atendente meu cartão não funciona
        quero um atendente pra resolver meu problema | me passa pra um atendente sobre a fatura pfv | quero falar com alguém não consigo entrar
        quero falar com uma pessoa a respeito do meu cartão | quero falar com atendente estou com um problema
        I want to talk to an agent about my card please | talk to someone my card was stolen | I need a person with experience in cards
        can I speak to a human I lost my card | i need an agent now please my app is down | connect me to someone who can help with my card
        আমার কার্ড নিয়ে একজন মানুষের সাথে কথা বলতে চাই | মানুষের সাথে কথা বলতে চাই কার্ড নিয়ে | একজন এজেন্ট চাই কার্ডের ব্যাপারে
        কার্ড হারানো নিয়ে এজেন্টের সাথে কথা বলতে চাই দয়া করে | manusher sathe kotha bolte chai card niye | card niye ekjon manush chai
        não eu quero falar com um atendente | acho que preciso falar com um atendente | i think i need to talk to a person
        meu app não funciona acho que preciso falar com um atendente | this does not work i think i need to talk to a person
        me liga | me liguem | quero que me liguem | alguém me ligar | alguém pode me ligar? | podem me ligar por favor? | liga pra mim
        tem como alguém me ligar? | dá pra vocês me ligarem hoje? | me dá uma ligada | quero uma ligação | me liga que eu explico
        call me | call me back please | ring me back | give me a call | can someone call me? | have someone call me asap | I want a call back
        quero falar com você | posso falar com vocês? | quero falar com vcs sobre meu cartão | can I talk to you? | I need to speak with you guys
        deal with a person | I'd rather deal with a human | can I hear from someone? | a living soul | talk to a living soul
        I need help from somebody | I want to be helped by a human | have a word with your manager | get in touch with someone from the bank
        não quero falar com robô não | não vou falar com máquina | odeio falar com robô | cansei de falar com esse bot
        I hate talking to robots | I refuse to talk to a machine | tired of talking to a bot | I don't like to chat with bots
        tô querendo falar com alguém | será que dá pra falar com alguém? | seria possível falar com um atendente? | precisava falar com alguém
        preciso tirar uma dúvida com alguém | quero entrar em contato com um atendente | tem alguma alma viva aí? | quero falar com uma alma viva
        tem algum atendente que possa me ajudar? | há alguém aí? | existe alguém de verdade aí? | tem gente do outro lado?
        algum humano pode falar comigo? | alguém consegue me atender? | um atendente poderia me ajudar? | cadê o suporte? | onde estão os atendentes?
        is anyone available? | is there a real person I can talk to? | are there any humans around? | anyone there who can help me?
        could somebody assist me please? | would a human take over? | where are your agents? | can a real person reply?
        কেউ কি আছেন ওখানে? | কেউ সাহায্য করবেন? | আমাকে একটা ফোন দিন | কল করুন প্লিজ | রোবটের সাথে কথা বলব না | ব্যাংকের কারো সাথে কথা বলতে চাই
        keu achen? | keu help korben? | amake call den | ekta phone den | bank er karo sathe kotha bolte chai
        i need help getting in touch with an agent | can you help me talk to somebody? | assistance to speak with an operator | help me reach a human
        I don't know how to talk to a person here | i dont know what i need to do to speak with an assistant | how to chat with somebody?
        I'm trying to speak with an operator | i have got to talk with someone | where can I talk to a person? | who can I talk to about this?
        put me in touch with a human | hand this chat over to a person | someone from customer care please | do you have human support?
        gimme a human | let me talk to a damn person | stop the bot and get me a human | this is useless so please connect me to an agent
        preciso de ajuda pra falar com um atendente | não sei como falar com alguém aqui | tô tentando falar com uma pessoa | onde falo com um atendente?
        qual a opção pra falar com atendente? | com quem posso falar sobre isso? | quero um representante | quero falar com alguém do setor de cartões
        quero falar com a porra de um atendente | me passa um atendente, mano | desejo atendimento | alguém real aí? | me chama um humano
        isso não ajuda então me passa pra uma pessoa | me liga, caso contrário vou na agência | me liga, se não eu cancelo tudo
        vai manush chai | vai ekjon agent den | apu ekta manusher sathe kotha bolte chai | manush chai amar | call den vai | kauke line e den
        human er sathe kotha bolbo | bot er sathe kotha bolte chai na | agent er sathe connect koren | apnader sathe kotha bolte chai
        শুনুন একজন মানুষ দেন | আপু এজেন্ট দেন | কাউকে লাইনে দিন | এজেন্টের সাথে সংযুক্ত করুন | মানুষের সাথে কথা বলাও | বট চাই না মানুষ চাই
      `,
    ],
    [
      'choice',
      'none',
      `
        a pessoa já | tem alguém na fila agora | now | já | who is in charge here | passa o telefone do gerente | transfer me to savings account | connect me to wifi | me transfere pra conta poupança
        me encaminha o boleto | me direciona pro site | me passa o saldo | bota crédito no celular | tem gente na fila?
        sou pessoa física | no agent fee | hand me over my card | put me through the process | bring me a card | are there agents in recife
        quero transferir | transferir | transferência | me transfere 50 reais | quero transferir dinheiro | transfere pra maria
        passa amanhã | passa o cartão | passei para uma pessoa | quero ser atendida amanhã | quero ser transferido de agência
        transfer | transfer money | transfer me 50 taka | can you transfer me the money | connect my account | forward me the bill
        টাকা ট্রান্সফার করুন | ট্রান্সফার | ট্রান্সফার করতে চাই | taka transfer korbo | taka den | agent banking | robot vacuum
        não quero falar com atendente | sem atendente | não preciso de atendente | o atendente foi rude
        fui falar com o atendente | quem é o atendente? | não quero atendente humano | i do not want an agent | no agent please
        the agent was rude | my agent told me | human rights | travel agent | agente de viagens | personal | não me transfira
        don't transfer me to an agent | এজেন্ট চাই না | মানুষ না | atendente não | que horas tem atendente?
        falei com uma pessoa ontem | uma pessoa roubou meu cartão | someone stole my card | a person took my card
        is it a person? | você é uma pessoa? | are you a human? | are you a real person? | transferi para a pessoa errada
        sent money to the wrong person | uma pessoa me ligou | agent 007 | não é para falar com pessoa | menu do restaurante
        não menu | I do not speak english | não falo inglês | মূল মেনু দেখান | robô não
        sai robô | preciso de ajuda | ajuda | help | socorro | quero reclamar | alguém? | alô?
        a t e n d e n t e | transferir | ligar | uma ligação | phone call | não me liguem | não precisa me ligar | vocês me ligaram?
        alguém me ligou ontem | recebi uma ligação | quem me ligou? | meu celular não liga | minha mãe me liga todo dia | me liga o ar condicionado
        don't call me | who called me? | somebody called me | they call me Joe | the call dropped | I'll call back later | stop calling me
        quero falar com meu marido antes | vou conversar com minha mãe | let me talk to my husband first | I want to hear from my wife
        tem alguém usando meu cartão | tem gente comprando no meu nome | is there someone using my card | tem alguém na minha frente na fila?
        uma pessoa me ajudou ontem | falar com você é difícil | foi bom falar com você | cadê meu cartão? | get you | deal with it
        give me a break | send me a card | give me my balance | me dá um desconto | where is my card? | are you a robot?
        আমাকে ফোন করবেন না | কল দিবেন না | আমার ফোন হারিয়ে গেছে | কেউ আমার কার্ড নিয়ে গেছে | কেউ কার্ড ব্যবহার করছে
        amake call korben na | keu amar card nise | amar phone hariye gese | vaier sathe kotha bolbo
        me liga, se precisar | me liga, qualquer coisa | call me, if you need anything | call me, in case you find it | আমাকে কল দিন, দরকার হলে
        preciso de ajuda pra transferir dinheiro | não sei como pagar alguém | i need help sending money to a person | help me pay somebody
        I don't know how to transfer money to a person | how do I get a card for someone else? | they won't give me an agent
        the bot can't connect me to a human and so please stop | vai passar amanhã | vai chover | manush lagbe na vai | agent chai na apu
        someone at the bank told me to write here | com quem eu falo? | o representante me ligou | um vendedor me ofereceu um cartão
        are there any humans? | I'm not talking to a bot
        I do not want to talk to an agent | no need for an agent | não preciso falar com ninguém | já falei com atendente
        o atendente sumiu | atendente mal educado | não quero atendente | sem humano | nunca falo com atendente
        falar com atendente custa quanto? | horário do atendente | qual o horário de atendimento? | horario de atendimento
        do início | recomeçar | start | home | cardápio | 0 | #
        en inglés | ইংরেজিতে | my english is bad | english breakfast | não falo português
        no english | not english | sem inglês | curso de inglês | quero um curso de inglês | para inglês ver | o inglês sumiu
        i don't speak portuguese | nobody speaks portuguese | I do not want english | não quero em inglês | english school
        quero o extrato, pode ser em inglês | fatura, prefiro em inglês | não sei falar, escrever em inglês | my boss, speaks english
        i like english | speaks english | my daughter likes it, i like english
        i want to learn english | falei em inglês | he only speaks english | ইংরেজি বলতে পারি না | বাংলা বাজার | বাংলায় বলবেন না
        eu não quero falar com atendente | nunca mais quero falar com atendente | se quero falar com atendente espero horas
        I don't think I need to talk to a person | não acho que preciso falar com um atendente | eu não acho que eu preciso falar com um atendente
        não sei por que preciso falar com um atendente | não sei pq eu preciso falar com um atendente | i never said i want to talk to a human
        não disse que quero falar com atendente | nunca falei que queria falar com atendente | I did not say that I want to talk to an agent
        i don't know why i need to talk to a person | não só quero falar com um atendente | n quero falar com atendente
        liguei ontem queria falar com um atendente | ontem eu queria falar com um atendente
        quando quero falar com um atendente ninguém responde | when i want to talk to an agent | quem disse que não quero falar com atendente
        মানুষের সাথে কথা বলতে চাই না কার্ড নিয়ে | এজেন্ট চাই না কার্ডের ব্যাপারে | manusher sathe kotha bolte chai na card niye
        মানুষের সাথে কথা হয়েছে | quero falar com um atendente não | falei com um atendente sobre meu cartão
        meu cartão sumiu preciso de um cartão | fui ao banco e preciso de um boleto | আমি মানুষের সাথে কথা বলতে চাই না
      `,
    ],
    [
      'choice',
      'menu',
      `
        menu | MENU! | menu por favor | voltar ao menu | início | start over | মেনু | menu principal | ir para o menu
        quero voltar ao menu | back to menu | main menu please | Menu, por favor | MENUUU | volta pro menu | quero ver o menu
        mostrar menu | menú | inicio | voltar ao início
      `,
    ],
    [
      'choice',
      'language en',
      `
        English | english please | in english please | in english | English, please! | ingles | ইংরেজি
        Do you speak English? | can you speak english pls | can we speak english? | speak english | switch to english | I only speak English
        hi, do you speak english? | change the language to english | you speak english? | i want english
        você fala inglês? | fala ingles | prefiro inglês | quero em inglês | mudar para inglês | muda pra inglês | pode ser em inglês?
        não entendi, pode ser em inglês | oi, não entendi. quero em inglês | fala inglês, perdi meu cartão | perdi meu cartão. alguém fala inglês?
        Do you speak English? I lost my card | I would like english | anyone speaks english? | i'd like english please
        não entendi, fala inglês?| alguém fala inglês? | ইংরেজিতে বলুন | english e bolun
      `,
    ],
    [
      'choice',
      'language pt',
      `
        português | em português por favor | fala português? | só falo português | quero ser atendido em português
        in portuguese please | change to portuguese | do you speak portuguese
      `,
    ],
    [
      'choice',
      'language bn',
      `
        বাংলা | bangla please | বাংলায় | bangla | বাংলায় বলুন | বাংলা বলুন | banglai bolun | বাংলা বলতে পারেন? | speak bangla please
      `,
    ],
    [
      'free',
      'none',
      `
        fui ao caixa, quero falar com um atendente, eu disse | no banco, atendente 3 | en | pt | Rua Português
        Central | SAC | gerente | manager | support | customer service | main menu
        no banco quero falar com um atendente | o inglês | no inglês | to English | curso de inglês | perdi, fala inglês?
      `,
    ],
    [
      'free',
      'person',
      `
        quero falar com um atendente | atendente | suporte | agent | human | মানুষ | I want to talk to a real person
        quero falar com o gerente
      `,
    ],
  ])('to a %s question is %s', (ask, wish, said) => {
    for (const one of each(said))
      expect([one, wished(ask === 'free' ? free : choice, one, 'pt')]).toEqual([one, wish])
  })
})

describe('a value as people type it', () => {
  const asked = { text: { pt: '?', en: '?', bn: '?' }, into: 'x', retries: 2, wait: false, sensitive: false }
  const asks = {
    date: { ...asked, type: 'date', not_after: 'today' },
    birth: { ...asked, type: 'date', not_before: '1900-01-01', not_after: 'today' },
    future: { ...asked, type: 'date', not_before: 'today' },
    num: { ...asked, type: 'number', whole: false },
    digits: { ...asked, type: 'digits', length: 4 },
    cpf: { ...asked, type: 'cpf' },
    email: { ...asked, type: 'email' },
  } satisfies Record<string, Ask>
  const read = (ask: Ask, said: string, language: Language): string => {
    const dayBefore = (minutes: number) =>
      new Date(Date.parse(AT) - minutes * 60_000).toISOString().slice(0, 10)
    const understood = understand(ask, message(text(said)), { today: AT.slice(0, 10), language, dayBefore })
    return 'fits' in understood ? String(understood.fits) : understood.misfit
  }
  test.each<[question: keyof typeof asks, language: Language, said: string]>([
    [
      'date',
      'pt',
      `
        ontem de noite => 2026-11-21
        foi ontem viu => 2026-11-21
        percebi ontem à noite quando cheguei em casa => 2026-11-21
        percebi ontem quando não achei ele na bolsa => 2026-11-21
        só percebi hoje de manhã no trabalho => 2026-11-22
        só hoje => 2026-11-22
        hoje, umas 2h atrás => 2026-11-22
        notei ontem qdo fui pagar => 2026-11-21
        ontem qnd saí do mercado => 2026-11-21
        essa semana, na terça => dateInFuture
        fazem 2 dias => 2026-11-20
        ontem né => 2026-11-21
        hoje d manhã => 2026-11-22
        quando fui no banco hoje de manhã vi que sumiu => 2026-11-22
        ontem no shopping => 2026-11-21
        ontem à tarde, no metrô da Sé => 2026-11-21
        ontem voltando do trabalho => 2026-11-21
        ontem às 22h ao chegar em casa => 2026-11-21
        foi sexta à noite na saída do cinema => 2026-11-20
        dia 20 no mercado => 2026-11-20
        20/11 na padaria => 2026-11-20
        quando cheguei em casa ontem => 2026-11-21
        quando cheguei em casa há 3 dias => 2026-11-19
        quando percebi foi ontem à noite => 2026-11-21
        quando fui pagar ontem percebi => 2026-11-21
        em casa ontem à noite => 2026-11-21
        há 3 dias no ônibus => 2026-11-19
        acabei de perceber => 2026-11-22
        quando abre a agência hoje => notDate
        quando vai chover hoje => notDate
        ontem no shopping? => notDate
        quanto tempo demora em casa hoje => notDate
        ontem no máximo => notDate
        ontem na verdade hoje => notDate
        ontem em vez de hoje => notDate
        sexta em diante => notDate
        hoje em dia => notDate
        sexta no mês passado => notDate
        segunda no carnaval => notDate
        sexta na semana retrasada => notDate
        domingo em agosto => notDate
        ontem no shopping ou hoje em casa => notDate
        não foi ontem quando cheguei em casa => notDate
        quando cheguei em casa não foi ontem => notDate
        quando cheguei ontem ou hoje => notDate
        ontem quando cheguei não => notDate
        ontem na loja disseram que foi sexta => notDate
        em uma sexta => notDate
        no shopping => notDate
        quando cheguei em casa => notDate
        ontem quando voltei da viagem de 3 dias => notDate
        vinte de novembro de dois mil e vinte e seis => 2026-11-20
        20 de novembro de dois mil e vinte e cinco => 2025-11-20
        dia vinte de novembro de vinte e cinco => 2025-11-20
        vinte de novembro e cinco => notDate
        vinte de novembro trinta => notDate
        vinte de novembro dez da noite => 2026-11-20
        nesse instante => 2026-11-22
        acabei de perder => 2026-11-22
        20⁄11⁄2026 => 2026-11-20
        20∕11∕2026 => 2026-11-20
        20·11·2026 => 2026-11-20
        20•11•2026 => 2026-11-20
        20・11 => 2026-11-20
        acho q ontem => 2026-11-21
        hj msm => 2026-11-22
        agr => 2026-11-22
        ontem ou hoje => notDate
        ontem | hoje => notDate
        5-10/11 => notDate
        20/11, 19 => notDate
        20/11 19 => notDate
        hoje ñ => notDate
        ontem kkkk => 2026-11-21
        ontem com certeza => 2026-11-21
        ontem com certeza não => notDate
        ontem talvez => notDate
        sexta de tardezinha => 2026-11-20
        ~20/11~ 19/11 => 2026-11-19
        ontem por volta das 22h => 2026-11-21
        anteontem de manhã => 2026-11-20
        antes de ontem à noite => 2026-11-20
        semana passada => noOneDay
        sexta feira passada => 2026-11-20
        na quarta => 2026-11-18
        terça-feira => 2026-11-17
        3ª feira => 2026-11-17
        3a-feira => 2026-11-17
        terça passada de manhã => 2026-11-17
        segunda agora => 2026-11-16
        sábado retrasado => 2026-11-14
        20/11 => 2026-11-20
        20-11-26 => 2026-11-20
        20.11.2026 => 2026-11-20
        20 11 2026 => 2026-11-20
        20/nov => 2026-11-20
        20/nov/2026 => 2026-11-20
        20-Nov-2026 => 2026-11-20
        20 nov 26 => 2026-11-20
        20 de nov. => 2026-11-20
        dia 20/11 => 2026-11-20
        no dia 20 de novembro de 2026 => 2026-11-20
        vinte de novembro => 2026-11-20
        1 de novembro => 2026-11-01
        1o de novembro => 2026-11-01
        1° de novembro => 2026-11-01
        1º/11 => 2026-11-01
        primeiro de novembro => 2026-11-01
        dia primeiro => 2026-11-01
        dia primeiro de novembro => 2026-11-01
        31/02 => notDate
        32/11 => notDate
        há 3 dias => 2026-11-19
        3 dias atrás => 2026-11-19
        faz 2 dias => 2026-11-20
        tem uma semana => 2026-11-15
        faz uns 3 dias => 2026-11-19
        hoje não => notDate
        não foi ontem => notDate
        não foi hoje, foi ontem => notDate
        ontem ou anteontem => notDate
        entre ontem e hoje => notDate
        amanhã => dateInFuture
        não sei => notDate
        não lembro => notDate
        não lembro, acho que ontem => 2026-11-21
        sei lá acho que sexta => 2026-11-20
        semana passada na quarta => 2026-11-18
        na semana passada, sexta => 2026-11-20
        ontem umas 22:30h => 2026-11-21
        foi ontem mano => 2026-11-21
        semana passada ontem => notDate
        acho que foi na sexta passada mesmo => 2026-11-20
        sei lá, ontem => 2026-11-21
        ontem, se não me engano => 2026-11-21
        não tenho certeza, mas acho que ontem => 2026-11-21
        não sei mas acho que foi ontem à noite => 2026-11-21
        ontem mas acho que anteontem => notDate
        não tenho certeza, acho que foi ontem à noite => 2026-11-21
        não sei ao certo, dia 20 => 2026-11-20
        ontem, não lembro direito => 2026-11-21
        quase certeza que foi ontem => 2026-11-21
        n lembro acho q foi anteontem => 2026-11-20
        não sei se foi ontem => notDate
        não tenho certeza se foi ontem => notDate
        não sei se ontem ou hoje => notDate
        sei lá, ontem ou hoje => notDate
        acho que ontem não => notDate
        acho que não foi ontem => notDate
        não lembro o dia => notDate
        sei lá => notDate
        ontem não, sei lá => notDate
        25/12 => dateInFuture
        23/11 => dateInFuture
        dia 23 => 2026-10-23
        23 de novembro => dateInFuture
        sábado, 28/11 => dateInFuture
        23/11/2025 => 2025-11-23
        23 de novembro do ano passado => 2025-11-23
        20/11/2025 => 2025-11-20
        20/11 de 2025 => 2025-11-20
        00/00/0000 => notDate
        2026/11/20 => 2026-11-20
        20261120 => 2026-11-20
        11/20/2026 => notDate
        hj de manhã => 2026-11-22
        hj cedo => 2026-11-22
        agora há pouco => 2026-11-22
        há 10 minutos => 2026-11-22
        meia hora atrás => 2026-11-22
        no sábado à noite => 2026-11-21
        ontem 22/11 => notDate
        ontem 21/11 => 2026-11-21
        sábado 21 => 2026-11-21
        sábado, dia 21 => 2026-11-21
        sexta 20/11 às 15h => 2026-11-20
        foi ontem => 2026-11-21
        deve ter sido ontem => 2026-11-21
        ontem, quando saí do shopping => 2026-11-21
        ontem mesmo => 2026-11-21
        desde ontem => 2026-11-21
        ontem cedo => 2026-11-21
        de ontem pra hoje => notDate
        na madrugada de hoje => 2026-11-22
        na madrugada do dia 20 => 2026-11-20
        mês passado => noOneDay
        início do mês => notDate
        dia 5 deste mês => 2026-11-05
        dia 5 do mês passado => 2026-10-05
        dia 31 => 2026-10-31
        5 de fevereiro de 2026 => 2026-02-05
        5/2 => 2026-02-05
        5.2.26 => 2026-02-05
        ante-ontem => 2026-11-20
        ontem à noitinha => 2026-11-21
        ontem umas 3 da tarde => 2026-11-21
        ontem às três da tarde => 2026-11-21
        ontem às 3 e meia => 2026-11-21
        ontem às 15:30 => 2026-11-21
        ontem perto das 18h => 2026-11-21
        ontem depois das 18 => 2026-11-21
        ontem lá pelas 5 => 2026-11-21
        ontem no fim da tarde => 2026-11-21
        ontem no final do dia => 2026-11-21
        ontem de madrugada => 2026-11-21
        ontem bem tarde => 2026-11-21
        ontem tarde da noite => 2026-11-21
        bem tarde ontem à noite => 2026-11-21
        ontem no início da noite => 2026-11-21
        quinta-feira (19/11) => 2026-11-19
        quinta, 19 de novembro de 2026 => 2026-11-19
        19/11 quinta => 2026-11-19
        19/11 sexta => notDate
        ontem (21) => 2026-11-21
        ontem (21/11) => 2026-11-21
        dois dias => notDate
        faz dois dias => 2026-11-20
        quinze dias atrás => 2026-11-07
        duas semanas atrás => 2026-11-08
        uns dois dias atrás => 2026-11-20
        anteontem (20/11/2026) => 2026-11-20
        20/11/2026 às 14:30 => 2026-11-20
        20/11/2026 14:30:00 => 2026-11-20
        20/11/2026, 14h30 => 2026-11-20
        2026-11-20T10:00 => 2026-11-20
        2026-11-20T10:00:00Z => 2026-11-20
        domingo => 2026-11-15
        hoje, domingo => 2026-11-22
        domingo passado => 2026-11-15
        natal => notDate
        29/02 => 2024-02-29
        20/11/226 => notDate
        20/11/20266 => notDate
        2/11 => 2026-11-02
        2 / 11 / 2026 => 2026-11-02
        20//11//2026 => notDate
        20\\11\\2026 => 2026-11-20
        20|11|2026 => notDate
        20–11–2026 => 2026-11-20
        ٢٠/١١/٢٠٢٦ => 2026-11-20
        ２０／１１／２０２６ => 2026-11-20
        2️⃣0️⃣/1️⃣1️⃣ => 2026-11-20
        segunda-feira da semana passada => 2026-11-16
        segunda retrasada => 2026-11-09
        outro dia => noOneDay
        esses dias => noOneDay
        ontem! => 2026-11-21
        ONTEM => 2026-11-21
        onteem => notDate
        ontemmm => 2026-11-21
        hojeee => 2026-11-22
        20 de novembro do ano passado => 2025-11-20
        nov 20 => 2026-11-20
        novembro 20 => 2026-11-20
        novembro => notDate
        2026 => notDate
        20 => notDate
        dia vinte e um => 2026-11-21
        vinte e um do onze => 2026-11-21
        dia vinte do onze => 2026-11-20
        20 do 11 de 2026 => 2026-11-20
        trinta e um de outubro => 2026-10-31
        foi no último sábado => 2026-11-21
        no último dia 20 => 2026-11-20
        ontem, sábado => 2026-11-21
        ontem, sexta => notDate
        hoje 21/11 => notDate
        desde sexta => 2026-11-20
        até ontem eu tinha => notDate
        perdi ontem => 2026-11-21
        perdi o cartão ontem => 2026-11-21
        perdi meu cartão ontem à noite => 2026-11-21
        meu cartão sumiu ontem => 2026-11-21
        roubaram ontem => 2026-11-21
        percebi hoje mas perdi ontem => notDate
        depois de ontem => notDate
        antes de 20/11 => notDate
        até 20/11 => notDate
        menos de 3 dias => notDate
        mais de uma semana => notDate
        há mais de uma semana => notDate
        há menos de uma hora => notDate
        quase uma semana atrás => notDate
        há uma hora => 2026-11-22
        há 24 horas => 2026-11-21
        ontem as 3 da tarde => 2026-11-21
        ontem às 15 => 2026-11-21
        ontem 15h => 2026-11-21
        ontem 3 da tarde => 2026-11-21
        ontem, lá pras 8 da noite => 2026-11-21
        ontem entre 8 e 9 da noite => 2026-11-21
        hoje às 8 da manhã => 2026-11-22
        hoje 8h30 => 2026-11-22
        hoje, às 08:30h => 2026-11-22
        hoje pela manhã => 2026-11-22
        hoje bem cedinho => 2026-11-22
        hoje ao meio dia => 2026-11-22
        ontem à meia-noite => 2026-11-21
        ontem por volta de meio-dia => 2026-11-21
        no domingo passado => 2026-11-15
        domingo retrasado => 2026-11-08
        na última quarta-feira => 2026-11-18
        quarta-feira última => 2026-11-18
        nessa sexta => 2026-11-20
        sexta-feira 20 => 2026-11-20
        sexta feira dia 20 de novembro => 2026-11-20
        sexta 13 => 2026-11-13
        sexta-feira 13 => 2026-11-13
        vinte do mês passado => notDate
        dia 20 passado => 2026-11-20
        20 passado => notDate
        dia 20 agora => 2026-11-20
        dia 1 => 2026-11-01
        dia 1º => 2026-11-01
        1º => notDate
        01/11 => 2026-11-01
        1/11/26 => 2026-11-01
        20/11 ou 21/11 => notDate
        20 ou 21/11 => notDate
        entre 20 e 21/11 => notDate
        de 20/11 a 21/11 => notDate
        20-21/11 => notDate
        20/11-21/11 => notDate
        20/11/2026 21/11/2026 => notDate
        ontem hoje => notDate
        ontem e hoje => notDate
        não, ontem => notDate
        ontem não, anteontem => notDate
        não foi em 20/11 => notDate
        nunca => notDate
        acho que dia 20 => 2026-11-20
        se não me engano ontem => 2026-11-21
        talvez ontem => notDate
        provavelmente ontem => 2026-11-21
        ontem, acho => 2026-11-21
        ontem eu acho => 2026-11-21
        há 1 dia => 2026-11-21
        há um dia => 2026-11-21
        1 dia atrás => 2026-11-21
        a 2 dias atrás => 2026-11-20
        à 2 dias => 2026-11-20
        faz 1 semana => 2026-11-15
        semana retrasada => noOneDay
        há duas noites => 2026-11-20
        5 dias => 2026-11-17
        faz tempo => noOneDay
        de manhã => noOneDay
        à noite => noOneDay
        de noite => noOneDay
        fim de semana => noOneDay
        no feriado => notDate
        no meu aniversário => notDate
        na véspera => notDate
        no dia seguinte => notDate
        dia 30/02 => notDate
        31 de abril => notDate
        29 de fevereiro de 2025 => notDate
        20 de novembro de 2027 => dateInFuture
        20/11/27 => dateInFuture
        20.11 => 2026-11-20
        20,11 => 2026-11-20
        20:11 => notDate
        20h11 => notDate
        2011 => notDate
        201126 => 2026-11-20
        20-nov => 2026-11-20
        20 NOV 2026 => 2026-11-20
        20 de Novembro de 2.026 => notDate
        20 de novembro de 26 => 2026-11-20
        20 de novembr => notDate
        20 novembro => 2026-11-20
        novembro, 20 => 2026-11-20
        nov/20 => 2026-11-20
        20/11/2026 (sexta-feira) => 2026-11-20
        20/11/2026 - sexta => 2026-11-20
        ontem dia 21 => 2026-11-21
        ontem, dia 20 => notDate
        hoje dia 22 => 2026-11-22
        hoje, 22 de novembro => 2026-11-22
        ontem = 21/11 => 2026-11-21
        ontem: 21/11 => 2026-11-21
        21/11, ontem => 2026-11-21
        segundona => notDate
        sextou => notDate
        sab => 2026-11-21
        ter => 2026-11-17
        às 10h => notDate
        10h => notDate
        agora => 2026-11-22
        agora mesmo => 2026-11-22
        neste instante => 2026-11-22
        acabei de perder => 2026-11-22
        faz 5 minutos => 2026-11-22
        faz meia hora => 2026-11-22
        faz duas horas e meia => notDate
        há 2h => 2026-11-22
        2h atrás => 2026-11-22
        umas 2 horas atrás => 2026-11-22
        há 3 horas e meia => notDate
        desde as 10 de ontem até hoje às 5 => notDate
        de sexta a domingo => notDate
        sexta até domingo => notDate
        sexta e sábado => notDate
        sexta ou sábado => notDate
        antes de sexta => notDate
        depois de sexta => notDate
        só amanhã saberei => notDate
        ontem fui ao banco => notDate
        o jogo de ontem => notDate
        a festa de sexta => notDate
        na volta do trabalho ontem => notDate
        não foi ontem à noite => notDate
        nem ontem nem hoje => notDate
        nem hoje => notDate
        sem ser ontem => notDate
        fora ontem => notDate
        exceto sexta => notDate
        tirando ontem => notDate
        toda sexta => notDate
        todo dia 20 => notDate
        todo domingo => notDate
        às sextas => notDate
        sextas-feiras => notDate
        no meio da semana => notDate
        20 de nada => notDate
        dia desses => notDate
        um dia desses => notDate
        dia sim dia não => notDate
        um dia => notDate
        dois dias depois => notDate
        3 dias depois => notDate
        três dias antes do natal => notDate
        véspera de ontem => notDate
        dia 20 ou 21 => notDate
        dia 20 e 21 => notDate
        dias 20 e 21 => notDate
        dia 20 a 22 => notDate
        20 a 22/11 => notDate
        de 20 para 21 => notDate
        da noite de 20 para 21 => notDate
        na virada de ontem => notDate
        20/11 não => notDate
        não 20/11 => notDate
        menos 20/11 => notDate
        20/13 => notDate
        0/11 => notDate
        20/0 => notDate
        99/99/9999 => notDate
        1/2/3 => notDate
        20/11/2026/1 => notDate
        20.11.2026.1 => notDate
        529.982.247-25 => notDate
        4321 => notDate
        12345678 => notDate
        99999999 => notDate
        31122026123 => notDate
        sexta, 21/11 => notDate
        segunda 20/11 => notDate
        ontem 19 => notDate
        hoje dia 20 => notDate
        amanhã ontem => notDate
        5a => notDate
        quinta 20 => notDate
        mês de novembro => notDate
        em novembro => notDate
        novembro de 2026 => notDate
        ano passado => noOneDay
        março => notDate
        mar => notDate
        set => notDate
        dez => notDate
        abr => notDate
        jan => notDate
        nov => notDate
        sex 13/11/2026 14/11/2026 => notDate
      `,
    ],
    [
      'date',
      'en',
      `
        just a few hours ago => 2026-11-22
        the day before yday => 2026-11-20
        yesterday evening => 2026-11-21
        yesterday lol => 2026-11-21
        twenty november twenty twenty six => 2026-11-20
        when do you open today => notDate
        is it going to snow today => notDate
        when will it be at home today => notDate
        who is in the office today => notDate
        it just happened => 2026-11-22
        the twentieth of november two thousand twenty six => 2026-11-20
        a week ago today => 2026-11-15
        last night around 10 => 2026-11-21
        late last night => 2026-11-21
        late last night around 11 => 2026-11-21
        I noticed it yesterday when I got home => 2026-11-21
        when I got home last night => 2026-11-21
        lost it on sat at the mall => 2026-11-21
        yesterday at the mall => 2026-11-21
        when I was at the gym this morning => 2026-11-22
        yesterday afternoon on my way to work => 2026-11-21
        yesterday on the bus => 2026-11-21
        Friday night at the movies => 2026-11-20
        while shopping on Friday => 2026-11-20
        yesterday in the subway => 2026-11-21
        when I got home it wasn't yesterday => notDate
        yesterday at the latest => notDate
        Friday at the earliest => notDate
        Monday in May => notDate
        Friday in the previous month => notDate
        yesterday at home or today at work => notDate
        when I got home => notDate
        at the mall => notDate
        after the 20th => notDate
        late yesterday evening => 2026-11-21
        early this morning => 2026-11-22
        early yesterday morning => 2026-11-21
        late yesterday => 2026-11-21
        very late last night => 2026-11-21
        yesterday late at night => 2026-11-21
        yesterday at 5pm => 2026-11-21
        yesterday at 5:30 p.m. => 2026-11-21
        yesterday, 5ish => notDate
        yesterday around 5ish => 2026-11-21
        the day before yesterday => 2026-11-20
        two days ago => 2026-11-20
        3 days back => 2026-11-19
        last Friday => 2026-11-20
        this past Friday => 2026-11-20
        on Friday => 2026-11-20
        Friday night => 2026-11-20
        late Friday night => 2026-11-20
        late on Friday => 2026-11-20
        Fri => 2026-11-20
        Nov 20 => 2026-11-20
        Nov. 20 => 2026-11-20
        November 20th => 2026-11-20
        20th November => 2026-11-20
        20th of Nov 2026 => 2026-11-20
        the 20th => 2026-11-20
        20 November, 2026 => 2026-11-20
        November 20, 2026 => 2026-11-20
        Friday, November 20, 2026 => 2026-11-20
        Friday November 20th at 3pm => 2026-11-20
        11/20/2026 => 2026-11-20
        11/20 => 2026-11-20
        20/11 => 2026-11-20
        a week ago => 2026-11-15
        about a week ago => 2026-11-15
        half an hour ago => 2026-11-22
        couple of days ago => 2026-11-20
        a couple days ago => 2026-11-20
        not yesterday => notDate
        no Friday => notDate
        yesterday or today => notDate
        Friday the 13th => 2026-11-13
        Friday the 20th => 2026-11-20
        Friday the 19th => notDate
        today at noon => 2026-11-22
        sometime yesterday => 2026-11-21
        sometime last night => 2026-11-21
        sometime on Friday => 2026-11-20
        around noon yesterday => 2026-11-21
        yesterday, I think => 2026-11-21
        I think yesterday => 2026-11-21
        last week => noOneDay
        Monday last week => 2026-11-16
        Monday of last week => 2026-11-16
        first of November => 2026-11-01
        Nov first => 2026-11-01
        1st Nov => 2026-11-01
        twenty first of november => 2026-11-21
        the twenty-first => 2026-11-21
        November twenty-first => 2026-11-21
        in 2 days => dateInFuture
        next Monday => dateInFuture
        5 mins ago => 2026-11-22
        an hour ago => 2026-11-22
        just now => 2026-11-22
        tomorrow => dateInFuture
        30 Feb => notDate
        13/13/2026 => notDate
        I lost it yesterday => 2026-11-21
        I lost my card yesterday => 2026-11-21
        my card was stolen yesterday => 2026-11-21
        it was stolen last night => 2026-11-21
        not sure => notDate
        I don't know => notDate
        I don't remember, yesterday maybe => notDate
        yesterday or the day before => notDate
        before yesterday => notDate
        yesterdayyy => 2026-11-21
        day b4 yesterday => 2026-11-20
        2 days => 2026-11-20
        two nights ago => 2026-11-20
        a fortnight ago => 2026-11-08
        end of last month => notDate
        yesterday morning at about 9 => 2026-11-21
        yesterday between 2 and 3 => 2026-11-21
        this evening => 2026-11-22
        tonight => 2026-11-22
        Sat => 2026-11-21
        saturday evening => 2026-11-21
        Saturday 21st => 2026-11-21
        21st Saturday => 2026-11-21
        a month ago => 2026-10-22
        a year ago => 2025-11-22
        not today but yesterday => notDate
        today? => 2026-11-22
        since yesterday => 2026-11-21
        until yesterday => notDate
        less than a week ago => notDate
        more than 2 days ago => notDate
        every Friday => notDate
        Black Friday => notDate
        Good Friday => notDate
        man friday => notDate
        sun => 2026-11-15
        the other night => noOneDay
        a few days ago => noOneDay
        may 5 => 2026-05-05
        5 may => 2026-05-05
        it may be 5 => notDate
        2026 11 20 => 2026-11-20
        20112026 => 2026-11-20
        yesterday 21 November => 2026-11-21
        yesterday 20 November => notDate
        yesterday at half past five => notDate
        yesterday at three in the afternoon => 2026-11-21
        yesterday at 3 in the afternoon => 2026-11-21
        yesterday 3pm => 2026-11-21
        3pm yesterday => 2026-11-21
        at 3pm yesterday => 2026-11-21
        on the morning of the 20th => 2026-11-20
        the morning of November 20 => 2026-11-20
        the 20th in the evening => 2026-11-20
        20th => 2026-11-20
        twentieth of november => 2026-11-20
        20 Nov '26 => 2026-11-20
        Nov 20 '26 => 2026-11-20
        11-20-2026 => 2026-11-20
        11.20.2026 => 2026-11-20
        20-11-2026 => 2026-11-20
        5/6 => 2026-06-05
        05/06/2026 => 2026-06-05
        last sunday => 2026-11-15
        sunday => 2026-11-15
        sunday just gone => notDate
        a week last friday => notDate
        friday before last => notDate
        the friday before last => notDate
        last friday night => 2026-11-20
        friday last week => 2026-11-20
        earlier this week => notDate
        earlier today => 2026-11-22
        earlier on => notDate
        a day ago => 2026-11-21
        1 day ago => 2026-11-21
        one day ago => 2026-11-21
        three weeks ago today => 2026-11-01
        two days before yesterday => notDate
        day after tomorrow => dateInFuture
        never => notDate
        it wasn't yesterday => notDate
        was not yesterday => notDate
        not today => notDate
        don't know, maybe yesterday => notDate
        yesterday or so => notDate
        either yesterday or today => notDate
        between Friday and Sunday => notDate
        from friday => 2026-11-20
        by friday => notDate
        after friday => notDate
        before friday => notDate
        no later than friday => notDate
        friday? => 2026-11-20
        11 => notDate
        eleven => notDate
        not late last night => notDate
        early or late yesterday => notDate
        late friday or early saturday => notDate
        sometime between friday and sunday => notDate
        every day => notDate
        yesterday and today => notDate
        after yesterday => notDate
        until friday => notDate
        before last friday => notDate
        since before friday => notDate
        the day I lost it => notDate
        the day => notDate
        that day => notDate
        one day => notDate
        some day => notDate
        a day => notDate
        two days later => notDate
        two days before christmas => notDate
        not the 20th => notDate
        the 20th or 21st => notDate
        20th or 21st => notDate
        20th and 21st => notDate
        20-21 nov => notDate
        nov 20-21 => notDate
        nov 20 or 21 => notDate
        nov 20 to 22 => notDate
        may => notDate
        march => notDate
        sat down => notDate
        sun was shining => notDate
        mon amie => notDate
        wed in 2020 => notDate
        fri or sat => notDate
        not fri => notDate
        on a friday => notDate
        on fridays => notDate
        fridays => notDate
        second friday of november => notDate
        Friday the 12th => notDate
        yesterday 20/11 => notDate
        today 21/11 => notDate
        31/11 => notDate
        0 nov => notDate
        nov 31 => notDate
        nov 0 => notDate
        november 2026 => notDate
        in november => notDate
        last november => notDate
        the 1990s => notDate
        11/2026 => notDate
        2026/11 => notDate
        20:26 => notDate
        8/15/2026/2 => notDate
        one two three => notDate
        first second => notDate
        the first time => notDate
        first thing => notDate
        second to last => notDate
        half a day ago => notDate
        two and a half days ago => notDate
        minus two days ago => notDate
        1000 days ago => notDate
        an eternity ago => notDate
      `,
    ],
    [
      'date',
      'bn',
      `
        গতকাল রাতে => 2026-11-21
        গতকাল রাতে বাসায় ফিরে টের পেয়েছি => 2026-11-21
        গতকাল বাজারে হারিয়েছি => 2026-11-21
        আজ সকালে টের পেলাম => 2026-11-22
        গতকাল রাতে যখন বাসায় ফিরলাম => 2026-11-21
        কাল যখন বাসায় যাবো তখন বলবো => notDate
        আজ কখন ব্যাংক খোলে => notDate
        ek ghonta age => 2026-11-22
        যখন বাসায় ফিরলাম গতকাল রাতে => 2026-11-21
        গতকাল বাজারে না => notDate
        গতকাল বাজারে অথবা আজ => notDate
        গতকাল। => 2026-11-21
        ২০।১১।২০২৬ => 2026-11-20
        2 din age => 2026-11-20
        আজ সকালে => 2026-11-22
        গত শুক্রবার => 2026-11-20
        শুক্রবার => 2026-11-20
        শুক্রবার রাতে => 2026-11-20
        শুক্রবার সকাল ১০টায় => 2026-11-20
        ২০ নভেম্বর => 2026-11-20
        ২০শে নভেম্বর => 2026-11-20
        ২০ শে নভেম্বর => 2026-11-20
        ২০/১১ => 2026-11-20
        বিশে নভেম্বর => 2026-11-20
        বিশ নভেম্বর => 2026-11-20
        একুশে নভেম্বর => 2026-11-21
        একুশ তারিখ => 2026-11-21
        বিশ তারিখ => 2026-11-20
        বাইশে অক্টোবর => 2026-10-22
        তেইশে অক্টোবর => 2026-10-23
        পঁচিশে অক্টোবর => 2026-10-25
        ত্রিশে অক্টোবর => 2026-10-30
        একত্রিশে অক্টোবর => 2026-10-31
        আঠারোই নভেম্বর => 2026-11-18
        দশই নভেম্বর => 2026-11-10
        ৫ই নভেম্বর => 2026-11-05
        পাঁচই নভেম্বর => 2026-11-05
        সাতই নভেম্বর => 2026-11-07
        দোসরা নভেম্বর => 2026-11-02
        ২রা নভেম্বর => 2026-11-02
        তেসরা নভেম্বর => 2026-11-03
        ৩রা নভেম্বর => 2026-11-03
        চৌঠা নভেম্বর => 2026-11-04
        ৪ঠা নভেম্বর => 2026-11-04
        ছয়ই নভেম্বর => 2026-11-06
        উনিশে নভেম্বর => 2026-11-19
        ১৯শে নভেম্বর => 2026-11-19
        ২ দিন আগে => 2026-11-20
        দুই দিন আগে => 2026-11-20
        দু'দিন আগে => 2026-11-20
        দুদিন আগে => 2026-11-20
        দুইদিন আগে => 2026-11-20
        একদিন আগে => 2026-11-21
        তিনদিন আগে => 2026-11-19
        ৩দিন আগে => 2026-11-19
        এক সপ্তাহ আগে => 2026-11-15
        গত সপ্তাহে => noOneDay
        পরশু => 2026-11-20
        গত পরশু রাতে => 2026-11-20
        নভেম্বরের ২০ তারিখ => 2026-11-20
        ২০ তারিখে => 2026-11-20
        ১লা নভেম্বর => 2026-11-01
        পহেলা নভেম্বর => 2026-11-01
        ২১ নভেম্বর ২০২৬ => 2026-11-21
        ২১ নভেম্বর, ২০২৬ => 2026-11-21
        ২০২৬-১১-২০ => 2026-11-20
        আজকে => 2026-11-22
        আজ না => notDate
        গতকাল না => notDate
        কাল রাতে => 2026-11-21
        কাল => 2026-11-21
        গতকাল বিকেল ৫টায় => 2026-11-21
        গতকাল সন্ধ্যা ৭টার দিকে => 2026-11-21
        গতকাল রাত ১০টার দিকে => 2026-11-21
        সোমবার সকালে => 2026-11-16
        এইমাত্র => 2026-11-22
        আধা ঘণ্টা আগে => 2026-11-22
        আধঘণ্টা আগে => 2026-11-22
        এক ঘণ্টা আগে => 2026-11-22
        ১০ মিনিট আগে => 2026-11-22
        আগামীকাল => dateInFuture
        গত বুধবার => 2026-11-18
        বুধবারে => 2026-11-18
        গতকাল বা আজ => notDate
        মনে নেই => notDate
        জানি না => notDate
        গতকাল হারিয়েছি => 2026-11-21
        গতকাল কার্ড হারিয়েছি => 2026-11-21
        গতকাল হারাইনি => notDate
        কয়েক দিন আগে => noOneDay
        গত মাসে => noOneDay
        গত মাসের ৫ তারিখ => 2026-10-05
        এই মাসের ৫ তারিখ => 2026-11-05
        আজ ভোরে => 2026-11-22
        আজ দুপুরে => 2026-11-22
        গত রাতে => 2026-11-21
        রবিবার => 2026-11-15
        শনিবার => 2026-11-21
        শনিবার ২১ নভেম্বর => 2026-11-21
        শনিবার ২০ নভেম্বর => notDate
        ২০.১১.২৬ => 2026-11-20
        gotokal => 2026-11-21
        gotokal rate => 2026-11-21
        aj sokale => 2026-11-22
        kal rate => 2026-11-21
        yesterday => 2026-11-21
        বৃহস্পতিবার => 2026-11-19
        বৃহঃস্পতিবার => 2026-11-19
        বৃহস্পতি বার => 2026-11-19
        শুক্র বার => 2026-11-20
        গতকাল নয় => notDate
        ২০/১১, ১৯ তারিখ => notDate
        na শুক্রবার => notDate
        আজ নয় => notDate
        গতকাল অথবা আজ => notDate
        গতকাল কিংবা পরশু => notDate
        শুক্রবার থেকে রবিবার => notDate
        শুক্রবার বা শনিবার => notDate
        শুক্রবারের আগে => notDate
        শুক্রবারের পরে => notDate
        প্রতি শুক্রবার => notDate
        ২০ বা ২১ তারিখ => notDate
        ২০ থেকে ২২ তারিখ => notDate
        ২০ নভেম্বর না => notDate
        নভেম্বর => notDate
        ৩২ নভেম্বর => notDate
        ০ তারিখ => notDate
        ২০ => notDate
        বিশ => notDate
        কাল না পরশু => notDate
        গতকাল না আজ => notDate
        কখন জানি না => notDate
        দেড় দিন আগে => notDate
        আড়াই দিন আগে => notDate
      `,
    ],
    [
      'birth',
      'pt',
      `
        15/03 => notDate
        15 de março => notDate
        dia 15 => notDate
        mês passado => notDate
        faz tempo => notDate
        ontem => 2026-11-21
        15/03/85 => 1985-03-15
        15/03/05 => 2005-03-15
        15/03/26 => 2026-03-15
        15/12/26 => dateInFuture
        15031985 => 1985-03-15
        15 de março de 1985 => 1985-03-15
        15 mar 85 => 1985-03-15
        15-3-85 => 1985-03-15
        15/3/1885 => notDate
        nasci em 15/03/1985 => 1985-03-15
        nascido em 15/03/1985 => 1985-03-15
        15 03 85 => 1985-03-15
        150385 => 1985-03-15
        1985-03-15 => 1985-03-15
        15/03/27 => dateInFuture
        15/03/30 => 1930-03-15
        minha data de nascimento é 15/03/1985 => 1985-03-15
        data de nascimento: 15/03/1985 => 1985-03-15
      `,
    ],
    [
      'birth',
      'en',
      `
        15/03/85 => 1985-03-15
        March 15, 1985 => 1985-03-15
        born 15 March 1985 => 1985-03-15
        I was born on March 15, 1985 => 1985-03-15
        my date of birth is 15/03/1985 => 1985-03-15
        dob 15/03/1985 => 1985-03-15
        15 March '85 => 1985-03-15
      `,
    ],
    [
      'birth',
      'bn',
      `
        ১৫/০৩/৮৫ => 1985-03-15
        ১৫ মার্চ ১৯৮৫ => 1985-03-15
        আমার জন্ম তারিখ ১৫ মার্চ ১৯৮৫ => 1985-03-15
      `,
    ],
    [
      'num',
      'pt',
      `
        a compra foi 50,90 => 50.9
        R$50 => 50
        R$ 50,00 => 50
        cinquenta => 50
        50 (cinquenta) => 50
        R$ 50,00 (cinquenta reais) => 50
        50 (cinqüenta) reais => 50
        50 (sessenta) => notNumber
        cinquenta (50) => 50
        50 reais (cinquenta) => 50
        cinquenta e cinco reais e dez centavos => 55.1
        50 reais e 10 => notNumber
        50 reais e 10 centavos => 50.1
        1.000,00 => 1000
        1000 => 1000
        1.000 => 1000
        1,000 => notNumber
        1,234 => notNumber
        12,345 => notNumber
        1.234 => 1234
        0,250 => 0.25
        5º => notNumber
        2x de 50 => notNumber
        mil e duzentos => 1200
        1k => 1000
        meio milhão => 500000
        uma dúzia => notNumber
        R$ 1.234.567,89 => 1234567.89
        50 pratas => notNumber
        uns 50 reais => notNumber
        ~50 => 50
        50+ => notNumber
        50 - 60 => notNumber
        50-60 => notNumber
        +50 => 50
        USD 50 => 50
        50 USD => 50
        10.50 => 10.5
        10,5 => 10.5
        10,55555 => 10.55555
        50.555,5 => 50555.5
        1.2345 => 1.2345
        12.34.56 => notNumber
        duas mil => 2000
        três mil quatrocentos e cinquenta e seis => 3456
        cento e um => 101
        cem mil => 100000
        dois milhões e meio => 2500000
        2 milhões e meio => 2500000
        mil e quinhentos reais e cinquenta centavos => 1500.5
        um real => 1
        1 real => 1
        cinquentão => notNumber
        R$ 50,00 por favor => 50
        não foi 50 => notNumber
        50 não, 60 => notNumber
        menos de 50 => notNumber
        mais de 50 => notNumber
        até 50 => notNumber
        50 cada => notNumber
        2x50 => notNumber
        2 x 50 => notNumber
        50/2 => notNumber
        R$ 50 + 10 => notNumber
        5O => notNumber
        l00 => notNumber
        50% => notNumber
        1/2 => notNumber
        50 reais? => 50
        (50) => 50
        *50* => 50
        R＄５０ => 50
        ٥٠٫٥ => 50.5
        R$ 50,00.- => 50
        50,- => 50
        trinta e cinco e cinquenta => notNumber
        dezesseis => 16
        quatorze => 14
        60 e mil e quinhentos => notNumber
        dois milhões e mil => 2001000
        dois mil\u202950 => notNumber
        cinco => 5
        seis reais => 6
        R$ 0,50 => 0.5
        0 => 0
        nada => 0
        -50 reais => -50
        menos 50 => notNumber
        5 0 => notNumber
        1 000 => 1000
        1'000 => notNumber
        1 000 000,50 => 1000000.5
        10 mil e 500 => 10500
        10 mil 500 => 10500
        mil e um => 1001
        vinte mil e duzentos reais => 20200
        1,5mi => 1500000
        R$1.5k => 1500
        1 bi => 1000000000
        1e3 => notNumber
        infinito => notNumber
        NaN => notNumber
        0x10 => notNumber
        999999999999999999999 => notNumber
        R$50,00 reais => 50
        R$ 50,00 reais => 50
        R $ 50 => 50
        50 R$ => 50
        50$ => 50
        R$ 1.000 => 1000
        R$ 1000,00 => 1000
        R$ 10.000,00 (dez mil reais) => 10000
        R$ 1.250,50 (mil duzentos e cinquenta reais e cinquenta centavos) => 1250.5
        mil e cem => 1100
        mil e duzentos e cinquenta => 1250
        dois mil e vinte e seis => 2026
        vinte e cinco mil => 25000
        trezentos mil => 300000
        um milhão e duzentos mil => 1200000
        um milhão, duzentos mil => notNumber
        1 milhão e 200 mil => 1200000
        50 mil e 300 reais => 50300
        meio => notNumber
        meia => notNumber
        uma e meia => 1.5
        3 e meio => 3.5
        três e meio => 3.5
        10 e 50 => notNumber
        10 ou mais => notNumber
        quase 50 => notNumber
        uns 50 => notNumber
        cerca de 50 => notNumber
        50 e poucos => notNumber
        50 e pouco => notNumber
        cinquenta e poucos => notNumber
        50 mil? => 50000
        50 não 40 => notNumber
        nem 50 => notNumber
        sem valor => notNumber
        50 reais não => notNumber
        não chega a 50 => notNumber
        valor total R$ 50 => 50
        total: 50 => 50
        50 total => 50
        paguei 50 => 50
        custou 50 reais => 50
        50 reais cada um => notNumber
        dez por cento => notNumber
        10 vezes de 50 => notNumber
        R$ 50 / mês => notNumber
        50€ => 50
        US$ 50 => 50
        U$ 50 => notNumber
        50 dolares => 50
        R$ 50.00 => 50
        R$ 50.000 => 50000
        R$ 50,000 => notNumber
        0,5 => 0.5
        00050 => 50
        1..000 => notNumber
        1,,5 => notNumber
        5,5,5 => notNumber
        ５０，５０ => 50.5
        ৫০ => 50
        五十 => notNumber
        L => notNumber
        trinta dinheiros => notNumber
        cento e cinqüenta => 150
        dezessete => 17
        dezesete => notNumber
        onze reais => 11
        cem => 100
        cento => 100
        um ou dois => notNumber
        um, dois => notNumber
        um e dois => notNumber
        vinte trinta => notNumber
        cem mil milhões mil => notNumber
        mil mil => notNumber
        cinquenta (sessenta) => notNumber
        50 (51) => notNumber
        50 (não) => notNumber
        (50) (60) => notNumber
        50 (60) 70 => notNumber
        50 (cinquenta) 60 => notNumber
        metade => notNumber
        e meia => notNumber
        dois e meio e meio => notNumber
        meio meio => notNumber
        mil mil e meio => notNumber
        1 1/2 => notNumber
        1½ => notNumber
        dois terços => notNumber
        dúzia => notNumber
        par => notNumber
        -(50) => notNumber
        50-50 => notNumber
        cem por cento => notNumber
        cento e cem => notNumber
        vinte e vinte => notNumber
        vinte e onze => notNumber
        dois milhões mil milhões => notNumber
        cinquenta centavos e dez reais => notNumber
        150 centavos => notNumber
        cem centavos => notNumber
        reais e centavos => notNumber
        meio centavo => notNumber
      `,
    ],
    [
      'num',
      'en',
      `
        $ 1,234.56 => 1234.56
        1.234 => notNumber
        0.250 => 0.25
        fifty bucks => 50
        one hundred and fifty => 150
        a hundred => 100
        a hundred and one => 101
        1.5k => 1500
        two and a half thousand => 2500
        2 and a half => 2.5
        half a million => 500000
        one and a half million => 1500000
        50 (fifty) => 50
        fifty (50) dollars => 50
        $50 (fifty dollars) => 50
        $50.00 (fifty dollars and 00 cents) => 50
        1/2 => notNumber
        $50.- => 50
        five hundred thousand => 500000
        1,23,456 => 123456
        twelve hundred => 1200
        fifteen hundred dollars => 1500
        two fifty => notNumber
        fifteen hundred two thousand => notNumber
        a dozen => notNumber
        fifty-five dollars and ten cents => 55.1
        ten cents => 0.1
        around 50 => notNumber
        at least 50 => notNumber
        under 50 => notNumber
        fifty or sixty => notNumber
        no => notNumber
        none => 0
        fifty dollars, thanks => 50
        £50 => 50
        50 quid => notNumber
        it was 50 => 50
        it wasn't 50 => notNumber
        50 not 60 => notNumber
        50 bucks please => 50
        a thousand => 1000
        zero => 0
        fifty-five => 55
        fifty five dollars => 55
        two thousand and five => 2005
        two thousand twenty six => 2026
        three hundred and forty-two thousand => 342000
        1.2m => notNumber
        $1.2 million => 1200000
        50 dollars 20 => notNumber
        50 dollars and 20 => notNumber
        50 dollars 20 cents => 50.2
        half => notNumber
        half a hundred => 50
        a quarter => notNumber
        three quarters => notNumber
        one half => notNumber
        about fifty => notNumber
        no more than 50 => notNumber
        50ish => notNumber
        $50ish => notNumber
        50 each => notNumber
        twenty hundred thirty hundred => notNumber
        one two => notNumber
        hundred => notNumber
        and fifty => notNumber
        fifty and => notNumber
        half half => notNumber
        a half a => notNumber
        two and a half three => notNumber
        half an => notNumber
        hundred hundred => notNumber
        twenty hundred => notNumber
        fifty and a half and a half => notNumber
        ten and a quarter => notNumber
      `,
    ],
    [
      'num',
      'bn',
      `
        ৫০ টাকা => 50
        ৫০০ টাকা => 500
        পাঁচশ টাকা => 500
        পাঁচশো => 500
        এক হাজার => 1000
        দেড় হাজার => 1500
        আড়াই হাজার => 2500
        সাড়ে তিন হাজার => 3500
        দেড়শ => 150
        দেড়শো টাকা => 150
        আড়াইশ => 250
        সাড়ে পাঁচশ => 550
        সোয়া দুই হাজার => 2250
        পৌনে দুই লাখ => 175000
        ৫ হাজার ২০০ => 5200
        দুই লাখ পঞ্চাশ হাজার => 250000
        পঞ্চান্ন => 55
        পঁয়তাল্লিশ টাকা => 45
        নিরানব্বই => 99
        বত্রিশ => 32
        ষাট => 60
        পঁচাত্তর => 75
        একশ পঁচিশ => 125
        ৫০ (পঞ্চাশ) => 50
        ৫০/- => 50
        ৳৫০ => 50
        ৫০ টাকা মাত্র => 50
        না => notNumber
        ৫০ না => notNumber
        ৫০ বা ৬০ => notNumber
        ১.৫ লাখ => 150000
        ১,২৩,৪৫৬.৭৮ => 123456.78
        দেড় আড়াই => notNumber
        সাড়ে => notNumber
        সাড়ে হাজার => notNumber
        পৌনে => notNumber
        সাড়ে সাড়ে তিন => notNumber
        এক দুই => notNumber
        শ => notNumber
        হাজার হাজার => notNumber
        বিশ ত্রিশ => notNumber
        পঞ্চাশ বা ষাট => notNumber
        পঞ্চাশ না => notNumber
        সাড়ে তিন চার => notNumber
        দেড় হাজার নয় => notNumber
        এক হাজার নয় টাকা => 1009
        নয় => 9
      `,
    ],
    [
      'digits',
      'pt',
      `
        #4321 => 4321
        nº 4321 => 4321
        n° 4321 => 4321
        4321! => 4321
        4321 👍 => 4321
        4 últimos: 4321 => 4321
        4 finais: 4321 => 4321
        os quatro últimos são 4321 => 4321
        é isso: 4321 => 4321
        4321 né => notDigits
        final: 4321 (quatro três dois um) => 4321
        4321 (quatro três dois um) => 4321
        4.3.2.1 => 4321
        visa final 4321 => 4321
        final 4321 e 1234 => notDigits
        4321 ou 4312 => notDigits
        num é 4321 => notDigits
        4321/4312 => notDigits
        43 21 => 4321
        4 321 => 4321
        04321 => notDigits
        4321,00 => notDigits
        R$ 43,21 => notDigits
        43:21 => notDigits
        21/11 => notDigits
        2111 => 2111
        +4321 => 4321
        -4321 => 4321
        4321-0 => notDigits
        4321 4321 => notDigits
        4321\u200b => 4321
        𝟒𝟑𝟐𝟏 => 4321
        ４３２１ => 4321
        ੪੩੨੧ => 4321
        𞥔𞥓𞥒𞥑 => 4321
        ④③②① => 4321
        quatro, três, dois, um => 4321
        4321 é a senha => notDigits
        senha: 4321 => notDigits
        não sei => notDigits
        não tenho => notDigits
        acho que 4321 => 4321
        cartão de crédito final 4321 => 4321
        4321 débito => 4321
        crédito 4321 => 4321
        4321 crédito ou débito => notDigits
        debit card ending 4321 => 4321
        4321 de crédito e 4322 de débito => notDigits
        5555 4321 => notDigits
        5234 **** **** 4321 => notDigits
        •••• •••• •••• 4321 => 4321
        4321 é o final do cartão => 4321
        final quatro três dois um => 4321
        quarenta e três vinte e um => 4321
        quarenta e três, vinte e um => 4321
        quarenta e três e vinte e um => notDigits
        quarenta três vinte um => notDigits
        quarenta e três vinte => 4320
        vinte e um => notDigits
        4 três 2 um => 4321
        4,321 => notDigits
        quatro mil trezentos e vinte e um => notDigits
        4321. É do Nubank => notDigits
        os digitos 4321 => 4321
        4 3 2 1 por favor => 4321
      `,
    ],
    [
      'digits',
      'en',
      `
        it ends in 4321 => 4321
        ending 4321 => 4321
        last four: 4321 => 4321
        last 4 are 4321 => 4321
        the last four are 4321 => 4321
        not 4321 => notDigits
        it isn't 4321 => notDigits
        4321 or 4312 => notDigits
        pin 4321 => notDigits
        my pin is 4321 => notDigits
        four three two one => 4321
        oh oh four two => 0042
        double four two one => 4421
        triple one two => 1112
        double double four => notDigits
        four double => notDigits
        forty-three twenty-one => 4321
        forty three twenty one => 4321
        forty twenty-one => 4021
        visa ending in 4321 => 4321
      `,
    ],
    [
      'digits',
      'bn',
      `
        ৪৩২১ => 4321
        শেষ চার সংখ্যা ৪৩২১ => 4321
        ৪৩২১ না => notDigits
        ৪৩২১ নয় => notDigits
        চার তিন দুই এক => 4321
        কার্ডের শেষে ৪৩২১ => 4321
      `,
    ],
    [
      'cpf',
      'pt',
      `
        529 982 247 25 => 52998224725
        529.982.247/25 => 52998224725
        cpf 52998224725 => 52998224725
        CPF nº 529.982.247-25 => 52998224725
        meu CPF: 529.982.247-25, obrigado => 52998224725
        529.982.247-25 529.982.247-25 => notCpf
        529.982.247-25 / 111.444.777-35 => notCpf
        529.982.247-26 => notCpf
        529.982.247-25 é do meu marido => notCpf
        não é 529.982.247-25 => notCpf
        num é 529.982.247-25 => notCpf
        529982247-25 => 52998224725
        O meu é 529.982.247-25 => 52998224725
        52998224725 4321 => notCpf
        ⁵29.982.247-25 => notCpf
        ５２９.９８２.２４７－２５ => 52998224725
        ٥٢٩٩٨٢٢٤٧٢٥ => 52998224725
        5️⃣2️⃣9️⃣9️⃣8️⃣2️⃣2️⃣4️⃣7️⃣2️⃣5️⃣ => 52998224725
        529 . 982 . 247 - 25 => 52998224725
        529,982,247-25 => 52998224725
        529.982.247−25 => 52998224725
        529․982․247‐25 => 52998224725
        cinco dois nove nove oito dois dois quatro sete dois cinco => 52998224725
        cinco dois nove nove oito dois dois quatro sete dois quatro => notCpf
        cinco dois nove ponto nove oito dois ponto dois quatro sete traço dois cinco => 52998224725
        meu cpf é 529 ponto 982 ponto 247 traço 25 => 52998224725
        cinco dois nove ponto nove oito dois ou dois quatro sete traço dois cinco => notCpf
        00000000000 => notCpf
        12345678909 => 12345678909
        CPF529.982.247-25 => 52998224725
        529.982.247-25 (meu) => 52998224725
        52998224725 é meu cpf => 52998224725
        cnpj 11.222.333/0001-81 => notCpf
        R$ 52998224725 => notCpf
        o cpf do titular é 529.982.247-25 => 52998224725
        529.982.247-25 (titular) => 52998224725
        titular 52998224725 => 52998224725
        cpf: 529 982 247-25 => 52998224725
        529.982.247- 25 => 52998224725
        529 .982 .247 -25 => 52998224725
        529.982.24725 => 52998224725
        529982.24725 => 52998224725
        5 2 9 9 8 2 2 4 7 2 5 => 52998224725
        529\\u00b7982\\u00b7247-25 => notCpf
        529|982|247|25 => 52998224725
        529_982_247_25 => 52998224725
        529.982.247-25! => 52998224725
        529.982.247-25 né => notCpf
        é esse: 529.982.247-25 => 52998224725
        segue 529.982.247-25 => 52998224725
        aqui: 529.982.247-25 => 52998224725
        52998224725cpf => notCpf
        RG 529.982.247-25 => notCpf
        529.982.247-25 e 4321 => notCpf
        529.982.247-25 final 4321 => notCpf
        meu cpf não é 529.982.247-25 => notCpf
        529.982.247-2 => notCpf
        529.982.247-255 => notCpf
        0529.982.247-25 => notCpf
        +55 529.982.247-25 => notCpf
        529.982.247-2S => notCpf
        529.982.247-25 ou não => notCpf
        nao sei => notCpf
        não tenho cpf => notCpf
        11111111111 => notCpf
        1.1144.4777.35 => 11144477735
      `,
    ],
    [
      'cpf',
      'en',
      `
        my cpf is 529.982.247-25 => 52998224725
        it's 529.982.247-25 thanks => 52998224725
        not 529.982.247-25 => notCpf
      `,
    ],
    [
      'email',
      'pt',
      `
        ana@example.com => ana@example.com
        ana@example.com. => ana@example.com
        <ana@example.com> => ana@example.com
        mailto:ana@example.com => ana@example.com
        Ana Silva <ana@example.com> => notEmail
        ana @ example.com => ana@example.com
        fale com ana @ example.com => notEmail
        ana@example,com => notEmail
        ana@example.com ou ana2@example.com => notEmail
        ana@example.com, ana2@example.com => notEmail
        ANA@EXAMPLE.COM => ANA@example.com
        ana arroba example ponto com => ana@example.com
        Ana ponto Silva arroba example ponto com ponto br => Ana.Silva@example.com.br
        meu email é ana arroba example ponto com obrigada => ana@example.com
        ana underline silva arroba example traço banco ponto com => ana_silva@example-banco.com
        ana arroba example.com => ana@example.com
        ana@example ponto com => ana@example.com
        ana arroba example ponto com ponto final => ana@example.com
        ana@example.com ponto final => notEmail
        ana silva arroba example ponto com => notEmail
        ana arroba example => notEmail
        não é ana arroba example ponto com => notEmail
        ana arroba example ponto com ou bia arroba example ponto com => notEmail
        perdi no ponto => notEmail
        ana＠example.com => ana@example.com
        ana@example.com 🙂 => ana@example.com
        meu e-mail: ana@example.com => ana@example.com
        *ana@example.com* => ana@example.com
        _ana@example.com_ => ana@example.com
        "ana@example.com" => ana@example.com
        não é ana@example.com => notEmail
        não tenho => notEmail
        ana@example => notEmail
        ana@@example.com => notEmail
        ana+tag@sub.example.com.br => ana+tag@sub.example.com.br
        ana_silva@example.com => ana_silva@example.com
        ana@example.com;obrigada => notEmail
        ana@example.com ñ => notEmail
        ñ ana@example.com => notEmail
        ana@example.com нет => notEmail
        ¿ana@example.com? => ana@example.com
        o email é ana@example.com obrigada! => ana@example.com
        ana@-example.com => notEmail
        ana.@example.com => notEmail
        aná@example.com => notEmail
        ana@example.com.. => ana@example.com
        ana@gmail => notEmail
        ana@gmail.con => ana@gmail.con
        (ana@example.com) => ana@example.com
      `,
    ],
    [
      'email',
      'en',
      `
        my mail is ana@example.com => ana@example.com
        email ana@example.com => ana@example.com
        it's ana@example.com! => ana@example.com
        ana@example.com please => ana@example.com
        send it to ana@example.com => notEmail
        ana at example dot com => ana@example.com
        ana at the rate example dot com => ana@example.com
        ana dot silva at example dot co dot uk => ana.silva@example.co.uk
        i was at the mall => notEmail
        meet me at example dot com => notEmail
        ana@example.com not bia@example.com => notEmail
        not ana@example.com => notEmail
        ana@exam ple.com => notEmail
        ana@example.co m => notEmail
        ana.silva+bank@example.co.uk => ana.silva+bank@example.co.uk
        ANA.SILVA@GMAIL.COM => ANA.SILVA@gmail.com
        'ana@example.com' => ana@example.com
        ana@example.com, => ana@example.com
        ana@example.com? => ana@example.com
        https://example.com => notEmail
        @ana => notEmail
        ana@127.0.0.1 => notEmail
        ana@localhost => notEmail
        ana@example.c => notEmail
        a@b.co => a@b.co
        1@2.com => 1@2.com
        -ana@example.com => ana@example.com
        ana@example.com\\u2069 => notEmail
        ana@example.com\u200b => ana@example.com
        ana@ｅｘａｍｐｌｅ.com => ana@example.com
        ana@example。com => notEmail
      `,
    ],
    [
      'email',
      'bn',
      `
        আমার ইমেইল ana@example.com => ana@example.com
        ana@example.com। => ana@example.com
        ana অ্যাট example ডট com => ana@example.com
        ana এট দ্য রেট জিমেইল ডট কম => ana@gmail.com
        ana@example.com না => notEmail
        না ana@example.com => notEmail
      `,
    ],
    [
      'future',
      'pt',
      `
        amanhã => 2026-11-23
        amanhã de manhã => 2026-11-23
        amanhã às 10h => 2026-11-23
        amanha cedo => 2026-11-23
        depois de amanhã => 2026-11-24
        segunda => 2026-11-23
        segunda que vem => 2026-11-23
        semana que vem na terça => 2026-12-01
        segunda q vem => 2026-11-23
        na próxima terça => 2026-11-24
        terça-feira que vem à tarde => 2026-11-24
        daqui a 2 dias => 2026-11-24
        daqui 2 dias => 2026-11-24
        em uma semana => 2026-11-29
        daqui a uma semana => 2026-11-29
        daqui a 15 dias => 2026-12-07
        semana que vem => noOneDay
        próxima semana => noOneDay
        mês que vem => noOneDay
        25/12 => 2026-12-25
        dia 5 => 2026-12-05
        dia 25 => 2026-11-25
        hoje => 2026-11-22
        hoje à noite => 2026-11-22
        ontem => dateInPast
        20/11 => dateInPast
        20/11/2027 => 2027-11-20
        20/11/2026 => dateInPast
        5 de janeiro => 2027-01-05
        sexta => 2026-11-27
        nesta sexta => 2026-11-27
        sexta da semana que vem => 2026-12-04
        dia 5 do mês que vem => 2026-12-05
        dia 5 de dezembro => 2026-12-05
        no dia 1º de dezembro => 2026-12-01
        amanhã ou depois => notDate
        qualquer dia => notDate
        tanto faz => notDate
        menos amanhã => notDate
        amanhã não => notDate
        domingo que vem => 2026-11-29
        sábado => 2026-11-28
      `,
    ],
    [
      'future',
      'en',
      `
        tomorrow => 2026-11-23
        tomorrow morning => 2026-11-23
        tomorrow at 3pm => 2026-11-23
        tmrw => 2026-11-23
        day after tomorrow => 2026-11-24
        Monday => 2026-11-23
        next Monday => 2026-11-23
        this Friday => 2026-11-27
        on Friday => 2026-11-27
        in two weeks => 2026-12-06
        in 3 days => 2026-11-25
        3 days from now => 2026-11-25
        a week from today => 2026-11-29
        in a week => 2026-11-29
        next week => noOneDay
        next month => noOneDay
        Friday next week => 2026-12-04
        December 5 => 2026-12-05
        the 5th => 2026-12-05
        Dec 25th => 2026-12-25
        today => 2026-11-22
        tonight => 2026-11-22
        yesterday => dateInPast
        not tomorrow => notDate
        tomorrow or Tuesday => notDate
        any day => notDate
      `,
    ],
    [
      'future',
      'bn',
      `
        আগামীকাল => 2026-11-23
        কাল => 2026-11-23
        কাল সকালে => 2026-11-23
        পরশু => 2026-11-24
        আগামী শুক্রবার => 2026-11-27
        শুক্রবার => 2026-11-27
        ৫ তারিখ => 2026-12-05
        ৫ ডিসেম্বর => 2026-12-05
        ৩ দিন পরে => 2026-11-25
        দুই দিন পর => 2026-11-24
        এক সপ্তাহ পর => 2026-11-29
        আগামী সপ্তাহে => noOneDay
        সামনের সোমবার => 2026-11-23
        আজ => 2026-11-22
        গতকাল => dateInPast
      `,
    ],
  ])('is read as a %s in %s', (question, language, said) => {
    for (const [one, is] of pairs(said)) expect([one, read(asks[question], one, language)]).toEqual([one, is])
  })
})
