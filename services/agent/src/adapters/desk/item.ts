import type { Roster } from '@parley/people'
import type { Told } from '@parley/service'
import type { Place } from '../../conversation/conversation.ts'
import { type Sight, audienceOf, audienceOfAgent, audienceOfPlace } from '../../conversation/viewing.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'

/** What a desk may be told of, once for all desks of this replica. */
export type DeskItem =
  | ConversationItem
  | { readonly kind: 'own'; readonly agentIds: readonly string[]; readonly told: Told }
  | { readonly kind: 'presence'; readonly agentId: string; readonly told: Told }
  | { readonly kind: 'configuration'; readonly told: Told }

export interface ConversationItem {
  readonly kind: 'conversation'
  readonly now: ConversationDocument
  /** Null: only a message changed. */
  readonly row: Told | null
  /** For who loses it: whose it is now, and nothing that was said. */
  readonly lost: Told | null
  /** Where it was until now. */
  readonly pasts: readonly Place[]
  readonly messages: readonly {
    readonly told: Told
    /** For whom it was whispered, besides. */
    readonly whisper: Told | null
    readonly mentions: readonly string[]
  }[]
}

/** Undefined: everybody. Whoever is told something of it by `toldOf` belongs to one of them. */
export function audienceOfItem(item: DeskItem, roster: Roster): readonly string[] | undefined {
  switch (item.kind) {
    case 'conversation': {
      const places = [item.now, ...item.pasts]
      return [...new Set(places.flatMap((place) => audienceOfPlace(place, roster)))]
    }
    case 'own':
      return item.agentIds.map(audienceOf.person)
    case 'presence':
      return audienceOfAgent(item.agentId, roster)
    case 'configuration':
      return undefined
    default:
      return item satisfies never
  }
}

/** Conversations that a desk has open beside its person's own. */
export interface Watched {
  readonly ids: ReadonlySet<string>
  /** Whether what is said there may be told now: that the desk has it open is on record. @param now as it stood then */
  mayHear(now: ConversationDocument): boolean
}

/** What one desk is told of it. */
export function toldOf(item: DeskItem, sight: Sight, watched: Watched): readonly Told[] {
  switch (item.kind) {
    case 'conversation': {
      const { now, pasts, row, lost, messages } = item
      if (!sight.sees(now)) return lost !== null && pasts.some((past) => sight.sees(past)) ? [lost] : []
      const isWatched = messages.length > 0 && watched.ids.has(now._id)
      const isOpenHere = now.agentId === sight.personId || (isWatched && watched.mayHear(now))
      const heard = messages.filter(({ mentions }) => isOpenHere || mentions.includes(sight.personId))
      return [
        ...(row === null ? [] : [row]),
        ...heard.flatMap(({ told, whisper, mentions }) =>
          whisper !== null && mentions.includes(sight.personId) ? [told, whisper] : [told],
        ),
      ]
    }
    case 'own':
      return item.agentIds.includes(sight.personId) ? [item.told] : []
    case 'presence':
      return sight.hearsOf(item.agentId) ? [item.told] : []
    case 'configuration':
      return [item.told]
    default:
      return item satisfies never
  }
}
