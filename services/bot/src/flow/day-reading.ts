import {
  COURTESIES,
  foldedText,
  isQuestion,
  withoutAround,
  withoutHeldLetters,
  wordSet,
  wordsOf,
} from '@parley/conversation/said'
import { type Day, MONTHS, addDays, addMonths, dayOf, daysBetween, weekdayOf } from './days.ts'
import type { Language } from './language.ts'
import { numberOf, ordinalOf } from './number-words.ts'

/** What customers write for a day, which no library reads. */

/** What the question allows. A day that is written short is completed within it. */
export interface DayBounds {
  readonly notBefore?: Day | undefined
  readonly notAfter?: Day | undefined
}

/** The day of so many minutes before now; where nobody tells the time of day, `an hour ago` is no day. */
export type DayBefore = (minutes: number) => Day

/** What is needed to tell which day is meant. */
interface Reading {
  readonly today: Day
  readonly language: Language
  readonly bounds: DayBounds
  readonly dayBefore: DayBefore | undefined
  /** `20 de novembro passado`. */
  readonly side?: 'past' | 'future' | undefined
}

const LONGEST_DAY = 100

/**
 * What a customer writes for a day: `ontem à tarde`, `hj`, `segunda`, `sexta, 20/11`, `20/11/2026`, `20112026`, `dia 20`, `2026-11-20`, `20 de
 * novembro`, `Nov 20th`, `২০শে নভেম্বর`, `há dois dias`, `há um mês`, digits of any script; a time of day beside it and words that only say that it
 * is a day (`foi`, `I lost it on`) are passed over. The whole text must be the day: nothing is picked out of a sentence, and two days that are
 * said must be the same. Day before month; month before day only where it can be nothing else and the language is English. A day without a
 * year is that of this year, unless one that is past is nearer; what the question forbids and is nearest stays that day, so that it is asked
 * again: `28/11` said on 27/11 of a loss is a slip, and no day of last year. A weekday and a day without a month are the last ones, or the
 * next ones where the question allows no other; a year of two digits is the century that the question allows.
 */
export function readDay(
  text: string,
  today: Day,
  language: Language,
  bounds: DayBounds = {},
  dayBefore?: DayBefore,
): Day | undefined {
  const reading = { today, language, bounds, dayBefore }
  return firstDay(readings(text, language), reading)
}

/** The same of a text that says no more: `ontem no shopping` also tells where. */
export const readDayAlone = (text: string, reading: Reading): Day | undefined =>
  firstDay(readings(text, reading.language, { mayTellMore: false }), reading)

function firstDay(texts: readonly string[], reading: Reading): Day | undefined {
  for (const written of texts) {
    const found = oneDay(written, reading) ?? twice(written, reading)
    if (found !== undefined) return found
  }
  return undefined
}

const VAGUE = new RegExp(
  (
    '^(?:(?:n[ao] |em |d[ao] )?(?:(?:semana|mes|ano) (?:passad[ao]|retrasad[ao]|anterior|que vem|seguinte)|proxim[ao]s? (?:semanas?|mes|meses|ano|dias)|(?:ultim[ao]|outr[ao]|mesm[ao]) (?:semana|mes|ano|dia))|(?:n?est[ae]|n?ess[ae]) (?:semana|mes|ano)|(?:no |neste |nesse )?(?:ultimo )?(?:fim|final) de semana(?: passado)?|' +
    '(?:ha |faz )?(?:uns|umas|alguns|algumas|poucos|poucas|varios|varias|muitos|muitas) (?:dias|semanas|meses|anos)(?: atras)?|(?:n?esses|n?estes|outros) dias|(?:ha|faz) (?:muito |pouco |um )?tempo|recentemente|ultimamente|(?:ha |faz )?pouco tempo|' +
    '(?:n?a |de |a |pela |na )?(?:manha|tarde|noite|madrugada)|(?:depois|antes|na hora|no horario) do (?:almoco|jantar|trabalho)|cedo|' +
    '(?:in |during |sometime )?(?:the )?(?:last|next|coming|this past|this|past|previous|the other) (?:week|month|year|weekend|day)|(?:on |over |at )?the (?:weekend|other (?:day|night|morning|evening))|(?:a few|few|some|several|many) (?:days|weeks|months|years)(?: ago| back)?|recently|lately|a while ago|(?:some|a long) time ago|(?:in the |at )?(?:morning|afternoon|evening|night)|(?:after|before) (?:lunch|dinner|work)|' +
    '(?:গত|এই|আগের|আগামী|সামনের) (?:সপ্তাহে|সপ্তাহ|মাসে|মাস|বছর|বছরে)|(?:কয়েক|কিছু) (?:দিন|সপ্তাহ|মাস)(?: আগে)?|সেদিন|সম্প্রতি|অনেক (?:দিন )?আগে|সকালে|দুপুরে|বিকেলে|বিকালে|সন্ধ্যায়|রাতে)$'
  ).normalize('NFC'),
)

/** Whether it says when, and no day: `semana passada`, `há alguns dias`, `de manhã`. Then it is asked which day that was. */
export const saysNoOneDay = (text: string, language: Language): boolean =>
  readings(text, language).some((written) => VAGUE.test(written))

/** Words that say that a day follows, and no more; that somebody believes it, or does not quite remember, takes nothing from it. What only may be (`talvez`, `maybe`) is no day. */
const LEAD_INS = {
  en: 'oh|well|um|hm|hmm|actually|it got lost|got lost|more or less|it|bro|mate|was|its|is|on|i|like|tbh|think|most likely|lol|im sure|for sure|definitely|lost|noticed|it happened|happened|since|i lost it|i noticed|noticed it|from|date|the date|the date was|around|about|probably|that was|that is|my card|realized|realised|found out|i lost my card|i lost the card|lost my card|lost the card|my card was stolen|it was stolen|was stolen|stolen|missing|gone|went missing|it disappeared|my wallet|was born|born|born on|i was born|idk|dunno|but i think|but i believe|but i think it was|i dont know|dont know|not sure|im not sure|not quite sure|i guess|i suppose|i believe|i reckon|im pretty sure|pretty sure|im fairly sure|if im not mistaken|if i remember correctly|if i remember right|if i recall correctly|i dont remember exactly|i cant remember exactly|dont remember exactly|i dont remember|dont remember|not exactly sure|date of birth|my date of birth|dob|birth date|my birthday|birthday|it must have been|must have been|may have been',
  pt: 'ah|ih|hum|olha|então|bom|na verdade|foi na verdade|mesmo|por aí|perdi ele|perdi ela|vi que não tava|vi que não estava|percebi que sumiu|foi|mano|cara|moça|moço|amigo|amiga|era|é|eh|em|na|no|à|as|às|só|só percebi|percebi que|notei que|reparei|senti falta|dei por falta|vi que|vi|tipo|né|tá|acho que|acho q|provavelmente|com certeza|certeza|msm|viu|k|rs|rsrs|eu acho que|acho|creio que|creio|sei lá|sl|mas acho que|mas acho|mas creio que|não sei|não sei bem|não sei ao certo|não sei dizer|n sei|não lembro|não lembro bem|não lembro direito|não lembro ao certo|não me lembro|não me lembro bem|n lembro|não tenho certeza|não tenho ctz|não tenho mta certeza|n tenho certeza|tenho quase certeza|quase certeza|ctz|ctza|se não me engano|se eu não me engano|se n me engano|salvo engano|se não estou enganado|se não estou enganada|se bem me lembro|acredito que|acredito|imagino que|penso que|parece que|me parece que|que|eu|perdi|eu perdi|percebi|notei|aconteceu|sumiu|perdido|desde|desde o|desde a|por volta do|por volta da|data|a data|na data de|a partir de|lá por|lá pelo|lá para|por volta de|mais ou menos|foi perdido|me dei conta|notei a falta|dei falta|descobri|deve ter sido|pode ter sido|foi no|foi na|isso foi|data da perda|no dia de|dia de|data de|me roubaram|roubaram|fui roubado|fui roubada|fui assaltado|fui assaltada|foi roubado|foi roubada|fui furtado|fui furtada|o dia|eu notei|eu percebi|perdi o cartão|perdi meu cartão|eu perdi meu cartão|meu cartão sumiu|o cartão sumiu|roubaram meu cartão|roubaram o cartão|meu cartão foi roubado|o cartão foi roubado|nasci|nasci em|nascido|nascida|nascimento|data de nascimento|minha data de nascimento|minha data|meu aniversário',
  bn: 'কার্ডটা|কার্ডটা হারিয়েছি|কার্ডটা হারিয়ে গেছে|ভাই|ভাইয়া|আপু|bhai|আমি|এটা|হয়েছে|হারিয়েছি|হারিয়েছে|হারিয়েছিলাম|মনে হয়|আমার মনে হয়|ছিল|জানি না|ঠিক জানি না|সঠিক জানি না|মনে নেই|ঠিক মনে নেই|সঠিক মনে নেই|মনে নাই|ঠিক মনে নাই|মনে পড়ছে না|ঠিক মনে পড়ছে না|বোধহয়|বোধ হয়|যতদূর মনে পড়ে|ami|amar|mone hoy|amar mone hoy|mone nai|mone nei|thik mone nai|thik mone nei|jani na|thik jani na|bodhoy|sombhoboto|shombhoboto|chilo|hariyechi|hariyeche|hariye geche|hariye gese|hariye felsi|hariye felechi|haraye gese|haraisi|haraise|card haraisi|card ta haraisi|ter paisi|ter peyechi|তারিখ|টের পেয়েছি|টের পেলাম|হারাইছি|টের পাই|হারায়|সম্ভবত|নিশ্চিত|তারিখটা|কার্ড হারিয়েছি|হারিয়ে ফেলেছি|হারিয়ে ফেলেছিলাম|হারিয়ে ফেলি|কার্ড হারিয়ে ফেলেছি|হারিয়ে গেছে|কার্ড হারিয়ে গেছে|কার্ড চুরি হয়েছে|চুরি হয়েছে|জন্ম|জন্ম তারিখ|আমার|আমার জন্ম|আমার জন্ম তারিখ|জন্মদিন|জন্মতারিখ',
} as const satisfies Record<Language, string>
const leadIns = (language: Language) =>
  new Set([...COURTESIES, ...wordSet(LEAD_INS[language], language === 'bn' ? LEAD_INS.en : '')])
const AROUND_DAY = { pt: leadIns('pt'), en: leadIns('en'), bn: leadIns('bn') }
/** `আমি ৫ তারিখ হারিয়েছি`: before a date its label says nothing, and behind a number it makes the day. */
const LABELS = wordSet('তারিখ')
const AROUND_LABELLED_DAY = {
  pt: AROUND_DAY.pt,
  en: AROUND_DAY.en,
  bn: new Set([...AROUND_DAY.bn].filter((words) => !LABELS.has(words))),
}

/** A reading more, and it is no way to say a day. */
const READINGS_MAX = 40

/**
 * The text as it stands, and less and less of it, in every order: without what leads to the day, and without the time of that day. "last
 * night" is a day, and would be none without its time; "late last night" is one without `late`.
 */
function readings(
  text: string,
  language: Language,
  { mayTellMore = true }: { readonly mayTellMore?: boolean } = {},
): readonly string[] {
  const whole = foldedText(text)
    .replace(/\s+/g, ' ')
    .replace(/(?<=^\d{4}-\d{2}-\d{2})t\d{2}:\d{2}\S*$/, '')
    .replace(/(?<=[\p{L}\p{M}])'(?=[\p{L}\d])|(?<= )'(?=\d{2}$)/gu, '')
    .replace(/(\d) (?=(?:শে|ই|লা|রা|ঠা)(?: |$))/gu, '$1')
    .replace(/(?<=^| )q(?:do|nd)(?= )/g, 'quando')
    .replace(/(?<= )q(?= )/g, 'que')
    .replace(/(?<= )d(?= )/g, 'de')
  if (whole.length > LONGEST_DAY) return []
  const tellsMore = mayTellMore && !isQuestion(text) && !ASKS.test(whole)
  const found = new Set([whole, withoutHeldLetters(whole)])
  for (const part of found) {
    if (found.size > READINGS_MAX) break
    found.add(foldedText(withoutAround(part, AROUND_DAY[language])))
    found.add(foldedText(withoutAround(part, AROUND_LABELLED_DAY[language])))
    found.add(part.replace(TIME_BEHIND, ''))
    found.add(part.replace(HOUR_BEHIND, ''))
    found.add(part.replace(TIME_BEFORE, ''))
    if (tellsMore) found.add(withoutCircumstances(part, language))
  }
  return [...found]
}

/** How a question begins: `when do I have meetings today` tells no day, and `when I got home last night` does. */
const ASKS = composed(
  /^(?:(?:since )?when (?:do|does|did|is|are|was|were|will|would|should|shall|can|could|has|have|am)|(?:is|are|was|were|do|does|did|can|could|will|would|should|shall|may|has|have) (?:it|there|this|that|my|the|i|you|u|he|she|they|we)|what|how|why|who|which|where|quando (?:e|eh|sera|vai|vao|vou|vamos|voces?|vcs?|posso|pode|podem|abre|abrem|fecha|fecham|chega|chegam|tem|comeca|sai|vence)|sera que|qual|quais|quanto|quantos|onde|como|por ?que|pq|quem)(?= |$)|(?:^| )(?:কখন|কবে|কেন|কোথায়|কীভাবে|কত|kokhon|kobe|keno)(?= |$)/,
)

/** What begins to tell where or amid what it was. Of Bengali, which puts such words behind their noun, the places that people name most. */
const CIRCUMSTANCE = {
  pt: '(?:la )?(?:quando|enquanto|assim que|logo que|ao|a caminho|voltando|indo|saindo|chegando|andando|no|na|nos|nas|em|dentro|perto)',
  en: 'when|while|as soon as|on my way|on the (?:way|bus|train|street|road|subway|metro|plane)|coming|going|leaving|at|in|inside|near',
  bn: 'যখন|বাসায়|বাসা|বাড়িতে|বাড়ি|অফিসে|অফিস|বাজারে|বাজার|বাসে|রাস্তায়|দোকানে|মার্কেটে|ব্যাংকে|ব্যাংক',
} as const satisfies Record<Language, string>
/** Before the day a preposition may be the day's own: "em uma sexta" is none. */
const CIRCUMSTANCE_BEFORE = composed(
  /^(?:quando|enquanto|assim que|logo que|ao|a caminho|voltando|indo|saindo|chegando|andando|em casa|when|while|as soon as|on my way|on the way|coming|going|leaving|at home|যখন|বাসায়|বাসা|বাড়িতে|বাড়ি|অফিসে|অফিস|বাজারে|বাজার|বাসে|রাস্তায়|দোকানে|মার্কেটে|ব্যাংকে|ব্যাংক) /,
)
const behindDay = (language: Language) =>
  new RegExp(` (?:${CIRCUMSTANCE[language]})(?= |$)`.normalize('NFC'), 'g')
const BEHIND_DAY = { pt: behindDay('pt'), en: behindDay('en'), bn: behindDay('bn') }

/** Words that say when by themselves, beside those of `DAY_WORDS`, or that move, doubt or take back the day beside them. */
const OTHER_TIME = composed(
  /\d|(?:^| )(?:ou|or|nem|nor|mas|but|talvez|maybe|acho|think|antes|before|desde|since|ate|until|till|diante|onwards?|maximo|minimo|latest|earliest|verdade|actually|alias|vez|instead|dias?|days?|semanas?|weeks?|weekend|mes|meses|months?|anos?|years?|fim|final|feriad\S*|natal|reveillon|thanksgiving|eid|puja|carnaval|pascoa|ferias|holidays?|christmas|easter|vespera|eve|proxim[ao]s?|passad[ao]s?|retrasad[ao]s?|ultim[ao]s?|seguinte|next|last|previous|following|outr[ao]s?|other|another|this|ago|atras|nao foi|nao era|wasnt)(?= |$)|(?:^| )(?:বা|অথবা|কিংবা|আগে|পরে|দিন|সপ্তাহে?|মাসে?|বছরে?|না|নয়)(?= |$)/,
)

/** `কাল যখন ফিরবো`: then `কাল` is tomorrow. */
const TO_COME = composed(/(?:বো|বে|বেন)(?= |$)/)

/** What takes back what stands before it. */
const TAKEN_BACK = composed(/(?:^| )(?:nao|n|no|not|না|নয়)$/)

/** What takes back, parts or moves what stands behind it. */
const TAKES_BACK = composed(
  /(?:^| )(?:nao|n|nem|nunca|not|never|\S+nt|ou|or|mas|but|antes|before|sem|without|না|নয়)(?= |$)|(?:^| )(?:depois(?: d[aeo])?|after)$/,
)
/** Beside anything it is how long it took, or takes until then: `2 dias no hospital`, `when I get back in 3 days`. */
const SPAN =
  /(?<!(?:^| )(?:ha|faz|fazem|fazer|tem|been|(?<!daqui )a) (?:(?:uns|cerca de|mais ou menos|about|around) )?)(?<!\d)\d+ (?:dias?|days?)$/

const isOfTime = (words: string) =>
  OTHER_TIME.test(words) ||
  words
    .split(/[ ,]+/)
    .some((word) => DAY_WORDS.has(word) || (numberOf(word) !== undefined && !/^(?:uma?|an?|one)$/.test(word)))

/**
 * `ontem à noite quando cheguei em casa`, `when I got home last night`: a day, and where or amid what it was, in words that name no other
 * day and take nothing back. A text that has none such stays.
 */
function withoutCircumstances(part: string, language: Language): string {
  for (const { index } of part.matchAll(BEHIND_DAY[language])) {
    const [day, told] = [part.slice(0, index), part.slice(index + 1)]
    // "I sat in the car"
    const [last = '', before = ''] = day.split(' ').toReversed()
    const isPerhapsVerb = SHORT_WEEKDAY_OF[language].has(last) && !/^(?:na|no|on|last|this)$/.test(before)
    if (!isOfTime(told) && !TO_COME.test(told) && !TAKEN_BACK.test(told) && !SPAN.test(day) && !isPerhapsVerb)
      return day
  }
  if (!CIRCUMSTANCE_BEFORE.test(part) || SPAN.test(part)) return part
  const words = part.split(' ')
  const day = words.findIndex((word) => isOfTime(word))
  return day < 0 || TAKES_BACK.test(words.slice(0, day).join(' ')) ? part : words.slice(day).join(' ')
}

const HOUR =
  '(?:uma|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)'
const CLOCK =
  `(?:${HOUR}(?: (?:horas|e meia|em ponto|o'?clock|am|pm))?|` +
  "\\d{1,2}(?:[:.]\\d{2}(?:[:.]\\d{2})?(?: ?h)?|h(?:\\d{2})?(?:min)?| ?horas?| ?hs| ?hrs| ?hours?| ?o'?clock|ish)?(?: ?(?:am|pm|a\\.m|p\\.m))?(?: (?:e meia|e pouco|em ponto))?)"
/** Any of them, or two: `at about`, `lá por volta das`. */
const AT =
  '(?:(?:as|umas|pelas|la pelas|la pras|la por volta das?|por volta das?|perto das?|depois das?|antes das?|desde as|at|around|about|by|after|before|approximately|roughly) ){1,2}'
const MARKED_CLOCK =
  "(?:\\d{1,2}(?::\\d{2}(?::\\d{2})?(?: ?h)?(?: ?(?:am|pm))?|h(?:\\d{2})?(?:min)?| ?horas?(?: e meia)?| ?hs| ?hrs| ?o'?clock| ?am| ?pm| ?a\\.m| ?p\\.m)|(?:\\d{1,2}(?:[:.]\\d{2})? ?|এক|দুই|তিন|চার|পাঁচ|ছয়|সাত|আট|নয়|দশ|এগারো|এগার|বারো|বার)(?:টায়|টার দিকে|টার সময়|টার সময়|টার পর|টার আগে|টা))"
const MEAL_PT =
  '(?:almoco|jantar|cafe da manha|cafe|lanche|trabalho|expediente|servico|meio[- ]dia|culto|show|jogo)'
const MEAL_EN = '(?:lunch|lunchtime|dinner|breakfast|work|noon|midday|midnight|night|dawn|dusk|school)'
const PART_OF_DAY = [
  `(?:de|da|pela|na|a|ao|logo|no (?:comeco|inicio|final|fim|meio) da|ja de|bem de) (?:manha|tarde|noite|madrugada|tardinha|tardezinha|noitinha|manhazinha)|(?:de manha|da manha) (?:cedo|cedinho)|(?:(?:ao|no|perto d[eo]|por volta d[eo]|la pelo) )?meio[- ]dia|(?:(?:a|por volta da|perto da) )?meia[- ]noite|(?:depois|antes|durante|na hora|no horario|apos|logo depois|logo apos|pouco antes|perto) (?:do |da |de |o |a )?${MEAL_PT}|no (?:almoco|jantar|cafe da manha)|no (?:comeco|inicio|fim|final|meio) do dia|bem cedo|logo cedo|mais cedo|cedo|cedinho|tarde|mais tarde|tarde da noite|mesmo|agora|manha|noite`,
  `(?:in the|this|that|early|late|early in the|late in the|later in the|late that|during the) (?:morning|afternoon|evening|night|day)|(?:at|around|about|after|before|during|by|just after|right after|just before) ${MEAL_EN}|morning|afternoon|evening|night|early|earlier|late|later|noon|midday`,
  '(?:ভোরে|ভোর|সকালে|সকাল|দুপুরে|দুপুর|বিকেলে|বিকালে|বিকেল|বিকাল|সন্ধ্যায়|সন্ধ্যা|সন্ধ্যার দিকে|সন্ধেবেলা|সন্ধেবেলায়|সন্ধ্যেবেলা|সন্ধে|সন্ধ্যে|ভোরবেলা|রাত্তিরে|রাতে|রাত|রাত্রে|সকালবেলা|সকাল বেলা|বিকেলবেলা|বিকেল বেলা|বিকাল বেলা|সন্ধ্যাবেলা|রাতের বেলা|রাতেরবেলা|দুপুরবেলা|দুপুর বেলা|(?:rate|raat|raate|sokale|shokale|sokal|dupure|bikele|bikale|sondhay|shondhay|vore|bhore|sondhebela|sondhyabela|sokalbela|shokalbela|bikelbela|dupurbela|rattire)|সকালের দিকে|দুপুরের দিকে|বিকেলের দিকে|বিকালের দিকে|রাতের দিকে|দুপুরের পর|দুপুরের পরে|দুপুরের আগে|দুপুরের খাবারের পর|সকালবেলায়|বিকেলবেলায়|তারিখে|তারিখ|দিন)',
].join('|')
const TIME_BEHIND = new RegExp(
  `[ ,(~]+(?:(?:bem |muito |very |quite |really )?(?:${PART_OF_DAY})|${AT}${CLOCK}|(?:entre|between) (?:as )?${CLOCK} (?:e|and) (?:as )?${CLOCK}|a ${MARKED_CLOCK}|das ${CLOCK} (?:as|ate as) ${CLOCK}|(?:from )?${CLOCK} (?:to|-) ${MARKED_CLOCK}|${MARKED_CLOCK})\\)?$`.normalize(
    'NFC',
  ),
)
/** `3 da tarde`, without a word that says it is a time. */
const HOUR_BEHIND = new RegExp(
  `[ ,(]+(?:\\d{1,2}|${HOUR}) (?:(?:da|de) (?:manha|tarde|noite|madrugada)|in the (?:morning|afternoon|evening))$`,
)
/** `na noite de ontem`, `às 10h de hoje`, `on the evening of the 20th`, `সকালে`. */
const TIME_BEFORE = new RegExp(
  `^(?:(?:na |a |pela |de |durante a |no (?:comeco|inicio|fim|final) da )?(?:manha|tarde|noite|madrugada)(?: de| do| da|,) |(?:(?:as|umas|pelas|la pelas|por volta das?|at|around|about) )?${MARKED_CLOCK}(?: de| do| da| on|,)? |(?:(?:on|in) )?(?:the )?(?:evening|night|morning|afternoon)(?: of| on|,) |(?:at|around|about) (?:noon|midnight|lunch|night|midday|dawn|dusk)(?: on|,)? |(?:depois do|antes do|na hora do) (?:almoco|jantar)(?: de| do| da|,) |(?:after|before) (?:lunch|dinner|work)(?: on|,)? |(?:(?:very |quite |really )?(?:early|late|later)|sometime|some time|bem (?:tarde|cedo)|muito (?:tarde|cedo)|tarde da noite) (?:on |de |do )?|(?:আজ )?(?:সকালে|দুপুরে|বিকেলে|রাতে) (?=গত|আজ))`.normalize(
    'NFC',
  ),
)

function oneDay(written: string, reading: Reading): Day | undefined {
  return (
    relative(written, reading) ??
    daysAway(written, reading) ??
    hoursAgo(written, reading) ??
    weekday(written, reading) ??
    inDigits(written, reading) ??
    byMonthName(written, reading) ??
    dayOfMonth(written, reading)
  )
}

/** The same day said twice: `sexta, 20/11`, `20/11 (sexta-feira)`, `ontem, dia 21`. The one that says less must fit the other. */
function twice(written: string, reading: Reading): Day | undefined {
  const words = written.split(/(?: - |[ ,()])+/).filter((word) => word !== '')
  for (let at = 1; at < words.length; at += 1) {
    const [before, behind] = [words.slice(0, at).join(' '), words.slice(at).join(' ')]
    for (const [near, far] of [
      [before, behind],
      [behind, before],
    ] as const) {
      const anchor = relative(near, reading) ?? weekday(near, reading)
      if (anchor === undefined || isWeekdayAlone(far, reading)) continue
      const bare = far.replace(/^(?:the|dia|de|do|no dia|em|on) /, '')
      const date =
        relative(far, reading) ??
        hoursAgo(far, reading) ??
        inDigits(bare, reading) ??
        byMonthName(bare, reading) ??
        dayOfMonth(far, reading) ??
        (/^\d{1,2}$/.test(bare) ? dayOfMonth(`dia ${bare}`, reading) : undefined)
      if (date === undefined) continue
      const isFit = isWeekdayAlone(near, reading) ? weekdayOf(date) === weekdayOf(anchor) : date === anchor
      return isFit ? date : undefined
    }
  }
  return undefined
}

const RELATIVE: readonly (readonly [number, ReadonlySet<string>])[] = [
  [
    0,
    wordSet(
      'hoje|hj|hje|oje|oj|agora|agr|de hoje|neste exato momento|nesse instante|neste instante|acabei de perder|acabei de perceber|acabei de notar|acabou de acontecer|agorinha|agora há pouco|agora a pouco|agora pouco|agora mesmo|há pouco|ainda agora|neste momento|esta manhã|essa manhã|nesta manhã|hoje de manhã|esta tarde|essa tarde|esta noite|essa noite|esta madrugada|essa madrugada|hoje cedo|mais cedo|mais cedo hoje|há alguns minutos|há poucos minutos|há uns minutos',
      'today|tdy|2day|just now|it just happened|just happened|i just noticed|just noticed|i just lost it|right now|now|this morning|this afternoon|this evening|tonight|earlier today|a few minutes ago|a minute ago|minutes ago|a moment ago|moments ago',
      'আজ|আজকে|আজই|আজকেই|এখন|এখনই|এইমাত্র|এই মাত্র|একটু আগে|কিছুক্ষণ আগে|কিছুক্ষন আগে|আজ সকালে|aj|ajke|ajk|aaj|aajke|ekhon|ekhoni|ektu age|eimatro',
    ),
  ],
  [
    -1,
    wordSet(
      'ontem|ontm|onten|ontme|otem|ontem a noite|noite passada|a noite passada|ontem mesmo',
      'yesterday|yday|yest|yesteday|yesterdy|ystrday|yesterady|yestarday|last night|last evening|the night before|last nite|the day before today',
      'গতকাল|গতকালই|গত কাল|গতকালকে|গতকালকেই|গত কালকে|গত রাতে|গতরাতে|গতকল্য|গতরাত|gotokal|gotokalke|goto kal|gatakal|gatokal|gatokalke|gato kal|goto rate|gato rate',
    ),
  ],
  [
    -2,
    wordSet(
      'anteontem|antes de ontem|antiontem|ante ontem|antontem|antes d ontem|anteontem mesmo|anteontm',
      'the day before yesterday|day before yesterday|the day before yday|day before yday|day b4 yesterday|the day b4 yesterday|two days before today|2 nights ago',
      'গত পরশু|গতপরশু|গত পরশুদিন|গত পরশু দিন|goto porshu|gotoporshu|goto porsu|goto parshu|gato porshu',
    ),
  ],
  [-14, wordSet('fortnight ago')],
  [-3, wordSet('trasanteontem|trás anteontem|antes de anteontem')],
  [1, wordSet('amanhã|amanha|amnh', 'tomorrow|tmrw|tomorow|tmr', 'আগামীকাল|আগামী কাল')],
  [2, wordSet('depois de amanhã', 'the day after tomorrow|day after tomorrow', 'আগামী পরশু')],
]
/** As far back as ahead: `কাল` is yesterday and tomorrow. */
const EITHER_WAY: readonly (readonly [number, ReadonlySet<string>])[] = [
  [1, wordSet('কাল|কালকে|কালকেই|kal|kalke')],
  [2, wordSet('পরশু|পরশুদিন|পরশু দিন|porshu|porshu din|porshudin|porsu|porsu din|parshu|parsu')],
]

function relative(written: string, { today, bounds }: Reading): Day | undefined {
  const words = wordsOf(written)
  for (const [days, known] of RELATIVE) if (known.has(words)) return addDays(today, days)
  for (const [days, known] of EITHER_WAY)
    if (known.has(words)) {
      const [past, future] = [addDays(today, -days), addDays(today, days)]
      return allowed(past, bounds) || !allowed(future, bounds) ? past : future
    }
  return undefined
}

const UNIT =
  'dias?|noites?|semanas?|mes|meses|anos?|days?|nights?|weeks?|fortnights?|months?|years?|দিন|দিনে|সপ্তাহ|মাস|বছর|din|soptaho|shoptaho|saptaho'
/** Months in Bengali, in Latin letters: in Portuguese it is "but". */
const MAS = 'mas(?= a?age$)'
const AGO = new RegExp(
  `^(?:(?:ja |hoje )?(ha|faz|fazem|fez|(?:vai|vao) fazer(?=.* hoje$)|(?<=^hoje )(?:vai|vao) fazer|tem|a|its been|it has been|has been|been) )?(?:ja )?(?:some |uns |umas |cerca de |mais ou menos |about |around |almost |exactly |exatamente |exatos |exatas |প্রায় )?(.+?)(?: |(?<![a-z]))(${UNIT}|${MAS})(?: (atras|ago|back|before|earlier|আগে|আগেই|age|aage|হলো|হল|হয়েছে|হয়ে গেছে|holo|hoise|passados|hoje))?(?: (?:hoje|today|ja|already|now))?$`.normalize(
    'NFC',
  ),
)
const AHEAD = new RegExp(
  `^(?:daqui a|daqui|em|dentro de|in|within) (.+?) (${UNIT})$|^(.+?)(?: |(?<![a-z]))(${UNIT}) (?:from (?:now|today)|পরে?)$`.normalize(
    'NFC',
  ),
)

/** `há 2 dias`, `uma semana atrás`, `two days ago`, `৩ দিন আগে`, `há um mês`; `daqui a 3 dias`, `in a week`. */
function daysAway(written: string, { today }: Reading): Day | undefined {
  const ahead = AHEAD.exec(written)
  if (ahead) return away(ahead[1] ?? ahead[3]!, ahead[2] ?? ahead[4]!, 1, today)
  const back = AGO.exec(written)
  // "um dia" is some day; "3 dias" and "3 days" can only be meant as ago.
  const isAgo = back?.[1] !== undefined || back?.[4] !== undefined || /^\d+ (?:dias?|days?)$/.test(written)
  return back && isAgo ? away(back[2]!, back[3]!, -1, today) : undefined
}

/** Before `din age` alone: elsewhere `at`, `sat` and `dui` are other words. */
const NUMBERS_BN_LATIN = new Map(
  ['ek', 'dui', 'tin', 'char', 'pach', 'choy', 'sat', 'at', 'noy', 'dosh'].map((word, index) => [
    word,
    index + 1,
  ]),
)

function away(number: string, unit: string, direction: 1 | -1, today: Day): Day | undefined {
  const units = /^(?:(?:a )?couple(?: of)?|um par de)$/.test(number)
    ? 2
    : (NUMBERS_BN_LATIN.get(number) ?? numberOf(number))
  const isOfYears = /^(?:ano|year|বছর)/.test(unit)
  if (units === undefined || units > (isOfYears ? 120 : 999) || !Number.isInteger(units)) return undefined
  if (/^(?:mes|mas$|month|মাস)/.test(unit)) return addMonths(today, direction * units)
  if (isOfYears) return addMonths(today, direction * units * 12)
  const days = /^(?:semana|week|সপ্তাহ|s.*ptaho)/.test(unit) ? 7 : unit.startsWith('fortnight') ? 14 : 1
  return addDays(today, direction * units * days)
}

const HOURS_AGO = new RegExp(
  '^(?:(?:ha|faz|tem|just|only) )?(?:uns |umas |cerca de |about |around )?(.+?) ?(horas?|hrs?|h|minutos?|mins?|hours?|minutes?|ঘণ্টা|ঘন্টা|মিনিট|ghonta|ghanta|minit)(?: (atras|ago|back|আগে|age|aage))$|^(?:ha|faz|tem) (?:uns |umas |cerca de )?(.+?) ?(horas?|h|minutos?|min)$'.normalize(
    'NFC',
  ),
)

/** `há duas horas`, `half an hour ago`, `১০ মিনিট আগে`: shortly after midnight that was yesterday. */
function hoursAgo(written: string, { dayBefore }: Reading): Day | undefined {
  const found = HOURS_AGO.exec(written)
  if (!found || dayBefore === undefined) return undefined
  const [number, unit] = [found[1] ?? found[4]!, found[2] ?? found[5]!]
  const count = /^(?:meia|half an?|আধা?)$/.test(number)
    ? 0.5
    : /^(?:a )?couple(?: of)?$/.test(number)
      ? 2
      : /^(?:algumas|alguns|poucas|poucos|a few|few|some|several|কয়েক)$/.test(number)
        ? 3
        : (NUMBERS_BN_LATIN.get(number) ?? numberOf(number))
  return count === undefined || count > 1000
    ? undefined
    : dayBefore(count * (/^(?:h|g|ঘ)/.test(unit) ? 60 : 1))
}

/** Sunday first, as `Date` counts. Short forms count in their own language only: `sex` is a Friday in Portuguese. */
const WEEKDAYS: Record<Language, { readonly names: string[]; readonly short: string[] }> = {
  pt: {
    names: ['domingo', 'segunda', 'terça', 'quarta', 'quinta', 'sexta', 'sábado'],
    short: ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab'],
  },
  en: {
    names: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    short: ['sun', 'mon', 'tue|tues', 'wed|weds', 'thu|thur|thurs', 'fri', 'sat'],
  },
  bn: {
    names: [
      'রবিবার|রোববার|robibar|robbar',
      'সোমবার|sombar|shombar',
      'মঙ্গলবার|mongolbar|mangalbar',
      'বুধবার|budhbar|budbar',
      'বৃহস্পতিবার|brihospotibar|brihoshpotibar|brihaspatibar',
      'শুক্রবার|shukrobar|sukrobar|shukrabar|sukrabar',
      'শনিবার|shonibar|sonibar|shanibar',
    ],
    short: ['রবি|রোব', 'সোম', 'মঙ্গল', 'বুধ', 'বৃহস্পতি', 'শুক্র', 'শনি'],
  },
}
const weekdays = (lists: readonly string[]) =>
  lists.flatMap((names, index) => names.split('|').map((name) => [foldedText(name), index] as const))
const WEEKDAY_OF = new Map(Object.values(WEEKDAYS).flatMap(({ names }) => weekdays(names)))
const SHORT_WEEKDAY_OF = {
  pt: new Map(weekdays(WEEKDAYS.pt.short)),
  en: new Map(weekdays(WEEKDAYS.en.short)),
  bn: new Map(weekdays(WEEKDAYS.bn.short)),
}

const LAST = wordSet('última|último|passada|passado|anterior|last|past|গত|goto|gato')
const NEXT = wordSet('próxima|próximo|next|আগামী|সামনের|agami')
/** The week before this one and the one behind it: weeks begin on Sunday in all three languages' countries. */
const OTHER_WEEKS = {
  'of last week': composed(
    / ?(?:(?:da |na )?semana passada|(?:of )?last week|(?:in )?the previous week)$|^গত সপ্তাহের /,
  ),
  'of next week': composed(
    / ?(?:(?:da |na )?(?:semana que vem|proxima semana)|(?:of )?next week)$|^(?:আগামী|সামনের) সপ্তাহের /,
  ),
  'of this week': composed(/ ?(?:(?:n?esta|n?essa|desta|dessa) semana|(?:of )?this week)$|^এই সপ্তাহের /),
} as const
/** As `foldedText` leaves the words that it is held to. */
function composed({ source }: RegExp): RegExp {
  return new RegExp(source.normalize('NFC'))
}

/** By language: `no` is "on the" in Portuguese and takes the day back in English. */
const BEFORE_WEEKDAY: Record<Language, RegExp> = {
  pt: /^(?:na|no|nesta|neste|essa|esse|nessa|nesse|esta|este|a|o) (?:ultim[ao] )?/,
  en: /^(?:this|on|the) (?:past )?/,
  bn: /^(?:this|on|the|এই|ei) (?:past )?/,
}

/** `semana passada na quarta`, `next week on Tuesday`. */
const WEEK_BEFORE =
  /^(?:na )?(semana (?:passada|que vem)|proxima semana|(?:last|next|this) week|(?:n?esta|n?essa) semana),? (?:(?:na|no|on) )?(\S+)$/

interface NamedWeekday {
  readonly wanted: number
  readonly which: 'last' | 'next' | keyof typeof OTHER_WEEKS | 'before last' | undefined
}

function namedWeekday(written: string, language: Language): NamedWeekday | undefined {
  const behind = written.replace(WEEK_BEFORE, '$2 $1')
  const week = (['of last week', 'of this week', 'of next week'] as const).find((each) =>
    OTHER_WEEKS[each].test(behind),
  )
  const words = (week === undefined ? behind : behind.replace(OTHER_WEEKS[week], ''))
    .replace(BEFORE_WEEKDAY[language], (found) => (/past|ultim/.test(found) ? 'last ' : ''))
    .replace(/^([2-6])a?[- ]feira/, (_, place: string) => foldedText(WEEKDAYS.pt.names[Number(place) - 1]!))
    .replace(/[- ]?feira(?= |$)/, '')
    .replace(/ (?:que vem|agora que vem)$/, ' proxima')
    .replace(/ agora$/, '')
    .replace(/ que passou$/, ' passada')
    .replace('\u0983', '')
    .replace(/ (বার)/, '$1')
    .replace(/(বার)(?:ে|টা|ের দিন)(?= |$)/, '$1')
    .replace(/(?<=[a-z]{2}bar)(?:e|er din| din)(?= |$)/, '')
    .trim()
    .split(' ')
  const isBeforeLast = words.at(-1) === 'retrasada' || words.at(-1) === 'retrasado'
  const rest = isBeforeLast ? words.slice(0, -1) : words
  const said = rest.find((word) => LAST.has(word) || NEXT.has(word)) ?? ''
  const [name = '', ...more] = rest.filter((word) => word !== said)
  const wanted = WEEKDAY_OF.get(name) ?? SHORT_WEEKDAY_OF[language].get(name)
  if (wanted === undefined || more.length > 0) return undefined
  if (week !== undefined) return { wanted, which: week }
  if (isBeforeLast) return { wanted, which: 'before last' }
  return { wanted, which: LAST.has(said) ? 'last' : NEXT.has(said) ? 'next' : undefined }
}

const isWeekdayAlone = (written: string, { language }: Reading): boolean => {
  const named = namedWeekday(written, language)
  return named !== undefined && named.which === undefined
}

/** `segunda`, `na sexta-feira passada`, `next Monday`, `গত সোমবার`: never today, for which people say today. */
function weekday(written: string, { today, language, bounds }: Reading): Day | undefined {
  const named = namedWeekday(written, language)
  if (named === undefined) return undefined
  const { wanted, which } = named
  const now = weekdayOf(today)
  const last = addDays(today, -((now - wanted + 7) % 7 || 7))
  const next = addDays(today, (wanted - now + 7) % 7 || 7)
  switch (which) {
    case 'last':
      return last
    case 'next':
      return next
    case 'of last week':
      return addDays(today, wanted - now - 7)
    case 'of this week':
      return addDays(today, wanted - now)
    case 'of next week':
      return addDays(today, wanted - now + 7)
    case 'before last':
      return addDays(last, -7)
    case undefined:
      return allowed(last, bounds) || !allowed(next, bounds) ? last : next
  }
}

/** `2026-11-20`, `20/11/2026`, `20.11.26`, `20/11`, `20112026`, `201126`. */
function inDigits(text: string, reading: Reading): Day | undefined {
  const written = withYearNamed(text, reading.today)
  const iso =
    /^(\d{4}) ?[-/.\\ ] ?(\d{1,2}) ?[-/.\\ ] ?(\d{1,2})$/.exec(written) ??
    /^((?:19|20)\d{2})(\d{2})(\d{2})$/.exec(written)
  const isoDay = iso ? dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3])) : undefined
  if (isoDay !== undefined) return isoDay
  const run = /^(\d{2})(\d{2})(\d{4}|\d{2})$/.exec(written)
  const parted =
    /^(?:dia )?(\d{1,2})°? ?[-/.,·•・\\ ] ?(\d{1,2})(?:(?: ?[-/.,·•・\\ ] ?| de )(\d{4}|\d{2}))?$/.exec(
      written,
    ) ??
    /^(\d{1,2})[_:](\d{1,2})[_:](\d{4})$/.exec(written) ??
    /^(?:dia )?(\d{1,2}) (?:do|de|del) (\d{1,2})(?: (?:do|de) (\d{4}|\d{2}))?$/.exec(written)
  const found = run ?? parted ?? inNumberWords(written)
  // "5-10/11" is from the 5th to the 10th, and "20/11, 19" two days.
  const marks = new Set(written.match(/[-/.,·•・\\]|(?<=\d) (?=\d)/g))
  if (!found || (found[3]?.length === 2 && marks.size > 1)) return undefined
  const [first, second] = [Number(found[1]), Number(found[2])]
  const byDay = withYear(found[3], second, first, reading)
  if (byDay) return byDay
  return reading.language === 'en' && second > 12 ? withYear(found[3], first, second, reading) : undefined
}

/** `vinte do onze`, `vinte e um do 11`. */
function inNumberWords(written: string): readonly (string | undefined)[] | undefined {
  const [, date = '', month = '', year] =
    /^(?:dia )?(\S+(?: e \S+)?) do (\S+)(?: de (\d{4}|\d{2}))?$/.exec(written) ?? []
  const [first, second] = [ordinalOf(date) ?? numberOf(date), numberOf(month)]
  return first === undefined || second === undefined ? undefined : [written, `${first}`, `${second}`, year]
}

/** As people write them too; short forms are of three letters. */
const OTHER_MONTHS: Record<Language, readonly string[]> = {
  pt: ['', '', 'marco', '', '', '', '', '', 'stembro', '', '', ''],
  en: ['', 'febuary', '', '', '', '', '', '', 'sept', '', '', ''],
  bn: [
    'জানুয়ারী|জানুয়ারির|জানুয়ারি মাসের|জানু',
    'ফেব্রুয়ারী|ফেব্রুয়ারির|ফেব্রু',
    'মার্চের',
    'এপ্রিলের',
    'মের|মে মাসের',
    'জুনের',
    'জুলাইয়ের|জুলাইর',
    'আগষ্ট|অগাস্ট|আগস্টের|অগস্ট',
    'সেপ্টেম্বরের|সেপ্টে',
    'অক্টোবরের|অক্টো',
    'নভেম্বরের|নভে',
    'ডিসেম্বরের|ডিসে',
  ],
}
const MONTH_OF = new Map<string, number>()
for (const language of ['pt', 'en', 'bn'] as const)
  for (const [index, name] of MONTHS[language].entries()) {
    for (const each of [name, ...OTHER_MONTHS[language][index]!.split('|')])
      if (each !== '') MONTH_OF.set(foldedText(each), index + 1)
    if (language !== 'bn') MONTH_OF.set(foldedText(name).slice(0, 3), index + 1)
  }

/** Each a word that is a day, a weekday or a month by itself. */
const DAY_WORDS: ReadonlySet<string> = new Set([
  ...[...RELATIVE, ...EITHER_WAY].flatMap(([, known]) => [...known].filter((words) => !words.includes(' '))),
  ...WEEKDAY_OF.keys(),
  ...Array.from(WEEKDAY_OF.keys(), (name) => `${name}-feira`),
  ...MONTH_OF.keys(),
])

const OF_THIS_YEAR = / (?:deste ano|desse ano|do corrente|this year|corrente)$/
const OF_LAST_YEAR = / (?:(?:do |no )?ano passado|(?:of )?last year)$/
const LAST_YEAR_BEFORE = /^(?:(?:no )?ano passado|last year),? (?:(?:on|no|em) )?(.+)$/

/** `20/11 do ano passado`, `last year on March 3rd`: with the year in digits, as all dates may have it. */
function withYearNamed(written: string, today: Day): string {
  const thisYear = Number(today.slice(0, 4))
  return written
    .replace(LAST_YEAR_BEFORE, '$1 last year')
    .replace(OF_THIS_YEAR, ` ${thisYear}`)
    .replace(OF_LAST_YEAR, ` ${thisYear - 1}`)
}

/** `20 de novembro`, `vinte de novembro de 2026`, `Nov 20th`, `the 20th of November`, `২০শে নভেম্বর`. */
function byMonthName(written: string, reading: Reading): Day | undefined {
  // "20-21 nov" are two days, and "nov-20-2026" is one.
  if (/\d ?- ?\d(?!\d{3}$)/.test(written)) return undefined
  const said = withYearNamed(written, reading.today)
  const parts = said
    .replace(/ (?:passado|ultimo|proximo|que vem)$/, '')
    .replace(/(\d)(?=\p{L}{3,}(?:\d|$| ))/gu, '$1 ')
    .replace(/(\p{L}{3})(?=\d)/gu, '$1 ')
    .replace(/[.,/\\-]/g, ' ')
    .trim()
    .split(/\s+/)
    .filter(
      (word) =>
        !/^(?:de|do|da|of|the|dia|on|no|em|mes|month|মাসের|তারিখ|তারিখে|সালের|সাল)$/.test(word.normalize('NFC')),
    )
  // `dez` is ten, and December where no month has its whole name.
  const whole = parts.findIndex((part) => MONTH_OF.has(part) && part.length > 3)
  const at = whole < 0 ? parts.findIndex((part) => MONTH_OF.has(part)) : whole
  const month = MONTH_OF.get(parts[at] ?? '')
  if (month === undefined) return undefined
  const rest = parts.toSpliced(at, 1)
  const isFirst = rest.length > 1 && /^\d{4}$/.test(rest[0]!)
  const year = isFirst ? rest[0] : rest.length > 1 ? /^(?:\d{4}|\d{2})$/.exec(rest.at(-1)!)?.[0] : undefined
  const dateWords = rest.slice(isFirst ? 1 : 0, year === undefined || isFirst ? undefined : -1).join(' ')
  const behind = parts.slice(at + 1).join(' ')
  const spoken =
    year === undefined && at > 0 ? yearInWords(behind, said.endsWith(` de ${behind}`)) : undefined
  // "vinte de novembro e cinco" is no 25th.
  if (spoken === undefined && !isFirst && at > 0 && parts.length - at - 1 > (year === undefined ? 0 : 1))
    return undefined
  const words = spoken === undefined ? dateWords : parts.slice(0, at).join(' ')
  const date = ordinalOf(words) ?? numberOf(words)
  return date === undefined
    ? undefined
    : withYear(year ?? spoken, month, date, { ...reading, side: sideIn(said) })
}

/** `dois mil e vinte e seis`, `de oitenta e cinco`, `nineteen eighty five`, `উনিশশ পঁচাশি`. Without a `de` two digits may be the time: `dez da noite`. */
function yearInWords(words: string, isOf: boolean): string | undefined {
  const [, century, rest = ''] = /^(nineteen|twenty) (.+)$/.exec(words) ?? []
  const within = century === undefined ? undefined : numberOf(rest)
  const year =
    within !== undefined && within >= 10 && within < 100
      ? (century === 'twenty' ? 2000 : 1900) + within
      : numberOf(words)
  return year !== undefined && ((isOf && year >= 10 && year < 100) || (year >= 1900 && year < 2100))
    ? String(year)
    : undefined
}

const sideIn = (written: string): Reading['side'] =>
  / (?:passado|ultimo)$|^(?:no )?ultimo /.test(written)
    ? 'past'
    : / (?:proximo|que vem)$/.test(written)
      ? 'future'
      : undefined

/** `dia 20`, `dia vinte`, `the 20th`, `২০ তারিখ`, `dia 20 do mês passado`; a number alone could be anything. */
function dayOfMonth(written: string, reading: Reading): Day | undefined {
  const { today } = reading
  const OF_MONTH =
    /^(এই মাসের |গত মাসের |আগামী মাসের |ei maser |goto maser |gato maser |agami maser )|( (?:deste|desse|do) mes(?: passado| que vem)?| do proximo mes| (?:of )?(?:this|last|next) month)$/
  // "mês passado, dia 20"
  const said = written
    .replace(/^(?:no )?(mes passado|last month|this month),? (?:(?:no|on) )?((?:dia|the) .+)$/, '$2 do $1')
    .replace(/do (?=last|this)/, 'of ')
  const ofMonth = OF_MONTH.exec(said)?.[0].trim()
  const rest = said.replace(OF_MONTH, '').replace(/^(?:no )?ultimo (?=dia )| (?:passado|ultimo|agora)$/, '')
  const named =
    /^(?:o )?dia (.+)$/.exec(rest)?.[1] ??
    /^(?:the )?(\d{1,2}(?:st|nd|rd|th))$/.exec(rest)?.[1] ??
    /^the ([a-z -]+)$/.exec(rest)?.[1]
  const date =
    (ofMonth !== undefined && /^\d{1,2}$/.test(rest) ? Number(rest) : undefined) ??
    (named === undefined
      ? undefined
      : (ordinalOf(named) ?? (rest.includes('dia ') ? numberOf(named) : undefined))) ??
    numberOf(/^(.+?) ?(?:তারিখে?|তারিখের|tarikhe?|tarike?)$/.exec(rest)?.[1] ?? '') ??
    ordinalOf(/^\S+(?:শে|ই|লা|রা|ঠা)$/.exec(rest)?.[0] ?? '')
  if (date === undefined || date > 31) return undefined
  const [year, month] = today.split('-').map(Number) as [number, number]
  const inMonth = (away: number) => {
    const index = year * 12 + month - 1 + away
    return dayOf(Math.floor(index / 12), (index % 12) + 1, date)
  }
  if (ofMonth !== undefined)
    return inMonth(
      /passado|last|গত|gato|goto/.test(ofMonth) ? -1 : /vem|proximo|next|আগামী|agami/.test(ofMonth) ? 1 : 0,
    )
  if (isOfAnyYear(reading)) return undefined
  // `dia 30` of what happened is the last one, also on the 16th. A 31st may be two months away.
  return nearest([0, -1, -2, 1, 2].map(inMonth), undefined, { ...reading, side: sideIn(written) })
}

function withYear(
  written: string | undefined,
  month: number,
  date: number,
  reading: Reading,
): Day | undefined {
  const { today, bounds } = reading
  if (written?.length === 4) return dayOf(Number(written), month, date)
  if (written !== undefined) return inCentury(Number(written), month, date, today, bounds)
  if (isOfAnyYear(reading)) return undefined
  const thisYear = Number(today.slice(0, 4))
  // 29 February may be up to eight years away.
  const candidates = [0, -1, -2, -3, -4, -5, -6, -7, -8, 1, 2, 3, 4, 5, 6, 7, 8].map((away) =>
    dayOf(thisYear + away, month, date),
  )
  return nearest(candidates, candidates[0], reading)
}

const YEAR_DAYS = 366
/** A question that reaches back further asks about a life. */
const NEAR_YEARS = 20

/** `15/03` to a question of a birth, or of what ended long ago: no year is nearer than another, and none is guessed. */
export function isOfAnyYear({
  today,
  bounds: { notBefore, notAfter = today },
}: Pick<Reading, 'today' | 'bounds'>): boolean {
  const isOver = notAfter < today && daysBetween(notAfter, today) > YEAR_DAYS
  if (notBefore === undefined || notBefore > notAfter) return isOver
  return daysBetween(notBefore, isOver ? notAfter : today) > (isOver ? 1 : NEAR_YEARS) * YEAR_DAYS
}

/**
 * Of days that were written alike the last one that is not after today, or the next one where the question allows no other.
 * @param own that of this year goes before them, unless one that is past is nearer, or the question forbids it. Where it is forbidden
 * though nearest, nobody knows which is meant.
 */
function nearest(
  candidates: readonly (Day | undefined)[],
  own: Day | undefined,
  { today, bounds, side }: Reading,
): Day | undefined {
  const days = candidates.filter((each) => each !== undefined).toSorted()
  const past = side === 'future' ? [] : days.filter((each) => each <= today)
  const future = side === 'past' ? [] : days.filter((each) => each > today)
  const [last, next] = [past.at(-1), future[0]]
  if (own !== undefined && (own === last || own === next) && allowed(today, bounds)) {
    const other = own === next ? last : next
    const isNearest = other === undefined || daysBetween(own, today) < daysBetween(other, today)
    if (allowed(own, bounds) ? own === last || isNearest : isNearest) return own
  }
  if (last !== undefined && allowed(last, bounds)) return last
  return (
    future.find((each) => allowed(each, bounds)) ??
    past.findLast((each) => allowed(each, bounds)) ??
    last ??
    next
  )
}

/** After a question of what has happened so far, a day of this year or the next is a slip; after one of what ended long ago it is none. */
const SLIP_DAYS_MAX = 2 * 366

/** By the question's bounds, and by nearness to today where they allow both. A slip is nobody's day of a hundred years ago. */
function inCentury(
  year: number,
  month: number,
  date: number,
  today: Day,
  bounds: DayBounds,
): Day | undefined {
  const [old, young] = [dayOf(1900 + year, month, date), dayOf(2000 + year, month, date)]
  if (old === undefined || young === undefined) return old ?? young
  const thisYear = Number(today.slice(0, 4))
  const { notAfter } = bounds
  const isSlip =
    (2000 + year === thisYear || 2000 + year === thisYear + 1) &&
    notAfter !== undefined &&
    daysBetween(notAfter, young) < SLIP_DAYS_MAX
  if (allowed(old, bounds) !== allowed(young, bounds) && !isSlip) return allowed(old, bounds) ? old : young
  return 2000 + year - thisYear <= thisYear - (1900 + year) ? young : old
}

const allowed = (value: Day, { notBefore, notAfter }: DayBounds) =>
  (notBefore === undefined || value >= notBefore) && (notAfter === undefined || value <= notAfter)
