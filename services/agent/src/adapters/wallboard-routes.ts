import { randomUUID } from 'node:crypto'
import { auditPerson } from '@parley/audit'
import { type Person, type Roster, permissionsOf } from '@parley/people'
import type { WallboardTargets } from '@parley/proto/workforce-configuration'
import {
  type EventStream,
  type EventStreams,
  HttpRefusal,
  type RecordAct,
  bodyOf,
  queryOf,
} from '@parley/service'
import { PRESENCES } from '@parley/workforce'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Sight } from '../conversation/viewing.ts'
import type { Wallboard } from '../wallboard/wallboard.ts'
import { alertShape } from './alerts/routes.ts'
import { sightOf } from './desk-sight.ts'
import { signedInOf } from './doorkeeper.ts'
import { type Names, namesShape } from './names-file.ts'
import type { Televisions } from './televisions.ts'
import type { WallboardFilter, Wallboards } from './wallboards.ts'

export interface WallboardRoutes {
  readonly wallboards: Pick<Wallboards, 'read' | 'watch'>
  readonly televisions: Pick<Televisions, 'add' | 'list' | 'remove' | 'of'>
  readonly roster: Roster
  /** As they are now; undefined: nobody, or somebody who was deactivated. */
  personNow(id: string): Promise<Person | undefined>
  targets(): WallboardTargets | undefined
  readonly names: Names
  readonly record: RecordAct
  readonly publicUrl: URL
}

/** Half of the second within which a television goes dark whose token ended, or whose person is no longer who set its sight. */
const LOOKED_AT_EVERY_MS = 500

const filter = z.object({
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
const wallboard = z.object({
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
  alerts: z.array(alertShape),
})

const wanted = z.object({
  waitingMax: count.exactOptional(),
  longestWaitSecondsMax: count.exactOptional(),
  serviceLevelPercentMin: count.exactOptional(),
  abandonedPercentMax: count.exactOptional(),
  containmentPercentMin: count.exactOptional(),
  names: namesShape.pick({ queues: true, flows: true }),
  teams: z.record(z.string(), z.string()).describe('the name of each, by its id'),
})

const television = z.object({ id: z.string(), url: z.string(), expiresAt: time })
const televisionShape = z.object({ id: z.string(), personId: z.string(), filter, expiresAt: time })

/** What goes on now, for who watches over it: of the person's scope. */
export function addWallboardRoutes(
  app: FastifyInstance,
  streams: EventStreams,
  { wallboards, televisions, roster, personNow, targets, names, record, publicUrl }: WallboardRoutes,
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

  const { queues, flows } = names
  const told = () => ({
    ...Object.fromEntries(
      Object.entries(targets() ?? {}).filter(
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
        response: { 200: wanted },
      },
    },
    (_request, reply) => reply.send(told()),
  )

  const televisionsOf = (request: FastifyRequest) => {
    const { id, roles } = signedInOf(request)
    return televisions.list(roles.includes('administrator') ? undefined : id)
  }
  const recordTelevision = (
    request: FastifyRequest,
    type: 'television_added' | 'television_ended',
    id: string,
    shown: WallboardFilter,
  ) =>
    record({
      type,
      person: auditPerson(signedInOf(request)),
      subject: { kind: 'television', id },
      fields: Object.fromEntries(
        Object.entries(shown).flatMap(([by, name]) => (name === undefined ? [] : [[by, name]])),
      ),
    })
  app.get(
    '/api/wallboard/televisions',
    {
      config: { access },
      schema: {
        summary: "Screens on walls whose address is good: one's own, or all for an administrator.",
        response: { 200: z.object({ televisions: z.array(televisionShape) }) },
      },
    },
    async (request, reply) => reply.send({ televisions: [...(await televisionsOf(request))] }),
  )
  app.post(
    '/api/wallboard/televisions',
    {
      config: { access, isKeyed: false },
      schema: {
        summary:
          'An address for a screen on a wall, which shows these numbers without a sign-in. It is told once.',
        body: filter,
        response: { 200: television },
      },
    },
    async (request, reply) => {
      const id = randomUUID()
      const shown = bodyOf(request, filter)
      // On record before it is done, and not done while that cannot be.
      await recordTelevision(request, 'television_added', id, shown)
      const { token, expiresAt } = await televisions.add(id, signedInOf(request).id, shown)
      return reply.send({ id, url: new URL(`/tv/${token}`, publicUrl).href, expiresAt })
    },
  )
  app.delete<{ Params: { id: string } }>(
    '/api/wallboard/televisions/:id',
    {
      config: { access, isKeyed: false },
      schema: {
        summary: "The address of such a screen is good no more: one's own, or any for an administrator.",
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const own = await televisionsOf(request)
      const ended = own.find(({ id }) => id === request.params.id)
      if (ended !== undefined) {
        await recordTelevision(request, 'television_ended', ended.id, ended.filter)
        await televisions.remove(ended.id)
      }
      return reply.code(204).send()
    },
  )

  const watching = async (
    token: string,
  ): Promise<{ readonly person: Person; readonly filter: WallboardFilter }> => {
    const known = await televisions.of(token)
    const person = known && (await personNow(known.personId))
    if (known === undefined || person === undefined || !permissionsOf(person.roles).includes('metrics.read'))
      throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.')
    return { person, filter: known.filter }
  }
  app.get<{ Params: { token: string } }>(
    '/tv/:token/targets',
    { config: { access: 'capability' } },
    async (request, reply) => {
      await watching(request.params.token)
      return reply.header('cache-control', 'no-store').send(told())
    },
  )
  app.get<{ Params: { token: string } }>(
    '/tv/:token/stream',
    { config: { access: 'capability', stream: true } },
    async (request, reply) => {
      const { token } = request.params
      const { person, filter: shown } = await watching(token)
      const look = async (stream: EventStream): Promise<void> => {
        const now = await watching(token).catch(() => undefined)
        // With other rights it comes back, and sees what they are now.
        if (JSON.stringify(now?.person) === JSON.stringify(person)) return
        stream.send('dark', {})
        stream.end()
      }
      return streams.open(request, reply, (stream) => {
        stream.retryAfter(1_000)
        const unwatch = wallboards.watch(new Sight(person, roster), shown, (now) =>
          stream.send('wallboard', numbersOf(now)),
        )
        let isLooking = false
        const looking = setInterval(() => {
          // While nobody can be looked up, nobody knows who may still watch.
          if (streams.isBlind) return stream.end()
          if (isLooking) return
          isLooking = true
          void look(stream).finally(() => (isLooking = false))
        }, LOOKED_AT_EVERY_MS)
        return () => {
          clearInterval(looking)
          unwatch()
        }
      })
    },
  )
}

/** Of people it shows how many, and nobody. */
function numbersOf({ agents, alerts, ...wallboard }: Wallboard): Wallboard {
  return {
    ...wallboard,
    agents: agents.map((agent, index) => ({ ...agent, id: String(index + 1), name: null })),
    alerts: alerts.map((alert) => ({ ...alert, conversationId: null, acknowledgedBy: null })),
  }
}
