import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Access, HttpRefusal } from '@parley/service'
import type { FastifyInstance } from 'fastify'

const BUILT = new URL('../../../../console/dist/', import.meta.url)

const TYPES: ReadonlyMap<string, string> = new Map([
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
])

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

interface Asset {
  readonly bytes: Buffer
  /** Made when it is first asked for: a start does not wait for what one desk in a day loads. */
  gzipped?: Buffer
}

interface BuiltDesk {
  readonly page: Buffer
  readonly wallboard: Buffer
  readonly pages: Buffer
  readonly assets: ReadonlyMap<string, Asset>
}

/** As `services/console` was built last, or undefined where it never was: tests of services need no build. */
function builtDesk(): BuiltDesk | undefined {
  try {
    const assets = new URL('assets/', BUILT)
    return {
      page: readFileSync(new URL('index.html', BUILT)),
      wallboard: readFileSync(new URL('wallboard.html', BUILT)),
      pages: readFileSync(new URL('pages.html', BUILT)),
      assets: new Map(
        readdirSync(assets).map((name): [string, Asset] => [
          name,
          { bytes: readFileSync(new URL(name, assets)) },
        ]),
      ),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The desk, the wallboard, and one for figures, search and judging: one page each for whatever is opened in it, and their files, which say nothing of the company. */
export function deskPage(app: FastifyInstance): void {
  const desk = builtDesk()
  const page = (path: string, access: Access, bytes: Buffer | undefined) =>
    app.get(path, { config: { access } }, async (_request, reply) => {
      if (bytes === undefined)
        throw new HttpRefusal(503, 'DESK_NOT_BUILT', 'The desk is not built: npm start builds it.')
      return reply
        .headers({
          'content-security-policy': PAGE_POLICY,
          // The address of a television is a secret.
          'referrer-policy': 'no-referrer',
        })
        .type('text/html; charset=utf-8')
        .send(bytes)
    })
  for (const path of ['/desk', '/desk/*']) page(path, 'signed in', desk?.page)
  for (const path of ['/wallboard', '/wallboard/live']) page(path, 'signed in', desk?.wallboard)
  for (const path of ['/figures', '/search', '/judging', '/judging/:conversationId'])
    page(path, 'signed in', desk?.pages)
  page('/tv/:token', 'capability', desk?.wallboard)

  app.get('/desk/assets/:name', { config: { access: 'public' } }, async (request, reply) => {
    const { name } = request.params as { name: string }
    const asset = desk?.assets.get(name)
    const type = TYPES.get(name.split('.').at(-1) ?? '')
    if (asset === undefined || type === undefined)
      throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.')
    // Their names carry the digest of what is in them.
    reply
      .headers({ 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding' })
      .type(type)
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(asset.bytes)
    asset.gzipped ??= gzipSync(asset.bytes)
    return reply.header('content-encoding', 'gzip').send(asset.gzipped)
  })
}
