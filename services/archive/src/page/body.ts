import { unreachable } from '@parley/kernel'
import type { Choice, MessageBody } from '@parley/proto/content'
import { formLines, orderLine } from '@parley/conversation'
import type { Words } from '../transcript/words/words.ts'
import { followable } from './address.ts'
import { formatted } from './formatting.ts'
import { type Markup, markup } from '@parley/service/markup'

/** One bubble's content. Customers' words stand in dir=auto, so that their writing direction never spills onto the page around it. */
export function bodyMarkup({ body }: MessageBody, words: Words): Markup | undefined {
  switch (body?.$case) {
    case undefined:
      return note(words.body.empty)
    case 'text':
      return formatted(body.value.text)
    case 'media': {
      const { type, voice, filename, caption, mimeType } = body.value
      return markup`${attachment(words.body.media(type, voice), filename, mimeType)}${formatted(caption)}`
    }
    case 'location': {
      const { latitude, longitude, name, address } = body.value
      return markup`${attachment(words.body.location, name, `${latitude}, ${longitude}`)}${formatted(address)}`
    }
    case 'contactCards':
      return markup`${body.value.cards.map(({ name, organization, phones, emails }) =>
        attachment(
          words.body.contactCard,
          name,
          [organization, ...phones, ...emails].filter((part) => part !== '').join(' · '),
        ),
      )}`
    case 'buttons': {
      const { header, footer, buttons } = body.value
      return markup`${heading(header)}${formatted(body.value.text)}${small(footer)}${options(buttons, words)}`
    }
    case 'list': {
      const { header, footer, sections } = body.value
      const offered = sections.map(
        ({ title, rows }) =>
          markup`${title !== '' && markup`<p class="section-title" dir="auto">${title}</p>`}${options(rows, words)}`,
      )
      return markup`${heading(header)}${formatted(body.value.text)}${small(footer)}${offered}`
    }
    case 'linkButton': {
      const { url, displayText } = body.value
      const below =
        url === '' ? small(words.opensThisRecord) : markup`<p class="address"><bdi>${url}</bdi></p>`
      return markup`${formatted(body.value.text)}<p class="link-button">${button(displayText, followable(url))}</p>${below}`
    }
    case 'template': {
      const { name, language, parameters } = body.value
      return markup`${attachment(words.body.template, name, language)}${parameters.map(formatted)}`
    }
    case 'choice': {
      const { title, id, description } = body.value
      return markup`<p class="choice"><span class="visually-hidden">${words.chosen}: </span><span class="chosen-mark" aria-hidden="true">✓</span> <bdi class="said">${title || id}</bdi></p>${small(description)}`
    }
    case 'formReply': {
      const { name, responseJson } = body.value
      return markup`${attachment(words.body.form, name, '')}${formatted(body.value.text)}${formLines(responseJson).map(formatted)}`
    }
    case 'order': {
      const { catalogId, items } = body.value
      return markup`${attachment(words.body.order, '', catalogId)}${formatted(body.value.text)}${items.map((item) => formatted(orderLine(item)))}`
    }
    case 'reaction':
      return formatted(body.value.emoji)
    case 'note':
      return formatted(body.value.text || body.value.kind)
    case 'unsupported':
      return markup`${note(words.body.unsupported(body.value.providerType))}${small(body.value.errorTitle)}`
    default:
      return unreachable(body)
  }
}

function heading(value: string): Markup | undefined {
  return value === '' ? undefined : markup`<p class="heading" dir="auto">${value}</p>`
}

function small(value: string): Markup | undefined {
  return value === '' ? undefined : markup`<p class="small" dir="auto">${value}</p>`
}

function note(value: string): Markup {
  return markup`<p class="note" dir="auto">${value}</p>`
}

function attachment(kind: string, name: string, detail: string): Markup {
  return markup`<p class="attachment"><span class="attachment-kind">${kind}</span>${
    name !== '' && markup` <bdi class="attachment-name">${name}</bdi>`
  }${detail !== '' && markup` <bdi class="attachment-detail">${detail}</bdi>`}</p>`
}

function button(label: string, address: string | undefined): Markup {
  return address === undefined
    ? markup`<span class="button-look" dir="auto">${label}</span>`
    : markup`<a class="button-look" dir="auto" href="${address}" rel="noopener noreferrer nofollow" target="_blank">${label}</a>`
}

function options(choices: readonly Choice[], words: Words): Markup | undefined {
  if (choices.length === 0) return undefined
  const items = choices.map(
    ({ title, description }) =>
      markup`<li dir="auto">${title}${description !== '' && markup` <span class="option-description">${description}</span>`}</li>`,
  )
  return markup`<ul class="options" aria-label="${words.options}">${items}</ul>`
}
