import { PRESENCES, workforces } from '@parley/workforce'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskChanges, addChange, outcomeOf } from './desk-changes.ts'

const body = z.object({ status: z.enum(PRESENCES), reason: z.string().max(200).optional() })

export function addPresence(app: FastifyInstance, desk: DeskChanges): void {
  addChange(app, desk, 'PUT', '/api/presence', {
    permission: 'conversations.answer',
    summary: 'How the person is there: on all their desks.',
    body,
    scope: async () => {},
    async act({ status, reason = '' }, wish) {
      const content = reason === '' ? [] : [{ name: 'reason', value: Buffer.from(reason) }]
      const hasReason = reason !== ''
      const command = workforces.command('SetPresence', { agentId: wish.personId, status, hasReason })
      return outcomeOf(await wish.toPool(command, { content }))
    },
  })
}
