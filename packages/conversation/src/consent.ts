import type { MessageBody } from '@parley/proto/content'
import { withoutCourtesies, wordSet, wordsOf } from './typed-text.ts'

/** What a message says about being written to at all, or (`stop_marketing`) about advertising alone. */
export type ConsentWish = {
  readonly wish: 'stop' | 'start' | 'stop_marketing'
  readonly via: 'keyword' | 'button'
}

/** In English the words that US law names (47 CFR 64.1200(a)(10)), and what people write for them; so in Portuguese and Bengali. */
const STOP = wordSet(
  'stop|quit|end|revoke|opt out|optout|opt me out|cancel|unsubscribe|unsubscribe me|stop all|stopall|stop messages|stop all messages|stop messaging|stop messaging me|stop texting me|stop sending messages|stop sending me messages|stop it|stop this|stop now|just stop|stop writing to me|remove me|take me off the list|take me off your list|remove me from your list|stop contacting me|stop spamming me|dont message me|do not message me|dont text me|do not contact me|no more messages|i want to unsubscribe|i want to opt out',
  'parar|pare|parem|sair|cancelar|cancele|cancela|cancelem|cancelar inscrição|cancelar mensagens|descadastrar|descadastre|me descadastre|descadastre me|quero parar|quero sair|quero cancelar|remover|me remova|remova me|parar mensagens|pare agora|parem agora|pare com isso|parem com isso|pare com as mensagens|parem com as mensagens|pare de enviar mensagens|parem de enviar mensagens|pare de mandar mensagens|parem de mandar mensagens|parar de receber mensagens|quero parar de receber mensagens|não quero receber mensagens|não quero mais receber mensagens|não me mande mais mensagens|não mande mais mensagens|não enviem mais mensagens|não quero mais mensagens|não quero mais receber|não quero receber mais mensagens|pode parar|podem parar|pare de me mandar mensagem|pare de me mandar mensagens|parem de me mandar mensagem|parem de me mandar mensagens|para de me mandar mensagem|pare de me enviar mensagens|parem de me enviar mensagens|sair da lista|me tira da lista|me tire da lista|me tirem da lista',
  'বন্ধ|বন্ধ করুন|বন্ধ কর|বন্ধ করো|বন্ধ করেন|স্টপ|থামুন|থামান|থামাও|বাতিল|বাতিল করুন|আনসাবস্ক্রাইব|বন্ধ করে দিন|মেসেজ বন্ধ করুন|মেসেজ দেওয়া বন্ধ করুন|মেসেজ পাঠানো বন্ধ করুন|বার্তা বন্ধ করুন|আর মেসেজ পাঠাবেন না|আর বার্তা পাঠাবেন না',
)
const START = wordSet(
  'start|start again|start messages|unstop|resume|resubscribe|restart|subscribe|opt in|optin',
  'voltar|iniciar|começar|recomeçar|retomar|quero voltar|voltar a receber|voltar a receber mensagens|quero voltar a receber mensagens',
  'শুরু|শুরু করুন|শুরু করো|আবার শুরু|আবার শুরু করুন|স্টার্ট|চালু|চালু করুন',
)
/** `Stop promotions` is the words on Meta's own button of marketing templates. */
const STOP_MARKETING = wordSet(
  'stop promotions|stop promotion|stop promos|stop marketing|stop marketing messages|stop offers|stop ads|stop advertising|no promotions',
  'parar promoções|pare com as promoções|parar de receber promoções|cancelar promoções|parar ofertas|parar propaganda|parar publicidade|não quero promoções|não quero mais promoções|sem promoções|interromper promoções',
  'প্রচার বন্ধ|প্রচার বন্ধ করুন|অফার বন্ধ করুন|বিজ্ঞাপন বন্ধ করুন|প্রমোশন বন্ধ করুন|প্রচারমূলক বার্তা বন্ধ করুন',
)

const MESSAGES_PT = '(?:mensagem|mensagens|msg|msgs|sms|whatsapp)'
const MESSAGES_EN = '(?:messages|message|msgs|texts|text messages|sms)'
const MESSAGES_BN = '(?:মেসেজ|ম্যাসেজ|বার্তা|এসএমএস)'
/**
 * Whole requests to stop messages, of words (`wordsOf`). Each is about messages and nothing else, and begins with the wish: "não parem de
 * mandar mensagens" says the opposite, "parem de cobrar" is about money, and neither fits.
 */
const REQUEST_TO_STOP = request(
  `(?:(?:eu )?(?:quero|queria|gostaria de) )?(?:pare|parem|para|parar) (?:ja |agora )?(?:de|com) (?:me )?(?:(?:mandar|enviar|mandarem|enviarem|receber) )?(?:mais )?(?:essas |estas |as |tantas )?${MESSAGES_PT}(?: (?:pra mim|para mim|de voces|aqui|agora))?`,
  `(?:eu )?(?:nao|n) (?:quero|desejo) (?:mais )?(?:receber )?(?:mais )?(?:essas |estas |as |suas )?${MESSAGES_PT}(?: (?:de voces|do banco|aqui|desse numero|deste numero))?`,
  `(?:nao|n) (?:me )?(?:mande|mandem|manda|envie|enviem|envia) (?:mais )?(?:${MESSAGES_PT}|nada)(?: (?:pra mim|para mim|aqui))?`,
  '(?:me )?(?:quero |queria |gostaria de )?(?:me )?(?:remova|removam|remove|remover|tira|tire|tirem|sair|descadastra|descadastre|descadastrem|descadastrar)(?: me)?(?: meu numero)? (?:da|dessa|desta) (?:sua )?lista',
  '(?:quero |queria |gostaria de )?(?:me descadastrar|descadastrar me|me descadastra|cancelar (?:a |minha )?inscricao)',
  '(?:parar|pare|parem|stop) (?:tudo|agora|ja|everything)|parar (?:mensagem|msg|msgs|de enviar|de receber)|para com isso',
  `(?:i want (?:you )?to |i would like (?:you )?to |can you |could you )?stop (?:(?:sending|receiving|getting) (?:me )?)?(?:any |any more |more |all )?(?:the |these |those |your )?${MESSAGES_EN}(?: (?:to me|now))?`,
  '(?:i want you to |can you |could you )?stop (?:texting|messaging|contacting|spamming|writing)(?: to)?(?: me)?(?: now)?',
  `(?:do not|dont|never) (?:text|message|contact|write to|sms) me(?: again| anymore| any more)`,
  `(?:no more|i want no more|i dont want any more|i do not want any more) ${MESSAGES_EN}`,
  '(?:take|remove) me (?:off|from) (?:this|your|the) list',
  `(?:আমাকে )?(?:আর )${MESSAGES_BN} (?:পাঠাবেন না|পাঠাবে না|দিবেন না|দেবেন না|চাই না)`,
  `${MESSAGES_BN} (?:(?:পাঠানো|দেওয়া|দেয়া) )?(?:বন্ধ|স্টপ) (?:করুন|করেন|করো|কর|করে দিন)|স্টপ করুন`,
)
const ADVERTS_PT = '(?:promocao|promocoes|propaganda|propagandas|ofertas|publicidade)'
const REQUEST_TO_STOP_MARKETING = request(
  `(?:nao|n) (?:quero|desejo) (?:mais )?(?:receber )?(?:mais )?(?:essas |as |suas )?${ADVERTS_PT}|(?:pare|parem|para|parar) (?:de|com) (?:me )?(?:(?:mandar|enviar|receber) )?(?:essas |as |tantas )?${ADVERTS_PT}|chega de ${ADVERTS_PT}`,
  '(?:stop (?:sending )?(?:me )?(?:the |these |your )?|no more |no )(?:promotions|promos|ads|advertising|marketing messages|marketing|offers)',
)

/** One pattern, since every message that comes in is asked. */
function request(...forms: readonly string[]): RegExp {
  return new RegExp(`^(?:${forms.join('|')})$`.normalize('NFC'))
}

/** Under a question of a robot these lead back or call something off; as a whole typed message they are about the messages themselves. */
const MEANT_OTHERWISE_ON_BUTTONS = wordSet(
  'quit|end|cancel|revoke|remove me|start|resume|restart|subscribe',
  'sair|cancelar|cancele|cancela|remover|voltar|iniciar|começar|recomeçar|retomar|quero sair|quero cancelar|quero voltar',
  'বন্ধ করুন|বাতিল|বাতিল করুন|থামুন|শুরু|শুরু করুন|চালু|চালু করুন',
)

/**
 * By the whole message (a text, the caption of a medium, the words or the id of a button): a stop, a start, or neither. Never by a word
 * inside a sentence: "não quero parar" holds one and means the opposite.
 */
export function consentWishOf(message: MessageBody | undefined): ConsentWish | undefined {
  const body = message?.body
  switch (body?.$case) {
    case 'text':
      return wishIn(body.value.text, 'keyword')
    case 'media':
      return wishIn(body.value.caption, 'keyword')
    case 'choice': {
      const { id, title, source } = body.value
      if (id === 'opt_out' || id === 'opt_in')
        return { wish: id === 'opt_out' ? 'stop' : 'start', via: 'button' }
      // The payload of a template's quick reply is words too; an id of our own is not.
      if (source === 'template_button') return wishIn(title, 'button') ?? wishIn(id, 'button')
      return MEANT_OTHERWISE_ON_BUTTONS.has(wordsOf(title)) ? undefined : wishIn(title, 'button')
    }
    default:
      return undefined
  }
}

/** Whether a customer who types exactly this stops messages with it: then it cannot be the answer to a question. */
export function stopsMessages(text: string): boolean {
  const wish = wishIn(text, 'keyword')?.wish
  return wish !== undefined && wish !== 'start'
}

/** No word that stops is longer, whatever decorates it. The gateway asks of every message, long ones too. */
const LONGEST = 512

function wishIn(text: string, via: ConsentWish['via']): ConsentWish | undefined {
  if (text.length > LONGEST) return undefined
  const all = withoutCourtesies(wordsOf(text))
  const words = repeated(all) ?? all
  if (STOP.has(words) || REQUEST_TO_STOP.test(words)) return { wish: 'stop', via }
  if (STOP_MARKETING.has(words) || REQUEST_TO_STOP_MARKETING.test(words))
    return { wish: 'stop_marketing', via }
  if (START.has(words)) return { wish: 'start', via }
  return undefined
}

/** `PARAR PARAR PARAR`: said three times, meant once. */
function repeated(words: string): string | undefined {
  const [first, ...more] = words.split(' ')
  return more.length > 0 && more.every((word) => word === first) ? first : undefined
}
