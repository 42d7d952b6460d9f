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
  if (STOP.has(words)) return { wish: 'stop', via }
  if (STOP_MARKETING.has(words)) return { wish: 'stop_marketing', via }
  if (START.has(words)) return { wish: 'start', via }
  return undefined
}

/** `PARAR PARAR PARAR`: said three times, meant once. */
function repeated(words: string): string | undefined {
  const [first, ...more] = words.split(' ')
  return more.length > 0 && more.every((word) => word === first) ? first : undefined
}
