import type { MessageBody } from '@parley/proto/content'
import {
  SHORT_FORMS,
  isRequestToStart,
  isRequestToStop,
  isRequestToStopMarketing,
} from './consent-requests.ts'
import {
  COURTESIES,
  apologises,
  isPolite,
  withoutCourtesies,
  withoutFarewell,
  withoutLaughter,
} from './courtesy.ts'
import {
  plainText,
  saidOnce,
  typedTwice,
  withoutHeldLetters,
  wordSet,
  wordsOf,
  wordsWithout,
  writtenOut,
} from './typed-text.ts'

/** What a message says about being written to at all, or (`stop_marketing`) about advertising alone. */
export type ConsentWish = {
  readonly wish: 'stop' | 'start' | 'stop_marketing'
  readonly via: 'keyword' | 'button'
}

/**
 * Single words that stop. In English those that US law names (47 CFR 64.1200(a)(10)), and what people write for them; so in Portuguese and
 * Bengali. Whole sentences are `isRequestToStop`'s.
 */
const STOP = wordSet(
  'stop|quit|end|revoke|opt out|optout|cancel|unsubscribe|stop all|stopall|cancel all|remove|remove me|make it stop',
  'parar|pare|parem|para|sair|cancelar|cancele|cancela|cancelem|descadastrar|descadastre|remover|quero sair|quero cancelar|descadastro|me remove|me remova|pare agora|parem agora|cancelar tudo|cancela tudo|cancele tudo',
  'বন্ধ|বন্ধ করুন|বন্ধ কর|বন্ধ করো|বন্ধ করেন|বন্ধ করে দিন|স্টপ|স্টপ করুন|থামুন|থামান|থামাও|থামেন|বাতিল|বাতিল করুন|আনসাবস্ক্রাইব|bondho|bondho koro|bondho korun|bondho koren|bondho kore din|bondo koro|bondo korun|thamun|stop koro|stop koren|stop korun|stop kore den',
)
const START = wordSet(
  'start|start again|unstop|resume|resubscribe|restart|subscribe|opt in|optin',
  'voltar|iniciar|começar|recomeçar|retomar|quero voltar|reativar',
  'শুরু|শুরু করুন|শুরু করো|শুরু কর|শুরু করেন|আবার শুরু|আবার শুরু করুন|স্টার্ট|চালু|চালু করুন',
)
/** `Stop promotions` is the words on Meta's own button of marketing templates. */
const STOP_MARKETING = wordSet(
  'stop promotions|stop promotion|stop promos|stop marketing|stop marketing messages|stop offers|stop ads|stop advertising|no promotions',
  'parar promoções|pare com as promoções|parar de receber promoções|cancelar promoções|parar ofertas|parar propaganda|parar publicidade|não quero promoções|não quero mais promoções|sem promoções|interromper promoções',
  'প্রচার বন্ধ|প্রচার বন্ধ করুন|অফার বন্ধ করুন|বিজ্ঞাপন বন্ধ করুন|প্রমোশন বন্ধ করুন|প্রচারমূলক বার্তা বন্ধ করুন',
)

/** Under a question of a robot these lead back or call something off; as a whole typed message they are about the messages themselves. */
const MEANT_OTHERWISE_ON_BUTTONS = wordSet(
  'quit|end|cancel|revoke|remove|remove me|start|resume|restart|subscribe',
  'sair|cancelar|cancele|cancela|remover|voltar|iniciar|começar|recomeçar|retomar|quero sair|quero cancelar|quero voltar',
  'বন্ধ করুন|বাতিল|বাতিল করুন|থামুন|শুরু|শুরু করুন|চালু|চালু করুন',
)

/** Beside an apology these call off what was just asked (`desculpa, cancela`), or begin a sentence (`desculpa, para…`). */
const MEANT_OTHERWISE_WITH_APOLOGY: ReadonlySet<string> = new Set([
  ...MEANT_OTHERWISE_ON_BUTTONS,
  ...START,
  ...wordSet('cancelar tudo|cancela tudo|cancele tudo', 'cancel all'),
  'para',
])

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

/** A state of Brazil, which without its accent is the verb. */
const PARA_STATE = /^\P{L}*par\u00e1\P{L}*$/iu
/** `1. PARAR`, `2️⃣ PARAR`, `a) PARAR`. */
const LIST_MARK =
  /^[^\p{L}\p{M}\p{N}]*(?:\d{1,2}\s*(?:[-.):]|(?!\s*(?:para|end)(?!\p{L})))|[a-e]\))\s*(?=\p{L})/iu
/** `STOP 1`, as short messages ask for it. */
const NUMBER_BEHIND = /^(stop|parar|unsubscribe) \d{1,2}$/
/** What a mail program writes under a text. */
const SIGNATURE = /\n\s*(?:--\s*\n|(?:sent from|enviad[oa] d[eo]) )[^]*$/i

function wishIn(text: string, via: ConsentWish['via']): ConsentWish | undefined {
  if (text.length > LONGEST || PARA_STATE.test(text.normalize('NFC'))) return undefined
  const bare = plainText(text).replace(SIGNATURE, '').replace(LIST_MARK, '')
  const words = wordsOf(bare)
  if (isCalledOff(words)) return undefined
  const wish = wishOfWords(words) ?? wishOfSentences(bare)
  return wish === undefined ? undefined : { wish, via }
}

function isCalledOff(words: string): boolean {
  const calm = calmed(withoutLaughter(words))
  return apologises(calm) && MEANT_OTHERWISE_WITH_APOLOGY.has(saidOnce(wordsWithout(calm, AROUND)))
}

function wishOfWords(said: string): ConsentWish['wish'] | undefined {
  const serious = writtenOut(withoutLaughter(said), SHORT_FORMS)
  const wish = wishWithin(serious)
  if (wish !== undefined) return wish
  const parted = withoutFarewell(serious)
  // `para` before a farewell is "for": `para um abraço`. A goodbye begins nothing.
  if (parted === serious || withoutCourtesies(parted) === 'para') return undefined
  const before = wishWithin(parted)
  return before === 'start' ? undefined : before
}

function wishWithin(serious: string): ConsentWish['wish'] | undefined {
  const all = withoutCourtesies(serious).replace(NUMBER_BEHIND, '$1')
  const words = spelledOut(all) ?? saidOnce(all)
  const calm = calmed(words)
  for (const each of new Set([words, calm])) {
    const wish = wishOfThese(each)
    if (wish !== undefined) return wish
  }
  const bare = wordsWithout(calm, AROUND)
  return bare === calm || MAY_BE_FOR.test(bare) ? undefined : wishOfThese(bare)
}

/** Beside words that no mark parts from it `para` is "for": `para gente`, `olha para tudo`. */
const MAY_BE_FOR = /^para(?:$| (?!(?:de|com) ))/

/** Not `para`, a preposition: Parra is a surname. Of all words of English and Portuguese dictionaries it takes `stoop` alone for another. */
const withoutTypedTwice = typedTwice([...STOP, ...START].filter((one) => !/ |^para$/.test(one)))

const calmed = (words: string) => saidOnce(withoutTypedTwice(withoutHeldLetters(words)))

function wishOfThese(words: string): ConsentWish['wish'] | undefined {
  if (isStop(words) || isSaidTwice(words) || isSaidInTwo(words)) return 'stop'
  if (STOP_MARKETING.has(words) || isRequestToStopMarketing(words)) return 'stop_marketing'
  if (START.has(words) || isRequestToStart(words)) return 'start'
  return undefined
}

const isStop = (words: string) => STOP.has(words) || isRequestToStop(words)

/** `parar parem`, `stop, cancel`: each of the words alone would. */
const isSaidTwice = (words: string) => words.split(' ').every((word) => word !== 'para' && STOP.has(word))

/** With what a sentence begins that says the same again. */
const AGAIN = wordSet(
  'eu|não|n|pare|parem|chega|me|por',
  'i|dont|do|please|pls|stop|unsubscribe|remove|take|leave|no|not',
  'আমি|আর|আমাকে|ami|amake|ar',
)
const WORDS_IN_TWO_MAX = 24
/** `parar não quero` says what is not wanted. */
const MAY_BE_OBJECT = wordSet('parar|sair|cancelar|remover|descadastrar')

/** `stop texting me i dont want any more messages`: two sentences without a mark between them, each of which would, or says no more. */
function isSaidInTwo(words: string): boolean {
  const all = words.split(' ')
  if (all.length > WORDS_IN_TWO_MAX) return false
  return all.some((word, at) => {
    if (at === 0 || !AGAIN.has(word)) return false
    const [first, second] = [all.slice(0, at).join(' '), all.slice(at).join(' ')]
    if (first === 'para' || !isStop(first)) return false
    return isStop(second) || (REFUSALS.has(second) && !MAY_BE_OBJECT.has(first))
  })
}

const OUTCRIES = wordSet(
  'chega|chega disso|basta|basta disso|já chega|gente|moço|moça|pessoal|cara|olha|ok|já deu|não aguento mais|que saco|socorro|meu deus|nossa|caramba|porra|eu disse|já disse|já falei|já pedi|estou pedindo|número errado|é engano|foi engano|engano|cansei|cansei disso|não conheço vocês|não sou essa pessoa|não sou eu|pessoa errada|estou cansado disso|estou cansada disso',
  'enough|enough is enough|no more|guys|ok|omg|wtf|come on|thats enough|im serious|seriously|i said|i told you|i already said|for the last time|wrong number|wrong person|i dont know you|this isnt me|this is not me|not me|damn it',
  'যথেষ্ট|যথেষ্ট হয়েছে|ওকে|আচ্ছা|ঠিক আছে|ভাই|ভাইয়া|আপু|স্যার|bhai|vai|apu',
)
const AROUND: ReadonlySet<string> = new Set([...COURTESIES, ...OUTCRIES])

/** Sentences that say no more than a stop beside them does. A start beside them is none. */
const REFUSALS = wordSet(
  'não quero|não quero mais|não quero mais isso|não quero mais nada|não quero nada|não preciso|não preciso mais|não me interessa|não tenho interesse|sem interesse',
  'i dont want it|i dont want this|i dont want it anymore|i dont want this anymore|i dont want any|i dont want any more|not interested|im not interested|i am not interested|no thanks|no thank you',
  'চাই না|আর চাই না|আমি চাই না|আমি আর চাই না|লাগবে না|আর লাগবে না|দরকার নেই|দরকার নাই|আর দরকার নেই',
)

/** `Chega! Parem de me mandar mensagens.`: each sentence says the same, or nothing. */
function wishOfSentences(text: string): ConsentWish['wish'] | undefined {
  const all = plainText(text).split(/[.!?;,…\n/()]+|(?<= )[-–] /)
  if (all.length < 2) return undefined
  let wish: ConsentWish['wish'] | undefined
  let refuses = false
  for (const words of all.map((part) => writtenOut(wordsOf(part), SHORT_FORMS))) {
    if (REFUSALS.has(words)) refuses = true
    if (words === '' || AROUND.has(words) || REFUSALS.has(words) || isPolite(words)) continue
    const said = wishOfWords(words)
    if (said === undefined || (wish !== undefined && wish !== said)) return undefined
    wish = said
  }
  return refuses && wish === 'start' ? undefined : wish
}

/** `S.T.O.P`, letter by letter. */
const spelledOut = (words: string) =>
  /^\p{L}(?: \p{L}){3,}$/u.test(words) ? words.replaceAll(' ', '') : undefined
