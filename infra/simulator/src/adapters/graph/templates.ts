import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { graphError } from '../../graph/errors.ts'
import { objectsIn } from '../../graph/parameters.ts'
import type { MessageTemplate, TemplateBook } from '../../graph/templates.ts'
import { AN_ID, type On, READ, WRITE, page, parametersOf, queryOf, refuse } from './answers.ts'

const CATEGORIES = ['UTILITY', 'MARKETING', 'AUTHENTICATION'] as const

/** The templates of an account: approved as soon as they are there. */
export const addTemplateCalls = (
  graph: FastifyInstance,
  onAccount: On<string>,
  templates: TemplateBook,
): void => {
  const url = `${AN_ID}/message_templates`
  graph.get(
    url,
    READ,
    onAccount((_, request, reply) => {
      const { name } = queryOf(request)
      const listed = templates
        .all()
        .filter((item) => name === undefined || item.name === name)
        .map((item) => ({
          name: item.name,
          components: [{ type: 'BODY', text: item.body }],
          language: item.language,
          status: 'APPROVED',
          category: item.category,
          id: templateId(item),
        }))
      return reply.send(page(listed, queryOf(request)))
    }),
  )
  graph.post(
    url,
    WRITE,
    onAccount((_, request, reply) => {
      const body = parametersOf(request) ?? {}
      const { name, language } = body
      const components = Array.isArray(body['components']) ? objectsIn(body['components']) : []
      const text = components.find(({ type }) => String(type).toUpperCase() === 'BODY')?.['text']
      if (typeof name !== 'string' || typeof language !== 'string' || typeof text !== 'string')
        return refuse(
          reply,
          graphError(100, 'A template needs name, language and a BODY component with text.'),
        )
      const category = CATEGORIES.find((item) => item === body['category']) ?? 'UTILITY'
      templates.add({ name, language, category, body: text })
      return reply.send({ id: templateId({ name, language }), status: 'APPROVED', category })
    }),
  )
  graph.delete(
    url,
    WRITE,
    onAccount((_, request, reply) =>
      templates.remove(queryOf(request)['name'] ?? '')
        ? reply.send({ success: true })
        : refuse(reply, graphError(100, 'No template of this name.')),
    ),
  )
}

const templateId = ({ name, language }: Pick<MessageTemplate, 'name' | 'language'>): string =>
  createHash('sha256').update(`${name}/${language}`).digest().readUIntBE(0, 6).toString()
