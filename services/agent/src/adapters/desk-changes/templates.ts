import { MessageBody } from '@parley/proto/content'
import type { Outcome } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { conversationSeen } from '../desk/sight.ts'
import { type DeskChanges, refused } from './desk-changes.ts'
import { saysSomething } from './says-something.ts'

const PARAMETERS_MAX = 20
/** WhatsApp refuses any other: the message would fail once it is on its way. */
const parameter = saysSomething(z.string().max(1_024)).regex(/^(?!.* {5})[^\r\n\t]*$/, {
  error: 'WhatsApp takes it in one line, without tabs and with at most four spaces in a row',
})
/** Which template, and what it is filled with. */
export const templateUse = {
  name: z.string().min(1).max(512),
  language: z.string().min(2).max(20),
  parameters: z.array(parameter).max(PARAMETERS_MAX).default([]),
}

const listed = z.object({
  templates: z.array(
    z.object({
      name: z.string(),
      language: z.string(),
      category: z.string(),
      text: z.string(),
      parameterCount: z.int(),
    }),
  ),
})

export function addTemplates(app: FastifyInstance, desk: DeskChanges): void {
  app.get<{ Params: { id: string } }>(
    '/api/conversations/:id/templates',
    {
      config: { access: { permission: 'conversations.answer' } },
      schema: {
        summary: 'The approved templates that may be sent to this customer, outside the reply window too.',
        response: { 200: listed },
      },
    },
    async (request, reply) => {
      const { contact } = await conversationSeen(desk, request)
      const templates = await desk.channel.templates(contact.id)
      return reply.send({ templates: [...templates] })
    },
  )
}

/** The template as the customer reads it, so that the record says what was sent whatever becomes of the template; or why it cannot be sent. */
export async function filled(
  { channel }: Pick<DeskChanges, 'channel'>,
  contactId: string,
  { name, language, parameters }: z.output<z.ZodObject<typeof templateUse>>,
): Promise<MessageBody | Outcome> {
  const template = (await channel.templates(contactId)).find(
    (each) => each.name === name && each.language === language,
  )
  if (template === undefined) return refused('TEMPLATE_UNKNOWN', { name, language })
  const { parameterCount } = template
  if (parameters.length !== parameterCount)
    return refused('TEMPLATE_NOT_FILLED', {
      wanted: String(parameterCount),
      given: String(parameters.length),
    })
  const text = template.text.replaceAll(
    /\{\{\s*(\d+)\s*\}\}/g,
    (_, place: string) => parameters[Number(place) - 1] ?? '',
  )
  return MessageBody.fromPartial({
    body: { $case: 'template', value: { name, language, parameters, text } },
  })
}
