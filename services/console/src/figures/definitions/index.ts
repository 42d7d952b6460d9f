import { useSurroundings } from '../../screen/work.tsx'
import { DEFINITIONS } from './definitions.ts'
import type { Definitions } from './en.ts'

export const useDefinitions = (): Definitions => DEFINITIONS[useSurroundings().settings.language]
