import { LANGUAGES, type Language, asPhrase, clampMarks } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import type { Clocks, CustomersEntry, MessageEntry, MessageStatus, SystemEntry } from '../transcript/entry.ts'
import { concealmentOf } from '../transcript/concealment.ts'
import { entryWithWords } from '../transcript/entry-words.ts'
import {
  type AgentName,
  type Shown,
  type Transcript,
  customersEntries,
  customersStage,
  fingerprintOf,
  textOf,
  viewsOf,
} from '../transcript/transcript.ts'
import { bn } from '../transcript/words/bn.ts'
import { en } from '../transcript/words/en.ts'
import { pt } from '../transcript/words/pt.ts'
import { type Words, describeLine, describeProcessor } from '../transcript/words/words.ts'
import { bodyMarkup, fileMarkup } from './body.ts'
import { type Markup, markup } from '@parley/service/markup'
import { type PageSpeech, pageSpeech } from './speech.ts'

const WORDS: Readonly<Record<Language, Words>> = { pt, en, bn }

export interface Company {
  readonly name: string
  /** IANA name. */
  readonly timeZone: string
  /** Under which names customers know its agents. */
  readonly agentName: AgentName
}

/** Addresses of the page's own files; they carry a hash of the content. */
export interface Assets {
  readonly stylesheet: string
  readonly printScript: string
}

export interface PageOptions {
  readonly transcript: Transcript
  readonly company: Company
  readonly language: Language
  /** `page`, or `print`: the same on paper, with the print window open. */
  readonly view: 'page' | 'print'
  /** The address of the page itself, without query. */
  readonly path: string
  readonly assets: Assets
  /** Whether what the customer deleted is shown all the same. */
  readonly showRevoked: boolean
  /** Until when the link works by which it is read. ISO 8601 UTC, as all moments. */
  readonly expiresAt: string
  readonly now: string
}

interface Context {
  readonly words: Words
  readonly speech: PageSpeech
  readonly showRevoked: boolean
  /** The address of the page itself. */
  readonly path: string
  readonly byProviderId: ReadonlyMap<string, MessageEntry>
}

export function transcriptPage(options: PageOptions): string {
  const { transcript, company, language, view, path, assets } = options
  const words = WORDS[language]
  const speech = pageSpeech(words, company)
  const entries = shownEntries(transcript, options.showRevoked)
  const messages = entries.filter((entry) => entry.kind === 'message')
  const context: Context = {
    words,
    speech,
    showRevoked: options.showRevoked,
    path,
    byProviderId: new Map(messages.map((entry) => [entry.providerMessageId, entry])),
  }
  const isPrint = view === 'print'
  return markup`<!doctype html>
<html lang="${words.tag}" data-view="${view}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${isPrint ? 'light' : 'light dark'}">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${words.title} · ${company.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.stylesheet}">
${isPrint && markup`<script src="${assets.printScript}" defer></script>`}
</head>
<body>
<a class="skip" href="#conversation">${words.skipToConversation}</a>
<div class="sheet">
<header class="page-header">
<div class="company"><span class="company-mark" aria-hidden="true">${initial(company.name)}</span><span class="company-name" dir="auto">${company.name}</span></div>
${languageSwitch(words, isPrint ? `${path}/print` : path)}
</header>
<main>
<section class="summary" aria-labelledby="title">
<h1 id="title">${words.title}</h1>
<p class="about">${words.about(company.name)}</p>
${facts(options, messages.length, context)}
${actions(words, path, isPrint)}
</section>
<section class="conversation" id="conversation" aria-labelledby="conversation-title" tabindex="-1">
<h2 id="conversation-title" class="visually-hidden">${words.conversation}</h2>
<ol class="entries">
${entriesMarkup(entries, context)}</ol>
</section>
</main>
<footer class="page-footer">
${privacy(options, context)}
${integrity(transcript, context)}
${around(transcript, entries, context)}
</footer>
</div>
<p class="paper-line" aria-hidden="true">${words.paperLine(transcript.conversation._id, speech.moment(options.now))}</p>
</body>
</html>
`.html
}

/** One page for every link that does not open, in all languages at once: it must not tell the cases apart, nor who asks. */
export function notFoundPage(assets: Assets): string {
  const sections = [en, pt, bn].map(
    (
      words,
    ) => markup`<section lang="${words.tag}"><h2>${words.notFoundTitle}</h2><p>${words.notFoundText}</p></section>
`,
  )
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>404</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.stylesheet}">
</head>
<body>
<main class="not-found">
<h1 class="visually-hidden">404</h1>
${sections}</main>
</body>
</html>
`.html
}

const segmenter = new Intl.Segmenter()

/** As people count them: an emoji of several code points is one. */
function characters(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function initial(name: string): string {
  return characters(name.trim())[0]?.toUpperCase() ?? ''
}

function languageSwitch(words: Words, path: string): Markup {
  const items = LANGUAGES.map((language) => {
    const { tag, ownName } = WORDS[language]
    const current = language === words.language && markup` aria-current="true"`
    return markup`<li><a href="${path}?lang=${language}" lang="${tag}" hreflang="${tag}"${current}>${ownName}</a></li>`
  })
  return markup`<nav class="languages" aria-label="${words.languages}"><ul>${items}</ul></nav>`
}

function actions(words: Words, path: string, isPrint: boolean): Markup {
  return isPrint
    ? markup`<div class="actions"><a class="action" href="${path}?lang=${words.language}">${words.backToPage}</a><p class="hint">${words.printHint}</p></div>`
    : markup`<div class="actions"><a class="action" href="${path}/print?lang=${words.language}">${words.print}</a><a class="action" href="${path}/transcript.json" download aria-describedby="download-holds">${words.download}</a><p class="hint" id="download-holds">${words.downloadHolds}</p></div>`
}

function facts(
  { transcript: { conversation }, expiresAt }: PageOptions,
  messageCount: number,
  { words, speech }: Context,
): Markup {
  const { closed, openedAt } = conversation
  const end =
    closed === null
      ? markup`${words.notClosed} <span class="fact-detail">${words.stage(customersStage(conversation))}</span>`
      : markup`${moment(closed.at, speech)} <span class="fact-detail">${words.closeReason(closed.reason)}</span>`
  return markup`<dl class="facts">
<div><dt>${words.opened}</dt><dd>${moment(openedAt, speech)}</dd></div>
<div><dt>${words.closed}</dt><dd>${end}</dd></div>
<div><dt>${words.messages}</dt><dd>${speech.number(messageCount)}</dd></div>
<div><dt>${words.timeZone}</dt><dd>${speech.timeZone(openedAt)}</dd></div>
<div><dt>${words.worksUntil}</dt><dd>${moment(expiresAt, speech)}</dd></div>
<div class="wide"><dt>${words.conversation}</dt><dd class="identifier">${conversation._id}</dd></div>
</dl>`
}

function privacy({ transcript, company }: PageOptions, { words }: Context): Markup {
  const { processors } = transcript.conversation
  const named =
    processors.length > 0 &&
    markup`<p>${words.processorsLine}</p><ul class="listed">${processors.map(
      (processor) => markup`<li dir="auto">${describeProcessor(processor, words)}</li>`,
    )}</ul>`
  return markup`<section aria-labelledby="privacy"><h2 id="privacy">${words.privacy}</h2><p>${words.privacyLine(company.name)}</p>${named}</section>`
}

function integrity(transcript: Transcript, { words, speech }: Context): Markup {
  const fingerprint = fingerprintOf(transcript)
  const shown =
    fingerprint !== undefined &&
    markup`<p>${words.integrityLine(speech.number(fingerprint.recordCount))}</p><p>${
      fingerprint.isFinal ? words.fingerprintAtClosing : words.fingerprintSoFar
    }: <code class="hash">${Buffer.from(fingerprint.record.hash).toString('hex')}</code></p>`
  return markup`<section aria-labelledby="integrity"><h2 id="integrity">${words.integrity}</h2>${shown}</section>`
}

const VIEWS_SHOWN_MAX = 20

/** Who may read the record and that it was read, apart from the record: it stays as it is by being read. */
function around(
  transcript: Transcript,
  entries: readonly CustomersEntry[],
  { words, speech }: Context,
): Markup | undefined {
  const links = entries.filter(isAboutLink)
  const views = viewsOf(transcript)
  if (links.length === 0 && views.length === 0) return undefined
  const shown = views.slice(-VIEWS_SHOWN_MAX)
  const before = views.length - shown.length
  return markup`<section aria-labelledby="around"><h2 id="around">${words.linksAndViews}</h2><ul class="listed">
${links.map(({ line, recordedAt }) => markup`<li>${moment(recordedAt, speech)}: ${describeLine(line, words, speech)}</li>`)}
${before > 0 && markup`<li>${words.viewsBefore(speech.number(before))}</li>`}${shown.map(
    ({ timestamp }) => markup`<li>${moment(timestamp, speech)}: ${words.viewed}</li>`,
  )}
</ul></section>`
}

function isAboutLink(entry: CustomersEntry): entry is SystemEntry {
  return entry.kind === 'system' && (entry.line.name === 'link_issued' || entry.line.name === 'link_revoked')
}

/** As they are put on the page: without what is concealed, and none of them reaching into what stands around it. */
function shownEntries(transcript: Transcript, showRevoked: boolean): readonly CustomersEntry[] {
  return customersEntries(transcript.entries).map(shownBy(transcript, showRevoked))
}

/** One of them, as the page shows it. */
export function shownEntry(shown: Shown, showRevoked: boolean, id: string): CustomersEntry | undefined {
  const entry = customersEntries(shown.entries).find(({ _id }) => _id === id)
  return entry && shownBy(shown, showRevoked)(entry)
}

function shownBy({ entries, deletedElsewhere }: Shown, showRevoked: boolean) {
  const concealment = concealmentOf(entries, { showRevoked }, deletedElsewhere)
  return (entry: CustomersEntry): CustomersEntry => {
    const shown = concealment.entry(entry)
    return entryWithWords(shown, shown.kind === 'system' ? asPhrase : clampMarks)
  }
}

function entriesMarkup(all: readonly CustomersEntry[], context: Context): readonly Markup[] {
  const entries = all.filter((entry) => !isAboutLink(entry))
  const { speech } = context
  let day = ''
  const shown = (entry: CustomersEntry, index: number): Markup => {
    const entryDay = speech.dayKey(entry.recordedAt)
    const separator =
      entryDay !== day &&
      markup`<li class="day"><h3>${speech.day(entry.recordedAt)}</h3></li>
`
    const said =
      entry.kind === 'message'
        ? messageMarkup(entry, joins(entries[index - 1], entry, speech), entries[index + 1], context)
        : lineMarkup(entry, context)
    day = entryDay
    return markup`${separator}${said}
`
  }
  return entries.map((entry, index) => {
    try {
      return shown(entry, index)
    } catch {
      // The record holds it, whatever is wrong with it; the page goes on.
      return markup`<li class="line"><p>${context.words.body.unsupported('')}</p></li>
`
    }
  })
}

/** The channel's clock tells whole seconds, and a record is made when a message was sent: less than this apart they tell the same time. */
const CLOCKS_AGREE_MS = 60_000

function clocksAgree({ occurredAt, recordedAt }: Clocks): boolean {
  return Math.abs(Date.parse(recordedAt) - Date.parse(occurredAt)) < CLOCKS_AGREE_MS
}

/** Whether it stands under the same name and minute as the message before it. */
function joins(before: CustomersEntry | undefined, entry: MessageEntry, speech: PageSpeech): boolean {
  return (
    before?.kind === 'message' &&
    before.author === entry.author &&
    before.agentId === entry.agentId &&
    clocksAgree(before) &&
    clocksAgree(entry) &&
    speech.dayKey(before.recordedAt) === speech.dayKey(entry.recordedAt) &&
    minuteOf(before) === minuteOf(entry)
  )
}

const minuteOf = ({ occurredAt }: Clocks): string => occurredAt.slice(0, 'yyyy-mm-ddThh:mm'.length)

function lineMarkup(entry: SystemEntry, { words, speech }: Context): Markup {
  return markup`<li class="line"><p><span dir="auto">${describeLine(entry.line, words, speech)}</span> ${clock(entry.recordedAt, words.recorded, speech)}</p></li>`
}

function messageMarkup(
  entry: MessageEntry,
  isJoined: boolean,
  next: CustomersEntry | undefined,
  context: Context,
): Markup {
  const { words, speech } = context
  const name = speech.agent(entry.agentId)
  const author = name === undefined ? words.author[entry.author] : `${name} · ${words.author[entry.author]}`
  const side = entry.author === 'customer' ? 'theirs' : 'ours'
  const isSaidBelow = next?.kind === 'message' && joins(entry, next, speech) && next.status === entry.status
  return markup`<li class="message ${side}${isJoined && ' joined'}"><article aria-label="${author}, ${speech.time(entry.occurredAt)}">
${!isJoined && markup`<p class="author">${author}</p>`}${entry.forwarded && markup`<p class="tag">${words.forwarded}</p>`}
<div class="bubble">${quoted(entry, context)}${content(entry, context)}</div>
${reactions(entry, context)}${!isSaidBelow && markup`<p class="meta">${happened(entry, context)} ${recorded(entry, context)} ${status(entry, words)}</p>`}
${problems(entry, context)}</article></li>`
}

function content(entry: MessageEntry, { words, speech, showRevoked, path }: Context): Markup {
  const [editedAt, deletedAt] =
    entry.author === 'company'
      ? [words.editedByCompanyAt, words.deletedByCompanyAt]
      : [words.editedAt, words.deletedAt]
  const revoked =
    entry.revoked !== null &&
    markup`<p class="small">${deletedAt(speech.moment(entry.revoked.occurredAt))}</p>`
  if (entry.revoked !== null && !showRevoked)
    return markup`<p class="note">${deletedBy(entry, words)}</p>${revoked}`
  const edits = entry.edits.map(
    ({ before, occurredAt }) =>
      markup`<div class="edit"><p class="small">${editedAt(speech.moment(occurredAt))}</p><del class="before">${bodyMarkup(MessageBody.fromJSON(before), words)}</del></div>`,
  )
  const file = fileMarkup(entry, words, `${path}/media/${encodeURIComponent(entry._id)}`)
  return markup`${file}${bodyMarkup(MessageBody.fromJSON(entry.body), words)}${edits}${revoked}`
}

function deletedBy({ author }: MessageEntry, words: Words): string {
  return author === 'company' ? words.deletedByCompany : words.deletedByCustomer
}

const QUOTE_CHARACTERS_MAX = 80

function quoted(entry: MessageEntry, { words, byProviderId, showRevoked }: Context): Markup | undefined {
  if (entry.replyToProviderMessageId === '') return undefined
  const target = byProviderId.get(entry.replyToProviderMessageId)
  if (target === undefined) return undefined
  const isHidden = target.revoked !== null && !showRevoked
  const said = isHidden ? deletedBy(target, words) : textOf(target, words.body)
  const line = characters(said.split('\n')[0] ?? '')
  const short = line.slice(0, QUOTE_CHARACTERS_MAX).join('') + (line.length > QUOTE_CHARACTERS_MAX ? '…' : '')
  return markup`<p class="quote"><span class="visually-hidden">${words.inReplyTo}: </span><bdi>${short}</bdi></p>`
}

function reactions(entry: MessageEntry, { words }: Context): Markup | undefined {
  if (entry.reactions.length === 0) return undefined
  const emojis = entry.reactions.map(({ emoji }) => markup`<bdi class="reaction">${emoji}</bdi>`)
  return markup`<p class="reactions"><span class="visually-hidden">${words.reactions}: </span>${emojis}</p>
`
}

/** The channel's clock; with its day when that is not the day under which the message stands. */
function happened({ occurredAt, recordedAt }: MessageEntry, { words, speech }: Context): Markup {
  const isSameDay = speech.dayKey(occurredAt) === speech.dayKey(recordedAt)
  const time = isSameDay ? clock(occurredAt, words.happened, speech) : moment(occurredAt, speech)
  return markup`<span class="happened"><span class="visually-hidden">${words.happened}: </span>${time}</span>`
}

function recorded(entry: MessageEntry, { words, speech }: Context): Markup | undefined {
  const { recordedAt } = entry
  if (clocksAgree(entry)) return undefined
  return markup`<span class="recorded">${words.recorded} ${clock(recordedAt, words.recorded, speech)}</span>`
}

function clock(iso: string, label: string, speech: PageSpeech): Markup {
  return markup`<time datetime="${iso}" title="${label}: ${utc(iso)}">${speech.time(iso)}</time>`
}

function moment(iso: string, speech: PageSpeech): Markup {
  return markup`<time datetime="${iso}" title="${utc(iso)}">${speech.moment(iso)}</time>`
}

function utc(iso: string): string {
  return iso.replace('T', ' ').replace(/Z$/, ' UTC')
}

const MARKS: Readonly<Record<MessageStatus, string>> = {
  received: '',
  queued: '◷',
  uncertain: '?',
  sent: '✓',
  delivered: '✓✓',
  read: '✓✓',
  failed: '!',
}

/** Of ours: what a customer wrote was received, or it would not be here. */
function status(entry: MessageEntry, words: Words): Markup | undefined {
  if (entry.status === 'received') return undefined
  const mark = MARKS[entry.status]
  return markup`<span class="status status-${entry.status}">${mark !== '' && markup`<span aria-hidden="true" class="mark">${mark}</span> `}${words.status[entry.status]}</span>`
}

/** How it went with the channel, where it did not go as it should. */
function problems(
  { status, failure, attempts, doubledProviderMessageId }: MessageEntry,
  { words, speech }: Context,
): readonly Markup[] {
  const said: string[] = []
  if (doubledProviderMessageId !== null) said.push(words.doubled)
  else if (status === 'uncertain') said.push(words.uncertainMeans(attempts, speech.number(attempts)))
  else if (attempts > 1) said.push(words.resent)
  if (status === 'failed' && failure !== null) said.push(words.failedBecause(failure.title, failure.code))
  return said.map((sentence) => markup`<p class="problem" dir="auto">${sentence}</p>`)
}
