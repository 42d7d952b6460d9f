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
