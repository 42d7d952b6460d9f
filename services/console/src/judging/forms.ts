import type { PageProps } from '../places/frame.tsx'
import { useSurroundings } from '../screen/work.tsx'
import type { Form, Scorecards } from './shapes.ts'

export interface JudgingProps extends PageProps {
  readonly scorecards: Scorecards
  readonly mayJudge: boolean
}

export const newestOf = (forms: readonly Form[], name: string): Form | undefined =>
  forms.filter((form) => form.name === name).sort((one, other) => other.version - one.version)[0]

export function useFormTitle(forms: readonly Form[]): (name: string) => string {
  const { language } = useSurroundings().settings
  return (name) => newestOf(forms, name)?.title[language] ?? name
}
