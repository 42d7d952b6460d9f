import { LANGUAGES, LOCALES, textOf } from './texts.js'

/**
 * @typedef {{ conversationId: string, queue: string, reason: string, since: string }} Waiting
 * @typedef {{
 *   at: string, company: string, isFollowing: boolean, staleContactCount: number, waiting: Waiting[],
 *   withRobotCount: number | null, waitingCount: number, endingCount: number | null, closedTodayCount: number | null,
 * }} State
 */

/** The stream beats every 2 s; after this long without one it counts as stopped. */
const SILENCE_MS = 7_000

/** @param {string} id */
const element = (id) => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no ${id}.`)
  return found
}
const languageSelect = /** @type {HTMLSelectElement} */ (element('language'))

let language = firstLanguage()
/** @type {State | undefined} */
let state
/** The server's clock less ours, so that waiting times are right on a machine whose clock is not. */
let clockAheadMs = 0
let heardAt = 0
/**
 * What people read instead of a queue's code.
 * @type {Record<string, Record<import('./texts.js').Language, string>>}
 */
let queueNames = {}
const openedAt = performance.now()
/** Whoever wanted to leave must not take this page for one that they left. */
let hasSignedOutInVain = false

/** @param {string} key @param {Record<string, string>} [values] */
const say = (key, values) => textOf(language, key, values) ?? key
/** @param {number} value */
const number = (value) => new Intl.NumberFormat(LOCALES[language]).format(value)

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  /** @param {number} value @param {string} unit */
  const part = (value, unit) =>
    new Intl.NumberFormat(LOCALES[language], { style: 'unit', unit, unitDisplay: 'short' }).format(value)
  if (whole < 60) return part(whole, 'second')
  if (whole < 3_600) return part(Math.floor(whole / 60), 'minute')
  if (whole < 86_400)
    return `${part(Math.floor(whole / 3_600), 'hour')} ${part(Math.floor((whole % 3_600) / 60), 'minute')}`
  return `${part(Math.floor(whole / 86_400), 'day')} ${part(Math.floor((whole % 86_400) / 3_600), 'hour')}`
}

function firstLanguage() {
  const asked = new URLSearchParams(location.search).get('lang')
  for (const wanted of [asked, localStorage.getItem('parley.language'), ...navigator.languages]) {
    const known = LANGUAGES.find((name) => wanted?.toLowerCase().split('-')[0] === name)
    if (known !== undefined) return known
  }
  return 'en'
}

function showTexts() {
  document.documentElement.lang = LOCALES[language]
  languageSelect.value = language
  for (const node of document.querySelectorAll('[data-text]')) {
    const key = node.getAttribute('data-text') ?? ''
    node.textContent = say(key)
  }
}

function showState() {
  const now = state
  if (now === undefined) return
  document.title = `${now.waitingCount > 0 ? `(${number(now.waitingCount)}) ` : ''}${say('pageTitle')} · ${now.company}`
  element('company').textContent = now.company
  for (const name of /** @type {const} */ ([
    'withRobotCount',
    'waitingCount',
    'endingCount',
    'closedTodayCount',
  ])) {
    const count = now[name]
    element(name).textContent = count === null ? '–' : number(count)
    // Who may not know it is shown no empty place for it.
    const card = element(name).closest('div')
    if (card !== null) card.hidden = count === null
  }
  element('waitingCard').classList.toggle('some', now.waitingCount > 0)
  element('empty').hidden = now.waiting.length > 0
  element('table').hidden = now.waiting.length === 0
  element('rows').replaceChildren(...now.waiting.map(row))
  const more = now.waitingCount - now.waiting.length
  element('more').hidden = more <= 0
  element('more').textContent = say('more', { count: number(more) })
  showTimes()
}

/** @param {Waiting} waiting */
function row({ conversationId, queue, reason, since }) {
  const line = document.createElement('tr')
  line.role = 'row'
  const head = document.createElement('th')
  head.scope = 'row'
  head.role = 'rowheader'
  const id = document.createElement('code')
  id.textContent = conversationId.slice(0, 8)
  id.title = conversationId
  head.append(id)
  const time = document.createElement('time')
  time.dateTime = since
  line.append(
    head,
    cell('queue', Object.hasOwn(queueNames, queue) ? (queueNames[queue]?.[language] ?? queue) : queue),
    cell('reason', textOf(language, `reason.${reason}`) ?? reason),
    cell('waitingFor', time),
  )
  return line
}

/** @param {string} name @param {string | Node} content */
function cell(name, content) {
  const made = document.createElement('td')
  made.role = 'cell'
  made.className = name
  made.append(content)
  return made
}

function showTimes() {
  for (const time of document.querySelectorAll('time')) {
    const waited = (Date.now() + clockAheadMs - Date.parse(time.dateTime)) / 1_000
    time.textContent = duration(waited)
  }
}

const silenceMs = () => performance.now() - (heardAt || openedAt)
const isSilent = () => silenceMs() > SILENCE_MS

function showLive() {
  const silentMs = silenceMs()
  const isStopped = isSilent()
  const word = isStopped ? 'stopped' : heardAt === 0 ? 'connecting' : 'live'
  element('live').dataset['state'] = word
  element('live-text').textContent =
    word === 'live' && silentMs > 3_000 ? say('secondsAgo', { time: duration(silentMs / 1_000) }) : say(word)
  document.body.classList.toggle('stale', isStopped && state !== undefined)
  const banner = element('banner')
  const words = bannerWords(isStopped)
  if (banner.textContent !== words) banner.textContent = words
  banner.hidden = words === ''
}

/** @param {boolean} isStopped */
function bannerWords(isStopped) {
  if (hasSignedOutInVain) return say('notSignedOut')
  if (isStopped && state === undefined) return say('bannerNever')
  if (isStopped)
    return say('bannerStopped', {
      time: clock(new Date(Date.now() + clockAheadMs - (performance.now() - heardAt))),
    })
  if (state?.isFollowing === false) return say('bannerCatchingUp')
  if (state !== undefined && state.staleContactCount > 0)
    return say('bannerStale', { count: number(state.staleContactCount) })
  return ''
}

/** @param {Date} moment */
const clock = (moment) => new Intl.DateTimeFormat(LOCALES[language], { timeStyle: 'medium' }).format(moment)

/** @param {string} at the server's clock */
function heard(at) {
  heardAt = performance.now()
  clockAheadMs = Date.parse(at) - Date.now()
  showLive()
}

function follow() {
  const stream = new EventSource('/live')
  stream.addEventListener('state', (event) => {
    state = JSON.parse(event.data)
    heard(/** @type {State} */ (state).at)
    showState()
  })
  stream.addEventListener('beat', (event) => heard(JSON.parse(event.data).at))
  stream.addEventListener('error', () => {
    // The browser tries again by itself, except after an answer that was no stream.
    if (stream.readyState !== EventSource.CLOSED) return
    void showPerson()
    setTimeout(follow, 2_000)
  })
}

const toSignIn = () =>
  location.assign(`/sign-in?returnTo=${encodeURIComponent(location.pathname + location.search)}`)

/** Who is signed in; a session that is over leads to the sign-in. */
async function showPerson() {
  const answer = await fetch('/api/me').catch(() => undefined)
  if (answer?.status === 401) return toSignIn()
  if (!answer?.ok) return
  const { name, permissions, names } = await answer.json()
  queueNames = names.queues
  showState()
  element('person').textContent = name
  for (const link of element('places').querySelectorAll('a'))
    link.hidden = !permissions.includes(link.dataset['permission'])
}

element('sign-out').addEventListener('click', async () => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch('/sign-out', { method: 'POST', headers, body: '{}' }).catch(() => undefined)
  if (answer?.status === 204 || answer?.status === 401) return toSignIn()
  hasSignedOutInVain = true
  showLive()
})

languageSelect.addEventListener('change', () => {
  language = LANGUAGES.find((name) => name === languageSelect.value) ?? 'en'
  localStorage.setItem('parley.language', language)
  showTexts()
  showState()
  showLive()
})

showTexts()
void showPerson()
follow()
setInterval(() => {
  if (!isSilent()) showTimes()
  showLive()
}, 1_000)
