import * as z from 'zod/mini'
import { PRESENCE } from '../api/shapes.ts'
import { Names } from '../state/names.ts'

const percent = z.nullable(z.number())
const numbers = {
  withRobot: z.number(),
  waiting: z.number(),
  offered: z.number(),
  withAgent: z.number(),
  parked: z.number(),
  longestWaitSeconds: z.number(),
  serviceLevelPercent: percent,
  abandonedPercent: percent,
  handledToday: z.nullable(z.number()),
  containmentPercent: percent,
  sendsFailed: z.number(),
  sendsUncertain: z.number(),
}
/** Something is wrong, and stays so. Whose names and words it is about, it does not say. */
const alert = z.object({
  id: z.string(),
  rule: z.string(),
  reason: z.string(),
  /** Null: somebody said words. */
  figure: z.nullable(z.string()),
  /** Of which time, where it is none of the wallboard’s own numbers. */
  over: z.nullable(z.enum(['last_hours', 'today'])),
  limit: z.nullable(z.number()),
  isBelow: z.boolean(),
  value: z.nullable(z.number()),
  queue: z.nullable(z.string()),
  team: z.nullable(z.string()),
  conversationId: z.nullable(z.string()),
  openedAt: z.string(),
  acknowledgedAt: z.nullable(z.string()),
})
export type Alert = z.infer<typeof alert>

const totals = z.object(numbers)
export type Numbers = z.infer<typeof totals>

const groups = z.array(z.object({ name: z.string(), ...numbers }))
/** Their waits are those of their queues. */
const ofTeams = z.array(z.object({ name: z.string(), queues: z.array(z.string()), ...numbers }))
/** What the numbers can be told by. */
export const GROUPINGS = ['queue', 'team', 'vendor', 'flow'] as const
export type Grouping = (typeof GROUPINGS)[number]
export type Group = Numbers & { readonly name: string; readonly queues?: readonly string[] }

export const Wallboard = z.object({
  at: z.string(),
  position: z.string(),
  /** For so long the numbers have not been all that happened. */
  behindSeconds: z.number(),
  /** The robot's conversations are counted, too, and flows are told. */
  seesAll: z.boolean(),
  totals,
  queues: groups,
  teams: ofTeams,
  vendors: ofTeams,
  flows: groups,
  agents: z.array(
    z.object({
      id: z.string(),
      name: z.nullable(z.string()),
      status: z.enum(PRESENCE),
      since: z.nullable(z.string()),
      load: z.number(),
      capacity: z.number(),
    }),
  ),
  alerts: z.array(alert),
  /** How many are open: of very many not all are told. */
  alertCount: z.optional(z.number()),
})
export type Wallboard = z.infer<typeof Wallboard>

/** What the company wants its numbers to be, and how it calls what they are told by. What is left out is compared with nothing. */
export const Targets = z.object({
  names: z.optional(Names),
  teams: z.optional(z.record(z.string(), z.string())),
  waitingMax: z.optional(z.number()),
  longestWaitSecondsMax: z.optional(z.number()),
  serviceLevelPercentMin: z.optional(z.number()),
  abandonedPercentMax: z.optional(z.number()),
  containmentPercentMin: z.optional(z.number()),
})
export type Targets = z.infer<typeof Targets>

const narrowing = z.optional(z.string())
const filter = z.object({ queue: narrowing, team: narrowing, vendor: narrowing, flow: narrowing })
export type TelevisionFilter = z.infer<typeof filter>
/** A screen on a wall, and until when its address is good. */
export const Televisions = z.object({
  televisions: z.array(z.object({ id: z.string(), filter, expiresAt: z.string() })),
})
export type Television = z.infer<typeof Televisions>['televisions'][number]
/** Its address is told once. */
export const MadeTelevision = z.object({ url: z.string() })
