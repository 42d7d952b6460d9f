import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { scopeOf } from '@parley/people'
import type { EventStream, EventStreams } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { personOf, signedInOf } from './sign-in/doorkeeper.ts'
import type { LiveOverviews, LiveWord } from './live-overview.ts'
import type { PeopleStore } from './sign-in/people-store.ts'

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

export interface ConsoleRoutes {
  readonly live: Pick<LiveOverviews, 'of'>
  readonly streams: EventStreams
  readonly people: Pick<PeopleStore, 'teams'>
}

/** The console's home page, its files, and the stream that keeps it live. */
export async function addConsoleRoutes(
  app: FastifyInstance,
  { live, streams, people }: ConsoleRoutes,
): Promise<void> {
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const bytes = await readFile(new URL(`../console-page/${file}`, import.meta.url))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    const access = path === PAGE ? 'signed in' : 'public'
    app.get(path, { config: { access } }, async (request, reply) => {
      reply.header('content-security-policy', PAGE_POLICY)
      if (path === PAGE) return reply.type(type).send(bytes)
      reply.headers({ 'cache-control': 'no-cache', etag })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).send(bytes)
    })
  }

  app.get('/live', { config: { access: 'signed in', stream: true } }, async (request, reply) => {
    const scope = scopeOf(personOf(signedInOf(request)), people.teams)
    const lastEventId = request.headers['last-event-id']
    return streams.open(request, reply, (stream) => {
      stream.retryAfter(1_000)
      return live
        .of(scope)
        .subscribe((word) => tell(stream, word), typeof lastEventId === 'string' ? lastEventId : undefined)
    })
  })
}

function tell(stream: EventStream, word: LiveWord): void {
  if (word.kind === 'beat') stream.send('beat', { at: word.at })
  else stream.send('state', { at: word.at, ...word.state }, word.id)
}
