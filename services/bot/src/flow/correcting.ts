import { plainAnswerIn, plainText, withoutCourtesies, wordsOf } from '@parley/conversation/said'
import { readDayAlone } from './day-reading.ts'
import type { Ask } from './flow.ts'
import type { Language } from './language.ts'
import { textMessage } from './messages.ts'
import type { Given } from './session.ts'
import { type Moment, understand } from './understanding.ts'
import { agrees } from './wording.ts'

/** "na verdade o final é 4321", said to a later question: what the customer takes back, in words and without quoting what asked for it. Pure. */

const APOLOGIES = '(?:mil )?desculpas?|desculpe|perdão|perdao|foi mal|sorry|(?:my )?apologies|সরি|দুঃখিত'
/** They may take something back, and are said before any answer too: `ah, foi ontem no shopping`. */
const INTERJECTIONS = `${APOLOGIES}|ah|ih|opa|eita|putz|nossa|calma|espera|pera|peraí|perai|pera aí|(?:não|nao|no) (?:pera|peraí|espera|wait)|oh|wait|hold on|ওহ`
/** Before what is right, and behind it: `9876, digitei errado`. */
const MISTAKEN = [
  '(?:eu )?(?:errei|me enganei|me confundi|troquei|(?:digitei|escrevi|coloquei|mandei|informei|passei|falei|botei) errado)|corrigindo|retificando|correção|correcao',
  'correction|typo|(?:i made a )?mistake|my mistake|my bad|(?:i )?(?:typed|wrote|put|sent|entered) (?:it|that) wrong|(?:i )?mistyped',
  'ভুল (?:হয়েছে|লিখেছি|বলেছি)|(?:vul|bhul) (?:hoise|hoyeche|likhsi|likhechi|bolsi)',
].join('|')
/** `não foi ontem` denies; only apart from what follows is a no to what was said before. */
const TAKES_BACK = [
  MISTAKEN,
  'ops|oops|na verdade|aliás|alias|quer dizer|(?:eu )?(?:quis|queria) dizer|digo|minto',
  'actually|i mean|i meant|whoops|scratch that|let me correct (?:that|it)',
  'আসলে|মানে|asole',
  '(?:(?:não|nao|no|nope|না|na)\\s*)+(?=[,.;:!…-])',
  // "muda a data para anteontem", "please change the date to yesterday", "তারিখটা বদলে গতকাল করুন"
  '(?:(?:quero|queria|pode|podem|poderia|favor|por favor)\\s+)*(?:mudar?|mude|trocar?|troque|corrig(?:ir|e|a)|alterar?|altere|atualizar?|atualize)\\s+(?:[^,.;:!\\n]{1,30}?\\s)?(?:para|pra|pro|por)',
  '(?:(?:please|pls|can you|could you|i want to|i need to)\\s+)*(?:change|update|correct|fix|set)\\s+(?:[^,.;:!\\n]{1,30}?\\s)?(?:to|into)|(?:please\\s+)?make (?:it|that)',
  '(?:[^,.;:!\\n]{1,30}?\\s)?(?:বদলে|পাল্টে|পরিবর্তন করে|bodle|palte)',
].join('|')
const beginning = (words: string) =>
  new RegExp(`^[^\\p{L}\\p{N}]*(?:(?:${words})(?![\\p{L}\\p{M}\\p{N}])[\\s,.;:!…-]*)+`.normalize('NFC'), 'iu')
const ending = (words: string) =>
  new RegExp(`(?<![\\s,.;:!…-])(?:[\\s,.;:!…-]+(?:${words}))+[\\s.!…)]*$`.normalize('NFC'), 'iu')
const INTERJECTED = beginning(INTERJECTIONS)
const APOLOGISED = ending(APOLOGIES)
const TAKEN_BACK = beginning(`${INTERJECTIONS}|${TAKES_BACK}`)
const MISTAKEN_BEHIND = ending(
  `${APOLOGIES}|(?:${MISTAKEN})(?:\\s+(?:o|a|the|my|antes|before)(?:\\s\\p{L}+)?)?`,
)
/** Of Bengali, which puts it last. */
const MAKE_IT = /\s+(?:করুন|করেন|করে দিন|করে দেন|হবে|লিখুন|koren|korun|kore den|kore din|hobe)(?=[\s.!]*$)/iu
/** What says what it is instead. */
const IS =
  "é|eh|foi|era|o certo é|o correto é|(?:eu )?(?:perdi|deixei|esqueci)|it's|its|it is|it was|it should be|is|was|should be|i (?:lost|left|dropped) it"
/** `a data tá errada, foi anteontem`, `o final tá errado é 4321`. */
const CALLED_WRONG = new RegExp(
  `^[^,.;:!\\n]{0,60}(?:errad[oa]s?|incorret[oa]s?|trocad[oa]s?|(?:não|nao) (?:está|esta|tá|ta|é) (?:cert|corret)[oa]s?|wrong|incorrect|(?:not|isn't|isnt) (?:right|correct)|ভুল|ঠিক (?:না|নেই|নাই|নয়)|vul|bhul|thik (?:na|nai|nei))(?![\\p{L}\\p{M}])(?:(?:\\s+\\p{L}+){0,2}\\s*[,.;:!…\\n-]\\s*|\\s+(?=(?:${IS})\\s))`.normalize(
    'NFC',
  ),
  'iu',
)
/** What it is not: `4321, not 4312`. */
const INSTEAD_OF =
  /^(.+?)[\s,]+(?:e não|e nao|não|nao|and not|not|instead of|rather than|em vez de|no lugar de|নয়)\s+(.+)$/isu
/** And said first: `não é 4312, é 4321`, `o final não era 4312 e sim 4321`, `not 4312 but 4321`, `coloquei 4312 mas é 4321`. */
const NOT_THAT_BUT = new RegExp(
  `^(?:[^,.;:!\\n]{0,40}?\\s)?(?:(?:não|nao|n|not|isn't|isnt|wasn't|wasnt)(?:\\s+(?:é|eh|foi|era|perdi|deixei|esqueci))?|(?:didn't|didnt|did not) (?:lose|leave|drop) it|(?:eu )?(?:disse|falei|coloquei|escrevi|digitei|mandei|informei|botei)|i (?:said|wrote|typed|put|sent|entered))\\s+(.+?)[\\s,.;:…-]+(?:(?:e|mas|só que|porém|and|but)\\s+)?(?:${IS}|e sim|mas sim|mas|but)\\s+(.+)$`,
  'isu',
)
/** `৪৩১২ না, ৪৩২১`. In Portuguese `na` is "in the". */
const NOT_THAT_BUT_BN = new RegExp('^(.+?)\\s+(?:না|নয়|na|noy)[\\s,.;…-]+(.+)$'.normalize('NFC'), 'isu')

/** What a text says, and what it says that this is not; each way to tell the two apart. */
function instead(
  text: string,
  language: Language,
): readonly { readonly said: string; readonly old: string }[] {
  const [, said, old] = INSTEAD_OF.exec(text) ?? []
  const behind = language === 'bn' ? NOT_THAT_BUT_BN.exec(text) : null
  const [, first, then] = NOT_THAT_BUT.exec(text) ?? behind ?? []
  return [
    ...(said === undefined || old === undefined ? [] : [{ said, old }]),
    ...(first === undefined || then === undefined ? [] : [{ said: then.replace(MAKE_IT, ''), old: first }]),
  ]
}

/** `não foi no shopping` names what was said to be `Shopping`. */
const placeless = (text: string) =>
  wordsOf(text).replace(/^(?:(?:em|n[ao]s?|numa?|in|at|on)(?: the| an?)? )(?=.)/, '')

/** What stands behind words that take something back; undefined: none are there. */
function saidBehind(text: string): { readonly behind: string; readonly isInterjected: boolean } | undefined {
  const plain = plainText(text)
  const interjected = plain.replace(INTERJECTED, '').replace(APOLOGISED, '')
  const behind = interjected
    .replace(TAKEN_BACK, '')
    .replace(CALLED_WRONG, '')
    .replace(TAKEN_BACK, '')
    .replace(MISTAKEN_BEHIND, '')
  if (behind === plain || behind.trim() === '') return undefined
  const isInterjected = behind === interjected
  return { behind: isInterjected ? behind : behind.replace(MAKE_IT, ''), isInterjected }
}

/**
 * The one earlier answer that a text corrects, and the value that it says instead. Words that take something back are one way to say so; the
 * other is to name the answer as it stands and what is to stand there (`no metrô, não no shopping`), which is the only one for a free answer, as
 * any words would fit it. An option is none.
 * Undefined too where it would fit two, or the question that waits, or says what stands already: `espera, 4321` beside a yes is heard as what
 * it is, and not passed over. Where any words are an answer, what stands already is none, and interjections alone take nothing back.
 * @param waiting undefined where the text quotes the question of the answer: then it is about that one
 */
export function correctionIn(
  text: string,
  waiting: Ask | undefined,
  answers: readonly { readonly given: Given; readonly ask: Ask }[],
  moment: Moment,
): { readonly given: Given; readonly said: string } | undefined {
  const taken = saidBehind(text)
  const { behind, isInterjected } = taken ?? { behind: plainText(text), isInterjected: true }
  const fits = (ask: Ask, said: string) => {
    const understood = understand(ask, textMessage(said), moment)
    return 'fits' in understood ? understood.fits : undefined
  }
  const isFree = waiting?.type === 'text'
  if (waiting && !isFree && [text, behind].some((said) => fits(waiting, said) !== undefined)) return undefined
  const told = instead(behind, moment.language)
  // "não foi no shopping, foi ontem" says no other place.
  const isOfOther = (said: string) =>
    answers.some(({ ask }) => ask.type !== 'text' && ask.type !== 'choice' && fits(ask, said) !== undefined)
  const found = answers.flatMap(({ given, ask }) => {
    if (ask.type === 'choice') return []
    const isText = ask.type === 'text'
    const named = told.find(({ old }) =>
      isText ? placeless(old) === placeless(String(given.value)) : fits(ask, old) === given.value,
    )
    if ((isText || taken === undefined || (isFree && isInterjected)) && named === undefined) return []
    const said = named?.said ?? behind
    // "sim, não no shopping" takes back, and says nothing instead.
    if (isText && (saysNoMore(said, waiting, moment) || isOfOther(said))) return []
    const value = fits(ask, said)
    const isLost = value === undefined || (waiting && ask.type === 'date' && !isDayAlone(said, moment))
    return isLost ? [] : [{ given, said, value }]
  })
  const [only, ...others] = found
  if (only === undefined || others.length > 0) return undefined
  return waiting && !isFree && only.value === only.given.value ? undefined : only
}

function saysNoMore(text: string, waiting: Ask | undefined, moment: Moment): boolean {
  const words = withoutCourtesies(wordsOf(text))
  const isAnswer = waiting?.type === 'choice' && 'fits' in understand(waiting, textMessage(text), moment)
  return isAnswer || plainAnswerIn(words) !== undefined || agrees(words, moment.language)
}

/** `foi ontem no shopping` tells where as well, which would be lost. */
function isDayAlone(text: string, { today, saidOn = today, language, dayBefore }: Moment): boolean {
  return readDayAlone(text, { today: saidOn, language, bounds: {}, dayBefore }) !== undefined
}
