import type { MessageBody } from '@parley/proto/content'

interface Choice {
  readonly id: string
  readonly title: string
  readonly description?: string
}

/** What a bubble shows of a message beside its words, and the kind of bubble that it is. */
export interface Piece {
  readonly type: string
  readonly choices?: readonly Choice[]
  /** Which choice of the message that it answers the customer took. */
  readonly chosenId?: string
  readonly location?: {
    readonly latitude: number
    readonly longitude: number
    readonly name: string | null
    readonly address: string | null
  }
  readonly contacts?: readonly { readonly name: string; readonly phones: readonly string[] }[]
}

/**
 * @param word the provider's, for what is not known here
 * @param masked what people see of words that somebody typed: a card's number is typed as the name of a place or a file, too
 */
export function pieceOf({ body }: MessageBody, word: string, masked: (words: string) => string): Piece {
  const choiceOf = ({ id, title, description }: Choice): Choice => ({
    id,
    title: masked(title),
    ...(description ? { description: masked(description) } : {}),
  })
  switch (body?.$case) {
    case 'text':
    case 'template':
    case 'order':
    case 'reaction':
    case 'note':
      return { type: body.$case }
    case 'media':
      return { type: body.value.type }
    case 'location': {
      const { latitude, longitude, name, address } = body.value
      return {
        type: 'location',
        location: { latitude, longitude, name: masked(name) || null, address: masked(address) || null },
      }
    }
    case 'contactCards':
      return {
        type: 'contacts',
        contacts: body.value.cards.map(({ name, phones }) => ({
          name: masked(name),
          phones: phones.map(masked),
        })),
      }
    case 'buttons':
      return { type: 'buttons', choices: body.value.buttons.map(choiceOf) }
    case 'list':
      return { type: 'list', choices: body.value.sections.flatMap(({ rows }) => rows).map(choiceOf) }
    case 'linkButton':
      return { type: 'link', choices: [choiceOf({ id: '', title: body.value.displayText })] }
    case 'choice':
      return { type: 'choice', chosenId: body.value.id }
    case 'formReply':
      return { type: 'form_reply' }
    default:
      return { type: word }
  }
}
