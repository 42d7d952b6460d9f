import { foldedText } from '@parley/conversation'

/** Numbers as people say them, in three languages. */

const list = (words: string, from: number, step = 1) =>
  words
    .split(' ')
    .flatMap((group, index) =>
      group.split('|').map((word) => [foldedText(word), from + index * step] as const),
    )

const SMALL = new Map([
  ...list(
    'zero um|uma dois|duas três quatro cinco seis sete oito nove dez onze doze treze quatorze|catorze quinze dezesseis dezessete dezoito dezenove',
    0,
  ),
  ...list('vinte trinta quarenta cinquenta sessenta setenta oitenta noventa', 20, 10),
  ...list(
    'cem|cento duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas seiscentos|seiscentas setecentos|setecentas oitocentos|oitocentas novecentos|novecentas',
    100,
    100,
  ),
  ...list(
    'zero one|a|an two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
    0,
  ),
  ...list('twenty thirty forty|fourty fifty sixty seventy eighty ninety', 20, 10),
  ...list(
    'শূন্য এক|একটা|একটি দুই|দু|দুটো তিন চার পাঁচ|পাচ ছয়|ছ সাত আট নয় দশ এগারো|এগার বারো|বার তেরো|তের চৌদ্দ পনেরো|পনের ষোলো|ষোল সতেরো|সতের আঠারো|আঠার উনিশ বিশ|কুড়ি একুশ বাইশ তেইশ চব্বিশ পঁচিশ|পচিশ ছাব্বিশ সাতাশ আটাশ|আঠাশ ঊনত্রিশ|উনত্রিশ ত্রিশ একত্রিশ',
    0,
  ),
  ...list('চল্লিশ পঞ্চাশ ষাট সত্তর আশি নব্বই', 40, 10),
])
/** What multiplies the number before it. */
const TIMES = new Map([
  ...list('hundred|শ|শত|শো', 100),
  ...list('mil|thousand|k|হাজার', 1_000),
  ...list('লাখ|লক্ষ|lakh|lac|lakhs', 100_000),
  ...list('milhão|milhões|mi|milhao|milhoes|million|millions|mln', 1_000_000),
  ...list('কোটি|crore|crores', 10_000_000),
  ...list('bilhão|bilhões|billion', 1_000_000_000),
])
const AND = new Set(['e', 'and', 'ও', 'এবং'])

/**
 * The number that these words are and nothing else: `vinte e um`, `two hundred`, `১.৫ লাখ` with `readFigure` for the figures among them. A
 * greater unit comes before a smaller one; `um dois` is none.
 * @param written as `foldedText`
 */
export function numberOf(
  written: string,
  readFigure: (figure: string) => number | undefined = plainFigure,
): number | undefined {
  const words = written
    .replace(/(\p{L})-(?=\p{L})/gu, '$1 ')
    .replace(/(\d)(?=\p{L})/gu, '$1 ')
    .split(' ')
  if (words.length > 14) return undefined
  let [total, part, room] = [0, undefined as number | undefined, Infinity]
  let partRoom = Infinity
  for (const [at, word] of words.entries()) {
    if (AND.has(word)) {
      if (at === 0 || at === words.length - 1) return undefined
      continue
    }
    const times = TIMES.get(word)
    if (times !== undefined) {
      if (times === 100) {
        if (part === undefined || part >= 10) return undefined
        part *= 100
        partRoom = 100
        continue
      }
      if (times >= room || (part === undefined && word !== 'mil')) return undefined
      total += (part ?? 1) * times
      ;[part, room, partRoom] = [undefined, times, Infinity]
      continue
    }
    const value = SMALL.get(word) ?? readFigure(word)
    if (value === undefined) return undefined
    if (part !== undefined && (value >= partRoom || value === 0)) return undefined
    if (value >= room) return undefined
    part = (part ?? 0) + value
    partRoom = !SMALL.has(word) ? 0 : value >= 100 ? 100 : value >= 20 && value % 10 === 0 ? 10 : 0
  }
  const found = total + (part ?? 0)
  return Number.isSafeInteger(Math.round(found * 100)) ? found : undefined
}

const plainFigure = (figure: string): number | undefined =>
  /^\d{1,4}$/.test(figure) ? Number(figure) : undefined

const ORDINALS = new Map([
  ...list(
    'primeiro|first|পহেলা|পয়লা second third fourth fifth sixth seventh eighth|eigth ninth tenth eleventh twelfth|twelveth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth',
    1,
  ),
  ...list('twentieth thirtieth', 20, 10),
])

/** A day of a month: `20th`, `1º`, `primeiro`, `twenty-first`, `২০শে`. @param written as `foldedText` */
export function ordinalOf(written: string): number | undefined {
  const figure = /^(\d{1,2})(?:st|nd|rd|th|o|a|º|ª|শে|এ|ই|লা|রা|ঠা)$/.exec(written)
  if (figure) return Number(figure[1])
  const named = /^(.+?)(?:ে|ই|শে)$/.exec(written)
  const known = ORDINALS.get(written) ?? (named ? SMALL.get(named[1]!) : undefined)
  if (known !== undefined) return known
  const [tens = '', unit = '', ...more] = written.split(/[ -]/)
  const [many, few] = [SMALL.get(tens), ORDINALS.get(unit)]
  return more.length === 0 &&
    many !== undefined &&
    few !== undefined &&
    (many === 20 || many === 30) &&
    few < 10
    ? many + few
    : undefined
}

const DIGIT_WORDS = new Map([
  ...[...SMALL].filter(([word, value]) => value < 10 && word !== 'a' && word !== 'an'),
  [foldedText('meia'), 6],
  ['oh', 0],
  ['o', 0],
])

/** `quatro três dois um` → `4321`: digits that are said one by one, as on the telephone. @param written as `foldedText` */
export function spokenDigits(written: string): string | undefined {
  const digits = written.split(/[\s,.-]+/).map((word) => DIGIT_WORDS.get(word))
  return digits.length > 1 && digits.every((digit) => digit !== undefined) ? digits.join('') : undefined
}
