import { type Language, isLanguage } from '@parley/conversation'
import type { HttpSettings, Logger } from '@parley/service'
import { MessageBody } from '@parley/proto/content'
import { type StrangersFile, createHttpServer, sendStrangersFile, servePageFiles } from '@parley/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { atMost } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import type { ViewFormat } from '../link/commands.ts'
import { isPreview } from '../link/preview.ts'
import { asGiven, linkIdOf, tokensIn } from '../link/token.ts'
import type { TranscriptLinks } from '../link/transcript-links.ts'
import type { TranscriptLink } from '../link/transcript-link.ts'
import { type Company, notFoundPage, shownEntry, transcriptPage } from '../page/transcript-page.ts'
import type { RawEvent } from '../record/raw-record.ts'
import {
  type Shown,
  type Transcript,
  type WholeTranscript,
  transcriptJson,
} from '../transcript/transcript.ts'
import { bn } from '../transcript/words/bn.ts'
import { en } from '../transcript/words/en.ts'
import { pt } from '../transcript/words/pt.ts'
import type { PageAssets } from './page-assets.ts'
import { soon } from './soon.ts'

export interface TranscriptSiteOptions {
  readonly links: Pick<TranscriptLinks, 'open' | 'openAmong'>
  readonly transcript: (conversationId: string) => Promise<Transcript | undefined>
  readonly message: (conversationId: string, messageId: string) => Promise<Shown | undefined>
  readonly whole: (conversationId: string) => Promise<WholeTranscript | undefined>
  readonly recordView: (link: TranscriptLink, format: ViewFormat) => void
  readonly company: Company
  readonly assets: PageAssets
  readonly showRevoked: boolean
  /** Exactly these bytes of a file in the media store. */
  readonly readFile: (sha256: string, offset: number, length: number) => Promise<Uint8Array>
  readonly http: HttpSettings
  /** Of one link, on this replica: of a long record fewer. */
  readonly viewsPerMinute: number
  readonly log?: Logger
}

/** No inline script or style, nothing from elsewhere, no form, no frame. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
}

const FORMATS: ReadonlyMap<string, ViewFormat> = new Map([
  ['', 'page'],
  ['print', 'print'],
  ['transcript.json', 'json'],
])

const LIMITED_LINKS_MAX = 100_000

/** What a page takes to be made grows with what was said: each thousand of a long one counts as a view more, so that no link holds up the others. */
const ENTRIES_PER_VIEW = 1_000

/** A page may show many files, and a film is asked for in parts. */
const FILES_PER_VIEW_MAX = 20

/**
 * /t/TOKEN, /t/TOKEN/print, /t/TOKEN/transcript.json, /t/TOKEN/media/MESSAGE. Whatever does not open gives one and the same 404, to the byte,
 * after the same work: one hash, one look-up.
 */
export function transcriptSite(options: TranscriptSiteOptions): FastifyInstance {
  const { links, company, assets, showRevoked } = options
  const notFound = notFoundPage(assets)
  const views = new LRUCache<string, number>({ ...atMost(LIMITED_LINKS_MAX), ttl: 60_000 })
  const files = new LRUCache<string, number>({ ...atMost(LIMITED_LINKS_MAX), ttl: 60_000 })

  const sendNotFound = (reply: FastifyReply) =>
    reply.code(404).headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(notFound)

  const app = createHttpServer({
    ...options.http,
    ...(options.log === undefined ? {} : { log: options.log }),
    notFound: sendNotFound,
  })

  app.get(
    '/t/*',
    { exposeHeadRoute: true, config: { access: 'capability' } },
    async (request: FastifyRequest, reply) => {
      const [token = '', view = '', ...rest] = (request.params as { '*': string })['*'].split('/')
      const link = await links.open(token)
      if (link !== undefined && view === 'media' && rest.length === 1) {
        const fileCount = (files.get(link._id) ?? 0) + 1
        files.set(link._id, fileCount, { noUpdateTTL: true })
        const file =
          fileCount > options.viewsPerMinute * FILES_PER_VIEW_MAX
            ? undefined
            : await fileOf(link, rest[0] ?? '', options)
        if (file === undefined) return sendNotFound(reply)
        void reply.headers({ 'x-robots-tag': 'noindex, nofollow' })
        return sendStrangersFile(request, reply, file, (offset, length) =>
          options.readFile(file.sha256, offset, length),
        )
      }
      const format =
        rest.length > 0 || request.url.split('?')[0]?.endsWith('/') ? undefined : FORMATS.get(view)
      if (link === undefined || format === undefined) return sendNotFound(reply)
      const viewCount = (views.get(link._id) ?? 0) + 1
      views.set(link._id, viewCount, { noUpdateTTL: true })
      if (viewCount > options.viewsPerMinute)
        return reply
          .code(429)
          .headers({
            ...PAGE_HEADERS,
            'retry-after': String(Math.ceil(views.getRemainingTTL(link._id) / 1000)),
          })
          .type('text/plain; charset=utf-8')
          .send(inAllLanguages('openedTooOften'))

      const sendLater = () =>
        reply
          .code(503)
          .headers({ ...PAGE_HEADERS, 'retry-after': '2' })
          .type('text/plain; charset=utf-8')
          .send(inAllLanguages('beingWritten'))
      const longer = (entryCount: number) =>
        views.set(link._id, (views.get(link._id) ?? 1) + Math.floor(entryCount / ENTRIES_PER_VIEW), {
          noUpdateTTL: true,
        })
      // Once it is made: what could not be shown was not seen.
      const viewed = () => {
        if (!isPreview(request)) options.recordView(link, format)
      }
      if (format === 'json') {
        const whole = await soon(() => options.whole(link.conversationId))
        if (whole === undefined) return sendLater()
        longer(whole.entries.length)
        const json = await download(whole, link, options)
        viewed()
        return reply
          .headers(PAGE_HEADERS)
          .header(
            'content-disposition',
            `attachment; filename="conversation-${fileName(link.conversationId)}.json"`,
          )
          .type('application/json; charset=utf-8')
          .send(json)
      }
      const transcript = await soon(() => options.transcript(link.conversationId))
      if (transcript === undefined) return sendLater()
      longer(transcript.entries.length)
      const language = languageOf(request, transcript)
      const made = transcriptPage({
        transcript,
        company,
        language,
        view: format,
        path: `/t/${token}`,
        assets,
        showRevoked,
        expiresAt: link.expiresAt.toISOString(),
        now: new Date().toISOString(),
      })
      const others = await links.openAmong(otherTokensIn(Buffer.from(made), link))
      const page = withheld(made, others)
      viewed()
      return reply
        .headers(PAGE_HEADERS)
        .type('text/html; charset=utf-8')
        .header('content-language', language)
        .send(page)
    },
  )

  servePageFiles(app, assets.files, PAGE_HEADERS)
  app.get('/robots.txt', { config: { access: 'public' } }, (_request, reply) =>
    reply.headers(PAGE_HEADERS).type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  )
  return app
}

/** Of a message of this very conversation, as far as the page shows it: who holds a link has a right to nothing else. */
async function fileOf(
  link: TranscriptLink,
  messageId: string,
  { message, showRevoked }: Pick<TranscriptSiteOptions, 'message' | 'showRevoked'>,
): Promise<(StrangersFile & { readonly sha256: string }) | undefined> {
  const shown = await message(link.conversationId, messageId)
  const entry = shown && shownEntry(shown, showRevoked, messageId)
  if (entry?.kind !== 'message' || entry.file === null || 'unavailable' in entry.file) return undefined
  const { body } = MessageBody.fromJSON(entry.body)
  return { ...entry.file, filename: body?.$case === 'media' ? body.value.filename : '' }
}

/** Whoever may read this record may not for that read others, nor this one for longer. */
function otherTokensIn(text: Uint8Array, { _id: linkId }: TranscriptLink): readonly string[] {
  return [...new Set(tokensIn(text).filter((token) => linkIdOf(asGiven(token)) !== linkId))]
}

/** Where somebody wrote the address of an open link into a message, the readable text has it too. */
function withheld(text: string, open: ReadonlySet<string>): string {
  let shown = text
  for (const token of open) shown = shown.replaceAll(token, '[withheld]')
  return shown
}

/** A record that holds another open link is a hash. */
async function download(
  whole: WholeTranscript,
  link: TranscriptLink,
  { links, showRevoked, company }: Pick<TranscriptSiteOptions, 'links' | 'showRevoked' | 'company'>,
): Promise<string> {
  const tokens = new Map(whole.events.map((event) => [event, otherTokensIn(event.raw, link)]))
  const open = await links.openAmong([...new Set([...tokens.values()].flat())])
  const isWithheld = (event: RawEvent) => tokens.get(event)?.some((token) => open.has(token)) === true
  const { agentName } = company
  return withheld(JSON.stringify(transcriptJson(whole, { showRevoked, agentName }, isWithheld)), open)
}

function languageOf(request: FastifyRequest, { conversation }: Transcript): Language {
  const { lang } = request.query as { lang?: unknown }
  if (isLanguage(lang)) return lang
  return isLanguage(conversation.language) ? conversation.language : 'en'
}

function fileName(conversationId: string): string {
  return conversationId.replaceAll(/[^\w-]/g, '_')
}

/** Of a link that shows nothing yet nobody knows whose language it is in. */
const inAllLanguages = (name: 'openedTooOften' | 'beingWritten'): string =>
  [en, pt, bn].map((words) => `${words[name]}\n`).join('')
