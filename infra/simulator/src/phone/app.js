import { bubble, summary } from './bubbles.js'
import {
  anotherCustomer,
  countryOf,
  rememberCustomer,
  rememberedCustomer,
  countries,
  nationalForm,
  waIdFrom,
} from './customer.js'
import { h, icon, part } from './dom.js'
import { roving } from './roving.js'
import { isLanguage, languageNames, speak } from './texts.js'

/** @typedef {import('./bubbles.js').Entry} Entry */
/** @typedef {{ phoneNumberId: string, displayPhoneNumber: string, name: string }} Business */

const chat = part('chat', HTMLElement)
const messages = part('messages', HTMLOListElement)
const typing = part('typing', HTMLElement)
const subtitle = part('subtitle', HTMLElement)
const composer = part('composer', HTMLTextAreaElement)
const offline = part('offline', HTMLElement)
const toEnd = part('to-end', HTMLButtonElement)
const about = part('about', HTMLElement)
const actions = part('actions', HTMLElement)
const listSheet = part('list-sheet', HTMLDialogElement)
const toast = part('toast', HTMLElement)
const identitySheet = part('identity-sheet', HTMLDialogElement)

const languageKey = 'parley.phone.language'
const reactions = ['👍', '❤️', '😂', '😮', '🙏']

const askedLanguage = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(languageKey)
const browserLanguage = navigator.language.slice(0, 2)
let language = isLanguage(askedLanguage)
  ? askedLanguage
  : isLanguage(browserLanguage)
    ? browserLanguage
    : 'en'
let speech = speak(language)
let customer = rememberedCustomer()
/** @type {Business | undefined} */
let business
/** @type {Business[]} */
let businesses = []
let connection = ''
let blocked = false
/** @type {Map<string, Entry>} */
let entries = new Map()
/** @type {Set<string>} messages whose reply button was tapped */
let answered = new Set()
/** What the next message is about: an entry that it edits or answers. @type {{ way: 'edit' | 'reply', entry: Entry } | undefined} */
let subject
/** What was being written when an edit began. */
let draft = ''
/** Why the phone cannot do what it should. @type {'' | 'offline' | 'sendFailed'} */
let trouble = ''
/** @type {EventSource | undefined} */
let stream
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typingEnds

// --- talking to the simulator ---

/** @param {Readonly<Record<string, unknown>>} element one element of messages[] */
const write = async (element) => {
  const query = new URLSearchParams({ name: customer.name, phoneNumberId: business?.phoneNumberId ?? '' })
  try {
    const answer = await fetch(`/_sim/customers/${encodeURIComponent(customer.waId)}/messages?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(element),
    })
    if (!answer.ok) throw new Error(String(answer.status))
    tellTrouble('')
    return true
  } catch {
    tellTrouble('sendFailed')
    return false
  }
}

const tellVisibility = () => {
  if (connection === '') return
  void fetch('/phone/chat/visibility', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      waId: customer.waId,
      connection,
      visible: document.visibilityState === 'visible',
    }),
  }).catch(() => undefined)
}

const connect = () => {
  stream?.close()
  connection = ''
  const query = new URLSearchParams({ waId: customer.waId, name: customer.name })
  const asked = business?.phoneNumberId ?? new URLSearchParams(location.search).get('phoneNumberId')
  if (asked) query.set('phoneNumberId', asked)
  stream = new EventSource(`/phone/chat/stream?${query}`)
  stream.addEventListener('welcome', (event) => {
    const welcome = JSON.parse(event.data)
    ;({ connection, business, numbers: businesses, blockedByCustomer: blocked } = welcome)
    entries = new Map(welcome.entries.map((/** @type {Entry} */ entry) => [entry.id, entry]))
    trouble = ''
    drawFrame()
    drawAll()
    tellVisibility()
  })
  stream.addEventListener('entry', (event) => show(JSON.parse(event.data)))
  stream.addEventListener('typing', (event) => showTyping(JSON.parse(event.data).until))
  stream.addEventListener('reset', () => {
    entries = new Map()
    drawAll()
  })
  stream.addEventListener('error', () => tellTrouble('offline'))
}

// --- drawing ---

/** The banner above the chat: what is wrong now, else that the company is blocked. */
const drawBanner = () => {
  const text = trouble !== '' ? speech.text(trouble) : blocked ? speech.text('blocked') : ''
  offline.textContent = text
  offline.hidden = text === ''
}

/** @param {typeof trouble} now */
const tellTrouble = (now) => {
  trouble = now
  drawBanner()
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastEnds
/** A word that goes by itself. @param {string} text */
const mention = (text) => {
  clearTimeout(toastEnds)
  toast.showPopover()
  toast.textContent = text
  toastEnds = setTimeout(() => toast.hidePopover(), 2_500)
}

/** @type {import('./bubbles.js').Surroundings} */
const around = {
  get speech() {
    return speech
  },
  get company() {
    return business?.name ?? ''
  },
  find: (id) => entries.get(id),
  answered: (id) => answered.has(id),
  tapButton: (entry, { id, title }) => void answer(entry, 'button_reply', { id, title }),
  openList: (entry) => openList(entry),
  openActions: (entry, anchor) => openActions(entry, anchor),
}

/** @param {Entry} entry @param {'button_reply' | 'list_reply'} type @param {object} reply */
const answer = (entry, type, reply) =>
  write({
    context: { from: business?.displayPhoneNumber, id: entry.id },
    type: 'interactive',
    interactive: { type, [type]: reply },
  })

/** @param {number} at */
const dayOf = (at) => new Date(at).toDateString()

/** @param {number} at */
const daySeparator = (at) => {
  const yesterday = new Date()
  yesterday.setDate(yesterday.getDate() - 1)
  const name =
    dayOf(at) === dayOf(Date.now())
      ? speech.text('today')
      : dayOf(at) === yesterday.toDateString()
        ? speech.text('yesterday')
        : new Date(at).toLocaleDateString(speech.locale, { day: 'numeric', month: 'long', year: 'numeric' })
  return h('li', { class: 'day', 'data-day': dayOf(at) }, h('span', {}, name))
}

const atEnd = () => chat.scrollHeight - chat.scrollTop - chat.clientHeight < 120
/** Whether the last message stays in view when the chat grows, as when a picture arrives. */
let follows = true
const goToEnd = () => {
  follows = true
  chat.scrollTop = chat.scrollHeight
  toEnd.hidden = true
}

const focusOrder = roving(chat)

/** @param {Entry} entry */
const append = (entry) => {
  const last = messages.querySelector('li.message:last-of-type')
  const days = messages.querySelectorAll('li.day')
  if (days[days.length - 1]?.getAttribute('data-day') !== dayOf(entry.at))
    messages.append(daySeparator(entry.at))
  const item = bubble(entry, around)
  if (last?.classList.contains(entry.direction) === true && messages.lastElementChild === last)
    item.classList.add('goes-on')
  messages.append(item)
}

/** @param {string} id */
const itemOf = (id) => messages.querySelector(`li[data-id="${CSS.escape(id)}"]`)

/** @param {Entry} entry */
const redraw = (entry) => {
  const item = itemOf(entry.id)
  if (item === null) return
  const fresh = bubble(entry, around)
  if (item.classList.contains('goes-on')) fresh.classList.add('goes-on')
  const focused = item.contains(document.activeElement)
  item.replaceWith(fresh)
  if (focused) fresh.focus()
  focusOrder.refresh()
}

/** @param {Entry} entry */
const isButtonReply = (entry) =>
  entry.direction === 'out' && (entry.content?.type === 'button_reply' || entry.type === 'button')

/** @param {Entry} entry */
const show = (entry) => {
  const known = entries.has(entry.id)
  const follow = follows || entry.direction === 'out'
  entries.set(entry.id, entry)
  if (known) redraw(entry)
  else {
    messages.querySelector('li.empty')?.remove()
    append(entry)
    if (entry.direction === 'in') showTyping(0)
  }
  focusOrder.refresh()
  if (isButtonReply(entry) && entry.contextId !== null && !answered.has(entry.contextId)) {
    answered.add(entry.contextId)
    const asked = entries.get(entry.contextId)
    if (asked !== undefined) redraw(asked)
  }
  if (known) {
    if (follows) goToEnd()
  } else if (follow) goToEnd()
  else toEnd.hidden = false
}

const drawAll = () => {
  answered = new Set()
  for (const entry of entries.values())
    if (isButtonReply(entry) && entry.contextId !== null) answered.add(entry.contextId)
  messages.replaceChildren()
  if (entries.size === 0) messages.append(h('li', { class: 'empty' }, h('span', {}, speech.text('empty'))))
  for (const entry of entries.values()) append(entry)
  focusOrder.refresh()
  goToEnd()
}

/** @param {number} until milliseconds since the epoch; 0 ends it */
const showTyping = (until) => {
  clearTimeout(typingEnds)
  const left = until - Date.now()
  typing.hidden = left <= 0
  subtitle.textContent = speech.text(left > 0 ? 'typing' : 'subtitle')
  subtitle.classList.toggle('is-typing', left > 0)
  if (left > 0) typingEnds = setTimeout(() => showTyping(0), left)
  if (follows) goToEnd()
}

/** Everything but the messages, in the language of the moment. */
const drawFrame = () => {
  document.documentElement.lang = speech.locale
  const company = business?.name ?? ''
  document.title = company === '' ? 'Parley' : `${company} · Parley`
  for (const root of [document, ...identityForms.map(({ form }) => form)]) {
    for (const element of root.querySelectorAll('[data-text]')) {
      element.textContent = speech.text(/** @type {any} */ (element.getAttribute('data-text')))
    }
    for (const element of root.querySelectorAll('[data-label]')) {
      element.setAttribute('aria-label', speech.text(/** @type {any} */ (element.getAttribute('data-label'))))
    }
  }
  composer.placeholder = speech.text('composer')
  part('business-name', HTMLElement).textContent = company
  part('avatar', HTMLElement).textContent = company
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('')
    .toUpperCase()
  part('privacy-summary', HTMLElement).textContent = speech.text('privacySummary', { company })
  part('privacy-details', HTMLElement).textContent = speech.text('privacyDetails', { company })
  part('block', HTMLElement).textContent = speech.text(blocked ? 'unblockBusiness' : 'blockBusiness')
  drawBanner()
  showTyping(0)
  for (const { fill } of identityForms) fill()
}

// --- sheets and menus ---

/** @param {Entry} entry */
const openList = (entry) => {
  const { action, header } = entry.content
  part('list-title', HTMLElement).textContent = header?.text ?? action.button
  const rows = part('list-rows', HTMLElement)
  rows.replaceChildren(
    ...action.sections.map((/** @type {any} */ section) =>
      h(
        'section',
        {},
        section.title && h('h3', {}, String(section.title)),
        ...section.rows.map((/** @type {any} */ row) =>
          h(
            'button',
            {
              type: 'button',
              class: 'row',
              'data-testid': 'list-row',
              'data-row-id': row.id,
              onclick: () => {
                listSheet.close()
                const { id, title, description } = row
                void answer(entry, 'list_reply', { id, title, ...(description ? { description } : {}) })
                composer.focus()
              },
            },
            h('span', { class: 'row-title' }, String(row.title)),
            row.description && h('span', { class: 'row-description' }, String(row.description)),
          ),
        ),
      ),
    ),
  )
  openSheet(listSheet)
}

/** Over the phone, and not over what stands beside it. @param {HTMLDialogElement} sheet */
const openSheet = (sheet) => {
  sheet.showModal()
  placeSheets()
}

/** Of the phone without its frame, in the window. */
const screenOfPhone = () => {
  const phone = part('phone', HTMLElement)
  const { left, top } = phone.getBoundingClientRect()
  const [from, above] = [left + phone.clientLeft, top + phone.clientTop]
  return {
    left: from,
    top: above,
    right: from + phone.clientWidth,
    bottom: above + phone.clientHeight,
  }
}

const placeSheets = () => {
  const { left, right, top, bottom } = screenOfPhone()
  for (const sheet of [listSheet, identitySheet]) {
    sheet.style.left = `${left}px`
    sheet.style.width = `${right - left}px`
    sheet.style.bottom = `${innerHeight - bottom}px`
    sheet.style.maxHeight = `${0.85 * (bottom - top)}px`
  }
}
addEventListener('resize', placeSheets)

/** Places a popover by the button that opened it, inside the phone. @param {HTMLElement} popover @param {HTMLElement} anchor @param {'above' | 'below'} side */
const place = (popover, anchor, side) => {
  const inside = screenOfPhone()
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = popover
  const wished = side === 'above' ? at.left : at.right - width
  const left = Math.max(inside.left + 8, Math.min(wished, inside.right - width - 8))
  const below = side === 'below' && at.bottom + height + 8 < inside.bottom
  popover.style.left = `${left}px`
  popover.style.top = `${below ? at.bottom + 4 : Math.max(inside.top + 8, at.top - height - 4)}px`
}

/** @param {Entry} entry @param {HTMLElement} anchor */
const openActions = (entry, anchor) => {
  /** Closes the menu, which gives the focus back, and acts. @param {string} text @param {string} name @param {() => unknown} act */
  const item = (text, name, act) =>
    h(
      'button',
      {
        type: 'button',
        'data-testid': name,
        onclick: () => {
          actions.hidePopover()
          void act()
        },
      },
      text,
    )
  const faces = reactions.map((emoji) => {
    const face = item(emoji, 'react', () =>
      write({ type: 'reaction', reaction: { message_id: entry.id, emoji } }),
    )
    face.setAttribute('aria-label', speech.text('react', { emoji }))
    face.setAttribute('aria-pressed', String(entry.ownReaction === emoji))
    return face
  })
  const own = entry.direction === 'out'
  const words = summary(entry, around)
  actions.replaceChildren(
    h('div', { class: 'faces' }, ...faces),
    ...(entry.ownReaction === null
      ? []
      : [
          item(speech.text('removeReaction'), 'remove-reaction', () =>
            write({ type: 'reaction', reaction: { message_id: entry.id } }),
          ),
        ]),
    item(speech.text('answer'), 'reply', () => writeAbout('reply', entry)),
    item(speech.text('copy'), 'copy', () => copy(words)),
    ...(own && entry.type === 'text'
      ? [item(speech.text('edit'), 'edit', () => writeAbout('edit', entry))]
      : []),
    ...(own
      ? [
          item(speech.text('remove'), 'delete', () =>
            write({ type: 'revoke', revoke: { original_message_id: entry.id } }),
          ),
        ]
      : []),
  )
  actions.showPopover()
  place(actions, anchor, 'below')
  actions.querySelector('button')?.focus()
}

/** @param {string} words */
const copy = async (words) => {
  try {
    await navigator.clipboard.writeText(words)
    mention(speech.text('copied'))
  } catch {
    mention(speech.text('copyFailed'))
  }
}

/** @param {'edit' | 'reply'} way @param {Entry} entry */
const writeAbout = (way, entry) => {
  if (subject?.way !== 'edit') draft = composer.value
  subject = { way, entry }
  composer.value = way === 'edit' ? (entry.content?.body ?? '') : draft
  drawAbout()
  composer.focus()
}

const drawAbout = () => {
  about.hidden = subject === undefined
  part('about-text', HTMLElement).textContent =
    subject === undefined
      ? ''
      : subject.way === 'edit'
        ? speech.text('editing')
        : `${speech.text('reply')} ${summary(subject.entry, around)}`
  fitComposer()
}

/** What was being written before an edit stands there again. */
const endAbout = () => {
  if (subject?.way === 'edit') composer.value = draft
  subject = undefined
  drawAbout()
}

/** Those that this screen shows. @param {HTMLElement} popover */
const itemsOf = (popover) => [...popover.querySelectorAll('button')].filter((item) => item.checkVisibility())

// The arrows move among the items, as in any menu.
for (const popover of [part('menu', HTMLElement), part('attach', HTMLElement), actions])
  popover.addEventListener('keydown', (event) => {
    const items = itemsOf(popover)
    const now = items.findIndex((item) => item === document.activeElement)
    const next = {
      ArrowDown: now + 1,
      ArrowRight: now + 1,
      ArrowUp: now - 1,
      ArrowLeft: now - 1,
      Home: 0,
      End: -1,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    items.at(next % items.length)?.focus()
  })

for (const [id, opener, side] of /** @type {const} */ ([
  ['menu', 'menu-open', 'below'],
  ['attach', 'attach-open', 'above'],
])) {
  const popover = part(id, HTMLElement)
  popover.addEventListener('toggle', () => {
    if (popover.matches(':popover-open')) {
      place(popover, part(opener, HTMLElement), side)
      itemsOf(popover)[0]?.focus()
    }
  })
  popover.addEventListener('click', () => popover.hidePopover())
}

for (const sheet of [listSheet, identitySheet]) {
  sheet.querySelector('[data-close]')?.addEventListener('click', () => sheet.close())
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet) sheet.close()
  })
}

// --- who the customer is ---

/** @param {HTMLElement} here */
const identityForm = (here) => {
  const template = part('identity-template', HTMLTemplateElement)
  here.append(template.content.cloneNode(true))
  const form = /** @type {HTMLFormElement} */ (here.querySelector('form'))
  const field = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name))
  const problem = /** @type {HTMLElement} */ (form.querySelector('.problem'))
  problem.id = `problem-${here.id}`
  field('waId').setAttribute('aria-describedby', problem.id)

  field('language').append(
    ...Object.entries(languageNames).map(([value, name]) => h('option', { value, lang: value }, name)),
  )
  field('language').addEventListener('change', () => {
    const chosen = field('language').value
    if (!isLanguage(chosen)) return
    language = chosen
    speech = speak(chosen)
    localStorage.setItem(languageKey, chosen)
    drawFrame()
    drawAll()
  })
  /** @param {boolean} isWrong */
  const tellNumber = (isWrong) => {
    problem.hidden = !isWrong
    problem.textContent = isWrong ? speech.text('numberProblem') : ''
    field('waId').setAttribute('aria-invalid', String(isWrong))
  }
  /** Somebody else of the chosen country, by name and number. */
  const fillAnother = () => {
    const other = anotherCustomer(field('country').value)
    field('name').value = other.name
    field('waId').value = nationalForm(other.waId)
    tellNumber(false)
    return other
  }
  field('country').addEventListener('change', fillAnother)
  field('another').addEventListener('click', () => become(fillAnother()))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const waId = waIdFrom(field('waId').value)
    tellNumber(waId === undefined)
    if (waId === undefined) {
      field('waId').focus()
      return
    }
    business = businesses.find(({ phoneNumberId }) => phoneNumberId === field('number').value) ?? business
    become({ waId, name: field('name').value.trim() || customer.name })
  })

  const fill = () => {
    const names = new Intl.DisplayNames([speech.locale], { type: 'region' })
    field('country').replaceChildren(...countries.map((code) => h('option', { value: code }, names.of(code))))
    field('country').value = countryOf(customer.waId)
    field('name').value = customer.name
    field('waId').value = nationalForm(customer.waId)
    tellNumber(false)
    field('language').value = language
    const several = /** @type {HTMLElement} */ (form.querySelector('[data-when="several"]'))
    several.hidden = businesses.length < 2
    field('number').replaceChildren(
      ...businesses.map(({ phoneNumberId, name, displayPhoneNumber }) =>
        h(
          'option',
          { value: phoneNumberId, selected: phoneNumberId === business?.phoneNumberId },
          `${name} · +${displayPhoneNumber}`,
        ),
      ),
    )
  }
  return { form, fill }
}

/** @param {{ waId: string, name: string }} other */
const become = (other) => {
  customer = other
  rememberCustomer(other)
  if (identitySheet.open) identitySheet.close()
  subject = undefined
  composer.value = ''
  drawAbout()
  connect()
  composer.focus()
}

const identityForms = [
  identityForm(part('identity-here', HTMLElement)),
  identityForm(part('identity-sheet-here', HTMLElement)),
]

// --- writing ---

const fitComposer = () => {
  composer.style.height = 'auto'
  composer.style.height = `${Math.min(composer.scrollHeight, 132)}px`
}

/** By number. @param {Entry} entry */
const authorOf = (entry) => (entry.direction === 'in' ? business?.displayPhoneNumber : customer.waId)

const send = async () => {
  const body = composer.value.trim()
  if (body === '') return
  const sent = subject
  composer.value = ''
  endAbout()
  const text = { type: 'text', text: { body } }
  const isWritten = await write(
    sent === undefined
      ? text
      : sent.way === 'reply'
        ? { ...text, context: { from: authorOf(sent.entry), id: sent.entry.id } }
        : { type: 'edit', edit: { original_message_id: sent.entry.id, message: text } },
  )
  if (isWritten) return
  // What could not be sent is there again, before what was written since.
  const since = composer.value
  subject = sent
  if (sent?.way === 'edit') draft = since
  composer.value = sent?.way === 'edit' || since === '' ? body : `${body}\n${since}`
  drawAbout()
}

const samplePicture = async () => {
  const canvas = document.createElement('canvas')
  canvas.width = 640
  canvas.height = 420
  const pen = canvas.getContext('2d')
  if (pen === null) return
  const sky = pen.createLinearGradient(0, 0, 0, 420)
  sky.addColorStop(0, '#f7b267')
  sky.addColorStop(0.6, '#f4845f')
  sky.addColorStop(1, '#5b3a6e')
  pen.fillStyle = sky
  pen.fillRect(0, 0, 640, 420)
  pen.fillStyle = '#fff3d6'
  pen.beginPath()
  pen.arc(450, 180, 60, 0, 2 * Math.PI)
  pen.fill()
  for (const [colour, height, wave] of /** @type {const} */ ([
    ['#7a4b7c', 270, 70],
    ['#4a2f5c', 320, 45],
    ['#2a1b3d', 370, 25],
  ])) {
    pen.fillStyle = colour
    pen.beginPath()
    pen.moveTo(0, 420)
    for (let x = 0; x <= 640; x += 8) pen.lineTo(x, height - wave * Math.sin(x / (wave * 2.1) + height))
    pen.lineTo(640, 420)
    pen.fill()
  }
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
  if (blob !== null) await sendFile(blob)
}

/** A file as the app sends it; what stands in the composer goes with it as its caption. @param {Blob} file @param {string} [caption] */
const sendFile = async (file, caption = '') => {
  const query = new URLSearchParams(file instanceof File ? { filename: file.name } : {})
  try {
    const answer = await fetch(`/phone/chat/media?${query}`, {
      method: 'POST',
      headers: { 'content-type': file.type || 'application/octet-stream' },
      body: file,
    })
    if (answer.status === 413) {
      const { bytesMax } = await answer.json()
      mention(speech.text('fileTooLarge', { megabytes: String(Math.floor(bytesMax / 2 ** 20)) }))
      return false
    }
    if (!answer.ok) throw new Error(String(answer.status))
    const { type, media } = await answer.json()
    return await write({
      type,
      [type]: caption === '' || type === 'audio' ? media : { caption, ...media },
    })
  } catch {
    tellTrouble('sendFailed')
    return false
  }
}

const filePicker = part('file', HTMLInputElement)
const sendPicked = async () => {
  const files = [...(filePicker.files ?? [])]
  // The same file may be picked again.
  filePicker.value = ''
  const caption = subject === undefined ? composer.value.trim() : ''
  for (const [index, file] of files.entries()) {
    const isSent = await sendFile(file, index === 0 ? caption : '')
    if (
      isSent &&
      index === 0 &&
      caption !== '' &&
      !file.type.startsWith('audio/') &&
      composer.value.trim() === caption
    ) {
      composer.value = ''
      fitComposer()
    }
  }
}
filePicker.addEventListener('change', () => void sendPicked())

/** @param {string} id @param {() => unknown} act */
const onClick = (id, act) => part(id, HTMLElement).addEventListener('click', () => void act())

part('composer-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void send()
  composer.focus()
})
composer.addEventListener('input', fitComposer)
composer.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault()
    void send()
  } else if (event.key === 'Escape') endAbout()
})
onClick('about-cancel', endAbout)
onClick('to-end', goToEnd)
onClick('identity-open', () => openSheet(identitySheet))
onClick('stop', () => write({ type: 'text', text: { body: speech.text('stopWord') } }))
onClick('block', async () => {
  const query = new URLSearchParams({ phoneNumberId: business?.phoneNumberId ?? '' })
  const answer = await fetch(`/_sim/customers/${encodeURIComponent(customer.waId)}/block?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ blocked: !blocked }),
  })
  if (answer.ok) blocked = !blocked
  drawFrame()
})
onClick('attach-file', () => filePicker.click())
onClick('attach-image', samplePicture)
onClick('attach-location', () =>
  write({
    type: 'location',
    location: {
      latitude: -23.561414,
      longitude: -46.655881,
      name: 'MASP',
      address: 'Av. Paulista, 1578, São Paulo',
    },
  }),
)
onClick('attach-contact', () =>
  write({
    type: 'contacts',
    contacts: [
      {
        name: { first_name: 'Lucía', formatted_name: 'Lucía Gómez' },
        phones: [{ phone: '+1 (983) 555-2319', wa_id: '19835552319', type: 'MOBILE' }],
      },
    ],
  }),
)
onClick('attach-unsupported', () =>
  write({
    type: 'unsupported',
    errors: [
      {
        code: 131051,
        title: 'Message type unknown',
        message: 'Message type unknown',
        error_data: { details: 'Message type is currently not supported.' },
      },
    ],
    unsupported: { type: 'poll' },
  }),
)

chat.addEventListener('scroll', () => {
  follows = atEnd()
  if (follows) toEnd.hidden = true
})
const growth = new ResizeObserver(() => {
  if (follows) goToEnd()
})
growth.observe(messages)
growth.observe(chat)
document.addEventListener('visibilitychange', tellVisibility)

for (const [id, name] of /** @type {const} */ ([
  ['menu-open', 'dots'],
  ['attach-open', 'plus'],
  ['send', 'send'],
  ['to-end', 'down'],
  ['about-cancel', 'close'],
])) {
  part(id, HTMLElement).append(icon(name))
}
for (const button of document.querySelectorAll('[data-close]')) button.append(icon('close'))

const clock = part('clock', HTMLElement)
const tick = () => {
  clock.textContent = new Date().toLocaleTimeString(speech.locale, { timeStyle: 'short' })
}
setInterval(tick, 10_000)
tick()

drawFrame()
connect()
if (matchMedia('(min-width: 700px)').matches) composer.focus()
