import type { EventData } from '@parley/conversation'
import type { ContactState } from './state.ts'

const QUARTER_MS = 15 * 60 * 1000
/** Of one contact's links and formats, within a quarter of an hour: what is pushed out may be recorded once more. */
const VIEWS_MAX = 32

interface Viewed {
  readonly occurredAt: string
  readonly data: Pick<EventData<'TranscriptViewed'>, 'linkId' | 'format'>
}

/** One link in one format within one quarter of an hour: a page that is reloaded is on record once, whatever came in between. */
function viewOf({ occurredAt, data: { linkId, format } }: Viewed): string {
  return `${linkId} ${format} ${Math.floor(Date.parse(occurredAt) / QUARTER_MS)}`
}

export function isViewed({ views }: ContactState, view: Viewed): boolean {
  return views.includes(viewOf(view))
}

export function viewed(state: ContactState, view: Viewed): ContactState {
  return { ...state, views: [...state.views, viewOf(view)].slice(-VIEWS_MAX) }
}
