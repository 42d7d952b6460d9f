import { metricNamed } from '../figures/catalogue.ts'
import { DEFINITIONS } from '../figures/definitions/definitions.ts'
import type { Language } from '../state/written-language.ts'
import type { WallboardTexts } from './texts.ts'

/** By the names of the service. */
const OF_FIGURES = {
  withRobot: 'withRobot',
  waiting: 'waiting',
  offered: 'offered',
  withAgent: 'withAgent',
  parked: 'parked',
  longestWaitSeconds: 'longestWait',
  serviceLevelPercent: 'serviceLevel',
  abandonedPercent: 'abandoned',
  handledToday: 'handled',
  containmentPercent: 'containment',
  sendsFailed: 'sendsFailed',
  sendsUncertain: 'sendsUncertain',
} as const

/**
 * What an alert is about; a figure that this page does not know yet is named as the service has it. It stands beside the texts of the
 * wallboard, not in them: the desk loads those at once, and would load the definitions of all figures with them.
 */
export function alertText(texts: WallboardTexts, language: Language, figure: string | null): string {
  if (figure === null) return texts.wordsSaid
  if (Object.hasOwn(OF_FIGURES, figure)) return texts.numbers[OF_FIGURES[figure as keyof typeof OF_FIGURES]]
  const metric = metricNamed(figure)
  return metric === undefined ? figure : DEFINITIONS[language][metric][0]
}
