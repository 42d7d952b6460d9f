import { LRUCache } from 'lru-cache'
import { type MessageTemplate, templatesIn, templatesPath } from '../sending/templates.ts'
import type { ChannelAccount } from '../config.ts'
import type { GraphClient } from './graph-client.ts'

/** A template that was approved just now is there after so long. */
const KEPT_MS = 60_000
const PAGES_MAX = 10

/** The templates of an account; undefined when the provider gave no usable answer. */
export type TemplateLists = (account: ChannelAccount) => Promise<readonly MessageTemplate[] | undefined>

export function templateLists({ get }: Pick<GraphClient, 'get'>): TemplateLists {
  const lists = new LRUCache<string, readonly MessageTemplate[], ChannelAccount>({
    max: 100,
    ttl: KEPT_MS,
    async fetchMethod(_id, _known, { context: account }) {
      const found: MessageTemplate[] = []
      let after = ''
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const next = templatesIn(await get(account, templatesPath(account.wabaId, after)))
        if (next === undefined) return undefined
        found.push(...next.templates)
        after = next.after
        if (after === '') break
      }
      return found
    },
  })
  return (account) => lists.fetch(account.phoneNumberId, { context: account })
}
