import type { FastifyInstance } from 'fastify'
import { addAttention } from './attention.ts'
import { addBegin } from './begin.ts'
import { addContactChanges } from './contact.ts'
import type { DeskChanges } from './desk-changes.ts'
import { addHandling } from './handling.ts'
import { addMessages } from './messages.ts'
import { addNotes } from './notes.ts'
import { addOffers } from './offers.ts'
import { addPresence } from './presence.ts'
import { addSupervision } from './supervision.ts'
import { addTemplates } from './templates.ts'
import { addTransfer } from './transfer.ts'

/** What people do at the desk. Each change says a wish to the rules, and is answered what they make of it. */
export function addChangeRoutes(app: FastifyInstance, desk: DeskChanges): void {
  addPresence(app, desk)
  addOffers(app, desk)
  addMessages(app, desk)
  addTemplates(app, desk)
  addBegin(app, desk)
  addContactChanges(app, desk)
  addNotes(app, desk)
  addHandling(app, desk)
  addTransfer(app, desk)
  addSupervision(app, desk)
  addAttention(app, desk)
}
