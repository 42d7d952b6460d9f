import { type Roster, permissionsOf } from '@parley/people'
import { Changes, type Doorkeeper, type SignedIn, listen } from '@parley/service'
import { consoleSite } from '../../../services/agent/src/adapters/console-site.ts'
import { conversationStore } from '../../../services/agent/src/adapters/read-models/conversation-store.ts'
import type { Channel, Template } from '../../../services/agent/src/adapters/desk-changes/channel.ts'
import { Wishes } from '../../../services/agent/src/adapters/desk-changes/wishes.ts'
import { DeskFeed } from '../../../services/agent/src/adapters/desk/feed.ts'
import { DeskSettingsStore } from '../../../services/agent/src/adapters/desk/settings.ts'
import { namesOf } from '../../../services/agent/src/adapters/desk/sight.ts'
import { DeskSigns } from '../../../services/agent/src/adapters/desk/signs.ts'
import { DeskStore } from '../../../services/agent/src/adapters/desk/store.ts'
import { poolStore } from '../../../services/agent/src/adapters/read-models/pool-store.ts'
import { UploadStore } from '../../../services/agent/src/adapters/media/upload-store.ts'
import { by } from '../../../services/routing/test/story.ts'
import { emptyConsole } from '../../access/servers.ts'
import type { Company } from './company.ts'
import { memoryFiles } from './files.ts'
import type { ReadModels } from './read-models.ts'

const QUICK_REPLIES = [
  { name: 'Saudação', language: 'pt', text: 'Olá {customer}, aqui é {agent}.' },
  { name: 'Protocolo', language: 'pt', text: 'Seu protocolo é {protocol}.' },
  { name: 'Greeting', language: 'en', text: 'Hello {customer}, this is {agent}.' },
]

export type ApprovedText = Pick<Template, 'name' | 'language' | 'text'>

/** What a test puts in the way, as a bad moment would. */
export class Obstacles {
  /** Answers of changes, and the taking of files, wait for it. */
  gate: Promise<void> = Promise.resolve()
  /** By which code the rules refuse the next change. */
  refusedNext: string | undefined
  /** The desk that comes back next has been away too long. */
  isForgetful = false
}

/** A change that came in. */
export interface Asked {
  readonly person: string
  readonly method: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly key: string | undefined
}

export interface AgentServiceOptions {
  readonly company: Company
  readonly models: ReadModels
  readonly roster: Roster
  readonly templates: readonly ApprovedText[]
  readonly obstacles: Obstacles
  onFault(error: unknown): void
}

/** The agent service's own server, routes, stores and feed; only collections, gateway and who is signed in are of memory. */
export async function agentService(options: AgentServiceOptions) {
  const { company, models, roster, templates, obstacles, onFault } = options
  await using undo = new AsyncDisposableStack()
  const { db } = models.collections
  const name = namesOf(roster)
  const store = conversationStore(
    () => models.conversations,
    'America/Sao_Paulo',
    () => new Date(),
  )
  const pool = poolStore(() => models.pool)
  const desks = await DeskStore.open(db)
  const wishes = new Wishes({
    log: company.log,
    topics: company.topics,
    decided: {
      conversation: (commandId) => models.conversations.outcomes.findOne({ _id: commandId }),
      pool: (commandId) => models.pool.outcomes.findOne({ _id: commandId }),
    },
    positionAfter: (family, place) => feed.positionAfter(family, place),
  })
  // What stands in the log is in the collections, too.
  const reader = { whenProcessed: async () => true }
  const feed = await DeskFeed.start({
    heard: (event) => wishes.heard(event),
    log: company.log,
    topics: { conversations: company.topics.conversation, pool: company.topics.pool },
    readers: { conversations: reader, pool: reader },
    conversations: store,
    pool,
    desks,
    name,
    roster,
    onUnreadable: (_, error) => onFault(error),
    troubleOf: () => ({ onStuck: () => {}, onFault }),
    onFault,
    onError: onFault,
  })
  undo.defer(async () => feed.resource.close())
  const signs = undo.adopt(
    await DeskSigns.open(db, { feed, conversations: store, name, onError: onFault, lookEveryMs: 50 }),
    (it) => it.close(),
  )
  await feed.whenBegun()

  const site = emptyConsole(byCookie(roster))
  const { app } = await consoleSite({
    ...site,
    quickReplies: QUICK_REPLIES,
    deskSettings: new DeskSettingsStore(db),
    now: () => new Date(),
    desk: {
      ...site.desk,
      conversations: store,
      desks,
      feed: {
        given: (lastEventId) => feed.given(lastEventId),
        goesOnFrom: (lastEventId) => feed.goesOnFrom(lastEventId),
        open(stream, lastEventId, watcher) {
          const isForgotten = obstacles.isForgetful && lastEventId !== undefined
          if (isForgotten) obstacles.isForgetful = false
          return feed.open(stream, isForgotten ? 'forgotten' : lastEventId, watcher)
        },
        watcher: (sight, watched) => feed.watcher(sight, watched),
        readPosition: () => feed.readPosition(),
        beginning: () => feed.beginning(),
        position: () => feed.position(),
        newest: (read) => feed.newest(read),
        pool: feed.pool,
      },
      roster,
      wishes: {
        known: (...wish) => wishes.known(...wish),
        async say(...wish) {
          const code = obstacles.refusedNext
          obstacles.refusedNext = undefined
          const ruling = code === undefined ? await wishes.say(...wish) : refusal(code, feed.position())
          await obstacles.gate
          return ruling
        },
      },
      changes: await Changes.open(db),
      offers: pool,
      signs,
      channel: channelOf(company, templates),
      files: memoryFiles(() => obstacles.gate),
      uploads: await UploadStore.open(db, 2 ** 31, () => new Date()),
    },
  })
  const asked: Asked[] = []
  app.addHook('preHandler', async ({ person, method, url, body, headers }) => {
    if (method === 'GET' || typeof body !== 'string') return
    const key = headers['idempotency-key']
    asked.push({
      person: person?.id ?? '',
      method,
      path: url,
      body: JSON.parse(body || '{}'),
      key: typeof key === 'string' ? key : undefined,
    })
  })
  const { port } = undo.adopt(await listen(app, '127.0.0.1', 0), async (it) => {
    await it.drain?.()
    await it.close()
  })
  const running = undo.move()
  return { port, asked, feed, desks, name, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** `person=p01`. */
const byCookie = (roster: Roster): Doorkeeper => ({
  async signedIn({ headers }) {
    const person = roster.people.get(/person=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? '')
    if (person === undefined) return undefined
    const { id, login, name, roles, team } = person
    const vendor = team === null ? null : (roster.teams.get(team)?.vendor ?? null)
    const signedIn: SignedIn = {
      id,
      login,
      name,
      roles,
      team,
      vendor,
      permissions: permissionsOf(roles),
      sessionId: id,
    }
    return signedIn
  },
  refused: () => {},
})

const refusal = (code: string, position: string) => ({
  refusal: { code, fields: {} },
  messageId: null,
  conversationId: '',
  position,
})

function channelOf(company: Company, templates: readonly ApprovedText[]): Channel {
  return {
    showTyping: async () => {},
    templates: async () =>
      templates.map((template) => ({
        ...template,
        category: 'UTILITY',
        parameterCount: new Set(template.text.match(/\{\{\d+\}\}/g)).size,
      })),
    async block(contactId, reason, personId) {
      company.wish(contactId, { type: 'BlockContact', data: { reason }, actor: by('agent', personId) })
      return undefined
    },
    async unblock(contactId, _, personId) {
      company.wish(contactId, { type: 'UnblockContact', actor: by('agent', personId) })
      return undefined
    },
  }
}
