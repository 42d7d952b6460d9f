import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { SURVEYS } from '@parley/figures'
import type { Attendance } from './attendance.ts'
import type { Count } from './count.ts'
import { recordedAtOf } from './work.ts'

/** Scores from here on say that the customer is satisfied. */
export const SATISFIED_MIN = 4

/** How customers judge what ended: for whoever had it, in the window in which they were asked, so that answers are a share of questions. */
export function countSurveys(
  { ended, survey }: Attendance,
  event: ReadEvent<ConversationEvent>,
): readonly Count[] {
  if (event.type === 'SurveyAsked')
    return ended === null
      ? []
      : [{ subject: SURVEYS, at: recordedAtOf(event), of: ended.of, add: { asked: 1 } }]
  if (event.type !== 'SurveyAnswered' || survey === null) return []
  const { score } = event.data
  return [
    {
      subject: SURVEYS,
      at: survey.at,
      of: survey.of,
      add: { surveyed: 1, satisfied: Number(score >= SATISFIED_MIN), score },
    },
  ]
}
