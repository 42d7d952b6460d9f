import { plainText } from '@parley/conversation/said'
import { readDayAlone } from './day-reading.ts'
import type { Ask } from './flow.ts'
import { textMessage } from './messages.ts'
import type { Given } from './session.ts'
import { type Moment, understand } from './understanding.ts'

/** "na verdade o final é 4321", said to a later question: what the customer takes back, in words and without quoting what asked for it. Pure. */

/** They may take something back, and are said before any answer too: `ah, foi ontem no shopping`. */
const INTERJECTIONS =
  'ah|ih|opa|eita|perdão|perdao|desculpa|desculpe|espera|pera|sorry|wait|hold on|সরি|দুঃখিত'
/** `não foi ontem` denies; only apart from what follows is a no to what was said before. */
const TAKES_BACK = [
  'ops|oops|na verdade|aliás|alias|errei|me enganei|corrigindo|correção|correcao|quer dizer|digo|minto',
  'actually|i mean|correction|my mistake|my bad',
  'আসলে|মানে|asole',
  '(?:não|nao|no|না)(?=\\s*[,.;:!…-])',
].join('|')
const beginning = (words: string) =>
  new RegExp(`^[^\\p{L}\\p{N}]*(?:(?:${words})(?![\\p{L}\\p{M}\\p{N}])[\\s,.;:!…-]*)+`.normalize('NFC'), 'iu')
const INTERJECTED = beginning(INTERJECTIONS)
const TAKEN_BACK = beginning(`${INTERJECTIONS}|${TAKES_BACK}`)
/** `a data tá errada, foi anteontem`. */
const CALLED_WRONG =
  /^[^,.;:!\n]{0,60}(?:errad[oa]s?|incorret[oa]s?|wrong|incorrect|ভুল)(?![\p{L}\p{M}])\s*[,.;:!…\n-]\s*/iu
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
 * The one earlier answer that a text corrects, and the value that it says instead. A free answer and an option are none: any words would fit them.
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
  const { instead, isInterjected } = saidInstead(text) ?? {}
  if (instead === undefined) return undefined
  const fits = (ask: Ask, said: string) => {
    const understood = understand(ask, textMessage(said), moment)
    return 'fits' in understood ? understood.fits : undefined
  }
  const isFree = waiting?.type === 'text'
  if (waiting && !isFree && [text, instead].some((said) => fits(waiting, said) !== undefined))
    return undefined
  const [, before = '', old = ''] = INSTEAD_OF.exec(instead) ?? []
  const found = answers.flatMap(({ given, ask }) => {
    if (ask.type === 'text' || ask.type === 'choice') return []
    const isOldNamed = fits(ask, old) === given.value
    if (isFree && isInterjected && !isOldNamed) return []
    const said = isOldNamed ? before : instead
    const value = fits(ask, said)
    const isLost = value === undefined || (waiting && ask.type === 'date' && !isDayAlone(said, moment))
    return isLost ? [] : [{ given, said, value }]
  })
  const [only, ...others] = found
  if (only === undefined || others.length > 0) return undefined
  return waiting && !isFree && only.value === only.given.value ? undefined : only
}

/** `foi ontem no shopping` tells where as well, which would be lost. */
function isDayAlone(text: string, { today, saidOn = today, language, dayBefore }: Moment): boolean {
  return readDayAlone(text, { today: saidOn, language, bounds: {}, dayBefore }) !== undefined
}
