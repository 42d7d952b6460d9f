import { graphError, type GraphError } from './errors.ts'

export interface MessageTemplate {
  readonly name: string
  readonly language: string
  readonly category: 'UTILITY' | 'MARKETING' | 'AUTHENTICATION'
  /** Body text with `{{1}}` or `{{name}}` where parameters go. */
  readonly body: string
}

export const exampleTemplates: readonly MessageTemplate[] = [
  { name: 'hello_world', language: 'en_US', category: 'UTILITY', body: 'Hello World' },
  {
    name: 'order_update',
    language: 'en_US',
    category: 'UTILITY',
    body: 'Hello {{1}}, there is news about your order.',
  },
  {
    name: 'continue_conversation',
    language: 'pt_BR',
    category: 'UTILITY',
    body: 'Temos uma resposta para o seu atendimento. Responda a esta mensagem para continuar.',
  },
  {
    name: 'continue_conversation',
    language: 'en',
    category: 'UTILITY',
    body: 'We have an answer for you. Reply to this message to continue.',
  },
  {
    name: 'continue_conversation',
    language: 'bn',
    category: 'UTILITY',
    body: 'আপনার জন্য আমাদের কাছে একটি উত্তর আছে। চালিয়ে যেতে এই বার্তার উত্তর দিন।',
  },
]

const placeholders = (body: string): readonly string[] => [
  ...new Set([...body.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name ?? '')),
]

interface TemplateUse {
  readonly name: string
  readonly language: { readonly code: string }
  readonly components?: readonly TemplateComponent[] | null | undefined
}
interface TemplateComponent {
  readonly type: string
  readonly parameters?: readonly Readonly<Record<string, unknown>>[] | null | undefined
}

/** The templates of one WhatsApp Business Account. */
export const templateBook = (initial: readonly MessageTemplate[]) => {
  const byKey = new Map(initial.map((template) => [`${template.name}/${template.language}`, template]))

  return {
    add: (template: MessageTemplate): void =>
      void byKey.set(`${template.name}/${template.language}`, template),
    remove: (name: string): boolean => {
      const keys = [...byKey.keys()].filter((key) => key.startsWith(`${name}/`))
      for (const key of keys) byKey.delete(key)
      return keys.length > 0
    },
    all: (): readonly MessageTemplate[] => [...byKey.values()],

    /** The template's category and its text with the parameters filled in, or Meta's refusal. */
    render: (use: TemplateUse): { readonly category: string; readonly text: string } | GraphError => {
      const template = byKey.get(`${use.name}/${use.language.code}`)
      if (template === undefined) {
        return graphError(132001, `template name (${use.name}) does not exist in ${use.language.code}`)
      }
      const given = use.components?.find(({ type }) => type.toLowerCase() === 'body')?.parameters ?? []
      const wanted = placeholders(template.body)
      if (given.length !== wanted.length) {
        return graphError(
          132000,
          `body: number of localizable_params (${given.length}) does not match the expected number of params (${wanted.length})`,
        )
      }
      if (given.some(({ text }) => typeof text === 'string' && /[\r\n\t]| {5}/.test(text)))
        return graphError(
          100,
          'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
        )
      const valueOf = (placeholder: string): string => {
        const named = given.find((parameter) => parameter['parameter_name'] === placeholder)
        const value = (named ?? given[wanted.indexOf(placeholder)])?.['text']
        return typeof value === 'string' ? value : '…'
      }
      return {
        category: template.category.toLowerCase(),
        text: template.body.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => valueOf(name)),
      }
    },
  }
}

export type TemplateBook = ReturnType<typeof templateBook>
