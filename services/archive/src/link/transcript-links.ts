import type { ConversationCommand, ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import type { NewCommand } from '@parley/kernel'
import { linkIssued, linkIssuedForEnding, linkRevoked } from './commands.ts'
import { asGiven, linkIdOf, tokenOfEnding } from './token.ts'
import { type TranscriptLink, isOpen } from './transcript-link.ts'

/** Where links are kept. */
export interface LinkStore {
  /** A link that is there already stays as it is: issuing again gives the same one. */
  keep(links: readonly TranscriptLink[]): Promise<void>
  find(linkId: string): Promise<TranscriptLink | null>
  findAll(linkIds: readonly string[]): Promise<readonly TranscriptLink[]>
  /** The first revocation counts. */
  revoke(linkId: string, at: Date): Promise<void>
}

export interface LinkPorts {
  readonly store: LinkStore
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  now(): Date
  newToken(): string
}

export interface LinkSettings {
  /** https://host, without the path. */
  readonly baseUrl: string
  readonly secret: string
  readonly ttlSecondsOfEnding: number
}

export interface IssuedLink {
  readonly token: string
  readonly url: string
  readonly expiresAt: Date
}

/** A conversation that ends. */
export type Ending = ReadEvent<Extract<ConversationEvent, { type: 'ConversationEnding' }>>

export interface TranscriptLinks {
  issue(
    conversation: { readonly conversationId: string; readonly contactId: string },
    ttlSeconds: number,
  ): Promise<IssuedLink>
  /** The word that a conversation which ends has its link. The same ending always gives the same link and the same word. */
  wishesFor(ending: Ending): readonly NewCommand<ConversationCommand>[]
  /** The links themselves, before the word of them: whoever gets the address can open it. */
  keepForEndings(endings: readonly Ending[]): Promise<void>
  /**
   * False for a token that never was.
   * @param isAllowed whether who asks may do so with this conversation; what they may not is as what never was
   * @param personId who asks, where it is a person
   */
  revoke(
    token: string,
    isAllowed: (conversationId: string) => Promise<boolean>,
    personId?: string,
  ): Promise<boolean>
  /** The link behind a token, or undefined; why not is not told. */
  open(token: string): Promise<TranscriptLink | undefined>
  /** Which of these tokens, as they are spelt in addresses, open something now. */
  openAmong(tokens: readonly string[]): Promise<ReadonlySet<string>>
}

export function transcriptLinks(ports: LinkPorts, settings: LinkSettings): TranscriptLinks {
  const { store } = ports
  const urlOf = (token: string) => `${settings.baseUrl}/t/${token}`
  const linksOf = ({ data, envelope }: Ending) => {
    if (!data.sendsLink) return []
    const token = tokenOfEnding(settings.secret, envelope.eventId)
    const issuedAt = new Date(envelope.recordedAt ?? 0)
    const link: TranscriptLink = {
      _id: linkIdOf(token),
      conversationId: envelope.correlationId,
      contactId: envelope.streamId,
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + settings.ttlSecondsOfEnding * 1000),
      revokedAt: null,
    }
    return [{ link, token }]
  }
  return {
    async issue({ conversationId, contactId }, ttlSeconds) {
      const token = ports.newToken()
      const issuedAt = ports.now()
      const link = {
        _id: linkIdOf(token),
        conversationId,
        contactId,
        issuedAt,
        expiresAt: new Date(issuedAt.getTime() + ttlSeconds * 1000),
        revokedAt: null,
      }
      await store.keep([link])
      await ports.append([linkIssued(link)])
      return { token, url: urlOf(token), expiresAt: link.expiresAt }
    },

    wishesFor: (ending) =>
      linksOf(ending).map(({ link, token }) => linkIssuedForEnding(ending, link, urlOf(token))),

    async keepForEndings(endings) {
      const links = endings.flatMap(linksOf).map(({ link }) => link)
      if (links.length > 0) await store.keep(links)
    },

    async revoke(token, isAllowed, personId) {
      const link = await store.find(linkIdOf(token))
      if (link === null || !(await isAllowed(link.conversationId))) return false
      const at = link.revokedAt ?? ports.now()
      await store.revoke(link._id, at)
      // Again when it was revoked before: a crash may have come between the two, and the same command twice is one.
      await ports.append([linkRevoked(link, at, personId)])
      return true
    },

    async open(token) {
      const link = await store.find(linkIdOf(token))
      return isOpen(link, ports.now()) ? link : undefined
    },

    async openAmong(tokens) {
      if (tokens.length === 0) return new Set()
      const idOf = (token: string) => linkIdOf(asGiven(token))
      const found = await store.findAll(tokens.map(idOf))
      const open = new Set(found.filter((link) => isOpen(link, ports.now())).map(({ _id }) => _id))
      return new Set(tokens.filter((token) => open.has(idOf(token))))
    },
  }
}
