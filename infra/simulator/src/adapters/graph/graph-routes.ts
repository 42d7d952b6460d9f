import type { FastifyInstance } from 'fastify'
import type { TemplateBook } from '../../graph/templates.ts'
import { TokenCheck } from './access.ts'
import { on } from './answers.ts'
import { type BlockingCalls, addBlockingCalls } from './blocking.ts'
import { UPLOAD_BODY_BYTES_MAX, addMediaCalls } from './media.ts'
import { type MessageCalls, addMessageCalls } from './messages.ts'
import { type ObjectCalls, addObjectCalls } from './objects.ts'
import { addTemplateCalls } from './templates.ts'

export interface GraphRoutesOptions extends Omit<ObjectCalls, 'wabaIds'> {
  readonly network: MessageCalls['network'] & BlockingCalls['network']
  readonly chats: MessageCalls['chats']
  readonly templates: TemplateBook
  readonly accessToken: string
}

const pathWithVersion = /^\/v\d+(?:\.\d+)?(?=\/)/

/** Graph paths work with and without a version. */
export const withoutVersion = (url: string): string => url.replace(pathWithVersion, '')

/** Meta's Graph API, as far as a business number needs it. */
export const graphRoutes = (server: FastifyInstance, options: GraphRoutesOptions): void => {
  const { numbers, templates, media, accessToken } = options
  const wabaIds = new Set([...numbers.values()].map(({ wabaId }) => wabaId))
  const onNumber = on((id) => numbers.get(id))
  const onAccount = on((id) => (wabaIds.has(id) ? id : undefined))
  const check = new TokenCheck(accessToken, UPLOAD_BODY_BYTES_MAX)
  void server.register(async (graph) => {
    graph.addHook('onRequest', check.beforeBody)
    graph.addHook('preHandler', check.withBody)
    addMessageCalls(graph, onNumber, options)
    addMediaCalls(graph, onNumber, media)
    addBlockingCalls(graph, onNumber, options)
    addTemplateCalls(graph, onAccount, templates)
    addObjectCalls(graph, onNumber, onAccount, { ...options, wabaIds })
  })
}
