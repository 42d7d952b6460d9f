import { PAGE_STYLE, type PageFile, pageFile } from '@parley/service'
import type { Assets } from '../page/transcript-page.ts'

export interface PageAssets extends Assets {
  readonly files: readonly PageFile[]
}

export function pageAssets(): PageAssets {
  const own = (name: string) => new URL(`../page/assets/${name}`, import.meta.url)
  const stylesheet = pageFile('/assets/transcript', 'css', [PAGE_STYLE, own('transcript.css')])
  const printScript = pageFile('/assets/print', 'js', [own('print.js')])
  return { stylesheet: stylesheet.path, printScript: printScript.path, files: [stylesheet, printScript] }
}
