import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const

/** A page's own file, at an address that changes with its content, so that browsers may keep it for ever. */
export interface PageFile {
  readonly path: string
  readonly contentType: string
  readonly content: Buffer
}

/** How pages look that are sent as HTML. What is a page's own comes behind it. */
export const PAGE_STYLE = new URL('page.css', import.meta.url)

/** @param name with its folder: `/assets/print` @param parts of the file, in order */
export function pageFile(name: string, extension: keyof typeof TYPES, parts: readonly URL[]): PageFile {
  const content = Buffer.concat(parts.map((part) => readFileSync(part)))
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { path: `${name}.${digest}.${extension}`, contentType: TYPES[extension], content }
}

/** To anybody: they say nothing of the company. */
export function servePageFiles(
  app: FastifyInstance,
  files: readonly PageFile[],
  headers: Readonly<Record<string, string>> = {},
): void {
  for (const { path, contentType, content } of files)
    app.get(path, { config: { access: 'public' } }, (_request, reply) =>
      reply
        .headers({ ...headers, 'cache-control': 'public, max-age=31536000, immutable' })
        .type(contentType)
        .send(content),
    )
}
