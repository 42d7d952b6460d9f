import { randomUUID } from 'node:crypto'
import { auditPerson } from '@parley/audit'
import { type Person, type Roster, permissionsOf } from '@parley/people'
import {
  type EventStream,
  type EventStreams,
  HttpRefusal,
  type RecordAct,
  bodyOf,
  framesOf,
} from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Sight } from '../../conversation/viewing.ts'
import type { Wallboard } from '../../wallboard/wallboard.ts'
import { nothing } from '../desk-changes/desk-changes.ts'
import { notThere } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { TELEVISIONS_MAX, type Television, type Televisions } from './televisions.ts'
import { wallboardFilter } from './shapes.ts'
import type { WallboardFilter, Wallboards } from './wallboards.ts'

export interface TelevisionRoutes {
  readonly wallboards: Pick<Wallboards, 'watch'>
  readonly televisions: Pick<Televisions, 'add' | 'list' | 'remove' | 'of'>
  readonly roster: Roster
  /** As they are now; undefined: nobody, or somebody who was deactivated. */
  personNow(id: string): Promise<Person | undefined>
  /** What the numbers are compared with, and how what that sight has is called. */
  targets(sight: Sight): object
  readonly record: RecordAct
  readonly publicUrl: URL
}

/** Half of the second within which a television goes dark whose token ended, or whose person is no longer who set its sight. */
const LOOKED_AT_EVERY_MS = 500

const television = z.object({ id: z.string(), url: z.string(), expiresAt: z.iso.datetime() })
const televisionShape = z.object({
  id: z.string(),
  personId: z.string(),
  filter: wallboardFilter,
  expiresAt: z.iso.datetime(),
})

/** Screens on walls, which show a wallboard to whoever is in the room: nobody is signed in there, and their address is all that they need. */
export function addTelevisionRoutes(
  app: FastifyInstance,
  streams: EventStreams,
  { wallboards, televisions, roster, personNow, targets, record, publicUrl }: TelevisionRoutes,
): void {
  const access = { permission: 'metrics.read' } as const
  const frame = framesOf('wallboard', numbersOf)
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
        body: wallboardFilter,
        response: { 200: television },
      },
    },
    async (request, reply) => {
      const id = randomUUID()
      const shown = bodyOf(request, wallboardFilter)
      const { id: personId } = signedInOf(request)
      const added = await televisions.add(id, personId, shown)
      if (added === undefined)
        throw new HttpRefusal(
          409,
          'TOO_MANY_TELEVISIONS',
          `A person has ${TELEVISIONS_MAX} screens at most: end one first.`,
        )
      // On record before anybody is told its address; while that cannot be there is none.
      try {
        await recordTelevision(request, 'television_added', id, shown)
      } catch (error) {
        await televisions.remove(id)
        throw error
      }
      return reply.send({
        id,
        url: new URL(`/tv/${added.token}`, publicUrl).href,
        expiresAt: added.expiresAt,
      })
    },
  )
  app.delete<{ Params: { id: string } }>(
    '/api/wallboard/televisions/:id',
    {
      config: { access, isKeyed: false },
      schema: {
        summary: "The address of such a screen is good no more: one's own, or any for an administrator.",
        body: nothing,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const own = await televisionsOf(request)
      const ended = own.find(({ id }) => id === request.params.id)
      if (ended === undefined) {
        const all = await televisions.list(undefined)
        throw notThere(
          'screen',
          all.some(({ id }) => id === request.params.id),
        )
      }
      bodyOf(request, nothing)
      await recordTelevision(request, 'television_ended', ended.id, ended.filter)
      await televisions.remove(ended.id)
      return reply.code(204).send()
    },
  )

  const watching = async (
    token: string,
  ): Promise<Pick<Television, 'id' | 'filter'> & { readonly person: Person }> => {
    const known = await televisions.of(token)
    const person = known && (await personNow(known.personId))
    if (known === undefined || person === undefined || !permissionsOf(person.roles).includes('metrics.read'))
      throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.')
    return { id: known.id, person, filter: known.filter }
  }
  app.get<{ Params: { token: string } }>(
    '/tv/:token/targets',
    { config: { access: 'capability' } },
    async (request, reply) => {
      const { person } = await watching(request.params.token)
      return reply.header('cache-control', 'no-store').send(targets(new Sight(person, roster)))
    },
  )
  app.get<{ Params: { token: string } }>(
    '/tv/:token/stream',
    { config: { access: 'capability', stream: true } },
    async (request, reply) => {
      const { token } = request.params
      const { id, person, filter: shown } = await watching(token)
      const look = async (stream: EventStream): Promise<void> => {
        let now: Person | undefined
        try {
          now = (await watching(token)).person
        } catch (error) {
          // While the store is away nobody has ended it; where it stays away nobody watches any more (`isBlind`).
          if (!(error instanceof HttpRefusal)) return
        }
        // With other rights it comes back, and sees what they are now.
        if (JSON.stringify(now) === JSON.stringify(person)) return
        stream.send('dark', {})
        stream.end()
      }
      const begin = (stream: EventStream) => {
        stream.retryAfter(1_000)
        const unwatch = wallboards.watch(new Sight(person, roster), shown, (now) =>
          stream.sendNewest(frame(now)),
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
      }
      return streams.open(request, reply, begin, id)
    },
  )
}

/** Of people it shows how many, and nobody; of an alert what is counted, and none of the words that somebody wrote of it. */
export function numbersOf({ agents, alerts, ...wallboard }: Wallboard): Wallboard {
  return {
    ...wallboard,
    agents: agents.map((agent, index) => ({ ...agent, id: String(index + 1), name: null })),
    alerts: alerts.map((alert) => ({
      ...alert,
      reason: '',
      conversationId: null,
      acknowledgedBy: null,
    })),
  }
}
