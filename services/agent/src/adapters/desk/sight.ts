import { type Permission, type Roster, rolesGranting } from '@parley/people'
import { HttpRefusal } from '@parley/service'
import type { FastifyRequest } from 'fastify'
import type { Name } from '../../conversation/shown.ts'
import { Sight } from '../../conversation/viewing.ts'
import type { ConversationDocument, MessageDocument } from '../read-models/conversation-documents.ts'
import type { ConversationStore, TeamsPlace, Viewer } from '../read-models/conversation-store.ts'
import type { DeskFeed } from './feed.ts'
import { personOf, signedInOf } from '../sign-in/doorkeeper.ts'

export interface SightOptions {
  readonly conversations: Pick<ConversationStore, 'conversations'>
  readonly feed: Pick<DeskFeed, 'position' | 'readPosition'>
  readonly roster: Roster
}

/** @param permission what they would do: by that right they reach no further than the roles that give it, however much another lets them read */
export function sightOf(
  request: FastifyRequest,
  roster: Roster,
  permission: Permission = 'conversations.read',
): Sight {
  const person = personOf(signedInOf(request))
  return new Sight({ ...person, roles: rolesGranting(permission, person.roles) }, roster)
}

export const namesOf =
  ({ people }: Roster): Name =>
  (id) =>
    people.get(id)?.name ?? null

export const viewerOf = ({ personId, scope, teamIds }: Sight): Viewer => ({ personId, scope, teamIds })

/** Of a team that is none: nothing. */
export const teamOf = ({ teams }: Roster, team: string): TeamsPlace => ({
  teams: [team],
  queues: teams.get(team)?.queues ?? [],
})

export const vendorsOf = ({ teams }: Roster): readonly string[] => [
  ...new Set([...teams.values()].flatMap(({ vendor }) => vendor ?? [])),
]

/** The teams that are the vendor's today, and their queues. Of a vendor that is none: nothing. */
export function vendorOf({ teams }: Roster, vendor: string): TeamsPlace {
  const own = [...teams].filter(([, team]) => team.vendor === vendor)
  return {
    teams: own.map(([id]) => id),
    queues: [...new Set(own.flatMap(([, team]) => team.queues))],
  }
}

/** The right that the route is for. */
function permissionOf({ routeOptions }: FastifyRequest): Permission {
  const { access } = routeOptions.config
  return typeof access === 'object' ? (access.permission as Permission) : 'conversations.read'
}

/**
 * The conversation that the path names, where the person has the right that the route is for. What they may only read is not there for
 * it: 403 says that the right is missing altogether, and is said before anything is looked at.
 * @throws {HttpRefusal} 404, for what lies outside one's sight as for what does not exist
 */
export async function conversationSeen(
  { conversations, feed, roster }: SightOptions,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<ConversationDocument> {
  const permission = permissionOf(request)
  const sight = sightOf(request, roster, permission)
  let isThere = false
  const look = async (): Promise<ConversationDocument | undefined> => {
    const [conversation] = await conversations.conversations([request.params.id])
    isThere = conversation !== undefined
    return conversation !== undefined && sight.sees(conversation) ? conversation : undefined
  }
  // Whoever steps in says something to its owner: that is whoever has it now, whom desks know of before the store does.
  if (permission === 'conversations.supervise') await feed.readPosition()
  const conversation = (await look()) ?? (await upToDate(feed, look))
  if (conversation === undefined) throw noConversation(isThere)
  return conversation
}

/**
 * Whether something that was named beside a conversation is of another one, which the person does not see. It is answered as what is not
 * there; whoever puts it on record knows who tries ids in bodies, where the path names what they do see.
 */
export async function isOfUnseen(
  { conversations, roster }: Pick<SightOptions, 'conversations' | 'roster'>,
  request: FastifyRequest,
  conversationId: string,
  named: readonly (MessageDocument | undefined)[],
): Promise<boolean> {
  const others = new Set(named.flatMap((message) => message?.conversationId ?? []))
  others.delete(conversationId)
  if (others.size === 0) return false
  const sight = sightOf(request, roster)
  return (await conversations.conversations([...others])).some((other) => !sight.sees(other))
}

/** Whether the person may see what is masked in it, on record: whoever has it and may answer there, and those who supervise it. */
export function mayReveal(
  request: FastifyRequest,
  roster: Roster,
  conversation: ConversationDocument,
): boolean {
  const isTheirs = conversation.agentId === signedInOf(request).id
  const permission = isTheirs ? 'conversations.answer' : 'conversations.supervise'
  return sightOf(request, roster, permission).sees(conversation)
}

/**
 * The conversation as it stands now, where the person watches over others. Desks know of a new owner before the store does: what went
 * elsewhere by then is not theirs to watch over.
 */
export async function watchedOver(
  { conversations, feed, roster }: SightOptions,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<ConversationDocument | undefined> {
  const sight = sightOf(request, roster, 'conversations.supervise')
  if (sight.scope.kind === 'none') return undefined
  await feed.readPosition()
  const [conversation] = await conversations.conversations([request.params.id])
  if (conversation === undefined || !sight.sees(conversation)) return undefined
  return conversation
}

/**
 * Desks hear of a thing a moment before the store has it, and may do something with it at once. While the store is behind for longer,
 * nobody knows that a thing is not there: whoever were told so would let go of a conversation that is theirs.
 * @throws {HttpRefusal} 503
 */
export async function upToDate<Found>(
  feed: SightOptions['feed'],
  look: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const isRead = await allIsRead(feed)
  const found = await look()
  if (found === undefined && !isRead) throw notReadYet()
  return found
}

/**
 * Whoever begins a stream at the present reads next what there is. Were that older than where the stream begins, they would never learn
 * what lies between: whoever goes on from an event does.
 * @throws {HttpRefusal} 503
 */
export async function mayBegin(
  feed: Pick<DeskFeed, 'goesOnFrom'> & SightOptions['feed'],
  lastEventId: string | undefined,
): Promise<void> {
  if (!feed.goesOnFrom(lastEventId)) await whenAllIsRead(feed)
}

/** Whether what can be read holds all that desks were told by now; it has a little time to get there. */
async function allIsRead(feed: SightOptions['feed']): Promise<boolean> {
  const told = feed.position()
  return (await feed.readPosition()) === told
}

/**
 * For what only its present owner may see: desks hear of a new owner before the store does.
 * @throws {HttpRefusal} 503
 */
export async function whenAllIsRead(feed: SightOptions['feed']): Promise<void> {
  if (!(await allIsRead(feed))) throw notReadYet()
}

const notReadYet = (): HttpRefusal =>
  new HttpRefusal(503, 'NOT_READ_YET', 'What was said last is not read yet: ask again in a moment.')

/** The code of a refusal that looks like that of what is not there. */
export const NOT_SEEN = 'NOT_SEEN'

/** @param isThere there is one, which is none of theirs: who tries ids is answered the same, and is on record */
export const notThere = (what: string, isThere: boolean): HttpRefusal =>
  new HttpRefusal(404, 'NOT_FOUND', `There is no such ${what}.`, isThere ? { onRecordAs: NOT_SEEN } : {})

/** @param isThere as above */
export const noConversation = (isThere = false): HttpRefusal => notThere('conversation', isThere)
