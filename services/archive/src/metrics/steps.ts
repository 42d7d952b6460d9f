import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { STEPS } from '@parley/figures'
import type { Attendance } from './attendance.ts'
import type { Count } from './count.ts'
import { recordedAtOf } from './work.ts'

/** How far customers get with the robot: each flow of a conversation and each step of it once, when the conversation closes. */
export function countSteps({ open }: Attendance, event: ReadEvent<ConversationEvent>): readonly Count[] {
  if (event.type !== 'ConversationClosed' || open === null) return []
  const at = recordedAtOf(event)
  return open.reached.map((flow) => ({ subject: STEPS, at, of: { flow }, add: { reached: 1 } }))
}
