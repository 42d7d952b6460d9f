import { auditEntries } from '@parley/archive'
import type { Db } from 'mongodb'
import {
  type EvaluationDocument,
  evaluationStore,
  evaluationsRead,
} from '../../services/agent/src/adapters/judging/evaluation-store.ts'
import { auditStore } from '../../services/archive/src/adapters/audit-store.ts'
import { type SearchTimes, askedOften, chance } from './search.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000
const DAY_MS = 24 * 60 * 60 * 1_000
const AGENTS = 2_000
const JUDGES = 100
/** Somebody opens each conversation, and supervisors look at some. */
const ENTRIES_EACH = 2
/** Of so many conversations one is judged. */
const JUDGED_OF = 50
const PAGE = 50
const BATCH = 5_000

/** What auditors and judges list, of a year of so many conversations. */
export async function benchRecords(db: Db, conversations: number): Promise<readonly SearchTimes[]> {
  const now = new Date()
  const next = chance(20_260_302)
  const at = (nth: number, of: number) =>
    new Date(now.getTime() - YEAR_MS + Math.floor((nth / of) * YEAR_MS)).toISOString()
  const agentOf = () => `agent-${Math.floor(next() * AGENTS)}`
  const inBatches = async <Doc>(
    count: number,
    doc: (nth: number) => Doc,
    insert: (docs: Doc[]) => Promise<unknown>,
  ) => {
    for (let begun = 0; begun < count; begun += BATCH)
      await insert(Array.from({ length: Math.min(BATCH, count - begun) }, (_, nth) => doc(begun + nth)))
  }

  const audit = await auditEntries.open(db, 1)
  const entries = conversations * ENTRIES_EACH
  await inBatches(
    entries,
    (nth) => {
      // Every twentieth is of one who looks at everything.
      const id = nth % 20 === 0 ? 'agent-of-all' : agentOf()
      return {
        _id: `entry-${nth}`,
        streamId: `session-${nth}`,
        seenVersion: 1,
        at: at(nth, entries),
        person: { id, login: `login of ${id}`, name: 'Ana' },
        type: nth % 10_000 === 0 ? 'roles_changed' : 'conversation_opened',
        subject: { kind: 'conversation', id: `conversation-${nth}` },
        fields: [],
        revision: 0,
      }
    },
    (docs) => audit.collection.insertMany(docs as never, { ordered: false }),
  )
  const evaluations = await evaluationsRead.open(db, 1)
  const judged = Math.ceil(conversations / JUDGED_OF)
  await inBatches(
    judged,
    (nth): EvaluationDocument => ({
      _id: `evaluation-${nth}`,
      streamId: `evaluation-${nth}`,
      seenVersion: 1,
      conversationId: `conversation-${nth * JUDGED_OF}`,
      form: 'service',
      version: 1,
      judgeId: `agent-${nth % JUDGES}`,
      subjectId: agentOf(),
      queue: 'queue-1',
      at: at(nth, judged),
      score: Math.floor(next() * 101),
      failedItems: [],
      answers: ['greeting', 'understood', 'solved', 'tone', 'data_care'].map((item) => ({
        item,
        value: 1,
        note: 'x'.repeat(80),
        messageIds: ['message'],
      })),
      judges: nth % 4 === 0 ? 2 : 1,
      status: nth % 100 === 0 ? 'appealed' : 'standing',
      replies: [],
    }),
    (docs) => evaluations.collection.insertMany(docs, { ordered: false }),
  )

  const { list } = auditStore(
    () => audit,
    new Map(),
    () => now,
  )
  const store = evaluationStore({ model: evaluations, whenProcessed: async () => true })
  const somewhere = () => ({ at: at(Math.floor(next() * entries), entries), id: '' })
  const entriesOf = async (...[filter, after]: [Parameters<typeof list>[0], { at: string; id: string }?]) =>
    (await list(filter, PAGE, after)).entries.length
  const asked: Readonly<Record<string, () => Promise<number>>> = {
    'the audit': () => entriesOf({}),
    'the audit, a later page': () => entriesOf({}, somewhere()),
    'the audit of a week': () => {
      const from = now.getTime() - next() * YEAR_MS
      return entriesOf({ from: new Date(from).toISOString(), to: new Date(from + 7 * DAY_MS).toISOString() })
    },
    'the audit of a person': () => entriesOf({ person: agentOf() }),
    'the audit of who looks at everything': () => entriesOf({ person: 'agent-of-all' }),
    'the audit of who looks at everything, a later page': () =>
      entriesOf({ person: 'agent-of-all' }, somewhere()),
    'the audit of a common act': () => entriesOf({ type: 'conversation_opened' }),
    'the audit of a rare act': () => entriesOf({ type: 'roles_changed' }),
    'evaluations about an agent': async () => (await store.about(agentOf())).length,
    'evaluations that a judge made': async () =>
      (await store.by(`agent-${Math.floor(next() * JUDGES)}`)).length,
    appeals: async () => (await store.appealed()).length,
    'a calibration': async () => (await store.calibrated('service')).length,
    'conversations that were judged lower': async () =>
      (await store.judgedBelow(20, undefined, 5_000))?.length ?? 0,
    'how fifty conversations were judged': async () => {
      const first = Math.floor(next() * (judged - PAGE))
      return (
        await store.ofConversations(
          Array.from({ length: PAGE }, (_, nth) => `conversation-${(first + nth) * JUDGED_OF}`),
        )
      ).length
    },
  }
  const times: SearchTimes[] = []
  for (const [name, ask] of Object.entries(asked)) times.push(await askedOften(`records: ${name}`, ask))
  return times
}
