import type { MessageBody } from '@parley/proto/content'

/** WhatsApp's limits of one message that we send, in code points (docs/reference/whatsapp.md, Outbound messages). */
export const LIMITS = {
  text: 4096,
  interactiveBody: 1024,
  header: 60,
  footer: 60,
  caption: 1024,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  rows: 10,
  sections: 10,
  rowTitle: 24,
  rowDescription: 72,
  rowId: 200,
  sectionTitle: 24,
} as const

/** As WhatsApp counts: an emoji of one code point is one, a vowel sign of Bengali is one beside its letter. */
export const charactersOf = (text: string) => Array.from(text).length

export interface Breach {
  /** Path inside the message, to name the place. */
  readonly path: readonly (string | number)[]
  readonly what: string
}

/** What WhatsApp would refuse of this message: empty when it can be sent. Any robot's answer is held to it. */
export function breaches(message: MessageBody): Breach[] {
  const found: Breach[] = []
  const say = (path: readonly (string | number)[], what: string) => found.push({ path, what })
  const length = (
    path: readonly (string | number)[],
    value: string,
    max: number,
    name: string,
    required = true,
  ) => {
    if (required && value.trim() === '') say(path, `${name} is empty`)
    if (charactersOf(value) > max)
      say(path, `${name} has ${charactersOf(value)} characters, WhatsApp takes ${max}`)
  }
  const unique = (path: readonly (string | number)[], values: readonly string[], name: string) => {
    const twice = values.find((value, index) => values.indexOf(value) !== index)
    if (twice !== undefined) say(path, `${name} "${twice}" stands twice`)
  }
  const body = message.body
  switch (body?.$case) {
    case 'text':
      length(['text'], body.value.text, LIMITS.text, 'the text')
      break
    case 'media':
      if (!isWebAddress(body.value.link) && body.value.mediaId === '')
        say(['media', 'link'], 'the link is no http or https address')
      if (!['image', 'audio', 'video', 'document', 'sticker'].includes(body.value.type))
        say(['media', 'type'], `media of the type "${body.value.type}" cannot be sent`)
      length(['media', 'caption'], body.value.caption, LIMITS.caption, 'the caption', false)
      break
    case 'buttons': {
      const { buttons, text, header, footer } = body.value
      length(['text'], text, LIMITS.interactiveBody, 'the text')
      length(['header'], header, LIMITS.header, 'the header', false)
      length(['footer'], footer, LIMITS.footer, 'the footer', false)
      if (buttons.length === 0 || buttons.length > LIMITS.buttons)
        say(['buttons'], `${buttons.length} buttons, WhatsApp takes 1 to ${LIMITS.buttons}`)
      for (const [index, button] of buttons.entries()) {
        length(['buttons', index, 'title'], button.title, LIMITS.buttonTitle, 'the button title')
        length(['buttons', index, 'id'], button.id, LIMITS.buttonId, 'the button id')
      }
      unique(
        ['buttons'],
        buttons.map((button) => button.id),
        'the button id',
      )
      unique(
        ['buttons'],
        buttons.map((button) => button.title),
        'the button title',
      )
      break
    }
    case 'list': {
      const { sections, text, header, footer, button } = body.value
      length(['text'], text, LIMITS.interactiveBody, 'the text')
      length(['header'], header, LIMITS.header, 'the header', false)
      length(['footer'], footer, LIMITS.footer, 'the footer', false)
      length(['button'], button, LIMITS.buttonTitle, 'the words on the list button')
      const rows = sections.flatMap((section) => section.rows)
      if (rows.length === 0 || rows.length > LIMITS.rows)
        say(['sections'], `${rows.length} rows, WhatsApp takes 1 to ${LIMITS.rows}`)
      if (sections.length > LIMITS.sections)
        say(['sections'], `${sections.length} sections, WhatsApp takes ${LIMITS.sections}`)
      for (const [at, section] of sections.entries()) {
        length(
          ['sections', at, 'title'],
          section.title,
          LIMITS.sectionTitle,
          'the section title',
          sections.length > 1,
        )
        for (const [index, row] of section.rows.entries()) {
          length(['sections', at, 'rows', index, 'title'], row.title, LIMITS.rowTitle, 'the row title')
          length(['sections', at, 'rows', index, 'id'], row.id, LIMITS.rowId, 'the row id')
          length(
            ['sections', at, 'rows', index, 'description'],
            row.description,
            LIMITS.rowDescription,
            'the row description',
            false,
          )
        }
      }
      unique(
        ['sections'],
        rows.map((row) => row.id),
        'the row id',
      )
      break
    }
    case 'linkButton':
      length(['text'], body.value.text, LIMITS.interactiveBody, 'the text')
      length(['link', 'title'], body.value.displayText, LIMITS.buttonTitle, 'the words on the link button')
      if (!isWebAddress(body.value.url)) say(['link', 'url'], 'the link is no http or https address')
      break
    case undefined:
      say([], 'the message is empty')
      break
    default:
      say([], `a robot cannot send a message of the type "${body?.$case ?? 'none'}"`)
  }
  return found
}

function isWebAddress(text: string): boolean {
  const protocol = URL.parse(text)?.protocol
  return protocol === 'https:' || protocol === 'http:'
}
