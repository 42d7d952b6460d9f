import { LANGUAGES, type Language } from './language.ts'
import { wordSet } from './typed-text.ts'

/** Each the same word in other letters, as it is typed in a hurry. Of that language alone: `no` is English for não and Portuguese for "in the". */
const SPELLINGS: Record<Language, Readonly<Record<'yes' | 'no', ReadonlySet<string>>>> = {
  pt: {
    yes: wordSet(
      'sim|s|ss|sm|sin|siim|simm|sim sim|ssim|aham|uhum|arram|com certeza|claro|claro que sim|isso sim',
    ),
    no: wordSet('não|nao|naoo|n|nn|nã|naum|ñ|nop|não não|nops|negativo'),
  },
  en: {
    yes: wordSet(
      'yes|y|ye|yea|yeah|yeh|yep|yup|ya|yah|yes yes|yess|aye|uh huh|sure|yes sir|oh yes|yes it is',
    ),
    no: wordSet('no|n|nope|nop|nah|nay|no no|noo|negative|uh uh|no it isnt|no its not'),
  },
  bn: {
    yes: wordSet('হ্যাঁ|হ্যা|হাঁ|হা|হাা|জি|জী|জ্বি|জ্বী|জি হ্যাঁ|জ্বি হ্যাঁ|হ্যাঁ হ্যাঁ|হ্যাঁ জি|ইয়েস|ha|hae|hya|ji|jee|jii'),
    no: wordSet('না|নাহ|জি না|জ্বি না|না না|নো|na|nah|ji na'),
  },
}

/** The words that say the same as these, spelt otherwise: `s`, `siiim` and `yep` for a yes. @param words as `wordsOf` */
export const otherSpellings = (words: string, language: Language): readonly string[] =>
  Object.values(SPELLINGS[language])
    .filter((spellings) => spellings.has(words))
    .flatMap((spellings) => [...spellings])

/** Words for a yes that are others than `sim`, `yes` and `হ্যাঁ`, each with its own spellings. */
const OTHER_YES: readonly ReadonlySet<string>[] = [
  'aham|uhum|arram',
  'com certeza',
  'claro|claro que sim',
  'isso sim',
  'aye',
  'uh huh',
  'sure',
  'yes sir',
  'oh yes',
  'yes it is',
  'জি|জী|জ্বি|জ্বী|ji|jee|jii',
  'জি হ্যাঁ|জ্বি হ্যাঁ|হ্যাঁ জি',
  'ইয়েস',
].map((list) => wordSet(list))

/**
 * Of `otherSpellings` those that are the same word in other letters: `s` and `siiim` for `sim`, and neither `claro` nor `aham`, which agree and do
 * not confirm. A no in whatever words turns back, and does no harm.
 */
export function otherLetters(words: string, language: Language): readonly string[] {
  const all = otherSpellings(words, language)
  if (isPlainNo(words, language)) return all
  const own = OTHER_YES.find((each) => each.has(words))
  return all.filter((word) => OTHER_YES.find((each) => each.has(word)) === own)
}

/** @param words as `wordsOf` */
export const isPlainNo = (words: string, language: Language): boolean => SPELLINGS[language].no.has(words)
export const isPlainYes = (words: string, language: Language): boolean => SPELLINGS[language].yes.has(words)

/** In whichever language: where nobody knows in which one the customer was asked. @param words as `wordsOf` */
export function plainAnswerIn(words: string): 'yes' | 'no' | undefined {
  const said = (answer: 'yes' | 'no') => LANGUAGES.some((language) => SPELLINGS[language][answer].has(words))
  return said('yes') ? 'yes' : said('no') ? 'no' : undefined
}
