import type { WallboardParts } from './wallboard.ts'

/** Nothing goes on, in a company of which nothing is known. */
export const NOTHING: WallboardParts = {
  now: new Date(0),
  position: '0',
  behindSeconds: 0,
  counts: [],
  figures: undefined,
  agents: [],
  alerts: [],
  alertCount: 0,
  queues: [],
  teams: [],
  vendors: [],
  flows: [],
  seesAll: true,
  isWhole: true,
  narrowedBy: [],
  team: undefined,
  queue: undefined,
  vendor: undefined,
  flow: undefined,
}
