import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { scopeOf } from '@parley/people'
import { type Doorkeeper, type HttpSettings, type Logger, createHttpServer } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { personOf } from './doorkeeper.ts'
import type { LiveOverviews, LiveWord } from './live-overview.ts'
import type { PeopleStore } from './people-store.ts'
import type { SessionWatch } from './session-watch.ts'

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/console.css': ['console.css', 'text/css; charset=utf-8'],
  '/console.js': ['console.js', 'text/javascript; charset=utf-8'],
  '/texts.js': ['texts.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
}

/** What the pages for those who are not signed in need as well says nothing of the company. */
const PAGE = '/'

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Streams open at once. A browser that does not read is let go when this much waits for it. */
const STREAMS_MAX = 1_000
const UNREAD_BYTES_MAX = 1_000_000

export interface ConsoleSite {
  readonly live: LiveOverviews
  readonly log: Logger
  readonly http: HttpSettings
  readonly doorkeeper: Doorkeeper
  readonly people: Pick<PeopleStore, 'teams'>
  readonly watch: SessionWatch
}

/** The console's home page, its files, and the stream that keeps it live. */
export async function consoleSite(site: ConsoleSite): Promise<FastifyInstance> {
  const { live, log, http, doorkeeper, people, watch } = site
  const app = createHttpServer({ ...http, log, doorkeeper })

  for (const [path, [file, type]] of Object.entries(FILES)) {
    const bytes = await readFile(new URL(`../console-page/${file}`, import.meta.url))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    const access = path === PAGE ? 'signed in' : 'public'
    app.get(path, { config: { access } }, async (request, reply) => {
      reply.headers({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-cache', etag })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).send(bytes)
    })
  }

  const streams = new Set<PassThrough>()
  app.get('/live', { config: { access: 'signed in', stream: true } }, async (request, reply) => {
    const { person } = request
    if (person === undefined) throw new Error('The route asks for a person.')
    if (streams.size >= STREAMS_MAX)
      return reply
        .code(503)
        .send({ code: 'TOO_MANY_STREAMS', message: 'Too many consoles watch this replica.' })
    const stream = new PassThrough()
    streams.add(stream)
    const lastEventId = request.headers['last-event-id']
    const unsubscribe = live.of(scopeOf(personOf(person), people.teams)).subscribe(
      (word) => {
        if (stream.writableLength > UNREAD_BYTES_MAX) stream.destroy()
        else stream.write(serverSentEvent(word))
      },
      typeof lastEventId === 'string' ? lastEventId : undefined,
    )
    const unfollow = watch.follow(person.sessionId, () => {
      unsubscribe()
      stream.end()
    })
    stream.once('close', () => {
      unsubscribe()
      unfollow()
      streams.delete(stream)
    })
    // The browser comes back by itself after this long.
    stream.write('retry: 1000\n\n')
    return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(stream)
  })
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end()
  })
  return app
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
function serverSentEvent(word: LiveWord): string {
  if (word.kind === 'beat') return `event: beat\ndata: ${JSON.stringify({ at: word.at })}\n\n`
  return `id: ${word.id}\nevent: state\ndata: ${JSON.stringify({ at: word.at, ...word.state })}\n\n`
}
