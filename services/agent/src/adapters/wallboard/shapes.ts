import { PRESENCES } from '@parley/workforce'
import { z } from 'zod'
import { alertShape } from '../alerts/routes.ts'
import { namesShape } from '../company-files/names-file.ts'

export const wallboardFilter = z.object({
  queue: z.string().max(80).optional(),
  team: z.string().max(80).optional().describe('what it has or had last, and what waits in its queues'),
  vendor: z.string().max(120).optional().describe('the same of its teams'),
  flow: z.string().max(80).optional().describe('the last one of the robot'),
})

const count = z.int().min(0)
const percent = z.number().nullable()
const numbers = {
  withRobot: count,
  waiting: count,
  offered: count,
  withAgent: count,
  parked: count,
  longestWaitSeconds: count,
  serviceLevelPercent: percent,
  abandonedPercent: percent,
  handledToday: count.nullable(),
  containmentPercent: percent,
  sendsFailed: count,
  sendsUncertain: count,
}
const named = z.array(z.object({ name: z.string(), ...numbers }))
const ofTeams = z.array(
  z.object({
    name: z.string(),
    queues: z.array(z.string()).describe('whose waits its service level and abandonment count'),
    ...numbers,
  }),
)
const time = z.iso.datetime()
export const wallboardShape = z.object({
  at: time,
  position: z.string(),
  behindSeconds: count.describe('for so long the numbers have not been all that happened; 0: they are'),
  seesAll: z.boolean().describe("the robot's conversations are counted, too, and flows are told"),
  totals: z.object(numbers),
  queues: named,
  teams: ofTeams,
  vendors: ofTeams,
  flows: named,
  agents: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      status: z.enum(PRESENCES),
      since: time.nullable(),
      load: count,
      capacity: count,
    }),
  ),
  alerts: z.array(alertShape).describe('open ones, those that nobody looks after first, 50 at most'),
  alertCount: count.describe('how many are open'),
})

export const targetsShape = z.object({
  waitingMax: count.exactOptional(),
  longestWaitSecondsMax: count.exactOptional(),
  serviceLevelPercentMin: count.exactOptional(),
  abandonedPercentMax: count.exactOptional(),
  containmentPercentMin: count.exactOptional(),
  names: namesShape.pick({ queues: true, flows: true }),
  teams: z.record(z.string(), z.string()).describe('the name of each, by its id'),
})
