import { createHash } from 'node:crypto'
import { deskPage } from '@parley/agent/desk'
import { HttpRefusal, type SignedIn, createHttpServer, listen } from '@parley/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Message, Offer, Presence, Row, Template, View } from '../src/api/shapes.ts'
import { isIn, placeIn } from '../src/state/lists.ts'

/**
 * The agent service in memory: its shapes, keys, versions, stream and refusals, and nothing behind them. It does at once what the
 * service does only in bad moments: it falls silent, cuts lines, holds answers back. With the service itself the desk is tested in tests/e2e.
 */
export interface StandIn extends AsyncDisposable {
  readonly url: string
  /** Every change that came in, in its order. */
  readonly asked: readonly Asked[]
  row(id: string): Row
  messages(id: string): readonly Message[]
  presenceOf(personId: string): Presence
  begin(over?: Partial<Row>): Row
  customerWrites(id: string, text: string, over?: Partial<Message>): Message
  says(id: string, over: Partial<Message>): Message
  changes(id: string, over: Partial<Row>): Row
  messageChanges(id: string, messageId: string, over: Partial<Message>): void
  offer(id: string, personId: string, seconds: number): Offer
  /** The line is away: what is open is cut, what is asked gets no answer. */
  cutLine(): void
  restoreLine(): void
  /** The line stays open, and nothing comes any more: as behind a network that went away without a word. */
  fallSilent(): void
  speakAgain(): void
  dropStreams(): void
  /** Changes wait with their answer until it is let go. */
  holdAnswers(): () => void
  /** The next change is refused by the rules. */
  refuseNext(code: string): void
  refetch(): void
  /** Nobody is told. */
  presenceIs(personId: string, status: Presence): void
  /** Another configuration is in force. */
  closesFor(queue: string, reasons: readonly string[]): void
}

interface Asked {
  readonly person: string
  readonly method: string
  readonly path: string
  readonly body: Record<string, unknown>
  readonly key: string | undefined
}

interface Held {
  row: Row
  messages: Message[]
  drafts: Map<string, string>
  closing: { readonly timer: NodeJS.Timeout; readonly before: Row } | undefined
}

interface Said {
  readonly id: number
  readonly name: string
  readonly data: object
  readonly isFor: (person: string, watched: ReadonlySet<string>) => boolean
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['p01', 'Ana Souza'],
  ['p02', 'Bruno Lima'],
  ['p09', 'Vera Campos'],
])
const PAGE = 50
const CLOSE_REASONS: Readonly<Record<string, readonly string[]>> = {
  general: ['solved', 'no_answer', 'spam'],
  cards: ['solved', 'card_blocked'],
}
const GONE = new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.')

export async function standIn({
  templates = [],
  permissions = ['conversations.read', 'conversations.answer'],
}: {
  readonly templates?: readonly Template[]
  readonly permissions?: readonly string[]
} = {}): Promise<StandIn> {
  const conversations = new Map<string, Held>()
  const offers = new Map<string, { offer: Offer; person: string; timer: NodeJS.Timeout }>()
  const presence = new Map<string, Presence>()
  let closeReasons = CLOSE_REASONS
  const settings = new Map<string, object>()
  const contacts = new Map<string, { readonly blockedAt: string | null }>()
  const log: Said[] = []
  const streams = new Map<FastifyReply, { person: string; watched: ReadonlySet<string> }>()
  const answers = new Map<string, { digest: string; answer: Promise<object> }>()
  const asked: Asked[] = []
  let count = 0
  let isCut = false
  let isMute = false
  let refusedNext: string | undefined
  let gate: Promise<void> = Promise.resolve()
  const next = (prefix: string) => `${prefix}${(count += 1)}`
  const now = () => new Date().toISOString()

  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    bodyLimitBytes: 20_000_000,
    doorkeeper: {
      async signedIn({ headers }) {
        const id = /person=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? 'p01'
        const name = NAMES.get(id) ?? id
        return {
          id,
          login: id,
          name,
          roles: ['agent'],
          team: 'a',
          vendor: null,
          permissions,
          sessionId: id,
        } satisfies SignedIn
      },
      refused: () => {},
    },
  })
  app.addHook('onRequest', async ({ url, raw }) => {
    if (isCut && url.startsWith('/api')) raw.socket.destroy()
  })
  const personOf = (request: FastifyRequest): string => request.person?.id ?? ''
  const held = (request: FastifyRequest): Held => {
    const found = conversations.get((request.params as { id: string }).id)
    if (found === undefined) throw GONE
    return found
  }
  const refuse = (code: string, message = code, fields?: object): never => {
    throw Object.assign(new HttpRefusal(409, code, message), { fields })
  }

  const write = (reply: FastifyReply, { id, name, data }: Said) =>
    reply.raw.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  const say = (name: string, data: object, isFor: Said['isFor'] = () => true) => {
    const said = { id: (count += 1), name, data, isFor }
    log.push(said)
    for (const [reply, { person, watched }] of streams) if (isFor(person, watched)) write(reply, said)
  }
  const change = (of: Held, over: Partial<Row>): Row => {
    of.row = { ...of.row, ...over, version: of.row.version + 1 }
    say('conversation', of.row)
    return of.row
  }
  const sayMessage = (of: Held, message: Message) => {
    const { id, owner } = of.row
    const isFor: Said['isFor'] = (person, watched) =>
      (owner?.kind === 'agent' && owner.id === person) ||
      watched.has(id) ||
      message.mentions?.includes(person) === true
    say('message', { conversationId: id, message }, isFor)
  }
  const add = (of: Held, over: Partial<Message>): Message => {
    const message: Message = {
      id: next('m'),
      author: { kind: 'customer', id: of.row.contact.id, name: of.row.contact.name },
      type: 'text',
      text: '',
      status: null,
      occurredAt: now(),
      recordedAt: now(),
      isNote: false,
      version: of.row.version + 1,
      ...over,
    }
    of.messages.push(message)
    const { author, text, recordedAt: at } = message
    change(of, {
      ...(!message.isNote && { lastMessage: { author: author.kind, text, at } }),
      ...(author.kind === 'customer' && { unreadCount: of.row.unreadCount + 1 }),
    })
    sayMessage(of, message)
    return message
  }
  const messageIs = (of: Held, id: string, over: Partial<Message>) => {
    const at = of.messages.findIndex((message) => message.id === id)
    const before = of.messages[at]
    if (before === undefined) return
    change(of, {})
    const message = { ...before, ...over, version: of.row.version }
    of.messages[at] = message
    sayMessage(of, message)
  }
  const endOffer = (offerId: string, outcome: string) => {
    const found = offers.get(offerId)
    if (found === undefined) return
    offers.delete(offerId)
    clearTimeout(found.timer)
    say('offer_ended', { offerId, outcome }, (person) => person === found.person)
    if (outcome === 'accepted') return
    const of = conversations.get(found.offer.conversationId)
    if (of !== undefined) change(of, { stage: 'waiting' })
  }
  const give = (of: Held, person: string) =>
    change(of, {
      stage: 'with_agent',
      owner: { kind: 'agent', id: person, name: NAMES.get(person) ?? person },
      isOnHold: false,
      snoozedUntil: null,
    })

  /** A change with a key: decided once, answered the same ever after. */
  const post = (
    path: string,
    decide: (request: FastifyRequest, body: Record<string, unknown>) => object,
    method: 'POST' | 'PUT' = 'POST',
  ) =>
    app.route({
      method,
      url: path,
      config: { access: 'signed in', isKeyed: true },
      handler: async (request, reply) => {
        const key = request.headers['idempotency-key']
        const person = personOf(request)
        const body = JSON.parse(String(request.body)) as Record<string, unknown>
        asked.push({
          person,
          method,
          path: request.url,
          body,
          key: typeof key === 'string' ? key : undefined,
        })
        if (typeof key !== 'string')
          throw new HttpRefusal(400, 'IDEMPOTENCY_KEY_MISSING', 'A key is missing.')
        const digest = createHash('sha256')
          .update(`${method} ${request.url} ${String(request.body)}`)
          .digest('hex')
        const known = answers.get(`${person} ${key}`)
        if (known !== undefined && known.digest !== digest)
          throw new HttpRefusal(422, 'IDEMPOTENCY_KEY_REUSED', 'The key was used for something else.')
        const answer =
          known?.answer ??
          (async () => {
            const code = refusedNext
            refusedNext = undefined
            if (code !== undefined) refuse(code)
            return { position: String(count), ...decide(request, body) }
          })()
        answer.catch(() => {})
        answers.set(`${person} ${key}`, { digest, answer })
        await gate
        return reply.send(await answer)
      },
    })
  /** A change that takes no key and says nothing. */
  const tell = (
    method: 'POST' | 'PUT',
    path: string,
    take: (request: FastifyRequest, body: Record<string, unknown>) => void,
  ) =>
    app.route({
      method,
      url: path,
      config: { access: 'signed in', isKeyed: false },
      handler: async (request, reply) => {
        const body = JSON.parse(String(request.body)) as Record<string, unknown>
        asked.push({ person: personOf(request), method, path: request.url, body, key: undefined })
        take(request, body)
        return reply.code(204).send()
      },
    })
  const get = (path: string, answer: (request: FastifyRequest) => object) =>
    app.get(path, { config: { access: 'signed in' } }, async (request, reply) => reply.send(answer(request)))
  const own = (request: FastifyRequest): Held => {
    const of = held(request)
    if (of.row.owner?.kind !== 'agent' || of.row.owner.id !== personOf(request)) refuse('NOT_THE_OWNER')
    return of
  }
  const notOver = (of: Held, { seen }: Record<string, unknown>) => {
    const last = of.messages.findLast(({ author }) => author.kind === 'customer')
    if (seen !== undefined && last !== undefined && last.id !== seen) refuse('CUSTOMER_WROTE')
  }

  deskPage(app)
  app.get('/icon.svg', { config: { access: 'public' } }, async (_request, reply) =>
    reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  )
  get('/api/me', ({ person }) => ({
    ...person,
    closeReasons,
    status: presence.get(person?.id ?? '') ?? 'offline',
    colleagues: [...NAMES].map(([id, name]) => ({ id, name, status: presence.get(id) ?? 'offline' })),
    flows: [{ name: 'atendimento', steps: ['menu'] }],
    quickReplies: [
      { name: 'Saudação', language: 'pt', text: 'Olá {customer}, aqui é {agent}.' },
      { name: 'Protocolo', language: 'pt', text: 'Seu protocolo é {protocol}.' },
      { name: 'Greeting', language: 'en', text: 'Hello {customer}, this is {agent}.' },
    ],
  }))
  get('/api/conversations', (request) => {
    const { view, cursor } = request.query as { view: View; cursor?: string }
    const me = personOf(request)
    const offered = new Set(
      [...offers.values()].filter(({ person }) => person === me).map(({ offer }) => offer.conversationId),
    )
    const rows = [...conversations.values()]
      .map(({ row }) => row)
      .filter((row) => isIn(view, row, { me, offered }))
      .sort((a, b) => placeIn(view, a) - placeIn(view, b))
    const begin = Number(cursor ?? 0)
    return {
      conversations: rows.slice(begin, begin + PAGE),
      cursor: rows.length > begin + PAGE ? String(begin + PAGE) : null,
      position: String(count),
    }
  })
  get('/api/conversations/:id', (request) => {
    const { row, messages, drafts } = held(request)
    const { before } = request.query as { before?: string }
    const end = before === undefined ? messages.length : Number(before)
    const begin = Math.max(0, end - PAGE)
    return {
      conversation: row,
      messages: messages.slice(begin, end),
      before: begin === 0 ? null : String(begin),
      position: String(count),
      draft: drafts.get(personOf(request)) ?? null,
    }
  })
  get('/api/settings', (request) => settings.get(personOf(request)) ?? {})
  tell('PUT', '/api/settings', (request, body) => void settings.set(personOf(request), body))
  get('/api/conversations/:id/templates', () => ({ templates }))
  get('/api/conversations/:id/customer', (request) => {
    const { row } = held(request)
    return {
      number: '5511987654321',
      username: null,
      ...contacts.get(row.contact.id),
      notice: {
        shownAt: row.openedAt,
        processors: ['channel: Meta (WhatsApp Cloud API)', 'staffing_vendor: Contato Sul'],
      },
      learnt: [
        { name: 'lost_where', value: 'no shopping' },
        { name: 'cpf', value: null },
      ],
      earlier: [...conversations.values()].flatMap(({ row: other }) =>
        other.contact.id === row.contact.id && other.id !== row.id ? [other] : [],
      ),
    }
  })
  app.post(
    '/api/conversations/:id/reveal',
    { config: { access: 'signed in', isKeyed: false } },
    async (request, reply) => {
      const body = JSON.parse(String(request.body)) as Record<string, unknown>
      asked.push({
        person: personOf(request),
        method: 'POST',
        path: request.url,
        body,
        key: undefined,
      })
      own(request)
      return reply.send({ text: '529.982.247-25' })
    },
  )
  for (const what of ['block', 'unblock'] as const)
    post(`/api/contacts/:id/${what}`, (request) => {
      const { id } = request.params as { id: string }
      contacts.set(id, { blockedAt: what === 'block' ? now() : null })
      for (const each of conversations.values())
        if (each.row.contact.id === id && what === 'block')
          change(each, { stage: 'closed', owner: null, closedAt: now(), closeReason: 'blocked' })
      return {}
    })
  post(
    '/api/contacts/:id/language',
    (request, { language }) => {
      const { id } = request.params as { id: string }
      for (const each of conversations.values())
        if (each.row.contact.id === id)
          change(each, { contact: { ...each.row.contact, language: String(language) } })
      return {}
    },
    'PUT',
  )
  post('/api/contacts/:id/conversations', (request, { queue }) => {
    const { id } = request.params as { id: string }
    const known = [...conversations.values()].find(({ row }) => row.contact.id === id)
    if (known === undefined) throw GONE
    const me = personOf(request)
    const begun = next('c')
    const row: Row = {
      ...known.row,
      id: begun,
      stage: 'parked',
      queue: String(queue),
      owner: { kind: 'agent', id: me, name: NAMES.get(me) ?? me },
      closedAt: null,
      closeReason: null,
      openedAt: now(),
      lastMessage: null,
    }
    const of: Held = { row, messages: [], drafts: new Map(), closing: undefined }
    conversations.set(begun, of)
    const messageId = add(of, {
      author: { kind: 'agent', id: me, name: NAMES.get(me) ?? me },
      type: 'template',
      text: 'Olá Maria, seu cartão azul chegou.',
      status: 'sent',
    }).id
    return { messageId, conversationId: begun }
  })
  app.post('/api/search', { config: { access: 'signed in', isKeyed: false } }, async (request, reply) => {
    const { text } = JSON.parse(String(request.body)) as { text: string }
    const all = [...conversations.values()]
    const found = all.filter(({ row, messages }) =>
      `${row.contact.name} ${messages.map((message) => message.text).join(' ')}`.includes(text),
    )
    return reply.send({ conversations: found.map(({ row }) => row) })
  })
  post(
    '/api/presence',
    (request, { status }) => {
      presence.set(personOf(request), status as Presence)
      say('presence', { agentId: personOf(request), status: status as Presence })
      return {}
    },
    'PUT',
  )
  for (const [word, outcome] of [
    ['accept', 'accepted'],
    ['decline', 'declined'],
  ] as const)
    post(`/api/offers/:offerId/${word}`, (request) => {
      const { offerId } = request.params as { offerId: string }
      const found = offers.get(offerId)
      if (found === undefined) return refuse('OFFER_ENDED')
      if (found.person !== personOf(request)) throw GONE
      endOffer(offerId, outcome)
      const of = conversations.get(found.offer.conversationId)
      if (outcome === 'accepted' && of !== undefined) give(of, found.person)
      return {}
    })
  post('/api/conversations/:id/messages', (request, body) => {
    const of = own(request)
    const window = of.row.replyWindowEndsAt
    if (body['type'] !== 'template' && (window === null || Date.parse(window) < Date.now()))
      refuse('OUTSIDE_REPLY_WINDOW')
    const template = templates.find(({ name }) => name === body['name'])
    const text = (body['text'] ?? body['caption'] ?? template?.text ?? null) as string | null
    const person = personOf(request)
    const message = add(of, {
      author: { kind: 'agent', id: person, name: NAMES.get(person) ?? person },
      type: body['type'] === 'media' ? 'document' : String(body['type']),
      text,
      status: 'queued',
      replyTo: (body['replyTo'] as string | undefined) ?? null,
    })
    for (const [status, after] of [
      ['sent', 60],
      ['delivered', 120],
      ['read', 200],
    ] as const)
      setTimeout(() => messageIs(of, message.id, { status }), after).unref()
    return { messageId: message.id }
  })
  const note = (of: Held, person: string, text: string, mentions: readonly string[] = []) =>
    add(of, {
      author: { kind: 'agent', id: person, name: NAMES.get(person) ?? person },
      type: 'note',
      text,
      isNote: true,
      mentions: [...mentions],
    }).id
  post('/api/conversations/:id/notes', (request, { text, mentions }) => ({
    messageId: note(held(request), personOf(request), String(text), mentions as string[]),
  }))
  post('/api/conversations/:id/transfer', (request, body) => {
    const of = own(request)
    const messageId = note(of, personOf(request), String(body['note']))
    const to = body['to'] as { agentId?: string; queue?: string }
    if (to.agentId !== undefined) give(of, to.agentId)
    else
      change(of, {
        stage: 'waiting',
        queue: to.queue ?? null,
        owner: { kind: 'queue', id: to.queue ?? null, name: to.queue ?? '' },
        waitingSince: now(),
      })
    return { messageId }
  })
  post('/api/conversations/:id/hold', (request) => (change(own(request), { isOnHold: true }), {}))
  post('/api/conversations/:id/resume', (request) => (give(own(request), personOf(request)), {}))
  post('/api/conversations/:id/park', (request, body) => {
    const of = own(request)
    notOver(of, body)
    change(of, { stage: 'parked' })
    return {}
  })
  post('/api/conversations/:id/snooze', (request, body) => {
    const of = own(request)
    notOver(of, body)
    change(of, { stage: 'parked', snoozedUntil: String(body['until']) })
    return {}
  })
  post('/api/conversations/:id/claim', (request) => {
    const of = held(request)
    if (of.row.stage !== 'waiting') refuse('NOT_WAITING')
    give(of, personOf(request))
    return {}
  })
  post('/api/conversations/:id/close', (request, body) => {
    const of = own(request)
    notOver(of, body)
    const before = of.row
    const close = () => {
      of.closing = undefined
      change(of, { stage: 'closed', owner: null, closedAt: now(), closeReason: String(body['reason']) })
    }
    const seconds = Number(body['undoSeconds'] ?? 0)
    if (seconds === 0) close()
    else {
      change(of, { stage: 'ending', owner: null })
      of.closing = { before, timer: setTimeout(close, seconds * 1_000) }
    }
    return {}
  })
  post('/api/conversations/:id/close/undo', (request) => {
    const of = held(request)
    if (of.closing === undefined) return refuse('NOT_CLOSING')
    clearTimeout(of.closing.timer)
    const { stage, owner } = of.closing.before
    of.closing = undefined
    change(of, { stage, owner })
    return {}
  })
  tell(
    'PUT',
    '/api/conversations/:id/draft',
    (request, { text }) => void held(request).drafts.set(personOf(request), String(text)),
  )
  tell('POST', '/api/conversations/:id/typing', (request) => {
    const { id, owner } = held(request).row
    const agentId = personOf(request)
    const data = { conversationId: id, agentId, name: NAMES.get(agentId) ?? agentId }
    const isFor: Said['isFor'] = (person, watched) =>
      person !== agentId && (owner?.id === person || watched.has(id))
    for (const [reply, { person, watched }] of streams)
      if (isFor(person, watched)) reply.raw.write(`event: typing\ndata: ${JSON.stringify(data)}\n\n`)
  })
  tell('POST', '/api/conversations/:id/read', (request) => {
    // Told with whatever happens next.
    const of = held(request)
    of.row = { ...of.row, unreadCount: 0 }
  })
  void app.register(async (uploads) => {
    uploads.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    uploads.post(
      '/api/uploads',
      { config: { access: 'signed in', body: 'raw', isKeyed: true } },
      async (request, reply) => {
        await gate
        const form = request.body as Buffer
        const type = form.includes('Content-Type: audio/') ? 'audio' : 'image'
        return reply.send({ uploadId: next('u'), type, bytes: form.length })
      },
    )
  })

  app.get('/api/stream', { config: { access: 'signed in', stream: true } }, (request, reply) => {
    const person = personOf(request)
    const { watch = '' } = request.query as { watch?: string }
    const watched = new Set(watch.split(',').filter(Boolean))
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const last = request.headers['last-event-id']
    // With the id that it was asked after: what was missed comes behind it, and a line that breaks in between loses none of it.
    const begin = typeof last === 'string' ? Number(last) : count
    write(reply, { id: begin, name: 'ready', data: { position: String(begin) }, isFor: () => true })
    if (typeof last === 'string') {
      for (const said of log) if (said.id > Number(last) && said.isFor(person, watched)) write(reply, said)
    } else
      for (const { offer, person: to } of offers.values())
        if (to === person) write(reply, { id: count, name: 'offer', data: offer, isFor: () => true })
    streams.set(reply, { person, watched })
    const beat = setInterval(() => isMute || reply.raw.write(': beat\n\n'), 2_500)
    reply.raw.once('close', () => {
      clearInterval(beat)
      streams.delete(reply)
    })
  })

  const of = (id: string): Held => {
    const found = conversations.get(id)
    if (found === undefined) throw new Error(`There is no ${id}.`)
    return found
  }
  const dropStreams = () => {
    for (const reply of streams.keys()) reply.raw.destroy()
  }
  const server = await listen(app, '127.0.0.1', 0)
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    row: (id) => of(id).row,
    messages: (id) => of(id).messages,
    presenceOf: (personId) => presence.get(personId) ?? 'offline',
    begin(over = {}) {
      const id = over.id ?? next('c')
      const row: Row = {
        id,
        contact: { id: `contact-${id}`, name: `Cliente ${id}`, language: 'pt' },
        stage: 'waiting',
        queue: 'general',
        owner: { kind: 'queue', id: 'general', name: 'general' },
        lastMessage: null,
        unreadCount: 0,
        waitingSince: now(),
        replyWindowEndsAt: new Date(Date.now() + 20 * 3_600_000).toISOString(),
        openedAt: now(),
        closedAt: null,
        closeReason: null,
        version: 1,
        ...over,
      }
      conversations.set(id, { row, messages: [], drafts: new Map(), closing: undefined })
      say('conversation', row)
      return row
    },
    customerWrites: (id, text, over = {}) => add(of(id), { text, ...over }),
    says: (id, over) => add(of(id), over),
    changes: (id, over) => change(of(id), over),
    messageChanges: (id, messageId, over) => messageIs(of(id), messageId, over),
    offer(id, person, seconds) {
      const { row } = of(id)
      const offer: Offer = {
        offerId: next('o'),
        conversationId: id,
        queue: row.queue ?? '',
        expiresAt: new Date(Date.now() + seconds * 1_000).toISOString(),
        waitingSince: row.waitingSince ?? now(),
        contact: row.contact,
        why: row.why ?? null,
      }
      offers.set(offer.offerId, {
        offer,
        person,
        timer: setTimeout(() => endOffer(offer.offerId, 'timed_out'), seconds * 1_000),
      })
      say('offer', offer, (to) => to === person)
      change(of(id), { stage: 'offered' })
      return offer
    },
    cutLine() {
      isCut = true
      dropStreams()
    },
    restoreLine: () => (isCut = false),
    fallSilent: () => (isMute = true),
    speakAgain: () => (isMute = false),
    dropStreams,
    holdAnswers() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    refuseNext: (code) => (refusedNext = code),
    refetch: () => say('refetch', { reason: 'too old' }),
    presenceIs: (personId, status) => void presence.set(personId, status),
    closesFor(queue, reasons) {
      closeReasons = { ...closeReasons, [queue]: reasons }
      say('configuration', {})
    },
    async [Symbol.asyncDispose]() {
      for (const { timer } of offers.values()) clearTimeout(timer)
      for (const { closing } of conversations.values()) clearTimeout(closing?.timer)
      dropStreams()
      await server.drain?.()
      await server.close()
    },
  }
}
