import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Assets } from '../page/transcript-page.ts'

export interface AssetFile {
  readonly path: string
  readonly contentType: string
  readonly content: Buffer
}

export interface PageAssets extends Assets {
  readonly files: readonly AssetFile[]
}

/** The page's own files, each at an address that changes with its content, so that browsers may keep them for ever. */
export function pageAssets(): PageAssets {
  const stylesheet = assetFile('transcript', 'css', 'text/css; charset=utf-8')
  const printScript = assetFile('print', 'js', 'text/javascript; charset=utf-8')
  return { stylesheet: stylesheet.path, printScript: printScript.path, files: [stylesheet, printScript] }
}

function assetFile(name: string, extension: string, contentType: string): AssetFile {
  const content = readFileSync(new URL(`../page/assets/${name}.${extension}`, import.meta.url))
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { path: `/assets/${name}.${digest}.${extension}`, contentType, content }
}
