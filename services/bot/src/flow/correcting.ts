import { plainAnswerIn, plainText, withoutCourtesies, wordsOf } from '@parley/conversation/said'
import { readDayAlone } from './day-reading.ts'
import type { Ask } from './flow.ts'
import { textMessage } from './messages.ts'
import type { Given } from './session.ts'
import { type Moment, understand } from './understanding.ts'
import { agrees } from './wording.ts'

/** "na verdade o final é 4321", said to a later question: what the customer takes back, in words and without quoting what asked for it. Pure. */

/** They may take something back, and are said before any answer too: `ah, foi ontem no shopping`. */
const INTERJECTIONS =
  'ah|ih|opa|eita|putz|nossa|calma|perdão|perdao|foi mal|(?:mil )?desculpas?|desculpe|espera|pera|peraí|perai|pera aí|(?:não|nao|no) (?:pera|peraí|espera|wait)|oh|sorry|apologies|wait|hold on|সরি|দুঃখিত|ওহ'
/** `não foi ontem` denies; only apart from what follows is a no to what was said before. */
const TAKES_BACK = [
  'ops|oops|na verdade|aliás|alias|(?:eu )?(?:errei|me enganei|me confundi|troquei)|corrigindo|retificando|correção|correcao|quer dizer|digo|minto',
  'actually|i mean|correction|typo|whoops|scratch that|(?:i made a )?mistake|my mistake|my bad|let me correct (?:that|it)',
  'আসলে|মানে|ভুল (?:হয়েছে|লিখেছি|বলেছি)|asole|(?:vul|bhul) (?:hoise|hoyeche|likhsi|likhechi|bolsi)',
  '(?:(?:não|nao|no|nope|না|na)\\s*)+(?=[,.;:!…-])',
].join('|')
const beginning = (words: string) =>
  new RegExp(`^[^\\p{L}\\p{N}]*(?:(?:${words})(?![\\p{L}\\p{M}\\p{N}])[\\s,.;:!…-]*)+`.normalize('NFC'), 'iu')
const INTERJECTED = beginning(INTERJECTIONS)
const TAKEN_BACK = beginning(`${INTERJECTIONS}|${TAKES_BACK}`)
/** `a data tá errada, foi anteontem`. */
const CALLED_WRONG =
  /^[^,.;:!\n]{0,60}(?:errad[oa]s?|incorret[oa]s?|wrong|incorrect|ভুল|vul|bhul)(?![\p{L}\p{M}])\s*[,.;:!…\n-]\s*/iu
/** What it is not: `4321, not 4312`. */
const INSTEAD_OF =
  /^(.+?)[\s,]+(?:e não|e nao|não|nao|and not|not|instead of|rather than|em vez de|no lugar de|নয়)\s+(.+)$/isu

/** What stands behind words that take something back; undefined: none are there. */
function saidInstead(
  text: string,
): { readonly instead: string; readonly isInterjected: boolean } | undefined {
  const plain = plainText(text)
  const interjected = plain.replace(INTERJECTED, '')
  const instead = interjected.replace(TAKEN_BACK, '').replace(CALLED_WRONG, '').replace(TAKEN_BACK, '')
  if (instead === plain || instead.trim() === '') return undefined
  return { instead, isInterjected: instead === interjected }
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
  const taken = saidInstead(text)
  const { instead, isInterjected } = taken ?? { instead: plainText(text), isInterjected: true }
  const fits = (ask: Ask, said: string) => {
    const understood = understand(ask, textMessage(said), moment)
    return 'fits' in understood ? understood.fits : undefined
  }
  const isFree = waiting?.type === 'text'
  if (waiting && !isFree && [text, instead].some((said) => fits(waiting, said) !== undefined))
    return undefined
  const [, before = '', old = ''] = INSTEAD_OF.exec(instead) ?? []
  const found = answers.flatMap(({ given, ask }) => {
    if (ask.type === 'choice') return []
    const isText = ask.type === 'text'
    const isOldNamed = isText ? wordsOf(old) === wordsOf(String(given.value)) : fits(ask, old) === given.value
    if ((isText || taken === undefined || (isFree && isInterjected)) && !isOldNamed) return []
    // "sim, não no shopping" takes back, and says nothing instead.
    if (isText && saysNoMore(before, waiting, moment)) return []
    const said = isOldNamed ? before : instead
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
