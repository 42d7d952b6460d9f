import type { Language } from '../state/written-language.ts'
import { bn } from './bn.ts'
import { type Texts, en } from './en.ts'
import { pt } from './pt.ts'

export type { Texts } from './en.ts'
export const TEXTS: Readonly<Record<Language, Texts>> = { pt, en, bn }
