import { MessageBody } from '@parley/proto/content'
import type { Ask, Say } from './flow.ts'
import type { Language, Translations } from './language.ts'
import { LIMITS, charactersOf } from './limits.ts'
import { PHRASES } from './phrases.ts'

export interface Voice {
  readonly language: Language
  /** Fills in the variables as a customer reads them. */
  fill(template: string): string
}

export const textMessage = (text: string): MessageBody =>
  MessageBody.fromPartial({ body: { $case: 'text', value: { text: clip(text, LIMITS.text) } } })

export function sayMessage(say: Say, voice: Voice): MessageBody {
  const words = (text: Translations | undefined) =>
    text === undefined ? '' : voice.fill(text[voice.language])
  const body = clip(words(say.text), LIMITS.interactiveBody)
  const around = { header: words(say.header), footer: words(say.footer) }
  if (say.buttons)
    return MessageBody.fromPartial({
      body: {
        $case: 'buttons',
        value: {
          text: body,
          ...around,
          buttons: say.buttons.map(({ id, title }) => ({ id, title: words(title) })),
        },
      },
    })
  if (say.list)
    return MessageBody.fromPartial({
      body: {
        $case: 'list',
        value: {
          text: body,
          ...around,
          button: words(say.list.button),
          sections: say.list.sections.map((section) => ({
            title: words(section.title),
            rows: section.rows.map((row) => ({
              id: row.id,
              title: words(row.title),
              description: words(row.description),
            })),
          })),
        },
      },
    })
  if (say.link)
    return MessageBody.fromPartial({
      body: {
        $case: 'linkButton',
        value: { text: body, displayText: words(say.link.title), url: voice.fill(say.link.url) },
      },
    })
  if (say.media)
    return MessageBody.fromPartial({
      body: {
        $case: 'media',
        value: {
          type: say.media.type,
          link: say.media.link,
          caption: clip(words(say.media.caption), LIMITS.caption),
          filename: say.media.filename ?? '',
        },
      },
    })
  return textMessage(words(say.text))
}

/** A question, with words before it where an answer did not fit. Three options or fewer are buttons, more (or described ones) a list. */
export function questionMessage(ask: Ask, voice: Voice, before = ''): MessageBody {
  const words = (text: Translations | undefined) =>
    text === undefined ? '' : voice.fill(text[voice.language])
  const text = before === '' ? words(ask.text) : `${before}\n\n${words(ask.text)}`
  if (ask.type !== 'choice') return textMessage(text)
  const body = clip(text, LIMITS.interactiveBody)
  if (asButtons(ask))
    return MessageBody.fromPartial({
      body: {
        $case: 'buttons',
        value: { text: body, buttons: ask.options.map(({ id, title }) => ({ id, title: words(title) })) },
      },
    })
  return MessageBody.fromPartial({
    body: {
      $case: 'list',
      value: {
        text: body,
        button: words(ask.button ?? PHRASES.listButton),
        sections: [
          {
            rows: ask.options.map((row) => ({
              id: row.id,
              title: words(row.title),
              description: words(row.description),
            })),
          },
        ],
      },
    },
  })
}

export const asButtons = (ask: Extract<Ask, { type: 'choice' }>) =>
  ask.options.length <= LIMITS.buttons && ask.options.every((option) => option.description === undefined)

/** The link itself comes later, with the transcript's token. */
export const transcriptMessage = (text: string, title: string): MessageBody =>
  MessageBody.fromPartial({
    body: {
      $case: 'linkButton',
      value: { text: clip(text, LIMITS.interactiveBody), displayText: title, url: '' },
    },
  })

/** WhatsApp refuses an empty text. */
function clip(text: string, max: number): string {
  if (text.trim() === '') return text === '' ? '' : '…'
  if (charactersOf(text) <= max) return text
  return `${Array.from(text)
    .slice(0, max - 1)
    .join('')}…`
}
