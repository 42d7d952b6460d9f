import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { growth } from '@parley/testkit/cost'
import { runs } from '@parley/testkit/properties'
import { SIGNS } from '@parley/testkit/signs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consentWishOf, stopsMessages } from './consent.ts'
import { wordSet, wordsOf } from './typed-text.ts'

const message = (body: DeepPartial<MessageBody>['body']) => MessageBody.fromPartial({ body })
const text = (words: string) => message({ $case: 'text', value: { text: words } })
const tap = (id: string, title: string, source = 'template_button') =>
  message({ $case: 'choice', value: { source, id, title } })

const STOPS = ['STOP', 'PARAR', 'parem', 'CANCELAR', 'quit', 'opt out', 'Cancelar inscrição', 'বন্ধ']

describe('an apology', () => {
  test.each([
    'desculpa, pare',
    'sorry stop',
    'Sorry! Stop.',
    'perdão, parar',
    'me desculpe, não quero mais receber mensagens',
    'desculpa, quero cancelar a inscrição',
    'so sorry, unsubscribe please',
  ])('beside a stop takes nothing from it: "%s"', (words) => {
    expect(consentWishOf(text(words))?.wish).toBe('stop')
  })
  test.each([
    'desculpa, cancela',
    'sorry, cancel',
    'Sorry! Cancel.',
    'sorry, canceel',
    'me desculpa, sair',
    'sorry, end',
    'desculpa, para',
    'desculpa voltar',
    'oi, desculpa, cancela, por favor',
    'desculpa kkk cancela',
    'desculpaaa, cancela cancela',
    'cancelar, desculpa',
    'Desculpa... cancela. Obrigada',
    'দুঃখিত, শুরু করুন',
  ])('beside what calls something off as well is neither a stop nor a start: "%s"', (words) => {
    expect(consentWishOf(text(words))).toBeUndefined()
  })
})

describe('what is polite behind a stop', () => {
  test.each([
    'STOP thanks bye',
    'STOP thank you have a nice day',
    'STOP and thank you',
    'PARAR obrigada tchau',
    'Parar por favor obrigado tenha um bom dia',
    'Parar, bom fim de semana',
    'não quero mais receber mensagens, abraço',
    'বন্ধ করুন ধন্যবাদ ভালো থাকবেন',
    'parar parem',
    'stop, cancel',
    'nao qro mais msg',
    'não qro receber msg',
    'n kero mais receber mensagens',
  ])('takes nothing from it, and short forms neither: "%s"', (words) => {
    expect(consentWishOf(text(words))?.wish).toBe('stop')
  })
  test.each([
    'não quero parar, obrigada, tchau',
    'nao qro parar',
    'para você também',
    'obrigada, para você também, tchau',
    'para um abraço',
    'para todos um bom dia',
    'end of the day, thank you bye',
    'obrigado tchau',
    'voltar tchau',
    'parar de pagar, obrigado, tchau',
    'cancelar meu cartão obrigada tchau',
    'stop my card thanks bye',
    'good end thank you',
  ])('makes none of what is none: "%s"', (words) => {
    expect(consentWishOf(text(words))?.wish).not.toBe('stop')
  })
  test('property: thanks, goodbyes and wishes of any language, in any order, change nothing of what it is', () => {
    const polite = fc.constantFrom(
      ...wordSet(
        'thanks|thank you|bye|have a nice day|take care',
        'obrigada|tchau|tenha um bom dia|um abraço|valeu|boa semana',
        'ধন্যবাদ|ভালো থাকবেন|আল্লাহ হাফেজ',
      ),
    )
    const behind = fc.array(polite, { minLength: 1, maxLength: 3 })
    const said = fc.constantFrom(...STOPS, 'não quero parar', 'parar de pagar', 'não quero receber mais msg')
    const holds = fc.property(
      said,
      behind,
      fc.constantFrom(' ', ', ', '. ', '! '),
      (words, more, between) => {
        const wish = (all: string) => consentWishOf(text(all))?.wish
        expect(wish([words, ...more].join(between))).toBe(wish(words))
      },
    )
    expect(() => fc.assert(holds, runs(200))).not.toThrow()
  })
})

describe('a wish to stop or to start again', () => {
  test.each([
    ...STOPS,
    ' stop. ',
    'Parar!',
    'pare',
    'SAIR…',
    'Unsubscribe',
    'cancelar inscricao',
    'বন্ধ।',
    'স্টপ',
    '“PARAR”',
    '*PARAR*',
    'PARAR 🙏',
    'PARAR\u200e',
    '\u202bPARAR\u202c',
    'ＰＡＲＡＲ',
    'Gente, parem de ficar mandando mensagem',
    'podem parar de ficar me mandando coisa',
    'parem de me mandar essas coisas',
    'gente, para',
    'Para, gente!',
    'moça para de me mandar mensagem',
    'gente para com isso',
    'r sms den na',
    'msg r den na',
    'you guys need to stop texting me',
    'you should stop messaging me',
    'you really need to stop sending this',
    'ok, you have to stop texting me',
    'cancela tudo',
    'cancel all',
    'não aguento mais receber mensagens de vocês',
    'eu não gostaria mais de receber mensagens',
    'you need to stop sending me texts',
    'you must stop messaging me',
    'Guys, stop texting me!',
    "I don't want to be sent messages anymore",
    'plz msg chai na',
    'ar message den na',
    'amake sms off koren',
    'আমার নাম্বার মুছে দিন',
    '🛑 STOP',
    'STOP. Thank you',
    'Please stop!',
    'pare, por favor',
    'Oi! PARAR',
    'STOP STOP STOP',
    'opt-out',
    'não quero mais receber mensagens',
    'বন্ধ করুন, ধন্যবাদ',
    'Para de me mandar msg',
    'parem com essas mensagens!',
    'Não quero mais receber mensagens de vocês',
    'n quero mais receber msg',
    'Por favor, não me mandem mais mensagens',
    'quero me descadastrar',
    'Quero cancelar a inscrição',
    'quero sair da lista',
    'parar agora',
    'stop these messages',
    'I want to stop receiving messages',
    "Don't text me anymore",
    'no more texts please',
    'Take me off this list',
    'মেসেজ পাঠানো বন্ধ করেন',
    'আমাকে আর মেসেজ দেবেন না',
    'দয়া করে মেসেজ দেওয়া বন্ধ করুন',
    'ok parar',
    'i want to stop',
    'please stop messaging me',
    'quero parar',
    'eu quero parar',
    'quero que parem',
    'quero que parem de me mandar mensagens',
    'pode parar',
    'podem parar por favor',
    'pode parar de mandar mensagem',
    'dá pra parar?',
    'tem como parar de receber essas mensagens?',
    'como faço pra parar de receber mensagens?',
    'para de me mandar mensagem',
    'para de mandar msg pra mim',
    'pare com isso agora',
    'parem com isso já',
    'não me mande mais mensagens',
    'não me mandem mais nada',
    'n me mande mais msg',
    'nao mande mais msgs pfv',
    'não envie mais mensagens',
    'não enviem mais nada para este número',
    'não quero mais mensagens suas',
    'não quero receber nenhuma mensagem',
    'não quero receber mensagens de vocês nunca mais',
    'não desejo receber mensagens',
    'não desejo mais receber mensagens de vocês',
    'não gostaria de receber mensagens',
    'não autorizo mensagens',
    'não autorizo o envio de mensagens',
    'não tenho interesse em receber mensagens',
    'não quero que me mandem mensagens',
    'não quero mais que vocês me mandem mensagens',
    'nunca mais me mande mensagem',
    'nunca mais me mandem msg',
    'chega de mensagens',
    'chega de mensagem!',
    'chega! parem de me mandar mensagens',
    'sem mais mensagens por favor',
    'me tira dessa lista',
    'me tirem da lista',
    'tira meu número da lista',
    'remova meu número da sua lista',
    'remove meu contato da lista',
    'me remova da lista de transmissão',
    'me descadastra',
    'me descadastrem por favor',
    'descadastrar meu número',
    'quero cancelar as mensagens',
    'cancelar recebimento de mensagens',
    'cancela essas mensagens',
    'cancelar envio de mensagens',
    'quero cancelar minha inscrição',
    'desejo cancelar o recebimento de mensagens',
    'parem de me incomodar',
    'pare de me perturbar',
    'para de encher',
    'parem de entrar em contato',
    'não entrem mais em contato comigo',
    'me deixa em paz',
    'me deixem em paz',
    'deixe-me em paz',
    'quero parar de receber',
    'queria parar de receber mensagens de vocês',
    'gostaria de parar de receber mensagens',
    'gostaria que parassem de me enviar mensagens',
    'solicito que parem de enviar mensagens',
    'por favor parem',
    'por favor, pare',
    'PARE!!!',
    'parem já',
    'pare imediatamente',
    'stop please',
    'STOP NOW',
    'stop!!! ',
    'stop it',
    'stop that',
    'stop this now',
    'stop all messages',
    'stop all of this',
    'stop sending me stuff',
    'stop sending me messages',
    'stop sending messages to me',
    'stop sending these',
    'stop texting',
    'stop texting me please',
    'stop contacting me',
    'stop writing me',
    'stop spamming',
    'stop bothering me',
    'can you stop messaging me',
    'can you please stop messaging me?',
    'could you stop sending me texts',
    'would you please stop texting me',
    'i want you to stop messaging me',
    'i want you to stop',
    'i want this to stop',
    "i'd like to stop receiving messages",
    'i would like to stop getting these texts',
    'I wish to stop receiving messages from you',
    'i need you to stop texting me',
    "i don't want to receive messages anymore",
    'i dont want any more messages',
    "i don't want your messages",
    'I do not want to receive any more messages from you',
    'i no longer want to receive messages',
    'i no longer wish to be contacted',
    "I don't want to be contacted",
    "i don't want to hear from you",
    "i don't want you to message me",
    "don't message me",
    'do not message me again',
    "don't text me anymore",
    'never text me again',
    'do not contact me',
    "don't contact me again",
    "don't send me anything",
    "don't send me any more messages",
    'do not send me messages',
    "please don't send any more texts",
    'no more messages',
    'no more messages please',
    'no more texts',
    'enough with the messages',
    'enough messages already',
    'take me off your list',
    'take me off',
    'remove me from your list',
    'please remove my number from your list',
    'please remove me',
    'unsubscribe',
    'unsubscribe me',
    'please unsubscribe me from this list',
    'i want to unsubscribe',
    'how do i unsubscribe',
    'how do I stop these messages?',
    'opt me out',
    'i want to opt out',
    'i opt out',
    'leave me alone',
    'lose my number',
    'ok stop',
    'ok, stop',
    'hi stop',
    'hello, please stop',
    'quit messaging me',
    "stop. i'm serious",
    'stop stop stop',
    'PARAR PARAR',
    'parar parar por favor',
    'stop pls',
    's t o p',
    'বন্ধ করুন',
    'মেসেজ বন্ধ করুন',
    'মেসেজ পাঠানো বন্ধ করুন',
    'দয়া করে মেসেজ পাঠানো বন্ধ করুন',
    'আমাকে আর মেসেজ পাঠাবেন না',
    'আর মেসেজ দিবেন না',
    'আর কোনো মেসেজ চাই না',
    'আমি আর মেসেজ চাই না',
    'আমি মেসেজ পেতে চাই না',
    'আমি বন্ধ করতে চাই',
    'মেসেজ বন্ধ করতে চাই',
    'আর বার্তা চাই না',
    'এই মেসেজ বন্ধ করেন',
    'আমাকে মেসেজ পাঠাবেন না',
    'আর পাঠাবেন না',
    'আমাকে বিরক্ত করবেন না',
    'আমাকে আর বিরক্ত করবেন না',
    'স্টপ করুন',
    'প্লিজ বন্ধ করুন',
    'ঠিক আছে বন্ধ করুন',
    'মেসেজ দেওয়া বন্ধ করেন',
    'তালিকা থেকে বাদ দিন',
    'থামুন',
    'থামেন',
    'parem de mandar isso',
    'para de mandar isso pra mim',
    'para de me encher o saco',
    'não me procurem mais',
    'não quero mais contato',
    'quero que vcs parem',
    'vocês podem parar de mandar mensagem?',
    'Pode parar de me mandar mensagem por favor?',
    'não quero receber nada',
    'para, por favor',
    'PARA!!',
    'Para',
    'para agora',
    'stop ok',
    'ok stop it',
    'just stop messaging me ok',
    'stop msgs',
    'stop msg',
    'stop sms',
    'stop whatsapp',
    'stop whatsapp messages',
    'stop sending msg',
    'please do stop',
    'would you stop?',
    'stop!!!! please!!!',
    'unsubscribe please',
    "i'd like to unsubscribe",
    'pls unsubscribe',
    'unsubscribe from all',
    'opt-out please',
    'optout',
    'end all messages',
    "i don't want to get texts",
    'please no more msgs',
    'no more whatsapp messages',
    'never message me',
    'do not disturb',
    'dont disturb me',
    'quero sair da lista de transmissão',
    'quero parar de receber msgs no whatsapp',
    'não mandem mais nada no meu whatsapp',
    'não quero mais receber msg no zap',
    'chega de msg',
    'cancelar notificações',
    'desinscrever',
    'descadastro',
    'bloquear mensagens',
    'quero deixar de receber mensagens',
    'deixar de receber mensagens',
    'gostaria de deixar de receber mensagens',
    'deixem de me enviar mensagens',
    'não desejo ser contatado',
    'não quero ser incomodado',
    'interromper mensagens',
    'মেসেজ অফ করুন',
    'আর মেসেজ না',
    'আমি আর মেসেজ পেতে চাই না',
    'দয়া করে আর মেসেজ দিবেন না',
    'মেসেজ দেওয়া বন্ধ করো',
    'আর এসএমএস পাঠাবেন না',
    'আমাকে মেসেজ দেওয়া বন্ধ করুন',
    'সব মেসেজ বন্ধ করুন',
    'make it stop',
    'please make it stop',
    'I said STOP',
    'for the last time stop',
    'wrong number, stop',
    'número errado, parem de mandar mensagem',
    'pare pelo amor de deus',
    'para de me mandar mensagem caramba',
    'não enviem mais',
    'quero ser removido da lista',
    'exclua meu número',
    'solicito o descadastro',
    'STOP\n\n--\nSent from my iPhone',
    'PARAR\nEnviado do meu iPhone',
  ])('"%s" is a stop', (words) =>
    expect(consentWishOf(text(words))).toEqual({ wish: 'stop', via: 'keyword' }),
  )
  test.each(['START', 'unstop', 'Voltar', 'iniciar', 'começar', 'COMECAR.', 'শুরু', 'স্টার্ট', '*VOLTAR* 🙂'])(
    '"%s" is a start',
    (words) => expect(consentWishOf(text(words))).toEqual({ wish: 'start', via: 'keyword' }),
  )
  test.each([
    'please stop calling',
    'não quero mais nenhuma coisa, obrigado',
    'não preciso de mais coisa nenhuma',
    'não quero essa coisa',
    'chega de coisa',
    'para com essa coisa',
    'cancela essa coisa',
    'parar de comprar coisas',
    'para gente',
    'para moça',
    'para pessoal',
    'para cara',
    'olha para',
    'olha para tudo isso',
    'ok para agora',
    'cara para tudo',
    'para gente!',
    'Oi, para gente',
    'sms den na',
    'amake message den na',
    'amar sms den na',
    'you can stop it',
    'ok, you can stop it',
    'you guys can stop it',
    'you could stop this now',
    'you must stop it',
    'you should stop this now',
    'you need to stop my card',
    'should I stop it?',
    'should I stop messaging?',
    'should stop it',
    'must i stop it?',
    'desculpa, cancela tudo',
    'cancelar tudo, desculpa',
    'sorry, cancel all',
    'i never said stop it',
    'bloqueiem meu telefone',
    'exclua meu cartão',
    'não mandem mais cartões',
    'restart my phone',
    'start my card',
    'resume my number',
    'opt_outs',
    '',
    '?',
    '🛑',
    'não quero parar',
    'nao quero parar',
    'n quero parar',
    "don't stop",
    'não cancelar',
    'quero cancelar meu cartão',
    'parar o cartão',
    'the bus stop',
    'não parem de me mandar mensagens',
    'não quero parar de receber mensagens',
    "don't stop sending me messages",
    'do not take me off the list',
    'não me tire da lista',
    'parem de cobrar',
    'pare de debitar',
    'stop charging me',
    'não recebi mensagens',
    'não quero mais receber o cartão',
    'cancelar pedido',
    'মেসেজ বন্ধ করবেন না',
    'আমার কার্ড বন্ধ করুন',
    'বন্ধ করবেন না',
    'obrigado',
    'n quero parar de receber',
    'não parem',
    'não pare',
    'não parem de mandar mensagens',
    'nunca parem de mandar mensagens',
    'não quero cancelar as mensagens',
    'não quero sair da lista',
    'não me tirem da lista',
    'não quero me descadastrar',
    'não me descadastre',
    'quero parar o cartão',
    'quero parar de pagar',
    'parar de pagar',
    'quero parar de usar o cartão',
    'cancelar o cartão',
    'cancelar compra',
    'cancelar meu pix',
    'quero cancelar minha conta',
    'para o cartão',
    'para mim',
    'para mim não',
    'para a agência',
    'para com o cartão',
    'mensagem para mim',
    'parem de me cobrar',
    'pare de me ligar',
    'parem de ligar para mim',
    'não recebi mensagem',
    'não recebi as mensagens',
    'não recebi nenhuma mensagem de vocês',
    'não recebo mensagens',
    'não estou recebendo mensagens',
    'nunca recebi mensagem',
    'não consigo receber mensagens',
    'não mandei mensagem',
    'eu não mandei mensagem nenhuma',
    'não quero mandar mensagem',
    'não me mandaram o cartão',
    'não me mandem o cartão',
    'não me envie o cartão',
    'não me mande mais cartões',
    'não quero receber o cartão',
    'não quero mais receber a fatura',
    'não quero receber fatura por email',
    'pode mandar mensagem',
    'chega amanhã',
    'chega de esperar',
    'meu cartão não chega',
    'chega de cobrança',
    'sem cartão',
    'nada',
    'nada de novo',
    'sem mensagem',
    'o ônibus parou',
    'vou parar no banco',
    'parei de pagar',
    'perto da parada',
    'no ponto de parar',
    'parada de ônibus',
    'ele parou',
    'quando parar me avisa',
    'stop my card',
    'stop the card',
    'stop payment',
    'stop the payment please',
    'please stop calling me',
    'i want to stop my card',
    'i want to stop using the card',
    'i want to stop paying',
    'dont stop',
    "please don't stop",
    "don't stop messaging me",
    'do not stop sending me messages',
    "i don't want to stop",
    "i don't want to stop receiving messages",
    'i never said stop',
    "don't unsubscribe me",
    "i don't want to unsubscribe",
    'do not remove me',
    'i did not get the message',
    "i didn't receive any messages",
    "i don't get messages",
    'i dont receive messages',
    "i don't receive your messages",
    'i never get your messages',
    "i didn't send a message",
    "i don't send messages",
    'at the bus stop',
    'near the stop',
    'non stop',
    'i stopped at the mall',
    'it stopped working',
    'my card stopped working',
    'stop sending me the card',
    'do not send me the card',
    "don't send me my card",
    "don't send the card to my old address",
    "don't contact my employer",
    'no more cards',
    'no messages',
    'no message received',
    'i want to message you',
    'i want messages',
    'leave',
    'leave me a message',
    'remove my card',
    'delete my account',
    'cancel my card',
    'cancel the transfer',
    'আমি বন্ধ করতে চাই না',
    'মেসেজ বন্ধ করতে চাই না',
    'কার্ড বন্ধ করতে চাই',
    'অ্যাকাউন্ট বন্ধ করতে চাই',
    'মেসেজ পাইনি',
    'আমি মেসেজ পাইনি',
    'মেসেজ আসে না',
    'মেসেজ পাঠান',
    'কার্ড পাঠাবেন না',
    'আমি মেসেজ চাই',
    'দোকান বন্ধ',
    'দোকান বন্ধ ছিল',
    'কোনো মেসেজ আসেনি',
    'para quê?',
    'para quando?',
    'para onde',
    'para casa',
    'para o shopping',
    'para com ele',
    'sai do banco ontem',
    'saí do shopping',
    'não quero mais',
    'não quero mais nada',
    'não quero',
    'chega',
    'basta',
    'parada',
    'pare o pagamento',
    'pare a compra',
    'cancelar agendamento',
    'cancelar o pedido',
    'cancelar o registro',
    'quero cancelar o registro',
    'quero cancelar esse registro',
    'pode cancelar o cartão',
    'cancela o cartão',
    'não mandem o cartão para casa',
    'the end of the street',
    'quit smoking clinic',
    'at the end',
    'stop over there',
    'one stop from home',
    'stop by the bank',
    "i don't want it",
    "i don't want this card",
    "i don't want a new card",
    'do not block my card',
    "don't cancel",
    'do not cancel it',
    'বন্ধ হয়ে গেছে',
    'কার্ড বন্ধ করে দিন',
    'বন্ধ দোকানে',
    'আমি চাই না',
    'মেসেজ করুন',
    'não quero mais nada de vocês',
    'আর কিছু না',
    'কিছু চাই না',
    'আর কিছু লাগবে না',
    'STOP '.repeat(2000) + 'not',
  ])('"%s" is neither', (words) => expect(consentWishOf(text(words))).toBeUndefined())

  test('the caption of a photo is words', () => {
    expect(consentWishOf(message({ $case: 'media', value: { type: 'image', caption: 'PARAR' } }))).toEqual({
      wish: 'stop',
      via: 'keyword',
    })
    expect(consentWishOf(message({ $case: 'media', value: { type: 'image' } }))).toBeUndefined()
  })
  test('a button says it by its id or by its title', () => {
    expect(consentWishOf(tap('opt_out', 'Não quero mais'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('x', 'Unsubscribe'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('Unsubscribe', 'No more'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('opt_in', 'Quero'))).toEqual({ wish: 'start', via: 'button' })
    expect(consentWishOf(tap('menu', 'Menu'))).toBeUndefined()
    expect(consentWishOf(tap('x', 'PARAR', 'button_reply'))).toEqual({ wish: 'stop', via: 'button' })
  })
  test('a robot’s own button that calls something off stops no messages', () => {
    for (const title of ['Cancelar', 'Cancel', 'Voltar', 'বাতিল'])
      expect(consentWishOf(tap('cancel', title, 'button_reply'))).toBeUndefined()
    expect(consentWishOf(tap('cancel', 'Back to the menu', 'list_reply'))).toBeUndefined()
  })
  test.each([
    'Stop promotions',
    'Parar promoções',
    'প্রচার বন্ধ করুন',
    'não quero receber promoções',
    'parem com as propagandas',
    'stop sending me promotions',
  ])('the quick reply "%s" is about advertising alone', (title) => {
    expect(consentWishOf(tap('promo_7', title))).toEqual({ wish: 'stop_marketing', via: 'button' })
    expect(consentWishOf(text(title))).toEqual({ wish: 'stop_marketing', via: 'keyword' })
  })
  test('what stops messages is known before anybody types it', () => {
    expect(stopsMessages('Cancelar')).toBe(true)
    expect(stopsMessages('Voltar')).toBe(false)
  })
})

const decoration = fc
  .array(
    fc.constantFrom(
      ...SIGNS,
      ' ',
      '\n',
      '\ufe0f',
      '\u200b',
      '\u200e',
      '\u202d',
      '\u202c',
      '\u2068',
      '\u2069',
      '\u3164',
      '\ufeff',
      '\u2060',
      '\u00a0',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  // Three letters on tiles in a row are a word of their own.
  .filter((marks) => wordsOf(marks) === '')

describe('whatever the words', () => {
  test('a stop stays one beside any sign of punctuation and any symbol', () => {
    for (const sign of SIGNS)
      for (const said of [`PARAR${sign}`, `PARAR ${sign}\ufe0f`, `${sign} PARAR`])
        expect([said, consentWishOf(text(said))?.wish]).toEqual([said, 'stop'])
  })
  test('a stop stays one under any case, style of letters, punctuation, emoji and invisible characters', () => {
    fc.assert(
      fc.property(
        decoration,
        fc.constantFrom(...STOPS),
        decoration,
        fc.constantFrom<(word: string) => string>(
          (word) => word.toUpperCase(),
          (word) => word.toLowerCase(),
          (word) => word.normalize('NFD'),
          (word) =>
            word.replace(/[A-Za-z]/g, (letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)),
        ),
        (before, word, behind, style) => {
          expect(consentWishOf(text(before + style(word) + behind))?.wish).toBe('stop')
        },
      ),
    )
  })
  test('a letter that is held changes no stop', () => {
    const latin = STOPS.filter((word) => /^[a-z]+$/i.test(word))
    fc.assert(
      fc.property(fc.constantFrom(...latin), fc.nat(), fc.integer({ min: 2, max: 9 }), (word, at, times) => {
        const place = at % word.length
        const held = word.slice(0, place) + word[place]!.repeat(times) + word.slice(place)
        expect([held, consentWishOf(text(held))?.wish]).toEqual([held, 'stop'])
      }),
    )
  })
  test('a negation right behind the verb takes it back', () => {
    const verb = fc.constantFrom('parar', 'pare', 'parem', 'quero parar', 'stop', 'voltar', 'começar')
    const between = fc.constantFrom(' ', '? ', '! ', ', ')
    const negation = fc.constantFrom(
      'nunca',
      'nem',
      'no',
      'nada',
      'não',
      'jamais',
      'never',
      'not',
      'no way',
      'nem pensar',
    )
    fc.assert(
      fc.property(verb, between, negation, fc.constantFrom('', '!', '.'), (said, mark, taken, last) => {
        const words = said + mark + taken + last
        expect([words, consentWishOf(text(words))]).toEqual([words, undefined])
      }),
    )
  })
  test('a request to stop is one with whatever politeness and outcry around it, and with its opposite before it none', () => {
    const ending = fc.constantFrom('parem de', 'pare de', 'parar de', 'quero parar de', 'podem parar de')
    const sending = fc.constantFrom('me mandar', 'me enviar', 'enviar', 'receber')
    const messages = fc.constantFrom(
      'mensagens',
      'msg',
      'essas mensagens',
      'mais mensagens',
      'tanta mensagem',
    )
    const before = fc.constantFrom('', 'Oi, ', 'Chega! ', 'Por favor, ', 'ok ')
    const behind = fc.constantFrom('', '!', ', por favor', ' agora', '. Obrigado')
    fc.assert(
      fc.property(before, ending, sending, messages, behind, (first, ends, sends, what, last) => {
        const request = `${ends} ${sends} ${what}`
        expect(consentWishOf(text(`${first}${request}${last}`))?.wish).toBe('stop')
        expect(consentWishOf(text(`${first}não ${request}${last}`))).toBeUndefined()
        expect(consentWishOf(text(`${first}${ends} ${sends} o cartão${last}`))).toBeUndefined()
        expect(consentWishOf(text(`${first}${request} ontem no shopping${last}`))).toBeUndefined()
      }),
    )
    const subject = fc.constantFrom(
      '',
      'please ',
      'I want to ',
      'I want you to ',
      'can you ',
      'could you please ',
    )
    const verb = fc.constantFrom('stop texting me', 'stop these messages', 'stop sending me texts', 'stop it')
    fc.assert(
      fc.property(subject, verb, fc.constantFrom('', '!', ' now', ' please'), (wish, stops, last) => {
        expect(consentWishOf(text(`${wish}${stops}${last}`))?.wish).toBe('stop')
        expect(consentWishOf(text(`don't ${stops}${last}`))).toBeUndefined()
        expect(consentWishOf(text(`${wish}${stops} from using my card${last}`))).toBeUndefined()
      }),
    )
  })
  test('to ask a message takes time by its length', () => {
    for (const words of ['me ', 'de me ', 'stop me ', 'não me ', 'no more ', 'আর ', 'messages ', 'parar. '])
      expect(
        growth(30, (length) => consentWishOf(text(`${words.repeat(length).slice(0, length)}x`))),
      ).toBeLessThan(80)
  })
  test('a word of a sentence is never a stop', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('meu', 'card', 'no', 'loja', 'não', 'quero', 'কার্ড'), { maxLength: 3 }),
        fc.constantFrom(...STOPS),
        fc.constantFrom('o cartão', 'my card', 'na agência', 'n', 'না কার্ড'),
        (before, word, behind) => {
          expect(consentWishOf(text([...before, word, behind].join(' ')))).toBeUndefined()
        },
      ),
    )
  })
})
