import type { ConversationCommand } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import type { Resource } from '@parley/service'
import { atMost } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import { type ViewFormat, transcriptViewed, viewIdOf } from '../link/commands.ts'
import type { TranscriptLink } from '../link/transcript-link.ts'

/** Of a log that takes nothing any more: what waits is bounded, the pages are served on. */
const WAITING_VIEWS_MAX = 10_000
/** What is forgotten here is wished again under the same id, and changes nothing. */
const RECORDED_VIEWS_MAX = 100_000

export interface ViewRecorder extends Resource {
  /**
   * One event for each link, format and quarter of an hour. In the background: neither slow nor broken recording reaches the reader of
   * the page. The log groups what arrives meanwhile into one request.
   */
  record(link: TranscriptLink, format: ViewFormat): void
}

export function viewRecorder(ports: {
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  now(): Date
  onLost(error: unknown): void
}): ViewRecorder {
  const waiting = new Set<Promise<void>>()
  const recorded = new LRUCache<string, true>(atMost(RECORDED_VIEWS_MAX))
  return {
    name: 'views',
    record(link, format) {
      const at = ports.now()
      const viewId = viewIdOf(link, format, at)
      if (recorded.has(viewId)) return
      if (waiting.size >= WAITING_VIEWS_MAX) {
        ports.onLost(new Error('Too many views wait to be recorded.'))
        return
      }
      recorded.set(viewId, true)
      const recording = ports
        .append([transcriptViewed(link, format, at)])
        .catch((error: unknown) => {
          recorded.delete(viewId)
          ports.onLost(error)
        })
        .finally(() => waiting.delete(recording))
      waiting.add(recording)
    },
    async drain() {
      await Promise.all(waiting)
    },
    async close() {},
  }
}
