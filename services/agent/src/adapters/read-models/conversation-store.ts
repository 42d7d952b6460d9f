import { STAGES, readableText } from '@parley/conversation'
import { type PagePlace, allOf, newestFirst } from '@parley/eventlog'
import { type Scope, scopeIncludes } from '@parley/people'
import { MessageBody } from '@parley/proto/content'
import { beginOfDay } from '@parley/time-zone'
import type { Document, Filter } from 'mongodb'
import { type Contact, type Learnt, UNKNOWN_CONTACT } from '../../conversation/contact.ts'
import type { Place, Stage } from '../../conversation/conversation.ts'
import { type Overview, WAITING_SHOWN_MAX, type WaitingConversation } from '../../conversation/overview.ts'
import { masking, secretsOf } from '../../conversation/shown.ts'
import { DIGITS_MIN, asSpelt, partOfName, partOfNumber } from '../../conversation/spelling.ts'
import { isOf } from '../../wallboard/wallboard.ts'
import type { ConversationDocument, ConversationModel, MessageDocument } from './conversation-documents.ts'

export const VIEWS = ['mine', 'waiting', 'all', 'closed'] as const
export type View = (typeof VIEWS)[number]

/** What is looked at of all that one may see. */
export interface Narrowing {
  readonly queue?: string | undefined
  readonly team?: TeamsPlace | undefined
  readonly vendor?: TeamsPlace | undefined
  /** The robot's last one. */
  readonly flow?: string | undefined
  readonly stage?: Stage['name'] | undefined
  /** Where something of ours did not reach the customer, or nobody knows. */
  readonly sends?: 'failed' | 'uncertain' | undefined
}

/** What these teams have or had last, and what waits in their queues. */
export interface TeamsPlace {
  readonly teams: readonly string[]
  readonly queues: readonly string[]
}

export interface ListQuery extends Narrowing {
  readonly view: View
  readonly after: PagePlace | undefined
}

export interface ConversationPage {
  readonly conversations: readonly ConversationDocument[]
  readonly next: PagePlace | null
}

export const PAGE_SIZE = 50

const OPEN = STAGES.filter((name) => name !== 'closed')

const INDEXED = [
  'stage.name',
  'stage.queue',
  'agentId',
  'offeredTo',
  'lastAgentId',
  'contact.id',
  'nameParts',
]

export interface ConversationStore {
  /** Of what the scope includes, and nothing else. */
  overview(scope: Scope, now: Date): Promise<Overview>
  /** Longest waiting first. */
  waiting(scope: Scope, limit: number): Promise<readonly WaitingConversation[]>
  /** Newest activity first, what waits longest first. Of what the viewer may see, and nothing else. */
  list(viewer: Viewer, query: ListQuery): Promise<ConversationPage>
  /** How many rows all pages of that list have. */
  count(viewer: Viewer, query: Omit<ListQuery, 'after'>): Promise<number>
  /** What is not over in the whole company, by all that a board is narrowed by: as many as `list` gives rows of them. @param byOwner and by what decides who sees it */
  openCounts(byOwner: boolean): Promise<readonly OpenCount[]>
  /** By the customer's name or number; by words where it is or was the viewer's own. Newest activity first, a page at most. */
  search(viewer: Viewer, text: string): Promise<readonly ConversationDocument[]>
  /** All with this customer that the viewer may see, newest activity first, a page at most. */
  ofContact(viewer: Viewer, contactId: string): Promise<readonly ConversationDocument[]>
  conversations(ids: readonly string[]): Promise<readonly ConversationDocument[]>
  /** What holds of the customer today, under whichever contact they are known by now. */
  contact(contactId: string): Promise<Contact>
  /** The contact that they are known by now. */
  presentContactId(contactId: string): Promise<string>
  /** What the robot learnt in this conversation. */
  learnt(conversationId: string): Promise<Learnt['values']>
  /** What the customer answered to the question of the flow that is about their mood, by conversation, where one asked. */
  moods(conversationIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Oldest first; those before a place in the conversation, or the newest. */
  messages(
    conversationId: string,
    before: number | undefined,
  ): Promise<{ readonly messages: readonly MessageDocument[]; readonly before: number | null }>
  messagesById(ids: readonly string[]): Promise<readonly MessageDocument[]>
  /** What was said to sensitive questions in these conversations, heard by a robot or not. */
  sensitive(conversationIds: readonly string[]): Promise<readonly MessageDocument[]>
  /** Which messages the provider knows by these ids. */
  byProviderId(
    conversationIds: readonly string[],
    providerMessageIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>
}

export interface OpenCount {
  readonly stage: Exclude<Stage['name'], 'closed'>
  readonly queue: string | null
  readonly flow: string | null
  readonly lastTeam: string | null
  /** Whose teams have it in sight: where it waits, is offered, or waited when it began to end. */
  readonly stageQueue: string | null
  /** Null, too, where owners are not told apart; likewise the next two. */
  readonly agentId: string | null
  readonly lastAgentId: string | null
  readonly offeredTo: string | null
  readonly count: number
  readonly failedCount: number
  readonly uncertainCount: number
  /** When the oldest came to that stage, ISO 8601 UTC; of what waits or is offered: since when the customer waits. */
  readonly since: string
}

const OWNERS = ['agentId', 'lastAgentId', 'offeredTo'] as const
const NO_OWNER = { agentId: null, lastAgentId: null, offeredTo: null }
type CountedBy = 'stage' | 'queue' | 'flow' | 'lastTeam' | 'stageQueue' | (typeof OWNERS)[number]

/** Who looks, as lists ask for it. */
export interface Viewer {
  readonly personId: string
  readonly scope: Scope
  /** Whose conversations the person sees because of the scope's team. */
  readonly teamIds: readonly string[]
}

/** @param current The version that is read now: another one after a switch. */
export function conversationStore(
  current: () => Pick<ConversationModel, 'collection' | 'messages' | 'contacts' | 'learnt'>,
  timeZone: string,
  now: () => Date,
): ConversationStore {
  /** Of conversations that are in no queue and were never an agent's. */
  const countOfNobodys = async (scope: Scope, which: Filter<ConversationDocument>): Promise<number | null> =>
    scopeIncludes(scope, NOBODYS) ? await current().collection.countDocuments(which) : null

  /** The contact that this one proved to be, as often as that happened. The log does not hold that merges never lead back: a ring ends where it closes. */
  const presentOf = async (
    id: string,
    before: readonly string[] = [],
  ): Promise<{ readonly id: string; readonly contact: Contact }> => {
    const contact = (await current().contacts.findOne({ _id: id })) ?? UNKNOWN_CONTACT
    const { mergedInto } = contact
    const seen = [...before, id]
    return mergedInto === undefined || seen.includes(mergedInto)
      ? { id, contact }
      : presentOf(mergedInto, seen)
  }

  /** Those contacts, and all that proved to be one of them: conversations stay where they were. */
  const asOne = async (ids: readonly string[]): Promise<readonly string[]> => {
    const all = new Set(ids)
    for (let into = [...all]; into.length > 0;) {
      const merged = await current()
        .contacts.find({ mergedInto: { $in: into } })
        .project<{ _id: string }>({ _id: 1 })
        .toArray()
      into = merged.map(({ _id }) => _id).filter((id) => !all.has(id))
      for (const id of into) all.add(id)
    }
    return [...all]
  }

  const waiting: ConversationStore['waiting'] = async (scope, limit) => {
    const found = await current()
      .collection.find(waitingIn(scope))
      .sort({ 'stage.since': 1 })
      .limit(limit)
      .toArray()
    return found.flatMap(({ _id, stage }) =>
      stage.name === 'waiting'
        ? [{ conversationId: _id, queue: stage.queue, reason: stage.reason, since: stage.since }]
        : [],
    )
  }

  const sensitive: ConversationStore['sensitive'] = async (conversationIds) => {
    if (conversationIds.length === 0) return []
    return current()
      .messages.find({ conversationId: { $in: [...conversationIds] }, isSensitive: true })
      .toArray()
  }

  /** The contacts of a number, or of a part of one, and all that they are by now. */
  const reachedBy = async (text: string): Promise<ReadonlySet<string>> => {
    const digits = text.replaceAll(/\D/g, '')
    if (digits.length < DIGITS_MIN || !/^[\d\s()+.-]+$/.test(text)) return new Set()
    const number = partOfNumber(digits)
    const reached = await current()
      .contacts.find(havingAll('numberParts', number.pieces))
      .limit(REACHED_FOUND_MAX)
      .project<{ _id: string; number: string }>({ number: 1 })
      .toArray()
    return new Set(await asOne(reached.filter((one) => number.isIn(one.number)).map(({ _id }) => _id)))
  }

  /** Where it was said, of what is or was the person's own. */
  const ownSaying = async (personId: string, text: string): Promise<ReadonlySet<string>> => {
    const own = await current()
      .collection.find({ lastAgentId: personId })
      .sort({ lastActivityAt: -1 })
      .limit(OWN_SEARCHED_MAX)
      .project<{ _id: string }>({ _id: 1 })
      .toArray()
    if (own.length === 0) return new Set()
    // Looked through here: SecantusDB makes an expression anew for each message, and of no conversation at all it looks at whatever was said.
    const sought = new RegExp(asSpelt(text), 'iu')
    const said: { readonly conversationId: string; readonly words: string }[] = []
    for await (const { conversationId, body } of current()
      .messages.find({
        conversationId: { $in: own.map(({ _id }) => _id) },
        isSensitive: false,
        deletedAt: null,
      })
      .project<Pick<MessageDocument, 'conversationId' | 'body'>>({ conversationId: 1, body: 1 })) {
      const words = readableText(MessageBody.fromJSON(body))
      if (sought.test(words)) said.push({ conversationId, words })
      if (said.length === SAID_FOUND_MAX) break
    }
    const secrets = await secretsIn({ sensitive }, [
      ...new Set(said.map(({ conversationId }) => conversationId)),
    ])
    // What is masked where it is shown is not found by trying.
    const shown = said.filter(({ conversationId, words }) =>
      sought.test(masking(secrets.get(conversationId) ?? [])(words)),
    )
    return new Set(shown.map(({ conversationId }) => conversationId))
  }

  return {
    waiting,
    async overview(scope, now) {
      const midnight = new Date(beginOfDay(now.getTime(), timeZone)).toISOString()
      const [withRobotCount, waitingCount, endingCount, closedTodayCount, shown] = await Promise.all([
        countOfNobodys(scope, { 'stage.name': 'with_robot' }),
        current().collection.countDocuments(waitingIn(scope)),
        countOfNobodys(scope, { 'stage.name': 'ending' }),
        countOfNobodys(scope, { 'stage.name': 'closed', 'stage.since': { $gte: midnight } }),
        waiting(scope, WAITING_SHOWN_MAX),
      ])
      return { withRobotCount, waitingCount, endingCount, closedTodayCount, waiting: shown }
    },

    async openCounts(byOwner) {
      const found = await current()
        .collection.aggregate<{ _id: Pick<OpenCount, CountedBy> } & Omit<OpenCount, CountedBy>>([
          { $match: { 'stage.name': { $in: OPEN } } },
          {
            $group: {
              _id: {
                stage: '$stage.name',
                queue: '$queue',
                flow: '$flow',
                lastTeam: '$lastTeam',
                stageQueue: { $ifNull: ['$stage.queue', null] },
                ...(byOwner && Object.fromEntries(OWNERS.map((owner) => [owner, `$${owner}`]))),
              },
              count: { $sum: 1 },
              failedCount: { $sum: { $cond: [{ $gt: [{ $size: '$failedSends' }, 0] }, 1, 0] } },
              uncertainCount: { $sum: { $cond: [{ $gt: [{ $size: '$uncertainSends' }, 0] }, 1, 0] } },
              since: { $min: '$stage.since' },
            },
          },
        ])
        .toArray()
      return found.map(({ _id, ...counted }) => ({ ...NO_OWNER, ..._id, ...counted }))
    },

    async list(viewer, { view, after, ...narrowing }) {
      const where = listed(viewer, view, narrowing)
      if (view !== 'waiting') {
        const { found, next } = await newestFirst(current().collection, {
          by: 'lastActivityAt',
          indexed: INDEXED,
          where,
          size: PAGE_SIZE,
          after,
          now: now(),
          isFew: view !== 'closed',
        })
        return { conversations: found, next: next ?? null }
      }
      if (after !== undefined)
        where.push({
          $or: [{ 'stage.since': { $gt: after.at } }, { 'stage.since': after.at, _id: { $gt: after.id } }],
        })
      const found = await current()
        .collection.find({ $and: where })
        .sort({ 'stage.since': 1, _id: 1 })
        .limit(PAGE_SIZE + 1)
        .toArray()
      const page = found.slice(0, PAGE_SIZE)
      const last = page.at(-1)
      return {
        conversations: page,
        next: found.length > PAGE_SIZE && last !== undefined ? { at: last.stage.since, id: last._id } : null,
      }
    },

    count: (viewer, { view, ...narrowing }) =>
      current().collection.countDocuments(allOf(listed(viewer, view, narrowing), INDEXED)),

    async search(viewer, text) {
      const name = partOfName(text)
      const [contactIds, saidIn] = await Promise.all([reachedBy(text), ownSaying(viewer.personId, text)])
      // Each is asked by itself, for each has an index.
      const anyOf: Filter<ConversationDocument>[] = []
      if (name.pieces.length > 0) anyOf.push(havingAll('nameParts', name.pieces))
      if (contactIds.size > 0) anyOf.push({ 'contact.id': { $in: [...contactIds] } })
      if (saidIn.size > 0) anyOf.push({ _id: { $in: [...saidIn] } })
      // Of none of them there is nothing.
      if (anyOf.length === 0) return []
      const { found } = await newestFirst(current().collection, {
        by: 'lastActivityAt',
        indexed: INDEXED,
        where: [{ $or: anyOf }, ...seenBy(viewer)],
        size: PAGE_SIZE,
        now: now(),
      })
      return found.filter(
        ({ _id, contact }) => name.isIn(contact.name) || saidIn.has(_id) || contactIds.has(contact.id),
      )
    },

    async ofContact(viewer, contactId) {
      const contacts = await asOne([(await presentOf(contactId)).id])
      return current()
        .collection.find({ $and: [{ 'contact.id': { $in: contacts } }, ...seenBy(viewer)] })
        .sort({ lastActivityAt: -1, _id: -1 })
        .limit(PAGE_SIZE)
        .toArray()
    },

    async conversations(ids) {
      if (ids.length === 0) return []
      return current()
        .collection.find({ _id: { $in: [...ids] } })
        .toArray()
    },

    async messages(conversationId, before) {
      const found = await current()
        .messages.find({ conversationId, ...(before === undefined ? {} : { begunAt: { $lt: before } }) })
        .sort({ begunAt: -1 })
        .limit(PAGE_SIZE + 1)
        .toArray()
      const page = found.slice(0, PAGE_SIZE).toReversed()
      return { messages: page, before: found.length > PAGE_SIZE ? (page[0]?.begunAt ?? null) : null }
    },

    async messagesById(ids) {
      if (ids.length === 0) return []
      return current()
        .messages.find({ _id: { $in: [...ids] } })
        .toArray()
    },

    sensitive,

    async contact(contactId) {
      return (await presentOf(contactId)).contact
    },

    async presentContactId(contactId) {
      return (await presentOf(contactId)).id
    },

    async learnt(conversationId) {
      return (await current().learnt.findOne({ _id: conversationId }))?.values ?? []
    },

    async moods(conversationIds) {
      if (conversationIds.length === 0) return new Map()
      const asked = { name: MOOD, isSensitive: false }
      const found = await current()
        .learnt.find({ _id: { $in: [...conversationIds] }, values: { $elemMatch: asked } })
        .toArray()
      return new Map(
        found.flatMap(({ _id, values }) =>
          values.filter(({ name }) => name === MOOD).map(({ value }) => [_id, value] as const),
        ),
      )
    },

    async byProviderId(conversationIds, providerMessageIds) {
      if (providerMessageIds.length === 0) return new Map()
      const found = await current()
        .messages.find({
          conversationId: { $in: [...conversationIds] },
          providerMessageId: { $in: [...providerMessageIds] },
        })
        .toArray()
      return new Map(found.map(({ _id, providerMessageId }) => [providerMessageId, _id]))
    },
  }
}

/** The variable of a flow that says so: docs/guides/writing-flows.md */
const MOOD = 'mood'

/** What must not be repeated of sensitive answers, by conversation. */
export type Secrets = ReadonlyMap<string, readonly string[]>

export async function secretsIn(
  conversations: Pick<ConversationStore, 'sensitive'>,
  ids: readonly string[],
): Promise<Secrets> {
  const said = Map.groupBy(await conversations.sensitive(ids), ({ conversationId }) => conversationId)
  return new Map([...said].map(([id, messages]) => [id, [...new Set(messages.flatMap(secretsOf))]]))
}

const REACHED_FOUND_MAX = 500
const OWN_SEARCHED_MAX = 500
const SAID_FOUND_MAX = 200
/** By the index over the first, and of what has that by the others. */
function havingAll(field: 'nameParts' | 'numberParts', pieces: readonly string[]): Document {
  const [first, ...others] = pieces
  return { [field]: first, ...(others.length > 0 && { $and: others.map((one) => ({ [field]: one })) }) }
}

const NOBODYS = { held: { by: 'nobody' }, lastOwner: null } as const

/** `scopeIncludes` as a query: what waits is seen by who serves its queue. */
function waitingIn(scope: Scope): Filter<ConversationDocument> {
  if (scope.kind === 'all') return { 'stage.name': 'waiting' }
  return { 'stage.name': 'waiting', 'stage.queue': { $in: scope.kind === 'part' ? [...scope.queues] : [] } }
}

const listed = (viewer: Viewer, view: View, narrowing: Narrowing): Filter<ConversationDocument>[] => [
  ...seenBy(viewer),
  inView(view, viewer),
  ...narrowed(narrowing),
]

function inView(view: View, { personId }: Viewer): Filter<ConversationDocument> {
  switch (view) {
    case 'mine':
      return { $or: [{ agentId: personId }, { offeredTo: personId }] }
    case 'waiting':
      return { 'stage.name': { $in: ['waiting', 'offered'] } }
    case 'all':
      return { 'stage.name': { $in: OPEN } }
    case 'closed':
      return { 'stage.name': 'closed' }
    default:
      return view satisfies never
  }
}

/** `Sight.sees` as a query; who sees all adds nothing to it: an empty condition keeps SecantusDB from every index. */
function seenBy({ personId, scope, teamIds }: Viewer): readonly Filter<ConversationDocument>[] {
  if (scope.kind === 'all') return []
  // Matches nothing.
  if (scope.kind === 'none') return [{ _id: { $in: [] } }]
  return [
    {
      $or: [
        { offeredTo: personId },
        { agentId: personId },
        { lastAgentId: { $in: [personId, ...teamIds] } },
        inSightOf(scope.queues),
      ],
    },
  ]
}

/** What waits there, is offered, or ended while it did: no other stage has a queue. */
const inSightOf = (queues: readonly string[]): Filter<ConversationDocument> => ({
  'stage.queue': { $in: [...queues] },
})

/** `narrowed` of what is counted. */
export function isNarrowed(
  one: Pick<OpenCount, 'queue' | 'flow' | 'lastTeam' | 'stageQueue'>,
  { queue, team, vendor, flow }: Pick<Narrowing, 'queue' | 'team' | 'vendor' | 'flow'>,
): boolean {
  return (
    (queue === undefined || one.queue === queue) &&
    (flow === undefined || one.flow === flow) &&
    [team, vendor].every((place) => place === undefined || isOf(place, one))
  )
}

/** Where all of them stand, as `Sight.sees` asks for it. */
export function placeOfCounted({ stage, since, stageQueue, ...owners }: OpenCount): Place {
  return {
    ...owners,
    stage: { name: stage, since, ...(stageQueue !== null && { queue: stageQueue }) } as Stage,
  }
}

function narrowed({
  queue,
  team,
  vendor,
  flow,
  stage,
  sends,
}: Narrowing): readonly Filter<ConversationDocument>[] {
  return [
    ...[team, vendor].flatMap((place) =>
      place === undefined
        ? []
        : [{ $or: [{ lastTeam: { $in: [...place.teams] } }, inSightOf(place.queues)] }],
    ),
    ...(flow === undefined ? [] : [{ flow }]),
    ...(sends === undefined ? [] : [{ [`${sends}Sends.0`]: { $exists: true } }]),
    ...(queue === undefined ? [] : [{ queue }]),
    ...(stage === undefined ? [] : [{ 'stage.name': stage }]),
  ]
}
