import type { Roster } from '@parley/people'
import { HttpRefusal } from '@parley/service'
import type { FastifyRequest } from 'fastify'
import type { Name } from '../conversation/shown.ts'
import { Sight } from '../conversation/viewing.ts'
import type {
  ConversationDocument,
  ConversationStore,
  Narrowing,
  VendorPlace,
  Viewer,
} from './conversation-store.ts'
import type { DeskFeed } from './desk-feed.ts'
import { personOf, signedInOf } from './doorkeeper.ts'

export interface SightOptions {
  readonly conversations: Pick<ConversationStore, 'conversations'>
  readonly feed: Pick<DeskFeed, 'position' | 'readPosition'>
  readonly roster: Roster
}

export const sightOf = (request: FastifyRequest, roster: Roster): Sight =>
  new Sight(personOf(signedInOf(request)), roster)

export const namesOf =
  ({ people }: Roster): Name =>
  (id) =>
    people.get(id)?.name ?? null

export const viewerOf = ({ personId, scope, teamIds }: Sight): Viewer => ({ personId, scope, teamIds })

/** Of a team that is none: nothing. */
export function teamOf({ people, teams }: Roster, team: string): NonNullable<Narrowing['team']> {
  return {
    personIds: [...people.values()].flatMap((person) => (person.team === team ? [person.id] : [])),
    queues: teams.get(team)?.queues ?? [],
  }
}

export const vendorsOf = ({ teams }: Roster): readonly string[] => [
  ...new Set([...teams.values()].flatMap(({ vendor }) => vendor ?? [])),
]

/** The teams that are the vendor's today, and their queues. Of a vendor that is none: nothing. */
export function vendorOf({ teams }: Roster, vendor: string): VendorPlace {
  const own = [...teams].filter(([, team]) => team.vendor === vendor)
  return {
    teams: own.map(([id]) => id),
    queues: [...new Set(own.flatMap(([, team]) => team.queues))],
  }
}

/** @throws {HttpRefusal} 404, for what lies outside one's sight as for what does not exist */
export function seen(conversation: ConversationDocument | undefined, sight: Sight): ConversationDocument {
  if (conversation === undefined || !sight.sees(conversation)) throw noConversation()
  return conversation
}

/** The conversation that the path names. @throws {HttpRefusal} 404 as above */
export async function conversationSeen(
  { conversations, feed, roster }: SightOptions,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<ConversationDocument> {
  const sight = sightOf(request, roster)
  const look = async (): Promise<ConversationDocument | undefined> => {
    const [conversation] = await conversations.conversations([request.params.id])
    return conversation !== undefined && sight.sees(conversation) ? conversation : undefined
  }
  const conversation = (await look()) ?? (await upToDate(feed, look))
  if (conversation === undefined) throw noConversation()
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
  const told = feed.position()
  const isBehind = (await feed.readPosition()) !== told
  const found = await look()
  if (found === undefined && isBehind)
    throw new HttpRefusal(503, 'NOT_READ_YET', 'What was said last is not read yet: ask again in a moment.')
  return found
}

export const noConversation = (): HttpRefusal =>
  new HttpRefusal(404, 'NOT_FOUND', 'There is no such conversation.')
