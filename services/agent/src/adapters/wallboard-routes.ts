import type { Roster } from '@parley/people'
import { type EventStreams, queryOf } from '@parley/service'
import { PRESENCES } from '@parley/workforce'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sightOf } from './desk-sight.ts'
import type { Wallboards } from './wallboards.ts'

export interface WallboardRoutes {
  readonly wallboards: Pick<Wallboards, 'read' | 'watch'>
  readonly roster: Roster
}

const filter = z.object({
  queue: z.string().max(80).optional(),
  team: z.string().max(80).optional().describe('what it has or had last, and what waits in its queues'),
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
}
const time = z.iso.datetime()
const wallboard = z.object({
  at: time,
  position: z.string(),
  totals: z.object(numbers),
  queues: z.array(z.object({ name: z.string(), ...numbers })),
  agents: z.array(
    z.object({
      id: z.string(),
      status: z.enum(PRESENCES),
      since: time.nullable(),
      load: count,
      capacity: count,
    }),
  ),
})

/** What goes on now, for who watches over it: of the person's scope. */
export function addWallboardRoutes(
  app: FastifyInstance,
  streams: EventStreams,
  { wallboards, roster }: WallboardRoutes,
): void {
  const access = { permission: 'metrics.read' } as const
  app.get(
    '/api/wallboard',
    {
      config: { access },
      schema: {
        summary: 'What runs and waits, who is there, and the figures of today: of the scope of the person.',
        querystring: filter,
        response: { 200: wallboard },
      },
    },
    async (request, reply) =>
      reply.send(await wallboards.read(sightOf(request, roster), queryOf(request, filter))),
  )

  app.get(
    '/api/wallboard/stream',
    {
      config: { access, stream: true },
      schema: {
        summary:
          'Server-sent events: wallboard, with the same; whenever it changed, at most four times a second, and every two seconds.',
        querystring: filter,
      },
    },
    async (request, reply) => {
      const sight = sightOf(request, roster)
      const narrowing = queryOf(request, filter)
      return streams.open(request, reply, (stream) => {
        stream.retryAfter(1_000)
        return wallboards.watch(sight, narrowing, (shown) => stream.send('wallboard', shown))
      })
    },
  )
}
