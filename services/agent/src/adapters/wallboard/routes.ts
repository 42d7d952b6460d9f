import type { WallboardTargets } from '@parley/proto/workforce-configuration'
import { type EventStreams, framesOf, queryOf, sentAs } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { sightOf } from '../desk/sight.ts'
import type { Names } from '../company-files/names-file.ts'
import { type TelevisionRoutes, addTelevisionRoutes } from './television-routes.ts'
import { targetsShape, wallboardFilter, wallboardShape } from './shapes.ts'
import type { Wallboard } from '../../wallboard/wallboard.ts'
import type { Wallboards } from './wallboards.ts'

export interface WallboardRoutes extends Omit<TelevisionRoutes, 'targets'> {
  readonly wallboards: Pick<Wallboards, 'read' | 'watch'>
  targets(): WallboardTargets | undefined
  readonly names: Names
}

/** What goes on now, for who watches over it: of the person's scope. */
export function addWallboardRoutes(app: FastifyInstance, streams: EventStreams, site: WallboardRoutes): void {
  const { wallboards, roster, names } = site
  const access = { permission: 'metrics.read' } as const
  const frame = framesOf('wallboard', (shown: Wallboard) => shown)
  app.get(
    '/api/wallboard',
    {
      config: { access },
      schema: {
        summary: 'What runs and waits, who is there, and the figures of today: of the scope of the person.',
        querystring: wallboardFilter,
        response: { 200: wallboardShape },
      },
    },
    async (request, reply) =>
      reply.send(await wallboards.read(sightOf(request, roster), queryOf(request, wallboardFilter))),
  )

  app.get(
    '/api/wallboard/stream',
    {
      config: { access, stream: true },
      schema: {
        summary:
          'Server-sent events: wallboard, with the same; whenever it changed, at most four times a second, and every two seconds.',
        querystring: wallboardFilter,
        response: { 200: sentAs('text/event-stream') },
      },
    },
    async (request, reply) => {
      const sight = sightOf(request, roster)
      const narrowing = queryOf(request, wallboardFilter)
      return streams.open(request, reply, (stream) => {
        stream.retryAfter(1_000)
        return wallboards.watch(sight, narrowing, (shown) => stream.sendNewest(frame(shown)))
      })
    },
  )

  const { queues, flows } = names
  const told = () => ({
    ...Object.fromEntries(
      Object.entries(site.targets() ?? {}).filter(
        ([name, value]) => name !== '_unknownFields' && value !== undefined,
      ),
    ),
    names: { queues, flows },
    teams: Object.fromEntries([...roster.teams].map(([id, team]) => [id, team.name])),
  })
  app.get(
    '/api/wallboard/targets',
    {
      config: { access },
      schema: {
        summary:
          'What the company wants its numbers to be, and how it calls queues, flows and teams; what is left out is compared with nothing.',
        response: { 200: targetsShape },
      },
    },
    (_request, reply) => reply.send(told()),
  )

  addTelevisionRoutes(app, streams, {
    ...site,
    // Whoever is in the room reads along: what else the company has is not written on that wall.
    targets(sight) {
      const seesAll = sight.scope.kind === 'all'
      const all = told()
      return {
        ...all,
        names: {
          queues: only(queues, (name) => sight.servesQueue(name)),
          flows: only(flows, () => seesAll),
        },
        teams: only(all.teams, (id) => seesAll || sight.team === id),
      }
    },
  })
}

function only<Value>(
  all: Readonly<Record<string, Value>>,
  isSeen: (name: string) => boolean,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => isSeen(name)))
}
