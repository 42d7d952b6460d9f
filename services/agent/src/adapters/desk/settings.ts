import { LANGUAGES } from '@parley/conversation'
import { bodyOf } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import type { Collection, Db } from 'mongodb'
import { z } from 'zod'
import { signedInOf } from '../sign-in/doorkeeper.ts'

/** How a person wishes to see the desk, whatever machine they sit at. What was never chosen is absent. */
const settingsSchema = z.strictObject({
  language: z.enum(LANGUAGES).optional(),
  scheme: z.enum(['auto', 'light', 'dark']).optional(),
  density: z.enum(['comfortable', 'compact']).optional(),
  sound: z.boolean().optional(),
})
type Settings = z.output<typeof settingsSchema>

export class DeskSettingsStore {
  readonly #kept: Collection<{ readonly _id: string; readonly settings: Settings }>

  constructor(db: Db) {
    this.#kept = db.collection('desk_settings')
  }

  async of(personId: string): Promise<Settings> {
    return (await this.#kept.findOne({ _id: personId }))?.settings ?? {}
  }

  /** What is not named stays as it is: another window of theirs may have changed it a moment ago. */
  async keep(personId: string, changed: Settings): Promise<void> {
    const fields = Object.entries(changed).map(([name, value]) => [`settings.${name}`, value] as const)
    if (fields.length === 0) return
    await this.#kept.updateOne({ _id: personId }, { $set: Object.fromEntries(fields) }, { upsert: true })
  }
}

export function addDeskSettings(
  app: FastifyInstance,
  { deskSettings }: { readonly deskSettings: Pick<DeskSettingsStore, 'of' | 'keep'> },
): void {
  app.get(
    '/api/settings',
    {
      config: { access: 'signed in' },
      schema: { summary: "The person's settings of the desk.", response: { 200: settingsSchema } },
    },
    async (request, reply) => reply.send(await deskSettings.of(signedInOf(request).id)),
  )
  app.put(
    '/api/settings',
    {
      config: { access: 'signed in', isKeyed: false },
      schema: {
        summary: "Keeps those of the person's settings of the desk that it names; the others stay.",
        body: settingsSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await deskSettings.keep(signedInOf(request).id, bodyOf(request, settingsSchema))
      return reply.code(204).send()
    },
  )
}
