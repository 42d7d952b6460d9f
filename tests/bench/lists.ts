import type { Db } from 'mongodb'
import { consoleConversations } from '../../services/agent/src/adapters/read-models/conversation-documents.ts'
import {
  type Viewer,
  conversationStore,
  secretsIn,
} from '../../services/agent/src/adapters/read-models/conversation-store.ts'
import { piecesOfName, piecesOfNumber } from '../../services/agent/src/conversation/spelling.ts'
import { type SearchTimes, askedOften, chance } from './search.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
/** So long closed conversations stay at the desk. */
const KEPT_DAYS = 30
const AGENTS = 2_000
const TEAM = 100
const QUEUES = 20
const BATCH = 2_000
/** That are not over: with the robot, waiting, with agents. */
const OPEN = 600
const MESSAGES_EACH = 20
/** Only what is shown is asked for what was said in it. */
const SPOKEN = 3_000

/** The desk's, the wallboard's and the judges' lists while a year has so many conversations. */
export async function benchLists(db: Db, aYear: number): Promise<readonly SearchTimes[]> {
  const now = new Date()
  const model = await consoleConversations.open(db, 1)
  const closedCount = Math.round((aYear * KEPT_DAYS) / 365)
  const next = chance(20_260_302)
  const agentOf = () => `agent-${Math.floor(next() * AGENTS)}`
  const documentOf = (nth: number) => {
    const isOpen = nth < OPEN
    const ago = isOpen ? next() * 3_600_000 : ((nth - OPEN) / closedCount) * KEPT_DAYS * DAY_MS
    const at = new Date(now.getTime() - ago).toISOString()
    const queue = `queue-${nth % QUEUES}`
    const agent = agentOf()
    const stage = ['with_robot', 'waiting', 'with_agent'][nth % 3]
    const name = `Customer ${Math.floor(next() * 50_000)}`
    return {
      _id: `conversation-${nth}`,
      streamId: `contact-${nth}`,
      seenVersion: 30,
      contact: { id: `contact-${nth}`, name, language: 'pt' },
      nameParts: piecesOfName(name),
      stage: { name: isOpen ? stage : 'closed', since: at, queue, reason: 'solved' },
      queue,
      agentId: isOpen && stage === 'with_agent' ? agent : null,
      lastAgentId: isOpen && stage !== 'with_agent' ? null : agent,
      lastTeam: 'team',
      flow: 'atendimento',
      failedSends: [],
      uncertainSends: [],
      offeredTo: null,
      lastMessage: { id: `message-${nth}`, author: 'customer', text: 'x'.repeat(160), at },
      customerWroteAt: [],
      openedAt: at,
      lastActivityAt: at,
      closedAt: isOpen ? null : at,
      leavesAt: isOpen ? null : new Date(now.getTime() + DAY_MS),
      pasts: [],
    } as never
  }
  for (let begun = 0; begun < OPEN + closedCount; begun += BATCH)
    await model.collection.insertMany(
      Array.from({ length: Math.min(BATCH, OPEN + closedCount - begun) }, (_, nth) =>
        documentOf(begun + nth),
      ),
      { ordered: false },
    )
  const numberOf = (nth: number) => String(5_511_900_000_000 + nth * 7_919)
  // As many as a year has: they stay.
  for (let begun = 0; begun < aYear; begun += BATCH)
    await model.contacts.insertMany(
      Array.from({ length: Math.min(BATCH, aYear - begun) }, (_, nth) => {
        const number = numberOf(begun + nth)
        return { _id: `contact-${begun + nth}`, number, numberParts: piecesOfNumber(number) } as never
      }),
      { ordered: false },
    )
  for (let begun = 0; begun < Math.min(SPOKEN, OPEN + closedCount); begun += 100)
    await model.messages.insertMany(
      Array.from({ length: 100 * MESSAGES_EACH }, (_, nth) => {
        const conversationId = `conversation-${begun + Math.floor(nth / MESSAGES_EACH)}`
        return {
          _id: `${conversationId} ${nth}`,
          streamId: '',
          seenVersion: 1,
          conversationId,
          begunAt: nth % MESSAGES_EACH,
          body: { text: { text: 'x'.repeat(80) } },
          isSensitive: nth % MESSAGES_EACH === 7,
          deletedAt: null,
          leavesAt: new Date(now.getTime() + DAY_MS),
        } as never
      }),
      { ordered: false },
    )

  const store = conversationStore(
    () => model,
    'America/Sao_Paulo',
    () => now,
  )
  const all: Viewer = { personId: 'auditor', scope: { kind: 'all' }, teamIds: [] }
  const supervisor = (): Viewer => {
    const first = Math.floor(next() * (AGENTS - TEAM))
    return {
      personId: 'supervisor',
      scope: { kind: 'part', personId: 'supervisor', team: 'team', queues: ['queue-1', 'queue-2'] },
      teamIds: Array.from({ length: TEAM }, (_, nth) => `agent-${first + nth}`),
    }
  }
  const agent = (): Viewer => {
    const personId = agentOf()
    return {
      personId,
      scope: { kind: 'part', personId, team: 'team', queues: ['queue-1', 'queue-2'] },
      teamIds: [],
    }
  }
  const shown = Array.from({ length: 50 }, (_, nth) => `conversation-${nth}`)
  const page = async (viewer: Viewer, view: 'mine' | 'waiting' | 'all' | 'closed') =>
    (await store.list(viewer, { view, after: undefined })).conversations.length
  const asked: Readonly<Record<string, () => Promise<number>>> = {
    mine: () => page(agent(), 'mine'),
    'what waits in the queues of an agent': () => page(agent(), 'waiting'),
    'all that is open': () => page(all, 'all'),
    'all that is open, of a team of 100': () => page(supervisor(), 'all'),
    'what was closed': () => page(all, 'closed'),
    'what was closed, of a team of 100': () => page(supervisor(), 'closed'),
    'what an agent closed': () => page(agent(), 'closed'),
    'the numbers of a wallboard': async () => (await store.openCounts(false)).length,
    'the numbers of all wallboards of teams': async () => (await store.openCounts(true)).length,
    'what is not repeated in fifty rows': async () => (await secretsIn(store, shown)).size,
    'the moods of fifty rows': async () => (await store.moods(shown)).size,
    'a customer’s conversations': async () =>
      (await store.ofContact(all, `contact-${Math.floor(next() * closedCount)}`)).length,
    'a customer’s name': async () =>
      (await store.search(all, `Customer ${Math.floor(next() * 50_000)}`)).length,
    'a name that all have': async () => (await store.search(supervisor(), 'customer')).length,
    'a name that nobody has': async () => (await store.search(supervisor(), 'Customer Xavier')).length,
    'a word, of whom an agent had': async () => (await store.search(agent(), 'xyxyx')).length,
    'a customer’s number': async () =>
      (await store.search(all, numberOf(Math.floor(next() * closedCount)))).length,
    'a number that nobody has': async () => (await store.search(all, '+351 912 345 678')).length,
  }
  const times: SearchTimes[] = []
  for (const [name, ask] of Object.entries(asked)) times.push(await askedOften(`lists: ${name}`, ask))
  return times
}
