export const LANGUAGES = ['pt', 'en', 'bn'] as const
export type Language = (typeof LANGUAGES)[number]

const COMMON: Readonly<Record<'pt' | 'en', ReadonlySet<string>>> = {
  pt: new Set(
    'o a os as um uma de do da em no na que não sim com para por você seu sua está é são foi mais já obrigado obrigada bom boa dia como posso cartão favor olá'.split(
      ' ',
    ),
  ),
  en: new Set(
    'the an of in on and to is are was your you it this that not yes with for from have has will can please thank thanks hello how what card good we our my'.split(
      ' ',
    ),
  ),
}

/** The language that a text is plainly in; undefined where it does not say, as a number or a greeting does not. */
export function writtenLanguage(text: string): Language | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const bengali = text.match(/\p{Script=Bengali}/gu)?.length ?? 0
  if (bengali >= 3 && bengali * 2 > letters) return 'bn'
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  const [pt, en] = [
    words.filter((word) => COMMON.pt.has(word)).length,
    words.filter((word) => COMMON.en.has(word)).length,
  ]
  if (Math.max(pt, en) < 2 || pt === en) return undefined
  return pt > en ? 'pt' : 'en'
}
