import { foldedText } from '@parley/conversation/said'

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
    'শূন্য এক|একটা|একটি দুই|দু|দুটো তিন চার পাঁচ|পাচ ছয়|ছ সাত আট নয় দশ এগারো|এগার বারো|বার তেরো|তের চৌদ্দ পনেরো|পনের ষোলো|ষোল সতেরো|সতের আঠারো|আঠার উনিশ বিশ|কুড়ি একুশ বাইশ তেইশ চব্বিশ পঁচিশ|পচিশ ছাব্বিশ সাতাশ আটাশ|আঠাশ ঊনত্রিশ|উনত্রিশ ত্রিশ একত্রিশ বত্রিশ তেত্রিশ চৌত্রিশ পঁয়ত্রিশ ছত্রিশ সাঁইত্রিশ আটত্রিশ ঊনচল্লিশ|উনচল্লিশ চল্লিশ একচল্লিশ বিয়াল্লিশ তেতাল্লিশ চুয়াল্লিশ পঁয়তাল্লিশ ছেচল্লিশ সাতচল্লিশ আটচল্লিশ ঊনপঞ্চাশ|উনপঞ্চাশ পঞ্চাশ একান্ন বাহান্ন তিপ্পান্ন চুয়ান্ন পঞ্চান্ন ছাপ্পান্ন সাতান্ন আটান্ন ঊনষাট|উনষাট ষাট একষট্টি বাষট্টি তেষট্টি চৌষট্টি পঁয়ষট্টি ছেষট্টি সাতষট্টি আটষট্টি ঊনসত্তর|উনসত্তর সত্তর একাত্তর বাহাত্তর তিয়াত্তর চুয়াত্তর পঁচাত্তর ছিয়াত্তর সাতাত্তর আটাত্তর ঊনআশি|উনআশি আশি একাশি বিরাশি তিরাশি চুরাশি পঁচাশি ছিয়াশি সাতাশি অষ্টআশি|আটাশি ঊননব্বই|উননব্বই নব্বই একানব্বই বিরানব্বই তিরানব্বই চুরানব্বই পঁচানব্বই ছিয়ানব্বই সাতানব্বই আটানব্বই নিরানব্বই',
    0,
  ),
  ...list('দেড় আড়াই', 1.5),
])
/** What multiplies the number before it. */
const TIMES = new Map([
  ...list('hundred|শ|শত|শো', 100),
  ...list('mil|thousand|k|হাজার', 1_000),
  ...list('লাখ|লক্ষ|lakh|lac|lakhs', 100_000),
  ...list('milhão|milhões|mi|million|millions|mln', 1_000_000),
  ...list('কোটি|crore|crores', 10_000_000),
  ...list('bilhão|bilhões|bi|billion|billions', 1_000_000_000),
])
const AND = new Set(['e', 'and', 'ও', 'এবং'])
/** Before a number, and what it adds to it: `সাড়ে তিন` is 3.5, `পৌনে দুই` 1.75. */
const PARTS = new Map([...list('পৌনে', -0.25), ...list('সোয়া', 0.25), ...list('সাড়ে', 0.5)])
/** Nobody can type it. */
const HALF = '\u0000'

/**
 * The number that these words are and nothing else: `vinte e um`, `two hundred`, `dois milhões e meio`, `দেড় লাখ`, `১.৫ লাখ` with `readFigure` for
 * the figures among them. A greater unit comes before a smaller one; `um dois` is none.
 * @param written as `foldedText`
 */
export function numberOf(
  written: string,
  readFigure: (figure: string) => number | undefined = plainFigure,
): number | undefined {
  const words = wordsOfNumber(written)
  if (words.length > 14) return undefined
  let total = 0
  let part: number | undefined
  let [room, partRoom] = [Infinity, Infinity]
  let before: number | undefined
  let lastTimes: number | undefined
  for (const [at, word] of words.entries()) {
    const [isFirst, isLast] = [at === 0, at === words.length - 1]
    if (AND.has(word)) {
      // "sixty and a thousand" are two.
      if (isFirst || isLast || (part !== undefined && TIMES.has(words[at + 1]!))) return undefined
      continue
    }
    if (PARTS.has(word)) {
      if (part !== undefined || before !== undefined) return undefined
      before = PARTS.get(word)
      continue
    }
    if (word === HALF) {
      if (part !== undefined && Number.isInteger(part)) part += 0.5
      else if (lastTimes !== undefined) {
        total += lastTimes / 2
        lastTimes = undefined
      } else if (isFirst) part = 0.5
      else return undefined
      ;[room, partRoom] = [part === undefined ? 0 : room, 0]
      continue
    }
    const times = TIMES.get(word)
    if (times === undefined) {
      const value = SMALL.get(word) ?? readFigure(word)
      if (value === undefined || value >= room) return undefined
      if (part !== undefined && (value >= partRoom || value === 0)) return undefined
      part = (part ?? 0) + value + (before ?? 0)
      partRoom = !SMALL.has(word) ? 0 : value >= 100 ? 100 : value >= 20 && value % 10 === 0 ? 10 : 0
      before = undefined
      continue
    }
    // "সোয়া লাখ": one and a quarter.
    if (before !== undefined && before !== 0.5) part = 1 + before
    else if (before !== undefined) return undefined
    before = undefined
    if (times === 100) {
      if (part === undefined || part >= 100 || (part >= 10 && part % 10 === 0) || part * 100 >= room)
        return undefined
      part *= 100
      partRoom = 100
      // Of "fifteen hundred" there are no thousands.
      if (part >= 1000) room = Math.min(room, 1000)
      continue
    }
    if (times >= room || (part === undefined && word !== 'mil')) return undefined
    total += (part ?? 1) * times
    ;[part, room, partRoom, lastTimes] = [undefined, times, Infinity, times]
  }
  const found = total + (part ?? 0)
  return before === undefined && Number.isSafeInteger(Math.round(found * 100)) ? found : undefined
}

/** One by one: `twenty-five`, `2mil`, `পাঁচশ` are two each, `and a half` one. */
function wordsOfNumber(written: string): readonly string[] {
  return written
    .replace(/(\p{L})-(?=\p{L})/gu, '$1 ')
    .replace(/(\d)(?=\p{L})/gu, '$1 ')
    .replace(/ (?:and a half|e mei[oa])(?= |$)/g, ` ${HALF}`)
    .replace(/^(?:half an?|half|mei[oa]) (?=\S)/, `${HALF} `)
    .split(' ')
    .flatMap((word) => {
      const hundreds = SMALL.has(word) ? undefined : /^(.+?)(?:শত|শো|শ)$/.exec(word)?.[1]
      return hundreds !== undefined && SMALL.has(hundreds) ? [hundreds, 'শ'] : [word]
    })
}

const plainFigure = (figure: string): number | undefined =>
  /^\d{1,4}$/.test(figure) ? Number(figure) : undefined

const ORDINALS = new Map([
  ...list(
    'primeiro|first|পহেলা|পয়লা second|দোসরা third|তেসরা fourth|চৌঠা fifth sixth seventh eighth|eigth ninth tenth eleventh twelfth|twelveth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth',
    1,
  ),
  ...list('twentieth thirtieth', 20, 10),
])

/** A day of a month: `20th`, `1º`, `primeiro`, `twenty-first`, `২০শে`. @param written as `foldedText` */
export function ordinalOf(written: string): number | undefined {
  const figure = /^(\d{1,2})(?:st|nd|rd|th|o|a|°|ª|শে|এ|ই|লা|রা|ঠা)$/.exec(written)
  if (figure) return Number(figure[1])
  const counted = /^(.+)(?:ে|ই)$/.exec(written)?.[1]
  const known = ORDINALS.get(written) ?? (counted === undefined ? undefined : SMALL.get(counted))
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
  ...[...SMALL].filter(([word, value]) => value < 10 && Number.isInteger(value) && !/^an?$/.test(word)),
  [foldedText('meia'), 6],
  ['oh', 0],
  ['o', 0],
])

/** Ten to ninety-nine as one word. */
const PAIR_WORDS = new Map([...SMALL].filter(([, value]) => value >= 10 && value < 100))
const TIMES_SAID = new Map([
  ['double', 2],
  ['triple', 3],
])

/**
 * `quatro três dois um`, `quarenta e três, vinte e um`, `double four two one`, `4 três 2 um` → `4321` or `4421`: digits that are said one by
 * one or two by two, as on the telephone. @param written as `foldedText`
 */
export function spokenDigits(written: string): string | undefined {
  const words = written.split(/[\s,.-]+/)
  // Figures alone are told by what stands between them: `4,321` is a number.
  if (words.length < 2 || words.every((word) => /^\d+$/.test(word))) return undefined
  let digits = ''
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!
    const times = TIMES_SAID.get(word)
    const digit = DIGIT_WORDS.get(times === undefined ? word : (words[(at += 1)] ?? ''))
    if (digit !== undefined) {
      digits += String(digit).repeat(times ?? 1)
      continue
    }
    const pair = PAIR_WORDS.get(word)
    if (times !== undefined || (pair === undefined && !/^\d+$/.test(word))) return undefined
    const isTens = pair !== undefined && pair >= 20 && pair % 10 === 0
    const behind = words[at + 1] === 'e' ? 2 : 1
    const unit = isTens ? (DIGIT_WORDS.get(words[at + behind] ?? '') ?? 0) : 0
    // In Portuguese a word stands between them: "quarenta três" is three digits.
    const isJoined = unit > 0 && (behind === 2 || word.endsWith('y'))
    if (isJoined) at += behind
    digits += isJoined ? String(pair! + unit) : word.replace(/^\D+$/, String(pair))
  }
  return digits
}

/** Between the digits of one number that is dictated: `111 ponto 444…`. */
const SEPARATORS_SAID = new Set('ponto traco hifen barra digito dot point dash hyphen'.split(' '))
/** @param written as `foldedText` */
export const withoutSeparatorsSaid = (written: string) =>
  written
    .split(/[ ,]+/)
    .filter((word) => !SEPARATORS_SAID.has(word))
    .join(' ')

const isNumberWord = (word: string) =>
  !/^an?$/.test(word) &&
  (/^\d/.test(word) ||
    SMALL.has(word) ||
    TIMES.has(word) ||
    TIMES_SAID.has(word) ||
    /^(?:meia|oh)$/.test(word))

/**
 * Each stretch of digits, in figures and in words, with nothing between them but signs, an `and` or a separator that is said: `20 ou 21, às 22:30` is
 * four. Between whole figures an `and` parts two numbers (`20 e 21`), and `o` is a zero between digits alone: in Portuguese it is an article.
 * @param written as `foldedText`
 */
export function digitRuns(written: string): readonly string[] {
  const runs: string[][] = [[]]
  let between: string | undefined
  for (const word of written.match(/\d+|[\p{L}\p{M}]+|:/gu) ?? []) {
    const run = runs.at(-1)!
    if (isNumberWord(word)) {
      const isParted =
        between !== undefined && AND.has(between) && /^\d{2}/.test(run.at(-1)!) && /^\d{2}/.test(word)
      if (isParted) runs.push([word])
      else run.push(...(between === undefined || SEPARATORS_SAID.has(between) ? [] : [between]), word)
      between = undefined
    } else if (
      run.length > 0 &&
      between === undefined &&
      (word === 'o' || AND.has(word) || SEPARATORS_SAID.has(word))
    )
      between = word
    else {
      runs.push([])
      between = undefined
    }
  }
  return runs.filter((run) => run.length > 0).map((run) => run.join(' '))
}

/** How many digits the longest of these stretches has: in `o final é quatro, três, 2 e 1` four, and so in `double four two one`. @param written as `foldedText` */
export const digitsTogether = (written: string): number =>
  Math.max(0, ...digitRuns(written).map((run) => digitsIn(run.split(' '))))

function digitsIn(run: readonly string[]): number {
  const counts = run.map((word, at) => {
    if (/^\d/.test(word)) return word.length
    const times = TIMES_SAID.get(word)
    if (times !== undefined) return times - 1
    if (PAIR_WORDS.has(word)) return 2
    const isUnit = AND.has(run[at - 1] ?? '')
      ? isTens(run[at - 2])
      : isTens(run[at - 1]) && run[at - 1]!.endsWith('y')
    return (DIGIT_WORDS.has(word) && !isUnit) || (SMALL.get(word) ?? 0) >= 100 ? 1 : 0
  })
  return counts.reduce((sum, count) => sum + count, 0)
}

const isTens = (word = '') => (PAIR_WORDS.get(word) ?? 0) >= 20

/** Longer ones hold shorter ones. */
const FEW_WORDS = 3

/** Whether digits in words or a number from ten on stand in it: `ops, um dois três quatro`, `quer dizer cinco mil`. @param written as `foldedText` */
export function holdsNumberWords(written: string): boolean {
  const words = written.split(/[^\p{L}\p{M}\p{N}]+/u)
  return words.some((_, at) =>
    Array.from({ length: FEW_WORDS }, (_, more) => words.slice(at, at + more + 1).join(' ')).some(
      (few) => spokenDigits(few) !== undefined || (numberOf(few) ?? 0) >= 10,
    ),
  )
}
