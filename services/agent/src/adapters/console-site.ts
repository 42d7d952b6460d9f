import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  type EventStream,
  EventStreams,
  type HttpSettings,
  type Logger,
  type StreamLimits,
  createHttpServer,
} from '@parley/service'
import type { FastifyInstance } from 'fastify'
import type { LiveOverview, LiveWord } from './live-overview.ts'

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/console.css': ['console.css', 'text/css; charset=utf-8'],
  '/console.js': ['console.js', 'text/javascript; charset=utf-8'],
  '/texts.js': ['texts.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
}

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

export interface ConsoleSite {
  readonly live: LiveOverview
  readonly log: Logger
  readonly http: HttpSettings
  readonly limits: StreamLimits
}

/** The console's home page, its files, and the stream that keeps it live. */
export async function consoleSite({ live, log, http, limits }: ConsoleSite): Promise<FastifyInstance> {
  const app = createHttpServer({ ...http, log })

  for (const [path, [file, type]] of Object.entries(FILES)) {
    const bytes = await readFile(new URL(`../console-page/${file}`, import.meta.url))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    app.get(path, { config: { access: 'public' } }, async (request, reply) => {
      reply.headers({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-cache', etag })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).send(bytes)
    })
  }

  const streams = new EventStreams(app, limits)
  app.get('/live', { config: { access: 'public', stream: true } }, async (request, reply) => {
    const lastEventId = request.headers['last-event-id']
    return streams.open(request, reply, (stream) => {
      stream.retryAfter(1_000)
      return live.subscribe(
        (word) => tell(stream, word),
        typeof lastEventId === 'string' ? lastEventId : undefined,
      )
    })
  })
  return app
}

function tell(stream: EventStream, word: LiveWord): void {
  if (word.kind === 'beat') stream.send('beat', { at: word.at })
  else stream.send('state', { at: word.at, ...word.state }, word.id)
}
