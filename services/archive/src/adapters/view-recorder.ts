import { randomUUID } from 'node:crypto'
import type { ConversationCommand } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import type { Resource } from '@parley/service'
import { type ViewFormat, transcriptViewed } from '../link/commands.ts'
import type { TranscriptLink } from '../link/transcript-link.ts'

/** Of a log that takes nothing any more: what waits is bounded, the pages are served on. */
const WAITING_VIEWS_MAX = 10_000

export interface ViewRecorder extends Resource {
  /** In the background: neither slow nor broken recording reaches the reader of the page. The log groups what arrives meanwhile into one request. */
  record(link: TranscriptLink, format: ViewFormat): void
}

export function viewRecorder(ports: {
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  now(): Date
  onLost(error: unknown): void
}): ViewRecorder {
  const waiting = new Set<Promise<void>>()
  return {
    name: 'views',
    record(link, format) {
      if (waiting.size >= WAITING_VIEWS_MAX) {
        ports.onLost(new Error('Too many views wait to be recorded.'))
        return
      }
      const command = transcriptViewed(link, format, { viewId: randomUUID(), at: ports.now() })
      const recording = ports
        .append([command])
        .catch(ports.onLost)
        .finally(() => waiting.delete(recording))
      waiting.add(recording)
    },
    async drain() {
      await Promise.all(waiting)
    },
    async close() {},
  }
}
