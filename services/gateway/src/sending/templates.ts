import type { CallResult } from './answer.ts'
import { listOf, objectOf, textOf } from '../webhook/json-values.ts'

/** What an account may write to anybody who did not say stop. */
export interface MessageTemplate {
  readonly name: string
  readonly language: string
  readonly category: string
  /** With {{1}}, {{2}}, … where parameters go. */
  readonly text: string
  readonly parameterCount: number
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management */
export function templatesPath(wabaId: string, after: string): string {
  const query = new URLSearchParams({
    fields: 'name,language,status,category,components',
    limit: '200',
    ...(after !== '' && { after }),
  })
  return `${encodeURIComponent(wabaId)}/message_templates?${query.toString()}`
}

export interface TemplatePage {
  readonly templates: readonly MessageTemplate[]
  /** Empty: it was the last one. */
  readonly after: string
}

/** Undefined: no usable answer. Those that need more than texts in the body (a picture, a code) cannot be filled here and are left out. */
export function templatesIn(result: CallResult): TemplatePage | undefined {
  if (result.outcome !== 'answered' || result.status !== 200) return undefined
  const { data, paging } = objectOf(result.json)
  if (!Array.isArray(data)) return undefined
  const { next, cursors } = objectOf(paging)
  return {
    templates: listOf(data).flatMap((each) => templateIn(objectOf(each)) ?? []),
    after: next === undefined ? '' : textOf(objectOf(cursors)['after']),
  }
}

function templateIn(json: Readonly<Record<string, unknown>>): MessageTemplate | undefined {
  if (json['status'] !== 'APPROVED' || json['category'] === 'AUTHENTICATION') return undefined
  let text = ''
  for (const each of listOf(json['components'])) {
    const component = objectOf(each)
    const words = textOf(component['text'])
    switch (textOf(component['type']).toUpperCase()) {
      case 'BODY':
        text = words
        break
      case 'FOOTER':
        break
      case 'HEADER':
        if (component['format'] !== 'TEXT' || words.includes('{{')) return undefined
        break
      case 'BUTTONS':
        if (JSON.stringify(component).includes('{{')) return undefined
        break
      default:
        return undefined
    }
  }
  const places = new Set([...text.matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g)].map(([, place]) => place))
  // Named parameters are sent in another way.
  const areNumbered = [...places].every((place) => Number(place) >= 1 && Number(place) <= places.size)
  if (text === '' || !areNumbered) return undefined
  return {
    name: textOf(json['name']),
    language: textOf(json['language']),
    category: textOf(json['category']),
    text,
    parameterCount: places.size,
  }
}
