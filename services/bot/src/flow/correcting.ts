import { plainText } from '@parley/conversation/said'
import type { Ask } from './flow.ts'
import { textMessage } from './messages.ts'
import type { Given } from './session.ts'
import { type Moment, understand } from './understanding.ts'

/** "na verdade o final é 4321", said to a later question: what the customer takes back, in words and without quoting what asked for it. Pure. */

/** `não foi ontem` denies; only apart from what follows is a no to what was said before. */
const TAKEN_BACK = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:(?:${[
    '(?:ah|ih|opa|ops|oops|eita|na verdade|aliás|alias|errei|me enganei|corrigindo|correção|correcao|quer dizer|digo|minto|perdão|perdao|desculpa|desculpe|espera|pera)',
    '(?:actually|oops|sorry|i mean|correction|my mistake|my bad|wait|hold on)',
    '(?:আসলে|সরি|দুঃখিত|মানে|asole)',
    '(?:não|nao|no|না)(?=\\s*[,.;:!…-])',
  ].join('|')})(?![\\p{L}\\p{M}\\p{N}])[\\s,.;:!…-]*)+`.normalize('NFC'),
  'iu',
)
/** `a data tá errada, foi anteontem`. */
const CALLED_WRONG =
  /^[^,.;:!\n]{0,60}(?:errad[oa]s?|incorret[oa]s?|wrong|incorrect|ভুল)(?![\p{L}\p{M}])\s*[,.;:!…\n-]\s*/iu
/** What it is not: `4321, not 4312`. */
const INSTEAD_OF =
  /^(.+?)[\s,]+(?:e não|e nao|não|nao|and not|not|instead of|rather than|em vez de|no lugar de|নয়)\s+(.+)$/isu

/** What stands behind words that take something back; undefined: none are there. */
function saidInstead(text: string): string | undefined {
  const plain = plainText(text)
  const rest = plain.replace(TAKEN_BACK, '').replace(CALLED_WRONG, '').replace(TAKEN_BACK, '')
  return rest === plain || rest.trim() === '' ? undefined : rest
}

/**
 * The one earlier answer that a text corrects, and the value that it says instead. A free answer and an option are none: any words would fit them.
 * Undefined too where it would fit two, or the question that waits.
 */
export function correctionIn(
  text: string,
  waiting: Ask,
  answers: readonly { readonly given: Given; readonly ask: Ask }[],
  moment: Moment,
): { readonly given: Given; readonly said: string } | undefined {
  const instead = saidInstead(text)
  if (instead === undefined) return undefined
  const fits = (ask: Ask, said: string) => {
    const understood = understand(ask, textMessage(said), moment)
    return 'fits' in understood ? understood.fits : undefined
  }
  if (waiting.type !== 'text' && [text, instead].some((said) => fits(waiting, said) !== undefined))
    return undefined
  const [, before = '', old = ''] = INSTEAD_OF.exec(instead) ?? []
  const found = answers.flatMap(({ given, ask }) => {
    if (ask.type === 'text' || ask.type === 'choice') return []
    const said = fits(ask, old) === given.value ? before : instead
    return fits(ask, said) === undefined ? [] : [{ given, said }]
  })
  return found.length === 1 ? found[0] : undefined
}
