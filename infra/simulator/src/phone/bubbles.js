import { h, icon } from './dom.js'
import { tokensOf, webLink } from './format.js'

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {'in' | 'out'} direction
 * @property {number} at
 * @property {string} type
 * @property {any} content
 * @property {'pending' | 'sent' | 'delivered' | 'read' | 'failed'} status
 * @property {string | null} contextId
 * @property {string[]} reactions
 * @property {string | null} ownReaction
 * @property {boolean} edited
 * @property {boolean} deleted
 */

/**
 * @typedef {object} Surroundings
 * @property {import('./texts.js').Speech} speech
 * @property {string} company
 * @property {(id: string) => Entry | undefined} find
 * @property {(id: string) => boolean} answered whether a reply button of this message was tapped
 * @property {(entry: Entry, reply: { id: string, title: string }) => void} tapButton
 * @property {(entry: Entry) => void} openList
 * @property {(entry: Entry, anchor: HTMLElement) => void} openActions
 */

/** @param {unknown} text */
const formatted = (text) => {
  const tags = /** @type {const} */ ({ bold: 'strong', italic: 'em', strike: 's', code: 'code' })
  const paragraph = h('div', { class: 'text', dir: 'auto' })
  for (const { kind, text: piece } of tokensOf(typeof text === 'string' ? text : '')) {
    if (kind === 'text') paragraph.append(piece)
    else if (kind === 'link') paragraph.append(anchor(piece, piece))
    else paragraph.append(h(tags[kind], {}, piece))
  }
  return paragraph
}

/** @param {unknown} address @param {string} label @param {Readonly<Record<string, import('./dom.js').Attribute>>} [attributes] @param {...import('./dom.js').Child} extra */
const anchor = (address, label, attributes = {}, ...extra) => {
  const href = webLink(address)
  return href === undefined
    ? h('span', attributes, ...extra, label)
    : h(
        'a',
        {
          ...attributes,
          class: ['stop', attributes['class']].filter(Boolean).join(' '),
          tabindex: -1,
          href,
          target: '_blank',
          rel: 'noopener noreferrer',
        },
        ...extra,
        label,
      )
}

/** @param {any} media */
const mediaAddress = (media) =>
  typeof media?.id === 'string'
    ? `/phone/chat/media/${encodeURIComponent(media.id)}`
    : webLink(media?.link ?? media?.url)

/** @param {'image' | 'video' | 'document' | 'audio' | 'sticker'} type @param {any} media @param {Surroundings} around */
const mediaPart = (type, media, { speech }) => {
  const address = mediaAddress(media)
  if (type === 'image' || type === 'sticker') {
    const name = speech.text(type === 'image' ? 'picture' : 'sticker')
    if (address === undefined) return h('div', { class: 'file' }, icon('file'), name)
    const picture = h('img', {
      class: type,
      src: address,
      alt: typeof media?.caption === 'string' ? media.caption : name,
    })
    picture.addEventListener('error', () =>
      picture.replaceWith(h('div', { class: 'file' }, icon('file'), name)),
    )
    return picture
  }
  if (type === 'document') {
    const name = typeof media?.filename === 'string' ? media.filename : speech.text('document')
    return anchor(
      address === undefined ? undefined : new URL(address, location.href).href,
      name,
      { class: 'file', ...(typeof media?.id === 'string' ? { download: name } : {}) },
      icon('file'),
    )
  }
  if (address === undefined) return h('div', { class: 'file' }, icon('file'), speech.text(type))
  return h(type, {
    class: 'stop',
    tabindex: -1,
    src: address,
    controls: true,
    preload: 'none',
    'aria-label': speech.text(type),
  })
}

/** @param {any} header @param {Surroundings} around */
const headerPart = (header, around) => {
  if (!header) return undefined
  if (header.type === 'text') return h('div', { class: 'head', dir: 'auto' }, String(header.text ?? ''))
  return mediaPart(header.type, header[header.type], around)
}

/** @param {any} content @param {Surroundings} around */
const framed = (content, around) => [
  headerPart(content?.header, around),
  formatted(content?.body?.text),
  content?.footer?.text && h('div', { class: 'foot', dir: 'auto' }, String(content.footer.text)),
]

/** The buttons below a bubble. @param {Entry} entry @param {Surroundings} around @returns {HTMLElement[]} */
const buttonsOf = (entry, around) => {
  const { content } = entry
  if (entry.deleted || entry.direction !== 'in' || entry.type !== 'interactive') return []
  switch (content?.type) {
    case 'button':
      return (content.action?.buttons ?? []).map((/** @type {any} */ { reply }) =>
        h(
          'button',
          {
            type: 'button',
            class: 'below stop',
            tabindex: -1,
            'data-testid': 'reply-button',
            'data-reply-id': reply.id,
            disabled: around.answered(entry.id),
            onclick: () => around.tapButton(entry, reply),
          },
          icon('reply'),
          String(reply.title),
        ),
      )
    case 'list':
      return [
        h(
          'button',
          {
            type: 'button',
            class: 'below stop',
            tabindex: -1,
            'data-testid': 'list-open',
            'aria-haspopup': 'dialog',
            onclick: () => around.openList(entry),
          },
          icon('list'),
          String(content.action?.button ?? ''),
        ),
      ]
    case 'cta_url': {
      const { display_text: label, url } = content.action?.parameters ?? {}
      return [
        anchor(url, String(label ?? ''), { class: 'below', 'data-testid': 'link-button' }, icon('link')),
      ]
    }
    default:
      return []
  }
}

/** What the bubble says. @param {Entry} entry @param {Surroundings} around @returns {import('./dom.js').Child[]} */
const contentOf = (entry, around) => {
  const { content, type } = entry
  const { text } = around.speech
  if (entry.deleted)
    return [h('em', { class: 'gone' }, text(entry.direction === 'out' ? 'deletedOwn' : 'deleted'))]
  switch (type) {
    case 'text':
      return [formatted(content?.body)]
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return [mediaPart(type, content, around), content?.caption && formatted(content.caption)]
    case 'location': {
      const place = `${Number(content?.latitude).toFixed(5)}, ${Number(content?.longitude).toFixed(5)}`
      return [
        h('div', { class: 'place' }, icon('place')),
        h(
          'div',
          { class: 'text' },
          h('strong', {}, String(content?.name ?? text('location'))),
          h('br'),
          String(content?.address ?? place),
        ),
      ]
    }
    case 'contacts':
      return (Array.isArray(content) ? content : []).map((card) =>
        h(
          'div',
          { class: 'file' },
          icon('person'),
          `${card?.name?.formatted_name ?? text('contact')} ${card?.phones?.[0]?.phone ?? ''}`,
        ),
      )
    case 'template':
      return [formatted(content?.text)]
    case 'button':
      return [formatted(content?.text)]
    case 'interactive': {
      const reply = content?.button_reply ?? content?.list_reply
      if (reply) {
        return [
          formatted(reply.title),
          reply.description && h('div', { class: 'foot', dir: 'auto' }, String(reply.description)),
        ]
      }
      if (content?.body?.text) return framed(content, around)
      return [h('em', { class: 'gone' }, text('interactive'))]
    }
    case 'system':
      return [formatted(content?.body)]
    default:
      return [h('em', { class: 'gone' }, text('unsupported'))]
  }
}

/** What an entry says, without its marks: for a quote, and to copy. @param {Entry} entry @param {Surroundings} around */
export const summary = (entry, around) => {
  if (entry.type === 'interactive' && !entry.deleted && entry.content?.body?.text)
    return String(entry.content.body.text)
  const words = contentOf(entry, around)
    .map((child) => (child instanceof Node ? child.textContent : child) || '')
    .join(' ')
    .trim()
  return words || around.speech.text('picture')
}

/** @param {Entry} entry @param {Surroundings} around */
const quote = (entry, around) => {
  const target = entry.contextId === null ? undefined : around.find(entry.contextId)
  if (target === undefined || entry.deleted) return undefined
  const author = target.direction === 'out' ? around.speech.text('you') : around.company
  return h(
    'blockquote',
    { 'data-direction': target.direction },
    h('span', { class: 'sr' }, `${around.speech.text('reply')} `),
    h('b', {}, author),
    h('span', { dir: 'auto' }, summary(target, around).slice(0, 160)),
  )
}

const statusIcon = /** @type {const} */ ({
  pending: 'pending',
  sent: 'sent',
  delivered: 'twice',
  read: 'twice',
  failed: 'failed',
})
const statusText = /** @type {const} */ ({
  pending: 'statusPending',
  sent: 'statusSent',
  delivered: 'statusDelivered',
  read: 'statusRead',
  failed: 'statusFailed',
})

/** @param {Entry} entry @param {Surroundings} around @returns {HTMLLIElement} */
export const bubble = (entry, around) => {
  const { text, locale } = around.speech
  const time = new Date(entry.at)
  const own = entry.direction === 'out'
  const buttons = buttonsOf(entry, around)
  const options = h(
    'button',
    {
      type: 'button',
      class: 'options',
      tabindex: -1,
      'data-testid': 'options',
      'aria-label': text('actions'),
      'aria-haspopup': 'menu',
      onclick: (/** @type {MouseEvent} */ event) =>
        around.openActions(entry, /** @type {HTMLElement} */ (event.currentTarget)),
    },
    icon('down'),
  )
  return h(
    'li',
    {
      class: `message ${entry.direction} type-${entry.type}`,
      'data-testid': 'message',
      'data-direction': entry.direction,
      'data-status': entry.status,
      'data-type': entry.type,
      'data-id': entry.id,
      tabindex: -1,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return
        event.preventDefault()
        if (!entry.deleted) around.openActions(entry, options)
      },
    },
    h(
      'div',
      { class: 'bubble' },
      h('span', { class: 'sr' }, `${own ? text('you') : around.company}: `),
      quote(entry, around),
      ...contentOf(entry, around),
      h(
        'div',
        { class: 'meta' },
        entry.edited && !entry.deleted && h('span', {}, text('edited')),
        h('time', { datetime: time.toISOString() }, time.toLocaleTimeString(locale, { timeStyle: 'short' })),
        own &&
          h(
            'span',
            { class: `ticks ${entry.status}` },
            icon(statusIcon[entry.status], text(statusText[entry.status])),
          ),
        !entry.deleted && options,
      ),
    ),
    buttons.length > 0 && h('div', { class: 'buttons-below' }, ...buttons),
    entry.reactions.length > 0 && h('div', { class: 'reactions' }, [...new Set(entry.reactions)].join(' ')),
  )
}
