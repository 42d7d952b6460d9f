import type { Language } from '../../state/written-language.ts'
import { bn } from './bn.ts'
import { type Definitions, en } from './en.ts'
import { pt } from './pt.ts'

/** In words what docs/reference/metrics.md defines by events. */
export const DEFINITIONS: Readonly<Record<Language, Definitions>> = { pt, en, bn }
