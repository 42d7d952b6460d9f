import { PERMISSIONS, ROLES, type Roster } from '@parley/people'
import { PRESENCES } from '@parley/workforce'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Names, namesShape } from '../company-files/names-file.ts'
import type { QuickReply } from '../company-files/quick-replies-file.ts'
import type { PoolView } from '../../workforce/pool-view.ts'
import type { DeskFeed } from './feed.ts'
import { namesOf, sightOf } from './sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'

export interface MeRoutes {
  readonly feed: Pick<DeskFeed, 'beginning'> & { readonly pool: Pick<PoolView, 'now'> }
  readonly roster: Roster
  readonly quickReplies: readonly QuickReply[]
  readonly names: Names
  readonly company: { readonly timeZone: string }
}

const me = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  team: z.string().nullable(),
  vendor: z.string().nullable(),
  permissions: z.array(z.enum(PERMISSIONS)),
  /** Null: no agent of the pool. */
  status: z.enum(PRESENCES).nullable(),
  /** Why the rules made them so, such as `missed_offers`; null: they wished it. */
  reasonCode: z.string().nullable(),
  /** The agents whom the person sees; `status` of those whose presence they are told of. */
  colleagues: z.array(z.object({ id: z.string(), name: z.string(), status: z.optional(z.enum(PRESENCES)) })),
  /** Of all queues: a conversation may be handed to any of them, and whoever is handed one of a queue that they do not serve closes it too. */
  closeReasons: z.record(z.string(), z.array(z.string())),
  /** What a conversation may be given back to the robot for; steps in the order of the flow. */
  flows: z.array(z.object({ name: z.string(), steps: z.array(z.string()) })),
  /** The company's: its days are those of figures. */
  timeZone: z.string(),
  /** In the order of their file. `{customer}` and `{agent}` are filled by the desk, other words in braces by the person. */
  quickReplies: z.array(z.object({ name: z.string(), language: z.string(), text: z.string() })),
  /** What people read instead of codes; a code without a name is shown itself. */
  names: namesShape,
  teams: z.record(z.string(), z.string()).describe('the name of each, by its id'),
  /** Presences change while a stream is not there yet: begun at the present it would never tell of that. */
  position: z
    .string()
    .describe(
      'as `Last-Event-ID`, a stream tells of all that comes after this answer, and first of each open offer',
    ),
})

export function addMeRoutes(
  app: FastifyInstance,
  { feed, roster, quickReplies, names, company }: MeRoutes,
): void {
  const name = namesOf(roster)
  const schema = { summary: 'Who is signed in, and what their work goes by.', response: { 200: me } }
  app.get('/api/me', { config: { access: 'signed in' }, schema }, async (request, reply) => {
    const position = await feed.beginning()
    const { sessionId: _, ...person } = signedInOf(request)
    const sight = sightOf(request, roster)
    const { agents, queues, flows } = feed.pool.now()
    const own = agents.find(({ id }) => id === person.id)
    return reply.send({
      ...person,
      status: own?.status ?? null,
      reasonCode: own?.reasonCode ?? null,
      colleagues: agents
        .filter(({ id }) => id !== person.id && sight.seesAgent(id))
        .map(({ id, status }) => ({
          id,
          name: name(id) ?? id,
          ...(sight.hearsOf(id) && { status }),
        })),
      closeReasons: Object.fromEntries(queues.map(({ name, closeReasons }) => [name, closeReasons])),
      flows: flows.map(({ name, steps }) => ({ name, steps: [...steps] })),
      timeZone: company.timeZone,
      quickReplies: [...quickReplies],
      names,
      teams: Object.fromEntries([...roster.teams].map(([id, team]) => [id, team.name])),
      position,
    })
  })
}
