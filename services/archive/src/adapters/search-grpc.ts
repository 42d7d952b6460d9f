import { setTimeout as pause } from 'node:timers/promises'
import { MASK } from '@parley/conversation'
import type { EventLog, ProjectionReader } from '@parley/eventlog'
import { POOL_SUBJECTS } from '@parley/figures'
import type { Roster, Scope } from '@parley/people'
import {
  type CountedBy,
  FoundConversation,
  SearchConversationsResponse,
  SearchServiceService,
} from '@parley/proto/search'
import { type GrpcService, grpcError, grpcService, status, whenSeen } from '@parley/service'
import { keepsRows } from '../metrics/counted.ts'
import type { Windows } from '../metrics/windows.ts'
import { type Searched, isHidden } from '../search/searched.ts'
import { wordsIn } from '../search/words.ts'
import type { ArchivePeople } from './archive-people.ts'
import { readCounted } from './counted-reading.ts'
import {
  type CountingProjection,
  countedBy,
  figureAsked,
  invalid,
  keysShown,
  teamsOf,
} from './metrics-grpc.ts'
import { pageSizeOf, placeBehind, positionOf, tokenBehind } from './pages.ts'
import type { Search } from './search-store.ts'

export interface SearchServed {
  readonly search: Search
  readonly projection: Pick<ProjectionReader, 'whenProcessed' | 'progress'>
  /** Of what the projection reads. */
  readonly offsets: () => ReturnType<EventLog['offsets']>
  readonly people: Pick<ArchivePeople, 'scopeOf' | 'readsFigures'>
  /** What figures count, and by whose days. */
  readonly counting: {
    readonly conversations: Pick<CountingProjection, 'model'>
    readonly pool: Pick<CountingProjection, 'model'>
    readonly windows: Windows
    readonly roster: Roster
  }
  readonly now: () => Date
}

/** One figure's conversations of some days: a day of a large company. They are one list in what the search asks the store, which takes 16 MB at a time. */
export const COUNTED_MAX = 100_000
/** What is searched is written up to 4 s behind the figures, and sooner where this replica waits for what is its own; further behind, it answers as it is, before who asks gives up. */
const HELD_WITHIN_MS = 3_000
/** What was opened before that is searched by now: what counts in days that are over is waited for no longer. */
const HELD_AFTER_MS = 60_000
/** Before the first conversation, and after the last. */
const [BEGIN, END] = [Date.parse('2000-01-01T00:00:00Z'), Date.parse('2999-01-01T00:00:00Z')]

export function searchGrpc({
  search,
  projection,
  offsets,
  people,
  counting,
  now,
}: SearchServed): GrpcService {
  const timesOf = async (
    { metric, by, keys, isDenominator }: CountedBy,
    from: string | undefined,
    to: string | undefined,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> => {
    const { figure, dimension } = figureAsked(metric, 0, by)
    if (!keepsRows(figure)) throw invalid('metric', `Which conversations ${metric} counts is not kept.`)
    const { counted } = (POOL_SUBJECTS.has(figure.subject) ? counting.pool : counting.conversations).model
    const question = {
      figure,
      by: countedBy(dimension),
      keys:
        dimension === 'vendor' ? teamsOf(counting.roster.teams, keys) : keys.length === 0 ? undefined : keys,
      from: from === undefined ? BEGIN : Date.parse(from),
      to: to === undefined ? END : Date.parse(to),
      isDenominator,
    }
    const times = await readCounted(counted, counting.windows, question, COUNTED_MAX, signal)
    if (times === undefined)
      throw grpcError(
        status.INVALID_ARGUMENT,
        'FIGURE_TOO_LARGE',
        `That is more than ${COUNTED_MAX} conversations. Ask for fewer days, or for one queue.`,
      )
    return times
  }
  const isHeld = async (signal: AbortSignal): Promise<boolean> => {
    const ends = (await offsets()).map(({ end }, partition) => ({ partition, offset: end - 1n }))
    const held = await Promise.all(
      ends
        .filter(({ offset }) => offset >= 0n)
        .map((last) => projection.whenProcessed(last, HELD_WITHIN_MS, signal)),
    )
    return held.every(Boolean)
  }
  /** Also while the log is away: what is stored is found without it. */
  const isHeldOrLate = (signal: AbortSignal): Promise<boolean> =>
    Promise.race([isHeld(signal).catch(() => false), pause(HELD_WITHIN_MS, false, { ref: false })])

  return grpcService(SearchServiceService, {
    async searchConversations(request, metadata, call) {
      const { text, agentId, queue, from, to, reason, scoreBelow, pageSize, pageToken } = request
      const { countedBy: asked, among } = request
      const size = pageSizeOf(pageSize)
      await whenSeen(projection, metadata, call)
      const times = asked && (await timesOf(asked, from, to, call.signal))
      // Until then what was counted last would be missing among what a number opens.
      const isOfNow = to === undefined || Date.parse(to) > now().getTime() - HELD_AFTER_MS
      const isBehind = times !== undefined && isOfNow && !(await isHeldOrLate(call.signal))
      // Before the conversations: they hold at least what it says.
      const position = positionOf(projection)
      const scope = await people.scopeOf(call.person)
      const isNarrowed =
        among !== undefined || [text, agentId, queue, reason].some((one) => one !== '') || scoreBelow > 0
      const page = await search(
        scope,
        {
          text,
          agentId: agentId || undefined,
          queue: queue || undefined,
          ...(times === undefined ? { from, to } : { from: undefined, to: undefined }),
          reason: reason || undefined,
          scoreBelow: scoreBelow || undefined,
          ids:
            among === undefined
              ? times && [...times.keys()]
              : among.conversationIds.filter((id) => times?.has(id) ?? true),
        },
        size,
        placeBehind(pageToken),
        call.signal,
      )
      return SearchConversationsResponse.fromPartial({
        conversations: page.found.map((found) => foundMessage(found, times?.get(found._id) ?? 0)),
        nextPageToken: tokenBehind(page.next),
        position,
        isBehind,
        countedInAll:
          times !== undefined &&
          !isNarrowed &&
          (await people.readsFigures(call.person)) &&
          isShown(asked!, scope, counting.roster)
            ? [...times.values()].reduce((sum, one) => sum + one, 0)
            : 0,
      })
    },
  })
}

/** A number of what another team has now too, of those keys alone whose figures the person may read. */
function isShown({ metric, by, keys }: CountedBy, scope: Scope, roster: Roster): boolean {
  const shown = keysShown(figureAsked(metric, 0, by).dimension, scope, roster)
  if (shown === undefined) return true
  const own = new Set(shown.values())
  return keys.length > 0 && keys.every((key) => own.has(key))
}

function foundMessage(found: Searched, counted: number): FoundConversation {
  const { lastMessage, held, hidden } = found
  const isMasked = lastMessage !== null && wordsIn(lastMessage.text).some((word) => isHidden(word, hidden))
  return FoundConversation.fromPartial({
    conversationId: found._id,
    contactId: found.streamId,
    contactName: found.contactName,
    language: found.language,
    stage: found.stage,
    queue: found.queues.at(-1) ?? '',
    agentId: held.by === 'agent' ? held.personId : '',
    lastAuthor: lastMessage?.author ?? '',
    lastText: isMasked ? MASK : (lastMessage?.text ?? ''),
    lastAt: lastMessage?.at,
    openedAt: found.openedAt,
    closedAt: found.closed?.at,
    closeReason: found.closed?.reason ?? '',
    version: found.seenVersion,
    score: found.score ?? 0,
    continuesConversationId: found.continuesConversationId,
    counted,
  })
}
