/** What the console's home page shows. */
export interface Overview {
  /** With the robot, ending, closed: nobody's, so only who sees all conversations is told how many; null for everybody else. */
  readonly withRobotCount: number | null
  readonly waitingCount: number
  readonly endingCount: number | null
  readonly closedTodayCount: number | null
  /** Longest waiting first, at most `WAITING_SHOWN_MAX`. */
  readonly waiting: readonly WaitingConversation[]
}

export interface WaitingConversation {
  readonly conversationId: string
  readonly queue: string
  readonly reason: string
  readonly since: string
}

export const WAITING_SHOWN_MAX = 100

/** The moment at which `now`'s day began in that time zone. */
export function startOfDay(now: Date, timeZone: string): Date {
  const wall = wallClock(now, timeZone)
  const midnight = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate())
  // The offset of the day's beginning may differ from the present one: clocks change. Twice is enough for any zone.
  let start = midnight - (wall.getTime() - now.getTime())
  for (let pass = 0; pass < 2; pass += 1)
    start = midnight - (wallClock(new Date(start), timeZone).getTime() - start)
  return new Date(start)
}

/** The time that a clock on the wall of that zone shows, written as if it were UTC; whole seconds. */
function wallClock(moment: Date, timeZone: string): Date {
  const parts = new Map(
    new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  return new Date(
    Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
      moment.getUTCMilliseconds(),
    ),
  )
}
