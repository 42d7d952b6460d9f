import { unreachable } from '@parley/kernel'
import type { Choice, MessageBody } from '@parley/proto/content'
import { formLines, orderLine } from '../transcript/readable-text.ts'
import type { Words } from '../transcript/words/words.ts'
import { followable } from './address.ts'
import { type Html, html } from './html.ts'

/** One bubble's content. Customers' words stand in dir=auto, so that their writing direction never spills onto the page around it. */
export function bodyHtml({ body }: MessageBody, words: Words): Html | undefined {
  switch (body?.$case) {
    case undefined:
      return note(words.body.empty)
    case 'text':
      return text(body.value.text)
    case 'media': {
      const { type, voice, filename, caption, mimeType } = body.value
      return html`${attachment(words.body.media(type, voice), filename, mimeType)}${text(caption)}`
    }
    case 'location': {
      const { latitude, longitude, name, address } = body.value
      return html`${attachment(words.body.location, name, `${latitude}, ${longitude}`)}${text(address)}`
    }
    case 'contactCards':
      return html`${body.value.cards.map((card) =>
        attachment(
          words.body.contactCard,
          card.name,
          [card.organization, ...card.phones, ...card.emails].filter(Boolean).join(' · '),
        ),
      )}`
    case 'buttons': {
      const { header, footer, buttons } = body.value
      return html`${heading(header)}${text(body.value.text)}${small(footer)}${options(buttons, words)}`
    }
    case 'list': {
      const { header, footer, sections } = body.value
      return html`${heading(header)}${text(body.value.text)}${small(footer)}${sections.map(
        (section) =>
          html`${section.title !== '' && html`<p class="section-title" dir="auto">${section.title}</p>`}${options(section.rows, words)}`,
      )}`
    }
    case 'linkButton': {
      const { url, displayText } = body.value
      const address = followable(url)
      return html`${text(body.value.text)}
        <p class="link-button">
          ${
            address === undefined
              ? html`<span class="button-look" dir="auto">${displayText}</span>`
              : html`<a
                  class="button-look"
                  dir="auto"
                  href="${address}"
                  rel="noopener noreferrer nofollow"
                  target="_blank"
                  >${displayText}</a
                >`
          }
        </p>
        ${url === '' ? small(words.opensThisRecord) : html`<p class="address"><bdi>${url}</bdi></p>`}`
    }
    case 'template': {
      const { name, language, parameters } = body.value
      return html`${attachment(words.body.template, name, language)}${parameters.map(text)}`
    }
    case 'choice': {
      const { title, id, description } = body.value
      return html`<p class="choice">
          <span class="visually-hidden">${words.chosen}: </span
          ><span class="chosen-mark" aria-hidden="true">✓</span> <bdi class="said">${title || id}</bdi>
        </p>
        ${small(description)}`
    }
    case 'formReply': {
      const { name, responseJson } = body.value
      return html`${attachment(words.body.form, name, '')}${text(body.value.text)}${formLines(responseJson).map(text)}`
    }
    case 'order':
      return html`${attachment(words.body.order, '', body.value.catalogId)}${text(body.value.text)}${body.value.items.map(
        (item) => text(orderLine(item)),
      )}`
    case 'reaction':
      return text(body.value.emoji)
    case 'note':
      return text(body.value.text || body.value.kind)
    case 'unsupported':
      return html`${note(words.body.unsupported(body.value.providerType))}${small(body.value.errorTitle)}`
    default:
      return unreachable(body)
  }
}

function text(value: string): Html | undefined {
  return value === '' ? undefined : html`<p class="said" dir="auto">${value}</p>`
}

function heading(value: string): Html | undefined {
  return value === '' ? undefined : html`<p class="heading" dir="auto">${value}</p>`
}

function small(value: string): Html | undefined {
  return value === '' ? undefined : html`<p class="small" dir="auto">${value}</p>`
}

function note(value: string): Html {
  return html`<p class="note" dir="auto">${value}</p>`
}

function attachment(kind: string, name: string, detail: string): Html {
  return html`<p class="attachment">
    <span class="attachment-kind">${kind}</span
    >${name !== '' && html` <bdi class="attachment-name">${name}</bdi>`}${detail !== '' && html` <bdi class="attachment-detail">${detail}</bdi>`}
  </p>`
}

function options(choices: readonly Choice[], words: Words): Html | undefined {
  if (choices.length === 0) return undefined
  return html`<ul class="options" aria-label="${words.options}">
    ${choices.map(
      ({ title, description }) =>
        html`<li dir="auto">
          ${title}${description !== '' && html` <span class="option-description">${description}</span>`}
        </li>`,
    )}
  </ul>`
}
