import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { linkStore, transcriptLinks } from '@parley/archive'
import { completeTurn, flowFiles, flowLibrary, loadFlows, respond, respondRequest } from '@parley/bot'
import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import {
  type EvaluationCommand,
  type EvaluationEvent,
  type ScorecardForm,
  evaluationFamily,
  evaluationIdOf,
  formHash,
} from '@parley/evaluation'
import { readScorecardsIn } from '@parley/evaluation/directory'
import { type EventLog, type FamilyTopics, type ReadEvent, StoredHeads, topicsOf } from '@parley/eventlog'
import { type Head, type NewCommand, deterministicId } from '@parley/kernel'
import { readPeopleIn } from '@parley/people/directory'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import {
  type ContactState,
  type ConversationPolicy,
  type EvaluationPolicy,
  type EvaluationState,
  type PoolState,
  companyIn,
  conversationDecider,
  evaluationDecider,
  introductions,
  policyOf,
  workforceDecider,
  workforceIn,
} from '@parley/routing'
import { beginOfDate } from '@parley/time-zone'
import { POOL, type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'
import type { Db } from 'mongodb'
import { Chance } from '../../faults/chance.ts'
import { type Judged, contactIdOf } from './customers.ts'
import { Day, type DayPorts } from './day.ts'
import { DecidedStreams, endsOf } from './decided-streams.ts'

type Ending = ReadEvent<Extract<ConversationEvent, { type: 'ConversationEnding' }>>

export interface DayWanted {
  readonly log: EventLog
  readonly namespace: string
  /** The database of a service. */
  dbOf(service: string): Db
  readonly configDirectory: string
  /** Of transcripts. */
  readonly baseUrl: string
  /** YYYY-MM-DD, of the company's time zone. */
  readonly date: string
  readonly seed: number
  readonly conversations: number
}

/** What would be mixed up with the day, or was lived already. */
export class DayRefused extends Error {
  readonly code: 'DAY_FILLED' | 'POOL_BUSY' | 'LOG_BUSY'
  constructor(code: DayRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Readers that act outside: what they did for the day's events was done in the day. By service, with the family that they read. */
export const REACTORS = [
  { service: 'routing', name: 'to-pool', hears: 'contacts' },
  { service: 'routing', name: 'to-conversations', hears: 'pool' },
  { service: 'gateway', name: 'sending', hears: 'contacts' },
  { service: 'gateway', name: 'media', hears: 'contacts' },
  { service: 'bot', name: 'turns', hears: 'contacts' },
  { service: 'archive', name: 'links', hears: 'contacts' },
  { service: 'agent', name: 'alert-words', hears: 'contacts' },
] as const

/**
 * A day that was decided on top of what the log holds, and is not in the log yet. Nobody else may write to the log from `decided` until
 * it is `appended`: the places of commands and events are settled by then.
 */
export class LivedDay {
  readonly contacts: DecidedStreams<ContactState, ConversationCommand, ConversationEvent, ConversationPolicy>
  readonly pool: DecidedStreams<PoolState, WorkforceCommand, WorkforceEvent, undefined>
  readonly evaluations: DecidedStreams<EvaluationState, EvaluationCommand, EvaluationEvent, EvaluationPolicy>
  readonly #wanted: DayWanted
  readonly #topics: FamilyTopics<ConversationCommand, ConversationEvent>
  readonly #poolTopics: FamilyTopics<WorkforceCommand, WorkforceEvent>
  readonly #keepLinks: () => Promise<void>

  private constructor(
    wanted: DayWanted,
    ports: Pick<LivedDay, 'contacts' | 'pool' | 'evaluations'>,
    keepLinks: () => Promise<void>,
  ) {
    this.contacts = ports.contacts
    this.pool = ports.pool
    this.evaluations = ports.evaluations
    this.#wanted = wanted
    this.#topics = topicsOf(wanted.namespace, conversations)
    this.#poolTopics = topicsOf(wanted.namespace, workforces)
    this.#keepLinks = keepLinks
  }

  get customerCount(): number {
    return this.contacts.streams.size
  }

  get eventCount(): number {
    return this.contacts.events.length + this.pool.events.length + this.evaluations.events.length
  }

  /** @throws {DayRefused} */
  static async decided(wanted: DayWanted): Promise<LivedDay> {
    const { log, namespace, configDirectory, date, seed } = wanted
    const topics = topicsOf(namespace, conversations)
    const poolTopics = topicsOf(namespace, workforces)
    const roster = await readPeopleIn(configDirectory)
    const company = await companyIn(configDirectory)
    const configuration = await workforceIn(configDirectory, roster, company)
    const timeouts = { botTurnTimeoutSeconds: 45, silenceTimeoutSeconds: 1800, endingTimeoutSeconds: 60 }
    const policy = policyOf(company, timeouts, configuration)
    const contacts = new DecidedStreams(conversationDecider, policy, await endsOf(log, topics))
    const pool = new DecidedStreams(workforceDecider, undefined, await endsOf(log, poolTopics))
    const { forms } = await readScorecardsIn(configDirectory)
    const evaluations = new DecidedStreams(
      evaluationDecider,
      { forms },
      await endsOf(log, topicsOf(namespace, evaluationFamily)),
    )
    const form = forms.findLast(({ for: whom }) => whom === 'agent')
    const supervisors = [...roster.people.values()].filter(({ roles }) => roles.includes('supervisor'))
    const judging = new Chance(seed)
    const name = `${date} ${seed}`
    await refuseFilled(wanted, topics, contactIdOf(name, 0))
    await pool.takeUp(log, poolTopics, POOL)
    await refuseBusy(wanted, pool)

    const begins = beginOfDate(date, company.timezone)
    if (pool.state(POOL).configuration.hash === '')
      pool.decide(
        {
          ...workforces.command('ConfigurePool', { configuration, onlyFirst: true }),
          commandId: deterministicId('configuration at the start', configuration.hash),
          streamId: POOL,
          occurredAt: new Date(begins).toISOString(),
          actor: { kind: 'system', id: 'routing' },
        },
        begins,
      )

    const links = transcriptLinks(
      {
        store: linkStore(wanted.dbOf('archive')),
        append: async () => {},
        now: () => new Date(begins),
        newToken: () => randomBytes(32).toString('base64url'),
      },
      {
        baseUrl: wanted.baseUrl,
        secret: randomBytes(32).toString('base64url'),
        ttlSecondsOfEnding: 365 * 24 * 3600,
      },
    )
    const endings: Ending[] = []
    await new Day(
      {
        contacts,
        pool,
        answer: await robotOf(configDirectory, configuration),
        linksFor(ending) {
          endings.push(ending)
          return links.wishesFor(ending)
        },
        introductionOf: introductions(company, roster),
        judges(conversation, at) {
          const judge = supervisors.length === 0 ? undefined : judging.one(supervisors).id
          if (form !== undefined && judge !== undefined && judge !== conversation.agentId)
            evaluations.decide(judgement(conversation, form, judge, judging, at), at.getTime())
        },
      },
      {
        name,
        begins,
        ends: beginOfDate(dateAfter(date), company.timezone),
        conversations: wanted.conversations,
        chance: new Chance(seed),
      },
    ).live()
    return new LivedDay(wanted, { contacts, pool, evaluations }, () => links.keepForEndings(endings))
  }

  /**
   * Commands before events: an event that names a command which is not there would let a later one be taken for a repeat. And that the
   * day's customers were served before the events that ask for it; of the pool, which others use too, after them.
   * @throws {LogChanged}
   */
  async appended(): Promise<void> {
    const { log } = this.#wanted
    await this.#keepLinks()
    await this.#writeHeads('contacts', this.contacts.streams)
    await this.contacts.appendTo(log, this.#topics)
    await this.pool.appendTo(log, this.#poolTopics)
    await this.#writeHeads('pool', this.pool.streams)
    await this.evaluations.appendTo(log, topicsOf(this.#wanted.namespace, evaluationFamily))
  }

  async #writeHeads(
    family: 'contacts' | 'pool',
    streams: ReadonlyMap<string, { readonly head: Head | undefined }>,
  ): Promise<void> {
    const heads = new Map<string, Head>()
    for (const [streamId, { head }] of streams) if (head !== undefined) heads.set(streamId, head)
    for (const { service, name, hears } of REACTORS) {
      if (hears !== family) continue
      await new StoredHeads(this.#wanted.dbOf(service), name).writeResting(heads)
    }
  }
}

async function refuseFilled(
  { log, dbOf, date, seed }: DayWanted,
  { events }: { readonly events: string },
  contactId: string,
): Promise<void> {
  const head = (await new StoredHeads(dbOf('routing'), 'to-pool').of([contactId])).get(contactId)
  if (head === undefined) return
  const { offset } = head
  const partition = await log.partitionOf(contactId, events)
  if (offset >= (await log.endOffset(events, partition))) return
  const [record] = await log.read(events, partition, offset, offset + 1n)
  if (record?.key === contactId)
    throw new DayRefused(
      'DAY_FILLED',
      `${date} was filled with seed ${seed} before, and its customers cannot live it twice. Take another --date, or add others to it with another --seed.`,
    )
}

async function refuseBusy(
  { dbOf }: DayWanted,
  pool: DecidedStreams<PoolState, WorkforceCommand, WorkforceEvent, undefined>,
): Promise<void> {
  const open = [...pool.state(POOL).works.entries()].filter(([, { stage }]) => stage !== 'wrap_up').length
  if (open > 0)
    throw new DayRefused(
      'POOL_BUSY',
      `${open} conversations wait for people or are with them, and the day's agents would be given them. End them first, or begin anew with \`npm start -- --reset\`.`,
    )
  const version = pool.streams.get(POOL)?.head?.version ?? 0
  const heard = (await new StoredHeads(dbOf('routing'), 'to-conversations').of([POOL])).get(POOL)
  if (version > 0 && (heard?.version ?? 0) < version)
    throw new DayRefused(
      'LOG_BUSY',
      'Routing has not heard yet of all that the pool decided. Try again in a few seconds.',
    )
}

async function robotOf(configDirectory: string, calendars: PoolConfiguration): Promise<DayPorts['answer']> {
  const flows = (await loadFlows(await flowFiles(join(configDirectory, 'flows')), {})).map(({ flow }) => flow)
  const entry = flows.find(({ id }) => id === 'atendimento') ?? flows[0]!
  const ports = {
    library: flowLibrary(entry, flows, { keep: async () => {}, find: async () => undefined }),
    call: async () => ({ ok: false as const, why: 'TIMEOUT' as const }),
    calendars: async () => calendars,
    secrets: {},
  }
  const signal = AbortSignal.timeout(600_000)
  return async (turn, at) => {
    const responded = await respond(ports, respondRequest(turn), signal)
    if ('failed' in responded) throw new Error(`The robot gave no answer (${responded.failed}).`)
    return completeTurn(turn, responded.response, at)
  }
}

/** Mostly good, as most are. */
function judgement(
  { conversationId, agentId, queue }: Judged,
  form: ScorecardForm,
  judgeId: string,
  chance: Chance,
  at: Date,
): NewCommand<EvaluationCommand> {
  const answers = form.items.flatMap(({ id: item, max, optional, critical }) => {
    if (optional && chance.happens(0.5)) return []
    const value = chance.happens(critical ? 0.03 : 0.2) ? chance.between(0, max) : max
    return [{ item, value, messageIds: [], hasNote: false }]
  })
  const streamId = evaluationIdOf(conversationId, form.name, judgeId)
  return {
    ...evaluationFamily.command('EvaluateConversation', {
      conversationId,
      form: form.name,
      version: form.version,
      formHash: formHash(form),
      judgeId,
      subjectKind: 'agent',
      subjectId: agentId,
      queue,
      answers,
      judges: 1,
    }),
    commandId: deterministicId('day', streamId),
    streamId,
    correlationId: conversationId,
    occurredAt: at.toISOString(),
    actor: { kind: 'agent', id: judgeId },
  }
}

function dateAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + 24 * 60 * 60_000).toISOString().slice(0, 10)
}
