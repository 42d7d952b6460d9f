import type { MessageBody } from '@parley/proto/content'
import {
  isQuestion,
  saysSomething,
  typedTwice,
  withoutHeldLetters,
  wordSet,
  wordsOf,
  wordsWithout,
} from './typed-text.ts'

/** What people say to be polite. Whoever asks whether a message is more than that asks here. */

const GREETINGS = [
  'oi|oii|oie|olá|ola|opa|e aí|eai|eae|iae|alô|bom dia|boa tarde|boa noite|tudo bem|tudo bom|td bem|salve',
  'hi|hello|hey|hiya|hi there|hello there|hey there|good morning|good afternoon|good evening|greetings',
  'হাই|হ্যালো|হেলো|ওহে|নমস্কার|সালাম|আসসালামু আলাইকুম|আসসালামুআলাইকুম|শুভ সকাল|শুভ সন্ধ্যা|শুভ অপরাহ্ন|শুভ বিকাল|কেমন আছেন|hlw|salam|assalamu alaikum|assalamualaikum|nomoskar|kemon achen',
] as const
const PLEASE = [
  'por favor|por gentileza|porfavor|por fvr|pf|pfv|pfvr|pfvor|pls|fazendo o favor|faz favor|se possível|gentileza|favor|pelo amor de deus|pelamor de deus|por deus',
  'please|pls|plz|kindly|if possible|for gods sake|for heavens sake|for the love of god',
  'দয়া করে|অনুগ্রহ করে|প্লিজ|প্লীজ',
] as const
const THANKS = [
  'obrigado|obrigada|obrigadão|obrigadinha|brigadão|brigadinha|gracias|obg|obgd|obgda|obrigad|brigado|brigada|muito obrigado|muito obrigada|mto obrigado|mto obrigada|valeu|vlw|grato|grata|gratidão|agradeço|agradecido|agradecida|desde já agradeço|agradeço a ajuda|agradeço a atenção|agradeço muito|tmj|tamo junto',
  'thanks|thank you|thank u|thank you very much|many thanks|thx|thnx|ty|tks|cheers|appreciate it|much appreciated|thanku|tysm|tyvm',
  'ধন্যবাদ|শুকরিয়া|অনেক ধন্যবাদ|অসংখ্য ধন্যবাদ|থ্যাংক ইউ|থ্যাংকস|থ্যাঙ্কস|থ্যাঙ্ক ইউ|dhonnobad|dhonnobaad|onek dhonnobad',
] as const
/** Before the right answer, or behind a wrong one. */
const APOLOGIES = [
  'desculpa|desculpe|me desculpa|me desculpe|desculpa aí|perdão',
  'sorry|so sorry|im sorry|i am sorry|my apologies|my bad',
  'দুঃখিত|সরি',
] as const
const GOODBYES = [
  'ok|okay|okk|tá bom|tá certo|tá ok|certo|beleza|blz|perfeito|perfeita|ótimo|excelente|show|maravilha|combinado|entendi|tchau|tchauzinho|até logo|até mais|até breve|até amanhã|falou|flw|abraço|abraços|um abraço|de nada|disponha|imagina|até a próxima|era só isso|só isso|é só isso|deus abençoe|deus te abençoe|deus abençoe vocês|fique com deus|amém|top|igualmente|para você também|pra você também|excelente atendimento|ótimo atendimento|bom atendimento|adorei o atendimento|bom trabalho|sem problemas|nada mais|era isso|por enquanto é só|por enquanto é só isso|por enquanto só isso|legal|joia|boa|muito bom|muito boa|anotado|que deus abençoe|que deus te abençoe|que deus abençoe vocês|fica com deus|vai com deus|você também|vc também|abs|bjs|beijos|vou aguardar|aguardo|fico no aguardo|vou esperar|ótimo dia|ótima tarde|ótima noite|bom fds|que bom|show de bola|nota 10|nota dez|amei|adorei',
  'no problem|no worries|np|you rock|great|perfect|excellent|awesome|cool|got it|all good|bye|bye bye|goodbye|see you|see ya|that is all|thats all|youre welcome|you too|same to you|great service|good job|great job|awesome job|well done|good night|nothing else|amazing|lovely|nice|good|gr8|i will wait|ill wait|much obliged|take care|god bless|god bless you|bless you',
  'আচ্ছা|ঠিক আছে|ওকে|বিদায়|আবার দেখা হবে|ভালো থাকবেন|ভাল থাকবেন|খোদা হাফেজ|আল্লাহ হাফেজ|শুভ রাত্রি|খুব ভালো|বাই|thik ache|thik ase|accha',
] as const
/** Words of `GOODBYES` that part, and neither agree nor praise: behind a wish they take nothing from it. */
const FAREWELLS = [
  'tchau|tchauzinho|até logo|até mais|até breve|até amanhã|até a próxima|flw|abraço|abraços|um abraço|abs|bjs|beijos|deus abençoe|deus te abençoe|deus abençoe vocês|que deus abençoe|que deus te abençoe|que deus abençoe vocês|fique com deus|fica com deus|passar bem|passem bem',
  'bye|bye bye|goodbye|see you|see ya|take care|god bless|god bless you|bless you|good night',
  'বিদায়|আবার দেখা হবে|ভালো থাকবেন|ভাল থাকবেন|খোদা হাফেজ|আল্লাহ হাফেজ|শুভ রাত্রি|বাই',
] as const
/** Said with thanks; alone they may begin something. */
const BESIDE_THANKS = [
  'muito|mto|mt|muitíssimo|demais|mesmo|viu|então|por tudo|pela ajuda|pelo atendimento|pelo excelente atendimento|pelo ótimo atendimento|pelo bom atendimento|pela atenção|pela paciência|pela rapidez|pela informação|pelas informações|pela orientação|pelo retorno|por me ajudar|por ajudar|por responder|a você|a vocês|a vc|a vcs|a todos|para vocês|pra vocês|pra vcs|vocês|você|pessoal|gente|e|um|uma|ajuda|pela força|msm|dms|robô|de verdade|de coração|querida|querido|mano|cara|amigo|amiga|moço|moça|irmão|irmã|senhor|senhora|de vocês|ah|ah sim|resolvido|tudo certo|já resolvi|deu certo|deu tudo certo|recebi|por enquanto',
  'very much|so much|a lot|a ton|tons|a million|again|for your help|for the help|for everything|for your time|all|everyone|and|good day|oh|very|u|uu|robot|a bunch|kindly|mate|man|bro|sir|madam|maam|dear|guys|all set',
  'আপনাকে|আপনাদের|সাহায্যের জন্য|সবকিছুর জন্য|শুভ দিন|অনেক|এবং|ও|ভাই|আপু|আপা|স্যার|ম্যাডাম|দাদা|দিদি|জি|জ্বি|bhai|vai|bhaiya|apu|apa|ji',
] as const

/** `have a lovely evening`, `tenham um ótimo fim de semana`. */
const WISHES = [
  ...each(
    ['have a', 'have an'],
    ['good', 'nice', 'great', 'lovely', 'wonderful', 'excellent'],
    ['day', 'evening', 'night', 'afternoon', 'morning', 'weekend', 'week', 'one', 'time'],
  ),
  ...each(
    ['tenha', 'tenham', 'tenha um', 'tenham um', 'tenha uma', 'tenham uma'],
    ['bom', 'boa', 'ótimo', 'ótima', 'excelente'],
    ['dia', 'tarde', 'noite', 'semana', 'fim de semana', 'final de semana', 'feriado', 'descanso'],
  ),
  ...each(
    [''],
    ['bom', 'boa', 'ótimo'],
    ['semana', 'fim de semana', 'final de semana', 'feriado', 'descanso'],
  ),
]
function each(...[first, second, third]: readonly (readonly string[])[]): readonly string[] {
  return first!.flatMap((one) => second!.flatMap((two) => third!.map((three) => `${one} ${two} ${three}`)))
}

const greetings = wordSet(...GREETINGS)
const courtesies = wordSet(...GREETINGS, ...PLEASE, ...THANKS, ...APOLOGIES)
const thanks = wordSet(...THANKS)
const besideThanks = wordSet(...GREETINGS, ...BESIDE_THANKS, ...GOODBYES, ...WISHES)
const thanksAndFarewells = wordSet(...THANKS, ...FAREWELLS, ...WISHES)
const thanksAndGoodbyes = wordSet(...THANKS, ...GOODBYES, ...WISHES)
const besideThem = wordSet(...GREETINGS, ...BESIDE_THANKS)

/** A greeting, a please, a thank-you, an apology, as `wordsOf`: what may stand around an answer and is no part of it. */
export const COURTESIES: ReadonlySet<string> = courtesies

/** Whether an apology stands among the words (`wordsOf`). */
export const apologises = (words: string): boolean => APOLOGY.test(words)
const APOLOGY = new RegExp(`(?:^| )(?:${[...wordSet(...APOLOGIES)].join('|')})(?= |$)`)

/** Words (`wordsOf`) without greetings, a please, a thank-you and an apology before and behind them; words that are nothing else stay. */
export const withoutCourtesies = (words: string) => wordsWithout(words, courtesies)

/** Words (`wordsOf`) without thanks, a goodbye and good wishes behind them: `stop and thank you, have a nice day` is `stop`. Words that are nothing else stay. */
export function withoutFarewell(words: string): string {
  const all = words.split(' ')
  if (isMadeOf(words, thanksAndGoodbyes, besideThem)) return words
  const from = all.findIndex(
    (_, index) => index > 0 && isMadeOf(all.slice(index).join(' '), thanksAndFarewells, besideThem),
  )
  return from < 0 ? words : all.slice(0, from).join(' ')
}

/** "oi", "Oi, bom dia!", "hello 👋": said to begin, never an answer. */
export const isGreeting = (text: string) => isMadeOf(wordsOf(text), greetings, greetings)

/** Sounds of somebody who thinks: `hmm`, `ééé`, `uh`, `হুম`. */
const HESITATION = /^(?:h+u*m+|u+h+m*|u+m{2,}|a+h+n*|a+h*a+m+|e+r+m*|e{2,}|oh+|hein|ue|eita|হুম+|হুঁ|উম+|আহ|উহ)$/

/** A greeting, "?", "👍", "hmm", "hahaha", characters that nobody sees: the customer is there and said nothing yet. */
export function isNudge(text: string): boolean {
  if (!saysSomething(text) || isGreeting(text)) return true
  const words = wordsOf(text)
  // RS is a state of Brazil.
  return (isLaughter(words) && words !== 'rs') || words.split(' ').every((word) => HESITATION.test(word))
}

const PUZZLED = [
  'não entendi|eu não entendi|n entendi|não entendi nada|não entendi a pergunta|não entendo|não tô entendendo|não estou entendendo|não compreendi|como assim|pode explicar|pode explicar melhor|explica melhor|explica|pode repetir|pode repetir a pergunta|repete|repita|o que você quer saber|o que vc quer saber|o que eu faço|o que é para fazer|o que significa isso',
  'i dont understand|i do not understand|i didnt understand|i did not understand|dont understand|i dont get it|i dont get the question|i didnt get it|i dont understand the question|what do you mean|what does that mean|say that again|say again|come again|can you repeat|can you repeat that|please repeat|repeat|what do you want to know|explain|can you explain|im confused',
  'বুঝিনি|আমি বুঝিনি|বুঝি নাই|বুঝলাম না|বুঝতে পারিনি|বুঝতে পারছি না|আমি বুঝতে পারছি না|কিছু বুঝিনি|আবার বলুন|আবার বলেন|বুঝিয়ে বলুন|bujhi nai|bujhini|bujhlam na|bujhte parchi na|abar bolun',
] as const
/** Only as a question: alone they may be part of an answer. */
const PUZZLED_QUESTION = [
  'o que|que|oq|q|o q|como|como é|qual|hã|what|sorry what|huh|pardon|sorry|which one|কী|কি|মানে|মানে কী|মানে কি|কী বললেন|ki|mane',
] as const
const puzzled = wordSet(...PUZZLED)
const puzzledQuestion = wordSet(...PUZZLED_QUESTION)

/** "não entendi", "como assim?", "what do you mean?": who asks back has said nothing that could be an answer. */
export function isPuzzled(text: string): boolean {
  const words = withoutCourtesies(wordsOf(text))
  return puzzled.has(words) || (isQuestion(text) && puzzledQuestion.has(words))
}

/** `só um minuto`, `pera aí`, `hold on`. */
const MOMENT = [
  '(?:(?:so|me da|me de|da|espera|espere|pera|perai|aguarde|mais) )*(?:um|1) (?:minuto|minutinho|min|momento|momentinho|segundo|segundinho|seg|instante|instantinho)(?: so)?|(?:(?:espera|espere|pera|pere|calma|aguenta|guenta)(?: (?:ai|so|um pouco))?|perai|aguarde|aguarda|ja (?:te |lhe |ja )?(?:falo|digo|mando|envio|passo|volto|vejo)|(?:deixa|deixe|dexa) eu (?:ver|olhar|conferir|pegar|procurar)(?: aqui)?)',
  '(?:(?:just|hold on|wait|give me|gimme) )*(?:a|one|1) (?:moment|minute|min|sec|second)|(?:wait|hold on|hang on)|let me (?:see|check|look|find it|get it)|brb|be right back',
  '(?:একটু )?(?:এক|1) (?:মিনিট|সেকেন্ড)|(?:একটু )?(?:দাঁড়ান|অপেক্ষা করুন|অপেক্ষা করেন|ওয়েট করুন|সময় দিন|দেখে বলছি)|(?:ektu )?ek minute|ektu (?:daran|wait|wait koren|opekkha korun|opekkha koren)|dekhe bolchi',
] as const
/**
 * What it is for: somebody fetches or looks for something, as in `um momento que vou pegar o cartão`. Of any other words it may be the answer
 * itself (`peraí, já sei: foi no metrô`), and so of what stands behind an `é`.
 */
const BEFORE_FETCHING =
  'que|ta|please|pls|while|and|because|i|am|im|ill|will|eu|ja|vou|to|tou|estou|deixa|deixe|let|me|going|gonna|need|just|ainda|কার্ড|কার্ডটা|আমি'
const FETCHING =
  'pegar|pegando|pego|buscar|buscando|busco|ver|vendo|procurar|procurando|procuro|conferir|conferindo|olhar|olhando|check|checking|look|looking|get|getting|grab|grabbing|fetch|find|finding|খুঁজছি|খুঁজে|দেখছি|দেখে|আনছি'
const SAYS = 'e|eh|era|foi|sao|is|its|was|হলো|হল'
const MOMENTS = `(?:${MOMENT.join('|')})`
const MOMENT_TO_FETCH = new RegExp(
  `^${MOMENTS}(?: (?:que |e |and )?${MOMENTS}){0,2}(?:(?: (?:${BEFORE_FETCHING}))* (?:${FETCHING})(?: (?!(?:${SAYS}) )\\p{L}[\\p{L}\\p{M}]*){0,4})?$`.normalize(
    'NFC',
  ),
  'u',
)

/** Whoever asks for a moment has said nothing yet that could be an answer, and nothing wrong. */
export const asksForMoment = (text: string) =>
  !isQuestion(text) && MOMENT_TO_FETCH.test(withoutHeldLetters(withoutCourtesies(wordsOf(text))))

const LAUGHTER = /^(?:k{2,}|(?:rs)+|(?:h[aeiu]){2,}h?|(?:হা){2,}|(?:হি){2,}|lol)$/

/** `kkkk`, `rsrs`, `hahaha`, `ha ha`, of which `ha` alone is a yes in Bengali. @param words as `wordsOf` */
export const isLaughter = (words: string) => LAUGHTER.test(words.replaceAll(' ', ''))
export const withoutLaughter = (words: string) =>
  words
    .split(' ')
    .filter((word) => !LAUGHTER.test(word))
    .join(' ')

/** `não, obrigada`: nothing more is wished. Behind anything else it may deny that: `recebi não, obrigada`. */
const NO_BEFORE_THANKS = /^(?:(?:ok|certo|ta bom|okay) )?(?:nao|no|না) (?=obrigad|thank|ধন্যবাদ)/
/** `não, era só isso`, of which `não era só isso` says the opposite. */
const NO_APART = /^[^\p{L}]*n(?:ão|ao|o)\s*[,.;!]\s*(?=(?:era|é|e|só|so|thats?|that’s|that's|nothing)\s)/iu

/** `obrigadoo`, `brigadaa`: of short words a letter more makes another one. */
const asThanked = typedTwice([...thanks].filter((one) => one.length > 4 && !one.includes(' ')))
const asWritten = (words: string) => asThanked(withoutHeldLetters(words))

/** A thank-you in any spelling and nothing else: `vlw`, `ok, thx`. @param words as `wordsOf` */
export const saysThanks = (words: string) => isMadeOf(asWritten(words), thanks, besideThanks)

/** Thanks, a goodbye or laughter and nothing else. @param words as `wordsOf` */
export function isPolite(words: string): boolean {
  if (isLaughter(words)) return true
  const all = words.replace(NO_BEFORE_THANKS, '')
  const serious = asWritten(withoutLaughter(all))
  return isMadeOf(serious, thanksAndGoodbyes, besideThem)
}

const OBJECTS = /[❌❎✖✕✗✘🚫⛔🛑🆖✋🤚🖐👎🖕🙅😒🙄😠😡🤬]/u
const DOUBTS = /[🤔🤨🧐🤷❓❔⁉]/u
const LAUGHS = /[😂🤣😹😆]/u

/** Whether a sign stands in it that objects or stops: what it stands beside is no yes. */
export const objects = (text: string) => OBJECTS.test(text)

/** Whether a sign or the words doubt or laugh: neither a yes nor a no is meant so. */
export const isUnsure = (text: string) => DOUBTS.test(text) || LAUGHS.test(text) || isLaughter(wordsOf(text))

/** Thanks, a goodbye, an emoji or a sticker and nothing else, and no question: polite at the end of something, and no wish to begin anything. */
export function isCourtesy(message: MessageBody | undefined): boolean {
  const body = message?.body
  if (body?.$case === 'media') return body.value.type === 'sticker'
  if (body?.$case !== 'text') return false
  const { text } = body.value
  const words = wordsOf(text.replace(NO_APART, ''))
  if (isQuestion(text) || OBJECTS.test(text) || DOUBTS.test(text)) return false
  return words === '' ? /\p{Extended_Pictographic}/u.test(text) : isPolite(words)
}

const WORDS_MAX = 12

/** Whether the words are phrases of both kinds one after the other and nothing else, one of the first kind among them. */
function isMadeOf(said: string, wanted: ReadonlySet<string>, beside: ReadonlySet<string>): boolean {
  const words = said.split(' ')
  if (words.length > WORDS_MAX) return false
  // For each place among the words: whether phrases lead there, with a wanted one among them or without.
  const reached = Array.from({ length: words.length + 1 }, () => ({ holds: false, any: false }))
  reached[0]!.any = true
  for (let from = 0; from < words.length; from++) {
    const here = reached[from]!
    if (!here.any) continue
    for (let to = from + 1; to <= words.length; to++) {
      const phrase = words.slice(from, to).join(' ')
      const isWanted = wanted.has(phrase)
      if (!isWanted && !beside.has(phrase)) continue
      reached[to]!.any = true
      reached[to]!.holds ||= here.holds || isWanted
    }
  }
  return reached[words.length]!.holds
}
